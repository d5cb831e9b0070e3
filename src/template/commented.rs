//! Keys and items whose value the template has, but where it makes nothing: in a comment, or taken in at the left margin.

use std::ops::Range;

/// Why a key has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// All of it stands in a comment.
    Comment,
    /// The lines of what is taken in stand beside the key.
    Beside,
}

/// What stands behind a key, or below it and further in, in a template in which the sign behind the key ends at `end`, if
/// it looks like a value.
pub(super) fn value(written: &str, end: usize) -> Option<(Range<usize>, Why)> {
    let start = written[..end].rfind('\n').map_or(0, |end| end + 1);
    let column = column(&written[start..end]);
    let rest = &written[end..];
    let (on_line, below) = rest.split_once('\n')?;
    let mut at = end + on_line.len() + 1;
    match on_line.trim() {
        "" => {}
        line if line.starts_with("{#") && line.ends_with("#}") && !line[2..].contains("{#") => {
            let start = end + on_line.find("{#")?;
            return is_flow(body(line)).then(|| (start..start + line.len(), Why::Comment));
        }
        line if line.starts_with('#') => {}
        _ => return None,
    }
    for line in below.split_inclusive('\n') {
        let (text, indent) = (line.trim(), line.len() - line.trim_start_matches(' ').len());
        let first = at + indent;
        at += line.len();
        let whole = || {
            let length = if text.starts_with("{#") { written[first..].find("#}")? + 2 } else { text.len() };
            Some(first..first + length)
        };
        if text.is_empty() {
            continue;
        }
        if text.starts_with("{% include ") && indent == 0 && text.ends_with("%}") {
            return Some((whole()?, Why::Beside));
        }
        if indent <= column || !text.starts_with('#') && !text.starts_with("{#") {
            return None;
        }
        let comment = &written[whole()?];
        if body(comment).lines().any(is_entry) {
            return Some((whole()?, Why::Comment));
        }
        if text.starts_with("{#") && !text.contains("#}") {
            return None;
        }
    }
    None
}

/// Where a key or the sign of an item stands on its line.
fn column(line: &str) -> usize {
    if line.ends_with('-') { line.len() - 1 } else { line.len() - line.trim_start_matches([' ', '-']).len() }
}

/// A comment without its signs.
fn body(comment: &str) -> &str {
    match comment.strip_prefix("{#").and_then(|rest| rest.strip_suffix("#}")) {
        Some(body) => body.trim_matches(['-', '+']).trim(),
        None => comment.trim_start_matches('#').trim(),
    }
}

fn is_flow(text: &str) -> bool {
    text.starts_with('{') && text.ends_with('}') || text.starts_with('[') && text.ends_with(']')
}

/// Words before a colon that begin a note.
const NOTES: [&str; 8] = ["fixme", "hack", "hint", "nb", "note", "see", "todo", "xxx"];

/// Whether a line is a key with or without a value, an item, or a list or a map between brackets: no words about them.
fn is_entry(line: &str) -> bool {
    let line = line.trim();
    let is_key = |key: &str| {
        let key = key.trim_matches(['"', '\'']);
        let is_note = || NOTES.iter().any(|note| note.eq_ignore_ascii_case(key));
        !key.is_empty() && key.chars().all(|char| char.is_ascii_alphanumeric() || "_-./".contains(char)) && !is_note()
    };
    let is_value = |value: &str| is_flow(value) || value.starts_with(['"', '\'', '{']) || !value.contains(' ');
    if let Some(item) = line.strip_prefix("- ") {
        return is_entry(item) || is_value(item.trim());
    }
    match line.strip_suffix(':').map(|key| (key, "")).or_else(|| line.split_once(": ")) {
        Some((key, value)) => is_key(key) && is_value(value.trim()),
        None => is_flow(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(&str, Why)> {
        let end = text.find(['§']).unwrap_or_default();
        let written = text.replace('§', "");
        let (range, why) = value(&written, end)?;
        Some((&text[range.start + '§'.len_utf8()..range.end + '§'.len_utf8()], why))
    }

    #[test]
    fn what_looks_like_a_value_is_found_below_its_key() {
        for (text, comment) in [
            ("a:§\n  {# b: 1 #}\nc: 1\n", "{# b: 1 #}"),
            ("a:§\n\n  # b:\n  #   c: 1\nc: 1\n", "# b:"),
            ("a:§ # here\n  # - x\n", "# - x"),
            ("a:§\n  {#- a note\n  b: 1 -#}\nc: 1\n", "{#- a note\n  b: 1 -#}"),
            ("a:§ {# {b: 1} #}\nc: 1\n", "{# {b: 1} #}"),
            ("l:\n  -§\n    # b: 1\n  - x\n", "# b: 1"),
            ("a:§\n  # more of it\n  # b: 1\n", "# b: 1"),
        ] {
            assert_eq!(found(text), Some((comment, Why::Comment)), "{text}");
        }
        let include = "{% include \"_map.j2\" %}";
        assert_eq!(found(&format!("a:§\n{include}\nb: 1\n")), Some((include, Why::Beside)));
        for text in [
            "a:§\nb: 1\n",
            "a:§\n# b: 1\nc: 1\n",
            "a:§\n{# b: 1 #}\nc: 1\n",
            "a:§\n  # nothing: is known of this, see below\n",
            "a:§\n  # TODO: later\n  # - nothing else here\n",
            "a:§ # b: 1\nc: 1\n",
            "a:§ {# a note: more #}\nc: 1\n",
            "a:§\n  {# a note #}\nc: 1\n",
            "a:§\n  {% if x %}\n  # b: 1\n  {% endif %}\n",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
