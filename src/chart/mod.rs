//! Charts: what Helm would make of a chart and values, without Helm.
//!
//! `engine` is the door to templates; `value`, `text` and `marks` are what they work on.

pub mod archive;
pub mod capabilities;
pub mod engine;
pub mod failure;
pub mod ignore;
pub mod installed;
pub mod load;
pub mod lock;
pub mod manifests;
pub mod marks;
pub mod metadata;
pub mod meter;
pub mod range;
pub mod release;
pub mod scope;
pub mod sets;
pub mod shelf;
pub mod text;
pub mod time;
pub mod told;
pub mod tree;
pub mod value;
pub mod values;
