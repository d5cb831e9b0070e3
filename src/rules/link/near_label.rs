//! Labels of nodes that are nearly ones that nodes of the tree have, or that `outside:` says of nodes of others.

use crate::check::nodes::{Demand, Nodes, is_given};
use crate::check::{Report, View};
use crate::finding::Rule;
use crate::rules::near::{Near, near_of};

/// The kind of `outside:`.
const LABELS: &str = "node-labels";

/// Says what a label that nothing is known to give to nodes was surely meant to be.
pub(super) fn judge(
    rule: &'static Rule,
    view: &View<'_>,
    nodes: &[Nodes<'_>],
    demand: &Demand<'_>,
    report: &mut Report,
) {
    let (key, [value]) = (demand.key, &demand.values[..]) else { return };
    let pair = format!("{key}={value}");
    let is_outside = |label: &str| view.is_outside(LABELS, None, label);
    if demand.operator != "In" || is_outside(key) || is_outside(&pair) {
        return;
    }
    let own = || nodes.iter().flat_map(Nodes::keys);
    let declared =
        || view.outside(LABELS).map(|(label, outside)| (label.split_once('=').unwrap_or((label, "")), outside));
    let is_known = own().chain(declared().map(|((key, _), _)| key)).any(|known| known == key);
    let (what, near) = if is_known {
        let values = || declared().filter(|((known, value), _)| *known == key && !value.is_empty());
        let of_tree = || nodes.iter().flat_map(|nodes| nodes.values(key));
        // Of what the tree gives to nodes itself, node groups and pools are judged by all that they set.
        let near = near_of(value, of_tree, || values().map(|((_, value), _)| value));
        (format!("{key}: {value}"), near.foreign.map(|near| (near, values().find(|((_, value), _)| *value == near))))
    } else if is_given(key) {
        return;
    } else {
        let Near { own, foreign } = near_of(key, own, || declared().map(|((key, _), _)| key));
        let found = declared().find(|((known, _), _)| Some(*known) == foreign);
        (key.to_owned(), own.map(|near| (near, None)).or_else(|| foreign.map(|near| (near, found))))
    };
    let Some((near, outside)) = near else { return };
    let message = format!("no node group, no pool and nothing of `outside` makes nodes with `{what}`");
    let draft = report.at(rule, &demand.node, message).label("these pods stay pending");
    if let Some((_, outside)) = outside {
        draft.beside(outside.span, format!("nodes of another tool have `{}`", outside.pattern));
    } else if let Some(nodes) = nodes.iter().find(|nodes| nodes.sets(near)) {
        draft.also(nodes.place_of(near), format!("`{}` has `{near}`", nodes.name));
    }
    draft
        .help(format!("did you mean `{near}`? if nodes of others have `{pair}`, put it under `{LABELS}` of `outside`"));
}
