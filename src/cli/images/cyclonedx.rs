//! Images as a bill of materials: `CycloneDX` 1.6 (<https://cyclonedx.org/docs/1.6/json/>). It has no time and no serial
//! number, so that the same images give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::Image;
use crate::finding::render;

pub(super) fn document(images: &[Image<'_>]) -> String {
    let components: Vec<Value> = images.iter().filter_map(component).collect();
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "platc", "version": env!("CARGO_PKG_VERSION")}]},
        },
        "components": components,
    });
    render::json::document(&bill)
}

/// An image; none where the chart knows its name and nobody else.
fn component(image: &Image<'_>) -> Option<Value> {
    let repository = image.repository.as_deref()?;
    let (folder, name) = repository.rsplit_once('/').map_or((None, repository), |(folder, name)| (Some(folder), name));
    let group: Vec<&str> = image.registry.as_deref().into_iter().chain(folder).collect();
    let mut component = Map::new();
    component.insert("type".to_owned(), json!("container"));
    component.insert("bom-ref".to_owned(), json!(reference(image, repository)));
    if !group.is_empty() {
        component.insert("group".to_owned(), json!(group.join("/")));
    }
    component.insert("name".to_owned(), json!(name));
    if let Some(version) = image.tag.as_ref().or(image.digest.as_ref()) {
        component.insert("version".to_owned(), json!(version));
    }
    let hash = image.digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
    if let Some(hash) = hash.filter(|hash| hash.len() == 64) {
        component.insert("hashes".to_owned(), json!([{"alg": "SHA-256", "content": hash}]));
    }
    if let Some(purl) = purl(image, name) {
        component.insert("purl".to_owned(), json!(purl));
    }
    component.insert("evidence".to_owned(), json!({"occurrences": occurrences(image)}));
    component.insert("properties".to_owned(), json!(properties(image)));
    Some(Value::Object(component))
}

/// The name that tells it from all others of the document.
fn reference(image: &Image<'_>, repository: &str) -> String {
    let mut reference = image.registry.as_ref().map_or_else(String::new, |registry| format!("{registry}/"));
    reference += repository;
    for (sign, part) in [(':', &image.tag), ('@', &image.digest)] {
        if let Some(part) = part {
            let _ = write!(reference, "{sign}{part}");
        }
    }
    if image.of_chart.is_empty() { reference } else { format!("{reference}#{}-of-chart", image.of_chart.join("-")) }
}

/// `pkg:oci/web@sha256%3A…?repository_url=ghcr.io/example/web&tag=1.0`, if all of the name is known.
/// <https://github.com/package-url/purl-spec/blob/main/types/oci-definition.json>
fn purl(image: &Image<'_>, name: &str) -> Option<String> {
    let (registry, repository) = (image.registry.as_ref()?, image.repository.as_ref()?);
    let mut purl = format!("pkg:oci/{}", encoded(&name.to_ascii_lowercase()));
    if let Some(digest) = &image.digest {
        let _ = write!(purl, "@{}", encoded(digest));
    }
    let _ = write!(purl, "?repository_url={}", encoded(&format!("{registry}/{repository}")));
    match &image.tag {
        Some(tag) => {
            let _ = write!(purl, "&tag={}", encoded(tag));
        }
        None if image.digest.is_none() => return None,
        None => {}
    }
    Some(purl)
}

/// What may not stand in a part of a package URL, in percent.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The lines that set it.
fn occurrences(image: &Image<'_>) -> Vec<Value> {
    let mut lines: BTreeMap<(&str, u32), BTreeSet<&str>> = BTreeMap::new();
    for set in image.uses.iter().flat_map(|used| &used.by.set) {
        lines.entry((&set.file, set.line)).or_default().extend(set.parts.iter().map(String::as_str));
    }
    let one = |((file, line), parts): ((&str, u32), BTreeSet<&str>)| {
        let parts: Vec<_> = parts.into_iter().collect();
        json!({"location": file, "line": line, "additionalContext": parts.join(", ")})
    };
    lines.into_iter().map(one).collect()
}

/// Who runs it, and what is not known of it.
fn properties(image: &Image<'_>) -> Vec<Value> {
    let property = |name: &str, value: &str| json!({"name": format!("platc:{name}"), "value": value});
    let environments: BTreeSet<&str> = image.uses.iter().flat_map(|it| &it.environments).copied().collect();
    let subjects: BTreeSet<&str> = image.uses.iter().map(|used| used.by.subject.as_str()).collect();
    let mut all: Vec<Value> = environments.into_iter().map(|name| property("environment", name)).collect();
    all.extend(subjects.into_iter().map(|subject| property("usedBy", subject)));
    all.extend(image.of_chart.iter().map(|part| property("completedByChart", part)));
    if image.uses.iter().any(|used| used.by.may_change) {
        all.push(property("mayChange", "true"));
    }
    all
}
