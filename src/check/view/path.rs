//! Paths within a tree, as its files name them.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// A path that a file gives relative to its own folder; none if it leads out of the tree.
pub fn beside(file: &Utf8Path, path: &str) -> Option<Utf8PathBuf> {
    let mut folder = file.parent()?.to_owned();
    for component in Utf8Path::new(path).components() {
        match component {
            Utf8Component::Normal(name) => folder.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                if !folder.pop() {
                    return None;
                }
            }
            Utf8Component::RootDir | Utf8Component::Prefix(_) => return None,
        }
    }
    Some(folder)
}
