//! The lines by which something is not what it was: values of the environment that are others now, conditions that they decide,
//! or the template's own text, if that was edited.

use super::{Locator, SHOWN, document_of};
use crate::artifact::{Artifact, Body};
use crate::check::report::{At, Culprit, Draft};
use crate::check::{Place, Then};
use crate::source::Span;
use crate::template::{Origins, Said, Source};

impl Locator<'_, '_> {
    /// `then` knows the project as it was; without it all that went to a place may be the cause.
    pub fn causes(&self, draft: &Draft, then: Option<&dyn Then>) -> Vec<Span> {
        let own = match &draft.spot.at {
            At::Rendered(place) => vec![Culprit { place: place.clone(), was: None }],
            At::Written(_) => Vec::new(),
        };
        let culprits = if draft.culprits.is_empty() { &own } else { &draft.culprits };
        let mut spans: Vec<Span> = Vec::new();
        for culprit in culprits {
            for span in self.of_culprit(culprit, then) {
                if !spans.contains(&span) {
                    spans.push(span);
                }
            }
        }
        spans.truncate(SHOWN);
        spans
    }

    fn of_culprit(&self, Culprit { place, was }: &Culprit, then: Option<&dyn Then>) -> Vec<Span> {
        let artifact = self.view.artifact(place);
        match &artifact.body {
            Body::Documents(_) => {}
            Body::Text(text) => return self.of_text(artifact, text, was.as_deref(), then).unwrap_or_default(),
            Body::Copy(_) => return Vec::new(),
        }
        let traced = self.traced(place);
        let Some(origins) = document_of(&traced, place) else { return Vec::new() };
        let Some(whole) = origins.at(&place.path).or_else(|| origins.around(&place.path)) else { return Vec::new() };
        let said = &self.narrowed(whole, place, was.as_deref());
        let then = then.filter(|then| then.knows(&artifact.path));
        let Some(then) = then else { return unknown(origins, said) };
        let is_other = |source: &&Source| then.is_other(source);
        let of = |said: &Said| -> Vec<Span> { data(said).filter(is_other).map(|it| then.span(it)).collect() };
        // Of a map or list, what is in it.
        let within = || origins.within(&place.path).flat_map(of).collect::<Vec<Span>>();
        let found = [of(said), of(whole), within()].into_iter().find(|found: &Vec<Span>| !found.is_empty());
        if let Some(found) = found {
            return found;
        }
        let edited = || {
            let places = said.pieces.iter().filter(|it| it.source.is_none()).filter_map(|it| it.template);
            let places: Vec<Span> = places.chain([said.template]).chain(said.via.iter().rev().copied()).collect();
            let lead = places.iter().find_map(|span| then.leads(*span));
            lead.or_else(|| places.into_iter().find(|span| then.is_edited(*span)))
        };
        let reasons = reasons(origins, said);
        let of_reasons: Vec<Span> = reasons.iter().filter(is_other).map(|it| then.span(it)).collect();
        match edited() {
            _ if !of_reasons.is_empty() => of_reasons,
            Some(span) => vec![span],
            None => Vec::new(),
        }
    }

    /// Of a file that is no document: what went to the part of it that differs, or decided it, or else to all of it.
    fn of_text(
        &self,
        artifact: &Artifact,
        text: &str,
        was: Option<&str>,
        then: Option<&dyn Then>,
    ) -> Option<Vec<Span>> {
        let then = then.filter(|then| then.knows(&artifact.path))?;
        let map = self.template(artifact)?.text_map(&self.input, &artifact.path, self.limits)?;
        let whole = 0..text.len();
        let part = was.map_or(whole.clone(), |was| differing(was, text));
        for range in [part, whole] {
            let Some(said) = map.at(&range) else { continue };
            let reasons = map.reasons(&said).into_iter().flat_map(|reason| &reason.sources);
            let other = data(&said).chain(reasons).filter(|source| then.is_other(source));
            let found: Vec<Span> = other.map(|it| then.span(it)).collect();
            if !found.is_empty() {
                return Some(found);
            }
            if let Some(span) = then.leads(said.template) {
                return Some(vec![span]);
            }
            if then.is_edited(said.template) {
                return Some(vec![said.template]);
            }
        }
        // What is not there any more was decided somewhere.
        let decided = map.decided().flat_map(|reason| &reason.sources).filter(|source| then.is_other(source));
        Some(decided.map(|it| then.span(it)).collect())
    }

    /// Of a text that was another one, only the pieces in which it differs.
    fn narrowed(&self, said: &Said, place: &Place, was: Option<&str>) -> Said {
        let mut said = said.clone();
        let spot = super::Spot { environment: 0, at: At::Rendered(place.clone()), about: None, key: false };
        if let (Some(was), Some(now), None) = (was, self.said(&spot), &said.source)
            && said.pieces.iter().map(|it| it.text.as_str()).collect::<String>() == now
        {
            said.only(&differing(was, &now));
            // What the whole was made of is told by its pieces.
            said.inputs.clear();
        }
        said
    }
}

/// The part of a text that is not what another text has there.
fn differing(was: &str, now: &str) -> std::ops::Range<usize> {
    let same = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| -> usize {
        one.zip(other).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let start = same(&mut was.chars(), &mut now.chars());
    let end = same(&mut was[start..].chars().rev(), &mut now[start..].chars().rev());
    let range = start..now.len() - end;
    // Where something went, what stands on both sides of it may be the reason.
    if range.is_empty() { start.saturating_sub(1)..(start + 1).min(now.len()) } else { range }
}

/// What a value is, or was made of, in its pieces as well.
fn data(said: &Said) -> impl Iterator<Item = &Source> {
    said.data().chain(said.pieces.iter().flat_map(|piece| piece.source.iter().chain(&piece.inputs)))
}

/// What decided that a value stands there.
fn reasons(origins: &Origins, said: &Said) -> Vec<Source> {
    let own: Vec<Source> = origins.reasons(said).iter().flat_map(|reason| reason.sources.clone()).collect();
    let of_whole = || origins.whole.reasons.iter().flat_map(|reason| reason.sources.clone()).collect();
    if own.is_empty() { of_whole() } else { own }
}

/// All that went to a place, or else what it was decided by.
fn unknown(origins: &Origins, said: &Said) -> Vec<Span> {
    let of_data: Vec<Span> = data(said).map(Source::span).collect();
    if of_data.is_empty() { reasons(origins, said).iter().map(Source::span).collect() } else { of_data }
}

#[cfg(test)]
mod tests {
    use super::differing;

    #[test]
    fn the_part_of_a_text_that_differs() {
        assert_eq!(differing("a-1-c", "a-22-c"), 2..4);
        assert_eq!(differing("same", "same!"), 4..5);
        assert_eq!(differing("aXb", "ab"), 0..2);
        assert_eq!(differing("", "a"), 0..1);
    }
}
