//! Taking overrides out that change nothing. Whatever is taken out, every environment of the project has to be what it
//! was: that is tried before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::load::Loader;
use super::shape::Shape;
use super::{Content, Tree};
use crate::disk::{Disk, EntryKind, Patched};
use crate::finding::Findings;
use crate::finding::codes::merge::REDUNDANT;
use crate::limits::Limits;
use crate::project::Entry;
use crate::source::{Sources, Span};
use crate::yaml;
use crate::yaml::edit::{self, Comments};

/// Rounds at most: what is taken out can leave something behind that adds nothing any more.
const ROUNDS: usize = 8;

/// A file without its redundant overrides.
#[derive(Debug)]
pub struct Trimmed {
    /// Relative to the project.
    pub path: Utf8PathBuf,
    pub text: String,
    /// What was taken out, in words: "`cluster.name` is set to the value it has already".
    pub removed: Vec<String>,
}

/// What is redundant, and how the project is read.
#[derive(Clone, Copy)]
pub struct Trimmer<'a, S> {
    pub shape: S,
    pub disk: &'a dyn Disk,
    pub sources: &'a Sources,
    pub limits: &'a Limits,
    /// All environments of the project: they stay as they are.
    pub all: &'a [Entry],
}

impl<S: Shape> Trimmer<'_, S> {
    /// The files of some environments, and of their layers, without what is redundant in them; only files that change.
    /// `None` if any environment cannot be loaded: it could not be compared.
    pub fn run(&self, wanted: &[Entry]) -> Option<Vec<Trimmed>> {
        let mut trimmed: BTreeMap<Utf8PathBuf, Trimmed> = BTreeMap::new();
        let before = self.roots(self.disk)?;
        for _ in 0..ROUNDS {
            let mut any = false;
            for (path, spans) in self.redundant(wanted, &trimmed) {
                any |= self.file(&path, &spans, &before, &mut trimmed);
            }
            if !any {
                break;
            }
        }
        Some(trimmed.into_values().collect())
    }

    /// The project with what was trimmed so far.
    fn patched(&self, trimmed: &BTreeMap<Utf8PathBuf, Trimmed>) -> Patched<'_> {
        let files = trimmed.iter().map(|(path, file)| (path.clone(), file.text.clone().into_bytes())).collect();
        Patched::new(self.disk, files)
    }

    /// Redundant overrides and what is said of them, by file.
    fn redundant(
        &self,
        wanted: &[Entry],
        trimmed: &BTreeMap<Utf8PathBuf, Trimmed>,
    ) -> BTreeMap<Utf8PathBuf, BTreeMap<Span, String>> {
        let disk = self.patched(trimmed);
        let loader = Loader::new(self.shape, &disk, self.sources, self.limits);
        let mut findings = Findings::default();
        for entry in wanted {
            loader.load(entry, None, &mut findings);
        }
        let mut found: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| finding.rule == &REDUNDANT) {
            let source = self.sources.get(finding.primary.span.file);
            let of_file = found.entry(source.path().to_owned()).or_default();
            of_file.insert(finding.primary.span, finding.message.clone());
        }
        found
    }

    /// Trims one file: of all that is redundant at once or, where an environment needs one of it, of as much as none needs.
    /// True if anything was taken out.
    fn file(
        &self,
        path: &Utf8Path,
        spans: &BTreeMap<Span, String>,
        before: &[Tree],
        trimmed: &mut BTreeMap<Utf8PathBuf, Trimmed>,
    ) -> bool {
        if !self.is_plain_file(path) {
            return false;
        }
        let all: BTreeSet<Span> = spans.keys().copied().collect();
        if let Some(text) = self.tried(path, &all, before, trimmed) {
            return take(path, text, spans, trimmed);
        }
        let (mut kept, mut best) = (BTreeSet::new(), None);
        for span in all {
            kept.insert(span);
            match self.tried(path, &kept, before, trimmed) {
                Some(text) => best = Some(text),
                None => drop(kept.remove(&span)),
            }
        }
        best.is_some_and(|text| take(path, text, spans, trimmed))
    }

    /// The file without what stands at some spans, if all environments are as they were then.
    fn tried(
        &self,
        path: &Utf8Path,
        spans: &BTreeSet<Span>,
        before: &[Tree],
        trimmed: &BTreeMap<Utf8PathBuf, Trimmed>,
    ) -> Option<(String, BTreeSet<Span>)> {
        let file = spans.first()?.file;
        // The same file may have been read twice.
        let spans: BTreeSet<Span> = spans.iter().map(|span| Span { file, ..*span }).collect();
        let root = yaml::read::read(self.sources, file, self.limits, &mut Findings::default())?;
        let (text, taken) = edit::without(self.sources.get(file).text(), &root, &spans, Comments::Stay);
        if taken.is_empty() {
            return None;
        }
        let disk = self.patched(trimmed).with(path, text.clone().into_bytes());
        let after = self.roots(&disk)?;
        let same = before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| is_same_in_order(a, b));
        same.then_some((text, taken))
    }

    /// All environments, merged; nothing if one of them has errors.
    fn roots(&self, disk: &dyn Disk) -> Option<Vec<Tree>> {
        let loader = Loader::new(self.shape, disk, self.sources, self.limits);
        let load = |entry: &Entry| {
            let mut findings = Findings::default();
            let environment = loader.load(entry, None, &mut findings)?;
            (!findings.has_errors()).then(|| (*environment.root).clone())
        };
        self.all.iter().map(load).collect()
    }

    /// A link leads to a file that has another name, under which it would not be looked at.
    fn is_plain_file(&self, path: &Utf8Path) -> bool {
        let (folder, name) = (path.parent().unwrap_or(Utf8Path::new("")), path.file_name());
        let entries = self.disk.list(folder).unwrap_or_default();
        entries.iter().any(|entry| Some(entry.name.as_str()) == name && entry.kind == EntryKind::File)
    }
}

fn take(
    path: &Utf8Path,
    (text, taken): (String, BTreeSet<Span>),
    spans: &BTreeMap<Span, String>,
    trimmed: &mut BTreeMap<Utf8PathBuf, Trimmed>,
) -> bool {
    let is_taken = |span: &Span| taken.iter().any(|it| it.range() == span.range());
    let removed = spans.iter().filter(|(span, _)| is_taken(span)).map(|(_, message)| message.clone());
    let file = trimmed.entry(path.to_owned()).or_insert_with(|| Trimmed {
        path: path.to_owned(),
        text: String::new(),
        removed: Vec::new(),
    });
    file.text = text;
    file.removed.extend(removed);
    true
}

/// Equal in all that a template can see, the order of keys included.
fn is_same_in_order(a: &Tree, b: &Tree) -> bool {
    match (&a.content, &b.content) {
        (Content::Map(a), Content::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && is_same_in_order(a.1, b.1))
        }
        (Content::List(a), Content::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_in_order(a, b))
        }
        _ => a.is_same_as(b),
    }
}
