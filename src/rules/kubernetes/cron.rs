//! Times in the format of cron.

use std::ops::RangeInclusive;

use super::fields::say_unchanged;
use super::words::is_written;
use crate::check::{Node, Report, View, rule};

rule! {
    CRON = Error "kubernetes/cron";
    summary: "a schedule that is none";
    explanation: "A schedule has five fields: minute, hour, day of the month, month and day of the week (0 to 6, Sunday is 0). Each is `*`, a number, a range `1-5`, a list `1,15`, with steps `*/10`; months and days of the week have names, too. Or it is one of `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly`. A `*` for the minute beside hours that are named is told as a warning: it runs sixty times in each of them.";
    wrong: "
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: report, namespace: web}
        spec: {schedule: '0 24 * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: report, image: 'example.com/report:1'}]}}}}}
    ";
    right: "
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: report, namespace: web}
        spec: {schedule: '0 23 * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: report, image: 'example.com/report:1'}]}}}}}
    ";
}

const FIELDS: [(&str, RangeInclusive<u32>, &[&str]); 5] = [
    ("minute", 0..=59, &[]),
    ("hour", 0..=23, &[]),
    ("day of the month", 1..=31, &[]),
    ("month", 1..=12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    ("day of the week", 0..=6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

const WORDS: [&str; 7] = ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let kinds = [("batch", "CronJob"), ("velero.io", "Schedule")];
    let objects = kinds.into_iter().flat_map(|(group, kind)| view.objects_of(group, kind));
    let mut overlays = None;
    for object in objects {
        let mut found = Report::default();
        object.root().at(["spec", "schedule"]).iter().for_each(|node| schedule(node, &mut found));
        say_unchanged(view, object, found, &mut overlays, report);
    }
    let charts = view.releases().iter().filter(|release| release.chart_name() == "velero").flat_map(|it| &it.values);
    let of_charts = charts.filter_map(|values| values.get("schedules")).flat_map(|all| all.entries());
    of_charts.filter_map(|(_, own)| own.get("schedule")).for_each(|node| schedule(&node, report));
}

fn schedule(node: &Node<'_>, report: &mut Report) {
    if let Some(text) = node.text().filter(|text| is_written(text))
        && let Err(why) = judge(text)
    {
        report.at(&CRON, node, format!("`{text}` is no schedule")).label(why).help("such as `30 2 * * 1-5`");
    } else if let Some(text) = node.text().filter(|text| is_each_minute(text)) {
        let message = format!("`{text}` is each minute of the hours that it names, sixty times in each of them");
        let draft = report.at(&CRON, node, message).warning().label("`*` is every minute");
        draft.help("name the minute: `0` is the full hour; or say `*/1` if it is meant");
    }
}

/// Whether a schedule names hours, days or months, and every minute in them.
fn is_each_minute(text: &str) -> bool {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let is_open = |field: &&str| *field == "*" || *field == "?" || field.starts_with("*/");
    fields.len() == FIELDS.len() && fields[0] == "*" && !is_open(&fields[1])
}

/// What is wrong with a schedule, as the library of Kubernetes' and Velero's controllers reads it.
fn judge(text: &str) -> Result<(), String> {
    if text.starts_with("@every ") || WORDS.contains(&text) {
        return Ok(());
    }
    // `CRON_TZ=` and `TZ=` have rules of their own.
    if text.starts_with("CRON_TZ=") || text.starts_with("TZ=") {
        return Ok(());
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("it has {} fields, not five", fields.len()));
    }
    for (field, (name, range, words)) in fields.iter().zip(&FIELDS) {
        if !field.split(',').all(|part| fits(part, range, words)) {
            let is_sunday = range.end() == &6 && field.split([',', '-']).any(|part| part == "7");
            let more = if is_sunday { ": Sunday is `0`" } else { "" };
            return Err(format!("`{field}` is no {name}{more}"));
        }
    }
    Ok(())
}

fn fits(part: &str, range: &RangeInclusive<u32>, words: &[&str]) -> bool {
    let (span, step) = match part.split_once('/') {
        Some((span, step)) => (span, step.parse::<u32>().is_ok_and(|step| step > 0)),
        None => (part, true),
    };
    let number = |text: &str| {
        let named = words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let named = named.and_then(|at| u32::try_from(at).ok()).map(|at| at + range.start());
        named.or_else(|| text.parse().ok()).filter(|number| range.contains(number))
    };
    let span_fits = match (span, span.split_once('-')) {
        ("*" | "?", _) => true,
        (_, Some((from, to))) => matches!((number(from), number(to)), (Some(from), Some(to)) if from <= to),
        (one, None) => number(one).is_some(),
    };
    step && span_fits
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn schedules() {
        for text in
            ["0 1 * * *", "*/5 0-6,20 1,15 JAN-mar sun", "@daily", "@every 1h30m", "5/15 * ? * 0", "TZ=UTC 0 1 * * *"]
        {
            assert_eq!(judge(text), Ok(()), "{text}");
        }
        for text in [
            "",
            "* * * *",
            "60 * * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 * 13 *",
            "0 0 * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "0 0 * foo *",
            "@dayly",
        ] {
            assert!(judge(text).is_err(), "{text}");
        }
    }
}
