//! Passwords that are written out where a reference should stand: known by their key, not by their form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::detect::known;
use super::literal::{HELP, LABEL, LITERAL};
use super::within::{self, is_secret};
use super::words::{is_password, is_written_out};
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
    // A kustomization may leave an object out; its file is in git all the same.
    for object in view.objects().iter().chain(view.left_out()) {
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
