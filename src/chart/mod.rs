//! Charts: what Helm would make of a chart and values, without Helm.
//!
//! `engine` is the door to templates; `syntax` reads them, `eval` executes them, `functions` are what they call. `value`, `text`
//! and `marks` are what they work on.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "Go converts numbers as these casts do, and what is printed has to be what Go prints"
)]

pub mod archive;
pub mod capabilities;
pub mod engine;
mod eval;
pub mod failure;
pub mod file;
pub mod files;
pub mod functions;
pub mod ignore;
pub mod installed;
mod json;
pub mod load;
pub mod lock;
pub mod manifests;
pub mod marks;
pub mod metadata;
pub mod meter;
mod pattern;
mod print;
pub mod release;
pub mod schema;
pub mod scope;
pub mod sets;
pub mod shelf;
mod syntax;
pub mod text;
pub mod time;
pub mod told;
mod toml;
pub mod tree;
pub mod unread;
pub mod value;
pub mod values;
pub mod version;
mod yaml;
