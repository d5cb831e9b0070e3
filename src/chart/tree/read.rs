//! From text to a [`Tree`].

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use granit_parser::{Event, Options, Parser, ScalarStyle, Tag};

use super::plain::plain;
use super::{Entry, Node, Number, Tree};
use crate::chart::yaml::short_float;

/// How much may be read at once.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub depth: usize,
    /// Values, aliases expanded.
    pub nodes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { depth: 100, nodes: 1 << 20 }
    }
}

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, in bytes.
    pub at: u32,
    pub why: &'static str,
}

/// A document, and what is said in it and lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub tree: Tree,
    /// Keys that stand twice in one map, with the places of both. The last one counts.
    pub doubled: Vec<(Arc<str>, u32, u32)>,
}

/// The first document of a text; nothing at all is null.
pub fn read(text: &str, bounds: Bounds) -> Result<Read, Problem> {
    let mut all = documents(text, bounds, true)?;
    Ok(if all.is_empty() {
        Read { tree: Tree { at: 0, node: Node::Null }, doubled: Vec::new() }
    } else {
        all.swap_remove(0)
    })
}

/// All documents of a text.
pub fn read_all(text: &str, bounds: Bounds) -> Result<Vec<Read>, Problem> {
    documents(text, bounds, false)
}

fn documents(text: &str, bounds: Bounds, only_one: bool) -> Result<Vec<Read>, Problem> {
    let options: Options = granit_parser::options! {
        strict_indentation: false,
        disallow_directives: false,
        flow_nesting_limit: bounds.depth,
        block_nesting_limit: bounds.depth,
    };
    let mut builder =
        Builder { bounds, made: 0, open: Vec::new(), anchors: BTreeMap::new(), root: None, doubled: Vec::new() };
    let mut found = Vec::new();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| Problem {
            at: place(error.marker().byte_offset().unwrap_or(text.len())),
            why: "it is no YAML that Helm could read",
        })?;
        let at = place(span.byte_range().map_or(0, |range| range.start));
        if let Event::DocumentEnd = event {
            found.push(builder.finish(at));
            if only_one {
                break;
            }
        } else {
            builder.event(event, at)?;
        }
    }
    Ok(found)
}

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

struct Builder {
    bounds: Bounds,
    made: usize,
    open: Vec<Frame>,
    anchors: BTreeMap<usize, Tree>,
    root: Option<Tree>,
    doubled: Vec<(Arc<str>, u32, u32)>,
}

struct Frame {
    at: u32,
    anchor: usize,
    content: Open,
}

enum Open {
    List(Vec<Tree>),
    Map(Box<OpenMap>),
}

#[derive(Default)]
struct OpenMap {
    entries: Vec<Entry>,
    /// Positions among the entries, and whether a merge key brought it.
    index: BTreeMap<Arc<str>, (usize, bool)>,
    key: Option<Key>,
}

enum Key {
    Named(Arc<str>, u32),
    /// `<<`.
    Merge,
}

/// What a scalar is, and whether it is a merge key where a key may stand.
struct Scalar {
    node: Node,
    is_merge: bool,
}

impl Builder {
    fn finish(&mut self, at: u32) -> Read {
        self.open.clear();
        self.anchors.clear();
        let tree = self.root.take().unwrap_or(Tree { at, node: Node::Null });
        Read { tree, doubled: std::mem::take(&mut self.doubled) }
    }

    fn event(&mut self, event: Event<'_>, at: u32) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = scalar(&text, style, tag.as_deref(), at)?;
                if scalar.is_merge && self.takes_key() {
                    self.count(1, at)?;
                    if let Some(Frame { content: Open::Map(map), .. }) = self.open.last_mut() {
                        map.key = Some(Key::Merge);
                    }
                    return Ok(());
                }
                self.add(Tree { at, node: scalar.node }, anchor, 1)
            }
            Event::SequenceStart(_, anchor, _) => self.push(at, anchor, Open::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => self.push(at, anchor, Open::Map(Box::default())),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.open.pop() else { return Ok(()) };
                let node = match frame.content {
                    Open::List(items) => Node::List(items),
                    Open::Map(map) => Node::Map(map.entries),
                };
                self.add(Tree { at: frame.at, node }, frame.anchor, 1)
            }
            Event::Alias(anchor) => {
                let problem = Problem { at, why: "an alias repeats what it stands in" };
                let tree = self.anchors.get(&anchor).cloned().ok_or(problem)?;
                let size = tree.size();
                self.add(tree, 0, size)
            }
            _ => Ok(()),
        }
    }

    fn takes_key(&self) -> bool {
        matches!(self.open.last(), Some(Frame { content: Open::Map(map), .. }) if map.key.is_none())
    }

    fn count(&mut self, nodes: usize, at: u32) -> Result<(), Problem> {
        self.made = self.made.saturating_add(nodes);
        if self.made > self.bounds.nodes {
            return Err(Problem { at, why: "it has more values than any chart needs" });
        }
        Ok(())
    }

    fn push(&mut self, at: u32, anchor: usize, content: Open) -> Result<(), Problem> {
        if self.open.len() >= self.bounds.depth {
            return Err(Problem { at, why: "it is nested too deeply" });
        }
        self.open.push(Frame { at, anchor, content });
        Ok(())
    }

    fn add(&mut self, tree: Tree, anchor: usize, size: usize) -> Result<(), Problem> {
        self.count(size, tree.at)?;
        if anchor > 0 {
            self.anchors.insert(anchor, tree.clone());
        }
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(tree);
            return Ok(());
        };
        match &mut frame.content {
            Open::List(items) => items.push(tree),
            Open::Map(map) => match map.key.take() {
                None => map.key = Some(Key::Named(key_text(&tree)?, tree.at)),
                Some(Key::Merge) => {
                    let at = tree.at;
                    map.merge(tree).map_err(|why| Problem { at, why })?;
                }
                Some(Key::Named(key, at)) => {
                    let doubled = map.set(Entry { key: Arc::clone(&key), at, value: tree }, false);
                    self.doubled.extend(doubled.map(|before| (key, before, at)));
                }
            },
        }
        Ok(())
    }
}

impl OpenMap {
    /// Sets a key; says where it stood before, if it was written there.
    fn set(&mut self, entry: Entry, is_merged: bool) -> Option<u32> {
        if let Some((position, was_merged)) = self.index.get_mut(&entry.key)
            && let Some(standing) = self.entries.get_mut(*position)
        {
            let before = (!*was_merged && !is_merged).then_some(standing.at);
            *was_merged = is_merged;
            *standing = entry;
            return before;
        }
        self.index.insert(Arc::clone(&entry.key), (self.entries.len(), is_merged));
        self.entries.push(entry);
        None
    }

    /// What a merge key brings takes the place of what stands before it; of several maps, the first that has a key wins.
    fn merge(&mut self, tree: Tree) -> Result<(), &'static str> {
        let maps = match tree.node {
            Node::List(items) => items,
            _ => vec![tree],
        };
        for map in maps.into_iter().rev() {
            let Node::Map(entries) = map.node else { return Err("a merge key takes maps") };
            for entry in entries {
                self.set(entry, true);
            }
        }
        Ok(())
    }
}

/// A key as JSON has it.
fn key_text(tree: &Tree) -> Result<Arc<str>, Problem> {
    Ok(match &tree.node {
        Node::Text(text) => Arc::clone(text),
        Node::Bool(true) => "true".into(),
        Node::Bool(false) => "false".into(),
        Node::Number(Number::Int(number)) => number.to_string().into(),
        Node::Number(Number::Float(number)) if number.is_finite() => short_float(*number).into(),
        _ => return Err(Problem { at: tree.at, why: "a key is neither a text, a number nor a boolean" }),
    })
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: u32) -> Result<Scalar, Problem> {
    let is_plain = style == ScalarStyle::Plain;
    let whole = |node: Node| Ok(Scalar { node, is_merge: false });
    let tag = match tag {
        Some(tag) => tag.to_string(),
        None => {
            return Ok(Scalar {
                node: if is_plain { plain(text) } else { Node::Text(text.into()) },
                is_merge: is_plain && text == "<<",
            });
        }
    };
    let tag = tag.trim_start_matches("tag:yaml.org,2002:").trim_start_matches('!');
    let cannot = Problem { at, why: "its tag and its text do not agree" };
    match tag {
        "binary" => {
            let text: String = text.split_whitespace().collect();
            let bytes = STANDARD.decode(text).map_err(|_| cannot)?;
            whole(Node::Text(String::from_utf8_lossy(&bytes).into()))
        }
        "float" => match plain(text) {
            Node::Number(number) => whole(Node::Number(Number::Float(number.float()))),
            _ => Err(cannot),
        },
        "int" => match plain(text) {
            node @ Node::Number(Number::Int(_) | Number::UInt(_)) => whole(node),
            _ => Err(cannot),
        },
        "bool" => match plain(text) {
            node @ Node::Bool(_) => whole(node),
            _ => Err(cannot),
        },
        "null" => match plain(text) {
            Node::Null => whole(Node::Null),
            _ => Err(cannot),
        },
        // `str` is a text, and what nobody knows leaves one.
        _ => whole(Node::Text(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tree: &Tree) -> String {
        match &tree.node {
            Node::Null => "null".to_owned(),
            Node::Bool(it) => it.to_string(),
            Node::Number(it) => it.float().to_string(),
            Node::Text(text) => format!("{text:?}"),
            Node::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(" ")),
            Node::Map(entries) => {
                let entry = |entry: &Entry| format!("{}:{}", entry.key, shown(&entry.value));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn of(text: &str) -> String {
        match read(text, Bounds::default()) {
            Ok(read) => shown(&read.tree),
            Err(problem) => problem.why.to_owned(),
        }
    }

    #[test]
    fn documents_are_read_as_kubectl_does() {
        for (text, expected) in [
            ("", "null"),
            ("# nothing\n", "null"),
            ("a: yes\nb: 'yes'\n", r#"{a:true b:"yes"}"#),
            ("1: a\ntrue: b\n1.5: c\n", r#"{1:"a" true:"b" 1.5:"c"}"#),
            ("a: 1\na: 2\n", "{a:2}"),
            ("base: &b {x: 1, z: 2}\nown: {<<: *b, z: 3}\n", "{base:{x:1 z:2} own:{x:1 z:3}}"),
            ("a: 0\n<<: [{a: 1}, {a: 2, b: 3}]\n", "{a:1 b:3}"),
            ("<<: 1\n", "a merge key takes maps"),
            ("a: !!str 1\nb: !!float 1\nc: !!binary aGk=\n", r#"{a:"1" b:1 c:"hi"}"#),
            ("a: !!int x\n", "its tag and its text do not agree"),
            ("a:\n- 1\n-\n", "{a:[1 null]}"),
            ("a: &x [*x]\n", "an alias repeats what it stands in"),
            ("? {a: 1}\n: 2\n", "a key is neither a text, a number nor a boolean"),
            ("a: b: c\n", "it is no YAML that Helm could read"),
            ("a: 1\n---\nb: 2\n", "{a:1}"),
            (r#"{"a": 1, "b": [true, null]}"#, "{a:1 b:[true null]}"),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
        let doubled = read("a: 1\nb: 2\na: 3\n", Bounds::default()).unwrap().doubled;
        assert_eq!(doubled, [("a".into(), 0, 10)]);
        assert_eq!(read_all("a: 1\n---\nb: 2\n", Bounds::default()).unwrap().len(), 2);
    }

    #[test]
    fn what_repeats_itself_is_bounded() {
        let mut text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
        for level in 1..8 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", before.trim_end_matches(", ")));
        }
        assert_eq!(of(&text), "it has more values than any chart needs");
        assert_eq!(of(&"[".repeat(5000)), "it is no YAML that Helm could read");
        assert_eq!(of(&"- ".repeat(5000)), "it is no YAML that Helm could read");
    }
}
