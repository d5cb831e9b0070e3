//! Other people's YAML readers, as judges of what platc writes. The drivers stand in `tests/readers/`;
//! `bash .ci/tools.sh readers` installs what they need.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests find tools and say what they skip")]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use platc::finding::Findings;
use platc::limits::Limits;
use platc::source::Sources;
use platc::value::{Number, Value};
use serde_json::{Value as Json, json};

/// The readers behind a driver, by the name that the driver knows.
pub const FOREIGN: [&str; 10] = [
    "pyyaml",
    "pyyaml-libyaml",
    "ruamel",
    "js-yaml",
    "js-yaml-4",
    "yaml-1.2",
    "yaml-1.1",
    "go-yaml-v2",
    "go-yaml-v3",
    "sigs-yaml",
];

/// The reader in this process, the one that was asked for by name.
pub const SERDE_YAML: &str = "serde_yaml";

/// Panics unless every reader takes every document for the value beside it: the foreign ones, `serde_yaml`, and our own.
///
/// Without the foreign readers it says so and asks the other two; under `CI=true` their absence is a failure.
pub fn all_agree(documents: &[(String, Value)]) {
    let judge = |name: &'static str| {
        let mut wrong = Vec::new();
        let texts = documents.iter().map(|(text, _)| text.as_str());
        ask(name, texts, |at, answer| {
            let (text, value) = &documents[at];
            if let Some(difference) = difference(value, &answer).filter(|_| wrong.len() < 20) {
                wrong.push(format!("{name}: {difference} in\n{text}"));
            }
        });
        wrong
    };
    let mut wrong: Vec<String> = std::thread::scope(|scope| {
        let names = FOREIGN.into_iter().filter(|_| installed()).chain([SERDE_YAML]);
        let judges: Vec<_> = names.map(|name| scope.spawn(move || judge(name))).collect();
        judges.into_iter().flat_map(|judge| judge.join().expect("a reader's driver works")).collect()
    });
    for (text, value) in documents {
        let read = own(text);
        if read.as_ref() != Ok(value) {
            wrong.push(format!("platc reads {read:?} in\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{} readings differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// What each reader takes each document for, in the form of `tests/readers/README.md`, readers in the order of
/// [`FOREIGN`] with [`SERDE_YAML`] last. `None` when the foreign readers are not installed.
pub fn answers(documents: &[String]) -> Option<Vec<(&'static str, Vec<Json>)>> {
    let collect = |name: &'static str| {
        let mut all = Vec::with_capacity(documents.len());
        ask(name, documents.iter().map(String::as_str), |_, answer| all.push(answer));
        (name, all)
    };
    installed().then(|| {
        std::thread::scope(|scope| {
            let names = FOREIGN.into_iter().chain([SERDE_YAML]);
            let readers: Vec<_> = names.map(|name| scope.spawn(move || collect(name))).collect();
            readers.into_iter().map(|reader| reader.join().expect("a reader's driver works")).collect()
        })
    })
}

/// Whether an answer is this value: the same types, numbers equal in value, maps in any order.
pub fn agrees(value: &Value, answer: &Json) -> bool {
    difference(value, answer).is_none()
}

/// The first place at which an answer is not this value.
fn difference(value: &Value, answer: &Json) -> Option<String> {
    let same = match value {
        Value::Null => answer.is_null(),
        Value::Bool(value) => answer.as_bool() == Some(*value),
        Value::String(text) => answer.as_str() == Some(text),
        Value::Number(number) => {
            let digits = answer.get("n").and_then(Json::as_str).unwrap_or_default();
            match number {
                Number::Int(value) => digits.parse() == Ok(*value),
                Number::UInt(value) => digits.parse() == Ok(*value),
                Number::Float(value, _) => digits.parse() == Ok(*value),
            }
        }
        Value::List(items) => {
            let answers = answer.as_array().filter(|answers| answers.len() == items.len());
            let first = answers
                .and_then(|answers| items.iter().zip(answers).find_map(|(item, answer)| difference(item, answer)));
            if first.is_some() {
                return first;
            }
            answers.is_some()
        }
        Value::Map(entries) => {
            let answers = answer.get("m").and_then(Json::as_array).filter(|answers| answers.len() == entries.len());
            for (key, value) in entries.iter().filter(|_| answers.is_some()) {
                match answers.into_iter().flatten().find(|answer| answer[0].as_str() == Some(key)) {
                    Some(answer) => {
                        if let Some(first) = difference(value, &answer[1]) {
                            return Some(first);
                        }
                    }
                    None => return Some(format!("there is no key {key:?} in {answer}")),
                }
            }
            answers.is_some()
        }
    };
    (!same).then(|| format!("{value:?} became {answer}"))
}

/// A document as platc itself reads it, without a schema; the findings, if it refuses.
pub fn own(text: &str) -> Result<Value, String> {
    let (sources, mut findings) = (Sources::default(), Findings::default());
    let file = sources.add("document.yaml", text);
    let value = platc::yaml::read::read(&sources, file, &Limits::default(), &mut findings)
        .and_then(|node| node.to_value(&mut findings));
    let mut told = String::new();
    for finding in &findings {
        let place = sources.locate(finding.primary.span);
        let _ = writeln!(told, "{place}: {}: {}", finding.rule.id, finding.message);
    }
    value.filter(|_| findings.is_empty()).ok_or(told)
}

/// Where `.ci/tools.sh` puts what it installs. `PLATC_TEST_TOOLS` names another place.
pub fn tools() -> PathBuf {
    let there = std::env::var_os("PLATC_TEST_TOOLS").map(PathBuf::from);
    there.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/tools"))
}

/// Whether the foreign readers are there. Says so if not, and fails in CI.
pub fn installed() -> bool {
    let tools = tools();
    let there = ["venv/bin/python", "npm/node_modules/yaml", "npm/node_modules/js-yaml-4", "bin/read-yaml"]
        .iter()
        .all(|tool| tools.join(tool).exists());
    if !there {
        let missing =
            format!("foreign YAML readers are missing in {}: run `bash .ci/tools.sh readers`", tools.display());
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
        eprintln!("SKIPPED: {missing}");
    }
    there
}

/// Passes documents through one reader, answer by answer.
fn ask<'a>(name: &str, documents: impl Iterator<Item = &'a str> + Send, mut each: impl FnMut(usize, Json)) {
    if name == SERDE_YAML {
        documents.map(serde_yaml_answer).enumerate().for_each(|(at, answer)| each(at, answer));
        return;
    }
    let mut driver = driver(name).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the driver starts");
    let mut input = BufWriter::new(driver.stdin.take().expect("stdin is a pipe"));
    let output = BufReader::new(driver.stdout.take().expect("stdout is a pipe"));
    let asked = std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            let mut asked = 0;
            for document in documents {
                writeln!(input, "{}", Json::from(document)).expect("the driver reads on");
                asked += 1;
            }
            asked
        });
        let mut answered = 0;
        for line in output.lines() {
            let line = line.expect("the driver writes UTF-8");
            each(answered, serde_json::from_str(&line).unwrap_or_else(|error| panic!("{name}: {error}: {line}")));
            answered += 1;
        }
        let asked = writer.join().expect("the driver reads on");
        assert_eq!(answered, asked, "{name} answers each document");
        asked
    });
    let status = driver.wait().expect("the driver ends");
    assert!(status.success(), "{name} ends well after {asked} documents: {status}");
}

fn driver(name: &str) -> Command {
    let (tools, drivers) = (tools(), Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers"));
    match name {
        "pyyaml" | "pyyaml-libyaml" | "ruamel" => {
            let mut command = Command::new(tools.join("venv/bin/python"));
            command.arg(drivers.join("read.py")).arg(name);
            command
        }
        "go-yaml-v2" | "go-yaml-v3" | "sigs-yaml" => {
            let mut command = Command::new(tools.join("bin/read-yaml"));
            command.arg(name);
            command
        }
        _ => {
            let mut command = Command::new("node");
            command.arg(drivers.join("read.cjs")).arg(name).arg(tools.join("npm/node_modules"));
            command
        }
    }
}

fn serde_yaml_answer(text: &str) -> Json {
    match serde_yaml::from_str::<serde_yaml::Value>(text) {
        Ok(value) => shown(&value),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn shown(value: &serde_yaml::Value) -> Json {
    match value {
        serde_yaml::Value::Null => Json::Null,
        serde_yaml::Value::Bool(value) => Json::from(*value),
        serde_yaml::Value::Number(number) if number.is_nan() || number.is_infinite() => {
            json!({ "other": number.to_string() })
        }
        serde_yaml::Value::Number(number) => json!({ "n": number.to_string() }),
        serde_yaml::Value::String(text) => Json::from(text.as_str()),
        serde_yaml::Value::Sequence(items) => items.iter().map(shown).collect(),
        serde_yaml::Value::Mapping(entries) => {
            let entries: Vec<Json> = entries.iter().map(|(key, value)| json!([shown(key), shown(value)])).collect();
            json!({ "m": entries })
        }
        serde_yaml::Value::Tagged(tagged) => json!({ "other": tagged.tag.to_string() }),
    }
}
