//! Text that somebody meant to replace.

use crate::check::{Node, Report, View, rule};
use crate::target::Target;
use crate::value::Value;

rule! {
    PLACEHOLDER = Error "output/placeholder";
    summary: "text that was to be replaced is still there";
    explanation: "`TODO`, `CHANGEME`, Helm's `<no value>`, Python's `None`, `<your-account>`, an ARN of IAM without an account, or a CloudFormation `${AWS::…}` outside of `Fn::Sub`: each is taken literally by whoever reads the file, and fails late and far from its cause. Shell variables and the like in scripts and configuration within a file are left alone: only what nothing could ever replace is reported.";
    wrong: "
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: api
          annotations:
            owner: CHANGEME
    ";
    right: "
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: api
          annotations:
            owner: team-a
    ";
}

/// Whole values that mean "not yet", in any case.
const WORDS: [&str; 10] =
    ["TODO", "FIXME", "TBD", "XXX", "CHANGEME", "CHANGE_ME", "CHANGE-ME", "REPLACEME", "REPLACE_ME", "REPLACE-ME"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for document in view.documents() {
        let is_template = document.target == Some(Target::CloudFormation);
        visit(&document.root(), is_template, report);
    }
}

fn visit(node: &Node<'_>, is_template: bool, report: &mut Report) {
    match node.value {
        Value::String(text) => {
            let Some((part, why)) = placeholder(text, is_template) else { return };
            report
                .at(&PLACEHOLDER, node, format!("`{part}` was to be replaced"))
                .about(part)
                .label(why)
                .help("set the value, or take out what needs it");
        }
        Value::List(_) => node.items().iter().for_each(|item| visit(item, is_template, report)),
        Value::Map(_) => {
            for (key, below) in node.entries() {
                // Fn::Sub replaces its own; a local variable's value is a value like any other.
                match (key, below.items().as_slice()) {
                    ("Fn::Sub", [_, own, ..]) if is_template => visit(own, is_template, report),
                    ("Fn::Sub", _) if is_template => {}
                    _ => visit(&below, is_template, report),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The part of a text that was to be replaced, and why it is known to be.
fn placeholder(text: &str, is_template: bool) -> Option<(&str, &'static str)> {
    let trimmed = text.trim();
    if WORDS.iter().any(|word| trimmed.eq_ignore_ascii_case(word)) {
        return Some((text, "this is not a value yet"));
    }
    if text == "None" {
        return Some((text, "this is how Python prints nothing; a missing value is `null` or not there"));
    }
    // A configuration that somebody's program reads has a syntax of its own, comments and templates among it.
    if text.contains('\n') {
        return None;
    }
    // Most texts hold none of the signs that the others below begin with, which is quick to see.
    let arn = text.find("arn:aws:iam:::");
    if arn.is_none() && !text.bytes().any(|byte| b"<$CR".contains(&byte)) {
        return None;
    }
    if let Some(part) = found(text, "<no value>") {
        return Some((part, "this is how Go templates print what is missing"));
    }
    // `CHANGEME` is nobody's word; `TODO` within a sentence may be.
    for word in ["CHANGEME", "CHANGE_ME", "REPLACEME", "REPLACE_ME"] {
        if let Some(part) = found(text, word) {
            return Some((part, "this is not a value yet"));
        }
    }
    if let Some(at) = arn {
        return text.get(at..).map(|part| (part, "this ARN names no account"));
    }
    if is_template && let Some(part) = pseudo_parameter(text) {
        return Some((part, "only `Fn::Sub` replaces it"));
    }
    angle_brackets(text).map(|part| (part, "this is not a value yet"))
}

fn found<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let at = text.find(word)?;
    text.get(at..at + word.len())
}

/// `${AWS::Region}`.
fn pseudo_parameter(text: &str) -> Option<&str> {
    let at = text.find("${AWS::")?;
    let end = text.get(at..)?.find('}')?;
    text.get(at..=at + end)
}

/// `<your-account-id>`, `<ACCOUNT_ID>` and their like, as instructions print what the reader must fill in.
fn angle_brackets(text: &str) -> Option<&str> {
    let (at, end) = (text.find('<')?, text.find('>')?);
    let word = text.get(at + 1..end)?;
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let lower = word.to_ascii_lowercase();
    let asks = ["your-", "your_", "insert-", "my-", "replace-with"].iter().any(|start| lower.starts_with(start))
        || (word.len() > 3 && word.contains('_') && !word.bytes().any(|byte| byte.is_ascii_lowercase()));
    (is_word && asks).then(|| text.get(at..=end)).flatten()
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn what_is_a_placeholder() {
        for text in [
            "TODO",
            "todo",
            " Changeme ",
            "None",
            "<no value>",
            "x-CHANGEME-y",
            "arn:aws:iam:::role/x",
            "<your-account-id>",
            "arn:aws:iam::<ACCOUNT_ID>:role/x",
            "replace_me",
        ] {
            assert!(placeholder(text, false).is_some(), "{text}");
        }
        assert_eq!(placeholder("arn:${AWS::Partition}:s3:::x", true).map(|found| found.0), Some("${AWS::Partition}"));
    }

    #[test]
    fn what_is_none() {
        for text in [
            "none",
            "Nonesuch",
            "todo-service",
            "a TODO list",
            "${POD_NAME}",
            "${1}-$2",
            "{{ .Values.x }}",
            "{{__cluster__}}",
            "${AWS::Region}",
            "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
            "arn:aws:s3:::bucket",
            "a < b > c",
            "<html>",
            "x # TODO\ny\n",
            "<%ACCOUNT%>",
        ] {
            assert_eq!(placeholder(text, false), None, "{text}");
        }
    }
}
