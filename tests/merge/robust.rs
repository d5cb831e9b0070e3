//! Layers at their limits: many, large, shared, damaged, and on disks that are not what they seem.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use platc::disk::{Disk, Entry, Memory, ReadError, Real};
use platc::environment::load::{Environment, Loader};
use platc::environment::shape::Anything;
use platc::finding::Findings;
use platc::limits::Limits;
use platc::project::Project;
use platc::source::Sources;
use proptest::prelude::*;

/// All environments of a project, and what was found, as `rule path:line:column`.
fn load(disk: &dyn Disk, limits: &Limits) -> (Vec<Environment>, Vec<String>) {
    let (sources, mut findings) = (Sources::default(), Findings::default());
    let project = Project::load(disk, &sources, limits, &mut findings);
    let loader = Loader::new(Anything, disk, &sources, limits);
    let entries = project.iter().flat_map(|project| &project.environments);
    let environments = entries.filter_map(|entry| loader.load(entry, None, &mut findings)).collect();
    let sorted = findings.sorted(&sources);
    let told = sorted.iter().map(|finding| format!("{} {}", finding.rule.id, sources.locate(finding.primary.span)));
    (environments, told.collect())
}

fn project() -> Memory {
    Memory::default().file("platc.yaml", "")
}

/// Counts how often each file is read.
struct Counting {
    disk: Memory,
    reads: Mutex<BTreeMap<Utf8PathBuf, usize>>,
}

impl Disk for Counting {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        *self.reads.lock().unwrap().entry(path.to_owned()).or_default() += 1;
        self.disk.read(path, limit)
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
        self.disk.list(path)
    }
}

#[test]
fn many_environments_on_many_threads_read_each_layer_once_and_share_its_values() {
    let base = (0..1000).fold(String::new(), |mut text, n| {
        writeln!(text, "key{n}: {{value: {n}}}").unwrap();
        text
    });
    let disk = project().file("environments/base/all.yaml", base).file(
        "environments/region/layer.yaml",
        "extends: [../base]\nregion: eu\nkey1: {value: 100}\nkey2: {value: 2}\n",
    );
    let disk = (0..200).fold(disk, |disk, n| {
        let text = format!("extends: [../region]\nname: e{n}\nkey0: {{value: {}}}\n", n + 1);
        disk.file(&format!("environments/e{n}/environment.yaml"), text)
    });
    let disk = Counting { disk, reads: Mutex::default() };
    let (sources, limits) = (Sources::default(), Limits::default());
    let project = Project::load(&disk, &sources, &limits, &mut Findings::default()).unwrap();
    let loader = Loader::new(Anything, &disk, &sources, &limits);
    let loaded: Mutex<Vec<(Environment, Vec<&str>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for part in project.environments.chunks(25) {
            let (loader, loaded) = (&loader, &loaded);
            scope.spawn(move || {
                for entry in part {
                    let mut findings = Findings::default();
                    let environment = loader.load(entry, None, &mut findings).unwrap();
                    let told = findings.iter().map(|finding| finding.rule.id).collect();
                    loaded.lock().unwrap().push((environment, told));
                }
            });
        }
    });
    let loaded = loaded.into_inner().unwrap();
    assert_eq!(loaded.len(), 200);
    let first = &loaded[0].0.root;
    for (environment, told) in &loaded {
        assert_eq!(told, &["merge/redundant"], "{}", environment.name);
        assert!(
            !Arc::ptr_eq(first.get("key0").unwrap(), environment.root.get("key0").unwrap())
                || loaded[0].0.name == environment.name
        );
        for key in (1..1000).map(|n| format!("key{n}")) {
            assert!(Arc::ptr_eq(first.get(&key).unwrap(), environment.root.get(&key).unwrap()), "{key} was copied");
        }
    }
    let reads = disk.reads.into_inner().unwrap();
    assert_eq!(reads.len(), 1 + 2 + 200);
    assert!(reads.values().all(|&reads| reads == 1), "{reads:?}");
}

#[test]
fn a_map_of_many_keys_takes_time_in_proportion() {
    let count = if full() { 100_000 } else { 20_000 };
    let limits = Limits { file_bytes: 1 << 30, yaml_nodes: usize::MAX, ..Limits::default() };
    let keys = |prefix: &str, value: &str| {
        (0..count).fold(String::new(), |mut text, n| {
            writeln!(text, "{prefix}{n}: {value}").unwrap();
            text
        })
    };
    let disk = project()
        .file("environments/base/all.yaml", keys("a", "1"))
        .file("environments/deletes.yaml", format!("extends: [base]\n{}", keys("a", "null")))
        .file("environments/misses.yaml", format!("extends: [base]\n{}", keys("b", "null")))
        .file("environments/overrides.yaml", format!("extends: [base]\n{}", keys("a", "2")))
        .file("environments/adds.yaml", format!("extends: [base]\n{}", keys("b", "2")));
    let start = Instant::now();
    let (environments, told) = load(&disk, &limits);
    let took = start.elapsed();
    let sizes: Vec<_> = environments.iter().map(|environment| environment.root.as_map().unwrap().len()).collect();
    assert_eq!(sizes, [2 * count, 0, count, count]);
    assert_eq!(told.len(), count);
    // Unoptimised, reading takes 0.1 ms a key on a busy machine; anything quadratic takes many minutes.
    assert!(took < Duration::from_mins(2), "{took:?}");
}

#[test]
fn a_chain_of_layers_of_any_length_is_followed() {
    const LAYERS: usize = 3000;
    let disk = (0..LAYERS).fold(project(), |disk, n| {
        let extends = if n == 0 { String::new() } else { format!("extends: [l{}.yaml]\n", n - 1) };
        disk.file(&format!("environments/_layers/l{n}.yaml"), format!("{extends}a{n}: {n}\nlast: {n}\n"))
    });
    let disk = disk.file("environments/prod.yaml", format!("extends: [_layers/l{}.yaml]\n", LAYERS - 1));
    let (environments, told) = load(&disk, &Limits::default());
    assert_eq!(told, [""; 0]);
    assert_eq!(environments[0].layers.len(), LAYERS + 1);
    let last = environments[0].root.get("last").unwrap();
    assert_eq!(last.history().count(), LAYERS);
}

#[test]
fn layers_that_share_their_layers_are_not_walked_over_and_over() {
    // Each of 60 levels extends the level below twice over: 2^60 ways to the bottom.
    let disk = (1..60).fold(project(), |disk, n| {
        let extends = format!("extends: [a{}.yaml, b{}.yaml]\n", n - 1, n - 1);
        disk.file(&format!("environments/_layers/a{n}.yaml"), &*extends)
            .file(&format!("environments/_layers/b{n}.yaml"), &*extends)
    });
    let disk = disk
        .file("environments/_layers/a0.yaml", "a: 1\n")
        .file("environments/_layers/b0.yaml", "b: 1\n")
        .file("environments/prod.yaml", "extends: [_layers/a59.yaml, _layers/b59.yaml]\n");
    let (environments, told) = load(&disk, &Limits::default());
    assert_eq!(told, [""; 0]);
    assert_eq!(environments[0].layers.len(), 121);
}

#[test]
fn a_project_has_a_budget_of_files() {
    let disk = (0..20).fold(project(), |disk, n| disk.file(&format!("environments/e{n}.yaml"), "a: 1"));
    let (_, told) = load(&disk, &Limits { project_files: 10, ..Limits::default() });
    assert_eq!(told, ["project/too-large environments:1:1"]);
}

#[test]
fn a_layer_may_have_thousands_of_files() {
    let folder = (0..4200).fold(
        Folder::new("budget")
            .file("project/schemas/environment.schema.yaml", "{}\n")
            .file("project/templates/a.yaml.j2", "a: 1\n")
            .file("project/environments/prod.yaml", "extends: [../layers]\n"),
        |folder, n| folder.file(&format!("project/layers/l{n}.yaml"), &format!("a{n}: 1\n")),
    );
    let mut platc = std::process::Command::new(env!("CARGO_BIN_EXE_platc"));
    let run = platc.args(["validate", "prod"]).current_dir(folder.0.join("project")).output().unwrap();
    let said = String::from_utf8([run.stdout, run.stderr].concat()).unwrap();
    assert!(!said.contains("error[project"), "{said}");
}

#[test]
fn a_project_of_the_size_of_its_budget_is_read() {
    let disk = (0..20).fold(project(), |disk, n| disk.file(&format!("environments/e{n}.yaml"), "a: 1"));
    for (project_files, wanted) in [(20, &[""; 0][..]), (19, &["project/too-large environments:1:1"])] {
        let (_, told) = load(&disk, &Limits { project_files, ..Limits::default() });
        assert_eq!(told, wanted);
    }
}

/// A folder under `target/`, removed when the test passes.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("merge-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(path.join("project/environments")).unwrap();
        Self(path).file("project/platc.yaml", "")
    }

    fn file(self, path: &str, text: &str) -> Self {
        let full = self.0.join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
        self
    }

    fn link(self, path: &str, target: &str) -> Self {
        symlink(target, self.0.join(path)).unwrap();
        self
    }

    fn load(&self) -> (Vec<String>, Vec<String>) {
        let root = Utf8Path::from_path(&self.0).unwrap().join("project");
        let (environments, told) = load(&Real::open(&root).unwrap(), &Limits::default());
        (environments.iter().map(|environment| environment.name.to_string()).collect(), told)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

#[test]
fn links_within_the_project_are_followed_and_others_refused() {
    let folder = Folder::new("links")
        .file("secret/environment.yaml", "password: 1\n")
        .file("project/real/environment.yaml", "extends: [../real/base]\n")
        .file("project/real/base/all.yaml", "a: 1\n")
        .link("project/environments/inside", "../real")
        .link("project/environments/outside", "../../secret")
        .link("project/environments/outside-file.yaml", "../../secret/environment.yaml")
        .link("project/environments/circle", "circle")
        .link("project/environments/up", "..")
        .link("project/environments/dangling", "nowhere")
        .link("project/environments/base", "../real/base");
    let (names, told) = folder.load();
    assert_eq!(names, [""; 0]);
    assert_eq!(
        told,
        [
            "project/unreadable environments/circle:1:1",
            "project/unreadable environments/dangling:1:1",
            "project/layer-missing environments/inside/environment.yaml:1:11",
            "project/unreadable environments/outside:1:1",
            "project/unreadable environments/outside-file.yaml:1:1",
        ]
    );
}

#[test]
fn a_pipe_in_a_layer_does_not_keep_the_run_waiting() {
    let folder = Folder::new("pipe").file("project/environments/prod/environment.yaml", "a: 1\n");
    let pipe = folder.0.join("project/environments/prod/pipe.yaml");
    let made = std::process::Command::new("mkfifo").arg(pipe).status().unwrap();
    assert!(made.success());
    let (names, told) = folder.load();
    assert_eq!(names, [""; 0]);
    assert_eq!(told, ["project/unreadable environments/prod/pipe.yaml:1:1"]);
}

/// The layers of the platform in this repository, as one disk.
fn platform() -> Vec<(String, Vec<u8>)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments");
    let mut files = Vec::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&top).unwrap().to_str().unwrap().to_owned();
                files.push((format!("environments/{name}"), std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    assert!(!files.is_empty());
    files
}

/// What a slip, a bad merge or an enemy does to a file.
#[derive(Clone, Debug)]
enum Damage {
    Byte(u8),
    Text(&'static str),
    Cut(prop::sample::Index),
    Copy(prop::sample::Index),
    Remove,
}

fn damage() -> impl Strategy<Value = Damage> {
    let text = [
        "null",
        "$patch: delete\n",
        "{$patch: replace}",
        "- ",
        ":",
        "  ",
        "\n",
        "{",
        "[",
        "&a ",
        "*a",
        "\"",
        "|\n",
        "---\n",
        "!x ",
        "extends: [../base, ../prod, ../dev]\n",
        "extends: [.]\n",
        "extends: null\n",
        "\t",
        "\u{feff}",
        "\u{85}",
    ];
    prop_oneof![
        any::<u8>().prop_map(Damage::Byte),
        prop::sample::select(text.to_vec()).prop_map(Damage::Text),
        any::<prop::sample::Index>().prop_map(Damage::Cut),
        any::<prop::sample::Index>().prop_map(Damage::Copy),
        Just(Damage::Remove),
    ]
}

fn full() -> bool {
    std::env::var_os("PLATC_TEST_FULL").is_some()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if full() { 10_000 } else { 100 }, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn damaged_layers_end_in_findings_or_trees(
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), damage()), 1..6)
    ) {
        let mut files = platform();
        for (file, at, damage) in damages {
            let bytes = &mut file.get_mut(&mut files).1;
            let at = at.index(bytes.len() + 1);
            match damage {
                Damage::Byte(byte) => bytes.insert(at, byte),
                Damage::Text(text) => drop(bytes.splice(at..at, text.bytes())),
                Damage::Cut(end) => drop(bytes.drain(at..at + end.index(bytes.len() - at + 1))),
                Damage::Copy(end) => {
                    let copy = bytes[at..at + end.index(bytes.len() - at + 1)].to_vec();
                    bytes.splice(at..at, copy);
                }
                Damage::Remove => bytes.clear(),
            }
        }
        let disk = files.into_iter().fold(project(), |disk, (path, bytes)| disk.file(&path, bytes));
        let (environments, told) = load(&disk, &Limits::default());
        prop_assert!(environments.len() == 3 || !told.is_empty());
    }
}
