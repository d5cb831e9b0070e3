//! What a command works with: the project it was started in, and the texts it reads.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::args::{self, Global};
use super::cache;
use super::caching::{Caching, Keeps};
use super::exit::Failure;
use super::habits;
use super::place::Place;
use super::{signals, surroundings};
use crate::cache::{Entries, Store};
use crate::disk::{Disk, Git, GitError, Parted, ReadError, Real, Recorded, Surroundings, is_git, lies_in_git};
use crate::environment::{name::is_yaml, set::Overlay};
use crate::limits::Limits;
use crate::project::{Entry, Project};
use crate::source::Sources;

/// One project, opened for one run.
pub(super) struct Session {
    pub(super) place: Place,
    pub(super) disk: Arc<Recorded>,
    pub(super) sources: Sources,
    pub(super) limits: Limits,
    /// What is staged is looked at, and not the work tree.
    pub(super) staged: bool,
    surroundings: Surroundings,
    /// What earlier runs have found out.
    store: Option<Store>,
}

impl Session {
    /// Opens the project folder, or what git holds of it in the index.
    pub(super) fn open(global: &Global, staged: bool) -> Result<Self, Failure> {
        if staged {
            signals::heed();
        }
        let named = global.project.as_deref();
        let place = if staged { Place::find_staged(named)? } else { Place::find(named)? };
        let surroundings = surroundings::read(&place.cwd);
        let limits = Limits::default();
        let disk = if staged { Self::index(&place, &surroundings, &limits)? } else { Self::folder(&place)? };
        let disk = Arc::new(Recorded::new(disk, false));
        Ok(Self { place, disk, sources: Sources::default(), limits, staged, surroundings, store: None })
    }

    /// The same with what earlier runs have found out, if there is a place where such things are kept.
    pub(super) fn open_with_cache(global: &Global, staged: bool) -> Result<Self, Failure> {
        let session = Self::open(global, staged)?;
        // What git holds is found another way.
        let Some(store) = cache::open(global, &session.place)?.filter(|_| !staged) else { return Ok(session) };
        let disk = Arc::new(Recorded::new(Self::folder(&session.place)?, true));
        Ok(Self { disk, store: Some(store), ..session })
    }

    /// How to use what earlier runs have found out.
    pub(super) fn caching(&self) -> Option<Caching<'_>> {
        let store = self.store.as_ref()?;
        Some(Caching { store, disk: &self.disk, root: &self.place.root, of_commit: false, keeps: Keeps::Always })
    }

    /// The place of what earlier runs have found out, if there is one.
    pub(super) fn entries(&self) -> Option<&dyn Entries> {
        self.store.as_ref().map(|store| store as &dyn Entries)
    }

    /// The same project, opened as a commit holds it.
    pub(super) fn of_commit(&self, id: &str) -> Result<Self, Failure> {
        let disk = Arc::new(Recorded::new(Box::new(self.at(id)?), true));
        let (place, surroundings) = (self.place.clone(), self.surroundings.clone());
        let (sources, limits) = (Sources::default(), self.limits.clone());
        Ok(Self { place, disk, sources, limits, staged: false, surroundings, store: None })
    }

    /// Where a change parted from what it goes into.
    pub(super) fn parted(&self, base: &str, head: &str) -> Result<Parted, GitError> {
        signals::heed();
        Git::parted(&self.place.root, [base, head], &self.surroundings)
    }

    /// The files that are laid over environments: those of the project, and others.
    pub(super) fn overlays(&self, typed: &[Utf8PathBuf]) -> Result<Vec<With>, Failure> {
        let open = |typed: &Utf8PathBuf| {
            if !is_yaml(typed.file_name().unwrap_or_default()) {
                return Err(cannot_read(typed, "its name does not end in `.yaml`"));
            }
            let absolute = self.place.absolute(typed);
            let (disk, path): (Arc<dyn Disk>, _) = if let Some(path) = self.place.in_project(typed) {
                (Arc::clone(&self.disk) as Arc<dyn Disk>, path)
            } else if lies_in_git(absolute.as_std_path(), self.place.root.as_std_path()) {
                return Err(cannot_read(typed, &ReadError::OfGit.to_string()));
            } else {
                let folder = absolute.parent().unwrap_or(Utf8Path::new("/"));
                let opened = self.beside(folder).map_err(|error| cannot_read(typed, &error.to_string()))?;
                (Arc::new(opened), absolute.file_name().unwrap_or_default().into())
            };
            match disk.read(&path, self.limits.file_bytes) {
                Ok(_) => Ok(With { disk, path }),
                Err(error) => Err(cannot_read(typed, &error.to_string())),
            }
        };
        typed.iter().map(open).collect()
    }

    /// A folder that somebody named, wherever it lies. The way to one of the project leads neither out of it nor into git's
    /// own folder, whatever links are on it: a change may have made them.
    pub(super) fn beside(&self, folder: &Utf8Path) -> Result<Real, ReadError> {
        let root = &self.place.root;
        let (Ok(real), Ok(real_root)) = (folder.canonicalize_utf8(), root.canonicalize_utf8()) else {
            return Real::open(folder);
        };
        let is_of_project = folder.starts_with(root) || folder.starts_with(&real_root);
        if is_of_project && !real.starts_with(&real_root) {
            return Err(ReadError::Escapes);
        }
        let mut names = real.strip_prefix(&real_root).unwrap_or(&real).components().map(|part| part.as_str());
        if names.any(is_git) || lies_in_git(real.as_std_path(), real_root.as_std_path()) {
            return Err(ReadError::OfGit);
        }
        Real::open(&real)
    }

    pub(super) fn folder(place: &Place) -> Result<Box<dyn Disk>, Failure> {
        let opened = Real::open(&place.root);
        Ok(Box::new(opened.map_err(|error| Failure::new(format!("`{}` cannot be read: {error}", place.root)))?))
    }

    fn index(place: &Place, surroundings: &Surroundings, limits: &Limits) -> Result<Box<dyn Disk>, Failure> {
        let index = Git::index(&place.root, surroundings)?;
        if let Err(ReadError::Missing) = index.read("platc.yaml".into(), limits.file_bytes) {
            let message = format!("`{}` is not a project as it is staged: it holds no `platc.yaml`", place.root);
            return Err(Failure::new(message).help("`git add` the project's files, or name another folder"));
        }
        Ok(Box::new(index))
    }

    /// What git holds of the project in its index.
    pub(super) fn index_of(&self) -> Result<Git, GitError> {
        signals::heed();
        Git::index(&self.place.root, &self.surroundings)
    }

    /// Whether git is in the middle of a merge, a rebase or the like, which may have changed any file.
    pub(super) fn is_merging(&self) -> bool {
        Git::is_merging(&self.place.root, &self.surroundings)
    }

    /// Whether the clone lacks a part of its history.
    pub(super) fn is_shallow(&self) -> bool {
        Git::is_shallow(&self.place.root, &self.surroundings)
    }

    /// The line by which git ignores a path of the project, as `.gitignore:2: golden`.
    pub(super) fn ignored_by(&self, path: &Utf8Path) -> Option<String> {
        Git::ignored_by(&self.place.root, path, &self.surroundings)
    }

    /// The same project as a git commit holds it.
    pub(super) fn at(&self, reference: &str) -> Result<Git, GitError> {
        signals::heed();
        Git::tree(&self.place.root, reference, &self.surroundings)
    }

    /// The environments that were asked for, each once, in the order of asking; all if none was.
    pub(super) fn select(&self, project: &Project, environments: &args::Environments) -> Result<Vec<Entry>, Failure> {
        if environments.named.is_empty() {
            if project.environments.is_empty() {
                let folder = project.config.environments.first().map_or("environments", |folder| folder.as_str());
                return Err(Failure::new("the project has no environments")
                    .help(format!("an environment is a folder `{folder}/NAME` with a file `environment.yaml`")));
            }
            return Ok(project.environments.clone());
        }
        let mut selected: Vec<Entry> = Vec::new();
        for typed in &environments.named {
            let entry = self.find(project, typed)?;
            if !selected.contains(entry) {
                selected.push(entry.clone());
            }
        }
        Ok(selected)
    }

    /// A path is taken from where the user stands and, failing that, from the project's root, as messages print it.
    pub(super) fn find<'a>(&self, project: &'a Project, typed: &str) -> Result<&'a Entry, Failure> {
        let here = self.place.in_project(Utf8Path::new(typed));
        let found = match &here {
            Some(path) if !path.as_str().is_empty() => project.find(path.as_str(), Utf8Path::new("")).ok(),
            _ => None,
        };
        match found {
            Some(entry) => Ok(entry),
            None => project.find(typed, Utf8Path::new("")).map_err(|unknown| {
                let names = || project.environments.iter().map(|entry| &*entry.name);
                let meant = habits::meant_as_option(typed).or_else(|| habits::meant_instead(typed, names()));
                Failure::new(unknown.to_string()).help(meant.unwrap_or_else(|| unknown.help()))
            }),
        }
    }
}

/// A file that is laid over what environments say.
pub(super) struct With {
    disk: Arc<dyn Disk>,
    path: Utf8PathBuf,
}

impl With {
    pub(super) fn overlay(&self) -> Overlay<'_> {
        Overlay { disk: self.disk.as_ref(), path: &self.path }
    }
}

fn cannot_read(typed: &Utf8Path, why: &str) -> Failure {
    Failure::new(format!("`{typed}` cannot be read: {why}")).help("`--with` takes a YAML file, written as a layer is")
}
