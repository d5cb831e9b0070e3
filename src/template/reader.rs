//! Texts that somebody reads as YAML or JSON, by their keys, such as `values.yaml: |`. Values go into a text as they are:
//! whether a reader takes each of them for what it is here.

use std::collections::BTreeSet;

use super::embed;
use super::skeleton::{Cache, Content, Form, Key, Node, Part};
use super::slot::{self, Slot};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::FileId;
use crate::value::Value;
use crate::yaml::scalar::{self, Scalar};
use crate::yaml::{self, Style, Types, read, stream};

/// Whether a file of this name, or a text below a key of this name, is read so.
pub(super) fn is_named(name: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending))
}

/// Keys of texts that are read so wherever they stand: of an `ApplicationSet`, of Kyverno and Kustomize, of the `ConfigMap`
/// `aws-auth`, of an add-on of EKS, of the Helm of k3s, and of `CloudFormation`. Sorted.
const KEYS: &[&str] = &[
    "ConfigurationValues",
    "DashboardBody",
    "DefinitionString",
    "configurationValues",
    "mapAccounts",
    "mapRoles",
    "mapUsers",
    "patchesJson6902",
    "templatePatch",
    "valuesContent",
];

/// What the map or list is called in which a text stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Around {
    #[default]
    Other,
    /// Argo CD's, with `values`.
    Helm,
    /// Of Kustomize, Flux and Argo CD, with items that have a `patch`.
    Patches,
    /// A list of texts.
    Texts,
}

/// What items of [`Around::Texts`] are called.
pub(super) const TEXTS: &str = "patchesStrategicMerge";

impl Around {
    pub(super) fn of(key: &str) -> Self {
        match key {
            "helm" => Self::Helm,
            "patches" | "patchesJson6902" => Self::Patches,
            TEXTS => Self::Texts,
            _ => Self::Other,
        }
    }

    /// Whether the text below a key is read as YAML or JSON.
    pub(super) fn reads(self, key: &str) -> bool {
        let is_here = match self {
            Self::Helm => key == "values",
            Self::Patches => key == "patch",
            Self::Other | Self::Texts => false,
        };
        is_here || is_named(key) || KEYS.binary_search(&key).is_ok()
    }
}

/// More values than a text of settings has.
const MOST: usize = 5_000;

/// What is needed to read a text as it is and with slots in it.
pub(super) struct Reader<'a> {
    pub(super) values: &'a [Slot],
    pub(super) cache: &'a Cache,
    pub(super) file: FileId,
    pub(super) limits: &'a Limits,
}

impl Reader<'_> {
    /// The values that a reader of the text takes for something else: by the text, and by the same with slots for all
    /// values that are texts. None where the text with slots is no map and no list, or cannot be read before another tool
    /// fills in its own.
    pub(super) fn misread(&self, text: &str, slotted: &str) -> Vec<usize> {
        let count = slot::places(slotted).take(MOST + 1).count();
        if count == 0 || count > MOST {
            return Vec::new();
        }
        let braces = ["{{", "{%"].iter().any(|braces| text.contains(braces) || slotted.contains(braces));
        if !braces {
            return self.documents(text, slotted, false);
        }
        match (without_braces(text), without_braces(slotted)) {
            (Some((text, here)), Some((slotted, there))) if here == there => self.documents(&text, &slotted, true),
            _ => Vec::new(),
        }
    }

    /// Each document of the text; `is_filled` if another tool fills in its own before it is read.
    fn documents(&self, text: &str, slotted: &str, is_filled: bool) -> Vec<usize> {
        let (own, slots) = (stream::split(text), stream::split(slotted));
        if own.len() < 2 || own.len() != slots.len() {
            return self.document(text, slotted, is_filled);
        }
        let pairs = own.into_iter().zip(slots);
        pairs.flat_map(|(own, slots)| self.document(&text[own], &slotted[slots], is_filled)).collect()
    }

    fn document(&self, text: &str, slotted: &str, is_filled: bool) -> Vec<usize> {
        let Ok(skeleton) = self.cache.get(slotted, Form::Yaml, self.file, self.limits) else { return Vec::new() };
        if !matches!(skeleton.root.content, Content::Map(_) | Content::List(_)) {
            return Vec::new();
        }
        let meant = Meant { values: self.values, slots: &skeleton.slots, slotted };
        let mut findings = Findings::default();
        match read::read_text(text, self.file, self.limits, &mut findings).filter(|_| !findings.has_errors()) {
            Some(node) => {
                let mut found = Vec::new();
                meant.differs(&skeleton.root, &node, &mut found);
                found
            }
            None if is_filled => Vec::new(),
            None => meant.breaks().into_iter().collect(),
        }
    }
}

/// A text with a word in the place of each pair of braces of another tool, without the lines that hold nothing else, and how
/// many pairs there were. `None` if one of them has no end on its line, or decides what stands there.
fn without_braces(text: &str) -> Option<(String, usize)> {
    let (mut out, mut count) = (String::with_capacity(text.len()), 0);
    for line in text.split_inclusive('\n') {
        let (mut made, mut rest, mut has_other) = (String::new(), line, false);
        while let Some(start) = rest.find("{{") {
            let end = start + rest[start..].find("}}")? + 2;
            has_other |= !rest[..start].trim().is_empty();
            made.push_str(&rest[..start]);
            made.push('x');
            rest = &rest[end..];
            count += 1;
        }
        if rest.contains("{%") {
            return None;
        }
        if has_other || !rest.trim().is_empty() || made.is_empty() {
            made.push_str(rest);
            out.push_str(&made);
        }
    }
    Some((out, count))
}

/// What the text means to who wrote it.
struct Meant<'a> {
    values: &'a [Slot],
    slots: &'a [usize],
    slotted: &'a str,
}

impl Meant<'_> {
    /// The slots in a node that are read as something else.
    fn differs(&self, node: &Node, read: &yaml::Node, found: &mut Vec<usize>) {
        match (&node.content, &read.content) {
            (Content::Fixed(_) | Content::Empty | Content::Intrinsic(..), _) => {}
            (Content::Typed(slot), yaml::Content::Scalar { text, style }) => {
                let is_it = self.text(*slot) == Some(text) && *style == Style::Plain && is_string(text);
                found.extend(self.number(*slot).filter(|_| !is_it && !self.is_text_taken_in(node)));
            }
            (Content::Text(parts), yaml::Content::Scalar { text, style }) => {
                let is_block = matches!(parts.last(), Some(Part::Block | Part::FoldedBlock));
                let is_it = || self.joined(parts) == **text && (*style != Style::Plain || is_string(text));
                found.extend(if is_block || is_it() { None } else { self.first(node) });
            }
            (Content::List(items), yaml::Content::List(read)) if items.len() == read.len() => {
                items.iter().zip(read).for_each(|(item, read)| self.differs(item, read, found));
            }
            (Content::Map(entries), yaml::Content::Map(read)) if entries.len() == read.len() => {
                for ((key, node), read) in entries.iter().zip(read) {
                    match key {
                        Key::Fixed(_, key) if *key != read.key.text => {
                            found.extend(self.first(node));
                            continue;
                        }
                        Key::Text(_, parts) if !self.is_key(parts, &read.key) => {
                            let slots =
                                parts.iter().filter_map(|it| if let Part::Slot(slot) = it { Some(slot) } else { None });
                            found.extend(slots.min().and_then(|slot| self.number(*slot)));
                        }
                        _ => {}
                    }
                    self.differs(node, &read.value, found);
                }
            }
            _ if self.is_text_taken_in(node) => {}
            _ => found.extend(self.first(node)),
        }
    }

    /// Whether a key is read as it is meant. A whole number in its usual form is the same key to whoever wants texts for keys.
    fn is_key(&self, parts: &[Part], read: &yaml::Key) -> bool {
        let text = self.joined(parts);
        let is_whole = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()) || text == "0";
        text == *read.text && (read.style != Style::Plain || is_whole || is_string(&text))
    }

    /// A value with a line break that stands alone on its line is no value to who wrote it, but a part of the text.
    fn is_text_taken_in(&self, node: &Node) -> bool {
        let Content::Typed(slot) = &node.content else { return false };
        let before = self.slotted.get(..node.at.start as usize).unwrap_or_default();
        let is_alone = embed::last_line(before).trim().is_empty();
        is_alone && self.text(*slot).is_some_and(|text| text.contains('\n'))
    }

    /// The first slot whose value is no plain word, or else the first of all.
    fn breaks(&self) -> Option<usize> {
        let is_word = |text: &str| is_string(text) && !text.contains(['"', '\'', '\\', '\n', ':', '#', '{', '[']);
        let mut all = 0..self.slots.len();
        let odd = all.find(|slot| self.text(*slot).is_some_and(|text| !is_word(text)));
        self.number(odd.unwrap_or_default())
    }

    fn first(&self, node: &Node) -> Option<usize> {
        let mut seen = BTreeSet::new();
        node.collect_slots(&mut seen);
        self.number(*seen.first()?)
    }

    fn number(&self, slot: usize) -> Option<usize> {
        self.slots.get(slot).copied()
    }

    fn text(&self, slot: usize) -> Option<&std::sync::Arc<str>> {
        match self.values.get(self.number(slot)?)? {
            Slot::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    fn joined(&self, parts: &[Part]) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.to_string(),
            Part::Slot(slot) => self.text(*slot).map(ToString::to_string).unwrap_or_default(),
            Part::InFlow | Part::Plain | Part::Folded | Part::Block | Part::FoldedBlock => String::new(),
        };
        parts.iter().map(text).collect()
    }
}

/// Whether a text without quotes is one to every reader.
fn is_string(text: &str) -> bool {
    matches!(scalar::resolve(text, Style::Plain, Types::ANY), Ok(Scalar::String))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_to_be_found() {
        assert!(KEYS.is_sorted());
        for key in KEYS.iter().chain(&["values.yaml", "a.yml", "b.json"]) {
            assert!(Around::Other.reads(key), "{key}");
        }
        assert!(Around::of("patches").reads("patch") && Around::of("helm").reads("values"));
        assert!(
            !Around::Other.reads("patch") && !Around::of("helm").reads("patch") && !Around::Other.reads("notes.txt")
        );
    }

    #[test]
    fn braces_of_others_are_one_word_where_they_stand_on_one_line() {
        for (text, without) in [
            ("a: {{ .x }}\nb: {{.y}}-{{ .z }}\n", Some(("a: x\nb: x-x\n", 3))),
            ("{{- if .x }}\na: 1\n  {{- end }}\n\nb: 2", Some(("a: 1\n\nb: 2", 2))),
            ("a: {{ .x\n}}\n", None),
            ("{% if x %}\na: 1\n", None),
        ] {
            let wanted = without.map(|(text, count): (&str, usize)| (text.to_owned(), count));
            assert_eq!(without_braces(text), wanted, "{text}");
        }
    }
}
