//! The reserved key `acknowledge` of a layer: findings that are as they should be, each with a reason.

use std::sync::Arc;

use crate::finding::{Finding, Findings, codes, suggest};
use crate::source::Span;
use crate::yaml::{Content, Entry, Node, Style, scalar};

/// The key. What several layers acknowledge holds together.
pub(super) const ACKNOWLEDGE: &str = "acknowledge";

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub rule: Arc<str>,
    pub rule_span: Span,
    pub subject: Arc<str>,
    pub reason: Arc<str>,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub until: Option<Arc<str>>,
    /// The entry.
    pub span: Span,
}

const KEYS: [&str; 4] = ["rule", "subject", "reason", "until"];
const HELP: &str = "write `- {rule: link/service-account, subject: ServiceAccount/web/api, reason: …}`, and `until: 2027-01-31` \
                    for a last day";

/// Reads all entries. Those that are wrong are findings and acknowledge nothing.
pub(super) fn read(entry: &Entry, findings: &mut Findings) -> Vec<Acknowledgement> {
    let Content::List(items) = &entry.value.content else {
        let finding =
            Finding::new(&codes::project::WRONG_TYPE, entry.value.span, "`acknowledge` must be a list of maps");
        findings.push(finding.help(HELP));
        return Vec::new();
    };
    items.iter().filter_map(|item| one(item, findings)).collect()
}

fn one(item: &Node, findings: &mut Findings) -> Option<Acknowledgement> {
    let bad = |span: Span, message: String| Finding::new(&codes::project::BAD_ACKNOWLEDGEMENT, span, message);
    let Content::Map(entries) = &item.content else {
        findings.push(bad(item.span, "an item of `acknowledge` must be a map".to_owned()).help(HELP));
        return None;
    };
    let mut sound = true;
    for Entry { key, value } in entries {
        let known = KEYS.contains(&&*key.text);
        if !known {
            let help = suggest::did_you_mean(&key.text, KEYS).unwrap_or_else(|| HELP.to_owned());
            findings.push(bad(key.span, format!("`{}` is no part of an acknowledgement", key.text)).help(help));
            sound = false;
        } else if text(value).is_none() {
            findings.push(bad(value.span, format!("`{}` must be a text", key.text)).help(HELP));
            sound = false;
        }
    }
    for key in ["rule", "subject", "reason"] {
        if item.get(key).is_none() {
            findings.push(bad(item.span, format!("the acknowledgement has no `{key}`")).help(HELP));
            sound = false;
        }
    }
    let until = item.get("until").and_then(text);
    if let (Some(day), Some(node)) = (&until, item.get("until"))
        && !is_day(day)
    {
        findings.push(bad(node.span, format!("`{day}` is no day")).help("write it as `2027-01-31`"));
        sound = false;
    }
    let rule = item.get("rule")?;
    let (subject, reason) = (text(item.get("subject")?)?, text(item.get("reason")?)?);
    sound.then_some(Acknowledgement {
        rule: text(rule)?,
        rule_span: rule.span,
        subject,
        reason,
        until,
        span: item.span,
    })
}

fn text(node: &Node) -> Option<Arc<str>> {
    match &node.content {
        Content::Scalar { text, style: Style::Plain } if scalar::plain(text) == scalar::Plain::Null => None,
        Content::Scalar { text, .. } if !text.trim().is_empty() => Some(Arc::clone(text)),
        _ => None,
    }
}

/// A day of the calendar, `YYYY-MM-DD`. As texts, such days are in the order of time.
pub fn is_day(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| {
        text.get(range).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?.parse::<u32>().ok()
    };
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-") && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::is_day;

    #[test]
    fn days_of_the_calendar() {
        assert!(["2027-01-31", "2028-02-29", "2000-02-29"].into_iter().all(is_day));
        let wrong = [
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-1-31",
            "2027-00-10",
            "2027-01-00",
            "20270131",
            "+027-01-01",
        ];
        assert!(!wrong.into_iter().any(is_day));
    }
}
