//! Rules about objects that name other objects.
//!
//! What a name means can be elsewhere: in another repository, or made by a chart. So a name is judged only where the
//! tree itself holds objects of that kind, and the name is none of theirs.

mod class;
mod configuration;
mod issuer;
mod made;
mod node_class;
mod policy;
mod role;
mod secret_store;
mod service;
mod uses;
mod workload;

use crate::check::k8s::Object;
use crate::check::view::repository::is_filled_in;
use crate::check::{Check, Draft, Node, Report, View};
use crate::finding::{Rule, suggest};
use crate::rules::near::only_near;

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&node_class::NODE_CLASS], node_class::check),
    Check::tree(&[&issuer::ISSUER], issuer::check),
    Check::tree(&[&secret_store::SECRET_STORE], secret_store::check),
    Check::tree(&[&configuration::SECRET, &configuration::CONFIG_MAP], configuration::check),
    Check::tree(&[&class::INGRESS_CLASS, &class::PRIORITY_CLASS, &class::STORAGE_CLASS], class::check),
    Check::tree(&[&service::SERVICE, &service::SERVICE_ACCOUNT], service::check),
    Check::tree(&[&workload::WORKLOAD], workload::check),
    Check::tree(&[&role::ROLE], role::check),
    Check::tree(&[&policy::POLICY], policy::check),
];

/// What is named, and where from: a namespace for kinds that live in one.
struct Target<'t> {
    group: &'t str,
    kind: &'t str,
    namespace: Option<&'t str>,
}

/// The word by which `outside` declares things of a kind; none for other kinds.
fn word(kind: &str) -> &'static str {
    match kind {
        "ClusterIssuer" | "Issuer" => "issuers",
        "ClusterSecretStore" | "SecretStore" => "secret-stores",
        "ConfigMap" => "config-maps",
        "EC2NodeClass" => "node-classes",
        "IngressClass" => "ingress-classes",
        "PriorityClass" => "priority-classes",
        "Secret" => "secrets",
        "Service" => "services",
        "ServiceAccount" => "service-accounts",
        "StorageClass" => "storage-classes",
        _ => "",
    }
}

/// The kind that serves all namespaces where another serves its own, or the other way round.
fn sibling(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Issuer" => "ClusterIssuer",
        "ClusterIssuer" => "Issuer",
        "SecretStore" => "ClusterSecretStore",
        "ClusterSecretStore" => "SecretStore",
        "Role" => "ClusterRole",
        "NamespacedValidatingPolicy" => "ValidatingPolicy",
        _ => return None,
    })
}

impl Target<'_> {
    fn is_of_cluster(&self) -> bool {
        let is_policy = self.kind.ends_with("Policy") && !self.kind.starts_with("Namespaced");
        self.kind.starts_with("Cluster") || self.kind.ends_with("Class") || is_policy
    }
}

/// Whether an object of the tree may be what is named: it has the name, or one that is filled in, and may live there.
fn may_be_there(view: &View<'_>, target: &Target<'_>, wanted: &str) -> bool {
    let has_name = |it: &Object<'_>| it.name.is_none_or(|own| own == wanted || is_filled_in(own));
    let is_there = |it: &Object<'_>| target.is_of_cluster() || view.may_live_in(it, target.namespace);
    view.objects_of(target.group, target.kind).any(|it| has_name(it) && is_there(it))
}

/// Charts that bring no classes, issuers or stores for others to name, as far as they are known.
const BRING_NONE: [&str; 31] = [
    "alloy",
    "argo-cd",
    "aws-ebs-csi-driver",
    "aws-load-balancer-controller",
    "cert-manager",
    "cilium",
    "descheduler",
    "external-dns",
    "external-secrets",
    "falco",
    "falco-talon",
    "goldilocks",
    "grafana",
    "grafana-agent",
    "ingress-nginx",
    "karpenter",
    "karpenter-crd",
    "keda",
    "kube-prometheus-stack",
    "kube-state-metrics",
    "kyverno",
    "loki",
    "metrics-server",
    "prometheus-node-exporter",
    "prometheus-operator-crds",
    "promtail",
    "reloader",
    "tempo",
    "trivy-operator",
    "velero",
    "vpa",
];

/// Whether the tree installs something that may bring classes, issuers and the like: a chart that is not known, an
/// operator, a folder from elsewhere.
fn installs_unknown(view: &View<'_>) -> bool {
    let is_known = |chart: &str| BRING_NONE.contains(&chart);
    view.releases().iter().any(|release| !is_known(release.chart_name()))
        || view.objects_of("operators.coreos.com", "Subscription").next().is_some()
        || view.objects_of("helm.cattle.io", "HelmChart").next().is_some()
        || view.kustomizations().iter().any(|own| view.takes_unseen(own))
}

/// Says that a name is none of those that the tree has, if it has any.
fn judge<'r>(
    view: &View<'_>,
    rule: &'static Rule,
    target: &Target<'_>,
    name: &Node<'_>,
    report: &'r mut Report,
) -> Option<&'r mut Draft> {
    let wanted = name.text().filter(|wanted| !wanted.is_empty() && !is_filled_in(wanted))?;
    let objects = || view.objects_of(target.group, target.kind);
    let is_open = target.namespace.is_none() && !target.is_of_cluster() && view.gives_namespaces();
    if is_open || objects().any(|it| view.is_transformed(it)) {
        return None;
    }
    let mut known: Vec<&str> =
        objects().filter(|it| it.namespace == target.namespace).filter_map(|it| it.name).collect();
    let outside = word(target.kind);
    let is_outside = || view.is_outside(outside, target.namespace, wanted);
    if known.contains(&wanted) || is_outside() {
        return None;
    }
    // What is in no namespace any chart may bring; a name that is nearly one of the tree's is a slip all the same.
    let is_slip = || suggest::nearest(wanted, objects().filter_map(|it| it.name)).is_some();
    let may_be_brought = || target.is_of_cluster() && installs_unknown(view) && !is_slip();
    if may_be_there(view, target, wanted) || may_be_brought() {
        return None;
    }
    let mut foreign = view.outside(outside).map(|(name, _)| name);
    if known.is_empty() {
        // Nobody says that these are all: only what is nearly one of them is surely none of another's.
        known.extend(only_near(wanted, foreign));
    } else {
        known.extend(foreign.by_ref());
    }
    let place = target.namespace.map(|namespace| format!(" in `{namespace}`")).unwrap_or_default();
    let message = format!("there is no {} `{wanted}`{place}", target.kind);
    // Of the one name there is the other kind, so it is the word beside the name that is wrong.
    let other =
        sibling(target.kind).and_then(|kind| view.objects_of(target.group, kind).find(|it| it.name == Some(wanted)));
    if let Some(other) = other.filter(|_| !is_open) {
        let draft = report.at(rule, name, message);
        return Some(draft.help(format!("write `kind: {}`, which is what `{wanted}` is", other.kind)));
    }
    if known.is_empty() {
        return None;
    }
    known.sort_unstable();
    let draft = report.at(rule, name, message);
    Some(draft.help(format!("there is `{}`", known.join("`, `"))))
}
