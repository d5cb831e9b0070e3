//! What a change of templates does to the resources of their stacks.

mod dependents;
mod eks;
mod exports;
mod kept;
mod names;
mod nested;
mod refused;
mod replacement;
mod resource;
mod running;
mod same;
mod sections;
mod stateful;
mod steps;
mod taken;
mod types;
mod zones;

use crate::check::{Brought, Change, Consequence, Report};

pub(crate) use exports::gone;
pub(crate) use replacement::{Replacement, fixed_name, replacements};
pub(crate) use stateful::is_stateful;
pub(super) use steps::minor;
pub(crate) use steps::steps;
use taken::Both;

/// What `CloudFormation` takes for a macro among resources.
const MACRO: &str = "Fn::Transform";

/// Says what becomes of each resource.
pub(super) fn effects(change: &Change<'_>, brought: &dyn Brought, report: &mut Report) {
    let mut fates = resource::Fates::default();
    let pairs: Vec<Both<'_, '_>> = change.templates().collect();
    for (old, new) in &pairs {
        for own in old.resources() {
            match new.and_then(|new| Some((new, new.resource(own.id)?))) {
                // Told with the macros.
                _ if own.id == MACRO && new.is_some() => {}
                Some((new, now)) => resource::changed(change, [old, new], [own, now], brought, &mut fates),
                None => resource::removed(change, old, own, report),
            }
        }
    }
    dependents::follow(change, &pairs, brought, &mut fates);
    taken::renamed(&pairs, &mut fates);
    added(change, &pairs, &fates, report);
    fates.tell(change, report);
    exports::effects(change, &fates, report);
    sections::effects(change, report);
}

/// Resources that are new.
fn added(change: &Change<'_>, pairs: &[Both<'_, '_>], fates: &resource::Fates<'_, '_>, report: &mut Report) {
    for new in change.new_tree().templates() {
        let is_it = |it: &&Both<'_, '_>| it.1.is_some_and(|it| it.document.path == new.document.path);
        let old = pairs.iter().find(is_it).map(|(old, _)| *old);
        for own in new.resources().iter().filter(|own| old.is_none_or(|old| old.resource(own.id).is_none())) {
            if own.id == MACRO && old.is_some() {
                continue;
            }
            if own.id.starts_with("Fn::") {
                let message = format!("what `{}` makes is not known", own.id);
                report.at(Consequence::Unknown.rule(), &own.node, message);
            } else if let Some(taken) = taken::taken(pairs, new, own, fates) {
                let how = if taken.consequence == Consequence::Blocks { "cannot" } else { "may fail to" };
                let message = format!("`{}` {how} be made: {}", own.id, taken.why);
                let draft = report.at(taken.consequence.rule(), &own.node, message);
                draft.beside(change.was(&taken.holder), "this has it").help(taken.help);
            } else {
                let message = format!("`{}`, of type `{}`, is made", own.id, own.kind);
                report.at(Consequence::Adds.rule(), &own.node, message);
            }
        }
    }
}
