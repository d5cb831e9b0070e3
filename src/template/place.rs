//! Places: from the text that the engine compiles back to what the user wrote.

use std::ops::Range;

use crate::source::{FileId, Span};

/// A text with other texts put in between.
#[derive(Clone, Debug)]
pub(super) struct Inserts {
    original: String,
    planned: Vec<Planned>,
    /// What is left out, in order.
    omitted: Vec<Range<usize>>,
    /// What is put around a range stands around the brackets that are closed in it.
    balanced: bool,
}

/// Something to be put in. Sorted, inserts at one offset stand as brackets do: what was opened last is closed first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Planned {
    at: usize,
    order: Order,
    text: String,
    /// What it stands for: an error in it is shown there.
    range: Option<(usize, usize)>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    /// Behind what ends here: the one that began last first, of equals the one wrapped first.
    Close(std::cmp::Reverse<usize>, usize),
    Point,
    /// Before what begins here: the one that ends last first, of equals the one wrapped last.
    Open(std::cmp::Reverse<usize>, std::cmp::Reverse<usize>),
}

impl Inserts {
    pub(super) fn new(text: &str) -> Self {
        Self { original: text.to_owned(), planned: Vec::new(), omitted: Vec::new(), balanced: false }
    }

    /// For what needs whole expressions: the place of an expression begins behind its opening brackets, and may be that
    /// of `a) * b`.
    pub(super) fn of_whole(text: &str) -> Self {
        Self { balanced: true, ..Self::new(text) }
    }

    /// Leaves out what nothing is put into: ranges in order that do not touch each other's inside.
    pub(super) fn omit(&mut self, omitted: &[Range<usize>]) {
        self.omitted.extend_from_slice(omitted);
    }

    /// Puts something at an offset.
    pub(super) fn insert(&mut self, at: usize, text: String) {
        self.planned.push(Planned { at, order: Order::Point, text, range: None });
    }

    /// Puts something before and behind a range, outside of what was put around the same range before. An error in it
    /// is shown at the range.
    pub(super) fn wrap(&mut self, range: &Range<usize>, open: &str, close: String) {
        use std::cmp::Reverse;
        let number = self.planned.len();
        let speaks_for = Some((range.start, range.end));
        let start = if self.balanced { opening(&self.original, range) } else { range.start };
        let opens = Order::Open(Reverse(range.end), Reverse(number));
        let closes = Order::Close(Reverse(start), number);
        self.planned.push(Planned { at: start, order: opens, text: open.to_owned(), range: None });
        self.planned.push(Planned { at: range.end, order: closes, text: close, range: speaks_for });
    }

    /// The whole text, and the map from its offsets to the original's.
    pub(super) fn build(mut self) -> (String, Map) {
        self.planned.sort();
        let extra: usize = self.planned.iter().map(|insert| insert.text.len()).sum();
        let mut text = String::with_capacity(self.original.len() + extra);
        let mut map = Map { pieces: Vec::with_capacity(self.planned.len()) };
        let mut copied = 0;
        let mut omitted = self.omitted.into_iter().peekable();
        let mut copy = |upto: usize, text: &mut String, map: &mut Map| {
            while let Some(omitted) = omitted.next_if(|omitted| omitted.end <= upto) {
                text.push_str(&self.original[copied..omitted.start]);
                copied = omitted.end;
                map.pieces.push(Insert { start: text.len(), len: 0, omitted: omitted.len(), range: None });
            }
            text.push_str(&self.original[copied..upto]);
            copied = upto;
        };
        for Planned { at, text: insert, range, .. } in self.planned {
            copy(at, &mut text, &mut map);
            let range = range.map(|(start, end)| start..end);
            map.pieces.push(Insert { start: text.len(), len: insert.len(), omitted: 0, range });
            text.push_str(&insert);
        }
        copy(self.original.len(), &mut text, &mut map);
        (text, map)
    }
}

/// Where an expression begins with the brackets that are closed in it.
fn opening(text: &str, range: &Range<usize>) -> usize {
    let (mut depth, mut missing, mut quote, mut escaped) = (0_usize, 0_usize, None, false);
    for char in text[range.clone()].chars() {
        match (quote, char) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), char) if open == char => quote = None,
            (None, '\'' | '"') => quote = Some(char),
            (None, '(') => depth += 1,
            (None, ')') if depth == 0 => missing += 1,
            (None, ')') => depth -= 1,
            _ => {}
        }
    }
    let before = &text[..range.start];
    let mut opens = before.char_indices().rev().take_while(|(_, char)| *char == '(' || char.is_whitespace());
    let mut found = opens.by_ref().filter(|(_, char)| *char == '(');
    missing.checked_sub(1).and_then(|last| found.nth(last)).map_or(range.start, |(at, _)| at)
}

/// From offsets of a text with inserts to those of the original.
#[derive(Clone, Debug, Default)]
pub(super) struct Map {
    pieces: Vec<Insert>,
}

#[derive(Clone, Debug)]
struct Insert {
    start: usize,
    len: usize,
    /// Bytes of the original that are left out here.
    omitted: usize,
    range: Option<Range<usize>>,
}

impl Map {
    /// The original of a range. One that begins in an insert which speaks for something is that something's.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let inside = |piece: &&Insert| piece.start <= range.start && range.start < piece.start + piece.len;
        if let Some(range) = self.pieces.iter().find(inside).and_then(|piece| piece.range.clone()) {
            return range;
        }
        // What is left out at the start of a range stands before it.
        let at_start = self.pieces.iter().take_while(|piece| piece.start <= range.start);
        let omitted: usize = at_start.filter(|piece| piece.start == range.start).map(|piece| piece.omitted).sum();
        let start = self.offset(range.start) + omitted;
        start..self.offset(range.end).max(start)
    }

    fn offset(&self, offset: usize) -> usize {
        let before = self.pieces.iter().take_while(|piece| piece.start < offset);
        before.fold(offset, |at, piece| at - piece.len.min(offset - piece.start) + piece.omitted)
    }
}

/// Where the text of a template stands in its file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: FileId,
    /// Where the text begins in the file.
    pub(super) start: u32,
    /// What to show when the text does not stand in the file byte for byte.
    pub(super) whole: Option<Span>,
    /// Bytes that were put before the text.
    pub(super) prefix: usize,
}

impl Place {
    pub(super) fn file(file: FileId) -> Self {
        Self { file, start: 0, whole: None, prefix: 0 }
    }

    /// A range of the text as a span of the file.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        if let Some(whole) = self.whole {
            return whole;
        }
        let at = |offset: usize| self.start as usize + offset.saturating_sub(self.prefix);
        Span::new(self.file, at(range.start), at(range.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_back() {
        let mut inserts = Inserts::new("a + b");
        inserts.wrap(&(0..1), "((", ")|x)".to_owned());
        inserts.wrap(&(4..5), "((", ")|y)".to_owned());
        let (text, map) = inserts.build();
        assert_eq!(text, "((a)|x) + ((b)|y)");
        assert_eq!(map.original(2..3), 0..1);
        let x = text.find('x').unwrap();
        assert_eq!(map.original(x..x + 1), 0..1);
        let plus = text.find('+').unwrap();
        assert_eq!(map.original(plus..plus + 1), 2..3);
        let y = text.find('y').unwrap();
        assert_eq!(map.original(y..y + 2), 4..5);
        assert_eq!(map.original(0..text.len()), 0..5);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let mut inserts = Inserts::new("  {% a %}\n  {% b %}\nc");
        inserts.omit(&[0..2, 9..10, 10..12, 19..20]);
        inserts.wrap(&(15..16), "((", ")|x)".to_owned());
        let (text, map) = inserts.build();
        assert_eq!(text, "{% a %}{% ((b)|x) %}c");
        assert_eq!(map.original(0..7), 2..9);
        assert_eq!(map.original(7..20), 12..19);
        assert_eq!(map.original(12..13), 15..16);
        assert_eq!(map.original(20..21), 20..21);
    }

    #[test]
    fn an_expression_is_whole_with_its_brackets() {
        for (text, expression, wanted) in [
            ("((a) * b)", "a) * b", "(a) * b"),
            ("f( (a ~ ')') )", "a ~ ')'", "a ~ ')'"),
            ("( (a + b)) * c", "a + b)) * c", "( (a + b)) * c"),
        ] {
            let start = text.find(expression).unwrap();
            assert_eq!(text[opening(text, &(start..start + expression.len()))..].split_at(wanted.len()).0, wanted);
        }
    }

    #[test]
    fn brackets_close_in_the_right_order() {
        let mut inserts = Inserts::new("a b");
        inserts.wrap(&(2..3), "[", "]".to_owned());
        inserts.wrap(&(0..3), "(", ")".to_owned());
        inserts.wrap(&(0..1), "{", "}".to_owned());
        inserts.wrap(&(0..3), "<", ">".to_owned());
        inserts.insert(2, "!".to_owned());
        assert_eq!(inserts.build().0, "<({a} ![b])>");
    }
}
