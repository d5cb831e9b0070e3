//! One file a format: text, JSON.
