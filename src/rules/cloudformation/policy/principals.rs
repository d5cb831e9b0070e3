//! Services that are given a role or a right.

use std::sync::LazyLock;

use super::Statement;
use crate::check::{Node, Report};
use crate::rules::cloudformation::statement::STATEMENT;

/// A service a line, without `.amazonaws.com`. AWS publishes no list, so one that is not in it may be one.
const KNOWN: &str = include_str!("principals.txt");
static SORTED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut known: Vec<&str> = KNOWN.lines().filter(|line| !line.starts_with('#')).collect();
    known.sort_unstable();
    known
});

/// Names of services that differ from a known one by hyphens alone, or by a letter.
pub(super) fn judge(statement: &Statement<'_, '_>, report: &mut Report) {
    let node = &statement.node;
    let principals = node.at(["Principal", "Service"]);
    let operators = node.get("Condition").map(|condition| condition.entries()).unwrap_or_default();
    let passed: Vec<Node<'_>> = operators.iter().filter_map(|(_, keys)| keys.get("iam:PassedToService")).collect();
    for service in principals.iter().chain(&passed).flat_map(Node::one_or_more) {
        let Some(text) = service.text() else { continue };
        let Some(meant) = text.strip_suffix(".amazonaws.com").and_then(meant) else { continue };
        report
            .at(&STATEMENT, &service, format!("`{text}` is no service that can be a principal"))
            .help(format!("did you mean `{meant}.amazonaws.com`?"));
    }
}

/// Whether a principal is told by [`judge`].
pub(in crate::rules::cloudformation) fn is_misspelt(principal: &str) -> bool {
    principal.strip_suffix(".amazonaws.com").and_then(meant).is_some()
}

/// The service that a name was probably meant to be, if it is not known.
fn meant(name: &str) -> Option<&'static str> {
    let known = || SORTED.iter().copied();
    let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte));
    // With a region behind it, it is the service of that region.
    if !is_plain || SORTED.binary_search(&name).is_ok() {
        return None;
    }
    let folded = |text: &str| text.replace(['-', '.'], "");
    let own = folded(name);
    known()
        .find(|line| folded(line) == own)
        .or_else(|| known().find(|line| line.len() > 8 && differ_by_one(line, name)))
}

/// Whether one letter was changed, left out, put in, or swapped with its neighbour.
fn differ_by_one(one: &str, other: &str) -> bool {
    let (one, other) = if one.len() < other.len() { (other, one) } else { (one, other) };
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let begin = one.iter().zip(other).take_while(|(mine, theirs)| mine == theirs).count();
    let (one, other) = (&one[begin..], &other[begin..]);
    // A digit at the end tells versions of a service apart.
    if one.first().is_some_and(u8::is_ascii_digit) || other.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    match one.len() - other.len() {
        1 => one[1..] == *other,
        0 if one.len() > 1 && one[1..] == other[1..] => true,
        0 => one.len() > 1 && one[0] == other[1] && one[1] == other[0] && one[2..] == other[2..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_services_are_told_from_others() {
        for (name, wanted) in [
            ("vpcflowlogs", "vpc-flow-logs"),
            ("vpc-flow-log", "vpc-flow-logs"),
            ("ecstasks", "ecs-tasks"),
            ("elasticloadbalacing", "elasticloadbalancing"),
            ("cloudfromation", "cloudformation"),
        ] {
            assert_eq!(meant(name), Some(wanted), "{name}");
        }
        for name in
            ["ec2", "esc", "logs.eu-central-1", "newservice", "inspector2", "inspector3", "pods.eks", "cloudwatchx2"]
        {
            assert_eq!(meant(name), None, "{name}");
        }
        for line in KNOWN.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(meant(line), None, "{line}");
        }
    }
}
