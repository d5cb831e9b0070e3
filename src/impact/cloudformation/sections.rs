//! What a template says beside its resources and outputs: macros, rules, parameters that need a value.

use crate::check::cfn::Template;
use crate::check::{Change, Consequence, Node, Report};
use crate::impact::differs::differences;

pub(super) fn effects(change: &Change<'_>, report: &mut Report) {
    for (old, new) in change.templates() {
        let Some(new) = new else { continue };
        transforms(change, [old, new], report);
        globals(change, [old, new], report);
        rules([old, new], report);
        parameters(change, [old, new], report);
    }
}

/// Macros that come, go or change: what they make of the template is not known.
fn transforms(change: &Change<'_>, [old, new]: [&Template<'_>; 2], report: &mut Report) {
    for keys in [&["Transform"][..], &["Fn::Transform"], &["Resources", "Fn::Transform"]] {
        let (was, now) = (along(old, keys), along(new, keys));
        let parts = |node: Option<&Node<'_>>| -> Vec<_> {
            node.map(|it| it.one_or_more().iter().map(|it| it.value.clone()).collect()).unwrap_or_default()
        };
        if parts(was.as_ref()) == parts(now.as_ref()) {
            continue;
        }
        let message = |how: &str| format!("a macro {how}: what it makes of the resources is not known");
        let rule = Consequence::Unknown.rule();
        match (was, now) {
            (was, Some(now)) => {
                let how = if was.is_some() { "is another one" } else { "is added" };
                let draft = report.at(rule, &now, message(how));
                if let Some(was) = was {
                    draft.beside(change.was(&was), "as it was");
                }
            }
            (Some(was), None) => {
                let draft = report.elsewhere(rule, change.was(&was), message("is taken away"));
                draft.subject(change.old_subject(&was)).stood(&was);
            }
            (None, None) => {}
        }
    }
}

/// What SAM's macro gives to functions as it stands, and Lambda changes in place.
const OF_FUNCTIONS: [&str; 14] = [
    "CodeUri",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "ReservedConcurrentExecutions",
    "Runtime",
    "Timeout",
    "Tracing",
    "VpcConfig",
];

/// What SAM's macro gives to all resources of a kind.
fn globals(change: &Change<'_>, [old, new]: [&Template<'_>; 2], report: &mut Report) {
    for it in differences(along(old, &["Globals"]), along(new, &["Globals"])) {
        let Some(node) = it.node() else { continue };
        let keys: Vec<&str> = std::iter::once(node).chain(node.around()).filter_map(|it| it.key()).collect();
        let (consequence, message) = match keys.as_slice() {
            [.., key, "Function", "Globals"] if OF_FUNCTIONS.contains(key) => {
                (Consequence::InPlace, format!("all functions are updated: the `{key}` of `Globals` changes"))
            }
            _ => (Consequence::Unknown, "`Globals` changes, and what the macro makes of that is not known".to_owned()),
        };
        let draft = match (it.new, it.old) {
            (Some(new), old) => {
                let draft = report.at(consequence.rule(), &new, message);
                if let Some(old) = old {
                    draft.beside(change.was(&old), "as it was");
                }
                draft
            }
            (None, Some(old)) => report.elsewhere(consequence.rule(), change.was(&old), message).stood(&old),
            (None, None) => continue,
        };
        draft.subject(format!("{}#Globals", new.document.path));
    }
}

fn along<'a>(template: &Template<'a>, keys: &[&str]) -> Option<Node<'a>> {
    keys.iter().try_fold(template.document.root(), |node, key| node.get(key))
}

/// Rules that are new or others: what they assert is asked when the stack is updated.
fn rules([old, new]: [&Template<'_>; 2], report: &mut Report) {
    for (name, node) in along(new, &["Rules"]).map(|it| it.entries()).unwrap_or_default() {
        if along(old, &["Rules", name]).is_none_or(|was| !was.value.is_same(node.value)) {
            let message = format!("the rule `{name}` may refuse the update: it is asked when the stack is deployed");
            report.at(Consequence::Unknown.rule(), &node, message);
        }
    }
}

/// Parameters that are new and have no default: a stack that is there already has no value for them.
fn parameters(change: &Change<'_>, [old, new]: [&Template<'_>; 2], report: &mut Report) {
    for (name, node) in along(new, &["Parameters"]).map(|it| it.entries()).unwrap_or_default() {
        if along(old, &["Parameters", name]).is_some() || node.get("Default").is_some() {
            continue;
        }
        let (consequence, message) = match change.is_given(new, name) {
            Some(true) => continue,
            Some(false) => (
                Consequence::Blocks,
                format!("CloudFormation refuses the update: nothing gives the new parameter `{name}` a value"),
            ),
            None => (
                Consequence::Unknown,
                format!(
                    "the new parameter `{name}` has no default: the update is refused unless who deploys it gives a value"
                ),
            ),
        };
        report
            .at(consequence.rule(), &node, message)
            .help("give it a `Default`, or a value where the stack is deployed");
    }
}
