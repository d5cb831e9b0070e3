//! Secrets in a line that somebody wrote, in whatever language: what stands behind `password:`, `DB_PASSWORD=`,
//! `--token`, or beside `name: DB_PASSWORD`. Nothing is judged by it; such lines are only shown without.

use std::ops::Range;

use super::detect;
use super::within::{may_be, of_option};
use super::words::{ends_in, is_password, is_token};

/// Letters of a value that are looked at: a longer one goes to the end of its line.
const LONGEST: usize = 500;

/// A name and the value that stands behind it.
struct Pair<'l> {
    name: &'l str,
    value: Range<usize>,
}

/// Where secrets stand in a line. `named` is what the line before calls the value of this one.
fn in_line(line: &str, named: Option<&str>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let pairs = pairs(line);
    for (at, pair) in pairs.iter().enumerate() {
        let name = match pair.name {
            "value" | "Value" => {
                let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| pairs.get(at));
                let mut name = beside.filter(|it| matches!(it.name, "name" | "Name")).map(|it| &line[it.value.clone()]);
                name.next_back().or(named).unwrap_or(pair.name)
            }
            name => name,
        };
        let looked_at = line.floor_char_boundary(pair.value.end.min(pair.value.start + LONGEST));
        let is_found = found.last().is_some_and(|before: &Range<usize>| pair.value.start < before.end);
        if !is_found && may_be(name, &line[pair.value.start..looked_at]) {
            found.push(pair.value.clone());
        }
    }
    found.extend(behind_options(line, named));
    found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    found.dedup_by(|later, before| later.start < before.end);
    found
}

/// What a line calls the value of the next: `- name: DB_PASSWORD`, or an option that is an item of its own.
fn names_next(line: &str) -> Option<&str> {
    let bare = line.trim_start_matches([' ', '-']);
    if let Some(name) = bare.strip_prefix("name:").or_else(|| bare.strip_prefix("Name:")) {
        return Some(name.trim().trim_matches(['"', '\'']));
    }
    let item = line.trim_start().strip_prefix("- ")?;
    of_option(Some(item.trim().trim_matches(['"', '\''])))
}

/// All pairs of a line that may tell of a secret, in order.
fn pairs(line: &str) -> Vec<Pair<'_>> {
    let bytes = line.as_bytes();
    let opened = line.find(['{', '[']).unwrap_or(line.len());
    let signs = bytes.iter().enumerate().filter(|(_, byte)| matches!(byte, b':' | b'='));
    signs.filter_map(|(at, sign)| pair(line, at, *sign == b'=', opened < at)).collect()
}

/// The pair at a colon or an equals sign, which may stand within a map or a list.
fn pair(line: &str, at: usize, is_equals: bool, is_within: bool) -> Option<Pair<'_>> {
    let (before, after) = (line.get(..at)?, line.get(at + 1..)?);
    let quoted = before.trim_end_matches(['"', '\'', '\\', ' ']);
    let start = quoted.rfind(|letter: char| !is_of_name(letter)).map_or(0, |last| last + letter_len(quoted, last));
    let name = &quoted[start..];
    let is_name = !name.is_empty() && (is_telling(name) || matches!(name, "name" | "Name" | "value" | "Value"));
    let is_sign = if is_equals {
        !after.starts_with(['=', '~', '>']) && !before.ends_with(['=', '!', '<', '>'])
    } else {
        after.is_empty() || after.starts_with([' ', '"', '\'', '\\']) || before.ends_with(['"', '\''])
    };
    if !is_name || !is_sign {
        return None;
    }
    let blanks = after.len() - after.trim_start().len();
    let value = value(line, at + 1 + blanks, is_equals, is_within)?;
    Some(Pair { name, value })
}

/// Whether a name ends as that of a secret may.
fn is_telling(name: &str) -> bool {
    is_password(name) || is_token(name) || ends_in(name, "pass") || detect::is_telling(name)
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

fn letter_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

/// Where the value is that begins at a place: between its quotes, or up to what ends it.
fn value(line: &str, start: usize, is_equals: bool, is_within: bool) -> Option<Range<usize>> {
    let rest = line.get(start..)?;
    let escapes = rest.len() - rest.trim_start_matches('\\').len();
    let opened = &rest[escapes..];
    if let Some(quote) = opened.chars().next().filter(|letter| matches!(letter, '"' | '\'')) {
        let begin = start + escapes + 1;
        return Some(begin..begin + quoted_len(line.get(begin..)?, quote, escapes > 0));
    }
    let ends = |(at, letter): (usize, char)| {
        let is_end = match letter {
            '"' => true,
            ',' | '}' | ']' => is_within,
            ';' | '&' | '\'' | ')' => is_equals,
            '\\' => rest[at..].starts_with("\\n"),
            ' ' => is_equals || rest[at..].starts_with(" #"),
            letter => letter == '\n' || letter == '\r',
        };
        is_end.then_some(at)
    };
    let length = rest.char_indices().take(LONGEST).find_map(ends).unwrap_or(rest.len());
    let text = rest.get(..length)?.trim_end();
    // A map, a list, an anchor, or the head of a block is no value; nor is the call of a function.
    let is_value = !text.is_empty() && !text.starts_with(['{', '[', '&', '*', '!', '|', '>', '(']);
    (is_value && !(is_equals && text.contains('('))).then(|| start..start + text.len())
}

/// How long a text is up to its closing quote, or the line's end.
fn quoted_len(text: &str, quote: char, is_escaped: bool) -> usize {
    let mut was_escape = false;
    for (at, letter) in text.char_indices().take(LONGEST) {
        if letter == quote && was_escape == is_escaped {
            return if is_escaped { at - 1 } else { at };
        }
        was_escape = letter == '\\' && !was_escape;
    }
    text.len()
}

/// The values of options that are items by themselves: `["--token", "…"]` in one line, or each in its own.
fn behind_options(line: &str, named: Option<&str>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if let (Some(name), Some(item)) = (named, line.trim_start().strip_prefix("- ")) {
        let bare = item.trim();
        let text = bare.trim_matches(['"', '\'']);
        let start = line.len() - item.len() + item.find(text).unwrap_or_default();
        if may_be(name, text) && !text.contains(": ") {
            found.push(start..start + text.len());
        }
    }
    if !line.contains('-') || !line.contains(',') {
        return found;
    }
    let mut before: Option<&str> = None;
    let mut start = 0;
    for piece in line.split(',') {
        let bare = piece.trim_matches([' ', '[', ']', '"', '\'', '\r', '\n']);
        let bare = bare.rsplit_once('[').map_or(bare, |(_, last)| last.trim_start_matches(['"', '\'', ' ']));
        if let Some(name) = of_option(before)
            && may_be(name, bare)
        {
            let at = start + piece.find(bare).unwrap_or_default();
            found.push(at..at + bare.len());
        }
        before = Some(bare);
        start += piece.len() + 1;
    }
    found
}

/// Where secrets stand in a text of several lines.
pub(super) fn in_lines(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut start, mut named) = (Vec::new(), 0, None);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        found.extend(in_line(bare, named).into_iter().map(|range| start + range.start..start + range.end));
        named = names_next(bare);
        start += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::in_lines;

    fn shown(text: &str) -> String {
        let mut shown = text.to_owned();
        in_lines(text).into_iter().rev().for_each(|range| shown.replace_range(range, "***"));
        shown
    }

    #[test]
    fn secrets_are_found_by_what_stands_before_them() {
        for (text, wanted) in [
            ("password: Zq9xCONF7mw", "password: ***"),
            ("  db.password: \"a b, c\" # why", "  db.password: \"***\" # why"),
            ("- {name: DB_PASSWORD, value: Zq9xENV7mw}", "- {name: DB_PASSWORD, value: ***}"),
            ("- {value: 'Zq9xENV7mw', name: DB_PASSWORD}", "- {value: '***', name: DB_PASSWORD}"),
            ("- name: DB_PASSWORD\n  value: hunter2\n", "- name: DB_PASSWORD\n  value: ***\n"),
            ("DB_PASSWORD: QSECRETENV", "DB_PASSWORD: ***"),
            ("run --password=QSECRETARG -v", "run --password=*** -v"),
            ("args: [\"--token\", \"Zq9xARGB4kd\", x]", "args: [\"--token\", \"***\", x]"),
            ("- --password\n- hunter2\n", "- --password\n- ***\n"),
            ("{\"password\":\"hunter2\",\"a\":1}", "{\"password\":\"***\",\"a\":1}"),
            (r#"a: "{\"password\":\"hunter2\"}""#, r#"a: "{\"password\":\"***\"}""#),
            (r#"a: "x: 1\npassword: hunter2\ny: 2""#, r#"a: "x: 1\npassword: ***\ny: 2""#),
            ("spring.datasource.password = hunter2", "spring.datasource.password = ***"),
            ("export PGPASSWORD='a b';x", "export PGPASSWORD='***';x"),
            ("adminPassword: 12345678", "adminPassword: ***"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }

    #[test]
    fn what_refers_to_one_is_shown() {
        for text in [
            "password: {{ db.password }}",
            "password: \"{{ db.password }}\"",
            "password: ${DB_PASSWORD}",
            "password: {type: string, x-platc-secret: true}",
            "password: ssm:/prod/db",
            "password: arn:aws:secretsmanager:eu-central-1:012345678901:secret:db",
            "password: /platform/db/password",
            "password: grafana-admin-password",
            "passwordKey: admin",
            "usePassword: yes",
            "password: |",
            "rule: self.password == self.other",
            "required: [password, token]",
            "token: github",
            "token: argocd-token-v2",
            "secret: web-tls-20240101",
            "password=$(cat /run/secret)",
            "password = read(\"x\")",
            "- {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}",
            "- name: web\n  value: hunter2\n",
            "args: [\"--token\", \"$(TOKEN)\"]",
        ] {
            assert_eq!(shown(text), text);
        }
    }
}
