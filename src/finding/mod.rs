//! Findings: what platc has to say about a user's files, as data.
//!
//! A stage takes `&mut Findings`, pushes all it sees and returns what it could still make; it never stops at the first.
//! Wording follows one pattern: a lower-case sentence without full stop says what is wrong, labels say why at each
//! place, one help says what to do. Rendering lives in [`render`].

pub mod codes;
pub mod render;

use std::sync::Arc;

use crate::source::{Sources, Span};

pub use codes::Rule;

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
    pub message: String,
    /// The user's own line: what to change.
    pub primary: Label,
    /// Every other place involved: the base that was overridden, the template that read the value.
    pub related: Vec<Label>,
    pub help: Option<String>,
    /// The environment it was found in, where it depends on one.
    pub environment: Option<Arc<str>>,
}

impl Finding {
    /// A finding with the rule's own severity.
    pub fn new(rule: &'static Rule, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            primary: Label { span, text: String::new() },
            related: Vec::new(),
            help: None,
            environment: None,
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
        self.0.iter().filter(|finding| finding.severity == severity).count()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }

    /// Names the environment on each finding that has none yet.
    pub fn name_environment(&mut self, name: &Arc<str>) {
        for finding in &mut self.0 {
            finding.environment.get_or_insert_with(|| Arc::clone(name));
        }
    }

    /// In the order of reading: file, place, rule, words. The same finding from two environments that share a layer
    /// stands once. File ids depend on which thread read first, so paths decide.
    #[must_use]
    pub fn sorted(mut self, sources: &Sources) -> Vec<Finding> {
        self.0.sort_by_cached_key(|finding| {
            let span = finding.primary.span;
            let path = sources.get(span.file).path().to_owned();
            let words = (finding.message.clone(), finding.primary.text.clone());
            (path, span.start, span.end, finding.rule.id, words, finding.environment.clone())
        });
        self.0.dedup_by(|a, b| {
            a.rule == b.rule
                && a.message == b.message
                && a.primary == b.primary
                && a.related == b.related
                && a.help == b.help
        });
        self.0
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        self.0.extend(findings);
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
