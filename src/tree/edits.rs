//! Findings about what somebody else did in a tree: edits, files in the way, a damaged manifest.

use camino::Utf8Path;
use similar::TextDiff;

use super::manifest::{self, Damage};
use super::place::Site;
use crate::artifact::File;
use crate::finding::{Finding, codes};
use crate::source::{Position, Sources, Span};

/// Lines of a diff that a finding shows.
const DIFF_LINES: usize = 60;

const OVERWRITE: &str =
    "move the change into the environment or the template, or run with `--overwrite-edits` to lose it";

/// A file that platc wrote holds something else now.
pub(super) fn edited(site: &Site, file: &File, disk: Option<Vec<u8>>, sources: &Sources) -> Finding {
    let shown = site.shown.join(&file.path);
    let message = format!("`{shown}` was edited by hand");
    let Some(disk) = disk else {
        return Finding::new(&codes::output::HAND_EDITED, file.place, message)
            .label("makes this file, which is now too large to show")
            .help(OVERWRITE);
    };
    let disk = String::from_utf8_lossy(&disk).into_owned();
    let wanted = String::from_utf8_lossy(&file.bytes);
    let (line, diff) = diff(&wanted, &disk);
    let source = sources.add(shown, disk);
    let offset = |line| sources.get(source).offset(Position { line, column: 1 }) as usize;
    let start = offset(line);
    let end = start + sources.get(source).line(line).len();
    Finding::new(&codes::output::HAND_EDITED, Span::new(source, start, end), message)
        .label("the first line that platc would write otherwise")
        .also(file.place, "this template makes the file")
        .detail(if holds_secret(&wanted) || holds_secret(sources.get(source).text()) {
            "what differs is not shown: the file holds a Secret".to_owned()
        } else {
            format!("what platc renders (-) and what the file holds (+)\n{diff}")
        })
        .help(OVERWRITE)
}

/// A link, a folder or worse stands where platc wrote a file.
pub(super) fn replaced(site: &Site, path: &Utf8Path, place: Span) -> Finding {
    let message = format!("`{}` was replaced by something that is not a file", site.shown.join(path));
    Finding::new(&codes::output::HAND_EDITED, place, message)
        .label("makes a file there")
        .help("remove it, or run with `--overwrite-edits`")
}

/// A file that platc wrote, no longer makes, and would remove, but for what somebody wrote into it.
pub(super) fn edited_and_stale(
    site: &Site,
    path: &Utf8Path,
    disk: Option<Vec<u8>>,
    template: &str,
    sources: &Sources,
) -> Finding {
    let shown = site.shown.join(path);
    let text = disk.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let source = sources.add(shown.clone(), text);
    let message = format!("`{shown}` is no longer made, but was edited by hand");
    Finding::new(&codes::output::HAND_EDITED, Span::file_start(source), message)
        .label(format!("made by `{template}` before"))
        .help("remove it, or run with `--overwrite-edits`; to keep it, move it elsewhere")
}

/// Something that platc did not write leaves no room for an artifact.
pub(super) fn foreign(site: &Site, file: &File, path: &Utf8Path, sources: &Sources) -> Finding {
    let shown = site.shown.join(path);
    let message = if path == file.path {
        format!("`{shown}` exists, but platc did not write it")
    } else {
        format!("`{shown}`, which platc did not write, is in the way of `{}`", file.path)
    };
    let source = sources.add(shown, "");
    Finding::new(&codes::output::FOREIGN_FILE, file.place, message)
        .label(format!("makes `{}`", file.path))
        .also(Span::file_start(source), "")
        .help("move it away, or change the template's `output`")
}

/// The list of what platc wrote in the tree `shown` cannot be read. `again` is the command that writes it anew.
pub fn damaged_manifest(shown: &Utf8Path, bytes: &[u8], damage: Damage, again: &str, sources: &Sources) -> Finding {
    let shown = shown.join(manifest::PATH);
    let message = format!("line {} of `{shown}` {}", damage.line, damage.problem);
    let source = sources.add(shown, String::from_utf8_lossy(bytes));
    let start = sources.get(source).offset(Position { line: damage.line, column: 1 }) as usize;
    let end = start + sources.get(source).line(damage.line).len();
    Finding::new(&codes::output::MANIFEST, Span::new(source, start, end), message)
        .label("so platc cannot tell its own files from those of others")
        .help(if damage.problem == manifest::CONFLICT {
            format!("settle the conflict in environments and templates, then run `{again}`, which writes it anew")
        } else {
            format!("restore it from git, or run `{again}`, which writes it anew")
        })
}

/// Whether a file has a Secret of Kubernetes in it, as far as its lines tell.
fn holds_secret(text: &str) -> bool {
    text.lines().any(|line| line.replace(['"', '\''], "").contains("kind: Secret"))
}

/// The first line of `disk` that differs, from 1, and the difference as unified hunks.
fn diff(wanted: &str, disk: &str) -> (u32, String) {
    let diff = TextDiff::from_lines(wanted, disk);
    let same = wanted.lines().zip(disk.lines()).take_while(|(a, b)| a == b).count();
    let line = same.min(disk.lines().count().saturating_sub(1)) as u32 + 1;
    let text = diff.unified_diff().context_radius(2).to_string();
    let lines: Vec<_> = text.lines().collect();
    let shown = lines.iter().take(DIFF_LINES).copied().collect::<Vec<_>>().join("\n");
    match lines.len().saturating_sub(DIFF_LINES) {
        0 => (line, shown),
        more => (line, format!("{shown}\n… and {more} more lines")),
    }
}
