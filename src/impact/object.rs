//! [`Changed`]: an object that both trees have, and what of it is not the same.

use std::collections::{BTreeMap, BTreeSet};

use super::differs::{Difference, blame};
use crate::check::k8s::Object;
use crate::check::{Change, Consequence, Draft, Node, Report};

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
    pub(super) fn is_of_metadata(&self) -> bool {
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
    #[track_caller]
    pub(super) fn tell<'r>(
        &self,
        change: &Change<'_>,
        consequence: Consequence,
        at: &Difference<'a>,
        message: String,
        report: &'r mut Report,
    ) -> &'r mut Draft {
        tell(change, self.new, consequence, at, message, report)
    }

    /// ``its `replicas` changes``, of the keys that differ right below `spec`, or at the top.
    pub(super) fn listed(&self) -> String {
        let mut keys: Vec<&str> = Vec::new();
        for it in &self.differences {
            let Some(node) = it.node() else { continue };
            let chain: Vec<&str> = std::iter::once(node).chain(node.around()).filter_map(|it| it.key()).collect();
            let ([.., key, "spec" | "metadata"] | [.., key]) = chain.as_slice() else { continue };
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
#[track_caller]
fn tell<'r>(
    change: &Change<'_>,
    object: &Object<'_>,
    consequence: Consequence,
    at: &Difference<'_>,
    message: String,
    report: &'r mut Report,
) -> &'r mut Draft {
    let rule = consequence.rule();
    match (at.new, at.old) {
        (Some(new), old) => {
            let draft = report.at(rule, &new, message);
            if let Some(old) = old {
                draft.beside(change.was(&old), "as it was");
            }
            blame(draft, &[*at]);
            draft.subject(object.subject())
        }
        (None, Some(old)) => report.elsewhere(rule, change.was(&old), message).subject(object.subject()).stood(&old),
        (None, None) => report.at(rule, &object.root(), message).subject(object.subject()),
    }
}

/// What an object is called.
type Identity<'n> = (&'n str, &'n str, Option<&'n str>, Option<&'n str>);

/// The objects of both trees, by what they are called.
pub(super) struct Pairs<'c, 'a> {
    old: BTreeMap<Identity<'c>, Vec<&'c Object<'a>>>,
    new: BTreeMap<Identity<'a>, Vec<&'a Object<'a>>>,
}

impl<'c, 'a> Pairs<'c, 'a> {
    pub(super) fn of(change: &'c Change<'a>) -> Self {
        let mut pairs = Self { old: BTreeMap::new(), new: BTreeMap::new() };
        for object in change.old().objects() {
            pairs.old.entry(identity(object)).or_default().push(object);
        }
        for object in change.new_tree().objects() {
            pairs.new.entry(identity(object)).or_default().push(object);
        }
        pairs
    }

    /// The same object in the new tree. Of several that are called so, in folders that get namespaces on their way, the
    /// one in the same file; one that moved to another file is known by its name alone.
    pub(super) fn now(&self, old: &Object<'_>) -> Option<&'a Object<'a>> {
        let identity = identity(old);
        let same = self.new.get(&identity)?;
        if let Some(stays) = same.iter().find(|it| it.document.path == old.document.path) {
            return Some(stays);
        }
        let before = self.old.get(&identity).map_or(&[][..], Vec::as_slice);
        let was_there = |it: &Object<'_>| before.iter().any(|other| other.document.path == it.document.path);
        let mut moved = same.iter().filter(|it| !was_there(it));
        match (moved.next(), moved.next()) {
            (Some(one), None) if old.name.is_some() => Some(one),
            _ => None,
        }
    }

    /// Objects of the new tree that are none of the old one.
    pub(super) fn added(&self) -> impl Iterator<Item = &'a Object<'a>> {
        let kept: BTreeSet<_> =
            self.old.values().flatten().filter_map(|old| self.now(old)).map(|it| it.root().number()).collect();
        let all = self.new.values().flatten().copied();
        all.filter(move |it| !kept.contains(&it.root().number())).collect::<Vec<_>>().into_iter()
    }
}

fn identity<'n>(object: &Object<'n>) -> Identity<'n> {
    (object.group, object.kind, object.namespace, object.name)
}
