//! What to do about a golden tree that differs. Before a commit, what is to be staged is more often missing than an acceptance.

use std::cell::OnceCell;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::difference::Difference;
use crate::cli::session::Session;
use crate::disk::{Disk, EntryKind};
use crate::project::{FILE, Project};
use crate::tree::manifest::{self, Manifest};

/// Files that are named.
const NAMED: usize = 3;

pub(super) struct Advice<'a> {
    session: &'a Session,
    /// The project's files that are not staged as they are in the work tree.
    unstaged: OnceCell<Vec<Utf8PathBuf>>,
}

impl<'a> Advice<'a> {
    pub(super) fn of(session: &'a Session) -> Self {
        Self { session, unstaged: OnceCell::new() }
    }

    pub(super) fn on(&self, difference: &Difference) -> String {
        let Difference { name, nothing, edited, .. } = difference;
        if let Some(staging) = self.staging(difference) {
            return staging;
        }
        if let [(_, template), ..] = edited.as_slice() {
            return format!(
                "move the change into the environment or into `{template}`, which makes the file; \
                 `platc golden --accept --overwrite-edits {name}` throws it away"
            );
        }
        let wanted = if *nothing { "to begin with this" } else { "if this is what you want" };
        let add = if self.session.staged { format!(" and `git add {}`", difference.sides.old) } else { String::new() };
        if add.is_empty() {
            format!("{wanted}, run `platc golden --accept {name}` and commit the result")
        } else {
            format!("{wanted}, run `platc golden --accept {name}`{add}")
        }
    }

    /// What is there and not staged.
    fn staging(&self, difference: &Difference) -> Option<String> {
        let wanted = difference.wanted.as_ref()?;
        let tree = self.session.place.in_project(Utf8Path::new(&difference.sides.old))?;
        let list = tree.join(manifest::PATH);
        let work_tree = Session::folder(&self.session.place).ok()?;
        let here = read(work_tree.as_ref(), &list)?;
        if here.files == wanted.files {
            return Some(match self.session.ignored_by(&list) {
                Some(line) => {
                    format!("it is there, and git ignores it by `{line}`: take that line out, and `git add {tree}`")
                }
                None => format!("it is right in the work tree, and not staged: `git add {tree}`"),
            });
        }
        // What is staged was accepted with files that are not.
        if read(self.session.disk.as_ref(), &list).is_some_and(|staged| staged.files == here.files) {
            let unstaged = self.unstaged.get_or_init(|| self.unstaged(work_tree.as_ref()));
            if unstaged.is_empty() {
                return None;
            }
            let files: Vec<&str> = unstaged.iter().take(NAMED).map(|path| path.as_str()).collect();
            let more = match unstaged.len() - files.len() {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let verb = if unstaged.len() == 1 { "is" } else { "are" };
            return Some(format!(
                "`{}`{more} {verb} not staged as in the work tree, for which it was accepted: `git add {}`",
                files.join("`, `"),
                files.join(" ")
            ));
        }
        None
    }

    /// The files of the project, golden trees aside, that the work tree has otherwise than the index.
    fn unstaged(&self, work_tree: &dyn Disk) -> Vec<Utf8PathBuf> {
        let session = self.session;
        let mut found = Vec::new();
        let (sources, mut none) = (crate::source::Sources::default(), crate::finding::Findings::default());
        let Some(project) = Project::load(work_tree, &sources, &session.limits, &mut none) else { return found };
        let config = &project.config;
        let schemas = config.schema.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(&config.schema);
        let mut open: Vec<Utf8PathBuf> = config.environments.clone();
        open.extend([config.templates.clone(), schemas.to_owned()]);
        let mut files = vec![Utf8PathBuf::from(FILE)];
        while let Some(folder) = open.pop() {
            for entry in work_tree.list(&folder).unwrap_or_default() {
                let path = folder.join(&entry.name);
                match entry.kind {
                    EntryKind::Folder => open.push(path),
                    EntryKind::File => files.push(path),
                    EntryKind::Link | EntryKind::Special => {}
                }
            }
        }
        files.sort();
        let limit = session.limits.file_bytes;
        let differs = |path: &Utf8PathBuf| {
            let here = work_tree.read(path, limit);
            here.is_ok_and(|here| session.disk.read(path, limit).ok() != Some(here))
        };
        found.extend(files.into_iter().filter(differs));
        found
    }
}

fn read(disk: &dyn Disk, list: &Utf8Path) -> Option<Manifest> {
    manifest::parse(&disk.read(list, u64::MAX >> 1).ok()?).ok()
}
