//! Actions that there are not, and roles that anybody may be given.

use super::{PASS_ROLE, Statement, UNKNOWN, table};
use crate::check::{Node, Report};
use crate::finding::suggest::nearest;
use crate::rules::cloudformation::iam::ACTION;

pub(super) fn judge(statement: &Statement<'_, '_>, report: &mut Report) {
    for key in ["Action", "NotAction"] {
        let actions = statement.node.get(key);
        for action in actions.iter().flat_map(Node::one_or_more) {
            let Some((prefix, name)) = action.text().and_then(|text| text.split_once(':')) else { continue };
            // What is no form of an action is told already; a variable is nobody's name.
            if prefix.is_empty()
                || name.is_empty()
                || !prefix.bytes().all(is_plain)
                || !name.bytes().all(is_plain_or_any)
            {
                continue;
            }
            match table::service(prefix) {
                Some(service) if service.actions(name).is_empty() && !is_of_topics(prefix, name) => {
                    unknown(prefix, name, service, &action, report);
                }
                Some(_) => {}
                None => no_service(prefix, &action, report),
            }
        }
    }
    pass_role(statement, report);
}

/// An action of the policy that SNS itself gives to a new topic, which no list has.
fn is_of_topics(prefix: &str, name: &str) -> bool {
    prefix.eq_ignore_ascii_case("sns") && name.eq_ignore_ascii_case("Receive")
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn is_plain_or_any(byte: u8) -> bool {
    is_plain(byte) || matches!(byte, b'*' | b'?')
}

fn unknown(prefix: &str, name: &str, service: &table::Service, action: &Node<'_>, report: &mut Report) {
    let near = nearest(name.trim_end_matches('*'), service.names()).filter(|near| !near.eq_ignore_ascii_case(name));
    let message = format!("the service `{prefix}` has no action `{name}`");
    match near {
        Some(near) => report
            .at(&ACTION, action, message)
            .about(text(action), name)
            .help(format!("did you mean `{prefix}:{near}`?")),
        None => {
            report.at(&UNKNOWN, action, message).about(text(action), name).help("allow what there is, or leave it out")
        }
    };
}

fn no_service(prefix: &str, action: &Node<'_>, report: &mut Report) {
    let message = format!("IAM knows no service `{prefix}`");
    match nearest(prefix, table::prefixes()) {
        Some(near) => {
            report.at(&ACTION, action, message).about(text(action), prefix).help(format!("did you mean `{near}`?"))
        }
        None => report
            .at(&UNKNOWN, action, message)
            .about(text(action), prefix)
            .help("see the \"Service Authorization Reference\" of AWS"),
    };
}

fn pass_role(statement: &Statement<'_, '_>, report: &mut Report) {
    let node = &statement.node;
    if node.text_at(["Effect"]) != Some("Allow") || node.get("Condition").is_some() {
        return;
    }
    let named = |key: &str, is_it: fn(&str) -> bool| {
        let values = node.get(key);
        values.iter().flat_map(Node::one_or_more).find(|value| value.text().is_some_and(is_it))
    };
    let passes = |text: &str| text.eq_ignore_ascii_case("iam:PassRole");
    if let Some(action) = named("Action", passes)
        && named("Resource", |text| text == "*").is_some()
    {
        report
            .at(&PASS_ROLE, &action, "any role may be passed to any service")
            .help("name the roles under `Resource`, or the services by a condition on `iam:PassedToService`");
    }
}

fn text<'a>(action: &Node<'a>) -> &'a str {
    action.text().unwrap_or_default()
}
