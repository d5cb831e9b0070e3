//! Texts that somebody reads as YAML or JSON, by their keys, such as `values.yaml: |`. Values go into a text as they are:
//! whether a reader takes each of them for what it is here.

use std::collections::BTreeSet;

use super::engine::Rendered;
use super::skeleton::{Cache, Content, Form, Key, Node, Part};
use super::slot::{self, Slot};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::FileId;
use crate::value::Value;
use crate::yaml::scalar::{self, Scalar};
use crate::yaml::{self, Style, Types, read};

/// Whether the text below a key is read so. `values` of a `helm` are Argo CD's.
pub(super) fn is_read(key: &str, is_in_helm: bool) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| key.ends_with(ending)) || is_in_helm && key == "values"
}

/// More values than a text of settings has.
const MOST: usize = 5_000;

/// The values that a reader of the text takes for something else: by the text, and by the same with slots for all
/// values that are texts. None where the text with slots is no map and no list, and where another tool fills in its own
/// before it is read.
pub(super) fn misread(
    text: &str,
    slotted: &str,
    rendered: &Rendered,
    cache: &Cache,
    file: FileId,
    limits: &Limits,
) -> Vec<usize> {
    let count = slot::places(slotted).take(MOST + 1).count();
    let is_filled = ["{{", "{%"].iter().any(|braces| text.contains(braces));
    if count == 0 || count > MOST || is_filled {
        return Vec::new();
    }
    let Ok(skeleton) = cache.get(slotted, Form::Yaml, file, limits) else { return Vec::new() };
    if !matches!(skeleton.root.content, Content::Map(_) | Content::List(_)) {
        return Vec::new();
    }
    let meant = Meant { rendered, slots: &skeleton.slots };
    let mut findings = Findings::default();
    match read::read_text(text, file, limits, &mut findings).filter(|_| !findings.has_errors()) {
        Some(node) => {
            let mut found = Vec::new();
            meant.differs(&skeleton.root, &node, &mut found);
            found
        }
        None => meant.breaks().into_iter().collect(),
    }
}

/// What the text means to who wrote it.
struct Meant<'a> {
    rendered: &'a Rendered,
    slots: &'a [usize],
}

impl Meant<'_> {
    /// The slots in a node that are read as something else.
    fn differs(&self, node: &Node, read: &yaml::Node, found: &mut Vec<usize>) {
        match (&node.content, &read.content) {
            (Content::Fixed(_) | Content::Empty | Content::Intrinsic(..), _) => {}
            (Content::Typed(slot), yaml::Content::Scalar { text, style }) => {
                let is_it = self.text(*slot) == Some(text) && *style == Style::Plain && is_string(text);
                found.extend(self.number(*slot).filter(|_| !is_it));
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
                        Key::Fixed(_, key) if *key != read.key.text => found.extend(self.first(node)),
                        _ => self.differs(node, &read.value, found),
                    }
                }
            }
            _ => found.extend(self.first(node)),
        }
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
        match self.rendered.slots.get(self.number(slot)?)? {
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
