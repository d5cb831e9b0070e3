//! Mappings: two keys deep, with plain values.

use super::{entries, is_list, is_map, is_null, must_be, plain, scalar};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    MAPPING = Error "cfn/mapping";
    summary: "a mapping is not two keys deep, or its values are not plain";
    explanation: "A mapping has keys with keys below them, and there a text, a number, a boolean or a list of these; functions are not evaluated in it (docs.aws.amazon.com, \"CloudFormation template Mappings syntax\"). The first keys are of letters, digits, `-` and `.`, the second of letters and digits.";
    wrong: "
        Mappings: {Sizes: {small: t3.small}}
        Resources:
          Topic: {Type: AWS::SNS::Topic}
    ";
    right: "
        Mappings: {Sizes: {small: {Type: t3.small}}}
        Resources:
          Topic: {Type: AWS::SNS::Topic}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in plain(view) {
        for (name, mapping) in entries(template, "Mappings") {
            // A macro may bring in the whole of it.
            if is_null(&mapping) || mapping.get("Fn::Transform").is_some() || name.starts_with("Fn::") {
                continue;
            }
            if matches!(mapping.value, Value::Map(entries) if entries.is_empty()) {
                report
                    .at(&MAPPING, &mapping, format!("the mapping `{name}` is empty"))
                    .help("give it a key, or remove it");
            }
            if !is_map(&mapping) {
                must_be(&MAPPING, &format!("the mapping `{name}`"), "a map of maps", &mapping, report);
            }
            for (key, below) in mapping.entries() {
                judge(name, key, &below, report);
            }
        }
    }
}

fn judge(name: &str, key: &str, below: &Node<'_>, report: &mut Report) {
    let is_first = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    say_key(key, below, "letters, digits, `-` and `.`", is_first, report);
    if is_null(below) || below.get("Fn::Transform").is_some() {
        return;
    }
    match below.value {
        Value::Map(entries) if !entries.is_empty() => {}
        Value::Map(_) => {
            report.at(&MAPPING, below, format!("`{key}` of the mapping `{name}` is empty")).help("give it a key");
        }
        _ => must_be(&MAPPING, &format!("`{key}` of the mapping `{name}`"), "a map", below, report),
    }
    for (second, value) in below.entries() {
        say_key(second, &value, "letters and digits", |byte| byte.is_ascii_alphanumeric(), report);
        let is_plain = |value: &Node<'_>| scalar(value).is_some() || is_null(value);
        let is_list_of_plain = is_list(&value) && value.items().iter().all(is_plain);
        if !is_plain(&value) && !is_list_of_plain {
            let what = format!("`{key}.{second}` of the mapping `{name}`");
            must_be(&MAPPING, &what, "a text, a number, a boolean, or a list of these", &value, report);
        }
    }
}

fn say_key(key: &str, value: &Node<'_>, of: &str, is_good: impl Fn(u8) -> bool, report: &mut Report) {
    if key.is_empty() || !key.bytes().all(is_good) {
        report
            .at(&MAPPING, value, format!("`{key}` is no key of a mapping"))
            .about_key()
            .label(format!("keys here are of {of}"))
            .help("call it something else");
    }
}
