//! Charts: what Helm would make of a chart and values, without Helm.
//!
//! `engine` is the door to templates; `value`, `text` and `marks` are what they work on.

pub mod engine;
pub mod failure;
pub mod ignore;
pub mod marks;
pub mod meter;
pub mod text;
pub mod time;
pub mod tree;
pub mod value;
pub mod version;
