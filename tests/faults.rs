//! Publishing under faults: killed at any instant, refused any system call, short of space, with others writing too.
//! After each the tree is the old one or the new one, bit for bit, and the next run clears away what was left.
//!
//! The faults happen to a process of their own: this test binary run again, with [`driver`] as its only test.
//! `PLATC_TEST_FULL=1` runs all of them; without it a sample that takes a few seconds.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]
#![allow(clippy::disallowed_methods, reason = "looks at real folders and needs clocks")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use camino::Utf8Path;
use platc::limits::Limits;
use platc::source::{Sources, Span};
use platc::tree::{self, File, Options, Place, PublishError};
use support::Project;

/// The files of each version of the tree. From 1 to 2 one is kept, one changes, two go and two come.
fn version(number: usize) -> Vec<(String, String)> {
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

fn publish(root: &Path, number: usize, durable: bool) -> Result<tree::Published, PublishError> {
    let sources = Sources::default();
    let place = Span::file_start(sources.add("t.j2", ""));
    let file =
        |(path, text): (String, String)| File { path: path.into(), template: "t.j2".into(), place, bytes: text.into() };
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
fn count_past_the_start() {
    for _ in 0..PAST {
        let _ = fs::File::open("/dev/null");
        let _ = rustix::fs::statat(rustix::fs::CWD, "/", rustix::fs::AtFlags::empty());
    }
    let null = fs::OpenOptions::new().write(true).open("/dev/null").unwrap();
    for _ in 0..PAST {
        rustix::io::write(&null, BEGIN.as_bytes()).unwrap();
    }
}

const PAST: usize = 150;
const BEGIN: &str = "publishing begins";

fn drive(command: &mut Command, root: &Path, task: &str) -> Output {
    command.env("PLATC_DRIVER", task).env("PLATC_DRIVER_ROOT", root).stdin(Stdio::null());
    command.args(["driver", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.output().unwrap()
}

fn driver_command() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

fn is_full() -> bool {
    std::env::var_os("PLATC_TEST_FULL").is_some_and(|value| value == "1")
}

/// A tree's entries with what must not change when publishing fails: bytes, inode, permissions, time.
type Snapshot = BTreeMap<PathBuf, (Vec<u8>, u64, u32, i64, i64)>;

fn snapshot(tree: &Path) -> Snapshot {
    fn collect(root: &Path, path: &Path, entries: &mut Snapshot) {
        let Ok(meta) = fs::symlink_metadata(path) else { return };
        let bytes = if meta.is_symlink() {
            fs::read_link(path).unwrap().to_string_lossy().into_owned().into_bytes()
        } else if meta.is_file() {
            fs::read(path).unwrap()
        } else {
            Vec::new()
        };
        let what = (bytes, meta.ino(), meta.mode(), meta.mtime(), meta.mtime_nsec());
        entries.insert(path.strip_prefix(root).unwrap().to_owned(), what);
        if meta.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                collect(root, &entry.unwrap().path(), entries);
            }
        }
    }
    let mut entries = Snapshot::new();
    collect(tree, tree, &mut entries);
    entries
}

/// Names and bytes only: what a reader of the tree sees.
fn bytes(snapshot: &Snapshot) -> BTreeMap<&Path, &[u8]> {
    snapshot.iter().map(|(path, what)| (path.as_path(), what.0.as_slice())).collect()
}

/// A folder with version 1 published and files of others in it, and how versions 1 and 2 look there.
struct Case {
    root: PathBuf,
    old: Snapshot,
    new: Snapshot,
}

const FOREIGN: &[&str] = &["notes.md", "b/mine.txt", "own/x/y", "gone/mine"];

impl Case {
    fn new(root: &Path) -> Self {
        let tree = root.join("rendered/prod");
        let this = Self { root: root.to_owned(), old: Snapshot::new(), new: Snapshot::new() };
        this.put_foreign();
        publish(root, 2, false).unwrap();
        let new = snapshot(&tree);
        publish(root, 1, false).unwrap();
        Self { old: snapshot(&tree), new, ..this }
    }

    fn put_foreign(&self) {
        for path in FOREIGN {
            let path = self.tree().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "not platc's\n").unwrap();
        }
        symlink("notes.md", self.tree().join("link")).unwrap();
    }

    fn tree(&self) -> PathBuf {
        self.root.join("rendered/prod")
    }

    /// Back to version 1 without leftovers, for the next fault.
    fn reset(&mut self) {
        let rendered = self.root.join("rendered");
        let _ = fs::remove_dir_all(&rendered);
        self.put_foreign();
        publish(&self.root, 1, false).unwrap();
        self.old = snapshot(&self.tree());
    }

    fn left(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.root.join("rendered")).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name != "prod").collect()
    }

    /// The old tree untouched, or the new one.
    fn is_whole(&self) -> Result<bool, String> {
        let now = snapshot(&self.tree());
        if bytes(&now) == bytes(&self.new) {
            return Ok(true);
        }
        if now == self.old {
            return Ok(false);
        }
        let names = |snapshot: &Snapshot| snapshot.keys().cloned().collect::<BTreeSet<_>>();
        Err(format!(
            "neither tree: against the old one {:?}, against the new one {:?}, left {:?}",
            names(&now).symmetric_difference(&names(&self.old)).collect::<Vec<_>>(),
            names(&now).symmetric_difference(&names(&self.new)).collect::<Vec<_>>(),
            self.left()
        ))
    }

    /// A run without faults gives version 2 and leaves nothing.
    fn assert_next_run_cleans_up(&self, what: &str) {
        match publish(&self.root, 2, false) {
            Ok(published) => assert_eq!(published.warnings, [], "{what}"),
            Err(error) => panic!("{what}: the next run: {error:?}"),
        }
        assert_eq!(bytes(&snapshot(&self.tree())), bytes(&self.new), "{what}");
        assert_eq!(self.left(), BTreeSet::new(), "{what}");
    }
}

/// The same numbers each time, so that a failure can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

#[test]
fn killed_at_random_instants() {
    let project = Project::empty();
    let kills = if is_full() { 1000 } else { 40 };
    let (whole, interrupted) = kill_often(&project.root, kills);
    assert_eq!(whole, kills);
    eprintln!("{kills} kills, {interrupted} of them in the middle of publishing, no torn tree");
    assert!(interrupted > 0, "no kill struck while a tree was being published");
}

/// Kills a driver that publishes 1, 2, 1, 2 … and counts the kills after which the tree was whole, and those that left
/// work unfinished.
fn kill_often(root: &Path, kills: usize) -> (usize, usize) {
    let case = Case::new(root);
    let old = case.old.clone();
    let (mut whole, mut interrupted) = (0, 0);
    let mut dice = Dice(42);
    for _ in 0..kills {
        let mut command = driver_command();
        command.env("PLATC_DRIVER", "forever 1 2").env("PLATC_DRIVER_ROOT", root);
        command.args(["driver", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_micros(3000 + dice.roll(9000)));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), Some(9), "{}", String::from_utf8_lossy(&output.stderr));
        let now = snapshot(&case.tree());
        whole += usize::from(bytes(&now) == bytes(&old) || bytes(&now) == bytes(&case.new));
        interrupted += usize::from(!case.left().is_empty());
    }
    case.assert_next_run_cleans_up("after all kills");
    (whole, interrupted)
}

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

fn has_strace() -> bool {
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
fn strace(faults: &[String], trace: &Path) -> Command {
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
        // refuses the way on and the way back, leaves the journal, which the next run follows.
        Err(_) if faults.len() > 1 && case.left().contains(".prod.platc-journal") => false,
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
        let mut faults = Vec::new();
        if is_full() {
            faults.extend(errors.iter().map(error));
            faults.push(kill);
            if MUTATING.contains(&call.name.as_str()) {
                // From here on the disk never recovers.
                faults.push(format!("{}:error=EIO:{at}+", call.name));
            }
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

#[test]
fn eight_writers_at_once() {
    let project = Project::empty();
    let root = &project.root;
    let rounds = if is_full() { 40 } else { 5 };
    // What each version looks like when nobody disturbs.
    let mut versions = Vec::new();
    for number in 1..=8 {
        let alone = root.join(format!("alone{number}"));
        fs::create_dir(&alone).unwrap();
        publish(&alone, number, false).unwrap();
        versions.push(snapshot(&alone.join("rendered/prod")));
    }
    for _ in 0..rounds {
        let writers: Vec<_> = (1..=8)
            .map(|number| {
                let mut command = driver_command();
                command.env("PLATC_DRIVER", format!("once {number} {number}")).env("PLATC_DRIVER_ROOT", root);
                command.args(["driver", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for writer in writers {
            let output = writer.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let now = snapshot(&root.join("rendered/prod"));
        assert!(versions.iter().any(|version| bytes(version) == bytes(&now)), "a mixture");
        let names: Vec<_> =
            fs::read_dir(root.join("rendered")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["prod"]);
    }
}

/// Runs an ignored test of this file where it may mount file systems without anybody else seeing them.
fn in_own_mounts(test: &str) {
    let project = Project::empty();
    let own: &[&str] =
        if fs::metadata("/proc/self").unwrap().uid() == 0 { &["--mount"] } else { &["--mount", "--map-root-user"] };
    let probe = Command::new("unshare").args(own).args(["mount", "-t", "tmpfs", "none"]).arg(&project.root).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED {test}: neither root nor a user who may mount in a namespace of his own");
        return;
    }
    let mut command = Command::new("unshare");
    command.args(own).arg(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    let output = command.env("PLATC_MOUNTS", &project.root).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    for line in said.lines().filter(|line| line.contains("ladder") || line.contains("SKIPPED")) {
        eprintln!("{line}");
    }
}

fn mounts() -> Option<PathBuf> {
    std::env::var_os("PLATC_MOUNTS").map(PathBuf::from)
}

fn mount(args: &[&str], at: &Path) {
    fs::create_dir_all(at).unwrap();
    let output = Command::new("mount").args(args).arg(at).output().unwrap();
    assert!(output.status.success(), "mount {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn unmount(at: &Path) {
    assert!(Command::new("umount").arg(at).status().unwrap().success());
}

#[test]
fn short_of_space_or_inodes() {
    in_own_mounts("inner_short_of_space_or_inodes");
}

#[test]
#[ignore = "run by the test above, with mounts of its own"]
fn inner_short_of_space_or_inodes() {
    let Some(base) = mounts() else { return };
    let step = if is_full() { 1 } else { 5 };
    let disk = base.join("disk");
    let ladder = |options: &str, take: &dyn Fn(&Path, usize), rungs: usize| {
        let (mut failed, mut published) = (0, 0);
        for rung in (0..rungs).step_by(step) {
            mount(&["-t", "tmpfs", "-o", options, "none"], &disk);
            let case = Case::new(&disk);
            take(&disk, rung);
            match publish(&disk, 2, false) {
                Ok(_) => {
                    published += 1;
                    assert_eq!(case.is_whole(), Ok(true), "{options}, {rung}");
                }
                Err(PublishError::Failed(failure)) => {
                    failed += 1;
                    assert_eq!(case.is_whole(), Ok(false), "{options}, {rung}: {failure}");
                    assert_eq!(failure.reason, "no space is left on the disk");
                    assert_eq!(case.left(), BTreeSet::new(), "{options}, {rung}");
                }
                Err(PublishError::Refused(findings)) => panic!("{findings:?}"),
            }
            fs::remove_dir_all(disk.join("ballast")).unwrap();
            case.assert_next_run_cleans_up(options);
            unmount(&disk);
        }
        eprintln!("ladder {options}: {failed} rungs too short, {published} long enough");
        assert!(failed > 0 && published > 0, "{options}: {failed} failed, {published} published");
    };
    // All but so many pages, or inodes, are taken by somebody else.
    ladder(
        "size=2m",
        &|disk, rung| {
            fs::create_dir(disk.join("ballast")).unwrap();
            let mut filled = fs::File::create(disk.join("ballast/file")).unwrap();
            while std::io::Write::write(&mut filled, &[0; 4096]).is_ok() {}
            let length = filled.metadata().unwrap().len();
            filled.set_len(length - rung as u64 * 4096).unwrap();
        },
        60,
    );
    ladder(
        "nr_inodes=300",
        &|disk, rung| {
            fs::create_dir(disk.join("ballast")).unwrap();
            let mut made = Vec::new();
            for number in 0.. {
                let path = disk.join(format!("ballast/{number}"));
                if fs::write(&path, "").is_err() {
                    break;
                }
                made.push(path);
            }
            made.iter().take(rung).for_each(|path| fs::remove_file(path).unwrap());
        },
        60,
    );
}

#[test]
fn folders_of_a_lower_overlay_layer() {
    in_own_mounts("inner_folders_of_a_lower_overlay_layer");
}

/// A tree from an image's layer, as in a dev container: its folders can be neither exchanged nor renamed.
#[test]
#[ignore = "run by the test above, with mounts of its own"]
fn inner_folders_of_a_lower_overlay_layer() {
    let Some(base) = mounts() else { return };
    mount(&["-t", "tmpfs", "none"], &base);
    let lower = base.join("lower");
    fs::create_dir(&lower).unwrap();
    let mut expected = Case::new(&lower);
    expected.old.clear();
    let merged = base.join("merged");
    let fresh = |number: usize| {
        let (upper, work) = (base.join(format!("upper{number}")), base.join(format!("work{number}")));
        fs::create_dir(&upper).unwrap();
        fs::create_dir(&work).unwrap();
        let options = format!("lowerdir={},upperdir={},workdir={}", lower.display(), upper.display(), work.display());
        mount(&["-t", "overlay", "overlay", "-o", &options], &merged);
        let old = snapshot(&merged.join("rendered/prod"));
        Case { root: merged.clone(), old, new: expected.new.clone() }
    };
    // It is refused here, or this test shows nothing.
    let case = fresh(0);
    let refused = fs::rename(case.tree(), case.root.join("rendered/x")).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::CrossesDevices);
    let published = publish(&case.root, 2, false).unwrap();
    assert_eq!((published.warnings.len(), published.changes.removed.len()), (0, 2));
    case.assert_next_run_cleans_up("overlay");
    unmount(&merged);
    if has_strace() {
        let total = files_way_faults(&fresh, &merged);
        eprintln!("ladder of {total} faults on an overlay");
    }
    let kills = if is_full() { 300 } else { 15 };
    for number in 0..kills {
        let case = fresh(100_000 + number);
        let mut child = driver_command();
        child.env("PLATC_DRIVER", "once 2 2").env("PLATC_DRIVER_ROOT", &case.root);
        child.args(["driver", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        let mut child = child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(2000 + number as u64 * 97 % 8000));
        let _ = child.kill();
        child.wait().unwrap();
        // Between two files the tree is neither old nor new, which the journal then says.
        assert!(case.is_whole().is_ok() || case.left().contains(".prod.platc-journal"));
        case.assert_next_run_cleans_up("killed on an overlay");
        unmount(&merged);
    }
}

/// Renames of files are refused one after the other: each is taken back.
fn files_way_faults(fresh: &dyn Fn(usize) -> Case, merged: &Path) -> usize {
    let step = if is_full() { 1 } else { 6 };
    let mut total = 0;
    for name in ["renameat2", "renameat", "mkdirat", "unlinkat"] {
        for number in (1..60).step_by(step) {
            for fault in [format!("{name}:error=EIO:when={number}"), format!("{name}:signal=KILL:when={number}")] {
                total += 1;
                let case = fresh(total);
                let trace = case.root.join("trace");
                let mut command = strace(std::slice::from_ref(&fault), &trace);
                let output = drive(command.arg(std::env::current_exe().unwrap()), &case.root, "once 2 2");
                let said = String::from_utf8_lossy(&output.stderr);
                let whole = case.is_whole_but_for_inodes();
                match output.status.code() {
                    Some(0) => assert_eq!(whole, Ok(true), "{fault}: {said}"),
                    Some(2) => assert_eq!(whole, Ok(false), "{fault}: {said}"),
                    _ => assert!(whole.is_ok() || case.left().contains(".prod.platc-journal"), "{fault}: {whole:?}"),
                }
                case.assert_next_run_cleans_up(&fault);
                unmount(merged);
            }
        }
    }
    total
}

impl Case {
    /// On an overlay a file gets another inode when it is first linked or moved, and a folder another time.
    fn is_whole_but_for_inodes(&self) -> Result<bool, String> {
        let now = snapshot(&self.tree());
        if bytes(&now) == bytes(&self.new) {
            Ok(true)
        } else if bytes(&now) == bytes(&self.old) {
            Ok(false)
        } else {
            Err(format!("neither tree: {:?}", now.keys()))
        }
    }
}

#[test]
fn places_that_cannot_be_replaced() {
    in_own_mounts("inner_places_that_cannot_be_replaced");
}

#[test]
#[ignore = "run by the test above, with mounts of its own"]
fn inner_places_that_cannot_be_replaced() {
    let Some(base) = mounts() else { return };
    mount(&["-t", "tmpfs", "none"], &base);
    let failure = |case: &Case| {
        let Err(PublishError::Failed(failure)) = publish(&case.root, 2, false) else { panic!("published") };
        assert_eq!(case.is_whole(), Ok(false), "{failure}");
        assert_eq!(case.left(), BTreeSet::new(), "{failure}");
        failure.to_string()
    };

    let root = base.join("mount");
    fs::create_dir(&root).unwrap();
    let mut case = Case::new(&root);
    // A mount point on the same file system, then on another.
    let tree = case.tree();
    mount(&["--bind", tree.to_str().unwrap()], &tree);
    assert_eq!(failure(&case), "`rendered/prod` cannot be replaced: it is a mount point");
    unmount(&tree);
    mount(&["-t", "tmpfs", "none"], &tree);
    case.old = snapshot(&tree);
    assert_eq!(failure(&case), "`rendered/prod` cannot be replaced: it is a mount point");
    unmount(&tree);
    // A mount point inside.
    mount(&["-t", "tmpfs", "none"], &tree.join("own/x"));
    case.old = snapshot(&tree);
    assert_eq!(failure(&case), "`rendered/prod/own/x` cannot be carried along: it is a mount point");
    unmount(&tree.join("own/x"));
    case.old = snapshot(&tree);

    // Read-only: an unchanged tree is fine, a changed one an error.
    mount(&["--bind", root.to_str().unwrap()], &root);
    assert!(Command::new("mount").args(["-o", "remount,ro,bind"]).arg(&root).status().unwrap().success());
    assert_eq!(failure(&case), "`rendered/.prod.platc-lock` cannot be locked: the file system is read-only");
    assert!(publish(&case.root, 1, false).unwrap().changes.is_empty());
    unmount(&root);
    case.assert_next_run_cleans_up("read-only");
}

#[test]
fn files_and_folders_that_may_not_change() {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
    let project = Project::empty();
    let set = |path: &Path, immutable: bool| {
        let file = fs::File::open(path).unwrap();
        let Ok(flags) = ioctl_getflags(&file) else { return false };
        let flags = if immutable { flags | IFlags::IMMUTABLE } else { flags - IFlags::IMMUTABLE };
        ioctl_setflags(&file, flags).is_ok()
    };
    let mut case = Case::new(&project.root);
    for (path, message) in [
        ("", "`rendered/prod` cannot be replaced: the operation is not permitted"),
        ("notes.md", "`rendered/prod/notes.md` cannot be carried along: the operation is not permitted"),
        ("..", "`rendered/.prod.platc-lock` cannot be locked: the operation is not permitted"),
    ] {
        case.reset();
        let path = case.tree().join(path);
        if !set(&path, true) {
            eprintln!("SKIPPED: only root on some file systems can make files immutable");
            return;
        }
        let result = publish(&case.root, 2, false);
        let left = case.left();
        assert!(set(&path, false));
        let Err(PublishError::Failed(failure)) = result else { panic!("{}: {result:?}", path.display()) };
        assert_eq!(failure.to_string().replace("permission denied", "the operation is not permitted"), message);
        assert_eq!(case.is_whole(), Ok(false), "{}", path.display());
        assert_eq!(left, BTreeSet::new(), "{}", path.display());
        case.assert_next_run_cleans_up(message);
    }
}
