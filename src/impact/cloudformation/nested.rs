//! Stacks within stacks: the templates that they are made of, as far as they stand in the tree.

use super::taken::Both;
use crate::check::cfn::{Resource, Template};
use crate::check::view::path::beside;
use crate::check::{Change, Node};

/// Whether a resource is a stack of its own.
pub(super) fn is_stack(kind: &str) -> bool {
    matches!(kind, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application")
}

/// The template that a stack within another one is made of: named by a path from the file, as `aws cloudformation package`
/// takes it.
pub(super) fn template<'v, 'a>(
    all: &'v [Template<'a>],
    around: &Template<'_>,
    stack: &Resource<'_>,
) -> Option<&'v Template<'a>> {
    let property = if stack.kind == "AWS::CloudFormation::Stack" { "TemplateURL" } else { "Location" };
    let path = stack.property(property)?.text().filter(|text| !text.contains("://"))?;
    let path = beside(around.document.path, path)?;
    all.iter().find(|it| is_stack(stack.kind) && it.document.path == path)
}

/// The stacks of the new tree that are made of a template, each with the template it stands in.
pub(super) fn stacks<'a>(
    change: &Change<'a>,
    of: &Template<'_>,
) -> impl Iterator<Item = (&'a Template<'a>, &'a Resource<'a>)> {
    let all = change.new_tree().templates();
    let path = of.document.path;
    let within = move |around: &'a Template<'a>| {
        let is_of = move |it: &&Resource<'_>| template(all, around, it).is_some_and(|it| it.document.path == path);
        around.resources().iter().filter(is_of).map(move |it| (around, it))
    };
    all.iter().flat_map(within)
}

/// Parameters that such stacks are given now and were not before, each with its place.
pub(super) fn given<'a>(change: &Change<'a>, pairs: &[Both<'_, 'a>], of: &Template<'_>) -> Vec<(&'a str, Node<'a>)> {
    let mut changed = Vec::new();
    for (around, stack) in stacks(change, of) {
        let is_it = |it: &&Both<'_, '_>| it.1.is_some_and(|it| it.document.path == around.document.path);
        let before = pairs.iter().find(is_it).and_then(|(old, _)| old.resource(stack.id));
        let (Some(before), Some(now)) = (before, stack.property("Parameters")) else { continue };
        for (name, node) in now.entries() {
            let was = before.node.at(["Properties", "Parameters", name]);
            if was.is_none_or(|was| !was.value.is_same(node.value)) {
                changed.push((name, node));
            }
        }
    }
    changed
}
