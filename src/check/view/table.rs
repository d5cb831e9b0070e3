//! [`Table`]: a document laid out once, in its own order, so that a place in it is a number.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::{Place, Signs};
use crate::artifact::Artifact;
use crate::value::Value;
use crate::yaml::path::{Path, Step};

/// The documents of a tree, laid out.
#[derive(Debug)]
pub struct Laid<'a> {
    pub(super) artifacts: &'a [Artifact],
    pub(super) tables: Vec<Table<'a>>,
    /// Patterns of the paths that the project calls material.
    pub(super) material: &'a [Arc<str>],
    /// The positions of artifacts that are applied, whatever lies beside them.
    pub(super) applied: BTreeSet<usize>,
    /// It stood before, and nobody knows which template made what.
    pub(super) is_past: bool,
}

impl<'a> Laid<'a> {
    pub fn out(artifacts: &'a [Artifact]) -> Self {
        let mut tables = Vec::new();
        for (artifact, it) in artifacts.iter().enumerate() {
            for (document, value) in it.body.documents().iter().enumerate() {
                let number = tables.len();
                tables.push(Table::of(Of { number, artifact, document }, value));
            }
        }
        Self { artifacts, tables, material: &[], applied: BTreeSet::new(), is_past: false }
    }

    /// With what the project calls material.
    #[must_use]
    pub fn sparing(self, material: &'a [Arc<str>]) -> Self {
        Self { material, ..self }
    }

    /// With artifacts that are applied, whatever lies beside them.
    #[must_use]
    pub fn applying(self, applied: BTreeSet<usize>) -> Self {
        Self { applied, ..self }
    }

    /// As a tree that stood before.
    #[must_use]
    pub fn past(self) -> Self {
        Self { is_past: true, ..self }
    }
}

/// Which document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Of {
    /// Among all documents of the tree, which stand in the order of their files.
    pub(super) number: usize,
    /// Its file, among the artifacts.
    pub(super) artifact: usize,
    /// Among those of its file.
    pub(super) document: usize,
}

impl Of {
    pub(super) fn is(self, place: &Place) -> bool {
        (self.artifact, self.document) == (place.artifact, place.document)
    }
}

/// All values of a document, each before those below it.
#[derive(Debug)]
pub(in crate::check) struct Table<'a> {
    pub(super) of: Of,
    rows: Vec<Row<'a>>,
    /// The rows of its texts, each with the signs that it holds.
    texts: Vec<(u32, Signs)>,
}

#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) value: &'a Value,
    /// Under which key, or as which item, it stands; the document itself as the first.
    step: Below<'a>,
    /// The row of what is around it; of the document, its own.
    pub(super) parent: u32,
    /// The first row that is neither this one nor below it.
    end: u32,
    /// Of its key, which tells it from most others; none of an item.
    mark: Mark,
}

/// A number that is made of a key: keys with other numbers are other keys. 0 is that of no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(u32);

impl Mark {
    pub(super) fn of(key: &str) -> Self {
        let bytes = key.as_bytes();
        let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
        let (last, middle) = (byte(bytes.len().wrapping_sub(1)), byte(bytes.len() / 2));
        Self(u32::from_le_bytes([bytes.len() as u8 | 0x80, byte(0), middle, last]))
    }
}

#[derive(Clone, Copy, Debug)]
enum Below<'a> {
    Key(&'a Arc<str>),
    Item(u32),
}

impl<'a> Row<'a> {
    pub(super) fn key(&self) -> Option<&'a Arc<str>> {
        match self.step {
            Below::Key(key) => Some(key),
            Below::Item(_) => None,
        }
    }

    fn is_under(&self, key: &str, mark: Mark) -> bool {
        self.mark == mark && self.key().is_some_and(|own| **own == *key)
    }
}

impl<'a> Table<'a> {
    fn of(of: Of, document: &'a Value) -> Self {
        let mut table = Self { of, rows: Vec::with_capacity(64), texts: Vec::with_capacity(32) };
        table.add(document, Below::Item(0), 0);
        table
    }

    /// A budget bounds how deep a document is.
    fn add(&mut self, value: &'a Value, step: Below<'a>, parent: u32) {
        let row = self.rows.len() as u32;
        let mark = match step {
            Below::Key(key) => Mark::of(key),
            Below::Item(_) => Mark(0),
        };
        self.rows.push(Row { value, step, parent, end: row + 1, mark });
        match value {
            Value::List(items) => items.iter().zip(0..).for_each(|(item, at)| self.add(item, Below::Item(at), row)),
            Value::Map(entries) => entries.iter().for_each(|(key, value)| self.add(value, Below::Key(key), row)),
            Value::String(text) => return self.texts.push((row, Signs::in_text(text))),
            Value::Null | Value::Bool(_) | Value::Number(_) => return,
        }
        let end = self.rows.len() as u32;
        self.rows[row as usize].end = end;
    }

    pub(super) fn row(&self, row: u32) -> &Row<'a> {
        &self.rows[row as usize]
    }

    /// A value's row and those of all below it.
    pub(super) fn range(&self, row: u32) -> Range<u32> {
        row..self.row(row).end
    }

    /// The rows of the values right below one.
    pub(super) fn below(&self, row: u32) -> impl Iterator<Item = u32> {
        let Range { start, end } = self.range(row);
        let first = Some(start + 1).filter(|first| *first < end);
        std::iter::successors(first, move |row| Some(self.row(*row).end).filter(|next| *next < end))
    }

    /// The value right below one that stands under a key.
    pub(super) fn get(&self, row: u32, key: &str) -> Option<u32> {
        let mark = Mark::of(key);
        self.below(row).find(|below| self.row(*below).is_under(key, mark))
    }

    /// The values below one that stand under a key, however deep.
    pub(super) fn under(&self, row: u32, key: &str) -> impl Iterator<Item = u32> {
        let (mark, Range { start, end }) = (Mark::of(key), self.range(row));
        (start + 1..end).filter(move |below| self.row(*below).is_under(key, mark))
    }

    /// The texts that a value is or that are below it, each with its signs.
    pub(super) fn texts(&self, row: u32) -> &[(u32, Signs)] {
        let Range { start, end } = self.range(row);
        let at = |row: u32| self.texts.partition_point(|(text, _)| *text < row);
        &self.texts[at(start)..at(end)]
    }

    /// From the document to a value.
    pub(super) fn path(&self, mut at: u32) -> Path {
        let mut steps = Vec::new();
        while at > 0 {
            let row = self.row(at);
            steps.push(match row.step {
                Below::Key(key) => Step::Key(Arc::clone(key)),
                Below::Item(item) => Step::Index(item as usize),
            });
            at = row.parent;
        }
        steps.into_iter().rev().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check::Node;

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), "[a-z]{0,3}".prop_map(|text| Value::String(text.into()))];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
                proptest::collection::btree_map("[a-d]", inner, 0..5).prop_map(|entries| {
                    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
                }),
            ]
        })
    }

    /// Each value with its path, by recursion.
    fn visit<'v>(value: &'v Value, path: &Path, found: &mut Vec<(Path, &'v Value)>) {
        found.push((path.clone(), value));
        match value {
            Value::List(items) => {
                items.iter().enumerate().for_each(|(at, item)| visit(item, &path.join(Step::Index(at)), found));
            }
            Value::Map(entries) => entries.iter().for_each(|(key, value)| visit(value, &path.key(key), found)),
            _ => {}
        }
    }

    proptest! {
        /// The table tells of each value what the document itself tells.
        #[test]
        fn a_document_laid_out_is_the_document(document in document()) {
            let mut wanted = Vec::new();
            visit(&document, &Path::root(), &mut wanted);
            let table = Table::of(Of { number: 3, artifact: 3, document: 0 }, &document);
            let nodes: Vec<_> = Node::root(&table).all().collect();
            prop_assert_eq!(nodes.len(), wanted.len());
            for (node, (path, value)) in nodes.iter().zip(&wanted) {
                prop_assert_eq!(&node.path(), path);
                prop_assert!(std::ptr::eq(node.value, *value));
                let below: Vec<_> = node.items().into_iter().chain(node.entries().into_iter().map(|(_, it)| it)).collect();
                let steps = below.iter().map(Node::path).collect::<Vec<_>>();
                let own = |it: &&(Path, &Value)| it.0.steps().len() == path.steps().len() + 1 && it.0.steps().starts_with(path.steps());
                prop_assert_eq!(steps, wanted.iter().filter(own).map(|it| it.0.clone()).collect::<Vec<_>>());
                prop_assert!(below.iter().all(|it| it.parent().is_some_and(|parent| parent.is_at(node))));
                for (key, value) in node.entries() {
                    prop_assert!(node.get(key).is_some_and(|it| it.is_at(&value)) && value.key() == Some(key));
                }
                for key in ["a", "b", "none"] {
                    let under: Vec<_> = node.under(key).map(|it| it.number()).collect();
                    let all = node.all().skip(1).filter(|it| it.key() == Some(key));
                    prop_assert_eq!(under, all.map(|it| it.number()).collect::<Vec<_>>());
                }
                let texts: Vec<_> = node.texts().map(|(it, text, signs)| (it.number(), text, signs)).collect();
                let all = node.all().filter_map(|it| Some((it.number(), it.text()?, Signs::in_text(it.text()?))));
                prop_assert_eq!(texts, all.collect::<Vec<_>>());
                for other in &nodes {
                    prop_assert_eq!(node.is_within(other), path.steps().starts_with(other.path().steps()));
                }
            }
        }
    }
}
