//! What a change does to Kubernetes objects and the pods that they make.

mod consumers;
mod defined;
mod definition;
mod immutable;
mod kinds;
mod load_balancer;
mod same;
mod workload;

use super::differs::{Difference, differences};
use super::object::{Changed, Pairs, name};
use super::{delivery, karpenter, tightened};
use crate::check::k8s::Object;
use crate::check::{Brought, Change, Consequence, Report};
use defined::Defined;

pub(crate) use immutable::{Refusal, may_force, refusals};

pub(super) fn effects(change: &Change<'_>, brought: &dyn Brought, report: &mut Report) {
    let is_file = |object: &Object<'_>| object.group == "kustomize.config.k8s.io";
    let pairs = Pairs::of(change);
    let removal = delivery::Removal::of(change, &pairs);
    let readers = consumers::Readers::default();
    let mut defined = Defined::of(change.new_tree(), brought);
    for old in change.old().objects().iter().filter(|object| !is_file(object)) {
        match pairs.now(old) {
            None => removal.tell(change, old, report),
            Some(new) if old.root().value.is_same(new.root().value) => {}
            Some(new) if new.name.is_none() => {
                let message =
                    format!("a {} without a name of its own changes, and what comes of it is not known", new.kind);
                report.at(Consequence::Unknown.rule(), &new.root(), message);
            }
            Some(new) => {
                let mut differences = differences(Some(old.root()), Some(new.root()));
                let first = differences.first().copied();
                same::keep_others(&mut differences, old, new);
                let it = Changed { old, new, differences };
                match first.filter(|_| it.differences.is_empty()) {
                    Some(first) => {
                        let message = format!("{} is written otherwise, and means the same", it.name());
                        it.tell(change, Consequence::Nothing, &first, message, report);
                    }
                    None => changed(change, &it, &mut defined, &readers, report),
                }
            }
        }
    }
    karpenter::upgraded(change, report);
    for new in pairs.added().filter(|object| !is_file(object)) {
        let draft = report.at(Consequence::Adds.rule(), &new.name_node(), format!("{} is made", name(new)));
        // Its name may be that of one in another namespace, from which it moved.
        let was = |it: &Object<'_>| it.kind == new.kind && it.group == new.group && it.name == new.name;
        if let Some(namespace) = new.root().along("metadata.namespace")
            && change.old().objects().iter().any(was)
        {
            draft.caused_by(&namespace, None);
        }
    }
}

fn changed<'a>(
    change: &Change<'a>,
    it: &Changed<'_, '_>,
    defined: &mut Defined<'_, '_>,
    readers: &consumers::Readers<'a>,
    report: &mut Report,
) {
    let Some(first) = it.differences.first() else { return };
    if refused(change, it, defined, report) {
        return;
    }
    if karpenter::changed(change, it, report) || delivery::changed(change, it, report) {
        return;
    }
    if workload::changed(change, it, report) || definition::changed(change, it, report) {
        return;
    }
    if load_balancer::changed(change, it, report) {
        return;
    }
    if consumers::changed(change, it, readers, report) || kinds::changed(change, it, report) {
        return;
    }
    if tightened::changed(change, it, report) {
        return;
    }
    let what = it.name();
    if it.is_of_metadata() {
        let message = format!("{what} is updated: {}", it.listed());
        it.tell(change, Consequence::InPlace, first, message, report);
    } else if kinds::is_updated_in_place(it.new) {
        it.tell(change, Consequence::InPlace, first, format!("{what} is updated: {}", it.listed()), report);
    } else {
        let message = format!("{what} changes, and no table says what comes of it: {}", it.listed());
        it.tell(change, Consequence::Unknown, first, message, report);
    }
}

/// What the API server refuses, or what a tool does about it.
fn refused(change: &Change<'_>, it: &Changed<'_, '_>, defined: &mut Defined<'_, '_>, report: &mut Report) -> bool {
    let what = it.name();
    let found = immutable::of_pair(it.old, it.new);
    if let Some(refusal) = found.first() {
        let at = Difference { old: Some(refusal.before), new: Some(refusal.after) };
        let field = &refusal.field;
        if immutable::is_replaced(it.new) {
            let message = format!("{what} is deleted and made again: its `{field}` cannot be changed");
            it.tell(change, Consequence::Replaces, &at, message, report);
        } else if may_force(change) {
            let message = format!("{what} may be deleted and made again: its `{field}` cannot be changed");
            it.tell(change, Consequence::MayReplace, &at, message, report);
        } else {
            let message = format!("{what} cannot be updated: its `{field}` cannot be changed");
            it.tell(change, Consequence::Blocks, &at, message, report)
                .help("leave it as it was; or give the object another name, so that a new one is made");
        }
        return true;
    }
    let Some(broken) = defined.transitions(it.old, it.new).into_iter().next() else { return false };
    let mut node = it.new.root();
    for step in broken.path.steps() {
        let next = match step {
            crate::yaml::path::Step::Key(key) => node.get(key),
            crate::yaml::path::Step::Index(index) => node.items().get(*index).copied(),
            crate::yaml::path::Step::Item(_) => None,
        };
        node = next.unwrap_or(node);
    }
    let message = format!("{what} cannot be updated: {}", broken.message);
    let at = Difference { old: None, new: Some(node) };
    it.tell(change, Consequence::Blocks, &at, message, report).label("its definition does not allow this change");
    true
}
