//! [`Side`]: one of the two that a change is judged by, what held before it and what holds with it.

use std::collections::BTreeMap;

use super::Severities;
use crate::check::{Acknowledgements, Draft, View};
use crate::finding::Severity;

/// A tree as it is judged by the settings of a project.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a, 'v> {
    /// With what these settings call material.
    pub view: &'a View<'v>,
    pub severities: &'a Severities,
    pub acknowledged: &'a Acknowledgements,
    pub day: Option<&'a str>,
}

/// Both, about the same artifacts.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a, 'v> {
    pub then: Side<'a, 'v>,
    pub now: Side<'a, 'v>,
}

impl Side<'_, '_> {
    /// What of this is heard, as severely as it is wanted.
    pub fn heard(&self, mut drafts: Vec<Draft>) -> Vec<Draft> {
        drafts.retain_mut(|draft| {
            let Some(severity) = self.severities.of(draft.rule.id, draft.severity) else { return false };
            draft.severity = severity;
            let own = draft.subject.clone();
            let subject = own.or_else(|| draft.rendered().map(|place| self.view.subject(place)));
            subject.is_none_or(|subject| self.acknowledged.holding(draft.rule.id, &subject, self.day).is_none())
        });
        drafts
    }
}

/// What was said then, and is not said any more, or less severely. `key` tells what is the same.
pub fn unsaid<K: Ord>(then: Vec<Draft>, now: &[Draft], key: impl Fn(&Draft) -> K) -> Vec<Draft> {
    let mut said: BTreeMap<K, Severity> = BTreeMap::new();
    for draft in now {
        let worst = said.entry(key(draft)).or_insert(draft.severity);
        // What is worse comes first.
        *worst = draft.severity.min(*worst);
    }
    then.into_iter().filter(|draft| said.get(&key(draft)).is_none_or(|now| *now > draft.severity)).collect()
}
