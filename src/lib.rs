//! platc compiles *environments* (layered YAML) through *schemas* and *templates* into a *tree* of files that a
//! `GitOps` repository can hold. The modules below stand in the order in which data flows; none points back.

#![forbid(unsafe_code)]

pub mod account;
pub mod disk;
pub mod finding;
pub mod glob;
pub mod limits;
pub mod source;
pub mod value;
pub mod yaml;

pub mod environment;
pub mod project;
pub mod schema;
pub mod target;
pub mod template;

pub mod check;
pub mod diff;
pub mod rules;
pub mod tree;

pub mod cli;
pub mod pipeline;
