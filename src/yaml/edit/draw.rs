//! Writing a value as the author of a file would.

use std::sync::Arc;

use super::style::Habits;
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::FileId;
use crate::yaml::{self, Content, Style, emit};

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Draft {
    /// A number, a boolean or null, as it is written.
    Word(Arc<str>),
    Text {
        text: Arc<str>,
        /// Without quotes it is taken for this text here.
        plain: bool,
    },
    List(Vec<Draft>),
    Map(Vec<(Arc<str>, Draft)>),
    /// Lines of the file, an entry of a map with its comments: they stand at the margin, each with its end.
    Lines(String),
}

/// Columns that a map or a list in brackets may take.
const WIDE: usize = 100;

/// What stands behind a key or a dash.
pub(super) enum Drawn {
    /// On the same line.
    Inline(String),
    /// On lines of its own, without the last line end.
    Below(String),
}

pub(super) struct Pen<'a> {
    pub(super) habits: &'a Habits,
    /// What findings of a try are about; they are not told.
    pub(super) file: FileId,
}

impl Pen<'_> {
    /// A value behind a key, or behind a dash, that stands at a column.
    pub(super) fn value(&self, draft: &Draft, old: Option<(Style, &str, char)>, column: usize) -> Drawn {
        match draft {
            Draft::Word(_) | Draft::Text { .. } => self.scalar(draft, old, column),
            Draft::List(items) if items.is_empty() => Drawn::Inline("[]".to_owned()),
            Draft::Map(entries) if entries.is_empty() => Drawn::Inline("{}".to_owned()),
            Draft::List(items) => {
                let flow = self.flow(draft);
                let are_words = items.iter().all(|item| matches!(item, Draft::Word(_) | Draft::Text { .. }));
                if self.habits.flow_lists && are_words && column + flow.len() < WIDE && !flow.contains('\n') {
                    return Drawn::Inline(flow);
                }
                Drawn::Below(self.items(items, column + self.habits.list_step))
            }
            Draft::Map(entries) => {
                let flow = self.flow(draft);
                let are_words = entries.iter().all(|(_, value)| matches!(value, Draft::Word(_) | Draft::Text { .. }));
                if self.habits.flow_maps && are_words && entries.len() > 1 && column + flow.len() < WIDE {
                    return Drawn::Inline(flow);
                }
                Drawn::Below(self.entries(entries, column + self.habits.map_step))
            }
            Draft::Lines(text) => Drawn::Below(self.moved(text, column + self.habits.map_step)),
        }
    }

    /// An entry of a block, without the last line end.
    pub(super) fn entry(&self, key: &str, value: &Draft, column: usize) -> String {
        let blanks = " ".repeat(column);
        match self.value(value, None, column) {
            Drawn::Inline(text) => format!("{blanks}{}: {text}", self.key(key, None)),
            Drawn::Below(text) => format!("{blanks}{}:{}{text}", self.key(key, None), self.habits.line_break),
        }
    }

    fn entries(&self, entries: &[(Arc<str>, Draft)], column: usize) -> String {
        let drawn: Vec<_> = entries.iter().map(|(key, value)| self.entry(key, value, column)).collect();
        drawn.join(self.habits.line_break)
    }

    fn items(&self, items: &[Draft], column: usize) -> String {
        let drawn: Vec<_> = items.iter().map(|item| self.item(item, column)).collect();
        drawn.join(self.habits.line_break)
    }

    /// An item of a block, its dash at a column, without the last line end; a text is written as its neighbour is.
    pub(super) fn item_beside(&self, item: &Draft, neighbour: Option<(Style, &str, char)>, column: usize) -> String {
        match item {
            Draft::Text { text, plain } if !text.contains('\n') && neighbour.is_some() => {
                format!("{}- {}", " ".repeat(column), self.text(text, *plain, neighbour, false))
            }
            _ => self.item(item, column),
        }
    }

    /// An item of a block, its dash at a column, without the last line end.
    pub(super) fn item(&self, item: &Draft, column: usize) -> String {
        let blanks = " ".repeat(column);
        let below = match item {
            Draft::Map(entries) if !entries.is_empty() => self.entries(entries, column + 2),
            Draft::List(items) if !items.is_empty() => self.items(items, column + 2),
            _ => match self.value(item, None, column) {
                Drawn::Inline(text) | Drawn::Below(text) => return format!("{blanks}- {text}"),
            },
        };
        format!("{blanks}- {}", below.trim_start_matches(' '))
    }

    /// In brackets, on one line.
    pub(super) fn flow(&self, draft: &Draft) -> String {
        match draft {
            Draft::Word(text) => text.to_string(),
            Draft::Text { text, plain } => self.text(text, *plain, None, true),
            Draft::List(items) => {
                format!("[{}]", items.iter().map(|item| self.flow(item)).collect::<Vec<_>>().join(", "))
            }
            Draft::Map(entries) => {
                let entries: Vec<_> = entries.iter().map(|(key, value)| self.pair(key, value)).collect();
                let pad = if self.habits.padded && !entries.is_empty() { " " } else { "" };
                format!("{{{pad}{}{pad}}}", entries.join(", "))
            }
            Draft::Lines(text) => text.trim().to_owned(),
        }
    }

    /// An entry in brackets.
    pub(super) fn pair(&self, key: &str, value: &Draft) -> String {
        match value {
            Draft::Lines(text) => text.trim().to_owned(),
            _ => format!("{}: {}", self.key(key, None), self.flow(value)),
        }
    }

    /// A key, in the quotes that it had.
    pub(super) fn key(&self, key: &str, old: Option<char>) -> String {
        match old {
            Some(quote @ ('"' | '\'')) => quoted(key, quote),
            _ if emit::is_plain(key) => key.to_owned(),
            _ => quoted(key, self.habits.quote),
        }
    }

    fn scalar(&self, draft: &Draft, old: Option<(Style, &str, char)>, column: usize) -> Drawn {
        match draft {
            Draft::Text { text, .. } if text.contains('\n') && emit::is_block(text) => {
                let (mark, body) = match (text.strip_suffix('\n'), text.ends_with("\n\n")) {
                    (None, _) => ("|-", &**text),
                    (Some(body), false) => ("|", body),
                    (Some(_), true) => return Drawn::Inline(quoted(text, '"')),
                };
                let blanks = " ".repeat(column + self.habits.map_step);
                let line = |line: &str| if line.is_empty() { String::new() } else { format!("{blanks}{line}") };
                let lines: Vec<_> = [mark.to_owned()].into_iter().chain(body.split('\n').map(line)).collect();
                Drawn::Inline(lines.join(self.habits.line_break))
            }
            Draft::Text { text, plain } => Drawn::Inline(self.text(text, *plain, old, false)),
            other => Drawn::Inline(self.flow(other)),
        }
    }

    pub(super) fn text(&self, text: &str, plain: bool, old: Option<(Style, &str, char)>, in_flow: bool) -> String {
        let sure = emit::is_plain(text);
        let bare = match old {
            Some((Style::Quoted, ..)) => false,
            // Who writes `version: 1.35` writes `version: 1.36`.
            Some((Style::Plain, before, _)) if !before.is_empty() => sure || !emit::is_plain(before),
            _ => sure && !self.habits.quotes_all,
        };
        if bare && plain && !text.is_empty() && (sure || self.reads_plain(text, in_flow)) {
            return text.to_owned();
        }
        match old {
            Some((Style::Quoted, _, quote @ ('"' | '\''))) => quoted(text, quote),
            _ => quoted(text, self.habits.quote),
        }
    }

    /// Whether a text without quotes is one plain scalar.
    fn reads_plain(&self, text: &str, in_flow: bool) -> bool {
        let written = if in_flow { format!("{{k: {text}}}") } else { format!("k: {text}\n") };
        let read = yaml::read::read_text(&written, self.file, &Limits::default(), &mut Findings::default());
        let value = read.as_ref().and_then(|node| node.get("k"));
        value.is_some_and(|node| match &node.content {
            Content::Scalar { text: read, style: Style::Plain } => &**read == text,
            _ => false,
        })
    }

    /// Lines from the margin, so far in.
    pub(super) fn moved(&self, text: &str, column: usize) -> String {
        let blanks = " ".repeat(column);
        let move_line = |line: &str| if line.trim().is_empty() { String::new() } else { format!("{blanks}{line}") };
        text.lines().map(move_line).collect::<Vec<_>>().join(self.habits.line_break)
    }
}

/// A text in quotes; in double ones where single ones could not hold it.
fn quoted(text: &str, quote: char) -> String {
    let is_printable = text.chars().all(|char| char == ' ' || emit::is_raw(char));
    if quote == '\'' && is_printable {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::new();
    emit::quoted(&mut out, text);
    out
}

/// Lines of a file that begin at a column, as if they began at the margin.
pub(super) fn dedented(text: &str, column: usize) -> String {
    let dedent = |line: &str| {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        line[blanks.min(column)..].to_owned()
    };
    text.split_inclusive('\n').map(dedent).collect()
}

/// Whether a place of a text is an alias, whose value stands elsewhere.
pub(super) fn is_alias(text: &str, at: usize) -> bool {
    text[at..].starts_with('*')
}
