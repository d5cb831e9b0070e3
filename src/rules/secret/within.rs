//! Secrets by their names: what stands under a key that says so, or in a text whose own words name it: arguments,
//! connection strings, JSON of Secrets Manager.

use super::detect::{is_random, is_telling};
use super::words::{ends_in, ends_in_word, is_drawn, is_mixed, is_password, is_said_instead, is_token, is_written_out};

/// Whether a text is a secret by its key and its letters, or is JSON of Secrets Manager with one in it.
pub(super) fn is_secret(key: &str, text: &str) -> bool {
    (is_password(key) && is_written_out(text))
        || (is_token(key) && is_drawn(text))
        || (ends_in_word(key, "pass") && is_written_out(text) && text.bytes().any(|byte| byte.is_ascii_digit()))
        || (["secretstring", "secretstringtemplate"].iter().any(|word| ends_in(key, word)) && in_json(text))
}

/// Whether a text may be a secret by its key: it isn't shown then, though nothing is said of it.
pub(super) fn may_be(key: &str, text: &str) -> bool {
    let has_digit = || text.bytes().any(|byte| byte.is_ascii_digit());
    (is_password(key) && !is_said_instead(text))
        || (ends_in_word(key, "pass") && has_digit() && !is_said_instead(text))
        || (is_token(key) && is_mixed(text))
        || (is_telling(key) && is_random(text))
        || is_secret(key, text)
}

/// What an option before it makes a secret: the value of `--password` that is an item by itself.
pub(super) fn of_option(option: Option<&str>) -> Option<&str> {
    let name = option?.strip_prefix('-')?.trim_start_matches('-');
    (!name.is_empty() && !name.contains(|letter: char| letter == '=' || letter.is_whitespace())).then_some(name)
}

/// The secrets that stand in a text behind their names: `--password=…`, and `Server=…;Password=…`.
pub(super) fn named(text: &str) -> Vec<(&str, &str)> {
    if !text.contains('=') {
        return Vec::new();
    }
    let options = text.split_whitespace().filter_map(|word| {
        let (name, value) = word.strip_prefix('-')?.trim_start_matches('-').split_once('=')?;
        Some((name, value))
    });
    let pairs = connection(text).unwrap_or_default();
    options.chain(pairs).filter(|(name, value)| is_secret(name, value)).collect()
}

/// The pairs of a connection string, which has nothing else.
fn connection(text: &str) -> Option<Vec<(&str, &str)>> {
    if !text.contains(';') || text.contains('\n') {
        return None;
    }
    let pieces = text.split(';').map(str::trim).filter(|piece| !piece.is_empty());
    let pairs = pieces.map(|piece| piece.split_once('=').map(|(name, value)| (name.trim(), value.trim())));
    pairs.collect::<Option<Vec<_>>>().filter(|pairs| pairs.len() > 1)
}

/// Whether the JSON of a `SecretString` has a secret written out in it.
pub(super) fn in_json(text: &str) -> bool {
    let is_it = |(name, value)| is_secret(name, value) || is_drawn(value);
    text.trim_start().starts_with('{') && pairs(text).into_iter().any(is_it)
}

/// The names and texts of JSON, in which `${…}` may stand where a value belongs.
fn pairs(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let (mut rest, mut name) = (text, None);
    while let Some((_, after)) = rest.split_once('"') {
        let mut is_escaped = false;
        let end = after.find(|letter: char| {
            let ends = letter == '"' && !is_escaped;
            is_escaped = letter == '\\' && !is_escaped;
            ends
        });
        let Some(end) = end else { break };
        let word = &after[..end];
        rest = &after[end + 1..];
        if rest.trim_start().starts_with(':') {
            name = Some(word);
        } else if let Some(name) = name.take() {
            found.push((name, word));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{in_json, is_secret, may_be, named, of_option};

    #[test]
    fn names_within_texts() {
        assert_eq!(
            named("run --password=hunter2 --db-password=hunter3 -v"),
            [("password", "hunter2"), ("db-password", "hunter3")]
        );
        assert_eq!(named("Server=x;User=a;Password=hunter2;"), [("Password", "hunter2")]);
        for text in ["var password=e;f()", "--password=$(PASSWORD)", "Server=x;Password=${DB}", "--token=github", "a=b"]
        {
            assert!(named(text).is_empty(), "{text}");
        }
        assert_eq!(of_option(Some("--db-password")), Some("db-password"));
        assert_eq!([of_option(Some("--a=b")), of_option(Some("x")), of_option(Some("-"))], [None; 3]);
    }

    #[test]
    fn json_of_secrets() {
        for text in [r#"{"user":"a","password":"hunter2"}"#, "{\n \"x\" : \"0a1b2c3d4e5f60718\"\n}"] {
            assert!(in_json(text), "{text}");
        }
        for text in [r#"{"username":"admin"}"#, r#"{"password":"${Password}"}"#, r#"{"password":""}"#, "{", "hunter2"] {
            assert!(!in_json(text), "{text}");
        }
    }

    #[test]
    fn secrets_by_their_keys() {
        for (key, text) in [
            ("MasterUserPassword", "hunter2"),
            ("DB_PASSWORD", "correct-horse"),
            ("password", "x"),
            ("adminPassword", "Passw0rd123"),
            ("smtp-passwd", "9813"),
            ("AuthToken", "a1b2c3d4e5f6g7h8"),
            ("API_KEY", "0a1b2c3d4e5f60718"),
            ("JWT_SECRET", "0a1b2c3d4e5f60718"),
            ("SECRET_KEY_BASE", "0a1b2c3d4e5f60718"),
            ("PASS", "hunter2"),
            ("dbPass", "hunter2"),
            ("SecretString", r#"{"password":"hunter2"}"#),
        ] {
            assert!(is_secret(key, text), "{key}: {text}");
        }
        for (key, text) in [
            ("MasterUserPassword", "{{resolve:secretsmanager:db:SecretString:password}}"),
            ("password", ""),
            ("password", "$(DB_PASSWORD)"),
            ("password", "DB_PASSWORD"),
            ("password", "CHANGEME"),
            ("password", "/platform/db/password"),
            ("password", "platform/db"),
            ("password", "arn:aws:secretsmanager:eu-central-1:012345678901:secret:db"),
            ("password", "db-password"),
            ("password", "password"),
            ("password", "$2a$10$abcdefghijklmnopqrstuv"),
            ("passwordKey", "admin"),
            ("passwordSecretRef", "db"),
            ("passwordLength", "32"),
            ("usePassword", "yes"),
            ("token", "argocd-token-v2"),
            ("token", "github"),
            ("clientSecret", "grafana-oauth"),
            ("tokenTTL", "86400"),
            ("existingSecret", "db2024"),
            ("TLS_SECRET", "web-tls-20240101"),
            ("compass", "hunter2"),
            ("proxy_pass", "http://backend2"),
            ("SecretString", r#"{"password":"${Password}"}"#),
        ] {
            assert!(!is_secret(key, text), "{key}: {text}");
        }
    }

    #[test]
    fn more_is_hidden_than_reported() {
        for (key, text) in [
            ("DB_PASSWORD", "QSECRETENV"),
            ("password", "correct horse"),
            ("token", "Zq9xARGB4kd"),
            ("password", "a/B+c="),
        ] {
            assert!(!is_secret(key, text) && may_be(key, text), "{key}: {text}");
        }
    }
}
