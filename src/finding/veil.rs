//! Secrets in sentences: what is said of a value may name it, a secret never.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::Finding;
use crate::source::{HIDDEN, Sources};

/// What is shorter is looked for between quotes alone, and what is shorter than the second not at all: such words stand
/// in any sentence.
const SHORTEST: usize = 6;
const LEAST: usize = 3;

/// Of a longer text so many letters give it away: sentences cut what they name.
const HEAD: usize = 12;

/// Takes a value out of a sentence about it, however short it is.
pub fn veil_own(text: &mut String, secret: &str) {
    secret.lines().map(str::trim).filter(|line| !line.is_empty()).for_each(|line| take_out(text, line, true));
}

fn take_out(text: &mut String, secret: &str, is_sentence: bool) {
    Known::with(&[secret.into()], 1).take_out(text, is_sentence);
}

/// The secrets that a run has met, so that one pass over a text finds all of them, however many they are.
#[derive(Debug, Default)]
pub struct Known {
    /// Those that give themselves away by their first letters, in order.
    long: Vec<Arc<str>>,
    /// Those that stand somewhere as a whole or not at all.
    short: HashSet<Arc<str>>,
    /// The numbers of letters that short ones have, the largest first.
    lengths: Vec<usize>,
    /// The bytes that one of them begins with.
    starts: BTreeSet<u8>,
    /// The letters of those that help might spell in another way: in lower case, with other signs between them. None
    /// begins with another.
    spelled: Vec<String>,
}

impl Known {
    pub fn to(sources: &Sources) -> Self {
        Self::of(&sources.secrets())
    }

    pub fn of(secrets: &[Arc<str>]) -> Self {
        Self::with(secrets, LEAST)
    }

    /// Those that have so many letters at least.
    fn with(secrets: &[Arc<str>], least: usize) -> Self {
        let mut known = Self::default();
        let (mut lengths, mut spelled) = (BTreeSet::new(), BTreeSet::new());
        for secret in secrets {
            let count = secret.chars().take(HEAD).count();
            if count >= least {
                known.starts.extend(secret.bytes().next());
                if count < HEAD {
                    lengths.insert(count);
                    known.short.insert(Arc::clone(secret));
                } else {
                    known.long.push(Arc::clone(secret));
                }
            }
            spelled.extend(spelling(secret));
        }
        known.long.sort();
        known.lengths = lengths.into_iter().rev().collect();
        for letters in spelled {
            if known.spelled.last().is_none_or(|before: &String| !letters.starts_with(&**before)) {
                known.spelled.push(letters);
            }
        }
        known
    }

    fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.spelled.is_empty()
    }

    /// Takes them out of a line of a file.
    pub fn veil_line(&self, text: &mut String) {
        self.take_out(text, false);
    }

    /// Takes them out of a sentence.
    fn veil(&self, text: &mut String) {
        self.take_out(text, true);
        self.veil_spelled(text);
    }

    fn take_out(&self, text: &mut String, is_sentence: bool) {
        for range in self.places(text, is_sentence).into_iter().rev() {
            text.replace_range(range, HIDDEN);
        }
    }

    /// Where they stand in a file.
    pub fn places_in(&self, text: &str) -> Vec<Range<usize>> {
        self.places(text, false)
    }

    fn places(&self, text: &str, is_sentence: bool) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        for (start, byte) in text.bytes().enumerate() {
            if start < from || !self.starts.contains(&byte) || !text.is_char_boundary(start) {
                continue;
            }
            let Some(end) = self.end_of(text, start, is_sentence) else { continue };
            match found.last_mut().filter(|before| start < before.end) {
                Some(before) => before.end = before.end.max(end),
                None => found.push(start..end),
            }
            // Another may begin within the last letters.
            from = text.floor_char_boundary(end.saturating_sub(HEAD)).max(start + 1);
        }
        found
    }

    /// The end of the longest that begins at a place.
    fn end_of(&self, text: &str, start: usize, is_sentence: bool) -> Option<usize> {
        let rest = &text[start..];
        let common = |secret: &Arc<str>| {
            let same = rest.chars().zip(secret.chars()).take_while(|(a, b)| a == b);
            same.fold((0, 0), |(count, bytes), (letter, _)| (count + 1, bytes + letter.len_utf8()))
        };
        // Of all in order, those next to a text have the most in common with it.
        let at = self.long.partition_point(|secret| **secret <= *rest);
        let next = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|at| self.long.get(at));
        let longest = next.map(common).max().filter(|(count, _)| *count >= HEAD);
        let whole = |count: &usize| {
            let end = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(*count)?;
            let is_it = self.short.contains(&rest[..end]) && counts(text, start..start + end, is_sentence);
            is_it.then_some(start + end)
        };
        // Where a sentence goes on as another secret would, that is one with the same beginning.
        let is_part = |letter: char| letter.is_alphanumeric() || "-_+=".contains(letter);
        let end = |bytes: usize| {
            let after = &rest[bytes..];
            start + bytes + after.find(|letter| !is_part(letter)).unwrap_or(after.len())
        };
        longest.map(|(_, bytes)| end(bytes)).or_else(|| self.lengths.iter().find_map(whole))
    }

    /// Takes out what stands between backticks and has the letters of one.
    fn veil_spelled(&self, text: &mut String) {
        if !self.is_spelled_in(text) {
            return;
        }
        let quoted = text.split('`').enumerate();
        let shown = quoted.map(|(at, part)| match self.is_spelled_in(part) {
            true if at % 2 == 1 => HIDDEN.to_owned(),
            // Numbers are said without.
            true => part
                .split(' ')
                .map(|word| if self.is_number(word) { HIDDEN } else { word })
                .collect::<Vec<_>>()
                .join(" "),
            false => part.to_owned(),
        });
        let shown = shown.collect::<Vec<_>>().join("`");
        *text = shown;
    }

    fn is_number(&self, word: &str) -> bool {
        !word.contains(char::is_alphabetic) && self.is_spelled_in(word)
    }

    fn is_spelled_in(&self, text: &str) -> bool {
        if self.spelled.is_empty() {
            return false;
        }
        let letters = letters(text);
        let begins = |start: usize| {
            let rest = &letters[start..];
            let at = self.spelled.partition_point(|it| **it <= *rest);
            at.checked_sub(1).is_some_and(|at| rest.starts_with(&*self.spelled[at]))
        };
        (0..letters.len()).any(begins)
    }
}

/// Whether a text that reads as a short secret is one where it stands.
fn counts(text: &str, place: Range<usize>, is_sentence: bool) -> bool {
    let (before, secret, after) = (&text[..place.start], &text[place.clone()], &text[place.end..]);
    let is_short = secret.chars().count() < SHORTEST;
    // A usual word is no secret but where it is quoted.
    let is_word = secret.bytes().all(|byte| byte.is_ascii_lowercase());
    let quotes = ['`', '"', '\''];
    let is_part = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    let is_alone = || !before.ends_with(is_part) && !after.starts_with(is_part);
    match (is_short || is_word, is_sentence) {
        (false, _) => true,
        (true, false) => is_alone(),
        (true, true) if is_short => before.ends_with(quotes) && after.starts_with(quotes),
        (true, true) => is_alone() && before.matches('`').count() % 2 == 1,
    }
}

/// The letters of a secret; none of one that is too short to be known by them, or a usual word.
fn spelling(secret: &str) -> Option<String> {
    let letters = letters(secret);
    let is_word = secret.bytes().all(|byte| byte.is_ascii_lowercase());
    (letters.len() >= SHORTEST && !is_word).then_some(letters)
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

impl Finding {
    /// The same, without any secret that the run has met.
    pub fn veiled(&self, known: &Known) -> Cow<'_, Self> {
        if known.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut veiled = self.clone();
        veiled.veil_words(|text| known.veil(text));
        Cow::Owned(veiled)
    }

    /// Changes all that is said.
    pub fn veil_words(&mut self, mut change: impl FnMut(&mut String)) {
        change(&mut self.message);
        change(&mut self.primary.text);
        self.related.iter_mut().for_each(|label| change(&mut label.text));
        self.help.iter_mut().chain(&mut self.detail).for_each(&mut change);
        self.alike.sentences.iter_mut().for_each(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veiled(text: &str, secret: &str) -> String {
        let mut text = text.to_owned();
        Known::of(&[secret.into()]).take_out(&mut text, true);
        text
    }

    #[test]
    fn a_secret_is_said_nowhere() {
        assert_eq!(veiled("`hunter2` is none of `a`; hunter2!", "hunter2"), "`***` is none of `a`; ***!");
        assert_eq!(veiled("the part `abc` of abcd", "abc"), "the part `***` of abcd");
        let word = "`a.secret` holds a secret in plain text: `my secret`";
        assert_eq!(veiled(word, "secret"), "`a.secret` holds a secret in plain text: `my ***`");
        assert_eq!(veiled("`a` is `b`", "a"), "`a` is `b`");
        let long = "Zk3qv9Lw8xRtY2pQmN5v".repeat(9);
        assert_eq!(veiled(&format!("`{}…` is none", &long[..60]), &long), "`***…` is none");
        let mut spelled = "write `hunter-sekrit5`, or `Hunter_Sekrit5-2`; `hunter` is fine".to_owned();
        Known::of(&["HunterSEKRIT5".into()]).veil_spelled(&mut spelled);
        assert_eq!(spelled, "write `***`, or `***`; `hunter` is fine");
        let mut own = "write it without quotes: `5`".to_owned();
        veil_own(&mut own, "5");
        assert_eq!(own, "write it without quotes: `***`");
    }

    #[test]
    fn many_secrets_are_found_in_one_pass() {
        let all: Vec<Arc<str>> = (0..20_000).map(|number| format!("secretvalue{number}").into()).collect();
        let known = Known::of(&all);
        let mut text = all.join(", ");
        known.veil_line(&mut text);
        assert_eq!(text, vec![HIDDEN; all.len()].join(", "));
        let mut text = "`secretvalue19999` and `SecretValue_7`, and `abc`".to_owned();
        known.veil(&mut text);
        assert_eq!(text, "`***` and `***`, and `abc`");
        let mut text = "xhunter1-Zq9xAAA7mwq".to_owned();
        Known::of(&["hunter1-Zq9x".into(), "Zq9xAAA7mw".into()]).veil_line(&mut text);
        assert_eq!(text, "x***");
    }
}
