//! Kinds whose definitions stand in the tree: what is deployed with them is judged by them.

use std::collections::BTreeMap;

use crate::check::k8s::Object;
use crate::check::{Broken, Brought, View};
use crate::schema::Schema;

/// Group, kind and version.
type Name = (String, String, String);

/// The definitions of a tree, each read when the first object of its kind has changed.
pub(super) struct Defined<'v, 'a> {
    view: &'v View<'a>,
    brought: &'v dyn Brought,
    known: BTreeMap<Name, Option<Schema>>,
}

impl<'v, 'a> Defined<'v, 'a> {
    pub(super) fn of(view: &'v View<'a>, brought: &'v dyn Brought) -> Self {
        Self { view, brought, known: BTreeMap::new() }
    }

    /// Rules of an object's definition that its change breaks.
    pub(super) fn transitions(&mut self, old: &Object<'_>, new: &Object<'_>) -> Vec<Broken> {
        let Self { view, brought, known } = self;
        let name = (new.group.to_owned(), new.kind.to_owned(), new.version.to_owned());
        let defined = known.entry(name).or_insert_with(|| {
            let mut all = view.objects_of("apiextensions.k8s.io", "CustomResourceDefinition");
            let is_of = |it: &&Object<'_>| {
                let root = it.root();
                root.text_at(["spec", "group"]) == Some(new.group)
                    && root.text_at(["spec", "names", "kind"]) == Some(new.kind)
            };
            brought.defined(all.find(is_of)?, new.version)
        });
        brought.transitions(old, new, defined.as_ref())
    }
}
