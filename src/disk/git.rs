//! Files as git has them: what is staged, or what a commit holds. Read through the `git` program, whose formats are
//! stable, rather than through a library three times the size of platc.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Disk, Entry, EntryKind, ReadError, flat};

/// One state of the project in git. Paths are relative to the project, which may be a folder of the repository.
#[derive(Debug)]
pub struct Git {
    files: BTreeMap<Utf8PathBuf, Blob>,
    /// Folders with a name in them that is not UTF-8, and that name with replacement characters.
    bad_names: Vec<(Utf8PathBuf, String)>,
    contents: Mutex<Contents>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Blob {
    id: String,
    kind: BlobKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BlobKind {
    File,
    Link,
    Submodule,
    Unmerged,
}

/// Why git cannot be read. As text: a sentence without full stop.
#[derive(Debug)]
pub enum GitError {
    NotInstalled,
    NotARepository,
    /// git does not trust a folder that another user owns.
    OwnedByAnother,
    UnknownReference(String),
    /// What git said first.
    Failed {
        command: &'static str,
        said: String,
    },
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => f.write_str("the program `git` is not installed"),
            Self::NotARepository => f.write_str("the project is not in a git repository"),
            Self::OwnedByAnother => {
                f.write_str("git does not trust this repository, because another user owns it; see `safe.directory` in `git help config`")
            }
            Self::UnknownReference(name) => write!(f, "`{name}` is not a branch, tag or commit of this repository"),
            Self::Failed { command, said } => write!(f, "`git {command}` says: {said}"),
        }
    }
}

impl Git {
    /// What is staged: the next commit, if it were made now.
    pub fn index(project: &Utf8Path) -> Result<Self, GitError> {
        let listing = run(project, "ls-files", &["--stage", "-z"])?;
        let mut git = Self::parse(project, &listing, |line| {
            // `<mode> <object> <stage>`; a stage other than 0 is one side of a merge conflict.
            let mut words = line.split(' ');
            let (mode, id, stage) = (words.next()?, words.next()?, words.next()?);
            let kind = if stage == "0" { kind(mode) } else { BlobKind::Unmerged };
            Some(Blob { id: id.to_owned(), kind })
        });
        // `git add --intent-to-add` leaves an empty file in the index that no commit would have. Git shows such files
        // as added in the working tree.
        if git.files.values().any(|blob| EMPTY.contains(&&*blob.id)) {
            let added = run(project, "diff-files", &["--relative", "--name-only", "--diff-filter=A", "-z"])?;
            for path in added.split(|&byte| byte == 0).filter_map(|path| std::str::from_utf8(path).ok()) {
                git.files.remove(Utf8Path::new(path));
            }
        }
        Ok(git)
    }

    /// What a branch, tag or commit holds.
    pub fn tree(project: &Utf8Path, reference: &str) -> Result<Self, GitError> {
        let unknown = || GitError::UnknownReference(reference.to_owned());
        if reference.is_empty() || reference.contains(['\0', '\n']) {
            return Err(unknown());
        }
        let tree = format!("{reference}^{{tree}}");
        let found = run(project, "rev-parse", &["--verify", "--quiet", "--end-of-options", &tree]);
        let id = match found {
            // `--quiet` says nothing about a name that git does not know.
            Err(GitError::Failed { said, .. }) if said.is_empty() => return Err(unknown()),
            other => other?,
        };
        let id = String::from_utf8_lossy(&id).trim().to_owned();
        let listing = run(project, "ls-tree", &["-r", "-z", &id])?;
        Ok(Self::parse(project, &listing, |line| {
            // `<mode> <type> <object>`
            let mut words = line.split(' ');
            let (mode, _, id) = (words.next()?, words.next()?, words.next()?);
            Some(Blob { id: id.to_owned(), kind: kind(mode) })
        }))
    }

    /// Reads records `<fields> TAB <path> NUL`.
    fn parse(project: &Utf8Path, listing: &[u8], blob: impl Fn(&str) -> Option<Blob>) -> Self {
        let mut files = BTreeMap::new();
        let mut bad_names = Vec::new();
        for record in listing.split(|&byte| byte == 0) {
            let Some(tab) = record.iter().position(|&byte| byte == b'\t') else { continue };
            let (fields, path) = (&record[..tab], &record[tab + 1..]);
            let Some(blob) = std::str::from_utf8(fields).ok().and_then(&blob) else { continue };
            match std::str::from_utf8(path) {
                Ok(path) => {
                    files.insert(Utf8PathBuf::from(path), blob);
                }
                Err(_) => bad_names.push(bad_name(path)),
            }
        }
        Self { files, bad_names, contents: Mutex::new(Contents { project: project.to_owned(), process: None }) }
    }

    /// The same path with the links in it followed.
    fn resolve(&self, path: &Utf8Path) -> Result<Utf8PathBuf, ReadError> {
        flat::resolve(path, |path| match self.files.get(path) {
            Some(Blob { id, kind: BlobKind::Link }) => {
                let target = self.content(id, 4096)?;
                Ok(Some(String::from_utf8(target).map_err(|_| ReadError::Missing)?.into()))
            }
            _ => Ok(None),
        })
    }

    fn content(&self, id: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let mut contents = self.contents.lock().expect("no thread panics while it holds this lock");
        contents.read(id, limit)
    }
}

impl Disk for Git {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        let path = self.resolve(path)?;
        match self.files.get(&path) {
            Some(Blob { id, kind: BlobKind::File }) => self.content(id, limit),
            Some(Blob { kind: BlobKind::Unmerged, .. }) => Err(ReadError::Unmerged),
            Some(Blob { kind: BlobKind::Submodule, .. }) => Err(ReadError::Submodule),
            Some(Blob { kind: BlobKind::Link, .. }) => Err(ReadError::Escapes), // `resolve` follows them all.
            None if flat::is_folder(&self.files, &path) => Err(ReadError::WrongKind(EntryKind::Folder)),
            None => Err(ReadError::Missing),
        }
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
        let path = self.resolve(path)?;
        if let Some((_, name)) = self.bad_names.iter().find(|(folder, _)| *folder == path) {
            return Err(ReadError::NameNotUtf8(name.clone()));
        }
        if self.files.get(&path).is_some_and(|blob| blob.kind == BlobKind::Submodule) {
            return Err(ReadError::Submodule);
        }
        flat::list(&self.files, &path, |blob| match blob.kind {
            BlobKind::File | BlobKind::Unmerged => EntryKind::File,
            BlobKind::Link => EntryKind::Link,
            BlobKind::Submodule => EntryKind::Folder,
        })
    }
}

/// The empty file's object id, in repositories of SHA-1 and of SHA-256.
const EMPTY: [&str; 2] =
    ["e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"];

/// Git's modes: <https://git-scm.com/docs/git-fast-import#_filemodify>.
fn kind(mode: &str) -> BlobKind {
    match mode {
        "120000" => BlobKind::Link,
        "160000" => BlobKind::Submodule,
        _ => BlobKind::File,
    }
}

/// The folder in which the first bad component stands, and that component.
fn bad_name(path: &[u8]) -> (Utf8PathBuf, String) {
    let mut folder = Utf8PathBuf::new();
    for component in path.split(|&byte| byte == b'/') {
        match std::str::from_utf8(component) {
            Ok(name) => folder.push(name),
            Err(_) => return (folder, String::from_utf8_lossy(component).into_owned()),
        }
    }
    (folder, String::new())
}

/// `git cat-file --batch`, started with the first file that is wanted.
#[derive(Debug)]
struct Contents {
    project: Utf8PathBuf,
    process: Option<Process>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Contents {
    fn read(&mut self, id: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let process = match &mut self.process {
            Some(process) => process,
            none => none.insert(Process::start(&self.project)?),
        };
        let result = process.read(id, limit);
        if matches!(result, Err(ReadError::Io(_))) {
            // Questions and answers may no longer match: the next read starts afresh.
            self.process = None;
        }
        result
    }
}

impl Process {
    fn start(project: &Utf8Path) -> Result<Self, ReadError> {
        let mut command = git(project, "cat-file");
        command.arg("--batch").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(answers)) => Ok(Self { child, requests, answers: BufReader::new(answers) }),
            _ => Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
        }
    }

    /// One question, `<object>`, and its answer, `<object> blob <size>`, the bytes and a line end.
    fn read(&mut self, id: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        writeln!(self.requests, "{id}")?;
        self.requests.flush()?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let size = head.trim_end().strip_prefix(id).and_then(|rest| rest.strip_prefix(" blob "));
        let Some(size) = size.and_then(|size| size.parse::<u64>().ok()) else {
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        };
        if size > limit {
            io::copy(&mut self.answers.by_ref().take(size + 1), &mut io::sink())?;
            return Err(ReadError::TooLarge { limit });
        }
        let mut bytes = Vec::with_capacity(size as usize + 1);
        self.answers.by_ref().take(size + 1).read_to_end(&mut bytes)?;
        if bytes.pop() != Some(b'\n') || bytes.len() as u64 != size {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(bytes)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing is written by `cat-file`: ending it at once loses nothing, and waiting leaves no zombie.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A git command in the project's folder that takes no locks, asks nobody, fetches nothing and speaks English. The
/// variables that a hook sets (`GIT_INDEX_FILE`) reach it: they say which index is judged.
fn git(project: &Utf8Path, command: &str) -> Command {
    let mut git = Command::new("git");
    git.current_dir(if project.as_str().is_empty() { Utf8Path::new(".") } else { project });
    git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1");
    git.env("LC_ALL", "C").stdin(Stdio::null()).arg(command);
    git
}

fn run(project: &Utf8Path, command: &'static str, args: &[&str]) -> Result<Vec<u8>, GitError> {
    let output = git(project, command).args(args).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError::NotInstalled,
        _ => GitError::Failed { command, said: super::reason(&error) },
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("dubious ownership") {
        return Err(GitError::OwnedByAnother);
    }
    if said.contains("not a git repository") || said.contains("must be run in a work tree") {
        return Err(GitError::NotARepository);
    }
    let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
    Err(GitError::Failed { command, said })
}
