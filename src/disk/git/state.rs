//! What git is about to do, and what it leaves out: asked where a finding wants to say what to do.

use camino::Utf8Path;

use super::repository::Repository;
use super::{Git, Surroundings};

/// Files and folders that git keeps while a merge, a rebase or the like is not done.
const UNDER_WAY: [&str; 5] = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"];

impl Git {
    /// Whether a merge, a rebase or the like is under way. Outside of a repository there is none.
    pub fn is_merging(project: &Utf8Path, surroundings: &Surroundings) -> bool {
        Repository::of(project, surroundings).is_ok_and(|repository| {
            UNDER_WAY.iter().any(|name| repository.git_dir.join(name).symlink_metadata().is_ok())
        })
    }

    /// The line by which git ignores a path of the project, with its file: `.gitignore:2: golden`.
    pub fn ignored_by(project: &Utf8Path, path: &Utf8Path, surroundings: &Surroundings) -> Option<String> {
        let repository = Repository::of(project, surroundings).ok()?;
        let path = repository.project.join(path);
        let answer = repository.run_plain("check-ignore", &["-v", "--", path.to_str()?]).ok()?;
        let printed = String::from_utf8(answer.printed).ok()?;
        let mut parts = printed.lines().next()?.split('\t').next()?.splitn(3, ':');
        let (file, line, pattern) = (parts.next()?, parts.next()?, parts.next()?);
        Some(format!("{file}:{line}: {pattern}"))
    }
}
