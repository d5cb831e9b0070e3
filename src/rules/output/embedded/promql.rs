//! Queries of Prometheus: what surely cannot be parsed.

use std::ops::Range;

use super::{Text, entries};
use crate::check::Report;
use crate::finding::suggest::nearest;

/// prometheus.io, "Query functions" and "Operators", of version 3.
const FUNCTIONS: [&str; 99] = [
    "abs",
    "absent",
    "absent_over_time",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "avg",
    "avg_over_time",
    "bottomk",
    "ceil",
    "changes",
    "clamp",
    "clamp_max",
    "clamp_min",
    "cos",
    "cosh",
    "count",
    "count_over_time",
    "count_values",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "deg",
    "delta",
    "deriv",
    "double_exponential_smoothing",
    "exp",
    "first_over_time",
    "floor",
    "group",
    "histogram_avg",
    "histogram_count",
    "histogram_fraction",
    "histogram_quantile",
    "histogram_stddev",
    "histogram_stdvar",
    "histogram_sum",
    "holt_winters",
    "hour",
    "idelta",
    "increase",
    "info",
    "irate",
    "label_join",
    "label_replace",
    "last_over_time",
    "limit_ratio",
    "limitk",
    "ln",
    "log10",
    "log2",
    "mad_over_time",
    "max",
    "max_over_time",
    "min",
    "min_over_time",
    "minute",
    "month",
    "pi",
    "predict_linear",
    "present_over_time",
    "quantile",
    "quantile_over_time",
    "rad",
    "rate",
    "resets",
    "round",
    "scalar",
    "sgn",
    "sin",
    "sinh",
    "sort",
    "sort_by_label",
    "sort_by_label_desc",
    "sort_desc",
    "sqrt",
    "stddev",
    "stddev_over_time",
    "stdvar",
    "stdvar_over_time",
    "sum",
    "sum_over_time",
    "tan",
    "tanh",
    "time",
    "timestamp",
    "topk",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
    "vector",
    "year",
    "histogram_quantiles",
    "start",
];

/// Words behind which a bracket may stand as well.
const WORDS: [&str; 14] = [
    "and",
    "atan2",
    "bool",
    "by",
    "end",
    "group_left",
    "group_right",
    "ignoring",
    "offset",
    "on",
    "or",
    "step",
    "unless",
    "without",
];

pub(super) fn of_text(text: &Text<'_>, report: &mut Report) {
    let mut found = Vec::new();
    entries(&text.read, &mut found);
    for (_, query, range) in found.into_iter().filter(|(key, ..)| *key == "expr") {
        if let Some((_, message, help)) = wrong(query) {
            text.say(range, message, help, report);
        }
    }
}

/// What is wrong with a query, and what to do. What a template fills in may be anything.
pub(super) fn wrong(query: &str) -> Option<(Range<usize>, String, String)> {
    if query.contains("{{") || query.contains("$__") {
        return None;
    }
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut rest = query.char_indices().peekable();
    while let Some((at, letter)) = rest.next() {
        match letter {
            '"' | '\'' | '`' => {
                let mut escaped = false;
                let closes = rest.by_ref().any(|(_, own)| {
                    let ends = own == letter && !escaped;
                    escaped = own == '\\' && !escaped && letter != '`';
                    ends
                });
                if !closes {
                    return Some((
                        at..query.len(),
                        "a quote of this query does not close".to_owned(),
                        format!("close it with `{letter}`"),
                    ));
                }
            }
            '#' => {
                rest.by_ref().find(|(_, own)| *own == '\n');
            }
            '(' | '[' | '{' => {
                if letter == '('
                    && let Some(found) = function(query, at)
                {
                    return Some(found);
                }
                open.push((at, letter));
            }
            ')' | ']' | '}' => match open.pop() {
                Some((_, begun)) if closing(begun) == letter => {}
                Some((begin, begun)) => {
                    let message = format!("`{begun}` of this query is closed by `{letter}`");
                    return Some((begin..at + 1, message, format!("write `{}` before it", closing(begun))));
                }
                None => {
                    let message = format!("`{letter}` of this query closes nothing");
                    return Some((at..at + 1, message, "take it out, or open it before".to_owned()));
                }
            },
            _ => {}
        }
    }
    let (begin, begun) = open.pop()?;
    Some((
        begin..query.len(),
        format!("`{begun}` of this query does not close"),
        format!("write `{}` behind it", closing(begun)),
    ))
}

fn closing(begun: char) -> char {
    match begun {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// The word before a bracket, if it is nearly a function.
fn function(query: &str, at: usize) -> Option<(Range<usize>, String, String)> {
    let before = query.get(..at)?.trim_end();
    let begin = before.rfind(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').map_or(0, |it| it + 1);
    let name = before.get(begin..).filter(|name| name.len() > 3)?;
    let folded = name.to_ascii_lowercase();
    if FUNCTIONS.contains(&folded.as_str()) || WORDS.contains(&folded.as_str()) {
        return None;
    }
    // Only a function has a bracket right behind it; `by (x)` and metrics are something else.
    let near = nearest(&folded, FUNCTIONS)?;
    Some((
        begin..begin + name.len(),
        format!("Prometheus knows no function `{name}`"),
        format!("did you mean `{near}`?"),
    ))
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn what_is_right_is_not_told() {
        for query in [
            "absent(up == 1)",
            "sum by (namespace) (rate(http_requests_total{code=~\"5..\", path=\"/a)b\"}[5m])) > 0",
            "a{b='}'} # ] comment\n or c",
            "topk(3, sum without (pod) (x)) and on (node) y",
            "x{a=\"\\\"}\"}",
            "rate(x[5m:1m] offset 1h)",
        ] {
            assert_eq!(wrong(query), None, "{query}");
        }
    }

    #[test]
    fn what_does_not_close_is() {
        for query in ["a{b=\"c\" == 0", "sum(rate(x[5m])", "x)", "rate(x[5m)", "a{b=\"c}", "incraese(x[1h])"] {
            assert!(wrong(query).is_some(), "{query}");
        }
    }
}
