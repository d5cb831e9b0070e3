//! Regular expressions, of RE2's kind.

use std::ops::Range;

use regex::bytes::{Captures, Regex, RegexBuilder};

use crate::chart::failure::Failed;
use crate::chart::marks::Marks;
use crate::chart::text::{Text, TextBuilder};
use crate::chart::value::{Data, List, ListKind, Value};

use super::{Context, Function, Kind, Made, int, keeping, plain, text};

const TWO: &[Kind] = &[Kind::Text, Kind::Text];
const THREE: &[Kind] = &[Kind::Text, Kind::Text, Kind::Text];
const COUNTED: &[Kind] = &[Kind::Text, Kind::Text, Kind::Int];
/// What one compiled expression may take.
const MOST_BYTES: usize = 1 << 20;
/// Letters of an expression that are looked for in the time of one.
const LETTERS_AT_ONCE: usize = 16;
/// What a search may look at behind what it finds, this part of the text that is left is charged for.
const LOOKED_AHEAD: usize = 2;

pub(super) const ALL: &[Function] = &[
    plain("regexMatch", TWO, None, |context, values| {
        Ok(searching(context, values).is_ok_and(|regex| regex.is_match(text(&values[1]).bytes())).into())
    }),
    plain("mustRegexMatch", TWO, None, |context, values| {
        Ok(searching(context, values)?.is_match(text(&values[1]).bytes()).into())
    }),
    keeping("regexFind", TWO, None, find),
    keeping("mustRegexFind", TWO, None, find),
    keeping("regexFindAll", COUNTED, None, find_all),
    keeping("mustRegexFindAll", COUNTED, None, find_all),
    keeping("regexReplaceAll", THREE, None, |context, values| replace(context, values, false)),
    keeping("mustRegexReplaceAll", THREE, None, |context, values| replace(context, values, false)),
    keeping("regexReplaceAllLiteral", THREE, None, |context, values| replace(context, values, true)),
    keeping("mustRegexReplaceAllLiteral", THREE, None, |context, values| replace(context, values, true)),
    keeping("regexSplit", COUNTED, None, split),
    keeping("mustRegexSplit", COUNTED, None, split),
    plain("regexQuoteMeta", &[Kind::Text], None, |_, values| {
        let quoted = text(&values[0]).str().chars().fold(String::new(), |mut quoted, letter| {
            if r"\.+*?()|[]{}^$".contains(letter) {
                quoted.push('\\');
            }
            quoted.push(letter);
            quoted
        });
        Ok(Value::text(quoted))
    }),
];

/// A compiled expression that goes through the second value, which takes longer the longer the expression is.
fn searching(context: &Context, values: &[Value]) -> Result<Regex, Failed> {
    let regex = compiled(context, &values[0])?;
    let states = (1 + text(&values[0]).len() / LETTERS_AT_ONCE) as u64;
    context.meter.read((text(&values[1]).len() as u64).saturating_mul(states))?;
    Ok(regex)
}

fn compiled(context: &Context, pattern: &Value) -> Result<Regex, Failed> {
    let written = text(pattern).str();
    if !text(pattern).is_utf8() {
        return Err(Failed::because("this regular expression is no UTF-8"));
    }
    if let Some(known) = context.regexes.borrow().get(&*written) {
        return Ok(known.clone());
    }
    context.meter.bytes(written.len().saturating_mul(256) + 4096)?;
    let built = RegexBuilder::new(&as_re2(&written)).unicode(true).size_limit(MOST_BYTES).build();
    let wrong = |_| Failed::because(format!("`{written}` is no regular expression that RE2 takes"));
    let built = built.map_err(wrong)?;
    context.regexes.borrow_mut().insert(text(pattern).shared(), built.clone());
    Ok(built)
}

/// Classes that RE2 takes for those of ASCII, and names that are spelled in another way.
fn as_re2(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut letters = pattern.chars().peekable();
    let (mut in_class, mut in_braces) = (false, false);
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let next = letters.next();
                match (next, in_class) {
                    (Some(class @ ('d' | 'w' | 's' | 'D' | 'W' | 'S')), false) => {
                        out.push_str(match class {
                            'd' => "[0-9]",
                            'D' => "[^0-9]",
                            'w' => "[0-9A-Za-z_]",
                            'W' => "[^0-9A-Za-z_]",
                            's' => r"[\t\n\x0C\r ]",
                            _ => r"[^\t\n\x0C\r ]",
                        });
                    }
                    (Some('d'), true) => out.push_str("0-9"),
                    (Some('w'), true) => out.push_str("0-9A-Za-z_"),
                    (Some('s'), true) => out.push_str(r"\t\n\x0C\r "),
                    (Some(class @ ('D' | 'W' | 'S')), true) => {
                        out.push_str(match class {
                            'D' => "[^0-9]",
                            'W' => "[^0-9A-Za-z_]",
                            _ => r"[^\t\n\x0C\r ]",
                        });
                    }
                    (Some('b'), false) => out.push_str(r"(?-u:\b)"),
                    (Some('B'), false) => out.push_str(r"(?-u:\B)"),
                    (Some('Q'), false) => {
                        while let Some(quoted) = letters.next() {
                            if quoted == '\\' && letters.peek() == Some(&'E') {
                                letters.next();
                                break;
                            }
                            out.push_str(&regex::escape(&quoted.to_string()));
                        }
                    }
                    (Some('C'), false) => out.push_str(r"(?s-u:.)"),
                    (Some('p' | 'P'), _) if letters.peek() == Some(&'{') => {
                        out.push('\\');
                        out.extend(next);
                        for inner in letters.by_ref() {
                            out.push(inner);
                            if inner == '}' {
                                break;
                            }
                        }
                    }
                    (Some('x'), _) if letters.peek() == Some(&'{') => {
                        out.push_str(r"\x");
                        for inner in letters.by_ref() {
                            out.push(inner);
                            if inner == '}' {
                                break;
                            }
                        }
                    }
                    (Some(other), _) => {
                        out.push('\\');
                        out.push(other);
                    }
                    (None, _) => out.push('\\'),
                }
            }
            '[' if in_class && letters.peek() != Some(&':') => out.push_str(r"\["),
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if letters.peek() == Some(&'^') {
                    letters.next();
                    out.push('^');
                }
                if letters.peek() == Some(&']') {
                    letters.next();
                    out.push_str(r"\]");
                }
            }
            '[' => {
                // A class by name: up to its own bracket.
                out.push('[');
                for inner in letters.by_ref() {
                    out.push(inner);
                    if inner == ']' {
                        break;
                    }
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // Braces that say no number of times are letters to RE2.
            '{' if !in_class && !counts(letters.clone()) => out.push_str(r"\{"),
            '}' if !in_class && !in_braces => out.push_str(r"\}"),
            '{' if !in_class => {
                in_braces = true;
                out.push('{');
            }
            '}' if !in_class => {
                in_braces = false;
                out.push('}');
            }
            // Operators on classes are letters to RE2.
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(letter);
            }
            '-' if in_class && letters.peek() == Some(&'-') => out.push_str(r"\-"),
            _ => out.push(letter),
        }
    }
    out
}

/// Whether what follows a `{` says a number of times.
fn counts(letters: impl Iterator<Item = char>) -> bool {
    let inner: String = letters.take_while(|letter| *letter != '}').take(16).collect();
    let (least, most) = inner.split_once(',').unwrap_or((&inner, ""));
    !least.is_empty() && least.bytes().chain(most.bytes()).all(|byte| byte.is_ascii_digit())
}

fn slice(value: &Value, range: Range<usize>) -> Value {
    Value { data: Data::Text(text(value).slice(range)), marks: value.marks.clone() }
}

fn find(context: &Context, values: &[Value]) -> Made {
    let regex = searching(context, values)?;
    Ok(match regex.find(text(&values[1]).bytes()) {
        Some(found) => slice(&values[1], found.range()),
        None => Value::text("").with(&values[1].own_marks()),
    })
}

/// Whether a place is in the middle of a letter of several bytes, where nothing empty is found.
fn is_within_letter(whole: &Text, at: usize) -> bool {
    whole.is_utf8() && !whole.str().is_char_boundary(at)
}

/// What is found, as Go finds it: nothing empty right behind what was found before.
fn ranges(context: &Context, regex: &Regex, whole: &Text, most: i64) -> Result<Vec<Range<usize>>, Failed> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let (mut last_end, mut kept) = (None, Vec::new());
    let mut all = regex.find_iter(whole.bytes()).map(|found| found.range());
    while kept.len() < most {
        let Some(range) = all.next() else { break };
        context.meter.bytes(64)?;
        look_ahead(context, whole, range.end)?;
        let fits = !(range.is_empty() && (last_end == Some(range.start) || is_within_letter(whole, range.start)));
        last_end = Some(range.end);
        if fits {
            kept.push(range);
        }
    }
    Ok(kept)
}

/// Charges for a search that has found something: it may have gone to the end of the text and come back.
fn look_ahead(context: &Context, whole: &Text, end: usize) -> Result<(), Failed> {
    context.meter.read((whole.len().saturating_sub(end) / LOOKED_AHEAD) as u64)
}

fn find_all(context: &Context, values: &[Value]) -> Made {
    let regex = searching(context, values)?;
    let found = ranges(context, &regex, text(&values[1]), int(&values[2]))?;
    if found.is_empty() {
        return Ok(Data::List(List::nil(ListKind::Text)).into());
    }
    Ok(Value::texts(found.into_iter().map(|range| slice(&values[1], range)).collect()))
}

fn split(context: &Context, values: &[Value]) -> Made {
    let regex = searching(context, values)?;
    let (whole, count) = (text(&values[1]), int(&values[2]));
    if count == 0 {
        return Ok(Data::List(List::nil(ListKind::Text)).into());
    }
    if !text(&values[0]).is_empty() && whole.is_empty() {
        return Ok(Value::texts(vec![slice(&values[1], 0..0)]));
    }
    let (mut parts, mut start, mut end) = (Vec::new(), 0, 0);
    for found in ranges(context, &regex, whole, count)? {
        if count > 0 && parts.len() as i64 == count - 1 {
            break;
        }
        end = found.start;
        if found.end != 0 {
            parts.push(slice(&values[1], start..end));
        }
        start = found.end;
    }
    if end != whole.len() {
        parts.push(slice(&values[1], start..whole.len()));
    }
    context.meter.bytes(parts.len() * 64)?;
    Ok(Value::texts(parts))
}

fn replace(context: &Context, values: &[Value], literally: bool) -> Made {
    let regex = searching(context, values)?;
    let (whole, by) = (text(&values[1]), text(&values[2]));
    context.meter.bytes(whole.len())?;
    let (mut out, mut start, mut last_end) = (TextBuilder::default(), 0, None);
    for found in regex.captures_iter(whole.bytes()) {
        let Some(all) = found.get(0) else { continue };
        if all.is_empty() && (last_end == Some(all.start()) || is_within_letter(whole, all.start())) {
            continue;
        }
        last_end = Some(all.end());
        out.push_slice(whole, start..all.start(), &Marks::NONE);
        if literally {
            out.push(by, &values[2].marks);
        } else {
            expand(&mut out, by, &values[2].marks, &found, whole, &regex);
        }
        context.meter.bytes(by.len() + all.len())?;
        look_ahead(context, whole, all.end())?;
        start = all.end();
    }
    out.push_slice(whole, start..whole.len(), &Marks::NONE);
    Ok(Value { data: Data::Text(out.finish()), marks: values[1].marks.clone() })
}

/// Replaces `$1`, `${1}` and `$name` by what was found; `$$` is a dollar.
fn expand(out: &mut TextBuilder, by: &Text, marks: &Marks, found: &Captures, whole: &Text, regex: &Regex) {
    let shown = by.str();
    let mut at = 0;
    while let Some(dollar) = shown[at..].find('$').map(|next| at + next) {
        out.push_slice(by, at..dollar, marks);
        let rest = &shown[dollar + 1..];
        if rest.starts_with('$') {
            out.push_bytes(b"$", marks);
            at = dollar + 2;
            continue;
        }
        let is_name = |letter: char| letter == '_' || letter.is_alphanumeric();
        let (name, length) = if let Some(inner) = rest.strip_prefix('{') {
            match inner.find('}') {
                Some(end) if end > 0 && inner[..end].chars().all(is_name) => (&inner[..end], end + 2),
                _ => ("", 0),
            }
        } else {
            let end = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
            (&rest[..end], end)
        };
        if name.is_empty() {
            out.push_bytes(b"$", marks);
            at = dollar + 1;
            continue;
        }
        let group = match name.parse::<usize>() {
            Ok(number) => found.get(number),
            Err(_) => regex.capture_names().flatten().find(|known| *known == name).and_then(|name| found.name(name)),
        };
        if let Some(group) = group {
            out.push_slice(whole, group.range(), marks);
        }
        at = dollar + 1 + length;
    }
    out.push_slice(by, at..by.len(), marks);
}
