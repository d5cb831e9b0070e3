//! `HelmRelease`s of Flux: what `valuesFrom` names, the last one above, and `values` above all of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Engine, Layer, Wanted};
use crate::chart::sets::Taken;
use crate::check::{Node, Release, View};
use crate::value::Value;

pub(super) fn wanted<'a>(release: &Release<'a>, view: &View<'a>) -> Wanted<'a> {
    let spec = release.by.get("spec");
    let text = |key: &str| spec.and_then(|spec| spec.text_at([key]));
    let own = release.by.text_at(["metadata", "name"]).unwrap_or_default();
    let name = match (text("releaseName"), text("targetNamespace")) {
        (Some(name), _) => name.to_owned(),
        (None, Some(namespace)) => format!("{namespace}-{own}"),
        (None, None) => own.to_owned(),
    };
    let mut unknown = None;
    if name.len() > 53 {
        unknown = Some("its name is longer than Helm takes, and Flux makes another one of it".to_owned());
    }
    if spec.is_some_and(|spec| !spec.list(["postRenderers"]).is_empty()) {
        unknown.get_or_insert_with(|| "Flux changes afterwards what the chart makes".to_owned());
    }
    let mut layers = Vec::new();
    for from in spec.map(|spec| spec.list(["valuesFrom"])).unwrap_or_default() {
        match source(&from, release, view) {
            Some(layer) => layers.push(layer),
            None if from.get("optional").is_some_and(|it| *it.value == Value::Bool(true)) => {}
            None => {
                let kind = from.text_at(["kind"]).unwrap_or("object");
                let name = from.text_at(["name"]).unwrap_or_default();
                unknown.get_or_insert_with(|| format!("the {kind} `{name}` with values of it is not in the tree"));
            }
        }
    }
    layers.extend(spec.and_then(|spec| spec.get("values")).map(Layer::Map));
    let crds = spec.and_then(|spec| spec.text_at(["install", "crds"]));
    Wanted {
        name,
        namespace: text("targetNamespace").or_else(|| release.by.text_at(["metadata", "namespace"])),
        chart: release.chart_name(),
        version: release.version,
        engine: Engine::Flux,
        kube_version: None,
        apis: Vec::new(),
        skips_definitions: crds == Some("Skip"),
        layers,
        unknown,
        by: release.by,
        node: release.node,
    }
}

/// What a part of `valuesFrom` means: a key of an object of the tree, or the file from which Kustomize makes one.
fn source<'a>(from: &Node<'a>, release: &Release<'a>, view: &View<'a>) -> Option<Layer<'a>> {
    let target = from.text_at(["targetPath"]);
    let (kind, name) = (from.text_at(["kind"])?, from.text_at(["name"])?);
    let key = from.text_at(["valuesKey"]).unwrap_or("values.yaml");
    let namespace = release.by.text_at(["metadata", "namespace"]);
    let mut objects = view.objects_of("", kind);
    let object = objects.find(|it| it.name == Some(name) && (namespace.is_none() || it.namespace == namespace));
    let Some(object) = object else {
        if target.is_some() {
            return None;
        }
        return view.generated(from).map(Layer::Map);
    };
    let root = object.root();
    let plain = |data: &str| root.get(data).and_then(|data| data.get(key)).and_then(|it| it.text());
    let text = match kind {
        "Secret" => match plain("stringData") {
            Some(text) => text.to_owned(),
            None => String::from_utf8(STANDARD.decode(plain("data")?).ok()?).ok()?,
        },
        _ => plain("data")?.to_owned(),
    };
    Some(match target {
        None => Layer::Text { node: *from, text },
        Some(path) => {
            let quotes = ['\'', '"'];
            let is_quoted =
                quotes.iter().any(|quote| text.len() > 1 && text.starts_with(*quote) && text.ends_with(*quote));
            let taken = if is_quoted { Taken::Text } else { Taken::Typed };
            let value = if is_quoted { text.trim_matches(quotes).to_owned() } else { text };
            Layer::Set { node: *from, path, value, taken }
        }
    })
}
