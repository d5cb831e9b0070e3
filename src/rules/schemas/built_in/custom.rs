//! Custom resources that many clusters have, by a table of their kinds and fields. Which version of an operator runs is not
//! known here, so a field that is near to no other may be a new one.

use super::table::{CUSTOM, CUSTOM_KINDS};
use super::walk::Words;
use crate::check::Report;
use crate::check::k8s::Object;
use crate::rules::kubernetes::fields;
use crate::rules::schemas::rules::{NEWER, UNKNOWN_FIELD, UNKNOWN_KIND};

/// The groups, whose they are, and how the header of the table calls them.
const GROUPS: [(&str, &str, &str); 14] = [
    ("autoscaling.k8s.io", "the Vertical Pod Autoscaler", "vertical-pod-autoscaler"),
    ("cert-manager.io", "cert-manager", "cert-manager"),
    ("cilium.io", "Cilium", "cilium"),
    ("elbv2.k8s.aws", "the AWS Load Balancer Controller", "aws-load-balancer-controller"),
    ("external-secrets.io", "External Secrets", "external-secrets"),
    ("externaldns.k8s.io", "ExternalDNS", "external-dns"),
    ("gateway.networking.k8s.io", "the Gateway API", "gateway-api"),
    ("karpenter.k8s.aws", "Karpenter", "karpenter"),
    ("karpenter.sh", "Karpenter", "karpenter"),
    ("keda.sh", "KEDA", "keda"),
    ("kyverno.io", "Kyverno", "kyverno"),
    ("monitoring.coreos.com", "the Prometheus Operator", "prometheus-operator"),
    ("policies.kyverno.io", "Kyverno", "kyverno"),
    ("velero.io", "Velero", "velero"),
];

/// Whose table has an object's kind.
pub(super) fn knows(object: &Object<'_>) -> Option<&'static str> {
    CUSTOM.kind(object.group, object.version, object.kind).and_then(|_| whose(object.group)).map(|(name, _)| name)
}

/// Whose a group is, and the version that the table is of.
fn whose(group: &str) -> Option<(&'static str, &'static str)> {
    let (_, name, project) = GROUPS.iter().find(|(own, ..)| *own == group)?;
    let mut lines = CUSTOM_KINDS.lines().filter_map(|line| line.strip_prefix("# ")?.strip_prefix(project));
    Some((name, lines.find_map(|rest| rest.strip_prefix(' ')?.split(' ').next())?))
}

pub(super) fn judge(object: &Object<'_>, report: &mut Report) {
    let Some((name, version)) = whose(object.group) else { return };
    let who = format!("{name} {version}");
    let Some(part) = CUSTOM.kind(object.group, object.version, object.kind) else {
        unknown_kind(object, &who, report);
        return;
    };
    let help =
        "if yours knows it, import its definitions with `platc schema import`, which then count instead".to_owned();
    let words = Words {
        kind: object.kind,
        near: &UNKNOWN_FIELD,
        far: &NEWER,
        is_strict: true,
        reads_any_case: false,
        who,
        help,
    };
    words.judge(part, &object.root(), report);
}

/// A kind in other letters, or in a version that is no early one and not in the table.
fn unknown_kind(object: &Object<'_>, who: &str, report: &mut Report) {
    let Object { group, version, kind, .. } = *object;
    if !fields::is_written(kind) || !fields::is_written(version) {
        return;
    }
    let of_group = || CUSTOM.kinds().filter(|(own, ..)| *own == group);
    let root = object.root();
    if let Some((_, known, _)) = of_group().find(|(_, _, own)| *own == kind) {
        // Early versions were served once.
        if !version.contains("alpha") && !version.contains("beta") {
            let place = root.get("apiVersion").unwrap_or(root);
            let draft = report.at(&NEWER, place, format!("there is no `{kind}` in `{group}/{version}`"));
            draft.label(format!("as of {who}")).help(format!("write `apiVersion: {group}/{known}`"));
        }
        return;
    }
    let is_meant = |own: &&str| own.eq_ignore_ascii_case(kind) || kind.strip_suffix('s') == Some(own);
    let Some(meant) = of_group().map(|(_, _, own)| own).find(is_meant) else { return };
    let place = root.get("kind").unwrap_or(root);
    let draft = report.at(&UNKNOWN_KIND, place, format!("there is no kind `{kind}` in `{group}/{version}`"));
    draft.label(format!("as of {who}")).help(format!("did you mean `{meant}`?"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_of_the_table_is_somebody_s() {
        for (group, ..) in CUSTOM.kinds() {
            assert!(whose(group).is_some_and(|(_, version)| version.contains('.')), "{group}");
        }
    }
}
