//! Labels and annotations that the API server refuses.

use super::words::{NAME_CHARACTERS, is_name, is_subdomain, is_written};
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    LABEL = Error "kubernetes/label";
    summary: "a label or an annotation that the API server refuses";
    explanation: "A label's value has at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; it may be empty. Its key is a name of the same form, after a prefix if there is one: a DNS name in lower case, and a `/`. Values are texts: an unquoted `true` or `1` is refused, in annotations, too. All annotations of an object together hold at most 262,144 bytes.";
    wrong: "
        apiVersion: v1
        kind: Namespace
        metadata: {name: web, labels: {owner: web@example.com}, annotations: {example.com/backup: true}}
    ";
    right: "
        apiVersion: v1
        kind: Namespace
        metadata: {name: web, labels: {owner: web}, annotations: {example.com/owner: web@example.com, example.com/backup: 'true'}}
    ";
}

/// `TotalAnnotationSizeLimitB` of <https://pkg.go.dev/k8s.io/apimachinery/pkg/api/validation>.
const ALL_ANNOTATIONS: usize = 262_144;

/// Kinds whose selectors hold labels as they are; elsewhere they may have wildcards or prefixes.
const PLAIN_SELECTORS: [&str; 7] =
    ["", "admissionregistration.k8s.io", "apps", "batch", "networking.k8s.io", "policy", "rbac.authorization.k8s.io"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for object in view.objects() {
        let root = object.root();
        let template = match object.kind {
            "NodePool" => root.at(["spec", "template"]),
            _ => object.pod_template().filter(|_| object.kind != "Pod"),
        };
        for metadata in [Some(root), template].iter().flatten().filter_map(|it| it.get("metadata")) {
            labels(metadata.get("labels").as_ref(), report);
            annotations(metadata.get("annotations").as_ref(), report);
        }
        for selector in selectors(object) {
            labels(Some(&selector), report);
        }
    }
}

fn selectors<'a>(object: &Object<'a>) -> Vec<Node<'a>> {
    let mut found: Vec<Node<'a>> =
        object.pod_template().and_then(|pod| pod.at(["spec", "nodeSelector"])).into_iter().collect();
    if object.is("", "Service") {
        found.extend(object.root().at(["spec", "selector"]));
    }
    if PLAIN_SELECTORS.contains(&object.group) {
        found.extend(object.root().under("matchLabels"));
    }
    found
}

fn labels(map: Option<&Node<'_>>, report: &mut Report) {
    for (key, value) in map.into_iter().flat_map(Node::entries) {
        of_key("label", key, &value, report);
        // Of labels that pods choose nodes by, the table of fields says that they are texts.
        let is_told = map.is_some_and(|map| map.key() == Some("nodeSelector"));
        let read = if is_told { value.text() } else { text("label", key, &value, report) };
        let Some(text) = read else { continue };
        if text.is_empty() || !is_written(text) || is_name(text) {
            continue;
        }
        let draft = report.at(&LABEL, &value, format!("`{text}` cannot be the value of a label"));
        match text.chars().count() {
            long @ 64.. => draft.label(format!("{long} characters, and at most 63 are taken")),
            _ => draft.label(format!("only {NAME_CHARACTERS}")),
        };
        draft.help("change it, or make it an annotation, which may hold any text");
    }
}

fn annotations(map: Option<&Node<'_>>, report: &mut Report) {
    let Some(map) = map else { return };
    let mut size = 0;
    for (key, value) in map.entries() {
        of_key("annotation", key, &value, report);
        size += key.len() + text("annotation", key, &value, report).map_or(0, str::len);
    }
    if size > ALL_ANNOTATIONS {
        report
            .at(&LABEL, map, format!("{size} bytes of annotations, and at most {ALL_ANNOTATIONS} are taken"))
            .help("keep large texts in a ConfigMap");
    }
}

fn of_key(what: &str, key: &str, value: &Node<'_>, report: &mut Report) {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    // Upper case in an annotation's prefix is let pass.
    let is_prefix =
        |prefix: &str| is_subdomain(prefix) || (what == "annotation" && is_subdomain(&prefix.to_lowercase()));
    let label = if !is_written(key) || (is_name(name) && prefix.is_none_or(is_prefix)) {
        return;
    } else if name.chars().count() > 63 {
        "it has at most 63 characters".to_owned()
    } else if !is_name(name) {
        format!("only {NAME_CHARACTERS}")
    } else {
        "before the `/` stands a DNS name in lower case".to_owned()
    };
    let article = super::words::article(what);
    let draft = report.at(&LABEL, value, format!("`{key}` cannot be the key of {article} {what}"));
    draft.about_key().label(label).help("write `name` or `domain/name`, such as `example.com/team`");
}

/// The text of a value; says so if it is none.
fn text<'a>(what: &str, key: &str, value: &Node<'a>, report: &mut Report) -> Option<&'a str> {
    let written = match value.value {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        _ => return value.text(),
    };
    report
        .at(&LABEL, value, format!("the {what} `{key}` must be a text"))
        .label(format!("this is {}", value.value.kind()))
        .help(format!("quote it: `\"{written}\"`"));
    None
}
