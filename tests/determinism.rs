//! The same project gives the same bytes, wherever, whenever and by whomever it is rendered.
//!
//! This repository's own project is rendered in surroundings that programs tend to let leak into what they write, and each
//! time the digest of all trees, manifests included, is the same.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]
#![allow(clippy::disallowed_methods, reason = "copies and reads real folders")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use support::Project;

/// What a run reads.
const INPUTS: &[&str] = &["platc.yaml", "environments", "examples", "schemas", "templates"];

/// A copy of this repository's project. `reversed` makes the entries of each folder in another order, which many file
/// systems then list them in.
fn copy(reversed: bool) -> Project {
    let project = Project::empty();
    for input in INPUTS {
        copy_into(&Path::new(env!("CARGO_MANIFEST_DIR")).join(input), &project.root.join(input), reversed);
    }
    project
}

fn copy_into(from: &Path, to: &Path, reversed: bool) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    let mut names: Vec<_> = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    if reversed {
        names.reverse();
    }
    for name in names {
        copy_into(&from.join(&name), &to.join(&name), reversed);
    }
}

/// Each file below a folder by its path.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, files);
            } else {
                files.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    let mut files_by_path = BTreeMap::new();
    collect(root, root, &mut files_by_path);
    files_by_path
}

/// One way to run: a name, arguments, and what it changes about the process.
struct Surroundings {
    name: &'static str,
    args: &'static [&'static str],
    /// A program that runs platc, with its arguments.
    through: &'static [&'static str],
    set: &'static [(&'static str, &'static str)],
    unset: &'static [&'static str],
    /// Below the project.
    folder: &'static str,
}

const PLAIN: Surroundings = Surroundings { name: "plain", args: &[], through: &[], set: &[], unset: &[], folder: "" };

const SURROUNDINGS: &[Surroundings] = &[
    Surroundings { name: "far east", set: &[("TZ", "Pacific/Kiritimati")], ..PLAIN },
    Surroundings { name: "far west", set: &[("TZ", "Etc/GMT+12")], ..PLAIN },
    Surroundings { name: "no such zone", set: &[("TZ", "Nowhere/Nothing")], ..PLAIN },
    // Where the lower case of `I` is not `i`.
    Surroundings { name: "Turkish", set: &[("LC_ALL", "tr_TR.UTF-8"), ("LANG", "tr_TR.UTF-8")], ..PLAIN },
    Surroundings { name: "Latin-1", set: &[("LC_ALL", "de_DE.ISO-8859-1")], ..PLAIN },
    Surroundings { name: "C", set: &[("LC_ALL", "C")], ..PLAIN },
    Surroundings { name: "open umask", through: &["sh", "-c", "umask 000; exec \"$0\" \"$@\""], ..PLAIN },
    Surroundings { name: "closed umask", through: &["sh", "-c", "umask 077; exec \"$0\" \"$@\""], ..PLAIN },
    Surroundings { name: "one thread", args: &["-j", "1"], ..PLAIN },
    Surroundings { name: "three threads", args: &["-j", "3"], ..PLAIN },
    Surroundings { name: "many threads", args: &["-j", "16"], ..PLAIN },
    Surroundings { name: "another folder", folder: "environments/prod", ..PLAIN },
    Surroundings { name: "no home", unset: &["HOME", "USER", "LOGNAME"], ..PLAIN },
    Surroundings { name: "nothing set", through: &["env", "-i"], ..PLAIN },
    Surroundings {
        name: "other settings",
        set: &[("SOURCE_DATE_EPOCH", "1"), ("RUST_LOG", "trace"), ("COLUMNS", "20"), ("CLICOLOR_FORCE", "1")],
        ..PLAIN
    },
    Surroundings { name: "small stack", through: &["sh", "-c", "ulimit -s 256; exec \"$0\" \"$@\""], ..PLAIN },
    Surroundings { name: "few files", through: &["sh", "-c", "ulimit -n 40; exec \"$0\" \"$@\""], ..PLAIN },
    Surroundings { name: "in 1999", through: &["faketime", "1999-12-31 23:59:59"], ..PLAIN },
    Surroundings { name: "in 2099", through: &["faketime", "2099-02-28 00:00:00"], ..PLAIN },
];

impl Surroundings {
    /// Renders everything there and gives the trees; `None`, said loudly, where a program for it is missing.
    fn render(&self, project: &Project) -> Option<BTreeMap<String, Vec<u8>>> {
        let output = project.root.join("out");
        let _ = fs::remove_dir_all(&output);
        let mut args = vec!["render", "--all", "--out-dir", output.to_str().unwrap()];
        args.extend(self.args);
        let plain = project.command(&args);
        let mut command = match self.through {
            [] => plain,
            [program, rest @ ..] => {
                if !is_there(program) {
                    return None;
                }
                let mut through = Command::new(program);
                through.args(rest).arg(plain.get_program()).args(plain.get_args());
                through
            }
        };
        command.current_dir(project.root.join(self.folder)).envs(self.set.iter().copied()).stdin(Stdio::null());
        for name in self.unset {
            command.env_remove(name);
        }
        let ran = command.output().unwrap();
        assert!(ran.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&ran.stderr));
        Some(files(&output))
    }
}

fn is_there(program: &str) -> bool {
    if program == "faketime" && !cfg!(target_os = "linux") {
        eprintln!("SKIPPED: `faketime` is for Linux");
        return false;
    }
    let found = Command::new("sh").args(["-c", "command -v \"$0\"", program]).stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: `{program}` is missing; `.ci/tools.sh faults` installs it");
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "in CI nothing may be skipped");
    }
    found
}

#[test]
fn the_same_bytes_in_all_surroundings() {
    let project = copy(false);
    let expected = PLAIN.render(&project).unwrap();
    assert!(expected.keys().any(|path| path.ends_with(".platc/manifest")), "{:?}", expected.keys());
    for surroundings in SURROUNDINGS {
        if let Some(trees) = surroundings.render(&project) {
            assert_same(surroundings.name, &trees, &expected);
        }
    }
}

#[test]
fn the_same_bytes_from_another_copy() {
    let (one, other) = (copy(false), copy(true));
    let expected = PLAIN.render(&one).unwrap();
    assert_same("reversed", &PLAIN.render(&other).unwrap(), &expected);
    // Over a tree that an older run wrote, too.
    let name = expected.keys().find(|path| !path.contains(".platc")).unwrap();
    let output = other.root.join("out");
    fs::remove_file(output.join(name)).unwrap();
    let args = ["render", "--all", "--out-dir", "out"];
    assert_eq!(other.run(&args).code, 0);
    assert_same("again", &files(&output), &expected);
    // And whatever else was rendered in the same run.
    let environment = name.split('/').next().unwrap().to_owned();
    fs::remove_dir_all(&output).unwrap();
    assert_eq!(other.run(&["render", &environment, "--out-dir", "out"]).code, 0);
    let alone = files(&output);
    let part = expected.into_iter().filter(|(path, _)| path.split('/').next() == Some(&environment)).collect();
    assert_same("alone", &alone, &part);
}

#[test]
fn the_golden_trees_are_what_is_rendered() {
    let project = copy(false);
    let expected = PLAIN.render(&project).unwrap();
    let golden = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("golden"));
    assert_same("golden", &golden, &expected);
}

fn assert_same(name: &str, trees: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(trees.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{name}: other files");
    for (path, bytes) in trees {
        let (mine, theirs) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&expected[path]));
        assert!(mine == theirs, "{name}: `{path}` differs:\n{mine}\nfrom\n{theirs}");
    }
}
