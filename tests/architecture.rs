//! The map in `docs/architecture.md`, held against what modules really use: none points back, and files of one folder
//! do not use each other, but for those that are listed here with the reason.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read real files")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Files, or folders, that use each other, and why that is one thing.
const TOGETHER: &[(&str, &str, &str)] = &[
    (
        "chart::installed",
        "chart::values",
        "values decide which charts are switched on, and are laid over those of the charts that are",
    ),
    ("chart::engine", "chart::eval", "a render executes templates, and `tpl` reads a text as one"),
    ("chart::functions", "chart::syntax", "a call in a template holds the function that it calls"),
    ("chart::yaml::emit", "chart::yaml::string", "the emitter writes texts in the style that they allow"),
    ("cli::caching", "cli::compile", "a request names where results are kept, and they are kept for a request"),
    ("cli::editors", "cli::schema", "`schema modeline` is a command of `schema`, and reads a schema as the others do"),
    ("environment::layer", "environment::wording", "what is said of layers is worded for them"),
    ("schema::cel::eval", "schema::cel::functions", "the machine calls functions, and functions loop by the machine"),
    ("schema::cel::functions", "schema::cel::syntax", "a call in an expression holds the function that it calls"),
    ("schema::cel::functions", "schema::cel::value", "values of CEL are also those that some functions make"),
    ("schema::cel::functions::list", "schema::cel::functions::number", "`+` joins lists, and a list has a sum"),
    (
        "schema::cel::functions::text",
        "schema::cel::functions::written",
        "`format` is a function of texts, and quotes them",
    ),
    ("schema::load", "schema::reader", "one file of a schema leads to others, which are read the same way"),
    (
        "template::check::expression",
        "template::check::walk",
        "expressions hold bodies of macros, and statements hold expressions",
    ),
    ("template::context", "template::functions", "functions are values of the context, and look into it"),
    ("template::context", "template::identity", "values of the context know which node they are"),
    (
        "template::context",
        "template::lineage",
        "what a render notes of its values is in its session, and they are tagged by it",
    ),
    ("template::context", "template::slot", "what the context hands out is printed as a slot"),
    (
        "template::context",
        "template::told",
        "what a list of `for_each` is made of is noted while the context hands it out",
    ),
    ("template::embed", "template::slot", "a text within a text has slots of its own"),
    ("template::engine", "template::files", "the engine has `file`, which is limited as the engine is"),
    ("template::guard", "template::slot", "the guard lets slots pass, and slots stay within its bounds"),
    (
        "template::identity",
        "template::lineage",
        "a value is known by what it was made of, and what was made is known again",
    ),
    ("template::identity", "template::slot", "a captured text knows by its marks what was decided in it"),
    (
        "template::load",
        "template::trace",
        "templates are loaded with their marked twins, which are compiled from the loaded text",
    ),
    ("template::map", "template::render", "a map is made of a marked render, and a render with places makes one"),
    ("yaml::build", "yaml::syntax", "what cannot be built is told like what cannot be read"),
];

/// A file of `src` that is no test, by its path as a module.
type Modules = BTreeMap<Vec<String>, String>;

#[test]
fn no_module_points_back() {
    let (order, modules) = (map(), modules());
    let known: BTreeSet<&str> = modules.keys().map(|path| path[0].as_str()).collect();
    assert_eq!(order.iter().map(String::as_str).collect::<BTreeSet<_>>(), known, "the map has all modules");
    let place = |module: &str| order.iter().position(|name| name == module);
    let mut back = Vec::new();
    for (path, text) in &modules {
        for used in uses(text) {
            if used[0] == "crate" && place(&used[1]) > place(&path[0]) {
                back.push(format!("{} uses {}", path.join("::"), used.join("::")));
            }
        }
    }
    assert!(back.is_empty(), "these point back on the map of docs/architecture.md:\n{}", back.join("\n"));
}

#[test]
fn files_of_a_folder_do_not_use_each_other() {
    let modules = modules();
    let mut edges: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, text) in &modules {
        for used in uses(text) {
            let Some(other) = resolved(path, &used, &modules) else { continue };
            let same = path.iter().zip(&other).take_while(|(a, b)| a == b).count();
            // What lies in a folder may use what the folder is about, and the other way round.
            if same > 0 && same < path.len() && same < other.len() {
                edges.insert((path[..=same].join("::"), other[..=same].join("::")));
            }
        }
    }
    let mutual = edges.iter().filter(|(a, b)| a < b && edges.contains(&(b.clone(), a.clone())));
    let found: BTreeSet<(&str, &str)> = mutual.map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let listed: BTreeSet<(&str, &str)> = TOGETHER.iter().map(|(a, b, _)| (*a, *b)).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(new.is_empty(), "these use each other; move what both need to where neither is: {new:?}");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "these do not use each other any more; take them off the list: {gone:?}");
}

#[test]
fn few_places_know_of_threads() {
    let knows = |word: &str| -> BTreeSet<String> {
        let of_word = modules().into_iter().filter(|(_, text)| text.contains(word));
        of_word.map(|(path, _)| path[..path.len().min(2)].join("::")).collect()
    };
    let sharing: BTreeSet<String> = knows("rayon").into_iter().filter(|path| !path.starts_with("pipeline")).collect();
    assert_eq!(sharing, BTreeSet::from(["cache::run", "check::judge", "tree::record"].map(str::to_owned)));
    let watching = ["cli::compile", "cli::signals", "disk::git"].map(str::to_owned);
    assert_eq!(knows("thread::Builder"), BTreeSet::from(watching));
}

/// The modules in the order of the map.
fn map() -> Vec<String> {
    let page = fs::read_to_string("docs/architecture.md").unwrap();
    let (_, rows) = page.split_once("|---|---|\n").unwrap();
    let rows = rows.lines().take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).unwrap().to_owned()).collect()
}

/// What is compiled into the program, without comments and tests.
fn modules() -> Modules {
    let (mut found, mut tests) = (Modules::new(), BTreeSet::new());
    collect(Path::new("src"), &mut Vec::new(), &mut found, &mut tests);
    found.retain(|path, _| !tests.iter().any(|test: &Vec<String>| path.starts_with(test)));
    found
}

fn collect(folder: &Path, at: &mut Vec<String>, found: &mut Modules, tests: &mut BTreeSet<Vec<String>>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        let stem = name.trim_end_matches(".rs").to_owned();
        if path.is_dir() {
            at.push(name);
            collect(&path, at, found, tests);
            at.pop();
        } else if path.extension().is_some_and(|ending| ending == "rs") && !["lib.rs", "main.rs"].contains(&&*name) {
            let module: Vec<String> = at.iter().cloned().chain((stem != "mod").then_some(stem)).collect();
            let text = fs::read_to_string(&path).unwrap();
            for part in text.split("#[cfg(test)]\n").skip(1) {
                if let Some((name, _)) = part.strip_prefix("mod ").and_then(|rest| rest.split_once(';')) {
                    tests.insert(module.iter().cloned().chain([name.to_owned()]).collect());
                }
            }
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            found.insert(module, lines.collect::<Vec<_>>().join("\n"));
        }
    }
}

/// All paths that begin with `crate`, `super` or `self`, those of `use a::{b, c}` one by one.
fn uses(text: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for first in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(first) {
            let is_whole = !text[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before));
            if is_whole {
                expand(&mut Vec::new(), &mut &text[at..], &mut all);
            }
        }
    }
    all
}

/// Reads one path, which may end in several: `a::{b::c, d}`.
fn expand(path: &mut Vec<String>, rest: &mut &str, all: &mut Vec<Vec<String>>) {
    let depth = path.len();
    loop {
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        path.push(rest[..end].to_owned());
        *rest = &rest[end..];
        let Some(below) = rest.strip_prefix("::") else { break };
        let Some(inner) = below.strip_prefix('{') else {
            *rest = below;
            continue;
        };
        *rest = inner.trim_start();
        while !rest.is_empty() && !rest.starts_with('}') {
            expand(path, rest, all);
            let next = rest.find([',', '}']).unwrap_or(rest.len());
            *rest = rest[next..].trim_start_matches(',').trim_start();
        }
        *rest = rest.strip_prefix('}').unwrap_or(rest);
        path.truncate(depth);
        return;
    }
    all.push(path.clone());
    path.truncate(depth);
}

/// The file in which the end of a path is: the longest beginning of it that is one.
fn resolved(from: &[String], used: &[String], modules: &Modules) -> Option<Vec<String>> {
    let above = used.iter().take_while(|step| *step == "super").count();
    let base = match used[0].as_str() {
        "crate" => Vec::new(),
        "self" => from.to_vec(),
        _ => from[..from.len().checked_sub(above)?].to_vec(),
    };
    let skipped = above.max(1);
    let whole: Vec<String> = base.iter().chain(&used[skipped..]).cloned().collect();
    let found = (base.len()..=whole.len()).rev().map(|end| whole[..end].to_vec()).find(|it| modules.contains_key(it));
    found.filter(|other| other != from)
}
