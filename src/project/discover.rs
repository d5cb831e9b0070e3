//! Finding environments: a folder with `environment.yaml`, at any depth, or a file directly below `environments/`.
//! What begins with `.` or `_` is not looked at, so that single files can be layers only; nor is a folder with a
//! `platc.yaml` and environments of its own, which is another project.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{ENVIRONMENT, Entry, name, unread};
use crate::disk::folder::linked;
use crate::disk::{self, Disk, EntryKind, ReadError, text::unreadable_on};
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{Sources, Span};

/// Where environments lie if nothing else is said.
const ENVIRONMENTS: &str = "environments";
/// Settings of another project are read up to here.
const SETTINGS: u64 = 64 << 10;

/// What lies below the folders of environments.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Sorted by name, no name twice, no environment inside another.
    pub(super) environments: Vec<Entry>,
    /// Folders with YAML files that are no environments.
    pub(super) layers: Vec<Utf8PathBuf>,
    /// Files beside environments that can be layers only.
    pub(super) layer_files: Vec<Utf8PathBuf>,
    /// There are links to folders that are no environments: layers may be extended by other paths than their own.
    pub(super) is_linked: bool,
}

/// A folder to look into, and the environment around it.
struct Folder {
    path: Utf8PathBuf,
    inside: Option<Utf8PathBuf>,
}

pub(super) fn environments(
    tops: &[Utf8PathBuf],
    disk: &dyn Disk,
    limits: &Limits,
    sources: &Sources,
    findings: &mut Findings,
) -> Found {
    let (environments, found) = (BTreeMap::new(), Found::default());
    let mut walk = Walk { top: Utf8Path::new(""), disk, sources, findings, environments, found, seen: 0 };
    for top in tops {
        walk.top = top;
        walk.below(limits);
    }
    walk.leave_out_inner_trees();
    let Walk { environments, mut found, .. } = walk;
    found.layers.sort();
    found.layer_files.sort();
    found.environments = environments.into_iter().map(|(name, path)| Entry { name, path }).collect();
    found
}

struct Walk<'a> {
    top: &'a Utf8Path,
    disk: &'a dyn Disk,
    sources: &'a Sources,
    findings: &'a mut Findings,
    environments: BTreeMap<Arc<str>, Utf8PathBuf>,
    found: Found,
    seen: usize,
}

impl Walk<'_> {
    /// Everything below the top.
    fn below(&mut self, limits: &Limits) {
        let mut folders = vec![Folder { path: self.top.to_owned(), inside: None }];
        while let Some(folder) = folders.pop() {
            let entries = match self.disk.list(&folder.path) {
                Ok(entries) => entries,
                Err(ReadError::Missing) if folder.path == self.top => {
                    self.no_environments();
                    continue;
                }
                Err(error) => {
                    self.unreadable(&folder.path, &error);
                    continue;
                }
            };
            self.seen += entries.len();
            if self.seen > limits.project_files {
                self.too_many(limits.project_files);
                break;
            }
            self.folder(folder, entries, &mut folders);
        }
    }

    fn folder(&mut self, folder: Folder, entries: Vec<disk::Entry>, folders: &mut Vec<Folder>) {
        let is_top = folder.path == self.top;
        if !is_top && entries.iter().any(|entry| entry.name == super::FILE) {
            self.other_project(&folder.path, &entries);
            return;
        }
        self.left_behind(&folder.path, &entries);
        let is_environment = !is_top && entries.iter().any(is_marker);
        let inside = if is_environment {
            match &folder.inside {
                Some(outer) => self.nested(&folder.path, outer),
                None => self.add(&folder.path, folder.path.clone()),
            }
            Some(folder.path.clone())
        } else {
            if !is_top && entries.iter().any(is_part) {
                self.found.layers.push(folder.path.clone());
            }
            folder.inside
        };
        if is_top {
            let only_layers = entries.iter().filter(|entry| is_yaml(entry) && entry.name.starts_with('_'));
            self.found.layer_files.extend(only_layers.map(|entry| folder.path.join(&entry.name)));
        }
        for entry in entries.into_iter().filter(|entry| !entry.name.starts_with(['.', '_'])) {
            let path = folder.path.join(&entry.name);
            match entry.kind {
                _ if is_yaml(&entry) => {
                    if is_top {
                        self.add(&path.with_extension(""), path);
                    }
                }
                EntryKind::Folder => folders.push(Folder { path, inside: inside.clone() }),
                // Other files beside a layer are looked at when it is read.
                EntryKind::File if unread::is_mistakable(&entry.name) && (is_top || is_lost_marker(&entry)) => {
                    if inside.is_none() {
                        self.findings.push(unread::finding(&path, self.sources));
                    }
                }
                EntryKind::Link if inside.is_none() => self.link(path),
                EntryKind::Link | EntryKind::File | EntryKind::Special => {}
            }
        }
    }

    /// A folder with a `platc.yaml` is left alone, unless that would take environments of this project out of it.
    fn other_project(&mut self, path: &Utf8Path, entries: &[disk::Entry]) {
        let folders = || entries.iter().filter(|entry| entry.kind == EntryKind::Folder);
        let holds = |folder: &disk::Entry| {
            let below = self.disk.list(&path.join(&folder.name)).unwrap_or_default();
            folder.name != ENVIRONMENTS && below.iter().any(is_marker)
        };
        let has_own = folders().any(|folder| folder.name == ENVIRONMENTS);
        let file = path.join(super::FILE);
        let names_own = || {
            let text = self.disk.read(&file, SETTINGS).unwrap_or_default();
            String::from_utf8_lossy(&text).lines().any(|line| line.starts_with("environments:"))
        };
        let is_project = has_own && !folders().any(holds) || !has_own && names_own();
        if is_project && !entries.iter().any(is_marker) {
            return;
        }
        let message = format!("`{file}` makes `{path}` another project, and no environment in it is one of this");
        let finding = self.finding(&codes::project::NESTED_PROJECT, &file, message);
        self.findings.push(finding.help(format!(
            "remove it: there is one `{}`, above the folder of environments; or move the other project away",
            super::FILE
        )));
    }

    /// What a run that was killed has left beside a layer.
    fn left_behind(&mut self, path: &Utf8Path, entries: &[disk::Entry]) {
        let names = entries.iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.name.as_str());
        let found = names.filter(|name| unread::is_left_behind(name)).map(|name| path.join(name));
        self.findings.extend(found.map(|path| unread::left_behind(&path, self.sources)));
    }

    /// A link to the folder of an environment counts as that folder. Links are not followed further down: they can
    /// lead in circles.
    fn link(&mut self, path: Utf8PathBuf) {
        match self.disk.list(&path) {
            Ok(entries) if entries.iter().any(is_marker) => self.add(&path.clone(), path),
            Ok(entries) => {
                let holds = |entry: &disk::Entry| {
                    let below = path.join(&entry.name);
                    entry.kind == EntryKind::Folder && self.disk.list(&below).is_ok_and(|it| it.iter().any(is_marker))
                };
                // Upwards is where environments are found anyway.
                let is_around = self.disk.list(&path.join(self.top)).is_ok()
                    || self.disk.list(self.top).is_ok_and(|top| top == entries);
                if !is_around && entries.iter().any(holds) {
                    self.findings.extend(linked(self.disk, &path, self.sources));
                }
                // A layer that will be read by another path.
                self.found.is_linked = true;
            }
            // To a file without YAML's ending.
            Err(ReadError::WrongKind(_)) => {}
            Err(error) => self.unreadable(&path, &error),
        }
    }

    /// `place` is the path that gives the environment its name, `path` what there is to read.
    fn add(&mut self, place: &Utf8Path, path: Utf8PathBuf) {
        let name = place.strip_prefix(self.top).unwrap_or(place);
        if let Some((part, fault)) = name.components().find_map(|part| Some((part, name::check(part.as_str()).err()?)))
        {
            let finding = self.finding(&codes::project::ENVIRONMENT_NAME, &path, format!("`{part}` {fault}"));
            let lower = part.as_str().to_ascii_lowercase().replace('_', "-");
            self.findings.push(if name::check(&lower).is_ok() {
                finding.help(format!("rename it to `{lower}`"))
            } else {
                finding.help("rename it; the name of an environment becomes the folder of its tree")
            });
            return;
        }
        if let Some(other) = self.environments.get(name.as_str()) {
            let message = format!("two environments are named `{name}`");
            let finding = self
                .finding(&codes::project::SAME_NAME, &path, message)
                .also(Span::file_start(self.sources.add(other.clone(), "")), "the other one")
                .help("rename one, or make one of them a layer by a name that begins with `_`");
            self.findings.push(finding);
            return;
        }
        self.environments.insert(name.as_str().into(), path);
    }

    fn nested(&mut self, path: &Utf8Path, outer: &Utf8Path) {
        let message = format!("the environment `{path}` lies inside the environment `{outer}`");
        let finding = self.finding(&codes::project::NESTED_ENVIRONMENT, path, message);
        self.findings.push(finding.help(format!("move it out of `{outer}`")));
    }

    /// `prod.yaml` and `prod/eu/environment.yaml` lie beside each other, and so do those of two folders; their trees,
    /// `prod` and `prod/eu`, would not.
    fn leave_out_inner_trees(&mut self) {
        let names: Vec<Arc<str>> = self.environments.keys().cloned().collect();
        for name in &names {
            let mut around = Utf8Path::new(&**name).ancestors().skip(1);
            let Some(outer) = around.find_map(|outer| names.iter().find(|name| &***name == outer.as_str())) else {
                continue;
            };
            let (Some(path), Some(other)) = (self.environments.get(name), self.environments.get(outer)) else {
                continue;
            };
            let message = format!("the tree of the environment `{name}` would lie in the tree of `{outer}`");
            let finding = self
                .finding(&codes::project::NESTED_ENVIRONMENT, path, message)
                .also(Span::file_start(self.sources.add(other.clone(), "")), format!("`{outer}` is this one"))
                .help(format!("rename one, so that no name begins with `{outer}/`"));
            self.findings.push(finding);
        }
        let is_inner = |name: &Arc<str>| {
            Utf8Path::new(&**name).ancestors().skip(1).any(|outer| names.iter().any(|name| &**name == outer.as_str()))
        };
        self.environments.retain(|name, _| !is_inner(name));
    }

    fn no_environments(&mut self) {
        let message = format!("there is no folder `{}`", self.top);
        let finding = self.finding(&codes::project::NO_ENVIRONMENTS, self.top, message);
        let other = Utf8Path::new(ENVIRONMENTS);
        if self.top != other && self.disk.list(other).is_ok() {
            let help = format!("did you mean `{other}`? `environments` in `{}` names the folder", super::FILE);
            self.findings.push(finding.help(help));
            return;
        }
        self.findings.push(finding.help(format!(
            "put an environment into it, as `{}/<name>/{ENVIRONMENT}.yaml`; `environments` in `{}` names another folder",
            self.top,
            super::FILE
        )));
    }

    fn unreadable(&mut self, path: &Utf8Path, error: &ReadError) {
        let span = Span::file_start(self.sources.add(path, ""));
        self.findings.push(unreadable_on(self.disk, path, error, span));
    }

    fn too_many(&mut self, limit: usize) {
        let message = format!("there are more than {limit} files and folders below `{}`", self.top);
        let finding = self.finding(&codes::project::TOO_LARGE, self.top, message);
        self.findings.push(finding.help("move what is no environment out of the way"));
    }

    /// A finding about a path as a whole.
    fn finding(&self, rule: &'static codes::Rule, path: &Utf8Path, message: String) -> Finding {
        Finding::new(rule, Span::file_start(self.sources.add(path, "")), message)
    }
}

fn is_yaml(entry: &disk::Entry) -> bool {
    entry.kind != EntryKind::Folder && matches!(Utf8Path::new(&entry.name).extension(), Some("yaml" | "yml"))
}

/// A file that is read where the folder is a layer.
fn is_part(entry: &disk::Entry) -> bool {
    is_yaml(entry) && !entry.name.starts_with(['.', '_'])
}

/// A file that would make a folder an environment, had it another ending.
fn is_lost_marker(entry: &disk::Entry) -> bool {
    entry.name.split('.').next().is_some_and(|stem| stem.eq_ignore_ascii_case(ENVIRONMENT))
}

/// The file that makes a folder an environment.
fn is_marker(entry: &disk::Entry) -> bool {
    is_yaml(entry) && Utf8Path::new(&entry.name).file_stem() == Some(ENVIRONMENT)
}
