//! The form of policies: what their statements must have, by what the policy is for.

use super::{Kind, all};
use crate::check::cfn::Template;
use crate::check::{Node, Report};
use crate::finding::suggest::did_you_mean;
use crate::rules::cloudformation::statement::STATEMENT;
use crate::value::Value;

const ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];

pub(super) fn judge(document: &Node<'_>, kind: Kind, template: &Template<'_>, report: &mut Report) {
    // A text may hold JSON, and a function anything; a null is told elsewhere.
    if template.is_transformed() || !matches!(document.value, Value::Map(_)) || is_function(document) {
        return;
    }
    for (key, value) in document.entries() {
        if !ELEMENTS.contains(&key) && !key.starts_with("Fn::") {
            let draft = report.at(&STATEMENT, &value, format!("a policy of IAM has no `{key}`")).about_key();
            draft.help(
                did_you_mean(key, ELEMENTS).unwrap_or_else(|| "it has `Version`, `Id` and `Statement`".to_owned()),
            );
        }
    }
    let Some(statements) = document.get("Statement") else {
        report.at(&STATEMENT, document, "the policy has no statement").help("add `Statement`");
        return;
    };
    if statements.text().is_some() {
        report.at(&STATEMENT, &statements, "`Statement` must be a list of maps").help("write the statements as maps");
    }
    let mut sids: Vec<&str> = Vec::new();
    for statement in all(&statements).into_iter().filter(|it| !is_function(it)) {
        match statement.value {
            Value::Map(entries) if !entries.is_empty() => one(&statement, kind, report),
            Value::Null => {}
            _ if statement.is_at(&statements) => {}
            _ => {
                report
                    .at(&STATEMENT, &statement, "a statement is a map of `Effect`, `Action` and more")
                    .label(format!("this is {}", statement.value.kind()))
                    .help("write it as a map");
            }
        }
        let Some((node, sid)) = statement.get("Sid").and_then(|node| Some((node, node.text()?))) else { continue };
        let is_narrow = kind == Kind::Identity;
        if is_narrow && !sid.is_empty() && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            report
                .at(&STATEMENT, &node, format!("`{sid}` is no name of a statement: these are of letters and digits"))
                .help(format!("write `{}`", sid.chars().filter(char::is_ascii_alphanumeric).collect::<String>()));
        }
        // Some services take names twice in the policies of their resources.
        let is_unique = matches!(kind, Kind::Identity | Kind::Trust) || document.key() == Some("KeyPolicy");
        if is_unique && !sid.is_empty() && sids.contains(&sid) {
            report
                .at(&STATEMENT, &node, format!("two statements of the policy are called `{sid}`"))
                .help("give one of them another name; IAM refuses the policy");
        }
        sids.push(sid);
    }
}

fn is_function(node: &Node<'_>) -> bool {
    node.entries().first().is_some_and(|(key, _)| key.starts_with("Fn::") || matches!(*key, "Ref"))
}

fn one(statement: &Node<'_>, kind: Kind, report: &mut Report) {
    let has = |key: &str| statement.get(key).is_some();
    // Misspelt ones are told by their names.
    let is_near = |wanted: &str| {
        statement.entries().iter().any(|(key, _)| *key != wanted && did_you_mean(key, [wanted]).is_some())
    };
    if !has("Effect") {
        let near = statement.entries().into_iter().find(|(key, _)| did_you_mean(key, ["Effect"]).is_some());
        let draft = match near {
            Some((key, value)) => {
                report.at(&STATEMENT, &value, format!("a statement of IAM has no `{key}`")).about_key()
            }
            None => report.at(&STATEMENT, statement, "the statement has no `Effect`"),
        };
        draft.help("write `Effect: Allow`, or `Deny`");
    } else if let Some(effect) = statement.get("Effect")
        && let Some(text) = effect.text()
        && !["allow", "deny"].contains(&text.to_ascii_lowercase().as_str())
    {
        report.at(&STATEMENT, &effect, format!("`{text}` is no effect")).help("write `Allow` or `Deny`");
    }
    let lacks = |one: &str, other: &str| !has(one) && !has(other) && !is_near(one) && !is_near(other);
    if lacks("Action", "NotAction") {
        report.at(&STATEMENT, statement, "the statement has no `Action`").help("name what it is about");
    }
    if kind == Kind::Identity && lacks("Resource", "NotResource") {
        report
            .at(&STATEMENT, statement, "the statement has no `Resource`")
            .help("name the resources that it is about, or `'*'`");
    }
    let wants_principal = matches!(kind, Kind::Trust | Kind::Resource);
    if wants_principal && lacks("Principal", "NotPrincipal") {
        report.at(&STATEMENT, statement, "the statement has no `Principal`").help("name whom it is about");
    }
    let misplaced: &[&str] = match kind {
        Kind::Identity => &["Principal", "NotPrincipal"],
        Kind::Trust => &["Resource", "NotResource"],
        Kind::Resource | Kind::Other => &[],
    };
    for (key, value) in misplaced.iter().filter_map(|key| Some((key, statement.get(key)?))) {
        let what = if kind == Kind::Trust { "a trust policy" } else { "a policy of what somebody may do" };
        report.at(&STATEMENT, &value, format!("{what} takes no `{key}`")).about_key().help("remove it; IAM refuses it");
    }
    for (one, other) in [("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")] {
        if has(one) && has(other) {
            report
                .at(&STATEMENT, statement, format!("the statement has both `{one}` and `{other}`"))
                .help("keep one of them");
        }
    }
    for key in ["Action", "NotAction", "Resource", "NotResource"] {
        let Some(value) = statement.get(key) else { continue };
        if matches!(value.value, Value::List(items) if items.is_empty()) || value.text() == Some("") {
            report
                .at(&STATEMENT, &value, format!("`{key}` of the statement is empty"))
                .help("name one, or remove the statement");
        }
    }
}
