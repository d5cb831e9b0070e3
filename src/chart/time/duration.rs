//! Durations: `1h30m`.

const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1000),
    ("\u{b5}s", 1000),
    ("\u{3bc}s", 1000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// A duration as it is printed: `1h30m0s`, `1.5s`, `20ms`.
pub(in crate::chart) fn duration_text(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let all = nanoseconds.unsigned_abs();
    match all {
        0 => return "0s".into(),
        1..1000 => return format!("{sign}{all}ns"),
        1000..1_000_000 => return format!("{sign}{}\u{b5}s", decimal(all, 1000)),
        1_000_000..1_000_000_000 => return format!("{sign}{}ms", decimal(all, 1_000_000)),
        _ => {}
    }
    let (minutes, rest) = (all / 60_000_000_000, all % 60_000_000_000);
    let seconds = format!("{}s", decimal(rest, 1_000_000_000));
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{sign}{seconds}"),
        (0, minutes) => format!("{sign}{minutes}m{seconds}"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}"),
    }
}

fn decimal(number: u64, unit: u64) -> String {
    let (whole, part) = (number / unit, number % unit);
    let digits = unit.ilog10() as usize;
    let part = format!("{part:0digits$}");
    let part = part.trim_end_matches('0');
    if part.is_empty() { whole.to_string() } else { format!("{whole}.{part}") }
}

/// Nanoseconds of a duration: numbers with units, and a sign before all.
pub(in crate::chart) fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut all: i128 = 0;
    while !rest.is_empty() {
        let digits = |text: &str| text.len() - text.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        let (whole, after) = rest.split_at(digits(rest));
        let (part, after) = match after.strip_prefix('.') {
            Some(after) => after.split_at(digits(after)),
            None => ("", after),
        };
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let end = after.find(|it: char| it == '.' || it.is_ascii_digit()).unwrap_or(after.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &after[..end])?;
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let kept = &part[..part.len().min(18)];
        let fraction: i128 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
        all = all.checked_add(whole.checked_mul(*unit)?)?;
        all += fraction * unit / 10i128.pow(kept.len() as u32);
        rest = &after[end..];
    }
    i64::try_from(if negative { -all } else { all }).ok()
}
