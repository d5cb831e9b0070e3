//! Values in policies that nothing ever has: of a condition, and names of secrets.

use super::Statement;
use crate::check::{Node, Report};
use crate::rules::cloudformation::statement::STATEMENT;
use crate::rules::cloudformation::written;

pub(super) fn judge(statement: &Statement<'_, '_>, report: &mut Report) {
    if let Some(condition) = statement.node.get("Condition") {
        for (operator, keys) in condition.entries() {
            for (key, values) in keys.entries() {
                if key.eq_ignore_ascii_case("kms:ViaService") {
                    values.one_or_more().iter().for_each(|value| via_service(operator, value, report));
                }
            }
        }
    }
    for key in ["Resource", "NotResource"] {
        let resources = statement.node.get(key);
        resources.iter().flat_map(Node::one_or_more).for_each(|resource| secret(&resource, report));
    }
}

/// `ec2.eu-central-1.amazonaws.com`: docs.aws.amazon.com, "AWS KMS condition keys", kms:ViaService.
fn via_service(operator: &str, value: &Node<'_>, report: &mut Report) {
    let Some(node) = written(value) else { return };
    let Some(text) = node.text() else { return };
    let name = text.strip_suffix(".amazonaws.com.cn").or_else(|| text.strip_suffix(".amazonaws.com"));
    let name = name.or_else(|| text.strip_suffix(".${AWS::URLSuffix}"));
    let is_pattern = operator.contains("Like") && text.contains(['*', '?']);
    let Some(name) = name.filter(|name| !is_pattern && !name.contains('.')) else { return };
    // A variable may stand for more than a part.
    if name.contains(['$', '{']) {
        return;
    }
    report
        .at(&STATEMENT, &node, format!("`kms:ViaService` is never `{text}`: it has the region in it"))
        .label("the condition never holds")
        .help(format!("write `!Sub \"{name}.${{AWS::Region}}.amazonaws.com\"`"));
}

/// Secrets Manager puts a hyphen and six letters or digits behind the name of each secret:
/// docs.aws.amazon.com, "Secrets Manager secret ARN format".
fn secret(resource: &Node<'_>, report: &mut Report) {
    let Some(node) = written(resource) else { return };
    let Some(text) = node.text().filter(|text| text.contains(":secretsmanager:")) else { return };
    let Some((_, name)) = text.split_once(":secret:") else { return };
    // A whole name, or its end, may come from elsewhere.
    if name.is_empty() || name.ends_with('}') || name.contains(['*', '?', ':']) {
        return;
    }
    let end = name.rsplit_once('-').map(|(_, end)| end);
    if end.is_some_and(|end| end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        return;
    }
    report
        .at(&STATEMENT, &node, format!("no secret has this ARN: six letters follow the name `{name}`"))
        .label("the statement is about nothing")
        .help(format!("write `{name}-??????` for the one secret, or `{name}/*` for those below"));
}
