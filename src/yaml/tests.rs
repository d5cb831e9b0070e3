//! What the reader makes of a text, and what it says about one that it refuses.

use std::fmt::Write;

use super::read::read;
use super::{Content, Node, Style};
use crate::finding::Findings;
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
