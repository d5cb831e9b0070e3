//! Who may take a role by an identity provider.

use super::{Kind, Statement};
use crate::check::{Node, Report};
use crate::rules::cloudformation::iam::TRUST;
use crate::value::Value;

/// A role for web identities that any identity of the provider may take.
pub(super) fn judge(statement: &Statement<'_, '_>, report: &mut Report) {
    let node = &statement.node;
    if statement.kind != Kind::Trust || node.text_at(["Effect"]) != Some("Allow") {
        return;
    }
    let actions = node.get("Action");
    let actions = actions.iter().flat_map(Node::one_or_more);
    let Some(action) = actions
        .into_iter()
        .find(|action| action.text().is_some_and(|text| text.eq_ignore_ascii_case("sts:AssumeRoleWithWebIdentity")))
    else {
        return;
    };
    let Some(provider) = node.at(["Principal", "Federated"]).filter(|provider| is_oidc(statement, provider)) else {
        return;
    };
    let Some(condition) = node.get("Condition") else {
        say(&action, &provider, "the role may be taken by everybody whom the provider knows", report);
        return;
    };
    let operators = condition.entries();
    let is_chosen =
        |(name, below): &(&str, Node<'_>)| name.starts_with("Fn::") || !matches!(below.value, Value::Map(_));
    if !matches!(condition.value, Value::Map(_)) || operators.iter().any(is_chosen) {
        return;
    }
    let mut keys = operators.iter().flat_map(|(_, below)| below.entries());
    // Any claim that tells one identity from another will do.
    if !keys.any(|(key, _)| !key.ends_with(":aud")) {
        say(&action, &provider, "the role may be taken by every identity of the provider", report);
    }
}

fn say(action: &Node<'_>, provider: &Node<'_>, message: &str, report: &mut Report) {
    report
        .at(&TRUST, action, message)
        .also(provider, "the provider")
        .help("ask for the audience and the subject: `StringEquals: {<issuer>:aud: sts.amazonaws.com, <issuer>:sub: system:serviceaccount:…}`");
}

/// A provider of OpenID Connect that serves many: a cluster, a forge.
fn is_oidc(statement: &Statement<'_, '_>, provider: &Node<'_>) -> bool {
    let text = |node: &Node<'_>| node.text().is_some_and(|text| text.contains(":oidc-provider/"));
    if text(provider) || provider.get("Fn::Sub").is_some_and(|sub| text(&sub)) {
        return true;
    }
    let id = provider.get("Ref").and_then(|it| it.text()).or_else(|| {
        let of = provider.get("Fn::GetAtt")?;
        of.text().and_then(|text| Some(text.split_once('.')?.0)).or_else(|| of.items().first()?.text())
    });
    id.and_then(|id| statement.template.resource(id)).is_some_and(|resource| resource.kind == "AWS::IAM::OIDCProvider")
}
