//! Routes of Alertmanager, and their receivers.

use super::{EMBEDDED, Text, entries, is_map};
use crate::check::{Node, Report};
use crate::finding::suggest::did_you_mean;
use crate::yaml::{Content, Node as Yaml};

/// `alertmanager_config` of a workspace of AMP, a text in the text.
pub(super) fn of_text(text: &Text<'_>, report: &mut Report) {
    let mut found = Vec::new();
    entries(&text.read, &mut found);
    let Some((_, config, _)) = found.into_iter().find(|(key, ..)| *key == "alertmanager_config") else { return };
    let limits = crate::limits::Limits::default();
    let mut findings = crate::finding::Findings::default();
    let Some(read) = crate::yaml::read::read_text(config, text.read.span.file, &limits, &mut findings) else { return };
    let (Some(route), Some(receivers)) = (read.entry("route"), read.entry("receivers")) else { return };
    let Content::List(receivers) = &receivers.value.content else { return };
    let names: Option<Vec<&str>> = receivers.iter().map(|it| scalar(&it.entry("name")?.value)).collect();
    let Some(names) = names else { return };
    let mut asked = Vec::new();
    entries(&route.value, &mut asked);
    for (_, name, _) in asked.into_iter().filter(|(key, ..)| *key == "receiver") {
        if !names.contains(&name) && !name.contains("${") {
            // The text in the text has lost its place: the words are looked for.
            let words = format!("receiver: {name}");
            let at = text.written.find(&words).map_or(0..0, |at| at + words.len() - name.len()..at + words.len());
            text.say(at, message(name), help(name, &names), report);
        }
    }
}

fn scalar(node: &Yaml) -> Option<&str> {
    match &node.content {
        Content::Scalar { text, .. } => Some(text),
        _ => None,
    }
}

fn message(name: &str) -> String {
    format!("Alertmanager has no receiver `{name}`")
}

fn help(name: &str, names: &[&str]) -> String {
    did_you_mean(name, names.iter().copied()).unwrap_or_else(|| format!("there is `{}`", names.join("`, `")))
}

/// A configuration that is a map in values of a chart.
pub(super) fn of_values(values: &Node<'_>, report: &mut Report) {
    for config in values.having(&["receivers"]) {
        let (Some(route), receivers) = (config.get("route").filter(is_map), config.list(["receivers"])) else {
            continue;
        };
        let names: Option<Vec<&str>> = receivers.iter().map(|it| it.text_at(["name"])).collect();
        let Some(names) = names.filter(|names| !names.is_empty()) else { continue };
        for node in route.under("receiver") {
            let Some(name) = node.text().filter(|name| !names.contains(name) && !name.contains("{{")) else { continue };
            let draft = report.at(&EMBEDDED, &node, message(name)).label("it refuses its configuration");
            draft.also(&receivers[0], "the receivers").help(help(name, &names));
        }
    }
}
