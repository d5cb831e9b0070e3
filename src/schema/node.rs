//! Schemas as a graph: one [`SchemaNode`] for each schema within the files, `$ref` as an edge.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use regex_lite::Regex;

use super::pattern::Reach;
use crate::source::Span;
use crate::yaml::Types;

/// Names one [`SchemaNode`] within its [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub(super) u32);

/// What one schema says, without what the schemas it combines say.
#[derive(Debug)]
pub(super) struct SchemaNode {
    /// The schema in its file: where findings about it point.
    pub(super) span: Span,
    /// From `type`, `nullable`, `x-kubernetes-int-or-string`; `ANY` if nothing is said.
    pub(super) types: Types,
    /// The types of `const` and `enum`; `ANY` if there is neither.
    pub(super) value_types: Types,
    pub(super) properties: IndexMap<Arc<str>, NodeId>,
    pub(super) pattern_properties: Vec<(Arc<str>, NodeId)>,
    pub(super) others: Others,
    /// `prefixItems`, then `items`.
    pub(super) prefix_items: Vec<NodeId>,
    pub(super) items: Option<NodeId>,
    pub(super) reference: Option<NodeId>,
    pub(super) all_of: Vec<NodeId>,
    /// `anyOf`, `oneOf`, `dependentSchemas`: of each group, some hold.
    pub(super) some_of: Vec<Vec<NodeId>>,
    /// `then` and `else`: one holds. Both or none are here.
    pub(super) conditional: Vec<NodeId>,
    /// Schemas that judge the same value but say nothing about its form: `if`, `not`.
    pub(super) tests: Vec<NodeId>,
    /// Schemas that judge a part of the value: `contains`, `propertyNames`, `unevaluatedItems`.
    pub(super) inner_tests: Vec<NodeId>,
    pub(super) list_type: ListType,
    pub(super) list_keys: Arc<[Arc<str>]>,
    pub(super) deprecated: Option<Arc<str>>,
    pub(super) renamed_to: Option<Arc<str>>,
    /// Where the new name is said, if there is one.
    pub(super) renamed_at: Span,
    pub(super) secret: bool,
    /// Whether the value may be taken over from one environment to another.
    pub(super) promote: Option<bool>,
    pub(super) compare: Option<super::Must>,
    /// Below this, null is a value.
    pub(super) keeps_null: bool,
    pub(super) rules: Vec<super::cel::Rule>,
    pub(super) format: Option<Arc<str>>,
    pub(super) default: Option<serde_json::Value>,
    /// A keyword of it was left out, as something is wrong with it.
    pub(super) broken: bool,
}

/// What a map may hold beside its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    Open,
    /// `additionalProperties: false`, or `unevaluatedProperties: false`.
    Closed,
    Schema(NodeId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListType {
    Unsaid,
    Atomic,
    Set,
    Map,
}

impl SchemaNode {
    /// The schema that says nothing.
    pub(super) fn empty(span: Span) -> Self {
        Self {
            span,
            types: Types::ANY,
            value_types: Types::ANY,
            properties: IndexMap::new(),
            pattern_properties: Vec::new(),
            others: Others::Open,
            prefix_items: Vec::new(),
            items: None,
            reference: None,
            all_of: Vec::new(),
            some_of: Vec::new(),
            conditional: Vec::new(),
            tests: Vec::new(),
            inner_tests: Vec::new(),
            list_type: ListType::Unsaid,
            list_keys: Arc::from([]),
            deprecated: None,
            renamed_to: None,
            renamed_at: span,
            secret: false,
            promote: None,
            compare: None,
            keeps_null: false,
            rules: Vec::new(),
            format: None,
            default: None,
            broken: false,
        }
    }

    /// Schemas that always hold for the same value.
    pub(super) fn conjuncts(&self) -> impl Iterator<Item = NodeId> {
        self.reference.into_iter().chain(self.all_of.iter().copied())
    }

    /// Groups of schemas of which at least one holds.
    pub(super) fn alternatives(&self) -> impl Iterator<Item = &[NodeId]> {
        let conditional = (!self.conditional.is_empty()).then_some(self.conditional.as_slice());
        self.some_of.iter().map(Vec::as_slice).chain(conditional)
    }

    /// Whether other schemas judge the same value, tests aside.
    pub(super) fn combines(&self) -> bool {
        self.conjuncts().next().is_some() || self.alternatives().next().is_some()
    }

    /// Every schema that judges the same value: a cycle along these edges never ends.
    pub(super) fn in_place(&self) -> impl Iterator<Item = NodeId> {
        let some = self.alternatives().flatten().copied();
        self.conjuncts().chain(some).chain(self.tests.iter().copied())
    }

    /// Every schema that says what a part of the value holds.
    pub(super) fn below(&self) -> impl Iterator<Item = NodeId> {
        let others = match self.others {
            Others::Schema(id) => Some(id),
            Others::Open | Others::Closed => None,
        };
        let properties = self.properties.values().copied();
        let patterns = self.pattern_properties.iter().map(|&(_, id)| id);
        let items = self.prefix_items.iter().copied().chain(self.items);
        properties.chain(patterns).chain(others).chain(items)
    }
}

/// All schemas of all files that the root reaches.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<SchemaNode>,
    pub(super) root: NodeId,
    pub(super) patterns: KeyPatterns,
    /// The size of all patterns, of keys and others.
    pub(super) pattern_size: u64,
    /// Steps it took to compile those that the small engine does not read.
    pub(super) compiling: u64,
}

/// The patterns of `patternProperties`, compiled, with what they cost; without those that only the judge can read.
pub(super) type KeyPatterns = BTreeMap<Arc<str>, (Arc<Regex>, Reach)>;

impl std::ops::Index<NodeId> for Graph {
    type Output = SchemaNode;

    fn index(&self, id: NodeId) -> &SchemaNode {
        &self.nodes[id.0 as usize]
    }
}
