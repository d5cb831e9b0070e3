//! Where pods may run: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#scheduling>.

use super::form::Form::{List, Many, Number, One, Text, Texts, Told, Word};
use super::form::Law::{Demands, Excludes, Needs, Other};
use super::form::{DNS_LABEL, Form, LABEL_VALUE, Part, QUALIFIED, SOME};
use super::scheduling_laws::{compares, field_of_node, keys_of_labels, one_number, spreads_once, takes_all};
use super::selectors::LABEL_SELECTOR;

pub(super) static TOLERATION: Part = Part {
    fields: &[
        ("effect", Word(&["NoSchedule", "PreferNoSchedule", "NoExecute"])),
        ("key", QUALIFIED),
        // `Gt` and `Lt` are new in 1.35, behind a gate.
        ("operator", Word(&["Exists", "Equal", "Gt", "Lt"])),
        ("tolerationSeconds", Number(i64::MIN, i64::MAX)),
        ("value", Text),
    ],
    laws: &[
        Excludes("operator", &["Exists"], &["value"]),
        Demands("operator", &["Equal"], &["key"]),
        Other(takes_all),
        Other(compares),
    ],
};

pub(super) static SPREAD: Part = Part {
    fields: &[
        ("labelSelector", One(&LABEL_SELECTOR)),
        ("matchLabelKeys", List(&QUALIFIED)),
        ("maxSkew", SOME),
        ("minDomains", SOME),
        ("nodeAffinityPolicy", HONOR),
        ("nodeTaintsPolicy", HONOR),
        ("topologyKey", Text),
        ("whenUnsatisfiable", Word(&["DoNotSchedule", "ScheduleAnyway"])),
    ],
    laws: &[
        Needs(&["maxSkew", "topologyKey", "whenUnsatisfiable"]),
        Excludes("whenUnsatisfiable", &["ScheduleAnyway"], &["minDomains"]),
        Other(keys_of_labels),
    ],
};

const HONOR: Form = Told(&Word(&["Honor", "Ignore"]));

pub(super) static AFFINITY: Part = Part {
    fields: &[
        ("nodeAffinity", One(&NODE_AFFINITY)),
        ("podAffinity", One(&POD_AFFINITY)),
        ("podAntiAffinity", One(&POD_AFFINITY)),
    ],
    laws: &[],
};

static NODE_AFFINITY: Part = Part {
    fields: &[
        ("preferredDuringSchedulingIgnoredDuringExecution", Many(&PREFERRED_NODES)),
        ("requiredDuringSchedulingIgnoredDuringExecution", One(&NODE_SELECTOR)),
    ],
    laws: &[],
};

pub(super) static NODE_SELECTOR: Part =
    Part { fields: &[("nodeSelectorTerms", Many(&NODE_TERM))], laws: &[Needs(&["nodeSelectorTerms"])] };

static NODE_TERM: Part =
    Part { fields: &[("matchExpressions", Many(&NODE_DEMAND)), ("matchFields", Many(&FIELD_DEMAND))], laws: &[] };

static NODE_DEMAND: Part = Part { fields: &[KEY, NODE_OPERATOR, ("values", List(&LABEL_VALUE))], laws: NODE_LAWS };

static PREFERRED_NODES: Part =
    Part { fields: &[("preference", One(&PREFERRED_TERM)), ("weight", Number(1, 100))], laws: &[Needs(&["weight"])] };

static PREFERRED_TERM: Part =
    Part { fields: &[("matchExpressions", Many(&WISH)), ("matchFields", Many(&FIELD_DEMAND))], laws: &[] };

/// What is only wished for may have values that no label has.
static WISH: Part = Part { fields: &[KEY, NODE_OPERATOR, ("values", Texts)], laws: NODE_LAWS };

const KEY: (&str, Form) = ("key", QUALIFIED);
const NODE_OPERATOR: (&str, Form) = ("operator", Word(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]));
const NODE_LAWS: &[super::form::Law] = &[
    Needs(&["key", "operator"]),
    Demands("operator", &["In", "NotIn", "Gt", "Lt"], &["values"]),
    Excludes("operator", &["Exists", "DoesNotExist"], &["values"]),
    Other(one_number),
];

static FIELD_DEMAND: Part = Part {
    fields: &[("key", Word(&["metadata.name"])), ("operator", Word(&["In", "NotIn"])), ("values", Texts)],
    laws: &[Needs(&["key", "operator", "values"]), Other(field_of_node)],
};

static POD_AFFINITY: Part = Part {
    fields: &[
        ("preferredDuringSchedulingIgnoredDuringExecution", Many(&PREFERRED_PODS)),
        ("requiredDuringSchedulingIgnoredDuringExecution", Many(&POD_TERM)),
    ],
    laws: &[],
};

static PREFERRED_PODS: Part = Part {
    fields: &[("podAffinityTerm", One(&POD_TERM)), ("weight", Number(1, 100))],
    laws: &[Needs(&["weight", "podAffinityTerm"])],
};

static POD_TERM: Part = Part {
    fields: &[
        ("labelSelector", One(&LABEL_SELECTOR)),
        ("matchLabelKeys", List(&QUALIFIED)),
        ("mismatchLabelKeys", List(&QUALIFIED)),
        ("namespaceSelector", One(&LABEL_SELECTOR)),
        ("namespaces", List(&DNS_LABEL)),
        ("topologyKey", QUALIFIED),
    ],
    laws: &[Needs(&["topologyKey"]), Other(keys_of_labels)],
};

/// Of a whole pod: each way of spreading once.
pub(super) const SPREADS: super::form::Law = Other(spreads_once);
