//! Names that are nearly others: by one slip of the hand, or by the order of their parts.

use std::collections::BTreeMap;

/// The one name that another was surely meant to be; none if there are several such, or none.
pub(super) fn only_near<'n>(name: &str, all: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut near = all.filter(|other| is_near(name, other));
    near.next().filter(|_| near.next().is_none())
}

/// What a name was surely meant to be: of those in the tree, and of those that other tools make.
pub(super) struct Near<'n> {
    pub(super) own: Option<&'n str>,
    pub(super) foreign: Option<&'n str>,
}

/// Names of other tools take nothing away from what is near in the tree, and are one more that may be meant.
pub(super) fn near_of<'n, O: Iterator<Item = &'n str>, F: Iterator<Item = &'n str>>(
    name: &str,
    own: impl Fn() -> O,
    foreign: impl Fn() -> F,
) -> Near<'n> {
    let near = only_near(name, own());
    // One that both name is one of the tree.
    let foreign = || foreign().filter(|name| near != Some(*name));
    match near {
        Some(_) => Near { own: near, foreign: only_near(name, foreign()) },
        None => Near { own: None, foreign: only_near(name, own().chain(foreign())) },
    }
}

/// Whether two names differ by one edit of a word, or by one part that stands elsewhere. `web-1` and `web-2`, or `zone-a`
/// and `zone-b`, are names of two things.
fn is_near(one: &str, other: &str) -> bool {
    one != other && (is_moved(one, other) || is_edited(one, other) || is_rejoined(one, other))
}

/// Whether a key is another one by a slip of the hand: one edit, another case, or other signs between its words.
pub(super) fn is_slip(one: &str, other: &str) -> bool {
    one != other && (is_same_word(one, other) || is_edited(one, other))
}

/// Whether two names have the same letters and digits, and other signs between them, or letters of another case.
fn is_same_word(one: &str, other: &str) -> bool {
    let letters = |name: &'_ str| {
        name.bytes().filter(u8::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    one.len().abs_diff(other.len()) < 4 && letters(one) == letters(other)
}

/// Whether two names have the same parts, and other signs between them: `remote-write` and `remote_write`.
fn is_rejoined(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.contains(['-', '_', '/', '.']) && parts(one) == parts(other)
}

fn parts(name: &str) -> Vec<&str> {
    name.split(['-', '_', '/', '.']).collect()
}

/// Whether both have the same parts, and one of them stands elsewhere.
fn is_moved(one: &str, other: &str) -> bool {
    // The same letters, whatever their order: nearly all pairs of names end here.
    let sum = |name: &str| name.bytes().map(u64::from).sum::<u64>();
    if one.len() != other.len() || sum(one) != sum(other) {
        return false;
    }
    let (one, other) = (parts(one), parts(other));
    let count = |parts: &[&str]| {
        let mut counts = BTreeMap::new();
        for part in parts {
            *counts.entry((*part).to_owned()).or_insert(0_usize) += 1;
        }
        counts
    };
    let without = |parts: &[&str], at: usize| {
        parts.iter().enumerate().filter(|(own, _)| *own != at).map(|(_, part)| (*part).to_owned()).collect::<Vec<_>>()
    };
    one.len() == other.len()
        && one != other
        && one.iter().all(|part| part.len() > 1)
        && count(&one) == count(&other)
        && (0..one.len()).any(|a| (0..other.len()).any(|b| without(&one, a) == without(&other, b)))
}

/// Whether one letter is missing, extra, another one, or swapped with its neighbour, within a word.
fn is_edited(one: &str, other: &str) -> bool {
    // Two letters at the most are not the same, whose bytes are eight at the most: the others stand before and behind.
    let begin = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let shorter = one.len().min(other.len()) - begin;
    let end = one.bytes().rev().zip(other.bytes().rev()).take(shorter).take_while(|(a, b)| a == b).count();
    if one.len().max(other.len()) - begin - end > 8 {
        return false;
    }
    if one.is_ascii() && other.is_ascii() {
        // Letters alone are mistaken, and most names that are nearly the same differ by a number.
        let left = |name: &str| name.as_bytes()[begin..name.len() - end].iter().all(u8::is_ascii_alphabetic);
        if one.len().abs_diff(other.len()) > 1 || !left(one) || !left(other) {
            return false;
        }
    }
    let (ours, theirs): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if ours.len().abs_diff(theirs.len()) > 1 {
        return false;
    }
    let begin = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
    let end = ours[begin..].iter().rev().zip(theirs[begin..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (ours_left, theirs_left) = (&ours[begin..ours.len() - end], &theirs[begin..theirs.len() - end]);
    let is_one = match (ours_left, theirs_left) {
        ([_], [] | [_]) | ([], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    };
    let is_letter = |letter: &char| letter.is_alphabetic();
    is_one && ours_left.iter().chain(theirs_left).all(is_letter) && [&ours, &theirs].iter().all(|it| is_word(it, begin))
}

/// Whether the part of a name around a place is a word: longer than a mark such as `a` or `eu`, and without digits.
fn is_word(name: &[char], at: usize) -> bool {
    let is_inner = |letter: &&char| !matches!(letter, '-' | '_' | '/' | '.');
    let before = name[..at].iter().rev().take_while(is_inner);
    let word: Vec<&char> = before.chain(name[at..].iter().take_while(is_inner)).collect();
    word.len() > 2 && word.iter().all(|letter| letter.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_moved_parts_are_near() {
        for (one, other) in [
            ("prod-karpenter", "prod-karpentr"),
            ("prod-karpenter", "prod-kaprenter"),
            ("prod-node", "prod-nodes"),
            ("/shop/database/url", "/shop/databases/url"),
            ("prod-karpenter-node", "karpenter-prod-node"),
            ("logs-prod-eu", "prod-logs-eu"),
            ("/shop/remote-write-url", "/shop/remote_write_url"),
        ] {
            assert!(is_near(one, other) && is_near(other, one), "{one} {other}");
        }
    }

    #[test]
    fn names_of_two_things_are_not() {
        for (one, other) in [
            ("web-1", "web-2"),
            ("zone-a", "zone-b"),
            ("logs-eu", "logs-us"),
            ("acme-use1", "acme-usw1"),
            ("web", "web-db"),
            ("dev-queue", "prod-queue"),
            ("a-b-c-d", "d-c-b-a"),
            ("shop", "shop"),
            ("web-shop", "webshop"),
        ] {
            assert!(!is_near(one, other) && !is_near(other, one), "{one} {other}");
        }
    }

    #[test]
    fn of_several_none_is_meant() {
        assert_eq!(only_near("event", ["events", "event"].into_iter()), Some("events"));
        assert_eq!(only_near("events", ["event", "eventss"].into_iter()), None);
    }

    #[test]
    fn what_other_tools_make_takes_nothing_away() {
        let near = |own: &'static [&str], foreign: &'static [&str]| {
            let near = near_of("event", || own.iter().copied(), || foreign.iter().copied());
            (near.own, near.foreign)
        };
        assert_eq!(near(&["events"], &["evens", "other"]), (Some("events"), Some("evens")));
        assert_eq!(near(&["events"], &["events"]), (Some("events"), None));
        assert_eq!(near(&[], &["events"]), (None, Some("events")));
        assert_eq!(near(&["events", "even"], &["vent"]), (None, None));
    }
}
