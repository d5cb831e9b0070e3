//! Rules across environments.

mod cidr_overlap;
mod compare;
mod same_host;
mod same_identity;

use crate::check::Check;

pub(super) static CHECKS: &[Check] = &[
    Check::fleet(&[&same_identity::SAME_IDENTITY], same_identity::collect, same_identity::judge),
    Check::fleet(&[&same_host::SAME_HOST], same_host::collect, same_host::judge),
    Check::fleet(&[&cidr_overlap::CIDR_OVERLAP], cidr_overlap::collect, cidr_overlap::judge),
    // The rule is the schema's: it stands in the table of that stage.
    Check::fleet(&[], compare::collect, compare::judge),
];
