//! Where each value of an artifact comes from: the template's own place, and the values it read there.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;

use minijinja::value::{DynObject, Value as Engine, ValueKind};

use super::context::{self, Bound, Root};
use super::fill::At;
use super::front_matter::Line;
use super::skeleton::{self, Content, Key, Node, Part};
use super::slot::Slot;
use super::trace::Trace;
use super::{EnvironmentInput, Template};
use crate::environment::{self, Tree};
use crate::limits::Limits;
use crate::source::Span;
use crate::value::Value;
use crate::yaml::path::{Path, Step};

/// What is known of the values of one artifact, by their paths.
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
    /// The values of the environment in it, with the paths that the template read them by.
    pub values: Vec<(Arc<str>, Arc<Tree>)>,
    /// One value is all there is; otherwise the template has words of its own around it.
    pub whole: bool,
}

impl Origins {
    /// Of the value at a path, or of the nearest one around it that is known.
    pub fn at(&self, path: &Path) -> Option<&Said> {
        let mut path = path.clone();
        loop {
            if let Some(said) = self.by_path.get(&path) {
                return Some(said);
            }
            path.pop()?;
        }
    }
}

impl Template {
    /// Renders the template once more, to tell where each value of one of its artifacts comes from. `None` if it makes
    /// no such artifact, or one that is not YAML.
    pub fn origins(&self, environment: &EnvironmentInput<'_>, artifact: &Utf8Path, limits: &Limits) -> Option<Origins> {
        let (round, document) = self.find(environment, artifact, limits)?;
        self.origins_in(environment, &round, &document, true, limits)
    }

    /// The same of one round, whose document is known; without what is merged over it, if that is wanted.
    pub(super) fn origins_in(
        &self,
        environment: &EnvironmentInput<'_>,
        round: &[(Arc<str>, Bound)],
        document: &Value,
        merges: bool,
        limits: &Limits,
    ) -> Option<Origins> {
        let root = |session| Root::new(environment.name, environment.root, session).with(round);
        let trace = Trace::new(&self.shared, &self.name, limits, root);
        let text = &trace.result.as_ref().ok()?.text;
        let node = skeleton::parse_whole(text, self.file, limits).ok()?;
        let mut walk = Walk { trace: &trace, template: self, limits, origins: Origins::default() };
        walk.node(&node, document, None, &mut Path::root());
        let Some(line) = self.front.merge.as_ref().filter(|_| merges) else { return Some(walk.origins) };
        let name = format!("{}#merge", self.name);
        let trace = Trace::new(&self.shared, &name, limits, root);
        let over = match trace.result.as_ref().ok()?.slots.first() {
            Some(Slot::Tree(tree)) => Over::Tree(tree),
            Some(Slot::Made(value)) => Over::Made(value.clone()),
            _ => return Some(walk.origins),
        };
        let mut walk = Walk { trace: &trace, template: self, limits, origins: walk.origins };
        walk.merged(Some(document), &over, line, &line.text, &mut Path::root());
        Some(walk.origins)
    }
}

/// A part of what `merge` lays over a document.
enum Over<'a> {
    Tree(&'a Arc<Tree>),
    /// What an expression made; nodes of the environment can be in it.
    Made(Engine),
}

struct Walk<'a> {
    trace: &'a Trace<'a>,
    template: &'a Template,
    limits: &'a Limits,
    origins: Origins,
}

impl Walk<'_> {
    /// A skeleton and what it was filled to have the same shape, but for what slots bring in.
    fn node(&mut self, node: &Node, value: &Value, capture: Option<usize>, path: &mut Path) {
        let at = At { capture, range: node.at.clone() };
        let slots: Vec<usize> = match &node.content {
            Content::Typed(slot) => vec![*slot],
            Content::Text(parts) => parts.iter().filter_map(slot_of).collect(),
            _ => Vec::new(),
        };
        let whole = match &node.content {
            Content::Typed(_) => true,
            Content::Text(parts) => parts.len() == 1 && slots.len() == 1,
            _ => false,
        };
        let printed = slots.first().filter(|_| whole).and_then(|slot| self.trace.printed(*slot)).map(|(span, _)| span);
        let template = match &node.content {
            Content::Text(_) => self.whole_of(&at),
            _ => self.trace.span(&at),
        };
        if let Some(template) = printed.or(template) {
            let values = slots.iter().flat_map(|slot| self.trace.sources(*slot)).collect();
            self.origins.by_path.insert(path.clone(), Said { template, key: None, values, whole });
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
                    let key = self.trace.span(&At { capture, range: range.clone() });
                    self.step(Step::Key(Arc::clone(name)), path, |walk, path| {
                        walk.node(node, value, capture, path);
                        match (walk.origins.by_path.get_mut(path), key) {
                            (Some(said), _) => said.key = key,
                            (None, Some(template)) => {
                                let said = Said { template, key, values: Vec::new(), whole: false };
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

    fn slot(&mut self, slot: usize, value: &Value, path: &mut Path) {
        let Ok(rendered) = &self.trace.result else { return };
        match rendered.slots.get(slot) {
            Some(Slot::Tree(tree)) => {
                if let Some((template, _)) = self.trace.printed(slot) {
                    let name = self.trace.sources(slot).into_iter().next().map(|(name, _)| name).unwrap_or_default();
                    self.tree(tree, template, &name, path);
                }
            }
            Some(Slot::Captured(text)) => {
                if let Ok(node) = skeleton::parse_whole(text, self.template.file, self.limits) {
                    self.node(&node, value, Some(slot), path);
                }
            }
            _ => {}
        }
    }

    /// A subtree of the environment knows where each of its values was set.
    fn tree(&mut self, tree: &Arc<Tree>, template: Span, name: &str, path: &mut Path) {
        let said = Said { template, key: None, values: vec![(Arc::from(name), Arc::clone(tree))], whole: true };
        self.origins.by_path.insert(path.clone(), said);
        match &tree.content {
            environment::Content::Map(entries) => {
                for (key, value) in entries {
                    let name = format!("{name}.{key}");
                    self.step(Step::Key(Arc::clone(key)), path, |walk, path| walk.tree(value, template, &name, path));
                }
            }
            environment::Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let name = format!("{name}[{index}]");
                    self.step(Step::Index(index), path, |walk, path| walk.tree(item, template, &name, path));
                }
            }
            _ => {}
        }
    }

    /// What is merged over a value comes from where it was set, not from what lies below.
    fn merged(&mut self, below: Option<&Value>, over: &Over<'_>, line: &Line, name: &str, path: &mut Path) {
        let entry = |walk: &mut Self, key: &Arc<str>, over: &Over<'_>, path: &mut Path| {
            let below = below.and_then(|below| below.get(key));
            let name = format!("{name}.{key}");
            walk.step(Step::Key(Arc::clone(key)), path, |walk, path| walk.merged(below, over, line, &name, path));
        };
        let merges = matches!(below, Some(Value::Map(_)));
        match over {
            Over::Made(value) if context::tree(value).is_some() => {
                let Some(tree) = context::tree(value) else { return };
                self.merged(below, &Over::Tree(tree), line, name, path);
            }
            Over::Tree(tree) => {
                let read = self.trace.path_of(tree);
                let name = read.as_deref().unwrap_or(name);
                match tree.as_map().filter(|_| merges) {
                    Some(entries) => {
                        for (key, value) in entries {
                            entry(self, key, &Over::Tree(value), path);
                        }
                    }
                    None => self.tree(tree, line.span, name, path),
                }
            }
            Over::Made(value) => {
                if !merges || value.kind() != ValueKind::Map {
                    self.origins
                        .by_path
                        .insert(path.clone(), Said { template: line.span, key: None, values: Vec::new(), whole: true });
                }
                let object = value.as_object();
                match value.kind() {
                    ValueKind::Map => {
                        for (key, value) in object.and_then(DynObject::try_iter_pairs).into_iter().flatten() {
                            entry(self, &key.to_string().into(), &Over::Made(value), path);
                        }
                    }
                    ValueKind::Seq | ValueKind::Iterable => {
                        for (index, item) in object.and_then(DynObject::try_iter).into_iter().flatten().enumerate() {
                            self.step(Step::Index(index), path, |walk, path| {
                                walk.merged(None, &Over::Made(item), line, name, path);
                            });
                        }
                    }
                    _ => {}
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

fn slot_of(part: &Part) -> Option<usize> {
    match part {
        Part::Slot(slot) => Some(*slot),
        Part::Text(_) | Part::Folded => None,
    }
}
