//! [`Usage`]: which of its properties environments set and templates read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8PathBuf;

use super::Schema;
use super::node::SchemaNode;
use super::shape::{ListMerge, Shape};
use crate::environment::reads::Reads;
use crate::environment::{Content, Tree};
use crate::finding::codes::hygiene::{UNREAD_PROPERTY, UNUSED_VALUE};
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings};
use crate::source::{Sources, Span};

/// What environments do with the properties of a schema, and with keys that it says nothing of. Each is noted by itself; what
/// one environment does not read counts as read if another one does.
#[derive(Debug, Default)]
pub struct Usage(Mutex<Properties>);

/// Properties that were met, each once.
type Properties = BTreeMap<(Id, String), Arc<Property>>;

/// Tells properties apart: by their place in the schema, and those that the schema says nothing of by their path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Id {
    Schema(String),
    Path(String),
}

/// What does not depend on the environment that it was met in.
#[derive(Debug)]
pub struct Property {
    pub id: Id,
    pub name: Arc<str>,
    /// From the root: `karpenter.nodePools[].limits`.
    pub path: String,
    /// The map it belongs to.
    pub parent: Id,
    /// Of the property, or of the map if the schema does not name the property.
    pub schema: Span,
    pub is_named: bool,
    /// What the schema names beside it.
    pub siblings: Vec<Arc<str>>,
    /// Something else than a template reads it, or says why nothing has to.
    pub is_read: bool,
}

/// What an environment does with a property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// A template reads it.
    pub is_read: bool,
    /// It was rendered with all that it holds.
    pub is_taken: bool,
}

/// Properties with what is done with them.
pub type Uses = Arc<[(Arc<Property>, Use)]>;

/// What one environment does.
#[derive(Clone, Debug)]
pub struct Noted {
    /// In the order of meeting them.
    pub uses: Uses,
    /// Where it sets some of them that are not read, by number.
    pub set: Vec<(usize, Span)>,
}

/// A property over all environments.
struct Sum<'a> {
    /// As it was met first.
    property: &'a Property,
    used: Use,
    /// By the path of the file: one that was read twice has two ids.
    set: BTreeMap<(Utf8PathBuf, u32, u32), Span>,
}

impl Usage {
    /// Notes one environment, once all its templates are rendered.
    pub fn note(&self, shape: Shape<'_>, root: &Arc<Tree>, reads: &Reads) -> Noted {
        let mut properties = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut noting = Noting {
            properties: &mut properties,
            reads,
            uses: Vec::new(),
            numbers: BTreeMap::new(),
            set: Vec::new(),
            path: String::new(),
            place: String::new(),
            lists: 0,
        };
        noting.value(shape, root, &[]);
        Noted { uses: noting.uses.into(), set: noting.set }
    }

    /// What no environment's templates read, of those that are `noted`. `mentioned` are the names that templates could ask for
    /// if an environment were another: what they speak of is read somewhere.
    pub fn findings<'n>(
        noted: impl IntoIterator<Item = &'n Noted>,
        schema: &Schema,
        mentioned: &BTreeSet<String>,
        sources: &Sources,
    ) -> Findings {
        let sums = sum(noted, sources);
        let by_rules = schema.names_in_rules();
        let mut findings = Findings::default();
        for Sum { property, used, set } in sums.values() {
            let Property { name, path, schema, .. } = property;
            let is_known = mentioned.contains(&**name) || by_rules.contains(&**name);
            if used.is_read || used.is_taken || is_known || is_within_taken(property, &sums) {
                continue;
            }
            let mut set = set.values();
            let Some(first) = set.next() else {
                let message = format!("no template reads `{path}`, and no environment sets it");
                let finding = Finding::new(&UNREAD_PROPERTY, *schema, message);
                findings.push(finding.help("remove it from the schema, or let a template read it"));
                continue;
            };
            let finding = Finding::new(&UNUSED_VALUE, *first, format!("no template reads `{path}`"));
            let finding = finding.label("this changes nothing");
            let mut finding = if property.is_named {
                let finding = finding.also(*schema, "the schema allows it");
                finding.help("remove it here and in the schema, or let a template read it")
            } else {
                let known = property.siblings.iter().map(|name| &**name).chain(mentioned.iter().map(String::as_str));
                let finding = finding.also(*schema, "the schema says nothing of it");
                finding.help(did_you_mean(name, known).unwrap_or_else(|| "remove it, or let a template read it".into()))
            };
            for span in set {
                finding = finding.also(*span, "it is set here, too");
            }
            findings.push(finding);
        }
        findings
    }
}

fn sum<'n>(noted: impl IntoIterator<Item = &'n Noted>, sources: &Sources) -> BTreeMap<&'n Id, Sum<'n>> {
    let mut sums: BTreeMap<&Id, Sum<'_>> = BTreeMap::new();
    let mut added: BTreeSet<*const (Arc<Property>, Use)> = BTreeSet::new();
    for Noted { uses, set } in noted {
        // Many environments share a list.
        if added.insert(uses.as_ptr()) {
            for (property, used) in uses.iter() {
                let new = || Sum { property, used: Use::default(), set: BTreeMap::new() };
                let sum = sums.entry(&property.id).or_insert_with(new);
                sum.used.is_read |= used.is_read || property.is_read;
                sum.used.is_taken |= used.is_taken;
            }
        }
        for &(number, span) in set {
            let sum = uses.get(number).and_then(|(property, _)| sums.get_mut(&property.id));
            if let Some(sum) = sum {
                sum.set.insert((sources.get(span.file).path().to_owned(), span.start, span.end), span);
            }
        }
    }
    sums
}

/// Whether another environment renders a map around a property with all that it holds.
fn is_within_taken(property: &Property, all: &BTreeMap<&Id, Sum<'_>>) -> bool {
    let mut parent = &property.parent;
    while let Some(around) = all.get(parent) {
        if around.used.is_taken {
            return true;
        }
        parent = &around.property.parent;
    }
    false
}

struct Noting<'a> {
    properties: &'a mut Properties,
    reads: &'a Reads,
    uses: Vec<(Arc<Property>, Use)>,
    /// Where in `uses` a property is.
    numbers: BTreeMap<Id, usize>,
    set: Vec<(usize, Span)>,
    /// Keys on the way to the value; an item of a list has none.
    path: String,
    /// The same way through the schema.
    place: String,
    /// How many lists are on the way.
    lists: usize,
}

impl Noting<'_> {
    /// A value that something has read, and `known` keys that tell it from its neighbours in a list.
    fn value(&mut self, shape: Shape<'_>, tree: &Arc<Tree>, known: &[Arc<str>]) {
        match &tree.content {
            Content::Map(entries) => {
                for key in shape.known_keys().filter(|key| !entries.contains_key(*key)) {
                    self.property(shape, key);
                }
                for (key, value) in entries {
                    let (is_touched, is_taken) = (self.reads.is_touched(value), self.reads.is_taken(value));
                    // In a map of any keys each may be for somebody; one that says nothing of its keys hides slips.
                    let is_said = shape.knows(key) || (!shape.takes_others() && !self.is_in_list());
                    if is_said && !known.contains(key) {
                        let number = self.property(shape, key);
                        let used = &mut self.uses[number].1;
                        used.is_read |= is_touched;
                        used.is_taken |= is_taken;
                        if !is_touched {
                            self.set.push((number, value.origin.key.unwrap_or(value.origin.value)));
                        }
                    }
                    if is_touched && !is_taken {
                        let path = if self.path.is_empty() { key.to_string() } else { format!(".{key}") };
                        self.below(&path, &shape.route(key), |noting| noting.value(shape.property(key), value, &[]));
                    }
                }
            }
            Content::List(items) => {
                let known = match shape.list_merge() {
                    ListMerge::ByKeys(keys) => keys,
                    ListMerge::Replace | ListMerge::Set => &[],
                };
                self.lists += 1;
                self.below("[]", "[]", |noting| {
                    let reads = noting.reads;
                    for item in items.iter().filter(|item| reads.is_touched(item) && !reads.is_taken(item)) {
                        noting.value(shape.item(), item, known);
                    }
                });
                self.lists -= 1;
            }
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::String(_) => {}
        }
    }

    /// Goes a step down, and back.
    fn below(&mut self, path: &str, place: &str, work: impl FnOnce(&mut Self)) {
        let before = (self.path.len(), self.place.len());
        self.path.push_str(path);
        self.place.push_str(place);
        work(self);
        self.path.truncate(before.0);
        self.place.truncate(before.1);
    }

    /// The number of what a map's key is.
    fn property(&mut self, parent: Shape<'_>, name: &Arc<str>) -> usize {
        let path = if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) };
        let is_named = parent.knows(name);
        let id = if is_named { Id::Schema(self.place.clone() + &parent.route(name)) } else { Id::Path(path.clone()) };
        if let Some(number) = self.numbers.get(&id) {
            return *number;
        }
        let (key, number) = ((id, path), self.uses.len());
        let property = self.properties.get(&key).cloned().unwrap_or_else(|| {
            let (id, path) = key.clone();
            let shape = if is_named { parent.property(name) } else { parent };
            // A map that the schema does not name has no place of its own there.
            let has_place = parent.nodes().next().is_some();
            let parent_id = if has_place { Id::Schema(self.place.clone()) } else { Id::Path(self.path.clone()) };
            let property = Arc::new(Property {
                id,
                name: Arc::clone(name),
                path,
                parent: parent_id,
                schema: shape.span(),
                is_named,
                siblings: if is_named { Vec::new() } else { parent.known_keys().cloned().collect() },
                is_read: is_named && (shape.nodes().any(has_other_use) || shape.nodes().next().is_none()),
            });
            self.properties.insert(key.clone(), Arc::clone(&property));
            property
        });
        self.numbers.insert(key.0, number);
        self.uses.push((property, Use::default()));
        number
    }

    /// Whether items of a list are on the way: without a word of the schema those need not be alike.
    fn is_in_list(&self) -> bool {
        self.lists > 0
    }
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
