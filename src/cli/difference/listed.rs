//! The list of what platc wrote, where trees are held to what they should be. Files of others stay as they are, so a list
//! that names too few files would make platc's own theirs: they would never be removed, and nobody would be told.

use camino::Utf8Path;

use super::{Before, Held, Old};
use crate::artifact::{self, File};
use crate::diff::Files;
use crate::diff::side::Side;
use crate::finding::{Finding, Findings, codes};
use crate::source::{Position, Sources, Span};
use crate::tree::{self, manifest};

/// A tree and its list.
pub(super) struct Listed<'a> {
    pub(super) before: &'a Before<'a>,
    pub(super) name: &'a str,
    /// What the environment compiles to.
    pub(super) files: &'a [File],
    /// The same, and what is looked at of it.
    pub(super) new: &'a Files<'a>,
    /// No file differs.
    pub(super) same: bool,
    /// All files are looked at.
    pub(super) whole: bool,
}

impl Listed<'_> {
    /// What is wrong with the list, and whether the tree may be said to be up to date nevertheless.
    pub(super) fn check(&self, old: &Old, sources: &Sources) -> Findings {
        let mut findings = Findings::default();
        let again = match old {
            Old::Golden => format!("platc golden --accept {}", self.name),
            Old::Output(_) => format!("platc render --overwrite-edits {}", self.name),
            _ => return findings,
        };
        let Held::Side(side) = &self.before.held else { return findings };
        let tree = Utf8Path::new(&self.before.label);
        if let Some((bytes, damage)) = side.damaged() {
            findings.push(tree::damaged_manifest(tree, bytes, damage, &again, sources));
        } else if self.same && self.whole {
            findings.extend(self.wrong(side, &again, sources));
        }
        findings.extend(self.left(side, sources));
        findings
    }

    /// A list that is not the one that would be written, although the files are.
    fn wrong(&self, side: &Side, again: &str, sources: &Sources) -> Option<Finding> {
        let path = Utf8Path::new(&self.before.label).join(manifest::PATH);
        let help = format!("run `{again}`, which writes it anew");
        let Some(bytes) = side.list() else {
            let message = format!("`{path}` is missing: it lists what platc wrote");
            let at = Span::file_start(sources.add(path, ""));
            return Some(Finding::new(&codes::output::MANIFEST, at, message).help(help));
        };
        let (standing, wanted) = (manifest::parse(bytes).ok()?, manifest::of(self.files));
        if standing.files == wanted.files {
            return None;
        }
        let mut paths = standing.files.keys().chain(wanted.files.keys());
        let path_of_first = paths.by_ref().filter(|path| standing.files.get(*path) != wanted.files.get(*path)).min()?;
        let what = match (standing.files.get(path_of_first), wanted.files.get(path_of_first)) {
            (None, _) => format!("it does not name `{path_of_first}`"),
            (_, None) => format!("it names `{path_of_first}`, which `{}` does not make", self.name),
            _ => format!("it says something else of `{path_of_first}`"),
        };
        let line = 1 + standing.files.keys().take_while(|path| *path <= path_of_first).count() as u32;
        let file = sources.add(path.clone(), String::from_utf8_lossy(bytes));
        let line = line + u32::from(standing.inputs.is_some());
        let start = sources.get(file).offset(Position { line, column: 1 }) as usize;
        let at = Span::new(file, start, start + sources.get(file).line(line).len());
        let message = format!("`{path}` is not the list of what `{}` compiles to", self.name);
        Some(Finding::new(&codes::output::MANIFEST, at, message).label(what).help(help))
    }

    /// Files that platc made and that the list does not name.
    fn left(&self, side: &Side, sources: &Sources) -> Vec<Finding> {
        let tree = Utf8Path::new(&self.before.label);
        let made = side.unnamed(self.new).filter(|(_, bytes)| artifact::says_made(bytes));
        made.map(|(path, bytes)| {
            let shown = tree.join(path);
            let message = format!("`{shown}` says that platc made it, but `{}` does not", self.name);
            let file = sources.add(shown, String::from_utf8_lossy(bytes));
            let at = Span::new(file, 0, sources.get(file).line(1).len());
            Finding::new(&codes::output::MANIFEST, at, message)
                .label(format!("`{}` does not name it either, so it is never removed", manifest::PATH))
                .help("remove the file; if it is yours, remove this line")
        })
        .collect()
    }
}
