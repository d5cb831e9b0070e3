//! What scales: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/>.

use super::form::Form::{Amount, Many, Named, Number, One, SomeAmount, Text, Told, Word};
use super::form::Law::{AnyOf, Filled, Needs, OneOf, Only, Other};
use super::form::{DNS_LABEL, Form, Part, SEGMENT, SOME};
use super::resources::is_container_resource;
use super::workload_laws::{is_api, scales_of_group, scales_to_none};

pub(super) static AUTOSCALER: Part = Part {
    fields: &[
        ("behavior", One(&BEHAVIOR)),
        ("maxReplicas", SOME),
        ("metrics", Many(&METRIC)),
        // None at all needs a gate.
        ("minReplicas", Number(0, i32::MAX as i64)),
        ("scaleTargetRef", One(&SCALED)),
    ],
    laws: &[Needs(&["maxReplicas", "scaleTargetRef"]), Other(scales_to_none), Other(scales_of_group)],
};

static SCALED: Part = Part {
    fields: &[
        ("apiVersion", Named(is_api, "a group, `/` and a version, such as `apps/v1`")),
        ("kind", SEGMENT),
        ("name", SEGMENT),
    ],
    laws: &[Needs(&["kind", "name"])],
};

static METRIC: Part = Part {
    fields: &[
        ("containerResource", One(&CONTAINER_RESOURCE)),
        ("external", One(&EXTERNAL)),
        ("object", One(&OBJECT)),
        ("pods", One(&PODS)),
        ("resource", One(&RESOURCE)),
        ("type", Word(&["ContainerResource", "External", "Object", "Pods", "Resource"])),
    ],
    laws: &[
        Needs(&["type"]),
        OneOf(&["containerResource", "external", "object", "pods", "resource"]),
        Only("type", &["ContainerResource"], &["containerResource"]),
        Only("type", &["External"], &["external"]),
        Only("type", &["Object"], &["object"]),
        Only("type", &["Pods"], &["pods"]),
        Only("type", &["Resource"], &["resource"]),
    ],
};

static RESOURCE: Part =
    Part { fields: &[("name", Text), ("target", One(&OF_RESOURCE))], laws: &[Needs(&["name", "target"])] };

static CONTAINER_RESOURCE: Part = Part {
    fields: &[("container", DNS_LABEL), ("name", RESOURCE_NAME), ("target", One(&OF_RESOURCE))],
    laws: &[Needs(&["container", "name", "target"])],
};

const RESOURCE_NAME: Form = Named(is_container_resource, "`cpu`, `memory`, or a name with a domain in front");

static PODS: Part =
    Part { fields: &[("metric", One(&NAMED)), ("target", One(&OF_PODS))], laws: &[Needs(&["metric", "target"])] };

static EXTERNAL: Part =
    Part { fields: &[("metric", One(&NAMED)), ("target", One(&OF_VALUE))], laws: &[Needs(&["metric", "target"])] };

static OBJECT: Part = Part {
    fields: &[("describedObject", One(&SCALED)), ("metric", One(&NAMED)), ("target", One(&OF_OBJECT))],
    laws: &[Needs(&["describedObject", "metric", "target"])],
};

/// Its selector is of the one who measures.
static NAMED: Part = Part { fields: &[("name", SEGMENT)], laws: &[Needs(&["name"])] };

static OF_RESOURCE: Part =
    Part { fields: TARGETS, laws: &[Needs(&["type"]), OneOf(&["averageUtilization", "averageValue"])] };

static OF_PODS: Part = Part { fields: TARGETS, laws: &[Needs(&["type", "averageValue"])] };

static OF_VALUE: Part = Part { fields: TARGETS, laws: &[Needs(&["type"]), OneOf(&["value", "averageValue"])] };

static OF_OBJECT: Part = Part { fields: TARGETS, laws: &[Needs(&["type"]), AnyOf(&["value", "averageValue"])] };

const TARGETS: &[(&str, Form)] = &[
    ("averageUtilization", SOME),
    ("averageValue", SomeAmount),
    ("type", Word(&["Utilization", "Value", "AverageValue"])),
    ("value", SomeAmount),
];

static BEHAVIOR: Part = Part { fields: &[("scaleDown", One(&SCALING)), ("scaleUp", One(&SCALING))], laws: &[] };

static SCALING: Part = Part {
    fields: &[
        ("policies", Many(&POLICY)),
        ("selectPolicy", Told(&Word(&["Max", "Min", "Disabled"]))),
        ("stabilizationWindowSeconds", Number(0, 3600)),
        ("tolerance", Amount),
    ],
    laws: &[Filled("policies")],
};

static POLICY: Part = Part {
    fields: &[("periodSeconds", Number(1, 1800)), ("type", Word(&["Pods", "Percent"])), ("value", SOME)],
    laws: &[Needs(&["type", "value", "periodSeconds"])],
};
