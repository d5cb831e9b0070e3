//! Secrets in sentences: what is said of a value may name it, a secret never.

use std::borrow::Cow;
use std::ops::Range;

use super::Finding;
use crate::source::{HIDDEN, Sources};

/// What is shorter is looked for between quotes alone, and what is shorter than the second not at all: such words stand
/// in any sentence.
const SHORTEST: usize = 6;
const LEAST: usize = 3;

/// Of a longer text so many letters give it away: sentences cut what they name.
const HEAD: usize = 12;

/// Takes a secret out of a sentence.
fn veil(text: &mut String, secret: &str) {
    if secret.chars().count() >= LEAST {
        take_out(text, secret, true);
    }
}

/// Takes a secret out of a line of a file.
pub fn veil_line(text: &mut String, secret: &str) {
    if secret.chars().count() >= LEAST {
        take_out(text, secret, false);
    }
}

/// Takes a value out of a sentence about it, however short it is.
pub fn veil_own(text: &mut String, secret: &str) {
    secret.lines().map(str::trim).filter(|line| !line.is_empty()).for_each(|line| take_out(text, line, true));
}

fn take_out(text: &mut String, secret: &str, is_sentence: bool) {
    for range in places(text, secret, is_sentence).into_iter().rev() {
        text.replace_range(range, HIDDEN);
    }
}

/// Where a text that is known to be a secret stands in a file.
pub fn secrets_in(text: &str, secret: &str) -> Vec<Range<usize>> {
    if secret.chars().count() < LEAST { Vec::new() } else { places(text, secret, false) }
}

fn places(text: &str, secret: &str, is_sentence: bool) -> Vec<Range<usize>> {
    let head: String = secret.chars().take(HEAD).collect();
    let is_short = secret.chars().count() < SHORTEST;
    // A usual word is no secret but where it is quoted.
    let is_word = secret.len() < HEAD && secret.bytes().all(|byte| byte.is_ascii_lowercase());
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(&head)).map(|at| from + at) {
        let same = text[start..].chars().zip(secret.chars()).take_while(|(a, b)| a == b);
        let end = start + same.map(|(letter, _)| letter.len_utf8()).sum::<usize>();
        let (before, after) = (&text[..start], &text[end..]);
        let quotes = ['`', '"', '\''];
        let is_quoted = before.ends_with(quotes) && after.starts_with(quotes);
        let is_part = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
        let is_alone = !before.ends_with(is_part) && !after.starts_with(is_part);
        let is_it = match (is_short || is_word, is_sentence) {
            (false, _) => true,
            (true, false) => is_alone,
            (true, true) if is_short => is_quoted,
            (true, true) => is_alone && before.matches('`').count() % 2 == 1,
        };
        found.extend(is_it.then_some(start..end));
        from = end;
    }
    found
}

/// The letters of a secret that help might spell in another way: in lower case, with other signs between them.
struct Spelled(String);

impl Spelled {
    /// None of one that is too short to be known by its letters, or a usual word.
    fn of(secret: &str) -> Option<Self> {
        let letters = letters(secret);
        let is_word = secret.bytes().all(|byte| byte.is_ascii_lowercase());
        (letters.len() >= SHORTEST && !is_word).then_some(Self(letters))
    }

    /// Takes out what stands between backticks and has these letters.
    fn veil(&self, text: &mut String) {
        if !letters(text).contains(&self.0) {
            return;
        }
        let quoted: Vec<&str> = text.split('`').collect();
        let shown = quoted
            .iter()
            .enumerate()
            .map(|(at, part)| if at % 2 == 1 && letters(part).contains(&self.0) { HIDDEN } else { part });
        let shown = shown.collect::<Vec<_>>().join("`");
        *text = shown;
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

impl Finding {
    /// The same, without any secret that the run has met.
    pub fn veiled(&self, sources: &Sources) -> Cow<'_, Self> {
        let secrets = sources.secrets();
        if secrets.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut veiled = self.clone();
        for secret in secrets {
            let spelled = Spelled::of(&secret);
            veiled.veil_words(|text| {
                veil(text, &secret);
                if let Some(spelled) = &spelled {
                    spelled.veil(text);
                }
            });
        }
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
        veil(&mut text, secret);
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
        Spelled::of("HunterSEKRIT5").unwrap().veil(&mut spelled);
        assert_eq!(spelled, "write `***`, or `***`; `hunter` is fine");
        let mut own = "write it without quotes: `5`".to_owned();
        veil_own(&mut own, "5");
        assert_eq!(own, "write it without quotes: `***`");
    }
}
