//! What is meant by the word after `--against`.

use std::sync::Arc;

use camino::Utf8Path;

use super::Old;
use crate::cli::exit::Failure;
use crate::cli::session::Session;
use crate::disk::GitError;
use crate::project::{Entry, Project};

impl Old {
    /// `golden` is the golden tree, and `env:`, `dir:` or `rev:` say what the word behind them is. Without one, a word
    /// must mean one thing only: a pull request can bring a folder or an environment with the name of a branch, and what
    /// it is judged against is not for it to choose.
    pub(in crate::cli) fn named(typed: &str, project: &Project, session: &Session) -> Result<Self, Failure> {
        if typed == "golden" {
            return Ok(Self::Golden);
        }
        if let Some(name) = typed.strip_prefix("env:") {
            return session.find(project, name).map(|entry| Self::Environment(Arc::clone(&entry.name)));
        }
        if let Some(folder) = typed.strip_prefix("dir:") {
            let is_there = session.place.absolute(Utf8Path::new(folder)).is_dir();
            return is_there.then(|| Self::Folder(folder.into())).ok_or_else(|| no_folder(folder));
        }
        // A revision is asked for here, so that a word that means nothing is told before anything is compiled.
        if let Some(revision) = typed.strip_prefix("rev:") {
            session.at(revision).map_err(|error| in_shallow(error, session))?;
            return Ok(Self::Revision(revision.to_owned()));
        }
        let mut meanings = Vec::from_iter(environment(typed, project, session));
        meanings.extend(folder(typed, &meanings, project, session));
        let unknown = match session.at(typed) {
            Ok(_) => {
                meanings.push(Self::Revision(typed.to_owned()));
                None
            }
            Err(error) => Some(error),
        };
        match (meanings.len(), unknown) {
            (0, Some(error)) => Err(nothing(typed, in_shallow(error, session))),
            // It could be a revision that this clone does not have, and the folder may have come with what is judged.
            (1, Some(GitError::UnknownReference(_))) if is_brought(&meanings[0], session) => Err(only_folder(typed)),
            (1, None | Some(GitError::UnknownReference(_) | GitError::NotARepository)) => Ok(meanings.remove(0)),
            (1, Some(error)) => Err(undecided(typed, &meanings[0], &error)),
            _ => Err(several(typed, &meanings)),
        }
    }

    /// With the prefix that means this and nothing else, and in words.
    fn spelled(&self, typed: &str) -> (String, &'static str) {
        let (prefix, what) = match self {
            Self::Environment(_) => ("env:", "the environment"),
            Self::Folder(_) => ("dir:", "the folder"),
            Self::Revision(_) => ("rev:", "the git revision"),
            Self::Golden | Self::Output(_) => ("", "the tree"),
        };
        (format!("{prefix}{typed}"), what)
    }
}

fn environment(typed: &str, project: &Project, session: &Session) -> Option<Old> {
    session.find(project, typed).ok().map(|entry| Old::Environment(Arc::clone(&entry.name)))
}

/// A folder, unless it is the one that the environment is made of.
fn folder(typed: &str, meanings: &[Old], project: &Project, session: &Session) -> Option<Old> {
    let path = Utf8Path::new(typed);
    let within = session.place.in_project(path);
    let is_own = |entry: &Entry| Some(&entry.path) == within.as_ref();
    let is_other = meanings.is_empty() || !project.environments.iter().any(is_own);
    (is_other && session.place.absolute(path).is_dir()).then(|| Old::Folder(path.to_owned()))
}

/// Of a revision that is not known where a part of the history is not there, that this may be why.
fn in_shallow(error: GitError, session: &Session) -> GitError {
    match error {
        GitError::UnknownReference(name) if session.is_shallow() => GitError::Shallow(name),
        error => error,
    }
}

fn nothing(typed: &str, error: GitError) -> Failure {
    let what = format!("`{typed}` is no environment, no folder and no git revision");
    let takes = "`--against` takes `golden`, an environment, a folder or a revision";
    match error {
        GitError::UnknownReference(_) => {
            Failure::new(what).help(format!("{error}, or not in this clone, if it is shallow; {takes}"))
        }
        GitError::Shallow(_) => {
            let fetch = error.help().unwrap_or_default();
            Failure::new(what).help(format!("this clone is shallow, which may be why: {fetch}; {takes}"))
        }
        GitError::NotARepository => Failure::new(what).help(format!("{error}; {takes}")),
        // A word that git did not get to answer is most likely a revision.
        error => error.into(),
    }
}

/// Whether it is a folder of the project that is called as a revision could be.
fn is_brought(meaning: &Old, session: &Session) -> bool {
    let Old::Folder(folder) = meaning else { return false };
    let name = folder.as_str();
    let is_path = name.starts_with(['.', '/', '~']) || name.ends_with('/');
    !is_path && session.place.in_project(folder).is_some()
}

fn only_folder(typed: &str) -> Failure {
    Failure::new(format!("`{typed}` is no git revision of this clone, only a folder of the project"))
        .help(format!("write `dir:{typed}` if you mean the folder; a clone that is shallow does not have all branches"))
}

fn no_folder(typed: &str) -> Failure {
    Failure::new(format!("there is no folder `{typed}`")).help("paths are taken from where you are")
}

fn several(typed: &str, meanings: &[Old]) -> Failure {
    let spelled: Vec<_> = meanings.iter().map(|meaning| meaning.spelled(typed)).collect();
    let things: Vec<_> = spelled.iter().map(|(_, what)| format!("{what} `{typed}`")).collect();
    let choices: Vec<_> = spelled.iter().map(|(word, _)| format!("`{word}`")).collect();
    let count = if meanings.len() == 2 { "two" } else { "three" };
    Failure::new(format!("`{typed}` could be {count} things: {}", things.join(" and ")))
        .help(format!("write {}", choices.join(" or ")))
}

fn undecided(typed: &str, meaning: &Old, error: &GitError) -> Failure {
    let (word, what) = meaning.spelled(typed);
    Failure::new(format!("`{typed}` is {what}, and could be a git revision, which cannot be asked: {error}"))
        .help(format!("write `{word}` if you mean {what}"))
}
