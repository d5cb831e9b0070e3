//! Reads a time that is written by a layout.

use super::layout::{DAYS, MONTHS, Part, parts};
use super::{Time, days_before};

/// What was read so far.
#[derive(Default)]
struct Read {
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanoseconds: u32,
    afternoon: Option<bool>,
    offset: i32,
}

/// A time by its layout; in UTC where it doesn't say otherwise.
pub(in crate::chart) fn parse(layout: &str, text: &str) -> Option<Time> {
    let mut read = Read::default();
    let mut rest = text;
    let all = parts(layout);
    for (number, part) in all.iter().enumerate() {
        rest = read.part(*part, rest)?;
        // Digits behind a second are read though the layout has none.
        let second = matches!(part, Part::Second | Part::ZeroSecond);
        if second && !matches!(all.get(number + 1), Some(Part::Fraction { .. })) {
            rest = read.fraction(rest, None).unwrap_or(rest);
        }
    }
    if rest.is_empty() { read.time() } else { None }
}

impl Read {
    fn part<'a>(&mut self, part: Part, text: &'a str) -> Option<&'a str> {
        let rest;
        match part {
            Part::Text(wanted) => return skip(text, wanted),
            Part::LongMonth => (self.month, rest) = named(text, &MONTHS, None)?,
            Part::Month => (self.month, rest) = named(text, &MONTHS, Some(3))?,
            Part::LongWeekday => rest = named(text, &DAYS, None)?.1,
            Part::Weekday => rest = named(text, &DAYS, Some(3))?.1,
            Part::NumberMonth => (self.month, rest) = some(number(text, 1, 2)?),
            Part::ZeroMonth => (self.month, rest) = some(number(text, 2, 2)?),
            Part::Day => (self.day, rest) = some(number(text, 1, 2)?),
            Part::SpaceDay => (self.day, rest) = some(number(text.strip_prefix(' ').unwrap_or(text), 1, 2)?),
            Part::ZeroDay => (self.day, rest) = some(number(text, 2, 2)?),
            Part::SpaceYearDay => (self.year_day, rest) = some(number(text.trim_start_matches(' '), 1, 3)?),
            Part::ZeroYearDay => (self.year_day, rest) = some(number(text, 3, 3)?),
            Part::Hour => (self.hour, rest) = number(text, 2, 2).or_else(|| number(text, 1, 2))?,
            Part::Hour12 => (self.hour, rest) = number(text, 1, 2).filter(|(hour, _)| *hour <= 12)?,
            Part::ZeroHour12 => (self.hour, rest) = number(text, 2, 2).filter(|(hour, _)| *hour <= 12)?,
            Part::Minute => (self.minute, rest) = number(text, 1, 2)?,
            Part::ZeroMinute => (self.minute, rest) = number(text, 2, 2)?,
            Part::Second => (self.second, rest) = number(text, 1, 2)?,
            Part::ZeroSecond => (self.second, rest) = number(text, 2, 2)?,
            Part::LongYear => {
                let (year, after) = number(text, 4, 4)?;
                (self.year, rest) = (year.into(), after);
            }
            Part::Year => {
                let (year, after) = number(text, 2, 2)?;
                (self.year, rest) = (i64::from(year) + if year >= 69 { 1900 } else { 2000 }, after);
            }
            Part::UpperHalf | Part::LowerHalf => {
                let upper = part == Part::UpperHalf;
                let (am, pm) = if upper { ("AM", "PM") } else { ("am", "pm") };
                self.afternoon = Some(text.starts_with(pm));
                rest = text.strip_prefix(am).or_else(|| text.strip_prefix(pm))?;
            }
            Part::ZoneName => {
                // A name without an offset counts as UTC.
                let length = text.len() - text.trim_start_matches(|it: char| it.is_ascii_uppercase()).len();
                if !(3..=5).contains(&length) {
                    return None;
                }
                rest = &text[length..];
            }
            Part::Zone { zulu: true, .. } if text.starts_with('Z') => rest = &text[1..],
            Part::Zone { colon, minutes, seconds, .. } => rest = self.zone(text, colon, minutes, seconds)?,
            Part::Fraction { digits, nines, .. } => {
                rest = match self.fraction(text, (!nines).then_some(digits)) {
                    None if nines => text,
                    other => other?,
                }
            }
        }
        Some(rest)
    }

    fn zone<'a>(&mut self, text: &'a str, colon: bool, minutes: bool, seconds: bool) -> Option<&'a str> {
        let mut rest = text.strip_prefix(['+', '-'])?;
        let mut all = 0;
        for (wanted, unit) in [(true, 3600), (minutes, 60), (seconds, 1)] {
            if !wanted {
                continue;
            }
            if unit < 3600 && colon {
                rest = rest.strip_prefix(':')?;
            }
            let (digits, after) = number(rest, 2, 2)?;
            (all, rest) = (all + digits as i32 * unit, after);
        }
        self.offset = if text.starts_with('-') { -all } else { all };
        Some(rest)
    }

    fn fraction<'a>(&mut self, text: &'a str, digits: Option<usize>) -> Option<&'a str> {
        let rest = text.strip_prefix(['.', ','])?;
        let count = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        if count == 0 || digits.is_some_and(|digits| digits != count) {
            return None;
        }
        let shown = format!("{:0<9}", &rest[..count.min(9)]);
        self.nanoseconds = shown.parse().ok()?;
        Some(&rest[count..])
    }

    fn time(self) -> Option<Time> {
        let (mut month, mut day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        let mut hour = self.hour;
        match self.afternoon {
            Some(true) if hour < 12 => hour += 12,
            Some(false) if hour == 12 => hour = 0,
            _ => {}
        }
        if let Some(year_day) = self.year_day {
            let start = days_before(self.year, 1, 1);
            let found = Time::at((start + i64::from(year_day) - 1) * 86_400).civil();
            let fits = found.year == self.year && self.month.is_none_or(|month| month == found.month);
            if !fits || self.day.is_some_and(|day| day != found.day) {
                return None;
            }
            (month, day) = (found.month, found.day);
        }
        if !(1..=12).contains(&month) || hour > 23 || self.minute > 59 || self.second > 59 || day == 0 {
            return None;
        }
        let days = days_before(self.year, month, day);
        if Time::at(days * 86_400).civil().month != month {
            return None;
        }
        let seconds = days * 86_400 + i64::from(hour * 3600 + self.minute * 60 + self.second);
        let seconds = seconds - i64::from(self.offset);
        Some(Time { seconds, nanoseconds: self.nanoseconds, offset: self.offset })
    }
}

fn some<T>((number, rest): (u32, T)) -> (Option<u32>, T) {
    (Some(number), rest)
}

/// Spaces of a layout match any number of them.
fn skip<'a>(text: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = text;
    let mut wanted = wanted;
    while let Some(letter) = wanted.chars().next() {
        if letter == ' ' {
            if !rest.is_empty() && !rest.starts_with(' ') {
                return None;
            }
            (rest, wanted) = (rest.trim_start_matches(' '), wanted.trim_start_matches(' '));
            continue;
        }
        rest = rest.strip_prefix(letter)?;
        wanted = &wanted[letter.len_utf8()..];
    }
    Some(rest)
}

/// A number of so many digits, at least and at most.
fn number(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.chars().take(most).take_while(char::is_ascii_digit).count();
    if count < least {
        return None;
    }
    Some((text[..count].parse().ok()?, &text[count..]))
}

/// A name out of a list, or its first letters, in any case; its number from one.
fn named<'a>(text: &'a str, names: &[&str], letters: Option<usize>) -> Option<(Option<u32>, &'a str)> {
    names.iter().enumerate().find_map(|(number, name)| {
        let wanted = &name[..letters.unwrap_or(name.len()).min(name.len())];
        let given = text.get(..wanted.len())?;
        given.eq_ignore_ascii_case(wanted).then(|| (Some(number as u32 + 1), &text[wanted.len()..]))
    })
}
