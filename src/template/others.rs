//! YAML and JSON that was written for other readers, as they read it: tags of YAML's own and those of CloudFormation, merge
//! keys. Where readers differ, a document is not read.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::Utf8Path;

use super::intrinsic::Intrinsic;
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{FileId, Span};
use crate::value::{Number, Value};
use crate::yaml::scalar::{self, Ambiguity, Misread, Scalar};
use crate::yaml::{Content, Entry, Key, MERGE, Node, Style, Tag, Types, stream};
use crate::yaml::{Dialect, read};

/// What a file is by its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Yaml,
    Json,
}

impl Kind {
    pub fn of(path: &Utf8Path) -> Option<Self> {
        match path.extension() {
            Some("json") => Some(Self::Json),
            Some("yaml" | "yml") => Some(Self::Yaml),
            // Kustomize looks for its own file by this name, too.
            None if path.file_name() == Some("Kustomization") => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// The documents of a file.
#[derive(Default)]
pub struct Documents {
    pub nodes: Vec<Node>,
    /// What these mean.
    pub values: Vec<Value>,
    /// For each document that is not among them, why.
    pub unread: Vec<Findings>,
}

/// What the documents of a file mean to Kubernetes' reader and that of `CloudFormation`.
pub fn documents(text: &str, kind: Kind, file: FileId, limits: &Limits) -> Documents {
    if let Some(other) = other_break(text, file).filter(|_| kind == Kind::Yaml) {
        let mut findings = Findings::default();
        findings.push(other);
        return Documents { unread: vec![findings], ..Documents::default() };
    }
    // One value may be as long as the file.
    let limits = Limits { scalar_bytes: limits.file_bytes as usize, ..limits.clone() };
    let all = match kind {
        Kind::Yaml => stream::each(text, Dialect::Others, file, &limits),
        Kind::Json => {
            let mut findings = Findings::default();
            let node = read::read_text(text, file, &limits, &mut findings);
            vec![stream::Document { node, findings }]
        }
    };
    let merges = text.contains(MERGE);
    let mut found = Documents::default();
    for stream::Document { node, findings } in all {
        if !findings.is_empty() {
            found.unread.push(findings);
            continue;
        }
        // Readers pass over a document with nothing in it.
        let Some(mut node) = node.filter(|node| !stream::is_empty(node)) else { continue };
        let merged = if merges { merge(&mut node) } else { Ok(()) };
        match merged.and_then(|()| value(&node, kind)) {
            Ok(value) => {
                found.nodes.push(node);
                found.values.push(value);
            }
            Err(finding) => {
                let mut findings = Findings::default();
                findings.push(*finding);
                found.unread.push(findings);
            }
        }
    }
    found
}

/// A character at which a line ends to readers of YAML 1.1, such as `kubectl`, and not to others: what is behind it may be a
/// line of its own, also behind the sign of a comment.
fn other_break(text: &str, file: FileId) -> Option<Finding> {
    if text.is_ascii() {
        return None;
    }
    let (at, sign) = text.char_indices().find(|(_, sign)| matches!(sign, '\u{85}' | '\u{2028}' | '\u{2029}'))?;
    let message =
        format!("U+{:04X} stands here, at which a line ends to some readers and not to others", u32::from(sign));
    let finding = Finding::new(&codes::yaml::AMBIGUOUS, Span::new(file, at, at + sign.len_utf8()), message);
    Some(finding.help("write it as an escape in double quotes: `\\u2028`"))
}

type Read<T> = Result<T, Box<Finding>>;

/// A value as Kubernetes' reader and that of `CloudFormation` take it.
fn value(node: &Node, kind: Kind) -> Read<Value> {
    let read = match &node.content {
        Content::Scalar { text, .. } if text.is_empty() && node.tag.is_some() => Value::String(Arc::clone(text)),
        Content::Scalar { text, style } => {
            scalar(text, *style, kind).map_err(|misread| Box::new(misread.finding(node.span)))?
        }
        Content::List(items) => Value::List(items.iter().map(|item| value(item, kind)).collect::<Result<_, _>>()?),
        Content::Map(entries) => {
            let entries = entries.iter().map(|entry| Ok((Arc::clone(&entry.key.text), value(&entry.value, kind)?)));
            Value::Map(entries.collect::<Read<_>>()?)
        }
    };
    let Some(tag) = &node.tag else { return Ok(read) };
    if let Some(name) = tag.text.strip_prefix("!!") {
        return of_core(name, &node.content, read).ok_or_else(|| not_understood(tag));
    }
    let function = Intrinsic::of_tag(&tag.text).map_err(|_| not_understood(tag))?;
    let argument = match (&node.content, read) {
        (Content::Scalar { text, .. }, _) if function.takes_text() => Value::String(Arc::clone(text)),
        (_, read) => read,
    };
    let refused = |why: &str| Finding::new(&codes::yaml::TAG, tag.span, format!("at the tag `{}`, {why}", tag.text));
    function.apply(argument).map_err(|why| Box::new(refused(why)))
}

/// What a tag of YAML's own makes of a value; `None` where it says something else than what is written.
fn of_core(name: &str, content: &Content, read: Value) -> Option<Value> {
    let text = match (name, content) {
        ("str", Content::Scalar { text, .. }) => return Some(Value::String(Arc::clone(text))),
        ("map", Content::Map(_)) | ("seq", Content::List(_)) => return Some(read),
        (_, Content::Scalar { text, .. }) => text,
        _ => return None,
    };
    // With a tag, quotes make no text of it.
    let plain = scalar(text, Style::Plain, Kind::Yaml).ok()?;
    let is_it = match name {
        "int" => matches!(plain, Value::Number(Number::Int(_))),
        "float" => matches!(plain, Value::Number(_)),
        "bool" => matches!(plain, Value::Bool(_)),
        "null" => plain == Value::Null,
        _ => false,
    };
    is_it.then_some(plain)
}

fn not_understood(tag: &Tag) -> Box<Finding> {
    let finding = Finding::new(&codes::yaml::TAG, tag.span, format!("the tag `{}` is not understood", tag.text));
    Box::new(finding.label("this changes what the value means"))
}

/// A number past those that readers have is none of them, and no text either.
fn scalar(text: &Arc<str>, style: Style, kind: Kind) -> Result<Value, Misread> {
    if kind == Kind::Json
        && style == Style::Plain
        && let Some(number) = scalar::json_number(text)
    {
        return number.map(Value::Number);
    }
    match scalar::resolve(text, style, Types::ANY) {
        Ok(read) => Ok(read.into_value(text)),
        Err(misread) if matches!(misread.why, Ambiguity::Large | Ambiguity::NotFinite) => Err(misread),
        Err(misread) => Ok(misread.of_go().unwrap_or(Scalar::String).into_value(text)),
    }
}

/// Puts what merge keys name into the maps that they stand in, here and below.
fn merge(node: &mut Node) -> Read<()> {
    let entries = match &mut node.content {
        Content::Scalar { .. } => return Ok(()),
        Content::List(items) => return items.iter_mut().try_for_each(merge),
        Content::Map(entries) => entries,
    };
    entries.iter_mut().try_for_each(|entry| merge(&mut entry.value))?;
    let is_merge = |entry: &Entry| entry.key.style == Style::Plain && &*entry.key.text == MERGE;
    let Some(at) = entries.iter().position(is_merge) else { return Ok(()) };
    let Entry { key, value } = entries.remove(at);
    let mut known: BTreeSet<Arc<str>> = entries[at..].iter().map(|entry| Arc::clone(&entry.key.text)).collect();
    let before: BTreeSet<&str> = entries[..at].iter().map(|entry| &*entry.key.text).collect();
    let mut merged = Vec::new();
    for map in maps(value, &key)? {
        for entry in map {
            // One reader takes the first of the two, and another the last.
            if before.contains(&*entry.key.text) {
                return Err(uncertain(&key, &format!("brings `{}`, which stands above it as well", entry.key.text)));
            }
            if known.insert(Arc::clone(&entry.key.text)) {
                merged.push(entry);
            }
        }
    }
    entries.splice(at..at, merged);
    Ok(())
}

/// The maps that a merge key names: of two that have the same key, the first wins.
fn maps(value: Node, key: &Key) -> Read<Vec<Vec<Entry>>> {
    let is_tagged = |node: &Node, own: &str| node.tag.as_ref().is_some_and(|tag| &*tag.text != own);
    let map = |node: Node| match node {
        node if is_tagged(&node, "!!map") => Err(uncertain(key, "names a map with a tag")),
        Node { content: Content::Map(entries), .. } => Ok(entries),
        _ => Err(uncertain(key, "names what is no map")),
    };
    match value {
        value if is_tagged(&value, "!!seq") && matches!(value.content, Content::List(_)) => {
            Err(uncertain(key, "names a list with a tag"))
        }
        Node { content: Content::List(items), .. } => items.into_iter().map(map).collect(),
        value => map(value).map(|entries| vec![entries]),
    }
}

fn uncertain(key: &Key, why: &str) -> Box<Finding> {
    let finding = Finding::new(&codes::yaml::MERGE_KEY, key.span, format!("a merge key {why}"));
    Box::new(finding.label("readers differ on what this makes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn found(text: &str, kind: Kind) -> Documents {
        documents(text, kind, Sources::default().add("a.yaml", text), &Limits::default())
    }

    /// Holds what a file means against the same as JSON; gives what is said of it.
    fn check(text: &str, json: &[&str]) -> Vec<String> {
        let wanted: Vec<Value> = json.iter().flat_map(|json| found(json, Kind::Json).values).collect();
        let found = found(text, Kind::Yaml);
        assert_eq!(found.values, wanted, "{text}");
        found.unread.iter().flat_map(Findings::iter).map(|finding| finding.message.clone()).collect()
    }

    #[test]
    fn tags_of_yaml_say_the_type() {
        let text = "a: !!str 7\nb: !!int \"7\"\nc: !!float 1.5\nd: !!bool true\ne: !!null null\nf: !!map {g: !!seq [1]}\n\
                    h: !!str\ni: !!str |\n  x\n";
        let wanted = r#"{"a":"7","b":7,"c":1.5,"d":true,"e":null,"f":{"g":[1]},"h":"","i":"x\n"}"#;
        assert!(check(text, &[wanted]).is_empty());
        for text in ["a: !!int x\n", "a: !!str [x]\n", "a: !!map [x]\n", "a: !!binary eA==\n", "a: !vault x\n"] {
            let said = check(text, &[]);
            assert!(said[0].ends_with("is not understood"), "{said:?}");
        }
        assert_eq!(check("!!str a: 1\n", &[]), ["the tag `!!str` stands at a key"]);
    }

    #[test]
    fn merge_keys_that_are_certain_are_followed() {
        let text =
            "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz:\n  <<: [{a: 4}, *x]\n  c: 5\nw: {<<: {}}\nv: {\"<<\": 1}\n";
        let wanted = r#"{"x":{"a":1,"b":2},"y":{"a":1,"b":3},"z":{"a":4,"b":2,"c":5},"w":{},"v":{"<<":1}}"#;
        assert!(check(text, &[wanted]).is_empty());
        let nested = "x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y}\n";
        assert!(check(nested, &[r#"{"x":{"a":1},"y":{"a":1,"b":2},"z":{"a":1,"b":2}}"#]).is_empty());
        assert_eq!(check("{a: 1, <<: {a: 2}}\n", &[]), ["a merge key brings `a`, which stands above it as well"]);
        assert_eq!(check("<<: 1\n", &[]), ["a merge key names what is no map"]);
        assert_eq!(check("<<: {a: 1}\n<<: {b: 1}\n", &[]), ["a map has two merge keys"]);
    }

    #[test]
    fn a_number_that_no_reader_has_room_for_is_not_read() {
        for (text, kind) in [
            ("c: 10000000000000000000000\n", Kind::Yaml),
            ("c: 18446744073709551616\n", Kind::Yaml),
            ("{\"c\": 10000000000000000000000}", Kind::Json),
            ("{\"c\": 1e400}", Kind::Json),
            ("c: .inf\n", Kind::Yaml),
        ] {
            let found = found(text, kind);
            assert!(found.values.is_empty() && found.unread.len() == 1, "{text}: {:?}", found.values);
        }
        assert!(
            check(
                "c: 18446744073709551615\nd: \"10000000000000000000000\"\n",
                &["{\"c\": 18446744073709551615, \"d\": \"10000000000000000000000\"}"]
            )
            .is_empty()
        );
    }

    #[test]
    fn a_line_that_ends_for_some_readers_is_not_read() {
        for text in ["t: 'a\u{2028}    b'\n", "# note\u{2029}a: 1\n", "a: \u{85}b\n"] {
            let said = check(text, &[]);
            assert!(said[0].contains("a line ends to some readers"), "{text:?}: {said:?}");
        }
        assert!(check("t: \"a\\u2028b é\"\n", &["{\"t\": \"a\\u2028b é\"}"]).is_empty());
    }

    #[test]
    fn a_document_that_is_not_read_is_none_to_the_others() {
        assert_eq!(check("a: !x 1\n---\nb: 2\n", &[r#"{"b":2}"#]), ["the tag `!x` is not understood"]);
    }
}
