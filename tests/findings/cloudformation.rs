//! Mistakes in templates of CloudFormation, told where cfn-lint tells them: its recorded answers, asked anew by
//! `tests/cloudformation/ask.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use serde_json::{Value, json};

use crate::support::Project;

/// Of cfn-lint's errors, in percent.
const FOUND: usize = 90;

/// A row of the answers: the template after an edit, and the places that cfn-lint finds wrong.
struct Row {
    name: String,
    template: Value,
    wrong: BTreeSet<String>,
}

#[test]
fn mistakes_are_told_where_cfn_lint_tells_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cloudformation");
    let mut templates: BTreeMap<String, Value> = BTreeMap::new();
    let rows: Vec<Row> = fs::read_to_string(folder.join("answers.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|row| {
            let name = row["template"].as_str().unwrap();
            let text = || fs::read_to_string(folder.join(format!("templates/{name}.yaml"))).unwrap();
            let base = templates.entry(name.to_owned()).or_insert_with(|| serde_yaml::from_str(&text()).unwrap());
            let answers = row["answers"].as_array().unwrap().iter();
            let wrong = answers.map(|it| it.as_str().unwrap().split_once(' ').unwrap().1.to_owned()).collect();
            Row { name: format!("{name}: {} at {}", row["what"], row["at"]), template: edited(base, &row), wrong }
        })
        .collect();
    assert!(rows.len() >= 200);
    // The templates themselves are fine.
    for (name, template) in &templates {
        assert_eq!(errors(template), BTreeSet::new(), "{name}");
    }
    let next = AtomicUsize::new(0);
    let look = || {
        let mut missed = Vec::new();
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = errors(&row.template);
            let is_told = |wrong: &&String| found.iter().any(|it| it == *wrong || wrong.starts_with(&format!("{it}/")));
            missed.extend(
                row.wrong.iter().filter(|it| !is_told(it)).map(|it| format!("{} is not told: {}", it, row.name)),
            );
        }
        missed
    };
    let missed: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(look)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let all: usize = rows.iter().map(|row| row.wrong.len()).sum();
    assert!(missed.len() * 100 <= all * (100 - FOUND), "{} of {all} are missed:\n{}", missed.len(), missed.join("\n"));
}

/// A template after the edit of a row.
fn edited(base: &Value, row: &Value) -> Value {
    let mut template = base.clone();
    let steps = row["at"].as_array().unwrap();
    let (last, before) = steps.split_last().unwrap();
    let parent = before.iter().fold(&mut template, |at, step| match step {
        Value::Number(at_item) => &mut at[at_item.as_u64().unwrap() as usize],
        step => &mut at[step.as_str().unwrap()],
    });
    match (row["op"].as_str().unwrap(), parent, last) {
        ("set" | "add", Value::Object(map), key) => {
            drop(map.insert(key.as_str().unwrap().to_owned(), row["value"].clone()));
        }
        ("set", Value::Array(items), at) => items[at.as_u64().unwrap() as usize] = row["value"].clone(),
        ("remove", Value::Object(map), key) => drop(map.shift_remove(key.as_str().unwrap())),
        ("rename", Value::Object(map), key) => {
            for (name, value) in std::mem::take(map) {
                let is_meant = name == key.as_str().unwrap();
                let name = if is_meant { row["value"].as_str().unwrap().to_owned() } else { name };
                map.insert(name, value);
            }
        }
        ("repeat", parent, key) => {
            let items = parent[key.as_str().unwrap()].as_array_mut().unwrap();
            items.push(items[0].clone());
        }
        (op, ..) => panic!("{op} at {steps:?}"),
    }
    template
}

/// The sections and logical ids where platc finds something wrong.
fn errors(template: &Value) -> BTreeSet<String> {
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("environments/prod.yaml", "{}\n")
        .file("schemas/environment.schema.yaml", json!({"type": "object", "additionalProperties": false}).to_string())
        .file("templates/template.json", template.to_string());
    let ran = project.command(&["validate", "--format", "json"]).output().unwrap();
    let said: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let findings = said["findings"].as_array().unwrap().iter();
    let of_output = findings.filter(|it| it["rule"].as_str().unwrap().starts_with("cfn/"));
    // An import needs the stack that exports, which isn't here.
    let own = of_output.filter(|it| it["rule"] != "cfn/import-without-export");
    own.map(|it| {
        let path = it["rendered"]["path"].as_str().unwrap_or_default();
        let mut steps: Vec<String> = Vec::new();
        let mut is_quoted = false;
        for letter in path.chars() {
            match letter {
                '"' => is_quoted = !is_quoted,
                '.' if !is_quoted => steps.push(String::new()),
                _ if steps.is_empty() => steps.push(letter.to_string()),
                _ => steps.last_mut().unwrap().push(letter),
            }
        }
        steps.truncate(2);
        steps.join("/")
    })
    .collect()
}
