//! [`Change`]: the tree that an environment compiles to now, beside the one before.

mod before;
mod consequence;
mod effect;

use super::cfn::{Resource, Template};
use super::view::Place;
use super::{Document, Node, View};
use crate::source::Span;

pub use before::{Before, Former, Past, Standing, Stood, Then};
pub use consequence::Consequence;
pub use effect::Effect;

/// Two trees of one environment, both as checks want to see them.
#[derive(Debug)]
pub struct Change<'a> {
    before: &'a Before,
    old: View<'a>,
    new: &'a View<'a>,
}

/// A resource that both trees have, at the same place.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'c, 'a> {
    pub old: &'c Resource<'a>,
    pub new: &'c Resource<'a>,
}

impl<'a> Change<'a> {
    /// `old` is a view of what was read before.
    pub fn new(before: &'a Before, old: View<'a>, new: &'a View<'a>) -> Self {
        Self { before, old, new }
    }

    /// The tree before.
    pub fn old(&self) -> &View<'a> {
        &self.old
    }

    /// The tree as it compiles now.
    pub fn new_tree(&self) -> &'a View<'a> {
        self.new
    }

    /// Where a value of the tree before is written.
    pub fn was(&self, node: &Node<'_>) -> Span {
        self.before.span(&node.place())
    }

    /// Where a place of the tree before is written.
    pub fn was_at(&self, place: &Place) -> Span {
        self.before.span(place)
    }

    /// A name of what stood at a place of the tree before.
    pub fn old_subject(&self, place: impl Into<Place>) -> String {
        self.old.subject(&place.into())
    }

    /// Templates of the tree before, each with the one that its stack has now: the one at its path, or at the one that
    /// the same file of Git sync names now.
    pub fn templates(&self) -> impl Iterator<Item = (&Template<'a>, Option<&'a Template<'a>>)> {
        let now = |old: &Template<'a>| {
            let templates = self.new.templates();
            let stays = templates.iter().find(|new| new.document.path == old.document.path);
            stays.or_else(|| {
                let deployment = self.old.documents().iter().find(|it| deploys(it, old))?;
                let deployment = self.new.documents().iter().find(|it| it.path == deployment.path)?;
                templates.iter().find(|new| deploys(deployment, new))
            })
        };
        self.old.templates().iter().map(move |old| (old, now(old)))
    }

    /// What Git sync gives a stack for its parameters and gave it no such value before, each with its place now.
    pub fn parameters(&self, old: &Template<'a>) -> Vec<(&'a str, Node<'a>)> {
        let now = |before: &Document<'a>| self.new.documents().iter().find(|it| it.path == before.path);
        let deployments = self.old.documents().iter().filter(|it| deploys(it, old));
        let pairs = deployments.filter_map(|before| Some((before.root(), now(before)?.root())));
        let mut changed = Vec::new();
        for (before, now) in pairs {
            let (before, now) = (before.get("parameters"), now.get("parameters"));
            for (name, node) in now.map(|it| it.entries()).unwrap_or_default() {
                let was = before.and_then(|it| it.get(name));
                if was.is_none_or(|was| !was.value.is_same(node.value)) {
                    changed.push((name, node));
                }
            }
        }
        changed
    }

    /// Whether Git sync gives a stack of the new tree a value for a parameter; `None` where something else deploys it.
    pub fn is_given(&self, template: &Template<'_>, parameter: &str) -> Option<bool> {
        let deployments: Vec<_> = self.new.documents().iter().filter(|it| deploys(it, template)).collect();
        let gives = |it: &&Document<'_>| it.root().at(["parameters", parameter]).is_some();
        (!deployments.is_empty()).then(|| deployments.iter().all(gives))
    }

    /// Resources that have the same id in the same template.
    pub fn resources(&self) -> Vec<Pair<'_, 'a>> {
        let pairs = self.templates().filter_map(|(old, new)| Some((old, new?)));
        pairs
            .flat_map(|(old, new)| {
                let pair = |it| Some(Pair { old: it, new: new.resource(it.id)? });
                old.resources().iter().filter_map(pair).collect::<Vec<_>>()
            })
            .collect()
    }
}

/// Whether a file of Git sync deploys a template: the tree lies somewhere in the repository.
fn deploys(document: &Document<'_>, template: &Template<'_>) -> bool {
    let path = document.root().text_at(["template-file-path"]);
    path.and_then(|path| path.strip_suffix(template.document.path.as_str()))
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}
