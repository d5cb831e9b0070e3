//! Values that a finished `ApplicationSet` of Argo CD takes from here, and that its own generators supply. What the text of
//! a template shows is told before it runs, by [`super::check`]; here the finished document is judged, however it was made.

use std::collections::BTreeSet;

use super::check::foreign;
use super::engine::Rendered;
use super::report::Report;
use super::skeleton::{Cache, Content, Key, Node, Skeleton};
use super::slot::{self, Slot};
use super::{Shared, Template};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::FileId;
use crate::value::Value;
use crate::yaml;

/// Texts within texts that are looked into.
const DEEPEST: usize = 20;

/// What the generators of an `ApplicationSet` supply.
pub(super) struct Supplied {
    names: BTreeSet<String>,
    /// Parameters begin with a dot.
    is_go: bool,
}

impl Supplied {
    /// `None` if a document is none, or if its generators are not known to supply anything.
    pub(super) fn by(document: &Value, file: FileId, limits: &Limits) -> Option<Self> {
        if get(document, "kind")?.as_str() != Some("ApplicationSet") {
            return None;
        }
        let spec = get(document, "spec")?;
        let mut names = BTreeSet::new();
        collect(get(spec, "generators")?, &mut names, file, limits);
        let is_go = matches!(get(spec, "goTemplate"), Some(Value::Bool(true)));
        (!names.is_empty()).then_some(Self { names, is_go })
    }

    /// Whether an expression is one of the names, or a part of one.
    fn taken<'w>(&self, words: &'w str) -> Option<&'w str> {
        let is_path = words.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.'));
        words.split('.').next().filter(|first| is_path && self.names.contains(*first))
    }

    /// Whether any template could take one from here: if none could, nothing more need be asked.
    pub(super) fn is_asked_for(&self, shared: &Shared) -> bool {
        shared.texts.values().any(|text| {
            let words = |range: &std::ops::Range<usize>| text.written.get(range.clone()).unwrap_or_default();
            text.checked.printed.iter().any(|range| self.taken(words(range)).is_some())
        })
    }

    /// Says which of the slots are meant for Argo CD.
    pub(super) fn say(&self, slots: &[usize], template: &Template, report: &Report<'_>, findings: &mut Findings) {
        let bound = template.front.for_each.iter().flat_map(|it| &it.names);
        let bound: BTreeSet<&str> = bound.map(|name| &**name).collect();
        for slot in slots {
            let Some((span, words)) = report.trace.printed(*slot) else { continue };
            let Some(first) = self.taken(words) else { continue };
            let text = template.shared.texts.values().find(|text| text.place.file == span.file);
            let tag = report.trace.in_tag(span);
            let is_tight = tag.range().len() == span.range().len() + 4;
            let is_bound = bound.contains(first) || text.is_some_and(|text| text.checked.names.contains(first));
            if !is_bound && (!self.is_go || is_tight) {
                findings.push(foreign::supplied_here(words, first, tag));
            }
        }
    }
}

fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let Value::Map(entries) = value else { return None };
    entries.iter().find(|(own, _)| **own == *key).map(|(_, value)| value)
}

fn collect(generators: &Value, names: &mut BTreeSet<String>, file: FileId, limits: &Limits) {
    let Value::List(generators) = generators else { return };
    for (kind, generator) in generators.iter().flat_map(|generator| match generator {
        Value::Map(entries) => &entries[..],
        _ => &[],
    }) {
        match &**kind {
            "matrix" | "merge" => {
                if let Some(inner) = get(generator, "generators") {
                    collect(inner, names, file, limits);
                }
            }
            "list" => {
                if let Some(Value::List(elements)) = get(generator, "elements") {
                    for element in elements {
                        let Value::Map(entries) = element else { continue };
                        names.extend(entries.iter().map(|(key, _)| key.to_string()));
                    }
                }
                if let Some(text) = get(generator, "elementsYaml").and_then(Value::as_str) {
                    names.extend(keys_of_elements(text, file, limits));
                }
            }
            kind => {
                let supplied = foreign::supplied_by(kind).iter();
                let is_set = |name: &&&str| **name != "values" || get(generator, "values").is_some();
                names.extend(supplied.filter(is_set).map(|name| (*name).to_owned()));
            }
        }
    }
}

/// The keys of elements that are written as a text; none if that is a template of Argo CD's.
fn keys_of_elements(text: &str, file: FileId, limits: &Limits) -> Vec<String> {
    let root = yaml::read::read_text(text, file, limits, &mut Findings::default());
    let Some(yaml::Content::List(items)) = root.map(|root| root.content) else { return Vec::new() };
    let keys = items.into_iter().flat_map(|item| match item.content {
        yaml::Content::Map(entries) => entries,
        _ => Vec::new(),
    });
    keys.map(|entry| entry.key.text.to_string()).collect()
}

/// The slots within the templates of an `ApplicationSet`.
pub(super) fn slots(
    skeleton: &Skeleton,
    rendered: &Rendered,
    cache: &Cache,
    file: FileId,
    limits: &Limits,
) -> Vec<usize> {
    let walk = Walk { rendered, cache, file, limits };
    let mut found = Vec::new();
    walk.descend(skeleton, &["spec"], &mut |node, slots| {
        for key in ["template", "templatePatch"] {
            let Some(node) = entry(node, key) else { continue };
            walk.gather(node, slots, &mut found);
        }
    });
    found
}

struct Walk<'a> {
    rendered: &'a Rendered,
    cache: &'a Cache,
    file: FileId,
    limits: &'a Limits,
}

fn entry<'n>(node: &'n Node, wanted: &str) -> Option<&'n Node> {
    let Content::Map(entries) = &node.content else { return None };
    entries.iter().find(|(key, _)| matches!(key, Key::Fixed(_, key) if **key == *wanted)).map(|(_, node)| node)
}

impl Walk<'_> {
    /// Goes down by keys, also into the texts of macros.
    fn descend(&self, skeleton: &Skeleton, path: &[&str], then: &mut dyn FnMut(&Node, &[usize])) {
        let (mut node, slots) = (&*skeleton.root, &skeleton.slots);
        let mut path = path;
        loop {
            if let Content::Typed(slot) = &node.content {
                let captured = slots.get(*slot).and_then(|slot| self.rendered.slots.get(*slot));
                let Some(Slot::Captured(text)) = captured else { return };
                if let Ok(inner) = self.cache.get(text, skeleton.form, self.file, self.limits) {
                    self.descend(&inner, path, then);
                }
                return;
            }
            let Some((first, rest)) = path.split_first() else { return then(node, slots) };
            let Some(next) = entry(node, first) else { return };
            (node, path) = (next, rest);
        }
    }

    fn gather(&self, node: &Node, slots: &[usize], found: &mut Vec<usize>) {
        let mut own = BTreeSet::new();
        node.collect_slots(&mut own);
        for slot in own.iter().filter_map(|slot| slots.get(*slot)) {
            self.add(*slot, 0, found);
        }
    }

    /// A slot, and those in the text that it is.
    fn add(&self, slot: usize, depth: usize, found: &mut Vec<usize>) {
        found.push(slot);
        if let Some(Slot::Captured(text)) = self.rendered.slots.get(slot)
            && depth < DEEPEST
        {
            for (_, _, inner) in slot::places(text) {
                self.add(inner, depth + 1, found);
            }
        }
    }
}
