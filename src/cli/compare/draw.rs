//! A comparison as text. Up to a handful of environments each have a column; of more, those that go together have one.

use std::fmt::Write as _;

use super::Beside;
use super::parts::{ABSENT, Matrix, Scattered, arranged};
use super::rows::Row;
use super::told::Wanted;
use crate::cli::args::Section;
use crate::finding::render::safe;
use crate::finding::render::text::{Look, with_commas};

/// Letters of a value that are shown.
const LONGEST: usize = 28;

/// Rows of one section that are shown, but for `-v`.
const MOST: usize = 120;

pub(super) fn text(beside: &Beside, look: Look, is_verbose: bool) -> String {
    let mut out = String::new();
    for (section, rows) in beside.sections() {
        let shown = if is_verbose { rows } else { &rows[..rows.len().min(MOST)] };
        let (begin, end) = if look.colour { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let _ = writeln!(out, "{begin}{}{end}", section.title());
        let arranged = arranged(shown, &beside.names);
        for matrix in &arranged.matrices {
            draw(matrix, &mut out);
        }
        for row in &arranged.scattered {
            let _ = writeln!(out, "  {}", safe::line(&scattered(row)));
        }
        if !arranged.own.is_empty() {
            let count = with_commas(beside.names.len());
            let _ = writeln!(out, "  another one in each of the {count} environments:");
            for row in &arranged.own {
                let _ = writeln!(
                    out,
                    "    {}{}",
                    safe::line(&row.path),
                    mark(row).map(|mark| format!("  {mark}")).unwrap_or_default()
                );
            }
        }
        if shown.len() < rows.len() {
            let _ = writeln!(out, "  … and {} more: `-v` shows all", with_commas(rows.len() - shown.len()));
        }
        if section == Section::Artifacts && !arranged.matrices.is_empty() {
            out.push_str("  the same letter in a row: the same bytes\n");
        }
        out.push('\n');
    }
    out + &summary(beside)
}

/// What was compared, and what is not as the schema wants it.
pub(super) fn summary(beside: &Beside) -> String {
    let count = |number: usize, one: &str, many: &str| {
        if number == 1 { format!("1 {one}") } else { format!("{} {many}", with_commas(number)) }
    };
    let differing = beside.rows.iter().filter(|row| row.differs(beside.names.len())).count();
    let mut out = format!(
        "{} in {}",
        count(differing, "difference", "differences"),
        count(beside.names.len(), "environment", "environments")
    );
    if beside.hidden > 0 {
        let _ = write!(out, "; {} the same: `--all` shows them", with_commas(beside.hidden));
    }
    out.push('\n');
    let broken = beside.rows.iter().filter(|row| row.is_broken).count();
    if broken > 0 {
        let (verb, rest) = if broken == 1 { ("is", "value") } else { ("are", "values") };
        let _ = writeln!(out, "{} {rest} {verb} not as the schema wants", with_commas(broken));
    }
    out
}

/// What the schema wants of a row, and whether it is so.
pub(super) fn mark(row: &Row) -> Option<&'static str> {
    Some(match (row.must?, row.is_broken) {
        (Wanted::MustMatch, false) => "must match",
        (Wanted::MustMatch, true) => "MUST MATCH, and does not",
        (Wanted::MustDiffer, false) => "must differ",
        (Wanted::MustDiffer, true) => "MUST DIFFER, and does not",
    })
}

fn draw(matrix: &Matrix<'_>, out: &mut String) {
    for group in &matrix.groups {
        if let Some(environments) = &group.environments {
            let _ = writeln!(out, "  {}: {}", group.name, safe::line(environments));
        }
    }
    let mut lines: Vec<Vec<String>> = Vec::with_capacity(matrix.rows.len() + 1);
    let heads = matrix.groups.iter().map(|group| cut(&group.name));
    lines.push(std::iter::once(String::new()).chain(heads).collect());
    for (row, texts) in &matrix.rows {
        let cells = shown(texts);
        let line = std::iter::once(safe::line(&row.path).into_owned()).chain(cells);
        lines.push(line.chain(mark(row).map(str::to_owned)).collect());
    }
    let columns = matrix.groups.len() + 1;
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|it| it.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for line in &lines {
        let mut drawn = String::from(" ");
        for (at, cell) in line.iter().enumerate() {
            let width = widths.get(at).copied().unwrap_or(0);
            let _ = write!(drawn, " {cell:width$} ");
        }
        let _ = writeln!(out, "{}", drawn.trim_end());
    }
}

/// The texts of a row, short; those that are not the same look different.
fn shown(texts: &[Option<&str>]) -> Vec<String> {
    let cuts: Vec<String> = texts.iter().map(|text| text.map_or_else(|| ABSENT.to_owned(), cut)).collect();
    let is_blurred = texts
        .iter()
        .enumerate()
        .any(|(at, text)| texts[..at].iter().zip(&cuts).any(|(other, cut)| other != text && *cut == cuts[at]));
    if !is_blurred {
        return cuts;
    }
    let mut known: Vec<Option<&str>> = Vec::new();
    let mut numbered = Vec::with_capacity(cuts.len());
    for (text, cut) in texts.iter().zip(cuts) {
        let number = known.iter().position(|it| it == text).unwrap_or_else(|| {
            known.push(*text);
            known.len() - 1
        });
        numbered.push(if text.is_some() { format!("{cut} #{}", number + 1) } else { cut });
    }
    numbered
}

/// A value as it fits into a column.
fn cut(text: &str) -> String {
    let text = safe::line(text);
    if text.chars().count() <= LONGEST {
        return text.into_owned();
    }
    let begin: String = text.chars().take(LONGEST - 1).collect();
    format!("{begin}…")
}

/// A row whose environments go together as those of no column do.
pub(super) fn scattered(Scattered { row, common, rest }: &Scattered<'_>) -> String {
    let mut out = row.path.clone();
    for (number, (text, environments)) in common.iter().enumerate() {
        let sign = if number == 0 { ": " } else { "; " };
        let _ = write!(out, "{sign}{} in {environments}", cut(text));
    }
    if let Some(rest) = rest {
        let _ = write!(out, "; {rest}");
    }
    if let Some(mark) = mark(row) {
        let _ = write!(out, "  {mark}");
    }
    out
}
