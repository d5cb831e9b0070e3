//! Rules about a change: the tree that an environment compiles to now, against the one before. What stands in the new
//! tree is fine by itself; what is judged is the way there.

mod before;
mod create_only;
mod data_lost;
mod enforced;
mod export_in_use;
mod immutable_field;
mod kubernetes_version;
mod named_replacement;
mod object_removed;
mod replaced;
mod resource_type;

use super::cfn::{Resource, Template};
use super::view::Place;
use super::{Check, Document, Node, View};
use crate::source::Span;

pub use before::{Before, Past, Standing};

pub(super) static CHECKS: &[Check] = &[
    Check::change(&[&data_lost::DATA_LOST], data_lost::check),
    Check::change(&[&named_replacement::NAMED_REPLACEMENT], named_replacement::check),
    Check::change(&[&replaced::REPLACED], replaced::check),
    Check::change(&[&resource_type::RESOURCE_TYPE], resource_type::check),
    Check::change(&[&export_in_use::EXPORT_IN_USE], export_in_use::check),
    Check::change(&[&kubernetes_version::KUBERNETES_VERSION], kubernetes_version::check),
    Check::change(&[&immutable_field::IMMUTABLE_FIELD], immutable_field::check),
    Check::change(&[&object_removed::OBJECT_REMOVED], object_removed::check),
    Check::change(&[&enforced::ENFORCED], enforced::check),
];

/// Two trees of one environment, both as checks want to see them.
#[derive(Debug)]
pub struct Change<'a> {
    before: &'a Before,
    old: View<'a>,
    new: &'a View<'a>,
}

/// A resource that both trees have, at the same place.
#[derive(Clone, Copy, Debug)]
struct Pair<'c, 'a> {
    old: &'c Resource<'a>,
    new: &'c Resource<'a>,
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
    fn was(&self, node: &Node<'_>) -> Span {
        self.before.span(&node.place())
    }

    /// A name of what stood at a place of the tree before.
    fn old_subject(&self, place: impl Into<Place>) -> String {
        self.old.subject(&place.into())
    }

    /// Templates of the tree before, each with the one that its stack has now: the one at its path, or at the one that
    /// the same file of Git sync names now.
    fn templates(&self) -> impl Iterator<Item = (&Template<'a>, Option<&'a Template<'a>>)> {
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

    /// Resources that have the same id in the same template.
    fn resources(&self) -> Vec<Pair<'_, 'a>> {
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
