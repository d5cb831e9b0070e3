//! Rows of a comparison: one thing, and what each environment has there.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::told::{self, Kind, Line, Wanted};
use crate::cli::args::Section;
use crate::rules::HIDDEN;

impl Section {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Versions => "versions",
            Self::Flags => "flags",
            Self::Values => "values",
            Self::Images => "images",
            Self::Artifacts => "artifacts",
        }
    }
}

/// One thing in all environments.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) section: Section,
    pub(super) path: String,
    pub(super) must: Option<Wanted>,
    /// What the schema wants is not so.
    pub(super) is_broken: bool,
    /// The numbers of environments that have it, in their order, with the numbers of what they have there.
    cells: Vec<(u32, u32)>,
    /// What there is, by its first environment.
    pub(super) texts: Vec<Arc<str>>,
}

/// Environments that have the same.
#[derive(Debug)]
pub(super) struct Group<'r> {
    /// `None` of those that have nothing there.
    pub(super) text: Option<&'r Arc<str>>,
    pub(super) environments: Vec<u32>,
}

/// A row in JSON.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    section: Section,
    path: &'a str,
    must: Option<Wanted>,
    broken: bool,
    values: Vec<TheSame<'a>>,
    /// Environments that have nothing there.
    absent: Vec<&'a str>,
}

#[derive(Serialize)]
struct TheSame<'a> {
    value: &'a str,
    environments: Vec<&'a str>,
}

/// All rows, by section and path.
pub(super) fn all(names: &[Arc<str>], answers: &BTreeMap<Arc<str>, Vec<Arc<str>>>) -> Vec<Row> {
    // Most environments have the same lines: each is read once.
    let mut known: BTreeMap<&Arc<str>, Option<Line>> = BTreeMap::new();
    for line in names.iter().filter_map(|name| answers.get(name)).flatten() {
        known.entry(line).or_insert_with(|| told::read(line));
    }
    let mut open: BTreeMap<(What, &str), Open<'_>> = BTreeMap::new();
    for (number, name) in (0_u32..).zip(names) {
        for line in answers.get(name).into_iter().flatten() {
            let Some(Some(line)) = known.get(line) else { continue };
            match line {
                Line::Value { path, text, kind, must } => {
                    let row = open.entry((What::Value, path)).or_default();
                    row.add(number, text);
                    row.must = row.must.or(*must);
                    row.is_other |= *kind != Kind::Flag;
                    row.is_version |= *kind == Kind::Version;
                }
                Line::Chart { release, version } => {
                    open.entry((What::Chart, release)).or_default().add(number, version);
                }
                Line::Image { name, versions } => open.entry((What::Image, name)).or_default().add(number, versions),
                Line::File { path, digest } => open.entry((What::File, path)).or_default().add(number, digest),
            }
        }
    }
    let mut rows: Vec<Row> = open.into_iter().map(|((what, path), open)| open.row(what, path)).collect();
    rows.sort_by(|a, b| (a.section, &a.path).cmp(&(b.section, &b.path)));
    rows
}

/// What a row is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Value,
    Chart,
    Image,
    File,
}

/// A row that is being filled.
#[derive(Default)]
struct Open<'l> {
    cells: Vec<(u32, u32)>,
    texts: Vec<&'l str>,
    numbers: BTreeMap<&'l str, u32>,
    must: Option<Wanted>,
    /// It is more than a flag somewhere, or called a version.
    is_other: bool,
    is_version: bool,
}

impl<'l> Open<'l> {
    fn add(&mut self, environment: u32, text: &'l str) {
        let next = self.texts.len() as u32;
        let number = *self.numbers.entry(text).or_insert(next);
        if number == next {
            self.texts.push(text);
        }
        self.cells.push((environment, number));
    }

    fn row(self, what: What, path: &str) -> Row {
        let section = match what {
            What::Value if self.is_version => Section::Versions,
            What::Value if self.is_other => Section::Values,
            What::Value => Section::Flags,
            What::Chart => Section::Versions,
            What::Image => Section::Images,
            What::File => Section::Artifacts,
        };
        let Self { cells, texts, must, .. } = self;
        // Of what is not shown nobody knows whether it is the same.
        let is_known = !texts.iter().any(|text| text.contains(HIDDEN));
        let is_broken = is_known
            && match must {
                None => false,
                Some(Wanted::MustMatch) => texts.len() > 1,
                Some(Wanted::MustDiffer) => texts.len() < cells.len(),
            };
        let texts = match section {
            Section::Artifacts => (0..texts.len()).map(letters).map(Into::into).collect(),
            _ => texts.into_iter().map(Into::into).collect(),
        };
        Row { section, path: path.to_owned(), must, is_broken, cells, texts }
    }
}

/// `A`, `B`, … `Z`, `AA`: what tells contents apart.
fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + (number % 26) as u8);
        if number < 26 {
            break;
        }
        number = number / 26 - 1;
    }
    letters.reverse();
    String::from_utf8(letters).unwrap_or_default()
}

impl Row {
    /// Whether not all of so many environments have the same.
    pub(super) fn differs(&self, environments: usize) -> bool {
        self.texts.len() > 1 || self.cells.len() < environments
    }

    /// What an environment has there.
    pub(super) fn text(&self, environment: u32) -> Option<&Arc<str>> {
        let at = self.cells.binary_search_by_key(&environment, |(number, _)| *number).ok()?;
        self.texts.get(self.cells[at].1 as usize)
    }

    /// Environments that have the same, in the order of their first ones.
    pub(super) fn groups(&self, environments: usize) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> =
            self.texts.iter().map(|text| Group { text: Some(text), environments: Vec::new() }).collect();
        let mut absent = Vec::new();
        let mut cells = self.cells.iter().peekable();
        for environment in 0..environments as u32 {
            match cells.next_if(|(at, _)| *at == environment) {
                Some((_, text)) => groups[*text as usize].environments.push(environment),
                None => absent.push(environment),
            }
        }
        if !absent.is_empty() {
            groups.push(Group { text: None, environments: absent });
        }
        groups.sort_by_key(|group| group.environments.first().copied());
        groups
    }

    pub(super) fn told<'a>(&'a self, names: &[&'a str]) -> Told<'a> {
        let named = |group: &Group<'_>| group.environments.iter().map(|at| names[*at as usize]).collect();
        let groups = self.groups(names.len());
        let absent = groups.iter().find(|group| group.text.is_none()).map(named).unwrap_or_default();
        let same = |group: &Group<'a>| Some(TheSame { value: group.text?, environments: named(group) });
        let values = groups.iter().filter_map(same).collect();
        Told { section: self.section, path: &self.path, must: self.must, broken: self.is_broken, values, absent }
    }
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn contents_are_told_apart_by_letters() {
        let all: Vec<String> = [0, 1, 25, 26, 27, 51, 52, 701, 702].into_iter().map(letters).collect();
        assert_eq!(all, ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }
}
