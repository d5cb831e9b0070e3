//! Durations and points in time. There is no clock: `now` does not exist in CEL.

use std::cmp::Ordering;
use std::fmt;

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::syntax::Operator;
use crate::schema::cel::value::Value;

pub(crate) static FUNCTIONS: &[Function] = &[
    call("duration", 1, 1, duration),
    call("timestamp", 1, 1, timestamp),
    on("getDate", 0, 1, |_, args| field(args, |time| time.day)),
    on("getDayOfMonth", 0, 1, |_, args| field(args, |time| time.day - 1)),
    on("getDayOfWeek", 0, 1, |_, args| field(args, |time| (time.days + 4).rem_euclid(7))),
    on("getDayOfYear", 0, 1, |_, args| field(args, |time| time.days - days_of(time.year, 1, 1))),
    on("getFullYear", 0, 1, |_, args| field(args, |time| time.year)),
    on("getHours", 0, 1, |_, args| part(args, 3_600_000_000_000, |time| time.second / 3600)),
    on("getMilliseconds", 0, 1, |_, args| part(args, 1_000_000, |time| time.nanos / 1_000_000)),
    on("getMinutes", 0, 1, |_, args| part(args, 60_000_000_000, |time| time.second / 60 % 60)),
    on("getMonth", 0, 1, |_, args| field(args, |time| time.month - 1)),
    on("getSeconds", 0, 1, |_, args| part(args, 1_000_000_000, |time| time.second % 60)),
];

const SECOND: i64 = 1_000_000_000;

/// Nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Duration(pub(crate) i64);

impl Duration {
    /// Go's form: `1h30m`, `-1.5s`, `0`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !crate::schema::format::is_duration(text) {
            return None;
        }
        let negative = text.starts_with('-');
        let mut rest = text.trim_start_matches(['-', '+']);
        let mut total: i128 = 0;
        while !rest.is_empty() {
            let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
            let (digits, behind) = rest.split_at(end);
            let word = behind.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(behind.len());
            let (unit, behind) = behind.split_at(word);
            let scale: i128 = match unit {
                "ns" | "" => 1,
                "us" | "µs" | "μs" => 1_000,
                "ms" => 1_000_000,
                "s" => 1_000_000_000,
                "m" => 60_000_000_000,
                "h" => 3_600_000_000_000,
                _ => return None,
            };
            let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
            let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
            // Finer digits than these are less than a nanosecond of an hour.
            let fraction: String = fraction.chars().take(15).collect();
            let part: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
            let part = part * scale / 10_i128.pow(fraction.len() as u32);
            total = total.checked_add(whole.checked_mul(scale)?.checked_add(part)?)?;
            rest = behind;
        }
        i64::try_from(if negative { -total } else { total }).ok().map(Self)
    }
}

/// In seconds, as CEL writes it: `5400s`, `1.5s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.unsigned_abs() / SECOND as u64, self.0.unsigned_abs() % SECOND as u64);
        let fraction = format!("{fraction:09}");
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}s"),
            fraction => write!(f, "{sign}{whole}.{fraction}s"),
        }
    }
}

/// Seconds since 1970 in UTC, and nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timestamp {
    seconds: i64,
    nanos: i64,
    /// Seconds east of UTC as it is written. It says nothing about the point in time, and is shown again.
    offset: i64,
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

/// A point in time on the calendar.
struct Civil {
    /// Since 1970-01-01.
    days: i64,
    year: i64,
    month: i64,
    day: i64,
    /// Of the day.
    second: i64,
    nanos: i64,
}

impl Timestamp {
    /// The first of all: midnight of year 1, which is Go's zero.
    pub(crate) fn is_zero(self) -> bool {
        self.seconds == -62_135_596_800 && self.nanos == 0
    }

    /// The same point in time as UTC writes it.
    #[cfg(test)]
    pub(crate) fn in_utc(self) -> Self {
        Self { offset: 0, ..self }
    }

    pub(crate) fn seconds(self) -> i64 {
        self.seconds
    }

    /// RFC 3339.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| -> Option<i64> {
            let digits = bytes.get(from..to)?;
            digits.iter().all(u8::is_ascii_digit).then(|| text[from..to].parse().ok())?
        };
        let sign = |at: usize, signs: &[u8]| bytes.get(at).is_some_and(|byte| signs.contains(byte));
        let shaped = sign(4, b"-") && sign(7, b"-") && sign(10, b"Tt") && sign(13, b":") && sign(16, b":");
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        if !shaped || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 || year == 0 {
            return None;
        }
        let next = if month == 12 { days_of(year + 1, 1, 1) } else { days_of(year, month + 1, 1) };
        let days = days_of(year, month, day);
        if day == 0 || days >= next {
            return None;
        }
        let mut at = 19;
        let mut nanos = 0;
        if sign(at, b".") {
            let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            let written: String = text[at + 1..].chars().take(digits.min(9)).collect();
            nanos = format!("{written:0<9}").parse().ok()?;
            at += 1 + digits;
        }
        let offset = offset(text.get(at..)?)?;
        Some(Self { seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanos, offset })
    }

    fn civil(self, offset: i64) -> Civil {
        let seconds = self.seconds + offset;
        let days = seconds.div_euclid(86_400);
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Civil { days, year, month, day, second: seconds.rem_euclid(86_400), nanos: self.nanos }
    }

    fn plus(self, duration: i64) -> Option<Self> {
        let nanos = self.nanos + duration.rem_euclid(SECOND);
        let seconds = self.seconds.checked_add(duration.div_euclid(SECOND))?.checked_add(nanos / SECOND)?;
        // Years 1 to 9999, which is what RFC 3339 can write.
        (-62_135_596_800..=253_402_300_799).contains(&seconds).then_some(Self {
            seconds,
            nanos: nanos % SECOND,
            ..self
        })
    }
}

/// Days from 1970-01-01 to a date (Howard Hinnant's `days_from_civil`).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// `Z`, `+02:00` or `-05:30` in seconds.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let number = |text: &str| (text.len() == 2).then(|| text.parse::<i64>().ok())?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, second, nanos, .. } = self.civil(self.offset);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if nanos > 0 {
            write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0'))?;
        }
        match self.offset / 60 {
            0 => f.write_str("Z"),
            minutes => {
                let sign = if minutes < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
        }
    }
}

fn duration(_: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::Duration(duration) => Ok(Value::Duration(*duration)),
        Value::String(text) => Duration::parse(text)
            .map(Value::Duration)
            .ok_or_else(|| Fault::Refused(format!("`{text}` is not a duration"))),
        _ => Err(Fault::Unfit),
    }
}

fn timestamp(_: &mut Machine, args: &[Value]) -> Outcome {
    let time = match &args[0] {
        Value::Timestamp(time) => Some(*time),
        Value::String(text) => Timestamp::parse(text),
        Value::Int(seconds) => Timestamp { seconds: *seconds, nanos: 0, offset: 0 }.plus(0),
        _ => return Err(Fault::Unfit),
    };
    let refused = || Fault::Refused(format!("`{}` is not a time", super::text::plain(&args[0])));
    time.map(Value::Timestamp).ok_or_else(refused)
}

/// The time zone in an optional argument, as seconds from UTC. Named zones would need a database that changes.
fn zone(args: &[Value]) -> Result<i64, Fault> {
    match args.get(1) {
        None => Ok(0),
        Some(Value::String(text)) if matches!(&**text, "UTC" | "") => Ok(0),
        Some(Value::String(text)) => {
            let signed = if text.starts_with(['+', '-']) { text.to_string() } else { format!("+{text}") };
            offset(&signed).ok_or_else(|| {
                Fault::Refused(format!("the time zone `{text}` is not known; write it as an offset like `+02:00`"))
            })
        }
        Some(_) => Err(Fault::Unfit),
    }
}

fn field(args: &[Value], field: fn(&Civil) -> i64) -> Outcome {
    match &args[0] {
        Value::Timestamp(time) => Ok(Value::Int(field(&time.civil(zone(args)?)))),
        _ => Err(Fault::Unfit),
    }
}

/// A part of the time of day, or all of a duration in a unit.
fn part(args: &[Value], unit: i64, field_of: fn(&Civil) -> i64) -> Outcome {
    match &args[0] {
        Value::Duration(Duration(nanos)) => Ok(Value::Int(nanos / unit)),
        _ => field(args, field_of),
    }
}

/// `+` and `-` of times and durations.
pub(super) fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Outcome {
    let result = match (left, operator, right) {
        (Value::Duration(a), Operator::Add, Value::Duration(b)) => {
            a.0.checked_add(b.0).map(Duration).map(Value::Duration)
        }
        (Value::Duration(a), Operator::Subtract, Value::Duration(b)) => {
            a.0.checked_sub(b.0).map(Duration).map(Value::Duration)
        }
        (Value::Timestamp(a), Operator::Add, Value::Duration(b))
        | (Value::Duration(b), Operator::Add, Value::Timestamp(a)) => a.plus(b.0).map(Value::Timestamp),
        (Value::Timestamp(a), Operator::Subtract, Value::Duration(b)) => {
            b.0.checked_neg().and_then(|nanos| a.plus(nanos)).map(Value::Timestamp)
        }
        (Value::Timestamp(a), Operator::Subtract, Value::Timestamp(b)) => {
            let nanos = i128::from(a.seconds - b.seconds) * i128::from(SECOND) + i128::from(a.nanos - b.nanos);
            i64::try_from(nanos).ok().map(Duration).map(Value::Duration)
        }
        _ => return Err(Fault::Unfit),
    };
    result.ok_or_else(|| Fault::Refused("the time overflows".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_to_seconds_and_back() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59.5Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
        let (east, utc) = ("2024-01-01T02:00:00.5+02:30", "2023-12-31T23:30:00.5Z");
        assert_eq!(Timestamp::parse(east), Timestamp::parse(utc));
        assert_eq!(Timestamp::parse(east).unwrap().to_string(), east);
        for text in ["2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01", "2024-01-01T00:00:00", "x"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_those_of_go() {
        let text = |text: &str| Duration::parse(text).map(|duration| duration.to_string());
        assert_eq!(text("1h30m").as_deref(), Some("5400s"));
        assert_eq!(text("-1.5s").as_deref(), Some("-1.5s"));
        assert_eq!(text("1ms").as_deref(), Some("0.001s"));
        assert_eq!(text("0").as_deref(), Some("0s"));
        assert_eq!(text("1d"), None);
        assert_eq!(text("99999999999h"), None);
    }
}
