//! What makes pods, and what counts them: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>.

use super::form::Form::{Bool, List, Many, Named, Number, One, Share, Text, TextMap, Told, Word};
use super::form::Law::{All, AtMost, Demands, Excludes, Filled, Needs, Never, Once, OneOf, Only, Ordered, Other, With};
use super::form::{COUNT, DNS_LABEL, Form, Law, Part, QUALIFIED};
use super::metadata::OF_MADE;
use super::pod::{LASTING, TEMPLATE};
use super::selectors::{LABEL_SELECTOR, OWN_SELECTOR};
use super::storage::CLAIM;
use super::workload_laws::{
    by_hand, deadline, exit_codes, exits_of, generated, is_managed_by, is_zone, rolls, rolls_one_way, selects_by_map,
    steps_back, zone_once,
};

pub(super) static DEPLOYMENT: Part = Part {
    fields: &[
        ("minReadySeconds", COUNT),
        ("paused", Bool),
        ("progressDeadlineSeconds", COUNT),
        ("replicas", COUNT),
        ("revisionHistoryLimit", COUNT),
        ("selector", One(&OWN_SELECTOR)),
        ("strategy", One(&STRATEGY)),
        ("template", One(&LASTING)),
    ],
    laws: &[Needs(&["selector", "template"]), Other(deadline)],
};

static STRATEGY: Part = Part {
    fields: &[("rollingUpdate", One(&ROLLING)), ("type", Word(&["Recreate", "RollingUpdate"]))],
    laws: &[Excludes("type", &["Recreate"], &["rollingUpdate"])],
};

static ROLLING: Part = Part { fields: &[("maxSurge", Share), ("maxUnavailable", Share)], laws: &[Other(rolls)] };

pub(super) static REPLICA_SET: Part = Part {
    fields: &[
        ("minReadySeconds", COUNT),
        ("replicas", COUNT),
        ("selector", One(&OWN_SELECTOR)),
        ("template", One(&LASTING)),
    ],
    laws: &[Needs(&["selector", "template"])],
};

/// Its selector is a map of labels, and may be left to the template's.
pub(super) static REPLICATION_CONTROLLER: Part = Part {
    fields: &[("minReadySeconds", COUNT), ("replicas", COUNT), ("selector", TextMap), ("template", One(&LASTING))],
    laws: &[Needs(&["template"]), Other(selects_by_map)],
};

pub(super) static POD_TEMPLATE: Part = Part { fields: &[("template", One(&TEMPLATE))], laws: &[] };

pub(super) static STATEFUL_SET: Part = Part {
    fields: &[
        ("minReadySeconds", COUNT),
        ("ordinals", One(&ORDINALS)),
        ("persistentVolumeClaimRetentionPolicy", One(&CLAIM_RETENTION)),
        ("podManagementPolicy", Word(&["OrderedReady", "Parallel"])),
        ("replicas", COUNT),
        ("revisionHistoryLimit", Number(i32::MIN as i64, i32::MAX as i64)),
        ("selector", One(&OWN_SELECTOR)),
        ("serviceName", DNS_LABEL),
        ("template", One(&LASTING)),
        ("updateStrategy", One(&STATEFUL_UPDATE)),
        ("volumeClaimTemplates", Many(&CLAIM)),
    ],
    laws: &[Needs(&["selector", "template"])],
};

static ORDINALS: Part = Part { fields: &[("start", COUNT)], laws: &[] };

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
        ("selector", One(&OWN_SELECTOR)),
        ("template", One(&LASTING)),
        ("updateStrategy", One(&DAEMON_UPDATE)),
    ],
    laws: &[Needs(&["selector", "template"])],
};

static DAEMON_UPDATE: Part = Part {
    fields: &[("rollingUpdate", One(&DAEMON_ROLLING)), ("type", Word(&["RollingUpdate", "OnDelete"]))],
    laws: &[],
};

static DAEMON_ROLLING: Part =
    Part { fields: &[("maxSurge", Share), ("maxUnavailable", Share)], laws: &[Other(rolls_one_way)] };

pub(super) static JOB: Part = Part { fields: JOB_FIELDS, laws: &[All(JOB_LAWS), Other(generated)] };

/// Of a job that a `CronJob` makes: it selects its own pods, always.
static MADE_JOB: Part = Part {
    fields: JOB_FIELDS,
    laws: &[All(JOB_LAWS), Never("selector", "each job selects its own pods"), Other(by_hand)],
};

const JOB_FIELDS: &[(&str, Form)] = &[
    ("activeDeadlineSeconds", Number(0, i64::MAX)),
    ("backoffLimit", COUNT),
    ("backoffLimitPerIndex", COUNT),
    ("completionMode", Told(&Word(&["NonIndexed", "Indexed"]))),
    ("completions", COUNT),
    ("managedBy", Named(is_managed_by, "a domain, `/` and a name, at most 63 characters")),
    ("manualSelector", Bool),
    ("maxFailedIndexes", Number(0, 100_000)),
    ("parallelism", COUNT),
    ("podFailurePolicy", One(&FAILURES)),
    ("podReplacementPolicy", Told(&Word(&["TerminatingOrFailed", "Failed"]))),
    ("selector", One(&LABEL_SELECTOR)),
    ("successPolicy", One(&SUCCESS)),
    ("suspend", Bool),
    ("template", One(&TEMPLATE)),
    ("ttlSecondsAfterFinished", COUNT),
];

const JOB_LAWS: &[Law] = &[
    Needs(&["template"]),
    Demands("completionMode", &["Indexed"], &["completions"]),
    Only("completionMode", &["Indexed"], &["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"]),
    With("maxFailedIndexes", &["backoffLimitPerIndex"]),
    Ordered("maxFailedIndexes", "completions"),
    Other(exits_of),
];

static FAILURES: Part = Part { fields: &[("rules", Many(&FAILURE))], laws: &[AtMost("rules", 20)] };

static FAILURE: Part = Part {
    fields: &[
        ("action", Word(&["Count", "FailIndex", "FailJob", "Ignore"])),
        ("onExitCodes", One(&EXITS)),
        ("onPodConditions", Many(&CONDITION)),
    ],
    laws: &[
        Needs(&["action"]),
        OneOf(&["onExitCodes", "onPodConditions"]),
        Filled("onPodConditions"),
        AtMost("onPodConditions", 20),
    ],
};

static EXITS: Part = Part {
    fields: &[
        ("containerName", Text),
        ("operator", Word(&["In", "NotIn"])),
        ("values", List(&Number(i32::MIN as i64, i32::MAX as i64))),
    ],
    laws: &[Needs(&["operator", "values"]), AtMost("values", 255), Once("values"), Other(exit_codes)],
};

static CONDITION: Part =
    Part { fields: &[("status", Word(&["False", "True", "Unknown"])), ("type", QUALIFIED)], laws: &[Needs(&["type"])] };

static SUCCESS: Part =
    Part { fields: &[("rules", Many(&SUCCESS_RULE))], laws: &[Needs(&["rules"]), AtMost("rules", 20)] };

static SUCCESS_RULE: Part = Part { fields: &[("succeededCount", COUNT), ("succeededIndexes", Text)], laws: &[] };

pub(super) static CRON_JOB: Part = Part {
    fields: &[
        ("concurrencyPolicy", Word(&["Allow", "Forbid", "Replace"])),
        ("failedJobsHistoryLimit", COUNT),
        ("jobTemplate", One(&JOB_TEMPLATE)),
        ("schedule", Text),
        ("startingDeadlineSeconds", Number(0, i64::MAX)),
        ("successfulJobsHistoryLimit", COUNT),
        ("suspend", Bool),
        ("timeZone", Told(&Named(is_zone, "a time zone such as `Europe/Berlin`"))),
    ],
    laws: &[Needs(&["schedule", "jobTemplate"]), Other(zone_once)],
};

static JOB_TEMPLATE: Part =
    Part { fields: &[("metadata", One(&OF_MADE)), ("spec", One(&MADE_JOB))], laws: &[Needs(&["spec"])] };

pub(super) static BUDGET: Part = Part {
    fields: &[
        ("maxUnavailable", Share),
        ("minAvailable", Share),
        ("selector", One(&LABEL_SELECTOR)),
        ("unhealthyPodEvictionPolicy", Told(&Word(&["IfHealthyBudget", "AlwaysAllow"]))),
    ],
    laws: &[Other(steps_back)],
};
