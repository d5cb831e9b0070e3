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

/// Tries at most. Each loads all environments, so that where there are many of them there are fewer tries: all else could be
/// the square of what is read. What is left over is reported by the validation as before.
fn tries(environments: usize) -> usize {
    24 + 2000 / environments.max(1)
}

/// Redundant overrides of one file, and what is said of each.
type Found = BTreeMap<Span, String>;

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
        let mut tries = tries(self.all.len());
        for _ in 0..ROUNDS {
            let found = self.redundant(wanted, &trimmed);
            let found: Vec<_> = found.into_iter().filter(|(path, _)| self.is_plain_file(path)).collect();
            if !self.files(&found, &before, &mut tries, &mut trimmed) {
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
    fn redundant(&self, wanted: &[Entry], trimmed: &BTreeMap<Utf8PathBuf, Trimmed>) -> BTreeMap<Utf8PathBuf, Found> {
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

    /// Trims files: all at once or, where an environment needs something of them, one half after the other. True if
    /// anything was taken out.
    fn files(
        &self,
        files: &[(Utf8PathBuf, Found)],
        before: &[Tree],
        tries: &mut usize,
        trimmed: &mut BTreeMap<Utf8PathBuf, Trimmed>,
    ) -> bool {
        if let [(path, spans)] = files {
            return self.file(path, spans, before, tries, trimmed);
        }
        if files.is_empty() {
            return false;
        }
        let texts: Vec<_> = files
            .iter()
            .filter_map(|(path, spans)| Some((path, spans, self.without(&spans.keys().copied().collect())?)))
            .collect();
        let changed = texts.iter().map(|(path, _, (text, _))| (*path, text.as_str()));
        if !texts.is_empty() && self.is_same_with(changed, before, tries, trimmed) {
            for (path, spans, without) in texts {
                take(path, without, spans, trimmed);
            }
            return true;
        }
        let (first, second) = files.split_at(files.len() / 2);
        let first = self.files(first, before, tries, trimmed);
        self.files(second, before, tries, trimmed) || first
    }

    /// Trims one file: of all that is redundant at once or, where an environment needs one of it, of as much as none needs.
    /// True if anything was taken out.
    fn file(
        &self,
        path: &Utf8PathBuf,
        spans: &Found,
        before: &[Tree],
        tries: &mut usize,
        trimmed: &mut BTreeMap<Utf8PathBuf, Trimmed>,
    ) -> bool {
        let mut tried = |spans: &BTreeSet<Span>, trimmed: &_| {
            if *tries == 0 {
                return None;
            }
            let (text, taken) = self.without(spans)?;
            let same = self.is_same_with([(path, text.as_str())], before, tries, trimmed);
            same.then_some((text, taken))
        };
        let all: BTreeSet<Span> = spans.keys().copied().collect();
        if let Some(without) = tried(&all, trimmed) {
            return take(path, without, spans, trimmed);
        }
        let (mut kept, mut best) = (BTreeSet::new(), None);
        for span in all {
            kept.insert(span);
            match tried(&kept, trimmed) {
                Some(without) => best = Some(without),
                None => drop(kept.remove(&span)),
            }
        }
        best.is_some_and(|without| take(path, without, spans, trimmed))
    }

    /// A file without what stands at some spans of it, if that can be taken out.
    fn without(&self, spans: &BTreeSet<Span>) -> Option<(String, BTreeSet<Span>)> {
        let file = spans.first()?.file;
        // The same file may have been read twice.
        let spans: BTreeSet<Span> = spans.iter().map(|span| Span { file, ..*span }).collect();
        let root = yaml::read::read(self.sources, file, self.limits, &mut Findings::default())?;
        let (text, taken) = edit::without(self.sources.get(file).text(), &root, &spans, Comments::Stay);
        (!taken.is_empty()).then_some((text, taken))
    }

    /// Whether all environments are what they were, with other texts of some files; no, where there are no tries left.
    fn is_same_with<'t>(
        &self,
        texts: impl IntoIterator<Item = (&'t Utf8PathBuf, &'t str)>,
        before: &[Tree],
        tries: &mut usize,
        trimmed: &BTreeMap<Utf8PathBuf, Trimmed>,
    ) -> bool {
        let Some(left) = tries.checked_sub(1) else { return false };
        *tries = left;
        let mut disk = self.patched(trimmed);
        for (path, text) in texts {
            disk = disk.with(path, text.as_bytes().to_vec());
        }
        let Some(after) = self.roots(&disk) else { return false };
        before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| is_same_in_order(a, b))
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
    spans: &Found,
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
