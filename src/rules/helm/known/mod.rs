//! Values that a known chart does not have, or takes something else for.

mod table;

use std::collections::BTreeSet;

use crate::check::{Draft, Node, Release, Report, View, rule};
use crate::rules::near::is_slip;
use crate::value::Value;
use table::{Chart, Map, Meant};

rule! {
    VALUES = Error "helm/values";
    summary: "a value that its chart does not have, or that is not what the chart takes";
    explanation: "Helm takes every key in the values of a chart and hands it on; one that no template of the chart reads does nothing, without a word. A selector, a toleration or a limit is then simply not there. Judged by a table of the values of charts that are much used: a key is an error if it is nearly one that the chart has beside it, and a warning if it is like none; what has to be a list, a map, true or false, or one of some words, is told where it is not. Where another version of the chart is installed than the table is about, all of it is a warning, and a key that is like none is not judged. Keys of subcharts, of labels and annotations, and of a program's own settings are not judged.";
    wrong: "
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: external-dns}
        spec:
          destination: {namespace: external-dns}
          source:
            repoURL: https://kubernetes-sigs.github.io/external-dns
            chart: external-dns
            targetRevision: 1.21.1
            helm: {valuesObject: {policy: sync, toleration: [{operator: Exists}]}}
    ";
    right: "
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: external-dns}
        spec:
          destination: {namespace: external-dns}
          source:
            repoURL: https://kubernetes-sigs.github.io/external-dns
            chart: external-dns
            targetRevision: 1.21.1
            helm: {valuesObject: {policy: sync, tolerations: [{operator: Exists}]}}
    ";
}

/// Keys that charts have for one thing, some this one and some that one.
const SAME: [&[&str]; 9] = [
    &["replicas", "replicaCount"],
    &["priorityClass", "priorityClassName"],
    &["pdb", "podDisruptionBudget"],
    &["serviceAccountName", "serviceAccount", "serviceAccounts"],
    &["env", "extraEnv", "envVars", "environment", "extraEnvVars"],
    &["args", "extraArgs", "additionalArgs"],
    &["resource", "resources"],
    &["serviceMonitor", "serviceMonitors", "monitoring"],
    &["annotations", "podAnnotations"],
];

/// Maps whose keys are somebody else's.
const DATA: [&str; 6] = ["labels", "annotations", "selector", "resources", "limits", "requests"];

/// Values of one release, and how much is known of them.
struct Judged<'c> {
    chart: &'static Chart,
    name: &'c str,
    /// The table is about this very version.
    is_exact: bool,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut seen = BTreeSet::new();
    for release in view.releases() {
        let Some(chart) = table::chart(release.chart_name()).filter(|chart| is_theirs(release, chart)) else {
            continue;
        };
        let is_exact = release.version.is_some_and(|it| is_same(it, chart));
        let judged = Judged { chart, name: release.chart_name(), is_exact };
        for values in &release.values {
            if seen.insert(values.number())
                && let Some(root) = chart.map(".")
            {
                judged.map(values, root, ".", report);
            }
        }
    }
}

/// Where the projects of the table publish their charts.
const PUBLISHERS: [&str; 7] = [
    ".github.io",
    "cilium.io",
    "jetstack.io",
    "external-secrets.io",
    "fairwinds.com",
    "public.ecr.aws/karpenter",
    "ghcr.io/",
];

/// Whether a chart of a known name is the known one. Others keep charts of the same names; who mirrors one keeps its version.
fn is_theirs(release: &Release<'_>, chart: &Chart) -> bool {
    let is_exact = release.version.is_some_and(|it| is_same(it, chart));
    release.repository.is_none_or(|repository| {
        let is_published = PUBLISHERS.iter().any(|it| repository.contains(it));
        !repository.contains("bitnami") && (is_exact || is_published)
    })
}

fn is_same(version: &str, chart: &Chart) -> bool {
    version.trim_start_matches('v') == chart.version.trim_start_matches('v')
}

impl Judged<'_> {
    fn map(&self, values: &Node<'_>, map: Map, path: &str, report: &mut Report) {
        for (key, node) in values.entries() {
            let Some(meant) = map.meant(key) else {
                self.unknown(values, key, &node, map, path, report);
                continue;
            };
            self.value(key, &node, meant, report);
            if matches!(node.value, Value::Map(_)) && !DATA.contains(&key.to_ascii_lowercase().as_str()) {
                let path = if path == "." { key.to_owned() } else { format!("{path}.{key}") };
                if let Some(inner) = self.chart.map(&path) {
                    self.map(&node, inner, &path, report);
                }
            }
        }
    }

    fn unknown(&self, values: &Node<'_>, key: &str, node: &Node<'_>, map: Map, path: &str, report: &mut Report) {
        if self.chart.mentions(key) || key.contains(['/', '.', '{']) {
            return;
        }
        let is_set = |other: &str| values.get(other).is_some();
        let is_same = |other: &str| SAME.iter().any(|group| group.contains(&key) && group.contains(&other));
        let mut near = map.keys().filter(|other| !is_set(other) && is_slip(key, other));
        let near = match (near.next(), near.next()) {
            (Some(one), None) => Some(one),
            (None, _) => map.keys().find(|other| !is_set(other) && is_same(other)),
            _ => None,
        };
        let of = if path == "." { String::new() } else { format!(" in `{path}`") };
        let message = format!("the chart `{}` has no value `{key}`{of}", self.name);
        if let Some(near) = near {
            let draft = report.at(&VALUES, node, message).about_key();
            draft.label("nothing reads it").help(format!("did you mean `{near}`?"));
            self.temper(draft);
        } else if self.is_exact && path == "." {
            let draft = report.at(&VALUES, node, message).about_key().warning().unless_said();
            let version = self.chart.version;
            draft
                .label("nothing reads it")
                .help(format!("look at the values of version {version}, and put it where they have it"));
        }
    }

    fn value(&self, key: &str, node: &Node<'_>, meant: Meant, report: &mut Report) {
        let is_open =
            matches!(node.value, Value::Null) || node.text().is_some_and(|it| it.is_empty() || it.contains("{{"));
        if is_open {
            return;
        }
        let is_scalar = !matches!(node.value, Value::Map(_) | Value::List(_));
        let (wanted, help) = match meant {
            Meant::Boolean if !is_scalar => ("true or false", "write `true` or `false`".to_owned()),
            Meant::Boolean if node.text().is_some_and(|it| !matches!(it, "true" | "false")) => {
                ("true or false", "write `true` or `false`".to_owned())
            }
            Meant::List if is_scalar || matches!(node.value, Value::Map(_)) => {
                ("a list", format!("write `{key}: […]`"))
            }
            Meant::Map if is_scalar => ("a map", "look at what the chart has below it".to_owned()),
            Meant::Words(words) if node.text().is_some_and(|text| !words.split('|').any(|word| word == text)) => {
                ("one of its words", format!("write {}", words.replace('|', ", ")))
            }
            _ => return,
        };
        let draft = report.at(&VALUES, node, format!("`{key}` of the chart `{}` takes {wanted}", self.name));
        draft.label("not this").help(help);
        self.temper(draft);
    }

    /// Of another version less is certain; a schema that the project brings says it better.
    fn temper(&self, draft: &mut Draft) {
        draft.unless_said();
        if !self.is_exact {
            draft.warning();
        }
    }
}
