//! The 402 cases of the yaml-test-suite (release data-2022-01-17): what is YAML is read with the right value or refused by
//! name, what is not is refused. Never a wrong value.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "reads the suite, tells the count"
)]

#[path = "support/values.rs"]
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Lines;

use platc::finding::{Findings, codes};
use platc::limits::Limits;
use platc::source::Sources;
use platc::value::{Number, Value};
use platc::yaml::scalar::{Plain, plain};
use platc::yaml::{Content, Node, Style, emit, read};
use serde_json::Value as Json;

type Rules = BTreeSet<&'static str>;

fn full() -> bool {
    std::env::var_os("PLATC_TEST_FULL").is_some()
}

#[test]
fn every_case_is_read_rightly_or_refused_by_name() {
    let Some(cases) = cases() else { return };
    assert_eq!(cases.len(), 402, "the suite is complete");
    let (mut count, mut wrong) = (BTreeMap::<String, usize>::new(), Vec::new());
    for folder in cases {
        match judge(&folder) {
            Ok(outcome) => *count.entry(outcome).or_default() += 1,
            Err(_) if folder.ends_with(BLANKS_AT_THE_END) => {}
            Err(problem) => wrong.push(format!("{}: {problem}", folder.display())),
        }
    }
    for (outcome, number) in &count {
        println!("{number:4} {outcome}");
    }
    assert!(wrong.is_empty(), "{} of 402 are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A block whose last line is of blanks and has no end: `PyYAML` gives it no line break, and platc neither.
const BLANKS_AT_THE_END: &str = "L24T/01";

/// Cases with a key over two lines, in a flow map or as an implicit key: valid, and refused by most readers. platc does
/// too, because it is a missing comma or a `//` comment everywhere but here.
const KEYS_OVER_LINES: [&str; 5] = ["8KB6", "9BXH", "9SA2", "NJ66", "UT92"];

fn judge(folder: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(folder.join("in.yaml")).map_err(|error| error.to_string())?;
    let events = std::fs::read_to_string(folder.join("test.event")).map_err(|error| error.to_string())?;
    let (sources, mut findings) = (Sources::default(), Findings::default());
    let file = sources.add("in.yaml", text.as_str());
    let node = read::read(&sources, file, &Limits::default(), &mut findings);
    let refused: Rules = findings.iter().map(|finding| finding.rule.id).collect();

    if folder.join("error").exists() {
        let named = if refused.contains(codes::yaml::SYNTAX.id) { "as what it is" } else { "by another name" };
        let accepted = refused.is_empty();
        return if accepted {
            Err("invalid, but accepted".to_owned())
        } else {
            Ok(format!("invalid, refused {named}"))
        };
    }
    let mut expected = Expected::of(&events);
    if has_directive(&text) {
        expected.reasons.insert(codes::yaml::DIRECTIVE.id);
    }
    if KEYS_OVER_LINES.iter().any(|case| folder.ends_with(case)) {
        expected.reasons.insert(codes::yaml::COMPLEX_KEY.id);
    }
    if !refused.is_subset(&expected.reasons) {
        return Err(format!("refused for {refused:?}, where {:?} was to be found", expected.reasons));
    }
    if let Some(first) = refused.first() {
        return Ok(format!("valid, refused by name: {first}"));
    }
    let node = node.ok_or("no finding and no value")?;
    if let Some(tree) = &expected.tree {
        compare(tree, &node)?;
    }
    // The tree is right; now what its scalars mean.
    let value = node.to_value(&mut findings);
    let refused: Rules = findings.iter().map(|finding| finding.rule.id).collect();
    if refused != expected.reasons {
        return Err(format!("refused for {refused:?}, where {:?} was to be found", expected.reasons));
    }
    let Some(value) = value.filter(|_| refused.is_empty()) else {
        return Ok(format!("valid, refused by name: {}", refused.first().copied().unwrap_or("nothing")));
    };
    let written = emit::document("", &value);
    let again = read::read_text(&written, file, &Limits::default(), &mut findings);
    if again.and_then(|node| node.to_value(&mut findings)).as_ref() != Some(&value) {
        return Err(format!("written as\n{written}\nand read back otherwise"));
    }
    let Ok(json) = std::fs::read_to_string(folder.join("in.json")) else {
        return Ok("valid, read with the right tree".to_owned());
    };
    let json: Json = if json.trim().is_empty() {
        Json::Null
    } else {
        serde_json::from_str(&json).map_err(|error| error.to_string())?
    };
    if same(&value, &json) {
        Ok("valid, read with the right tree and value".to_owned())
    } else {
        Err(format!("{value:?} is not {json}"))
    }
}

/// Whether a line begins with `%` where a document has not begun.
fn has_directive(text: &str) -> bool {
    let mut before = true;
    text.lines().any(|line| {
        before = line.starts_with("...") || (before && (line.starts_with(['#', '%']) || line.trim().is_empty()));
        before && line.starts_with('%')
    })
}

/// What the suite's events say about a document, and for which reasons platc must refuse it.
#[derive(Default)]
struct Expected {
    tree: Option<Tree>,
    reasons: Rules,
}

#[derive(Clone, Debug)]
enum Tree {
    Scalar { text: String, plain: bool },
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
}

impl Expected {
    fn of(events: &str) -> Self {
        let mut expected = Self::default();
        let mut lines = events.lines().peekable();
        let mut anchors = BTreeMap::new();
        let mut documents = 0;
        while let Some(line) = lines.next() {
            if line.starts_with("+DOC") {
                documents += 1;
                let tree = expected.node(&mut lines, &mut anchors);
                expected.scalar(&tree);
                expected.tree.get_or_insert(tree);
            }
        }
        if documents > 1 {
            expected.reasons.insert(codes::yaml::SEVERAL_DOCUMENTS.id);
        }
        expected
    }

    fn node(&mut self, lines: &mut Peekable<Lines<'_>>, anchors: &mut BTreeMap<String, Tree>) -> Tree {
        let line = lines.next().unwrap_or_default();
        let (kind, rest) = line.split_at(4);
        let mut anchor = None;
        let mut rest = rest.trim_start();
        while let Some(first) = rest.chars().next().filter(|char| "&<[{".contains(*char)) {
            let (word, after) = if first == '<' {
                self.reasons.insert(codes::yaml::TAG.id);
                rest.split_once('>').unwrap_or((rest, ""))
            } else {
                rest.split_once(' ').unwrap_or((rest, ""))
            };
            if first == '&' {
                anchor = Some(word.to_owned());
            }
            rest = after.trim_start();
        }
        let tree = match kind {
            "=ALI" => return anchors[&rest.replacen('*', "&", 1)].clone(),
            "=VAL" => {
                let text = rest[1..].replace("\\\\", "\u{1}").replace("\\n", "\n").replace("\\t", "\t");
                let text = text.replace("\\r", "\r").replace("\\b", "\u{8}").replace('\u{1}', "\\");
                let is_plain = rest.starts_with(':');
                Tree::Scalar { text, plain: is_plain }
            }
            "+SEQ" => {
                let mut items = Vec::new();
                while lines.peek() != Some(&"-SEQ") {
                    let item = self.node(lines, anchors);
                    self.scalar(&item);
                    items.push(item);
                }
                lines.next();
                Tree::List(items)
            }
            "+MAP" => {
                let mut entries = Vec::new();
                while lines.peek() != Some(&"-MAP") {
                    let key = self.node(lines, anchors);
                    match &key {
                        Tree::Scalar { text, plain: true } if text.is_empty() => {
                            self.reasons.insert(codes::yaml::MISSING_KEY.id);
                        }
                        Tree::Scalar { .. } => {}
                        Tree::List(_) | Tree::Map(_) => {
                            self.reasons.insert(codes::yaml::COMPLEX_KEY.id);
                        }
                    }
                    let value = self.node(lines, anchors);
                    self.scalar(&value);
                    entries.push((key, value));
                }
                lines.next();
                Tree::Map(entries)
            }
            _ => panic!("an event that is not known: {line}"),
        };
        if let Some(anchor) = anchor {
            anchors.insert(anchor, tree.clone());
        }
        tree
    }

    fn scalar(&mut self, tree: &Tree) {
        if let Tree::Scalar { text, plain: true } = tree
            && matches!(plain(text), Plain::Ambiguous(_))
        {
            self.reasons.insert(codes::yaml::AMBIGUOUS.id);
        }
    }
}

fn compare(expected: &Tree, node: &Node) -> Result<(), String> {
    let differ = || Err(format!("{node:?} is not {expected:?}"));
    match (expected, &node.content) {
        (Tree::Scalar { text, plain }, Content::Scalar { text: read, style }) => {
            if **text != **read || *plain != (*style == Style::Plain) { differ() } else { Ok(()) }
        }
        (Tree::List(items), Content::List(nodes)) if items.len() == nodes.len() => {
            items.iter().zip(nodes).try_for_each(|(item, node)| compare(item, node))
        }
        (Tree::Map(pairs), Content::Map(entries)) if pairs.len() == entries.len() => {
            pairs.iter().zip(entries).try_for_each(|((key, value), entry)| match key {
                Tree::Scalar { text, .. } if **text == *entry.key.text => compare(value, &entry.value),
                _ => differ(),
            })
        }
        _ => differ(),
    }
}

fn same(value: &Value, json: &Json) -> bool {
    match value {
        Value::Null => json.is_null(),
        Value::Bool(value) => json.as_bool() == Some(*value),
        Value::Number(Number::Int(value)) => json.as_i64() == Some(*value),
        Value::Number(Number::UInt(value)) => json.as_u64() == Some(*value),
        Value::Number(Number::Float(value, _)) => json.as_f64() == Some(*value),
        Value::String(text) => json.as_str() == Some(text),
        Value::List(items) => json
            .as_array()
            .is_some_and(|json| json.len() == items.len() && items.iter().zip(json).all(|(a, b)| same(a, b))),
        Value::Map(entries) => json.as_object().is_some_and(|json| {
            json.len() == entries.len()
                && entries.iter().all(|(key, value)| json.get(&**key).is_some_and(|json| same(value, json)))
        }),
    }
}

/// The folders that hold a case, some of them within another.
fn cases() -> Option<Vec<PathBuf>> {
    let suite = upstream()?.join("yaml-test-suite");
    let mut cases: Vec<PathBuf> = walkdir::WalkDir::new(suite)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name() == "in.yaml")
        .filter_map(|entry| entry.path().parent().map(Path::to_owned))
        .collect();
    cases.sort();
    Some(cases)
}

/// Real files of other projects, which lie beside the repository and are no part of it.
fn upstream() -> Option<PathBuf> {
    let there = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/upstream");
    if there.exists() {
        return Some(there);
    }
    let missing = "SKIPPED: ../shared/upstream is missing";
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
    eprintln!("{missing}");
    None
}

/// Every YAML file of the charts, resource definitions and examples that the platform uses.
#[test]
fn real_files_are_read_as_serde_yaml_reads_them() {
    let Some(upstream) = upstream() else { return };
    let (mut read_alike, mut count) = (0, BTreeMap::<&str, usize>::new());
    for text in real_documents(&upstream) {
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let file = sources.add("in.yaml", text.as_str());
        // Some of the resource definitions are larger than what people write.
        let limits = Limits { yaml_nodes: 10_000_000, scalar_bytes: 10_000_000, ..Limits::default() };
        let node = read::read(&sources, file, &limits, &mut findings);
        let value = node.and_then(|node| node.to_value(&mut findings));
        let theirs = serde_yaml::from_str::<serde_yaml::Value>(&text);
        for finding in &findings {
            *count.entry(finding.rule.id).or_default() += 1;
        }
        match (value, theirs) {
            (Some(value), Ok(theirs)) if findings.is_empty() => {
                let json = serde_json::to_value(theirs).expect("a value of JSON's types");
                assert!(same(&value, &json), "{text}");
                let (again, mut findings) = (emit::document("", &value), Findings::default());
                let node = read::read_text(&again, file, &limits, &mut findings).expect("what was written is YAML");
                assert_eq!(node.to_value(&mut findings).as_ref(), Some(&value), "{again}");
                assert_eq!(emit::document("", &value), again);
                read_alike += 1;
            }
            (None, Err(_)) => {}
            (value, theirs) => {
                let named = findings.iter().all(|finding| finding.rule.id != codes::yaml::SYNTAX.id);
                assert!(theirs.is_ok() && named && !findings.is_empty(), "{value:?}\n{theirs:?}\n{text}");
            }
        }
    }
    println!("{read_alike} real documents read alike; findings: {count:?}");
    assert!(read_alike > 100, "only {read_alike} documents were tried");
}

/// Each document of each file. JSON is YAML too.
fn real_documents(upstream: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(upstream).sort_by_file_name().into_iter().filter_map(Result::ok);
    let endings = ["yaml", "yml", "json"].map(|ending| Some(std::ffi::OsStr::new(ending)));
    let known = files.filter(|entry| endings.contains(&entry.path().extension()));
    let plain = known.filter(|entry| !entry.path().components().any(|part| part.as_os_str() == "yaml-test-suite"));
    plain
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .filter(|text| full() || text.len() < 300_000)
        .flat_map(|text| {
            text.split("\n---").map(|part| part.trim_start_matches(['-', '\n']).to_owned()).collect::<Vec<_>>()
        })
        .collect()
}

/// Real documents with a few bytes changed, taken out or put in: whatever they become, reading ends with a value or a
/// finding, all spans lie within the text, and what is accepted is written and read back.
#[test]
fn no_mutation_makes_the_reader_panic() {
    let Some(upstream) = upstream() else { return };
    let rounds = if full() { 200_000 } else { 3_000 };
    let mut documents = real_documents(&upstream);
    documents.retain(|text| text.len() < 4_000 && !text.is_empty());
    documents
        .extend(cases().into_iter().flatten().filter_map(|case| std::fs::read_to_string(case.join("in.yaml")).ok()));
    let mut random = values::Generator::new(7);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..rounds {
        let mut text = documents[random.below(documents.len())].clone();
        for _ in 0..=random.below(4) {
            mutate(&mut text, &mut random);
        }
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let file = sources.add("in.yaml", text.as_str());
        let node = read::read(&sources, file, &Limits::default(), &mut findings);
        for finding in &findings {
            for label in finding.related.iter().chain([&finding.primary]) {
                assert!(text.get(label.span.range()).is_some(), "{label:?} in {text:?}");
            }
        }
        let Some(node) = node else {
            assert!(!findings.is_empty(), "neither value nor finding for {text:?}");
            refused += 1;
            continue;
        };
        spans_lie_within(&node, &text);
        if let Some(value) = node.to_value(&mut findings) {
            accepted += 1;
            let written = emit::document("", &value);
            let mut findings = Findings::default();
            let again = read::read_text(&written, file, &Limits::default(), &mut findings);
            let again = again.and_then(|node| node.to_value(&mut findings));
            assert_eq!(again.as_ref(), Some(&value), "{written}");
        }
    }
    println!("{accepted} accepted, {refused} refused");
    assert!(accepted > rounds / 20 && refused > rounds / 20, "mutations are too weak or too strong");
}

fn mutate(text: &mut String, random: &mut values::Generator) {
    const SIGNS: &[&str] = &[
        ":",
        ": ",
        "-",
        "- ",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "#",
        " #",
        "'",
        "\"",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a ",
        "*a",
        "!",
        "!a ",
        "|",
        ">",
        "%",
        "@",
        "`",
        "\\",
        "\\x",
        "\r\n",
        "---\n",
        "...",
        "? ",
        "<<",
        "~",
        "é",
        "\u{85}",
        "\u{feff}",
        "\u{1f600}",
        "\0",
        "0",
        "e1",
    ];
    let mut place = random.below(text.len() + 1);
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    match random.below(4) {
        0 => {
            if place < text.len() {
                text.remove(place);
            }
        }
        1 => text.truncate(place),
        2 => {
            let line = text[place..].find('\n').map_or(text.len(), |end| place + end);
            text.replace_range(place..line, "");
        }
        _ => text.insert_str(place, SIGNS[random.below(SIGNS.len())]),
    }
}

fn spans_lie_within(node: &Node, text: &str) {
    let within = |span: platc::source::Span| assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
    within(node.span);
    if let Some(tag) = &node.tag {
        assert!(text[tag.span.range()].starts_with('!'));
    }
    match &node.content {
        Content::Scalar { .. } => {}
        Content::List(items) => items.iter().for_each(|item| spans_lie_within(item, text)),
        Content::Map(entries) => {
            for entry in entries {
                within(entry.key.span);
                spans_lie_within(&entry.value, text);
            }
        }
    }
}
