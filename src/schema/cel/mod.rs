//! Rules across fields: `x-kubernetes-validations`, in CEL with Kubernetes' libraries.
//!
//! The engine is platc's own: parsing takes microseconds instead of 100 a rule, evaluating is bounded in time and
//! memory, maps are walked in order, and every problem has its place in the expression.

#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "CEL's conversions are these casts; sizes are far below 2^63"
)]

mod admission;
mod blame;
mod check;
mod convert;
mod escape;
mod eval;
mod foreign;
mod functions;
mod judge;
mod lexer;
mod parser;
mod pattern;
mod program;
mod rule;
mod syntax;
mod transition;
mod value;

pub use admission::{Admission, AdmissionRequest, AdmissionSource, Admitted, Reads, Validation, fault};
pub(super) use check::check;
pub(crate) use functions::quantity::Quantity;
pub use program::{Program, Verdict};
pub(super) use rule::{Rule, RuleSource};
pub(super) use transition::broken;

#[cfg(test)]
mod replay;
#[cfg(test)]
mod tests;
