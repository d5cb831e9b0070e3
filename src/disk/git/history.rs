//! Where two lines of history parted.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::repository::Repository;
use super::{Git, GitError, Surroundings, commit, listing};

/// Two commits, and the last one that both of them have in their history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parted {
    pub base: String,
    pub head: String,
    pub merge_base: String,
    /// What `HEAD` is now.
    pub checked_out: Option<String>,
    /// Files of the project that differ between the two, by their paths in it.
    pub changed: Vec<Utf8PathBuf>,
    /// How many others could be taken for the last one as well, after merges in both directions.
    pub others: usize,
}

impl Git {
    /// Whether the clone lacks a part of its history.
    pub fn is_shallow(project: &Utf8Path, surroundings: &Surroundings) -> bool {
        Repository::of(project, surroundings).is_ok_and(|repository| is_shallow(&repository))
    }

    /// Where a change, `head`, parted from what it goes into, `base`. A clone without the commits in between cannot tell.
    pub fn parted(
        project: &Utf8Path,
        [base, head]: [&str; 2],
        surroundings: &Surroundings,
    ) -> Result<Parted, GitError> {
        let repository = Repository::of(project, surroundings)?;
        let is_shallow = || is_shallow(&repository);
        let find = |reference: &str| match commit::find(&repository, reference, "commit") {
            Err(GitError::UnknownReference(_)) => Err(unknown(&repository, reference)),
            found => found,
        };
        let (from, to) = (find(base)?, find(head)?);
        let answer = match repository.run("merge-base", &["--all", &from, &to]) {
            // It says nothing where there is none.
            Err(GitError::Failed { said, .. }) if said.is_empty() => String::new(),
            answer => String::from_utf8_lossy(&answer?.printed).into_owned(),
        };
        let mut found = answer.lines().map(str::to_owned);
        let (Some(merge_base), others) = (found.next(), found.count()) else {
            let (base, head) = (base.to_owned(), head.to_owned());
            return Err(if is_shallow() { GitError::Shallow(base) } else { GitError::Unrelated { base, head } });
        };
        if is_shallow() && is_cut(&repository, [&from, &to], &merge_base)? {
            return Err(GitError::Shallow(base.to_owned()));
        }
        let checked_out = commit::find(&repository, "HEAD", "commit").ok();
        let changed = changed(&repository, &merge_base, &to)?;
        Ok(Parted { base: from, head: to, merge_base, checked_out, changed, others })
    }
}

/// Files that differ. Both sides are listed, and no more is read of that than is of any revision: what git compares by itself
/// grows with a tree that holds one folder many times.
fn changed(repository: &Repository, from: &str, to: &str) -> Result<Vec<Utf8PathBuf>, GitError> {
    let list = |commit| repository.run_here("ls-tree", &["-r", "-z", "--full-tree", commit]);
    let (from, to) = (list(from)?, list(to)?);
    let (old, new) = (entries(&from.printed), entries(&to.printed));
    let is_changed = |path: &&[u8]| old.get(path) != new.get(path);
    let paths: BTreeSet<&[u8]> = old.keys().chain(new.keys()).copied().filter(is_changed).collect();
    let below = paths.into_iter().filter_map(|path| listing::below(path, &repository.project));
    Ok(below.filter(|path| !path.is_empty()).map(|path| String::from_utf8_lossy(path).into_owned().into()).collect())
}

/// By paths, what stands there: `<mode> <type> <object>`.
fn entries(printed: &[u8]) -> BTreeMap<&[u8], &[u8]> {
    let records = printed.split(|&byte| byte == 0);
    let entry = |record: &[u8]| record.iter().position(|&byte| byte == b'\t');
    records.filter_map(|record| entry(record).map(|tab| (&record[tab + 1..], &record[..tab]))).collect()
}

fn is_shallow(repository: &Repository) -> bool {
    let answer = repository.run("rev-parse", &["--is-shallow-repository"]);
    answer.is_ok_and(|answer| answer.printed.starts_with(b"true"))
}

/// Whether history ends between the commits and where they seem to have parted: a later commit may be behind that end.
fn is_cut(repository: &Repository, commits: [&str; 2], merge_base: &str) -> Result<bool, GitError> {
    let [base, head] = commits;
    let args = ["--max-parents=0", "--max-count=1", base, head, "--not", merge_base];
    Ok(!repository.run("rev-list", &args)?.printed.is_empty())
}

/// Why a name is not known here.
fn unknown(repository: &Repository, reference: &str) -> GitError {
    let remote = format!("refs/remotes/origin/{reference}");
    match commit::find(repository, &remote, "commit") {
        Ok(_) => GitError::OnlyRemote(reference.to_owned()),
        Err(_) if is_shallow(repository) => GitError::Shallow(reference.to_owned()),
        Err(_) => GitError::UnknownReference(reference.to_owned()),
    }
}
