//! What platc makes of charts is what Helm makes of them: texts equal to the byte, or both refuse. The charts are our own,
//! one of all parts that a chart may have, and the starter of `helm create` in all combinations of its switches.
//! `benches/charts.py` does the same with any folder of charts.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read real files and start real programs")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Project, Ran};

/// Helm, if it is there.
fn helm() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/tools/bin/helm");
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "helm is missing: put it into `.ci/tools/bin`");
    eprintln!("SKIPPED: helm is missing: put it into `.ci/tools/bin`");
    None
}

fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/charts")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// What both make of a chart with some options.
fn both(helm: &Path, project: &Project, chart: &Path, options: &[&str]) -> (Ran, Ran) {
    let chart = chart.to_str().unwrap();
    let common = ["--include-crds", "--kube-version", "1.35"];
    let mut theirs = Command::new(helm);
    theirs.args(["template", "app", chart]).args(common).args(options).current_dir(&project.root);
    let ours: Vec<&str> = ["chart", "template", chart, "--name", "app"]
        .into_iter()
        .chain(common)
        .chain(options.iter().copied())
        .collect();
    (project.run(&ours), Ran::from(theirs.output().unwrap()))
}

fn assert_same(helm: &Path, project: &Project, chart: &Path, options: &[&str]) {
    let (ours, theirs) = both(helm, project, chart, options);
    let what = format!("{} {options:?}\n{}\n{}", chart.display(), ours.stderr, theirs.stderr);
    assert_eq!(ours.code == 0, theirs.code == 0, "one of both refuses {what}");
    if ours.code == 0 {
        assert!(ours.stdout == theirs.stdout, "{what}\n--- platc\n{}\n--- helm\n{}", ours.stdout, theirs.stdout);
    }
}

#[test]
fn our_charts_are_rendered_as_helm_renders_them() {
    let Some(helm) = helm() else { return };
    let project = Project::empty().file("platc.yaml", "");
    for name in ["parts", "old", "judged"] {
        let chart = own().join(name);
        assert_same(&helm, &project, &chart, &[]);
        for file in files(&chart.join("ci")) {
            assert_same(&helm, &project, &chart, &["-f", file.to_str().unwrap()]);
        }
    }
    let parts = own().join("parts");
    for set in ["names={a,b},count=7", "table.inner.x=null", "removable=null", "cache.store.on=false,large=0644"] {
        assert_same(&helm, &project, &parts, &["--set", set]);
    }
    assert_same(&helm, &project, &parts, &["-n", "other", "--api-versions", "example.org/v1"]);
    for chart in files(&own().join("refused")) {
        let (ours, theirs) = both(&helm, &project, &chart, &[]);
        assert!(ours.code == 1 && theirs.code != 0, "{}: {} {}", chart.display(), ours.code, theirs.code);
    }
}

#[test]
fn a_packed_chart_is_the_same_chart() {
    let Some(helm) = helm() else { return };
    let project = Project::empty().file("platc.yaml", "");
    for name in ["parts", "old"] {
        let packed =
            Command::new(&helm).arg("package").arg(own().join(name)).current_dir(&project.root).output().unwrap();
        assert!(packed.status.success());
    }
    for packed in ["parts-1.2.3-rc.1.tgz", "old-v1.2.tgz"] {
        assert_same(&helm, &project, &project.root.join(packed), &[]);
    }
}

/// The switches of the starter, each with what it is by default and what else it may be.
const SWITCHES: [(&str, &str); 6] = [
    ("serviceAccount.create", "false"),
    ("ingress.enabled", "true"),
    ("autoscaling.enabled", "true"),
    ("httpRoute.enabled", "true"),
    ("fullnameOverride", "other"),
    ("podAnnotations.a", "b"),
];

#[test]
fn the_starter_is_rendered_as_helm_renders_it() {
    let Some(helm) = helm() else { return };
    let project = Project::empty().file("platc.yaml", "");
    let made = Command::new(&helm).args(["create", "web"]).current_dir(&project.root).output().unwrap();
    assert!(made.status.success());
    let chart = project.root.join("web");
    for switched in 0..1_u32 << SWITCHES.len() {
        let is_on = |number: usize| switched & (1 << number) != 0;
        let on = SWITCHES.iter().enumerate().filter(|(number, _)| is_on(*number));
        let sets: Vec<String> = on.map(|(_, (key, value))| format!("{key}={value}")).collect();
        let options: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        assert_same(&helm, &project, &chart, &options);
    }
}
