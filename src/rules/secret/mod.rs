//! Rules about secrets in plain sight.

mod detect;
mod lines;
mod literal;
mod mask;
mod password;
mod place;
mod within;
mod words;

use crate::check::{Check, Inward};

pub use mask::{HIDDEN, masked, parts};
pub use place::{is_secret_place, secret_places, secret_texts};

/// The rule that looks at environments, too.
pub(super) const INWARD: Inward = Inward { rule: literal::LITERAL.id, judge: literal::in_environment };

pub(super) static CHECKS: &[Check] = &[Check::each(&[&literal::LITERAL], |view, report| {
    literal::check(view, report);
    password::check(view, report);
})];
