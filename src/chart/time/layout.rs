//! Layouts: a date that says by example how a time is written.

use super::Time;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A part of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    LongMonth,
    Month,
    NumberMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    SpaceDay,
    ZeroDay,
    SpaceYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    ZoneName,
    /// `-0700`, `-07:00`, `-07` and with seconds; `Z` instead of zero, if so.
    Zone {
        colon: bool,
        minutes: bool,
        seconds: bool,
        zulu: bool,
    },
    /// `.000` and `.999`: digits behind the second; the nines leave zeros out.
    Fraction {
        digits: usize,
        nines: bool,
        comma: bool,
    },
}

/// Longer ones before those that they begin with.
const PARTS: &[(&str, Part<'static>)] = &[
    ("January", Part::LongMonth),
    ("Jan", Part::Month),
    ("Monday", Part::LongWeekday),
    ("Mon", Part::Weekday),
    ("MST", Part::ZoneName),
    ("002", Part::ZeroYearDay),
    ("01", Part::ZeroMonth),
    ("02", Part::ZeroDay),
    ("03", Part::ZeroHour12),
    ("04", Part::ZeroMinute),
    ("05", Part::ZeroSecond),
    ("06", Part::Year),
    ("15", Part::Hour),
    ("1", Part::NumberMonth),
    ("2006", Part::LongYear),
    ("2", Part::Day),
    ("__2", Part::SpaceYearDay),
    ("_2", Part::SpaceDay),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
    ("PM", Part::UpperHalf),
    ("pm", Part::LowerHalf),
    ("-070000", Part::Zone { colon: false, minutes: true, seconds: true, zulu: false }),
    ("-07:00:00", Part::Zone { colon: true, minutes: true, seconds: true, zulu: false }),
    ("-0700", Part::Zone { colon: false, minutes: true, seconds: false, zulu: false }),
    ("-07:00", Part::Zone { colon: true, minutes: true, seconds: false, zulu: false }),
    ("-07", Part::Zone { colon: false, minutes: false, seconds: false, zulu: false }),
    ("Z070000", Part::Zone { colon: false, minutes: true, seconds: true, zulu: true }),
    ("Z07:00:00", Part::Zone { colon: true, minutes: true, seconds: true, zulu: true }),
    ("Z0700", Part::Zone { colon: false, minutes: true, seconds: false, zulu: true }),
    ("Z07:00", Part::Zone { colon: true, minutes: true, seconds: false, zulu: true }),
    ("Z07", Part::Zone { colon: false, minutes: false, seconds: false, zulu: true }),
];

pub(super) fn parts(layout: &str) -> Vec<Part<'_>> {
    let mut all = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < layout.len() {
        let rest = &layout[at..];
        match part_at(rest) {
            Some((part, length)) => {
                if at > start {
                    all.push(Part::Text(&layout[start..at]));
                }
                all.push(part);
                at += length;
                start = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    if start < layout.len() {
        all.push(Part::Text(&layout[start..]));
    }
    all
}

fn part_at(rest: &str) -> Option<(Part<'_>, usize)> {
    if rest.starts_with("_2006") {
        return None;
    }
    if let Some(digits) = rest.strip_prefix(['.', ',']) {
        let first = digits.chars().next().filter(|it| matches!(it, '0' | '9'))?;
        let count = digits.chars().take_while(|it| *it == first).count();
        let ends = !digits[count..].starts_with(|it: char| it.is_ascii_digit());
        let part = Part::Fraction { digits: count, nines: first == '9', comma: rest.starts_with(',') };
        return ends.then_some((part, count + 1));
    }
    let (name, part) = PARTS.iter().find(|(name, _)| rest.starts_with(name))?;
    // `Jan` of `January` was found before; `Mon` must not be the beginning of a longer word.
    let is_word = matches!(*name, "Jan" | "Mon");
    let goes_on = is_word && rest[name.len()..].starts_with(|it: char| it.is_ascii_lowercase());
    (!goes_on).then_some((*part, name.len()))
}

pub(super) fn format(time: &Time, layout: &str) -> String {
    let at = time.civil();
    let mut out = String::new();
    let half = if at.hour.is_multiple_of(12) { 12 } else { at.hour % 12 };
    let month = MONTHS[(at.month as usize - 1).min(11)];
    let day = DAYS[(at.weekday as usize).min(6)];
    for part in parts(layout) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::LongMonth => out.push_str(month),
            Part::Month => out.push_str(&month[..3]),
            Part::NumberMonth => out.push_str(&at.month.to_string()),
            Part::ZeroMonth => out.push_str(&format!("{:02}", at.month)),
            Part::LongWeekday => out.push_str(day),
            Part::Weekday => out.push_str(&day[..3]),
            Part::Day => out.push_str(&at.day.to_string()),
            Part::SpaceDay => out.push_str(&format!("{:2}", at.day)),
            Part::ZeroDay => out.push_str(&format!("{:02}", at.day)),
            Part::SpaceYearDay => out.push_str(&format!("{:3}", at.year_day)),
            Part::ZeroYearDay => out.push_str(&format!("{:03}", at.year_day)),
            Part::Hour => out.push_str(&format!("{:02}", at.hour)),
            Part::Hour12 => out.push_str(&half.to_string()),
            Part::ZeroHour12 => out.push_str(&format!("{half:02}")),
            Part::Minute => out.push_str(&at.minute.to_string()),
            Part::ZeroMinute => out.push_str(&format!("{:02}", at.minute)),
            Part::Second => out.push_str(&at.second.to_string()),
            Part::ZeroSecond => out.push_str(&format!("{:02}", at.second)),
            Part::LongYear => out.push_str(&format!("{:04}", at.year)),
            Part::Year => out.push_str(&format!("{:02}", at.year.rem_euclid(100))),
            Part::UpperHalf => out.push_str(if at.hour >= 12 { "PM" } else { "AM" }),
            Part::LowerHalf => out.push_str(if at.hour >= 12 { "pm" } else { "am" }),
            Part::ZoneName if time.offset == 0 => out.push_str("UTC"),
            Part::ZoneName => push_zone(&mut out, time.offset, false, time.offset % 3600 != 0, false),
            Part::Zone { zulu: true, .. } if time.offset == 0 => out.push('Z'),
            Part::Zone { colon, minutes, seconds, .. } => push_zone(&mut out, time.offset, colon, minutes, seconds),
            Part::Fraction { digits, nines, comma } => push_fraction(&mut out, time.nanoseconds, digits, nines, comma),
        }
    }
    out
}

fn push_zone(out: &mut String, offset: i32, colon: bool, minutes: bool, seconds: bool) {
    let all = offset.unsigned_abs();
    let colon = if colon { ":" } else { "" };
    out.push(if offset < 0 { '-' } else { '+' });
    out.push_str(&format!("{:02}", all / 3600));
    if minutes {
        out.push_str(&format!("{colon}{:02}", all / 60 % 60));
    }
    if seconds {
        out.push_str(&format!("{colon}{:02}", all % 60));
    }
}

fn push_fraction(out: &mut String, nanoseconds: u32, digits: usize, nines: bool, comma: bool) {
    let all = format!("{nanoseconds:09}");
    let mut shown = all[..digits.min(9)].to_owned() + &"0".repeat(digits.saturating_sub(9));
    if nines {
        shown.truncate(shown.trim_end_matches('0').len());
        if shown.is_empty() {
            return;
        }
    }
    out.push(if comma { ',' } else { '.' });
    out.push_str(&shown);
}
