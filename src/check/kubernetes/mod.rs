//! Rules about Kubernetes objects.

mod budget;
mod duplicate_object;
mod resources;

use super::Check;

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&duplicate_object::DUPLICATE_OBJECT], duplicate_object::check),
    Check::tree(&[&budget::DISRUPTION_BUDGET], budget::check),
    Check::tree(&[&resources::QUANTITY, &resources::RESOURCES], resources::check),
];
