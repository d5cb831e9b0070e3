//! Items that go when a list takes the place of another one.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::patch::Kind;
use super::place::Place;
use super::{Content, Tree};
use crate::finding::codes::merge::LOST_ITEMS;
use crate::finding::{Finding, suggest};
use crate::value::Value;

/// Keys that tell one item from another where no schema says so, by what people call them.
const NAMES: [&str; 4] = ["name", "id", "key", "host"];

/// Those of them that name a thing with parts of its own, of which a part can be forgotten.
const THINGS: [&str; 3] = ["name", "id", "host"];

/// An item of a list, or a part of one: of an environment, or of what a template makes.
pub trait Item: Sized {
    /// The keys of a map.
    fn keys(&self) -> Option<Vec<&str>>;
    fn get(&self, key: &str) -> Option<&Self>;
    /// The items of a list.
    fn items(&self) -> Option<Vec<&Self>>;
    fn text(&self) -> Option<&str>;
    fn is_same_as(&self, other: &Self) -> bool;
    /// A map or a list.
    fn holds(&self) -> bool;
}

impl Item for Tree {
    fn keys(&self) -> Option<Vec<&str>> {
        self.as_map().map(|map| map.keys().map(AsRef::as_ref).collect())
    }

    fn get(&self, key: &str) -> Option<&Self> {
        self.get(key).map(Arc::as_ref)
    }

    fn items(&self) -> Option<Vec<&Self>> {
        self.as_list().map(|items| items.iter().map(Arc::as_ref).collect())
    }

    fn text(&self) -> Option<&str> {
        match &self.content {
            Content::String(text) => Some(text),
            _ => None,
        }
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.is_same_as(other)
    }

    fn holds(&self) -> bool {
        self.kind() != Kind::Scalar
    }
}

impl Item for Value {
    fn keys(&self) -> Option<Vec<&str>> {
        match self {
            Self::Map(entries) => Some(entries.iter().map(|(key, _)| &**key).collect()),
            _ => None,
        }
    }

    fn get(&self, key: &str) -> Option<&Self> {
        self.get(key)
    }

    fn items(&self) -> Option<Vec<&Self>> {
        match self {
            Self::List(items) => Some(items.iter().collect()),
            _ => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self == other
    }

    fn holds(&self) -> bool {
        matches!(self, Self::Map(_) | Self::List(_))
    }
}

/// Says what is lost of a list that an overlay replaces.
pub(super) fn finding(base: &Tree, over: &Tree, at: &Place<'_>) -> Option<Finding> {
    let (old, new) = (base.items()?, over.items()?);
    let lost = lost(&old, &new)?;
    let mut finding = Finding::new(&LOST_ITEMS, over.origin.mark(Kind::List), format!("`{at}` replaces the list below"))
        .label(lost)
        .also(base.origin.mark(Kind::List), "this list is replaced as a whole")
        .help(
            "repeat what is to stay; or say in the schema how such lists merge: `x-kubernetes-list-type: map` with its keys, \
             or `atomic` if it is always all or nothing",
        );
    finding.subject = Some(at.to_string());
    Some(finding)
}

/// In words, what is lost where a list of maps takes the place of another: items that are not there any more, and parts of
/// items that are. Nothing where the new list is empty, or only leaves items out: that is meant. A list of single values is
/// mostly a choice; flags and settings in it have names.
pub fn lost<T: Item>(old: &[&T], new: &[&T]) -> Option<String> {
    if let (Some(old), Some(new)) = (within(old), within(new)) {
        return lost(&old, &new);
    }
    let are_maps = |items: &[&T]| !items.is_empty() && items.iter().all(|item| item.keys().is_some());
    if are_maps(old) && !new.is_empty() && !new.iter().any(|item| item.holds()) {
        return Some("its items are maps, and those of the new list are single values".to_owned());
    }
    let only_leaves_out = || new.iter().all(|item| old.iter().any(|it| it.is_same_as(item)));
    if only_leaves_out() {
        return None;
    }
    if !are_maps(old) || !are_maps(new) {
        return lost_flags(old, new);
    }
    // One for one is another value, as with any other, unless they are told apart by name, or it only has fewer keys.
    let is_swap = old.len() == 1 && new.len() == 1 && names(old[0], new[0]).is_none();
    let gone = |item: &T| !is_swap && !new.iter().any(|it| is_it(item, it));
    let items: Vec<String> = old.iter().enumerate().filter(|(_, item)| gone(item)).map(shown).collect();
    let parts = old.iter().enumerate().filter_map(|(index, item)| {
        let mut lost = Vec::new();
        let is_one = old.len() == 1 && new.len() == 1;
        let other =
            new.first().filter(|it| is_one && (is_swap || is_named_alike(*item, **it)) && has_fewer(*item, **it));
        if let Some(other) = other.or_else(|| new.iter().find(|it| is_thing(*item, **it))) {
            lost.extend(lost_keys(*item, *other).iter().map(|key| format!("`{key}`")));
        }
        if let Some(other) = other.or_else(|| new.iter().find(|it| is_named_alike(*item, **it))) {
            lost_within(*item, *other, "", &mut lost);
        }
        (!lost.is_empty()).then(|| format!("{} loses {}", shown((index, item)), suggest::and(&lost)))
    });
    let verb = if items.len() == 1 { "is" } else { "are" };
    let items = (!items.is_empty()).then(|| format!("{} of it {verb} lost", suggest::and(&items)));
    let all: Vec<String> = items.into_iter().chain(parts).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// In words, which flags and settings of a list are lost to a list that has some as well.
fn lost_flags<T: Item>(old: &[&T], new: &[&T]) -> Option<String> {
    let kept: BTreeSet<&str> = new.iter().filter_map(|item| flag(item.text()?)).collect();
    let mut gone: Vec<&str> = old.iter().filter_map(|item| flag(item.text()?)).collect();
    gone.retain(|flag| !kept.contains(flag));
    gone.dedup();
    let verb = if gone.len() == 1 { "is" } else { "are" };
    let shown: Vec<String> = gone.iter().map(|flag| format!("`{flag}`")).collect();
    let are_flags = !kept.is_empty() && !gone.is_empty();
    are_flags.then(|| format!("{} of it {verb} lost", suggest::and(&shown)))
}

/// The name of a flag or a setting: `--v` of `--v=2`, `LOG` of `LOG=debug`.
fn flag(text: &str) -> Option<&str> {
    let name = text.split('=').next().unwrap_or(text);
    let word = name.trim_start_matches('-');
    let is_word = word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let is_setting = || word.len() == name.len() && !text[name.len()..].trim_start_matches('=').is_empty();
    let is_flag = matches!(name.len() - word.len(), 1 | 2) || is_setting();
    (is_word && is_flag).then_some(name)
}

/// The items of lists in a list, where each of them has a name: one that is in another of these lists now is not lost.
fn within<'a, T: Item>(lists: &[&'a T]) -> Option<Vec<&'a T>> {
    let lists: Option<Vec<_>> = lists.iter().map(|list| list.items()).collect();
    let items: Vec<&T> = lists.filter(|lists| !lists.is_empty())?.into_iter().flatten().collect();
    let is_named = |item: &&T| NAMES.iter().any(|key| item.get(key).is_some());
    items.iter().all(is_named).then_some(items)
}

/// The keys of an item that its successor lacks. One way of saying something for another, such as `value` for `valueFrom`, or
/// one kind of volume for another, is no loss. A named item with more than its kind, such as a container that has `resources`
/// instead of `ports`, is no such case.
fn lost_keys<'a, T: Item>(old: &'a T, new: &T) -> Vec<&'a str> {
    let lost: Vec<&str> = old.keys().unwrap_or_default().into_iter().filter(|key| new.get(key).is_none()).collect();
    let added: Vec<&str> = new.keys().unwrap_or_default().into_iter().filter(|key| old.get(key).is_none()).collect();
    if let ([lost], [added]) = (lost.as_slice(), added.as_slice()) {
        let are_kinds = old.get(lost).is_some_and(Item::holds) && new.get(added).is_some_and(Item::holds);
        let has_more = |key: &&str| !NAMES.contains(key) && key != lost;
        let is_named = NAMES.iter().any(|key| old.get(key).is_some());
        let is_its_kind = are_kinds && !(is_named && old.keys().unwrap_or_default().iter().any(has_more));
        if is_its_kind || added.starts_with(lost) || lost.starts_with(added) {
            return Vec::new();
        }
    }
    lost
}

/// What is lost in the parts of an item that both have: nobody who sets one key of a map in it thinks of the others. A map or
/// a list that is emptied is meant.
fn lost_within<T: Item>(old: &T, new: &T, path: &str, lost: &mut Vec<String>) {
    for key in old.keys().unwrap_or_default() {
        let (Some(old), Some(new)) = (old.get(key), new.get(key)) else { continue };
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        if new.keys().is_some_and(|keys| !keys.is_empty()) {
            lost.extend(lost_keys(old, new).iter().map(|key| format!("`{path}.{key}`")));
            lost_within(old, new, &path, lost);
        } else if let (Some(old), Some(new)) = (old.items(), new.items()) {
            lost.extend(self::lost(&old, &new).map(|what| format!("parts of `{path}` ({what})")));
        }
    }
}

/// What two items are called, by the first key of this kind that both have.
fn names<'a, T: Item>(old: &'a T, new: &'a T) -> Option<(&'a T, &'a T)> {
    NAMES.iter().find_map(|key| Some((old.get(key)?, new.get(key)?)))
}

/// Whether two items are the same one, changed or not.
fn is_it<T: Item>(old: &T, new: &T) -> bool {
    match names(old, new) {
        Some((old, new)) => old.is_same_as(new),
        None => old.is_same_as(new),
    }
}

/// Whether two items are the same thing by its name.
fn is_thing<T: Item>(old: &T, new: &T) -> bool {
    let named = THINGS.iter().find_map(|key| Some((old.get(key)?, new.get(key)?)));
    named.is_some_and(|(old, new)| old.is_same_as(new))
}

/// Whether an item has some of the keys of another, and none beside them.
fn has_fewer<T: Item>(old: &T, new: &T) -> bool {
    let (old, new) = (old.keys().unwrap_or_default(), new.keys().unwrap_or_default());
    !new.is_empty() && new.len() < old.len() && new.iter().all(|key| old.contains(key))
}

/// Whether two items have a name, and the same one.
fn is_named_alike<T: Item>(old: &T, new: &T) -> bool {
    names(old, new).is_some_and(|(old, new)| old.is_same_as(new))
}

fn shown<T: Item>((index, item): (usize, &&T)) -> String {
    let name = NAMES.iter().find_map(|key| item.get(key)?.text());
    name.map_or_else(|| format!("item {index}"), |name| format!("`{name}`"))
}
