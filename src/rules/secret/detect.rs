//! What a secret looks like.

use std::ops::Range;

use crate::check::Signs;

/// A secret within a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Secret<'t> {
    pub(super) what: &'static str,
    pub(super) part: &'t str,
}

/// A secret that its own form gives away.
pub(super) fn known(text: &str) -> Option<Secret<'_>> {
    known_by(text, Signs::in_text(text))
}

/// The same, of a text whose signs are known: nearly all lack those of a secret.
pub(super) fn known_by(text: &str, signs: Signs) -> Option<Secret<'_>> {
    // The shortest of them all is longer.
    if text.len() < 16 || !may_be_known(text, signs) {
        return None;
    }
    let mut tokens = text.split(|letter: char| !is_token(letter)).filter(|token| token.len() >= 16);
    tokens.find_map(token).or_else(|| private_key(text)).or_else(|| in_address(text))
}

/// All secrets in a text that their own form gives away.
pub(super) fn all(text: &str) -> Vec<Range<usize>> {
    if text.len() < 16 || !may_be_known(text, Signs::in_text(text)) {
        return Vec::new();
    }
    let tokens = text.split(|letter: char| !is_token(letter)).filter(|token| token.len() >= 16).flat_map(tokens);
    let keys = text.match_indices("-----BEGIN ").filter_map(|(at, _)| private_key(text.get(at..)?));
    let addresses = text.match_indices("://").filter_map(|(at, _)| at_address(text, at));
    let place = |secret: Secret<'_>| {
        let start = secret.part.as_ptr().addr() - text.as_ptr().addr();
        start..start + secret.part.len()
    };
    tokens.chain(keys).chain(addresses).map(place).collect()
}

/// Whether a text has what one of the forms begins with.
fn may_be_known(text: &str, signs: Signs) -> bool {
    const AKIA: Signs = Signs::of(b"AKI");
    const ASIA: Signs = Signs::of(b"ASI");
    const PRIVATE_KEY: Signs = Signs::of(b"-BEGIN ");
    const ADDRESS: Signs = Signs::of(b":/@");
    // Of what a token begins with, the one character that is telling, and what stands before it.
    let bytes = text.as_bytes();
    let begins = |sign: u8, heads: &[&str]| {
        let ends = |before: &[u8]| {
            heads.iter().any(|head| before.last() == head.as_bytes().last() && before.ends_with(head.as_bytes()))
        };
        bytes.iter().enumerate().any(|(at, byte)| *byte == sign && ends(&bytes[..at]))
    };
    [AKIA, ASIA, PRIVATE_KEY, ADDRESS].into_iter().any(|all| signs.have(all))
        || (signs.have(Signs::of(b"_")) && begins(b'_', &["ghp", "gho", "ghu", "ghs", "ghr", "github_pat"]))
        || (signs.have(Signs::of(b"-")) && begins(b'-', &["glpat", "xoxb", "xoxa", "xoxp", "xoxr", "xoxs"]))
        || (signs.have(Signs::of(b"J")) && begins(b'J', &["ey"]))
}

/// The password of `scheme://user:password@host`.
fn in_address(text: &str) -> Option<Secret<'_>> {
    text.match_indices("://").find_map(|(at, _)| at_address(text, at))
}

/// The same of the address whose `://` stands at a place.
fn at_address(text: &str, at: usize) -> Option<Secret<'_>> {
    let rest = text.get(at + 3..)?;
    let end = rest.find(|letter: char| letter.is_whitespace() || "/?#\"'`<>|,()".contains(letter));
    let (account, host) = rest.get(..end.unwrap_or(rest.len()))?.rsplit_once('@')?;
    let (user, part) = account.split_once(':')?;
    let is_scheme = text.get(..at)?.ends_with(|letter: char| letter.is_ascii_alphanumeric());
    // A sample says `user:password`, and is said in the documentation of every other field.
    let is_sample = |word: &str| {
        let word = word.to_ascii_lowercase();
        ["user", "pass", "pwd", "secret", "token", "key", "example", "foo"].iter().any(|it| word.contains(it))
    };
    let is_it = is_scheme && host.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '[');
    let is_it = is_it && is_plain(part) && (!is_sample(part) || part.bytes().any(|byte| byte.is_ascii_digit()));
    (is_it && !is_sample_host(host) && !(is_sample(user) && part.len() < 4))
        .then_some(Secret { what: "the password of an address", part })
}

fn is_sample_host(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or(host);
    ["host", "hostname", "server", "address"].contains(&host)
        || [".example", "example.com", "example.org", "example.net"].iter().any(|end| host.ends_with(end))
}

/// Not what stands for something else: no variable, no expression, nothing that is still to be filled in.
pub(super) fn is_plain(text: &str) -> bool {
    const SAMPLES: [&str; 14] = [
        "change",
        "replace",
        "example",
        "your",
        "todo",
        "dummy",
        "redacted",
        "placeholder",
        "fixme",
        "none",
        "null",
        "generated",
        "xxx",
        "***",
    ];
    let lower = text.to_ascii_lowercase();
    !text.is_empty()
        && !text.contains(['$', '{', '<', '%', '…'])
        && !text.contains("...")
        && !SAMPLES.iter().any(|sample| lower.contains(sample))
}

fn is_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

fn token(token: &str) -> Option<Secret<'_>> {
    tokens(token).into_iter().next()
}

/// The secrets in a word: one, or several between dots.
fn tokens(token: &str) -> Vec<Secret<'_>> {
    let is_url_safe = |part: &str| part.len() >= 10 && part.bytes().all(|byte| byte != b'.');
    if token.starts_with("eyJ") {
        let mut parts = token.split('.');
        let is_signed = parts.next().is_some_and(is_url_safe)
            && parts.next().is_some_and(|claims| claims.starts_with("eyJ") && is_url_safe(claims))
            && parts.next().is_some_and(is_url_safe)
            && parts.next().is_none();
        return is_signed.then_some(Secret { what: "a signed web token (JWT)", part: token }).into_iter().collect();
    }
    token.split('.').filter_map(|part| form(part).map(|what| Secret { what, part })).collect()
}

/// What kind of secret a word is.
fn form(word: &str) -> Option<&'static str> {
    let after = |prefixes: &[&str], least: usize| {
        let rest = prefixes.iter().find_map(|prefix| word.strip_prefix(prefix));
        rest.is_some_and(|rest| rest.len() >= least && varied(rest))
    };
    if after(&["AKIA", "ASIA"], 16) {
        let is_it = word.len() == 20 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        // The keys of AWS's own documentation end so.
        return (is_it && !word.ends_with("EXAMPLE")).then_some("an access key of AWS");
    }
    if after(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], 36) || after(&["github_pat_"], 22) {
        return Some("a token of GitHub");
    }
    if after(&["glpat-"], 20) {
        return Some("a token of GitLab");
    }
    after(&["xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-"], 10).then_some("a token of Slack")
}

/// Not `xxxxxxxx`, as examples have it.
fn varied(text: &str) -> bool {
    entropy(text) >= 2.5
}

/// Bytes that the head of a private key has at the most.
const HEAD: usize = 100;

/// The head of a private key, if the key itself follows.
fn private_key(text: &str) -> Option<Secret<'_>> {
    const END: &str = "PRIVATE KEY-----";
    let start = text.find("-----BEGIN ")?;
    // Such a head is short: what comes later belongs to another.
    let near = text.floor_char_boundary(start.saturating_add(HEAD));
    let end = start + text.get(start..near)?.find(END)? + END.len();
    let head = text.get(start..end).filter(|head| !head.contains('\n'))?;
    let body = text.get(end..)?.trim_start_matches("\\n").trim_start();
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    (body.bytes().take_while(is_base64).take(32).count() == 32).then_some(Secret { what: "a private key", part: head })
}

/// Whether a key says that its value is a secret.
pub(super) fn is_telling(key: &str) -> bool {
    const WORDS: [&str; 8] =
        ["password", "passwd", "secret", "token", "apikey", "privatekey", "credential", "secretaccesskey"];
    let letters = key.bytes().filter(|byte| !b"-_.".contains(byte)).map(|byte| char::from(byte.to_ascii_lowercase()));
    let key: String = letters.collect();
    let one = key.strip_suffix('s').unwrap_or(&key);
    WORDS.iter().any(|word| one.ends_with(word) || key.ends_with(word))
}

/// Whether a text looks drawn by lot rather than thought up: no name, path, address or reference, no digest.
pub(super) fn is_random(text: &str) -> bool {
    let is_one_word = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"/.:${}<>()[],".contains(&byte));
    let count = |is_it: fn(&u8) -> bool| text.as_bytes().iter().filter(|byte| is_it(byte)).count();
    let (lower, upper) = (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase));
    let digits = count(u8::is_ascii_digit);
    // `prod-eu-central-1-grafana` is a name, and so is a UUID.
    let is_mixed = (lower > 1 && upper > 1) || (digits > 3 && lower + upper > 3 && !text.contains(['-', '_']));
    text.len() >= 20 && is_one_word && digits > 1 && is_mixed && entropy(text) >= 4.0
}

/// Shannon's, in bits a byte.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let all: f64 = counts.iter().copied().map(f64::from).sum();
    let share = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / all);
    share.map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::{is_random, is_telling, known};

    /// Written in pieces, so that nobody who looks for secrets finds them here.
    fn secret(pieces: &[&str]) -> String {
        pieces.concat()
    }

    #[test]
    fn secrets_by_their_form() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
        for (text, what) in [
            (secret(&["id=AKIA", "2OGYBAH6STLMNOPQ;"]), "an access key of AWS"),
            (secret(&["ASIA", "2OGYBAH6STLMNOPQ"]), "an access key of AWS"),
            (secret(&["https://x:ghp", "_0123456789abcdefghijklmnopqrstuvwxyz@github.com"]), "a token of GitHub"),
            (secret(&["github_pat", "_11ABCDEFG0abcdefghijklm_x"]), "a token of GitHub"),
            (secret(&["glpat", "-0123456789abcdefghij"]), "a token of GitLab"),
            (secret(&["xoxb", "-123456789012-abcdefghij"]), "a token of Slack"),
            (
                secret(&["Bearer eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0NTY3ODkwIn0.", "dozjgNryP4J3jVmNHl0w5N"]),
                "a signed web token (JWT)",
            ),
            (secret(&["-----BEGIN RSA PRIVATE", " KEY-----\n", body, "\n"]), "a private key"),
            (secret(&["-----BEGIN PRIVATE", " KEY-----\\n", body]), "a private key"),
        ] {
            assert_eq!(known(&text).map(|secret| secret.what), Some(what), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_secret() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAXXXXXXXXXXXXXXXX",
            "xAKIA2OGYBAH6STLMNOPQ",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "glpat-<your-token-of-gitlab>",
            "eyJhbGciOiJIUzI1NiJ9.not-a-token-at-all",
            "grep -e '-----BEGIN RSA PRIVATE KEY-----' -r /",
            "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ] {
            assert_eq!(known(text), None, "{text}");
        }
    }

    #[test]
    fn keys_that_tell() {
        for key in ["password", "adminPassword", "API_KEY", "client-secret", "token", "credentials", "privateKey"] {
            assert!(is_telling(key), "{key}");
        }
        for key in ["secretName", "tokenPath", "passwordRef", "key", "automountToken.enabled", "publicKey"] {
            assert!(!is_telling(key), "{key}");
        }
    }

    #[test]
    fn random_texts() {
        for text in ["q7Rz2LwP9xVt4KbM8nYc", "wJalrXUtnFEMI+K7MDENG+bPxRfi2CYz", "k3j9x0q8w7z5v2n4m6p1"] {
            assert!(is_random(text), "{text}");
        }
        for text in [
            "grafana-admin-credentials",
            "prod-eu-central-1-grafana-admin",
            "externalSecretsOperatorCredentials",
            "arn:aws:secretsmanager:eu-central-1:012345678901:secret:ci-AbCdEf",
            "/platform/Prod1/db2/Password",
            "8d3f1c2e-4b5a-4c6d-9e7f-0a1b2c3d4e5f",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "${GRAFANA_Password_12345}",
            "correct horse battery staple 12 AB",
            "short1A",
        ] {
            assert!(!is_random(text), "{text}");
        }
    }
}
