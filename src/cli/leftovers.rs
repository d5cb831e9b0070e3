//! What runs leave beside a tree and remove again, if it was committed: a stage, what was there before, a journal, a lock.

use camino::{Utf8Path, Utf8PathBuf};

use super::exit::Failure;
use super::session::Session;
use crate::disk::Disk;
use crate::finding::codes::output::TRACKED_LEFTOVER;
use crate::finding::{Finding, Findings};
use crate::project::Project;
use crate::source::Span;
use crate::tree::ASIDE;

const KINDS: [&str; 4] = ["lock", "stage", "old", "journal"];

impl Session {
    /// Those that git tracks. The index is asked only if some lie there.
    pub(super) fn tracked_leftovers(&self, project: &Project) -> Findings {
        let mut findings = Findings::default();
        let folders = [&project.config.output, &project.config.golden];
        let found: Vec<Utf8PathBuf> =
            folders.into_iter().flat_map(|folder| beside(self.disk.as_ref(), folder)).collect();
        if found.is_empty() {
            return findings;
        }
        // Without a repository nothing is tracked.
        let Ok(index) = self.index_of() else { return findings };
        for path in found.iter().filter(|path| holds(&index, path)) {
            let name = path.file_name().unwrap_or_default();
            let place = Span::file_start(self.sources.add(path.clone(), ""));
            findings.push(
                Finding::new(&TRACKED_LEFTOVER, place, format!("`{name}` is tracked by git"))
                    .label("a run makes it and removes it again")
                    .help(format!("run `git rm -r --cached {path}`, and add the line `.*.platc-*` to `.gitignore`")),
            );
        }
        findings
    }
}

impl Session {
    /// A folder that is made aside is removed before: one of that name that git tracks is somebody's.
    pub(super) fn keeps_aside_free(&self) -> Result<(), Failure> {
        let aside = Utf8Path::new(ASIDE);
        if !holds(self.disk.as_ref(), aside) {
            return Ok(());
        }
        // Without a repository nothing is tracked.
        match self.index_of() {
            Ok(index) if holds(&index, aside) => Err(Failure::new(format!("`{ASIDE}` is tracked by git")).help(
                "folders are made there and what a killed run left is removed; give it another name, or take it out",
            )),
            _ => Ok(()),
        }
    }
}

/// Leftovers in a folder of trees.
fn beside(disk: &dyn Disk, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = disk.list(folder).unwrap_or_default();
    entries.iter().filter(|entry| is_leftover(&entry.name)).map(|entry| folder.join(&entry.name)).collect()
}

/// Whether it is `.NAME.platc-KIND`.
pub(super) fn is_leftover(name: &str) -> bool {
    let parts = name.strip_prefix('.').and_then(|name| name.rsplit_once(".platc-"));
    parts.is_some_and(|(name, kind)| !name.is_empty() && KINDS.contains(&kind))
}

/// Whether a disk has something at a path, whatever it is.
fn holds(disk: &dyn Disk, path: &Utf8Path) -> bool {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return false };
    disk.list(folder).is_ok_and(|entries| entries.iter().any(|entry| entry.name == name))
}
