//! Every command over projects that mean harm and over projects that hold secrets. The commands are those that the program
//! itself lists: a new one is in here by being one, and a test fails until its arguments stand in [`LINES`].

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests build real projects and fail loudly")]

mod hostile;
mod secrets;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::{Project, Ran};

/// The command lines that are tried, those that change the project behind all others.
const LINES: &[&str] = &[
    "render --stdout",
    "validate",
    "validate --strict",
    "validate --against rev:HEAD",
    "diff",
    "diff --stat",
    "diff --view structure",
    "diff --view impact",
    "diff --against rev:HEAD",
    "diff --against rev:HEAD --view structure",
    "diff prod --against env:dev",
    "affected --base HEAD",
    "golden",
    "golden --check",
    "show prod",
    "show prod pw",
    "explain prod pw",
    "why templates/a.yaml.j2:1",
    "why golden/prod/a.yaml:6",
    "why golden/prod/a.yaml:2",
    "compare dev prod",
    "images",
    "chart values x",
    "chart template x",
    "chart objects x",
    "chart add templates",
    "schema print",
    "schema docs",
    "schema import templates",
    "schema modeline",
    "rules",
    "rules secret/literal",
    "rules test",
    "cache",
    "completions bash",
    "man",
    "help render",
    "adopt --as prod=templates --as dev=golden --with-secrets --dry-run new",
    "init new",
    "promote prod dev",
    "set prod size 7",
    "set prod size nine",
    "unset prod size",
    "golden --accept",
    "render",
    "validate --fix",
];

/// How results and findings are printed; a command that does not know a format says so.
const FORMATS: [&str; 9] = ["text", "json", "sarif", "github", "junit", "markdown", "cyclonedx", "matrix", "paths"];

fn is_full() -> bool {
    std::env::var_os("PLATC_TEST_FULL").is_some()
}

/// The commands below one, and those below them, as its help lists them.
fn commands(project: &Project, of: &[&str]) -> Vec<String> {
    let help = project.run(&[of, &["--help"]].concat()).stdout;
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // What a command does may go on below it.
    let names =
        list.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' '))?.split(' ').next());
    let mut all = Vec::new();
    for name in names {
        let at = [of, &[name]].concat();
        all.push(at.join(" "));
        if name != "help" {
            all.extend(commands(project, &at));
        }
    }
    all
}

#[test]
fn every_command_is_tried() {
    let all = commands(&Project::empty(), &[]);
    assert!(all.len() > 20, "{all:?}");
    let is_tried = |command: &&String| LINES.iter().any(|line| format!("{line} ").starts_with(&format!("{command} ")));
    let untried: Vec<_> = all.iter().filter(|command| !is_tried(command)).collect();
    assert!(untried.is_empty(), "write into `LINES` how these are tried: {untried:?}");
    let is_known = |line: &&&str| all.iter().any(|command| format!("{line} ").starts_with(&format!("{command} ")));
    let gone: BTreeSet<_> = LINES.iter().filter(|line| !is_known(line)).collect();
    assert!(gone.is_empty(), "no such commands: {gone:?}");
}

/// Runs one line in a project, without anything to read.
fn run(project: &Project, line: &str, format: &str) -> Ran {
    let arguments: Vec<&str> = line.split(' ').chain(["--format", format]).collect();
    let mut command = project.command(&arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").stdin(Stdio::null());
    Ran::from(command.output().unwrap())
}

/// Makes all that lies in a folder the last commit of a repository there.
fn commit(project: &Project) {
    for arguments in [&["init", "-q"][..], &["add", "-A"], &["commit", "-qm", "start"]] {
        let mut git = std::process::Command::new("git");
        git.args(arguments).current_dir(&project.root).env("GIT_CONFIG_GLOBAL", "/dev/null");
        git.env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "Tester").env(format!("GIT_{who}_EMAIL"), "tester@example.com");
        }
        // Nothing to commit is no matter.
        git.output().unwrap();
    }
}

/// Does something for each case on all processors, and fails with all that was wrong.
fn each<T: Sync>(cases: &[T], judge: impl Fn(usize, &T) -> Vec<String> + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let work = || {
        let mut wrong = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(at) else { return wrong };
            wrong.extend(judge(at, case));
        }
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A part of an output around a place, for a message.
fn around(text: &str, at: usize) -> String {
    let start = text.floor_char_boundary(at.saturating_sub(100));
    let end = text.floor_char_boundary((at + 60).min(text.len()));
    format!("{:?}", &text[start..end])
}
