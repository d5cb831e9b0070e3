//! What a change of templates does to the resources of their stacks.

mod dependents;
mod exports;
mod refused;
mod replacement;
mod resource;
mod same;
mod stateful;
mod types;

use crate::check::cfn::Template;
use crate::check::{Brought, Change, Consequence, Report};

pub(crate) use exports::gone;
pub(crate) use refused::steps;
pub(crate) use replacement::{Replacement, fixed_name, replacements};
pub(crate) use stateful::is_stateful;

/// Says what becomes of each resource.
pub(super) fn effects(change: &Change<'_>, brought: &dyn Brought, report: &mut Report) {
    let mut fates = resource::Fates::default();
    for (old, new) in change.templates() {
        for own in old.resources() {
            match new.and_then(|new| Some((new, new.resource(own.id)?))) {
                Some((new, now)) => resource::changed(change, [old, new], [own, now], brought, &mut fates),
                None => resource::removed(change, old, own, report),
            }
        }
    }
    added(change, report);
    dependents::follow(change, brought, &mut fates);
    fates.tell(change, report);
    exports::effects(change, &fates, report);
}

/// Resources that are new.
fn added(change: &Change<'_>, report: &mut Report) {
    let pairs: Vec<(&Template<'_>, &Template<'_>)> =
        change.templates().filter_map(|(old, new)| Some((old, new?))).collect();
    for new in change.new_tree().templates() {
        let old = pairs.iter().find(|(_, it)| it.document.path == new.document.path).map(|(old, _)| *old);
        for own in new.resources().iter().filter(|own| old.is_none_or(|old| old.resource(own.id).is_none())) {
            let message = format!("`{}`, of type `{}`, is made", own.id, own.kind);
            report.at(Consequence::Adds.rule(), &own.node, message);
        }
    }
}
