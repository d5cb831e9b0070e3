//! The law: with a cache and without, a run prints the same, ends the same and leaves the same files, whatever happened
//! before. Random edits of a project and of its cache, from a seed; `PLATC_TEST_FULL=1` takes thousands of steps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use super::project::{Pair, entries, files, outside};
use super::support::Project;
use super::values::Generator;

fn is_full() -> bool {
    std::env::var_os("PLATC_TEST_FULL").is_some()
}

/// Some that are fine, some that are not, and some that come back to what was before.
const COMMANDS: &[&[&str]] = &[
    &["render"],
    &["render"],
    &["render", "one"],
    &["render", "--overwrite-edits"],
    &["render", "--check"],
    &["render", "-v"],
    &["render", "--set", "replicas=5"],
    &["validate"],
    &["validate"],
    &["validate", "two", "one"],
    &["validate", "--format", "json"],
    &["validate", "--as-of", "2027-03-01"],
    &["validate", "-v"],
    &["golden", "--check"],
    &["golden", "--accept"],
    &["diff"],
    &["images"],
    &["compare"],
    &["compare", "one", "two", "--all"],
];

/// What lines of files may become, and become again.
const LINES: &[(&str, &[&str])] = &[
    (
        "environments/base/base.yaml",
        &[
            "replicas: 2\nteam: web\n",
            "replicas: 3\nteam: web\n",
            "replicas: 99\nteam: web\n",
            "replicas: [\n",
            "team: web\n",
        ],
    ),
    ("environments/other/base.yaml", &["replicas: 4\nteam: web\n", "replicas: 4\nteam: data\n", ""]),
    (
        "environments/two/environment.yaml",
        &[
            "extends: [../base]\nname: two\nnetwork: 10.2.0.0/16\n",
            "extends: [../base]\nname: two\nnetwork: 10.1.0.0/16\n",
            "extends: [../other]\nname: two\nnetwork: 10.2.0.0/16\n",
            "extends: [../one]\nname: two\nnetwork: 10.2.0.0/16\nreplicas: 2\n",
            "extends: [../missing]\nname: two\n",
            "extends: [../base]\nname: two\nnetwork: 10.2.0.0/16\nacknowledge:\n  - {rule: kubernetes/image-tag, subject: Deployment/web/two, reason: yes it is}\n",
        ],
    ),
    (
        "environments/four/environment.yaml",
        &[
            "extends: [../base]\nname: four\nnetwork: 10.4.0.0/16\n",
            "extends: [../base]\nname: four\nnetwork: 10.1.0.0/16\n",
        ],
    ),
    (
        "environments/eu/three/environment.yaml",
        &[
            "extends: [../../other]\nname: three\nnetwork: 10.3.0.0/16\n",
            "extends: [../../other]\nname: three\nnetwork: 10.3.0.0/16\nreplicas: 4\n",
            "extends: [../../base]\nname: three\nnetwork: 10.3.0.0/16\nreplicas: 2\n",
            "extends: [../../base, ../../other]\nname: one\nnetwork: 10.2.0.0/16\n",
        ],
    ),
    ("environments/base/more.yaml", &["owner: me\n", "team: data\n", "# nothing\n"]),
    (
        "environments/two/more.yaml",
        &["replicas: 6\n", "replicas: 2\n", "owner: two\n", "zones: {c: {size: 1, colour: red}, a: {colour: blue}}\n"],
    ),
    ("environments/one/more.yaml", &["zones: {b: {size: 1}, d: {colour: red}}\n", "zones: {b: {size: 2}}\n", ""]),
    ("environments/missing/base.yaml", &["replicas: 1\n", "team: web\n"]),
    (
        "platc.yaml",
        &["", "rules: {kubernetes/image-tag: off}\n", "rules: {kubernetes/image-tag: error}\n", "outptu: x\n"],
    ),
    (
        "templates/more.yaml.j2",
        &[
            "a: {{ name }}\n",
            "a: {{ nmae }}\n",
            "a: {{\n",
            "b: {{ owner | default('x') }}\n",
            "{% for name, zone in (zones | default({})) | items %}{{ name }}: {{ zone.size | default(0) }}\n{% endfor %}x: b\n",
            "{% for name, zone in (zones | default({})) | items %}{{ name }}: {{ name }}\n{% endfor %}x: {{ zones | default(1) }}\n",
        ],
    ),
    ("templates/_macros.j2", &["{% macro x() %}x{% endmacro %}", ""]),
    (
        "schemas/rules/more.yaml",
        &[
            "id: own/name\nsummary: x\nmatch: {kind: Deployment}\nrule: self.metadata.name != 'two'\nmessage: no two\n",
            "id: [\n",
        ],
    ),
    (
        "schemas/kubernetes/apps_v1_Deployment.yaml",
        &["type: object\nproperties: {spec: {type: object, properties: {replicas: {maximum: 3}}}}\n", "type: [\n"],
    ),
];

/// Files that a run has written, which somebody edits by hand.
fn made(pair: &Pair) -> Vec<PathBuf> {
    let is_made = |path: &PathBuf| path.starts_with("rendered") || path.starts_with("golden");
    files(&pair.with.root).into_keys().filter(is_made).collect()
}

/// Does the same in both projects.
fn both(pair: &Pair, work: impl Fn(&Path)) {
    for project in [&pair.with, &pair.without] {
        work(&project.root);
    }
}

fn edit(pair: &Pair, random: &mut Generator) -> String {
    let (path, texts) = LINES[random.below(LINES.len())];
    let text = texts[random.below(texts.len())];
    let write = |root: &Path, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let made = made(pair);
    // Without it there is no project, and another one may lie around.
    let can_go = path != "platc.yaml";
    match random.below(20) {
        0..=4 => {
            both(pair, |root| write(root, text));
            format!("{path}: {text:?}")
        }
        5..=7 => {
            // Back to what is sound.
            both(pair, |root| write(root, texts[0]));
            format!("{path}: {:?}", texts[0])
        }
        8 if can_go => {
            both(pair, |root| drop(fs::remove_file(root.join(path))));
            format!("{path} is removed")
        }
        9 if can_go => {
            both(pair, |root| drop(fs::rename(root.join(path), root.join(path).with_file_name("renamed.yaml"))));
            format!("{path} has another name")
        }
        10 => {
            both(pair, |root| drop(fs::remove_file(root.join(path).with_file_name("renamed.yaml"))));
            "what was renamed is gone".to_owned()
        }
        11 | 12 => {
            let (days, back) = (random.below(900) as u64, random.below(2) == 0);
            both(pair, |root| {
                let Ok(file) = fs::File::options().write(true).open(root.join(path)) else { return };
                let span = Duration::from_secs(days * 86_400);
                let time = if back { SystemTime::now() - span } else { SystemTime::now() + span };
                file.set_modified(time).unwrap();
            });
            format!("{path} is touched, {days} days off")
        }
        13 => {
            // The same size and time, another text.
            both(pair, |root| {
                let path = root.join("environments/one/environment.yaml");
                let time = fs::metadata(&path).unwrap().modified().unwrap();
                let text = fs::read_to_string(&path).unwrap();
                let text = if text.contains("10.1.") {
                    text.replace("10.1.", "10.9.")
                } else {
                    text.replace("10.9.", "10.1.")
                };
                fs::write(&path, text).unwrap();
                fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            });
            "one has another network, at the same time".to_owned()
        }
        14 | 15 if !made.is_empty() => {
            let path = &made[random.below(made.len())];
            let how = random.below(3);
            both(pair, |root| match how {
                0 => fs::remove_file(root.join(path)).unwrap(),
                1 => fs::write(root.join(path), "edited: by hand\n").unwrap(),
                _ => fs::write(root.join(path), [fs::read(root.join(path)).unwrap(), b"# more\n".to_vec()].concat())
                    .unwrap(),
            });
            format!("{} is edited ({how})", path.display())
        }
        16 => {
            both(pair, |root| {
                drop((
                    fs::create_dir_all(root.join("rendered/one")),
                    fs::write(root.join("rendered/one/theirs.yaml"), "a: 1\n"),
                ));
            });
            "a file of others lies in a tree".to_owned()
        }
        17 => {
            let tree = ["rendered/one", "golden/two", "rendered", "golden"][random.below(4)];
            both(pair, |root| drop(fs::remove_dir_all(root.join(tree))));
            format!("{tree} is removed")
        }
        _ => "nothing".to_owned(),
    }
}

/// What may happen to a cache.
fn disturb(pair: &Pair, random: &mut Generator) -> String {
    let entries = entries(&pair.cache);
    if entries.is_empty() {
        return String::new();
    }
    let (one, other) = (&entries[random.below(entries.len())], &entries[random.below(entries.len())]);
    match random.below(14) {
        0 => {
            let bytes = fs::read(one).unwrap();
            fs::write(one, &bytes[..random.below(bytes.len() + 1)]).unwrap();
            "; an entry is half written".to_owned()
        }
        1 => {
            let mut bytes = fs::read(one).unwrap();
            let length = bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(random.below(length)) {
                *byte ^= 1 << random.below(8);
            }
            fs::write(one, bytes).unwrap();
            "; an entry has another bit".to_owned()
        }
        2 => {
            fs::remove_file(one).unwrap();
            "; an entry is removed".to_owned()
        }
        3 => {
            fs::remove_dir_all(&pair.cache).unwrap();
            "; the cache is removed".to_owned()
        }
        4 => {
            fs::write(one.with_file_name(".left"), "half").unwrap();
            "; a killed run left something".to_owned()
        }
        5 if one != other => {
            // The oldest state of an entry in the place of a newer one.
            let old = pair.cache.join("kept").join(one.file_name().unwrap());
            if old.exists() {
                fs::copy(old, one).unwrap();
            }
            "; an entry is an older one".to_owned()
        }
        6 => {
            let old = pair.cache.join("kept");
            fs::create_dir_all(&old).unwrap();
            fs::copy(one, old.join(one.file_name().unwrap())).unwrap();
            String::new()
        }
        7 | 8 => {
            // It writes no tree, so that both projects stay the same.
            let mut command = pair.with.command(&[["validate", "diff"][random.below(2)]]);
            command.env("PLATC_CACHE_DIR", &pair.cache);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            sleep(Duration::from_micros(random.below(60_000) as u64));
            let _ = child.kill();
            child.wait().unwrap();
            "; a run is killed".to_owned()
        }
        _ => String::new(),
    }
}

fn walk(seed: u64, steps: usize) {
    let mut random = Generator::new(seed);
    let pair = Pair::new();
    let mut past: Vec<String> = Vec::new();
    for step in 0..steps {
        let done = edit(&pair, &mut random) + &disturb(&pair, &mut random);
        past.push(done);
        let command = COMMANDS[random.below(COMMANDS.len())];
        let recent = past[past.len().saturating_sub(6)..].join(" / ");
        pair.agree(command, &format!("seed {seed}, step {step}: {recent}"));
        past.push(format!("platc {}", command.join(" ")));
        if random.below(2) == 0 {
            pair.agree(command, &format!("seed {seed}, step {step}, once more: {recent}"));
        }
    }
}

#[test]
fn with_a_cache_and_without_the_same_comes_out() {
    let (seeds, steps) = if is_full() { (40, 150) } else { (2, 60) };
    std::thread::scope(|scope| {
        for half in 0..2 {
            scope.spawn(move || (0..seeds).filter(|seed| seed % 2 == half).for_each(|seed| walk(seed + 1, steps)));
        }
    });
}

/// Several runs at once use one cache, and write the same places of it.
#[test]
fn several_writers_do_not_disturb_each_other() {
    let cache = outside();
    let projects: Vec<Project> = (0..4).map(|_| super::project::project()).collect();
    let expected = format!("{}", projects[0].run(&["validate"]));
    for _ in 0..if is_full() { 50 } else { 3 } {
        let runs: Vec<_> = (0..8)
            .map(|at| {
                let mut command = projects[at % 2].command(&["validate"]);
                command.env("PLATC_CACHE_DIR", &cache);
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for run in runs {
            let ran = super::support::Ran::from(run.wait_with_output().unwrap());
            assert_eq!(format!("{ran}"), expected);
        }
        for project in &projects {
            project.write("environments/base/base.yaml", "replicas: 2\nteam: web\n# more\n");
        }
    }
    let left = entries(&cache).into_iter().filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with('.'));
    assert_eq!(left.count(), 0);
    fs::remove_dir_all(cache).unwrap();
}
