//! Rules about admission policies and what they do to the tree that they stand in.

mod asked;
mod cluster_policy;
mod defaults;
mod pattern;
mod refuses;

use crate::check::{At, Check, Refused, Report, View};

pub(super) static CHECKS: &[Check] = &[Check::tree(&[&refuses::REFUSES], check)];

fn check(view: &View<'_>, report: &mut Report) {
    // What changes objects before they are judged decides what is judged.
    if view.objects().iter().any(refuses::mutates) {
        return;
    }
    refuses::check(view, report);
    cluster_policy::check(view, report);
}

/// Objects of a tree that its policies refuse.
pub(super) fn refused(view: &View<'_>) -> Vec<Refused> {
    let mut report = Report::default();
    check(view, &mut report);
    let refused = |draft: crate::check::Draft| match draft.spot.at {
        At::Rendered(place) => {
            let subject = draft.subject.unwrap_or_else(|| view.subject(&place));
            Some(Refused { place, message: draft.message, subject })
        }
        At::Written(_) => None,
    };
    report.into_drafts().into_iter().filter_map(refused).collect()
}
