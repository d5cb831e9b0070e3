//! Why git cannot be read.

use std::fmt;
use std::path::PathBuf;

/// As text: a sentence without full stop.
#[derive(Debug)]
pub enum GitError {
    NotInstalled,
    /// There is no `.git` in the project's folder or above.
    NotARepository,
    /// There is one, and it leads nowhere.
    Broken(PathBuf),
    /// git does not trust a folder that another user owns.
    OwnedByAnother(PathBuf),
    /// The repository's files are in another folder (`core.worktree`), or nowhere (`core.bare`).
    OtherWorkTree {
        here: PathBuf,
        configured: Option<PathBuf>,
    },
    /// `GIT_DIR` without `GIT_WORK_TREE`, and no `.git` above the project.
    NoWorkTree(PathBuf),
    /// The hook runs for a commit in one repository, and the project is in another.
    OtherRepository {
        commit: PathBuf,
        project: PathBuf,
    },
    /// `GIT_INDEX_FILE` names no file.
    NoIndex(PathBuf),
    /// `GIT_INDEX_FILE` names a file that a commit could have brought.
    IndexInWorkTree(PathBuf),
    UnknownReference(String),
    /// A branch and a tag, say.
    AmbiguousReference(String),
    /// A branch of `origin` that has no local one.
    OnlyRemote(String),
    /// The clone lacks a reference, or the history between it and what it is compared with.
    Shallow(String),
    /// Two commits that have no history in common.
    Unrelated {
        base: String,
        head: String,
    },
    /// A listing that grows past all reason.
    TooMuch {
        command: &'static str,
        limit: u64,
    },
    /// It waits for something that does not come.
    TooLong {
        command: &'static str,
        seconds: u64,
    },
    /// What git said first.
    Failed {
        command: &'static str,
        said: String,
    },
}

impl GitError {
    /// What to do, where there is something to do.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::NotInstalled => {
                "`PATH` is searched, but for its relative folders and those of the repository".to_owned()
            }
            Self::Broken(_) => {
                "is the folder there that it names? a container that holds a linked worktree needs its repository, too"
                    .to_owned()
            }
            Self::OwnedByAnother(top) => format!(
                "if you trust all that is in it, run `git config --global --add safe.directory {}`; see `safe.directory` in `git help config`",
                top.display()
            ),
            Self::OtherWorkTree { configured: Some(_), .. } => {
                "unset `core.worktree`, or run platc on the project in that folder".to_owned()
            }
            Self::OtherWorkTree { configured: None, .. } => {
                "unset `core.bare`, or run platc in a worktree of the repository".to_owned()
            }
            Self::NoWorkTree(_) => "set `GIT_WORK_TREE` as well, or unset `GIT_DIR`".to_owned(),
            Self::OtherRepository { .. } => {
                "that commit holds none of the project's files; put the hook into the project's own repository"
                    .to_owned()
            }
            Self::NoIndex(_) => "unset `GIT_INDEX_FILE`, or let it name an index".to_owned(),
            Self::IndexInWorkTree(_) => {
                "put that index into the repository's git folder or outside of the work tree".to_owned()
            }
            Self::AmbiguousReference(name) => {
                format!(
                    "write `refs/heads/{name}` for the branch, `refs/tags/{name}` for the tag, or all 40 digits of the commit"
                )
            }
            Self::OnlyRemote(name) => format!("write `origin/{name}` for the branch as it was fetched"),
            Self::Shallow(_) => {
                "let CI fetch all of it: `fetch-depth: 0` for `actions/checkout`, `GIT_DEPTH: 0` on GitLab; here, \
                                 `git fetch --unshallow` does"
                    .to_owned()
            }
            Self::Unrelated { .. } => "name the branch that the change goes into".to_owned(),
            Self::TooLong { .. } => {
                "look for pipes among the files in `.git`, and for what `include.path` in `.git/config` names"
                    .to_owned()
            }
            Self::TooMuch { .. } => "keep the project in a folder of the repository that holds little else".to_owned(),
            Self::NotARepository | Self::UnknownReference(_) | Self::Failed { .. } => return None,
        })
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => f.write_str("the program `git` is not installed"),
            Self::NotARepository => f.write_str("the project is not in a git repository"),
            Self::Broken(named) => write!(f, "`{}` leads to no git repository", named.display()),
            Self::OwnedByAnother(top) => {
                write!(f, "git does not trust the repository `{}`, because another user owns it", top.display())
            }
            Self::OtherWorkTree { here, configured: Some(configured) } => write!(
                f,
                "the repository of `{}` has its files in another folder, `{}`",
                here.display(),
                configured.display()
            ),
            Self::OtherWorkTree { here, configured: None } => {
                write!(f, "the repository of `{}` is bare: it has no files beside it", here.display())
            }
            Self::NoWorkTree(git_dir) => write!(
                f,
                "`GIT_DIR` names `{}`, and nothing says in which folder the files of that repository are",
                git_dir.display()
            ),
            Self::OtherRepository { commit, project } => write!(
                f,
                "the commit is made in the repository `{}`, and the project is in another, `{}`",
                commit.display(),
                project.display()
            ),
            Self::NoIndex(index) => write!(f, "`GIT_INDEX_FILE` names `{}`, which is not there", index.display()),
            Self::IndexInWorkTree(index) => write!(
                f,
                "`GIT_INDEX_FILE` names `{}`, which lies among the files that a commit can bring",
                index.display()
            ),
            Self::UnknownReference(name) => write!(f, "`{name}` is not a branch, tag or commit of this repository"),
            Self::AmbiguousReference(name) => {
                write!(f, "`{name}` means several things to git, such as a branch and a tag")
            }
            Self::OnlyRemote(name) => {
                write!(f, "`{name}` is not a branch, tag or commit of this repository, only a branch of `origin`")
            }
            Self::Shallow(name) => write!(f, "this clone is shallow: it lacks the history that leads to `{name}`"),
            Self::Unrelated { base, head } => write!(f, "`{base}` and `{head}` have no commit in common"),
            Self::TooMuch { command, limit } => {
                write!(f, "`git {command}` prints more than {} MiB, which is more than any project needs", limit >> 20)
            }
            Self::TooLong { command, seconds } => {
                write!(f, "`git {command}` has said nothing for {seconds} seconds, and was ended")
            }
            Self::Failed { command, said } => write!(f, "`git {command}` says: {said}"),
        }
    }
}
