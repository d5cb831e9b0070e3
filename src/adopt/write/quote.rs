//! Texts in templates: quoted for YAML, and with the braces of other tools kept from the engine.

use super::hand;
use crate::adopt::plan::Piece;
use crate::value::Value;
use crate::yaml::emit;

/// What begins something of the engine's.
const OPENS: [&str; 3] = ["{{", "{%", "{#"];

/// Whether the engine would take a part of a text for its own, also with a value behind it.
pub(in crate::adopt) fn has_braces(text: &str) -> bool {
    text.ends_with('{') || OPENS.iter().any(|open| text.contains(open))
}

/// A text on one line in which no brace is the engine's.
pub(in crate::adopt) fn kept(text: &str) -> String {
    if !has_braces(text) {
        return text.to_owned();
    }
    if text.contains("endraw") || text.starts_with(' ') || text.ends_with(' ') {
        return spelled(text);
    }
    format!("{{% raw %}}{text}{{% endraw %}}")
}

/// A text with its braces printed by the engine.
pub(in crate::adopt) fn spelled(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = OPENS.iter().filter_map(|open| rest.find(open)).min() {
        let (before, behind) = rest.split_at(at);
        let (open, behind) = behind.split_at(2);
        written.push_str(&format!("{before}{{{{ '{open}' }}}}"));
        rest = behind;
    }
    match rest.strip_suffix('{') {
        Some(before) => written + before + "{{ '{' }}",
        None => written + rest,
    }
}

/// What stands behind a key, of a text without line breaks; with its quotes, if it needs some.
pub(in crate::adopt) fn scalar(text: &str) -> String {
    let written = hand::text(text);
    match written.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) => format!("\"{}\"", kept(inner)),
        None => kept(&written),
    }
}

/// The environment's name, as a template says it.
pub(in crate::adopt) fn environment(upper: bool) -> &'static str {
    if upper { "{{ platc.environment | upper }}" } else { "{{ platc.environment }}" }
}

/// A text with holes on one line.
pub(in crate::adopt) fn pieces(pieces: &[Piece], setting: impl Fn(&[String]) -> String) -> String {
    let one = |piece: &Piece, literal: &dyn Fn(&str) -> String| match piece {
        Piece::Literal(text) => literal(text),
        Piece::Hole(hole) => format!("{{{{ {} }}}}", setting(&hole.name)),
        Piece::Environment { upper } => environment(*upper).to_owned(),
    };
    let is_alone = matches!(pieces, [Piece::Hole(_) | Piece::Environment { .. }]);
    let literals = pieces.iter().map(|piece| if let Piece::Literal(text) = piece { text } else { "x" });
    if is_alone || hand::is_plain(&literals.collect::<String>()) {
        return pieces.iter().map(|piece| one(piece, &str::to_owned)).collect();
    }
    let inner = |text: &str| {
        let written = emit::json(&Value::String(text.into()));
        let written = written.trim_end_matches('\n');
        kept(written.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(written))
    };
    format!("\"{}\"", pieces.iter().map(|piece| one(piece, &inner)).collect::<String>())
}
