//! Any text in any position comes out as it went in.

use std::sync::Arc;

use crate::environment::{Content, Origin, Tree};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};
use crate::template::slot;
use crate::template::testing::{load, render_tree};
use crate::value::Value;
use crate::yaml::{emit, read};

/// A name, a template, and what the artifact then holds of the text.
type Position = (&'static str, &'static str, fn(&str) -> String);

/// Where a text can stand.
const POSITIONS: &[Position] = &[
    ("plain", "x: {{ t }}", |t| t.to_owned()),
    ("double quotes", "x: \"{{ t }}\"", |t| t.to_owned()),
    ("single quotes", "x: '{{ t }}'", |t| t.to_owned()),
    ("among plain text", "x: a {{ t }} b", |t| format!("a {t} b")),
    ("among quoted text", "x: \"a{{ t }}b\"", |t| format!("a{t}b")),
    ("literal block", "x: |\n  a\n  {{ t }}\n", |t| format!("a\n{}\n", line(t))),
    ("literal block, kept", "x: |+\n  {{ t }}\n\n", |t| format!("{}\n\n", line(t))),
    ("folded block", "x: >-\n  a\n  {{ t }}\n  b", |t| format!("a {t} b")),
    ("flow map", "{x: {{ t }}, y: 1}", |t| t.to_owned()),
    ("flow list", "x: [{{ t }}]", |t| t.to_owned()),
    ("several lines", "x: a\n  {{ t }}\n  b", |t| format!("a {t} b")),
    ("with itself", "x: {{ t }}{{ t }}", |t| format!("{t}{t}")),
    ("in a macro", "{% macro m(v) %}\nk: {{ v }}\n{% endmacro %}\nx: {{ m(t) }}", |t| t.to_owned()),
    ("in quotes in a macro", "{% macro m(v) %}k: 'a{{ v }}'{% endmacro %}x: {{ m(t) }}", |t| format!("a{t}")),
    ("in a macro among text", "{% macro m(v) %}<{{ v }}>{% endmacro %}x: a{{ m(t) }}", |t| format!("a<{t}>")),
    (
        "in a macro in a macro",
        "{% macro i(v) %}{{ v }}{% endmacro %}{% macro o(v) %}[{{ i(v) }}]{% endmacro %}x: {{ o('') }}\ny: ['{{ i(t) }}']",
        |t| t.to_owned(),
    ),
    ("in a set block", "{% set s %}[{{ t }}]{% endset %}x: {{ s }}", |t| t.to_owned()),
    ("in a call block", "{% macro m() %}[{{ caller() }}]{% endmacro %}x: {% call m() %}'{{ t }}'{% endcall %}", |t| {
        t.to_owned()
    }),
    ("as JSON", "x: {{ [t] | tojson }}", |t| t.to_owned()),
    ("through operators", "x: {{ ('' ~ t) + '' }}", |t| t.to_owned()),
    ("through a list", "x: {{ [t] }}", |t| t.to_owned()),
    ("through base64", "x: {{ t | b64encode | b64decode }}", |t| t.to_owned()),
    ("in a short tag", "x: !Sub '{{ t }}'", |t| t.to_owned()),
];

/// Alone on a line of a block, a line break at the end of a text is that of the line.
fn line(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

fn origin(file: FileId) -> Origin {
    Origin { key: None, value: Span::file_start(file) }
}

fn environment(sources: &Sources, text: &str) -> Arc<Tree> {
    let file = sources.add("environment.yaml", "");
    let leaf = Arc::new(Tree::new(Content::String(text.into()), origin(file)));
    Arc::new(Tree::new(Content::Map([(Arc::from("t"), leaf)].into_iter().collect()), origin(file)))
}

/// The last string of a value: what the text became.
fn deepest(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::List(items) => items.iter().rev().find_map(deepest),
        Value::Map(entries) => entries.iter().rev().find_map(|(_, value)| deepest(value)),
        _ => None,
    }
}

/// Texts that mean something to YAML, to the template engine, or to neither.
fn texts() -> Vec<String> {
    let fixed = [
        "",
        " ",
        "a",
        "~",
        "null",
        "true",
        "yes",
        "0755",
        "1.30",
        "012345678901",
        "12:30:45",
        "- a",
        "a: b",
        "a:",
        ": a",
        "# a",
        "a # b",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%A",
        "@",
        "`",
        "\"",
        "'",
        "''",
        "\\",
        "\\n",
        "{",
        "}",
        "[",
        "]",
        ",",
        "{{ a }}",
        "{% raw %}",
        "{# #}",
        "}}",
        "x\"\n- y: #{{",
        "\n",
        "\n\n",
        " a\nb",
        "a\n b\n",
        "\ta",
        "a\t",
        "a\r\nb",
        "---\na",
        "a\n...\n",
        "\u{0}",
        "\u{1b}[0m",
        "\u{85}",
        "a\u{85}b",
        "\u{a0}",
        "\u{2028}",
        "\u{feff}",
        "\u{fffd}",
        "😀",
        "日本語",
        "e\u{301}",
        "\u{10ffff}",
        "<<",
        "=",
        "${A}",
        "{{ t }}{{ t }}",
        "\u{f8ff}",
        "-",
        "?",
        "? a",
        ".inf",
    ];
    let mut texts: Vec<String> = fixed.map(str::to_owned).into();
    texts.push("x: y\n".repeat(10_000));
    texts.push("😀".repeat(20_000));
    texts
}

/// A text of such pieces, from a seed.
fn generated(seed: u64, pieces: &[String]) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % end
    };
    (0..=below(6)).map(|_| pieces[below(pieces.len())].clone()).filter(|piece| piece.len() < 100).collect()
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the number of rounds is the caller's")]
fn any_text_in_any_position() {
    let mut all = texts();
    let rounds = if std::env::var_os("PLATC_TEST_FULL").is_some() { 20_000 } else { 150 };
    let pieces = all.clone();
    all.extend((0..rounds).map(|seed| generated(seed, &pieces)));
    for (position, template, expected) in POSITIONS {
        let (templates, sources) = load(&[("a.yaml.j2", template)]);
        for text in &all {
            let shown: String = text.chars().take(60).collect();
            let mut findings = Findings::default();
            let root = environment(&sources, text);
            let made = render_tree(&templates, &root, &sources, &mut findings);
            let [artifact] = &made[..] else { panic!("{position}: {shown:?}: {findings:?}") };
            let [value] = artifact.body.documents() else { panic!("{position}: not a document") };
            let wanted = expected(text);
            assert_eq!(deepest(value), Some(&*wanted), "{position}: {shown:?}");
            // What is written is read back as the same, by us and by another reader.
            let written = emit::document("", value);
            let file = sources.add("written.yaml", "");
            let read = read::read_text(&written, file, &Limits::default(), &mut findings);
            assert!(read.is_some() && findings.is_empty(), "{position}: {shown:?}: {findings:?}");
            let other: serde_yaml::Value = serde_yaml::from_str(&written).unwrap();
            let back = other.get("x").map(last_string);
            let expects_last = !template.contains("\ny:") && position != &"flow map";
            assert!(!expects_last || back == Some(Some(wanted.clone())), "{position}: {shown:?}: {back:?}");
        }
    }
}

fn last_string(value: &serde_yaml::Value) -> Option<String> {
    match value {
        serde_yaml::Value::String(text) => Some(text.clone()),
        serde_yaml::Value::Sequence(items) => items.iter().rev().find_map(last_string),
        serde_yaml::Value::Mapping(entries) => entries.values().find_map(last_string),
        _ => None,
    }
}

#[test]
fn any_text_as_a_key() {
    for template in ["{{ t }}: v", "\"{{ t }}\": v", "{'a{{ t }}': v}", "? {{ t }}\n: v"] {
        let (templates, sources) = load(&[("a.yaml.j2", template)]);
        for text in texts() {
            let mut findings = Findings::default();
            let root = environment(&sources, &text);
            let made = render_tree(&templates, &root, &sources, &mut findings);
            let [artifact] = &made[..] else { panic!("{text:?}: {findings:?}") };
            let [Value::Map(entries)] = artifact.body.documents() else { panic!("{text:?}: not a map") };
            let wanted = if template.contains("'a") { format!("a{text}") } else { text };
            assert_eq!(*entries[0].0, *wanted, "{template}");
        }
    }
}

#[test]
fn slot_characters_in_values_are_refused_where_they_are_read() {
    for text in ["\u{E000}0\u{E001}", "a\u{E002}", "\u{E003}"] {
        assert!(slot::has_reserved(text));
        for (position, template, _) in POSITIONS {
            let (templates, sources) = load(&[("a.yaml.j2", template)]);
            let mut findings = Findings::default();
            let root = environment(&sources, text);
            let made = render_tree(&templates, &root, &sources, &mut findings);
            assert!(made.is_empty() && findings.has_errors(), "{position}: {made:?}");
        }
    }
}

#[test]
fn output_paths_take_no_text_that_could_leave_the_tree() {
    let (templates, sources) = load(&[("a.yaml.j2", "{#- platc\noutput: a-{{ t }}.yaml\n-#}\nx: 1\n")]);
    for text in texts() {
        let mut findings = Findings::default();
        let root = environment(&sources, &text);
        let made = render_tree(&templates, &root, &sources, &mut findings);
        let harmless = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+@=,~() ".contains(&byte));
        match &made[..] {
            [artifact] => assert!(harmless && artifact.path == format!("a-{text}.yaml"), "{text:?}"),
            _ => assert!(findings.has_errors() && !(harmless && text.len() < 50), "{text:?}"),
        }
    }
}
