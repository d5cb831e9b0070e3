//! Texts of templates: bytes as in Go, mostly UTF-8, and where something is known of their pieces, the origins of each.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::marks::Marks;

#[derive(Clone, Debug)]
pub struct Text {
    content: Content,
    pieces: Option<Arc<[Piece]>>,
}

#[derive(Clone, Debug)]
enum Content {
    Utf8(Arc<str>),
    /// What is no UTF-8: a binary file, or a character that was cut in the middle.
    Raw(Arc<[u8]>),
}

/// From where the piece before ends up to `end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub end: usize,
    pub marks: Marks,
}

impl Text {
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { content: Content::Utf8(text.into()), pieces: None }
    }

    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        let content = match String::from_utf8(bytes) {
            Ok(text) => Content::Utf8(text.into()),
            Err(error) => Content::Raw(error.into_bytes().into()),
        };
        Self { content, pieces: None }
    }

    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Utf8(text) => text.as_bytes(),
            Content::Raw(bytes) => bytes,
        }
    }

    /// The text, with `\u{fffd}` for what is no UTF-8.
    pub fn str(&self) -> Cow<'_, str> {
        match &self.content {
            Content::Utf8(text) => Cow::Borrowed(text),
            Content::Raw(bytes) => Cow::Owned(lossy(bytes)),
        }
    }

    /// The same to keep.
    pub fn shared(&self) -> Arc<str> {
        match &self.content {
            Content::Utf8(text) => text.clone(),
            Content::Raw(bytes) => lossy(bytes).into(),
        }
    }

    pub fn len(&self) -> usize {
        self.bytes().len()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    pub fn is_utf8(&self) -> bool {
        matches!(self.content, Content::Utf8(_))
    }

    /// Pieces that cover the whole text, or none where nothing is known.
    pub fn pieces(&self) -> &[Piece] {
        self.pieces.as_deref().unwrap_or_default()
    }

    /// The origins of all pieces together.
    pub fn marks(&self) -> Marks {
        let mut all = Marks::NONE;
        self.pieces().iter().for_each(|piece| all.add(&piece.marks));
        all
    }

    /// A part of it, with the origins of what is left. What lies outside of the text is cut off.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let (start, end) = (range.start.min(self.len()), range.end.min(self.len()));
        if start == 0 && end == self.len() {
            return self.clone();
        }
        let mut part = TextBuilder::default();
        part.push_slice(self, start..end.max(start), &Marks::NONE);
        part.finish()
    }
}

/// Each byte that belongs to no letter becomes one of its own, as in Go.
fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|_| out.push('\u{fffd}'));
    }
    out
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Text {}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// Joins pieces to a text.
#[derive(Clone, Debug, Default)]
pub struct TextBuilder {
    bytes: Vec<u8>,
    /// Empty while no piece has an origin.
    pieces: Vec<Piece>,
}

impl TextBuilder {
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What nothing but the template says.
    pub fn push_str(&mut self, text: &str) {
        self.push_bytes(text.as_bytes(), &Marks::NONE);
    }

    pub fn push_bytes(&mut self, bytes: &[u8], marks: &Marks) {
        if bytes.is_empty() {
            return;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        if marks.is_empty() && self.pieces.is_empty() {
            return;
        }
        if self.pieces.is_empty() && start > 0 {
            self.pieces.push(Piece { end: start, marks: Marks::NONE });
        }
        let end = self.bytes.len();
        match self.pieces.last_mut() {
            Some(last) if last.marks == *marks => last.end = end,
            _ => self.pieces.push(Piece { end, marks: marks.clone() }),
        }
    }

    /// A whole text; `marks` count for all of it.
    pub fn push(&mut self, text: &Text, marks: &Marks) {
        self.push_slice(text, 0..text.len(), marks);
    }

    /// A part of a text; `marks` count for all of it.
    pub fn push_slice(&mut self, text: &Text, range: Range<usize>, marks: &Marks) {
        let Some(pieces) = &text.pieces else {
            return self.push_bytes(&text.bytes()[range], marks);
        };
        let mut start = range.start;
        for piece in pieces.iter().filter(|piece| piece.end > range.start) {
            let end = piece.end.min(range.end);
            if start >= end {
                break;
            }
            self.push_bytes(&text.bytes()[start..end], &piece.marks.and(marks));
            start = end;
        }
    }

    pub fn finish(self) -> Text {
        let pieces = (!self.pieces.is_empty()).then(|| self.pieces.into());
        Text { pieces, ..Text::from_bytes(self.bytes) }
    }
}
