//! Publishing file by file, under a journal, where folders can be neither exchanged nor renamed.
//!
//! All that takes time is done first: the stage holds the new files, and second names of the old ones, so that an overlay
//! file system has copied them from its lower layer. What is left are renames and removals of single names: what is new, then
//! what changed, then what goes, the manifest last. Each of them can be taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use rustix::fs::{self, FileType, Mode};
use rustix::io::Errno;

use super::below::Below;
use super::failure::Failure;
use super::journal::{self, Journal};
use super::manifest;
use super::place::Site;
use super::survey::Plan;
use crate::disk::beneath::Root;

/// Where old files have their second names: a folder of the stage that no artifact can have.
const BEFORE: &str = ".platc-before";

/// What became of a tree that could not be changed to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is as it was.
    Back,
    /// Some files are new and some old.
    HalfWay,
}

/// A step done, to be taken back.
#[derive(Debug)]
enum Step {
    /// A file or a whole folder came where none was.
    Arrived(PathBuf),
    /// The old file is in the stage only: its place has the new one, or none.
    Left(PathBuf),
    Unmade(PathBuf),
}

type Trouble = (PathBuf, Errno);

/// Makes the tree what the stage is. On an error, what was done is taken back.
pub(super) fn apply(
    site: &Site,
    tree: &Root,
    plan: &Plan,
    journal: &Journal,
    durable: bool,
) -> Result<(), (Failure, Taken)> {
    let failed = |(path, error): Trouble| {
        let path = Utf8PathBuf::from(path.to_string_lossy().into_owned());
        Failure::new(site.shown.join(path), "cannot be replaced", error)
    };
    let untouched = |failure| (failure, Taken::Back);
    let stage = site.open_folder(&site.stage).map_err(|error| untouched(failed((PathBuf::new(), error))))?;
    let stage = Root::from(stage);
    let mut moves =
        Moves { tree: Below::new(tree), stage: Below::new(&stage), plan, before: BTreeMap::new(), steps: Vec::new() };
    moves.prepare().map_err(|trouble| untouched(failed(trouble)))?;
    journal::write(site, &stage, journal, durable).map_err(untouched)?;
    moves.forward().map_err(|trouble| (failed(trouble), moves.back()))
}

struct Moves<'a> {
    tree: Below<'a>,
    stage: Below<'a>,
    plan: &'a Plan,
    /// The second names of old files.
    before: BTreeMap<PathBuf, PathBuf>,
    steps: Vec<Step>,
}

impl Moves<'_> {
    /// Gives all files that change or go a second name in the stage.
    fn prepare(&mut self) -> Result<(), Trouble> {
        let folder = Path::new(BEFORE);
        self.stage.make_folder(folder).map_err(|error| (folder.to_owned(), error))?;
        let changes = &self.plan.changes;
        let list = PathBuf::from(manifest::PATH);
        let files = changes.changed.iter().chain(&changes.removed).map(|path| path.as_std_path().to_owned());
        for (number, path) in files.chain([list]).enumerate() {
            let at = |error| (path.clone(), error);
            if self.tree.kind(&path).map_err(at)?.is_none_or(|kind| kind == FileType::Directory) {
                continue;
            }
            let second = folder.join(number.to_string());
            self.tree.link(&path, &mut self.stage, &second).map_err(at)?;
            self.before.insert(path, second);
        }
        Ok(())
    }

    fn forward(&mut self) -> Result<(), Trouble> {
        let plan = self.plan;
        let added: BTreeSet<&Path> = plan.changes.added.iter().map(|path| path.as_std_path()).collect();
        let in_the_way =
            |gone: &Path| added.iter().any(|new| *new != gone && (new.starts_with(gone) || gone.starts_with(new)));
        let removed = || plan.changes.removed.iter().map(|path| path.as_std_path());
        for path in removed().filter(|path| in_the_way(path)) {
            self.leave(path)?;
        }
        for folder in plan.emptied.iter().rev().filter(|folder| added.contains(folder.as_path())) {
            self.unmake(folder);
        }
        for path in &added {
            self.arrive(path)?;
        }
        for path in &plan.changes.changed {
            self.replace(path.as_std_path())?;
        }
        for path in removed().filter(|path| !in_the_way(path)) {
            self.leave(path)?;
        }
        for folder in plan.emptied.iter().rev() {
            self.unmake(folder);
        }
        let list = Path::new(manifest::PATH);
        if self.before.contains_key(list) { self.replace(list) } else { self.arrive(list) }
    }

    /// Brings a new file, or the outermost of its folders that is new, with all it holds.
    fn arrive(&mut self, path: &Path) -> Result<(), Trouble> {
        let mut steps: Vec<&Path> = path.ancestors().filter(|step| !step.as_os_str().is_empty()).collect();
        steps.reverse();
        for step in steps {
            let at = |error| (step.to_owned(), error);
            if step == path || self.tree.kind(step).map_err(at)?.is_none() {
                if self.steps.iter().any(|done| matches!(done, Step::Arrived(came) if path.starts_with(came))) {
                    return Ok(()); // With its folder.
                }
                self.stage.rename(step, &mut self.tree, step).map_err(at)?;
                self.steps.push(Step::Arrived(step.to_owned()));
                return Ok(());
            }
        }
        Ok(())
    }

    fn replace(&mut self, path: &Path) -> Result<(), Trouble> {
        self.stage.rename(path, &mut self.tree, path).map_err(|error| (path.to_owned(), error))?;
        self.steps.push(Step::Left(path.to_owned()));
        Ok(())
    }

    fn leave(&mut self, path: &Path) -> Result<(), Trouble> {
        if !self.before.contains_key(path) {
            return Ok(()); // Gone already.
        }
        self.tree.remove(path).map_err(|error| (path.to_owned(), error))?;
        self.steps.push(Step::Left(path.to_owned()));
        Ok(())
    }

    /// Removes a folder if it is empty. If not, there are files of somebody else in it.
    fn unmake(&mut self, folder: &Path) {
        if self.tree.remove_folder(folder).is_ok() {
            self.steps.push(Step::Unmade(folder.to_owned()));
        }
    }

    /// Takes the steps back, the last first.
    fn back(&mut self) -> Taken {
        for step in std::mem::take(&mut self.steps).iter().rev() {
            let done = match step {
                Step::Arrived(path) => self.tree.rename(path, &mut self.stage, path),
                Step::Left(path) => match self.before.get(path) {
                    Some(second) => self.stage.rename(second, &mut self.tree, path),
                    None => Err(Errno::NOENT),
                },
                Step::Unmade(folder) => self.remake(folder),
            };
            if done.is_err() {
                return Taken::HalfWay;
            }
        }
        Taken::Back
    }

    fn remake(&mut self, folder: &Path) -> rustix::io::Result<()> {
        self.tree.make_folder(folder)?;
        let standing = self.plan.folders.iter().find(|(path, _)| path == folder);
        let mode = standing.map_or(Mode::empty(), |(_, standing)| standing.mode);
        if mode.is_empty() { Ok(()) } else { fs::fchmod(self.tree.open_folder(folder)?, mode) }
    }
}
