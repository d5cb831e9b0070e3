//! Groups that are bound to roles, and those that access entries give.

use std::collections::BTreeMap;

use crate::check::{Node, Report, View, rule};
use crate::finding::suggest::nearest;

rule! {
    ACCESS_GROUP = Error "link/access-group";
    summary: "a binding names a group that no access entry gives, and nearly one that some entry does";
    explanation: "An access entry of EKS puts whoever takes a role into Kubernetes groups. A RoleBinding for a group that nobody is in gives nobody anything, and says nothing. Told where the tree's entries give a group that has this name behind or before a prefix, or is nearly of this name, and no entry gives the one that is bound.";
    wrong: "
        --- # cluster/template.yaml
        Resources:
          Entry: {Type: AWS::EKS::AccessEntry, Properties: {ClusterName: prod, PrincipalArn: 'arn:aws:iam::012345678901:role/dev', KubernetesGroups: ['platform:developers']}}
        --- # binding.yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: developers, namespace: shop}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: developers}]
    ";
    right: "
        --- # cluster/template.yaml
        Resources:
          Entry: {Type: AWS::EKS::AccessEntry, Properties: {ClusterName: prod, PrincipalArn: 'arn:aws:iam::012345678901:role/dev', KubernetesGroups: ['platform:developers']}}
        --- # binding.yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: developers, namespace: shop}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'platform:developers'}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut given: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for entry in view.resources_of("AWS::EKS::AccessEntry") {
        for node in entry.property("KubernetesGroups").map(|it| it.items()).unwrap_or_default() {
            let Some(group) = node.text() else { return };
            given.entry(group).or_insert(node);
        }
    }
    if given.is_empty() {
        return;
    }
    for kind in ["RoleBinding", "ClusterRoleBinding"] {
        for binding in view.objects_of("rbac.authorization.k8s.io", kind) {
            for subject in binding.root().list(["subjects"]) {
                if subject.text_at(["kind"]) == Some("Group")
                    && let Some(node) = subject.get("name")
                {
                    judge(&given, &node, report);
                }
            }
        }
    }
}

fn judge(given: &BTreeMap<&str, Node<'_>>, node: &Node<'_>, report: &mut Report) {
    let Some(name) = node.text() else { return };
    if given.contains_key(name) || name.starts_with("system:") || name.len() < 3 || name.contains("{{") {
        return;
    }
    let last = |text: &'_ str| text.rsplit([':', '/']).next().unwrap_or_default().to_owned();
    let same = given.keys().copied().find(|group| last(group) == last(name));
    let Some(meant) = same.or_else(|| nearest(name, given.keys().copied())) else { return };
    report
        .at(&ACCESS_GROUP, node, format!("no access entry gives the group `{name}`"))
        .label("nobody is in this group")
        .also(&given[meant], format!("an entry gives `{meant}`"))
        .help(format!("bind `{meant}`, or let the entry give `{name}`"));
}
