//! What is staged.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::listing::{Blob, BlobKind, Listing, kind};
use super::program::run;
use super::repository::{Repository, real, walk};
use super::{GitError, Surroundings};

/// The index that `GIT_INDEX_FILE` names; `None` is the repository's own. `git commit` tells its hooks by it which index
/// becomes the commit: another file for `git commit FILE` and `git commit -a`.
///
/// Hooks pass their variables on to all that they start. So it may be that these tell of a commit in a repository around
/// the project's own; its index says nothing about the project.
pub(super) fn named(repository: &Repository, surroundings: &Surroundings) -> Result<Option<PathBuf>, GitError> {
    if let Some(commit) = elsewhere(repository, surroundings) {
        return Err(GitError::OtherRepository { commit, project: repository.top.clone() });
    }
    let Some(index) = &surroundings.index_file else { return Ok(None) };
    let index = real(&repository.top.join(index)); // git takes a relative one from here, too.
    if index == repository.git_dir.join("index") {
        return Ok(None);
    }
    if !index.is_file() {
        return Err(GitError::NoIndex(index));
    }
    if index.starts_with(&repository.git_dir) || index.starts_with(&repository.common_dir) {
        return Ok(Some(index));
    }
    if index.starts_with(&repository.top) {
        return Err(GitError::IndexInWorkTree(index));
    }
    match index.ancestors().find(|folder| is_git_dir(folder)) {
        Some(other) => Err(GitError::OtherRepository { commit: other.to_owned(), project: repository.top.clone() }),
        None => Ok(Some(index)),
    }
}

/// The repository in which the commit is made, if it is not the project's.
fn elsewhere(repository: &Repository, surroundings: &Surroundings) -> Option<PathBuf> {
    if let Some(git_dir) = &surroundings.git_dir {
        // Relative to where the hook was started, which is the folder with the files.
        let tries = [surroundings.folder.join(git_dir), repository.top.join(git_dir)];
        return (!tries.iter().any(|path| real(path) == repository.git_dir)).then(|| real(&tries[0]));
    }
    surroundings.index_file.as_ref()?;
    let folder = real(&surroundings.folder);
    walk(&folder, surroundings).filter(|top| *top != repository.top).map(Path::to_owned)
}

fn is_git_dir(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && (folder.join("objects").is_dir() || folder.join("commondir").is_file())
}

/// How many folders above the project's a file of this name is staged next.
pub(super) fn nearest(repository: &Repository, name: &str) -> Result<Option<usize>, GitError> {
    let wanted: Vec<PathBuf> = repository.project.ancestors().map(|folder| folder.join(name)).collect();
    let mut command = repository.command("ls-files");
    command.args(["--cached", "-z", "--"]).args(&wanted);
    let answer = run(command, "ls-files")?;
    let staged: BTreeSet<&[u8]> = answer.printed.split(|&byte| byte == 0).collect();
    Ok(wanted.iter().position(|path| staged.contains(path.as_os_str().as_bytes())))
}

pub(super) fn list(repository: &Repository) -> Result<Listing, GitError> {
    let answer = repository.run_here("ls-files", &["--stage", "-z"])?;
    let mut listing = Listing::parse(&answer.printed, &repository.project, |line| {
        // `<mode> <object> <stage>`; a stage other than 0 is one side of a merge conflict.
        let mut words = line.split(' ');
        let (mode, id, stage) = (words.next()?, words.next()?, words.next()?);
        let kind = if stage == "0" { kind(mode) } else { BlobKind::Unmerged };
        Some(Blob { id: id.to_owned(), kind })
    });
    leave_out_intended(&mut listing, repository)?;
    Ok(listing)
}

/// The empty file and the empty tree, in repositories of SHA-1 and of SHA-256.
const EMPTY: [(&str, &str); 2] = [
    ("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"),
    (
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
        "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    ),
];

/// `git add --intent-to-add` leaves an empty file in the index that no commit would have. git tells it from a file that
/// is empty when it compares the index with nothing. The working tree is not looked at: filters would run.
fn leave_out_intended(listing: &mut Listing, repository: &Repository) -> Result<(), GitError> {
    let mut ids = listing.files.values().map(|blob| blob.id.as_str());
    let Some((file, nothing)) = ids.find_map(|id| EMPTY.into_iter().find(|(file, _)| *file == id)) else {
        return Ok(());
    };
    let args = ["--cached", "--ita-invisible-in-index", "--no-renames", "--no-ext-diff", "--name-only", "-z", nothing];
    let answer = repository.run_here("diff-index", &args)?;
    let below = |path: &[u8]| super::listing::below(path, &repository.project).map(<[u8]>::to_vec);
    let committed: BTreeSet<Vec<u8>> = answer.printed.split(|&byte| byte == 0).filter_map(below).collect();
    listing.files.retain(|path, blob| blob.id != file || committed.contains(path.as_str().as_bytes()));
    Ok(())
}
