//! Texts in other languages, in values: what their own reader refuses when it is too late.

mod alertmanager;
mod bottlerocket;
mod components;
mod promql;

use std::ops::Range;

use crate::check::{Node, Report, View, rule};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::value::Value;
use crate::yaml::{self, Content, read};

rule! {
    EMBEDDED = Error "output/embedded";
    summary: "a text in another language that its reader refuses";
    explanation: "Queries of Prometheus, the configuration of Alertmanager, of Grafana's Agent and Alloy, and settings of Bottlerocket stand in values as texts, and nobody reads them before they are applied. Told is what is sure: brackets and quotes of a query that do not close, a function that is nearly a known one, a route to a receiver that is not there, a reference to a component that the same text does not declare while it declares others of the kind, a setting that is nearly a known one.";
    wrong: "
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata: {name: nodes}
        spec:
          groups:
            - name: nodes
              rules:
                - alert: NodeNotReady
                  expr: 'kube_node_status_condition{condition=\"Ready\", status=\"true\" == 0'
    ";
    right: "
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata: {name: nodes}
        spec:
          groups:
            - name: nodes
              rules:
                - alert: NodeNotReady
                  expr: 'kube_node_status_condition{condition=\"Ready\", status=\"true\"} == 0'
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for object in view.objects_of("monitoring.coreos.com", "PrometheusRule") {
        for node in object.root().under("expr") {
            let Some(text) = node.text() else { continue };
            if let Some((range, message, help)) = promql::wrong(text) {
                report.at(&EMBEDDED, &node, message).about_range(text, range).help(help);
            }
        }
    }
    for rules in view.resources_of("AWS::APS::RuleGroupsNamespace").filter_map(|it| it.property("Data")) {
        if let Some(text) = Text::of(&rules, view, report) {
            promql::of_text(&text, report);
        }
    }
    let property = "AlertManagerDefinition";
    for own in view.resources_of("AWS::APS::Workspace").filter_map(|it| it.property(property)) {
        if let Some(text) = Text::of(&own, view, report) {
            alertmanager::of_text(&text, report);
        }
    }
    bottlerocket::check(view, report);
    for values in view.values() {
        alertmanager::of_values(values, report);
        components::of_values(values, report);
    }
}

/// A text that is YAML itself.
struct Text<'a> {
    node: Node<'a>,
    written: &'a str,
    read: yaml::Node,
}

impl<'a> Text<'a> {
    /// The text, by itself or for `Fn::Sub`; a finding if it is no YAML.
    fn of(node: &Node<'a>, view: &View<'_>, report: &mut Report) -> Option<Self> {
        let node = node.get("Fn::Sub").map_or(*node, |it| it.items().first().copied().unwrap_or(it));
        let written = node.text()?;
        let file = view.artifact(&node.place()).place.file;
        let mut findings = Findings::default();
        let read = read::read_text(written, file, &Limits::default(), &mut findings);
        let syntax = findings.iter().find(|finding| finding.rule == &crate::finding::codes::yaml::SYNTAX);
        if let Some(syntax) = syntax {
            let message = format!("this text is no YAML: {}", syntax.message);
            report.at(&EMBEDDED, &node, message).label("its reader refuses it").help("mend the text");
            return None;
        }
        Some(Self { node, written, read: read? })
    }

    /// Says something of a part of the text.
    fn say(&self, range: Range<usize>, message: String, help: String, report: &mut Report) {
        report.at(&EMBEDDED, &self.node, message).about_range(self.written, range).help(help);
    }
}

/// All entries below a node whose values are texts: key, value, and where that stands.
fn entries<'n>(node: &'n yaml::Node, found: &mut Vec<(&'n str, &'n str, Range<usize>)>) {
    match &node.content {
        Content::Scalar { .. } => {}
        Content::List(items) => items.iter().for_each(|item| entries(item, found)),
        Content::Map(all) => {
            for entry in all {
                if let Content::Scalar { text, .. } = &entry.value.content {
                    found.push((&entry.key.text, text, entry.value.span.range()));
                }
                entries(&entry.value, found);
            }
        }
    }
}

/// Whether a value is a map.
fn is_map(node: &Node<'_>) -> bool {
    matches!(node.value, Value::Map(_))
}
