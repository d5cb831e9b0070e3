//! Components of Grafana's Agent and of Alloy, and what refers to them.

use std::collections::BTreeSet;

use super::EMBEDDED;
use crate::check::{Node, Report, Signs};
use crate::finding::suggest::nearest;

pub(super) fn of_values(values: &Node<'_>, report: &mut Report) {
    for (node, text) in values.texts_with(Signs::of(b"\n{}[]=.\"")) {
        if text.contains("forward_to") && !text.contains("{{") {
            of_text(&node, text, report);
        }
    }
}

fn of_text(node: &Node<'_>, text: &str, report: &mut Report) {
    let declared: BTreeSet<(&str, &str)> = text.lines().filter_map(block).collect();
    for (kind, label, at) in references(text, &declared) {
        let of_kind = || declared.iter().filter(|(own, _)| *own == kind).map(|(_, label)| *label);
        if declared.contains(&(kind, label)) {
            continue;
        }
        let draft = report.at(&EMBEDDED, node, format!("this text declares no `{kind} \"{label}\"`"));
        draft.about_range(text, at..at + kind.len() + 1 + label.len());
        let near = nearest(label, of_kind()).or(of_kind().next()).unwrap_or_default();
        draft.help(format!("did you mean `{kind}.{near}`?"));
    }
}

/// `prometheus.remote_write "amp" {`, at the beginning of a line.
fn block(line: &str) -> Option<(&str, &str)> {
    let (kind, rest) = line.split_once(" \"")?;
    let (label, rest) = rest.split_once('"')?;
    let is_kind = kind.contains('.')
        && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_'));
    (is_kind && rest.trim_start().starts_with('{')).then_some((kind, label))
}

/// Kind, label, and where it stands, of each reference to a component of a kind that the text declares: `KIND.LABEL.EXPORT`.
fn references<'t>(text: &'t str, declared: &BTreeSet<(&'t str, &'t str)>) -> Vec<(&'t str, &'t str, usize)> {
    let kinds: BTreeSet<&str> = declared.iter().map(|(kind, _)| *kind).collect();
    let mut found = Vec::new();
    for kind in kinds {
        for (at, _) in text.match_indices(kind) {
            let is_begin = text[..at]
                .chars()
                .next_back()
                .is_none_or(|it| !it.is_ascii_alphanumeric() && !matches!(it, '_' | '.' | '"'));
            let line = text[..at].rsplit('\n').next().unwrap_or_default();
            let is_code = !line.contains("//") && line.matches('"').count().is_multiple_of(2);
            let Some(rest) = text.get(at + kind.len()..).and_then(|rest| rest.strip_prefix('.')) else { continue };
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
            let (label, behind) = rest.split_at(end);
            // A longer kind begins as this one: then more than one point follows.
            let export = behind.strip_prefix('.').map(|it| {
                it.split(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '.'))
                    .next()
                    .unwrap_or_default()
            });
            let is_export = export.is_some_and(|it| !it.is_empty() && !it.contains('.'));
            if is_begin && is_code && is_export && !label.is_empty() {
                found.push((kind, label, at));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{block, references};

    #[test]
    fn references_are_found() {
        let text = "prometheus.scrape \"pods\" {\n  forward_to = [prometheus.remote_write.amp.receiver]\n}\nprometheus.remote_write \"amp\" {\n}\n// prometheus.scrape.old.targets\n";
        let declared = text.lines().filter_map(block).collect();
        let found = references(text, &declared);
        assert_eq!(
            found.iter().map(|(kind, label, _)| (*kind, *label)).collect::<Vec<_>>(),
            [("prometheus.remote_write", "amp")]
        );
    }
}
