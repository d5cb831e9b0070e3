//! `printf`: a format with its verbs.

use crate::chart::failure::Failed;
use crate::chart::marks::Marks;
use crate::chart::meter::Meter;
use crate::chart::text::{Text, TextBuilder};
use crate::chart::value::{Data, Value};

use super::format::Format;
use super::whole::{print_value, type_name};

/// What Go allows as a width.
const MOST_WIDTH: usize = 1_000_000;

pub(in crate::chart) fn printf(
    format: &Text,
    marks: &Marks,
    values: &[Value],
    meter: &Meter,
) -> Result<TextBuilder, Failed> {
    let mut out = TextBuilder::default();
    let (bytes, mut at, mut next) = (format.bytes(), 0, 0);
    let mut reordered = false;
    while at < bytes.len() {
        let end = bytes[at..].iter().position(|byte| *byte == b'%').map_or(bytes.len(), |found| at + found);
        out.push_slice(format, at..end, marks);
        if end == bytes.len() {
            break;
        }
        let mut verb = Verb { bytes, at: end + 1, values, next, reordered: false, sound: true };
        let how = verb.read(&mut out);
        (at, next) = (verb.at, verb.next);
        reordered |= verb.reordered;
        let Some(how) = how else {
            out.push_str("%!(NOVERB)");
            break;
        };
        meter.bytes(how.width.unwrap_or(0) + how.precision.unwrap_or(0))?;
        match values.get(next) {
            _ if how.verb == '%' => out.push_str("%"),
            _ if !verb.sound => out.push_str(&format!("%!{}(BADINDEX)", how.verb)),
            None => out.push_str(&format!("%!{}(MISSING)", how.verb)),
            Some(value) => {
                print_value(&mut out, value, how, meter, 0)?;
                next += 1;
            }
        }
    }
    if !reordered && next < values.len() {
        extra(&mut out, &values[next..], meter)?;
    }
    Ok(out)
}

/// Values for which there is no verb.
fn extra(out: &mut TextBuilder, values: &[Value], meter: &Meter) -> Result<(), Failed> {
    out.push_str("%!(EXTRA ");
    for (number, value) in values.iter().enumerate() {
        if number > 0 {
            out.push_str(", ");
        }
        if !value.is_nil() {
            out.push_str(&format!("{}=", type_name(value)));
        }
        print_value(out, value, Format::PLAIN, meter, 0)?;
    }
    out.push_str(")");
    Ok(())
}

struct Verb<'a> {
    bytes: &'a [u8],
    at: usize,
    values: &'a [Value],
    /// The value that comes next.
    next: usize,
    reordered: bool,
    /// Whether all numbers of arguments are there.
    sound: bool,
}

impl Verb<'_> {
    /// Reads what comes after a `%`; nothing if the format ends before the letter.
    fn read(&mut self, out: &mut TextBuilder) -> Option<Format> {
        let mut how = Format::PLAIN;
        loop {
            match self.bytes.get(self.at) {
                Some(b'#') => how.sharp = true,
                Some(b'0') => how.zero = true,
                Some(b'+') => how.plus = true,
                Some(b'-') => how.minus = true,
                Some(b' ') => how.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut after_index = self.index();
        if self.bytes.get(self.at) == Some(&b'*') {
            self.at += 1;
            let width = self.int();
            if width.is_none() {
                out.push_str("%!(BADWIDTH)");
            }
            if width.is_some_and(|width| width < 0) {
                (how.minus, how.zero) = (true, false);
            }
            how.width = width.map(|width| width.unsigned_abs() as usize);
            after_index = false;
        } else {
            how.width = self.number();
            self.sound &= !(after_index && how.width.is_some());
        }
        if self.at + 1 < self.bytes.len() && self.bytes[self.at] == b'.' {
            self.at += 1;
            self.sound &= !after_index;
            after_index = self.index();
            if self.bytes.get(self.at) == Some(&b'*') {
                self.at += 1;
                how.precision = self.int().and_then(|precision| usize::try_from(precision).ok());
                if how.precision.is_none() {
                    out.push_str("%!(BADPREC)");
                }
                after_index = false;
            } else {
                how.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !after_index {
            self.index();
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let letter = match rest.utf8_chunks().next() {
            None => return None,
            Some(chunk) => chunk.valid().chars().next(),
        };
        self.at += letter.map_or(1, char::len_utf8);
        how.verb = letter.unwrap_or('\u{fffd}');
        if how.verb == 'v' {
            (how.source, how.with_names) = (how.sharp, how.plus);
            (how.sharp, how.plus) = (false, false);
        }
        Some(how)
    }

    fn number(&mut self) -> Option<usize> {
        let digits = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = std::str::from_utf8(&self.bytes[self.at..self.at + digits]).ok()?;
        self.at += digits;
        text.parse().ok().filter(|number| *number <= MOST_WIDTH)
    }

    /// `[2]`: which value comes next.
    fn index(&mut self) -> bool {
        if self.bytes.get(self.at) != Some(&b'[') {
            return false;
        }
        self.reordered = true;
        let rest = &self.bytes[self.at..];
        let Some(close) = rest.iter().position(|byte| *byte == b']').filter(|_| rest.len() >= 3) else {
            self.at += 1;
            self.sound = false;
            return false;
        };
        let number = std::str::from_utf8(&rest[1..close]).ok().and_then(|text| text.parse::<usize>().ok());
        self.at += close + 1;
        match number {
            Some(number) if (1..=self.values.len()).contains(&number) => {
                self.next = number - 1;
                true
            }
            other => {
                self.sound = false;
                other.is_some()
            }
        }
    }

    /// A width or precision that is a value.
    fn int(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        match value.data {
            Data::Int(number, _) => Some(number).filter(|number| number.unsigned_abs() <= MOST_WIDTH as u64),
            _ => None,
        }
    }
}
