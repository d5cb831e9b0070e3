//! Differences as findings, for formats that know nothing else: one for each change of a file, however
//! many environments have it, at the first line that differs.

use std::sync::Arc;

use super::show::{self, Changed, EACH};
use super::{Difference, Differences};
use crate::cli::exit::Exit;
use crate::cli::printer::{Printer, Undelivered};
use crate::diff::text::Kind;
use crate::diff::{Change, FileDiff, draw};
use crate::finding::render::json::FindingsOnly;
use crate::finding::{Finding, Findings, codes};
use crate::source::{Sources, Span};

/// Lines of a difference that a finding holds.
const SHOWN: usize = 40;

impl Differences<'_> {
    /// All findings, differences among them. `help` says what to do about one. Exit 1 if there is anything to do.
    pub(in crate::cli) fn print_findings(
        &self,
        help: impl Fn(&Difference) -> String,
        printer: &mut Printer,
    ) -> Result<Exit, Undelivered> {
        let sources = self.report.sources();
        let mut findings = Findings::default();
        let at = |path: &str| Span::file_start(sources.add(path, ""));
        let (missing, changed): (Vec<_>, Vec<_>) = self.differing().partition(|difference| difference.nothing);
        for alike in groups(missing) {
            let Some(first) = alike.first() else { continue };
            let tree = &first.sides.old;
            let message = format!("there is no tree `{tree}` of `{}`", first.name);
            let finding = Finding::new(&codes::output::DIFFERS, at(tree), message).help(help(first));
            findings.push(of(finding, alike.iter().map(|difference| &difference.name)));
        }
        for Changed { file, first, environments } in Self::changed(changed.into_iter()) {
            let finding = finding(file, first, sources).help(help(first));
            findings.push(of(finding, environments.into_iter()));
        }
        for (message, help, orphan) in self.without_environment(false) {
            findings.push(Finding::new(&codes::output::DIFFERS, at(orphan.as_str()), message).help(help));
        }
        let report = self.report.with(findings);
        report.document(printer, FindingsOnly {})?;
        Ok(report.exit())
    }
}

/// Those of which the same is said: of more than a few all together.
fn groups(missing: Vec<&Difference>) -> Vec<Vec<&Difference>> {
    if missing.len() > EACH { vec![missing] } else { missing.into_iter().map(|it| vec![it]).collect() }
}

/// One finding for the same in several environments.
fn of<'e>(mut finding: Finding, environments: impl Iterator<Item = &'e Arc<str>>) -> Finding {
    finding.environments = environments.cloned().collect();
    finding.alike.count = finding.environments.len() - 1;
    finding
}

fn finding(file: &FileDiff, difference: &Difference, sources: &Sources) -> Finding {
    let Difference { name, sides, .. } = difference;
    let path = format!("{}/{}", sides.old, file.path);
    let (place, message) = match &file.change {
        Change::Added => (None, format!("`{path}` is missing: `{name}` compiles to it")),
        Change::Removed => (None, format!("`{path}` is nothing that `{name}` compiles to")),
        Change::Renamed { from } => {
            (None, format!("`{path}` is missing: it has another name, `{from}`, but the same content"))
        }
        Change::Modified | Change::Binary => {
            (first_change(file, &path, sources), format!("`{path}` is not what `{name}` compiles to"))
        }
    };
    let place = place.unwrap_or_else(|| Span::file_start(sources.add(path.as_str(), "")));
    let lines = draw::unified(std::slice::from_ref(file), sides, false);
    let detail = show::cut(lines, SHOWN, &format!("`platc diff {name}` shows them all"));
    let finding = Finding::new(&codes::output::DIFFERS, place, message).detail(detail);
    match file.hunks.first() {
        Some(hunk) if !hunk.path.is_empty() => finding.label(format!("`{}` differs", hunk.path)),
        _ => finding,
    }
}

/// The first line of the old file that is gone, or the one before which lines are new. Of the file only what the
/// difference holds is known: the lines before it are left empty.
fn first_change(file: &FileDiff, path: &str, sources: &Sources) -> Option<Span> {
    let hunk = file.hunks.first()?;
    let mut text = "\n".repeat(hunk.old.start.saturating_sub(1));
    let mut place = None;
    for line in &hunk.lines {
        if line.kind != Kind::Equal {
            place = place.or(Some((text.len(), line.kind)));
        }
        if line.kind != Kind::Added {
            text.extend(line.pieces.iter().map(|(_, piece)| piece.as_str()));
            text.push('\n');
        }
    }
    let (start, kind) = place?;
    let length = text[start..].find('\n').filter(|_| kind == Kind::Removed).unwrap_or(0);
    Some(Span::new(sources.add(path, text), start, start + length))
}
