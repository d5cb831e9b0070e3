//! Imported schemas that lie where nobody reads them: they would judge nothing, and nothing would say so.

use camino::{Utf8Path, Utf8PathBuf};

use crate::disk::{Disk, Entry, EntryKind};
use crate::finding::codes::hygiene::IGNORED_FILE;
use crate::finding::{Finding, Findings};
use crate::project::unread;
use crate::source::{Sources, Span};

/// What each folder of imported schemas holds, and what people call it by mistake.
const FOLDERS: [(&str, &[&str]); 3] = [
    ("kubernetes", &["kubernets", "kubernetees", "k8s", "kube"]),
    ("cloudformation", &["cfn", "cloud-formation", "cloudformations"]),
    ("helm", &["charts"]),
];

/// Bytes of a file that may be a rule at most.
const RULE: u64 = 64 << 10;

/// Says which files of schemas are not read, below the folder of schemas.
pub fn misplaced(disk: &dyn Disk, folder: &Utf8Path, sources: &Sources, findings: &mut Findings) {
    let all = list(disk, folder);
    for (name, others) in FOLDERS {
        let is_near = |entry: &&Entry| {
            let lower = entry.name.to_ascii_lowercase();
            entry.kind == EntryKind::Folder && entry.name != name && (lower == name || others.contains(&&*lower))
        };
        for entry in all.iter().filter(is_near) {
            let path = folder.join(&entry.name);
            // It may be what other schemas refer to.
            if holds_imported(disk, &path, name) {
                findings.push(ignored(&path, sources, &format!("rename it to `{name}`")));
            }
        }
    }
    for entry in all.iter().filter(|entry| entry.kind != EntryKind::Folder && is_schema(&entry.name)) {
        let path = folder.join(&entry.name);
        if is_rule(disk, &path) {
            findings.push(ignored(&path, sources, &format!("it is a rule: move it to `{}`", folder.join("rules"))));
        }
    }
    for entry in list(disk, &folder.join("kubernetes")) {
        let path = folder.join("kubernetes").join(&entry.name);
        if entry.kind != EntryKind::Folder {
            if is_schema(&entry.name) {
                let help = "it belongs into a folder with the name of its group: `platc schema import` puts it there";
                findings.push(ignored(&path, sources, help));
            }
            continue;
        }
        for file in list(disk, &path) {
            if unread::is_left_behind(&file.name) {
                findings.push(unread::left_behind(&path.join(&file.name), sources));
            }
            if file.kind != EntryKind::Folder && is_schema(&file.name) && !is_of_kind(&file.name) {
                let help = "its name is that of the kind and its version: `Deployment_v1.yaml`";
                findings.push(ignored(&path.join(&file.name), sources, help));
            }
        }
    }
    for entry in list(disk, &folder.join("helm")) {
        if entry.kind == EntryKind::Folder && entry.name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            let help = format!("rename it to `{}`, as the chart is called", entry.name.to_ascii_lowercase());
            findings.push(ignored(&folder.join("helm").join(&entry.name), sources, &help));
        }
    }
}

fn list(disk: &dyn Disk, folder: &Utf8Path) -> Vec<Entry> {
    disk.list(folder).unwrap_or_default()
}

fn is_schema(name: &str) -> bool {
    let ending = Utf8Path::new(name).extension().unwrap_or_default();
    matches!(&*ending.to_ascii_lowercase(), "yaml" | "yml" | "json")
}

/// `Deployment_v1.yaml`.
fn is_of_kind(name: &str) -> bool {
    let path = Utf8Path::new(name);
    let is_read = matches!(path.extension(), Some("yaml" | "yml" | "json"));
    let parts = path.file_stem().and_then(|stem| stem.rsplit_once('_'));
    is_read
        && parts.is_some_and(|(kind, version)| {
            kind.starts_with(|first: char| first.is_ascii_uppercase())
                && version.strip_prefix('v').is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
        })
}

/// Whether a folder holds what an import makes of this kind.
fn holds_imported(disk: &dyn Disk, folder: &Utf8Path, name: &str) -> bool {
    let all = list(disk, folder);
    let is_type = |entry: &Entry| is_schema(&entry.name) && entry.name.split('-').count() >= 3;
    if name == "cloudformation" {
        return all.iter().any(is_type);
    }
    let is_imported = |file: &Entry| {
        let is_version = file.name.starts_with(|digit: char| digit.is_ascii_digit()) && is_schema(&file.name);
        if name == "kubernetes" { is_of_kind(&file.name) } else { is_version }
    };
    let folders = all.iter().filter(|entry| entry.kind == EntryKind::Folder).map(|entry| folder.join(&entry.name));
    folders.into_iter().any(|folder| list(disk, &folder).iter().any(is_imported))
}

/// Whether a file has the keys of a rule, which no schema has together.
fn is_rule(disk: &dyn Disk, path: &Utf8Path) -> bool {
    let Ok(bytes) = disk.read(path, RULE) else { return false };
    let has = |key: &str| bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(key.as_bytes()));
    ["id:", "match:", "rule:"].into_iter().all(has)
}

fn ignored(path: &Utf8PathBuf, sources: &Sources, help: &str) -> Finding {
    let span = Span::file_start(sources.add(path.clone(), ""));
    let finding = Finding::new(&IGNORED_FILE, span, format!("`{path}` is not read, and judges nothing"));
    finding.help(help)
}
