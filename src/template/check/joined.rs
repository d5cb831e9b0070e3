//! A `-` beside text that joins two lines of YAML: the key or the item of the second is then a part of the first. The same
//! of a blank that makes a `:` or a `-` the sign of a key or an item. Within a block of text, and where brackets are open,
//! lines may be joined.

use std::ops::Range;

use super::comment::is_in_block_scalar;
use crate::finding::{Finding, codes};
use crate::source::Span;
use crate::template::layout::{Kind, Stretch};
use crate::template::whitespace::Joining;

pub(super) fn lines(
    text: &str,
    stretches: &[Stretch<'_>],
    joining: &[Joining],
    at: &dyn Fn(Range<usize>) -> Span,
) -> Vec<Finding> {
    // `{{- end }}` of a chart is told of as what it is.
    let is_name = |it: &&Joining| !matches!(text[it.tag.clone()].trim_matches(['{', '}', '-', ' ']), "end" | "else");
    let found = joining.iter().filter(is_name).filter_map(|Joining { tag, is_behind }| {
        let other = if *is_behind { below(text, stretches, tag)? } else { above(text, tag) };
        let is_round = text[other..].starts_with("{%");
        let is_text = is_in_block_scalar(&text[..tag.start]) && (is_round || is_in_block_scalar(&text[..other]));
        let is_flow =
            if *is_behind { text[other..].starts_with([']', '}', ',']) } else { text[..other].ends_with(['[', '{']) };
        let line = line(text, other);
        let is_own = line.start <= tag.start && tag.start <= line.end;
        let make = || if is_own { sign(tag, *is_behind, at) } else { lines_joined(tag, *is_behind, line, at) };
        (!is_text && !is_flow).then(make)
    });
    found.collect()
}

/// Where the text above a tag ends.
fn above(text: &str, tag: &Range<usize>) -> usize {
    text[..tag.start].trim_end().len()
}

/// Where that begins which is printed behind a tag: not between the tags of another branch or of a captured text.
fn below(text: &str, stretches: &[Stretch<'_>], tag: &Range<usize>) -> Option<usize> {
    let mut skipped = 0_usize;
    for stretch in &stretches[stretches.partition_point(|it| it.range.start < tag.end)..] {
        let (start, written) = (stretch.range.start, &text[stretch.range.clone()]);
        match stretch.kind {
            Kind::Text if skipped == 0 && !written.trim().is_empty() => {
                return Some(start + written.len() - written.trim_start().len());
            }
            // At the end of a loop the next round begins.
            Kind::Print | Kind::Tag { name: "include" | "endfor", .. } if skipped == 0 => return Some(start),
            Kind::Tag { name: "endmacro" | "endset" | "endcall" | "endfilter", .. } if skipped == 0 => return None,
            Kind::Tag { name: "else" | "elif" | "macro", .. } | Kind::Tag { name: "set", assigns: false }
                if skipped == 0 =>
            {
                skipped = 1;
            }
            Kind::Tag { name: "for" | "if" | "with" | "filter" | "macro" | "call", .. }
            | Kind::Tag { name: "set", assigns: false }
                if skipped > 0 =>
            {
                skipped += 1;
            }
            Kind::Tag { name, .. } if name.starts_with("end") && name != "endraw" => {
                skipped = skipped.saturating_sub(1);
            }
            _ => {}
        }
    }
    None
}

/// What is written on the line of a place.
fn line(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let written = text[start..].split('\n').next().unwrap_or_default();
    let blanks = written.len() - written.trim_start().len();
    start + blanks..start + written.trim_end().len().max(blanks)
}

const HELP: &str = "remove the `-`: a line with nothing but tags leaves nothing behind without it; write on one line what is to be one";

fn sign(tag: &Range<usize>, is_behind: bool, at: &dyn Fn(Range<usize>) -> Span) -> Finding {
    let (message, label) = if is_behind {
        (
            "the `-` at the end of this tag takes what parts it from what is behind",
            "what follows becomes a part of the value",
        )
    } else {
        ("the `-` at the start of this tag takes the blank before it", "the sign before it is none without a blank")
    };
    Finding::new(&codes::template::NOT_ALLOWED, at(tag.clone()), message).label(label).help(HELP)
}

fn lines_joined(
    tag: &Range<usize>,
    is_behind: bool,
    other: Range<usize>,
    at: &dyn Fn(Range<usize>) -> Span,
) -> Finding {
    let (message, label) = if is_behind {
        ("the `-` at the end of this tag joins its line to the line below", "`-` takes the line break behind it")
    } else {
        ("the `-` at the start of this tag joins its line to the line above", "`-` takes the line break before it")
    };
    Finding::new(&codes::template::NOT_ALLOWED, at(tag.clone()), message)
        .label(label)
        .also(at(other), "this becomes a part of the same line")
        .help(HELP)
}
