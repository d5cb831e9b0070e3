//! Values that somebody gives to a chart and that have no effect: no template looked at them, and none has their name.

use std::sync::Arc;

use super::file::File;
use super::load::Chart;
use super::value::Map;
use super::values::{GLOBAL, table};

/// A value that no template reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The keys that lead to it.
    pub path: Vec<String>,
    /// What else stands beside it, and is read or is the chart's own.
    pub beside: Vec<Arc<str>>,
}

/// What of the given values was not read. `seen` are the values that templates had, and which were watched.
pub fn unread(chart: &Chart, given: &Map, seen: &Map) -> Vec<Unread> {
    let mut found = Vec::new();
    look(chart, given, seen, &[], &mut found);
    found
}

fn look(chart: &Chart, given: &Map, seen: &Map, path: &[String], found: &mut Vec<Unread>) {
    for key in given.names() {
        let (Some(value), Some(had)) = (given.peek(&key), seen.peek(&key)) else { continue };
        // Those that all charts within share are others there; tags are read by Helm.
        if &*key == GLOBAL || path.is_empty() && &*key == "tags" || value.is_nil() {
            continue;
        }
        let path: Vec<String> = path.iter().cloned().chain([key.to_string()]).collect();
        if seen.was_read(&key) {
            if let (Some(given), Some(seen)) = (table(&value), table(&had)) {
                look(chart, given, seen, &path, found);
            }
        } else if !is_named(chart, &key) {
            let is_other = |it: &Arc<str>| *it != key && (!given.names().contains(it) || seen.was_read(it));
            found.push(Unread { path, beside: seen.names().into_iter().filter(is_other).collect() });
        }
    }
}

/// Whether a chart, or one within, has a name anywhere but in its own values: a branch that was not taken may read it.
fn is_named(chart: &Chart, name: &str) -> bool {
    let has = |text: &str| has_word(text, name);
    let in_file = |file: &File| has(&file.text());
    let of_values = chart.values.as_ref().is_some_and(|values| values.text.contains("{{") && has(&values.text));
    let of_dependencies = chart.metadata.dependencies.iter().any(|it| {
        let imports = format!("{:?}", it.imports);
        has(&it.condition) || has(&it.name) || has(it.key()) || it.tags.iter().any(|tag| has(tag)) || has(&imports)
    });
    chart.templates.iter().chain(&chart.files).chain(&chart.schema).any(in_file)
        || of_values
        || of_dependencies
        || chart.charts.iter().any(|one| &*one.metadata.name == name || is_named(one, name))
}

/// Whether a text has a word, and not only as a part of another.
fn has_word(text: &str, word: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn a_word_is_none_within_another() {
        assert!(has_word("{{ .Values.size }}", "size") && has_word("index .Values \"a-b\"", "a-b"));
        assert!(!has_word("{{ .Values.sizes }} resize", "size"));
    }
}
