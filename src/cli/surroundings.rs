//! What of the environment bears on git.

use std::ffi::OsString;

use camino::Utf8Path;

use crate::disk::Surroundings;

/// Reads the variables by which `git` is found and by which it tells its hooks what they are about.
#[allow(clippy::disallowed_methods, reason = "here the environment enters")]
pub(super) fn read(folder: &Utf8Path) -> Surroundings {
    let variable = |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    Surroundings {
        folder: folder.into(),
        path: variable("PATH"),
        git_dir: variable("GIT_DIR").map(Into::into),
        work_tree: variable("GIT_WORK_TREE").map(Into::into),
        index_file: variable("GIT_INDEX_FILE").map(Into::into),
        ceilings: variable("GIT_CEILING_DIRECTORIES"),
    }
}
