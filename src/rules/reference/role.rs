//! Roles and accounts that bindings bring together.

use super::service::is_everywhere;
use super::{Target, judge};
use crate::check::{Node, Report, View, rule};

rule! {
    ROLE = Error "reference/role";
    summary: "a binding of a role, or to a service account, that the tree does not have";
    explanation: "Kubernetes takes a binding whose role or whose service account does not exist, and nobody gets any rights by it: a pod finds that out when it is refused. Roles and service accounts are judged in namespaces that hold nothing but what stands in the tree, and others of their kind among it.";
    wrong: "
        --- # role.yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: reader, namespace: web}
        rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
        --- # binding.yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: reader, namespace: web}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read}
        subjects: [{kind: ServiceAccount, name: default, namespace: web}]
    ";
    right: "
        --- # role.yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: reader, namespace: web}
        rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
        --- # binding.yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: reader, namespace: web}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
        subjects: [{kind: ServiceAccount, name: default, namespace: web}]
    ";
}

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for binding in view.objects_of(GROUP, "RoleBinding").chain(view.objects_of(GROUP, "ClusterRoleBinding")) {
        let root = binding.root();
        if let Some(role) = root.get("roleRef").filter(|role| role.text_at(["kind"]) == Some("Role")) {
            name(view, GROUP, "Role", binding.namespace, role.get("name"), report);
        }
        for subject in root.list(["subjects"]) {
            let namespace = subject.text_at(["namespace"]).or(binding.namespace);
            if subject.text_at(["kind"]) == Some("ServiceAccount") && namespace.is_some() {
                let own = subject.get("name").filter(|name| !name.text().is_some_and(is_everywhere));
                name(view, "", "ServiceAccount", namespace, own, report);
            }
        }
    }
}

fn name(
    view: &View<'_>,
    group: &str,
    kind: &str,
    namespace: Option<&str>,
    name: Option<Node<'_>>,
    report: &mut Report,
) {
    if let Some(name) = name
        && view.holds_all_of(namespace)
    {
        judge(view, &ROLE, &Target { group, kind, namespace }, &name, report);
    }
}
