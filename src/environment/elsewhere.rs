//! Where a layer lies that `extends` looks for in vain: a path is often written as from the root of the project.

use camino::{Utf8Path, Utf8PathBuf};

use super::name::is_part;
use crate::disk::{Disk, EntryKind};

/// Folders whose own folders are looked through.
const LOOKED_THROUGH: usize = 50;

/// The layers that have the last name of a path, in the folders around it and right below these.
pub(super) fn of(path: &Utf8Path, disk: &dyn Disk) -> Vec<Utf8PathBuf> {
    let Some(name) = path.file_name() else { return Vec::new() };
    let list = |folder: &Utf8Path| disk.list(folder).unwrap_or_default();
    let is_layer = |path: &Utf8Path| {
        list(path).iter().any(|entry| entry.kind == EntryKind::File && is_part(&entry.name))
            || list(path.parent().unwrap_or(Utf8Path::new(""))).iter().any(|entry| {
                entry.kind == EntryKind::File && Some(entry.name.as_str()) == path.file_name() && is_part(&entry.name)
            })
    };
    let mut found: Vec<Utf8PathBuf> = Vec::new();
    for folder in path.ancestors().skip(1) {
        let below = list(folder).into_iter().filter(|entry| entry.kind == EntryKind::Folder).take(LOOKED_THROUGH);
        let candidates = [folder.join(name)].into_iter().chain(below.map(|entry| folder.join(entry.name).join(name)));
        found.extend(candidates.filter(|candidate| candidate != path && is_layer(candidate)));
        if !found.is_empty() {
            break;
        }
    }
    found
}

/// The way from a folder to a path, as `extends` has it.
pub fn way(from: &Utf8Path, to: &Utf8Path) -> String {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| "..");
    up.chain(to.components().skip(common).map(|part| part.as_str())).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_layer_is_written_as_extends_wants_it() {
        assert_eq!(way("environments/prod".into(), "environments/base".into()), "../base");
        assert_eq!(way("environments/eu/prod".into(), "environments/tiers/prod".into()), "../../tiers/prod");
        assert_eq!(way("environments".into(), "environments/base".into()), "base");
    }
}
