//! Items that go when an overlay's list takes the place of the one below.

use std::sync::Arc;

use super::patch::Kind;
use super::place::Place;
use super::{Content, Tree};
use crate::finding::codes::merge::LOST_ITEMS;
use crate::finding::{Finding, suggest};

/// Keys that tell one item from another where no schema says so, by what people call them.
const NAMES: [&str; 4] = ["name", "id", "key", "host"];

/// Says which items of a list of maps are lost, if the new one keeps or adds others. A list that only leaves some out
/// was meant so, and one of single values is mostly a choice.
pub(super) fn finding(base: &Tree, over: &Tree, at: &Place<'_>) -> Option<Finding> {
    let (old, new) = (base.as_list()?, over.as_list()?);
    let are_maps = |items: &[Arc<Tree>]| !items.is_empty() && items.iter().all(|item| item.as_map().is_some());
    // One for one is another value, as with any other.
    let is_swap = old.len() == 1 && new.len() == 1;
    if is_swap || !are_maps(old) || !are_maps(new) || new.iter().all(|item| old.iter().any(|it| it.is_same_as(item))) {
        return None;
    }
    let lost: Vec<String> =
        old.iter().enumerate().filter(|(_, item)| !new.iter().any(|it| is_it(item, it))).map(shown).collect();
    if lost.is_empty() {
        return None;
    }
    let verb = if lost.len() == 1 { "is" } else { "are" };
    let finding = Finding::new(&LOST_ITEMS, over.origin.mark(Kind::List), format!("`{at}` replaces the list below"))
        .label(format!("{} of it {verb} lost", suggest::and(&lost)))
        .also(base.origin.mark(Kind::List), "this list is replaced as a whole")
        .help(
            "repeat what is to stay; or say in the schema how such lists merge: `x-kubernetes-list-type: map` with its keys, \
             or `atomic` if it is always all or nothing",
        );
    Some(finding)
}

/// Whether two items are the same one, changed or not.
fn is_it(old: &Tree, new: &Tree) -> bool {
    match NAMES.iter().find_map(|key| Some((old.get(key)?, new.get(key)?))) {
        Some((old, new)) => old.is_same_as(new),
        None => old.is_same_as(new),
    }
}

fn shown((index, item): (usize, &Arc<Tree>)) -> String {
    let name = NAMES.iter().find_map(|key| match &item.get(key)?.content {
        Content::String(name) => Some(format!("`{name}`")),
        _ => None,
    });
    name.unwrap_or_else(|| format!("item {index}"))
}
