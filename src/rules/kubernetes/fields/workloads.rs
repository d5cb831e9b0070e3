//! What makes pods, and what counts them: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>.

use super::form::Form::{Bool, Many, One, Share, Text, Word};
use super::form::Law::{Demands, Excludes, Needs, OneOf, Only};
use super::form::{COUNT, Form, Part, SOME};
use super::pod::TEMPLATE;
use super::selectors::LABEL_SELECTOR;
use super::storage::CLAIM;

pub(super) static DEPLOYMENT: Part = Part {
    fields: &[
        ("minReadySeconds", COUNT),
        ("paused", Bool),
        ("progressDeadlineSeconds", SOME),
        ("replicas", COUNT),
        ("revisionHistoryLimit", COUNT),
        ("selector", One(&LABEL_SELECTOR)),
        ("strategy", One(&STRATEGY)),
        ("template", One(&TEMPLATE)),
    ],
    laws: &[],
};

static STRATEGY: Part = Part {
    fields: &[("rollingUpdate", One(&ROLLING)), ("type", Word(&["Recreate", "RollingUpdate"]))],
    laws: &[Excludes("type", &["Recreate"], &["rollingUpdate"])],
};

static ROLLING: Part = Part { fields: &[("maxSurge", Share), ("maxUnavailable", Share)], laws: &[] };

pub(super) static REPLICA_SET: Part = Part {
    fields: &[
        ("minReadySeconds", COUNT),
        ("replicas", COUNT),
        ("selector", One(&LABEL_SELECTOR)),
        ("template", One(&TEMPLATE)),
    ],
    laws: &[],
};

pub(super) static STATEFUL_SET: Part = Part {
    fields: &[
        ("minReadySeconds", COUNT),
        ("persistentVolumeClaimRetentionPolicy", One(&CLAIM_RETENTION)),
        ("podManagementPolicy", Word(&["OrderedReady", "Parallel"])),
        ("replicas", COUNT),
        ("revisionHistoryLimit", COUNT),
        ("selector", One(&LABEL_SELECTOR)),
        ("serviceName", Text),
        ("template", One(&TEMPLATE)),
        ("updateStrategy", One(&STATEFUL_UPDATE)),
        ("volumeClaimTemplates", Many(&CLAIM)),
    ],
    laws: &[],
};

static CLAIM_RETENTION: Part =
    Part { fields: &[("whenDeleted", Word(RETENTION)), ("whenScaled", Word(RETENTION))], laws: &[] };
const RETENTION: &[&str] = &["Retain", "Delete"];

static STATEFUL_UPDATE: Part = Part {
    fields: &[("rollingUpdate", One(&PARTITION)), ("type", Word(&["RollingUpdate", "OnDelete"]))],
    laws: &[Excludes("type", &["OnDelete"], &["rollingUpdate"])],
};

static PARTITION: Part = Part { fields: &[("maxUnavailable", Share), ("partition", COUNT)], laws: &[] };

pub(super) static DAEMON_SET: Part = Part {
    fields: &[
        ("minReadySeconds", COUNT),
        ("revisionHistoryLimit", COUNT),
        ("selector", One(&LABEL_SELECTOR)),
        ("template", One(&TEMPLATE)),
        ("updateStrategy", One(&DAEMON_UPDATE)),
    ],
    laws: &[],
};

static DAEMON_UPDATE: Part =
    Part { fields: &[("rollingUpdate", One(&ROLLING)), ("type", Word(&["RollingUpdate", "OnDelete"]))], laws: &[] };

pub(super) static JOB: Part = Part {
    fields: &[
        ("activeDeadlineSeconds", COUNT),
        ("backoffLimit", COUNT),
        ("completionMode", Word(&["NonIndexed", "Indexed"])),
        ("completions", COUNT),
        ("manualSelector", Bool),
        ("parallelism", COUNT),
        ("podReplacementPolicy", Word(&["TerminatingOrFailed", "Failed"])),
        ("suspend", Bool),
        ("template", One(&TEMPLATE)),
        ("ttlSecondsAfterFinished", COUNT),
    ],
    laws: &[Demands("completionMode", &["Indexed"], &["completions"])],
};

pub(super) static CRON_JOB: Part = Part {
    fields: &[
        ("concurrencyPolicy", Word(&["Allow", "Forbid", "Replace"])),
        ("failedJobsHistoryLimit", COUNT),
        ("jobTemplate", One(&JOB_TEMPLATE)),
        ("schedule", Text),
        ("startingDeadlineSeconds", COUNT),
        ("successfulJobsHistoryLimit", COUNT),
        ("suspend", Bool),
        ("timeZone", Text),
    ],
    laws: &[],
};

static JOB_TEMPLATE: Part = Part { fields: &[("spec", One(&JOB))], laws: &[] };

pub(super) static AUTOSCALER: Part = Part {
    fields: &[
        ("behavior", One(&BEHAVIOR)),
        // None at all needs a gate.
        ("maxReplicas", SOME),
        ("metrics", Many(&METRIC)),
        ("minReplicas", COUNT),
        ("scaleTargetRef", One(&SCALED)),
    ],
    laws: &[],
};

static SCALED: Part =
    Part { fields: &[("apiVersion", Text), ("kind", Text), ("name", Text)], laws: &[Needs(&["kind", "name"])] };

static METRIC: Part = Part {
    fields: &[
        ("containerResource", One(&RESOURCE)),
        ("external", One(&TARGETED)),
        ("object", One(&TARGETED)),
        ("pods", One(&TARGETED)),
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

static RESOURCE: Part = Part {
    fields: &[("container", Text), ("name", Text), ("target", One(&TARGET))],
    laws: &[Needs(&["name", "target"])],
};

static TARGETED: Part = Part { fields: &[("target", One(&TARGET))], laws: &[Needs(&["target"])] };

static TARGET: Part = Part {
    fields: &[("averageUtilization", SOME), ("type", Word(&["Utilization", "Value", "AverageValue"]))],
    laws: &[Needs(&["type"])],
};

static BEHAVIOR: Part = Part { fields: &[("scaleDown", One(&SCALING)), ("scaleUp", One(&SCALING))], laws: &[] };

static SCALING: Part = Part {
    fields: &[
        ("policies", Many(&SCALING_POLICY)),
        ("selectPolicy", Word(&["Max", "Min", "Disabled"])),
        ("stabilizationWindowSeconds", Form::Number(0, 3600)),
    ],
    laws: &[],
};

static SCALING_POLICY: Part = Part {
    fields: &[("periodSeconds", Form::Number(1, 1800)), ("type", Word(&["Pods", "Percent"])), ("value", SOME)],
    laws: &[Needs(&["type", "value", "periodSeconds"])],
};

pub(super) static BUDGET: Part = Part {
    fields: &[
        ("maxUnavailable", Share),
        ("minAvailable", Share),
        ("selector", One(&LABEL_SELECTOR)),
        ("unhealthyPodEvictionPolicy", Word(&["IfHealthyBudget", "AlwaysAllow"])),
    ],
    laws: &[],
};
