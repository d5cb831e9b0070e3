//! Which values of two documents are not the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{Draft, Node};
use crate::value::Value;

/// A value that only one of them has, or that both have otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference<'a> {
    pub(crate) old: Option<Node<'a>>,
    pub(crate) new: Option<Node<'a>>,
}

impl<'a> Difference<'a> {
    /// Where it is now, or was.
    pub(super) fn node(&self) -> Option<Node<'a>> {
        self.new.or(self.old)
    }
}

/// Says of an effect which values are its causes: those that differ, and where those stood that are gone.
pub(super) fn blame(draft: &mut Draft, all: &[Difference<'_>]) {
    for it in innermost(all) {
        if let Some(new) = it.new {
            draft.caused_by(&new, it.old.and_then(|old| old.text()));
        }
        for gone in fallen(&it) {
            draft.stood(&gone);
        }
    }
}

/// What is there no more, or of a list that became shorter the items that are not in it.
fn fallen<'a>(it: &Difference<'a>) -> Vec<Node<'a>> {
    match (it.old, it.new) {
        (Some(old), None) => vec![old],
        (Some(old), Some(new)) => {
            let (olds, news) = (old.items(), new.items());
            if olds.len().saturating_mul(news.len()) > PAIRS {
                return Vec::new();
            }
            let is_gone = |item: &Node<'a>| !news.iter().any(|new| new.value.is_same(item.value));
            olds.into_iter().filter(is_gone).collect()
        }
        (None, _) => Vec::new(),
    }
}

/// All of them, as deep as they can be told; items of lists by their names, if they have names.
pub(crate) fn differences<'a>(old: Option<Node<'a>>, new: Option<Node<'a>>) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    compare(old, new, &mut found);
    found
}

fn compare<'a>(old: Option<Node<'a>>, new: Option<Node<'a>>, found: &mut Vec<Difference<'a>>) {
    let (Some(was), Some(now)) = (old, new) else {
        if old.is_some() || new.is_some() {
            found.push(Difference { old, new });
        }
        return;
    };
    if was.value.is_same(now.value) {
        return;
    }
    match (was.value, now.value) {
        (Value::Map(_), Value::Map(_)) => {
            let (olds, news) = (was.entries(), now.entries());
            let (before, after) = (by_name(&olds), by_name(&news));
            for (key, was) in &olds {
                compare(Some(*was), after.get(key).copied(), found);
            }
            for (_, now) in news.iter().filter(|(key, _)| !before.contains_key(key)) {
                compare(None, Some(*now), found);
            }
        }
        (Value::List(_), Value::List(_)) => match (names(&was), names(&now)) {
            (Some(olds), Some(news)) => {
                let (before, after) = (by_name(&olds), by_name(&news));
                // What stands in another order is another list.
                let kept = olds.iter().map(|(name, _)| name).filter(|name| after.contains_key(*name));
                if !kept.eq(news.iter().map(|(name, _)| name).filter(|name| before.contains_key(*name))) {
                    found.push(Difference { old, new });
                    return;
                }
                for (name, was) in &olds {
                    compare(Some(*was), after.get(name).copied(), found);
                }
                for (_, now) in news.iter().filter(|(name, _)| !before.contains_key(name)) {
                    compare(None, Some(*now), found);
                }
            }
            _ => found.push(Difference { old, new }),
        },
        _ => found.push(Difference { old, new }),
    }
}

/// The same, in maps and lists as well: items at the same place of lists that are as long as they were, and otherwise those that are
/// new. Of what went the whole is told.
pub(super) fn innermost<'a>(all: &[Difference<'a>]) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    let mut open: Vec<Difference<'a>> = all.iter().rev().copied().collect();
    while let Some(it) = open.pop() {
        if found.len() >= MOST {
            break;
        }
        let (Some(was), Some(now)) = (it.old, it.new) else {
            found.push(it);
            continue;
        };
        if let (Value::Map(_), Value::Map(_)) = (was.value, now.value) {
            open.extend(differences(Some(was), Some(now)).into_iter().rev());
            continue;
        }
        let (olds, news) = (was.items(), now.items());
        if olds.is_empty() || news.is_empty() || olds.len().saturating_mul(news.len()) > PAIRS {
            found.push(it);
        } else if olds.len() == news.len() {
            let pairs = olds.into_iter().zip(news).rev();
            open.extend(pairs.flat_map(|(old, new)| differences(Some(old), Some(new)).into_iter().rev()));
        } else {
            let is_new = |item: &Node<'_>| !olds.iter().any(|old| old.value.is_same(item.value));
            let new: Vec<Node<'a>> = news.into_iter().filter(is_new).collect();
            if new.is_empty() {
                found.push(it);
            }
            open.extend(new.into_iter().rev().map(|node| Difference { old: None, new: Some(node) }));
        }
    }
    found
}

/// Differences of one thing that are looked into.
const MOST: usize = 12;

/// Pairs of items that are compared: of longer lists the whole is told.
const PAIRS: usize = 250_000;

/// What stands below each name.
fn by_name<'a>(all: &[(&'a str, Node<'a>)]) -> BTreeMap<&'a str, Node<'a>> {
    all.iter().copied().collect()
}

/// A list's items with their names, if all have one and no two the same.
fn names<'a>(list: &Node<'a>) -> Option<Vec<(&'a str, Node<'a>)>> {
    let items = list.items();
    let by = |key: &str| -> Option<Vec<(&'a str, Node<'a>)>> {
        let named: Vec<_> = items.iter().map(|item| Some((item.text_at([key])?, *item))).collect::<Option<_>>()?;
        let different: BTreeSet<&str> = named.iter().map(|(name, _)| *name).collect();
        (different.len() == named.len()).then_some(named)
    };
    ["name", "key", "Key"].into_iter().find_map(by)
}
