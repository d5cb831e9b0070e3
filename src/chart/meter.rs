//! What one render may cost: steps, and bytes of the values and texts that it makes.

use std::cell::Cell;

use super::failure::Failed;
use crate::account::Cost;

/// Bytes that are read in the time of a step.
const READ_PER_STEP: u64 = 64;

/// What a map takes, and each entry of it.
const MAP_BYTES: usize = 1024;
const ENTRY_BYTES: usize = 96;

/// Counts what a render costs. It is passed to whatever works in proportion to its input.
#[derive(Debug)]
pub struct Meter {
    steps: Cell<u64>,
    bytes: Cell<u64>,
    most: Cost,
}

impl Meter {
    /// One that stops what costs more than is left of an account.
    pub fn new(most: Cost) -> Self {
        Self { steps: Cell::new(0), bytes: Cell::new(0), most }
    }

    pub fn spent(&self) -> Cost {
        Cost { steps: self.steps.get(), bytes: self.bytes.get() }
    }

    /// One step.
    pub(super) fn step(&self) -> Result<(), Failed> {
        self.charge(1, 0)
    }

    pub(super) fn steps(&self, steps: u64) -> Result<(), Failed> {
        self.charge(steps, 0)
    }

    /// A text or value of so many bytes was made, or is about to be.
    pub(super) fn bytes(&self, made: usize) -> Result<(), Failed> {
        self.charge(1 + made as u64 / 64, made as u64)
    }

    /// A map of so many entries was made, or is about to be: a small one takes as much as one of some ten.
    pub(super) fn map(&self, entries: usize) -> Result<(), Failed> {
        self.bytes(MAP_BYTES.saturating_add(entries.saturating_mul(ENTRY_BYTES)))
    }

    /// Texts and values of so many bytes are read.
    pub(super) fn read(&self, bytes: u64) -> Result<(), Failed> {
        self.charge(bytes / READ_PER_STEP, 0)
    }

    /// So many bytes may still be read.
    pub(super) fn left(&self) -> u64 {
        self.most.steps.saturating_sub(self.steps.get()).saturating_mul(READ_PER_STEP)
    }

    fn charge(&self, steps: u64, bytes: u64) -> Result<(), Failed> {
        self.steps.set(self.steps.get().saturating_add(steps));
        self.bytes.set(self.bytes.get().saturating_add(bytes));
        if self.spent().exceeds(self.most) { Err(Failed::OverBudget) } else { Ok(()) }
    }
}
