//! What the reader makes of a text, and what it says about one that it refuses.

use std::fmt::Write;

use super::read::{parse, read, read_text};
use super::{Content, Node, Style};
use crate::finding::Findings;
use crate::finding::render::text::{self, Look};
use crate::limits::Limits;
use crate::source::Sources;

/// The tree with every place, and the findings with theirs.
fn told(text: &str) -> String {
    told_within(text, &Limits::default())
}

fn told_within(text: &str, limits: &Limits) -> String {
    let (sources, mut findings) = (Sources::default(), Findings::default());
    let file = sources.add("a.yaml", text);
    let node = read(&sources, file, limits, &mut findings);
    let mut out = String::new();
    if let Some(node) = &node {
        show(node, &sources, 0, &mut out);
    }
    for finding in findings.sorted(&sources) {
        let place = sources.locate(finding.primary.span);
        writeln!(out, "{} {place}: {}", finding.rule.id, finding.message).unwrap();
        writeln!(out, "  `{}`: {}", sources.slice(finding.primary.span), finding.primary.text).unwrap();
        for label in &finding.related {
            writeln!(out, "  {} `{}`: {}", sources.locate(label.span), sources.slice(label.span), label.text).unwrap();
        }
        if let Some(help) = &finding.help {
            writeln!(out, "  help: {help}").unwrap();
        }
    }
    out
}

fn show(node: &Node, sources: &Sources, indent: usize, out: &mut String) {
    let place = sources.locate(node.span);
    let place = place.trim_start_matches("a.yaml:");
    let written = sources.slice(node.span);
    if let Some(tag) = &node.tag {
        write!(out, "{} ", tag.text).unwrap();
    }
    match &node.content {
        Content::Scalar { text, style } => {
            let style = match style {
                Style::Plain => "plain",
                Style::Quoted => "quoted",
                Style::Block => "block",
            };
            writeln!(out, "{style} {text:?} at {place} {written:?}").unwrap();
        }
        Content::List(items) => {
            writeln!(out, "list at {place} {written:?}").unwrap();
            for item in items {
                write!(out, "{:indent$}- ", "").unwrap();
                show(item, sources, indent + 2, out);
            }
        }
        Content::Map(entries) => {
            writeln!(out, "map at {place} {written:?}").unwrap();
            for entry in entries {
                let at = sources.locate(entry.key.span);
                let at = at.trim_start_matches("a.yaml:");
                write!(out, "{:indent$}{:?} at {at} = ", "", entry.key.text).unwrap();
                show(&entry.value, sources, indent + 2, out);
            }
        }
    }
}

#[test]
fn every_place_is_exact() {
    insta::assert_snapshot!(told(
        "# top\né: &a\n  - 1 # x\n  - b: !Ref c\n    d:\nlit: | # no | here\n  one\n  two\n\nlist:\n# - no\n- # c\n  x\n- y\n\nflow: [a, {b: c},\n ]  # z\nalias: *a\nq: \"x\\ty\"\n"
    ));
}

#[test]
fn a_key_twice_shows_both_and_keeps_the_first() {
    insta::assert_snapshot!(told("a: 1\nb: 2\n\"a\": 3\nc: {x: 1, x: 2}\n"));
}

/// The finding for each text as a person sees it.
fn drawn(texts: &[&str]) -> String {
    let mut out = String::new();
    for text in texts {
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let file = sources.add("a.yaml", *text);
        read(&sources, file, &Limits::default(), &mut findings);
        assert!(!findings.is_empty(), "nothing is said about {text:?}");
        for finding in findings.sorted(&sources) {
            out += &text::draw(&finding, &sources, Look { colour: false, width: 120, acknowledges: false });
        }
        out.push('\n');
    }
    out
}

#[test]
fn mistakes_of_indentation() {
    insta::assert_snapshot!(drawn(&[
        "a:\n\tb: 1\n",
        "a:\n  b:\n  \tc: 1\n",
        "a: |\n\ttext\n",
        "a: [1,\n\t2]\n",
        "a:\n    b: 1\n  c: 2\n",
        "spec:\n  pools:\n    - name: x\n      cpu: 1\n     memory: 2\n",
        "a: 1\n  b: 2\n",
        "  a: 1\nb: 2\n",
        "a:\n  - x\n - y\n",
        "a:\n  b: 1\n- c\n",
        "- a\nb: 1\n",
        "a: x\n # why\n  y\n",
        "a: |\n    \n  b\n",
        "a: |\n  b\n c\n",
    ]));
}

/// The parser lets a tab before the outermost keys pass; other readers do not.
#[test]
fn a_tab_before_the_outermost_keys_is_a_mistake() {
    for text in ["\ta: 1\n", "# x\n\ta: 1\n\tb: 2\n", "---\n\ta: 1\n", "\t- a\n"] {
        assert!(drawn(&[text]).starts_with("error[yaml/syntax]: a tab is used to indent"), "{text:?}");
    }
    for text in ["a:\t1\n", "\t\na: 1\n", "{a:\t1}\n", "\t{a: 1}\n"] {
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let file = sources.add("a.yaml", text);
        assert!(read(&sources, file, &Limits::default(), &mut findings).is_some(), "{text:?}");
    }
}

#[test]
fn mistakes_of_keys_and_items() {
    insta::assert_snapshot!(drawn(&[
        "a:1\nb: 2\n",
        "b: 2\na:1\n",
        "a:\n  b:1\n  c: 2\n",
        "\"a\":1\n",
        "a: b: c\n",
        "message: Error: \"x\" not found\nb: 1\n",
        "- a: b: c\n",
        "a = 1\nb: 2\n",
        "a: 1\nb\nc: 2\n",
        "a\nb: 1\n",
        "a: - b\n",
        "a:\n  - b\n  -c\n",
        "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n",
        "a: &x &y 1\n",
        ": 1\n",
        "--- a: b\n",
        "... a\n",
        "a: 1\n\u{feff}b: 1\n",
    ]));
}

#[test]
fn keys_below_an_empty_map_are_told_at_the_empty_map() {
    let told = drawn(&["# nothing to set\n{}\nrules:\n  a: b\n"]);
    assert!(told.contains("`{}` is the whole file") && told.contains("a.yaml:2:1"), "{told}");
}

#[test]
fn mistakes_of_quotes_and_signs() {
    insta::assert_snapshot!(drawn(&[
        "a: \"x\nb: 2\n",
        "a: \"x",
        "a: 'it's'\nb: 2\n",
        "a: \"x\" y\n",
        "a: \"x\"#c\n",
        "a: \"\\d+\"\n",
        "a: \"C:\\Users\\x\"\n",
        "a: \"\\xZZ\"\n",
        "a: \"\\ud800\"\n",
        "a: @x\n",
        "a: `x`\n",
        "a: %x\n",
        "%x: 1\n",
        "a: *.example.com\n",
        "a: * b\n",
        "a: & b\n",
        "a: !e!x y\n",
        "a: !!str x\n",
        "a: {{ x }}\n",
        "a: {{ .Values.x }}-b\n",
        "{{ x }}: 1\n",
        "{% if x %}\na: 1\n",
        "a: |x\n  b\n",
    ]));
}

#[test]
fn mistakes_of_brackets() {
    insta::assert_snapshot!(drawn(&[
        "a: [1, 2\nb: 3\n",
        "a: {x: 1\nb: 3\n",
        "a: [1, 2",
        "a: [1]]\n",
        "a: ]\n",
        "a: [1}\n",
        "a: [1,,2]\n",
        "a: [,1]\n",
        "a: {b: 1 c: 2}\n",
        "a: [\n1,\n2\n]\n",
        "a: [\n  1,\n  2\n]\n",
        "a: [- 1]\n",
        "a: [-]\n",
        "[a]: 1\n",
        "{a: 1}: 1\n",
    ]));
}

#[test]
fn mistakes_further_down_are_told_in_the_same_run() {
    let told = told("a: [1\nb: 2\nc: \"x\nd:\n    e: 1\n  f: 2\ng: 3\nh:1\ni: 2\n");
    let places: Vec<_> = told.lines().filter(|line| line.starts_with("yaml/")).collect();
    assert_eq!(
        places,
        [
            "yaml/syntax a.yaml:2:1: `[` is not closed before this line",
            "yaml/syntax a.yaml:3:4: a text in double quotes is not closed",
            "yaml/syntax a.yaml:6:3: this line is indented like no line above it",
            "yaml/syntax a.yaml:8:2: a blank is missing after the colon",
        ]
    );
    // Nothing is said twice where the same mistake stands a hundred times.
    let many = "a: [1\n".repeat(100);
    assert_eq!(self::told(&many).matches("yaml/syntax").count(), 10);
}

#[test]
fn what_is_refused_by_name() {
    insta::assert_snapshot!(drawn(&[
        "a: 1\n---\nb: 2\n",
        "%YAML 1.2\n---\na: 1\n",
        "a: &x {b: 1}\nc:\n  <<: *x\n",
        "? [a]\n: 1\n",
        "a: &x [*x]\n",
        "!Ref a: 1\n",
        "a: !<tag:yaml.org,2002:str> b\nb: ! c\nc: !!int d\n",
        "a: 1\nb: {c: 1, 'c': 2}\na: 2\n",
    ]));
}

#[test]
fn budgets_are_findings() {
    let limits = Limits {
        yaml_depth: 3,
        yaml_nodes: 30,
        alias_nodes: 10,
        scalar_bytes: 10,
        file_bytes: 20,
        ..Limits::default()
    };
    let texts = [
        "a: {b: [1]}\n".to_owned(),
        "a: {b: [[1]]}\nc: {d: [[1]]}\n".to_owned(),
        "[[[[[[1]]]]]]\n".to_owned(),
        "[".repeat(100_000),
        "- ".repeat(100_000),
        "a: &x [[1]]\nb: [[*x]]\n".to_owned(),
        format!("[{}1]\n", "1, ".repeat(40)),
        "a: &x [1, 2, 3, 4]\nb: [*x, *x, *x]\n".to_owned(),
        "a: &x 1234567890\nb: [*x, *x, *x]\n".to_owned(),
        "a: 12345678901\nb: 12345678901\n".to_owned(),
        format!("{}: 1\nb: 1\n", "k".repeat(1001)),
    ];
    let mut out = String::new();
    for text in texts {
        let told = told_within(&text, &limits);
        let shown = told.replace(&"k".repeat(1001), "kkk…");
        writeln!(out, "{}\n{shown}", text.chars().take(60).collect::<String>().trim_end()).unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn an_alias_bomb_ends_in_a_finding_at_once() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{items}]").unwrap();
    }
    let told = told(&text);
    assert!(told.starts_with("yaml/alias a.yaml:5:"), "{told}");
    assert_eq!(told.matches("yaml/").count(), 1, "{told}");
}

/// Half a megabyte of one sign after another takes a time that grows with its length, not with its square.
#[test]
#[allow(clippy::disallowed_methods, reason = "measures how the time grows")]
fn hostile_files_end_in_time() {
    let patterns = [
        "[",
        "{",
        "[[",
        "- ",
        "? ",
        "a: ",
        ": ",
        "&a ",
        "*a ",
        "!a ",
        "!",
        "\"",
        "'",
        "|",
        "|\n",
        ">\n ",
        "#",
        " #",
        "\n",
        " ",
        " \n",
        "\t",
        ",",
        "[a, ",
        "{a: ",
        "{a, ",
        "a\n",
        "a",
        "- a\n",
        "a: 1\n",
        "a:\n",
        "? a\n",
        "- - ",
        "- a: ",
        "[],",
        "{}\n",
        "[a]: ",
        "\"\\",
        "\"a\": ",
        "'a' ",
        "--- ",
        "---\n",
        "...\n",
        "%",
        "%a\n",
        "&a [",
        "a: &a b\n",
        "<<: ",
        "\u{feff}",
        "é: ",
        "\r\n",
        "- !a &b\n",
        "-\n",
        "a:\n- ",
    ];
    let time = |pattern: &str, bytes: usize| {
        let text = pattern.repeat(bytes / pattern.len());
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let file = sources.add("a.yaml", text);
        let start = std::time::Instant::now();
        let node = read(&sources, file, &Limits::default(), &mut findings);
        assert!(node.is_some() || !findings.is_empty(), "neither value nor finding for {pattern:?}");
        assert!(findings.iter().len() <= 101, "{} findings for {pattern:?}", findings.iter().len());
        start.elapsed().as_secs_f64()
    };
    for pattern in patterns {
        let small = time(pattern, 1 << 15).max(0.02);
        let large = time(pattern, 1 << 19);
        assert!(large < small * 100.0, "{pattern:?}: 32 KiB take {small:.3} s, 512 KiB {large:.3} s");
    }
}

/// As `PyYAML` and libyaml read it: a file that ends without a line break gives its last block none.
#[test]
fn a_block_has_no_line_break_that_the_file_has_not() {
    for (text, expected) in [
        ("a: |\n  x", "x"),
        ("a: >\n  x\n  y", "x y"),
        ("a: |+\n  x", "x"),
        ("b: {}\na: |\n  x", "x"),
        ("b: &b 1\na: |\n  x", "x"),
        ("a: |\n  x\n", "x\n"),
        ("a: |\n  x\n  ", "x\n"),
        ("a: |\n  x\n   ", "x\n "),
        ("a: |\n  x\n  \t", "x\n\t"),
        ("a: |+\n  x\n   \n  ", "x\n \n"),
        ("a: |\n  x \n  ", "x \n"),
        ("a: |\n  x\n\n", "x\n"),
        ("a: |+\n  x\n\n", "x\n\n"),
        ("a: |\n  x\nb: 1", "x\n"),
        ("a: |\n  x\n# end", "x\n"),
    ] {
        let file = Sources::default().add("a.yaml", text);
        let node = read_text(text, file, &Limits::default(), &mut Findings::default()).unwrap();
        let parsed = parse(text, file, &Limits::default(), &mut Findings::default()).unwrap();
        for node in [node, parsed] {
            let value = node.get("a").map(|node| node.content.clone());
            assert!(matches!(&value, Some(Content::Scalar { text, .. }) if **text == *expected), "{text:?}: {value:?}");
        }
    }
}

#[test]
fn a_key_stands_on_one_line() {
    for wrong in ["{\n  // comment\n  \"a\": 1\n}", "a: {b: 1, c\n  d: 2}", "{\"a\n  b\": 1}"] {
        assert!(told(wrong).contains("yaml/complex-key"), "{wrong}");
    }
    for fine in ["{\n  \"a\": 1,\n  b: 2\n}", "? a\n  b\n: 1", "{a: b\n  c}"] {
        assert!(!told(fine).contains("yaml/"), "{fine}: {}", told(fine));
    }
}
