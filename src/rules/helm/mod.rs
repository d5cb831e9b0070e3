//! Rules about the values of Helm charts that are known for something.

mod external_dns;
mod flapping;
mod known;
mod refused;
mod replication;

use crate::check::Check;

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&known::VALUES], known::check),
    Check::tree(&[&external_dns::EXTERNAL_DNS], external_dns::check),
    Check::tree(&[&flapping::FLAPPING], flapping::check),
    Check::tree(&[&replication::REPLICATION], replication::check),
    Check::tree(&[&refused::REFUSED], refused::check),
];
