//! Rules about admission policies and what they do to the tree that they stand in.

mod asked;
mod cluster_policy;
mod defaults;
mod pattern;
mod refuses;

use crate::check::{Check, Report, View};

pub(super) static CHECKS: &[Check] = &[Check::tree(&[&refuses::REFUSES], check)];

fn check(view: &View<'_>, report: &mut Report) {
    // What changes objects before they are judged decides what is judged.
    if view.objects().iter().any(refuses::mutates) {
        return;
    }
    refuses::check(view, report);
    cluster_policy::check(view, report);
}
