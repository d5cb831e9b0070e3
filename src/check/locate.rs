//! From a place in an artifact to the lines that somebody wrote: the value of the environment that went there, the
//! layer that it overrode, the template's own text.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::report::{At, Draft, Spot};
use super::view::{Place, View};
use crate::artifact::{Artifact, Body, Copied};
use crate::finding::{Finding, Rendered};
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::template::{EnvironmentInput, Origins, Piece, Said, Source, Template, Templates};
use crate::yaml::path::Step;

/// Turns what checks said about one environment into findings. Each template is rendered again once at most.
pub struct Locator<'a, 'd> {
    view: &'a View<'d>,
    input: EnvironmentInput<'a>,
    templates: &'a Templates,
    sources: &'a Sources,
    limits: &'a Limits,
    traced: Traced,
}

/// The origins of artifacts that were asked for so far, by their positions.
type Traced = Mutex<BTreeMap<usize, Arc<OnceLock<Option<Vec<Origins>>>>>>;

/// Where something is written.
struct Written {
    span: Span,
    /// The values that it overrode, if it is a value of the environment.
    overrode: Vec<Span>,
    /// Where the template takes the value, if it is one.
    taken: Option<Span>,
    /// The values that the template made it of, if it is none.
    inputs: Vec<Source>,
}

impl Written {
    fn at(span: Span) -> Self {
        Self { span, overrode: Vec::new(), taken: None, inputs: Vec::new() }
    }

    fn value(source: &Source, template: Span) -> Self {
        Self { overrode: source.overrode().collect(), taken: Some(template), ..Self::at(source.span()) }
    }
}

/// Values that are named beside what was made of them.
const SHOWN: usize = 3;

impl<'a, 'd> Locator<'a, 'd> {
    pub fn new(
        view: &'a View<'d>,
        input: EnvironmentInput<'a>,
        templates: &'a Templates,
        sources: &'a Sources,
        limits: &'a Limits,
    ) -> Self {
        Self { view, input, templates, sources, limits, traced: Traced::default() }
    }
}

impl Locator<'_, '_> {
    /// A finding of this environment alone.
    pub fn finding(&self, draft: &Draft) -> Finding {
        finding(draft, &[self])
    }

    /// What an acknowledgement would name.
    pub fn subject(&self, draft: &Draft) -> Option<String> {
        let own = draft.subject.clone();
        own.or_else(|| match &draft.spot.at {
            At::Rendered(place) => Some(self.view.subject(place)),
            At::Written(_) => None,
        })
    }

    /// A finding of which nobody wants to see more than that it is there: its place is not looked for.
    pub fn counted(&self, draft: &Draft, span: Span) -> Finding {
        let mut finding = Finding::new(draft.rule, span, draft.message.clone());
        finding.severity = draft.severity;
        finding.help.clone_from(&draft.help);
        finding.subject = self.subject(draft);
        if let At::Rendered(place) = &draft.spot.at {
            finding.rendered = Some(self.rendered(place));
        }
        finding
    }

    fn written(&self, spot: &Spot) -> Written {
        let place = match &spot.at {
            At::Rendered(place) => place,
            At::Written(span) => return Written::at(*span),
        };
        let artifact = self.view.artifact(place);
        let nowhere = Written::at(artifact.place);
        if let Body::Copy(copied) = &artifact.body {
            return Written::at(self.in_copy(copied, place, spot));
        }
        if let Body::Text(_) = artifact.body {
            return self.in_text(artifact, spot.about.as_deref()).unwrap_or(nowhere);
        }
        let traced = {
            let mut traced = self.traced.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(traced.entry(place.artifact).or_default())
        };
        let origins = traced.get_or_init(|| self.template(artifact)?.origins(&self.input, &artifact.path, self.limits));
        let Some(origins) = origins.as_ref().and_then(|origins| origins.get(place.document)) else { return nowhere };
        match (origins.at(&place.path), origins.around(&place.path)) {
            (Some(said), _) if spot.key => self.key(said, place),
            (Some(said), _) => self.chosen(said, spot.about.as_deref()),
            (None, Some(around)) if spot.key => Written::at(around.template),
            (None, Some(around)) => self.chosen(around, spot.about.as_deref()),
            (None, None) => nowhere,
        }
    }

    fn template(&self, artifact: &Artifact) -> Option<&Template> {
        self.templates.iter().find(|template| template.path() == &artifact.template)
    }

    /// A place in a file that is copied as it lies there.
    fn in_copy(&self, copied: &Copied, place: &Place, spot: &Spot) -> Span {
        let about = spot.about.as_deref();
        match (copied.span(place.document, &place.path, spot.key), &copied.text) {
            (Some(span), _) => about.map_or(span, |about| self.part(span, about)),
            (None, Some(text)) => {
                let found = about.and_then(|about| Some((text.find(about)?, about.len())));
                let (start, length) = found.unwrap_or((0, 0));
                Span::new(copied.file, start, start + length)
            }
            (None, None) => Span::file_start(copied.file),
        }
    }

    /// A part of a file that is no document.
    fn in_text(&self, artifact: &Artifact, about: Option<&str>) -> Option<Written> {
        let template = self.template(artifact)?;
        let map = template.text_map(&self.input, &artifact.path, self.limits)?;
        let (about, text) = (about?, map.text());
        let start = text.find(about)?;
        let said = map.at(&(start..start + about.len()))?;
        Some(self.chosen(&said, Some(about)))
    }

    /// Where the key of a place is written: in the environment, if it or the map around it comes from there, or else in
    /// the template.
    fn key(&self, said: &Said, place: &Place) -> Written {
        let Some(Step::Key(_)) = place.path.steps().last() else { return self.chosen(said, None) };
        match (&said.key_source, said.key) {
            (Some(source), Some(template)) => Written::value(source, template),
            (_, Some(span)) => Written::at(span),
            (_, None) => match said.source.as_ref().and_then(|source| source.tree.origin.key) {
                Some(span) => Written { taken: Some(said.template), ..Written::at(span) },
                None => Written::at(said.template),
            },
        }
    }

    /// The value that the place got, if it is one of the environment; of a text that was put together, the piece that
    /// matters, if that is one.
    fn chosen(&self, said: &Said, about: Option<&str>) -> Written {
        if let Some(source) = &said.source {
            let written = Written::value(source, said.template);
            return Written { span: about.map_or(written.span, |about| self.part(written.span, about)), ..written };
        }
        let made = || {
            let span = about.map_or(said.template, |about| self.part(said.template, about));
            Written { inputs: said.inputs.clone(), ..Written::at(span) }
        };
        let Some(piece) = about.and_then(|about| piece(&said.pieces, about)) else { return made() };
        let about = about.unwrap_or_default();
        match (&piece.source, piece.template) {
            (Some(source), template) => {
                let written = Written::value(source, template.unwrap_or(said.template));
                Written { span: self.part(written.span, about), ..written }
            }
            (None, Some(template)) => Written { inputs: piece.inputs.clone(), ..Written::at(template) },
            (None, None) => Written { inputs: Vec::new(), ..made() },
        }
    }

    /// The place of a text within a span in which it stands once; the whole span otherwise.
    fn part(&self, span: Span, text: &str) -> Span {
        let written = self.sources.slice(span);
        let mut found = written.match_indices(text);
        match (found.next(), found.next()) {
            (Some((at, _)), None) => {
                let start = span.start as usize + at;
                Span::new(span.file, start, start + text.len())
            }
            _ => span,
        }
    }

    fn rendered(&self, place: &Place) -> Rendered {
        let artifact = self.view.artifact(place);
        let document = (artifact.body.documents().len() > 1).then_some(place.document + 1);
        Rendered { file: artifact.path.to_string(), document, path: place.path.to_string() }
    }
}

/// The piece of a text in which a part of it stands, wherever it does.
fn piece<'p>(pieces: &'p [Piece], part: &str) -> Option<&'p Piece> {
    let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    let mut ends = pieces.iter().scan(0, |end, piece| {
        *end += piece.text.len();
        Some(*end)
    });
    let ends: Vec<usize> = ends.by_ref().collect();
    let mut only = None;
    for (start, _) in whole.match_indices(part) {
        let at = ends.partition_point(|end| *end <= start);
        let is_other = only.is_some_and(|only| only != at);
        if is_other || ends.get(at).is_none_or(|end| start + part.len() > *end) {
            return None;
        }
        only = Some(at);
    }
    pieces.get(only?)
}

/// Where a secret begins may be shown, and nothing after it.
fn concealed(mut finding: Finding) -> Finding {
    for label in std::iter::once(&mut finding.primary).chain(&mut finding.related) {
        label.span.end = label.span.start;
    }
    finding.concealing()
}

/// With the values that something was made of.
fn with_inputs(finding: Finding, written: &Written) -> Finding {
    written.inputs.iter().take(SHOWN).fold(finding, |finding, source| {
        let (span, text) = (source.span(), format!("`{}` is read for it", source.path));
        let is_said = finding.related.iter().any(|label| label.span == span && label.text == text);
        if is_said { finding } else { finding.also(span, text) }
    })
}

/// A finding, with the locators of all environments that it speaks of.
pub(super) fn finding(draft: &Draft, locators: &[&Locator<'_, '_>]) -> Finding {
    let of = |spot: &Spot| locators[spot.environment];
    let own = of(&draft.spot);
    let written = own.written(&draft.spot);
    let mut finding = Finding::new(draft.rule, written.span, draft.message.clone()).label(draft.label.clone());
    finding.severity = draft.severity;
    finding.wording = draft.wording;
    if let Some(taken) = written.taken {
        finding = finding.also(taken, "rendered here");
    }
    for overrode in &written.overrode {
        finding = finding.also(*overrode, "this was overridden");
    }
    finding = with_inputs(finding, &written);
    for (spot, text) in &draft.related {
        let written = of(spot).written(spot);
        let said = finding.related.iter().any(|label| label.span == written.span && label.text == *text);
        if !said {
            finding = with_inputs(finding.also(written.span, text.clone()), &written);
        }
    }
    if draft.conceal {
        finding = concealed(finding);
    }
    finding.help.clone_from(&draft.help);
    finding.subject = own.subject(draft);
    if let At::Rendered(place) = &draft.spot.at {
        finding.rendered = Some(own.rendered(place));
    }
    finding
}
