//! Which repository the project is in. git is never left to find it: a folder that a pull request brought (`HEAD`,
//! `refs`, `objects` and a `config` that names programs) would be taken for one. A `.git` cannot come with a commit.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use camino::Utf8Path;

use super::program::{Answer, Program, run};
use super::{GitError, Surroundings};

/// A repository and its files. All paths are absolute, without links in them.
#[derive(Clone, Debug)]
pub(super) struct Repository {
    program: Program,
    /// The folder in which the files are.
    pub(super) top: PathBuf,
    /// What git keeps for this work tree.
    pub(super) git_dir: PathBuf,
    /// What git keeps for all work trees of the repository.
    pub(super) common_dir: PathBuf,
    /// The project, below `top`.
    pub(super) project: PathBuf,
    /// Another index than the one in `git_dir`.
    pub(super) index: Option<PathBuf>,
}

impl Repository {
    /// The nearest `.git` upwards from the project, or what `GIT_DIR` and `GIT_WORK_TREE` say together.
    pub(super) fn of(project: &Utf8Path, surroundings: &Surroundings) -> Result<Self, GitError> {
        let project = real(&surroundings.folder.join(project));
        let walked = walk(&project, surroundings);
        if let Some(told) = Found::told(surroundings)
            && project.starts_with(&told.top)
            && walked.is_none_or(|walked| told.top.starts_with(walked))
        {
            return Self::ask(&told, &project, surroundings);
        }
        let Some(top) = walked else {
            let git_dir = surroundings.git_dir.clone();
            return Err(git_dir.map_or(GitError::NotARepository, GitError::NoWorkTree));
        };
        let repository = Self::ask(&Found::in_folder(top), &project, surroundings)?;
        repository.is_trusted()?;
        Ok(repository)
    }

    /// Asks git about what was found; it follows a `.git` that is a file, as in linked worktrees and submodules.
    fn ask(found: &Found, project: &Path, surroundings: &Surroundings) -> Result<Self, GitError> {
        let Found { git_dir: named, top, is_told } = found;
        let program = Program::find(surroundings, top)?;
        let mut command = program.command(top);
        command.arg(option("--git-dir=", named));
        if *is_told {
            command.arg(option("--work-tree=", top));
        }
        command.args(["rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-toplevel"]);
        let elsewhere = |configured| GitError::OtherWorkTree { here: top.clone(), configured };
        let answer = run(command, "rev-parse").map_err(|error| match error {
            GitError::Failed { said, .. } if said.contains("not a git repository") => GitError::Broken(named.clone()),
            GitError::Failed { said, .. } if said.contains("must be run in a work tree") => elsewhere(None),
            error => error,
        })?;
        let [git_dir, common_dir, files] = lines(&answer)?;
        // `core.worktree` could say that the files, and so the paths in the index, are those of another folder.
        if real(&files) != *top {
            return Err(elsewhere(Some(files)));
        }
        let project = project.strip_prefix(top).map(Path::to_owned).unwrap_or_default();
        let (git_dir, common_dir) = (real(&git_dir), real(&top.join(common_dir)));
        Ok(Self { program, top: top.clone(), git_dir, common_dir, project, index: None })
    }

    /// git does not ask who owns a repository that is named to it; where it is not ours, git is asked, which knows
    /// `safe.directory`. It looks into this one folder, in which a repository was found.
    fn is_trusted(&self) -> Result<(), GitError> {
        let me = rustix::process::geteuid().as_raw();
        let is_mine = |path: &Path| path.symlink_metadata().is_ok_and(|meta| meta.uid() == me);
        if [self.top.as_path(), &self.top.join(".git"), &self.git_dir].into_iter().all(is_mine) {
            return Ok(());
        }
        let mut command = self.program.command(&self.top);
        command.env("GIT_CEILING_DIRECTORIES", self.top.parent().unwrap_or(&self.top));
        command.args(["rev-parse", "--git-dir"]);
        match run(command, "rev-parse") {
            Err(GitError::Failed { said, .. }) if said.contains("dubious ownership") => {
                Err(GitError::OwnedByAnother(self.top.clone()))
            }
            answer => answer.map(|_| ()),
        }
    }

    /// A command on this repository, in the folder of its files.
    pub(super) fn command(&self, name: &str) -> Command {
        let mut command = self.program.command(&self.top);
        if let Some(index) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command.arg(option("--git-dir=", &self.git_dir)).arg(option("--work-tree=", &self.top)).arg(name);
        command
    }

    /// The same for a command that knows no paths but such as could be patterns.
    pub(super) fn run_plain(&self, name: &'static str, args: &[&str]) -> Result<Answer, GitError> {
        let mut command = self.program.command(&self.top);
        command.arg("--no-literal-pathspecs").arg(option("--git-dir=", &self.git_dir));
        command.arg(option("--work-tree=", &self.top)).arg(name).args(args);
        run(command, name)
    }

    pub(super) fn run(&self, name: &'static str, args: &[&str]) -> Result<Answer, GitError> {
        let mut command = self.command(name);
        command.args(args);
        run(command, name)
    }

    /// The same, for the project's folder only. The folder is no pattern.
    pub(super) fn run_here(&self, name: &'static str, args: &[&str]) -> Result<Answer, GitError> {
        let mut command = self.command(name);
        command.args(args).arg("--");
        if !self.project.as_os_str().is_empty() {
            // With a slash at its end it means what lies below.
            command.arg(self.project.join(""));
        }
        run(command, name)
    }
}

/// The nearest folder upwards in which a `.git` stands.
pub(super) fn walk<'a>(from: &'a Path, surroundings: &Surroundings) -> Option<&'a Path> {
    let ceilings = surroundings.ceilings.as_deref().unwrap_or_default();
    let ceilings: Vec<_> = std::env::split_paths(ceilings).map(|path| real(&path)).collect();
    let mut folders = from.ancestors().take_while(|folder| *folder == from || !ceilings.iter().any(|it| it == folder));
    folders.find(|folder| folder.join(".git").symlink_metadata().is_ok())
}

/// Where a repository is, before git was asked.
struct Found {
    git_dir: PathBuf,
    top: PathBuf,
    /// By variables, which win over the repository's own settings.
    is_told: bool,
}

impl Found {
    fn in_folder(top: &Path) -> Self {
        Self { git_dir: top.join(".git"), top: top.to_owned(), is_told: false }
    }

    /// What the two variables say. `GIT_DIR` alone does not tell where the files are.
    fn told(surroundings: &Surroundings) -> Option<Self> {
        let (git_dir, top) = (surroundings.git_dir.as_ref()?, surroundings.work_tree.as_ref()?);
        let [git_dir, top] = [git_dir, top].map(|path| real(&surroundings.folder.join(path)));
        Some(Self { git_dir, top, is_told: true })
    }
}

/// A path without links, as far as it exists.
pub(super) fn real(path: &Path) -> PathBuf {
    let known = path.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    let Some((folder, real)) = known else { return path.to_owned() };
    match path.strip_prefix(folder) {
        Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
        _ => real,
    }
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}

/// As many lines as were asked for, each a path.
fn lines<const N: usize>(answer: &Answer) -> Result<[PathBuf; N], GitError> {
    let text = answer.printed.strip_suffix(b"\n").unwrap_or(&answer.printed);
    let paths: Vec<_> = text.split(|&byte| byte == b'\n').map(|line| PathBuf::from(OsStr::from_bytes(line))).collect();
    let said = "the path of the repository has a line break in it".to_owned();
    paths.try_into().map_err(|_| GitError::Failed { command: "rev-parse", said })
}
