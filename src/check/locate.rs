//! From a place in an artifact to the lines that somebody wrote: the value of the environment that went there, the
//! layer that it overrode, the template's own text.

mod causes;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::installed::{Beyond, Trace};
use super::report::{At, Draft, Part, Spot};
use super::view::{Place, View};
use crate::artifact::{Artifact, Body, Copied};
use crate::finding::{Finding, Rendered, veil_own};
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::template::{EnvironmentInput, Origins, Piece, Said, Source, Template, Templates};
use crate::value::Value;
use crate::yaml::path::Step;

/// Turns what checks said about one environment into findings. Each template is rendered again once at most.
pub struct Locator<'a, 'd> {
    view: &'a View<'d>,
    input: EnvironmentInput<'a>,
    templates: &'a Templates,
    sources: &'a Sources,
    limits: &'a Limits,
    traced: Traced,
    /// What charts make, beside the tree.
    beyond: Option<Beyond<'a>>,
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
    /// The calls of macros by which the template got there, the outermost first.
    calls: Vec<Span>,
    /// A secret is in it.
    is_secret: bool,
    /// Other places involved, with what is said there: the line of a chart.
    beside: Vec<(Span, String)>,
}

impl Written {
    fn at(span: Span) -> Self {
        Self {
            span,
            overrode: Vec::new(),
            taken: None,
            inputs: Vec::new(),
            calls: Vec::new(),
            is_secret: false,
            beside: Vec::new(),
        }
    }

    fn value(source: &Source, template: Span) -> Self {
        Self { overrode: source.overrode().collect(), taken: Some(template), ..Self::at(source.span()) }
    }
}

/// Values that are named beside what was made of them.
pub(super) const SHOWN: usize = 3;

impl<'a, 'd> Locator<'a, 'd> {
    pub fn new(
        view: &'a View<'d>,
        input: EnvironmentInput<'a>,
        templates: &'a Templates,
        sources: &'a Sources,
        limits: &'a Limits,
    ) -> Self {
        Self { view, input, templates, sources, limits, traced: Traced::default(), beyond: None }
    }

    /// With what leads objects of charts back.
    #[must_use]
    pub(super) fn with_beyond(self, beyond: Option<Beyond<'a>>) -> Self {
        Self { beyond, ..self }
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

    /// Where a place, or a part of the text there, was written: the value that went there, or those that it was made of, or
    /// else the template; and whether a secret is in it.
    pub fn lines(&self, place: &Place, part: Option<Range<usize>>) -> (Vec<Span>, bool) {
        let mut spot = Spot { environment: 0, at: At::Rendered(place.clone()), about: None, key: false };
        if let (Some(range), Some(text)) = (part, self.said(&spot)) {
            spot.about = text.get(range.clone()).map(|part| Part { range, text: part.to_owned() });
        }
        let written = self.written(&spot);
        let is_made = written.taken.is_none() && !written.inputs.is_empty();
        let spans = if is_made { written.inputs.iter().map(Source::span).collect() } else { vec![written.span] };
        (spans, written.is_secret)
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
        let mut written = match self.beyond.and_then(|beyond| beyond.trace(place, spot.key)) {
            Some(trace) => self.of_chart(&trace),
            None => self.of_place(place, spot),
        };
        if self.view.is_secret_data(place) {
            written.is_secret = true;
            let of_value = written.taken.map(|_| written.span);
            for span in written.inputs.iter().map(Source::span).chain(of_value) {
                self.sources.get(span.file).hide(span.range());
            }
        }
        written
    }

    /// Of what a chart makes: the values that went there, or else where the release names its chart.
    fn of_chart(&self, trace: &Trace) -> Written {
        let whole = |place: &Place| {
            let spot = Spot { environment: 0, at: At::Rendered(place.clone()), about: None, key: false };
            self.of_place(place, &spot)
        };
        let mut values = trace.values.iter().map(whole);
        let mut written = values.next().unwrap_or_else(|| whole(&trace.release));
        for other in values.take(SHOWN) {
            written.is_secret |= other.is_secret;
            written.beside.push((other.span, "it goes there, too".to_owned()));
        }
        if trace.values.is_empty() {
            let decided = trace.decided.iter().map(whole).take(SHOWN);
            written.beside.extend(decided.map(|it| (it.span, "a condition of the chart reads it".to_owned())));
        }
        written.beside.insert(0, (trace.chart, trace.label.clone()));
        written
    }

    fn of_place(&self, place: &Place, spot: &Spot) -> Written {
        let artifact = self.view.artifact(place);
        let nowhere = Written::at(artifact.place);
        if let Body::Copy(copied) = &artifact.body {
            return Written::at(self.in_copy(copied, place, spot));
        }
        if let Body::Text(_) = artifact.body {
            return self.in_text(artifact, spot.about.as_ref()).unwrap_or(nowhere);
        }
        let traced = self.traced(place);
        let Some(origins) = document_of(&traced, place) else { return nowhere };
        match (origins.at(&place.path), origins.around(&place.path)) {
            (Some(said), _) if spot.key => Written { calls: said.via.clone(), ..Self::key(said, place) },
            (Some(said), _) => {
                let is_secret = said.data().any(|source| self.sources.is_hidden(source.span()));
                Written { is_secret, calls: said.via.clone(), ..self.chosen(said, spot) }
            }
            (None, Some(around)) if spot.key => Written { calls: around.via.clone(), ..Written::at(around.template) },
            (None, Some(around)) => Written { calls: around.via.clone(), ..whole(around) },
            (None, None) => nowhere,
        }
    }

    /// The origins of the artifact that a place is in.
    fn traced(&self, place: &Place) -> Arc<OnceLock<Option<Vec<Origins>>>> {
        let traced = {
            let mut traced = self.traced.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(traced.entry(place.artifact).or_default())
        };
        let artifact = self.view.artifact(place);
        traced.get_or_init(|| self.template(artifact)?.origins(&self.input, &artifact.path, self.limits));
        traced
    }

    /// The text at a place, as it would be said.
    fn said(&self, spot: &Spot) -> Option<String> {
        let At::Rendered(place) = &spot.at else { return None };
        let mut value = self.view.artifact(place).body.documents().get(place.document)?;
        for step in place.path.steps() {
            value = match (value, step) {
                (Value::Map(_), Step::Key(key)) => value.get(key)?,
                (Value::List(items), Step::Index(index)) => items.get(*index)?,
                _ => return None,
            };
        }
        match value {
            Value::Null | Value::Map(_) | Value::List(_) => None,
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => Some(text.to_string()),
        }
    }

    /// The call that gave a macro what is written there, if that is one of the macro's arguments and nothing else.
    fn caller(&self, written: &Written) -> Option<Span> {
        let call = written.calls.last().filter(|_| written.taken.is_none() && written.inputs.is_empty())?;
        let source = self.sources.get(written.span.file);
        let (before, name) = (source.text().get(..written.span.start as usize)?, self.sources.slice(written.span));
        let is_name =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let (_, since) = before.rsplit_once("macro ").filter(|_| is_name(&name))?;
        let (head, body) = since.split_once("%}")?;
        let arguments = head.split_once('(')?.1.split([',', ')']);
        let mut names = arguments.map(|argument| argument.split('=').next().unwrap_or_default().trim());
        let is_set_again = ["set ", "for "].iter().any(|word| body.contains(&format!("{word}{name} ")));
        (names.any(|argument| argument == name) && !is_set_again && !body.contains("endmacro")).then_some(*call)
    }

    fn template(&self, artifact: &Artifact) -> Option<&Template> {
        self.templates.iter().find(|template| template.path() == &artifact.template)
    }

    /// A place in a file that is copied as it lies there.
    fn in_copy(&self, copied: &Copied, place: &Place, spot: &Spot) -> Span {
        let about = spot.about.as_ref();
        match (copied.span(place.document, &place.path, spot.key), &copied.text) {
            (Some(span), _) => match (about, self.said(spot)) {
                (Some(part), Some(text)) if !spot.key => self.part(span, &text, &part.range),
                _ => span,
            },
            (None, Some(_)) => {
                let range = about.map_or(0..0, |part| part.range.clone());
                Span::new(copied.file, range.start, range.end)
            }
            (None, None) => Span::file_start(copied.file),
        }
    }

    /// A part of a file that is no document.
    fn in_text(&self, artifact: &Artifact, about: Option<&Part>) -> Option<Written> {
        let template = self.template(artifact)?;
        let map = template.text_map(&self.input, &artifact.path, self.limits)?;
        let range = &about?.range;
        // Where lines were moved the map has another text.
        let Body::Text(text) = &artifact.body else { return None };
        let said = map.at(range).filter(|_| map.text() == *text)?;
        let mut written = whole(&said);
        let mut pieces = map.pieces().map(|(at, piece)| (at.clone(), piece));
        if let Some((at, piece)) = pieces.find(|(at, _)| at.start <= range.start && range.end <= at.end)
            && piece.source.is_some()
        {
            written.span = self.part(written.span, &piece.text, &(range.start - at.start..range.end - at.start));
        }
        Some(written)
    }

    /// Where the key of a place is written: in the environment, if it or the map around it comes from there, or else in
    /// the template.
    fn key(said: &Said, place: &Place) -> Written {
        let Some(Step::Key(_)) = place.path.steps().last() else { return whole(said) };
        match (&said.key_source, said.key) {
            (Some(source), Some(template)) => Written::value(source, template),
            (_, Some(span)) => Written { inputs: said.key_inputs.clone(), ..Written::at(span) },
            (_, None) => match said.source.as_ref().and_then(|source| source.tree.origin.key) {
                Some(span) => Written { taken: Some(said.template), ..Written::at(span) },
                None => Written::at(said.template),
            },
        }
    }

    /// The same; of a text that was put together, the piece that matters, if that is one.
    fn chosen(&self, said: &Said, spot: &Spot) -> Written {
        let whole = whole(said);
        let (Some(part), Some(text)) = (&spot.about, self.said(spot)) else { return whole };
        let narrowed = |written: Written, text: &str, range: &Range<usize>| Written {
            span: self.part(written.span, text, range),
            ..written
        };
        let Some((piece, range)) = piece(&said.pieces, &text, &part.range).filter(|_| said.source.is_none()) else {
            return narrowed(whole, &text, &part.range);
        };
        match (&piece.source, piece.template) {
            (Some(source), template) => {
                let written = Written::value(source, template.unwrap_or(said.template));
                narrowed(written, &piece.text, &range)
            }
            (None, Some(template)) => {
                let written = Written { inputs: piece.inputs.clone(), ..Written::at(template) };
                narrowed(written, &piece.text, &range)
            }
            (None, None) => Written { inputs: Vec::new(), ..narrowed(whole, &text, &part.range) },
        }
    }

    /// The place of a part of a text that is written at a span, where that can be told; the whole span otherwise.
    fn part(&self, span: Span, text: &str, range: &Range<usize>) -> Span {
        let written = self.sources.slice(span);
        let at = |start: usize| {
            let start = span.start as usize + start;
            Span::new(span.file, start, start + range.len())
        };
        if written == text {
            return at(range.start);
        }
        if written.len() == text.len() + 2 && written.starts_with(['"', '\'']) && written[1..].starts_with(text) {
            return at(range.start + 1);
        }
        in_block(&written, text, range).map_or(span, at)
    }

    fn rendered(&self, place: &Place) -> Rendered {
        let artifact = self.view.artifact(place);
        let document = (artifact.body.documents().len() > 1).then_some(place.document + 1);
        let file = artifact.path.as_str().trim_start_matches('/').to_owned();
        Rendered { file, document, path: place.path.to_string() }
    }
}

/// The origins of a document.
fn document_of<'t>(traced: &'t OnceLock<Option<Vec<Origins>>>, place: &Place) -> Option<&'t Origins> {
    traced.get()?.as_ref()?.get(place.document)
}

/// The piece of a text in which a part of it lies, and where it lies there.
fn piece<'p>(pieces: &'p [Piece], text: &str, part: &Range<usize>) -> Option<(&'p Piece, Range<usize>)> {
    let mut placed = Vec::with_capacity(pieces.len());
    let mut end = 0;
    for piece in pieces {
        // Nobody knows where pieces lie that do not make up the text.
        text.get(end..)?.strip_prefix(piece.text.as_str())?;
        placed.push((end, piece));
        end += piece.text.len();
    }
    let (start, piece) = placed.into_iter().find(|(start, piece)| *start + piece.text.len() > part.start)?;
    let is_inside = end == text.len() && part.end <= start + piece.text.len();
    is_inside.then(|| (piece, part.start - start..part.end - start))
}

/// Where a part of a text lies in the block of lines that it is written as: below its sign, each further in.
fn in_block(written: &str, text: &str, part: &Range<usize>) -> Option<usize> {
    let (sign, block) = written.split_once('\n').filter(|(sign, _)| sign.starts_with('|'))?;
    let before = text.get(..part.start)?;
    let (number, column) = (before.matches('\n').count(), part.start - before.rfind('\n').map_or(0, |at| at + 1));
    let line = text.split('\n').nth(number).filter(|_| !text[part.clone()].contains('\n'))?;
    let start: usize = block.split_inclusive('\n').take(number).map(str::len).sum();
    let there = block.get(start..)?.lines().next()?;
    let indent = there.len().checked_sub(line.len()).filter(|indent| there.get(*indent..) == Some(line))?;
    Some(sign.len() + 1 + start + indent + column)
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
    let mut secrets: Vec<String> = own.said(&draft.spot).filter(|_| written.is_secret).into_iter().collect();
    let caller = own.caller(&written);
    let place = caller.unwrap_or(written.span);
    let mut finding = Finding::new(draft.rule, place, draft.message.clone()).label(draft.label.clone());
    finding.severity = draft.severity;
    finding.wording = draft.wording;
    if let Some(taken) = written.taken.or(caller.map(|_| written.span)) {
        finding = finding.also(taken, "rendered here");
    }
    for overrode in &written.overrode {
        finding = finding.also(*overrode, "this was overridden");
    }
    // Between the call of the project's own template and the macro may be others.
    let (first, last) = (written.calls.first(), written.calls.last().filter(|_| written.calls.len() > 1));
    for call in first.into_iter().chain(last) {
        let is_said = *call == finding.primary.span || finding.related.iter().any(|label| label.span == *call);
        if !is_said {
            finding = finding.also(*call, "called here");
        }
    }
    finding = with_inputs(finding, &written);
    for (span, text) in &written.beside {
        finding = finding.also(*span, text.clone());
    }
    for (spot, text) in &draft.related {
        let written = of(spot).written(spot);
        secrets.extend(of(spot).said(spot).filter(|_| written.is_secret));
        let said = finding.related.iter().any(|label| label.span == written.span && label.text == *text);
        if !said {
            finding = with_inputs(finding.also(written.span, text.clone()), &written);
        }
    }
    if draft.conceal {
        // Other findings may be about the same text.
        if let Some(part) = &draft.spot.about {
            own.sources.hide(finding.primary.span, &part.text);
        }
        finding = concealed(finding);
    }
    finding.help.clone_from(&draft.help);
    for secret in secrets {
        finding.veil_words(|text| veil_own(text, &secret));
    }
    finding.subject = own.subject(draft);
    if let At::Rendered(place) = &draft.spot.at {
        finding.rendered = Some(own.rendered(place));
    }
    finding
}

/// The value that the place got, if it is one of the environment.
fn whole(said: &Said) -> Written {
    match &said.source {
        Some(source) => Written::value(source, said.template),
        None => Written { inputs: said.inputs.clone(), ..Written::at(said.template) },
    }
}
