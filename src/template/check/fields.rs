//! Braces in fields whose own tool fills them with names that nobody knows here, such as the labels of a series. They may
//! as well be meant for a value of the environment, so where there is one this is a doubt, and no mistake.

use std::ops::Range;

use super::Checked;
use crate::finding::{Finding, codes};
use crate::source::Span;

/// A field, whose it is, and what its tool puts in.
struct Field {
    key: &'static str,
    tool: &'static str,
    fills: &'static str,
}

/// How all of them end.
const ENDING: &str = "Format";

const FIELDS: &[Field] = &[
    // From docs of Grafana 12, "Prometheus query editor": a label of the series, by its name.
    Field { key: "legendFormat", tool: "Grafana", fills: "the label of each series" },
    // From docs of Perses 0.52, "TimeSeriesQuery".
    Field { key: "seriesNameFormat", tool: "Perses", fills: "the label of each series" },
];

/// A name that is printed in such a field, and what to say of it.
#[derive(Clone, Debug)]
pub(in crate::template) struct Doubt {
    pub(in crate::template) name: String,
    pub(in crate::template) finding: Finding,
}

/// The names that are printed in such fields.
pub(super) fn doubts(text: &str, checked: &Checked, at: &dyn Fn(Range<usize>) -> Span) -> Vec<Doubt> {
    // Most texts are looked through once.
    if !text.contains(ENDING) {
        return Vec::new();
    }
    let doubt = |range: &Range<usize>| {
        let name = text.get(range.clone()).filter(|name| is_name(name))?;
        let (before, after) = (text.get(..range.start)?, text.get(range.end..)?);
        let start = before.trim_end_matches([' ', '-', '+']).strip_suffix("{{")?.len();
        let end = range.end + after.find("}}")? + 2;
        let line = before.get(before.rfind('\n').map_or(0, |end| end + 1)..start)?;
        let Field { key, tool, fills } = FIELDS.iter().find(|field| is_value_of(field.key, line))?;
        let message = format!("`{{{{{name}}}}}` in `{key}` is filled here");
        let finding = Finding::new(&codes::template::DOUBTFUL_BRACES, at(start..end), message)
            .label(format!("{tool} would put in {fills}"))
            .help(help(tool, name));
        Some(Doubt { name: name.to_owned(), finding })
    };
    checked.printed.iter().filter_map(doubt).collect()
}

/// What to write for the one, and for the other.
pub(in crate::template) fn help(tool: &str, words: &str) -> String {
    format!(
        "for {tool}, write it between `{{% raw %}}` and `{{% endraw %}}`; for the value of the environment, give it another name: `{{% set x = {words} %}}`"
    )
}

/// A name without points: no label has one.
fn is_name(words: &str) -> bool {
    let mut letters = words.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !matches!(words, "true" | "false" | "none")
}

/// Whether what stands behind a line is in the value of a key, in YAML or JSON, or in a text that holds JSON.
fn is_value_of(key: &str, line: &str) -> bool {
    let Some((_, rest)) = line.rsplit_once(key) else { return false };
    let rest = rest.trim_start_matches(['"', '\'', '\\', ' ']);
    let Some(value) = rest.strip_prefix(':') else { return false };
    let value = value.trim_start();
    let quote = ["\\\"", "\"", "'"].into_iter().find(|quote| value.starts_with(quote));
    match quote {
        Some(quote) => !value[quote.len()..].contains(quote),
        None => !value.contains(['"', ',', '#']),
    }
}

#[cfg(test)]
mod tests {
    use super::{ENDING, FIELDS, is_value_of};

    #[test]
    fn all_fields_end_as_they_are_looked_for() {
        assert!(FIELDS.iter().all(|field| field.key.ends_with(ENDING)));
    }

    #[test]
    fn the_value_of_a_key_is_told_in_each_form() {
        for line in [
            "legendFormat: ",
            r#"  legendFormat: "{{ pod }} in "#,
            r#"{"expr": "up", "legendFormat": ""#,
            r#"dash.json: "{\"legendFormat\": \""#,
            "legendFormat: '",
        ] {
            assert!(is_value_of("legendFormat", line), "{line}");
        }
        for line in
            [r#"{"legendFormat": "x", "title": ""#, "{legendFormat: x, title: ", "# legendFormat ", r#"title: ""#]
        {
            assert!(!is_value_of("legendFormat", line), "{line}");
        }
    }
}
