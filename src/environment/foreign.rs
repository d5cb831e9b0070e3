//! What stands in the file of a layer as other tools have it: an object of Kubernetes, and other words for `extends`.

use camino::Utf8Path;

use super::shape::Shape;
use super::unfilled::WITHOUT_SOPS;
use crate::finding::{Finding, codes, suggest};
use crate::source::{FileId, Span};
use crate::yaml::{Content, Entry, Node};

/// What other tools call it.
const WORDS: [&str; 8] = ["base", "bases", "from", "import", "imports", "inherit", "inherits", "parent"];

/// What to say of a file whose other keys would only lead to findings that hide this.
/// `word`: what names the layers below.
pub(super) fn of(entries: &[Entry], shape: impl Shape, word: &str) -> Option<Finding> {
    object(entries, shape).or_else(|| encrypted(entries, shape)).or_else(|| extends(entries, shape, word))
}

/// A file that is Kustomize's by its name.
pub(super) fn file(path: &Utf8Path, id: FileId) -> Option<Finding> {
    let name = path.file_name().filter(|name| matches!(*name, "kustomization.yaml" | "kustomization.yml"))?;
    let message = format!("`{name}` is Kustomize's, and a layer holds values that templates read");
    let finding = Finding::new(&codes::merge::NOT_VALUES, Span::file_start(id), message);
    Some(finding.help(
        "name a base by `extends: [../base]`, and set here what differs from it; a kustomization belongs into `templates`",
    ))
}

/// A file that SOPS has encrypted, with what it knows of it.
fn encrypted(entries: &[Entry], shape: impl Shape) -> Option<Finding> {
    let entry = entries.iter().find(|entry| &*entry.key.text == "sops")?;
    let Content::Map(known) = &entry.value.content else { return None };
    let has = |key: &str| known.iter().any(|entry| &*entry.key.text == key);
    if !has("mac") || !(has("version") || has("lastmodified")) || is_known("sops", shape) {
        return None;
    }
    let message = "this file is encrypted by SOPS, and platc decrypts nothing";
    let finding = Finding::new(&codes::merge::ENCRYPTED, entry.key.span, message);
    Some(finding.label("what SOPS knows of the values above").help(WITHOUT_SOPS))
}

/// A Kustomization or another object, where the schema speaks of none.
fn object(entries: &[Entry], shape: impl Shape) -> Option<Finding> {
    let find = |key: &str| entries.iter().find(|entry| &*entry.key.text == key);
    let api = find("apiVersion")?;
    let (kind, version) = (text(&find("kind")?.value)?, text(&api.value)?);
    if is_known("apiVersion", shape) {
        return None;
    }
    let is_kustomization = version.starts_with("kustomize.config.k8s.io/");
    if !is_kustomization && find("metadata").is_none() {
        return None;
    }
    let message = format!("this is a `{kind}` of Kubernetes, and a layer holds values that templates read");
    let finding = Finding::new(&codes::merge::NOT_VALUES, api.key.span, message);
    Some(finding.label("no value of an environment").help(if is_kustomization {
        "name a base by `extends: [../base]`, and set here what differs from it; objects, and a kustomization of them, \
         belong into `templates`"
    } else {
        "objects belong into `templates`; set here the values that they read"
    }))
}

/// A key that was meant as `extends`: it names paths, and the schema has none of its name.
fn extends(entries: &[Entry], shape: impl Shape, word: &str) -> Option<Finding> {
    let is_path = |node: &Node| text(node).is_some_and(|text| text.starts_with("../") || text.starts_with("./"));
    let names_paths = |node: &Node| match &node.content {
        Content::List(items) => !items.is_empty() && items.iter().all(is_path),
        _ => is_path(node),
    };
    let is_meant = |entry: &&Entry| {
        let key = &*entry.key.text;
        (WORDS.contains(&key) || suggest::nearest(key, [word]).is_some())
            && names_paths(&entry.value)
            && !is_known(key, shape)
    };
    let entry = entries.iter().find(is_meant)?;
    let key = &entry.key;
    let finding =
        Finding::new(&codes::schema::UNKNOWN_KEY, key.span, format!("layers below are not named by `{}`", key.text));
    Some(finding.label("nothing is taken from there").help(format!("did you mean `{word}`?")))
}

/// Whether the schema speaks of a key of its root.
fn is_known(key: &str, shape: impl Shape) -> bool {
    shape.order().iter().any(|known| &**known == key)
}

fn text(node: &Node) -> Option<&str> {
    match &node.content {
        Content::Scalar { text, .. } => Some(text),
        Content::Map(_) | Content::List(_) => None,
    }
}
