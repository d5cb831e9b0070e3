//! Where the cache lies, who may have written it, and that it is used at all.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use sha2::{Digest as _, Sha256};

use super::project::{Pair, cached, entries, outside, project};
use super::support::{Project, Ran};

/// Changes what an entry says, as nobody but platc does: with the right digest.
fn forge(entry: &std::path::Path, from: &str, to: &str) {
    let text = fs::read_to_string(entry).unwrap();
    let (_, body) = text.split_once('\n').unwrap();
    assert!(body.contains(from), "{from}: {body}");
    let body = body.replace(from, to);
    let digest: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(entry, format!("platc {digest}\n{body}")).unwrap();
}

#[test]
fn an_unchanged_project_is_not_compiled_again() {
    let pair = Pair::new();
    let used = |args: &[&str], words: &str| {
        let _ = fs::remove_dir_all(pair.cache.join("runs-1"));
        pair.agree(args, "nothing");
        // A first run writes trees, and where trees stand is a part of what is read.
        pair.agree(args, "the first run");
        let [entry] = &entries(&pair.cache)[..] else { panic!("one entry: {:?}", entries(&pair.cache)) };
        pair.agree(args, "the second run");
        forge(entry, words, "a word that was forged");
        let ran = cached(&pair.with, &pair.cache, args);
        let text = format!("{}{}", ran.stdout, ran.stderr);
        assert!(text.contains("a word that was forged"), "{ran}");
    };
    used(&["render"], "has no version");
    used(&["validate"], "has no version");
    used(&["validate", "one", "--format", "json"], "has no version");
    pair.agree(&["golden", "--accept"], "nothing");
    used(&["golden", "--check"], "has no version");
    used(&["render", "--check"], "has no version");
    used(&["diff"], "has no version");
}

#[test]
fn an_environment_that_did_not_change_is_not_compiled_again() {
    let pair = Pair::new();
    let write = |path: &str, text: &str| [&pair.with, &pair.without].map(|project| project.write(path, text));
    let has = |ran: &Ran, words: &str| assert!(format!("{ran}").contains(words), "{words}: {ran}");
    for command in ["validate", "accept", "render", "diff", "validate"] {
        if command == "accept" {
            // Until now there was no golden tree at all.
            pair.agree(&["golden", "--accept"], "nothing");
            continue;
        }
        let _ = fs::remove_dir_all(pair.cache.join("runs-1"));
        pair.agree(&[command], "nothing");
        pair.agree(&[command], "the first run");
        let [entry] = &entries(&pair.cache)[..] else { panic!("one entry: {:?}", entries(&pair.cache)) };
        let whole = fs::read(entry).unwrap();
        // What is kept of one environment is used while another one changes, comes or goes.
        let after = |path: &str, text: &str, forged: bool| {
            let before = fs::read(pair.with.root.join(path)).ok();
            fs::write(entry, &whole).unwrap();
            forge(entry, "has no version", "has a forged word");
            write(path, text);
            let ran = cached(&pair.with, &pair.cache, &[command]);
            assert_eq!(format!("{ran}").contains("has a forged word"), forged, "{path}: {ran}");
            pair.without.run(&[command]);
            for project in [&pair.with, &pair.without] {
                match &before {
                    Some(before) => project.write(path, before),
                    None => fs::remove_file(project.root.join(path)).unwrap(),
                }
                let _ = fs::remove_dir_all(project.root.join("rendered/four"));
                project.run(&[command]);
            }
        };
        after("environments/two/environment.yaml", "extends: [../base]\nname: two\nnetwork: 10.5.0.0/16\n", true);
        after("environments/two/more.yaml", "replicas: 4\n", true);
        after("environments/four/environment.yaml", "extends: [../base]\nname: four\nnetwork: 10.6.0.0/16\n", true);
        after("environments/base/base.yaml", "replicas: 6\nteam: web\n", true);
        after("environments/other/base.yaml", "replicas: 6\nteam: web\n", true);
        after("templates/network.yaml.j2", "Resources: {}\n", false);
        after("schemas/rules/more.yaml", "# nothing\n", false);
        after("platc.yaml", "rules: {own/replicas: off}\n", false);
        fs::remove_dir_all(pair.cache.join("runs-1")).unwrap();
        has(&pair.agree(&[command], "all of that"), "has no version");
    }
}

#[test]
fn a_rule_of_the_project_is_known_without_being_read() {
    let pair = Pair::new();
    for project in [&pair.with, &pair.without] {
        project.write("environments/base/base.yaml", "replicas: 3\nteam: web\n");
    }
    for format in ["text", "json", "sarif", "github", "junit"] {
        for round in ["the first run", "the second run", "the third run"] {
            let ran = pair.agree(&["validate", "--format", format], round);
            assert!(ran.stdout.contains("3 replicas are odd"), "{ran}");
        }
    }
}

#[test]
fn a_cache_in_the_work_tree_is_refused() {
    let project = project();
    let outside = Project::empty();
    symlink(&project.root, outside.root.join("link")).unwrap();
    fs::create_dir_all(project.root.join("sub/.git")).unwrap();
    let linked = outside.root.join("link/cache");
    for folder in ["cache", ".", "environments/../x/y", project.root.to_str().unwrap(), linked.to_str().unwrap()] {
        for command in ["render", "validate", "golden", "diff", "cache"] {
            let ran = project.run(&[command, "--no-cache", "--cache-dir", folder]);
            assert_ne!(ran.code, 2, "`--no-cache` beats it: {ran}");
            let mut command = project.command(&[command, "--cache-dir", folder]);
            let ran = Ran::from(command.output().unwrap());
            assert_eq!(ran.code, 2, "{ran}");
            assert!(ran.stderr.contains("cannot hold a cache: it lies in the work tree"), "{ran}");
        }
    }
    assert!(!project.exists("cache") && !project.exists("x"));
}

#[test]
fn a_cache_beside_a_project_in_the_same_repository_is_refused() {
    let repository = Project::empty().file(".git/HEAD", "").file("cache/x", "").file("platform/platc.yaml", "");
    let mut command = repository.command(&["-C", "platform", "validate", "--cache-dir", "cache"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("it lies in the work tree"), "{ran}");
}

#[test]
fn without_a_folder_that_can_be_written_there_is_no_cache_and_no_word_of_it() {
    let project = project();
    let expected = format!("{}", project.run(&["validate"]));
    let file = Project { root: outside() }.file("file", "").file("open/x", "").file("mine/x", "");
    fs::set_permissions(file.root.join("open"), fs::Permissions::from_mode(0o777)).unwrap();
    for folder in ["/dev/null/cache", "/proc/cache", "file", "open"] {
        let folder = file.root.join(folder);
        for _ in 0..2 {
            assert_eq!(format!("{}", cached(&project, &folder, &["validate"])), expected, "{}", folder.display());
        }
        assert!(entries(&folder).is_empty());
    }
    let home = |name: &str, value: &str| {
        let mut command = project.command(&["validate"]);
        command.env_remove("XDG_CACHE_HOME").env_remove("HOME").env(name, value);
        format!("{}", Ran::from(command.output().unwrap()))
    };
    assert_eq!(home("HOME", ""), expected);
    assert_eq!(home("HOME", "/dev/null"), expected);
    assert_eq!(home("XDG_CACHE_HOME", "relative"), expected);
    assert_eq!(home("XDG_CACHE_HOME", project.root.to_str().unwrap()), expected);
    assert!(!project.exists("relative") && !project.exists("platc"));
    assert_eq!(home("XDG_CACHE_HOME", file.root.join("mine").to_str().unwrap()), expected);
    assert_eq!(entries(&file.root.join("mine/platc")).len(), 1);
}

#[test]
fn it_can_be_looked_at_and_emptied() {
    let (project, folder) = (project(), outside());
    let cache = folder.join("deep/cache");
    cached(&project, &cache, &["validate"]);
    cached(&project, &cache, &["validate", "one"]);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&cache), mode(&entries(&cache)[0])), (0o700, 0o600));
    let ran = cached(&project, &cache, &["cache"]);
    assert!(ran.stdout.starts_with(&format!("{}: 2 entries, ", cache.display())), "{ran}");
    let ran = cached(&project, &cache, &["cache", "--format", "json"]);
    assert!(ran.stdout.contains("\"entries\": 2"), "{ran}");
    let ran = cached(&project, &cache, &["cache", "--prune"]);
    assert!(ran.stderr.contains("removed 2 entries, "), "{ran}");
    assert!(entries(&cache).is_empty());
    let ran = cached(&project, &cache, &["cache"]);
    assert!(ran.stdout.ends_with(": 0 entries, 0 KB\n"), "{ran}");
    let ran = project.run(&["cache"]);
    assert!(ran.stderr.contains("there is no cache"), "{ran}");
    fs::remove_dir_all(folder).unwrap();
}
