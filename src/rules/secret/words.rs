//! Words that are secrets, by what they are called and how they look.

use super::detect::is_plain;

/// Words that names of secrets have in them.
const NAMES: [&str; 6] = ["pass", "pwd", "secret", "token", "credential", "key"];

/// So many letters before an expression are a part of the secret that is written out.
const LITERAL: usize = 3;

/// What stands where a password would, and is none for certain: a variable or an expression, where it is kept, the name of
/// a Secret or its key, a type.
pub(super) fn is_said_instead(text: &str) -> bool {
    const WORDS: [&str; 20] = [
        "", "true", "false", "yes", "no", "auto", "random", "required", "disabled", "null", "~", "none", "string",
        "text", "password", "secret", "integer", "number", "object", "***",
    ];
    let is_path = |text: &str| {
        let is_of_path = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/-_.".contains(&byte);
        text.contains('/') && text.bytes().all(is_of_path)
    };
    let is_name = || {
        let is_of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        let is_variable = text.contains('_') && text.bytes().all(|byte| !byte.is_ascii_lowercase());
        is_variable
            || (text.contains(['-', '.'])
                && text.bytes().all(is_of_name)
                && NAMES.iter().any(|word| text.contains(word)))
    };
    let starts = ["arn:", "ENC[", "vault:", "ref+", "env:", "file:", "ssm:", "secretsmanager:", "<"];
    let is_count = text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    WORDS.contains(&text)
        || is_count
        || ["{{", "{%", "${", "$("].iter().any(|sign| text.find(sign).is_some_and(|at| at < LITERAL))
        || starts.iter().any(|start| text.starts_with(start))
        || is_path(text)
        || is_name()
}

/// A word that could be drawn by lot: letters and digits, of both cases or with several digits.
pub(super) fn is_mixed(text: &str) -> bool {
    let count = |is_it: fn(&u8) -> bool| text.as_bytes().iter().filter(|byte| is_it(byte)).count();
    let (digits, upper, lower) =
        (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let is_word = digits + upper + lower == text.len();
    is_word && text.len() >= 8 && digits > 0 && ((upper > 0 && lower > 0) || (digits > 2 && upper + lower > 2))
}

/// Whether a key ends in a word that others end in as well: `DB_PASS` and `dbPass`, not `compass`.
pub(super) fn ends_in_word(key: &str, word: &str) -> bool {
    let Some(at) = key.len().checked_sub(word.len()).filter(|_| ends_in(key, word)) else { return false };
    let Some((before, last)) = key.split_at_checked(at) else { return false };
    before.is_empty()
        || before.ends_with(is_separator)
        || (before.ends_with(|letter: char| letter.is_ascii_lowercase()) && last.starts_with(char::is_uppercase))
}

pub(super) fn is_password(key: &str) -> bool {
    const SWITCHES: [&str; 5] = ["use", "has", "manage", "enable", "allow"];
    ["password", "passwd", "passphrase", "secretstring"].iter().any(|word| ends_in(key, word)) && {
        let letters: String = key.chars().filter(|letter| !is_separator(*letter)).collect();
        let letters = letters.to_ascii_lowercase();
        !SWITCHES.iter().any(|word| letters.starts_with(word)) || letters == "userpassword"
    }
}

/// Keys whose values may be the names of secrets as well.
pub(super) fn is_token(key: &str) -> bool {
    const WORDS: [&str; 6] = ["token", "apikey", "secretkey", "accesskey", "secret", "privatekey"];
    WORDS.iter().any(|word| ends_in(key, word)) || ends_in(key, "secretkeybase")
}

/// Whether a key ends in a word, be it written `DB_PASSWORD`, `dbPassword` or `db.pass-word`.
pub(super) fn ends_in(key: &str, word: &str) -> bool {
    let mut letters = key.bytes().rev().filter(|byte| !is_separator(char::from(*byte)));
    word.bytes().rev().all(|wanted| letters.next().is_some_and(|byte| byte.to_ascii_lowercase() == wanted))
}

fn is_separator(letter: char) -> bool {
    matches!(letter, '-' | '_' | '.')
}

/// A word that is the thing itself: no path, no address, no name of a variable or of a Secret, no digest of a password.
pub(super) fn is_written_out(text: &str) -> bool {
    const WORDS: [&str; 8] = ["true", "false", "yes", "no", "auto", "random", "required", "disabled"];
    let lower = text.to_ascii_lowercase();
    let is_separated = text.contains(['-', '_', '.', ':']);
    let is_name = NAMES.iter().any(|word| lower.contains(word))
        && (is_separated || !text.bytes().any(|byte| byte.is_ascii_digit()));
    let is_variable = text.contains('_') && text.bytes().all(|byte| !byte.is_ascii_lowercase());
    let is_count = text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_place = text.contains(['/', ' ', '\n', '[', '('])
        || ["arn:", "ENC", "AgB", "vault:", "ref+", "env:", "file:"].iter().any(|start| text.starts_with(start));
    let is_something_else = is_place || is_name || is_variable || is_count || WORDS.contains(&lower.as_str());
    is_plain(text) && !is_something_else
}

/// A word of letters and digits that no one would call a Secret.
pub(super) fn is_drawn(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_written_out(text) && is_word && text.len() >= 12 && digits >= 3 && text.len() - digits >= 3
}
