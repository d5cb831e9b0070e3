//! Rules about files that must agree: what one names, another one makes.

mod access_group;
mod acme_solver;
mod addon_settings;
mod addon_twice;
mod agent_toleration;
mod bucket;
mod cluster_name;
mod discovery_tags;
mod encryption;
mod kinds;
mod names;
mod near_label;
mod near_name;
mod no_network;
mod node_access;
mod node_selector;
mod node_size;
mod parameter_path;
mod passed_role;
mod pod_addresses;
mod pod_identity_agent;
mod pod_network;
mod policy;
mod policy_lockout;
mod policy_namespace;
mod policy_pods;
mod retention;
mod service_account;
mod service_url;
mod tag_condition;
mod target_nodes;
mod toleration;
mod webhook_port;

use std::collections::{BTreeMap, BTreeSet};

use crate::check::cfn::Template;
use crate::check::{Check, Node, Release, Report, View};
use crate::finding::{Rule, suggest};

use kinds::Kind;
pub(super) use retention::hours;

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&service_account::SERVICE_ACCOUNT], service_account::check),
    Check::tree(&[&names::QUEUE, &names::ROLE, &names::KEY_ALIAS], names::check),
    Check::tree(&[&near_name::NEAR_NAME], near_name::check),
    Check::tree(&[&service_url::SERVICE_URL], service_url::check),
    Check::tree(&[&cluster_name::CLUSTER_NAME], cluster_name::check),
    Check::tree(&[&bucket::BUCKET], bucket::check),
    Check::tree(&[&retention::RETENTION], retention::check),
    Check::tree(&[&encryption::ENCRYPTION], encryption::check),
    Check::tree(&[&no_network::NO_NETWORK], no_network::check),
    Check::tree(&[&discovery_tags::DISCOVERY_TAGS], discovery_tags::check),
    Check::tree(&[&toleration::TOLERATION], toleration::check),
    Check::tree(&[&node_selector::NODE_SELECTOR], node_selector::check),
    Check::tree(&[&node_size::NODE_SIZE], node_size::check),
    Check::tree(&[&pod_addresses::POD_ADDRESSES], pod_addresses::check),
    Check::tree(&[&addon_twice::ADDON_TWICE], addon_twice::check),
    Check::tree(&[&pod_identity_agent::POD_IDENTITY_AGENT], pod_identity_agent::check),
    Check::tree(&[&policy_lockout::POLICY_LOCKOUT], policy_lockout::check),
    Check::tree(&[&policy_namespace::POLICY_NAMESPACE], policy_namespace::check),
    Check::tree(&[&agent_toleration::AGENT_TOLERATION], agent_toleration::check),
    Check::tree(&[&tag_condition::TAG_CONDITION], tag_condition::check),
    Check::tree(&[&policy_pods::POLICY_PODS], policy_pods::check),
    Check::tree(&[&access_group::ACCESS_GROUP], access_group::check),
    Check::tree(&[&near_name::NEAR_NAME], parameter_path::check),
    Check::tree(&[&webhook_port::WEBHOOK_PORT], webhook_port::check),
    Check::tree(&[&addon_settings::ADDON_SETTINGS], addon_settings::check),
    Check::tree(&[&node_selector::NODE_SELECTOR], target_nodes::check),
    Check::tree(&[&acme_solver::ACME_SOLVER], acme_solver::check),
    Check::tree(&[&passed_role::PASSED_ROLE], passed_role::check),
    Check::tree(&[&node_access::NODE_ACCESS], node_access::check),
    Check::tree(&[&pod_network::POD_NETWORK, &pod_network::SERVICE_ROUTE], pod_network::check),
];

/// The names that templates give to things of a kind. None if there are none, or if one is only known at deployment:
/// then nobody can say that a name is missing.
fn made<'a>(view: &View<'a>, kind: &Kind) -> Option<BTreeMap<&'a str, Node<'a>>> {
    let mut made = BTreeMap::new();
    for template in view.templates() {
        if template.is_transformed() {
            return None;
        }
        for name in template.resources_of(kind.resource).filter_map(|resource| resource.property(kind.property)) {
            made.insert(name.text()?, name);
        }
    }
    (!made.is_empty()).then_some(made)
}

/// Whether all templates speak of one cluster.
fn only_cluster(view: &View<'_>) -> bool {
    let resources = view.templates().iter().flat_map(Template::resources);
    let of_eks = resources.filter(|resource| resource.kind.starts_with("AWS::EKS::"));
    let names = of_eks.filter_map(|resource| match resource.kind {
        "AWS::EKS::Cluster" => resource.property("Name"),
        _ => resource.property("ClusterName"),
    });
    let names: BTreeSet<_> = names.filter_map(|name| name.text()).collect();
    names.len() < 2
}

/// Finds fault with a name that nothing makes, neither a template nor another tool.
fn demand(
    (view, report): (&View<'_>, &mut Report),
    rule: &'static Rule,
    kind: &Kind,
    node: &Node<'_>,
    name: &str,
    made: &Made<'_>,
) {
    if made.contains_key(name) || view.is_outside(kind.outside, None, name) {
        return;
    }
    let what = kind.what;
    let draft = report.at(rule, node, format!("no template of this environment makes the {what} `{name}`"));
    draft.about(node.text().unwrap_or_default(), name).label(format!("this {what} is nowhere"));
    let near = suggest::nearest(name, made.keys().copied()).filter(|near| !is_another(name, near));
    let foreign = suggest::nearest(name, view.outside(kind.outside).map(|(name, _)| name)).filter(|_| near.is_none());
    if let Some((foreign, outside)) = view.outside(kind.outside).find(|(name, _)| Some(*name) == foreign) {
        let text = format!("another tool makes `{foreign}`");
        draft.beside(outside.span, text).help(format!("name `{foreign}`, or make the {what} `{name}`"));
        return;
    }
    let only = made.keys().next().copied().filter(|only| made.len() == 1 && !is_another(name, only));
    match near.or(only) {
        Some(near) => draft
            .also(&made[near], format!("a template makes `{near}`"))
            .help(format!("name `{near}` in both places, or make the {what} `{name}`")),
        None => draft.help(format!("make the {what} in a template, or name one that there is")),
    };
}

/// Whether two names say themselves that they are of two things: `prod-backups-01` and `prod-loki-01` differ by one part, which
/// is another word.
fn is_another(name: &str, other: &str) -> bool {
    let (own, others): (Vec<&str>, Vec<&str>) = (name.split('-').collect(), other.split('-').collect());
    let mut differing = own.iter().zip(&others).filter(|(one, other)| one != other);
    let (Some((one, other)), None) = (differing.next(), differing.next()) else { return false };
    own.len() == others.len() && own.len() > 2 && suggest::nearest(one, [*other]).is_none()
}

type Made<'a> = BTreeMap<&'a str, Node<'a>>;

/// All Helm values of the tree, each once, with what installs them, if that is known.
pub(super) fn values<'v, 'a>(view: &'v View<'a>) -> Vec<(Option<&'v Release<'a>>, Node<'a>)> {
    let mut all: Vec<(Option<&Release<'_>>, Node<'_>)> = Vec::new();
    let installed = view.releases().iter().flat_map(|release| release.values.iter().map(move |it| (Some(release), it)));
    let files: Vec<_> = view.values_files().map(|document| (None, document.root())).collect();
    for (release, values) in installed.chain(files.iter().map(|(release, root)| (*release, root))) {
        if !all.iter().any(|(_, known)| known.is_at(values)) {
            all.push((release, *values));
        }
    }
    all
}

/// The key that a value stands under.
pub(super) fn key<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.key()
}
