//! [`Reads`]: which values of an environment templates have looked at.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::Tree;

/// What was read of one environment, by all its templates on all threads. Values are told apart by where they lie in
/// memory, so the environment has to live as long.
#[derive(Debug, Default)]
pub struct Reads {
    /// Asked for by key or position.
    touched: Mutex<BTreeSet<usize>>,
    /// Rendered with all below them.
    taken: Mutex<BTreeSet<usize>>,
    /// Asked for a key that is not there, or for all their keys.
    searched: Mutex<BTreeSet<usize>>,
}

impl Reads {
    pub fn touch(&self, tree: &Arc<Tree>) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).insert(address(tree));
    }

    pub fn take(&self, tree: &Arc<Tree>) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(address(tree));
    }

    pub fn search(&self, tree: &Arc<Tree>) {
        self.searched.lock().unwrap_or_else(PoisonError::into_inner).insert(address(tree));
    }

    /// Whether nothing was looked at.
    pub fn are_none(&self) -> bool {
        [&self.touched, &self.taken, &self.searched]
            .iter()
            .all(|reads| reads.lock().unwrap_or_else(PoisonError::into_inner).is_empty())
    }

    pub fn is_searched(&self, tree: &Arc<Tree>) -> bool {
        self.searched.lock().unwrap_or_else(PoisonError::into_inner).contains(&address(tree))
    }

    pub fn is_touched(&self, tree: &Arc<Tree>) -> bool {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).contains(&address(tree)) || self.is_taken(tree)
    }

    /// Whether what has read this may have to do with a value, which stands at the end of the way from the root. If not, it
    /// has not been looked at, whole or in part, nor has the map or list around it been gone through.
    pub fn concern(&self, way: &[Arc<Tree>]) -> bool {
        let Some((value, around)) = way.split_last() else { return true };
        let is_near = around.last().is_some_and(|around| self.is_searched(around));
        way.iter().any(|tree| self.is_taken(tree)) || self.is_touched(value) || self.is_searched(value) || is_near
    }

    pub fn is_taken(&self, tree: &Arc<Tree>) -> bool {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).contains(&address(tree))
    }
}

fn address(tree: &Arc<Tree>) -> usize {
    Arc::as_ptr(tree).addr()
}
