//! What a branch, tag or commit holds.

use super::GitError;
use super::listing::{Blob, Listing, kind};
use super::repository::Repository;

pub(super) fn list(repository: &Repository, reference: &str) -> Result<Listing, GitError> {
    let id = find(repository, reference, "tree")?;
    let answer = repository.run_here("ls-tree", &["-r", "-z", "--full-tree", &id])?;
    Ok(Listing::parse(&answer.printed, &repository.project, |line| {
        // `<mode> <type> <object>`
        let mut words = line.split(' ');
        let (mode, _, id) = (words.next()?, words.next()?, words.next()?);
        Some(Blob { id: id.to_owned(), kind: kind(mode) })
    }))
}

/// The `tree` or the `commit` that a reference leads to.
pub(super) fn find(repository: &Repository, reference: &str, kind: &str) -> Result<String, GitError> {
    let unknown = || GitError::UnknownReference(reference.to_owned());
    if reference.is_empty() || reference.contains(['\0', '\n']) {
        return Err(unknown());
    }
    let wanted = format!("{reference}^{{{kind}}}");
    let answer = match repository.run("rev-parse", &["--verify", "--end-of-options", &wanted]) {
        Err(GitError::Failed { said, .. }) if is_unknown(&said) => return Err(unknown()),
        answer => answer?,
    };
    if answer.said.contains("is ambiguous") {
        return Err(GitError::AmbiguousReference(reference.to_owned()));
    }
    let id = String::from_utf8_lossy(&answer.printed).trim().to_owned();
    // `^HEAD` is all but what `HEAD` leads to, and is answered by `^` and its tree.
    if id.bytes().all(|byte| byte.is_ascii_hexdigit()) { Ok(id) } else { Err(unknown()) }
}

/// What git says of a name that it does not know, or that leads to a file.
fn is_unknown(said: &str) -> bool {
    said.contains("Needed a single revision")
}
