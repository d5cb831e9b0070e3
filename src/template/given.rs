//! Texts that `text` has given in one render, each known by its address: what stands in them, for whoever is to judge a text
//! that they are put into.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::engine::Rendered;
use super::lineage::Lineage;
use super::slot::{self, Print, Slot};
use crate::value::Value;

/// So many are looked at.
const MOST: usize = 1_000;

/// All texts of one render that have values in them.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: Mutex<All>,
}

#[derive(Debug, Default)]
struct All {
    /// They live as long as this does, so that no address is used twice.
    in_order: Vec<Arc<Text>>,
    by_address: BTreeMap<usize, usize>,
}

/// A text, and what its template printed to make it.
#[derive(Debug)]
pub(super) struct Text {
    /// Which one of its render it is.
    pub(super) number: usize,
    made: Arc<str>,
    /// With slots.
    pub(super) printed: String,
    pub(super) slots: Vec<Slot>,
    embedded: BTreeSet<usize>,
    /// By slot: the mark of what printed it, and what that is made of. Filled by a traced render only.
    prints: BTreeMap<usize, (usize, Lineage)>,
}

impl Texts {
    /// Notes a text that a template has made, by what it printed.
    pub(super) fn note(&self, text: &Arc<str>, printed: &str, slots: &mut slot::Slots) {
        let has_text = |slot: &Slot| matches!(slot, Slot::Scalar(Value::String(_)));
        if !slots.printed.iter().any(has_text) {
            return;
        }
        let mut all = self.lock();
        let number = all.in_order.len();
        if number >= MOST {
            return;
        }
        // Nothing but texts and scalars can be part of a text.
        let kept =
            |slot| if matches!(slot, Slot::Scalar(_) | Slot::Captured(_)) { slot } else { Slot::Scalar(Value::Null) };
        let own = std::mem::take(&mut slots.printed).into_iter().map(kept).collect();
        let prints = std::mem::take(&mut slots.prints);
        let prints = prints.into_iter().map(|Print { slot, mark, lineage, .. }| (slot, (mark, lineage)));
        all.by_address.insert(address(text), number);
        all.in_order.push(Arc::new(Text {
            number,
            made: Arc::clone(text),
            printed: slot::without_marks(printed),
            slots: own,
            embedded: std::mem::take(&mut slots.embedded),
            prints: prints.collect(),
        }));
    }

    /// What a text is that was printed: not one that looks like it.
    pub(super) fn of(&self, text: &Arc<str>) -> Option<Arc<Text>> {
        let all = self.lock();
        if all.in_order.is_empty() {
            return None;
        }
        let given = all.in_order.get(*all.by_address.get(&address(text))?)?;
        Some(Arc::clone(given)).filter(|given| Arc::ptr_eq(&given.made, text))
    }

    pub(super) fn at(&self, number: usize) -> Option<Arc<Text>> {
        self.lock().in_order.get(number).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Text {
    /// What its template printed, as filling wants it, within another render.
    pub(super) fn rendered(&self, around: &Rendered) -> Rendered {
        Rendered {
            text: self.printed.clone(),
            slots: self.slots.clone(),
            embedded: self.embedded.clone(),
            of_documents: BTreeMap::new(),
            prints: Vec::new(),
            session: Arc::clone(&around.session),
        }
    }

    /// The mark of what printed a slot, and what that is made of.
    pub(super) fn print(&self, slot: usize) -> Option<&(usize, Lineage)> {
        self.prints.get(&slot)
    }
}

fn address(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}

/// A slot of a render, or one of a text that `text` gave to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Printed {
    Here(usize),
    /// By the number of the text, and the slot in it.
    Given(usize, usize),
}

/// Slots of a text that is read with those of texts in it: first those of the render, then those of each text.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    own: usize,
    texts: Vec<Arc<Text>>,
    next: usize,
}

impl Numbered {
    pub(super) fn of(rendered: &Rendered) -> Self {
        let own = rendered.slots.len();
        Self { own, texts: Vec::new(), next: own }
    }

    /// Takes in a text, and says which number its first slot has.
    pub(super) fn add(&mut self, text: &Arc<Text>) -> usize {
        let first = self.next;
        self.next += text.slots.len();
        self.texts.push(Arc::clone(text));
        first
    }

    /// All slots by their numbers, if texts were taken in.
    pub(super) fn slots(&self, own: &[Slot]) -> Option<Vec<Slot>> {
        let inner = self.texts.iter().flat_map(|text| &text.slots);
        (!self.texts.is_empty()).then(|| own.iter().chain(inner).cloned().collect())
    }

    pub(super) fn printed(&self, number: usize) -> Printed {
        let mut first = self.own;
        if number < first {
            return Printed::Here(number);
        }
        for text in &self.texts {
            if number < first + text.slots.len() {
                return Printed::Given(text.number, number - first);
            }
            first += text.slots.len();
        }
        Printed::Here(number)
    }
}
