//! [`Effect`]: one thing that a change touches, what becomes of it, and the lines that caused it.

use super::Consequence;
use crate::finding::Finding;
use crate::source::Span;

#[derive(Clone, Debug)]
pub struct Effect {
    pub consequence: Consequence,
    /// What is said of it: the sentence, its place, the object that it is about.
    pub finding: Finding,
    /// Values of the environment, and conditions, that the place was made of; none where nothing is there any more.
    pub causes: Vec<Span>,
}
