//! Where each value of an artifact comes from: the template's own place, and the values it read there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use camino::Utf8Path;

use minijinja::value::{Value as Engine, ValueKind};

use super::context::{Bound, Root};
use super::fill::At;
use super::front_matter::Line;
use super::identity::Source;
use super::pieces::{self, Piece};
use super::skeleton::{self, Content, Key, Node, Part};
use super::slot::Slot;
use super::trace::Trace;
use super::{EnvironmentInput, Template};
use crate::environment;
use crate::limits::Limits;
use crate::source::Span;
use crate::value::Value;
use crate::yaml::path::{Path, Step};
use crate::yaml::stream;

/// What is known of the values of one document, by their paths.
#[derive(Debug, Default)]
pub struct Origins {
    by_path: BTreeMap<Path, Said>,
}

/// Where a value is said.
#[derive(Clone, Debug)]
pub struct Said {
    /// In the template, or in a macro that it calls.
    pub template: Span,
    /// The key of the value, if the template says it.
    pub key: Option<Span>,
    /// The node of the environment that the key is.
    pub key_source: Option<Source>,
    /// The node of the environment that the value is; otherwise the template made it.
    pub source: Option<Source>,
    /// The nodes that the template made it of.
    pub inputs: Vec<Source>,
    /// Of what it was put together, if it is a text with values in it.
    pub pieces: Vec<Piece>,
}

impl Said {
    fn by(template: Span) -> Self {
        let (inputs, pieces) = (Vec::new(), Vec::new());
        Self { template, key: None, key_source: None, source: None, inputs, pieces }
    }
}

impl Origins {
    /// Of the value at a path.
    pub fn at(&self, path: &Path) -> Option<&Said> {
        self.by_path.get(path)
    }

    /// Of the nearest value around a path that is known.
    pub fn around(&self, path: &Path) -> Option<&Said> {
        let mut path = path.clone();
        loop {
            path.pop()?;
            if let Some(said) = self.by_path.get(&path) {
                return Some(said);
            }
        }
    }
}

impl Template {
    /// Renders the template once more, to tell where each value of the documents of one of its artifacts comes from.
    /// `None` if it makes no such artifact, or one that is not YAML.
    pub fn origins(
        &self,
        environment: &EnvironmentInput<'_>,
        artifact: &Utf8Path,
        limits: &Limits,
    ) -> Option<Vec<Origins>> {
        let rounds = self.find(environment, artifact, limits)?;
        let mut all = Vec::new();
        for (round, documents) in rounds {
            all.append(&mut self.origins_in(environment, &round, &documents, true, limits)?);
        }
        Some(all)
    }

    /// The same of one round, whose documents are known; without what is merged over them, if that is wanted.
    pub(super) fn origins_in(
        &self,
        environment: &EnvironmentInput<'_>,
        round: &[(Arc<str>, Bound)],
        documents: &[Value],
        merges: bool,
        limits: &Limits,
    ) -> Option<Vec<Origins>> {
        let root = |session| Root::new(environment.name, environment.root, session).with(round);
        let trace = Trace::new(&self.shared, &self.name, limits, root);
        let text = &trace.result.as_ref().ok()?.text;
        // Of one document it does not matter what it is; several are always YAML.
        let stretches = if documents.len() > 1 { stream::split(text) } else { vec![0..text.len()] };
        let mut all = Vec::new();
        for (stretch, document) in stretches.into_iter().zip(documents) {
            let start = stretch.start as u32;
            let node = skeleton::parse_whole(&text[stretch], self.file, limits).ok()?;
            let mut walk = Walk { trace: &trace, template: self, start, limits, origins: Origins::default() };
            walk.node(&node, document, None, &mut Path::root());
            all.push(walk.origins);
        }
        let Some(line) = self.front.merge.as_ref().filter(|_| merges) else { return Some(all) };
        let ([document], Some(origins)) = (documents, all.pop()) else { return Some(all) };
        Some(vec![self.with_merged(environment, round, document, line, origins, limits)])
    }

    /// With where what is merged over the document comes from.
    fn with_merged(
        &self,
        environment: &EnvironmentInput<'_>,
        round: &[(Arc<str>, Bound)],
        document: &Value,
        line: &Line,
        origins: Origins,
        limits: &Limits,
    ) -> Origins {
        let root = |session| Root::new(environment.name, environment.root, session).with(round);
        let name = format!("{}#merge", self.name);
        let trace = Trace::new(&self.shared, &name, limits, root);
        let over = match trace.result.as_ref().ok().and_then(|rendered| rendered.slots.first()) {
            Some(Slot::Tree(_)) => trace.source(0).map(|source| Over::Tree(source.clone())),
            Some(Slot::Made(value)) => Some(Over::Made(value.clone())),
            _ => None,
        };
        let Some(over) = over else { return origins };
        let mut walk = Walk { trace: &trace, template: self, start: 0, limits, origins };
        walk.merged(Some(document), &over, line, &mut Path::root());
        walk.origins
    }
}

/// A part of what `merge` lays over a document.
enum Over {
    Tree(Source),
    /// What an expression made; nodes of the environment can be in it.
    Made(Engine),
}

struct Walk<'a> {
    trace: &'a Trace<'a>,
    template: &'a Template,
    /// Where the document begins in the text of the render.
    start: u32,
    limits: &'a Limits,
    origins: Origins,
}

impl Walk<'_> {
    /// A skeleton and what it was filled to have the same shape, but for what slots bring in.
    fn node(&mut self, node: &Node, value: &Value, capture: Option<usize>, path: &mut Path) {
        let at = self.place(capture, &node.at);
        let slot = match &node.content {
            Content::Typed(slot) => Some(*slot),
            Content::Text(parts) => only(parts),
            _ => None,
        };
        let printed = slot.and_then(|slot| self.trace.printed(slot)).map(|(span, _)| span);
        let template = match &node.content {
            Content::Text(_) => self.whole_of(&at),
            _ => self.trace.span(&at),
        };
        if let Some(template) = printed.or(template) {
            let mut said = Said::by(template);
            if let Some(slot) = slot {
                said.source = self.trace.source(slot).cloned();
                said.inputs = self.trace.inputs(slot).to_vec();
            }
            if let Content::Text(parts) = &node.content {
                self.take_parts(parts, &mut said.pieces);
                if slot.is_none() {
                    let values = said.pieces.iter().flat_map(|piece| piece.source.iter().chain(&piece.inputs));
                    said.inputs = values.cloned().collect();
                }
            }
            self.origins.by_path.insert(path.clone(), said);
        }
        match (&node.content, value) {
            (Content::List(items), Value::List(values)) => {
                for (index, (item, value)) in items.iter().zip(values).enumerate() {
                    self.step(Step::Index(index), path, |walk, path| walk.node(item, value, capture, path));
                }
            }
            (Content::Map(entries), Value::Map(values)) => {
                for ((key, node), (name, value)) in entries.iter().zip(values) {
                    let (Key::Fixed(range, _) | Key::Text(range, _)) = key;
                    let parts = if let Key::Text(_, parts) = key { &parts[..] } else { &[] };
                    let key_source = only(parts).and_then(|slot| self.trace.source(slot)).cloned();
                    let key = self.trace.span(&self.place(capture, range));
                    self.step(Step::Key(Arc::clone(name)), path, |walk, path| {
                        walk.node(node, value, capture, path);
                        match (walk.origins.by_path.get_mut(path), key) {
                            (Some(said), _) => (said.key, said.key_source) = (key, key_source),
                            (None, Some(template)) => {
                                let said = Said { key, key_source, ..Said::by(template) };
                                walk.origins.by_path.insert(path.clone(), said);
                            }
                            (None, None) => {}
                        }
                    });
                }
            }
            (Content::Typed(slot), value) => self.slot(*slot, value, path),
            // The long form holds the argument under the function's name.
            (Content::Intrinsic(_, argument), Value::Map(entries)) => {
                for (name, value) in entries {
                    self.step(Step::Key(Arc::clone(name)), path, |walk, path| {
                        walk.node(argument, value, capture, path);
                    });
                }
            }
            _ => {}
        }
    }

    /// A place in a document, or in the text of a capture.
    fn place(&self, capture: Option<usize>, range: &Range<u32>) -> At {
        let start = if capture.is_none() { self.start } else { 0 };
        At { capture, range: range.start + start..range.end + start }
    }

    /// From the first to the last character of a text that the template makes of several pieces.
    fn whole_of(&self, at: &At) -> Option<Span> {
        let first = self.trace.in_tag(self.trace.span(at)?);
        let last = At { capture: at.capture, range: at.range.end.saturating_sub(1).max(at.range.start)..at.range.end };
        match self.trace.span(&last).map(|last| self.trace.in_tag(last)) {
            Some(last) if last.file == first.file && last.end > first.start => {
                Some(Span::new(first.file, first.start as usize, last.end as usize))
            }
            _ => Some(first),
        }
    }

    fn take_parts(&self, parts: &[Part], pieces: &mut Vec<Piece>) {
        for part in parts {
            match part {
                Part::Text(text) => pieces.push(Piece::words(text, None)),
                Part::Slot(slot) => pieces::take_slot(self.trace, *slot, 0, pieces),
                Part::Plain | Part::Folded | Part::Block | Part::FoldedBlock => {}
            }
        }
    }

    fn slot(&mut self, slot: usize, value: &Value, path: &mut Path) {
        let Ok(rendered) = &self.trace.result else { return };
        let Some((template, _)) = self.trace.printed(slot) else { return };
        match rendered.slots.get(slot) {
            Some(Slot::Tree(_)) => {
                if let Some(source) = self.trace.source(slot) {
                    self.tree(source, template, path);
                }
            }
            Some(Slot::Made(value)) => self.made(value, template, path),
            Some(Slot::Captured(text)) => {
                if let Ok(node) = skeleton::parse_whole(text, self.template.file, self.limits) {
                    self.node(&node, value, Some(slot), path);
                }
            }
            _ => {}
        }
    }

    /// A subtree of the environment knows where each of its values was set.
    fn tree(&mut self, source: &Source, template: Span, path: &mut Path) {
        let said = Said { source: Some(source.clone()), ..Said::by(template) };
        self.origins.by_path.insert(path.clone(), said);
        let name = &source.path;
        match &source.tree.content {
            environment::Content::Map(entries) => {
                for (key, value) in entries {
                    let below = Source::value(format!("{name}.{key}"), value);
                    self.step(Step::Key(Arc::clone(key)), path, |walk, path| walk.tree(&below, template, path));
                }
            }
            environment::Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let below = Source::value(format!("{name}[{index}]"), item);
                    self.step(Step::Index(index), path, |walk, path| walk.tree(&below, template, path));
                }
            }
            _ => {}
        }
    }

    /// In a map or a list that an expression made there can be nodes of the environment.
    fn made(&mut self, value: &Engine, template: Span, path: &mut Path) {
        for (step, value) in within(value) {
            let source = self.trace.session.source(&value);
            self.step(step, path, |walk, path| {
                if let Some(source) = source {
                    walk.tree(&source, template, path);
                } else {
                    walk.origins.by_path.insert(path.clone(), Said::by(template));
                    walk.made(&value, template, path);
                }
            });
        }
    }

    /// What is merged over a value comes from where it was set, not from what lies below.
    fn merged(&mut self, below: Option<&Value>, over: &Over, line: &Line, path: &mut Path) {
        let merges = matches!(below, Some(Value::Map(_)));
        let entry = |walk: &mut Self, step: Step, over: &Over, path: &mut Path| {
            let below = below.and_then(|below| if let Step::Key(key) = &step { below.get(key) } else { None });
            walk.step(step, path, |walk, path| walk.merged(below, over, line, path));
        };
        match over {
            Over::Tree(source) => match source.tree.as_map().filter(|_| merges) {
                Some(entries) => {
                    for (key, value) in entries {
                        let below = Source::value(format!("{}.{key}", source.path), value);
                        entry(self, Step::Key(Arc::clone(key)), &Over::Tree(below), path);
                    }
                }
                None => self.tree(source, line.span, path),
            },
            Over::Made(value) => {
                if let Some(source) = self.trace.session.source(value) {
                    return self.merged(below, &Over::Tree(source), line, path);
                }
                if !merges || value.kind() != ValueKind::Map {
                    self.origins.by_path.insert(path.clone(), Said::by(line.span));
                }
                for (step, value) in within(value) {
                    entry(self, step, &Over::Made(value), path);
                }
            }
        }
    }

    fn step(&mut self, step: Step, path: &mut Path, walk: impl FnOnce(&mut Self, &mut Path)) {
        path.push(step);
        walk(self, path);
        path.pop();
    }
}

/// What a made map or list holds.
fn within(value: &Engine) -> Vec<(Step, Engine)> {
    let Some(object) = value.as_object() else { return Vec::new() };
    match value.kind() {
        ValueKind::Map => {
            let entries = object.try_iter_pairs().into_iter().flatten();
            entries.map(|(key, value)| (Step::Key(key.to_string().into()), value)).collect()
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let items = object.try_iter().into_iter().flatten().enumerate();
            items.map(|(index, item)| (Step::Index(index), item)).collect()
        }
        _ => Vec::new(),
    }
}

/// The slot that is all there is.
fn only(parts: &[Part]) -> Option<usize> {
    match parts {
        [Part::Slot(slot)] | [Part::Slot(slot), Part::Plain | Part::Folded | Part::Block | Part::FoldedBlock] => {
            Some(*slot)
        }
        _ => None,
    }
}
