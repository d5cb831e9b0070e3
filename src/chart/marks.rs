//! Where a piece of a value comes from: a set of numbers that the one who asks has given to nodes of values, and numbers for
//! calls whose result isn't deterministic. Empty sets cost nothing, and in a plain run all sets are empty but for those calls.

use std::sync::Arc;

/// One origin. Numbers below [`Mark::CALL`] belong to whoever prepared the values; the others count calls of one render.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(pub u32);

impl Mark {
    /// From here on a mark stands for a call that isn't deterministic.
    pub const CALL: u32 = 1 << 31;

    /// The number of the call, if it is the mark of one.
    pub fn call(self) -> Option<usize> {
        self.0.checked_sub(Self::CALL).map(|number| number as usize)
    }
}

/// A set of origins, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Option<Arc<[Mark]>>);

impl Marks {
    pub const NONE: Self = Self(None);

    pub fn one(mark: Mark) -> Self {
        Self(Some(Arc::from([mark])))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub fn iter(&self) -> impl Iterator<Item = Mark> + '_ {
        self.0.iter().flat_map(|marks| marks.iter().copied())
    }

    /// Both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (_, None) => self.clone(),
            (None, _) => other.clone(),
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) || a == b => self.clone(),
            (Some(a), Some(b)) => {
                let mut all: Vec<Mark> = a.iter().chain(b.iter()).copied().collect();
                all.sort_unstable();
                all.dedup();
                Self(Some(all.into()))
            }
        }
    }

    /// Takes another set in.
    pub fn add(&mut self, other: &Self) {
        if !other.is_empty() {
            *self = self.and(other);
        }
    }

    /// Whether any of it is a call that isn't deterministic.
    pub fn is_tainted(&self) -> bool {
        self.0.as_ref().is_some_and(|marks| marks.last().is_some_and(|mark| mark.call().is_some()))
    }
}
