//! Where the places of a document stand in its file: read back from the bytes that were written, so that it is told by what is
//! there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::{Copied, File};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::{FileId, Position, Sources};
use crate::yaml::path::{Path, Step};
use crate::yaml::{Content, Node, stream};

/// The places of a file, in the order in which they stand there.
#[derive(Debug)]
pub struct Lines {
    places: Vec<Placed>,
    /// Where each begins, by its document and path: found once many are asked for.
    starts: OnceLock<BTreeMap<(usize, Path), u32>>,
    sources: Sources,
    file: FileId,
}

/// A place and where it stands.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Which of several documents it is in.
    pub document: usize,
    pub path: Path,
    /// Its key, if it has one.
    pub key: Option<Range<u32>>,
    pub value: Range<u32>,
    /// A map or a list with something in it: its lines are those of what is in it.
    pub is_collection: bool,
}

impl Placed {
    fn start(&self) -> u32 {
        self.key.as_ref().map_or(self.value.start, |key| key.start)
    }
}

impl Lines {
    /// Of the bytes of a document. `None` if they are no YAML.
    pub fn read(bytes: &[u8], limits: &Limits) -> Option<Self> {
        let sources = Sources::default();
        let text = std::str::from_utf8(bytes).ok()?;
        let file = sources.add("document", text);
        let documents = stream::read(text, file, limits, &mut Findings::default())?;
        Some(Self::new(&documents, sources, file))
    }

    /// Of a file that is copied, as far as it is known how it is read.
    pub fn copied(copied: &Copied) -> Self {
        let sources = Sources::default();
        let file = sources.add("document", copied.text.clone().unwrap_or_default());
        Self::new(&copied.nodes, sources, file)
    }

    fn new(documents: &[Node], sources: Sources, file: FileId) -> Self {
        let mut places = Vec::new();
        for (number, root) in documents.iter().enumerate() {
            walk(root, number, None, &mut Path::root(), &mut places);
        }
        Self { places, starts: OnceLock::new(), sources, file }
    }

    pub fn of(file: &File, limits: &Limits) -> Option<Self> {
        Self::read(&file.bytes, limits)
    }

    /// The innermost place that begins on a line, or else the one that goes over it; with a column, the one that stands there.
    pub fn at(&self, line: u32, column: Option<u32>) -> Option<&Placed> {
        let source = self.sources.get(self.file);
        let start = source.offset(Position { line, column: 1 });
        let end = start + u32::try_from(source.line(line).len()).unwrap_or_default();
        if source.position(start).line != line || start == end {
            return None;
        }
        if let Some(column) = column {
            let at = source.offset(Position { line, column });
            let covers = |placed: &&Placed| {
                let key = placed.key.as_ref().is_some_and(|key| key.contains(&at));
                key || (!placed.is_collection && placed.value.contains(&at))
            };
            if let Some(found) = self.places.iter().rev().find(covers) {
                return Some(found);
            }
        }
        let begins = |placed: &&Placed| !placed.path.is_root() && (start..=end).contains(&placed.start());
        // Of `- name: x`, the name; of `- a: {b: 1}` what stands first.
        let mut beginning = self.places.iter().filter(begins);
        let first = beginning.next().map(|first| {
            let inner = beginning.take_while(|next| {
                next.document == first.document && next.path.steps().starts_with(first.path.steps())
            });
            if first.key.is_none() { inner.clone().next().unwrap_or(first) } else { first }
        });
        first.or_else(|| {
            let goes_over =
                |placed: &&Placed| !placed.is_collection && placed.value.start < end && start < placed.value.end;
            self.places.iter().rev().find(goes_over)
        })
    }

    /// Where a place stands: its first line, and its column there.
    pub fn position(&self, document: usize, path: &Path) -> Option<Position> {
        let start = |placed: &Placed| ((placed.document, placed.path.clone()), placed.start());
        // Of two with the same path the first is meant.
        let starts = self.starts.get_or_init(|| self.places.iter().rev().map(start).collect());
        let start = starts.get(&(document, path.clone()))?;
        Some(self.sources.get(self.file).position(*start))
    }

    /// The line on which the text of a value begins: that of a block, below its sign.
    pub fn first_line_of(&self, placed: &Placed) -> u32 {
        let source = self.sources.get(self.file);
        source.position(placed.value.start).line + u32::from(self.begins_with(placed, &['|', '>']))
    }

    /// Whether all lines of a text stand on one line of the file, written as escapes.
    pub fn is_escaped(&self, placed: &Placed) -> bool {
        self.begins_with(placed, &['"'])
    }

    fn begins_with(&self, placed: &Placed, signs: &[char]) -> bool {
        let source = self.sources.get(self.file);
        source.text().get(placed.value.start as usize..).is_some_and(|text| text.starts_with(signs))
    }

    pub fn line(&self, line: u32) -> String {
        self.sources.get(self.file).line(line).to_owned()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Placed, Position)> {
        let source = self.sources.get(self.file);
        self.places.iter().map(move |placed| (placed, source.position(placed.start())))
    }
}

fn walk(node: &Node, document: usize, key: Option<Range<u32>>, path: &mut Path, places: &mut Vec<Placed>) {
    let is_collection = match &node.content {
        Content::Map(entries) => !entries.is_empty(),
        Content::List(items) => !items.is_empty(),
        Content::Scalar { .. } => false,
    };
    places.push(Placed { document, path: path.clone(), key, value: node.span.start..node.span.end, is_collection });
    match &node.content {
        Content::Map(entries) => {
            for entry in entries {
                path.push(Step::Key(entry.key.text.clone()));
                walk(&entry.value, document, Some(entry.key.span.start..entry.key.span.end), path, places);
                path.pop();
            }
        }
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                walk(item, document, None, path, places);
                path.pop();
            }
        }
        Content::Scalar { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_leads_to_what_begins_on_it() {
        let text = "# header\na:\n  b: 1\n  c:\n    - name: x\n      n: 2\n    - y\nd: |\n  one\n  two\n";
        let lines = Lines::read(text.as_bytes(), &Limits::default()).unwrap();
        let at = |line, column| lines.at(line, column).map(|placed| placed.path.to_string()).unwrap_or_default();
        let found: Vec<_> = (1..=11).map(|line| at(line, None)).collect();
        assert_eq!(found, ["", "a", "a.b", "a.c", "a.c[0].name", "a.c[0].n", "a.c[1]", "d", "d", "d", ""]);
        assert_eq!(at(5, Some(13)), "a.c[0].name");
        assert_eq!(lines.position(0, &"a.c[0].n".parse().unwrap()), Some(Position { line: 6, column: 7 }));
    }
}
