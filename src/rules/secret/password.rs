//! Passwords that are written out where a reference should stand: known by their key, not by their form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::detect::{is_plain, known};
use super::literal::{HELP, LABEL, LITERAL};
use super::within;
use crate::check::cfn::Template;
use crate::check::k8s::Object;
use crate::check::{Node, Report, Signs, View};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        in_parameters(template, report);
    }
    for resource in view.templates().iter().flat_map(Template::resources) {
        if let Some(properties) = resource.properties() {
            in_template(&properties, report);
        }
    }
    for object in view.objects() {
        for variable in object.containers().iter().filter_map(|it| it.get("env")).flat_map(|env| env.items()) {
            named(&variable, "name", "value", report);
            if let Some(value) = variable.get("value") {
                in_text(&value, report);
            }
        }
        for words in object.containers().iter().flat_map(|it| [it.get("command"), it.get("args")]).flatten() {
            in_words(&words, report);
        }
        if object.group.is_empty() {
            in_data(object, report);
        }
    }
    for values in view.values() {
        in_values(values, report);
    }
    for kustomization in view.kustomizations() {
        let made = kustomization.root.get("secretGenerator").map(|made| made.items()).unwrap_or_default();
        for literal in made.iter().filter_map(|one| one.get("literals")).flat_map(|all| all.items()) {
            if let Some((name, value)) = literal.text().and_then(|text| text.split_once('='))
                && is_secret(name, value)
            {
                tell_part(name, value, &literal, report);
            }
        }
    }
}

/// The words of a command: an option and its value are one, or two.
fn in_words(words: &Node<'_>, report: &mut Report) {
    let mut before = None;
    for word in words.items() {
        let text = word.text();
        match (within::of_option(before), text) {
            (Some(name), Some(value)) if is_secret(name, value) => tell(name, &word, report),
            _ => in_text(&word, report),
        }
        before = text;
    }
}

/// What the words of a text itself name.
fn in_text(node: &Node<'_>, report: &mut Report) {
    for (name, part) in node.text().map(within::named).unwrap_or_default() {
        tell_part(name, part, node, report);
    }
}

/// Parameters that nobody may see, and that everybody can read.
fn in_parameters(template: &Template<'_>, report: &mut Report) {
    let parameters = template.document.root().get("Parameters").map(|all| all.entries()).unwrap_or_default();
    for (name, parameter) in parameters {
        if parameter.get("NoEcho").is_some_and(|it| it.boolean() == Some(true) || it.text() == Some("true"))
            && let Some(value) = parameter.get("Default")
            && value.text().is_some_and(is_written_out)
        {
            tell(name, &value, report);
        }
    }
}

/// Properties such as `MasterUserPassword`, and variables of functions and containers.
fn in_template(properties: &Node<'_>, report: &mut Report) {
    for (node, text, signs) in properties.texts() {
        let around = node.parent().filter(|_| !node.is_at(properties));
        let (Some(key), Some(around)) = (node.key(), around) else { continue };
        let substituted = || around.key().filter(|_| !around.is_at(properties));
        let name = match key {
            "Fn::Sub" => substituted(),
            "Value" => around.text_at(["Name"]),
            _ => Some(key),
        };
        if let Some(name) = name.filter(|name| is_secret(name, text)) {
            tell(name, &node, report);
        } else if signs.have(PAIRS) {
            in_text(&node, report);
        }
    }
}

/// Signs of a connection string.
const PAIRS: Signs = Signs::of(b"=;");

/// `{name: DB_PASSWORD, value: …}`
fn named(node: &Node<'_>, name: &str, value: &str, report: &mut Report) {
    if let (Some(name), Some(value)) = (node.text_at([name]), node.get(value)) {
        judge(name, &value, report);
    }
}

fn in_data(object: &Object<'_>, report: &mut Report) {
    let plain = match object.kind {
        "ConfigMap" => "data",
        "Secret" => "stringData",
        _ => return,
    };
    for (key, value) in object.root().get(plain).map(|data| data.entries()).unwrap_or_default() {
        judge(key, &value, report);
    }
    let coded = object.root().get("data").filter(|_| object.kind == "Secret");
    for (key, value) in coded.map(|data| data.entries()).unwrap_or_default() {
        let bytes = value.text().and_then(|text| STANDARD.decode(text.trim()).ok());
        if let Some(text) = bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok())
            && is_secret(key, text)
        {
            tell(key, &value, report);
        }
    }
}

/// Helm values. A chart that takes a Secret of one's own asks for its keys as well: what stands beside that, or below a
/// key that says so, is one of them.
fn in_values(values: &Node<'_>, report: &mut Report) {
    for (node, text, _) in values.texts() {
        let around = node.parent().filter(|_| !node.is_at(values));
        let (Some(key), Some(around)) = (node.key(), around) else { continue };
        let name = around.text_at(["name"]).filter(|name| key == "value" && is_secret(name, text));
        let own = is_secret(key, text) && !has_own(&around);
        if let Some(name) = name.or(own.then_some(key)).filter(|_| !is_below_named(&around, values)) {
            tell(name, &node, report);
        }
    }
}

/// Whether a key names a Secret, or keys of one.
fn is_named(key: &str) -> bool {
    const NAMED: [&str; 6] = ["existing", "secretname", "secretref", "secretkeyref", "valuefrom", "keymapping"];
    let key = key.to_ascii_lowercase();
    NAMED.iter().any(|word| key.contains(word)) || key.ends_with("keys") || key.ends_with("ref")
}

/// Whether a map names a Secret of one's own.
fn has_own(map: &Node<'_>) -> bool {
    let is_filled = |value: &Node<'_>| value.text().or(value.text_at(["name"])).is_some_and(|text| !text.is_empty());
    map.entries().iter().any(|(key, value)| is_named(key) && is_filled(value))
}

fn is_below_named(map: &Node<'_>, values: &Node<'_>) -> bool {
    let up = std::iter::once(*map).chain(map.around());
    up.take_while(|it| !it.is_at(values)).any(|it| it.key().is_some_and(is_named))
}

fn judge(key: &str, value: &Node<'_>, report: &mut Report) {
    if value.text().is_some_and(|text| is_secret(key, text)) {
        tell(key, value, report);
    }
}

fn tell(key: &str, value: &Node<'_>, report: &mut Report) {
    tell_part(key, value.text().unwrap_or_default(), value, report);
}

fn tell_part(key: &str, part: &str, value: &Node<'_>, report: &mut Report) {
    let text = value.text().unwrap_or_default();
    // What its own form gives away is told already.
    if known(part).is_none() {
        let what = if is_password(key) { "a password" } else { "a secret" };
        let draft = report.at(&LITERAL, value, format!("`{key}` holds {what} in plain text"));
        draft.about(text, part).label(LABEL).help(HELP).concealing();
    }
}

pub(super) fn is_secret(key: &str, text: &str) -> bool {
    (is_password(key) && is_written_out(text))
        || (is_token(key) && is_drawn(text))
        || (ends_in_word(key, "pass") && is_written_out(text) && text.bytes().any(|byte| byte.is_ascii_digit()))
        || (["secretstring", "secretstringtemplate"].iter().any(|word| ends_in(key, word)) && within::in_json(text))
}

/// Whether a key ends in a word that others end in as well: `DB_PASS` and `dbPass`, not `compass`.
fn ends_in_word(key: &str, word: &str) -> bool {
    let Some(at) = key.len().checked_sub(word.len()).filter(|_| ends_in(key, word)) else { return false };
    let Some((before, last)) = key.split_at_checked(at) else { return false };
    before.is_empty()
        || before.ends_with(is_separator)
        || (before.ends_with(|letter: char| letter.is_ascii_lowercase()) && last.starts_with(char::is_uppercase))
}

fn is_password(key: &str) -> bool {
    const SWITCHES: [&str; 5] = ["use", "has", "manage", "enable", "allow"];
    ["password", "passwd", "passphrase", "secretstring"].iter().any(|word| ends_in(key, word)) && {
        let letters: String = key.chars().filter(|letter| !is_separator(*letter)).collect();
        let letters = letters.to_ascii_lowercase();
        !SWITCHES.iter().any(|word| letters.starts_with(word)) || letters == "userpassword"
    }
}

/// Keys whose values may be the names of secrets as well.
fn is_token(key: &str) -> bool {
    const WORDS: [&str; 6] = ["token", "apikey", "secretkey", "accesskey", "secret", "privatekey"];
    WORDS.iter().any(|word| ends_in(key, word)) || ends_in(key, "secretkeybase")
}

/// Whether a key ends in a word, be it written `DB_PASSWORD`, `dbPassword` or `db.pass-word`.
fn ends_in(key: &str, word: &str) -> bool {
    let mut letters = key.bytes().rev().filter(|byte| !is_separator(char::from(*byte)));
    word.bytes().rev().all(|wanted| letters.next().is_some_and(|byte| byte.to_ascii_lowercase() == wanted))
}

fn is_separator(letter: char) -> bool {
    matches!(letter, '-' | '_' | '.')
}

/// A word that is the thing itself: no path, no address, no name of a variable or of a Secret, no digest of a password.
pub(super) fn is_written_out(text: &str) -> bool {
    const NAMES: [&str; 6] = ["pass", "pwd", "secret", "token", "credential", "key"];
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

#[cfg(test)]
mod tests {
    use super::is_secret;

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
}
