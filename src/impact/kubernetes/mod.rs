//! What a change does to Kubernetes objects and the pods that they make.

mod consumers;
mod definition;
mod immutable;
mod kinds;
mod workload;

use super::differs::{Difference, differences};
use super::{delivery, karpenter};
use crate::check::k8s::Object;
use crate::check::{Brought, Change, Consequence, Node, Report};

pub(crate) use immutable::{Refusal, refusals};

/// An object that both trees have, and what of it is not the same.
#[derive(Debug)]
pub(super) struct Changed<'c, 'a> {
    pub(super) old: &'c Object<'a>,
    pub(super) new: &'a Object<'a>,
    pub(super) differences: Vec<Difference<'a>>,
}

impl<'a> Changed<'_, 'a> {
    /// The first difference at or below a path of keys.
    pub(super) fn below(&self, path: &str) -> Option<&Difference<'a>> {
        let (old, new) = (self.old.root().along(path), self.new.root().along(path));
        self.differences.iter().find(|it| {
            let is_in = |node: Option<Node<'a>>, part: Option<Node<'a>>| {
                node.zip(part).is_some_and(|(node, part)| node.is_within(&part))
            };
            is_in(it.old, old) || is_in(it.new, new)
        })
    }

    /// Whether nothing is other than labels, annotations and the like.
    fn is_of_metadata(&self) -> bool {
        self.differences.iter().all(|it| {
            let within = |node: Option<Node<'a>>, of: &Object<'a>| {
                node.is_none_or(|node| of.root().get("metadata").is_some_and(|part| node.is_within(&part)))
            };
            within(it.old, self.old) && within(it.new, self.new)
        })
    }

    /// ``Deployment `api` ``.
    pub(super) fn name(&self) -> String {
        name(self.new)
    }

    /// Says what becomes of it, at a difference.
    pub(super) fn tell<'r>(
        &self,
        change: &Change<'_>,
        consequence: Consequence,
        at: &Difference<'a>,
        message: String,
        report: &'r mut Report,
    ) -> &'r mut crate::check::Draft {
        tell(change, self.new, consequence, at, message, report)
    }

    /// ``its `replicas` changes``, of the keys that differ right below `spec`, or at the top.
    pub(super) fn listed(&self) -> String {
        let mut keys: Vec<&str> = Vec::new();
        for it in &self.differences {
            let Some(node) = it.node() else { continue };
            let chain: Vec<&str> = std::iter::once(node).chain(node.around()).filter_map(|it| it.key()).collect();
            let key = match chain.as_slice() {
                [.., key, "spec"] => key,
                [.., key] => key,
                [] => continue,
            };
            if !keys.contains(key) {
                keys.push(key);
            }
        }
        match keys.as_slice() {
            [one] => format!("its `{one}` changes"),
            [one, other] => format!("its `{one}` and `{other}` change"),
            [one, other, rest @ ..] => format!("its `{one}`, `{other}` and {} more change", rest.len()),
            [] => "it changes".to_owned(),
        }
    }
}

pub(super) fn name(object: &Object<'_>) -> String {
    format!("{} `{}`", object.kind, object.name.unwrap_or_default())
}

/// Says what becomes of an object, at a value of it that differs.
pub(super) fn tell<'r>(
    change: &Change<'_>,
    object: &Object<'_>,
    consequence: Consequence,
    at: &Difference<'_>,
    message: String,
    report: &'r mut Report,
) -> &'r mut crate::check::Draft {
    let rule = consequence.rule();
    match (at.new, at.old) {
        (Some(new), old) => {
            let draft = report.at(rule, &new, message);
            if let Some(old) = old {
                draft.beside(change.was(&old), "as it was");
            }
            draft.subject(object.subject())
        }
        (None, Some(old)) => report.elsewhere(rule, change.was(&old), message).subject(object.subject()),
        (None, None) => report.at(rule, &object.root(), message).subject(object.subject()),
    }
}

pub(super) fn effects(change: &Change<'_>, brought: &dyn Brought, report: &mut Report) {
    let is_file = |object: &Object<'_>| object.group == "kustomize.config.k8s.io" || object.name.is_none();
    let removal = delivery::Removal::of(change);
    for old in change.old().objects().iter().filter(|object| !is_file(object)) {
        match counterpart(change, old) {
            None => removal.tell(change, old, report),
            Some(new) if old.root().value.is_same(new.root().value) => {}
            Some(new) => {
                let differences = differences(Some(old.root()), Some(new.root()));
                changed(change, &Changed { old, new, differences }, brought, report);
            }
        }
    }
    for new in change.new_tree().objects().iter().filter(|object| !is_file(object)) {
        let mut before = change.old().objects_of(new.group, new.kind);
        if !before.any(|old| old.name == new.name && old.namespace == new.namespace) {
            report.at(Consequence::Adds.rule(), &new.name_node(), format!("{} is made", name(new)));
        }
    }
}

/// The same object in the new tree.
pub(super) fn counterpart<'a>(change: &Change<'a>, old: &Object<'_>) -> Option<&'a Object<'a>> {
    let now = change.new_tree().objects().iter();
    let mut same = now.filter(|it| it.group == old.group && it.kind == old.kind);
    same.find(|it| it.name == old.name && it.namespace == old.namespace)
}

fn changed(change: &Change<'_>, it: &Changed<'_, '_>, brought: &dyn Brought, report: &mut Report) {
    let Some(first) = it.differences.first() else { return };
    if refused(change, it, brought, report) {
        return;
    }
    if karpenter::changed(change, it, report) || delivery::changed(change, it, report) {
        return;
    }
    if workload::changed(change, it, report) || definition::changed(change, it, report) {
        return;
    }
    if consumers::changed(change, it, report) || kinds::changed(change, it, report) {
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
fn refused(change: &Change<'_>, it: &Changed<'_, '_>, brought: &dyn Brought, report: &mut Report) -> bool {
    let what = it.name();
    let found = immutable::of_pair(it.old, it.new);
    if let Some(refusal) = found.first() {
        let at = Difference { old: Some(refusal.before), new: Some(refusal.after) };
        let field = &refusal.field;
        if immutable::is_replaced(it.new) {
            let message = format!("{what} is deleted and made again: its `{field}` cannot be changed");
            it.tell(change, Consequence::Replaces, &at, message, report);
        } else if immutable::may_force(change) {
            let message = format!("{what} may be deleted and made again: its `{field}` cannot be changed");
            it.tell(change, Consequence::MayReplace, &at, message, report);
        } else {
            let message = format!("{what} cannot be updated: its `{field}` cannot be changed");
            it.tell(change, Consequence::Blocks, &at, message, report)
                .help("leave it as it was; or give the object another name, so that a new one is made");
        }
        return true;
    }
    let Some(broken) = brought.transitions(it.old, it.new).into_iter().next() else { return false };
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
