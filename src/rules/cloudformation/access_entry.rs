//! Access entries: who may do what in a cluster.

use super::written;
use crate::check::cfn::Resource;
use crate::check::{Node, Report, View, rule};

rule! {
    ACCESS_ENTRY = Error "cfn/access-entry";
    summary: "an access entry that EKS refuses";
    explanation: "An entry for nodes, of the type `EC2_LINUX` for instance, has neither Kubernetes groups nor access policies; groups do not begin with `system:`, so that nobody becomes `system:masters` this way; the principal is a role or a user, not a session of one or a role of a service; and access policies are EKS' own, `arn:aws:eks::aws:cluster-access-policy/…`, with a scope that names namespaces if it is of them; and the cluster's authentication mode is not `CONFIG_MAP` (docs.aws.amazon.com, \"Create access entries\").";
    wrong: "
        Resources:
          Nodes:
            Type: AWS::EKS::AccessEntry
            Properties:
              ClusterName: prod
              PrincipalArn: arn:aws:iam::012345678901:role/nodes
              Type: EC2_LINUX
              KubernetesGroups: [system:nodes]
    ";
    right: "
        Resources:
          Nodes:
            Type: AWS::EKS::AccessEntry
            Properties:
              ClusterName: prod
              PrincipalArn: arn:aws:iam::012345678901:role/nodes
              Type: EC2_LINUX
    ";
}

/// Nodes of EKS Auto Mode, `EC2`, do have an access policy.
const OF_NODES: [&str; 4] = ["EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX"];
/// What neither a group nor a user name begins with.
const RESERVED: [&str; 5] = ["system:", "eks:", "aws:", "amazon:", "iam:"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for entry in view.resources_of("AWS::EKS::AccessEntry") {
        nodes(entry, report);
        principal(entry, report);
        names(entry, report);
        policies(entry, report);
    }
}

/// Entries count for nothing where the cluster reads a `ConfigMap`.
pub(super) fn check_mode(view: &View<'_>, report: &mut Report) {
    let clusters: Vec<_> = view.resources_of("AWS::EKS::Cluster").collect();
    let ([cluster], Some(entry)) = (clusters.as_slice(), view.resources_of("AWS::EKS::AccessEntry").next()) else {
        return;
    };
    let mode = cluster.property("AccessConfig").and_then(|config| config.get("AuthenticationMode"));
    if let Some(mode) = mode.filter(|mode| mode.text() == Some("CONFIG_MAP")) {
        report
            .at(&ACCESS_ENTRY, &mode, format!("`{}` takes no access entries in this mode", cluster.id))
            .also(&entry.node, "one of its entries")
            .help("let the mode be `API`, or `API_AND_CONFIG_MAP` while you move");
    }
}

fn nodes(entry: &Resource<'_>, report: &mut Report) {
    let Some(kind) = entry.property("Type") else { return };
    let Some(name) = kind.text().filter(|name| OF_NODES.contains(&name.to_uppercase().as_str())) else { return };
    for (key, what) in [("KubernetesGroups", "Kubernetes groups"), ("AccessPolicies", "access policies")] {
        if let Some(node) = entry.property(key).filter(|node| !node.items().is_empty()) {
            report
                .at(&ACCESS_ENTRY, &node, format!("an entry of type `{name}` has no {what}"))
                .also(&kind, "this is an entry for nodes")
                .help(format!("remove `{key}`: EKS gives nodes what they need; for people, use the type `STANDARD`"));
        }
    }
}

fn principal(entry: &Resource<'_>, report: &mut Report) {
    let Some(node) = entry.property("PrincipalArn").as_ref().and_then(written) else { return };
    let arn = node.text().unwrap_or_default();
    let help = "name the role itself: `arn:aws:iam::<account>:role/<name>`";
    if arn.contains(":assumed-role/") {
        let draft = report.at(&ACCESS_ENTRY, &node, format!("`{}` stands for a session, not for a role", entry.id));
        draft.label("sessions come and go").help(help);
    } else if arn.contains(":role/aws-service-role/") {
        let draft = report.at(&ACCESS_ENTRY, &node, format!("`{}` is for a role of a service", entry.id));
        draft.label("access entries take no service-linked roles").help(help);
    }
}

fn names(entry: &Resource<'_>, report: &mut Report) {
    let groups = entry.property("KubernetesGroups");
    let groups = groups.iter().flat_map(Node::items).map(|node| ("group", node));
    let user = entry.property("Username").map(|node| ("user name", node));
    for (what, node) in groups.chain(user) {
        let Some(name) = node.text() else { continue };
        if let Some(start) = RESERVED.iter().find(|start| name.starts_with(**start)) {
            report
                .at(
                    &ACCESS_ENTRY,
                    &node,
                    format!("the {what} `{name}` begins with `{start}`, which EKS keeps for itself"),
                )
                .help(if name == "system:masters" {
                    "give the entry the access policy `AmazonEKSClusterAdminPolicy` instead"
                } else {
                    "choose another name, and bind it to a role in the cluster"
                });
        }
    }
}

fn policies(entry: &Resource<'_>, report: &mut Report) {
    let policies = entry.property("AccessPolicies");
    for policy in policies.iter().flat_map(Node::items) {
        if let Some(node) = policy.get("PolicyArn").as_ref().and_then(written)
            && !node.text().is_some_and(is_access_policy)
        {
            report
                .at(&ACCESS_ENTRY, &node, format!("`{}` has a policy that is none of EKS' access policies", entry.id))
                .help("name one as `arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy`");
        }
        let Some(scope) = policy.get("AccessScope") else { continue };
        let has_namespaces = scope.get("Namespaces").is_some_and(|it| !it.one_or_more().is_empty());
        let Some(kind) = scope.get("Type") else { continue };
        if kind.text() == Some("namespace") && !has_namespaces {
            report
                .at(&ACCESS_ENTRY, &kind, format!("a scope of `{}` is of namespaces, and names none", entry.id))
                .help("list them under `Namespaces`, or let the scope be `cluster`");
        }
    }
}

/// `arn:aws:eks::aws:cluster-access-policy/NAME`, in whatever partition.
fn is_access_policy(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(3, ":eks::aws:").collect();
    let [partition, policy] = parts.as_slice() else { return false };
    let name = policy.strip_prefix("cluster-access-policy/").unwrap_or_default();
    partition.starts_with("arn:") && !name.is_empty() && (name.contains("${") || !name.contains('/'))
}
