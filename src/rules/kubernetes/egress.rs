//! What network policies let out of pods.

use crate::check::k8s::{Object, is_given};
use crate::check::view::selector::{self, Label};
use crate::check::{Node, View};

/// A policy, or one of its parts, as far as it speaks of traffic that leaves pods.
pub(super) struct Egress<'v, 'a> {
    pub(super) policy: &'v Object<'a>,
    /// Where it does.
    pub(super) node: Node<'a>,
    selector: Option<Node<'a>>,
    /// What no policy allows does not leave the pods that it selects.
    pub(super) denies: bool,
    rules: Vec<Node<'a>>,
}

/// Pods as policies see them.
#[derive(Clone)]
pub(super) struct Pods<'a> {
    pub(super) namespace: &'a str,
    /// None if they are not known.
    pub(super) labels: Option<Vec<(&'a str, &'a str)>>,
}

/// Whether requests for names pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dns {
    No,
    /// Only over TCP, which is tried when an answer was too long.
    Tcp,
    Yes,
}

/// The policies for the pods of a namespace. None if there are policies of kinds that are not known here.
pub(super) fn policies<'v, 'a>(view: &'v View<'a>, namespace: &str) -> Option<Vec<Egress<'v, 'a>>> {
    let mut all = Vec::new();
    for object in view.objects() {
        let spec = object.root().get("spec");
        match (object.group, object.kind) {
            ("networking.k8s.io", "NetworkPolicy") if object.namespace == Some(namespace) => {
                all.extend(spec.and_then(|spec| plain(object, &spec)));
            }
            ("cilium.io", "CiliumNetworkPolicy") if object.namespace != Some(namespace) => {}
            ("cilium.io", "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy") => {
                let parts = object.root().list(["specs"]).into_iter().chain(spec);
                all.extend(parts.filter_map(|part| cilium(object, &part)));
            }
            ("networking.k8s.io", "NetworkPolicy") => {}
            (_, kind) if kind.ends_with("NetworkPolicy") => return None,
            _ => {}
        }
    }
    Some(all)
}

fn plain<'v, 'a>(policy: &'v Object<'a>, spec: &Node<'a>) -> Option<Egress<'v, 'a>> {
    let rules = spec.get("egress");
    let is_for_egress = match spec.get("policyTypes") {
        Some(types) => types.items().iter().any(|it| it.text() == Some("Egress")),
        None => rules.is_some(),
    };
    let node = rules.or_else(|| spec.get("policyTypes"));
    let rules = rules.map(|rules| rules.items()).unwrap_or_default();
    let selector = spec.get("podSelector");
    is_for_egress.then(|| Egress { policy, node: node.unwrap_or(*spec), selector, denies: true, rules })
}

fn cilium<'v, 'a>(policy: &'v Object<'a>, spec: &Node<'a>) -> Option<Egress<'v, 'a>> {
    let selector = Some(spec.get("endpointSelector")?);
    let list = |key: &str| spec.get(key).filter(|list| !list.items().is_empty());
    let (rules, node) = (list("egress"), list("egress").or_else(|| list("egressDeny"))?);
    let denies = spec.at(["enableDefaultDeny", "egress"]).and_then(|it| it.boolean()) != Some(false);
    Some(Egress { policy, node, selector, denies, rules: rules.map(|rules| rules.items()).unwrap_or_default() })
}

impl<'a> Egress<'_, 'a> {
    fn is_cilium(&self) -> bool {
        self.policy.group == "cilium.io"
    }

    /// Whether it is for these pods, if that is known.
    pub(super) fn selects(&self, pods: &Pods<'_>) -> Option<bool> {
        let Some(selector) = &self.selector else { return Some(true) };
        selector::selects(selector, |key| label(pods, key))
    }

    /// How many rules let something out: a policy without any is there to deny.
    pub(super) fn allowed(&self) -> usize {
        self.rules.iter().filter(|rule| !self.is_cilium() || !rule.entries().is_empty()).count()
    }

    /// Whether it is for some pods of its namespace, and lets nothing out of them.
    pub(super) fn is_sealed(&self) -> bool {
        let is_for_some = self.selector.as_ref().is_some_and(|it| !it.entries().is_empty());
        is_for_some && self.denies && self.allowed() == 0
    }

    /// Whether it lets requests for names out.
    pub(super) fn dns(&self) -> Dns {
        let rule = |rule: &Node<'_>| if self.is_cilium() { self.of_cilium(rule) } else { self.of_plain(rule) };
        self.rules.iter().map(rule).max().unwrap_or(Dns::No)
    }

    /// Where it allows hosts by their names, which Cilium learns from the answers of DNS.
    pub(super) fn by_name(&self) -> Option<Node<'a>> {
        self.rules.iter().find_map(|rule| rule.get("toFQDNs"))
    }

    /// Whether it tells Cilium to read the answers of DNS.
    pub(super) fn reads_dns(&self) -> bool {
        let ports = self.rules.iter().filter_map(|rule| rule.get("toPorts")).flat_map(|ports| ports.items());
        ports.into_iter().any(|it| it.at(["rules", "dns"]).is_some_and(|dns| !dns.items().is_empty()))
    }

    fn of_plain(&self, rule: &Node<'_>) -> Dns {
        let ports = rule.list(["ports"]);
        if !ports.is_empty() {
            return ports.iter().map(|port| over(port, "TCP")).max().unwrap_or(Dns::No);
        }
        let peers = rule.list(["to"]);
        let is_near = |peer: &Node<'_>| peer.get("namespaceSelector").is_none() && peer.get("ipBlock").is_none();
        let is_other = peers.is_empty() || !peers.iter().all(is_near) || self.policy.namespace == Some("kube-system");
        if is_other { Dns::Yes } else { Dns::No }
    }

    fn of_cilium(&self, rule: &Node<'_>) -> Dns {
        let lists = ["toEndpoints", "toEntities", "toCIDR", "toCIDRSet", "toServices", "toNodes", "toGroups"];
        let peers: Vec<(&str, Node<'_>)> = lists.into_iter().filter_map(|list| Some((list, rule.get(list)?))).collect();
        if rule.get("toFQDNs").is_some() || peers.iter().any(|(_, list)| list.items().is_empty()) {
            return Dns::No;
        }
        let ports = rule.list(["toPorts"]);
        if !ports.is_empty() {
            let ports = ports.iter().map(|it| it.list(["ports"]));
            let passes = |list: Vec<Node<'_>>| list.iter().map(|port| over(port, "ANY")).max().unwrap_or(Dns::Yes);
            return ports.map(passes).max().unwrap_or(Dns::No);
        }
        if peers.iter().any(|(list, peers)| self.may_answer(list, peers)) { Dns::Yes } else { Dns::No }
    }

    /// Whether who answers DNS may be among these peers, to all of whose ports the way is open.
    fn may_answer(&self, list: &str, peers: &Node<'_>) -> bool {
        let is_it = |peer: &Node<'_>| match (list, peer.text()) {
            ("toEntities", Some(entity)) => !matches!(entity, "kube-apiserver" | "ingress" | "health" | "init"),
            ("toEndpoints", _) => {
                let namespaces = [":", "."].map(|mark| format!("k8s{mark}{NAMESPACE}"));
                let labels = peer.get("matchLabels").map(|labels| labels.entries()).unwrap_or_default();
                let is_namespace = |key: &str| key == NAMESPACE || namespaces.iter().any(|it| it == key);
                let named = labels.iter().find(|(key, _)| is_namespace(key)).and_then(|(_, value)| value.text());
                peer.get("matchExpressions").is_some()
                    || named.or(self.policy.namespace).is_none_or(|namespace| namespace == "kube-system")
            }
            _ => true,
        };
        peers.items().iter().any(is_it)
    }
}

const PORTS: [i64; 2] = [53, 5353];

/// Whether a port is that of DNS, and by which protocol.
fn over(port: &Node<'_>, default: &str) -> Dns {
    let number = |key: &str| port.get(key).and_then(|it| it.integer().or_else(|| it.text()?.parse().ok()));
    let is_dns = match (number("port"), number("endPort")) {
        // By a name it may be.
        (None | Some(0), _) => true,
        // `OpenShift`'s listens at 5353.
        (Some(first), last) => {
            PORTS.iter().any(|port| first == *port || (first < *port && last.is_some_and(|last| last >= *port)))
        }
    };
    match port.text_at(["protocol"]).unwrap_or(default) {
        "UDP" | "ANY" if is_dns => Dns::Yes,
        "TCP" if is_dns && number("port").is_some_and(|port| PORTS.contains(&port)) => Dns::Tcp,
        _ => Dns::No,
    }
}

/// The label by which Cilium knows the namespace of a pod.
const NAMESPACE: &str = "io.kubernetes.pod.namespace";

/// What is known of a label of pods.
fn label<'a>(pods: &Pods<'a>, key: &str) -> Label<'a> {
    let key = key.split_once(':').filter(|(source, _)| matches!(*source, "k8s" | "any")).map_or(key, |(_, key)| key);
    if key == NAMESPACE {
        return Label::Is(pods.namespace);
    }
    let is_cilium_s = key.starts_with("io.k") || key.starts_with("io.cilium") || key.contains(':');
    match &pods.labels {
        Some(labels) if !is_cilium_s && !is_given(key) => {
            labels.iter().find(|(name, _)| *name == key).map_or(Label::Absent, |(_, value)| Label::Is(value))
        }
        _ => Label::Unknown,
    }
}
