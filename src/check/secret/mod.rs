//! Rules about secrets in plain sight.

mod detect;
mod literal;
mod password;

use super::Check;

pub use literal::in_environment;

pub(super) static CHECKS: &[Check] = &[Check::each(&[&literal::LITERAL], literal::check)];
