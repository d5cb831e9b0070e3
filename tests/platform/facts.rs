//! The table of facts in `docs/platform.md`: each id of the platform's description, where it stands in production's tree,
//! and the tests that assert it. Made from `facts.yaml` and the names of the tests.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

use crate::tree::trees;

/// One row: `at` names files of the tree, each with a pointer to the value where there is one to point at. A test belongs
/// to the row if its name has the id in it, or if `tests` names it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Fact {
    id: String,
    #[serde(rename = "fact")]
    what: String,
    #[serde(default)]
    at: Vec<String>,
    #[serde(default)]
    tests: Vec<String>,
}

fn facts() -> Vec<Fact> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform/facts.yaml");
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Names of all tests in this folder, with the modules that they stand in.
fn tests() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform");
    let mut names = BTreeSet::new();
    for entry in walkdir::WalkDir::new(&folder) {
        let path = entry.unwrap().into_path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let module = path.strip_prefix(&folder).unwrap().with_extension("");
        let module = module.to_str().unwrap().trim_end_matches("/mod").replace('/', "::");
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line != "#[test]" {
                continue;
            }
            let function = lines.find_map(|line| line.strip_prefix("fn ")).unwrap();
            names.insert(format!("{module}::{}", function.split('(').next().unwrap()));
        }
    }
    names
}

/// Tests whose names have the id as a word: `sn5_sn6_labels` is about SN5 and SN6.
fn about<'a>(fact: &'a Fact, tests: &'a BTreeSet<String>) -> Vec<&'a str> {
    let id = fact.id.to_lowercase();
    let names = tests.iter().map(String::as_str);
    let of_the_fact = |name: &&str| {
        let function = name.rsplit("::").next().unwrap();
        fact.tests.iter().any(|test| test == name) || function.split('_').any(|word| word == id)
    };
    names.filter(of_the_fact).collect()
}

fn table(facts: &[Fact], tests: &BTreeSet<String>) -> String {
    let mut table =
        String::from("| id | fact | where in `golden/prod` | test in `tests/platform` |\n|---|---|---|---|\n");
    let list = |items: &[&str]| items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(" ");
    for fact in facts {
        let at: Vec<&str> = fact.at.iter().map(String::as_str).collect();
        let _ = writeln!(table, "| {} | {} | {} | {} |", fact.id, fact.what, list(&at), list(&about(fact, tests)));
    }
    table
}

/// Every id of the description, in its order.
const IDS: &str = "ST1 ST2 ST3 ST4 ST5 ST6 ST7 N1 N2 N3 N4 N5 N6 N7 N8 C1 C2 C3 C4 C5 C6 C7 SN1 SN2 SN3 SN4 SN5 SN6 SN7 SN8 SN9 SN10 \
     K1 K2 K3 K4 K5 K6 K7 K8 F1 F2 F3 F4 F5 FF1 FF2 FF3 FF4 FF5 FF6 E1 E2 E3 E4 E5 E6 E7 HA1 HA2 HA3 HA4 HA5 \
     X2 X3 X4 X5 X6 X7 X11 X12 X13 X17";

#[test]
fn every_id_has_a_place_in_the_tree_and_a_test() {
    let (facts, tests) = (facts(), tests());
    let ids: Vec<&str> = facts.iter().map(|fact| fact.id.as_str()).collect();
    let wanted: Vec<&str> = IDS.split_whitespace().collect();
    assert_eq!(&ids[..wanted.len()], wanted);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands twice");
    let prod = &trees()[2];
    for fact in &facts {
        assert!(!about(fact, &tests).is_empty(), "{} has no test", fact.id);
        for test in &fact.tests {
            assert!(tests.contains(test), "{}: there is no test {test}", fact.id);
        }
        assert!(!fact.at.is_empty(), "{} has no place", fact.id);
        for at in &fact.at {
            let (path, pointer) = at.split_once('#').unwrap_or((at, ""));
            assert!(prod.files.contains_key(path), "{}: there is no {path}", fact.id);
            if !pointer.is_empty() {
                let found: Option<&Value> = prod.file(path).pointer(pointer);
                assert!(found.is_some(), "{}: {path} has no {pointer}", fact.id);
            }
        }
    }
}

#[test]
fn the_table_in_the_documentation_is_this_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/platform.md");
    let page = fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- facts: made from tests/platform/facts.yaml -->\n", "<!-- /facts -->");
    let start = page.find(begin).unwrap() + begin.len();
    let stop = page.find(end).unwrap();
    let made = format!("{}\n{}\n{}", &page[..start], table(&facts(), &tests()), &page[stop..]);
    if env::var_os("BLESS").is_some() {
        return fs::write(&path, &made).unwrap();
    }
    assert!(page == made, "docs/platform.md is out of date; renew it with `BLESS=1 cargo test --test platform facts`");
}
