//! Differences as text or JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;
use serde::Serialize;

use super::impact::{Limit, Shown, shown};
use super::structure;
use super::{Difference, Differences};
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::cli::printer::{Printer, Undelivered};
use crate::diff::draw::{self, Sides};
use crate::diff::{self, FileDiff};
use crate::finding::render::text;

/// How differences are shown.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum Form {
    Unified,
    Stat,
    /// The values that differ.
    Structure,
    /// What becomes of each thing, and what is too much.
    Impact(Option<Limit>),
}

/// Lines of differences that a run prints at the most: enough to see what they are about, in a terminal, a hook or a
/// build log.
const LINES: usize = 240;

/// Up to so many environments have a line of their own about what became of them.
pub(super) const EACH: usize = 10;

/// The change of a file, which is the same in some environments.
pub(super) struct Changed<'a> {
    pub(super) file: &'a FileDiff,
    /// Of the first environment.
    pub(super) first: &'a Difference,
    pub(super) environments: Vec<&'a Arc<str>>,
}

impl Differences<'_> {
    /// Findings and differences in the wanted format. Exit 1 if there are any.
    pub(in crate::cli) fn print(&self, form: Form, printer: &mut Printer) -> Result<Exit, Undelivered> {
        self.report.say(printer);
        if printer.format == Format::Markdown {
            printer.result(self.markdown())?;
        } else if printer.format == Format::Json {
            self.report.document(printer, Document::of(self, form))?;
        } else {
            let colour = printer.out_look().colour;
            let text = match form {
                Form::Unified => unified(&Self::changed(self.differing()), colour),
                Form::Stat => self.stat(colour),
                Form::Structure => self.structure(),
                Form::Impact(_) => self.impact(printer.is_verbose()),
            };
            let most = if printer.is_verbose() { usize::MAX } else { LINES };
            printer.result(cut(text, most, "`-v` shows them all"))?;
        }
        for (message, help, _) in self.without_environment(printer.is_verbose()) {
            printer.error(&message, Some(&help));
        }
        if let Form::Impact(Some(limit)) = form {
            return Ok(match self.report.exit() {
                Exit::Fine if self.passes(limit) => Exit::Findings,
                exit => exit,
            });
        }
        let same = self.differing().next().is_none() && self.orphans.is_empty();
        Ok(match self.report.exit() {
            Exit::Fine if !same => Exit::Findings,
            exit => exit,
        })
    }

    /// What to say of trees whose environment is gone, and of which tree; of many once, unless all are wanted.
    pub(super) fn without_environment(&self, all: bool) -> Vec<(String, String, &Utf8Path)> {
        let help = if self.orphans_of_revision {
            "its environment is gone or has another name: what it had would be removed"
        } else {
            "its environment is gone or has another name; remove the folder"
        };
        match self.orphans.as_slice() {
            [first, rest @ ..] if rest.len() >= EACH && !all => {
                let message = format!("`{first}` and {} more belong to no environment", text::with_commas(rest.len()));
                let help = "their environments are gone or have other names; remove the folders: `--format json` lists \
                            them as `orphans`";
                vec![(message, help.to_owned(), first)]
            }
            orphans => orphans
                .iter()
                .map(|orphan| (format!("`{orphan}` belongs to no environment"), help.to_owned(), orphan.as_path()))
                .collect(),
        }
    }

    /// Environments with differences.
    pub(in crate::cli) fn differing(&self) -> impl Iterator<Item = &Difference> {
        self.all.iter().filter(|difference| !difference.files.is_empty())
    }

    /// Environments of which the same is to be said, in the order of each group's first; of a few, each by itself.
    pub(in crate::cli) fn alike(&self) -> Vec<Vec<&Difference>> {
        // Of a tree whose list alone is damaged, the finding says all.
        let told = |difference: &&Difference| !(difference.damaged && difference.files.is_empty());
        let all = || self.all.iter().filter(told);
        if self.all.len() <= EACH {
            return all().map(|difference| vec![difference]).collect();
        }
        let mut groups: Vec<Vec<&Difference>> = Vec::new();
        let mut known = BTreeMap::new();
        for difference in all() {
            let number = *known.entry((draw::summary(&difference.files), difference.nothing)).or_insert(groups.len());
            match groups.get_mut(number) {
                Some(group) => group.push(difference),
                None => groups.push(vec![difference]),
            }
        }
        groups
    }

    /// The changes of environments, each once, in the order of the environments that have it first.
    pub(super) fn changed<'d>(of: impl Iterator<Item = &'d Difference>) -> Vec<Changed<'d>> {
        let mut changes: Vec<Changed<'_>> = Vec::new();
        let mut known = BTreeMap::new();
        for difference in of {
            for file in &difference.files {
                let nameless = Sides { old: String::new(), new: String::new() };
                let text = draw::unified(std::slice::from_ref(file), &nameless, false);
                let number = *known.entry(text).or_insert(changes.len());
                match changes.get_mut(number) {
                    Some(changed) => changed.environments.push(&difference.name),
                    None => {
                        changes.push(Changed { file, first: difference, environments: vec![&difference.name] });
                    }
                }
            }
        }
        changes
    }

    /// The values that differ; of environments that differ in the same, once.
    fn structure(&self) -> String {
        let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
        for difference in self.differing() {
            let drawn = structure::draw(&difference.structure);
            match groups.iter_mut().find(|(_, known)| *known == drawn) {
                Some((names, _)) => names.push(&difference.name),
                None => groups.push((vec![&difference.name], drawn)),
            }
        }
        let draw = |(names, drawn): &(Vec<&str>, String)| match names.as_slice() {
            [_] if self.all.len() == 1 => drawn.clone(),
            names => format!("in {}:\n{drawn}", text::environments(names)),
        };
        groups.iter().map(draw).collect()
    }

    /// A line a file; of environments that differ in the same, once.
    fn stat(&self, colour: bool) -> String {
        let mut groups: Vec<(Vec<&str>, &[FileDiff])> = Vec::new();
        let mut known = BTreeMap::new();
        for difference in self.differing() {
            let number = *known.entry(draw::stat(&difference.files, "", false)).or_insert(groups.len());
            match groups.get_mut(number) {
                Some((names, _)) => names.push(&difference.name),
                None => groups.push((vec![&difference.name], &difference.files)),
            }
        }
        let draw = |(names, files): &(Vec<&str>, &[FileDiff])| match names.as_slice() {
            [name] if self.all.len() > 1 => draw::stat(files, &format!("{name}/"), colour),
            [_] => draw::stat(files, "", colour),
            names => format!("in {}:\n{}", text::environments(names), draw::stat(files, "", colour)),
        };
        groups.iter().map(draw).collect()
    }
}

fn unified(changes: &[Changed<'_>], colour: bool) -> String {
    let draw = |changed: &Changed<'_>| {
        let text = draw::unified(std::slice::from_ref(changed.file), &changed.first.sides, colour);
        match changed.environments.as_slice() {
            [_] => text,
            // What reads a unified diff passes over lines between its files.
            names => format!("in {}:\n{text}", text::environments(names)),
        }
    };
    changes.iter().map(draw).collect()
}

/// At the most so many lines, and how to see the others.
pub(super) fn cut(text: String, most: usize, how: &str) -> String {
    let lines = text.lines().count();
    if lines <= most {
        return text;
    }
    let kept: String = text.split_inclusive('\n').take(most).collect();
    format!("{kept}… and {} more lines; {how}\n", text::with_commas(lines - most))
}

#[derive(Serialize)]
struct Document<'a> {
    differences: Vec<Item<'a>>,
    orphans: Vec<&'a str>,
}

#[derive(Serialize)]
struct Item<'a> {
    environment: &'a str,
    against: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<diff::json::File<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'a structure::Structure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effects: Option<Vec<Shown<'a>>>,
}

impl<'a> Document<'a> {
    fn of(found: &'a Differences<'_>, form: Form) -> Self {
        let sources = found.report.sources();
        let (is_impact, is_structure) = (matches!(form, Form::Impact(_)), matches!(form, Form::Structure));
        let item = |difference: &'a Difference| Item {
            environment: &difference.name,
            against: &difference.sides.old,
            files: (!is_impact && !is_structure).then(|| diff::json::files(&difference.files)),
            values: is_structure.then_some(&difference.structure),
            effects: is_impact.then(|| shown(difference, sources)),
        };
        let orphans = found.orphans.iter().map(|path| path.as_str()).collect();
        Self { differences: found.all.iter().map(item).collect(), orphans }
    }
}
