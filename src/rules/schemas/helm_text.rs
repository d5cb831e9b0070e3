//! Values that stand in texts of Argo CD's objects: `helm.values`, and parameters, which are `--set` to Helm.

use std::ops::Range;
use std::sync::Arc;

use super::helm_values::{Judged, judged, label};
use super::rules::{UNKNOWN_KEY, VALUES_TEXT};
use super::{Place, Report, Schemas, View};
use crate::account::Account;
use crate::check::{Draft, Node, Release};
use crate::finding::Findings;
use crate::finding::codes;
use crate::limits::Limits;
use crate::schema::Schema;
use crate::value::{Number, Value};
use crate::yaml::path::{Path, Step};
use crate::yaml::scalar::{self, Scalar};
use crate::yaml::{self, Types, read};

/// Items that a parameter can put before its own: `list[9].name`.
const MOST_ITEMS: usize = 1000;

/// A text of values as Helm reads it.
pub(super) struct Text<'a> {
    node: Node<'a>,
    written: &'a str,
    read: yaml::Node,
    /// Braces are filled in before Helm sees the text.
    has_braces: bool,
}

/// The values of a release that stand in a text, if they can be read; a finding if they cannot.
pub(super) fn text<'a>(release: &Release<'a>, view: &View<'a>, report: &mut Report) -> Option<Text<'a>> {
    let node = release.helm.as_ref()?.get("values")?;
    let written = node.text()?;
    let has_braces = is_filled(release);
    let file = view.artifact(&node.place()).place.file;
    let mut findings = Findings::default();
    let read = read::read_text(written, file, &Limits::default(), &mut findings);
    let syntax = findings.iter().find(|finding| finding.rule == &codes::yaml::SYNTAX);
    let why = match (&read, syntax) {
        (_, Some(finding)) => finding.message.clone(),
        (Some(read), None) if !is_map_or_nothing(read) => "this is not a map".to_owned(),
        _ => return Some(Text { node, written, read: read?, has_braces }),
    };
    if !(has_braces && written.contains("{{")) {
        let message = format!("the values of the chart `{}` cannot be read: {why}", release.chart);
        let draft = report.at(&VALUES_TEXT, &node, message);
        draft.label("Helm reads this text as YAML").help("write it as `valuesObject`, which is a map and no text");
    }
    None
}

/// An `ApplicationSet` fills braces in.
fn is_filled(release: &Release<'_>) -> bool {
    release.by.text_at(["kind"]) == Some("ApplicationSet")
}

fn is_map_or_nothing(node: &yaml::Node) -> bool {
    match &node.content {
        yaml::Content::Map(_) => true,
        yaml::Content::List(_) => false,
        yaml::Content::Scalar { text, style } => {
            matches!(scalar::resolve(text, *style, Types::ANY), Ok(Scalar::Null)) || text.trim().is_empty()
        }
    }
}

impl Text<'_> {
    pub(super) fn judge(&self, schema: &Schema, chart: &str, by: (&Schemas<'_>, &Account), report: &mut Report) {
        let value = self.value(&self.read);
        for wrong in known(judged(schema, chart, &value, by), &value) {
            let part = self.part(&wrong.path);
            let draft = say(report, self.node.place(), wrong);
            if let Some(part) = part {
                draft.about_range(self.written, part);
            }
        }
    }

    /// What is not known for sure becomes null, about which nothing is said.
    fn value(&self, node: &yaml::Node) -> Value {
        match &node.content {
            _ if node.tag.is_some() => Value::Null,
            yaml::Content::Scalar { text, .. } if self.has_braces && text.contains("{{") => Value::Null,
            yaml::Content::Scalar { text, style } => {
                scalar::resolve(text, *style, Types::ANY).map_or(Value::Null, |scalar| scalar.into_value(text))
            }
            yaml::Content::List(items) => Value::List(items.iter().map(|item| self.value(item)).collect()),
            yaml::Content::Map(entries) => {
                let is_known = |key: &str| !(self.has_braces && key.contains("{{"));
                let entries = entries.iter().filter(|entry| is_known(&entry.key.text));
                Value::Map(entries.map(|entry| (Arc::clone(&entry.key.text), self.value(&entry.value))).collect())
            }
        }
    }

    /// The part of the text that a path is about: its key.
    fn part(&self, path: &Path) -> Option<Range<usize>> {
        let mut node = &self.read;
        let mut key = None;
        for step in path.steps() {
            node = match (step, &node.content) {
                (Step::Key(name), _) => {
                    let entry = node.entry(name)?;
                    key = Some(&entry.key);
                    &entry.value
                }
                (Step::Index(at), yaml::Content::List(items)) => items.get(*at)?,
                _ => return None,
            };
        }
        Some(key?.span.range())
    }
}

/// The parameters of a release: each is judged by itself, and told where its name or its value stands.
pub(super) fn parameters(
    release: &Release<'_>,
    schema: &Schema,
    chart: &str,
    by: (&Schemas<'_>, &Account),
    report: &mut Report,
) {
    let Some(helm) = &release.helm else { return };
    for (list, has_value) in [("parameters", true), ("fileParameters", false)] {
        for parameter in helm.list([list]) {
            let Some(name) = parameter.get("name") else { continue };
            let Some(steps) = name.text().and_then(steps) else { continue };
            let text = parameter.text_at(["value"]).filter(|text| has_value && !text.contains("{{"));
            let is_text = parameter.get("forceString").and_then(|it| it.boolean()) == Some(true);
            let value = around(&steps, text.map_or(Value::Null, |text| typed(text, is_text)));
            for wrong in known(judged(schema, chart, &value, by), &value) {
                let of_value = wrong.rule != &UNKNOWN_KEY;
                let place = parameter.get("value").filter(|_| of_value).unwrap_or(name).place();
                say(report, place, wrong);
            }
        }
    }
}

/// Only what is said about values that are known; and a key that is unknown is, whatever it holds.
fn known(judged: Vec<Judged>, value: &Value) -> impl Iterator<Item = Judged> {
    let is_null = |path: &Path| {
        path.steps().iter().try_fold(value, |value, step| match (value, step) {
            (Value::Map(_), Step::Key(key)) => value.get(key),
            (Value::List(items), Step::Index(at)) => items.get(*at),
            _ => None,
        }) == Some(&Value::Null)
    };
    let is_said = |wrong: &Judged| wrong.rule == &UNKNOWN_KEY || !is_null(&wrong.path);
    judged.into_iter().filter(is_said).collect::<Vec<_>>().into_iter()
}

fn say(report: &mut Report, place: Place, wrong: Judged) -> &mut Draft {
    let label = label(&wrong);
    let draft = report.at(wrong.rule, place, wrong.message);
    draft.label(label);
    if let Some(help) = wrong.help {
        draft.help(help);
    }
    draft
}

/// The path that the name of a parameter is, as `--set` reads it: `a.b\.c[0].d`.
fn steps(name: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut key = String::new();
    let mut letters = name.chars().peekable();
    let mut is_behind_index = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => key.push(letters.next()?),
            '{' | '}' | '=' | ',' | ']' => return None,
            '.' if is_behind_index => is_behind_index = false,
            '.' => steps.push(Step::Key(named(&mut key)?)),
            '[' => {
                if !is_behind_index {
                    steps.push(Step::Key(named(&mut key)?));
                }
                let digits: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                steps.push(Step::Index(digits.parse().ok().filter(|at| *at < MOST_ITEMS)?));
                is_behind_index = true;
                if !matches!(letters.peek(), None | Some('.' | '[')) {
                    return None;
                }
            }
            letter => key.push(letter),
        }
    }
    if !is_behind_index {
        steps.push(Step::Key(named(&mut key)?));
    }
    Some(steps)
}

fn named(key: &mut String) -> Option<Arc<str>> {
    (!key.is_empty()).then(|| std::mem::take(key).into())
}

/// A value at the end of a path, with nothing beside it.
fn around(steps: &[Step], value: Value) -> Value {
    steps.iter().rev().fold(value, |value, step| match step {
        Step::Index(at) => {
            let mut items = vec![Value::Null; *at];
            items.push(value);
            Value::List(items)
        }
        Step::Key(key) => Value::Map(vec![(Arc::clone(key), value)]),
        Step::Item(_) => value,
    })
}

/// A value as `--set` reads it.
fn typed(text: &str, is_text: bool) -> Value {
    let words = [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)];
    let word = words.into_iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some("") => return Value::List(Vec::new()),
        Some(items) => return Value::List(items.split(',').map(|item| typed(item, is_text)).collect()),
        None if is_text => return Value::String(text.into()),
        None => {}
    }
    if let Some((_, value)) = word {
        return value;
    }
    match text.parse() {
        Ok(number) if text == "0" || !text.starts_with('0') => Value::Number(Number::Int(number)),
        _ => Value::String(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parameters_are_paths_as_helm_reads_them() {
        let shown = |name: &str| steps(name).map(|steps| steps.into_iter().collect::<Path>().to_string());
        assert_eq!(shown("a.b"), Some("a.b".to_owned()));
        assert_eq!(shown(r"nodeSelector.kubernetes\.io/role"), Some(r#"nodeSelector."kubernetes.io/role""#.to_owned()));
        assert_eq!(shown("hosts[0].paths[1][2]"), Some("hosts[0].paths[1][2]".to_owned()));
        for name in ["", "a.", ".a", "a..b", "a[", "a[x]", "a[0]b", "a[99999999]", "a,b", "a\\"] {
            assert_eq!(shown(name), None, "{name}");
        }
    }

    #[test]
    fn values_of_parameters_have_the_types_that_helm_gives_them() {
        let text = |text: &str| Value::String(text.into());
        let number = |number| Value::Number(Number::Int(number));
        assert_eq!(typed("3", false), number(3));
        assert_eq!(typed("0", false), number(0));
        assert_eq!(typed("3", true), text("3"));
        assert_eq!(typed("007", false), text("007"));
        assert_eq!(typed("1.5", false), text("1.5"));
        assert_eq!(typed("TRUE", false), Value::Bool(true));
        assert_eq!(typed("{1,b}", false), Value::List(vec![number(1), text("b")]));
        assert_eq!(typed("{}", false), Value::List(Vec::new()));
    }
}
