//! Findings on their way out, with the result of the command they belong to.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::args::Format;
use super::exit::Exit;
use super::place::Place;
use super::printer::{Printer, Undelivered};
use crate::diff::{mask, structure};
use crate::finding::render::run::Run;
use crate::finding::render::{github, json, junit, sarif, text};
use crate::finding::{Finding, Findings, Known, Severity, group, worded};
use crate::source::{FileId, Sources, Span};

/// All findings of a run, sorted, ready to be said.
pub(super) struct Report<'a> {
    /// Each by itself.
    findings: Vec<Finding>,
    /// What stands for many once.
    groups: Vec<Finding>,
    sources: &'a Sources,
    folder: Utf8PathBuf,
    environments: Vec<Arc<str>>,
}

impl<'a> Report<'a> {
    pub(super) fn new(findings: Findings, sources: &'a Sources) -> Self {
        let (folder, environments) = (Utf8PathBuf::new(), Vec::new());
        let findings = without_secrets(findings, sources).sorted(sources);
        let mut paths = ValuePaths { sources, files: BTreeMap::new() };
        // Groups first: what a whole fleet shares is one of the thousand, not most of them.
        let groups = worded(group(&findings, sources, |span| paths.find(span)));
        let findings = worded(findings);
        Self { findings, groups, sources, folder, environments }
    }

    /// With what formats for other programs tell of a run: where it was started, and what it judged.
    #[must_use]
    pub(super) fn of(self, place: &Place, environments: impl IntoIterator<Item = Arc<str>>) -> Self {
        Self { folder: place.folder(), environments: environments.into_iter().collect(), ..self }
    }

    /// The same with more findings.
    pub(super) fn with(&self, more: Findings) -> Self {
        let mut findings = more;
        findings.extend(self.findings.iter().cloned());
        let (folder, environments) = (self.folder.clone(), self.environments.clone());
        Self { folder, environments, ..Self::new(findings, self.sources) }
    }

    pub(super) fn sources(&self) -> &'a Sources {
        self.sources
    }

    pub(super) fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    pub(super) fn has_warnings(&self) -> bool {
        self.findings.iter().any(|finding| finding.counts_as(Severity::Warning))
    }

    /// Whether something is acknowledged up to a day.
    pub(super) fn has_deadlines(&self) -> bool {
        let until = |finding: &Finding| finding.acknowledged.as_ref().is_some_and(|known| known.until.is_some());
        self.findings.iter().any(until)
    }

    pub(super) fn exit(&self) -> Exit {
        match self.has_errors() {
            _ if self.findings.iter().any(|finding| finding.failed) => Exit::Failed,
            true => Exit::Findings,
            false => Exit::Fine,
        }
    }

    /// As text: findings beside the command's result, on standard error. What is acknowledged is no news there.
    pub(super) fn say(&self, printer: &mut Printer) {
        let is_news = |finding: &Finding| finding.acknowledged.is_none() || printer.shows_acknowledged();
        let is_text = matches!(
            printer.format,
            Format::Text | Format::Markdown | Format::Cyclonedx | Format::Matrix | Format::Paths
        );
        if is_text && self.groups.iter().any(is_news) {
            let drawn = self.draw(printer.err_look(), printer);
            printer.say(&drawn);
            self.say_summary(printer);
        }
    }

    /// As text: findings as the command's result, on standard output.
    pub(super) fn print(&self, printer: &mut Printer) -> Result<(), Undelivered> {
        if printer.format == Format::Text {
            let drawn = self.draw(printer.out_look(), printer);
            printer.result(drawn)?;
            self.say_summary(printer);
        }
        Ok(())
    }

    /// For programs: the findings in one document, on standard output; as JSON with the command's result.
    pub(super) fn document(&self, printer: &mut Printer, result: impl Serialize) -> Result<(), Undelivered> {
        let Self { findings, groups, sources, folder, environments } = self;
        let run = Run { findings: groups, sources, folder, environments };
        match printer.format {
            Format::Text | Format::Markdown | Format::Cyclonedx | Format::Matrix | Format::Paths => Ok(()),
            Format::Json => printer.result(json::report(findings, sources, result)),
            Format::Sarif => printer.result(sarif::report(run)),
            Format::Github => printer.result(github::report(run)),
            Format::Junit => printer.result(junit::report(run)),
        }
    }

    fn say_summary(&self, printer: &mut Printer) {
        if let Some(summary) = text::summary(&self.groups) {
            printer.status(&summary);
        }
    }

    /// What is acknowledged is only shown to who wants to see all; nor is more than fits on some screens.
    fn draw(&self, look: text::Look, printer: &Printer) -> String {
        let shown = self.groups.iter().filter(|finding| finding.acknowledged.is_none() || printer.shows_acknowledged());
        let drawn: Vec<_> = shown.map(|finding| (finding, text::draw(finding, self.sources, look) + "\n")).collect();
        if printer.is_verbose() { drawn.into_iter().map(|(_, text)| text).collect() } else { cut(&drawn) }
    }
}

/// Findings that name no secret, whose files hide theirs. How long a secret is, is told nowhere.
fn without_secrets(mut findings: Findings, sources: &Sources) -> Findings {
    let (mut seen, secrets) = (BTreeSet::new(), Known::to(sources));
    for finding in &mut findings {
        for label in std::iter::once(&mut finding.primary).chain(&mut finding.related) {
            let source = sources.get(label.span.file);
            if seen.insert(label.span.file) {
                for range in mask::hidden(source.text()) {
                    source.hide(range);
                }
                secrets.places_in(source.text()).into_iter().for_each(|range| source.hide(range));
            }
            let start = label.span.start as usize;
            if source.hides(start) {
                label.span.end = label.span.start;
            }
        }
        if let Some(detail) = &mut finding.detail {
            mask::hide_in(detail);
        }
        let own = Known::of(&hidden_beside(finding, sources));
        for known in [&own, &secrets] {
            if let Cow::Owned(veiled) = finding.veiled(known) {
                *finding = veiled;
            }
        }
        // What was acknowledged by its subject is known by now.
        let rendered = finding.rendered.iter_mut().flat_map(|it| [&mut it.file, &mut it.path]);
        for name in finding.subject.iter_mut().chain(rendered) {
            secrets.veil_line(name);
        }
    }
    findings
}

/// What is hidden of the lines that a finding is about: its sentences may quote them.
fn hidden_beside(finding: &Finding, sources: &Sources) -> Vec<Arc<str>> {
    let mut found = Vec::new();
    for label in std::iter::once(&finding.primary).chain(&finding.related) {
        let source = sources.get(label.span.file);
        let near = source.hidden_near(label.span.start as usize).into_iter();
        let texts = near.filter_map(|range| source.text().get(range)).flat_map(str::lines);
        found.extend(
            texts.map(|text| Arc::from(text.trim_matches(['"', '\'', ' ']))).filter(|text: &Arc<str>| !text.is_empty()),
        );
    }
    found
}

/// Lines of findings that a run prints at the most.
const LINES: usize = 280;

/// As many findings as fit, errors before warnings, in the order of reading; and how to see the others.
fn cut(drawn: &[(&Finding, String)]) -> String {
    let mut room = LINES;
    let mut fits = vec![false; drawn.len()];
    for severity in [Severity::Error, Severity::Warning] {
        for (number, (_, text)) in drawn.iter().enumerate().filter(|(_, (finding, _))| finding.severity == severity) {
            let Some(rest) = room.checked_sub(text.lines().count()) else {
                room = 0;
                break;
            };
            (room, fits[number]) = (rest, true);
        }
    }
    if !fits.contains(&true) {
        fits.iter_mut().take(1).for_each(|fits| *fits = true);
    }
    let mut text: String = drawn.iter().zip(&fits).filter(|(_, fits)| **fits).map(|((_, text), _)| &**text).collect();
    let hidden: Vec<_> =
        drawn.iter().zip(&fits).filter(|(_, fits)| !**fits).map(|((finding, _), _)| *finding).collect();
    if let Some(more) = text::summary(hidden.iter().copied()) {
        let _ = writeln!(text, "… and {more} more: `-v` shows all, `--format json` has each by itself\n");
    }
    text
}

/// The paths of the values that are written on the lines of files, from indentation. They only decide what is shown
/// together.
struct ValuePaths<'a> {
    sources: &'a Sources,
    files: BTreeMap<FileId, structure::Paths>,
}

impl ValuePaths<'_> {
    /// Empty if it is not known.
    fn find(&mut self, span: Span) -> String {
        let source = self.sources.get(span.file);
        let paths = self
            .files
            .entry(span.file)
            .or_insert_with(|| structure::paths(&source.text().split_inclusive('\n').collect::<Vec<_>>()));
        let line = source.position(span.start).line as usize - 1;
        paths.of(line).map(|path| path.to_string()).unwrap_or_default()
    }
}
