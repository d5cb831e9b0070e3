//! [`Shape`]: what a schema says about the form of one place, gathered over `$ref`, `allOf`, `anyOf`, `oneOf` and
//! `if`/`then`/`else`. Reading a layer asks it which type a scalar has, merging asks it how lists merge.
//!
//! A place is judged by a [`Formula`] of schemas. Places unfold on first use and stay, so that a layer pays only for
//! the part of the schema it touches, and a second layer pays nothing.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use regex_lite::Regex;

use super::node::{Graph, ListType, NodeId, Others, SchemaNode};
use super::pattern::Reach;
use crate::account::Cost;
use crate::environment::shape;
use crate::source::Span;
use crate::yaml::Types;

/// How a layer's list meets the list it overrides, from `x-kubernetes-list-type` and `x-kubernetes-list-map-keys`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListMerge<'a> {
    /// The overlay's list stands alone.
    Replace,
    /// The union; items are scalars.
    Set,
    /// Items are maps; those whose values under these keys are equal merge.
    ByKeys(&'a [Arc<str>]),
}

/// What the schema says about the form of one place of an environment.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    graph: &'a Graph,
    place: &'a Place,
    /// Whether a schema around this place says so.
    keeps_null: bool,
}

/// The schemas that judge a place.
#[derive(Clone, Debug)]
enum Formula {
    Node(NodeId),
    All(Vec<Formula>),
    /// At least one holds, which one is not known here.
    Any(Vec<Formula>),
}

/// A place and, once asked for, what lies below it.
#[derive(Debug)]
pub(super) struct Place {
    formula: Formula,
    view: OnceLock<View>,
}

/// A formula's answers.
#[derive(Debug)]
struct View {
    types: Types,
    list_type: ListType,
    list_keys: Arc<[Arc<str>]>,
    properties: BTreeMap<Arc<str>, Place>,
    patterns: Vec<(Arc<Regex>, Reach, Place)>,
    others: Option<Box<Place>>,
    closed: bool,
    item: Option<Box<Place>>,
    nodes: Vec<NodeId>,
    secret: bool,
    broken: bool,
    /// Schemas that were visited for this, and patterns that were looked for.
    cost: u64,
}

/// A place about which nothing is said.
static ANYTHING: Place = Place { formula: Formula::All(Vec::new()), view: OnceLock::new() };

/// Schemas visited for one view. A schema that reaches more combines itself beyond any reason; the rest is left unsaid,
/// which loses hints, never a judgement.
const VISITS: u64 = 4096;
/// The same for all keys of a place together.
const VISITS_OF_KEYS: u64 = 1 << 22;
/// Bytes of what is kept for a visit.
const KEPT: u64 = 64;

impl Place {
    pub(super) fn root(graph: &Graph) -> Self {
        Self::of(graph.root)
    }

    pub(super) fn of(id: NodeId) -> Self {
        Self::new(Formula::Node(id))
    }

    fn new(formula: Formula) -> Self {
        Self { formula, view: OnceLock::new() }
    }
}

impl<'a> Shape<'a> {
    pub(super) fn new(graph: &'a Graph, place: &'a Place) -> Self {
        Self { graph, place, keeps_null: false }
    }

    /// The shape under a key; for a key about which nothing is said, one that allows all.
    #[must_use]
    pub fn property(self, key: &str) -> Self {
        let view = self.view();
        let by_pattern = || view.patterns.iter().find(|(pattern, ..)| pattern.is_match(key)).map(|(.., place)| place);
        let place = view.properties.get(key).or_else(by_pattern).or(view.others.as_deref());
        self.below(place)
    }

    /// The shape of a list's items.
    #[must_use]
    pub fn item(self) -> Self {
        self.below(self.view().item.as_deref())
    }

    fn below(self, place: Option<&'a Place>) -> Self {
        let keeps_null = self.keeps_null || self.nodes().any(|node| node.keeps_null);
        Self { graph: self.graph, place: place.unwrap_or(&ANYTHING), keeps_null }
    }

    /// What leads from here to the shape under a key: other keys lead there, too, where the schema does not name them.
    pub(super) fn route(self, key: &str) -> String {
        let view = self.view();
        if view.properties.contains_key(key) {
            // With its length, so that no key looks like a step.
            return format!("/{}:{key}", key.len());
        }
        match view.patterns.iter().position(|(pattern, ..)| pattern.is_match(key)) {
            Some(at) => format!("~{at}"),
            None => "*".to_owned(),
        }
    }

    /// Tells this place from every other place of the same schema.
    fn address(self) -> usize {
        std::ptr::from_ref(self.place).addr()
    }

    /// The types wanted here; [`Types::ANY`] if nothing is said.
    pub fn types(self) -> Types {
        self.view().types
    }

    /// How a list here meets the one it overrides.
    pub fn list_merge(self) -> ListMerge<'a> {
        let view = self.view();
        match view.list_type {
            ListType::Set => ListMerge::Set,
            ListType::Map => ListMerge::ByKeys(&view.list_keys),
            ListType::Atomic | ListType::Unsaid => ListMerge::Replace,
        }
    }

    /// The keys that the schema names here, sorted.
    pub fn known_keys(self) -> impl Iterator<Item = &'a Arc<str>> {
        self.view().properties.keys()
    }

    /// Whether the schema refuses a key here.
    pub fn refuses(self, key: &str) -> bool {
        let view = self.view();
        view.closed
            && !view.properties.contains_key(key)
            && view.others.is_none()
            && !view.patterns.iter().any(|(pattern, ..)| pattern.is_match(key))
    }

    /// The schemas that certainly hold here, combined ones included, branches of `anyOf` and its like not.
    pub(super) fn nodes(self) -> impl Iterator<Item = &'a SchemaNode> {
        self.view().nodes.iter().map(|&id| &self.graph[id])
    }

    /// Whether what stands here is a secret, or a reference to one; also where only one of several alternatives says so.
    pub fn is_secret(self) -> bool {
        self.view().secret
    }

    /// Whether a keyword of what judges this place was left out.
    pub(super) fn is_broken(self) -> bool {
        self.view().broken
    }

    /// The first schema that judges this place, in its file.
    pub fn span(self) -> Span {
        self.graph[self.view().nodes.first().copied().unwrap_or(self.graph.root)].span
    }

    /// Whether the value may be taken over from one environment to another, if something is said of it. What must differ
    /// between environments may not.
    pub fn promote(self) -> Option<bool> {
        let differs = || self.nodes().any(|node| node.compare == Some(super::Must::Differ)).then_some(false);
        self.nodes().find_map(|node| node.promote).or_else(differs)
    }

    pub(super) fn knows(self, key: &str) -> bool {
        self.view().properties.contains_key(key)
    }

    /// Whether some schema says what keys hold that none names.
    pub(super) fn takes_others(self) -> bool {
        let view = self.view();
        view.others.is_some() || !view.patterns.is_empty()
    }

    /// Values that keys have if they are not set.
    pub(super) fn defaults(self) -> impl Iterator<Item = (&'a Arc<str>, &'a serde_json::Value)> {
        let graph = self.graph;
        self.nodes().flat_map(move |node| {
            node.properties.iter().filter_map(move |(key, id)| {
                let default = graph[*id].default.as_ref();
                Some((key, default.or_else(|| graph[graph[*id].reference?].default.as_ref())?))
            })
        })
    }

    fn view(self) -> &'a View {
        self.place.view.get_or_init(|| Unfolding::new(self.graph).view(&self.place.formula))
    }
}

/// One formula being turned into its view.
struct Unfolding<'a> {
    graph: &'a Graph,
    /// For what is asked at the moment, and for all that was asked before.
    visits: u64,
    before: u64,
    /// For patterns that were looked for in names.
    searches: Cell<u64>,
}

/// What a formula says about the maps it allows.
#[derive(Default)]
struct Keys {
    names: Vec<Arc<str>>,
    patterns: Vec<Arc<str>>,
    closed: bool,
    /// What stands here is a secret.
    secret: bool,
    /// Something is wrong with what is said here.
    broken: bool,
    /// The schemas that have said so.
    seen: BTreeSet<NodeId>,
}

impl<'a> Unfolding<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self { graph, visits: 0, before: 0, searches: Cell::new(0) }
    }

    /// Asks something else.
    fn again(&mut self) {
        self.before += std::mem::take(&mut self.visits);
    }

    fn view(&mut self, formula: &Formula) -> View {
        let mut keys = Keys::default();
        self.keys(formula, &mut keys);
        let named = (keys.names.len() + keys.patterns.len()) as u64;
        keys.names.sort_unstable();
        keys.names.dedup();
        let graph = self.graph;
        let mut properties = BTreeMap::new();
        for name in keys.names {
            self.again();
            let searches = Cell::new(0);
            let step = |node: &SchemaNode| property(graph, node, &name, &searches);
            let below = self.below(formula, &step).unwrap_or(Formula::All(Vec::new()));
            self.searches.set(self.searches.get() + searches.get());
            properties.insert(name, Place::new(below));
        }
        keys.patterns.sort();
        keys.patterns.dedup();
        let mut patterns = Vec::new();
        for text in keys.patterns {
            self.again();
            let below = self.below(formula, &|node| {
                node.pattern_properties.iter().filter(|(pattern, _)| *pattern == text).map(|&(_, id)| id).collect()
            });
            if let (Some((pattern, reach)), Some(below)) = (graph.patterns.get(&text), below) {
                patterns.push((Arc::clone(pattern), *reach, Place::new(below)));
            }
        }
        self.again();
        let others = self.below(formula, &|node| others(node).into_iter().collect());
        let item = self.below(formula, &|node| node.prefix_items.iter().copied().chain(node.items).collect());
        let (list_type, list_keys) = self.list(formula).unwrap_or((ListType::Unsaid, Arc::from([])));
        let mut nodes = Vec::new();
        self.certain(formula, &mut nodes);
        let types = self.types(formula);
        self.again();
        View {
            types,
            list_type,
            list_keys,
            properties,
            patterns,
            others: others.map(|below| Box::new(Place::new(below))),
            closed: keys.closed,
            item: item.map(|below| Box::new(Place::new(below))),
            nodes,
            secret: keys.secret,
            broken: keys.broken,
            cost: self.before + named + self.searches.get(),
        }
    }

    /// Whether the budget still allows to look at one more schema.
    fn visit(&mut self) -> bool {
        self.visits += 1;
        self.visits <= VISITS && self.before + self.searches.get() <= VISITS_OF_KEYS
    }

    /// A schema's own parts as a formula: what it combines by `$ref` and `allOf`, and its groups of alternatives.
    fn parts(&self, id: NodeId) -> impl Iterator<Item = Formula> {
        let node = &self.graph[id];
        let alternatives =
            node.alternatives().map(|group| Formula::Any(group.iter().copied().map(Formula::Node).collect()));
        node.conjuncts().map(Formula::Node).chain(alternatives).collect::<Vec<_>>().into_iter()
    }

    fn types(&mut self, formula: &Formula) -> Types {
        if !self.visit() {
            return Types::ANY;
        }
        match formula {
            Formula::Node(id) => {
                let node = &self.graph[*id];
                let own = node.types & node.value_types;
                let parts: Vec<_> = self.parts(*id).collect();
                parts.iter().fold(own, |types, part| meet(types, self.types(part)))
            }
            Formula::All(parts) => parts.iter().fold(Types::ANY, |types, part| meet(types, self.types(part))),
            Formula::Any(parts) => parts.iter().fold(Types::NONE, |types, part| types | self.types(part)),
        }
    }

    fn keys(&mut self, formula: &Formula, keys: &mut Keys) {
        if !self.visit() {
            return;
        }
        match formula {
            Formula::Node(id) if !keys.seen.insert(*id) => {}
            Formula::Node(id) => {
                let node = &self.graph[*id];
                keys.names.extend(node.properties.keys().cloned());
                keys.patterns.extend(node.pattern_properties.iter().map(|(pattern, _)| Arc::clone(pattern)));
                keys.closed |= node.others == Others::Closed;
                keys.secret |= node.secret;
                keys.broken |= node.broken;
                for part in &self.parts(*id).collect::<Vec<_>>() {
                    self.keys(part, keys);
                }
            }
            Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| self.keys(part, keys)),
        }
    }

    /// The formula of a place one step below; nothing if no schema says anything about it. Silent alternatives are left
    /// out: `oneOf: [{properties: {a: …}}, {properties: {b: …}}]` says what `a` is.
    fn below(&mut self, formula: &Formula, step: &dyn Fn(&SchemaNode) -> Vec<NodeId>) -> Option<Formula> {
        if !self.visit() {
            return None;
        }
        let (mut found, any) = match formula {
            Formula::Node(id) => {
                let node = &self.graph[*id];
                let own: Vec<_> = step(node).into_iter().map(Formula::Node).collect();
                if !node.combines() && own.len() < 2 {
                    return own.into_iter().next();
                }
                let own = (!own.is_empty()).then(|| if own.len() == 1 { own } else { vec![Formula::Any(own)] });
                let parts: Vec<_> = self.parts(*id).collect();
                let parts = parts.iter().filter_map(|part| self.below(part, step));
                (own.into_iter().flatten().chain(parts).collect::<Vec<_>>(), false)
            }
            Formula::All(parts) => (parts.iter().filter_map(|part| self.below(part, step)).collect(), false),
            Formula::Any(parts) => (parts.iter().filter_map(|part| self.below(part, step)).collect(), true),
        };
        match (found.len(), any) {
            (0, _) => None,
            // One alternative among silent ones stays an alternative: it need not hold.
            (1, false) => found.pop(),
            (_, true) => Some(Formula::Any(found)),
            (_, false) => Some(Formula::All(found)),
        }
    }

    fn list(&mut self, formula: &Formula) -> Option<(ListType, Arc<[Arc<str>]>)> {
        if !self.visit() {
            return None;
        }
        match formula {
            Formula::Node(id) => {
                let node = &self.graph[*id];
                if node.list_type != ListType::Unsaid {
                    return Some((node.list_type, Arc::clone(&node.list_keys)));
                }
                let parts: Vec<_> = self.parts(*id).collect();
                parts.iter().find_map(|part| self.list(part))
            }
            Formula::All(parts) | Formula::Any(parts) => parts.iter().find_map(|part| self.list(part)),
        }
    }

    fn certain(&mut self, formula: &Formula, nodes: &mut Vec<NodeId>) {
        if !self.visit() {
            return;
        }
        match formula {
            Formula::Node(id) if nodes.contains(id) => {}
            Formula::Node(id) => {
                nodes.push(*id);
                for id in self.graph[*id].conjuncts() {
                    self.certain(&Formula::Node(id), nodes);
                }
            }
            Formula::All(parts) => parts.iter().for_each(|part| self.certain(part, nodes)),
            Formula::Any(_) => {}
        }
    }
}

/// What both say; where they contradict each other nothing can hold, and the judge says so better than a reader could.
fn meet(a: Types, b: Types) -> Types {
    let both = a & b;
    if both.is_empty() { a | b } else { both }
}

/// The schemas for a key that some schema names; a schema that does not name it speaks by pattern or for all others.
fn property(graph: &Graph, node: &SchemaNode, name: &str, searches: &Cell<u64>) -> Vec<NodeId> {
    if let Some(&id) = node.properties.get(name) {
        return vec![id];
    }
    let matches = |text: &Arc<str>| {
        graph.patterns.get(text).is_some_and(|(pattern, reach)| {
            searches.set(searches.get() + reach.search(name.len()));
            searches.get() <= VISITS_OF_KEYS && pattern.is_match(name)
        })
    };
    let by_pattern: Vec<_> =
        node.pattern_properties.iter().filter(|(pattern, _)| matches(pattern)).map(|&(_, id)| id).collect();
    if by_pattern.is_empty() { others(node).into_iter().collect() } else { by_pattern }
}

fn others(node: &SchemaNode) -> Option<NodeId> {
    match node.others {
        Others::Schema(id) => Some(id),
        Others::Open | Others::Closed => None,
    }
}

/// What reading layers asks of the schema.
impl shape::Shape for Shape<'_> {
    fn property(self, key: &str) -> Self {
        self.property(key)
    }

    fn item(self) -> Self {
        self.item()
    }

    fn types(self) -> Types {
        self.types()
    }

    fn renamed_to(self) -> Option<Arc<str>> {
        self.nodes().find_map(|node| node.renamed_to.clone())
    }

    fn order(self) -> Vec<Arc<str>> {
        let mut order = Vec::new();
        for key in self.nodes().flat_map(|node| node.properties.keys()) {
            if !order.contains(key) {
                order.push(Arc::clone(key));
            }
        }
        order
    }

    fn schema(self) -> Option<Span> {
        Some(self.graph[self.graph.root].span)
    }

    fn cost(self) -> (usize, Cost) {
        let visits = self.view().cost;
        (self.address(), Cost { steps: visits, bytes: visits.saturating_mul(KEPT) })
    }

    fn key_cost(self, key: &str) -> Cost {
        let view = self.view();
        let named = view.patterns.is_empty() || view.properties.contains_key(key);
        let patterns = view.patterns.iter().filter(|_| !named);
        Cost::steps(patterns.map(|(_, reach, _)| reach.search(key.len())).sum())
    }

    fn is_secret(self) -> bool {
        self.is_secret()
    }

    fn keeps_null(self) -> bool {
        self.keeps_null
    }

    fn default_word(self) -> Option<Arc<str>> {
        self.nodes().find_map(|node| match node.default.as_ref()? {
            serde_json::Value::String(text) => Some(text.as_str().into()),
            default @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => Some(default.to_string().into()),
            _ => None,
        })
    }

    fn says_how_lists_merge(self) -> bool {
        self.view().list_type != ListType::Unsaid
    }

    fn list_merge(self) -> shape::ListMerge {
        match self.list_merge() {
            ListMerge::Replace => shape::ListMerge::Replace,
            ListMerge::Set => shape::ListMerge::Set,
            ListMerge::ByKeys(keys) => shape::ListMerge::ByKeys(keys.into()),
        }
    }
}
