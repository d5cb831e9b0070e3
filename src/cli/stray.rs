//! Templates that lie beside the folder of templates, and environments beside that of environments, where nothing reads them.

use camino::{Utf8Path, Utf8PathBuf};

use super::session::Session;
use crate::check::Severities;
use crate::disk::{Disk, EntryKind};
use crate::finding::codes::hygiene::IGNORED_FILE;
use crate::finding::{Finding, Findings};
use crate::project::{self, Project};
use crate::rules::CATALOGUE;
use crate::source::Span;

/// Folders whose templates are another tool's, or only looked at.
const FOREIGN: [&str; 14] = [
    "ansible",
    "benches",
    "build",
    "dist",
    "docs",
    "examples",
    "node_modules",
    "playbooks",
    "roles",
    "target",
    "test",
    "testdata",
    "tests",
    "vendor",
];

/// How far below the project it is looked, and how many entries at the most: it is no search of a whole disk.
const DEPTH: usize = 2;
const ENTRIES: usize = 4_000;

/// Bytes of a template that are looked at.
const HEAD: u64 = 256 << 10;

impl Session {
    /// Those that would make manifests if they lay where templates do.
    pub(super) fn stray_templates(&self, project: &Project, staged: bool) -> Findings {
        let mut findings = Findings::default();
        // What is asked here must not count as a question about the project: its answer changes with every file.
        let opened = if staged { None } else { Self::folder(&self.place).ok() };
        let disk = opened.as_deref().unwrap_or(self.disk.as_ref());
        for path in stray(disk, project) {
            let place = Span::file_start(self.sources.add(path.clone(), ""));
            if is_named_environment(&path) {
                let message = format!("`{path}` is no environment of this project, and reaches nothing");
                let finding = Finding::new(&IGNORED_FILE, place, message);
                let folder = project.config.environments.first().map_or("environments", |folder| folder.as_str());
                findings.push(finding.help(format!(
                    "move its folder below `{folder}`, or name the folder above it under `environments` in `{}`",
                    project::FILE
                )));
                continue;
            }
            let templates = &project.config.templates;
            let message = format!("`{path}` is no template of this project, and makes nothing");
            let finding = Finding::new(&IGNORED_FILE, place, message);
            let name = path.strip_prefix(path.components().next().map_or("", |it| it.as_str())).unwrap_or(&path);
            let name = if name.as_str().is_empty() { &path } else { name };
            findings.push(finding.help(format!("move it below `{templates}`: `{}`", templates.join(name))));
        }
        if findings.iter().next().is_some() {
            let own = Severities::new(&project.config.rules, &CATALOGUE, &[], &mut Findings::default());
            own.apply(&mut findings);
        }
        findings
    }
}

fn stray(disk: &dyn Disk, project: &Project) -> Vec<Utf8PathBuf> {
    let config = &project.config;
    let own = config.environments.iter().chain([&config.templates, &config.output, &config.golden, &config.schema]);
    let own: Vec<&Utf8Path> = own.map(Utf8PathBuf::as_path).collect();
    let mut found = Vec::new();
    let mut folders = vec![(Utf8PathBuf::new(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        let entries = disk.list(&folder).unwrap_or_default();
        // Another project, or a role of Ansible.
        let is_foreign = |name: &str| name == project::FILE || name == "tasks" || name == "ansible.cfg";
        if depth > 0 && entries.iter().any(|entry| is_foreign(&entry.name)) {
            continue;
        }
        seen += entries.len();
        if seen > ENTRIES {
            return Vec::new();
        }
        for entry in entries {
            let path = folder.join(&entry.name);
            let is_folder = entry.kind == EntryKind::Folder;
            let is_let_alone = entry.name.starts_with(['.', '_']) || FOREIGN.contains(&&*entry.name);
            if is_let_alone || own.iter().any(|own| path.starts_with(own)) {
                continue;
            }
            if is_folder && depth < DEPTH {
                folders.push((path, depth + 1));
            } else if entry.kind == EntryKind::File && (is_manifest(disk, &path) || is_environment(disk, &path)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn is_named_environment(path: &Utf8Path) -> bool {
    matches!(path.file_name(), Some("environment.yaml" | "environment.yml"))
}

/// Whether a file is an environment, by its name and by what it extends: other tools have files of that name.
fn is_environment(disk: &dyn Disk, path: &Utf8Path) -> bool {
    is_named_environment(path)
        && disk.read(path, HEAD).is_ok_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes);
            text.lines().any(|line| line.starts_with("extends:"))
        })
}

/// Whether a file is a template of manifests, by its name and by what stands in it.
fn is_manifest(disk: &dyn Disk, path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    if ![".yaml.j2", ".yml.j2", ".json.j2"].iter().any(|ending| name.ends_with(ending)) {
        return false;
    }
    let Ok(bytes) = disk.read(path, HEAD) else { return false };
    let text = String::from_utf8_lossy(&bytes);
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    text.starts_with("{#- platc") || has("apiVersion:") && has("kind:") || has("Resources:")
}
