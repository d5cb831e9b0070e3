//! A tree as it stands somewhere: in a folder, in the git index.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::Files;
use crate::disk::{Disk, EntryKind, ReadError};
use crate::tree::manifest;

/// A file that holds something else than platc wrote.
pub struct Edited {
    pub path: Utf8PathBuf,
    /// The template that made it.
    pub template: String,
    pub how: Edit,
}

/// What became of a file that platc wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A merge was left unsettled.
    Conflict,
    /// Its lines end in another way.
    LineEnds,
    Content,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Side {
    files: BTreeMap<Utf8PathBuf, Vec<u8>>,
    /// Paths that platc says it wrote; none if it did not say.
    own: Option<BTreeSet<Utf8PathBuf>>,
    /// What it said, in its own words, if it said anything.
    list: Option<Vec<u8>>,
    /// What is wrong with that, if it cannot be believed.
    damage: Option<manifest::Damage>,
}

/// What could not be read, and why.
#[derive(Debug)]
pub struct Unreadable {
    pub path: Utf8PathBuf,
    pub error: ReadError,
}

impl Side {
    /// Reads all files below a folder, of at most `limit` bytes each. `None` if there is no such folder.
    pub fn read(disk: &dyn Disk, folder: &Utf8Path, limit: u64) -> Result<Option<Self>, Unreadable> {
        let list = disk.read(&folder.join(manifest::PATH), limit).ok();
        let (own, damage) = match list.as_deref().map(manifest::parse) {
            None => (None, None),
            Some(Ok(read)) => (Some(read.files.into_keys().map(Into::into).collect()), None),
            // One that is damaged says nothing that could be believed.
            Some(Err(damage)) => (None, Some(damage)),
        };
        let mut side = Self { own, list, damage, ..Self::default() };
        match side.walk(disk, folder, Utf8Path::new(""), limit) {
            Ok(()) => {}
            Err(Unreadable { path, error: ReadError::Missing }) if path == folder => return Ok(None),
            Err(unreadable) => return Err(unreadable),
        }
        side.files.remove(Utf8Path::new(manifest::PATH));
        Ok(Some(side))
    }

    fn walk(&mut self, disk: &dyn Disk, root: &Utf8Path, below: &Utf8Path, limit: u64) -> Result<(), Unreadable> {
        let folder = if below.as_str().is_empty() { root.to_owned() } else { root.join(below) };
        let entries = disk.list(&folder).map_err(|error| Unreadable { path: folder.clone(), error })?;
        for entry in entries {
            let path = below.join(&entry.name);
            match entry.kind {
                EntryKind::Folder => match self.walk(disk, root, &path, limit) {
                    Err(Unreadable { error: ReadError::OfGit, .. }) => {} // No tree holds git's own folder.
                    walked => walked?,
                },
                EntryKind::Link if self.may_hold(&path) => {
                    return Err(Unreadable { path: folder.join(&entry.name), error: ReadError::Link });
                }
                EntryKind::File => {
                    let full = folder.join(&entry.name);
                    match disk.read(&full, limit) {
                        Ok(bytes) => drop(self.files.insert(path, bytes)),
                        // What others keep here need not be readable.
                        Err(_) if self.own.as_ref().is_some_and(|own| !own.contains(&path)) => {}
                        Err(error) => return Err(Unreadable { path: full, error }),
                    }
                }
                EntryKind::Link | EntryKind::Special => {} // Nothing that a tree could hold.
            }
        }
        Ok(())
    }

    /// Whether a path is one of platc's own, or a folder on the way to one. Where it left no list, all are.
    fn may_hold(&self, path: &Utf8Path) -> bool {
        let is_list = Utf8Path::new(manifest::PATH).starts_with(path);
        is_list || self.own.as_ref().is_none_or(|own| own.iter().any(|own| own.starts_with(path)))
    }

    /// Whether another one holds the same files.
    pub fn is_same(&self, other: &Self) -> bool {
        self.files == other.files
    }

    /// A list of what platc wrote that is damaged, and how.
    pub fn damaged(&self) -> Option<(&[u8], manifest::Damage)> {
        self.list.as_deref().zip(self.damage)
    }

    /// The list of what platc wrote, if there is one.
    pub fn list(&self) -> Option<&[u8]> {
        self.list.as_deref()
    }

    /// Those of some files that hold something else than platc wrote, each with the template that made it.
    pub fn edited<'p>(&self, paths: impl Iterator<Item = &'p Utf8Path>) -> Vec<Edited> {
        let Some(list) = self.list.as_deref().and_then(|list| manifest::parse(list).ok()) else { return Vec::new() };
        let edited = paths.filter_map(|path| {
            let (entry, bytes) = (list.files.get(path.as_str())?, self.files.get(path)?);
            if entry.is_of(bytes) {
                return None;
            }
            let lines = || bytes.split(|&byte| byte == b'\n');
            let is_conflict =
                [&b"<<<<<<< "[..], b">>>>>>> "].iter().all(|mark| lines().any(|line| line.starts_with(mark)));
            let is_of_line_ends = || {
                let text: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != b'\r').collect();
                entry.is_of(&text)
            };
            let how = match () {
                () if is_conflict => Edit::Conflict,
                () if is_of_line_ends() => Edit::LineEnds,
                () => Edit::Content,
            };
            Some(Edited { path: path.to_owned(), template: entry.template.clone(), how })
        });
        edited.collect()
    }

    /// Files that nothing names, neither the list nor `new`, with what they hold. No tree is within another one: a list that
    /// lies further down makes nothing its own.
    pub fn unnamed<'a>(&'a self, new: &'a Files<'_>) -> impl Iterator<Item = (&'a Utf8Path, &'a [u8])> {
        let named = |path: &Utf8Path| self.own.as_ref().is_none_or(|own| own.contains(path)) || new.contains_key(path);
        let files = self.files.iter().map(|(path, bytes)| (path.as_path(), bytes.as_slice()));
        files.filter(move |(path, _)| !named(path))
    }

    /// The files to compare with `new`: those that platc wrote or would write. Where it left no list, all are its own.
    pub fn against(&self, new: &Files<'_>) -> Files<'_> {
        let own = |path: &Utf8Path| match &self.own {
            Some(own) => own.contains(path) || new.contains_key(path),
            None => true,
        };
        let files = self.files.iter().map(|(path, bytes)| (path.as_path(), bytes.as_slice()));
        files.filter(|(path, _)| own(path)).collect()
    }
}

/// Folders below `folder` that are trees which platc wrote, relative to it. No folder, no trees.
pub fn trees(disk: &dyn Disk, folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Unreadable> {
    let mut found = Vec::new();
    let mut open = vec![Utf8PathBuf::new()];
    while let Some(below) = open.pop() {
        let full = if below.as_str().is_empty() { folder.to_owned() } else { folder.join(&below) };
        let entries = match disk.list(&full) {
            Ok(entries) => entries,
            Err(ReadError::Missing) => continue,
            Err(error) => return Err(Unreadable { path: full, error }),
        };
        let holds = |name: &str| entries.iter().any(|entry| entry.name == name);
        if holds(manifest::FOLDER) {
            found.push(below);
            continue;
        }
        let folders = entries.into_iter().filter(|entry| entry.kind == EntryKind::Folder);
        // Hidden folders are not ours: publishing has some beside a tree while it is at work.
        open.extend(folders.filter(|entry| !entry.name.starts_with('.')).map(|entry| below.join(entry.name)));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn names(side: &Side, new: &[&str]) -> Vec<String> {
        let new: Files<'_> = new.iter().map(|path| (Utf8Path::new(*path), b"".as_slice())).collect();
        side.against(&new).keys().map(ToString::to_string).collect()
    }

    #[test]
    fn files_of_others_do_not_count() {
        let manifest = format!("platc tree 1\na/own.yaml\t{DIGEST}\t0\tt\n");
        let disk = Memory::default()
            .file("golden/prod/.platc/manifest", manifest)
            .file("golden/prod/a/own.yaml", "")
            .file("golden/prod/README.md", "ours\n")
            .file("golden/prod/taken.yaml", "theirs\n")
            .file("golden/prod/picture.png", [0; 200]);
        let side = Side::read(&disk, "golden/prod".into(), 100).unwrap().unwrap();
        assert_eq!(names(&side, &[]), ["a/own.yaml"]);
        assert_eq!(names(&side, &["taken.yaml"]), ["a/own.yaml", "taken.yaml"]);
    }

    #[test]
    fn a_list_further_down_makes_nothing_its_own() {
        let disk = Memory::default()
            .file("golden/prod/.platc/manifest", format!("platc tree 1\na.yaml\t{DIGEST}\t0\tt\n"))
            .file("golden/prod/a.yaml", "")
            .file("golden/prod/sub/.platc/manifest", "platc tree 1\n")
            .file("golden/prod/sub/b.yaml", "kind: ClusterRoleBinding\n");
        let side = Side::read(&disk, "golden/prod".into(), 1000).unwrap().unwrap();
        let unnamed: Vec<_> = side.unnamed(&Files::new()).map(|(path, _)| path.to_string()).collect();
        assert_eq!(unnamed, ["sub/.platc/manifest", "sub/b.yaml"]);
    }

    #[test]
    fn without_a_list_all_files_count() {
        for manifest in [None, Some("damaged")] {
            let mut disk = Memory::default().file("tree/a.yaml", "").file("tree/b/c.yaml", "");
            if let Some(text) = manifest {
                disk = disk.file("tree/.platc/manifest", text);
            }
            let side = Side::read(&disk, "tree".into(), 100).unwrap().unwrap();
            assert_eq!(names(&side, &[]), ["a.yaml", "b/c.yaml"]);
        }
    }

    #[test]
    fn trees_at_any_depth() {
        let disk = Memory::default()
            .file("golden/prod/.platc/manifest", "")
            .file("golden/prod/deep/.platc/manifest", "")
            .file("golden/eu/dev/.platc/manifest", "")
            .file("golden/.prod.platc-stage/.platc/manifest", "")
            .file("golden/notes/README.md", "");
        assert_eq!(trees(&disk, "golden".into()).unwrap(), ["eu/dev", "prod"]);
        assert_eq!(trees(&disk, "rendered".into()).unwrap(), Vec::<Utf8PathBuf>::new());
    }

    #[test]
    fn no_folder_and_files_too_large() {
        let disk = Memory::default().file("tree/a.yaml", [b'x'; 200]);
        assert!(Side::read(&disk, "golden".into(), 100).unwrap().is_none());
        let unreadable = Side::read(&disk, "tree".into(), 100).unwrap_err();
        assert_eq!(unreadable.path, "tree/a.yaml");
    }
}
