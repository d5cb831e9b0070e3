//! Charts as they lie in a folder or are packed, with the charts that they bring along.

use camino::Utf8Path;

use super::{DEPTH, Folder, Intake, is_archive};
use crate::cli::exit::Failure;
use crate::disk::archive::{self, ArchiveError};
use crate::disk::{Entry, EntryKind, Memory, ReadError};
use crate::finding::Finding;
use crate::finding::codes::import as rules;
use crate::schema::import::{ChartFiles, limits};
use crate::source::Span;

/// Archives within each other: a chart's own charts may be packed, and theirs.
const ARCHIVES: usize = 4;

impl Intake<'_> {
    /// The files of the chart that a folder is. Definitions in it, and in the charts that it brings along, are imported.
    pub(super) fn chart_at(
        &mut self,
        folder: Folder<'_>,
        path: &Utf8Path,
        entries: &[Entry],
        depth: usize,
    ) -> Result<ChartFiles, Failure> {
        let has = |name: &str, kind| entries.iter().any(|entry| entry.name == name && entry.kind == kind);
        let part = |name: &str| {
            if has(name, EntryKind::File) { self.optional(folder, &path.join(name)) } else { Ok(None) }
        };
        let mut files = ChartFiles {
            chart: part("Chart.yaml")?,
            requirements: part("requirements.yaml")?,
            values: part("values.yaml")?,
            schema: part("values.schema.json")?,
            subcharts: Vec::new(),
        };
        // A chart's templates are not YAML.
        if depth < DEPTH && has("crds", EntryKind::Folder) {
            self.folder(folder, &path.join("crds"), depth + 1)?;
        }
        if depth < DEPTH && has("charts", EntryKind::Folder) {
            files.subcharts = self.charts_in(folder, &path.join("charts"), depth + 1)?;
        }
        Ok(files)
    }

    /// The charts in the folder `charts` of a chart, as folders and packed.
    fn charts_in(&mut self, folder: Folder<'_>, path: &Utf8Path, depth: usize) -> Result<Vec<ChartFiles>, Failure> {
        let mut charts = Vec::new();
        for entry in list(folder, path)? {
            let below = path.join(&entry.name);
            self.count(folder)?;
            if self.account.is_over() {
                break;
            }
            if entry.kind == EntryKind::Folder && depth < DEPTH {
                charts.extend(self.chart_if_one(folder, &below, depth + 1)?);
            } else if entry.kind == EntryKind::File && is_archive(&entry.name) {
                charts.extend(
                    self.packed(folder, &below, |intake, packed, root| {
                        let (Some(root), true) = (root, depth < DEPTH) else { return Ok(None) };
                        intake.chart_if_one(packed, root, depth + 1)
                    })?
                    .flatten(),
                );
            }
        }
        Ok(charts)
    }

    fn chart_if_one(
        &mut self,
        folder: Folder<'_>,
        path: &Utf8Path,
        depth: usize,
    ) -> Result<Option<ChartFiles>, Failure> {
        let entries = list(folder, path)?;
        let is_chart = entries.iter().any(|entry| entry.name == "Chart.yaml" && entry.kind == EntryKind::File);
        if is_chart { self.chart_at(folder, path, &entries, depth).map(Some) } else { Ok(None) }
    }

    /// A packed chart, or any archive of files and charts.
    pub(super) fn archive(&mut self, folder: Folder<'_>, path: &Utf8Path) -> Result<(), Failure> {
        self.packed(folder, path, |intake, packed, _| intake.folder(packed, Utf8Path::new(""), 0)).map(drop)
    }

    /// Shows the files of an archive, and the folder that holds all of them, if one does.
    fn packed<T>(
        &mut self,
        folder: Folder<'_>,
        path: &Utf8Path,
        look: impl FnOnce(&mut Self, Folder<'_>, Option<&Utf8Path>) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        let shown = folder.shown.join(path);
        let refused = |error: ReadError| Failure::new(format!("`{shown}` cannot be read: {error}"));
        let bytes = folder.disk.read(path, limits().file_bytes).map_err(refused)?;
        if self.archives == 0 {
            // Text is packed to a quarter or less.
            self.account.read(bytes.len() as u64 * 4);
        }
        let memory = match self.unpacked(&bytes) {
            Ok(memory) => memory,
            Err(error) => {
                let span = Span::file_start(self.session.sources.add(&*shown, ""));
                let finding = Finding::new(&rules::UNUSABLE, span, format!("`{shown}` cannot be read: {error}"));
                self.findings.push(finding.help(help(&error)));
                return Ok(None);
            }
        };
        let packed = Folder { disk: &memory, shown: &shown };
        let entries = list(packed, Utf8Path::new(""))?;
        let root = match &entries[..] {
            [Entry { name, kind: EntryKind::Folder }] => Some(Utf8Path::new(name)),
            _ => None,
        };
        self.archives += 1;
        let seen = look(self, packed, root);
        self.archives -= 1;
        seen.map(Some)
    }

    fn unpacked(&mut self, bytes: &[u8]) -> Result<Memory, ArchiveError> {
        if self.archives == ARCHIVES {
            return Err(ArchiveError::TooMany);
        }
        archive::unpack(bytes, is_wanted, limits().file_bytes, &mut self.room)
    }
}

fn list(folder: Folder<'_>, path: &Utf8Path) -> Result<Vec<Entry>, Failure> {
    let shown = folder.shown.join(path);
    folder.disk.list(path).map_err(|error| Failure::new(format!("`{shown}` cannot be read: {error}")))
}

/// The files of an archive that may be imported: not what a chart makes its objects of.
fn is_wanted(path: &Utf8Path) -> bool {
    let is_data = matches!(path.extension(), Some("yaml" | "yml" | "json")) || is_archive(path.as_str());
    is_data && !path.components().any(|part| part.as_str() == "templates")
}

fn help(error: &ArchiveError) -> &'static str {
    match error {
        ArchiveError::Damaged => {
            "fetch it again, with `helm pull` or from its maker; or unpack it, and name the folder"
        }
        ArchiveError::TooLarge | ArchiveError::TooMany | ArchiveError::FileTooLarge { .. } => {
            "if it is the chart that you mean, unpack it, and name the folder"
        }
        ArchiveError::Escapes(_) | ArchiveError::Link(_) | ArchiveError::Twice(_) => {
            "no chart that helm packs has it: ask whoever made it"
        }
    }
}
