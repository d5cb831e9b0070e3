//! Rules about admission policies and what they do to the tree that they stand in.

mod asked;
mod cluster_policy;
mod defaults;
mod pattern;
mod refuses;

use crate::check::Check;

pub(super) static CHECKS: &[Check] = &[Check::tree(&[&refuses::REFUSES], refuses::check)];
