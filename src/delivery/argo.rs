//! Applications of Argo CD. Highest first: `parameters`, `fileParameters`, `valuesObject` or else `values`, `valueFiles` of
//! which the last wins.

use super::{Engine, Layer, Wanted, find};
use crate::chart::sets::Taken;
use crate::check::{Node, Release, View};
use crate::value::Value;

pub(super) fn wanted<'a>(release: &Release<'a>, view: &View<'a>) -> Wanted<'a> {
    let spec = release.by.get("spec");
    let helm = release.helm;
    let text = |key: &str| helm.and_then(|helm| helm.text_at([key]));
    let list = |key: &str| helm.map(|helm| helm.list([key])).unwrap_or_default();
    let namespace = text("namespace").or_else(|| spec?.text_at(["destination", "namespace"]));
    let left_out = helm.and_then(|it| it.get("ignoreMissingValueFiles")).map(|it| it.value);
    let may_miss = left_out == Some(&Value::Bool(true));
    let is_elsewhere = |name: &str| name.starts_with('$') || name.contains("://");
    let mut unknown = None;
    let mut layers = Vec::new();
    for file in list("valueFiles") {
        match find::values(&file, view) {
            Some(found) => layers.extend(found.into_iter().map(Layer::Map)),
            None => match file.text() {
                Some(path) if !is_elsewhere(path) => layers.push(Layer::OfChart { node: file, path, may_miss }),
                Some(name) if !may_miss => {
                    unknown.get_or_insert_with(|| format!("its values file `{name}` is not in the tree"));
                }
                _ => {}
            },
        }
    }
    let object = helm.and_then(|helm| helm.get("valuesObject"));
    let object = object.filter(|it| matches!(it.value, Value::Map(entries) if !entries.is_empty()));
    match (object, helm.and_then(|helm| helm.get("values"))) {
        (Some(object), _) => layers.push(Layer::Map(object)),
        (None, Some(node)) => layers.extend(node.text().map(|text| Layer::Text { node, text: text.to_owned() })),
        (None, None) => {}
    }
    let parameters: Vec<Layer<'a>> =
        list("parameters").iter().filter_map(|it| parameter(it, release, &mut unknown)).collect();
    let is_text = |layer: &Layer<'_>| matches!(layer, Layer::Set { taken: Taken::Text, .. });
    // Helm takes all that are typed before those that are texts, and files last.
    let (texts, typed): (Vec<_>, Vec<_>) = parameters.into_iter().partition(is_text);
    layers.extend(typed.into_iter().chain(texts));
    for file in list("fileParameters") {
        let (Some(path), Some(name)) = (file.text_at(["name"]), file.text_at(["path"])) else { continue };
        match find::text(name, view) {
            Some(value) => layers.push(Layer::Set { node: file, path, value, taken: Taken::Whole }),
            None => drop(unknown.get_or_insert_with(|| format!("the file `{name}` of a parameter is not in the tree"))),
        }
    }
    if release.by.text_at(["kind"]) == Some("ApplicationSet") {
        unknown = Some("an ApplicationSet makes it".to_owned());
    }
    Wanted {
        name: release.name.to_owned(),
        namespace,
        chart: release.chart_name(),
        version: release.version,
        engine: Engine::ArgoCd,
        kube_version: text("kubeVersion"),
        apis: list("apiVersions").iter().filter_map(Node::text).collect(),
        skips_definitions: helm.and_then(|it| it.get("skipCrds")).is_some_and(|it| *it.value == Value::Bool(true)),
        layers,
        unknown,
        by: release.by,
        node: release.node,
    }
}

fn parameter<'a>(node: &Node<'a>, release: &Release<'a>, unknown: &mut Option<String>) -> Option<Layer<'a>> {
    let path = node.text_at(["name"])?;
    let value = match node.get("value").map(|it| it.value) {
        Some(Value::String(text)) => text.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(it)) => it.to_string(),
        _ => String::new(),
    };
    let value = substituted(value, release, unknown);
    let is_text = node.get("forceString").is_some_and(|it| *it.value == Value::Bool(true));
    let taken = if is_text { Taken::Text } else { Taken::Typed };
    Some(Layer::Set { node: *node, path, value: quoted(&value), taken })
}

/// Commas are no ends of values, but for what is a list.
fn quoted(value: &str) -> String {
    if value.starts_with('{') && value.ends_with('}') {
        return value.to_owned();
    }
    let mut quoted = String::new();
    for letter in value.chars() {
        if letter == ',' && !quoted.ends_with('\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}

/// Argo CD puts in what it knows of the application.
fn substituted(value: String, release: &Release<'_>, unknown: &mut Option<String>) -> String {
    if !value.contains("ARGOCD_APP_") {
        return value;
    }
    let known = [
        ("ARGOCD_APP_SOURCE_TARGET_REVISION", release.version),
        ("ARGOCD_APP_SOURCE_REPO_URL", release.repository),
        ("ARGOCD_APP_NAMESPACE", release.namespace),
        ("ARGOCD_APP_NAME", release.by.text_at(["metadata", "name"])),
    ];
    let put = |value: String, (name, known): &(&str, Option<&str>)| {
        let known = known.unwrap_or_default();
        value.replace(&format!("${{{name}}}"), known).replace(&format!("${name}"), known)
    };
    let value = known.iter().fold(value, put);
    if value.contains("$ARGOCD_APP_") || value.contains("${ARGOCD_APP_") {
        unknown.get_or_insert_with(|| "a parameter is filled in with what only Argo CD knows".to_owned());
    }
    value
}
