//! Letters and words: upper and lower case, titles, camels and snakes, initials, abbreviations and line breaks.

use crate::chart::text::{Text, TextBuilder};
use crate::chart::value::{Data, Value};

use super::strings::{is_space, lower, upper};
use super::words::{lower_words, pascal};
use super::{Context, Function, Kind, Made, because, int, keeping, plain, text};

const TEXT: &[Kind] = &[Kind::Text];

pub(super) const ALL: &[Function] = &[
    keeping("upper", TEXT, None, |context, values| each(context, values, str::to_uppercase)),
    keeping("lower", TEXT, None, |context, values| each(context, values, |it| it.chars().map(lower).collect())),
    plain("title", TEXT, None, |context, values| whole(context, values, title)),
    plain("untitle", TEXT, None, |context, values| whole(context, values, untitle)),
    plain("swapcase", TEXT, None, |context, values| whole(context, values, swapcase)),
    keeping("nospace", TEXT, None, |context, values| {
        if text(&values[0]).bytes().is_ascii() {
            return each(context, values, |it| it.chars().filter(|letter| !is_space(*letter)).collect());
        }
        // Go's library takes each byte for a letter, if there is any space among them.
        let bytes = text(&values[0]).bytes();
        if !bytes.iter().any(|byte| is_space(char::from(*byte))) {
            return Ok(values[0].clone());
        }
        let kept = bytes.iter().map(|byte| char::from(*byte)).filter(|letter| !is_space(*letter));
        Ok(Value::text(kept.collect::<String>()).with(&values[0].own_marks()))
    }),
    plain("initials", TEXT, None, |context, values| whole(context, values, initials)),
    plain("camelcase", TEXT, None, |context, values| whole(context, values, pascal)),
    plain("snakecase", TEXT, None, |context, values| whole(context, values, |it| lower_words(it, '_'))),
    plain("kebabcase", TEXT, None, |context, values| whole(context, values, |it| lower_words(it, '-'))),
    plain("abbrev", &[Kind::Int, Kind::Text], None, |_, values| abbreviated(&values[1], 0, int(&values[0]))),
    plain("abbrevboth", &[Kind::Int, Kind::Int, Kind::Text], None, |_, values| {
        let (left, right) = (int(&values[0]), int(&values[1]));
        if right < 4 || (left > 0 && right < 7) {
            return Ok(values[2].clone());
        }
        abbreviated(&values[2], left, right)
    }),
    plain("wrap", &[Kind::Int, Kind::Text], None, |context, values| {
        wrapped(context, &values[1], int(&values[0]), "\n", false)
    }),
    plain("wrapWith", &[Kind::Int, Kind::Text, Kind::Text], None, |context, values| {
        wrapped(context, &values[2], int(&values[0]), &text(&values[1]).str(), true)
    }),
];

/// Changes each piece of a text by itself.
fn each(context: &Context, values: &[Value], change: fn(&str) -> String) -> Made {
    let whole: &Text = text(&values[0]);
    context.meter.bytes(whole.len())?;
    let change = |part: &str| {
        if part.is_ascii() { change(part) } else { part.chars().map(|letter| change_one(change, letter)).collect() }
    };
    if whole.pieces().is_empty() || !whole.is_utf8() {
        return Ok(Value { data: Data::Text(change(&whole.str()).into()), marks: values[0].own_marks() });
    }
    let (shown, mut start, mut out) = (whole.str(), 0, TextBuilder::default());
    for piece in whole.pieces() {
        // A piece can end within a letter only if somebody cut there, and then the text is no UTF-8.
        let part = shown.get(start..piece.end).unwrap_or_default();
        out.push_bytes(change(part).as_bytes(), &piece.marks);
        start = piece.end;
    }
    Ok(Value { data: Data::Text(out.finish()), marks: values[0].marks.clone() })
}

/// Go maps a letter to a letter: `ß` stays `ß`.
fn change_one(change: fn(&str) -> String, letter: char) -> String {
    let changed = change(&letter.to_string());
    if changed.chars().count() > 1 { letter.to_string() } else { changed }
}

fn whole(context: &Context, values: &[Value], change: impl Fn(&str) -> String) -> Made {
    let whole = text(&values[0]);
    context.meter.bytes(whole.len())?;
    Ok(Value::text(change(&whole.str())))
}

fn title(text: &str) -> String {
    let separates = |letter: char| {
        if letter.is_ascii() {
            return !(letter.is_ascii_alphanumeric() || letter == '_');
        }
        !letter.is_alphanumeric() && is_space(letter)
    };
    let mut after = ' ';
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        out.push(if separates(after) { upper(letter) } else { letter });
        after = letter;
    }
    out
}

fn untitle(text: &str) -> String {
    let mut first = true;
    text.chars()
        .map(|letter| {
            let changed = if first && !is_space(letter) { lower(letter) } else { letter };
            first = is_space(letter);
            changed
        })
        .collect()
}

fn swapcase(text: &str) -> String {
    text.chars()
        .map(|letter| match (letter.is_uppercase(), letter.is_lowercase()) {
            (true, _) => lower(letter),
            (_, true) => upper(letter),
            _ => letter,
        })
        .collect()
}

/// The first byte of each word, as a letter.
fn initials(text: &str) -> String {
    let mut after_gap = true;
    let mut out = String::new();
    for byte in text.bytes() {
        let letter = char::from(byte);
        if is_space(letter) {
            after_gap = true;
        } else if after_gap {
            out.push(letter);
            after_gap = false;
        }
    }
    out
}

#[expect(clippy::unnecessary_wraps, reason = "all functions have one signature")]
fn abbreviated(value: &Value, offset: i64, width: i64) -> Made {
    if offset == 0 && width < 4 {
        return Ok(value.clone());
    }
    let whole = text(value).bytes();
    let Ok(width) = usize::try_from(width) else { return Ok(value.clone()) };
    let mut offset = usize::try_from(offset).unwrap_or(0);
    if whole.len() <= width {
        return Ok(value.clone());
    }
    offset = offset.min(whole.len());
    if whole.len() - offset < width - 3 {
        offset = whole.len() - (width - 3);
    }
    if offset <= 4 {
        return Ok(bytes_value([&whole[..width - 3], b"..."].concat()));
    }
    if width < 7 {
        return Ok(Value::text(""));
    }
    if offset + width - 3 < whole.len() {
        // The rest is cut once more, at its end.
        let rest = &whole[offset..];
        let inner = width - 3;
        let cut = if rest.len() <= inner { rest.to_vec() } else { [&rest[..inner - 3], b"..."].concat() };
        return Ok(bytes_value([b"...".to_vec(), cut].concat()));
    }
    Ok(bytes_value([b"...", &whole[whole.len() - (width - 3)..]].concat()))
}

fn bytes_value(bytes: Vec<u8>) -> Value {
    Data::Text(Text::from_bytes(bytes)).into()
}

fn wrapped(context: &Context, value: &Value, width: i64, separator: &str, breaks_words: bool) -> Made {
    let whole = text(value).bytes();
    let separator = if separator.is_empty() { "\n" } else { separator };
    let width = usize::try_from(width).unwrap_or(1).max(1);
    context.meter.bytes(whole.len().saturating_add(whole.len() / width * separator.len()))?;
    let (mut out, mut offset) = (Vec::new(), 0);
    while whole.len() - offset > width {
        if whole[offset] == b' ' {
            offset += 1;
            continue;
        }
        let window = &whole[offset..=offset + width];
        let space = window.iter().rposition(|byte| *byte == b' ').map(|at| at + offset);
        let (end, next) = match space {
            Some(space) => (space, space + 1),
            None if breaks_words => (offset + width, offset + width),
            None => match whole[offset + width..].iter().position(|byte| *byte == b' ') {
                Some(found) => (offset + width + found, offset + width + found + 1),
                None => break,
            },
        };
        out.extend_from_slice(&whole[offset..end]);
        out.extend_from_slice(separator.as_bytes());
        offset = next;
        if offset > whole.len() {
            return because("this text can't be wrapped");
        }
    }
    out.extend_from_slice(&whole[offset..]);
    Ok(bytes_value(out))
}
