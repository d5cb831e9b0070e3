//! Rules about secrets in plain sight.

mod detect;
mod literal;
mod password;

use crate::check::Check;

pub use literal::in_environment;

/// The rule that looks at environments, too.
pub const LITERAL: &str = literal::LITERAL.id;

pub(super) static CHECKS: &[Check] = &[Check::each(&[&literal::LITERAL], literal::check)];
