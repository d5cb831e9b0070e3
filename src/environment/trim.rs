//! Taking entries out of a file without touching the rest of it: order, blanks and comments stay, those of what is
//! taken out, too.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::source::Span;
use crate::yaml::{Content, Entry, Node, Style};

/// A text without the entries and items at some spans, those of their keys or of their values; and the spans that
/// were taken out. What holds nothing else goes with them, since a key without a value would delete.
///
/// An entry that cannot be cut out by lines stays.
pub(super) fn without(text: &str, root: &Node, spans: &BTreeSet<Span>) -> (String, BTreeSet<Span>) {
    let mut trim = Trim { text, spans, cuts: Vec::new(), taken: BTreeSet::new() };
    trim.below(root);
    trim.cuts.sort_by_key(|(range, _)| range.start);
    let mut trimmed = String::with_capacity(text.len());
    let mut at = 0;
    for (range, kept) in &trim.cuts {
        // What goes up to the next entry can reach into the line that goes with it.
        trimmed.push_str(&text[at..range.start.max(at)]);
        trimmed.push_str(kept);
        at = range.end.max(at);
    }
    trimmed.push_str(&text[at..]);
    (trimmed, trim.taken)
}

struct Trim<'a> {
    text: &'a str,
    spans: &'a BTreeSet<Span>,
    /// What goes, and what takes its place: the comments that stood there.
    cuts: Vec<(Range<usize>, String)>,
    taken: BTreeSet<Span>,
}

impl Trim<'_> {
    /// Cuts what goes out of a value that stays.
    fn below(&mut self, node: &Node) {
        match &node.content {
            Content::Scalar { .. } => {}
            Content::Map(entries) => {
                for (at, entry) in entries.iter().enumerate() {
                    if self.goes(entry) {
                        let next = entries.get(at + 1).map(|next| next.key.span.start as usize);
                        let cut = self.entry(entry, next);
                        self.cut(cut, &[entry.key.span, entry.value.span], &entry.value);
                    } else {
                        self.below(&entry.value);
                    }
                }
            }
            Content::List(items) => {
                for item in items {
                    if self.is_gone(item) {
                        let cut = self.item(item);
                        self.cut(cut, &[item.span], item);
                    } else {
                        self.below(item);
                    }
                }
            }
        }
    }

    fn goes(&self, entry: &Entry) -> bool {
        self.spans.contains(&entry.key.span) || self.is_gone(&entry.value)
    }

    /// Whether a value goes, or nothing of it is left.
    fn is_gone(&self, node: &Node) -> bool {
        self.spans.contains(&node.span)
            || match &node.content {
                Content::Scalar { .. } => false,
                Content::Map(entries) => !entries.is_empty() && entries.iter().all(|entry| self.goes(entry)),
                Content::List(items) => !items.is_empty() && items.iter().all(|item| self.is_gone(item)),
            }
    }

    fn entry(&self, entry: &Entry, next: Option<usize>) -> Option<(Range<usize>, String)> {
        let start = entry.key.span.start as usize;
        if self.is_first_on_line(start, "") && self.is_last_on_line(&entry.value, start) {
            Some(self.lines(start, start, &entry.value))
        } else {
            self.words(start, &entry.value, next)
        }
    }

    fn item(&self, item: &Node) -> Option<(Range<usize>, String)> {
        let start = item.span.start as usize;
        let dash = self.line_start(start) + self.indent(start).len();
        let is_alone = self.is_first_on_line(start, "-") && self.is_last_on_line(item, start);
        is_alone.then(|| self.lines(dash, start, item))
    }

    /// Notes a cut, and all that goes with it.
    fn cut(&mut self, cut: Option<(Range<usize>, String)>, own: &[Span], value: &Node) {
        let Some(cut) = cut else { return };
        self.cuts.push(cut);
        let mut within = own.to_vec();
        spans_of(value, &mut within);
        self.taken.extend(within.into_iter().filter(|span| self.spans.contains(span)));
    }

    /// The whole lines of an entry or an item that begins at `head`, and the comments among them.
    fn lines(&self, head: usize, from: usize, value: &Node) -> (Range<usize>, String) {
        let end = self.line_end(value.span.end.max(from as u32) as usize);
        let start = self.line_start(head);
        let mut comments = Comments { text: self.text, ends: vec![from], scalars: Vec::new() };
        comments.gather(value);
        let indent = self.indent(head);
        let mut kept = String::new();
        let mut at = start;
        while at < end {
            let line_end = self.line_end(at).min(end);
            if let Some(comment) = comments.of(at..line_end) {
                kept.push_str(indent);
                kept.push_str(comment);
                kept.push_str(if self.text[..line_end].ends_with("\r\n") { "\r\n" } else { "\n" });
            }
            at = line_end;
        }
        (start..end, kept)
    }

    /// An entry among others on one line: `{a: 1, b: 2}`, or the first behind a dash. Comments are in the way.
    fn words(&self, start: usize, value: &Node, next: Option<usize>) -> Option<(Range<usize>, String)> {
        let next = next?;
        let between = self.text.get(value.span.end as usize..next)?;
        let is_one_line = !self.text.get(start..value.span.end as usize)?.contains('\n');
        (is_one_line && !between.contains('#')).then(|| (start..next, String::new()))
    }

    fn is_first_on_line(&self, at: usize, mark: &str) -> bool {
        self.text[self.line_start(at)..at].trim() == mark
    }

    /// Whether nothing but a comment follows a value that begins at `from` or later.
    fn is_last_on_line(&self, value: &Node, from: usize) -> bool {
        let end = (value.span.end as usize).max(from);
        let rest = self.text[end..self.line_end(end)].trim();
        // An empty value ends where its key does, before the colon or behind it.
        let rest = rest.strip_prefix(':').map_or(rest, str::trim_start);
        rest.is_empty() || rest.starts_with('#')
    }

    fn indent(&self, at: usize) -> &str {
        let line = &self.text[self.line_start(at)..];
        &line[..line.len() - line.trim_start_matches(' ').len()]
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// Behind the line's end.
    fn line_end(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |end| at + end + 1)
    }
}

fn spans_of(node: &Node, spans: &mut Vec<Span>) {
    spans.push(node.span);
    match &node.content {
        Content::Scalar { .. } => {}
        Content::List(items) => items.iter().for_each(|item| spans_of(item, spans)),
        Content::Map(entries) => {
            for entry in entries {
                spans.push(entry.key.span);
                spans_of(&entry.value, spans);
            }
        }
    }
}

/// Finds comments among the lines of a value.
struct Comments<'a> {
    text: &'a str,
    /// Where keys and scalars end.
    ends: Vec<usize>,
    /// Scalars of several lines, in which `#` means nothing.
    scalars: Vec<Range<usize>>,
}

impl<'a> Comments<'a> {
    fn gather(&mut self, node: &Node) {
        match &node.content {
            Content::Scalar { style, .. } => {
                let range = node.span.range();
                // A block begins at its text, behind the indent of its first line.
                if *style == Style::Block {
                    self.scalars.push(self.text[..range.start].rfind('\n').map_or(0, |end| end + 1)..range.end);
                } else if self.text[range.clone()].contains('\n') {
                    self.scalars.push(range.clone());
                }
                self.ends.push(range.end);
            }
            Content::List(items) => items.iter().for_each(|item| self.gather(item)),
            Content::Map(entries) => {
                for entry in entries {
                    self.ends.push(entry.key.span.end as usize);
                    self.gather(&entry.value);
                }
            }
        }
    }

    /// The comment of a line.
    fn of(&self, line: Range<usize>) -> Option<&'a str> {
        let is_within =
            |scalar: &Range<usize>| scalar.start < line.end && line.end <= scalar.end + 1 && line.start <= scalar.end;
        if self.scalars.iter().any(is_within) {
            return None;
        }
        let last = self.ends.iter().copied().filter(|end| line.contains(end)).max().unwrap_or(line.start);
        let rest = self.text.get(last..line.end)?;
        // A comment begins a line, or behind a blank.
        let begins = |at: usize| rest[..at].chars().next_back().is_none_or(char::is_whitespace);
        let at = rest.match_indices('#').map(|(at, _)| at).find(|at| begins(*at))?;
        Some(rest[at..].trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Findings;
    use crate::limits::Limits;
    use crate::source::Sources;
    use crate::yaml;

    /// Takes out what is marked by `~` in front of its key or item.
    fn trimmed(marked: &str) -> String {
        let text = marked.replace('~', "");
        let sources = Sources::default();
        let file = sources.add("a.yaml", text.as_str());
        let root = yaml::read::read(&sources, file, &Limits::default(), &mut Findings::default()).unwrap();
        let starts: Vec<u32> = marked.match_indices('~').enumerate().map(|(n, (at, _))| (at - n) as u32).collect();
        let mut spans = BTreeSet::new();
        spans_at(&root, &starts, &mut spans);
        assert_eq!(spans.len(), starts.len(), "{marked}");
        without(&text, &root, &spans).0
    }

    fn spans_at(node: &Node, starts: &[u32], spans: &mut BTreeSet<Span>) {
        match &node.content {
            Content::Scalar { .. } => {}
            Content::List(items) => items.iter().for_each(|item| {
                if matches!(item.content, Content::Scalar { .. }) && starts.contains(&item.span.start) {
                    spans.insert(item.span);
                } else {
                    spans_at(item, starts, spans);
                }
            }),
            Content::Map(entries) => entries.iter().for_each(|entry| {
                if starts.contains(&entry.key.span.start) {
                    spans.insert(entry.key.span);
                } else {
                    spans_at(&entry.value, starts, spans);
                }
            }),
        }
    }

    #[test]
    fn an_entry_goes_with_its_line() {
        assert_eq!(trimmed("a: 1\n~b: 2\nc: 3\n"), "a: 1\nc: 3\n");
        assert_eq!(trimmed("a: 1\n~b:\n  - x\n  - y\n\nc: 3\n"), "a: 1\n\nc: 3\n");
        assert_eq!(trimmed("a: 1\n~b: |\n  # no comment\n  text\nc: 3\n"), "a: 1\nc: 3\n");
        assert_eq!(trimmed("a: 1\n~b: 2"), "a: 1\n");
    }

    #[test]
    fn comments_stay() {
        assert_eq!(trimmed("a: 0\nm: {~a: 1, ~b: 2}\t# keep\n"), "a: 0\n# keep\n");
        assert_eq!(trimmed("a: 0\r\n~b: 1 # keep\r\nc: 2\r\n"), "a: 0\r\n# keep\r\nc: 2\r\n");
        assert_eq!(trimmed("# head\n\n# why\n~a: 1 # really\nb: 2\n"), "# head\n\n# why\n# really\nb: 2\n");
        assert_eq!(
            trimmed("m:\n  ~a: # one\n    # two\n    b: \"# none\" # three\n    c: x#none\n  d: 1\n"),
            "m:\n  # one\n  # two\n  # three\n  d: 1\n"
        );
    }

    #[test]
    fn what_is_left_empty_goes_too() {
        assert_eq!(trimmed("a: 1\nm:\n  n:\n    # why\n    ~x: 1\nb: 2\n"), "a: 1\n# why\nb: 2\n");
        assert_eq!(trimmed("l:\n  - name: a\n    m:\n      ~x: 1\n"), "l:\n  - name: a\n");
        assert_eq!(trimmed("a: 1\nl:\n  - ~name: a\n"), "a: 1\n");
        assert_eq!(trimmed("a: 1\nl: # why\n  - x\n  - ~y # this\n"), "a: 1\nl: # why\n  - x\n  # this\n");
    }

    #[test]
    fn items_and_flow() {
        assert_eq!(trimmed("l:\n  - ~name: a\n    size: 1\n"), "l:\n  - size: 1\n");
        assert_eq!(trimmed("m: {~a: 1, b: 2}\n"), "m: {b: 2}\n");
        assert_eq!(trimmed("a: 0\nm: {~a: 1}\n"), "a: 0\n");
        assert_eq!(trimmed("m: {\n    ~a: 1, ~b: two,\n    z: 3\n  }\n"), "m: {\n    z: 3\n  }\n");
        assert_eq!(trimmed("m: {\n    ~a: 1,\n    b: 2,\n    ~c: 3\n  }\n"), "m: {\n    b: 2,\n  }\n");
        // Not by lines, and not worth a guess.
        assert_eq!(trimmed("m: {a: 1, ~b: 2}\n"), "m: {a: 1, b: 2}\n");
    }
}
