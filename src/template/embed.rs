//! Texts that tags print: `{% include %}`, `{% call %}` and `{% filter %}`. The engine would put them where it stands,
//! whatever is around. Instead, one that stands at the left margin gives whole lines; any other becomes a slot, which
//! nests as a structure where one is wanted and keeps its line breaks in a text.

use std::ops::Range;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Environment, Error, Output, State};

use super::guard::Bounds;
use super::place::Inserts;
use super::refusal::Refusal;
use super::{files, slot};
use crate::limits::Limits;

/// A tag that prints, or two with what stands between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Embedded {
    pub(super) range: Range<usize>,
    /// The blanks to print before it, where the tag took them.
    pub(super) indent: String,
    /// Whether the tag took a line break that has to be printed again behind it.
    pub(super) ends_line: bool,
    /// At the left margin, lines go into the text around them.
    pub(super) is_lines: bool,
    /// Others can stand on its line.
    pub(super) is_shared: bool,
    pub(super) is_include: bool,
    /// A part of a text that began above: its lines stay where they are.
    pub(super) is_beside: bool,
    /// Whether a `-` takes what is before it and what is behind it.
    pub(super) joins: [bool; 2],
    /// The template that is taken in, as it is written between quotes.
    pub(super) template: Option<String>,
}

impl Embedded {
    /// An `{% include %}` whose text goes where it stands, whatever it is.
    pub(super) fn as_it_is(range: Range<usize>) -> Self {
        let (indent, ends_line, is_shared, template) = (String::new(), false, false, None);
        let (is_lines, is_include, is_beside, joins) = (true, true, false, [false; 2]);
        Self { range, indent, ends_line, is_lines, is_shared, is_include, is_beside, joins, template }
    }
}

/// A line with nothing but tags, on which several texts can be taken in: from the first tag to the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shared {
    pub(super) range: Range<usize>,
    /// Whether the line break behind it has to be printed if anything is.
    pub(super) ends_line: bool,
    pub(super) is_lines: bool,
}

/// Puts a capture around what is embedded, and a print behind it. `mark` gives the mark of a traced render.
pub(super) fn insert(inserts: &mut Inserts, embedded: &Embedded, mark: Option<usize>) {
    let Embedded { range, indent, ends_line, is_lines, is_shared, is_beside, joins, template, .. } = embedded;
    let template = template.as_deref().unwrap_or("none");
    let mark = mark.map_or_else(|| "none".to_owned(), |mark| mark.to_string());
    let how = format!("[{ends_line}, {is_lines}, {is_shared}, {is_beside}]");
    let (begin, end) = (if joins[0] { "{%-" } else { "{%" }, if joins[1] { "-}}" } else { "}}" });
    let print = format!("{{{{__text|__embedded(\"{indent}\", {how}, {template}, {mark}){end}");
    inserts.wrap(range, &format!("{begin} set __text %}}"), format!("{{% endset %}}{print}"));
}

/// Puts what keeps count around a line that texts share.
pub(super) fn insert_line(inserts: &mut Inserts, shared: &Shared) {
    let Shared { range, ends_line, is_lines } = shared;
    let end = format!("{{{{true|__line({ends_line}, {is_lines})}}}}");
    inserts.wrap(range, "{{false|__line(false, false)}}", end);
}

/// The start or the end of a line that texts share.
#[derive(Debug)]
pub(super) struct Edge {
    is_end: bool,
    ends_line: bool,
    is_lines: bool,
}

impl Object for Edge {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

impl Edge {
    pub(super) fn print(&self, out: &mut Output, state: &mut State) -> Result<(), Error> {
        let lines = &mut slot::slots(state).lines;
        if !self.is_end {
            lines.push(None);
            return Ok(());
        }
        let printed = lines.pop().flatten();
        let is_open = printed.is_some_and(|ended| !ended || !self.is_lines);
        if is_open && self.ends_line { Ok(out.write_str("\n")?) } else { Ok(()) }
    }
}

/// What is printed behind a capture.
#[derive(Debug)]
pub(super) struct Text {
    captured: Arc<str>,
    indent: Arc<str>,
    ends_line: bool,
    is_lines: bool,
    is_shared: bool,
    is_beside: bool,
    template: Option<Arc<str>>,
    mark: Option<usize>,
    bounds: Bounds,
}

impl Object for Text {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

pub(super) fn install(environment: &mut Environment<'_>, limits: &Limits) {
    let bounds = Bounds::new(limits);
    let embedded = move |text: &Value, indent: &str, how: Vec<bool>, template: Option<String>, mark: Option<usize>| {
        let (captured, indent) = (text.to_str().unwrap_or_default(), indent.into());
        let [ends_line, is_lines, is_shared, is_beside] = how[..] else { return Value::from(captured) };
        let template = template.map(Into::into);
        Value::from_object(Text { captured, indent, ends_line, is_lines, is_shared, is_beside, template, mark, bounds })
    };
    environment.add_filter("__embedded", embedded);
    environment.add_filter("__line", |is_end: bool, ends_line: bool, is_lines: bool| {
        Value::from_object(Edge { is_end, ends_line, is_lines })
    });
}

impl Text {
    /// Nothing at all for a text that is empty, as a lone tag leaves nothing behind.
    pub(super) fn print(&self, out: &mut Output, state: &mut State) -> Result<(), Error> {
        let Self { captured: text, indent, ends_line, is_lines, is_shared, template, mark, .. } = self;
        let plain = slot::without_marks(text);
        if self.is_beside {
            // What cannot be a text is told where it is filled in.
            let made = slot::resolved(state, &self.bounds, text).ok().filter(|_| *ends_line);
            match made.as_ref().and_then(|made| made.strip_suffix('\n')) {
                // The line break at its end is that of the line.
                Some(made) => slot::print_text(out, state, made, *mark)?,
                None => out.write_str(text)?,
            }
            return if *ends_line { Ok(out.write_str("\n")?) } else { Ok(()) };
        }
        if plain.is_empty() || *ends_line && !is_shared && slot::is_nothing(state, &plain) {
            return slot::print_nothing(out, *mark);
        }
        if let Some(template) = template.as_ref().filter(|name| files::is_document(state, name)) {
            slot::note_document(state, template, &plain);
        }
        // What the line ends with that was taken in before on this line.
        let line = if *is_shared { slot::slots(state).lines.last_mut() } else { None };
        let before = line.and_then(|line| line.replace(plain.ends_with('\n')));
        if *is_lines && before == Some(false) {
            let refusal = Refusal::operation("the text before it on this line has no line break at its end");
            return Err(refusal.help("end the file that it is with a line break, or print both in quotes").into());
        }
        if *is_lines {
            out.write_str(text)?;
            let ends = !ends_line || plain.ends_with('\n');
            return if ends { Ok(()) } else { Ok(out.write_str("\n")?) };
        }
        match before {
            None => out.write_str(indent)?,
            Some(true) => write!(out, "\n{indent}")?,
            Some(false) => {}
        }
        slot::print_embedded(out, state, text, *mark)?;
        if *ends_line { Ok(out.write_str("\n")?) } else { Ok(()) }
    }
}

pub(super) const BEHIND_COMMENT: &str = "only the first of several lines would stand in this comment";
pub(super) const BEHIND_COMMENT_HELP: &str = "let the tag stand alone on its line, and write the sign of the comment in each of the lines; of a value, `| replace('\\n', '\\n# ')` makes such lines";

/// The sign of the comment that a line begins with: of scripts, of most languages, of SQL and of settings.
fn sign_of_comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let is_followed = |sign: &str| line[sign.len()..].starts_with([' ', '\t']);
    if let Some(sign) = ["#", "//"].into_iter().find(|sign| line.starts_with(sign)) {
        return Some(sign);
    }
    let other = [";", "--", "rem", "REM"].into_iter().find(|sign| line.starts_with(sign) && is_followed(sign));
    other.map(|sign| &line[..sign.len()])
}

/// Whether lines of what was put in leave the comment that the line before them is.
pub(super) fn leaves_comment(out: &str, start: usize) -> bool {
    if !out[start..].contains('\n') {
        return false;
    }
    let line = out[..start].rfind('\n').map_or(0, |end| end + 1);
    let before = &out[line..start];
    let behind = ["#", "//"].into_iter().find(|sign| before.contains(&format!(" {sign} ")));
    let Some(sign) = sign_of_comment(before).or(behind) else { return false };
    let further = out[start..].lines().skip(1).map(str::trim_start);
    further.into_iter().any(|line| !line.is_empty() && !line.starts_with(sign))
}

/// How what is put into a text stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// Other text stands before it or behind it on its line, which `ends` behind it with a line break, or goes on, or the
    /// text is at its end.
    Beside { ends: bool },
    /// Alone on its line, which has an end of its own or none.
    Alone { ends: bool },
}

impl Stand {
    /// By the printed text before it and behind it, and by whether the blanks before it are the line that is being made:
    /// on the first line of a capture something can stand that is not the capture's.
    pub(super) fn of(before: &str, behind: &str, is_line: impl FnOnce(&str) -> bool) -> Self {
        let (start, blanks) = before.split_at(before.trim_end_matches([' ', '\t']).len());
        let behind = behind.trim_start_matches([' ', '\t']);
        let is_alone = begins_line(start) && (behind.is_empty() || behind.starts_with('\n'));
        let ends = behind.starts_with('\n');
        if is_alone && is_line(blanks) { Self::Alone { ends } } else { Self::Beside { ends } }
    }

    /// Of a tag that takes a text in, the lines are moved wherever it stands.
    pub(super) fn or_embedded(self, is_embedded: bool) -> Option<bool> {
        match self {
            Self::Beside { ends } if is_embedded => Some(ends),
            Self::Alone { ends } => Some(ends),
            Self::Beside { .. } => None,
        }
    }
}

/// Whether more than blanks stands on the last line of a text.
pub(super) fn has_begun(out: &str) -> bool {
    !begins_line(out.trim_end_matches([' ', '\t']))
}

fn begins_line(before: &str) -> bool {
    before.is_empty() || before.ends_with('\n')
}

/// Whether these blanks are all that the last line of a text holds.
pub(super) fn is_last_line(out: &str, blanks: &str) -> bool {
    out.strip_suffix(blanks).is_some_and(begins_line)
}

pub(super) fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or_default()
}

/// A captured text of one line, written on a line of its own, is that line beside others, without what it is indented by.
/// A line break that a value has at its end is the value's, and so are its blanks.
pub(super) fn join_one_line(captured: &str, out: &mut String, start: usize, is_beside: bool) {
    if captured.ends_with('\n') && out[start..].find('\n') == Some(out.len().saturating_sub(start + 1)) {
        out.pop();
        if is_beside {
            out.drain(start..start + indent_of(captured).min(out.len() - start));
        }
    }
}

/// How many blanks a captured text is indented by.
pub(super) fn indent_of(captured: &str) -> usize {
    captured.len() - captured.trim_start_matches([' ', '\t']).len()
}

/// No more than so many bytes are added where lines of what was put in are moved.
pub(super) fn added(out: &str, start: usize) -> usize {
    let breaks = out[start..].bytes().filter(|byte| *byte == b'\n').count();
    last_line(&out[..start]).len().saturating_mul(breaks)
}

/// Whether what is put behind these blanks begins with an empty line, on which none stands then.
pub(super) fn begins_empty(before: &str, text: &str) -> bool {
    let first = text.split_once('\n').map(|(first, _)| first);
    before.trim_matches([' ', '\t']).is_empty() && first.is_some_and(|first| first.trim().is_empty())
}

/// What was put into a text, each line moved to where the first one stands. If its line `ends`, the line break at its end
/// is that of the line. `false` if its further lines would leave a comment.
pub(super) fn settle(out: &mut String, start: usize, is_block: bool, ends: bool) -> bool {
    let line = start - last_line(&out[..start]).len();
    let is_empty = begins_empty(&out[line..start], &out[start..]);
    let is_settled = move_lines(out, start, is_block, ends);
    if is_empty {
        out.drain(line..start);
    }
    is_settled
}

fn move_lines(out: &mut String, start: usize, is_block: bool, ends: bool) -> bool {
    if ends && out[start..].ends_with('\n') {
        out.pop();
    }
    let line = out[..start].rfind('\n').map_or(0, |end| end + 1);
    let before = &out[line..start];
    if before.is_empty() || !out[start..].contains('\n') {
        return true;
    }
    if !before.trim_matches([' ', '\t']).is_empty() {
        // In quotes, and where YAML folds lines, none has a column.
        if !is_block {
            return true;
        }
        if sign_of_comment(before).is_some() || before.contains(" # ") {
            return false;
        }
    }
    let indent: String = before.chars().map(|char| if char == '\t' { char } else { ' ' }).collect();
    let text = out.split_off(start);
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
            if !line.trim().is_empty() {
                out.push_str(&indent);
            }
        }
        out.push_str(line);
    }
    true
}
