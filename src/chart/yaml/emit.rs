//! `toYaml`: byte for byte what `sigs.k8s.io/yaml` writes.

use crate::chart::failure::Failed;
use crate::chart::marks::Marks;
use crate::chart::meter::Meter;
use crate::chart::print::float;
use crate::chart::text::{Text, TextBuilder};
use crate::chart::value::{Data, Value};

use super::node::{Node, NodeKind, node};
use super::order;
use super::scalar::{Scalar, is_base_60, resolve};
use super::string::{Shape, Style};

/// What a value is in YAML, without the last line break; nothing of what has no JSON.
pub(in crate::chart) fn to_yaml(value: &Value, meter: &Meter) -> Result<Value, Failed> {
    let Some(node) = node(value, meter)? else { return Ok(Value::text("")) };
    let mut emitter = Emitter::new(false);
    if !emitter.document(&node) {
        return Ok(Value::text(""));
    }
    finished(emitter, meter)
}

/// What was written, without the last line break.
pub(super) fn finished(emitter: Emitter, meter: &Meter) -> Result<Value, Failed> {
    let text = emitter.out.finish();
    meter.bytes(text.len())?;
    let end = if text.bytes().ends_with(b"\n") { text.len() - 1 } else { text.len() };
    Ok(Data::Text(text.slice(0..end)).into())
}

const INDENT: isize = 2;

/// The state of libyaml's emitter, as far as block style and no anchors or tags go.
pub(super) struct Emitter {
    pub out: TextBuilder,
    pub column: isize,
    pub indent: isize,
    /// The last character was a space or an indicator.
    pub whitespace: bool,
    /// Nothing but indentation and indicators stands on the line.
    pub indention: bool,
    /// As `toYamlPretty` writes; else long texts are folded, and values are what is left of them in JSON.
    pub pretty: bool,
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Root,
    List,
    Map,
    SimpleKey,
}

impl Emitter {
    pub(super) fn new(pretty: bool) -> Self {
        Self { out: TextBuilder::default(), column: 0, indent: -1, whitespace: true, indention: true, pretty }
    }

    /// Writes a whole document; whether it could be read as Go's reader would on the way.
    pub(super) fn document(&mut self, node: &Node) -> bool {
        let sound = self.node(node, Within::Root);
        self.write_indent();
        sound
    }

    fn put(&mut self, text: &str, marks: &Marks) {
        self.out.push_bytes(text.as_bytes(), marks);
        self.column += text.chars().count() as isize;
    }

    pub(super) fn put_break(&mut self, marks: &Marks) {
        self.out.push_bytes(b"\n", marks);
        self.column = 0;
    }

    pub(super) fn write_indent(&mut self) {
        let indent = self.indent.max(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break(&Marks::NONE);
        }
        let missing = (indent - self.column).max(0) as usize;
        self.put(&" ".repeat(missing), &Marks::NONE);
        self.whitespace = true;
        self.indention = true;
    }

    pub(super) fn indicator(&mut self, text: &str, needs_space: bool, is_space: bool, is_indent: bool, marks: &Marks) {
        if needs_space && !self.whitespace {
            self.put(" ", marks);
        }
        self.put(text, marks);
        self.whitespace = is_space;
        self.indention = self.indention && is_indent;
    }

    fn node(&mut self, node: &Node, within: Within) -> bool {
        let marks = &node.marks;
        match &node.kind {
            NodeKind::Null => self.plain("null", within, marks),
            NodeKind::Bool(it) => self.plain(if *it { "true" } else { "false" }, within, marks),
            NodeKind::Int(it) => self.plain(&it.to_string(), within, marks),
            NodeKind::Unsigned(it) => self.plain(&it.to_string(), within, marks),
            NodeKind::Float(it) if self.pretty => self.plain(&float(*it, 'g', None), within, marks),
            NodeKind::Float(it) => self.plain(&through_json(*it), within, marks),
            NodeKind::Text(text) if !self.pretty && text.str().contains(NEXT_LINE) => {
                return self.text(&folded(text), within, marks);
            }
            NodeKind::Text(text) => return self.text(text, within, marks),
            NodeKind::List(items) => return self.list(items, within, marks),
            NodeKind::Map(entries) => return self.map(entries, marks),
        }
        true
    }

    /// A number or word that stands for itself.
    fn plain(&mut self, text: &str, within: Within, marks: &Marks) {
        let text = Text::from(text);
        self.scalar(&text, Style::Plain, within, marks);
    }

    fn list(&mut self, items: &[Node], within: Within, marks: &Marks) -> bool {
        if items.is_empty() {
            self.indicator("[", true, true, false, marks);
            self.indicator("]", false, false, false, marks);
            return true;
        }
        let outer = self.indent;
        if self.indent < 0 {
            self.indent = 0;
        } else if self.pretty || within != Within::Map || self.indention {
            self.indent += INDENT;
        }
        let mut sound = true;
        for item in items {
            self.write_indent();
            self.indicator("-", true, false, true, &item.marks);
            sound &= self.node(item, Within::List);
        }
        self.indent = outer;
        sound
    }

    fn map(&mut self, entries: &[(std::sync::Arc<str>, Node)], marks: &Marks) -> bool {
        if entries.is_empty() {
            self.indicator("{", true, true, false, marks);
            self.indicator("}", false, false, false, marks);
            return true;
        }
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| order::compare(a, b));
        let outer = self.indent;
        self.indent = if self.indent < 0 { 0 } else { self.indent + INDENT };
        let mut sound = true;
        for (key, value) in sorted {
            self.write_indent();
            let text = Text::new(key.clone());
            if is_simple_key(key) {
                sound &= self.text(&text, Within::SimpleKey, &value.marks);
                self.indicator(":", false, false, false, &value.marks);
            } else {
                self.indicator("?", true, false, true, &value.marks);
                sound &= self.text(&text, Within::Map, &value.marks);
                self.write_indent();
                self.indicator(":", true, false, true, &value.marks);
            }
            sound &= self.node(value, Within::Map);
        }
        self.indent = outer;
        sound
    }

    fn text(&mut self, text: &Text, within: Within, marks: &Marks) -> bool {
        let whole = text.str();
        let style = if whole.contains('\n') {
            Style::Literal
        } else if (matches!(resolve(&whole), Scalar::Text) || (self.pretty && whole == "<<")) && !is_base_60(&whole) {
            Style::Plain
        } else {
            Style::Double
        };
        self.scalar(text, style, within, marks);
        // It was JSON on its way, which was read as YAML, and that refuses some characters.
        !whole.chars().any(is_refused)
    }

    fn scalar(&mut self, text: &Text, style: Style, within: Within, marks: &Marks) {
        let whole = text.str();
        let is_key = within == Within::SimpleKey;
        let style = Shape::of(&whole).style(style, &whole, is_key);
        let outer = self.indent;
        self.indent = if self.indent < 0 { INDENT } else { self.indent + INDENT };
        self.write(text, style, !is_key, marks);
        self.indent = outer;
    }
}

/// Keys of one line and not too many bytes stand before a `:`.
fn is_simple_key(key: &str) -> bool {
    key.len() <= 128 && !key.contains(super::string::is_break)
}

/// A line break to YAML, which JSON leaves as it is.
const NEXT_LINE: char = '\u{85}';

/// What becomes of such breaks when the JSON is read as YAML: they are folded, with the spaces around them.
fn folded(text: &Text) -> Text {
    let whole = text.str();
    let mut parts = whole.split(NEXT_LINE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut breaks = 0;
    for part in parts {
        breaks += 1;
        out.truncate(out.trim_end_matches(' ').len());
        let kept = part.trim_start_matches(' ');
        if kept.is_empty() {
            continue;
        }
        out.push_str(&if breaks == 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) });
        out.push_str(kept);
        breaks = 0;
    }
    if breaks > 0 {
        out.push_str(&if breaks == 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) });
    }
    let mut made = TextBuilder::default();
    made.push_bytes(out.as_bytes(), &text.marks());
    made.finish()
}

fn is_refused(letter: char) -> bool {
    matches!(letter, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A float that was written as JSON and read again: an integer, if it looks like one.
fn through_json(number: f64) -> String {
    let magnitude = number.abs();
    if number.fract() == 0.0 && magnitude < 1e21 {
        let digits = format!("{number}");
        let fits = digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok();
        if fits {
            return if digits == "-0" { "0".into() } else { digits };
        }
    }
    float(number, 'g', None)
}
