//! Files of the project that the work tree has otherwise than the index: where what is staged is wrong, they may be missing.

use camino::Utf8PathBuf;

use super::session::Session;
use crate::disk::{Disk, EntryKind};
use crate::finding::Findings;
use crate::project::{FILE, Project};
use crate::source::Sources;

/// Files that are named.
const NAMED: usize = 3;

impl Session {
    /// Those that are read, so not the golden trees, in the order of their paths.
    pub(super) fn unstaged(&self) -> Vec<Utf8PathBuf> {
        let Ok(work_tree) = Self::folder(&self.place) else { return Vec::new() };
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let project = Project::load(work_tree.as_ref(), &sources, &self.limits, &mut findings);
        let Some(Project { config, .. }) = project else { return Vec::new() };
        let schemas = config.schema.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(&config.schema);
        let mut open: Vec<Utf8PathBuf> = config.environments.clone();
        open.extend([config.templates.clone(), schemas.to_owned()]);
        let mut files = vec![Utf8PathBuf::from(FILE)];
        while let Some(folder) = open.pop() {
            for entry in work_tree.list(&folder).unwrap_or_default() {
                let path = folder.join(&entry.name);
                match entry.kind {
                    EntryKind::Folder => open.push(path),
                    EntryKind::File => files.push(path),
                    EntryKind::Link | EntryKind::Special => {}
                }
            }
        }
        files.sort();
        let limit = self.limits.file_bytes;
        let differs = |path: &Utf8PathBuf| {
            let here = work_tree.read(path, limit);
            here.is_ok_and(|here| self.disk.read(path, limit).ok() != Some(here))
        };
        files.into_iter().filter(differs).collect()
    }
}

/// `` `a.yaml` is not staged as in the work tree``, if there are any.
pub(super) fn named(files: &[Utf8PathBuf]) -> Option<String> {
    let shown: Vec<&str> = files.iter().take(NAMED).map(|path| path.as_str()).collect();
    let more = match files.len().checked_sub(shown.len())? {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let verb = if files.len() == 1 { "is" } else { "are" };
    (!shown.is_empty()).then(|| format!("`{}`{more} {verb} not staged as in the work tree", shown.join("`, `")))
}

/// The same files for a command.
pub(super) fn words(files: &[Utf8PathBuf]) -> String {
    files.iter().take(NAMED).map(|path| path.as_str()).collect::<Vec<_>>().join(" ")
}
