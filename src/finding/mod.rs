//! Findings: what platc has to say about a user's files, as data.
//!
//! A stage takes `&mut Findings`, pushes all it sees and returns what it could still make; it never stops at the first.
//! Wording follows one pattern: a lower-case sentence without full stop says what is wrong, labels say why at each
//! place, one help says what to do. Rendering lives in [`render`].

pub mod codes;
mod group;
pub mod render;
pub mod suggest;
mod veil;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::Location;
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::source::{FileId, Sources, Span};

pub use codes::Rule;
pub use group::group;
pub use veil::{Known, veil_own};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// A place and what is to be said about it there. An empty text shows the place without words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One thing that is wrong, where, why and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static Rule,
    pub severity: Severity,
    /// Which sentence it is, whatever names and numbers it holds.
    pub wording: Wording,
    pub message: String,
    /// The user's own line: what to change.
    pub primary: Label,
    /// Every other place involved: the base that was overridden, the template that read the value.
    pub related: Vec<Label>,
    pub help: Option<String>,
    /// The lines hold a secret: only what the labels cover may be shown of them.
    pub conceal: bool,
    /// Longer text, shown as it stands below the places: a unified diff.
    pub detail: Option<String>,
    /// The environments it was found in, where it depends on one. More than one after [`Findings::sorted`] only.
    pub environments: Vec<Arc<str>>,
    /// The primary place lies in a file that only this environment has, not in a layer or a template.
    pub in_own_file: bool,
    /// Findings that this one stands for, after [`group()`] only.
    pub alike: Alike,
    /// What it is about, by a name that stays when lines move: what an acknowledgement names.
    pub subject: Option<String>,
    /// The place in the rendered tree, if it is about one.
    pub rendered: Option<Rendered>,
    /// Somebody said that this is as it should be: it stays in the record and stops nothing.
    pub acknowledged: Option<Acknowledged>,
    /// The system refused to read what was asked for: the run has failed, whatever else it found.
    pub failed: bool,
}

/// The findings of a group beside the one that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alike {
    pub count: usize,
    /// Some of their sentences, where they are others than that of the finding shown.
    pub sentences: Vec<String>,
}

/// A place in a rendered tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rendered {
    /// Within the tree.
    pub file: String,
    /// Which of several documents of the file, counted from 1.
    pub document: Option<usize>,
    /// Within the document; empty for the whole.
    pub path: String,
}

/// Why a finding is as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acknowledged {
    pub reason: Arc<str>,
    /// After this day, `YYYY-MM-DD`, it counts again.
    pub until: Option<Arc<str>>,
    /// Where it is acknowledged.
    pub span: Span,
}

/// A sentence of platc's, known by the line of code that words it: findings with the same wording differ in names and
/// numbers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wording {
    pub file: &'static str,
    pub line: u32,
    pub column: u32,
}

impl Wording {
    #[track_caller]
    pub fn here() -> Self {
        let place = Location::caller();
        Self { file: place.file(), line: place.line(), column: place.column() }
    }
}

impl Finding {
    /// A finding with the rule's own severity.
    #[track_caller]
    pub fn new(rule: &'static Rule, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            wording: Wording::here(),
            message: message.into(),
            primary: Label { span, text: String::new() },
            related: Vec::new(),
            help: None,
            conceal: false,
            detail: None,
            environments: Vec::new(),
            in_own_file: false,
            alike: Alike::default(),
            subject: None,
            rendered: None,
            acknowledged: None,
            failed: false,
        }
    }

    /// Words at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Another place involved.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Shows nothing of the user's lines but what the labels cover: logs are read by more people than repositories.
    #[must_use]
    pub fn concealing(mut self) -> Self {
        self.conceal = true;
        self
    }

    /// Whether it stands in the way of writing.
    pub fn is_error(&self) -> bool {
        self.counts_as(Severity::Error)
    }

    /// An acknowledged finding counts as nothing.
    pub fn counts_as(&self, severity: Severity) -> bool {
        self.severity == severity && self.acknowledged.is_none()
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// All findings of a run, or of one part of it.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|finding| finding.counts_as(severity)).count()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Finding> {
        self.0.iter_mut()
    }

    /// Lets each finding be looked at and changed, and keeps those for which `keep` says so.
    pub fn retain_mut(&mut self, keep: impl FnMut(&mut Finding) -> bool) {
        self.0.retain_mut(keep);
    }

    /// Marks the findings whose place lies in a file for which `is_own` holds.
    pub fn mark_own_files(&mut self, is_own: impl Fn(FileId) -> bool) {
        for finding in &mut self.0 {
            finding.in_own_file = is_own(finding.primary.span.file);
        }
    }

    /// Names the environment on each finding that has none yet.
    pub fn name_environment(&mut self, name: &Arc<str>) {
        for finding in &mut self.0 {
            if finding.environments.is_empty() {
                finding.environments.push(Arc::clone(name));
            }
        }
    }

    /// In the order of reading: file, place, rule, words. The same finding stands once, with all environments and all
    /// other places: a slip in a layer or a macro is one, however many use it. File ids depend on which thread read
    /// first, so paths decide.
    #[must_use]
    pub fn sorted(mut self, sources: &Sources) -> Vec<Finding> {
        let place = |span: Span| (sources.get(span.file).path().to_owned(), span.start, span.end);
        self.0.sort_by_cached_key(|finding| {
            let related: Vec<_> = finding.related.iter().map(|label| (place(label.span), label.text.clone())).collect();
            let words = (finding.message.clone(), finding.primary.text.clone(), finding.help.clone());
            let about = (finding.rendered.clone(), finding.subject.clone(), finding.acknowledged.is_some());
            (place(finding.primary.span), finding.rule.id, words, about, related, finding.environments.clone())
        });
        let mut merged = Merged::default();
        self.0.dedup_by(|later, first| {
            let same = later.rule == first.rule
                && later.message == first.message
                && same_labels(std::slice::from_ref(&later.primary), std::slice::from_ref(&first.primary), sources)
                && later.help == first.help
                && later.detail == first.detail
                && (&later.subject, &later.rendered) == (&first.subject, &first.rendered)
                && later.severity == first.severity
                && later.acknowledged.is_some() == first.acknowledged.is_some();
            if same {
                first.environments.append(&mut later.environments);
                first.environments.sort();
                first.environments.dedup();
                merged.add(first, later, sources);
            } else {
                merged.finish(first);
            }
            same
        });
        self.0.last_mut().into_iter().for_each(|last| merged.finish(last));
        self.0
    }
}

/// Findings of one rule that are worded. Nobody reads more, and their text could be longer than any input.
const WORDED: usize = 1_000;

/// The first thousand findings of each rule, and one that counts the others of it, where the first of them stands.
#[must_use]
pub fn worded(findings: Vec<Finding>) -> Vec<Finding> {
    let mut told: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut more: BTreeMap<(&str, bool), (usize, Finding)> = BTreeMap::new();
    let mut worded = Vec::with_capacity(findings.len());
    for finding in findings {
        // One that stands for others counts as all of them, and takes the room of one.
        let members = finding.alike.count + 1;
        let (count, all) = told.entry(finding.rule.id).or_default();
        *count += 1;
        if *count <= WORDED {
            *all += members;
            worded.push(finding);
            continue;
        }
        // Nobody looks for what is not acknowledged among what is.
        let key = (finding.rule.id, finding.acknowledged.is_some());
        let (hidden, first) = more.entry(key).or_insert_with(|| (0, finding.clone()));
        *hidden += members;
        if finding.is_error() && !first.is_error() {
            *first = finding;
        }
    }
    for ((id, _), (hidden, first)) in more {
        let all = told.get(id).map_or(0, |(_, all)| *all);
        let [all, more] = [all, hidden].map(render::text::with_commas);
        let message = format!("`{id}` is broken {all} times and {more} more, which are not told");
        let mut counted = Finding::new(&codes::project::MORE_FINDINGS, first.primary.span, message);
        counted.alike.count = hidden - 1;
        counted.severity = first.severity;
        counted.acknowledged = first.acknowledged;
        worded.push(counted.help("mend what is told first: most have one cause"));
    }
    worded
}

/// Other places of a finding that was met several times. More than this say nothing new.
const PLACES: usize = 6;

/// What is known of the places of one finding while the same ones are put together.
#[derive(Default)]
struct Merged {
    /// Where each begins and what it says: what it is about may end elsewhere in another environment.
    seen: BTreeSet<(Utf8PathBuf, u32, String)>,
    hidden: usize,
}

impl Merged {
    fn add(&mut self, first: &mut Finding, later: &mut Finding, sources: &Sources) {
        let key = |label: &Label| {
            let path = sources.get(label.span.file).path().to_owned();
            (path, label.span.start, label.text.clone())
        };
        if self.seen.is_empty() {
            self.seen.extend(first.related.iter().map(key));
        }
        for label in std::mem::take(&mut later.related) {
            if !self.seen.insert(key(&label)) {
                continue;
            }
            if first.related.len() < PLACES {
                first.related.push(label);
            } else {
                self.hidden += 1;
            }
        }
    }

    fn finish(&mut self, finding: &mut Finding) {
        say_hidden(&mut finding.related, self.hidden);
        *self = Self::default();
    }
}

/// Lets the last place say how many are not shown.
fn say_hidden(places: &mut [Label], hidden: usize) {
    if let Some(last) = places.last_mut().filter(|_| hidden > 0) {
        let noun = if hidden == 1 { "place" } else { "places" };
        let comma = if last.text.is_empty() { "" } else { ", " };
        last.text = format!("{}{comma}and {hidden} more {noun}", last.text);
    }
}

/// The same words at the same places of the same texts. A file that was read twice, for itself and as a layer of
/// another environment, has two ids.
fn same_labels(a: &[Label], b: &[Label], sources: &Sources) -> bool {
    let same_text = |a: FileId, b: FileId| {
        let (a, b) = (sources.get(a), sources.get(b));
        a.path() == b.path() && a.text() == b.text()
    };
    let same = |(a, b): (&Label, &Label)| {
        a.text == b.text
            && a.span.range() == b.span.range()
            && (a.span.file == b.span.file || same_text(a.span.file, b.span.file))
    };
    a.len() == b.len() && a.iter().zip(b).all(same)
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        self.0.extend(findings);
    }
}

impl<'a> IntoIterator for &'a mut Findings {
    type Item = &'a mut Finding;
    type IntoIter = std::slice::IterMut<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_stands_for_many_counts_as_many() {
        let at = Span::file_start(Sources::default().add("a.yaml", ""));
        let group = |_| {
            let mut finding = Finding::new(&codes::template::UNDEFINED, at, "`x` is not defined");
            finding.alike.count = 2;
            finding
        };
        let told = worded((0..WORDED + 4).map(group).collect());
        assert_eq!(told.len(), WORDED + 1);
        let last = &told[WORDED];
        assert_eq!(last.message, "`template/undefined` is broken 3,000 times and 12 more, which are not told");
        assert_eq!(render::text::summary(&told).as_deref(), Some("1,012 errors (found 3,012 times)"));
    }

    #[test]
    fn what_is_acknowledged_hides_nothing_else_behind_a_thousand() {
        let at = Span::file_start(Sources::default().add("a.yaml", ""));
        let one = |number: usize| {
            let mut finding = Finding::new(&codes::template::UNDEFINED, at, "`x` is not defined");
            finding.acknowledged = (number.is_multiple_of(2)).then(|| Acknowledged {
                reason: "it is known".into(),
                until: None,
                span: at,
            });
            finding
        };
        let told = worded((0..WORDED + 4).map(one).collect());
        assert_eq!(render::text::summary(&told).as_deref(), Some("502 errors, 502 findings acknowledged"));
        assert_eq!(told.len(), WORDED + 2);
    }

    #[test]
    fn the_places_of_one_finding_are_put_together() {
        let sources = Sources::default();
        let file = sources.add("_macros.j2", "{{ x.nmae }}");
        let users = sources.add("users.j2", "0123456789");
        let mut findings = Findings::default();
        for at in [0, 1, 1, 2, 3, 4, 5, 6, 7, 7] {
            let finding = Finding::new(&codes::template::UNDEFINED, Span::new(file, 3, 9), "`x.nmae` is not defined");
            findings.push(finding.also(Span::new(users, at, at + 1), format!("call {at}")));
        }
        let sorted = findings.sorted(&sources);
        let [finding] = &sorted[..] else { panic!("{sorted:?}") };
        let texts: Vec<_> = finding.related.iter().map(|label| label.text.as_str()).collect();
        assert_eq!(texts, ["call 0", "call 1", "call 2", "call 3", "call 4", "call 5, and 2 more places"]);
    }

    #[test]
    fn a_finding_of_several_environments_stands_once_and_names_them() {
        let sources = Sources::default();
        let file = sources.add("base.yaml", "a: 1\nb: 2\n");
        let mut findings = Findings::default();
        for name in ["staging", "dev", "staging"] {
            let mut own = Findings::default();
            own.push(Finding::new(&codes::schema::UNKNOWN_KEY, Span::new(file, 5, 6), "unknown key `b`"));
            own.push(Finding::new(&codes::schema::UNKNOWN_KEY, Span::new(file, 0, 1), "unknown key `a`").help(name));
            own.name_environment(&name.into());
            findings.append(own);
        }
        let sorted = findings.sorted(&sources);
        let seen: Vec<_> = sorted.iter().map(|finding| (&*finding.message, finding.environments.join(","))).collect();
        let wanted = [("unknown key `a`", "dev"), ("unknown key `a`", "staging"), ("unknown key `b`", "dev,staging")];
        assert_eq!(seen, wanted.map(|(message, names)| (message, names.to_owned())));
    }
}
