//! [`Usage`]: which of its properties environments set and templates read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::Schema;
use super::node::SchemaNode;
use super::shape::{ListMerge, Shape};
use crate::environment::reads::Reads;
use crate::environment::{Content, Tree};
use crate::finding::codes::hygiene::{UNREAD_PROPERTY, UNUSED_VALUE};
use crate::finding::{Finding, Findings};
use crate::source::{Sources, Span};

/// What is known of the properties of a schema, from the environments noted so far. A property is known by its place
/// in the schema, so that what one environment does not read counts as read if another one does.
#[derive(Debug, Default)]
pub struct Usage(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    properties: BTreeMap<usize, Property>,
    /// What was noted of each environment.
    noted: BTreeMap<Arc<str>, Vec<Use>>,
    /// Each use once: environments are much alike.
    known: BTreeSet<Arc<Setting>>,
}

/// A setting of an environment, and what became of it.
#[derive(Clone, Debug)]
pub struct Use {
    pub setting: Arc<Setting>,
    /// Where the environment sets it, if nothing reads that.
    pub set: Option<Span>,
}

/// The same without its place, which many environments share.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    /// The keys around it, from the root; none for an item of a list.
    pub around: Vec<Option<Arc<str>>>,
    pub name: Arc<str>,
    /// Something read it, or rendered it with all that it holds.
    pub is_touched: bool,
    pub is_taken: bool,
}

#[derive(Debug)]
struct Property {
    name: Arc<str>,
    /// From the root, as it was met first: `karpenter.nodePools[].limits`.
    path: String,
    /// The place of the map it belongs to.
    parent: usize,
    schema: Span,
    /// Something reads it, or says why nothing has to.
    is_read: bool,
    /// It was rendered with all that it holds.
    is_taken: bool,
    /// Where environments set it.
    set: BTreeSet<Span>,
}

impl Usage {
    /// Notes one environment, once all its templates are rendered.
    pub fn note(&self, name: &Arc<str>, shape: Shape<'_>, root: &Arc<Tree>, reads: &Reads) {
        let mut noting = Noting { uses: Vec::new(), known: BTreeSet::new(), reads, path: Vec::new() };
        noting.value(shape, root, &[]);
        self.recall(name, shape, noting.uses);
    }

    /// The same of an environment whose uses are known.
    pub fn recall(&self, name: &Arc<str>, shape: Shape<'_>, mut uses: Vec<Use>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for it in &mut uses {
            match state.known.get(&it.setting) {
                Some(known) => it.setting = Arc::clone(known),
                None => drop(state.known.insert(Arc::clone(&it.setting))),
            }
            apply(&mut state.properties, shape, it);
        }
        state.noted.insert(Arc::clone(name), uses);
    }

    /// What was noted of an environment.
    pub fn of(&self, name: &str) -> Vec<Use> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.noted.get(name).cloned().unwrap_or_default()
    }

    /// What no environment's templates read. `mentioned` are the names that templates could ask for if an environment
    /// were another: what they speak of is read somewhere.
    pub fn findings(&self, schema: &Schema, mentioned: &BTreeSet<String>, sources: &Sources) -> Findings {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let properties = &state.properties;
        let by_rules = schema.names_in_rules();
        let mut findings = Findings::default();
        for property in properties.values() {
            let Property { name, path, schema, is_read, is_taken, set, .. } = property;
            let is_known = mentioned.contains(&**name) || by_rules.contains(&**name);
            if *is_read || *is_taken || is_known || is_within_taken(property, properties) {
                continue;
            }
            let mut set: Vec<Span> = set.iter().copied().collect();
            set.sort_by_key(|span| (sources.get(span.file).path().to_owned(), span.start));
            let Some((first, others)) = set.split_first() else {
                let message = format!("no template reads `{path}`, and no environment sets it");
                let finding = Finding::new(&UNREAD_PROPERTY, *schema, message);
                findings.push(finding.help("remove it from the schema, or let a template read it"));
                continue;
            };
            let mut finding = Finding::new(&UNUSED_VALUE, *first, format!("no template reads `{path}`"))
                .label("this changes nothing")
                .also(*schema, "the schema allows it")
                .help("remove it here and in the schema, or let a template read it");
            for span in others {
                finding = finding.also(*span, "it is set here, too");
            }
            findings.push(finding);
        }
        findings
    }
}

/// Whether another environment renders a map around a property with all that it holds.
fn is_within_taken(property: &Property, all: &BTreeMap<usize, Property>) -> bool {
    let mut parent = property.parent;
    while let Some(around) = all.get(&parent) {
        if around.is_taken {
            return true;
        }
        parent = around.parent;
    }
    false
}

struct Noting<'a> {
    uses: Vec<Use>,
    /// A list of many items says the same of each.
    known: BTreeSet<Arc<Setting>>,
    reads: &'a Reads,
    /// Keys on the way to the value; an item of a list has none.
    path: Vec<Option<Arc<str>>>,
}

impl Noting<'_> {
    /// A value that something has read, and `known` keys that tell it from its neighbours in a list.
    fn value(&mut self, shape: Shape<'_>, tree: &Arc<Tree>, known: &[Arc<str>]) {
        match &tree.content {
            Content::Map(entries) => {
                for key in shape.known_keys().filter(|key| !entries.contains_key(*key)) {
                    self.add(key, false, false, None);
                }
                for (key, value) in entries {
                    let below = shape.property(key);
                    let (is_touched, is_taken) = (self.reads.is_touched(value), self.reads.is_taken(value));
                    if shape.knows(key) && !known.contains(key) {
                        let set = (!is_touched).then(|| value.origin.key.unwrap_or(value.origin.value));
                        self.add(key, is_touched, is_taken, set);
                    }
                    if is_touched && !is_taken {
                        self.path.push(Some(Arc::clone(key)));
                        self.value(below, value, &[]);
                        self.path.pop();
                    }
                }
            }
            Content::List(items) => {
                let known = match shape.list_merge() {
                    ListMerge::ByKeys(keys) => keys,
                    ListMerge::Replace | ListMerge::Set => &[],
                };
                self.path.push(None);
                for item in items.iter().filter(|item| self.reads.is_touched(item) && !self.reads.is_taken(item)) {
                    self.value(shape.item(), item, known);
                }
                self.path.pop();
            }
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::String(_) => {}
        }
    }

    fn add(&mut self, name: &Arc<str>, is_touched: bool, is_taken: bool, set: Option<Span>) {
        let setting = Setting { around: self.path.clone(), name: Arc::clone(name), is_touched, is_taken };
        let known = self.known.get(&setting).cloned();
        if known.is_some() && set.is_none() {
            return;
        }
        let setting = known.unwrap_or_else(|| {
            let new = Arc::new(setting);
            self.known.insert(Arc::clone(&new));
            new
        });
        self.uses.push(Use { setting, set });
    }
}

/// Puts a use to the property that it is one of.
fn apply(properties: &mut BTreeMap<usize, Property>, root: Shape<'_>, Use { setting, set }: &Use) {
    let Setting { around, name, is_touched, is_taken } = &**setting;
    let parent = around.iter().fold(root, |shape, key| match key {
        Some(key) => shape.property(key),
        None => shape.item(),
    });
    let shape = parent.property(name);
    let path = || {
        let around = around.iter().map(|key| key.as_deref().unwrap_or("[]"));
        around.chain([&**name]).collect::<Vec<_>>().join(".").replace(".[]", "[]")
    };
    let property = properties.entry(shape.address()).or_insert_with(|| Property {
        name: Arc::clone(name),
        path: path(),
        parent: parent.address(),
        schema: shape.span(),
        is_read: shape.nodes().any(has_other_use) || shape.nodes().next().is_none(),
        is_taken: false,
        set: BTreeSet::new(),
    });
    property.is_read |= is_touched;
    property.is_taken |= is_taken;
    property.set.extend(set);
}

/// What is old has its own finding, and what environments are compared by is read for that.
fn has_other_use(node: &SchemaNode) -> bool {
    node.deprecated.is_some() || node.renamed_to.is_some() || node.compare.is_some()
}

impl Schema {
    /// Names that rules, and conditions of schemas, speak of.
    fn names_in_rules(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for node in &self.graph.nodes {
            for rule in &node.rules {
                names.extend(words(rule.text()).map(unescaped));
            }
            let tests = node.tests.iter().chain(&node.inner_tests).chain(&node.conditional);
            for id in tests {
                names.extend(self.graph[*id].properties.keys().map(ToString::to_string));
            }
        }
        names
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// CEL spells `a-b` as `a__dash__b`.
fn unescaped(word: &str) -> String {
    let pairs = [("__dash__", "-"), ("__dot__", "."), ("__slash__", "/"), ("__underscores__", "__")];
    pairs.iter().fold(word.to_owned(), |word, (from, to)| word.replace(from, to))
}
