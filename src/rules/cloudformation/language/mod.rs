//! The language of templates: which sections there are and what stands in them, and the forms of functions
//! (docs.aws.amazon.com, "Template anatomy" and "Intrinsic function reference"). Templates with a `Transform` are left
//! alone: a macro may take anything.

mod argument;
mod attributes;
mod conditions;
mod functions;
mod mappings;
mod outputs;
mod parameters;
mod sections;
mod table;

use crate::check::cfn::Template;
use crate::check::{Check, Node, Report, View};
use crate::finding::Rule;
use crate::finding::suggest::did_you_mean;
use crate::value::Value;

pub(in crate::rules) static CHECKS: &[Check] = &[
    Check::each(&[&sections::SECTION], sections::check),
    Check::each(&[&parameters::PARAMETER], parameters::check),
    Check::each(&[&mappings::MAPPING], mappings::check),
    Check::each(&[&conditions::CONDITION], conditions::check),
    Check::each(&[&attributes::RESOURCE], attributes::check),
    Check::each(&[&outputs::OUTPUT], outputs::check),
    Check::each(&[&functions::FUNCTION], functions::check),
];

/// The templates that are deployed as they are.
fn plain<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = &'v Template<'a>> {
    view.templates().iter().filter(|template| !template.is_transformed())
}

/// The entries of a section that is a map.
fn entries<'a>(template: &Template<'a>, section: &str) -> Vec<(&'a str, Node<'a>)> {
    template.document.root().get(section).map(|section| section.entries()).unwrap_or_default()
}

/// A function and its argument, if a value is one. Rain has some that are gone before anything is deployed.
fn function<'a>(node: &Node<'a>) -> Option<(&'a str, Node<'a>)> {
    let Value::Map(entries) = node.value else { return None };
    if entries.len() != 1 {
        return None;
    }
    node.entries().pop().filter(|(name, _)| {
        name.starts_with("Fn::") || name.starts_with("Rain::") || matches!(*name, "Ref" | "Condition")
    })
}

/// Keys that are none of those known.
fn unknown_keys(rule: &'static Rule, what: &str, known: &[&str], node: &Node<'_>, report: &mut Report) {
    for (key, value) in node.entries() {
        if known.contains(&key) || key.starts_with("Fn::") || key.starts_with("Rain::") {
            continue;
        }
        let draft = report.at(rule, &value, format!("{what} has no `{key}`")).about_key();
        draft.help(
            did_you_mean(key, known.iter().copied()).unwrap_or_else(|| format!("it takes `{}`", known.join("`, `"))),
        );
    }
}

/// Says that a value is of another type than it must be.
fn must_be(rule: &'static Rule, what: &str, wanted: &str, node: &Node<'_>, report: &mut Report) {
    report
        .at(rule, node, format!("{what} must be {wanted}"))
        .label(format!("this is {}", node.value.kind()))
        .help(format!("write {wanted}"));
}

/// A text, a number or a boolean, which a template's reader turns into each other.
fn scalar(node: &Node<'_>) -> Option<String> {
    match node.value {
        Value::String(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn is_map(node: &Node<'_>) -> bool {
    matches!(node.value, Value::Map(_))
}

fn is_list(node: &Node<'_>) -> bool {
    matches!(node.value, Value::List(_))
}

/// Nulls are refused wherever they stand, by a rule of their own.
fn is_null(node: &Node<'_>) -> bool {
    matches!(node.value, Value::Null)
}
