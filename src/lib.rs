//! platc compiles *environments* (layered YAML) through *schemas* and *templates* into a *tree* of files that a
//! `GitOps` repository can hold. The map in `docs/architecture.md` has the order in which data flows through the modules
//! below; none points back, which a test holds.

#![forbid(unsafe_code)]

pub mod account;
pub mod disk;
pub mod finding;
pub mod glob;
pub mod limits;
pub mod source;
pub mod value;
pub mod yaml;

pub mod artifact;
pub mod chart;
pub mod environment;
pub mod project;
pub mod schema;
pub mod template;
pub mod tree;

pub mod check;
pub mod delivery;
pub mod diff;
pub mod images;
mod impact;
pub mod rules;

pub mod adopt;
pub mod cache;
pub mod cli;
pub mod pipeline;
