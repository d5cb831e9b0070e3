//! Lines of files with a few words about them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::mask::Mask;
use crate::diff::mask::hidden;
use crate::finding::render::safe;
use crate::finding::render::text::Look;
use crate::source::{FileId, Sources, Span};

/// What lines are drawn with.
pub(super) struct Excerpts<'a> {
    pub(super) sources: &'a Sources,
    pub(super) mask: &'a Mask,
    pub(super) look: Look,
    /// Nothing is shown of what stands at any place.
    pub(super) conceals: bool,
    /// The files of which lines were drawn.
    pub(super) seen: RefCell<BTreeSet<FileId>>,
}

/// A place in a file, and whether what stands there is a secret.
pub(super) struct Place {
    pub(super) span: Span,
    pub(super) hides: bool,
}

impl Place {
    pub(super) fn at(span: Span) -> Self {
        Self { span, hides: false }
    }
}

/// Letters of a line that are shown.
const LONGEST: usize = 110;

impl Excerpts<'_> {
    /// `  environments/prod/environment.yaml:4:9  set here`, and the line below it.
    pub(super) fn draw(&self, place: &Place, words: &str) -> String {
        let source = self.sources.get(place.span.file);
        // A line is drawn without the other secrets on it, whatever is asked about.
        if self.seen.borrow_mut().insert(place.span.file) {
            for range in hidden(source.text()) {
                source.hide(range);
            }
        }
        let position = source.position(place.span.start);
        let mut out = String::new();
        let at = format!("{}:{}:{}", source.path(), position.line, position.column);
        let _ = writeln!(out, "  {}  {}", self.place(&safe::line(&at)), safe::line(words));
        let line = source.shown(position.line);
        let line = line.as_str();
        let column = position.column as usize - 1;
        let shown = if place.hides || self.conceals {
            let before: String = line.chars().take(column).collect();
            format!("{before}{}", crate::rules::HIDDEN)
        } else {
            self.mask.text(line).into_owned()
        };
        // A long line is cut around what is meant.
        let skipped = if column > LONGEST * 2 / 3 { column - LONGEST / 3 } else { 0 };
        let cut: String = shown.chars().skip(skipped).take(LONGEST).map(safe::visible).collect();
        let ends = if shown.chars().count() > skipped + LONGEST { " …" } else { "" };
        let begins = if skipped > 0 { "… " } else { "" };
        let _ = writeln!(out, "    {:>4} | {begins}{}{ends}", position.line, safe::within(cut.trim_end()));
        out
    }

    /// What matters most.
    pub(super) fn strong(&self, text: &str) -> String {
        if self.look.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn place(&self, text: &str) -> String {
        if self.look.colour { format!("\x1b[36m{text}\x1b[0m") } else { text.to_owned() }
    }
}
