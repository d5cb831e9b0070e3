//! [`Patch`]: what a layer says about one place, before it is known what lies below.

use std::sync::Arc;

use indexmap::IndexMap;

use super::shape::{ListMerge, Shape};
use super::{Content, Origin, Tree};
use crate::yaml::path::Step;

/// One layer, or several layers merged with each other, as a change to whatever lies below.
#[derive(Clone, Debug)]
pub enum Patch {
    Delete(Delete),
    Put(Put),
    Collection(Collection),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delete {
    pub origin: Origin,
    /// What is deleted was set in this very patch, so that nothing need lie below.
    pub hit: bool,
}

/// A value that takes the place of what lies below.
#[derive(Clone, Debug)]
pub struct Put {
    pub tree: Arc<Tree>,
    /// It may take the place of a value of another kind.
    pub any_kind: bool,
    /// It is a list, and nobody has said that it takes the place of another one with all that this holds.
    pub may_lose: bool,
    pub below: Below,
}

/// What becomes of the value that a [`Put`] finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Below {
    Overridden,
    /// Deleted before the value was set anew: neither part of its history nor its place among its neighbours.
    Deleted(Delete),
}

/// A map whose keys, or a list whose items, merge with those below.
#[derive(Clone, Debug)]
pub struct Collection {
    pub origin: Origin,
    pub overrode: Vec<Origin>,
    /// It may take the place of a value of another kind.
    pub any_kind: bool,
    /// How the items of the list are told apart; `None` for a map.
    pub by: Option<Identity>,
    /// By key, or by the name that [`Identity::name`] gives an item.
    pub entries: IndexMap<Arc<str>, Patch>,
}

/// Changing between these is an error unless it is said to be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Map,
    List,
    Scalar,
}

impl Kind {
    pub fn of(content: &Content) -> Self {
        match content {
            Content::Map(_) => Self::Map,
            Content::List(_) => Self::List,
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::String(_) => Self::Scalar,
        }
    }
}

impl Patch {
    pub fn origin(&self) -> Origin {
        match self {
            Self::Delete(delete) => delete.origin,
            Self::Put(put) => put.tree.origin,
            Self::Collection(collection) => collection.origin,
        }
    }
}

impl Collection {
    pub fn kind(&self) -> Kind {
        if self.by.is_some() { Kind::List } else { Kind::Map }
    }

    /// Nothing in it but the keys that tell an item from the others.
    pub fn is_empty_but_for(&self, known: &[Arc<str>]) -> bool {
        self.entries.keys().all(|key| known.contains(key))
    }
}

/// How the items of a list are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    Value,
    Keys(Keys),
}

/// The keys that tell items apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    names: Arc<[Arc<str>]>,
    /// What each is where an item does not set it, as a path names it: the default of the schema.
    defaults: Arc<[Option<Arc<str>>]>,
}

impl Keys {
    /// `item` is what the schema says about the items.
    pub fn new(names: Arc<[Arc<str>]>, item: impl Shape) -> Self {
        let defaults = names.iter().map(|name| item.property(name).default_word()).collect();
        Self { names, defaults }
    }

    /// Whether an item must set the key itself.
    pub fn is_needed(&self, key: &str) -> bool {
        self.names.iter().zip(self.defaults.iter()).any(|(name, default)| &**name == key && default.is_none())
    }
}

impl Identity {
    /// By what the schema says about the list. `None` where lists are replaced.
    pub fn of(list: impl Shape) -> Option<Self> {
        match list.list_merge() {
            ListMerge::Replace => None,
            ListMerge::Set => Some(Self::Value),
            ListMerge::ByKeys(keys) => Some(Self::Keys(Keys::new(keys, list.item()))),
        }
    }

    /// The keys that tell an item from the others.
    pub fn keys(&self) -> &[Arc<str>] {
        match self {
            Self::Value => &[],
            Self::Keys(keys) => &keys.names,
        }
    }

    /// The name of a list's item, as in `nodePools[name=general]`, or the first key that it lacks and that has no default.
    pub fn name(&self, item: &Tree) -> Result<Arc<str>, Arc<str>> {
        match self {
            Self::Value => {
                let mut name = String::new();
                write_value(item, &mut name);
                Ok(name.into())
            }
            Self::Keys(keys) => name_by(keys, |key| item.get(key)),
        }
    }

    /// [`name`](Self::name), for an item that is not merged yet.
    pub fn name_of(&self, item: &Patch) -> Result<Arc<str>, Arc<str>> {
        match (self, item) {
            (_, Patch::Put(put)) => self.name(&put.tree),
            (Self::Keys(keys), Patch::Collection(item)) => name_by(keys, |key| match item.entries.get(key) {
                Some(Patch::Put(put)) => Some(&put.tree),
                _ => None,
            }),
            _ => Err(self.keys().first().map_or_else(|| "value".into(), Arc::clone)),
        }
    }
}

fn name_by<'a>(keys: &Keys, get: impl Fn(&str) -> Option<&'a Arc<Tree>>) -> Result<Arc<str>, Arc<str>> {
    let pair = |(key, default): (&Arc<str>, &Option<Arc<str>>)| {
        let word = get(key).map(|value| value.to_word()).or_else(|| default.clone());
        word.map(|word| (Arc::clone(key), word)).ok_or_else(|| Arc::clone(key))
    };
    let pairs: Result<Vec<_>, _> = keys.names.iter().zip(keys.defaults.iter()).map(pair).collect();
    let item = Step::Item(pairs?).to_string();
    Ok(item[1..item.len() - 1].into())
}

/// A text that is the same for equal values only.
fn write_value(tree: &Tree, text: &mut String) {
    match &tree.content {
        Content::Null => text.push_str("null"),
        Content::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Content::Number(number) => text.push_str(&number.to_string()),
        Content::String(value) if is_plain(value) => text.push_str(value),
        Content::String(value) => quote(value, text),
        Content::List(items) => {
            text.push('[');
            for item in items {
                write_value(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Content::Map(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            text.push('{');
            for (key, value) in entries {
                quote(key, text);
                text.push(':');
                write_value(value, text);
                text.push(',');
            }
            text.push('}');
        }
    }
}

impl Tree {
    /// A single value as a path names it: without quotes, whatever its type.
    pub fn to_word(&self) -> Arc<str> {
        if let Content::String(text) = &self.content {
            return Arc::clone(text);
        }
        let mut word = String::new();
        write_value(self, &mut word);
        word.into()
    }
}

fn quote(value: &str, text: &mut String) {
    text.push('"');
    text.extend(value.escape_debug());
    text.push('"');
}

/// Strings that cannot be taken for another value, or for the end of one.
fn is_plain(text: &str) -> bool {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/' | '*');
    text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '*' | '/'))
        && text.chars().all(letter)
        && !matches!(text, "null" | "true" | "false")
}
