//! Charts: what Helm would make of a chart and values, without Helm.
//!
//! `engine` is the door to templates; `syntax` reads them, `eval` executes them, `functions` are what they call. `value`, `text`
//! and `marks` are what they work on.

pub mod engine;
mod eval;
pub mod failure;
pub mod files;
pub mod functions;
mod json;
pub mod marks;
pub mod meter;
mod pattern;
mod print;
mod syntax;
pub mod text;
pub mod time;
mod toml;
pub mod value;
mod version;
mod yaml;
