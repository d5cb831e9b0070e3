//! The actions of IAM, by service. A service's lines are read when one of its actions is first asked for.

use std::sync::{LazyLock, OnceLock};

/// A service a line, sorted: its prefix, where its lines begin, and how many bytes they are.
const INDEX: &str = include_str!("index.txt");
/// Resources (`=` before the ARN without `arn:aws:`), actions (the numbers of the resources that they are about, `:`, and
/// their names), and condition keys behind `?`; `*` stands for any part.
const SERVICES: &str = include_str!("services.txt");

pub(super) struct Service {
    arns: Vec<&'static str>,
    /// By their names in lower case, sorted.
    actions: Vec<Action>,
    /// The service's own, without its prefix.
    pub(super) keys: Vec<&'static str>,
}

pub(super) struct Action {
    folded: String,
    pub(super) name: &'static str,
    about: &'static str,
}

struct Entry {
    prefix: &'static str,
    lines: &'static str,
    service: OnceLock<Service>,
}

static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |line: &'static str| {
        let mut words = line.split(' ');
        let (prefix, begin) = (words.next()?, words.next()?.parse::<usize>().ok()?);
        let lines = SERVICES.get(begin..)?.get(..words.next()?.parse().ok()?)?;
        Some(Entry { prefix, lines, service: OnceLock::new() })
    };
    INDEX.lines().filter(|line| !line.starts_with('#')).filter_map(entry).collect()
});

/// The service of a prefix, written in any case.
pub(super) fn service(prefix: &str) -> Option<&'static Service> {
    let folded = prefix.to_ascii_lowercase();
    let at = ALL.binary_search_by(|entry| entry.prefix.cmp(&folded)).ok()?;
    let entry = ALL.get(at)?;
    Some(entry.service.get_or_init(|| Service::read(entry.lines)))
}

pub(super) fn prefixes() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|entry| entry.prefix)
}

impl Service {
    fn read(lines: &'static str) -> Self {
        let mut service = Self { arns: Vec::new(), actions: Vec::new(), keys: Vec::new() };
        for line in lines.lines() {
            if let Some(arn) = line.strip_prefix('=') {
                service.arns.push(arn);
            } else if let Some(keys) = line.strip_prefix('?') {
                service.keys = keys.split(' ').collect();
            } else if let Some((about, names)) = line.split_once(':') {
                let action = |name: &'static str| Action { folded: name.to_ascii_lowercase(), name, about };
                service.actions.extend(names.split(' ').map(action));
            }
        }
        service.actions.sort_by(|one, other| one.folded.cmp(&other.folded));
        service
    }

    /// The actions that a name stands for, in any case; `*` and `?` are wildcards.
    pub(super) fn actions(&self, name: &str) -> Vec<&Action> {
        let folded = name.to_ascii_lowercase();
        if folded.contains(['*', '?']) {
            return self.actions.iter().filter(|action| matches(&folded, &action.folded)).collect();
        }
        let at = self.actions.binary_search_by(|action| action.folded.cmp(&folded));
        at.ok().and_then(|at| self.actions.get(at)).into_iter().collect()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.actions.iter().map(|action| action.name)
    }

    /// The ARNs, without `arn:aws:`, of what an action is about; none for one that is about no resource in particular.
    pub(super) fn about(&self, action: &Action) -> Vec<&'static str> {
        let numbers = action.about.split(' ').filter_map(|number| number.parse::<usize>().ok());
        numbers.filter_map(|number| self.arns.get(number).copied()).collect()
    }
}

/// Whether a text is what a pattern of `*` and `?` says.
pub(in crate::rules::cloudformation) fn matches(pattern: &str, text: &str) -> bool {
    meet(pattern.as_bytes(), text.as_bytes(), false)
}

/// Whether two patterns of `*` may stand for one text.
pub(super) fn may_meet(one: &str, other: &str) -> bool {
    meet(one.as_bytes(), other.as_bytes(), true)
}

/// `is_both`: wildcards in the second are some, too.
fn meet(one: &[u8], other: &[u8], is_both: bool) -> bool {
    // What both begin with is the same, or decides it.
    let is_plain = |byte: &u8| !matches!(byte, b'*' | b'?');
    let begin = one.iter().zip(other).take_while(|(mine, theirs)| mine == theirs && is_plain(mine)).count();
    let (one, other) = (&one[begin..], &other[begin..]);
    match (one.first(), other.first()) {
        (Some(mine), Some(theirs)) if is_plain(mine) && is_plain(theirs) => return false,
        (Some(b'*'), _) if one.len() == 1 => return true,
        _ => {}
    }
    // Whether the rest of the first from here and the rest of the second from there meet: from the ends to the beginnings.
    let mut below = vec![false; other.len() + 1];
    for at in (0..=one.len()).rev() {
        let mut row = vec![false; other.len() + 1];
        for to in (0..=other.len()).rev() {
            let (mine, theirs) = (one.get(at).copied(), other.get(to).copied());
            let is_any = |byte: Option<u8>| byte == Some(b'*');
            row[to] = match (mine, theirs) {
                (None, None) => true,
                _ if is_any(mine) => below[to] || to < other.len() && row[to + 1],
                _ if is_both && is_any(theirs) => row[to + 1] || at < one.len() && below[to],
                (Some(mine), Some(theirs)) => {
                    (mine == theirs || mine == b'?' || is_both && theirs == b'?') && below[to + 1]
                }
                _ => false,
            };
        }
        below = row;
    }
    below[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_with_their_actions() {
        assert!(prefixes().count() > 400);
        assert!(ALL.is_sorted_by(|one, other| one.prefix < other.prefix));
        let sqs = service("sqs").unwrap();
        let queue = |name: &str| sqs.actions(name).iter().map(|action| action.name).collect::<Vec<_>>();
        assert_eq!(queue("sendmessage"), ["SendMessage"]);
        assert_eq!(queue("Send*"), ["SendMessage"]);
        assert_eq!(queue("SendMesage"), Vec::<&str>::new());
        let action = sqs.actions("SendMessage")[0];
        assert_eq!(sqs.about(action), ["sqs:*:*:*"]);
        for prefix in prefixes() {
            let service = service(prefix).unwrap();
            assert!(service.names().next().is_some(), "{prefix}");
        }
    }

    #[test]
    fn wildcards_meet() {
        for (one, other) in [("a*", "*b"), ("s3:::*", "s3:::x/*"), ("*", ""), ("role/*", "role/x"), ("a?c", "abc")] {
            assert!(may_meet(one, other) && may_meet(other, one), "{one} {other}");
        }
        for (one, other) in [("role/*", "user/*"), ("a", "b*"), ("s3:::*", "sqs:*"), ("ab", "a")] {
            assert!(!may_meet(one, other) && !may_meet(other, one), "{one} {other}");
        }
        assert!(matches("describe*", "describevpcs") && !matches("abc", "a*"));
    }
}
