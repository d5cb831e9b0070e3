//! Secrets that charts make anew whenever they are rendered.

use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    FLAPPING = Error "helm/flapping";
    summary: "a chart makes new certificates whenever it is rendered";
    explanation: "Some charts can make certificates while they are rendered. Argo CD renders them again and again and finds a difference each time; Flux replaces them with every upgrade. Until all who use the old ones have noticed, webhooks and connections fail. Let cert-manager or a job in the cluster make them.";
    wrong: "
        --- # cilium/values.yaml
        hubble: {tls: {auto: {method: helm}}}
    ";
    right: "
        --- # cilium/values.yaml
        hubble: {tls: {auto: {method: cronJob}}}
    ";
}

/// A key of a chart that makes it generate secrets.
struct Known {
    chart: &'static str,
    key: &'static str,
    value: Wrong,
    /// Where this is off, or on, nothing is made.
    unless: &'static [(&'static str, bool)],
    instead: &'static str,
}

enum Wrong {
    Text(&'static str),
    Bool(bool),
}

static KNOWN: &[Known] = &[
    Known {
        chart: "cilium",
        key: "hubble.tls.auto.method",
        value: Wrong::Text("helm"),
        unless: &[("hubble.enabled", false), ("hubble.tls.enabled", false), ("hubble.tls.auto.enabled", false)],
        instead: "`cronJob` or `certmanager`",
    },
    Known {
        chart: "cilium",
        key: "clustermesh.apiserver.tls.auto.method",
        value: Wrong::Text("helm"),
        unless: &[("clustermesh.apiserver.tls.auto.enabled", false)],
        instead: "`cronJob` or `certmanager`",
    },
    Known {
        chart: "kyverno",
        key: "admissionController.createSelfSignedCert",
        value: Wrong::Bool(true),
        unless: &[("admissionController.certManager.enabled", true)],
        instead: "`false`: Kyverno makes and renews them itself",
    },
    Known {
        chart: "kyverno",
        key: "cleanupController.createSelfSignedCert",
        value: Wrong::Bool(true),
        unless: &[("cleanupController.enabled", false), ("cleanupController.certManager.enabled", true)],
        instead: "`false`: Kyverno makes and renews them itself",
    },
    Known {
        chart: "metrics-server",
        key: "tls.type",
        value: Wrong::Text("helm"),
        unless: &[],
        instead: "`cert-manager`, or `metrics-server`, which makes them at its start",
    },
    Known {
        chart: "aws-load-balancer-controller",
        key: "enableCertManager",
        value: Wrong::Bool(false),
        unless: &[("keepTLSSecret", true)],
        instead: "`true`: cert-manager makes them",
    },
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for known in KNOWN {
        for values in view.values_of_chart(known.chart) {
            let is_wrong = |node: &Node<'_>| match (&known.value, node.value) {
                (Wrong::Text(wrong), Value::String(text)) => **text == **wrong,
                (Wrong::Bool(wrong), Value::Bool(value)) => value == wrong,
                _ => false,
            };
            let makes_none = |(key, value): &(&str, bool)| values.get(key).and_then(|it| it.boolean()) == Some(*value);
            // `webhookTLS` and its like: certificates that somebody gives are not made.
            let is_given = known.chart == "aws-load-balancer-controller" && values.get("webhookTLS.cert").is_some();
            if let Some(node) = values.get(known.key).filter(is_wrong)
                && !known.unless.iter().any(makes_none)
                && !is_given
                && !is_ignored(view, known.chart)
            {
                let message = format!("the chart `{}` makes new certificates whenever it is rendered", known.chart);
                report.at(&FLAPPING, &node, message).help(format!("set {}", known.instead));
            }
        }
    }
}

/// Argo CD can be told to look over the difference.
fn is_ignored(view: &View<'_>, chart: &str) -> bool {
    view.objects_of("argoproj.io", "Application").any(|application| {
        let spec = application.root().get("spec");
        let several = spec.as_ref().and_then(|spec| spec.get("sources"));
        let of = |source: &Node<'_>| source.text_at(["chart"]) == Some(chart);
        spec.is_some_and(|spec| {
            spec.get("ignoreDifferences").is_some()
                && (spec.get("source").as_ref().is_some_and(of)
                    || several.iter().flat_map(Node::items).any(|it| of(&it)))
        })
    })
}
