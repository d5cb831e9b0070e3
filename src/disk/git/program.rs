//! The program `git`: which one is run, and with what it is kept from running others.

use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

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

/// What a command may print: names of some hundred thousand files.
const MOST_PRINTED: u64 = 64 << 20;
/// What of its complaints is kept.
const MOST_SAID: u64 = 64 << 10;

/// How long git may say nothing: it waits without end where a pipe is among the files it reads, such as one that a
/// setting of the repository includes.
const PATIENCE: Duration = Duration::from_mins(2);

/// Bytes that git may hold of its own, without files that it maps: an index of a million files takes a fifth of it. A
/// repository can be made so that git would unfold more of it than any memory holds.
const MOST_HELD: u64 = 1 << 30;

/// Starts a command, and bounds what it may hold.
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    spawn_within(command, MOST_HELD)
}

fn spawn_within(command: &mut Command, most: u64) -> io::Result<Child> {
    // Nobody ends them all between the start of one and its name on the list.
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let child = command.spawn()?;
    running.push(Pid::from_child(&child));
    bound(&child, most);
    Ok(child)
}

/// What runs now, to be ended with the run: git may wait for something that never comes.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Waits for the end of a command.
pub(super) fn end(child: &mut Child) -> io::Result<ExitStatus> {
    let status = child.wait();
    let pid = Pid::from_child(child);
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|running| *running != pid);
    status
}

/// Ends all that run, for a run that is told to stop.
pub(super) fn end_all() {
    for pid in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _ = kill_process(*pid, Signal::KILL); // It may have ended by itself.
    }
}

#[cfg(target_os = "linux")]
fn bound(child: &Child, most: u64) {
    use rustix::process::{Resource, Rlimit, prlimit};
    let limit = Rlimit { current: Some(most), maximum: Some(most) };
    let _ = prlimit(Some(Pid::from_child(child)), Resource::Data, limit); // It may have ended already.
}

#[cfg(not(target_os = "linux"))]
fn bound(_child: &Child, _most: u64) {}

/// What git prints, to be read with patience, and the end that git gets.
pub(super) fn printed() -> io::Result<(UnixStream, Stdio)> {
    printed_within(PATIENCE)
}

fn printed_within(patience: Duration) -> io::Result<(UnixStream, Stdio)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_read_timeout(Some(patience))?;
    Ok((ours, Stdio::from(OwnedFd::from(theirs))))
}

/// Runs a command to its end. `name` is what messages call it.
pub(super) fn run(command: Command, name: &'static str) -> Result<Answer, GitError> {
    run_within(command, name, MOST_PRINTED, PATIENCE)
}

/// [`run`], ended as soon as the command prints more than it may, or nothing for too long.
fn run_within(mut command: Command, name: &'static str, limit: u64, patience: Duration) -> Result<Answer, GitError> {
    let failed = |error: &io::Error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            GitError::TooLong { command: name, seconds: patience.as_secs() }
        }
        _ => GitError::Failed { command: name, said: reason(error) },
    };
    let (stdout, theirs) = printed_within(patience).map_err(|error| failed(&error))?;
    let mut child = spawn(command.stdout(theirs).stderr(Stdio::piped())).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError::NotInstalled,
        _ => failed(&error),
    })?;
    drop(command); // It holds the end that the program prints to, which is to close with it.
    let stderr = child.stderr.take();
    let (printed, said) = thread::scope(|scope| {
        // Nobody may wait for the other: what is not kept is read, too.
        let said = thread::Builder::new().spawn_scoped(scope, move || {
            let mut said = Vec::new();
            let mut stderr = stderr?;
            stderr.by_ref().take(MOST_SAID).read_to_end(&mut said).ok()?;
            io::copy(&mut stderr, &mut io::sink()).ok()?;
            Some(said)
        });
        let printed = read_within(stdout, limit);
        if !matches!(printed, Ok(Some(_))) {
            let _ = child.kill(); // It may have ended by itself.
        }
        (printed, said.ok().and_then(|said| said.join().ok()).flatten().unwrap_or_default())
    });
    let status = end(&mut child).map_err(|error| failed(&error))?;
    let printed = match printed {
        Ok(Some(printed)) => printed,
        Ok(None) => return Err(GitError::TooMuch { command: name, limit }),
        Err(error) => return Err(failed(&error)),
    };
    let said = String::from_utf8_lossy(&said).into_owned();
    if status.success() {
        return Ok(Answer { printed, said });
    }
    let told = said.lines().find(|line| line.starts_with("fatal: ")).or_else(|| said.lines().next());
    let said = told.unwrap_or_default().trim_start_matches("fatal: ").to_owned();
    Err(GitError::Failed { command: name, said })
}

/// All that can be read; `None` if that is more than the limit.
fn read_within(from: impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut read = Vec::new();
    from.take(limit + 1).read_to_end(&mut read)?;
    Ok((read.len() as u64 <= limit).then_some(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null());
        command
    }

    #[test]
    fn a_command_that_prints_without_end_is_ended() {
        let ended = run_within(shell("yes"), "ls-files", 100_000, PATIENCE);
        assert!(matches!(ended, Err(GitError::TooMuch { command: "ls-files", limit: 100_000 })));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_command_that_takes_all_memory_is_ended() {
        let mut hungry = shell("read line; x=xxxxxxxx; while :; do x=$x$x; done");
        let mut child = spawn_within(hungry.stdin(Stdio::piped()).stderr(Stdio::null()), 32 << 20).unwrap();
        drop(child.stdin.take()); // Only now does it begin.
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn a_command_that_waits_without_end_is_ended() {
        let ended = run_within(shell("exec sleep 1000000"), "rev-parse", 4, Duration::from_millis(20));
        assert!(matches!(ended, Err(GitError::TooLong { command: "rev-parse", .. })));
    }

    #[test]
    fn what_is_said_beside_is_read_to_the_end_and_kept_in_part() {
        let answer = run_within(shell("yes | head -c 1000000 >&2; printf done"), "ls-files", 4, PATIENCE).ok().unwrap();
        assert_eq!((answer.printed.as_slice(), answer.said.len() as u64), (&b"done"[..], MOST_SAID));
        let failed = run_within(shell("echo fatal: no >&2; exit 3"), "ls-files", 4, PATIENCE).err().unwrap();
        assert_eq!(failed.to_string(), "`git ls-files` says: no");
    }
}
