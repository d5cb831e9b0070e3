//! Which requests the API server takes first, and where those of a Service go:
//! <https://kubernetes.io/docs/concepts/cluster-administration/flow-control/> and
//! <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/>.

use super::flow_laws::{addresses_of_type, anyone, counts_and_queues, named_among_several, of_kind, rejects};
use super::form::Form::{Address, Many, Number, One, Text, Texts, Told, Word, Words};
use super::form::Law::{AnyOf, AtMost, Demands, Excludes, Needs, Other, Unique};
use super::form::{COUNT, DNS_LABEL, DOMAIN, Form, PROTOCOL, Part, QUALIFIED, SOME};

pub(super) static FLOW: Part = Part {
    fields: &[
        ("distinguisherMethod", One(&METHOD)),
        ("matchingPrecedence", Number(0, 10_000)),
        ("priorityLevelConfiguration", One(&LEVEL_NAME)),
        ("rules", Many(&RULE)),
    ],
    laws: &[Needs(&["priorityLevelConfiguration"])],
};

static METHOD: Part = Part { fields: &[("type", Word(&["ByNamespace", "ByUser"]))], laws: &[Needs(&["type"])] };

static LEVEL_NAME: Part = Part { fields: &[("name", DOMAIN)], laws: &[Needs(&["name"])] };

static RULE: Part = Part {
    fields: &[
        ("nonResourceRules", Many(&OF_PATHS)),
        ("resourceRules", Many(&OF_RESOURCES)),
        ("subjects", Many(&SUBJECT)),
    ],
    laws: &[Needs(&["subjects"]), AnyOf(&["resourceRules", "nonResourceRules"])],
};

const VERBS: Form =
    Words(&["*", "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"]);

/// Verbs of HTTP, too, for what is no resource.
static OF_PATHS: Part = Part {
    fields: &[("nonResourceURLs", Texts), ("verbs", VERBS)],
    laws: &[Needs(&["nonResourceURLs", "verbs"]), Other(anyone)],
};

static OF_RESOURCES: Part = Part {
    fields: &[("apiGroups", Texts), ("namespaces", Texts), ("resources", Texts), ("verbs", VERBS)],
    laws: &[Needs(&["apiGroups", "resources", "verbs"]), Other(anyone)],
};

static SUBJECT: Part = Part {
    fields: &[
        ("group", One(&NAMED)),
        ("kind", Word(&["Group", "ServiceAccount", "User"])),
        ("serviceAccount", One(&ACCOUNT)),
        ("user", One(&NAMED)),
    ],
    laws: &[
        Needs(&["kind"]),
        Demands("kind", &["Group"], &["group"]),
        Demands("kind", &["ServiceAccount"], &["serviceAccount"]),
        Demands("kind", &["User"], &["user"]),
        Other(of_kind),
    ],
};

static NAMED: Part = Part { fields: &[("name", Text)], laws: &[Needs(&["name"])] };

static ACCOUNT: Part =
    Part { fields: &[("name", Text), ("namespace", DNS_LABEL)], laws: &[Needs(&["name", "namespace"])] };

pub(super) static LEVEL: Part = Part {
    fields: &[("exempt", One(&EXEMPT)), ("limited", One(&LIMITED)), ("type", Told(&Word(&["Exempt", "Limited"])))],
    laws: &[
        Needs(&["type"]),
        Demands("type", &["Limited"], &["limited"]),
        Excludes("type", &["Limited"], &["exempt"]),
        Excludes("type", &["Exempt"], &["limited"]),
    ],
};

static EXEMPT: Part = Part { fields: &[("lendablePercent", PERCENT), ("nominalConcurrencyShares", COUNT)], laws: &[] };

static LIMITED: Part = Part {
    fields: &[
        ("borrowingLimitPercent", COUNT),
        ("lendablePercent", PERCENT),
        ("limitResponse", One(&RESPONSE)),
        ("nominalConcurrencyShares", COUNT),
    ],
    laws: &[Needs(&["limitResponse"])],
};

const PERCENT: Form = Number(0, 100);

static RESPONSE: Part = Part {
    fields: &[("queuing", One(&QUEUING)), ("type", Told(&Word(&["Queue", "Reject"])))],
    laws: &[Needs(&["type"]), Demands("type", &["Queue"], &["queuing"]), Other(rejects)],
};

static QUEUING: Part = Part {
    fields: &[("handSize", COUNT), ("queueLengthLimit", COUNT), ("queues", Number(0, 10_000_000))],
    laws: &[Other(counts_and_queues)],
};

pub(super) static ENDPOINTS: Part = Part { fields: &[("subsets", Many(&SUBSET))], laws: &[] };

static SUBSET: Part = Part {
    fields: &[("addresses", Many(&ADDRESS)), ("notReadyAddresses", Many(&ADDRESS)), ("ports", Many(&PORT))],
    laws: &[AnyOf(&["addresses", "notReadyAddresses"]), Other(named_among_several)],
};

static ADDRESS: Part =
    Part { fields: &[("hostname", DNS_LABEL), ("ip", Address), ("nodeName", Told(&DOMAIN))], laws: &[Needs(&["ip"])] };

static PORT: Part = Part {
    fields: &[
        ("appProtocol", Told(&QUALIFIED)),
        ("name", DNS_LABEL),
        ("port", Number(1, 65_535)),
        ("protocol", Word(&["TCP", "UDP", "SCTP"])),
    ],
    laws: &[Needs(&["port"])],
};

pub(super) static SLICE: Part = Part {
    fields: &[
        ("addressType", Word(&["FQDN", "IPv4", "IPv6"])),
        ("endpoints", Many(&ENDPOINT)),
        ("ports", Many(&SLICE_PORT)),
    ],
    laws: &[Needs(&["addressType"]), AtMost("endpoints", 1000), Unique("ports", "name"), Other(addresses_of_type)],
};

static ENDPOINT: Part = Part {
    fields: &[("addresses", Texts), ("hostname", Told(&DNS_LABEL)), ("nodeName", Told(&DOMAIN))],
    laws: &[Needs(&["addresses"]), AtMost("addresses", 100)],
};

/// No port at all stands for all of them.
static SLICE_PORT: Part = Part {
    fields: &[
        ("appProtocol", Told(&QUALIFIED)),
        ("name", DNS_LABEL),
        ("port", Number(i32::MIN as i64, i32::MAX as i64)),
        ("protocol", PROTOCOL),
    ],
    laws: &[],
};

pub(super) static LEASE: Part =
    Part { fields: &[("leaseDurationSeconds", SOME), ("leaseTransitions", COUNT)], laws: &[] };
