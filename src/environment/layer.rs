//! [`Layer`]: a folder's YAML files, or one file, as a single [`Patch`].

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use indexmap::IndexMap;

use super::acknowledge::{self, ACKNOWLEDGE, Acknowledgement};
use super::elsewhere;
use super::foreign;
use super::name::{is_part, is_yaml};
use super::patch::{Collection, Patch};
use super::place::Place;
use super::shape::{Shape, Toll};
use super::{Origin, read, unreadable, wording};
use crate::account::{Cost, MOST_BYTES};
use crate::disk::{self, Disk, EntryKind, ReadError};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::project::outside::{self, OUTSIDE, Outside};
use crate::project::path::{self, PathFault};
use crate::project::unread;
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Entry, Node};

/// The reserved key under which a layer names those it lies on.
pub(super) const EXTENDS: &str = "extends";

/// The name under which templates have what platc says of a run; a value of this name would never be seen.
pub(super) const PLATC: &str = "platc";

/// What it costs to keep a finding about a layer.
pub(super) const FINDING: Cost = Cost { steps: 200, bytes: 600 };

/// What a layer says, and what is wrong with it whatever it lies on.
#[derive(Debug)]
pub struct Layer {
    /// The folder or the file, relative to the project.
    pub path: Utf8PathBuf,
    pub files: Vec<FileId>,
    pub extends: Vec<Extends>,
    /// Findings that are as they should be.
    pub acknowledged: Vec<Acknowledgement>,
    /// What other tools make.
    pub outside: Vec<Outside>,
    pub patch: Patch,
    /// All files could be read, and all of `extends`. If not, what the layer says is not known, and nothing can be merged with it.
    pub complete: bool,
    /// What it cost to read, for all who use it, and how much that was.
    pub cost: Cost,
    pub bytes: u64,
    /// What it cost beside that to know the places of the schema.
    pub toll: Cost,
    pub findings: Findings,
}

/// One entry of `extends`.
#[derive(Clone, Debug)]
pub struct Extends {
    /// As it was written.
    pub written: Arc<str>,
    /// Relative to the project.
    pub path: Utf8PathBuf,
    pub span: Span,
}

/// Why there is no layer at a path.
#[derive(Debug)]
pub enum Absent {
    /// Nothing is there; the names of what is there instead, and layers of this name that lie elsewhere.
    Missing(Vec<String>, Vec<Utf8PathBuf>),
    /// A folder without YAML files.
    Empty,
    Unreadable(ReadError),
}

impl Layer {
    /// Reads the layer at a path: a file if its name ends like one, a folder otherwise.
    pub fn read(
        path: &Utf8Path,
        shape: impl Shape,
        disk: &dyn Disk,
        sources: &Sources,
        limits: &Limits,
    ) -> Result<Self, Absent> {
        let files = files(path, disk)?;
        let mut reader = Reader {
            cost: Cost::NONE,
            toll: Toll::default(),
            bytes: 0,
            sources,
            limits,
            findings: Findings::default(),
            extends: None,
            acknowledged: Vec::new(),
            outside: Vec::new(),
            complete: true,
        };
        for path in mistakable(path, disk) {
            reader.findings.push(unread::finding(&path, sources));
        }
        let mut layer: Option<Patch> = None;
        let mut ids = Vec::with_capacity(files.len());
        let twice = marked_twice(&files);
        for path in files {
            if twice.as_ref() == Some(&path) {
                reader.findings.push(wording::marked_twice(&path, sources));
                continue;
            }
            // No account has room for it: one folder must not fill the memory before anybody is charged.
            if reader.cost.bytes > MOST_BYTES {
                reader.complete = false;
                break;
            }
            let loaded = disk::text::load(disk, &path, limits.file_bytes, sources, &mut reader.findings);
            let Some(file) = loaded else {
                reader.complete = false;
                continue;
            };
            ids.push(file);
            let folder = path.parent().unwrap_or(Utf8Path::new(""));
            let Some(patch) = reader.file(file, folder, shape) else {
                reader.complete = false;
                continue;
            };
            layer = Some(match layer {
                Some(layer) => unite(layer, patch, &[], &Place::ROOT, &mut reader.findings),
                None => patch,
            });
        }
        if reader.toll.is_over() {
            // What was left out must not be missed: no account has room for this.
            reader.complete = false;
            reader.toll.cost = Cost { steps: u64::MAX, bytes: u64::MAX };
        }
        let nowhere = Span::file_start(ids.first().copied().unwrap_or_else(|| sources.add(path, "")));
        let patch = layer.unwrap_or_else(|| map(nowhere, IndexMap::new()));
        let extends = reader.extends.map_or_else(Vec::new, |(_, extends)| extends);
        Ok(Self {
            path: path.to_owned(),
            files: ids,
            extends,
            acknowledged: reader.acknowledged,
            outside: reader.outside,
            patch,
            complete: reader.complete,
            toll: reader.toll.cost,
            cost: reader.cost.plus(FINDING.times(reader.findings.iter().len() as u64)),
            bytes: reader.bytes,
            findings: reader.findings,
        })
    }
}

/// What reading a layer costs: its nodes with their places, and the tree that is made of them.
fn read_cost(nodes: u64, bytes: u64) -> Cost {
    Cost { steps: nodes * 10 + bytes / 8, bytes: nodes * 480 + bytes }
}

/// The files in the folder of a layer that look like a part of it and are none.
fn mistakable(path: &Utf8Path, disk: &dyn Disk) -> Vec<Utf8PathBuf> {
    if is_yaml(path.as_str()) {
        return Vec::new();
    }
    let entries = disk.list(path).unwrap_or_default().into_iter();
    let files = entries.filter(|entry| entry.kind != EntryKind::Folder && unread::is_mistakable(&entry.name));
    files.map(|entry| path.join(entry.name)).collect()
}

/// `environment.yml` beside `environment.yaml`.
fn marked_twice(files: &[Utf8PathBuf]) -> Option<Utf8PathBuf> {
    let is = |name: &str| files.iter().find(|path| path.file_name() == Some(name));
    is("environment.yaml").and_then(|_| is("environment.yml")).cloned()
}

/// The files of a layer, sorted by name.
pub(super) fn files(path: &Utf8Path, disk: &dyn Disk) -> Result<Vec<Utf8PathBuf>, Absent> {
    let siblings = || {
        let entries = match disk.list(path.parent().unwrap_or(Utf8Path::new(""))) {
            Ok(entries) => entries,
            Err(ReadError::Missing | ReadError::WrongKind(_)) => Vec::new(),
            Err(error) => return Err(Absent::Unreadable(error)),
        };
        let layers = entries.into_iter().filter(|entry| entry.kind != EntryKind::File || is_yaml(&entry.name));
        Ok(layers.map(|entry| entry.name).collect::<Vec<_>>())
    };
    if is_yaml(path.as_str()) {
        let siblings = siblings()?;
        let there = siblings.iter().any(|name| Some(name.as_str()) == path.file_name());
        return if there {
            Ok(vec![path.to_owned()])
        } else {
            Err(Absent::Missing(siblings, elsewhere::of(path, disk)))
        };
    }
    match disk.list(path) {
        Ok(entries) => {
            let files = entries.into_iter().filter(|entry| entry.kind != EntryKind::Folder && is_part(&entry.name));
            let files: Vec<_> = files.map(|entry| path.join(entry.name)).collect();
            if files.is_empty() { Err(Absent::Empty) } else { Ok(files) }
        }
        Err(ReadError::Missing | ReadError::WrongKind(_)) => {
            Err(Absent::Missing(siblings()?, elsewhere::of(path, disk)))
        }
        Err(error) => Err(Absent::Unreadable(error)),
    }
}

struct Reader<'a> {
    sources: &'a Sources,
    limits: &'a Limits,
    cost: Cost,
    /// What knowing the schema's places has cost beside that.
    toll: Toll,
    bytes: u64,
    findings: Findings,
    /// The place of the key, and what it holds.
    extends: Option<(Span, Vec<Extends>)>,
    acknowledged: Vec<Acknowledgement>,
    outside: Vec<Outside>,
    /// Nothing was left out so far that could not be understood.
    complete: bool,
}

impl Reader<'_> {
    fn file(&mut self, file: FileId, folder: &Utf8Path, shape: impl Shape) -> Option<Patch> {
        let mut mistakes = Findings::default();
        let read = yaml::read::read(self.sources, file, self.limits, &mut mistakes);
        if !mistakes.is_empty() {
            unreadable::hide(file, shape, self.sources);
            self.findings.append(mistakes);
        }
        let mut node = read?;
        if let Some(finding) =
            foreign::file(self.sources.get(file).path(), file).filter(|_| node.get("apiVersion").is_none())
        {
            self.findings.push(finding);
            return None;
        }
        let bytes = self.sources.get(file).text().len();
        self.bytes += bytes as u64;
        self.cost = self.cost.plus(read_cost(node.size() as u64, bytes as u64));
        match &mut node.content {
            yaml::Content::Map(entries) => {
                if let Some(at) = entries.iter().position(|entry| &*entry.key.text == EXTENDS) {
                    let entry = entries.remove(at);
                    self.extends(&entry, folder);
                }
                if let Some(at) = entries.iter().position(|entry| &*entry.key.text == ACKNOWLEDGE) {
                    let entry = entries.remove(at);
                    self.acknowledged.extend(acknowledge::read(&entry, &mut self.findings));
                }
                if let Some(at) = entries.iter().position(|entry| &*entry.key.text == OUTSIDE) {
                    let entry = entries.remove(at);
                    self.outside.extend(outside::read(&entry, &mut self.findings));
                }
                if let Some(at) = entries.iter().position(|entry| &*entry.key.text == PLATC) {
                    let entry = entries.remove(at);
                    self.findings.push(wording::reserved_key(&entry));
                }
                if let Some(finding) = foreign::of(entries, shape, EXTENDS) {
                    self.findings.push(finding);
                    return None;
                }
            }
            // A file of comments only: a layer that says nothing yet.
            yaml::Content::Scalar { text, .. } if text.is_empty() => return Some(map(node.span, IndexMap::new())),
            yaml::Content::Scalar { .. } | yaml::Content::List(_) => {
                self.findings.push(wording::not_a_map(&node));
                return None;
            }
        }
        let beside = (&mut self.toll, &mut self.findings, self.sources);
        match read::patch(&node, None, shape, &Place::ROOT, false, beside)? {
            Patch::Delete(delete) => {
                self.findings.push(wording::deletes_all(delete.origin));
                None
            }
            patch => Some(patch),
        }
    }

    fn extends(&mut self, entry: &Entry, folder: &Utf8Path) {
        let span = entry.key.span;
        if let Some((first, _)) = &self.extends {
            let (first, second) = (Origin { key: None, value: *first }, Origin { key: None, value: span });
            self.findings.push(wording::files_disagree(first, second, &Place::ROOT.key(EXTENDS)));
            return;
        }
        let items = match &entry.value.content {
            yaml::Content::List(items) => &items[..],
            // One path, which is followed: where it does not lead anywhere, that is told as well.
            yaml::Content::Scalar { text, .. } if !text.is_empty() => {
                self.findings.push(wording::extends_is_no_list(entry));
                std::slice::from_ref(&entry.value)
            }
            _ => {
                self.findings.push(wording::extends_is_no_list(entry));
                self.complete = false;
                return;
            }
        };
        let extends: Vec<_> = items.iter().filter_map(|item| self.extended(item, folder)).collect();
        self.complete &= extends.len() == items.len();
        self.extends = Some((span, extends));
    }

    fn extended(&mut self, item: &Node, folder: &Utf8Path) -> Option<Extends> {
        let yaml::Content::Scalar { text, .. } = &item.content else {
            self.findings.push(wording::extends_holds_no_path(item));
            return None;
        };
        match path::resolve(folder, text) {
            Ok(path) => Some(Extends { written: Arc::clone(text), path, span: item.span }),
            Err(fault) => {
                self.findings.push(bad_path(text, fault, item.span));
                None
            }
        }
    }
}

fn bad_path(written: &str, fault: PathFault, span: Span) -> crate::finding::Finding {
    path::finding(written, fault, span).help("name a folder, or a `*.yaml` file, relative to this file's folder")
}

fn map(span: Span, entries: IndexMap<Arc<str>, Patch>) -> Patch {
    let origin = Origin { key: None, value: span };
    Patch::Collection(Collection { origin, overrode: Vec::new(), any_kind: false, by: None, entries })
}

/// What two files of one layer say together. They have no order, so what both set is a finding; the first is kept.
/// `known` are the keys that tell an item from the others, which both must name.
fn unite(first: Patch, second: Patch, known: &[Arc<str>], at: &Place<'_>, findings: &mut Findings) -> Patch {
    match (first, second) {
        (Patch::Collection(mut first), Patch::Collection(second)) if first.kind() == second.kind() => {
            for (name, patch) in second.entries {
                let Some(slot) = first.entries.get_mut(&name) else {
                    first.entries.insert(name, patch);
                    continue;
                };
                if known.contains(&name) {
                    continue;
                }
                let place = if first.by.is_some() { at.item(&name) } else { at.key(&name) };
                let keys = first.by.as_ref().map_or(&[][..], |by| by.keys());
                let own = std::mem::replace(slot, map(patch.origin().value, IndexMap::new()));
                *slot = unite(own, patch, keys, &place, findings);
            }
            Patch::Collection(first)
        }
        (first, second) => {
            findings.push(wording::files_disagree(first.origin(), second.origin(), at));
            first
        }
    }
}
