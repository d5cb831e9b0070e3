//! Rules about Kubernetes objects.

mod duplicate_object;

use super::Check;

pub(super) static CHECKS: &[Check] = &[Check::tree(&[&duplicate_object::DUPLICATE_OBJECT], duplicate_object::check)];
