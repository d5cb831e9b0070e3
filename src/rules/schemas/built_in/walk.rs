//! An object held against the fields of its kind.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex_lite::Regex;

use super::habit::{self, Habit};
use super::table::{Form, Part};
use crate::check::{Node, Report};
use crate::finding::Rule;
use crate::finding::suggest::{did_you_mean, is_slip, nearest};
use crate::rules::kubernetes::fields;
use crate::rules::schemas::rules::OBJECT_SCHEMA;
use crate::value::Value;

/// How what a table does not hold is told.
pub(super) struct Words<'a> {
    pub(super) kind: &'a str,
    /// What is near to a known name.
    pub(super) near: &'static Rule,
    /// And what is not.
    pub(super) far: &'static Rule,
    /// Whether only a slip of one letter is near.
    pub(super) is_strict: bool,
    /// Capitals make no difference to who reads it.
    pub(super) reads_any_case: bool,
    /// Who does not know it.
    pub(super) who: String,
    /// What to do about what is near to nothing.
    pub(super) help: String,
}

/// A pattern, compiled when it is first asked for, and what it said of the texts that it was last asked about: in a fleet
/// they are the same in many environments.
struct Pattern {
    /// None if it cannot be read.
    regex: Option<Regex>,
    known: BTreeMap<String, bool>,
}

/// Texts that a pattern keeps in mind.
const KEPT: usize = 256;

/// Patterns of the tables: most are asked for many times in a run.
static PATTERNS: LazyLock<Mutex<BTreeMap<&'static str, Pattern>>> = LazyLock::new(Mutex::default);

impl Words<'_> {
    /// Whether a pattern is found in a text; one that cannot be read is found in all.
    fn is_match(pattern: &'static str, text: &str) -> bool {
        let mut patterns = PATTERNS.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Pattern { regex: Regex::new(pattern).ok(), known: BTreeMap::new() };
        let own = patterns.entry(pattern).or_insert_with(new);
        if let Some(known) = own.known.get(text) {
            return *known;
        }
        let is_match = own.regex.as_ref().is_none_or(|regex| regex.is_match(text));
        if own.known.len() < KEPT && text.len() < 256 {
            own.known.insert(text.to_owned(), is_match);
        }
        is_match
    }

    pub(super) fn judge(&self, part: Part, root: &Node<'_>, report: &mut Report) {
        Walk { words: self, report }.part(part, root, Path::default());
    }
}

/// The keys that lead to a node: most nodes are as they should be, and then nobody asks for them.
#[derive(Clone, Copy, Default)]
struct Path<'a> {
    /// None in the root.
    above: Option<&'a Path<'a>>,
    key: &'a str,
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.above {
            Some(above) if above.above.is_some() => write!(to, "{above}.{}", self.key),
            _ => to.write_str(self.key),
        }
    }
}

/// An object being looked through.
struct Walk<'a> {
    words: &'a Words<'a>,
    report: &'a mut Report,
}

impl Walk<'_> {
    fn part(&mut self, part: Part, node: &Node<'_>, path: Path<'_>) {
        if !fields::is_map(node, self.report) {
            return;
        }
        for (key, below) in node.entries() {
            let path = Path { above: Some(&path), key };
            match part.field(key) {
                // To the API server null is absent.
                Some(_) if matches!(below.value, Value::Null) => {}
                Some(code) => self.value(part, code, &below, path),
                // What kustomize does with an object, and what a tool puts there first.
                None if key.starts_with('$') || !fields::is_written(key) => {}
                // What SOPS knows of the values that it has encrypted; whoever decrypts them takes it out.
                None if node.is_root() && key == "sops" => {}
                None => self.unknown_field(part, key, &below, path),
            }
        }
        // Elsewhere a patch may add it.
        if node.key().is_none() && path.above.is_some() {
            self.needed(part, node, path);
        }
    }

    /// Says what an item of a list lacks.
    fn needed(&mut self, part: Part, node: &Node<'_>, path: Path<'_>) {
        for name in part.needed().filter(|name| node.get(name).is_none_or(|it| matches!(it.value, Value::Null))) {
            let message = format!("an item of `{path}` of a `{}` needs `{name}`", self.words.kind);
            self.report.at(&OBJECT_SCHEMA, node.place(), message).help(format!("add `{name}`"));
        }
    }

    /// `part`: the one whose field it is.
    fn value(&mut self, part: Part, code: &'static str, node: &Node<'_>, path: Path<'_>) {
        if let Some(inner) = code.strip_prefix('[') {
            for item in fields::items(node, self.report) {
                self.value(part, inner, &item, path);
            }
            return;
        }
        if let Some(inner) = code.strip_prefix('{') {
            if fields::is_map(node, self.report) {
                for (_, below) in node.entries() {
                    self.value(part, inner, &below, path);
                }
            }
            return;
        }
        match part.form(code) {
            Form::Open => {}
            Form::Part(part) => self.part(part, node, path),
            Form::Text => fields::is_text(node, self.report),
            Form::Integer | Form::Number => fields::is_number(node, self.report),
            Form::Within(least, most) => self.number(least, most, node, path),
            Form::Like(pattern) => self.text(pattern, node, path),
            Form::Bool => fields::is_bool(node, self.report),
            Form::Scalar => fields::is_scalar(node, self.report),
            Form::OneOf(words) => self.word(words, node, path),
            Form::Time => self.time(node, path),
        }
    }

    fn number(&mut self, least: i64, most: i64, node: &Node<'_>, path: Path<'_>) {
        fields::is_number(node, self.report);
        let Some(number) = node.integer().filter(|number| !(least..=most).contains(number)) else { return };
        let wanted = match (least, most) {
            (i64::MIN, most) => format!("at most {most}"),
            (least, i64::MAX) => format!("at least {least}"),
            (least, most) => format!("between {least} and {most}"),
        };
        let message = format!("`{path}` of a `{}` must be {wanted}, not {number}", self.words.kind);
        self.report.at(&OBJECT_SCHEMA, node, message);
    }

    fn text(&mut self, pattern: &'static str, node: &Node<'_>, path: Path<'_>) {
        fields::is_text(node, self.report);
        let Some(text) = node.text().filter(|text| fields::is_written(text)) else { return };
        if Words::is_match(pattern, text) {
            return;
        }
        let message = format!("`{path}` of a `{}` cannot be `{text}`", self.words.kind);
        let draft = self.report.at(&OBJECT_SCHEMA, node, message);
        draft.label(if pattern.len() > 120 {
            "it has another form".to_owned()
        } else {
            format!("it must match the pattern `{pattern}`")
        });
    }

    fn time(&mut self, node: &Node<'_>, path: Path<'_>) {
        let is_it = |text: &str| text.is_empty() || !fields::is_written(text) || is_time(text);
        if node.text().is_none_or(|text| !is_it(text)) {
            let message = format!("`{path}` of a `{}` must be a time such as `10m`", self.words.kind);
            self.report.at(&OBJECT_SCHEMA, node, message).help("write it with a unit: `30s`, `10m`, `1h30m`");
        }
    }

    fn word(&mut self, words: &'static str, node: &Node<'_>, path: Path<'_>) {
        fields::is_text(node, self.report);
        let known = || words.split('|');
        let Some(text) = node.text().filter(|text| !text.is_empty() && fields::is_written(text)) else { return };
        if known().any(|word| word == text) {
            return;
        }
        let near = did_you_mean(text, known());
        let rule = if near.is_some() { &OBJECT_SCHEMA } else { self.words.far };
        let draft = self.report.at(rule, node, format!("`{path}` of a `{}` cannot be `{text}`", self.words.kind));
        draft.label(format!("{} does not know it", self.words.who));
        draft.help(near.unwrap_or_else(|| {
            let known: Vec<String> = known().map(|word| format!("`{word}`")).collect();
            format!("write one of {}", known.join(", "))
        }));
    }

    fn unknown_field(&mut self, part: Part, key: &str, node: &Node<'_>, path: Path<'_>) {
        let is_near = |near: &&str| !self.words.is_strict || is_slip(key, near);
        let near = nearest(key, part.names()).filter(is_near);
        let habit = habit::of(self.words.kind, &path.to_string(), node);
        if matches!(habit, Some(Habit::Told)) {
            return;
        }
        let rule = if near.is_some() { self.words.near } else { self.words.far };
        let kind = self.words.kind;
        let help = match (habit, near) {
            (Some(Habit::Write(help)), _) => help,
            (_, Some(near)) => format!("did you mean `{near}`?"),
            _ => self.known(part),
        };
        let draft = self.report.at(rule, node, format!("{} `{kind}` has no field `{path}`", fields::article(kind)));
        draft.about_key();
        let who = &self.words.who;
        draft.label(match near {
            Some(near) if near.eq_ignore_ascii_case(key) => format!("{who} writes it in other letters"),
            _ => format!("{who} does not know it"),
        });
        if self.words.reads_any_case && near.is_some_and(|near| near.eq_ignore_ascii_case(key)) {
            draft.warning();
        }
        draft.help(help);
    }

    /// What to do about a field that is near to none: where there are few, they are named.
    fn known(&self, part: Part) -> String {
        const NAMED: usize = 8;
        let known: Vec<String> = part.names().take(NAMED + 1).map(|name| format!("`{name}`")).collect();
        if known.is_empty() || known.len() > NAMED {
            return self.words.help.clone();
        }
        format!("the fields here are {}; {}", known.join(", "), self.words.help)
    }
}

/// The first step of a path that is no field of the part where it stands, and nearly is one: its position, and that field.
pub(super) fn misspelt_step(part: Part, steps: &[String]) -> Option<(usize, &'static str)> {
    let mut part = part;
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        let Some(code) = part.field(step) else {
            return nearest(step, part.names()).map(|near| (at, near));
        };
        // An index or a key for each list and map around the value.
        let inner = code.trim_start_matches(['[', '{']);
        at += 1 + (code.len() - inner.len());
        let Form::Part(below) = part.form(inner) else { return None };
        part = below;
    }
    None
}

/// Numbers, each with a unit: `1h30m`.
fn is_time(text: &str) -> bool {
    let is_digit = |letter: char| letter.is_ascii_digit() || letter == '.';
    let mut rest = text;
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(is_digit);
        let after = ["ms", "s", "m", "h"].iter().find_map(|known| unit.strip_prefix(known));
        match after {
            Some(after) if unit.len() < rest.len() => rest = after,
            _ => return false,
        }
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_time;

    #[test]
    fn times_as_flux_takes_them() {
        for (text, wanted) in [
            ("10m", true),
            ("1h30m", true),
            ("0.5s", true),
            ("100ms", true),
            ("5", false),
            ("m", false),
            ("5 m", false),
        ] {
            assert_eq!(is_time(text), wanted, "{text}");
        }
    }
}
