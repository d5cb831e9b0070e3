//! Texts that tags print: `{% include %}`, `{% call %}` and `{% filter %}`. The engine would put them where it stands,
//! whatever is around. Instead, one that stands at the left margin gives whole lines; any other becomes a slot, which
//! nests as a structure where one is wanted and keeps its line breaks in a text.

use std::ops::Range;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Environment, Error, Output, State};

use super::place::Inserts;
use super::slot;

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
}

/// Puts a capture around what is embedded, and a print behind it. `mark` gives the mark of a traced render.
pub(super) fn insert(inserts: &mut Inserts, embedded: &Embedded, mark: Option<usize>) {
    let Embedded { range, indent, ends_line, is_lines } = embedded;
    let mark = mark.map_or_else(|| "none".to_owned(), |mark| mark.to_string());
    let print = format!("{{{{__text|__embedded(\"{indent}\", {ends_line}, {is_lines}, {mark})}}}}");
    inserts.wrap(range, "{% set __text %}", format!("{{% endset %}}{print}"));
}

/// What is printed behind a capture.
#[derive(Debug)]
pub(super) struct Text {
    captured: Arc<str>,
    indent: Arc<str>,
    ends_line: bool,
    is_lines: bool,
    mark: Option<usize>,
}

impl Object for Text {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

pub(super) fn install(environment: &mut Environment<'_>) {
    environment.add_filter(
        "__embedded",
        |text: &Value, indent: &str, ends_line: bool, is_lines: bool, mark: Option<usize>| {
            let text = text.to_str().unwrap_or_default();
            Value::from_object(Text { captured: text, indent: indent.into(), ends_line, is_lines, mark })
        },
    );
}

impl Text {
    /// Nothing at all for a text that is empty, as a lone tag leaves nothing behind.
    pub(super) fn print(&self, out: &mut Output, state: &mut State) -> Result<(), Error> {
        let Self { captured: text, indent, ends_line, is_lines, mark } = self;
        if slot::without_marks(text).is_empty() {
            return Ok(());
        }
        if *is_lines {
            out.write_str(text)?;
            let ends = !ends_line || slot::without_marks(text).ends_with('\n');
            return if ends { Ok(()) } else { Ok(out.write_str("\n")?) };
        }
        out.write_str(indent)?;
        slot::print_embedded(out, state, text, *mark)?;
        if *ends_line { Ok(out.write_str("\n")?) } else { Ok(()) }
    }
}

/// An embedded text as it stands in a text that is made: each line moved to where the first one stands, and without the
/// line break at its end, which is that of the line it stands on.
pub(super) fn settle(out: &mut String, start: usize) {
    if out[start..].ends_with('\n') {
        out.pop();
    }
    let line = out[..start].rfind('\n').map_or(0, |end| end + 1);
    let indent = out[line..start].to_owned();
    if indent.is_empty() || !indent.trim_matches([' ', '\t']).is_empty() || !out[start..].contains('\n') {
        return;
    }
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
}
