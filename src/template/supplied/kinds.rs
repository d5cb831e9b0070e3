//! Objects whose own tool fills braces in them, wherever in a document they stand: a workflow may stand within a sensor.

use std::collections::BTreeSet;

use super::{Part, Supplied, get};
use crate::value::Value;

/// Objects of some kinds, and what is filled in within them.
struct Objects {
    group: &'static str,
    kinds: &'static [&'static str],
    tool: &'static str,
    by: &'static str,
    paths: &'static [&'static str],
    /// Paths that are supplied only where one of these keys is used.
    with: &'static [(&'static str, &'static [&'static str])],
    /// The names of the items of lists at this key, behind a prefix.
    named: Option<(&'static str, &'static str)>,
    /// The key below which its tool fills something in, if that is not all of it.
    under: Option<&'static str>,
}

const KINDS: &[Objects] = &[
    // From docs of Argo Workflows 3.7, "Workflow Variables".
    Objects {
        group: "argoproj.io",
        kinds: &["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"],
        tool: "Argo Workflows",
        by: "Argo Workflows supplies",
        paths: &[
            "workflow.name",
            "workflow.namespace",
            "workflow.mainEntrypoint",
            "workflow.serviceAccountName",
            "workflow.uid",
            "workflow.parameters",
            "workflow.outputs",
            "workflow.annotations",
            "workflow.labels",
            "workflow.creationTimestamp",
            "workflow.priority",
            "workflow.duration",
            "workflow.scheduledTime",
            "workflow.status",
            "workflow.failures",
            "cronworkflow",
            "inputs.parameters",
            "inputs.artifacts",
            "outputs.parameters",
            "outputs.artifacts",
            "outputs.result",
            "steps.name",
            "steps.*.id",
            "steps.*.ip",
            "steps.*.status",
            "steps.*.exitCode",
            "steps.*.startedAt",
            "steps.*.finishedAt",
            "steps.*.hostNodeName",
            "steps.*.outputs",
            "tasks.name",
            "tasks.*.id",
            "tasks.*.ip",
            "tasks.*.status",
            "tasks.*.exitCode",
            "tasks.*.startedAt",
            "tasks.*.finishedAt",
            "tasks.*.hostNodeName",
            "tasks.*.outputs",
            "node.name",
            "pod.name",
        ],
        with: &[
            ("item", &["withItems", "withParam", "withSequence"]),
            ("retries", &["retryStrategy"]),
            ("lastRetry", &["retryStrategy"]),
            ("status", &["prometheus"]),
            ("duration", &["prometheus"]),
            ("exitCode", &["prometheus"]),
            ("resourcesDuration", &["prometheus"]),
            ("request.method", &["http"]),
            ("request.url", &["http"]),
            ("request.body", &["http"]),
            ("request.headers", &["http"]),
            ("response.statusCode", &["http"]),
            ("response.body", &["http"]),
            ("response.headers", &["http"]),
        ],
        named: None,
        under: None,
    },
    // From docs of Argo Rollouts 1.8, "Analysis" and "Experiments".
    Objects {
        group: "argoproj.io",
        kinds: &["AnalysisTemplate", "ClusterAnalysisTemplate", "AnalysisRun"],
        tool: "Argo Rollouts",
        by: "Argo Rollouts supplies",
        paths: &[],
        with: &[],
        named: Some(("args", "args.")),
        under: None,
    },
    Objects {
        group: "argoproj.io",
        kinds: &["Experiment"],
        tool: "Argo Rollouts",
        by: "Argo Rollouts supplies",
        paths: &["templates.*.podTemplateHash"],
        with: &[],
        named: None,
        under: None,
    },
    // From docs of Flagger 1.41, "Metrics Analysis": custom metrics.
    Objects {
        group: "flagger.app",
        kinds: &["MetricTemplate"],
        tool: "Flagger",
        by: "Flagger supplies",
        paths: &["name", "namespace", "target", "service", "ingress", "route", "interval", "variables"],
        with: &[],
        named: None,
        under: Some("query"),
    },
    // From docs of Datadog, "Notifications: Variables".
    Objects {
        group: "datadoghq.com",
        kinds: &["DatadogMonitor"],
        tool: "Datadog",
        by: "Datadog supplies",
        paths: &["value", "threshold", "warn_threshold", "ok_threshold", "comparator", "host.name"],
        with: &[],
        named: None,
        under: Some("message"),
    },
    // From docs of Kyverno 1.15, "Variables".
    Objects {
        group: "kyverno.io",
        kinds: &["ClusterPolicy", "Policy", "ClusterCleanupPolicy", "CleanupPolicy"],
        tool: "Kyverno",
        by: "Kyverno supplies",
        paths: &[
            "request.object",
            "request.oldObject",
            "request.operation",
            "request.userInfo",
            "request.roles",
            "request.clusterRoles",
            "request.namespace",
            "request.name",
            "request.kind",
            "request.resource",
            "request.subResource",
            "request.requestKind",
            "request.requestResource",
            "request.uid",
            "request.options",
            "request.dryRun",
            "serviceAccountName",
            "serviceAccountNamespace",
            "images.containers",
            "images.initContainers",
            "images.ephemeralContainers",
        ],
        with: &[("element", &["foreach"]), ("elementIndex", &["foreach"]), ("target", &["targets", "conditions"])],
        named: Some(("context", "")),
        under: None,
    },
];

/// What the tools of all objects in a document supply.
pub(super) fn supplied(document: &Value) -> Vec<Supplied> {
    let mut found = Vec::new();
    find(document, &mut found);
    found
}

fn find(value: &Value, found: &mut Vec<Supplied>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| find(item, found)),
        Value::Map(entries) => match of(value) {
            Some(kinds) => found.extend(kinds.supplied(value)),
            None => entries.iter().for_each(|(_, value)| find(value, found)),
        },
        _ => {}
    }
}

fn of(object: &Value) -> Option<&'static Objects> {
    let kind = get(object, "kind")?.as_str()?;
    let group = get(object, "apiVersion")?.as_str()?.split_once('/')?.0;
    KINDS.iter().find(|own| own.group == group && own.kinds.contains(&kind))
}

impl Objects {
    fn supplied(&self, object: &Value) -> Option<Supplied> {
        let mut seen = Seen { named: self.named.map(|(list, _)| list), keys: BTreeSet::new(), names: BTreeSet::new() };
        seen.look(object);
        let prefix = self.named.map_or("", |(_, prefix)| prefix);
        let fixed = self.paths.iter().map(|path| (*path).to_owned());
        let with = self.with.iter().filter(|(_, keys)| keys.iter().any(|key| seen.keys.contains(key)));
        let named = seen.names.iter().map(|name| format!("{prefix}{name}"));
        let paths: BTreeSet<String> = fixed.chain(with.map(|(path, _)| (*path).to_owned())).chain(named).collect();
        let Self { tool, by, .. } = *self;
        let part = self.under.map_or(Part::Whole, Part::Under);
        (!paths.is_empty()).then_some(Supplied { paths, but: BTreeSet::new(), is_go: false, tool, by, part })
    }
}

/// What an object is made of.
struct Seen<'v> {
    named: Option<&'static str>,
    keys: BTreeSet<&'v str>,
    names: BTreeSet<&'v str>,
}

impl<'v> Seen<'v> {
    fn look(&mut self, value: &'v Value) {
        match value {
            Value::List(items) => items.iter().for_each(|item| self.look(item)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    self.keys.insert(key);
                    if self.named == Some(&**key)
                        && let Value::List(items) = value
                    {
                        self.names.extend(items.iter().filter_map(|item| get(item, "name")?.as_str()));
                    }
                    self.look(value);
                }
            }
            _ => {}
        }
    }
}
