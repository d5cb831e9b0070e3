//! A folder with a published tree in it, and whether it is still whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::driver::publish;

/// A tree's entries with what must not change when publishing fails: bytes, inode, permissions, time.
pub(crate) type Snapshot = BTreeMap<PathBuf, (Vec<u8>, u64, u32, i64, i64)>;

pub(crate) fn snapshot(tree: &Path) -> Snapshot {
    fn collect(root: &Path, path: &Path, entries: &mut Snapshot) {
        let Ok(meta) = fs::symlink_metadata(path) else { return };
        let bytes = if meta.is_symlink() {
            fs::read_link(path).unwrap().to_string_lossy().into_owned().into_bytes()
        } else if meta.is_file() {
            fs::read(path).unwrap()
        } else {
            Vec::new()
        };
        let what = (bytes, meta.ino(), meta.mode(), meta.mtime(), meta.mtime_nsec());
        entries.insert(path.strip_prefix(root).unwrap().to_owned(), what);
        if meta.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                collect(root, &entry.unwrap().path(), entries);
            }
        }
    }
    let mut entries = Snapshot::new();
    collect(tree, tree, &mut entries);
    entries
}

/// Names and bytes only: what a reader of the tree sees.
pub(crate) fn bytes(snapshot: &Snapshot) -> BTreeMap<&Path, &[u8]> {
    snapshot.iter().map(|(path, what)| (path.as_path(), what.0.as_slice())).collect()
}

/// A folder with version 1 published and files of others in it, and how versions 1 and 2 look there.
pub(crate) struct Case {
    pub(crate) root: PathBuf,
    pub(crate) old: Snapshot,
    pub(crate) new: Snapshot,
}

pub(crate) const FOREIGN: &[&str] = &["notes.md", "b/mine.txt", "own/x/y", "gone/mine"];

impl Case {
    pub(crate) fn new(root: &Path) -> Self {
        let tree = root.join("rendered/prod");
        let this = Self { root: root.to_owned(), old: Snapshot::new(), new: Snapshot::new() };
        this.put_foreign();
        publish(root, 2, false).unwrap();
        let new = snapshot(&tree);
        publish(root, 1, false).unwrap();
        Self { old: snapshot(&tree), new, ..this }
    }

    pub(crate) fn put_foreign(&self) {
        for path in FOREIGN {
            let path = self.tree().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "not platc's\n").unwrap();
        }
        symlink("notes.md", self.tree().join("link")).unwrap();
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.root.join("rendered/prod")
    }

    /// Back to version 1 without leftovers, for the next fault.
    pub(crate) fn reset(&mut self) {
        let rendered = self.root.join("rendered");
        let _ = fs::remove_dir_all(&rendered);
        self.put_foreign();
        publish(&self.root, 1, false).unwrap();
        self.old = snapshot(&self.tree());
    }

    pub(crate) fn left(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.root.join("rendered")).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name != "prod").collect()
    }

    /// The old tree untouched, or the new one.
    pub(crate) fn is_whole(&self) -> Result<bool, String> {
        let now = snapshot(&self.tree());
        if bytes(&now) == bytes(&self.new) {
            return Ok(true);
        }
        if now == self.old {
            return Ok(false);
        }
        let names = |snapshot: &Snapshot| snapshot.keys().cloned().collect::<BTreeSet<_>>();
        Err(format!(
            "neither tree: against the old one {:?}, against the new one {:?}, left {:?}",
            names(&now).symmetric_difference(&names(&self.old)).collect::<Vec<_>>(),
            names(&now).symmetric_difference(&names(&self.new)).collect::<Vec<_>>(),
            self.left()
        ))
    }

    /// A run without faults gives version 2 and leaves nothing.
    pub(crate) fn assert_next_run_cleans_up(&self, what: &str) {
        match publish(&self.root, 2, false) {
            Ok(published) => assert_eq!(published.warnings, [], "{what}"),
            Err(error) => panic!("{what}: the next run: {error:?}"),
        }
        assert_eq!(bytes(&snapshot(&self.tree())), bytes(&self.new), "{what}");
        assert_eq!(self.left(), BTreeSet::new(), "{what}");
    }

    /// On an overlay a file gets another inode when it is first linked or moved, and a folder another time.
    pub(crate) fn is_whole_but_for_inodes(&self) -> Result<bool, String> {
        let now = snapshot(&self.tree());
        if bytes(&now) == bytes(&self.new) {
            Ok(true)
        } else if bytes(&now) == bytes(&self.old) {
            Ok(false)
        } else {
            Err(format!("neither tree: {:?}", now.keys()))
        }
    }
}
