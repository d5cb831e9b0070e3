//! What all environments of a run may cost together. Each has an account of its own; without this, a thousand small
//! ones could each spend what one large one may.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::account::{FREE_BYTES, STEPS_PER_BYTE};

/// Environments that may use up all of their allowances.
const FULL: u64 = 4;
/// What each further one may spend: some steps, and half of what is allowed for what it reads. The largest platforms
/// need a quarter of that.
const STEPS: u64 = 500_000;
const STEPS_PER_BYTE_MORE: u64 = STEPS_PER_BYTE / 2;

/// The sum, in the order of the environments: the first with which it is over is the same whichever of them is done
/// first.
#[derive(Debug)]
pub(super) struct Sum(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Done, while one before them is not.
    waiting: BTreeMap<usize, (u64, u64)>,
    /// How many are in the sum.
    count: usize,
    spent: u64,
    allowed: u64,
    over: Option<usize>,
}

impl Sum {
    /// One to begin with, when so many bytes are read that all environments share.
    pub(super) fn new(read: u64) -> Self {
        let full = FREE_BYTES.saturating_mul(FULL).saturating_add(read);
        Self(Mutex::new(State { allowed: full.saturating_mul(STEPS_PER_BYTE), ..State::default() }))
    }

    /// Adds what an environment has spent after it has read so much. Tells the first with which it is over, if any.
    pub(super) fn add(&self, at: usize, steps: u64, read: u64) -> Option<usize> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.insert(at, (steps, read));
        while state.over.is_none() {
            let at = state.count;
            let Some((steps, read)) = state.waiting.remove(&at) else { break };
            state.count += 1;
            state.spent = state.spent.saturating_add(steps);
            let more = STEPS.saturating_add(read.saturating_mul(STEPS_PER_BYTE_MORE));
            state.allowed = state.allowed.saturating_add(more);
            state.over = (state.spent > state.allowed).then_some(at);
        }
        state.over
    }

    /// The first environment with which it is over.
    pub(super) fn over(&self) -> Option<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told after each of so many environments that cost and read the same, in an order.
    fn told(order: &[usize], steps: u64, read: u64) -> Option<usize> {
        let sum = Sum::new(read);
        for &at in order {
            sum.add(at, steps, read);
        }
        sum.over()
    }

    #[test]
    fn a_thousand_honest_environments_pass() {
        let order: Vec<usize> = (0..1_000).collect();
        assert_eq!(told(&order, 20_000, 2_000), None);
        assert_eq!(told(&order, 1_300_000, 360_000), None);
    }

    #[test]
    fn the_order_in_which_they_are_done_changes_nothing() {
        let forth: Vec<usize> = (0..40).collect();
        let back: Vec<usize> = forth.iter().rev().copied().collect();
        let mixed: Vec<usize> = forth.iter().map(|at| (at * 7) % 40).collect();
        let first = told(&forth, 4_000_000, 1_000);
        assert_eq!(first, Some(5));
        assert_eq!((told(&back, 4_000_000, 1_000), told(&mixed, 4_000_000, 1_000)), (first, first));
    }
}
