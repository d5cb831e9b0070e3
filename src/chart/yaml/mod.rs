//! YAML as Helm reads and writes it: through JSON, with `go-yaml` v2.

mod emit;
mod node;
mod order;
mod pretty;
mod read;
mod scalar;
mod string;

pub(super) use emit::to_yaml;
pub(super) use node::{Node, NodeKind, node};
pub(super) use pretty::to_yaml_pretty;
pub(super) use read::{Unread, from_yaml};
pub(super) use scalar::{Scalar, resolve, short_float};
