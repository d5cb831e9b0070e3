//! Texts: quotes, indentation, cutting, trimming and replacing. What is kept of a text keeps its origins.

use crate::chart::failure::Failed;
use crate::chart::marks::Marks;
use crate::chart::print::{printed, quoted};
use crate::chart::text::{Text, TextBuilder};
use crate::chart::value::{Data, Value};

use super::{Context, Function, Kind, Made, because, int, keeping, plain, text};

const TEXT: &[Kind] = &[Kind::Text];
const TWO: &[Kind] = &[Kind::Text, Kind::Text];
const NUMBERED: &[Kind] = &[Kind::Int, Kind::Text];

pub(super) const ALL: &[Function] = &[
    keeping("toString", &[Kind::Any], None, |context, values| strval(&values[0], context)),
    keeping("quote", &[], Some(Kind::Any), |context, values| quote(context, values, true)),
    keeping("squote", &[], Some(Kind::Any), |context, values| quote(context, values, false)),
    keeping("cat", &[], Some(Kind::Any), cat),
    keeping("indent", NUMBERED, None, |context, values| indent(context, values, false)),
    keeping("nindent", NUMBERED, None, |context, values| indent(context, values, true)),
    keeping("replace", &[Kind::Text, Kind::Text, Kind::Text], None, replace),
    keeping("trim", TEXT, None, |_, values| Ok(cut(&values[0], |it| it.trim_matches(is_space)))),
    keeping("trimAll", TWO, None, trim_all),
    keeping("trimall", TWO, None, trim_all),
    keeping("trimSuffix", TWO, None, |_, values| {
        let end = text(&values[0]).str();
        Ok(cut(&values[1], |it| it.strip_suffix(&*end).unwrap_or(it)))
    }),
    keeping("trimPrefix", TWO, None, |_, values| {
        let start = text(&values[0]).str();
        Ok(cut(&values[1], |it| it.strip_prefix(&*start).unwrap_or(it)))
    }),
    keeping("trunc", NUMBERED, None, |_, values| {
        let (count, whole) = (int(&values[0]), text(&values[1]));
        let length = whole.len() as i64;
        let range = match count {
            ..0 if length + count > 0 => (length + count) as usize..whole.len(),
            0.. if length > count => 0..count as usize,
            _ => 0..whole.len(),
        };
        Ok(part(&values[1], range))
    }),
    keeping("substr", &[Kind::Int, Kind::Int, Kind::Text], None, substr),
    keeping("repeat", NUMBERED, None, |context, values| {
        let count = int(&values[0]);
        let Ok(count) = usize::try_from(count) else { return because("a text can't be repeated less than zero times") };
        let whole = text(&values[1]);
        context.meter.bytes(whole.len().saturating_mul(count))?;
        let mut out = TextBuilder::default();
        (0..count.min(if whole.is_empty() { 0 } else { count })).for_each(|_| out.push(whole, &values[1].marks));
        Ok(out.finish().into())
    }),
    plain("contains", TWO, None, |_, values| Ok(text(&values[1]).str().contains(&*text(&values[0]).str()).into())),
    plain("hasPrefix", TWO, None, |_, values| {
        Ok(text(&values[1]).bytes().starts_with(text(&values[0]).bytes()).into())
    }),
    plain("hasSuffix", TWO, None, |_, values| Ok(text(&values[1]).bytes().ends_with(text(&values[0]).bytes()).into())),
    plain("plural", &[Kind::Text, Kind::Text, Kind::Int], None, |_, values| {
        Ok(if int(&values[2]) == 1 { values[0].clone() } else { values[1].clone() })
    }),
];

/// What Go's `unicode.IsSpace` says.
pub(super) fn is_space(letter: char) -> bool {
    matches!(letter, '\t'..='\r' | ' ' | '\u{85}' | '\u{a0}') || (letter > '\u{ff}' && letter.is_whitespace())
}

pub(super) fn lower(letter: char) -> char {
    // One letter for one, as Go maps them.
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => letter,
    }
}

pub(super) fn upper(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => letter,
    }
}

/// The text of a value: itself, if it is one.
pub(super) fn strval(value: &Value, context: &Context) -> Made {
    match &value.data {
        Data::Text(_) => Ok(value.clone()),
        Data::Bytes(bytes) => {
            Ok(Value { data: Data::Text(Text::from_bytes(bytes.to_vec())), marks: value.marks.clone() })
        }
        _ => {
            let mut out = TextBuilder::default();
            printed(&mut out, value, context.meter)?;
            Ok(Value { data: Data::Text(out.finish()), marks: value.marks.clone() })
        }
    }
}

fn part(value: &Value, range: std::ops::Range<usize>) -> Value {
    Value { data: Data::Text(text(value).slice(range)), marks: value.marks.clone() }
}

/// A part of a text that is found in its letters.
fn cut(value: &Value, find: impl for<'a> Fn(&'a str) -> &'a str) -> Value {
    let whole = text(value);
    if !whole.is_utf8() {
        let shown = whole.str().into_owned();
        return Value { data: Data::Text(find(&shown).to_owned().into()), marks: value.own_marks() };
    }
    let shown = whole.str();
    let kept = find(&shown);
    let start = kept.as_ptr() as usize - shown.as_ptr() as usize;
    part(value, start..start + kept.len())
}

fn quote(context: &Context, values: &[Value], double: bool) -> Made {
    let mut out = TextBuilder::default();
    let shown = values.iter().filter(|value| !value.is_nil());
    for (number, value) in shown.enumerate() {
        if number > 0 {
            out.push_str(" ");
        }
        let as_text = if double {
            strval(value, context)?
        } else {
            let mut plain = TextBuilder::default();
            printed(&mut plain, value, context.meter)?;
            plain.finish().into()
        };
        if double {
            push_quoted(&mut out, text(&as_text), &as_text.marks);
        } else {
            out.push_bytes(b"'", &value.marks);
            out.push(text(&as_text), &as_text.marks);
            out.push_bytes(b"'", &value.marks);
        }
    }
    context.meter.bytes(out.len())?;
    Ok(out.finish().into())
}

fn push_quoted(out: &mut TextBuilder, whole: &Text, marks: &Marks) {
    if whole.pieces().is_empty() {
        return out.push_bytes(quoted(whole.bytes()).as_bytes(), marks);
    }
    out.push_bytes(b"\"", marks);
    let mut start = 0;
    for piece in whole.pieces() {
        let shown = quoted(&whole.bytes()[start..piece.end]);
        out.push_bytes(&shown.as_bytes()[1..shown.len() - 1], &piece.marks.and(marks));
        start = piece.end;
    }
    out.push_bytes(b"\"", marks);
}

fn cat(context: &Context, values: &[Value]) -> Made {
    let mut out = TextBuilder::default();
    for (number, value) in values.iter().filter(|value| !value.is_nil()).enumerate() {
        if number > 0 {
            out.push_str(" ");
        }
        printed(&mut out, value, context.meter)?;
    }
    Ok(out.finish().into())
}

fn indent(context: &Context, values: &[Value], on_own_line: bool) -> Made {
    let Ok(spaces) = usize::try_from(int(&values[0])) else {
        return because("a text can't be indented by less than nothing");
    };
    let (whole, marks) = (text(&values[1]), &values[1].marks);
    let lines = whole.bytes().split(|byte| *byte == b'\n').count();
    context.meter.bytes(whole.len() + spaces.saturating_mul(lines))?;
    let pad = " ".repeat(spaces);
    let mut out = TextBuilder::default();
    if on_own_line {
        out.push_str("\n");
    }
    out.push_str(&pad);
    let mut start = 0;
    for (at, _) in whole.bytes().iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        out.push_slice(whole, start..at + 1, marks);
        out.push_str(&pad);
        start = at + 1;
    }
    out.push_slice(whole, start..whole.len(), marks);
    // Nothing that is indented still comes from where it came.
    let marks = if whole.is_empty() { marks.clone() } else { Marks::NONE };
    Ok(Value { data: Data::Text(out.finish()), marks })
}

fn replace(context: &Context, values: &[Value]) -> Made {
    let (old, new) = (text(&values[0]), text(&values[1]));
    let whole = text(&values[2]);
    let (shown, wanted) = (whole.str(), old.str());
    let found: Vec<usize> = shown.match_indices(&*wanted).map(|(at, _)| at).collect();
    context.meter.bytes(shown.len() + found.len().saturating_mul(new.len()))?;
    if found.is_empty() {
        return Ok(values[2].clone());
    }
    let (mut out, mut start) = (TextBuilder::default(), 0);
    let source = if whole.is_utf8() { whole.clone() } else { Text::new(&*shown) };
    for at in found {
        out.push_slice(&source, start..at, &values[2].marks);
        out.push(new, &values[1].marks.and(&values[2].marks));
        start = at + wanted.len();
    }
    out.push_slice(&source, start..source.len(), &values[2].marks);
    Ok(Value { data: Data::Text(out.finish()), marks: values[2].marks.clone() })
}

#[expect(clippy::unnecessary_wraps, reason = "all functions have one signature")]
fn trim_all(_: &Context, values: &[Value]) -> Made {
    let letters = text(&values[0]).str();
    Ok(cut(&values[1], |it| it.trim_matches(|letter| letters.contains(letter))))
}

fn substr(_: &Context, values: &[Value]) -> Made {
    let (start, end, whole) = (int(&values[0]), int(&values[1]), text(&values[2]));
    let length = whole.len() as i64;
    let (start, end) = match (start, end) {
        (..0, end) => (0, end),
        (start, end) if end < 0 || end > length => (start, length),
        both => both,
    };
    let range =
        if start <= end && end <= length { usize::try_from(start).ok().zip(usize::try_from(end).ok()) } else { None };
    match range {
        Some((start, end)) => Ok(part(&values[2], start..end)),
        None => Err(Failed::because(format!("there is no part {start}:{end} of a text of {length} bytes"))),
    }
}
