//! Findings for a person, in the look of rustc: the sentence, the lines it speaks of with their labels, one help.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::safe;
use crate::finding::{Finding, Label, Rendered, Severity, codes};
use crate::source::{HIDDEN, Source, Sources};

/// Labels of one file further apart than this stand in snippets of their own.
const LINES_IN_ONE_SNIPPET: u32 = 200;

/// An underline longer than this says nothing more.
const LONGEST_UNDERLINE: usize = 60;

/// How findings are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub colour: bool,
    /// Columns of the terminal. Longer lines are cut around what is underlined; sentences are never cut.
    pub width: usize,
    /// Whether each finding shows the entry that would acknowledge it.
    pub acknowledges: bool,
}

/// One finding, ready to print, with a final newline.
pub fn draw(finding: &Finding, sources: &Sources, look: Look) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(safe::line(&finding.message)).id(finding.rule.id);
    let mut group = Group::with_title(title);
    for excerpt in excerpts(finding, sources, look.width) {
        group = if excerpt.text.is_empty() {
            group.element(Origin::path(excerpt.path))
        } else {
            let snippet = Snippet::source(excerpt.text).path(excerpt.path).line_start(excerpt.first_line as usize);
            group.element(snippet.annotations(excerpt.labels))
        };
    }
    if let Some(rendered) = &finding.rendered {
        group = group.element(Level::NOTE.message(place_in_tree(rendered)));
    }
    if !finding.environments.is_empty() {
        group = group.element(Level::NOTE.message(format!("in {}", environments(&finding.environments))));
    }
    if let Some(alike) = alike(finding) {
        group = group.element(Level::NOTE.message(alike));
    }
    if let Some(acknowledged) = &finding.acknowledged {
        let until = acknowledged.until.as_ref().map(|day| format!(" until {}", safe::line(day)));
        let message = format!("acknowledged{}: {}", until.unwrap_or_default(), safe::line(&acknowledged.reason));
        group = group.element(Level::NOTE.message(message));
    }
    if let Some(entry) = acknowledgement(finding).filter(|_| look.acknowledges) {
        group = group.element(
            Level::NOTE.message(format!("to acknowledge it, write below `acknowledge:` `{}`", safe::line(&entry))),
        );
    }
    if let Some(detail) = &finding.detail {
        group = group.element(Level::NOTE.message(safe::lines(detail)));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(safe::lines(help)));
    }
    let renderer = if look.colour { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
    let mut text = renderer.term_width(look.width).render(&[group]);
    text.push('\n');
    text
}

/// The entry that would acknowledge a finding.
fn acknowledgement(finding: &Finding) -> Option<String> {
    let subject = finding.subject.as_ref().filter(|_| finding.acknowledged.is_none())?;
    let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '/' | '.' | '-' | '_');
    let subject = if subject.chars().all(is_plain) { subject.clone() } else { format!("{subject:?}") };
    Some(format!("- {{rule: {}, subject: {subject}, reason: …}}", finding.rule.id))
}

/// `2 errors, 1 warning`, or nothing if there is nothing to count. It counts what is shown; one that is shown once and
/// stands for many says how often it was found: `1 error (found 3 times)`.
pub fn summary<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Option<String> {
    let (mut errors, mut warnings, mut acknowledged) = ((0, 0), (0, 0), 0);
    for finding in findings {
        let members = finding.alike.count + 1;
        let (shown, all) = match finding.severity {
            _ if finding.acknowledged.is_some() => {
                acknowledged += members;
                continue;
            }
            Severity::Error => &mut errors,
            Severity::Warning => &mut warnings,
        };
        // What stands for those that are not told shows none of them.
        *shown += if finding.rule == &codes::project::MORE_FINDINGS { members } else { 1 };
        *all += members;
    }
    let counted_of = |(shown, all): (usize, usize), noun| {
        let counted = counted(shown, noun)?;
        Some(if all > shown { format!("{counted} (found {} times)", with_commas(all)) } else { counted })
    };
    let counts = [counted_of(errors, "error"), counted_of(warnings, "warning")];
    let acknowledged =
        (acknowledged > 0).then(|| format!("{} acknowledged", counted(acknowledged, "finding").unwrap_or_default()));
    let counts: Vec<_> = counts.into_iter().chain([acknowledged]).flatten().collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

fn counted(count: usize, noun: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{} {noun}s", with_commas(count))),
    }
}

/// A number as people write it: `1,000`.
pub fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What else the findings say that this one stands for, if it is more than that other environments have the same.
pub(super) fn alike(finding: &Finding) -> Option<String> {
    let alike = &finding.alike;
    // It says itself how many it stands for.
    if finding.rule == &codes::project::MORE_FINDINGS {
        return None;
    }
    let noun = if alike.count == 1 { "finding" } else { "findings" };
    let more = format!("{} more {noun} here", with_commas(alike.count));
    if alike.sentences.is_empty() {
        let is_more = alike.count + 1 > finding.environments.len().max(1);
        return is_more.then(|| format!("{more} in the same words")).filter(|_| alike.count > 0);
    }
    let sentences: Vec<_> = alike.sentences.iter().map(|sentence| safe::line(sentence).into_owned()).collect();
    let rest = if alike.count > sentences.len() { "; …" } else { "" };
    Some(format!("{more}: {}{rest}", sentences.join("; ")))
}

/// Where in the rendered tree.
pub(super) fn place_in_tree(rendered: &Rendered) -> String {
    let mut place = format!("in `{}`", safe::line(&rendered.file));
    if let Some(number) = rendered.document {
        let _ = write!(place, ", document {number}"); // into a String, it cannot fail
    }
    if !rendered.path.is_empty() {
        let comma = if rendered.document.is_some() { "," } else { "" };
        let _ = write!(place, "{comma} at `{}`", safe::line(&rendered.path));
    }
    place
}

/// ``environment `prod` ``, ``environments `dev` and `prod` ``, or of a fleet the first and a number.
pub fn environments(names: &[impl AsRef<str>]) -> String {
    let quoted = |name: &dyn AsRef<str>| format!("`{}`", safe::line(name.as_ref()));
    match names {
        [] => String::new(),
        [one] => format!("environment {}", quoted(one)),
        [first @ .., last] if names.len() <= FEW => {
            let first: Vec<_> = first.iter().map(|name| quoted(name)).collect();
            format!("environments {} and {}", first.join(", "), quoted(last))
        }
        [first, rest @ ..] => {
            format!("{} environments, {} and {} more", with_commas(names.len()), quoted(first), with_commas(rest.len()))
        }
    }
}

/// Up to so many environments are all named.
const FEW: usize = 4;

/// Some neighbouring lines of one file and what is said about them.
struct Excerpt<'a> {
    path: String,
    first_line: u32,
    text: String,
    labels: Vec<Annotation<'a>>,
}

/// A label's place: one line, columns in characters from 0.
struct Place<'a> {
    label: &'a Label,
    kind: AnnotationKind,
    line: u32,
    columns: Range<usize>,
}

/// The finding's labels as excerpts: the primary's file first, then the others as they come.
fn excerpts<'a>(finding: &'a Finding, sources: &Sources, width: usize) -> Vec<Excerpt<'a>> {
    let mut files = vec![finding.primary.span.file];
    for label in &finding.related {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let mut excerpts = Vec::new();
    for file in files {
        let source = sources.get(file);
        let primary = std::iter::once((&finding.primary, AnnotationKind::Primary));
        let related = finding.related.iter().map(|label| (label, AnnotationKind::Context));
        let here = primary.chain(related).filter(|(label, _)| label.span.file == file);
        for places in neighbours(here.map(|(label, kind)| place(&source, label, kind)).collect(), width) {
            excerpts.push(excerpt(&source, &places, width, finding.conceal));
        }
    }
    excerpts
}

/// Where a label is drawn: a span over several lines is underlined on its first.
fn place<'a>(source: &Source, label: &'a Label, kind: AnnotationKind) -> Place<'a> {
    let start = source.position(label.span.start);
    let end = source.position(label.span.end);
    let first = start.column as usize - 1;
    let last = if end.line == start.line { end.column as usize - 1 } else { source.line(start.line).chars().count() };
    // Of a secret nothing is said, not even how long it is.
    let hidden = source.hidden_on(start.line).into_iter().find(|hidden| hidden.contains(&first));
    let last = hidden.map_or(last, |hidden| last.min(hidden.start + HIDDEN.len()));
    let last = last.clamp(first, first + LONGEST_UNDERLINE);
    Place { label, kind, line: start.line, columns: first..last }
}

/// Groups of places that fit into one snippet: not too many lines apart, and, as a snippet is cut at the same columns
/// on all its lines, not further apart in columns than the terminal is wide. The group of the primary comes first.
fn neighbours(places: Vec<Place<'_>>, width: usize) -> Vec<Vec<Place<'_>>> {
    let mut groups: Vec<Vec<Place<'_>>> = Vec::new();
    for place in places {
        let near = |other: &Place<'_>| {
            let left = place.columns.start.min(other.columns.start);
            let right = place.columns.end.max(other.columns.end);
            place.line.abs_diff(other.line) < LINES_IN_ONE_SNIPPET
                && right - left < width.max(LONGEST_UNDERLINE) * 2 / 3
        };
        match groups.iter_mut().find(|group| group.iter().all(near)) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

fn excerpt<'a>(source: &Source, places: &[Place<'a>], width: usize, conceal: bool) -> Excerpt<'a> {
    let path = safe::line(source.path().as_str()).into_owned();
    let lines = || places.iter().map(|place| place.line);
    let (first_line, last_line) = (lines().min().unwrap_or(1), lines().max().unwrap_or(1));
    let mut text = String::new();
    let mut labels = Vec::new();
    if source.text().is_empty() {
        return Excerpt { path, first_line, text, labels };
    }
    for line in first_line..=last_line {
        let here = || places.iter().filter(|place| place.line == line);
        let start = text.len();
        // What stands left of the labels counts for the column; the rest of a long line is only cut away again.
        let end = here().map(|place| place.columns.end).max().unwrap_or_default();
        let shown = if conceal { end } else { end + width };
        let is_shown = |column: usize| !conceal || here().any(|place| place.columns.contains(&column));
        let written = source.shown(line);
        let letters = written.chars().take(shown).enumerate();
        let shown: String =
            letters.map(|(column, letter)| if is_shown(column) { safe::visible(letter) } else { ' ' }).collect();
        text.push_str(&safe::within(&shown));
        if conceal {
            text.push_str(" …");
        }
        if here().next().is_some() && text.len() == start {
            text.push(' '); // The place after the last line end: a line to draw on.
        }
        for place in here() {
            let offset = |column| text[start..].char_indices().nth(column).map_or(text.len(), |(at, _)| start + at);
            let annotation = place.kind.span(offset(place.columns.start)..offset(place.columns.end));
            let words = (!place.label.text.is_empty()).then(|| safe::line(&place.label.text));
            labels.push(annotation.label(words));
        }
        if line < last_line {
            text.push('\n');
        }
    }
    Excerpt { path, first_line, text, labels }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
