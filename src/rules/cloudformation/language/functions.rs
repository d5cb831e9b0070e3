//! Functions: their names, their forms and where they stand.

use super::argument::{Wrong, judge};
use super::table::{FUNCTIONS, Form, Function, WITH_TRANSFORM};
use super::{is_list, is_map, is_null, plain, scalar};
use crate::check::cfn::Template;
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest::did_you_mean;

rule! {
    FUNCTION = Error "cfn/function";
    summary: "a function that there is not, or with arguments that it does not take";
    explanation: "Each function takes so many arguments of a kind, and other functions among them only where CloudFormation evaluates them there: `Fn::Join` a text and a list, `Fn::If` the name of a condition and two values, `Fn::Select` a number and a list. `Fn::And`, `Fn::Equals`, `Fn::Not` and `Fn::Or` stand in conditions only (docs.aws.amazon.com, \"Intrinsic function reference\"). A function is the only key of its map. Templates with a `Transform` are left alone, and so is metadata.";
    wrong: "
        Resources:
          Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: {Fn::Join: ['-', topic]}}}
    ";
    right: "
        Resources:
          Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: {Fn::Join: ['-', [!Ref 'AWS::Region', topic]]}}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in plain(view) {
        let root = template.document.root();
        for name in ["Conditions", "Resources", "Outputs"] {
            let Some(section) = root.get(name) else { continue };
            for node in section.all() {
                let Some(key) = node.key().filter(|key| key.starts_with("Fn::") || *key == "Ref") else { continue };
                let Some(parent) = node.parent().filter(is_map) else { continue };
                let others = parent.entries().into_iter().map(|(key, _)| key).filter(|other| *other != key);
                let others: Vec<&str> = others.collect();
                if is_free(&node) {
                    continue;
                }
                if !others.is_empty() {
                    beside(key, &others, &node, template, report);
                    continue;
                }
                match FUNCTIONS.iter().find(|known| known.name == key) {
                    Some(function) => one(function, name == "Conditions", &node, report),
                    None => unknown(key, &node, report),
                }
            }
        }
    }
}

/// Metadata is for others, and a key in a map that is none of functions is a text of somebody's.
fn is_free(node: &Node<'_>) -> bool {
    is_null(node) || node.around().any(|around| around.key() == Some("Metadata"))
}

/// A function that has other keys beside it, of which one is told: the first of two functions is. A transform may have some,
/// and a map with a key `Ref` is one of names where nothing in the template is called so.
fn beside(key: &str, others: &[&str], node: &Node<'_>, template: &Template<'_>, report: &mut Report) {
    let is_known = |key: &str| FUNCTIONS.iter().any(|known| known.name == key);
    let is_free = |key: &&str| *key == "Fn::Transform" || key.starts_with("Fn::ForEach") || key.starts_with("Rain::");
    if !is_known(key) || is_free(&key) || others.iter().any(is_free) {
        return;
    }
    let first = node.parent().and_then(|map| map.entries().into_iter().map(|(key, _)| key).find(|key| is_known(key)));
    let is_name = |name: &str| {
        name.starts_with("AWS::") || template.resource(name).is_some() || template.names("Parameters").contains(&name)
    };
    let is_meant = key != "Ref" || node.text().is_some_and(is_name) || others.iter().any(|other| is_known(other));
    if first == Some(key) && is_meant {
        report
            .at(
                &FUNCTION,
                node,
                format!("`{key}` stands beside `{}`, and a function is the only key of its map", others[0]),
            )
            .about_key()
            .help("leave one of them out: a function is the whole value that it stands for");
    }
}

fn unknown(key: &str, node: &Node<'_>, report: &mut Report) {
    if WITH_TRANSFORM.contains(&key) || key.starts_with("Fn::ForEach") {
        report
            .at(&FUNCTION, node, format!("`{key}` is evaluated by a transform only"))
            .about_key()
            .help("add `Transform: AWS::LanguageExtensions` to the template");
        return;
    }
    let draft = report.at(&FUNCTION, node, format!("there is no function `{key}`")).about_key();
    let help = did_you_mean(key, FUNCTIONS.iter().map(|known| known.name));
    draft.help(help.unwrap_or_else(|| "see \"Intrinsic function reference\" on docs.aws.amazon.com".to_owned()));
}

fn one(function: &Function, is_condition: bool, node: &Node<'_>, report: &mut Report) {
    if function.is_of_conditions && !is_condition {
        report
            .at(&FUNCTION, node, format!("`{}` stands in conditions only", function.name))
            .about_key()
            .help("define a condition under `Conditions`, and choose by it with `Fn::If`");
        return;
    }
    if let Some(wrong) = look(function.name, &function.form, node) {
        report.at(&FUNCTION, &wrong.node, wrong.message).help(format!("such as `{}`", function.example));
    }
}

fn look<'a>(name: &str, form: &Form, node: &Node<'a>) -> Option<Wrong<'a>> {
    let wrong = |message: String| Some(Wrong { node: *node, message });
    if super::function(node).is_some_and(|(name, _)| name == "Fn::Transform" || name.starts_with("Rain::")) {
        return None;
    }
    match form {
        Form::Open => None,
        Form::One(argument) => match node.text() {
            Some("") if name == "Ref" => wrong("`Ref` of nothing".to_owned()),
            _ => judge(name, argument, node),
        },
        Form::Keys(needed, others) => {
            if !is_map(node) {
                return wrong(format!("`{name}` wants a map"));
            }
            if let Some(lacks) = needed.iter().find(|key| node.get(key).is_none()) {
                return wrong(format!("`{name}` lacks `{lacks}`"));
            }
            let unknown = |(key, value): (&str, Node<'a>)| {
                let is_known = needed.contains(&key) || others.contains(&key);
                (!is_known).then(|| Wrong { node: value, message: format!("`{name}` takes no `{key}`") })
            };
            node.entries().into_iter().find_map(unknown)
        }
        Form::TextOr(_) if scalar(node).is_some() => match node.text() {
            Some(text) if name == "Fn::GetAtt" && !text.contains('.') => {
                wrong(format!("`Fn::GetAtt` wants a resource and an attribute, and `{text}` is only one"))
            }
            None => wrong(format!("`{name}` wants a text")),
            Some(_) => None,
        },
        Form::TextOr(list) => look(name, list, node),
        Form::Fixed(_, _) | Form::Alike(..) if !is_list(node) => wrong(format!("`{name}` wants a list")),
        Form::Fixed(least, arguments) => {
            let items = node.items();
            if !(*least..=arguments.len()).contains(&items.len()) {
                return wrong(count(name, *least, arguments.len(), items.len()));
            }
            items.iter().zip(*arguments).find_map(|(item, argument)| judge(name, argument, item))
        }
        Form::Alike(least, most, argument) => {
            let items = node.items();
            if !(*least..=*most).contains(&items.len()) {
                return wrong(count(name, *least, *most, items.len()));
            }
            items.iter().find_map(|item| judge(name, argument, item))
        }
    }
}

fn count(name: &str, least: usize, most: usize, is: usize) -> String {
    let noun = |count: usize| if count == 1 { "argument" } else { "arguments" };
    match (least, most) {
        (least, most) if least == most => format!("`{name}` takes {least} {}, and has {is}", noun(least)),
        _ => format!("`{name}` takes {least} to {most} arguments, and has {is}"),
    }
}
