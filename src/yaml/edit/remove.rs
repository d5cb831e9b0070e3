//! Taking entries out of a file without touching the rest of it: order and blanks stay, and the comments of what is taken
//! out stay or go with it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::lines;
use super::style::is_flow;
use crate::source::Span;
use crate::yaml::{Content, Entry, Node, Style};

/// What becomes of the comments of what is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    /// They may be about something else, too.
    Stay,
    /// Those within it go, and those above that can only be about it.
    Go,
}

/// A text without the entries and items at some spans, those of their keys or of their values; and the spans that
/// were taken out. What holds nothing else goes with them, since a key without a value would delete.
///
/// An entry that cannot be cut out by lines stays.
pub fn without(text: &str, root: &Node, spans: &BTreeSet<Span>, comments: Comments) -> (String, BTreeSet<Span>) {
    let (cuts, taken) = cuts(text, root, spans, comments);
    let mut trimmed = String::with_capacity(text.len());
    let mut at = 0;
    for (range, kept) in &cuts {
        // What goes up to the next entry can reach into the line that goes with it.
        trimmed.push_str(&text[at..range.start.max(at)]);
        trimmed.push_str(kept);
        at = range.end.max(at);
    }
    trimmed.push_str(&text[at..]);
    (trimmed, taken)
}

/// What goes, and what takes its place.
type Cut = (Range<usize>, String);

/// The places that go, in order, and the spans that go with them.
pub(super) fn cuts(text: &str, root: &Node, spans: &BTreeSet<Span>, comments: Comments) -> (Vec<Cut>, BTreeSet<Span>) {
    let mut trim = Trim { text, spans, comments, cuts: Vec::new(), taken: BTreeSet::new() };
    trim.below(root);
    trim.cuts.sort_by_key(|(range, _)| range.start);
    (trim.cuts, trim.taken)
}

struct Trim<'a> {
    text: &'a str,
    spans: &'a BTreeSet<Span>,
    comments: Comments,
    /// What goes, and what takes its place: the comments that stood there.
    cuts: Vec<Cut>,
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
                        let around = Around {
                            before: if at + 1 == entries.len() { self.last_left(entries) } else { None },
                            next: entries.get(at + 1).map(|next| next.key.span.start as usize),
                            flow: is_flow(self.text, node),
                        };
                        let cut = self.entry(entry, around);
                        self.cut(cut, &[entry.key.span, entry.value.span], &entry.value);
                    } else {
                        self.below(&entry.value);
                    }
                }
            }
            Content::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if self.is_gone(item) {
                        let around = Around {
                            before: if at + 1 == items.len() { self.last_item_left(items) } else { None },
                            next: items.get(at + 1).map(|next| next.span.start as usize),
                            flow: is_flow(self.text, node),
                        };
                        let cut = self.item(item, around);
                        self.cut(cut, &[item.span], item);
                    } else {
                        self.below(item);
                    }
                }
            }
        }
    }

    /// Where the last entry ends that stays.
    fn last_left(&self, entries: &[Entry]) -> Option<usize> {
        let left = entries.iter().rev().find(|entry| !self.goes(entry));
        left.map(|entry| entry.value.span.end as usize)
    }

    fn last_item_left(&self, items: &[Node]) -> Option<usize> {
        items.iter().rev().find(|item| !self.is_gone(item)).map(|item| item.span.end as usize)
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

    fn entry(&self, entry: &Entry, around: Around) -> Option<Cut> {
        let start = entry.key.span.start as usize;
        let is_alone = lines::is_first(self.text, start, "") && self.is_last_on_line(&entry.value, start);
        if is_alone && !(around.flow && around.next.is_none() && self.words(start, &entry.value, around).is_some()) {
            Some(self.lines(start, start, &entry.value))
        } else {
            self.words(start, &entry.value, around)
        }
    }

    fn item(&self, item: &Node, around: Around) -> Option<Cut> {
        let start = item.span.start as usize;
        if around.flow {
            return self.words(start, item, around);
        }
        let dash = lines::start(self.text, start) + lines::indent(self.text, start).len();
        let is_alone = lines::is_first(self.text, start, "-") && self.is_last_on_line(item, start);
        is_alone.then(|| self.lines(dash, start, item))
    }

    /// Notes a cut, and all that goes with it.
    fn cut(&mut self, cut: Option<Cut>, own: &[Span], value: &Node) {
        let Some(cut) = cut else { return };
        self.cuts.push(cut);
        let mut within = own.to_vec();
        spans_of(value, &mut within);
        self.taken.extend(within.into_iter().filter(|span| self.spans.contains(span)));
    }

    /// The whole lines of an entry or an item that begins at `head`, and the comments among them.
    fn lines(&self, head: usize, from: usize, value: &Node) -> Cut {
        let end = lines::end(self.text, (value.span.end as usize).max(from));
        let start = lines::start(self.text, head);
        if self.comments == Comments::Go {
            let start = self.with_comments_above(start, end);
            return (self.with_blanks(start, end)..end, String::new());
        }
        let mut comments = Remarks { text: self.text, ends: vec![from], scalars: Vec::new() };
        comments.gather(value);
        let indent = lines::indent(self.text, head);
        let mut kept = String::new();
        let mut at = start;
        while at < end {
            let line_end = lines::end(self.text, at).min(end);
            if let Some(comment) = comments.of(at..line_end) {
                kept.push_str(indent);
                kept.push_str(comment);
                kept.push_str(lines::break_at(&self.text[at..line_end]));
            }
            at = line_end;
        }
        (start..end, kept)
    }

    /// Where the comments begin that stand right above some lines and can be about nothing else: a line follows that is
    /// blank, a comment or further out. Those at the top of a file are about the file.
    fn with_comments_above(&self, start: usize, end: usize) -> usize {
        let indent = lines::indent(self.text, start).len();
        let rest = &self.text[end..];
        let next = rest.lines().next().unwrap_or_default();
        let goes_on = !next.trim().is_empty() && !next.trim().starts_with('#');
        if goes_on && next.len() - next.trim_start_matches(' ').len() >= indent {
            return start;
        }
        let mut first = start;
        while first > 0 {
            let above = lines::start(self.text, first - 1);
            let line = &self.text[above..first];
            if !line.trim_start_matches(' ').starts_with('#') || lines::indent(self.text, above).len() != indent {
                break;
            }
            first = above;
        }
        if first == 0 { start } else { first }
    }

    /// Lines that stood between blank ones take those above with them; the last ones of a file without a last line end, the
    /// line end before them.
    fn with_blanks(&self, start: usize, end: usize) -> usize {
        let mut from = start;
        let blank_behind = end == self.text.len() || lines::is_blank(self.text, end);
        if from > 0 && blank_behind && lines::is_blank(self.text, from - 1) {
            from = lines::start(self.text, from - 1);
        }
        let unended = end == self.text.len() && !self.text.ends_with('\n');
        if unended && from > 0 {
            from -= if self.text[..from].ends_with("\r\n") { 2 } else { 1 };
        }
        from
    }

    /// An entry among others on one line: `{a: 1, b: 2}`, or the first behind a dash. Comments are in the way.
    fn words(&self, start: usize, value: &Node, around: Around) -> Option<Cut> {
        let end = value.span.end as usize;
        let is_free = |between: Range<usize>| self.text.get(between).is_some_and(|between| !between.contains('#'));
        match around {
            Around { next: Some(next), flow, .. } => {
                let is_one_line = flow || !self.text.get(start..end)?.contains('\n');
                (is_one_line && is_free(end..next)).then(|| (start..next, String::new()))
            }
            Around { before: Some(before), flow: true, .. } => {
                is_free(before..start).then(|| (before..end, String::new()))
            }
            Around { .. } => None,
        }
    }

    /// Whether nothing but a comment follows a value that begins at `from` or later.
    fn is_last_on_line(&self, value: &Node, from: usize) -> bool {
        let end = (value.span.end as usize).max(from);
        let rest = self.text[end..lines::end(self.text, end)].trim();
        // An empty value ends where its key does, before the colon or behind it.
        let rest = rest.strip_prefix(':').map_or(rest, str::trim_start);
        rest.is_empty() || rest.starts_with('#')
    }
}

/// What stands beside an entry or an item.
#[derive(Clone, Copy)]
struct Around {
    /// Of the last one: the end of the one before it that stays.
    before: Option<usize>,
    next: Option<usize>,
    flow: bool,
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
struct Remarks<'a> {
    text: &'a str,
    /// Where keys and scalars end.
    ends: Vec<usize>,
    /// Scalars of several lines, in which `#` means nothing.
    scalars: Vec<Range<usize>>,
}

impl<'a> Remarks<'a> {
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
        edited(marked, Comments::Stay)
    }

    fn edited(marked: &str, comments: Comments) -> String {
        let text = marked.replace('~', "");
        let sources = Sources::default();
        let file = sources.add("a.yaml", text.as_str());
        let root = yaml::read::read(&sources, file, &Limits::default(), &mut Findings::default()).unwrap();
        let starts: Vec<u32> = marked.match_indices('~').enumerate().map(|(n, (at, _))| (at - n) as u32).collect();
        let mut spans = BTreeSet::new();
        spans_at(&root, &starts, &mut spans);
        assert_eq!(spans.len(), starts.len(), "{marked}");
        without(&text, &root, &spans, comments).0
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
        assert_eq!(trimmed("a: 0\r\n~b: 1 # keep"), "a: 0\r\n# keep");
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
        assert_eq!(trimmed("m: {\n    ~a: 1,\n    b: 2,\n    ~c: 3\n  }\n"), "m: {\n    b: 2\n  }\n");
        assert_eq!(trimmed("m: {a: 1, ~b: 2}\n"), "m: {a: 1}\n");
        assert_eq!(trimmed("m: [a, ~b, ~c]\n"), "m: [a]\n");
        assert_eq!(trimmed("m: [~a, b]\n"), "m: [b]\n");
        // Whose comment this is cannot be known.
        assert_eq!(trimmed("m: {a: 1, # x\n  ~b: 2}\n"), "m: {a: 1, # x\n  b: 2}\n");
    }

    #[test]
    fn comments_can_go_as_well() {
        let go = |marked: &str| edited(marked, Comments::Go);
        assert_eq!(go("a: 1\n# why\n# it is\n~b: 2 # really\n"), "a: 1\n");
        assert_eq!(go("a: 1\n\n# why\n~b:\n  # x\n  c: 1\n\nd: 1\n"), "a: 1\n\nd: 1\n");
        // They may be about what follows, too, or about the file.
        assert_eq!(go("a: 1\n# both\n~b: 2\nc: 3\n"), "a: 1\n# both\nc: 3\n");
        assert_eq!(go("# the file\n~b: 2\n\nc: 3\n"), "# the file\n\nc: 3\n");
        assert_eq!(go("m:\n  a: 1\n# out\n  ~b: 2\n"), "m:\n  a: 1\n# out\n");
        assert_eq!(go("a: 1\r\n\r\n~b: 2"), "a: 1");
    }
}
