//! The texts a run has read, and places in them.
//!
//! Every finding points into a [`Source`]. A text that did not come from a file (`--set`, standard input) is added
//! under a name that says where it came from, so that nothing lacks a place.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};

/// Names one [`Source`] within its [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A byte range `start..end` of one source, always on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Self { file, start: start as u32, end: end as u32 }
    }

    /// The first position of a file: for findings about the file as a whole.
    pub fn file_start(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }

    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both; both must lie in one file.
    #[must_use]
    pub fn to(self, end: Self) -> Self {
        Self { file: self.file, start: self.start.min(end.start), end: self.end.max(end.end) }
    }
}

/// A line and a column as editors count them: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// One text and the path the user knows it by (relative to the project, with `/`).
#[derive(Debug)]
pub struct Source {
    path: Utf8PathBuf,
    text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
    /// What must not be shown of it.
    hidden: RwLock<BTreeSet<(u32, u32)>>,
}

/// What is shown in the place of a secret.
pub const HIDDEN: &str = "***";

/// Bytes before and behind a place that what is said of it may quote.
const NEAR: usize = 200;

impl Source {
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    pub fn position(&self, offset: u32) -> Position {
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= offset).max(1) - 1;
        let start = starts[line] as usize;
        let before = self.text.get(start..offset as usize).unwrap_or_default();
        Position { line: line as u32 + 1, column: before.chars().count() as u32 + 1 }
    }

    /// The text of a line, counted from 1, without its line end.
    pub fn line(&self, line: u32) -> &str {
        let starts = self.line_starts();
        let at = |n: usize| starts.get(n).map_or(self.text.len(), |&start| start as usize);
        let line = line.max(1) as usize;
        self.text.get(at(line - 1)..at(line)).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// The byte offset of a line and a column (both from 1, columns in characters); past the end of a line, its end.
    pub fn offset(&self, position: Position) -> u32 {
        let line = self.line(position.line);
        let start = self.line_starts().get(position.line.max(1) as usize - 1).copied();
        let column = position.column.max(1) as usize - 1;
        let within = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
        start.map_or(self.text.len() as u32, |start| start + within as u32)
    }

    /// Says that a part of the text is a secret: whoever draws its lines leaves it out.
    pub fn hide(&self, range: Range<usize>) {
        if !range.is_empty() {
            let (mut start, mut end) = (range.start as u32, range.end as u32);
            let mut hidden = self.hidden.write().unwrap_or_else(PoisonError::into_inner);
            while let Some(other) = hidden.range(..(end, 0)).next_back().copied().filter(|other| start < other.1) {
                hidden.remove(&other);
                (start, end) = (start.min(other.0), end.max(other.1));
            }
            hidden.insert((start, end));
        }
    }

    /// The secrets in it, as far as they are known, in their order.
    pub fn hidden(&self) -> Vec<Range<usize>> {
        let hidden = self.hidden.read().unwrap_or_else(PoisonError::into_inner);
        hidden.iter().map(|(start, end)| *start as usize..*end as usize).collect()
    }

    /// Whether one of the secrets stands at a place.
    pub fn hides(&self, offset: usize) -> bool {
        !self.hidden_within(offset..offset + 1).is_empty()
    }

    /// The secrets on the line of a place, as far as they are near.
    pub fn hidden_near(&self, offset: usize) -> Vec<Range<usize>> {
        let starts = self.line_starts();
        let next = starts.partition_point(|start| *start as usize <= offset);
        let start = starts.get(next.saturating_sub(1)).map_or(0, |start| *start as usize);
        let end = starts.get(next).map_or(self.text.len(), |end| *end as usize);
        self.hidden_within(start.max(offset.saturating_sub(NEAR))..end.min(offset + NEAR))
    }

    /// The secrets that touch a range. What is hidden doesn't overlap: those that do are one.
    fn hidden_within(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let hidden = self.hidden.read().unwrap_or_else(PoisonError::into_inner);
        let before = hidden.range(..(range.end as u32, 0)).rev().map(|(start, end)| *start as usize..*end as usize);
        let mut found: Vec<_> = before.take_while(|hidden| range.start < hidden.end).collect();
        found.reverse();
        found
    }

    /// The secrets on a line, counted from 1, as ranges of its characters.
    pub fn hidden_on(&self, line: u32) -> Vec<Range<usize>> {
        let text = self.line(line);
        let start = self.line_starts().get(line.max(1) as usize - 1).map_or(self.text.len(), |start| *start as usize);
        let touching = self.hidden_within(start..start + text.len());
        let blanks = text.chars().take_while(|letter| letter.is_whitespace()).count();
        let mut letters = text.char_indices().map(|(at, _)| at).enumerate().peekable();
        let all = if touching.is_empty() { 0 } else { text.chars().count() };
        // They are in order: a line is read once.
        let mut column = |offset: usize| {
            let within = offset.saturating_sub(start);
            while letters.next_if(|(_, at)| *at < within).is_some() {}
            letters.peek().map_or(all, |(column, _)| *column)
        };
        let columns = touching.into_iter().map(|range| column(range.start).max(blanks)..column(range.end));
        columns.filter(|it| !it.is_empty()).collect()
    }

    /// A line, counted from 1, without the secrets on it. What stands behind one stays in its column.
    pub fn shown(&self, line: u32) -> String {
        let hidden = self.hidden_on(line);
        let text = self.line(line);
        if hidden.is_empty() {
            return text.to_owned();
        }
        let all = text.chars().count();
        let mut shown = String::with_capacity(text.len());
        let mut left = hidden.as_slice();
        for (column, letter) in text.chars().enumerate() {
            while let [first, rest @ ..] = left
                && first.end <= column
            {
                left = rest;
            }
            match left.first().filter(|range| range.contains(&column)) {
                None => shown.push(letter),
                // How long the last one is, is nobody's business.
                Some(range) if range.end == all => {
                    shown.push_str(HIDDEN);
                    break;
                }
                Some(range) => shown.push(if column - range.start < HIDDEN.len() { '*' } else { ' ' }),
            }
        }
        shown
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect()
        })
    }
}

/// All texts of a run. Files are added while others are read, from any thread; a text never changes once added.
#[derive(Debug, Default)]
pub struct Sources {
    files: RwLock<Vec<Arc<Source>>>,
    /// Texts that must not be said, whatever they stand in.
    secrets: RwLock<BTreeSet<Arc<str>>>,
    /// Texts that stand where a secret would, and say where it is kept.
    references: RwLock<BTreeSet<Arc<str>>>,
}

impl Sources {
    pub fn add(&self, path: impl Into<Utf8PathBuf>, text: impl Into<Arc<str>>) -> FileId {
        let (line_starts, hidden) = (OnceLock::new(), RwLock::default());
        let source = Source { path: path.into(), text: text.into(), line_starts, hidden };
        let mut files = self.files.write().expect("no thread panics while it holds this lock");
        files.push(Arc::new(source));
        FileId(files.len() as u32 - 1)
    }

    /// The bytes of all texts together.
    pub fn bytes(&self) -> u64 {
        let files = self.files.read().expect("no thread panics while it holds this lock");
        files.iter().map(|file| file.text.len() as u64).sum()
    }

    pub fn get(&self, file: FileId) -> Arc<Source> {
        let files = self.files.read().expect("no thread panics while it holds this lock");
        Arc::clone(&files[file.0 as usize])
    }

    /// The text under a span.
    pub fn slice(&self, span: Span) -> String {
        self.get(span.file).text.get(span.range()).unwrap_or_default().to_owned()
    }

    /// Says that a secret stands at a place, and which.
    pub fn hide(&self, span: Span, secret: &str) {
        self.get(span.file).hide(span.range());
        self.hush(secret);
    }

    /// Says that a text is a secret, or several lines of one.
    pub fn hush(&self, secret: &str) {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        secrets.extend(secret.lines().map(str::trim).filter(|line| !line.is_empty()).map(Arc::from));
    }

    /// Says that a text names a secret, where the secret itself may have stood before.
    pub fn refer(&self, reference: &Arc<str>) {
        self.references.write().unwrap_or_else(PoisonError::into_inner).insert(Arc::clone(reference));
    }

    /// All texts that are known to name secrets.
    pub fn references(&self) -> Vec<Arc<str>> {
        self.references.read().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Whether a place touches a secret.
    pub fn is_hidden(&self, span: Span) -> bool {
        !self.get(span.file).hidden_within(span.range()).is_empty()
    }

    /// All texts that are known to be secrets, the longest first.
    pub fn secrets(&self) -> Vec<Arc<str>> {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = secrets.iter().cloned().collect();
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all
    }

    /// `path:line:column`, for messages that mention a place without showing it.
    pub fn locate(&self, span: Span) -> String {
        let source = self.get(span.file);
        let Position { line, column } = source.position(span.start);
        format!("{}:{line}:{column}", source.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let sources = Sources::default();
        let file = sources.add("a.yaml", "ä: 1\r\nb: é!\n");
        let source = sources.get(file);
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(2), Position { line: 1, column: 2 });
        assert_eq!(source.position(7), Position { line: 2, column: 1 });
        assert_eq!(source.position(12), Position { line: 2, column: 5 });
        assert_eq!(source.line(1), "ä: 1");
        assert_eq!(source.line(2), "b: é!");
        assert_eq!(source.line(9), "");
        for offset in [0, 2, 7, 10] {
            assert_eq!(source.offset(source.position(offset)), offset);
        }
    }

    #[test]
    fn secrets_are_left_out_of_lines() {
        let sources = Sources::default();
        let text = "a: {pin: hünter2, b: 1}\nkey: |\n  one\n  two\nend: 1\n";
        let file = sources.add("a.yaml", text);
        let at = |part: &str| text.find(part).unwrap();
        sources.hide(Span::new(file, at("hünter2"), at(", b")), "hünter2");
        sources.hide(Span::new(file, at("|"), at("end")), "one\ntwo\n");
        let source = sources.get(file);
        let lines: Vec<_> = (1..=5).map(|line| source.shown(line)).collect();
        assert_eq!(lines, ["a: {pin: ***    , b: 1}", "key: ***", "  ***", "  ***", "end: 1"]);
        assert_eq!(sources.secrets().iter().map(|it| &**it).collect::<Vec<_>>(), ["hünter2", "one", "two"]);
        assert!(sources.is_hidden(Span::new(file, at("two"), at("two"))) && !sources.is_hidden(Span::new(file, 0, 2)));
    }
}
