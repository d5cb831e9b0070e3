//! Slots: what `{{ … }}` prints in place of a value.
//!
//! The engine's formatter keeps the value beside the text and writes U+E000, the slot's number, U+E001. No file of a
//! project may hold these characters, so a slot in the text is always one that the formatter wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use minijinja::value::{ObjectRepr, Value as Engine, ValueKind};
use minijinja::{Error, Output, State};

use super::context::{self, Session};
use super::embed::Stand;
use super::guard::Bounds;
use super::identity;
use super::lineage::Lineage;
use super::refusal::Refusal;
use super::{convert, embed};
use crate::environment::Tree;
use crate::finding::{Finding, Findings, codes};
use crate::source::{FileId, Span};
use crate::value::Value;

const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';
/// Line marks of the traced render, in the same form.
pub(super) const MARK_OPEN: char = '\u{E002}';
pub(super) const MARK_CLOSE: char = '\u{E003}';

/// Whether a character is one of the four that mean a slot or a mark, and so may stand in no file.
pub(super) fn is_reserved(char: char) -> bool {
    (OPEN..=MARK_CLOSE).contains(&char)
}

/// Whether a character is one of the two that write a slot.
pub(super) fn is_slot(char: char) -> bool {
    char == OPEN || char == CLOSE
}

/// A text without its marks.
pub(super) fn without_marks(text: &str) -> String {
    take_marks(text).0
}

/// A text without its marks; where in it each stood, and which it is.
pub(super) fn take_marks(text: &str) -> (String, Vec<(usize, Mark)>) {
    let mut out = String::with_capacity(text.len());
    let mut marks = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK_OPEN) {
        out.push_str(before);
        let (mark, after) = after.split_once(MARK_CLOSE).unwrap_or(("", after));
        marks.extend(Mark::read(mark).map(|mark| (out.len(), mark)));
        rest = after;
    }
    out.push_str(rest);
    (out, marks)
}

/// What a mark in a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A place of a template, by its number.
    Place(usize),
    /// What follows stands below a decision.
    Within(usize),
    /// Nothing more stands below it.
    Left(usize),
}

impl Mark {
    fn read(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse().ok();
        match text.as_bytes().first()? {
            b'i' => number(&text[1..]).map(Self::Within),
            b'o' => number(&text[1..]).map(Self::Left),
            _ => number(text).map(Self::Place),
        }
    }

    fn write(self, out: &mut Output) -> Result<(), Error> {
        let (letter, number) = match self {
            Self::Place(number) => ("", number),
            Self::Within(number) => ("i", number),
            Self::Left(number) => ("o", number),
        };
        Ok(write!(out, "{MARK_OPEN}{letter}{number}{MARK_CLOSE}")?)
    }
}

/// The decisions that marks of a text name.
pub(super) fn decisions_in(text: &str) -> Vec<usize> {
    let marks = text.split(MARK_OPEN).skip(1).filter_map(|rest| Mark::read(rest.split_once(MARK_CLOSE)?.0));
    marks
        .filter_map(|mark| if let Mark::Within(number) | Mark::Left(number) = mark { Some(number) } else { None })
        .collect()
}

/// Whether a text holds a reserved character.
pub fn has_reserved(text: &str) -> bool {
    // All four share their first two bytes, and no ASCII text has the first.
    text.as_bytes().contains(&0xEE) && text.chars().any(is_reserved)
}

/// What is said of a reserved character.
pub(super) fn refused(char: char, span: Span) -> Finding {
    let message = format!("the character U+{:04X}, which platc keeps for itself", u32::from(char));
    Finding::new(&codes::template::RESERVED, span, message).help("remove it; it has no meaning of its own")
}

/// Whether a text is free of the characters that mean a slot.
pub(super) fn is_clean(text: &str, file: FileId, findings: &mut Findings) -> bool {
    if !has_reserved(text) {
        return true;
    }
    let at = text.find(is_reserved).unwrap_or_default();
    let char = text[at..].chars().next().unwrap_or_default();
    findings.push(refused(char, Span::new(file, at, at + char.len_utf8())));
    false
}

/// The escapes of a scalar in double quotes that spell a reserved character, by their places in it.
pub(super) fn escaped(written: &str) -> impl Iterator<Item = (Range<usize>, char)> {
    let mut at = if written.starts_with('"') { 0 } else { written.len() };
    std::iter::from_fn(move || {
        loop {
            let start = at + written[at..].find('\\')?;
            let letter = written[start + 1..].chars().next()?;
            at = start + 1 + letter.len_utf8();
            let digits = match letter {
                'u' => 4,
                'U' => 8,
                _ => continue,
            };
            let Some(code) = written.get(at..at + digits) else { continue };
            let char = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
            if let Some(char) = char.filter(|char| is_reserved(*char)) {
                at += digits;
                return Some((start..at, char));
            }
        }
    })
}

/// A printed value.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    Scalar(Value),
    /// A map or a list of the environment, whole.
    Tree(Arc<Tree>),
    /// A map or a list that the template made.
    Made(Engine),
    /// A text with slots of its own: the result of a macro, a `set` block, of `tojson`.
    Captured(Arc<str>),
}

/// All slots of one render, kept in the engine's state.
pub(super) struct Slots {
    pub(super) printed: Vec<Slot>,
    /// Those of texts that tags print: see [`super::embed`].
    pub(super) embedded: BTreeSet<usize>,
    /// Those in the text of a document that a tag took in, by the template that makes it.
    pub(super) of_documents: BTreeMap<usize, Arc<str>>,
    /// Lines that several texts share and that are being printed: whether what was printed last ended its line.
    pub(super) lines: Vec<Option<bool>>,
    pub(super) prints: Vec<Print>,
    pub(super) session: Arc<Session>,
}

/// The formatter: records a value, writes its slot.
pub(super) fn print(out: &mut Output, state: &mut State, value: &Engine) -> Result<(), Error> {
    // Undefined values do not get here, but for the missing `else` of `a if b`.
    if value.is_undefined() {
        let refusal = Refusal::new(&codes::template::UNDEFINED, "`a if b` has no value where `b` is not so");
        return Err(refusal.help("write what it is then: `a if b else c`; `''` is an empty text").into());
    }
    if let Some(marked) = marked(value) {
        return print_marked(out, state, marked);
    }
    if value.kind() == ValueKind::Plain
        && let Some(text) = value.downcast_object_ref::<embed::Text>()
    {
        return text.print(out, state);
    }
    if value.kind() == ValueKind::Plain
        && let Some(edge) = value.downcast_object_ref::<embed::Edge>()
    {
        return edge.print(out, state);
    }
    let slots = slots(state);
    let slot = match value.kind() {
        // Nothing is not a value: a macro that only checks may stand on a line of its own.
        ValueKind::String if value.is_safe() && value.as_str() == Some("") => return Ok(()),
        ValueKind::String if value.is_safe() => Slot::Captured(value.to_str().unwrap_or_default()),
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => match context::tree(value) {
            Some(tree) => Slot::Tree(Arc::clone(tree)),
            None if is_macro(value) => return Err(convert::not_a_value().into()),
            None => Slot::Made(value.clone()),
        },
        _ => Slot::Scalar(convert::scalar(value, &slots.session)?),
    };
    let number = slots.printed.len();
    slots.printed.push(slot);
    write(out, number)?;
    Ok(())
}

/// A slot as it stands in a text.
pub(super) fn written(number: usize) -> String {
    format!("{OPEN}{number:0DIGITS$}{CLOSE}")
}

/// Digits of a slot's number, at least: with one width, texts that differ in these numbers only have one length.
const DIGITS: usize = 4;

/// Writes a slot, at once: formatting its number would take longer than all else.
fn write(out: &mut Output, number: usize) -> fmt::Result {
    const FIRST: &str = "\u{E000}0000\u{E001}";
    if number >= 10_usize.pow(DIGITS as u32) {
        return write!(out, "{OPEN}{number}{CLOSE}");
    }
    let (mut slot, mut rest) = ([0; FIRST.len()], number);
    slot.copy_from_slice(FIRST.as_bytes());
    for digit in slot[OPEN.len_utf8()..][..DIGITS].iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    out.write_str(std::str::from_utf8(&slot).map_err(|_| fmt::Error)?)
}

/// Whether a value is a macro, which the engine shows as a map of its name, its arguments and one thing more.
pub(super) fn is_macro(value: &Engine) -> bool {
    value.kind() == ValueKind::Map
        && value.len() == Some(3)
        && value.get_attr("caller").is_ok_and(|caller| caller.kind() == ValueKind::Bool)
        && value.to_string().starts_with("<macro ")
}

/// A mark of the traced render, or a value with the mark of the expression that printed it.
#[derive(Debug)]
pub(super) enum Marked {
    Mark(Mark),
    Value(usize, Engine),
}

impl minijinja::value::Object for Marked {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

fn marked(value: &Engine) -> Option<&Marked> {
    if value.kind() == ValueKind::Plain { value.downcast_object_ref() } else { None }
}

fn print_marked(out: &mut Output, state: &mut State, marked: &Marked) -> Result<(), Error> {
    let (mark, value) = match marked {
        Marked::Mark(mark) => return mark.write(out),
        Marked::Value(mark, value) => (*mark, value),
    };
    Mark::Place(mark).write(out)?;
    let slots = slots(state);
    let lineage = slots.session.printed(value, mark);
    // A text without any letter is not printed; what it depends on is.
    if value.is_safe() && value.as_str().is_some_and(|text| !text.is_empty() && without_marks(text).is_empty()) {
        return decisions_in(value.as_str().unwrap_or_default())
            .into_iter()
            .try_for_each(|it| Mark::Left(it).write(out));
    }
    slots.prints.push(Print { slot: slots.printed.len(), mark, lineage, value: value.clone() });
    print(out, state, &identity::plain(value))
}

/// What a text of a traced render was made of: the values in it, and the decisions.
pub(super) fn lineage_in(state: &mut State, text: &str) -> Lineage {
    let slots = slots(state);
    let mut lineage = Lineage::default();
    let (mut texts, mut seen) = (vec![Arc::<str>::from(text)], BTreeSet::new());
    while let Some(text) = texts.pop() {
        lineage.add_reasons(&decisions_in(&text));
        for (_, _, number) in places(&text).filter(|(_, _, number)| seen.insert(*number)) {
            slots.prints.iter().filter(|print| print.slot == number).for_each(|print| lineage.add(&print.lineage));
            if let Some(Slot::Captured(text)) = slots.printed.get(number) {
                texts.push(Arc::clone(text));
            }
        }
    }
    lineage
}

/// Notes that values stand in the text of a document, which a tag takes in.
pub(super) fn note_document(state: &mut State, name: &Arc<str>, text: &str) {
    let noted = places(text).map(|(_, _, slot)| (slot, Arc::clone(name)));
    slots(state).of_documents.extend(noted);
}

/// What is said of a document whose values would lose their quotes.
pub(super) fn document_in_text(name: &str) -> (String, String) {
    let message = format!("the document of `{name}` stands in a text, where its values have no quotes");
    (message, format!("`{{{{ text(\"{name}\") }}}}` gives it as it stands in the tree"))
}

/// Whether a text is made of slots whose values are empty texts.
pub(super) fn is_nothing(state: &mut State, text: &str) -> bool {
    let printed = &slots(state).printed;
    pieces(text).all(|piece| match piece {
        Piece::Text(_) => false,
        Piece::Slot(number) => {
            matches!(printed.get(number), Some(Slot::Scalar(Value::String(text))) if text.is_empty())
        }
    })
}

/// Notes that a tag printed nothing, at a mark in a traced render.
pub(super) fn print_nothing(out: &mut Output, mark: Option<usize>) -> Result<(), Error> {
    mark.map_or(Ok(()), |mark| Mark::Place(mark).write(out))
}

/// Prints a text that a tag printed into a capture.
pub(super) fn print_embedded(
    out: &mut Output,
    state: &mut State,
    text: &Arc<str>,
    mark: Option<usize>,
) -> Result<(), Error> {
    let slots = slots(state);
    slots.embedded.insert(slots.printed.len());
    print_part(out, state, Slot::Captured(Arc::clone(text)), mark)
}

/// Prints a text that was made, as a part of the text around it.
pub(super) fn print_text(out: &mut Output, state: &mut State, text: &str, mark: Option<usize>) -> Result<(), Error> {
    print_part(out, state, Slot::Scalar(Value::String(text.into())), mark)
}

fn print_part(out: &mut Output, state: &mut State, printed: Slot, mark: Option<usize>) -> Result<(), Error> {
    let slots = slots(state);
    let slot = slots.printed.len();
    slots.printed.push(printed);
    if let Some(mark) = mark {
        slots.prints.push(Print { slot, mark, lineage: Lineage::default(), value: Engine::UNDEFINED });
        Mark::Place(mark).write(out)?;
    }
    write(out, slot)?;
    Ok(())
}

/// A printed text with the values of its slots in it.
///
/// # Errors
/// When a slot holds what has no text.
pub(super) fn resolved(state: &mut State, bounds: &Bounds, text: &str) -> Result<String, Refusal> {
    let slots = slots(state);
    let (printed, embedded) = (std::mem::take(&mut slots.printed), std::mem::take(&mut slots.embedded));
    let mut out = String::new();
    let result = resolve(state, bounds, &printed, &embedded, text, 0, &mut out);
    let slots = self::slots(state);
    (slots.printed, slots.embedded) = (printed, embedded);
    result.map(|()| out)
}

/// The same, with the slots of values that are texts in it.
///
/// # Errors
/// As [`resolved`].
pub(super) fn slotted(state: &mut State, bounds: &Bounds, text: &str) -> Result<String, Refusal> {
    let slots = slots(state);
    let (printed, embedded) = (slots.printed.clone(), slots.embedded.clone());
    let own = |(number, slot)| match slot {
        Slot::Scalar(Value::String(_)) => Slot::Scalar(Value::String(written(number).into())),
        other => other,
    };
    let printed: Vec<Slot> = printed.into_iter().enumerate().map(own).collect();
    let mut out = String::new();
    resolve(state, bounds, &printed, &embedded, text, 0, &mut out)?;
    Ok(out)
}

fn resolve(
    state: &mut State,
    bounds: &Bounds,
    printed: &[Slot],
    embedded: &BTreeSet<usize>,
    text: &str,
    depth: usize,
    out: &mut String,
) -> Result<(), Refusal> {
    if depth > bounds.depth {
        return Err(Refusal::too_large(format!("texts within each other, more than {} deep", bounds.depth)));
    }
    let text = without_marks(text);
    for (range, piece) in placed(&text) {
        bounds.spend_nodes(state, 1)?;
        let start = out.len();
        let is_behind = embed::has_begun(out);
        let mut moved = None;
        if let Piece::Slot(number) = piece {
            let is_line = |blanks: &str| embed::is_last_line(out, blanks);
            let stand = Stand::of(&text[..range.start], &text[range.end..], is_line);
            moved = stand.or_embedded(embedded.contains(&number));
        }
        if let Piece::Slot(number) = piece
            && let Some(name) = slots(state).of_documents.get(&number)
        {
            let (message, help) = document_in_text(name);
            return Err(Refusal::new(&codes::template::NOT_TEXT, message).help(help));
        }
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Slot(number) => match printed.get(number) {
                Some(Slot::Scalar(value)) => match convert::text(value) {
                    Some(text) => out.push_str(&text),
                    None => return Err(Refusal::operation("null is printed in this text, and has none")),
                },
                Some(Slot::Captured(text)) => {
                    if moved.is_some() {
                        let mut own = String::new();
                        resolve(state, bounds, printed, embedded, text, depth + 1, &mut own)?;
                        embed::join_one_line(&without_marks(text), &mut own, 0, false);
                        out.push_str(&own);
                    } else {
                        resolve(state, bounds, printed, embedded, text, depth + 1, out)?;
                        embed::join_one_line(&without_marks(text), out, start, true);
                    }
                }
                Some(Slot::Tree(_) | Slot::Made(_)) => {
                    let refusal = Refusal::operation("a map or a list is printed in this text, and has none");
                    return Err(refusal.help("print it as JSON with `tojson`"));
                }
                None => {}
            },
        }
        let is_settled = match moved {
            Some(ends) => {
                bounds.spend_bytes(state, embed::added(out, start))?;
                embed::settle(out, start, true, ends)
            }
            None => true,
        };
        if !is_settled || is_behind && matches!(piece, Piece::Slot(_)) && embed::leaves_comment(out, start) {
            let refusal = Refusal::new(&codes::template::NOT_TEXT, embed::BEHIND_COMMENT);
            return Err(refusal.help(embed::BEHIND_COMMENT_HELP));
        }
        bounds.spend_bytes(state, out.len().saturating_sub(start))?;
    }
    Ok(())
}

/// What a traced render knows of a slot.
#[derive(Clone, Debug)]
pub(super) struct Print {
    pub(super) slot: usize,
    pub(super) mark: usize,
    pub(super) lineage: Lineage,
    /// As it was before what it was made of was taken off.
    pub(super) value: Engine,
}

pub(super) fn slots<'a>(state: &'a mut State) -> &'a mut Slots {
    if state.get_extension::<Slots>().is_none() {
        let session = context::session(state);
        state.get_or_insert_extension(Slots {
            printed: Vec::new(),
            embedded: BTreeSet::new(),
            of_documents: BTreeMap::new(),
            lines: Vec::new(),
            prints: Vec::new(),
            session,
        });
    }
    state.get_extension_mut().expect("inserted just now")
}

/// A stretch of text between slots, or a slot's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Slot(usize),
}

/// A text as its stretches and slots, in order. No stretch is empty.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(at) = rest.find(OPEN) else {
            return Some(Piece::Text(std::mem::take(&mut rest)));
        };
        if at > 0 {
            let (before, after) = rest.split_at(at);
            rest = after;
            return Some(Piece::Text(before));
        }
        let (number, after) = rest[OPEN.len_utf8()..].split_once(CLOSE)?;
        rest = after;
        number.parse().ok().map(Piece::Slot)
    })
}

/// A text as its stretches and slots, in order, and where each stands.
pub(super) fn placed(text: &str) -> impl Iterator<Item = (Range<usize>, Piece<'_>)> {
    let mut rest = pieces(text);
    let mut slots = places(text);
    let mut at = 0;
    std::iter::from_fn(move || {
        let piece = rest.next()?;
        let end = match piece {
            Piece::Text(text) => at + text.len(),
            Piece::Slot(_) => slots.next()?.1,
        };
        let range = at..end;
        at = end;
        Some((range, piece))
    })
}

/// Each slot's start, end and number. The last byte of what closes a slot is in no other of the four characters, so that is
/// what is looked for.
pub(super) fn places(text: &str) -> impl Iterator<Item = (usize, usize, usize)> {
    text.match_indices(CLOSE).filter_map(|(end, _)| {
        let before = text[..end].trim_end_matches(|char: char| char.is_ascii_digit());
        let start = before.strip_suffix(OPEN)?.len();
        Some((start, end + CLOSE.len_utf8(), text[before.len()..end].parse().ok()?))
    })
}

/// A text with its slots numbered from zero, and the number that each had. Everything stays where it is: new digits take
/// the places of the old ones, and are as many, because no slot stands before one with a lower number.
pub(super) fn renumbered(text: &str) -> (String, Vec<usize>) {
    let mut bytes = text.as_bytes().to_vec();
    let mut numbers = Vec::new();
    for (start, end, number) in places(text) {
        let mut rest = numbers.len();
        for digit in bytes[start + OPEN.len_utf8()..end - CLOSE.len_utf8()].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        numbers.push(number);
    }
    (String::from_utf8(bytes).expect("digits took the places of digits"), numbers)
}

/// The number of the slot that is the whole text.
pub(super) fn whole(text: &str) -> Option<usize> {
    let number = text.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_numbered_anew_where_they_stand() {
        let (text, numbers) = renumbered("a: \u{E000}0017\u{E001}\nb: [\u{E000}0019\u{E001}, \u{E000}12345\u{E001}]");
        assert_eq!(text, "a: \u{E000}0000\u{E001}\nb: [\u{E000}0001\u{E001}, \u{E000}00002\u{E001}]");
        assert_eq!(numbers, [17, 19, 12345]);
        assert_eq!(renumbered("none"), ("none".to_owned(), Vec::new()));
    }

    #[test]
    fn escapes_of_reserved_characters_are_found() {
        let found = |written| escaped(written).map(|(range, _)| range).collect::<Vec<_>>();
        assert_eq!(found(r#""a \ue000 \U0000E003""#), [3..9, 10..20]);
        assert_eq!(found(r#""\\\ue001 \ue002""#), [3..9, 10..16]);
        for fine in [r#""\\ue000""#, r"'\ue000'", r"\ue000", r#""\ue004 \ue0""#, r#""\ud83d\ude00 \n\"é""#] {
            assert!(found(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn a_text_falls_into_pieces() {
        let all = |text| pieces(text).collect::<Vec<_>>();
        assert_eq!(all(""), []);
        assert_eq!(all("a"), [Piece::Text("a")]);
        assert_eq!(all("\u{E000}12\u{E001}"), [Piece::Slot(12)]);
        assert_eq!(
            all("a\u{E000}0\u{E001}\u{E000}1\u{E001}b"),
            [Piece::Text("a"), Piece::Slot(0), Piece::Slot(1), Piece::Text("b")]
        );
        assert_eq!(whole("\u{E000}7\u{E001}"), Some(7));
        assert_eq!(whole("\u{E000}7\u{E001}\u{E000}8\u{E001}"), None);
        assert_eq!(whole("7"), None);
    }
}
