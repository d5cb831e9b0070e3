//! Findings as a person reads them ([`text`]) and as a program does ([`json`]). One file a format.

pub mod json;
pub mod safe;
pub mod text;
