//! The folder `charts` of a project: which charts are there, by their names and versions.

use camino::{Utf8Path, Utf8PathBuf};

use super::archive::{self, ARCHIVE_BYTES, Contents};
use super::file::Refusal;
use super::load::Chart;
use super::version::{Constraint, Version};
use crate::disk::archive::Room;
use crate::disk::{Disk, EntryKind};

pub use crate::project::CHARTS as FOLDER;

/// The charts of a project, by what their folders and archives are called.
#[derive(Clone, Debug, Default)]
pub struct Shelf(Vec<Place>);

/// A folder or an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub path: Utf8PathBuf,
    pub is_packed: bool,
}

impl Shelf {
    /// What stands there; nothing where there is no such folder.
    pub fn open(disk: &dyn Disk) -> Self {
        let entries = disk.list(Utf8Path::new(FOLDER)).unwrap_or_default();
        let place = |entry: &crate::disk::Entry| {
            let path = Utf8Path::new(FOLDER).join(&entry.name);
            #[expect(clippy::case_sensitive_file_extension_comparisons, reason = "the name as Helm writes it")]
            let is_packed = entry.name.ends_with(".tgz");
            let is_one = match entry.kind {
                EntryKind::Folder => !entry.name.starts_with('.'),
                EntryKind::File => is_packed,
                EntryKind::Link => is_packed || disk.list(&path).is_ok(),
                EntryKind::Special => false,
            };
            is_one.then_some(Place { path, is_packed })
        };
        Self(entries.iter().filter_map(place).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn places(&self) -> &[Place] {
        &self.0
    }

    /// The versions of a chart that are there, the newest last.
    pub fn versions(&self, name: &str) -> Vec<(Version, &Place)> {
        let version = |place: &'_ Place| Version::parse(place.stem().strip_prefix(name)?.strip_prefix('-')?);
        let mut found: Vec<_> = self.0.iter().filter_map(|place| Some((version(place)?, place))).collect();
        found.sort_by(|a, b| a.0.order(&b.0).then_with(|| a.1.path.cmp(&b.1.path)));
        found
    }

    /// The chart that a name and a version mean: that version, or the newest that a range allows. Without one, the newest.
    pub fn find(&self, name: &str, wanted: Option<&str>) -> Option<&Place> {
        let found = self.versions(name);
        let Some(wanted) = wanted.filter(|it| !it.is_empty()) else { return found.last().map(|(_, place)| *place) };
        if let Some(exact) = Version::parse(wanted)
            && let Some((_, place)) = found.iter().find(|(version, _)| *version == exact)
        {
            return Some(place);
        }
        if Version::parse(wanted).is_some_and(|_| wanted.matches('.').count() >= 2) {
            return None;
        }
        let range = Constraint::parse(wanted)?;
        found.iter().rev().find(|(version, _)| range.allows(version)).map(|(_, place)| *place)
    }
}

impl Place {
    /// `web-1.2.3`.
    pub fn stem(&self) -> &str {
        let name = self.path.file_name().unwrap_or_default();
        if self.is_packed { name.trim_end_matches(".tgz") } else { name }
    }

    /// All files of the chart.
    pub fn contents(&self, disk: &dyn Disk, room: &mut Room) -> Result<Contents, Refusal> {
        contents(disk, &self.path, &self.path, self.is_packed, room)
    }

    pub fn chart(&self, disk: &dyn Disk, room: &mut Room) -> Result<Chart, Refusal> {
        let contents = self.contents(disk, room)?;
        Chart::load(contents, &self.path, room)
    }
}

/// The files of a chart at a path, which is called `shown`.
pub fn contents(
    disk: &dyn Disk,
    path: &Utf8Path,
    shown: &Utf8Path,
    is_packed: bool,
    room: &mut Room,
) -> Result<Contents, Refusal> {
    if !is_packed {
        return archive::of_folder(disk, path, shown, room);
    }
    let refused = |why: String| Refusal { path: shown.to_owned(), at: None, why };
    let bytes = disk.read(path, ARCHIVE_BYTES).map_err(|error| refused(error.to_string()))?;
    archive::unpacked(&bytes, shown, room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    #[test]
    fn a_chart_is_found_by_its_name_and_version() {
        let disk = Memory::default();
        let disk = [
            "web-1.2.3/Chart.yaml",
            "web-1.10.0.tgz",
            "web-v2.0.0-rc.1/Chart.yaml",
            "web-app-9.0.0.tgz",
            "charts.lock",
        ]
        .iter()
        .fold(disk, |disk, name| disk.file(&format!("charts/{name}"), ""));
        let shelf = Shelf::open(&disk);
        let found = |name, version| shelf.find(name, version).map(Place::stem);
        assert_eq!(found("web", None), Some("web-v2.0.0-rc.1"));
        assert_eq!(found("web", Some("1.2.3")), Some("web-1.2.3"));
        assert_eq!(found("web", Some("v1.2.3")), Some("web-1.2.3"));
        assert_eq!(found("web", Some("1.x")), Some("web-1.10.0"));
        assert_eq!(found("web", Some("^1.2")), Some("web-1.10.0"));
        assert_eq!(found("web", Some("1.2.4")), None);
        assert_eq!(found("web-app", Some("*")), Some("web-app-9.0.0"));
        assert_eq!(found("app", None), None);
        assert!(Shelf::open(&Memory::default()).is_empty());
    }
}
