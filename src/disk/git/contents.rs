//! The bytes of files: `git cat-file --batch`, started with the first file that is wanted.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};

use super::program;
use super::repository::Repository;
use crate::disk::ReadError;

#[derive(Debug)]
pub(super) struct Contents {
    repository: Repository,
    process: Option<Process>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    requests: UnixStream,
    answers: BufReader<UnixStream>,
}

impl Contents {
    pub(super) fn of(repository: Repository) -> Self {
        Self { repository, process: None }
    }

    pub(super) fn read(&mut self, id: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let process = match &mut self.process {
            Some(process) => process,
            none => none.insert(Process::start(&self.repository)?),
        };
        let result = process.read(id, limit);
        if matches!(result, Err(ReadError::Io(_) | ReadError::NotInClone)) {
            // The program has ended, or questions and answers no longer match: the next read starts afresh.
            self.process = None;
        }
        result
    }
}

impl Process {
    fn start(repository: &Repository) -> Result<Self, ReadError> {
        let mut command = repository.command("cat-file");
        // A socket cannot be opened by a path: settings that include `/dev/stdin` end git, where a pipe would keep it
        // waiting for their end.
        let (requests, theirs) = UnixStream::pair()?;
        let (answers, stdout) = program::printed()?;
        command.arg("--batch").stdin(OwnedFd::from(theirs)).stdout(stdout).stderr(Stdio::null());
        let child = program::spawn(&mut command)?;
        Ok(Self { child, requests, answers: BufReader::new(answers) })
    }

    /// One question, `<object>`, and its answer, `<object> blob <size>`, the bytes and a line end.
    fn read(&mut self, id: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        // If git has ended already there is no answer either.
        let _ = writeln!(self.requests, "{id}");
        let mut head = String::new();
        self.answers.read_line(&mut head).map_err(|error| match error.kind() {
            // It waits for something that does not come.
            io::ErrorKind::WouldBlock => io::Error::from(io::ErrorKind::TimedOut),
            _ => error,
        })?;
        let answer = head.trim_end().strip_prefix(id);
        // git ends without an answer where it would have to fetch, or where an object is damaged.
        if head.is_empty() || answer == Some(" missing") {
            return Err(ReadError::NotInClone);
        }
        let size = answer.and_then(|rest| rest.strip_prefix(" blob ")).and_then(|size| size.parse::<u64>().ok());
        let Some(size) = size else {
            return Err(io::Error::from(io::ErrorKind::InvalidData).into());
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
        let _ = program::end(&mut self.child);
    }
}
