//! What an expression made for `for_each`, with what it was made of, so that the render of a round knows it, too.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as Engine, ValueKind};

use super::context::{self, Session};
use super::identity::{self, Identities};
use super::lineage::Lineage;
use crate::environment::Tree;

/// A value that another render made, taken apart as far as its parts have nodes of their own.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// Without decisions, which have their numbers in that render only.
    lineage: Lineage,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// A map or a list of the environment, and its path.
    Tree(Arc<Tree>, Arc<str>),
    Value(Engine),
    List(Vec<Told>),
    Map(Vec<(Told, Told)>),
    /// One of `groupby`: what its items have in common, and these.
    Group(Box<[Told; 2]>),
}

impl Told {
    pub(super) fn of(value: &Engine, identities: &Identities) -> Self {
        Self::within(value, identities, 0)
    }

    fn within(value: &Engine, identities: &Identities, depth: usize) -> Self {
        let lineage = identities.lineage(value).unwrap_or_default();
        let lineage = Lineage { reasons: Vec::new(), ..lineage };
        if let Some((tree, Some(path))) = context::place(value) {
            return Self { lineage, content: Content::Tree(Arc::clone(tree), path) };
        }
        let part = |part: &Engine| Self::within(part, identities, depth + 1);
        let object = value.as_object().filter(|_| depth < DEEPEST);
        let content = match (value.kind(), object) {
            (ValueKind::Seq, Some(_)) if let Some([grouper, list]) = group(value) => {
                Content::Group(Box::new([part(&grouper), part(&list)]))
            }
            (ValueKind::Map, Some(object)) => {
                let entries = object.try_iter_pairs().into_iter().flatten();
                Content::Map(entries.map(|(key, value)| (part(&key), part(&value))).collect())
            }
            (ValueKind::Seq | ValueKind::Iterable, Some(object)) => {
                let items = object.try_iter().into_iter().flatten();
                Content::List(items.map(|item| part(&item)).collect())
            }
            _ => Content::Value(identity::bare(value)),
        };
        Self { lineage, content }
    }

    /// The value in a render; a plain one has it without what it was made of.
    pub(super) fn hand(&self, session: &Arc<Session>) -> Engine {
        let is_traced = session.identities().is_some_and(Identities::tells_scalars);
        let value = match &self.content {
            Content::Tree(tree, path) => return context::bound(tree, path, session),
            Content::Value(value) => value.clone(),
            Content::List(items) => items.iter().map(|item| item.hand(session)).collect::<Vec<_>>().into(),
            Content::Group(parts) => Engine::from_object(Group(parts.each_ref().map(|part| part.hand(session)))),
            Content::Map(entries) => {
                Engine::from_pairs(entries.iter().map(|(key, value)| (key.hand(session), value.hand(session))))
            }
        };
        if is_traced { session.tag(value, self.lineage.clone()) } else { value }
    }
}

/// The names of the two parts of a group.
const NAMES: [&str; 2] = ["grouper", "list"];

fn group(value: &Engine) -> Option<[Engine; 2]> {
    let [grouper, list] = NAMES.map(|name| value.get_attr(name).ok().filter(|part| !part.is_undefined()));
    Some([grouper?, list?])
}

/// A group in another render.
#[derive(Debug)]
struct Group([Engine; 2]);

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Engine) -> Option<Engine> {
        let named = key.as_str().map(|key| NAMES.iter().position(|name| *name == key));
        self.0.get(named.unwrap_or_else(|| key.as_usize())?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(NAMES.len())
    }
}

/// Maps and lists within each other; what is deeper was refused.
const DEEPEST: usize = 128;
