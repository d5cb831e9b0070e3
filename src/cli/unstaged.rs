//! Files of the project that the work tree has otherwise than the index: where what is staged is wrong, they may be missing.

use camino::Utf8PathBuf;

use super::session::Session;
use crate::disk::{Disk, EntryKind, ReadError};
use crate::finding::Findings;
use crate::project::{FILE, Project};
use crate::source::Sources;

/// Files that are named.
const NAMED: usize = 3;

impl Session {
    /// Those that are read, so not the golden trees, in the order of their paths.
    pub(super) fn unstaged(&self) -> Vec<Utf8PathBuf> {
        let Ok(work_tree) = Self::folder(&self.place) else { return Vec::new() };
        let files = self.read_from(work_tree.as_ref());
        self.differing(files, work_tree.as_ref(), self.disk.below())
    }

    /// The same for what a commit holds, with files that are there and not in the work tree.
    pub(super) fn otherwise_in(&self, commit: &Self) -> Vec<Utf8PathBuf> {
        let Ok(work_tree) = Self::folder(&self.place) else { return Vec::new() };
        let mut files = self.read_from(work_tree.as_ref());
        files.extend(self.read_from(commit.disk.below()));
        files.sort();
        files.dedup();
        self.differing(files, work_tree.as_ref(), commit.disk.below())
    }

    fn differing(&self, files: Vec<Utf8PathBuf>, here: &dyn Disk, there: &dyn Disk) -> Vec<Utf8PathBuf> {
        let limit = self.limits.file_bytes;
        let is_same = |path: &Utf8PathBuf| match (here.read(path, limit), there.read(path, limit)) {
            (Ok(here), Ok(there)) => here == there,
            // What is too large to be read, or a folder now, is no news.
            (Err(ReadError::Missing), Ok(_)) | (Ok(_), Err(_)) => false,
            (Err(_), _) => true,
        };
        files.into_iter().filter(|path| !is_same(path)).collect()
    }

    /// The files that a run reads from a disk.
    fn read_from(&self, work_tree: &dyn Disk) -> Vec<Utf8PathBuf> {
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let project = Project::load(work_tree, &sources, &self.limits, &mut findings);
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
        files
    }
}

/// `` `a.yaml` is not staged as in the work tree``, if there are any.
pub(super) fn named(files: &[Utf8PathBuf]) -> Option<String> {
    let verb = if files.len() == 1 { "is" } else { "are" };
    Some(format!("{} {verb} not staged as in the work tree", list(files)?))
}

/// The first of them, and how many there are beside.
pub(super) fn list(files: &[Utf8PathBuf]) -> Option<String> {
    let shown: Vec<&str> = files.iter().take(NAMED).map(|path| path.as_str()).collect();
    let more = match files.len().checked_sub(shown.len())? {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!shown.is_empty()).then(|| format!("`{}`{more}", shown.join("`, `")))
}

/// The same files for a command.
pub(super) fn words(files: &[Utf8PathBuf]) -> String {
    files.iter().take(NAMED).map(|path| path.as_str()).collect::<Vec<_>>().join(" ")
}
