//! Rules about CloudFormation templates.

mod exports;
mod unresolved_ref;

use super::Check;

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&unresolved_ref::UNRESOLVED_REF], unresolved_ref::check),
    Check::tree(&[&exports::IMPORT_WITHOUT_EXPORT, &exports::DUPLICATE_EXPORT], exports::check),
];
