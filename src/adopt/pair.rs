//! Which objects of several environments are one: those of the same identity, then those whose names differ by what an
//! environment puts before or behind all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::object::{Identity, Object};
use super::read::Rendered;

/// One object, by environment; none where an environment does not have it.
#[derive(Clone, Debug)]
pub(super) struct Family<'a> {
    pub(super) members: Vec<Option<&'a Object>>,
    /// What all of them are called: without what only one environment calls it.
    pub(super) name: Arc<str>,
}

impl Family<'_> {
    pub(super) fn first(&self) -> Option<&Identity> {
        self.members.iter().flatten().map(|object| &object.id).next()
    }
}

/// What is left of a name, if anything is taken from it.
type Stripped = Box<dyn Fn(&Identity) -> Option<Identity>>;

/// What a text is without it.
type Strip = Box<dyn Fn(&str) -> String>;

/// In the order in which they are first met.
pub(super) fn pair(all: &[Rendered]) -> Vec<Family<'_>> {
    let mut open: Vec<Vec<&Object>> = all.iter().map(|rendered| rendered.objects.iter().collect()).collect();
    let mut families: Vec<Family<'_>> = Vec::new();
    let same = |_| -> Stripped { Box::new(|id| Some(id.clone())) };
    take(&mut open, &(0..all.len()).map(same).collect::<Vec<_>>(), &mut families);
    for ways in ways(all, &open) {
        take(&mut open, &ways, &mut families);
    }
    for (at, rest) in open.iter().enumerate() {
        for object in rest {
            let mut members = vec![None; all.len()];
            members[at] = Some(*object);
            families.push(Family { members, name: Arc::clone(&object.id.name) });
        }
    }
    let place = |family: &Family<'_>| {
        let first = family.members.iter().enumerate().find_map(|(at, object)| object.map(|object| (at, object)));
        first.map(|(at, object)| {
            (at, all[at].objects.iter().position(|other| std::ptr::eq(other, object)).unwrap_or(usize::MAX))
        })
    };
    families.sort_by_key(place);
    families
}

/// Takes out what is the same in several environments, once everyone's names are stripped in its own way.
fn take<'a>(open: &mut [Vec<&'a Object>], ways: &[Stripped], families: &mut Vec<Family<'a>>) {
    let mut found: BTreeMap<Identity, Vec<Vec<usize>>> = BTreeMap::new();
    for (at, objects) in open.iter().enumerate() {
        for (number, object) in objects.iter().enumerate() {
            if let Some(id) = ways[at](&object.id) {
                found.entry(id).or_insert_with(|| vec![Vec::new(); open.len()])[at].push(number);
            }
        }
    }
    let mut taken = vec![Vec::new(); open.len()];
    for (id, numbers) in found {
        let is_certain = numbers.iter().all(|numbers| numbers.len() < 2);
        if !is_certain || numbers.iter().filter(|numbers| !numbers.is_empty()).count() < 2 {
            continue;
        }
        let member = |(at, numbers): (usize, &Vec<usize>)| numbers.first().map(|number| open[at][*number]);
        families.push(Family { members: numbers.iter().enumerate().map(member).collect(), name: id.name });
        numbers.iter().enumerate().for_each(|(at, numbers)| taken[at].extend(numbers));
    }
    for (at, objects) in open.iter_mut().enumerate() {
        let mut number = 0;
        objects.retain(|_| {
            number += 1;
            !taken[at].contains(&(number - 1))
        });
    }
}

/// The ways to take from names what one environment puts to all of them, from the most certain to the least.
fn ways(all: &[Rendered], open: &[Vec<&Object>]) -> Vec<Vec<Stripped>> {
    // Whatever is left of each environment lies in one namespace: it is the same one by another name.
    let spaces: Vec<bool> = open.iter().map(|objects| is_of_one_namespace(objects)).collect();
    let moved = spaces.iter().all(|one| *one);
    let way = |make: &dyn Fn(usize) -> Strip| -> Vec<Stripped> {
        let one = |at: usize| -> Stripped {
            let strip = make(at);
            Box::new(move |id: &Identity| {
                let namespace =
                    if moved && !id.namespace.is_empty() { "*".into() } else { strip(&id.namespace).into() };
                let name = strip(&id.name);
                (!name.is_empty()).then(|| Identity { namespace, name: name.into(), ..id.clone() })
            })
        };
        (0..all.len()).map(one).collect()
    };
    let by_environment = |at: usize| {
        let name = Arc::clone(&all[at].environment);
        move |text: &str| without_word(text, &name)
    };
    let affixes: Vec<(String, String)> = open.iter().map(|objects| affix(objects)).collect();
    vec![
        way(&|_| Box::new(str::to_owned)),
        way(&|at| Box::new(by_environment(at))),
        way(&|_| Box::new(without_hash)),
        way(&|at| {
            let strip = by_environment(at);
            Box::new(move |text| without_hash(&strip(text)))
        }),
        way(&|at| {
            let (before, behind) = affixes[at].clone();
            Box::new(move |text| {
                let text = text.strip_prefix(&*before).unwrap_or(text);
                without_hash(text.strip_suffix(&*behind).unwrap_or(text))
            })
        }),
        way(&|_| Box::new(without_lot)),
    ]
}

fn is_of_one_namespace(objects: &[&Object]) -> bool {
    let mut spaces: Vec<_> = objects.iter().map(|it| &it.id.namespace).filter(|space| !space.is_empty()).collect();
    spaces.sort_unstable();
    spaces.dedup();
    spaces.len() <= 1
}

/// A name without a word in it, and the dash that joined it. A name that is nothing else stands for the environment.
fn without_word(text: &str, word: &str) -> String {
    let mut left = text.to_owned();
    let mut from = 0;
    while let Some(at) = left[from..].find(word).map(|at| from + at) {
        let (before, behind) = (&left[..at], &left[at + word.len()..]);
        let is_end = |char: Option<char>| char.is_none_or(|char| !char.is_alphanumeric());
        if !is_end(before.chars().next_back()) || !is_end(behind.chars().next()) {
            from = at + word.len();
            continue;
        }
        let before = before.strip_suffix('-');
        let behind = if before.is_some() { behind } else { behind.strip_prefix('-').unwrap_or(behind) };
        left = format!("{}{behind}", before.unwrap_or(&left[..at]));
        from = at.min(left.len());
    }
    if left.is_empty() && !text.is_empty() { "env".to_owned() } else { left }
}

/// A name without the sum that Kustomize puts behind it.
pub(super) fn without_hash(text: &str) -> String {
    let is_hash = |end: &str| end.len() == 10 && end.chars().all(|char| "bcdfghkmt2456789".contains(char));
    text.rsplit_once('-').filter(|(_, end)| is_hash(end)).map_or(text, |(name, _)| name).to_owned()
}

/// A name without the letters that Helm draws by lot.
fn without_lot(text: &str) -> String {
    let is_lot =
        |end: &str| end.len() == 5 && end.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit());
    text.rsplit_once('-').filter(|(_, end)| is_lot(end)).map_or(text, |(name, _)| name).to_owned()
}

/// What all names begin with and what all end with, up to a dash; nothing if there is but one name.
fn affix(objects: &[&Object]) -> (String, String) {
    let names: Vec<&str> = objects.iter().map(|it| &*it.id.name).filter(|name| !name.is_empty()).collect();
    let [first, rest @ ..] = &names[..] else { return (String::new(), String::new()) };
    if rest.is_empty() {
        return (String::new(), String::new());
    }
    let before = first.split_inclusive('-').next().filter(|part| part.ends_with('-')).unwrap_or_default();
    let behind = first.rfind('-').map_or("", |at| &first[at..]);
    let all = |holds: &dyn Fn(&str) -> bool| names.iter().all(|name| holds(name));
    let before = if all(&|name| name.starts_with(before)) { before } else { "" };
    let behind = if all(&|name| name.ends_with(behind)) { behind } else { "" };
    (before.to_owned(), behind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};
    use crate::value::Value;

    fn rendered(environment: &str, names: &[&str]) -> Rendered {
        let span = Span::new(Sources::default().add("rendered.yaml", ""), 0, 0);
        let object = |name: &&str| {
            let (namespace, name) = name.split_once('/').unwrap_or(("", name));
            let id =
                Identity { group: "".into(), kind: "Service".into(), namespace: namespace.into(), name: name.into() };
            Object { id, value: Value::Null, span }
        };
        Rendered { environment: environment.into(), objects: names.iter().map(object).collect(), ..Rendered::default() }
    }

    #[test]
    fn objects_are_one_where_names_say_so_without_doubt() {
        for (dev, prod, wanted) in [
            (&["a", "b"][..], &["b", "a"][..], &["a 2", "b 2"][..]),
            (&["a", "b"], &["a", "c"], &["a 2", "b 1", "c 1"]),
            (&["dev-a", "b-dev"], &["prod-a", "b-prod"], &["a 2", "b 2"]),
            (&["shop-dev/a", "shop-dev/b"], &["shop/a", "shop/b"], &["a 2", "b 2"]),
            (&["t-dfudw"], &["t-mbjz8"], &["t 2"]),
            (&["conf-5g7hbkk2t4"], &["conf-bkkm4dt2c5"], &["conf 2"]),
            (&["x1-a", "x1-b"], &["y2-a", "y2-b"], &["a 2", "b 2"]),
            // Which of two is meant, nobody knows.
            (&["a-dev", "dev-a"], &["a-prod"], &["a-dev 1", "dev-a 1", "a-prod 1"]),
        ] {
            let all = [rendered("dev", dev), rendered("prod", prod)];
            let told: Vec<String> = pair(&all)
                .iter()
                .map(|family| format!("{} {}", family.name, family.members.iter().flatten().count()))
                .collect();
            assert_eq!(told, wanted, "{dev:?} {prod:?}");
        }
    }
}
