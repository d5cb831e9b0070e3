//! What has to hold among the fields that say where pods may run, and takes more than a row.

use super::FIELDS;
use super::laws::exclude;
use super::spot::{get, is_written};
use crate::check::{Node, Report};
use crate::rules::kubernetes::words::is_label_value;

/// Without a key all taints are tolerated, which has to be said; and only what is thrown off can stay for a while.
pub(super) fn takes_all(toleration: &Node<'_>, report: &mut Report) {
    let (key, operator) = (get(toleration, "key"), toleration.text_at(["operator"]).unwrap_or_default());
    let is_known = operator.is_empty() || is_written(operator);
    // `Equal` without a key is told by its row.
    if key.is_none() && is_known && !matches!(operator, "Exists" | "Equal") {
        report
            .at(&FIELDS, toleration, "a toleration without `key` needs `operator: Exists`")
            .help("add `key`, or `operator: Exists` to tolerate all taints");
    }
    let effect = get(toleration, "effect").and_then(|effect| effect.text()).unwrap_or_default();
    if let Some(seconds) = get(toleration, "tolerationSeconds")
        && effect != "NoExecute"
        && (effect.is_empty() || is_written(effect))
    {
        report
            .at(&FIELDS, &seconds, "`tolerationSeconds` goes only with `effect: NoExecute`")
            .about_key()
            .help("leave `tolerationSeconds` out, or set `effect: NoExecute`");
    }
}

/// The value of a toleration is one of a label, or a number to compare with.
pub(super) fn compares(toleration: &Node<'_>, report: &mut Report) {
    let Some(value) = get(toleration, "value") else { return };
    let Some(text) = value.text().filter(|text| is_written(text)) else { return };
    match toleration.text_at(["operator"]).unwrap_or_default() {
        "" | "Equal" if !is_label_value(text) => {
            report
                .at(&super::VALUE, &value, format!("`{text}` cannot be the value of a taint"))
                .label("only letters, digits, `-`, `_` and `.`, at most 63, with a letter or digit at both ends");
        }
        "Gt" | "Lt" if text.parse::<i64>().is_err() => {
            report.at(&super::VALUE, &value, format!("`{text}` is no number")).label("it is compared with one");
        }
        _ => {}
    }
}

/// `Gt` and `Lt` compare with one value.
pub(super) fn one_number(demand: &Node<'_>, report: &mut Report) {
    if let Some(operator) = demand.get("operator")
        && let Some(word @ ("Gt" | "Lt")) = operator.text()
        && let Some(values) = demand.get("values").filter(|values| values.items().len() > 1)
    {
        report
            .at(&FIELDS, &values, format!("`operator: {word}` compares with one value"))
            .also(&operator, "this one")
            .help("keep one of them");
    }
}

/// A field of a node has one value.
pub(super) fn field_of_node(demand: &Node<'_>, report: &mut Report) {
    if let Some(values) = demand.get("values").filter(|values| values.items().len() > 1) {
        report.at(&FIELDS, &values, "a field of a node is compared with one value").help("keep one of them");
    }
}

/// Keys whose values are taken from the pod itself come to a selector that is there.
pub(super) fn keys_of_labels(term: &Node<'_>, report: &mut Report) {
    let selector = get(term, "labelSelector");
    let lists = [("matchLabelKeys", true), ("mismatchLabelKeys", false)];
    for (list, is_match) in lists {
        let Some(keys) = get(term, list).filter(|keys| !keys.items().is_empty()) else { continue };
        let Some(selector) = &selector else {
            report
                .at(&FIELDS, &keys, format!("`{list}` adds to a `labelSelector`, and there is none"))
                .about_key()
                .help(format!("add `labelSelector`, or leave `{list}` out"));
            continue;
        };
        for key in keys.items().iter().filter(|_| is_match) {
            let expressions = selector.list(["matchExpressions"]);
            let again = expressions.iter().filter_map(|it| it.get("key")).find(|it| it.text() == key.text());
            let labels = selector.get("matchLabels");
            let own = key.text().and_then(|text| labels.as_ref()?.get(text));
            if let (Some(again), Some(_)) = (again, own) {
                exclude("a key of `matchLabelKeys`", key, "the same in `labelSelector`", &again, report);
            }
        }
    }
    for key in term.list(["matchLabelKeys"]) {
        let others = term.list(["mismatchLabelKeys"]);
        if let Some(other) = others.iter().find(|other| other.text().is_some() && other.text() == key.text()) {
            exclude("a key of `matchLabelKeys`", &key, "the same in `mismatchLabelKeys`", other, report);
        }
    }
}

/// One way of spreading for a topology.
pub(super) fn spreads_once(pod: &Node<'_>, report: &mut Report) {
    let mut seen: Vec<(&str, &str, Node<'_>)> = Vec::new();
    for spread in pod.list(["topologySpreadConstraints"]) {
        let (Some(key), Some(how)) = (spread.text_at(["topologyKey"]), spread.text_at(["whenUnsatisfiable"])) else {
            continue;
        };
        match seen.iter().find(|(own_key, own_how, _)| (*own_key, *own_how) == (key, how)) {
            Some((_, _, first)) => {
                report
                    .at(&FIELDS, &spread, format!("two constraints spread over `{key}` with `{how}`"))
                    .also(first, "the other one")
                    .help("keep one of them");
            }
            None => seen.push((key, how, spread)),
        }
    }
}
