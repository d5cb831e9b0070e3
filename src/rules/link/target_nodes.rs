//! The nodes that a load balancer sends to.

use super::node_selector::NODE_SELECTOR;
use crate::check::nodes::is_given;
use crate::check::{Report, View};

const TARGETS: [&str; 2] =
    ["alb.ingress.kubernetes.io/target-node-labels", "service.beta.kubernetes.io/aws-load-balancer-target-node-labels"];

/// Labels of target nodes that no nodes have: the load balancer has no targets.
pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for object in view.objects().iter().filter(|it| matches!(it.kind, "Ingress" | "Service")) {
        let Some(annotations) = object.root().at(["metadata", "annotations"]) else { continue };
        for node in TARGETS.iter().filter_map(|key| annotations.get(key)) {
            let Some(nodes) = view.nodes().filter(|all| all.iter().any(|it| !it.is_pool)) else { return };
            let Some(text) = node.text() else { continue };
            for pair in text.split(',') {
                let Some((key, value)) = pair.trim().split_once('=') else { continue };
                let is_outside =
                    view.is_outside("node-labels", None, key) || view.is_outside("node-labels", None, pair.trim());
                let is_set = nodes.iter().any(|it| it.sets(key));
                if is_outside || is_given(key) && !is_set || nodes.iter().any(|it| it.values(key).contains(&value)) {
                    continue;
                }
                let draft = report.at(
                    &NODE_SELECTOR,
                    node,
                    format!("no node group and no pool makes nodes with `{key}: {value}`"),
                );
                draft.about(text, pair.trim()).label("the load balancer sends to no node");
                if let Some(own) = nodes.iter().find(|it| it.sets(key)) {
                    draft.also(own.place_of(key), format!("`{}` has another value", own.name));
                }
                draft.help("name labels that nodes have");
            }
        }
    }
}
