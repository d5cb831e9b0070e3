//! Which values of two documents are not the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Node;
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
