//! The resource types of CloudFormation's registry, by a table of one day: which there are, and what may be set of those
//! that platforms are made of. The list is read when a type is first asked for, and a definition where it is asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use regex_lite::Regex;
use serde_json::Value as Json;

use super::definitions::Definitions;
use crate::schema::Reach;

/// A type a line, sorted: `AWS::EC2::VPC`, and where its definition stands, for those that have one.
const TYPES: &str = include_str!("types.txt");
/// A definition a line, as a JSON schema; a reference has the number of another one and where its line begins.
const DEFINITIONS: &str = concat!(include_str!("definitions-1.txt"), include_str!("definitions-2.txt"));
/// More than there are.
const MOST: usize = 6_000;

/// All types, sorted, each with the code of its definition.
static ALL: LazyLock<Vec<(&str, Option<&str>)>> = LazyLock::new(|| {
    let lines = TYPES.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').map_or((line, None), |(name, code)| (name, Some(code)))).collect()
});

/// Definitions read so far.
static READ: LazyLock<Vec<OnceLock<Json>>> = LazyLock::new(|| (0..MOST).map(|_| OnceLock::new()).collect());

/// Patterns compiled so far, with what it costs to look for them; nothing for one that the engine does not read.
type Compiled = Arc<Option<(Regex, Reach)>>;
static PATTERNS: RwLock<BTreeMap<String, Compiled>> = RwLock::new(BTreeMap::new());

/// Whether there is a type of that name.
pub(super) fn has(kind: &str) -> bool {
    ALL.binary_search_by(|(name, _)| (*name).cmp(kind)).is_ok()
}

/// The names of all types, sorted.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

/// A type's definition, if the table has one.
pub(super) fn definition(kind: &str) -> Option<&'static Json> {
    let at = ALL.binary_search_by(|(name, _)| (*name).cmp(kind)).ok()?;
    read(ALL.get(at)?.1?)
}

/// What a reference of a definition leads to.
pub(super) fn target(code: &str) -> Option<&'static Json> {
    read(code)
}

fn read(code: &str) -> Option<&'static Json> {
    let (number, begin) = (digits(code.get(..3)?)?, digits(code.get(3..)?)?);
    let cell = READ.get(number)?;
    let line = DEFINITIONS.get(begin..)?.lines().next()?;
    Some(cell.get_or_init(|| serde_json::from_str(line).unwrap_or_default()))
}

fn digits(code: &str) -> Option<usize> {
    let digit = |letter: u8| match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'z' => Some(letter - b'a' + 10),
        b'A'..=b'Z' => Some(letter - b'A' + 36),
        _ => None,
    };
    code.bytes().try_fold(0, |value, letter| Some(value * 62 + usize::from(digit(letter)?)))
}

/// The table as what properties are judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table;

impl Definitions for Table {
    fn target(&self, reference: &str) -> Option<&Json> {
        read(reference)
    }

    fn is_match(&self, pattern: &str, text: &str, pay: &mut dyn FnMut(u64) -> bool) -> Option<bool> {
        let compiled = compiled(pattern);
        let (regex, reach) = compiled.as_ref().as_ref()?;
        pay(reach.search(text.len())).then(|| regex.is_match(text))
    }
}

fn compiled(pattern: &str) -> Compiled {
    let known = PATTERNS.read().unwrap_or_else(PoisonError::into_inner).get(pattern).cloned();
    known.unwrap_or_else(|| {
        let made = Arc::new(Regex::new(pattern).ok().map(|regex| (regex, Reach::of(pattern))));
        let mut patterns = PATTERNS.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(patterns.entry(pattern.to_owned()).or_insert(made))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_definition_and_all_but_three_patterns_are_read() {
        fn look(schema: &Json, unread: &mut Vec<String>) {
            match schema {
                Json::Object(words) => {
                    for (word, below) in words {
                        match below.as_str() {
                            Some(code) if word == "$ref" => assert!(read(code).is_some_and(Json::is_object), "{code}"),
                            Some(pattern) if word == "pattern" && compiled(pattern).is_none() => {
                                unread.push(pattern.to_owned());
                            }
                            _ => look(below, unread),
                        }
                    }
                }
                Json::Array(items) => items.iter().for_each(|item| look(item, unread)),
                _ => {}
            }
        }
        let mut unread = Vec::new();
        let lines: Vec<&str> = DEFINITIONS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() < MOST);
        for line in lines {
            look(&serde_json::from_str(line).unwrap(), &mut unread);
        }
        // Nothing is said of a text that one of these is for: they are written for another engine.
        assert_eq!(unread.len(), 3, "{unread:?}");
    }

    #[test]
    fn types_are_sorted_and_found_with_their_properties() {
        assert!(ALL.is_sorted());
        assert!(names().count() > 1_500);
        for (name, code) in ALL.iter() {
            assert!(has(name));
            assert_eq!(definition(name).is_some(), code.is_some(), "{name}");
        }
        let vpc = definition("AWS::EC2::VPC").unwrap();
        assert_eq!(vpc["properties"]["CidrBlock"]["type"], "string");
        assert_eq!(definition("AWS::EC2::VCP"), None);
        assert!(has("AWS::QuickSight::Dashboard") && definition("AWS::QuickSight::Dashboard").is_none());
    }
}
