//! Which values of two documents are not the same.

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
            for (key, was) in was.entries() {
                compare(Some(was), now.get(key), found);
            }
            for (_, now) in now.entries().into_iter().filter(|(key, _)| was.get(key).is_none()) {
                compare(None, Some(now), found);
            }
        }
        (Value::List(_), Value::List(_)) => match (names(&was), names(&now)) {
            (Some(before), Some(after)) => {
                let in_order = |all: &[&str], other: &[&str]| -> Vec<String> {
                    all.iter().filter(|it| other.contains(it)).map(|it| (*it).to_owned()).collect()
                };
                // What stands in another order is another list.
                if in_order(&before, &after) != in_order(&after, &before) {
                    found.push(Difference { old, new });
                    return;
                }
                let (olds, news) = (was.items(), now.items());
                for (name, was) in before.iter().zip(&olds) {
                    let now = after.iter().position(|it| it == name).and_then(|at| news.get(at)).copied();
                    compare(Some(*was), now, found);
                }
                for (name, now) in after.iter().zip(&news) {
                    if !before.contains(name) {
                        compare(None, Some(*now), found);
                    }
                }
            }
            _ => found.push(Difference { old, new }),
        },
        _ => found.push(Difference { old, new }),
    }
}

/// The names of a list's items, if all have one and no two the same.
fn names<'a>(list: &Node<'a>) -> Option<Vec<&'a str>> {
    let items = list.items();
    let by = |key: &str| -> Option<Vec<&'a str>> {
        let names: Option<Vec<&str>> = items.iter().map(|item| item.text_at([key])).collect();
        let mut sorted = names.clone()?;
        sorted.sort_unstable();
        sorted.dedup();
        names.filter(|all| all.len() == sorted.len())
    };
    ["name", "key", "Key"].into_iter().find_map(by)
}
