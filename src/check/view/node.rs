//! [`Node`]: a value of an artifact that knows where it stands.

use crate::check::view::signs::Signs;
use crate::check::view::table::Table;
use crate::value::{Number, Value};
use crate::yaml::path::{Path, Step};

/// A place in an artifact of the environment that is looked at. It borrows nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub(in crate::check) artifact: usize,
    /// Among the documents of the artifact.
    pub(in crate::check) document: usize,
    pub path: Path,
}

impl Place {
    /// The place of a key below this one, whether there is such a key or not.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self { path: self.path.key(key), ..*self }
    }

    /// The way from another place to this one, if it lies there or below.
    pub fn way_from(&self, other: &Self) -> Option<&[Step]> {
        let is_same = (self.artifact, self.document) == (other.artifact, other.document);
        self.path.steps().strip_prefix(other.path.steps()).filter(|_| is_same)
    }
}

impl From<&Node<'_>> for Place {
    fn from(node: &Node<'_>) -> Self {
        node.place()
    }
}

impl From<Node<'_>> for Place {
    fn from(node: Node<'_>) -> Self {
        node.place()
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

/// A value and its place: a row of its document's table.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    table: &'a Table<'a>,
    row: u32,
    pub value: &'a Value,
}

impl<'a> Node<'a> {
    /// A document, as it is laid out.
    pub(in crate::check) fn root(table: &'a Table<'a>) -> Self {
        Self::of(table, 0)
    }

    fn of(table: &'a Table<'a>, row: u32) -> Self {
        Self { table, row, value: table.row(row).value }
    }

    pub fn place(&self) -> Place {
        Place { artifact: self.table.of.artifact, document: self.table.of.document, path: self.path() }
    }

    /// Within the document. It is made here, so what only compares places asks for less: [`key`](Self::key),
    /// [`is_within`](Self::is_within).
    pub fn path(&self) -> Path {
        self.table.path(self.row)
    }

    /// The key that this stands under, if it stands in a map.
    pub fn key(&self) -> Option<&'a str> {
        self.table.row(self.row).key().map(|key| &**key)
    }

    /// The key that this stands under, lists being between them or not.
    pub fn nearest_key(&self) -> Option<&'a str> {
        self.key().or_else(|| self.around().find_map(|node| node.key()))
    }

    /// Whether this is a whole document.
    pub fn is_root(&self) -> bool {
        self.row == 0
    }

    /// The maps and lists around it, the innermost first.
    pub fn around(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        std::iter::successors(self.parent(), Node::parent)
    }

    /// The map or list around it.
    pub fn parent(&self) -> Option<Node<'a>> {
        let parent = self.table.row(self.row).parent;
        (parent != self.row).then(|| Self::of(self.table, parent))
    }

    /// Whether this is another node or below it.
    pub fn is_within(&self, other: &Node<'_>) -> bool {
        self.table.of.number == other.table.of.number && other.table.range(other.row).contains(&self.row)
    }

    /// Of its place: places compare by it, in the order of documents and of what stands in them.
    pub fn number(&self) -> (usize, u32) {
        (self.table.of.number, self.row)
    }

    /// Whether both are one place.
    pub fn is_at(&self, other: &Node<'_>) -> bool {
        self.number() == other.number()
    }

    /// The value under a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.table.get(self.row, key).map(|row| Self::of(self.table, row))
    }

    /// All values below this one, however deep, that stand under a key.
    pub fn under(&self, key: &str) -> impl Iterator<Item = Node<'a>> {
        let table = self.table;
        table.under(self.row, key).map(move |row| Self::of(table, row))
    }

    /// The maps, this one or below it, that have one of these keys, in the order of the document.
    pub fn having(&self, keys: &[&str]) -> Vec<Node<'a>> {
        let mut maps: Vec<_> = keys.iter().flat_map(|key| self.under(key)).filter_map(|it| it.parent()).collect();
        maps.sort_unstable_by_key(Node::number);
        maps.dedup_by_key(|map| map.number());
        maps
    }

    /// The texts that this is or that are below it, each with the signs that it holds, in the order of the document.
    pub fn texts(&self) -> impl Iterator<Item = (Node<'a>, &'a str, Signs)> + use<'a> {
        let table = self.table;
        table.texts(self.row).iter().filter_map(move |(row, signs)| {
            let node = Self::of(table, *row);
            Some((node, node.text()?, *signs))
        })
    }

    /// The same of those that hold all of these signs.
    pub fn texts_with(&self, signs: Signs) -> impl Iterator<Item = (Node<'a>, &'a str)> + use<'a> {
        self.texts().filter(move |(_, _, own)| own.have(signs)).map(|(node, text, _)| (node, text))
    }

    /// The value at the end of some keys: `node.at(["spec", "template", "spec"])`.
    pub fn at<const N: usize>(&self, keys: [&str; N]) -> Option<Node<'a>> {
        keys.into_iter().try_fold(*self, |node, key| node.get(key))
    }

    /// The value at the end of keys joined by points: `node.along("spec.template.spec")`.
    pub fn along(&self, keys: &str) -> Option<Node<'a>> {
        keys.split('.').try_fold(*self, |node, key| node.get(key))
    }

    /// The text at the end of some keys.
    pub fn text_at<const N: usize>(&self, keys: [&str; N]) -> Option<&'a str> {
        keys.into_iter().try_fold(self.value, Value::get)?.as_str()
    }

    /// The text, if this is one.
    pub fn text(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// The whole number, if this is one.
    pub fn integer(&self) -> Option<i64> {
        match self.value {
            Value::Number(Number::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// Whether this is `true`, or `false`.
    pub fn boolean(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of a list; nothing of anything else.
    pub fn items(&self) -> Vec<Node<'a>> {
        if matches!(self.value, Value::List(_)) { self.below().collect() } else { Vec::new() }
    }

    /// The items of the list at the end of some keys: `node.list(["spec", "containers"])`. Nothing if there is no list.
    pub fn list<const N: usize>(&self, keys: [&str; N]) -> Vec<Node<'a>> {
        self.at(keys).map(|list| list.items()).unwrap_or_default()
    }

    /// The entries of a map; nothing of anything else.
    pub fn entries(&self) -> Vec<(&'a str, Node<'a>)> {
        self.below().filter_map(|node| Some((node.key()?, node))).collect()
    }

    /// The items of a list, or the one value that may stand instead of it.
    pub fn one_or_more(&self) -> Vec<Node<'a>> {
        if matches!(self.value, Value::List(_)) { self.items() } else { vec![*self] }
    }

    /// Shows this value and all below it, in the order of the document.
    pub fn walk(&self, look: &mut impl FnMut(&Node<'a>)) {
        self.all().for_each(|node| look(&node));
    }

    /// This value and all below it, in the order of the document.
    pub fn all(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let table = self.table;
        table.range(self.row).map(move |row| Self::of(table, row))
    }

    /// The values right below this one.
    fn below(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let table = self.table;
        table.below(self.row).map(move |row| Self::of(table, row))
    }
}
