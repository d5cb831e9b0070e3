//! Settings that a template misses, where a file among the layers sets them and is not read for its ending.

use camino::{Utf8Path, Utf8PathBuf};

use super::Inputs;
use crate::disk::EntryKind;
use crate::finding::Findings;
use crate::finding::codes::schema::MISSING_KEY;
use crate::finding::codes::template::UNDEFINED;

/// Larger files are no layers of anybody.
const LARGEST: u64 = 1 << 18;
/// Files that are looked into at most.
const MOST: usize = 100;

/// Says so where a template asks for such a setting. `marker`: the file of the environment.
pub(super) fn tell(findings: &mut Findings, marker: &Utf8Path, inputs: &Inputs<'_>) {
    let mut files = None;
    for finding in findings.iter_mut().filter(|finding| finding.rule == &UNDEFINED || finding.rule == &MISSING_KEY) {
        let named = finding.message.strip_prefix('`').and_then(|rest| rest.split_once("` is "));
        let Some((name, "not defined" | "missing")) = named else { continue };
        let key = format!("{}:", name.split(['.', '[']).next().unwrap_or(name));
        let files = files.get_or_insert_with(|| aside(marker, inputs));
        let Some((path, _)) = files.iter().find(|(_, text)| text.lines().any(|line| line.starts_with(&key))) else {
            continue;
        };
        let stem = path.file_name().and_then(|name| name.split('.').next()).unwrap_or_default();
        let name = key.trim_end_matches(':');
        finding.help =
            Some(format!("`{path}` sets `{name}`, and is not read for its ending: rename it to `{stem}.yaml`"));
    }
}

/// The files beside layers that are none by their endings, with their texts.
fn aside(marker: &Utf8Path, inputs: &Inputs<'_>) -> Vec<(Utf8PathBuf, String)> {
    let is_file = matches!(marker.extension(), Some("yaml" | "yml"));
    let Some(own) = Some(marker).filter(|_| !is_file).or(marker.parent()) else { return Vec::new() };
    let top = own.parent().unwrap_or(own);
    let list = |folder: &Utf8Path| inputs.disk.list(folder).unwrap_or_default();
    let folders = list(top).into_iter().filter(|entry| entry.kind == EntryKind::Folder).map(|it| top.join(it.name));
    let mut found = Vec::new();
    for folder in folders {
        for entry in list(&folder) {
            let ending = Utf8Path::new(&entry.name).extension();
            let is_let_alone = entry.name.starts_with('.') || matches!(ending, Some("yaml" | "yml" | "md"));
            if is_let_alone || entry.kind != EntryKind::File || found.len() == MOST {
                continue;
            }
            let path = folder.join(&entry.name);
            if let Some(text) = inputs.disk.read(&path, LARGEST).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                found.push((path, text));
            }
        }
    }
    found
}
