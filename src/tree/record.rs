//! A tree known by the digest of its list of files, which holds the digests of these: enough to see that it stands where it
//! belongs, and to find its files again, without making them.

use camino::Utf8Path;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::compare;
use super::failure::Failure;
use super::manifest::{self, Manifest};
use super::place::{Place, Site, Standing};
use crate::artifact::{Bytes, File};
use crate::disk::Disk;
use crate::disk::beneath::Root;
use crate::source::Span;

/// Tells a tree from every other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// How many files it has.
    pub files: usize,
    /// The digest of its manifest, as [`publish`](super::publish()) writes it.
    manifest: [u8; 32],
}

impl Record {
    /// Of files sorted by path.
    pub fn of(files: &[File]) -> Self {
        let list = manifest::write(&files.iter().collect::<Vec<_>>(), None);
        Self { files: files.len(), manifest: manifest::digest(&list) }
    }

    /// Whether publishing it would find that the tree stands as it should. Anything in doubt is a no.
    pub fn stands(&self, place: Place<'_>) -> bool {
        self.looked_at(place).unwrap_or(false)
    }

    fn looked_at(&self, place: Place<'_>) -> Result<bool, Failure> {
        let Some(site) = Site::find(place)? else { return Ok(false) };
        match site.standing()? {
            Standing::Tree(tree) => Ok(!site.exists(&site.lock)? && self.holds(&tree)),
            Standing::Nothing => Ok(false),
        }
    }

    fn holds(&self, tree: &Root) -> bool {
        let list = compare::read(tree, Utf8Path::new(manifest::PATH).as_std_path(), manifest::LIMIT);
        let Some(list) = list.ok().flatten().and_then(|list| self.list(&list)) else { return false };
        let is_as_listed = |buffer: &mut Vec<u8>, (path, entry): (&String, &manifest::Entry)| {
            let path = Utf8Path::new(path).as_std_path();
            compare::is_digest(tree, path, entry.size, entry.sha256, buffer).unwrap_or(false)
        };
        list.files.par_iter().map_init(Vec::new, is_as_listed).all(|is_same| is_same)
    }

    /// The list of files, if it is this tree's.
    fn list(&self, bytes: &[u8]) -> Option<Manifest> {
        let list = manifest::parse(bytes).ok().filter(|_| manifest::digest(bytes) == self.manifest);
        list.filter(|list| list.files.len() == self.files)
    }

    /// The tree's files as they were made, if they stand in a folder. `place` is where all of them are said to come from.
    pub fn find(&self, disk: &dyn Disk, folder: &Utf8Path, place: Span) -> Option<Vec<File>> {
        let list = self.list(&disk.read(&folder.join(manifest::PATH), manifest::LIMIT).ok()?)?;
        let file = |(path, entry): (String, manifest::Entry)| {
            let bytes = disk.read(&folder.join(&path), entry.size).ok()?;
            let bytes = Bytes::from(bytes);
            let same = bytes.len() as u64 == entry.size && *bytes.digest() == entry.sha256;
            same.then(|| File { path: path.into(), template: entry.template.into(), place, bytes })
        };
        list.files.into_iter().map(file).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;
    use crate::source::Sources;

    #[test]
    fn files_are_found_again_only_if_all_are_as_they_were_made() {
        let place = Span::file_start(Sources::default().add("a.j2", ""));
        let made = |path: &str, text: &str| File {
            path: path.into(),
            template: "a.j2".into(),
            place,
            bytes: text.as_bytes().to_vec().into(),
        };
        let files = [made("a.yaml", "a: 1\n"), made("b/c.yaml", "b: 2\n")];
        let record = Record::of(&files);
        let list = manifest::write(&files.iter().collect::<Vec<_>>(), None);
        let tree = |b: &str| {
            Memory::default().file("t/.platc/manifest", list.clone()).file("t/a.yaml", "a: 1\n").file("t/b/c.yaml", b)
        };
        let find = |disk: Memory| record.find(&disk, "t".into(), place);
        let found = find(tree("b: 2\n")).unwrap();
        assert_eq!(
            found.iter().map(|file| (file.path.as_str(), &*file.bytes)).collect::<Vec<_>>(),
            [("a.yaml", b"a: 1\n".as_slice()), ("b/c.yaml", b"b: 2\n"),]
        );
        assert!(find(tree("b: 3\n")).is_none());
        assert!(find(tree("b: 20\n")).is_none());
        assert!(find(Memory::default().file("t/a.yaml", "a: 1\n")).is_none());
        let fewer = Record::of(&files[..1]);
        assert!(fewer.find(&tree("b: 2\n"), "t".into(), place).is_none());
    }
}
