//! What a value of a marked render was made of: the nodes of the environment that it is or that went into it, the functions
//! between, and the decisions by which it is this value and no other.
//!
//! The render notes it by itself, so that nothing is guessed: each expression that makes or chooses a value ([`super::flow`])
//! opens a [`Frame`], in which guards and functions note what they look at; when it is done, its value is handed on with
//! what the frame holds, as an object or a text that is known again ([`super::identity`]).

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as Engine, ValueKind};

use super::context::{Read, Session};
use super::identity::Source;

/// What a value was made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Lineage {
    /// The node that it is.
    pub(super) node: Option<Source>,
    /// The nodes that it was made of, if it is none.
    pub(super) inputs: Vec<Source>,
    /// By which functions and operators.
    pub(super) through: Vec<Arc<str>>,
    /// Decisions by which it is what it is, by their numbers.
    pub(super) reasons: Vec<usize>,
}

impl Lineage {
    pub(super) fn of(node: Source) -> Self {
        Self { node: Some(node), ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.node.is_none() && self.inputs.is_empty() && self.reasons.is_empty() && self.through.is_empty()
    }

    /// Adds what another value was made of.
    pub(super) fn add(&mut self, other: &Self) {
        other.node.iter().chain(&other.inputs).for_each(|source| self.add_input(source));
        self.add_rest(other);
    }

    /// Adds how another value was made, and why.
    pub(super) fn add_rest(&mut self, other: &Self) {
        for name in &other.through {
            if !self.through.contains(name) {
                self.through.push(Arc::clone(name));
            }
        }
        self.add_reasons(&other.reasons);
    }

    pub(super) fn add_reasons(&mut self, reasons: &[usize]) {
        for reason in reasons {
            if !self.reasons.contains(reason) {
                self.reasons.push(*reason);
            }
        }
    }

    pub(super) fn add_input(&mut self, source: &Source) {
        if self.inputs.len() < MOST_INPUTS && !self.inputs.iter().any(|seen| seen.is_same(source)) {
            self.inputs.push(source.clone());
        }
    }
}

/// One value names no more nodes than these.
const MOST_INPUTS: usize = 1000;

/// What was looked at for an expression that is being worked out.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) seen: Lineage,
    /// What was asked for and is not there.
    pub(super) absent: Vec<Read>,
}

/// Something that was decided in a render.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    pub(super) kind: Kind,
    /// The mark of each expression that was worked out for it.
    pub(super) marks: Vec<usize>,
    pub(super) seen: Lineage,
    pub(super) absent: Vec<Read>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `{% if %}`
    If,
    /// `{% for %}`
    For,
    /// `a if b else c`, `and`, `or`, a key that is worked out, what a function selects by.
    Choice,
    /// Something is not there: `default`, `is defined`.
    Absent,
}

impl Decided {
    pub(super) fn new(kind: Kind, mark: usize, frame: Frame) -> Self {
        Self { kind, marks: vec![mark], seen: frame.seen, absent: frame.absent }
    }

    pub(super) fn add(&mut self, mark: usize, frame: Frame) {
        self.marks.push(mark);
        self.seen.add(&frame.seen);
        self.absent.extend(frame.absent);
    }
}

/// A map or a list that an expression made, and what it was made of. What is taken out of it has the same lineage, if it
/// has none of its own, and otherwise the same reasons beside it.
pub(super) struct Made {
    pub(super) value: Engine,
    pub(super) lineage: Lineage,
    session: Arc<Session>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.value, f)
    }
}

impl Made {
    pub(super) fn around(value: Engine, lineage: Lineage, session: &Arc<Session>) -> Engine {
        // What can be gone through once only is kept.
        let value = match value.kind() {
            ValueKind::Iterable => value.try_iter().map(Iterator::collect::<Vec<_>>).map_or(value, Engine::from),
            _ => value,
        };
        Engine::from_object(Self { value, lineage, session: Arc::clone(session) })
    }

    fn hand_out(&self, value: Engine) -> Engine {
        let Some(identities) = self.session.identities() else { return value };
        match identities.lineage(&value) {
            None => self.session.tag(value, self.lineage.clone()),
            // What has chosen the whole has chosen what is in it.
            Some(own) if self.lineage.reasons.iter().any(|it| !own.reasons.contains(it)) => {
                let mut lineage = own;
                lineage.add_reasons(&self.lineage.reasons);
                self.session.tag(value, lineage)
            }
            Some(_) => value,
        }
    }
}

impl Object for Made {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.value.kind() == ValueKind::Map { ObjectRepr::Map } else { ObjectRepr::Seq }
    }

    fn get_value(self: &Arc<Self>, key: &Engine) -> Option<Engine> {
        let value = self.value.get_item(key).ok().filter(|value| !value.is_undefined())?;
        Some(self.hand_out(value))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.value.kind() {
            ValueKind::Map => Enumerator::Values(self.value.try_iter().into_iter().flatten().collect()),
            _ => Enumerator::Seq(self.value.len().unwrap_or(0)),
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.value.is_true()
    }
}
