//! Passwords that are written out where a reference should stand: known by their key, not by their form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::detect::{is_plain, known};
use super::literal::{HELP, LABEL, LITERAL};
use crate::check::cfn::Template;
use crate::check::k8s::Object;
use crate::check::{Node, Report, View};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for resource in view.templates().iter().flat_map(Template::resources) {
        let Some(properties) = resource.properties() else { continue };
        properties.walk(&mut |node| in_template(node, report));
    }
    for object in view.objects() {
        for variable in object.containers().iter().filter_map(|it| it.get("env")).flat_map(|env| env.items()) {
            named(&variable, "name", "value", report);
        }
        if object.group.is_empty() {
            in_data(object, report);
        }
    }
    for values in view.values() {
        in_values(&values, report);
    }
}

/// A property such as `MasterUserPassword`, and variables of functions and containers.
fn in_template(node: &Node<'_>, report: &mut Report) {
    named(node, "Name", "Value", report);
    for (key, value) in node.entries() {
        let value = value.get("Fn::Sub").unwrap_or(value);
        judge(key, &value, report);
    }
}

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
fn in_values(node: &Node<'_>, report: &mut Report) {
    const NAMED: [&str; 6] = ["existing", "secretname", "secretref", "secretkeyref", "valuefrom", "keymapping"];
    let is_named = |key: &str| {
        let key = key.to_ascii_lowercase();
        NAMED.iter().any(|word| key.contains(word)) || key.ends_with("keys") || key.ends_with("ref")
    };
    let entries = node.entries();
    let is_filled = |value: &Node<'_>| value.text().or(value.text_at(["name"])).is_some_and(|text| !text.is_empty());
    let has_own = entries.iter().any(|(key, value)| is_named(key) && is_filled(value));
    named(node, "name", "value", report);
    for (key, value) in entries {
        if !has_own {
            judge(key, &value, report);
        }
        if !is_named(key) {
            in_values(&value, report);
        }
    }
    node.items().iter().for_each(|item| in_values(item, report));
}

fn judge(key: &str, value: &Node<'_>, report: &mut Report) {
    if value.text().is_some_and(|text| is_secret(key, text)) {
        tell(key, value, report);
    }
}

fn tell(key: &str, value: &Node<'_>, report: &mut Report) {
    let part = value.text().unwrap_or_default();
    // What its own form gives away is told already.
    if known(part).is_none() {
        let what = if is_password(key) { "a password" } else { "a secret" };
        let draft = report.at(&LITERAL, value, format!("`{key}` holds {what} in plain text"));
        draft.about(part).label(LABEL).help(HELP).concealing();
    }
}

fn is_secret(key: &str, text: &str) -> bool {
    (is_password(key) && is_written_out(text)) || (is_token(key) && is_drawn(text))
}

fn letters(key: &str) -> String {
    key.chars().filter(|letter| !matches!(letter, '-' | '_' | '.')).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn is_password(key: &str) -> bool {
    let key = letters(key);
    ["password", "passwd", "passphrase", "secretstring"].iter().any(|word| key.ends_with(word))
        && !["use", "has", "manage", "enable", "allow"]
            .iter()
            .any(|word| key.starts_with(word) && key != "userpassword")
}

/// Keys whose values may be the names of secrets as well.
fn is_token(key: &str) -> bool {
    let key = letters(key);
    ["token", "apikey", "secretkey", "accesskey", "clientsecret", "privatekey"].iter().any(|word| key.ends_with(word))
}

/// A word that is the thing itself: no path, no address, no name of a variable or of a Secret, no digest of a password.
fn is_written_out(text: &str) -> bool {
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
fn is_drawn(text: &str) -> bool {
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
        ] {
            assert!(!is_secret(key, text), "{key}: {text}");
        }
    }
}
