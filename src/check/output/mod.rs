//! Rules about any file of a tree.

mod example_domain;
mod placeholder;
mod variable;

use super::{Check, Node};
use crate::yaml::path::Step;

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&placeholder::PLACEHOLDER], placeholder::check),
    Check::tree(&[&example_domain::EXAMPLE_DOMAIN], example_domain::check),
];

/// The nearest key that a value stands under, lists being between them or not.
fn key<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.path().steps().iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(&**key),
        Step::Index(_) | Step::Item(_) => None,
    })
}
