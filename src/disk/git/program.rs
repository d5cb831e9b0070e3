//! The program `git`: which one is run, and with what it is kept from running others.

use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{GitError, Surroundings};
use crate::disk::reason;

/// Settings that win over those of the repository. All but the last take away something that could start a program.
const SETTINGS: [&str; 10] = [
    // Asked what has changed whenever an index is read that mentions it.
    "core.fsmonitor=false",
    // The same in the git that Microsoft ships for large repositories.
    "core.virtualFilesystem=",
    "core.virtualizeObjects=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "diff.external=",
    // What is fetched when an object is missing, should `GIT_NO_LAZY_FETCH` be unknown to an old git.
    "protocol.allow=never",
    "fetch.bundleURI=",
    // A folder that looks like a repository is none, unless it is named.
    "safe.bareRepository=explicit",
    // Says so when a name is a branch and a tag.
    "core.warnAmbiguousRefs=true",
];

/// Variables that say which repository is meant or how it is read; what of them counts is in [`Surroundings`].
/// Those that name the user's own settings (`GIT_CONFIG_…`) or where objects are looked for stay.
const REMOVED: [&str; 24] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_CEILING_DIRECTORIES",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_CONFIG",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_ATTR_SOURCE",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_PAGER",
    "GIT_ASKPASS",
    "GIT_SSH_COMMAND",
    "GIT_TEST_FSMONITOR",
];

#[derive(Clone, Debug)]
pub(super) struct Program {
    path: PathBuf,
    /// What git gets as its own `PATH`.
    search: OsString,
}

impl Program {
    /// The first `git` in `PATH`. Relative folders of it, and those within the repository, could hold what a pull
    /// request brought.
    pub(super) fn find(surroundings: &Surroundings, top: &Path) -> Result<Self, GitError> {
        let is_outside = |folder: &PathBuf| {
            let real = folder.canonicalize();
            folder.is_absolute() && !folder.starts_with(top) && real.is_ok_and(|real| !real.starts_with(top))
        };
        let path = surroundings.path.as_deref().unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(path).filter(is_outside).collect();
        let found = folders.iter().map(|folder| folder.join("git")).find(|path| is_program(path));
        let search = std::env::join_paths(&folders).map_err(|_| GitError::NotInstalled)?;
        Ok(Self { path: found.ok_or(GitError::NotInstalled)?, search })
    }

    /// git in a folder of the disk: it takes no locks, asks nobody, fetches nothing, speaks English, and starts no
    /// other program.
    pub(super) fn command(&self, folder: &Path) -> Command {
        let mut git = Command::new(&self.path);
        git.current_dir(folder).env("PATH", &self.search).env("LC_ALL", "C").stdin(Stdio::null());
        for name in REMOVED {
            git.env_remove(name);
        }
        git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1");
        git.env("GIT_ALLOW_PROTOCOL", no_protocol());
        git.args(["--no-pager", "--no-replace-objects", "--literal-pathspecs"]);
        for setting in SETTINGS {
            git.args(["-c", setting]);
        }
        git
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The only protocol that git may fetch by. `protocol.allow` alone would lose to a repository's `protocol.ext.allow`,
/// and a name that can be guessed could be given to a remote (`remote.NAME.vcs`), so nobody can guess it.
fn no_protocol() -> String {
    format!("none-{:016x}", RandomState::new().hash_one("protocol"))
}

/// What a command printed, and what it said beside that.
pub(super) struct Answer {
    pub(super) printed: Vec<u8>,
    pub(super) said: String,
}

/// Runs a command to its end. `name` is what messages call it.
pub(super) fn run(mut command: Command, name: &'static str) -> Result<Answer, GitError> {
    let output = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError::NotInstalled,
        _ => GitError::Failed { command: name, said: reason(&error) },
    })?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Ok(Answer { printed: output.stdout, said });
    }
    let told = said.lines().find(|line| line.starts_with("fatal: ")).or_else(|| said.lines().next());
    let said = told.unwrap_or_default().trim_start_matches("fatal: ").to_owned();
    Err(GitError::Failed { command: name, said })
}
