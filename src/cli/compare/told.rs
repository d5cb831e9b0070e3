//! What an environment tells of itself, to be compared with others: one line for each thing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::artifact::File;
use crate::cli::mask::Mask;
use crate::cli::paths::{self, Found};
use crate::environment::Content;
use crate::environment::shape::Shape as _;
use crate::images;
use crate::pipeline::{Asking, Seen};
use crate::rules::HIDDEN;
use crate::schema::{ListMerge, Must};
use crate::value::Value;
use crate::yaml::emit;
use crate::yaml::path::{Path, Step};
use crate::yaml::scalar::{self, Plain};

pub(super) struct Asks;

/// A line of an answer, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Line {
    /// A value of the environment, in one line.
    Value { path: String, text: String, kind: Kind, must: Option<Wanted> },
    /// A chart that is installed: its release, and the version.
    Chart { release: String, version: String },
    /// An image, and the versions that run.
    Image { name: String, versions: String },
    /// A file of the tree, and its digest.
    File { path: String, digest: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Flag,
    Version,
    Other,
    /// It is not shown, and so not compared.
    Secret,
}

/// What the schema wants of a value in all environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Wanted {
    MustMatch,
    MustDiffer,
}

impl Asking for Asks {
    fn question(&self) -> &'static str {
        "compare"
    }

    fn answer(&self, seen: &Seen<'_>) -> Vec<String> {
        let mask = Mask::of(seen.environment, seen.schema);
        let mut lines = Vec::new();
        let root = Found { path: Path::root(), tree: Arc::clone(&seen.environment.root), shape: seen.schema.shape() };
        values(&root, &mask, &mut lines);
        lines.extend(charts(seen));
        lines.extend(images(seen, &mask));
        let hex = |digest: &[u8; 32]| digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let file = |file: &File| Line::File { path: file.path.to_string(), digest: hex(file.bytes.digest()) };
        lines.extend(seen.files.iter().map(file));
        lines.iter().filter_map(|line| serde_json::to_string(line).ok()).collect()
    }
}

/// A line of an answer, if it is as this build writes it.
pub(super) fn read(line: &str) -> Option<Line> {
    serde_json::from_str(line).ok()
}

/// The values below one. A list whose items have no names is one value, and so is what the schema compares as a whole.
fn values(at: &Found<'_>, mask: &Mask, lines: &mut Vec<Line>) {
    let must = at.shape.compares().map(|must| match must {
        Must::Match => Wanted::MustMatch,
        Must::Differ => Wanted::MustDiffer,
    });
    let below = if must.is_some() { Vec::new() } else { paths::below(at) };
    let is_named = |found: &Found<'_>| !matches!(found.path.steps().last(), Some(Step::Index(_)));
    if !below.is_empty() && below.iter().all(is_named) {
        return below.into_iter().for_each(|below| values(&with_defaults(at, below), mask, lines));
    }
    if at.path.is_root() {
        return;
    }
    let is_secret = mask.holds(&at.tree);
    let kind = match &at.tree.content {
        _ if is_secret => Kind::Secret,
        Content::Bool(_) => Kind::Flag,
        _ if is_version(&at.path) => Kind::Version,
        _ => Kind::Other,
    };
    let text = if is_secret { HIDDEN.to_owned() } else { in_a_line(&mask.value(&at.tree)) };
    lines.push(Line::Value { path: at.path.to_string(), text, kind, must });
}

/// An item by all its keys, so that it is the same one whether it says a key that has a default or not.
fn with_defaults<'a>(list: &Found<'a>, item: Found<'a>) -> Found<'a> {
    let (Some(Step::Item(_)), ListMerge::ByKeys(keys)) = (item.path.steps().last(), list.shape.list_merge()) else {
        return item;
    };
    let word = |key: &Arc<str>| {
        let said = item.tree.get(key).map(|value| value.to_word());
        Some((Arc::clone(key), said.or_else(|| item.shape.property(key).default_word())?))
    };
    let step = Step::Item(keys.iter().filter_map(word).collect());
    Found { path: list.path.join(step), ..item }
}

/// Whether a key says that its value is a version: `version`, `chartVersion`, `ami_version`.
fn is_version(path: &Path) -> bool {
    let Some(Step::Key(key)) = path.steps().last() else { return false };
    ["version", "Version"].iter().any(|ending| {
        key.strip_suffix(ending)
            .is_some_and(|before| before.is_empty() || ending.starts_with('V') || before.ends_with(['-', '_', '.']))
    })
}

/// A value as a line of YAML, so that `1.30` the number and `"1.30"` the text are two.
fn in_a_line(value: &Value) -> String {
    if let Value::String(text) = value
        && is_plain(text)
    {
        return text.to_string();
    }
    let mut line = String::new();
    write(&mut line, value);
    line
}

/// Whether a text is what everybody takes it for without quotes.
fn is_plain(text: &str) -> bool {
    let is_usual = |letter: char| letter.is_ascii_alphanumeric() || "_./:@+-".contains(letter);
    !text.is_empty() && text.chars().all(is_usual) && matches!(scalar::plain(text), Plain::String)
}

fn write(line: &mut String, value: &Value) {
    match value {
        Value::List(items) => {
            line.push('[');
            for (at, item) in items.iter().enumerate() {
                line.push_str(if at > 0 { ", " } else { "" });
                write(line, item);
            }
            line.push(']');
        }
        Value::Map(entries) => {
            line.push('{');
            for (at, (key, below)) in entries.iter().enumerate() {
                line.push_str(if at > 0 { ", " } else { "" });
                write(line, &Value::String(Arc::clone(key)));
                line.push_str(": ");
                write(line, below);
            }
            line.push('}');
        }
        // A text of several lines is one in JSON.
        Value::String(text) if text.contains('\n') => line.push_str(emit::json(value).trim_end()),
        _ => line.push_str(emit::document("", value).trim_end()),
    }
}

/// The charts that are installed.
fn charts(seen: &Seen<'_>) -> Vec<Line> {
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for release in seen.view.releases() {
        let name = format!("chart {} ({})", release.chart_name(), release.name);
        found.entry(name).or_default().push(release.version.unwrap_or("newest"));
    }
    let line = |(release, mut versions): (String, Vec<&str>)| {
        versions.sort_unstable();
        versions.dedup();
        Line::Chart { release, version: versions.join(", ") }
    };
    found.into_iter().map(line).collect()
}

/// The images that run, each by its name without the version.
fn images(seen: &Seen<'_>, mask: &Mask) -> Vec<Line> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for image in images::of(seen.view) {
        let part = |part: &images::Part| match part {
            images::Part::OfChart => Some("(chart)".to_owned()),
            part if seen.view.is_secret_data(&image.place) => part.text().map(|_| HIDDEN.to_owned()),
            part => part.text().map(|text| mask.text(text).into_owned()),
        };
        let [registry, repository, tag, digest] = image.parts().map(part);
        let name: Vec<String> = registry.into_iter().chain(repository).collect();
        let digest = digest.map(|digest| format!("@{digest}"));
        let version = format!("{}{}", tag.unwrap_or_default(), digest.unwrap_or_default());
        let version = if version.is_empty() { "latest (implied)".to_owned() } else { version };
        found.entry(name.join("/")).or_default().push(version);
    }
    let line = |(name, mut versions): (String, Vec<String>)| {
        versions.sort_unstable();
        versions.dedup();
        Line::Image { name, versions: versions.join(", ") }
    };
    found.into_iter().map(line).collect()
}
