//! [`Usage`]: which of its properties environments set and templates read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::Schema;
use super::node::SchemaNode;
use super::shape::{ListMerge, Shape};
use crate::environment::reads::Reads;
use crate::environment::{Content, Tree};
use crate::finding::codes::hygiene::{UNREAD_PROPERTY, UNUSED_VALUE};
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings};
use crate::source::{Sources, Span};

/// What is known of the properties of a schema and of keys that it says nothing of, from the environments noted so far. A property is known by its place
/// in the schema, so that what one environment does not read counts as read if another one does.
#[derive(Debug, Default)]
pub struct Usage(Mutex<BTreeMap<Id, Property>>);

/// Tells properties apart: by their place in the schema, and those that the schema says nothing of by their path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Id {
    Schema(usize),
    Path(String),
}

#[derive(Debug)]
struct Property {
    name: Arc<str>,
    /// From the root, as it was met first: `karpenter.nodePools[].limits`.
    path: String,
    /// The map it belongs to.
    parent: Id,
    /// Of the property, or of the map if the schema does not name the property.
    schema: Span,
    is_named: bool,
    /// What the schema names beside it.
    siblings: Vec<Arc<str>>,
    /// Something reads it, or says why nothing has to.
    is_read: bool,
    /// It was rendered with all that it holds.
    is_taken: bool,
    /// Where environments set it.
    set: BTreeSet<Span>,
}

impl Usage {
    /// Notes one environment, once all its templates are rendered.
    pub fn note(&self, shape: Shape<'_>, root: &Arc<Tree>, reads: &Reads) {
        let mut properties = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Noting { properties: &mut properties, reads, path: Vec::new() }.value(shape, root, &[]);
    }

    /// What no environment's templates read. `mentioned` are the names that templates could ask for if an environment
    /// were another: what they speak of is read somewhere.
    pub fn findings(&self, schema: &Schema, mentioned: &BTreeSet<String>, sources: &Sources) -> Findings {
        let properties = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let by_rules = schema.names_in_rules();
        let mut findings = Findings::default();
        for property in properties.values() {
            let Property { name, path, schema, is_read, is_taken, set, .. } = property;
            let is_known = mentioned.contains(&**name) || by_rules.contains(&**name);
            if *is_read || *is_taken || is_known || is_within_taken(property, &properties) {
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
            for span in others {
                finding = finding.also(*span, "it is set here, too");
            }
            findings.push(finding);
        }
        findings
    }
}

/// Whether another environment renders a map around a property with all that it holds.
fn is_within_taken(property: &Property, all: &BTreeMap<Id, Property>) -> bool {
    let mut parent = &property.parent;
    while let Some(around) = all.get(parent) {
        if around.is_taken {
            return true;
        }
        parent = &around.parent;
    }
    false
}

struct Noting<'a> {
    properties: &'a mut BTreeMap<Id, Property>,
    reads: &'a Reads,
    /// Keys on the way to the value; an item of a list has none.
    path: Vec<Arc<str>>,
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
                    let below = shape.property(key);
                    let (is_touched, is_taken) = (self.reads.is_touched(value), self.reads.is_taken(value));
                    // In a map of any keys each may be for somebody; one that says nothing of its keys hides slips.
                    let is_said = shape.knows(key) || (!shape.takes_others() && !self.is_in_list());
                    if is_said && !known.contains(key) {
                        let property = self.property(shape, key);
                        property.is_read |= is_touched;
                        property.is_taken |= is_taken;
                        if !is_touched {
                            property.set.insert(value.origin.key.unwrap_or(value.origin.value));
                        }
                    }
                    if is_touched && !is_taken {
                        self.path.push(Arc::clone(key));
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
                self.path.push("[]".into());
                for item in items.iter().filter(|item| self.reads.is_touched(item) && !self.reads.is_taken(item)) {
                    self.value(shape.item(), item, known);
                }
                self.path.pop();
            }
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::String(_) => {}
        }
    }

    fn property(&mut self, parent: Shape<'_>, name: &Arc<str>) -> &mut Property {
        let path = |path: &[Arc<str>]| path.iter().map(|key| &**key).collect::<Vec<_>>().join(".").replace(".[]", "[]");
        let mut own = self.path.clone();
        own.push(Arc::clone(name));
        let is_named = parent.knows(name);
        let shape = if is_named { parent.property(name) } else { parent };
        let id = if is_named { Id::Schema(shape.address()) } else { Id::Path(path(&own)) };
        // A map that the schema does not name has no place of its own there.
        let around =
            if parent.nodes().next().is_some() { Id::Schema(parent.address()) } else { Id::Path(path(&self.path)) };
        self.properties.entry(id).or_insert_with(|| Property {
            name: Arc::clone(name),
            path: path(&own),
            parent: around,
            schema: shape.span(),
            is_named,
            siblings: if is_named { Vec::new() } else { parent.known_keys().cloned().collect() },
            is_read: is_named && (shape.nodes().any(has_other_use) || shape.nodes().next().is_none()),
            is_taken: false,
            set: BTreeSet::new(),
        })
    }

    /// Whether items of a list are on the way: without a word of the schema those need not be alike.
    fn is_in_list(&self) -> bool {
        self.path.iter().any(|key| &**key == "[]")
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
