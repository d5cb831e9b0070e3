//! Rules about the values of Helm charts that are known for something.

mod flapping;
mod replication;

use crate::check::Check;

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&flapping::FLAPPING], flapping::check),
    Check::tree(&[&replication::REPLICATION], replication::check),
];
