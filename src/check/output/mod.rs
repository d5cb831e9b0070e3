//! Rules about any file of a tree.

mod placeholder;

use super::Check;

pub(super) static CHECKS: &[Check] = &[Check::tree(&[&placeholder::PLACEHOLDER], placeholder::check)];
