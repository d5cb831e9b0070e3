//! Services, Ingresses and network policies: <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/>.

use super::form::Form::{Bool, Many, Named, Number, One, Port, Text, TextMap, Texts, Word, Words};
use super::form::Law::{AnyOf, AtMostOne, Demands, Needs, OneOf, Only, Other};
use super::form::{PORT_NUMBER, PROTOCOL, Part};
use super::selectors::LABEL_SELECTOR;
use super::service_laws::{begins_with_slash, end_port, ports};
use crate::rules::kubernetes::words::is_dns_label;

pub(super) static SERVICE: Part = Part {
    fields: &[
        ("allocateLoadBalancerNodePorts", Bool),
        ("clusterIP", Text),
        ("externalIPs", Texts),
        ("externalName", Text),
        ("externalTrafficPolicy", Word(&["Cluster", "Local"])),
        ("internalTrafficPolicy", Word(&["Cluster", "Local"])),
        ("ipFamilies", Words(&["IPv4", "IPv6"])),
        ("ipFamilyPolicy", Word(&["SingleStack", "PreferDualStack", "RequireDualStack"])),
        ("loadBalancerClass", Text),
        ("loadBalancerSourceRanges", Texts),
        ("ports", Many(&SERVICE_PORT)),
        ("publishNotReadyAddresses", Bool),
        ("selector", TextMap),
        ("sessionAffinity", Word(&["ClientIP", "None"])),
        ("type", Word(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"])),
    ],
    laws: &[
        Demands("type", &["ExternalName"], &["externalName"]),
        Demands("type", &["LoadBalancer", "NodePort"], &["ports"]),
        Only("type", &["LoadBalancer"], &["loadBalancerClass"]),
        Other(ports),
    ],
};

static SERVICE_PORT: Part = Part {
    fields: &[
        ("appProtocol", Text),
        ("name", Named(is_dns_label, "lower-case letters, digits and `-`, with a letter or digit at both ends")),
        ("nodePort", PORT_NUMBER),
        ("port", Number(1, 65_535)),
        ("protocol", PROTOCOL),
        ("targetPort", Port),
    ],
    laws: &[Needs(&["port"])],
};

pub(super) static INGRESS: Part = Part {
    fields: &[
        ("defaultBackend", One(&BACKEND)),
        ("ingressClassName", Text),
        ("rules", Many(&RULE)),
        ("tls", Many(&TLS)),
    ],
    laws: &[],
};

static TLS: Part = Part { fields: &[("hosts", Texts), ("secretName", Text)], laws: &[] };

static RULE: Part = Part { fields: &[("host", Text), ("http", One(&HTTP))], laws: &[] };

static HTTP: Part = Part { fields: &[("paths", Many(&PATH))], laws: &[] };

static PATH: Part = Part {
    fields: &[
        ("backend", One(&BACKEND)),
        ("path", Text),
        ("pathType", Word(&["Exact", "ImplementationSpecific", "Prefix"])),
    ],
    laws: &[
        Needs(&["pathType", "backend"]),
        Demands("pathType", &["Exact", "Prefix"], &["path"]),
        Other(begins_with_slash),
    ],
};

static BACKEND: Part = Part { fields: &[("service", One(&BACKEND_SERVICE))], laws: &[OneOf(&["resource", "service"])] };

static BACKEND_SERVICE: Part =
    Part { fields: &[("name", Text), ("port", One(&BACKEND_PORT))], laws: &[Needs(&["name", "port"])] };

static BACKEND_PORT: Part =
    Part { fields: &[("name", Text), ("number", Number(1, 65_535))], laws: &[OneOf(&["name", "number"])] };

pub(super) static NETWORK_POLICY: Part = Part {
    fields: &[
        ("egress", Many(&EGRESS)),
        ("ingress", Many(&INGRESS_RULE)),
        ("podSelector", One(&LABEL_SELECTOR)),
        ("policyTypes", Words(&["Egress", "Ingress"])),
    ],
    laws: &[],
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

static IP_BLOCK: Part = Part { fields: &[("cidr", Text), ("except", Texts)], laws: &[Needs(&["cidr"])] };

static POLICY_PORT: Part = Part {
    fields: &[("endPort", Number(1, 65_535)), ("port", Port), ("protocol", PROTOCOL)],
    laws: &[Other(end_port)],
};
