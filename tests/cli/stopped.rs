//! Runs that are told to stop, and files that are replaced whole.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Stdio;
use std::time::Duration;
use std::{fs, thread};

use crate::support::Project;
use crate::{Ran, project};

/// What lies beside trees and files that is not theirs.
fn left(project: &Project) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![project.root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains(".platc-") {
                found.push(path.display().to_string());
            }
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            }
        }
    }
    found
}

/// A run that waits for somebody else's lock, so that it surely is at work when the signal comes.
fn stop_while_it_waits(signal: &str, code: i32) {
    let project = project();
    assert_eq!(project.run(&["render"]).code, 0);
    let before = project.read("rendered/prod/cluster.yaml");
    project.write("environments/base/base.yaml", "cluster:\n  name: other\n  version: \"1.34\"\n");
    let path = project.root.join("rendered/.prod.platc-lock");
    let lock = fs::File::create(&path).unwrap();
    lock.lock().unwrap();
    let mut command = project.command(&["render", "--durable"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while project.read("rendered/dev/cluster.yaml").contains("main") {
        thread::sleep(Duration::from_millis(5)); // Now all but one environment is written.
    }
    let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, code, "{ran}");
    drop(lock);
    fs::remove_file(path).unwrap();
    assert_eq!(left(&project), [""; 0]);
    assert_eq!(project.read("rendered/prod/cluster.yaml"), before, "the old tree stands");
    assert_eq!(project.run(&["render"]).code, 0);
}

#[test]
fn an_interrupt_is_130_a_request_to_terminate_143_and_a_terminal_that_goes_away_129() {
    stop_while_it_waits("-INT", 130);
    stop_while_it_waits("-TERM", 143);
    if hears_hangup() {
        stop_while_it_waits("-HUP", 129);
    }
}

/// Under `nohup` it is to be ignored, by whatever these tests start, too.
fn hears_hangup() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    ignored.is_some_and(|mask| u64::from_str_radix(mask, 16).unwrap() & 1 == 0)
}

/// Signals at all kinds of instants: each tree is the old one or the new one, and nothing is left.
#[test]
fn nothing_is_left_whenever_the_signal_comes() {
    let project = project();
    for number in 0..200 {
        project.write(&format!("templates/many/{number}.yaml.j2"), "name: {{ cluster.name }}\n");
    }
    assert_eq!(project.run(&["render"]).code, 0);
    let rounds = if std::env::var_os("PLATC_TEST_FULL").is_some() { 200 } else { 12 };
    let mut stopped = 0;
    for round in 0..rounds {
        let text = format!("cluster:\n  name: n{round}\n  version: \"1.34\"\n");
        project.write("environments/base/base.yaml", text);
        let mut command = project.command(&["render", "--durable"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        thread::sleep(Duration::from_micros(20_000 + round * 7919 % 150_000));
        let signal = if round % 2 == 0 { "-INT" } else { "-TERM" };
        let _ =
            std::process::Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert!([0, 130, 143, -1].contains(&ran.code), "{ran}");
        stopped += usize::from(ran.code > 0);
        assert_eq!(left(&project), [""; 0], "round {round}");
        for name in ["dev", "prod"] {
            let value = |number| {
                let text = project.read(&format!("rendered/{name}/many/{number}.yaml"));
                text.lines().last().unwrap_or_default().to_owned()
            };
            let all: std::collections::BTreeSet<_> = (0..200).map(value).collect();
            assert_eq!(all.len(), 1, "round {round}: {name} is a mixture of {all:?}");
        }
    }
    eprintln!("{rounds} signals, {stopped} of them before the end");
}

/// What a killed run left beside a file is what the next one begins with, and it goes.
#[test]
fn a_killed_fix_or_import_leaves_nothing_that_lasts() {
    let project = project();
    let layer = "environments/dev/environment.yaml";
    let text = "extends: [../base]\ncluster:\n  name: main\n";
    project.write(layer, text);
    fs::set_permissions(project.root.join(layer), fs::Permissions::from_mode(0o640)).unwrap();
    project.write("environments/dev/.environment.yaml.platc-stage", "half a li");
    let ran = project.run(&["validate", "--fix"]);
    assert!(ran.stderr.contains("removed from"), "{ran}");
    assert_eq!(project.read(layer), "extends: [../base]\n");
    assert_eq!(fs::metadata(project.root.join(layer)).unwrap().mode() & 0o7777, 0o640);
    assert_eq!(left(&project), [""; 0]);

    project.write("crd.yaml", CRD);
    project.write("schemas/kubernetes/example.org/.queue_v1.yaml.platc-stage", "half");
    let ran = project.run(&["schema", "import", "crd.yaml"]);
    assert_eq!(ran.code, 0, "{ran}");
    let made = ran.stdout.trim();
    let (folder, name) = made.rsplit_once('/').unwrap();
    fs::remove_file(project.root.join(made)).unwrap();
    project.write(&format!("{folder}/.{name}.platc-stage"), "half");
    assert_eq!(project.run(&["schema", "import", "crd.yaml"]).code, 0);
    assert!(project.read(made).contains("Queue"));
    assert!(!project.exists(&format!("{folder}/.{name}.platc-stage")));
}

/// Nobody may write the same file again: an import and `--fix` remove what others left, unless it is being written.
#[test]
fn what_a_killed_run_left_is_told_and_removed_by_the_next_one() {
    let project = project();
    let (schema, layer) = ("schemas/kubernetes/e.org/.N1_v1.yaml.platc-stage", "environments/dev/.x.yaml.platc-stage");
    project.write(schema, "half");
    project.write(layer, "half");
    project.write("crd.yaml", CRD);
    let told = |file: &str| format!("warning[hygiene/left-behind]: `{file}` was left by a run that was killed");
    let ran = project.run(&["validate"]);
    assert!(ran.stdout.contains(&told(schema)) && ran.stdout.contains(&told(layer)), "{ran}");
    assert_eq!(project.run(&["schema", "import", "crd.yaml"]).code, 0);
    assert!(!project.exists(schema) && project.exists(layer));
    let held = fs::File::open(project.root.join(layer)).unwrap();
    held.lock().unwrap();
    assert_eq!(project.run(&["validate", "--fix"]).code, 0);
    assert!(project.exists(layer), "it is being written");
    drop(held);
    assert_eq!(project.run(&["validate", "--fix"]).code, 0);
    assert_eq!(left(&project), [""; 0]);
}

#[test]
fn an_import_writes_through_no_link() {
    for (link, target) in [("schemas/kubernetes", "../.git/hooks"), ("schemas/kubernetes", "../../outside")] {
        let project = project();
        project.write("crd.yaml", CRD);
        fs::create_dir_all(project.root.join(".git/hooks")).unwrap();
        symlink(target, project.root.join(link)).unwrap();
        let ran = project.run(&["schema", "import", "crd.yaml"]);
        assert_eq!(ran.code, 2, "{ran}");
        assert_eq!(fs::read_dir(project.root.join(".git/hooks")).unwrap().count(), 0);
    }
    let project = project();
    project.write("crd.yaml", CRD);
    assert_eq!(project.run(&["schema", "import", "crd.yaml", "--into", ".GIT/hooks"]).code, 2);
    assert!(!project.exists(".GIT"));
}

const CRD: &str = r"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: queues.example.org}
spec:
  group: example.org
  names: {kind: Queue, plural: queues}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}
";

/// git waits for ever where a pipe is among its files, and nobody would end it behind the run.
#[test]
#[cfg(target_os = "linux")]
fn git_ends_with_the_run_that_started_it() {
    let project = crate::repository();
    fs::remove_file(project.root.join(".git/HEAD")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(project.root.join(".git/HEAD")).status().unwrap();
    assert!(made.success());
    let mut command = project.command(&["validate", "--staged"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // State and parent stand behind the name in brackets.
    let stat = |process: &str| fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = |process: &str| stat(process).rsplit_once(") ").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
    let parent = |process: &str| state(process).split(' ').nth(1).unwrap_or_default().to_owned();
    let git = loop {
        let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        let found = all.into_iter().find(|it| parent(it) == child.id().to_string() && stat(it).contains("(git)"));
        if let Some(git) = found {
            break git;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let sent = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 143, "{ran}");
    while !state(&git).is_empty() && !state(&git).starts_with('Z') {
        thread::sleep(Duration::from_millis(5));
    }
}

/// A chart stands whole or not at all: a run that is stopped while it writes leaves none, and the next one adds it.
#[test]
fn a_chart_is_not_added_by_half() {
    let project = project();
    project.write("w/Chart.yaml", "apiVersion: v2\nname: w\nversion: 1.0.0\n");
    project.write("w/templates/a.yaml", "kind: A\n");
    project.write("w/templates/b.yaml", format!("kind: B\n# {}\n", "x".repeat(5_000)));
    // No file may be longer than this: the run is killed within the last one.
    let script = format!("ulimit -f 1; exec '{}' chart add w", env!("CARGO_BIN_EXE_platc"));
    let ended = std::process::Command::new("sh").args(["-c", &script]).current_dir(&project.root).output().unwrap();
    assert!(!ended.status.success(), "{ended:?}");
    assert!(!project.exists("charts"), "{ended:?}");
    let ran = project.run(&["chart", "add", "w"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(project.exists("charts/w-1.0.0/templates/b.yaml") && !project.exists(".platc-new"));
}
