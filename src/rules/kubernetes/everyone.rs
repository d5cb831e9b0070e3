//! Rights that everybody has.

use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    EVERYONE = Error "kubernetes/rights-of-everyone";
    summary: "a binding that makes everybody an administrator";
    explanation: "`system:authenticated` are all who have an account of the cluster, each pod by its service account among them; `system:serviceaccounts` are all pods, and `system:unauthenticated` is whoever reaches the API server. With `cluster-admin`, or a role that allows every verb on every resource, each of them can read all secrets and change everything; with `admin` or `edit` nearly so. Bind the role to the group of those who need it.";
    wrong: "
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: developers}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:authenticated'}]
    ";
    right: "
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: developers}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: administrators}]
    ";
}

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for binding in ["ClusterRoleBinding", "RoleBinding"].into_iter().flat_map(|kind| view.objects_of(GROUP, kind)) {
        let root = binding.root();
        let Some(role) = root.get("roleRef").filter(|role| is_powerful(view, binding, role)) else { continue };
        for subject in root.list(["subjects"]) {
            let who = match (subject.text_at(["kind"]), subject.text_at(["name"])) {
                (Some("Group"), Some("system:authenticated")) => "everybody who has an account, and every pod",
                (Some("Group"), Some("system:unauthenticated")) | (Some("User"), Some("system:anonymous")) => {
                    "everybody who reaches the API server"
                }
                (Some("Group"), Some("system:serviceaccounts")) => "every pod",
                _ => continue,
            };
            let place = subject.get("name").unwrap_or(subject);
            let name = role.text_at(["name"]).unwrap_or_default();
            let draft = report.at(&EVERYONE, place, format!("the role `{name}` is given to {who}"));
            draft.also(role.get("name").unwrap_or(role), "it allows to change everything");
            draft.help("name the group or the service account of those who need it");
        }
    }
}

/// Whether a role is one of an administrator: by Kubernetes, or since it allows everything.
fn is_powerful(view: &View<'_>, binding: &Object<'_>, role: &Node<'_>) -> bool {
    let (Some(kind), Some(name)) = (role.text_at(["kind"]), role.text_at(["name"])) else { return false };
    let namespace = binding.namespace.filter(|_| kind == "Role");
    let made = view.objects_of(GROUP, kind).find(|it| it.name == Some(name) && it.namespace == namespace);
    match made {
        Some(made) => made.root().list(["rules"]).iter().any(allows_everything),
        None => kind == "ClusterRole" && matches!(name, "cluster-admin" | "admin" | "edit"),
    }
}

fn allows_everything(rule: &Node<'_>) -> bool {
    let has_star = |key| rule.list([key]).iter().any(|item| item.text() == Some("*"));
    ["apiGroups", "resources", "verbs"].into_iter().all(has_star)
}
