//! The process that faults happen to: it publishes one of two versions of a tree, or both in turn for ever.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use camino::Utf8Path;
use platc::artifact::File;
use platc::limits::Limits;
use platc::source::{Sources, Span};
use platc::tree::{self, Options, Place, PublishError};

/// The files of each version of the tree. From 1 to 2 one is kept, one changes, two go and two come.
pub(crate) fn version(number: usize) -> Vec<(String, String)> {
    let body = |file: usize| format!("value: {}\n", "x".repeat(1000 + 7 * file + number));
    let files: Vec<(&str, String)> = match number {
        1 => vec![("keep.yaml", body(0)), ("b/stale.yaml", body(1)), ("gone/only.yaml", body(2))],
        2 => vec![("keep.yaml", body(0).replace('x', "y")), ("new/deep/fresh.yaml", body(3)), ("b.yaml", body(4))],
        _ => vec![("keep.yaml", body(0))],
    };
    let same = [("b/same.yaml".to_owned(), "same: true\n".to_owned()), ("z/same.yaml".to_owned(), "z\n".to_owned())];
    let files = files.into_iter().map(|(path, text)| (path.to_owned(), text));
    // Enough files that a kill often strikes between two of them.
    let more = (0..20).map(|file| (format!("many/{file}.yaml"), body(file)));
    files.chain(same).chain(more).collect()
}

pub(crate) fn publish(root: &Path, number: usize, durable: bool) -> Result<tree::Published, PublishError> {
    let sources = Sources::default();
    let place = Span::file_start(sources.add("t.j2", ""));
    let file = |(path, text): (String, String)| File {
        path: path.into(),
        template: "t.j2".into(),
        place,
        bytes: text.into_bytes().into(),
    };
    let files: Vec<File> = version(number).into_iter().map(file).collect();
    let options = Options { durable, ..Options::default() };
    let path = Utf8Path::new("rendered/prod");
    let place = Place { root: Utf8Path::from_path(root).unwrap(), path, shown: path };
    tree::publish(place, &files, &options, &Limits::default(), &sources)
}

/// The process that faults happen to. `PLATC_DRIVER` is `<mode> <first version> <last version>`.
#[test]
#[ignore = "run by the other tests, in a process of its own"]
#[allow(clippy::exit, reason = "the exit code is what the other tests look at")]
fn driver() {
    let Ok(task) = std::env::var("PLATC_DRIVER") else { return };
    let root = PathBuf::from(std::env::var_os("PLATC_DRIVER_ROOT").unwrap());
    let words: Vec<&str> = task.split(' ').collect();
    let [mode, first, last] = words[..] else { panic!("{task}") };
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    if mode != "forever" {
        count_past_the_start();
    }
    loop {
        for number in first..=last {
            match publish(&root, number, mode == "durable") {
                Ok(published) => {
                    for warning in published.warnings {
                        eprintln!("warning: {warning}");
                    }
                }
                Err(PublishError::Failed(failure)) => {
                    eprintln!("error: {failure}");
                    std::process::exit(2);
                }
                Err(PublishError::Refused(findings)) => {
                    eprintln!("refused: {:?}", findings.iter().map(|finding| &finding.message).collect::<Vec<_>>());
                    std::process::exit(1);
                }
            }
        }
        if mode != "forever" {
            std::process::exit(0);
        }
    }
}

/// The test harness runs the driver in a thread, and strace counts the calls of each thread by itself. So that the
/// hundredth call of a name is one of publishing and none of the process starting, the thread begins with a hundred.
pub(crate) fn count_past_the_start() {
    for _ in 0..PAST {
        let _ = fs::File::open("/dev/null");
        let _ = rustix::fs::statat(rustix::fs::CWD, "/", rustix::fs::AtFlags::empty());
    }
    let null = fs::OpenOptions::new().write(true).open("/dev/null").unwrap();
    for _ in 0..PAST {
        rustix::io::write(&null, BEGIN.as_bytes()).unwrap();
    }
}

pub(crate) const PAST: usize = 150;
pub(crate) const BEGIN: &str = "publishing begins";

pub(crate) fn drive(command: &mut Command, root: &Path, task: &str) -> Output {
    command.env("PLATC_DRIVER", task).env("PLATC_DRIVER_ROOT", root).stdin(Stdio::null());
    command.env_remove("LD_LIBRARY_PATH"); // cargo sets it; the loader would search a hundred folders under strace
    command.args(["driver::driver", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.output().unwrap()
}

pub(crate) fn driver_command() -> Command {
    Command::new(std::env::current_exe().unwrap())
}
