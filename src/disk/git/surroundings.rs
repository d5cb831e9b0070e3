//! What the process was given that bears on git. `src/cli` reads it; the library reads no environment.

use std::ffi::OsString;
use std::path::PathBuf;

/// The working directory and variables. An empty variable counts as one that is not set.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub folder: PathBuf,
    /// `PATH`, in which `git` is looked for.
    pub path: Option<OsString>,
    /// `GIT_DIR`, as hooks of linked worktrees and `git --git-dir` set it.
    pub git_dir: Option<PathBuf>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<PathBuf>,
    /// `GIT_INDEX_FILE`, as `git commit` sets it for its hooks.
    pub index_file: Option<PathBuf>,
    /// `GIT_CEILING_DIRECTORIES`: folders in and above which no repository is looked for.
    pub ceilings: Option<OsString>,
}
