//! [`Shape`]: what reading a layer asks of the schema, place by place.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::account::Cost;
use crate::source::Span;
use crate::yaml::Types;

/// What the schema says about one place of an environment. Cheap to copy, walked along with the document.
pub trait Shape: Copy {
    /// The place under a key of this map.
    #[must_use]
    fn property(self, key: &str) -> Self;
    /// The place of an item of this list.
    #[must_use]
    fn item(self) -> Self;
    fn types(self) -> Types;
    fn list_merge(self) -> ListMerge;
    /// Whether the schema says how a list here merges, be it that it is replaced.
    fn says_how_lists_merge(self) -> bool {
        true
    }
    /// What is taken where nothing is set here, as a path names it, if the schema says so and it is a single value.
    fn default_word(self) -> Option<Arc<str>> {
        None
    }
    /// The name that the key of this place has now, as a path: a key beside it, or one from the root.
    fn renamed_to(self) -> Option<Arc<str>> {
        None
    }
    /// The keys of this map in the order in which the schema names them.
    fn order(self) -> Vec<Arc<str>> {
        Vec::new()
    }
    /// Where the schema stands, if there is one.
    fn schema(self) -> Option<Span> {
        None
    }
    /// What it took to know this place, once for all who ask, and what tells it from other places.
    fn cost(self) -> (usize, Cost) {
        (0, Cost::NONE)
    }
    /// What it takes to find the place under a key.
    fn key_cost(self, key: &str) -> Cost {
        let _ = key;
        Cost::NONE
    }
    /// Whether what stands here is a secret, or a reference to one.
    fn is_secret(self) -> bool {
        false
    }
    /// Whether null is a value here, one that takes the place of any other; else it deletes.
    fn keeps_null(self) -> bool {
        false
    }
}

/// What a schema's places have cost one who walks along them.
#[derive(Debug, Default)]
pub struct Toll {
    pub cost: Cost,
    known: BTreeSet<usize>,
}

/// No schema of a layer has so many places, combines so many others in them, or looks for so many patterns.
const MOST: Cost = Cost { steps: 50_000_000, bytes: 256 << 20 };

impl Toll {
    /// Pays for a place, unless that is done.
    pub fn enter(&mut self, shape: impl Shape) {
        let (address, cost) = shape.cost();
        if cost != Cost::NONE && self.known.insert(address) {
            self.cost = self.cost.plus(cost);
        }
    }

    /// Pays for finding what lies under a key: for reading it, and for those who judge the value later.
    pub fn find(&mut self, shape: impl Shape, key: &str) {
        self.cost = self.cost.plus(shape.key_cost(key).times(4));
    }

    /// Whether more was asked than is ever answered.
    pub fn is_over(&self) -> bool {
        self.cost.exceeds(MOST)
    }
}

/// What happens when an overlay sets a list that a layer below sets too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListMerge {
    /// The overlay's list stands alone (`x-kubernetes-list-type: atomic`, and lists of which nothing is said).
    Replace,
    /// Both lists' items, each once (`x-kubernetes-list-type: set`).
    Set,
    /// Items with the same values under these keys merge (`x-kubernetes-list-type: map`).
    ByKeys(Arc<[Arc<str>]>),
}

/// A place of which the schema says nothing, and all below it.
#[derive(Clone, Copy, Debug)]
pub struct Anything;

impl Shape for Anything {
    fn property(self, _: &str) -> Self {
        self
    }

    fn item(self) -> Self {
        self
    }

    fn types(self) -> Types {
        Types::ANY
    }

    fn list_merge(self) -> ListMerge {
        ListMerge::Replace
    }
}
