//! An answer of `why`, drawn with the lines that it names, and as JSON.

use std::cell::RefCell;
use std::fmt::Write as _;

use serde::Serialize;

use super::Answer;
use crate::cli::excerpt::{Excerpts, Place};
use crate::finding::render::safe;
use crate::finding::render::text::Look;
use crate::rules::HIDDEN;
use crate::template::{Kind, Reason, Source, Why};
use crate::value::Value;

/// Values that are shown of those that something was made of.
const SHOWN: usize = 12;

pub(super) fn text(answer: &Answer<'_>, look: Look) -> String {
    let mut out = String::new();
    let (sources, mask, conceals) = (&answer.asked.session.sources, &answer.asked.mask, answer.is_secret);
    let excerpts = Excerpts { sources, mask, look, conceals, seen: RefCell::default() };
    if let Some(stale) = &answer.stale {
        let _ = writeln!(out, "{}: {}; this is what stands there now", excerpts.strong("stale"), safe::line(stale));
    }
    let place = answer.path.as_ref().map(|path| format!("  {}", safe::line(&path.to_string()))).unwrap_or_default();
    let name = &answer.asked.environment.name;
    let _ = writeln!(
        out,
        "{}{place}",
        excerpts.strong(&safe::line(&format!("{name}:{}:{}", answer.artifact, answer.line)))
    );
    if let Some(value) = shown(answer) {
        let _ = writeln!(out, "  {}", safe::line(&value));
    }
    out.push('\n');
    if let Some(own) = answer.own {
        let _ = writeln!(out, "written by platc: {own}");
        return out;
    }
    if let Some(copied) = answer.copied {
        out.push_str("copied from\n");
        out.push_str(&excerpts.draw(&Place::at(copied), "as it lies here"));
    }
    let Some(said) = &answer.said else { return out };
    if let Some(source) = &said.source {
        value(&mut out, &excerpts, "value of", source);
    } else if said.inputs.is_empty() {
        out.push_str("written in the template\n");
    } else {
        let by = match &said.through[..] {
            [] => String::new(),
            names => format!(" with `{}`", names.join("`, `")),
        };
        let _ = writeln!(out, "made of {}{by}", count(said.inputs.len(), "value"));
        for source in said.inputs.iter().take(SHOWN) {
            value(&mut out, &excerpts, "  from", source);
        }
        if said.inputs.len() > SHOWN {
            let _ = writeln!(out, "  … and {} more", said.inputs.len() - SHOWN);
        }
    }
    for source in said.key_data() {
        value(&mut out, &excerpts, "its key is from", source);
    }
    let how = if said.merged { "laid over the document by `merge`" } else { "printed here" };
    out.push_str(&excerpts.draw(&Place::at(said.template), how));
    for call in said.via.iter().rev() {
        out.push_str(&excerpts.draw(&Place::at(*call), "which is called here"));
    }
    let whole = answer.map.whole(answer.document);
    let reasons: Vec<&Reason> = whole.reasons.iter().chain(answer.map.reasons(answer.document, said)).collect();
    if !reasons.is_empty() {
        out.push_str("\nstands here because of\n");
        for reason in reasons {
            out.push_str(&because(reason, &excerpts));
        }
    }
    if !whole.named_by.is_empty() {
        let paths: Vec<_> = whole.named_by.iter().map(|source| format!("`{}`", source.path)).collect();
        let _ = writeln!(out, "\nin a file that is named by {}", safe::line(&paths.join(", ")));
    }
    out
}

/// A value of the environment and who set it.
fn value(out: &mut String, excerpts: &Excerpts<'_>, words: &str, source: &Source) {
    let _ = writeln!(out, "{words} {}", excerpts.strong(&safe::line(&format!("`{}`", source.path))));
    let hides = excerpts.mask.hides(&source.tree);
    let mut place = Place { span: source.span(), hides };
    out.push_str(&excerpts.draw(&place, "set here"));
    for overrode in source.overrode() {
        place.span = overrode;
        out.push_str(&excerpts.draw(&place, "was set here before"));
    }
}

fn because(reason: &Reason, excerpts: &Excerpts<'_>) -> String {
    let mut out = String::new();
    let names = |sources: &[Source]| {
        let names: Vec<_> = sources.iter().take(SHOWN).map(|source| format!("`{}`", source.path)).collect();
        let rest = if sources.len() > SHOWN { ", …" } else { "" };
        format!("{}{rest}", names.join(", "))
    };
    let absent: Vec<_> = reason.absent.iter().map(|absent| format!("`{}` is not set", absent.path)).collect();
    let absent = absent.join(", ");
    let words = match (word(reason.kind), &reason.sources[..]) {
        (_, []) if !absent.is_empty() => absent,
        (word, []) => word.to_owned(),
        (word, sources) if absent.is_empty() => format!("{word} of {}", names(sources)),
        (word, sources) => format!("{word} of {}; {absent}", names(sources)),
    };
    for (number, place) in reason.places.iter().enumerate() {
        let words = if number == 0 { words.as_str() } else { "and" };
        out.push_str(&excerpts.draw(&Place::at(*place), words));
    }
    for source in reason.sources.iter().filter(|source| !source.is_shape).take(SHOWN) {
        let hides = excerpts.mask.hides(&source.tree);
        out.push_str(&excerpts.draw(&Place { span: source.span(), hides }, "set here"));
    }
    out
}

fn word(kind: Why) -> &'static str {
    match kind {
        Why::Decided(Kind::If) => "`if`",
        Why::Decided(Kind::For) => "`for`",
        Why::Decided(Kind::Choice) => "a choice",
        Why::Decided(Kind::Absent) => "what is not there",
        Why::When => "`when`",
        Why::ForEach => "`for_each`",
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The value in one line, if it may be shown.
fn shown(answer: &Answer<'_>) -> Option<String> {
    let text = match answer.value.as_ref()? {
        _ if answer.is_secret => HIDDEN.to_owned(),
        Value::String(text) => answer.asked.mask.text(text).into_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null => "null".to_owned(),
        Value::List(items) => count(items.len(), "item"),
        Value::Map(entries) => count(entries.len(), "key"),
    };
    let short: String = text.lines().next().unwrap_or_default().chars().take(100).collect();
    Some(if short.len() < text.len() { format!("{short} …") } else { short })
}

/// The answer for a program.
#[derive(Serialize)]
pub(super) struct Told {
    environment: String,
    artifact: String,
    line: u32,
    path: Option<String>,
    value: Option<String>,
    template: Option<At>,
    via: Vec<At>,
    /// `value`, `made`, `template`, `copy` or `platc`.
    from: &'static str,
    sources: Vec<Node>,
    through: Vec<String>,
    key: Vec<Node>,
    because: Vec<Because>,
    stale: bool,
    merged: bool,
}

#[derive(Serialize)]
pub(in crate::cli) struct At {
    pub(in crate::cli) file: String,
    pub(in crate::cli) line: u32,
    pub(in crate::cli) column: u32,
}

#[derive(Serialize)]
struct Node {
    path: String,
    set: At,
    overrode: Vec<At>,
}

#[derive(Serialize)]
struct Because {
    kind: &'static str,
    places: Vec<At>,
    sources: Vec<Node>,
    absent: Vec<String>,
}

pub(super) fn json(answer: &Answer<'_>) -> Told {
    let sources = &answer.asked.session.sources;
    let at = |span: crate::source::Span| {
        let source = sources.get(span.file);
        let position = source.position(span.start);
        At { file: source.path().to_string(), line: position.line, column: position.column }
    };
    let node = |source: &Source| Node {
        path: source.path.to_string(),
        set: at(source.span()),
        overrode: source.overrode().map(at).collect(),
    };
    let because = |reason: &Reason| Because {
        kind: match reason.kind {
            Why::Decided(Kind::If) => "if",
            Why::Decided(Kind::For) => "for",
            Why::Decided(Kind::Choice) => "choice",
            Why::Decided(Kind::Absent) => "absent",
            Why::When => "when",
            Why::ForEach => "for_each",
        },
        places: reason.places.iter().copied().map(at).collect(),
        sources: reason.sources.iter().map(node).collect(),
        absent: reason.absent.iter().map(|absent| absent.path.to_string()).collect(),
    };
    let said = answer.said.as_ref();
    let reasons = said.map(|said| answer.map.reasons(answer.document, said)).unwrap_or_default();
    Told {
        environment: answer.asked.environment.name.to_string(),
        artifact: answer.artifact.to_string(),
        line: answer.line,
        path: answer.path.as_ref().map(ToString::to_string),
        value: shown(answer),
        template: said.map(|said| at(said.template)).or_else(|| answer.copied.map(at)),
        via: said.iter().flat_map(|said| &said.via).copied().map(at).collect(),
        from: match said {
            _ if answer.own.is_some() => "platc",
            _ if answer.copied.is_some() => "copy",
            Some(said) if said.source.is_some() => "value",
            Some(said) if !said.inputs.is_empty() => "made",
            _ => "template",
        },
        sources: said.iter().flat_map(|said| said.data()).map(node).collect(),
        through: said.iter().flat_map(|said| &said.through).map(ToString::to_string).collect(),
        key: said.iter().flat_map(|said| said.key_data()).map(node).collect(),
        because: answer.map.whole(answer.document).reasons.iter().chain(reasons).map(because).collect(),
        stale: answer.stale.is_some(),
        merged: said.is_some_and(|said| said.merged),
    }
}
