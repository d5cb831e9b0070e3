//! A careful look at the tree that stands: what platc wrote and nobody touched, what was edited, what belongs to others,
//! and so what publishing would do.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{self, AtFlags, Dir, FileType, Mode};
use rustix::io::Errno;

use super::compare::{digest_of, read};
use super::failure::{Failure, PublishError};
use super::journal::Journal;
use super::manifest::{self, Manifest};
use super::place::Site;
use super::{Changes, edits};
use crate::artifact::File;
use crate::disk::beneath::{Links, Root};
use crate::finding::Findings;
use crate::source::Sources;

/// What is to be done with a tree.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) changes: Changes,
    /// For each file: it stands as it should and can be linked.
    pub(super) keep: Vec<bool>,
    /// What others put there, to be carried along: folders before what they hold.
    pub(super) foreign: Vec<(PathBuf, Standing)>,
    /// Folders that stand, the root first.
    pub(super) folders: Vec<(PathBuf, Standing)>,
    /// Folders that held what platc does not make any more, and may be empty without it.
    pub(super) emptied: BTreeSet<PathBuf>,
}

/// One entry of the standing tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) kind: FileType,
    /// Of folders only: permissions, owner, group and time of the last change.
    pub(super) mode: Mode,
    pub(super) owner: (u32, u32),
    pub(super) changed: (i64, i64),
}

/// What a survey needs to know besides the tree.
pub(super) struct Wanted<'a> {
    /// Sorted by path.
    pub(super) files: &'a [&'a File],
    pub(super) manifest: &'a [u8],
    /// What a run may have moved into the tree before it was killed.
    pub(super) journal: &'a Journal,
    /// Edits are replaced rather than reported.
    pub(super) overwrite_edits: bool,
    /// Bytes of an edited file that a finding shows.
    pub(super) shown_bytes: u64,
}

/// The plan for a place where nothing stands.
pub(super) fn nothing(wanted: &Wanted<'_>) -> Plan {
    let added = wanted.files.iter().map(|file| file.path.clone()).collect();
    Plan {
        changes: Changes { added, manifest: true, ..Changes::default() },
        keep: vec![false; wanted.files.len()],
        ..Plan::default()
    }
}

/// Looks at everything that stands and decides. Nothing is changed.
pub(super) fn survey(site: &Site, tree: &Root, wanted: &Wanted<'_>, sources: &Sources) -> Result<Plan, PublishError> {
    let standing = walk(site, tree)?;
    let mut findings = Findings::default();
    let mut plan = Plan::default();
    let written = match read_manifest(site, tree, wanted, &mut plan)? {
        Ok(written) => written,
        Err((bytes, damage)) => {
            if !wanted.overwrite_edits {
                // Without it every file looks foreign; the other findings would only be noise.
                let again = "platc render --overwrite-edits";
                findings.push(edits::damaged_manifest(&site.shown, &bytes, damage, again, sources));
                return Err(PublishError::Refused(findings));
            }
            Manifest::default()
        }
    };
    let written = with_journal(written, wanted.journal, site, tree, &standing)?;
    let mut survey = Survey { site, tree, wanted, sources, standing: &standing, written, findings, plan };
    survey.artifacts()?;
    survey.stale()?;
    survey.foreign();
    if survey.findings.is_empty() { Ok(survey.plan) } else { Err(PublishError::Refused(survey.findings)) }
}

/// The manifest's files, and those that a killed run has moved in: they are platc's, too, if they hold what it made.
fn with_journal(
    mut written: Manifest,
    journal: &Journal,
    site: &Site,
    tree: &Root,
    standing: &BTreeMap<PathBuf, Standing>,
) -> Result<Manifest, Failure> {
    for (path, entry) in journal.entries() {
        let is_file = |standing: &Standing| standing.kind == FileType::RegularFile;
        if !standing.get(Path::new(path)).is_some_and(is_file) {
            continue;
        }
        let digest = digest_of(tree, Path::new(path), entry.size)
            .map_err(|error| Failure::new(site.shown.join(path), "cannot be compared", error))?;
        if digest == Some(entry.sha256) {
            written.files.insert(path.to_owned(), entry);
        }
    }
    Ok(written)
}

struct Survey<'a> {
    site: &'a Site,
    tree: &'a Root,
    wanted: &'a Wanted<'a>,
    sources: &'a Sources,
    standing: &'a BTreeMap<PathBuf, Standing>,
    written: Manifest,
    findings: Findings,
    plan: Plan,
}

impl Survey<'_> {
    /// Each file that is wanted against what stands in its place.
    fn artifacts(&mut self) -> Result<(), Failure> {
        for file in self.wanted.files {
            let path = file.path.as_std_path();
            let mut keep = false;
            match self.standing.get(path).map(|standing| standing.kind) {
                Some(FileType::RegularFile) => {
                    let limit = self.wanted.shown_bytes.max(file.bytes.len() as u64);
                    let disk = read(self.tree, path, limit).map_err(|error| self.cannot_read(&file.path, error))?;
                    keep = disk.as_deref() == Some(&*file.bytes);
                    if !keep {
                        self.differs(file, disk);
                        self.plan.changes.changed.push(file.path.clone());
                    }
                }
                Some(FileType::Directory) | None => self.plan.changes.added.push(file.path.clone()),
                Some(_) => {
                    self.not_a_file(file);
                    self.plan.changes.changed.push(file.path.clone());
                }
            }
            self.plan.changes.unchanged += usize::from(keep);
            self.plan.keep.push(keep);
        }
        Ok(())
    }

    /// A regular file with other bytes than wanted: written by an earlier run, edited since, or somebody else's.
    fn differs(&mut self, file: &File, disk: Option<Vec<u8>>) {
        let written = self.written.files.get(file.path.as_str());
        let untouched = written.is_some_and(|entry| {
            disk.as_ref().is_some_and(|disk| disk.len() as u64 == entry.size && manifest::digest(disk) == entry.sha256)
        });
        // With `--overwrite-edits`: what platc wrote, or, where that is not known any more, what it would write.
        let overwrite = self.wanted.overwrite_edits && (written.is_some() || self.plan.changes.manifest_damaged);
        if untouched || overwrite {
            return;
        }
        self.findings.push(match written {
            Some(_) => edits::edited(self.site, file, disk, self.sources),
            None => edits::foreign(self.site, file, &file.path, self.sources),
        });
    }

    /// A link, a pipe, a device in an artifact's place.
    fn not_a_file(&mut self, file: &File) {
        if !self.written.files.contains_key(file.path.as_str()) {
            self.findings.push(edits::foreign(self.site, file, &file.path, self.sources));
        } else if !self.wanted.overwrite_edits {
            self.findings.push(edits::replaced(self.site, &file.path, file.place));
        }
    }

    fn is_untouched(&self, path: &Utf8Path, entry: &manifest::Entry) -> Result<bool, Failure> {
        let digest = digest_of(self.tree, path.as_std_path(), entry.size);
        Ok(digest.map_err(|error| self.cannot_read(path, error))? == Some(entry.sha256))
    }

    /// Files that an earlier run wrote and this one does not.
    fn stale(&mut self) -> Result<(), Failure> {
        for (path, entry) in &self.written.files {
            let path = Utf8Path::new(path);
            if self.wanted.files.binary_search_by(|file| file.path.as_str().cmp(path.as_str())).is_ok() {
                continue;
            }
            let folders = path.as_std_path().ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
            self.plan.emptied.extend(folders.map(Path::to_owned));
            match self.standing.get(path.as_std_path()).map(|standing| standing.kind) {
                // Gone already; or a folder now, which is somebody else's.
                None | Some(FileType::Directory) => continue,
                Some(_) if self.wanted.overwrite_edits => {}
                Some(FileType::RegularFile) if self.is_untouched(path, entry)? => {}
                Some(kind) => {
                    let disk = if kind == FileType::RegularFile {
                        read(self.tree, path.as_std_path(), self.wanted.shown_bytes)
                            .map_err(|error| self.cannot_read(path, error))?
                    } else {
                        None
                    };
                    self.findings.push(edits::edited_and_stale(self.site, path, disk, &entry.template, self.sources));
                }
            }
            self.plan.changes.removed.push(path.to_owned());
        }
        Ok(())
    }

    /// Everything that is not platc's, and whether it stands in the way of an artifact.
    fn foreign(&mut self) {
        let mut reported = BTreeSet::new();
        for (path, &standing) in self.standing {
            if standing.kind == FileType::Directory {
                self.plan.folders.push((path.clone(), standing));
            }
            if path.as_os_str().is_empty() || self.is_ours(path, standing.kind) {
                continue;
            }
            let utf8 = Utf8Path::from_path(path);
            let in_the_way =
                utf8.and_then(|path| self.wanted.files.iter().find(|file| obstructs(path, standing, file)));
            match (in_the_way, utf8) {
                (Some(file), Some(path)) => {
                    // One word about a folder in the way is enough; what it holds need not be told.
                    if reported.insert(&file.path) {
                        self.findings.push(edits::foreign(self.site, file, path, self.sources));
                    }
                }
                _ => self.plan.foreign.push((path.clone(), standing)),
            }
        }
    }

    fn is_ours(&self, path: &Path, kind: FileType) -> bool {
        // A name that is not UTF-8 was never platc's.
        let Some(path) = Utf8Path::from_path(path) else { return false };
        let written = |path: &str| {
            path == manifest::PATH
                || self.written.files.contains_key(path)
                || self.wanted.files.binary_search_by(|file| file.path.as_str().cmp(path)).is_ok()
        };
        if kind != FileType::Directory {
            return written(path.as_str());
        }
        let holds = |file: &str| file.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let below = format!("{path}/");
        path == manifest::FOLDER || self.written.files.range(below..).next().is_some_and(|(file, _)| holds(file))
    }

    fn cannot_read(&self, path: &Utf8Path, error: Errno) -> Failure {
        Failure::new(self.site.shown.join(path), "cannot be compared", error)
    }
}

/// Seconds and nanoseconds; their types differ between systems.
#[allow(clippy::cast_possible_wrap, clippy::cast_lossless, reason = "nanoseconds are below 10^9")]
#[allow(clippy::unnecessary_cast, reason = "of the same type on some systems")]
pub(super) fn last_change(stat: &fs::Stat) -> (i64, i64) {
    (stat.st_mtime as i64, stat.st_mtime_nsec as i64)
}

/// Whether something of others at `path` leaves no room for an artifact.
fn obstructs(path: &Utf8Path, standing: Standing, file: &File) -> bool {
    match standing.kind {
        // A folder that stays where a file is wanted, or anything in it.
        FileType::Directory => path.starts_with(&file.path),
        // Or a file on the way to an artifact. One in the artifact's own place is reported where bytes are compared.
        _ => path != file.path && (path.starts_with(&file.path) || file.path.starts_with(path)),
    }
}

type Damaged = (Vec<u8>, manifest::Damage);

/// What the standing tree's manifest says; no manifest says that nothing in it is platc's.
fn read_manifest(
    site: &Site,
    tree: &Root,
    wanted: &Wanted<'_>,
    plan: &mut Plan,
) -> Result<Result<Manifest, Damaged>, Failure> {
    let path = Path::new(manifest::PATH);
    let bytes = match tree.at(path, Links::Refuse) {
        Err(Errno::NOENT | Errno::NOTDIR) => None,
        _ => Some(
            read(tree, path, manifest::LIMIT)
                .map_err(|error| Failure::new(site.shown.join(manifest::PATH), "cannot be read", error))?,
        ),
    };
    plan.changes.manifest = !matches!(&bytes, Some(Some(bytes)) if bytes == wanted.manifest);
    let result = match bytes {
        None => Ok(Manifest::default()),
        Some(Some(bytes)) => manifest::parse(&bytes).map_err(|damage| (bytes, damage)),
        Some(None) => Err((Vec::new(), manifest::Damage { line: 1, problem: "is not in a regular file" })),
    };
    plan.changes.manifest_damaged = result.is_err();
    Ok(result)
}

/// All entries of a tree by path; a folder comes before what it holds. Links are listed, not followed.
pub(super) fn walk(site: &Site, tree: &Root) -> Result<BTreeMap<PathBuf, Standing>, Failure> {
    let shown = |path: &Path| site.shown.join(Utf8PathBuf::from(path.to_string_lossy().into_owned()));
    let cannot_list = |path: &Path, error| Failure::new(shown(path), "cannot be listed", error);
    let mut entries = BTreeMap::new();
    let mut device = None;
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let opened = tree.at(&folder, Links::Refuse).map_err(|error| cannot_list(&folder, error))?;
        let stat = fs::fstat(&opened).map_err(|error| cannot_list(&folder, error))?;
        if *device.get_or_insert(stat.st_dev) != stat.st_dev {
            return Err(Failure::because(shown(&folder), "cannot be carried along", "it is a mount point")
                .help("platc replaces the tree as a whole; mount it elsewhere"));
        }
        let standing = Standing {
            kind: FileType::Directory,
            mode: Mode::from_raw_mode(stat.st_mode),
            owner: (stat.st_uid, stat.st_gid),
            changed: last_change(&stat),
        };
        let mut listing = Dir::new(opened).map_err(|error| cannot_list(&folder, error))?;
        while let Some(entry) = listing.read() {
            let entry = entry.map_err(|error| cannot_list(&folder, error))?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let path = folder.join(OsStr::from_bytes(name.to_bytes()));
            let kind = match entry.file_type() {
                FileType::Unknown => {
                    let stat = fs::statat(tree.folder(), &path, AtFlags::SYMLINK_NOFOLLOW)
                        .map_err(|error| cannot_list(&path, error))?;
                    FileType::from_raw_mode(stat.st_mode)
                }
                known => known,
            };
            if kind == FileType::Directory {
                folders.push(path);
            } else {
                entries.insert(path, Standing { kind, mode: Mode::empty(), owner: (0, 0), changed: (0, 0) });
            }
        }
        entries.insert(folder, standing);
    }
    Ok(entries)
}
