//! From a place in an artifact to the lines that somebody wrote: the value of the environment that went there, the
//! layer that it overrode, the template's own text.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::report::{At, Draft, Spot};
use super::view::{Place, View};
use crate::environment::{Content, Origin, Tree};
use crate::finding::{Finding, Rendered};
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::template::{EnvironmentInput, Origins, Said, Template, Templates};
use crate::tree::{Artifact, Body};
use crate::yaml::path::Step;

/// Turns what checks said about one environment into findings. Each template is rendered again once at most.
pub struct Locator<'a> {
    pub view: &'a View<'a>,
    pub input: EnvironmentInput<'a>,
    pub templates: &'a Templates,
    pub sources: &'a Sources,
    pub limits: &'a Limits,
    pub traced: Traced,
}

/// The origins of artifacts that were asked for so far, by their positions.
#[derive(Debug, Default)]
pub struct Traced(Mutex<BTreeMap<usize, Arc<OnceLock<Option<Origins>>>>>);

/// Where something is written.
struct Written {
    span: Span,
    /// The values that it overrode, if it is a value of the environment.
    overrode: Vec<Origin>,
    /// Where the template takes the value, if it is one.
    taken: Option<Span>,
}

impl Locator<'_> {
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
            At::Written(span) => return Written { span: *span, overrode: Vec::new(), taken: None },
        };
        let artifact = self.view.artifact(place);
        let nowhere = Written { span: artifact.place, overrode: Vec::new(), taken: None };
        if let Body::Text(_) = artifact.body {
            return self.in_text(artifact, spot.about.as_deref()).unwrap_or(nowhere);
        }
        let traced = {
            let mut traced = self.traced.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(traced.entry(place.artifact).or_default())
        };
        let origins = traced.get_or_init(|| self.template(artifact)?.origins(&self.input, &artifact.path, self.limits));
        match origins.as_ref().and_then(|origins| origins.at(&place.path)) {
            Some(said) if spot.key => self.key(said, place),
            Some(said) => self.chosen(said, spot.about.as_deref()),
            None => nowhere,
        }
    }

    fn template(&self, artifact: &Artifact) -> Option<&Template> {
        self.templates.iter().find(|template| template.path() == &artifact.template)
    }

    /// A part of a file that is no document.
    fn in_text(&self, artifact: &Artifact, about: Option<&str>) -> Option<Written> {
        let template = self.template(artifact)?;
        let said = template.text_origin(&self.input, &artifact.path, about?, self.limits)?;
        Some(self.chosen(&said, about))
    }

    /// Where the key of a place is written: in the environment, if the map around it comes from there, or else in the
    /// template.
    fn key(&self, said: &Said, place: &Place) -> Written {
        let Some(Step::Key(name)) = place.path.steps().last() else { return self.chosen(said, None) };
        // What is known may be of a place further out.
        let is_written = |span: &Span| self.sources.slice(*span).trim_matches(['"', '\'']) == &**name;
        if let Some(span) = said.key.filter(is_written) {
            return Written { span, overrode: Vec::new(), taken: None };
        }
        let key = said.values.first().filter(|_| said.whole).and_then(|(_, tree)| tree.origin.key);
        match key.filter(is_written) {
            Some(span) => Written { span, overrode: Vec::new(), taken: Some(said.template) },
            None => Written { span: said.template, overrode: Vec::new(), taken: None },
        }
    }

    /// The value that the place got, if it got one; the one with the text that matters, if that is known.
    fn chosen(&self, said: &Said, about: Option<&str>) -> Written {
        if let Some(about) = about {
            let holds = |tree: &Tree| matches!(&tree.content, Content::String(text) if text.contains(about));
            if let Some((_, tree)) = said.values.iter().find(|(_, tree)| holds(tree)) {
                return Written { span: self.part(tree.origin.value, about), ..value(tree, said) };
            }
            if self.sources.slice(said.template).contains(about) {
                let span = self.part(said.template, about);
                return Written { span, overrode: Vec::new(), taken: None };
            }
        }
        match said.values.first() {
            Some((_, tree)) if said.whole => value(tree, said),
            _ => Written { span: said.template, overrode: Vec::new(), taken: None },
        }
    }

    /// The first place of a text within a span.
    fn part(&self, span: Span, text: &str) -> Span {
        match self.sources.slice(span).find(text) {
            Some(at) => {
                let start = span.start as usize + at;
                Span::new(span.file, start, start + text.len())
            }
            None => span,
        }
    }

    fn rendered(&self, place: &Place) -> Rendered {
        Rendered { file: self.view.artifact(place).path.to_string(), path: place.path.to_string() }
    }
}

fn value(tree: &Tree, said: &Said) -> Written {
    Written { span: tree.origin.value, overrode: tree.overrode.clone(), taken: Some(said.template) }
}

/// Where a secret begins may be shown, and nothing after it.
fn concealed(mut finding: Finding) -> Finding {
    for label in std::iter::once(&mut finding.primary).chain(&mut finding.related) {
        label.span.end = label.span.start;
    }
    finding.concealing()
}

/// A finding, with the locators of all environments that it speaks of.
pub(super) fn finding(draft: &Draft, locators: &[&Locator<'_>]) -> Finding {
    let of = |spot: &Spot| locators[spot.environment];
    let own = of(&draft.spot);
    let written = own.written(&draft.spot);
    let mut finding = Finding::new(draft.rule, written.span, draft.message.clone()).label(draft.label.clone());
    finding.wording = draft.wording;
    if let Some(taken) = written.taken {
        finding = finding.also(taken, "rendered here");
    }
    for origin in &written.overrode {
        finding = finding.also(origin.value, "this was overridden");
    }
    for (spot, text) in &draft.related {
        let written = of(spot).written(spot);
        let said = finding.related.iter().any(|label| label.span == written.span && label.text == *text);
        if !said {
            finding = finding.also(written.span, text.clone());
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
