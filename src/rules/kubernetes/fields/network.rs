//! Services, Ingresses and network policies: <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/>.

use super::form::Form::{
    Address, Bool, List, Many, Named, Network, Number, One, Port, Text, TextMap, Told, Word, Words,
};
use super::form::Law::{AnyOf, AtMost, AtMostOne, Demands, Excludes, Needs, Once, OneOf, Only, Other};
use super::form::{DNS_LABEL, DOMAIN, PORT_NUMBER, PROTOCOL, Part, QUALIFIED, SEGMENT};
use super::selectors::LABEL_SELECTOR;
use super::service_laws::{
    addresses, begins_with_slash, end_port, is_cluster_ip, leads_somewhere, ports, scope, within_block,
};
use crate::rules::kubernetes::words::is_port_name;

pub(super) static SERVICE: Part = Part {
    fields: &[
        ("allocateLoadBalancerNodePorts", Bool),
        ("clusterIP", Named(is_cluster_ip, "an address, or `None`")),
        ("clusterIPs", List(&Named(is_cluster_ip, "an address, or `None`"))),
        ("externalIPs", List(&Address)),
        ("externalName", Text),
        ("externalTrafficPolicy", Word(&["Cluster", "Local"])),
        ("healthCheckNodePort", PORT_NUMBER),
        ("internalTrafficPolicy", Told(&Word(&["Cluster", "Local"]))),
        ("ipFamilies", Words(&["IPv4", "IPv6"])),
        ("ipFamilyPolicy", Told(&Word(&["SingleStack", "PreferDualStack", "RequireDualStack"]))),
        ("loadBalancerClass", QUALIFIED),
        ("loadBalancerSourceRanges", List(&Network)),
        ("ports", Many(&SERVICE_PORT)),
        ("publishNotReadyAddresses", Bool),
        ("selector", TextMap),
        ("sessionAffinity", Word(&["ClientIP", "None"])),
        ("sessionAffinityConfig", One(&AFFINITY)),
        ("trafficDistribution", Told(&Word(&["PreferClose", "PreferSameNode", "PreferSameZone"]))),
        ("type", Word(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"])),
    ],
    laws: &[
        Demands("type", &["ExternalName"], &["externalName"]),
        Demands("type", &["LoadBalancer", "NodePort"], &["ports"]),
        Only(
            "type",
            &["LoadBalancer"],
            &["allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges"],
        ),
        Excludes("type", &["ExternalName"], &["clusterIPs", "ipFamilies", "ipFamilyPolicy"]),
        Once("ipFamilies"),
        AtMost("clusterIPs", 2),
        Other(ports),
        Other(addresses),
    ],
};

static AFFINITY: Part = Part { fields: &[("clientIP", One(&CLIENT))], laws: &[] };

static CLIENT: Part = Part { fields: &[("timeoutSeconds", Number(1, 86_400))], laws: &[] };

static SERVICE_PORT: Part = Part {
    fields: &[
        ("appProtocol", Told(&QUALIFIED)),
        ("name", DNS_LABEL),
        ("nodePort", PORT_NUMBER),
        ("port", Number(1, 65_535)),
        ("protocol", Word(&["TCP", "UDP", "SCTP"])),
        ("targetPort", Port(0)),
    ],
    laws: &[Needs(&["port"])],
};

pub(super) static INGRESS: Part = Part {
    fields: &[
        ("defaultBackend", One(&BACKEND)),
        ("ingressClassName", Told(&DOMAIN)),
        ("rules", Many(&RULE)),
        ("tls", Many(&TLS)),
    ],
    laws: &[Other(leads_somewhere)],
};

static TLS: Part = Part { fields: &[("secretName", DOMAIN)], laws: &[] };

static RULE: Part = Part { fields: &[("host", Text), ("http", One(&HTTP))], laws: &[] };

static HTTP: Part = Part { fields: &[("paths", Many(&PATH))], laws: &[Needs(&["paths"])] };

static PATH: Part = Part {
    fields: &[
        ("backend", One(&BACKEND)),
        ("path", Text),
        ("pathType", Told(&Word(&["Exact", "ImplementationSpecific", "Prefix"]))),
    ],
    laws: &[
        Needs(&["pathType", "backend"]),
        Demands("pathType", &["Exact", "Prefix"], &["path"]),
        Other(begins_with_slash),
    ],
};

static BACKEND: Part = Part {
    fields: &[("resource", One(&RESOURCE)), ("service", One(&BACKEND_SERVICE))],
    laws: &[OneOf(&["resource", "service"])],
};

static RESOURCE: Part = Part {
    fields: &[("apiGroup", Told(&DOMAIN)), ("kind", SEGMENT), ("name", SEGMENT)],
    laws: &[Needs(&["kind", "name"])],
};

static BACKEND_SERVICE: Part =
    Part { fields: &[("name", DNS_LABEL), ("port", One(&BACKEND_PORT))], laws: &[Needs(&["name", "port"])] };

static BACKEND_PORT: Part = Part {
    fields: &[
        (
            "name",
            Named(is_port_name, "only lower-case letters, digits and single `-`, at most 15, and a letter among them"),
        ),
        ("number", Number(1, 65_535)),
    ],
    laws: &[OneOf(&["name", "number"])],
};

pub(super) static INGRESS_CLASS: Part = Part {
    fields: &[
        ("controller", Named(is_controller, "a domain, `/` and a name, at most 250 characters")),
        ("parameters", One(&PARAMETERS)),
    ],
    laws: &[Needs(&["controller"])],
};

static PARAMETERS: Part = Part {
    fields: &[
        ("apiGroup", Told(&DOMAIN)),
        ("kind", SEGMENT),
        ("name", SEGMENT),
        ("namespace", DNS_LABEL),
        ("scope", Told(&Word(&["Cluster", "Namespace"]))),
    ],
    laws: &[Needs(&["kind", "name"]), Other(scope)],
};

pub(super) static NETWORK_POLICY: Part = Part {
    fields: &[
        ("egress", Many(&EGRESS)),
        ("ingress", Many(&INGRESS_RULE)),
        ("podSelector", One(&LABEL_SELECTOR)),
        ("policyTypes", Words(&["Egress", "Ingress"])),
    ],
    laws: &[AtMost("policyTypes", 2)],
};

static EGRESS: Part = Part { fields: &[("ports", Many(&POLICY_PORT)), ("to", Many(&PEER))], laws: &[] };

static INGRESS_RULE: Part = Part { fields: &[("from", Many(&PEER)), ("ports", Many(&POLICY_PORT))], laws: &[] };

static PEER: Part = Part {
    fields: &[
        ("ipBlock", One(&IP_BLOCK)),
        ("namespaceSelector", One(&LABEL_SELECTOR)),
        ("podSelector", One(&LABEL_SELECTOR)),
    ],
    laws: &[
        AnyOf(&["ipBlock", "namespaceSelector", "podSelector"]),
        AtMostOne(&["ipBlock", "namespaceSelector"]),
        AtMostOne(&["ipBlock", "podSelector"]),
    ],
};

static IP_BLOCK: Part =
    Part { fields: &[("cidr", Network), ("except", List(&Network))], laws: &[Needs(&["cidr"]), Other(within_block)] };

static POLICY_PORT: Part = Part {
    fields: &[("endPort", Number(1, 65_535)), ("port", Port(1)), ("protocol", PROTOCOL)],
    laws: &[Other(end_port)],
};

/// The name of a controller: a path after a domain.
fn is_controller(text: &str) -> bool {
    text.len() <= 250
        && text.split_once('/').is_some_and(|(domain, path)| {
            let is_fit = |letter: char| letter.is_ascii_alphanumeric() || "-._~/%!$&'()*+,;=:@".contains(letter);
            crate::rules::kubernetes::words::is_subdomain(domain) && !path.is_empty() && path.chars().all(is_fit)
        })
}
