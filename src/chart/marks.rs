//! Where a piece of a value comes from: a set of numbers that the one who asks has given to nodes of values, and numbers for
//! calls whose result isn't deterministic. Empty sets cost nothing, and in a plain run all sets are empty but for those calls.

use std::sync::Arc;

/// One origin. Numbers below [`Mark::PLACE`] belong to whoever prepared the values; the others count what one render notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(pub u32);

/// What a mark stands for; the numbers count in the lists of [`super::engine::Rendered`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// What was marked before the render.
    Value(u32),
    /// The tag or text that writes it.
    Place(usize),
    /// What had to be true for it to be written.
    Decision(usize),
    /// A call that isn't deterministic.
    Call(usize),
}

impl Mark {
    pub(super) const PLACE: u32 = 1 << 29;
    pub(super) const DECISION: u32 = 1 << 30;
    pub(super) const CALL: u32 = 1 << 31;

    pub fn origin(self) -> Origin {
        let number = (self.0 & (Self::PLACE - 1)) as usize;
        match self.0 {
            ..Self::PLACE => Origin::Value(self.0),
            Self::PLACE..Self::DECISION => Origin::Place(number),
            Self::DECISION..Self::CALL => Origin::Decision(number),
            Self::CALL.. => Origin::Call(number),
        }
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
        self.0.as_ref().is_some_and(|marks| marks.last().is_some_and(|mark| mark.0 >= Mark::CALL))
    }

    pub(super) fn has_place(&self) -> bool {
        self.iter().any(|mark| (Mark::PLACE..Mark::DECISION).contains(&mark.0))
    }

    pub(super) fn has_decision(&self) -> bool {
        self.iter().any(|mark| (Mark::DECISION..Mark::CALL).contains(&mark.0))
    }
}
