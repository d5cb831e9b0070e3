//! A text that is left empty because what was meant for it stands at the left margin: `key: |`, and below it an
//! `{% include %}` that is not indented, whose lines then are keys.

use std::ops::Range;

use crate::finding::{Finding, codes};
use crate::source::Span;
use crate::template::layout::{Kind, Stretch};

pub(super) fn outside_of_texts(
    text: &str,
    stretches: &[Stretch<'_>],
    at: &dyn Fn(Range<usize>) -> Span,
) -> Vec<Finding> {
    let opens = |it: &Stretch<'_>| matches!(it.kind, Kind::Tag { name: "include" | "if" | "for", .. });
    if !stretches.iter().any(opens) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut start = 0;
    // The place of a header such as `|`, with the blocks that were opened behind it.
    let mut open: Option<(Range<usize>, usize)> = None;
    let mut stretches = stretches.iter().peekable();
    for line in text.split_inclusive('\n') {
        let (begins, written) = (start, line.trim_end());
        start += line.len();
        while stretches.next_if(|it| it.range.start < begins).is_some() {}
        let tag = stretches.peek().filter(|it| it.range == (begins..begins + written.len()));
        match (tag.map(|tag| tag.kind), &mut open) {
            _ if written.is_empty() => {}
            (Some(Kind::Tag { name: "include", .. }), Some((header, _))) => {
                found.push(finding(header.clone(), begins..begins + written.len(), at));
                open = None;
            }
            (Some(Kind::Tag { name: "if" | "for", .. }), Some((_, blocks))) => *blocks += 1,
            (Some(Kind::Tag { name: "else" | "elif", .. } | Kind::Comment), Some(_)) => {}
            (None, Some((header, blocks))) if *blocks > 0 && !line.starts_with([' ', '\t', '{', '#']) => {
                found.push(finding(header.clone(), begins..begins + written.len(), at));
                open = header_of(written, begins).map(|header| (header, 0));
            }
            _ => open = header_of(written, begins).map(|header| (header, 0)),
        }
    }
    found
}

/// Prints that stand alone and deeper than the margin, and move their further lines themselves: those lines are moved
/// already.
pub(super) fn moved_twice(text: &str, stretches: &[Stretch<'_>], at: &dyn Fn(Range<usize>) -> Span) -> Vec<Finding> {
    let is_blank = |part: &str| part.chars().all(|char| matches!(char, ' ' | '\t' | '\r'));
    let is_moved = |it: &&Stretch<'_>| {
        let (_, filter) = text[it.range.clone()].trim_end_matches(['}', '-', '+', ' ']).rsplit_once('|')?;
        let arguments = filter.trim_start().strip_prefix("indent(")?;
        let before = text[..it.range.start].rsplit('\n').next()?;
        let behind = text[it.range.end..].split('\n').next()?;
        let is_alone = !before.is_empty() && is_blank(before) && is_blank(behind);
        (is_alone && !arguments.contains([',', '='])).then_some(())
    };
    let prints = stretches.iter().filter(|it| matches!(it.kind, Kind::Print));
    let found = prints.filter(|it| is_moved(it).is_some()).map(|it| {
        Finding::new(&codes::template::NOT_ALLOWED, at(it.range.clone()), "`indent` would move these lines twice")
            .label("further lines of a tag that stands alone on its line are moved to where it stands")
            .help("remove `indent`")
    });
    found.collect()
}

/// Where a line says that a text is to follow: the `|` or `>` behind a colon.
fn header_of(line: &str, begins: usize) -> Option<Range<usize>> {
    // Nearly every line ends otherwise.
    line.ends_with(['|', '>', '+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']).then_some(())?;
    let (before, header) = line.rsplit_once(' ')?;
    let marks = header.strip_prefix(['|', '>'])?;
    let is_header = marks.chars().all(|char| matches!(char, '+' | '-' | '1'..='9'));
    let is_value = before.trim_end().ends_with(':') && !before.trim_start().starts_with('#');
    (is_header && is_value).then(|| begins + line.len() - header.len()..begins + line.len())
}

fn finding(header: Range<usize>, outside: Range<usize>, at: &dyn Fn(Range<usize>) -> Span) -> Finding {
    Finding::new(&codes::yaml::SYNTAX, at(outside), "this is no part of the text above it")
        .label("what stands at the left margin belongs to no key")
        .also(at(header), "this text is left empty")
        .help("indent it more than the key; what an indented `{% include %}` takes in is part of the text")
}
