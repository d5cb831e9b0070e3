//! How a run ends.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::process::ExitCode;

use crate::disk::{GitError, reason};
use crate::finding::render::safe;
use crate::tree;

use super::printer::{Printer, Undelivered};

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, and nothing to complain of; warnings do not count.
    Fine,
    /// 1: findings with severity error, or differences where the command looks for them.
    Findings,
    /// 2: the question could not be answered: usage, input or output, a bug.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
        })
    }
}

/// Why a run ended without an answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// What is wrong and, where there is something to do, what.
    Said {
        message: String,
        help: Option<String>,
    },
    Undelivered(Undelivered),
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self::Said { message: message.into(), help: None }
    }

    #[must_use]
    pub(super) fn help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Said { message, .. } => Self::Said { message, help: Some(text.into()) },
            Self::Undelivered(_) => self,
        }
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        Self::Said { message: error.to_string(), help: error.help() }
    }
}

impl From<Undelivered> for Failure {
    fn from(undelivered: Undelivered) -> Self {
        Self::Undelivered(undelivered)
    }
}

impl From<tree::Failure> for Failure {
    fn from(failure: tree::Failure) -> Self {
        Self::Said { message: failure.to_string(), help: failure.help }
    }
}

/// Says why a run failed, if it did, and gives the exit.
pub(super) fn conclude(outcome: Result<Exit, Failure>, printer: &mut Printer) -> Exit {
    match outcome {
        Ok(exit) => return exit,
        Err(Failure::Said { message, help }) => printer.error(&message, help.as_deref()),
        // Quiet, as a program is that dies of SIGPIPE, but not a success: the result was not delivered.
        Err(Failure::Undelivered(Undelivered::BrokenPipe)) => {}
        Err(Failure::Undelivered(Undelivered::Io(error))) => {
            printer.error(&format!("cannot write to standard output: {}", reason(&error)), None);
        }
    }
    Exit::Failed
}

/// The panic hook: whatever happened, it is platc's fault and not the user's.
pub(super) fn report_bug(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let words = payload.downcast_ref::<&str>().copied();
    let words = words.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let place = panic.location().map_or_else(String::new, ToString::to_string);
    // The printer may be what panicked, so this one text goes past it.
    let _ = io::stderr().lock().write_all(bug(words.unwrap_or("no reason given"), &place).as_bytes());
}

fn bug(words: &str, place: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (words, place) = (safe::line(words), safe::line(place));
    format!(
        "error: this is a bug in platc {version}: {words} ({place})\n  help: please report this line and the command\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_told_without_obeying_what_it_quotes() {
        let told = bug("index \x1b[2J", "src/x.rs:1:2");
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            told,
            format!(
                "error: this is a bug in platc {version}: index ␛[2J (src/x.rs:1:2)\n  help: please report this line and the command\n"
            )
        );
    }
}
