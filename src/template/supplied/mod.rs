//! Braces of another tool that are filled here: values that a finished document takes from here where Argo CD, Argo
//! Workflows, Argo Rollouts or Kyverno would put in what they supply themselves. The document is judged, however it was made.

mod application_set;
mod kinds;

use std::collections::BTreeSet;

use super::check::fields;
use super::engine::Rendered;
use super::given::Printed;
use super::report::Report;
use super::skeleton::{Cache, Content, Key, Node, Skeleton};
use super::slot::{self, Slot};
use super::{Shared, Template, given};
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{FileId, Span};
use crate::value::Value;

/// Texts within texts that are looked into.
const DEEPEST: usize = 20;

/// Any name: of what comes from files or a plugin nothing is known here.
const ANY: &str = "*";

/// What somebody supplies in one part of a document.
#[derive(Clone)]
pub(super) struct Supplied {
    /// Dotted paths, each with all that is below it; `*` is any one name.
    paths: BTreeSet<String>,
    /// Paths that are told already.
    but: BTreeSet<String>,
    /// Parameters begin with a dot.
    is_go: bool,
    tool: &'static str,
    /// Who supplies them, with a verb.
    by: &'static str,
    part: Part,
}

/// Where values are filled in.
#[derive(Clone)]
enum Part {
    Whole,
    /// Below these keys and items.
    Below(Vec<Step>),
    /// Below a key, wherever it stands.
    Under(&'static str),
}

#[derive(Clone)]
enum Step {
    Key(&'static str),
    /// A key, whatever it is called, by its number.
    Entry(usize),
    Item(usize),
}

/// All that a document's tools supply.
pub(super) fn by(document: &Value, file: FileId, limits: &Limits) -> Vec<Supplied> {
    let mut found = Vec::new();
    for (at, object) in objects(document) {
        found.extend(application_set::supplied(object, &at, file, limits));
    }
    found.extend(kinds::supplied(document));
    found
}

/// A document, or what a list of objects holds.
fn objects(document: &Value) -> Vec<(Vec<Step>, &Value)> {
    let items = get(document, "kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
    match get(document, "items").filter(|_| items) {
        Some(Value::List(items)) => {
            items.iter().enumerate().map(|(at, item)| (vec![Step::Key("items"), Step::Item(at)], item)).collect()
        }
        _ => vec![(Vec::new(), document)],
    }
}

fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let Value::Map(entries) = value else { return None };
    entries.iter().find(|(own, _)| **own == *key).map(|(_, value)| value)
}

impl Supplied {
    /// What is supplied of what an expression is, if it is no more than a path.
    fn taken<'w>(&self, words: &'w str) -> Option<&'w str> {
        let is_path =
            |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-' | '[' | ']' | '\'' | '"');
        if !words.chars().all(is_path) {
            return None;
        }
        let steps: Vec<&str> = words.split(['.', '[']).map(|step| step.trim_matches([']', '\'', '"'])).collect();
        let matches = |path: &String| {
            let mut wanted = path.split('.');
            let mut own = steps.iter();
            wanted.all(|wanted| own.next().is_some_and(|own| wanted == "*" || wanted == *own))
        };
        if self.but.iter().any(matches) || words.starts_with(|first: char| !first.is_ascii_alphabetic() && first != '_')
        {
            return None;
        }
        let path = self.paths.iter().find(|path| matches(path))?;
        let length: usize = words.split_inclusive(['.', '[']).take(path.split('.').count()).map(str::len).sum();
        Some(words[..length].trim_end_matches(['.', '[']))
    }

    /// Whether it may supply any name there is.
    fn is_any(&self) -> bool {
        self.paths.contains(ANY)
    }

    /// Whether any template could take one from here: if none could, nothing more need be asked.
    pub(super) fn is_asked_for(&self, shared: &Shared) -> bool {
        shared.texts.values().any(|text| {
            let words = |range: &std::ops::Range<usize>| text.written.get(range.clone()).unwrap_or_default();
            text.checked.printed.iter().any(|range| self.taken(words(range)).is_some())
        })
    }

    /// The slots where its tool would fill something in.
    pub(super) fn slots(&self, skeleton: &Skeleton, walk: &Walk<'_>) -> Vec<Printed> {
        let mut found = Vec::new();
        let mut gather = |node: &Node, slots: &[usize]| walk.gather(node, slots, &mut found);
        match &self.part {
            Part::Whole => gather(&skeleton.root, &skeleton.slots),
            Part::Below(path) => walk.descend(skeleton, path, &mut gather),
            Part::Under(key) => under(&skeleton.root, key, &mut |node| gather(node, &skeleton.slots)),
        }
        found
    }

    /// Says which of the slots are meant for the tool.
    pub(super) fn say(&self, slots: &[Printed], template: &Template, report: &Report<'_>, findings: &mut Findings) {
        let bound = template.front.for_each.iter().flat_map(|it| &it.names);
        let bound: BTreeSet<&str> = bound.map(|name| &**name).collect();
        for slot in slots {
            let Some((span, words)) = report.printed(*slot) else { continue };
            let Some(supplied) = self.taken(words) else { continue };
            let text = template.shared.texts.values().find(|text| text.place.file == span.file);
            let tag = report.trace.in_tag(span);
            let is_tight = tag.range().len() == span.range().len() + 4;
            let first = supplied.split(['.', '[']).next().unwrap_or_default();
            let is_bound = bound.contains(first) || text.is_some_and(|text| text.checked.names.contains(first));
            if !is_bound && (!self.is_go || is_tight) {
                findings.push(self.finding(words, supplied, tag));
            }
        }
    }

    fn finding(&self, words: &str, supplied: &str, place: Span) -> Finding {
        let Self { tool, by, .. } = self;
        let rule = if self.is_any() { &codes::template::DOUBTFUL_BRACES } else { &codes::template::FOREIGN_BRACES };
        let message = format!("`{{{{{words}}}}}` is filled here, and {by} `{supplied}`");
        Finding::new(rule, place, message).label(format!("{tool} never sees this")).help(fields::help(tool, words))
    }
}

/// What is needed to look into texts within a skeleton.
pub(super) struct Walk<'a> {
    pub(super) rendered: &'a Rendered,
    pub(super) cache: &'a Cache,
    pub(super) file: FileId,
    pub(super) limits: &'a Limits,
}

fn step<'n>(node: &'n Node, step: &Step) -> Option<&'n Node> {
    match (&node.content, step) {
        (Content::Map(entries), Step::Key(wanted)) => {
            let is_wanted = |key: &Key| matches!(key, Key::Fixed(_, key) if **key == **wanted);
            entries.iter().find(|(key, _)| is_wanted(key)).map(|(_, node)| node)
        }
        (Content::Map(entries), Step::Entry(at)) => entries.get(*at).map(|(_, node)| node),
        (Content::List(items), Step::Item(at)) => items.get(*at),
        _ => None,
    }
}

/// Shows what stands below a key, wherever it stands.
fn under(node: &Node, wanted: &str, then: &mut dyn FnMut(&Node)) {
    match &node.content {
        Content::Map(entries) => {
            for (key, node) in entries {
                match key {
                    Key::Fixed(_, key) if **key == *wanted => then(node),
                    Key::Fixed(..) | Key::Text(..) => under(node, wanted, then),
                }
            }
        }
        Content::List(items) => items.iter().for_each(|node| under(node, wanted, then)),
        _ => {}
    }
}

impl Walk<'_> {
    /// Goes down by keys and items, also into the texts of macros.
    fn descend(&self, skeleton: &Skeleton, path: &[Step], then: &mut dyn FnMut(&Node, &[usize])) {
        let (mut node, slots) = (&*skeleton.root, &skeleton.slots);
        let mut path = path;
        loop {
            if let Content::Typed(slot) = &node.content
                && !path.is_empty()
            {
                let captured = slots.get(*slot).and_then(|slot| self.rendered.slots.get(*slot));
                let Some(Slot::Captured(text)) = captured else { return };
                if let Ok(inner) = self.cache.get(text, skeleton.form, self.file, self.limits) {
                    self.descend(&inner, path, then);
                }
                return;
            }
            let Some((first, rest)) = path.split_first() else { return then(node, slots) };
            let Some(next) = step(node, first) else { return };
            (node, path) = (next, rest);
        }
    }

    fn gather(&self, node: &Node, slots: &[usize], found: &mut Vec<Printed>) {
        let mut own = BTreeSet::new();
        node.collect_slots(&mut own);
        for slot in own.iter().filter_map(|slot| slots.get(*slot)) {
            self.add(None, *slot, 0, found);
        }
    }

    /// A slot of the document, or of a text that `text` gave to it, and those in the text that it is.
    fn add(&self, within: Option<&given::Text>, slot: usize, depth: usize, found: &mut Vec<Printed>) {
        found.push(within.map_or(Printed::Here(slot), |text| Printed::Given(text.number, slot)));
        if depth >= DEEPEST {
            return;
        }
        match within.map_or(&self.rendered.slots, |text| &text.slots).get(slot) {
            Some(Slot::Captured(text)) => {
                slot::places(text).for_each(|(_, _, inner)| self.add(within, inner, depth + 1, found));
            }
            Some(Slot::Scalar(Value::String(text))) => {
                let Some(text) = self.rendered.session.given.of(text) else { return };
                slot::places(&text.printed).for_each(|(_, _, inner)| self.add(Some(&text), inner, depth + 1, found));
            }
            _ => {}
        }
    }
}
