//! Files of others in a tree: what `flux bootstrap` or a colleague puts beside what platc writes, and platc never touches.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::disk::Disk;
use crate::tree::manifest;

/// Bytes of a manifest that are read at most.
const MANIFEST: u64 = 64 << 20;

/// The folders where an environment's tree stands, and how to look into them.
#[derive(Clone)]
pub struct Others<'a> {
    pub disk: &'a dyn Disk,
    /// `rendered/prod` and `golden/prod`.
    pub trees: Vec<Utf8PathBuf>,
}

impl Others<'_> {
    /// Whether a file or folder of that path lies in one of the trees, and the tree's manifest does not name it as ours.
    pub(super) fn have(&self, path: &Utf8Path) -> bool {
        self.trees.iter().any(|tree| self.lies_in(tree, path) && !self.is_ours(tree, path))
    }

    fn lies_in(&self, tree: &Utf8Path, path: &Utf8Path) -> bool {
        let place = tree.join(path);
        let (Some(folder), Some(name)) = (place.parent(), place.file_name()) else { return false };
        self.disk.list(folder).is_ok_and(|entries| entries.iter().any(|entry| entry.name == name))
    }

    /// What platc wrote the last time and no longer makes is about to go. Of a damaged manifest nothing is known.
    fn is_ours(&self, tree: &Utf8Path, path: &Utf8Path) -> bool {
        let Ok(bytes) = self.disk.read(&tree.join(manifest::PATH), MANIFEST) else { return false };
        let Ok(manifest) = manifest::parse(&bytes) else { return true };
        manifest.files.keys().any(|file| Utf8Path::new(file).starts_with(path))
    }
}

impl fmt::Debug for Others<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Others").field("trees", &self.trees).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::Others;
    use crate::disk::Memory;

    #[test]
    fn what_lies_in_a_tree_and_is_not_ours_is_of_others() {
        let zeros = "0".repeat(64);
        let manifest = format!("platc tree 1\nweb/settings.yaml\t{zeros}\t1\tweb/settings.yaml.j2\n");
        let disk = Memory::default()
            .file("rendered/prod/.platc/manifest", manifest)
            .file("rendered/prod/web/settings.yaml", "a")
            .file("rendered/prod/team/secret.yaml", "a");
        let others = Others { disk: &disk, trees: vec!["rendered/prod".into(), "golden/prod".into()] };
        let have = |path: &str| others.have(Utf8Path::new(path));
        assert!(have("team/secret.yaml") && have("team"));
        assert!(!have("web/settings.yaml") && !have("web") && !have("team/other.yaml") && !have("gone/x.yaml"));
    }
}
