//! Outputs: a value each, and maybe a name to export it by.

use super::{entries, function, is_map, is_null, must_be, plain, scalar, unknown_keys};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    OUTPUT = Error "cfn/output";
    summary: "an output has no value, or another form than outputs have";
    explanation: "An output has a `Value`, which is one text, number or boolean, and may have a `Description`, a `Condition` and `Export: {Name: …}` (docs.aws.amazon.com, \"CloudFormation template Outputs syntax\"). A list has to be joined: `!Join [',', …]`.";
    wrong: "
        Resources:
          Topic: {Type: AWS::SNS::Topic}
        Outputs:
          Topic: {Value: !Ref Topic, Export: topic}
    ";
    right: "
        Resources:
          Topic: {Type: AWS::SNS::Topic}
        Outputs:
          Topic: {Value: !Ref Topic, Export: {Name: topic}}
    ";
}

const KEYS: [&str; 4] = ["Description", "Value", "Export", "Condition"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in plain(view) {
        for (name, output) in entries(template, "Outputs").into_iter().filter(|(name, _)| !name.starts_with("Fn::")) {
            let what = format!("the output `{name}`");
            if is_map(&output) {
                judge(&what, &output, report);
            } else if !is_null(&output) {
                must_be(&OUTPUT, &what, "a map with `Value`", &output, report);
            }
        }
    }
}

fn judge(what: &str, output: &Node<'_>, report: &mut Report) {
    if output.get("Fn::Transform").is_some() {
        return;
    }
    unknown_keys(&OUTPUT, "an output", &KEYS, output, report);
    match output.get("Value") {
        None => {
            report.at(&OUTPUT, output, format!("{what} has no value")).help("add `Value`");
        }
        Some(value) if is_null(&value) || scalar(&value).is_some() || function(&value).is_some() => {}
        Some(value) => {
            let draft = report.at(&OUTPUT, &value, format!("the value of {what} must be one text"));
            draft.label(format!("this is {}", value.value.kind()));
            draft.help(match value.value {
                Value::List(_) => "join it: `!Join [',', …]`",
                _ => "write a text or a function",
            });
        }
    }
    for key in ["Description", "Condition"] {
        if let Some(node) = output.get(key).filter(|node| scalar(node).is_none() && !is_null(node)) {
            must_be(&OUTPUT, &format!("`{key}` of {what}"), "a text", &node, report);
        }
    }
    let Some(export) = output.get("Export").filter(|export| !is_null(export)) else { return };
    let name = export.get("Name");
    if !is_map(&export) || name.is_none() {
        report.at(&OUTPUT, &export, format!("`Export` of {what} has no `Name`")).help("write `Export: {Name: …}`");
    }
    if is_map(&export) {
        unknown_keys(&OUTPUT, "an export", &["Name"], &export, report);
    }
    if let Some(name) = name.filter(|it| scalar(it).is_none() && function(it).is_none() && !is_null(it)) {
        must_be(&OUTPUT, &format!("the export's name of {what}"), "a text or a function", &name, report);
    }
}
