//! [`Budget`]: a disk that lets a run read only so many files and bytes.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use camino::Utf8Path;

use super::{Disk, Entry, ReadError};
use crate::limits::Limits;

/// Counts what is read through it, on all threads, and refuses what goes beyond the budgets of a project. A file that is
/// read twice counts twice, so nothing needs to be remembered.
pub struct Budget<'a> {
    disk: &'a dyn Disk,
    limits: &'a Limits,
    files: AtomicUsize,
    bytes: AtomicU64,
}

impl<'a> Budget<'a> {
    pub fn new(disk: &'a dyn Disk, limits: &'a Limits) -> Self {
        Self { disk, limits, files: AtomicUsize::new(0), bytes: AtomicU64::new(0) }
    }
}

impl Budget<'_> {
    /// The files and bytes that were read so far.
    pub fn used(&self) -> (usize, u64) {
        (self.files.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// Whether so much more would have been allowed, too.
    pub fn has_room_for(&self, (files, bytes): (usize, u64)) -> bool {
        let used = self.used();
        used.0.saturating_add(files) <= self.limits.project_files
            && used.1.saturating_add(bytes) <= self.limits.project_bytes
    }
}

impl Disk for Budget<'_> {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        let Limits { project_files, project_bytes, .. } = *self.limits;
        let spent = ReadError::OverBudget { files: project_files, bytes: project_bytes };
        if self.files.fetch_add(1, Ordering::Relaxed) >= project_files {
            return Err(spent);
        }
        let bytes = self.disk.read(path, limit)?;
        let before = self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if before + bytes.len() as u64 > project_bytes { Err(spent) } else { Ok(bytes) }
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
        self.disk.list(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    #[test]
    fn a_run_reads_so_many_files_and_bytes() {
        let disk = Memory::default().file("a", "12345").file("b", "12345").file("c", "1");
        let limits = Limits { project_files: 3, project_bytes: 12, ..Limits::default() };
        let read = |budget: &Budget<'_>, path: &str| match budget.read(path.into(), 100) {
            Ok(bytes) => bytes.len().to_string(),
            Err(error) => error.to_string(),
        };
        let bytes = Budget::new(&disk, &limits);
        let spent = "this run has read its 3 files or 12 bytes, which is all that one project may have";
        assert_eq!(["a", "b", "a"].map(|path| read(&bytes, path)), ["5", "5", spent]);
        let files = Budget::new(&disk, &limits);
        assert_eq!(["c", "c", "c", "c"].map(|path| read(&files, path)), ["1", "1", "1", spent]);
        assert_eq!(files.list("".into()).unwrap().len(), 3);
    }
}
