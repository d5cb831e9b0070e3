//! Each system call of publishing refused, or killed before, by strace.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::case::Case;
use crate::driver::{BEGIN, PAST, drive};
use crate::is_full;
use crate::support::Project;

/// A system call of a run without faults, counted among those of its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    name: String,
    /// From 1.
    number: usize,
    text: String,
}

/// Calls that change something on the disk or keep it from being changed.
const MUTATING: &[&str] = &[
    "mkdirat",
    "linkat",
    "symlinkat",
    "renameat",
    "renameat2",
    "unlinkat",
    "fchmod",
    "fchmodat",
    "utimensat",
    "flock",
    "fsync",
    "ftruncate",
];

/// Calls that look, of which a failure must not do harm either.
const LOOKING: &[&str] = &["openat2", "getdents64", "newfstatat", "readlinkat"];

/// The calls of publishing version 2 over version 1 that a fault can be put in, from a run without faults.
fn calls(case: &mut Case, task: &str, always: &[String]) -> Vec<Call> {
    case.reset();
    let trace = case.root.join("trace");
    let mut command = Command::new("strace");
    let names = format!("trace={},{},openat,write", MUTATING.join(","), LOOKING.join(","));
    command.args(["-f", "-qq", "-s", "200", "-o"]).arg(&trace).args(["-e", &names]);
    command.args(always.iter().flat_map(|fault| ["-e".to_owned(), format!("inject={fault}")]));
    let output = drive(command.arg(std::env::current_exe().unwrap()), &case.root, task);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(&trace).unwrap();
    fs::remove_file(&trace).unwrap();
    // `<thread> <name>(<arguments>) = <result>`
    let lines =
        || text.lines().filter_map(|line| line.split_once(' ').map(|(thread, call)| (thread, call.trim_start())));
    let (driver, _) = lines().find(|(_, call)| call.contains(BEGIN)).unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut calls = Vec::new();
    let mut begun = 0;
    for (_, line) in lines().filter(|(thread, _)| *thread == driver) {
        let Some((name, _)) = line.split_once('(') else { continue };
        let number = counts.entry(name).or_default();
        *number += 1;
        begun += usize::from(line.contains(BEGIN));
        // What the driver says is not publishing.
        if begun == PAST && !line.contains(BEGIN) && !line.starts_with("write(1,") && !line.starts_with("write(2,") {
            calls.push(Call { name: name.to_owned(), number: *number, text: line.to_owned() });
        }
    }
    let names: BTreeSet<_> = calls.iter().map(|call| call.name.as_str()).collect();
    for name in ["openat", "openat2", "mkdirat", "write", "linkat", "renameat2", "unlinkat", "flock"] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    calls
}

fn errors_of(call: &Call) -> &'static [&'static str] {
    match call.name.as_str() {
        "mkdirat" | "openat" | "symlinkat" => &["EIO", "EACCES", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENOMEM"],
        "write" | "fsync" => &["EIO", "ENOSPC", "EDQUOT"],
        "linkat" => &["EIO", "EPERM", "EMLINK", "ENOSPC", "EDQUOT", "EXDEV"],
        "renameat" | "renameat2" => {
            &["EIO", "EACCES", "EPERM", "EXDEV", "EINVAL", "ENOSYS", "EBUSY", "ENOSPC", "EROFS"]
        }
        "flock" => &["ENOLCK", "EIO", "EINTR"],
        "openat2" => &["EIO", "EACCES", "EMFILE", "ENOMEM"],
        _ => &["EIO", "EACCES", "EPERM"],
    }
}

pub(crate) fn has_strace() -> bool {
    let probe = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    let works = probe.is_ok_and(|status| status.success());
    if !works {
        eprintln!("SKIPPED: strace is missing or may not trace; `.ci/install-faults.sh` installs it");
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "in CI nothing may be skipped");
    }
    works
}

/// Stops the process at no other calls than those with a fault, which makes it several times quicker. (Where the kernel
/// filters the calls, strace 6.1 forgets the signals.)
pub(crate) fn strace(faults: &[String], trace: &Path) -> Command {
    let names: Vec<_> = faults.iter().filter_map(|fault| Some(fault.split_once(':')?.0)).collect();
    let mut command = Command::new("strace");
    if !faults.iter().any(|fault| fault.contains("signal=")) {
        command.arg("--seccomp-bpf");
    }
    command.args(["-f", "-qq", "-o"]).arg(trace).args(["-e", &format!("trace={}", names.join(","))]);
    for fault in faults {
        command.args(["-e", &format!("inject={fault}")]);
    }
    command
}

/// Runs the driver with faults put in. Once in some thousand runs strace loses sight of a new thread: then again.
fn strike(case: &mut Case, task: &str, faults: &[String]) -> Output {
    for _ in 0..3 {
        case.reset();
        let trace = case.root.join("trace");
        let output = drive(strace(faults, &trace).arg(std::env::current_exe().unwrap()), &case.root, task);
        let struck = fs::read_to_string(&trace).unwrap().contains("(INJECTED)");
        if struck || output.status.code().is_none() {
            return output;
        }
    }
    panic!("{faults:?}: no fault struck");
}

/// Runs the driver with faults put in, and holds the outcome against the promise.
fn inject(case: &mut Case, task: &str, faults: &[String]) -> (bool, String) {
    let what = faults.join(" ");
    let output = strike(case, task, faults);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_new = match case.is_whole() {
        Ok(is_new) => is_new,
        // Where two folders cannot be exchanged there is an instant without a tree. Being killed in it, or a disk that
        // refuses the way on and the way back, leaves the old tree beside it, which the next run brings back.
        Err(_) if faults.len() > 1 && case.left().contains(".prod.platc-old") => false,
        Err(torn) => panic!("{what}: {torn}\n{said}"),
    };
    match output.status.code() {
        Some(0) => assert!(is_new, "{what}: exit 0, but the old tree\n{said}"),
        Some(2) => {
            assert!(!is_new, "{what}: exit 2, but the new tree\n{said}");
            let error = said.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
            assert!(error.contains('`') && error.contains(": "), "{what}: names no path and reason: {said}");
        }
        None => {} // Killed.
        other => panic!("{what}: exit {other:?}\n{said}"),
    }
    case.assert_next_run_cleans_up(&what);
    (is_new, said)
}

#[test]
fn every_call_refused_or_killed() {
    if !has_strace() {
        return;
    }
    let project = Project::empty();
    let mut case = Case::new(&project.root);
    sweep(&mut case, "once 2 2", &[], |_, _| true);
    // Syncing is all that `durable` adds.
    sweep(&mut case, "durable 2 2", &[], |_, call| call.name == "fsync");
}

#[test]
fn every_call_refused_or_killed_where_folders_cannot_be_exchanged() {
    if !has_strace() {
        return;
    }
    let project = Project::empty();
    let mut case = Case::new(&project.root);
    for error in ["EXDEV", "EINVAL", "ENOSYS", "EPERM"] {
        let refused = format!("renameat2:error={error}");
        let (is_new, _) = inject(&mut case, "once 2 2", std::slice::from_ref(&refused));
        assert!(is_new, "{error}");
    }
    let refused = "renameat2:error=EXDEV".to_owned();
    // Up to the exchange it is the same as in the test above.
    let exchange = |calls: &[Call]| calls.iter().position(|call| call.name == "renameat2").unwrap();
    sweep(&mut case, "once 2 2", &[refused], |calls, call| calls[exchange(calls) + 1..].contains(call));
}

/// Puts each fault in each call that is wanted, and kills before each; or, unless all tests are, one in each fifth call.
/// The faults of `always` are there in every run.
fn sweep(case: &mut Case, task: &str, always: &[String], wanted: impl Fn(&[Call], &Call) -> bool) {
    let all = calls(case, task, always);
    let calls: Vec<_> = all.iter().filter(|call| wanted(&all, call)).collect();
    let (mut runs, mut published) = (0, 0);
    for (index, call) in calls.iter().enumerate() {
        let at = format!("when={}", call.number);
        let kill = format!("{}:signal=KILL:{at}", call.name);
        let errors = errors_of(call);
        let error = |error: &&str| format!("{}:error={error}:{at}", call.name);
        // From here on the disk never recovers.
        let for_ever = format!("{}:error=EIO:{at}+", call.name);
        let mut faults = Vec::new();
        if is_full() {
            faults.extend(errors.iter().map(error));
            faults.push(kill);
            if MUTATING.contains(&call.name.as_str()) {
                faults.push(for_ever);
            }
        } else if call.name == "renameat" {
            faults.push(for_ever);
        } else if index % 10 == 0 {
            faults.push(kill);
        } else if index % 5 == 0 {
            faults.push(error(&errors[index / 5 % errors.len()]));
        }
        for fault in faults {
            let faults: Vec<String> = always.iter().cloned().chain([fault]).collect();
            runs += 1;
            published += usize::from(inject_one(case, task, &faults, call));
        }
    }
    eprintln!("{task} {always:?}: {runs} faults in {} calls, {published} of them published all the same", calls.len());
    assert!(runs >= calls.len() / 5 && calls.len() > 20, "{calls:?}");
}

fn inject_one(case: &mut Case, task: &str, faults: &[String], call: &Call) -> bool {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| inject(case, task, faults)));
    match outcome {
        Ok((is_new, _)) => is_new,
        Err(panic) => {
            eprintln!("the call was: {}", call.text);
            std::panic::resume_unwind(panic)
        }
    }
}
