//! Dates and durations. The clock is unknown here; a zone other than UTC is, too.

use crate::chart::failure::Failed;
use crate::chart::marks::Marks;
use crate::chart::time::{self, Time, duration_text, parse_duration};
use crate::chart::value::{Data, Int, Value};

use super::cast::clamped;
use super::{Context, Function, Kind, Made, because, plain, text};

/// What stands for now: the first second of 2000.
const NOW: Time = Time { seconds: 946_684_800, nanoseconds: 0, offset: 0 };

pub(super) const ALL: &[Function] = &[
    plain("now", &[], None, |context, _| Ok(Value::from(Data::Time(NOW)).with(&(context.unsure)("now")))),
    plain("date", &[Kind::Text, Kind::Any], None, |context, values| {
        written(context, &text(&values[0]).str(), &values[1], "Local", "date")
    }),
    plain("dateInZone", &[Kind::Text, Kind::Any, Kind::Text], None, date_in_zone),
    plain("date_in_zone", &[Kind::Text, Kind::Any, Kind::Text], None, date_in_zone),
    plain("htmlDate", &[Kind::Any], None, |context, values| {
        written(context, "2006-01-02", &values[0], "Local", "htmlDate")
    }),
    plain("htmlDateInZone", &[Kind::Any, Kind::Text], None, |context, values| {
        written(context, "2006-01-02", &values[0], &text(&values[1]).str(), "htmlDateInZone")
    }),
    plain("dateModify", &[Kind::Text, Kind::Time], None, |_, values| modified(values, false)),
    plain("date_modify", &[Kind::Text, Kind::Time], None, |_, values| modified(values, false)),
    plain("mustDateModify", &[Kind::Text, Kind::Time], None, |_, values| modified(values, true)),
    plain("must_date_modify", &[Kind::Text, Kind::Time], None, |_, values| modified(values, true)),
    plain("ago", &[Kind::Any], None, |context, values| {
        let then = moment(&values[0]).map_or(0, |time| time.seconds);
        let since = NOW.seconds.saturating_sub(then).saturating_mul(1_000_000_000);
        Ok(Value::text(duration_text(since)).with(&(context.unsure)("ago")))
    }),
    plain("duration", &[Kind::Any], None, |_, values| {
        let seconds = match &values[0].data {
            Data::Text(text) => clamped(&text.str()),
            Data::Int(seconds, Int::Int64) => *seconds,
            _ => 0,
        };
        Ok(Value::text(duration_text(seconds.wrapping_mul(1_000_000_000))))
    }),
    plain("durationRound", &[Kind::Any], None, |context, values| {
        let (nanoseconds, marks) = match &values[0].data {
            Data::Text(text) => (parse_duration(&text.str()).unwrap_or(0), Marks::NONE),
            Data::Int(nanoseconds, Int::Int64) => (*nanoseconds, Marks::NONE),
            Data::Time(time) => {
                let since = NOW.seconds.saturating_sub(time.seconds).saturating_mul(1_000_000_000);
                (since, (context.unsure)("durationRound"))
            }
            _ => (0, Marks::NONE),
        };
        Ok(Value::text(rounded(nanoseconds)).with(&marks))
    }),
    plain("toDate", &[Kind::Text, Kind::Text], None, |_, values| {
        let read = time::parse(&text(&values[0]).str(), &text(&values[1]).str());
        Ok(Data::Time(read.unwrap_or(Time::ZERO)).into())
    }),
    plain("mustToDate", &[Kind::Text, Kind::Text], None, |_, values| {
        let (layout, written) = (text(&values[0]).str(), text(&values[1]).str());
        match time::parse(&layout, &written) {
            Some(time) => Ok(Data::Time(time).into()),
            None => because(format!("`{written}` is no date in the form of `{layout}`")),
        }
    }),
    plain("unixEpoch", &[Kind::Time], None, |_, values| {
        Ok(Value::text(moment(&values[0]).map_or(0, |time| time.seconds).to_string()))
    }),
];

fn moment(value: &Value) -> Option<Time> {
    match &value.data {
        Data::Time(time) => Some(*time),
        Data::Int(seconds, Int::Int | Int::Int32 | Int::Int64) => Some(Time::at(*seconds)),
        _ => None,
    }
}

fn date_in_zone(context: &Context, values: &[Value]) -> Made {
    written(context, &text(&values[0]).str(), &values[1], &text(&values[2]).str(), "dateInZone")
}

#[expect(clippy::unnecessary_wraps, reason = "all functions have one signature")]
fn written(context: &Context, layout: &str, date: &Value, zone: &str, function: &'static str) -> Made {
    let known_zone = matches!(zone, "Local" | "UTC" | "" | "Etc/UTC" | "GMT");
    let found = moment(date);
    let marks = if found.is_some() && known_zone { Marks::NONE } else { (context.unsure)(function) };
    let time = Time { offset: 0, ..found.unwrap_or(NOW) };
    Ok(Value::text(time.format(layout)).with(&marks))
}

fn modified(values: &[Value], must: bool) -> Made {
    let Some(time) = moment(&values[1]) else { return because("this is no time") };
    match parse_duration(&text(&values[0]).str()) {
        Some(more) => Ok(Data::Time(time.plus(more)).into()),
        None if must => Err(Failed::because(format!("`{}` is no duration", text(&values[0]).str()))),
        None => Ok(values[1].clone()),
    }
}

fn rounded(nanoseconds: i64) -> String {
    const HOUR: u64 = 3_600_000_000_000;
    let all = nanoseconds.unsigned_abs();
    let units = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (HOUR / 60, "m"),
        (1_000_000_000, "s"),
    ];
    units.iter().find(|(unit, _)| all > *unit).map_or("0s".into(), |(unit, name)| format!("{}{name}", all / unit))
}
