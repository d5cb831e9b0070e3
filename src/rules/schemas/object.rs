//! What was meant as an object and is none: without `apiVersion`, `kind` or a name nothing applies it, and no rule judges it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::built_in::{api_of, has_group, has_kind, kind_named};
use crate::artifact::Target;
use crate::check::{Document, Node, Report, View, rule};
use crate::finding::suggest;
use crate::value::Value;

rule! {
    OBJECT = Error "kubernetes/object";
    summary: "a Kubernetes object without `apiVersion`, `kind` or a name";
    explanation: "A document is a Kubernetes object by its `apiVersion` and `kind`. One that lacks either is refused by whatever applies it, and until then no rule judges it, those of the project among them. A document counts as one that was meant to be an object if it has `metadata` or `spec` beside one of the two, or both; if it stands in a file with objects; if a `kustomization.yaml` has it among its `resources`; or if its template says `target: kubernetes`. Patches of Kustomize, values of Helm and lists of objects are none. A name is missed in Kubernetes' own kinds, and wherever an object has a namespace; `generateName` is one.";
    wrong: "
        apiVersion: v1
        metadata: {name: web, namespace: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
    ";
    right: "
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
    ";
}

/// The keys of an object that files of other tools have, too.
const BODY: [&str; 2] = ["metadata", "spec"];

/// Groups whose objects have names, beside those of Kubernetes itself. Files of other tools look like objects and need none.
const NAMED: [&str; 8] = [
    "argoproj.io",
    "cert-manager.io",
    "external-secrets.io",
    "gateway.networking.k8s.io",
    "karpenter.k8s.aws",
    "karpenter.sh",
    "kyverno.io",
    "monitoring.coreos.com",
];

/// Kinds of Kubernetes that are asked or done, and not kept.
const NAMELESS: [&str; 4] = ["Binding", "Config", "Eviction", "Scale"];

/// Why a document has to be an object, whatever it looks like.
enum Must<'a> {
    /// Its template says so, or it is an item of a `List`.
    Said,
    /// It stands in a file with objects.
    Among,
    /// Where a kustomization names it.
    Listed(Node<'a>),
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let taken = OnceCell::new();
    for file in view.documents().chunk_by(|a, b| a.path == b.path) {
        let has_objects = file.iter().any(is_object) && !file.iter().any(is_of_talos);
        for document in file {
            let broken = document.parts().into_iter().filter(|part| !is_whole(part));
            for part in broken.filter(|part| !matches!(part.value, Value::Null)) {
                let taken = taken.get_or_init(|| Taken::of(view));
                if is_of_others(document) || taken.parts.contains(document.path) {
                    continue;
                }
                let listed = taken.resources.get(document.path).copied();
                let must = match listed {
                    Some(listed) => Some(Must::Listed(listed)),
                    None if document.target == Some(Target::Kubernetes) && !is_form(&part) => Some(Must::Said),
                    None => has_objects.then_some(Must::Among),
                };
                judge(document, &part, must.as_ref(), report);
            }
        }
    }
}

/// What kustomizations name: files that are objects, and files that are none.
struct Taken<'a> {
    resources: BTreeMap<Utf8PathBuf, Node<'a>>,
    parts: BTreeSet<Utf8PathBuf>,
}

impl<'a> Taken<'a> {
    fn of(view: &View<'a>) -> Self {
        let named = view
            .kustomizations()
            .iter()
            .flat_map(|own| own.taken().filter_map(|node| Some((own.beside(node.text()?)?, node))).collect::<Vec<_>>());
        Self { resources: named.collect(), parts: view.parts() }
    }
}

fn is_object(document: &Document<'_>) -> bool {
    filled(&document.root(), "apiVersion").is_some() && filled(&document.root(), "kind").is_some()
}

/// A document of Talos: its versions have no group, and Kubernetes has no `v1alpha1` of its own
/// (<https://www.talos.dev/latest/reference/configuration/>).
fn is_of_talos(document: &Document<'_>) -> bool {
    let has = |key: &str| document.root().text_at([key]) == Some("v1alpha1");
    has("apiVersion") || has("version") && document.root().get("machine").is_some()
}

/// What another tool reads: a file of Helm, CloudFormation or Kustomize.
fn is_of_others(document: &Document<'_>) -> bool {
    matches!(document.target, Some(Target::HelmValues | Target::CloudFormation))
        || matches!(document.path.file_name(), Some("kustomization.yaml" | "kustomization.yml" | "Kustomization"))
        || matches!(document.path.file_name(), Some("Chart.yaml"))
}

/// A key's text, if there is one.
fn filled<'a>(node: &Node<'a>, key: &str) -> Option<&'a str> {
    node.text_at([key]).filter(|text| !text.is_empty())
}

/// Whether an object has all that makes one: this is all that is asked of most.
fn is_whole(node: &Node<'_>) -> bool {
    let has_name = || ["name", "generateName"].iter().any(|key| is_set(node.at(["metadata", key])));
    filled(node, "apiVersion").is_some() && filled(node, "kind").is_some() && has_name()
}

/// A form that somebody fills in: it has a key `kind` without a value, and nothing else of an object.
fn is_form(node: &Node<'_>) -> bool {
    node.get("kind").is_some_and(|kind| matches!(kind.value, Value::Null)) && node.get("metadata").is_none()
}

fn is_set(node: Option<Node<'_>>) -> bool {
    node.is_some_and(|node| !matches!(node.value, Value::Null) && node.text() != Some(""))
}

fn judge(document: &Document<'_>, node: &Node<'_>, must: Option<&Must<'_>>, report: &mut Report) {
    let (api, kind) = (filled(node, "apiVersion"), filled(node, "kind"));
    match (api, kind) {
        (Some(api), Some(kind)) => {
            // A field that the kind does not have is told by itself, with what it was meant as.
            let typo = misspelt(node.get("metadata").as_ref(), "name");
            let group = api.split_once('/').map_or("", |(group, _)| group);
            // That its metadata is a text says so already.
            let is_text = has_kind(group, kind) && node.get("metadata").is_some_and(|it| it.text().is_some());
            if is_named(node, api, kind, must) && (typo.is_none() || !has_kind(group, kind)) && !is_text {
                tell_nameless(node, kind, typo, report);
            }
        }
        _ if must.is_some() || is_meant(node, api, kind) => {
            let lacks: Vec<&str> = [("apiVersion", api), ("kind", kind)]
                .iter()
                .filter(|(_, it)| it.is_none())
                .map(|(key, _)| *key)
                .collect();
            tell(document, node, &lacks, must, report);
        }
        _ => {}
    }
}

/// Whether what lacks `apiVersion`, `kind` or both looks like an object all the same.
fn is_meant(node: &Node<'_>, api: Option<&str>, kind: Option<&str>) -> bool {
    let has = |key: &&str| node.get(key).is_some_and(|it| matches!(it.value, Value::Map(_)));
    let has_either = BODY.iter().any(has);
    let has_both = BODY.iter().all(has);
    // As of Teleport and Sensu, whose files are not Kubernetes'.
    let is_versioned = ["version", "type", "api_version"].iter().any(|key| node.get(key).is_some());
    match (api, kind) {
        (Some(api), _) => {
            let group = api.split_once('/').map_or("", |(group, _)| group);
            is_api(api) && if has_group(group) { has_either } else { has_both }
        }
        (None, Some(kind)) => {
            let is_kind = kind.starts_with(|letter: char| letter.is_ascii_uppercase())
                && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let is_own = is_kind && api_of(kind).is_some();
            is_kind && !is_versioned && has(&"metadata") && (is_own || has_both)
        }
        (None, None) => !is_versioned && has_both && is_set(node.at(["metadata", "name"])),
    }
}

/// `v1`, `apps/v1`, `example.com/v1beta1`.
fn is_api(api: &str) -> bool {
    let (group, version) = api.rsplit_once('/').unwrap_or(("", api));
    let is_version =
        version.strip_prefix('v').is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
    is_version && group.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
}

/// Whether an object needs a name, as far as is known.
fn is_named(node: &Node<'_>, api: &str, kind: &str, must: Option<&Must<'_>>) -> bool {
    let group = api.split_once('/').map_or("", |(group, _)| group);
    let is_kept = !kind.ends_with("List") && !kind.ends_with("Review") && !NAMELESS.contains(&kind);
    // The settings of a program, which reads them from a file.
    let is_of_tool = group.starts_with("kustomize.") || matches!(group, "config.kubernetes.io" | "install.istio.io");
    let is_known = has_kind(group, kind) || NAMED.contains(&group);
    let is_listed = matches!(must, Some(Must::Listed(_)));
    is_kept && !is_of_tool && (is_known || is_listed || node.at(["metadata", "namespace"]).is_some())
}

fn tell_nameless(node: &Node<'_>, kind: &str, typo: Option<&str>, report: &mut Report) {
    let place = node.at(["metadata", "name"]).map_or_else(|| node.place().key("metadata").key("name"), |it| it.place());
    let draft = report.at(&OBJECT, place, format!("this `{kind}` has no name"));
    match typo {
        Some(key) => draft.help(format!("write `name` for `{key}`")),
        None => draft.help("add `metadata.name`"),
    };
}

fn tell(document: &Document<'_>, node: &Node<'_>, lacks: &[&str], must: Option<&Must<'_>>, report: &mut Report) {
    let wrong = lacks.iter().find_map(|lacked| Some((*lacked, node.get(lacked)?)));
    let typo = lacks.iter().find_map(|lacked| Some((*lacked, misspelt(Some(node), lacked)?)));
    let listed = lacks.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and no ");
    let message = match wrong {
        Some((key, _)) => format!("`{key}` of a Kubernetes object is not a text"),
        None => format!("this is no Kubernetes object: it has no {listed}"),
    };
    let place = match (&wrong, typo) {
        (Some((_, value)), _) => value.place(),
        (None, Some((_, key))) => node.place().key(key),
        (None, None) => node.place(),
    };
    let draft = report.at(&OBJECT, place, message);
    if typo.is_some() && wrong.is_none() {
        draft.about_key();
    }
    draft.label("nothing applies it, and no other rule judges it");
    match must {
        Some(Must::Listed(listed)) => _ = draft.also(listed, "taken in as an object here"),
        Some(Must::Among) => _ = draft.label("each document of a file with objects is one"),
        Some(Must::Said) | None => {}
    }
    draft.subject(document.path.as_str());
    draft.help(match typo {
        Some((lacked, key)) => format!("write `{lacked}` for `{key}`"),
        None if matches!(must, Some(Must::Among)) => {
            format!("{}, or keep it in a file of its own", lacking(document, node, lacks))
        }
        None => lacking(document, node, lacks),
    });
}

/// What to add.
fn lacking(document: &Document<'_>, node: &Node<'_>, lacks: &[&str]) -> String {
    match lacks {
        ["apiVersion"] => match filled(node, "kind").and_then(api_of) {
            Some(api) => format!("add `apiVersion: {api}`"),
            None => "add `apiVersion`, such as `apps/v1`".to_owned(),
        },
        ["kind"] => {
            let api = filled(node, "apiVersion").unwrap_or_default();
            let (group, version) = api.split_once('/').unwrap_or(("", api));
            match kind_named(group, version, document.path.file_stem().unwrap_or_default()) {
                Some(kind) => format!("add `kind: {kind}`"),
                None => "add `kind`, such as `Deployment`".to_owned(),
            }
        }
        _ => "add `apiVersion` and `kind`".to_owned(),
    }
}

/// A key that was probably meant to be another, which is missing.
fn misspelt<'a>(node: Option<&Node<'a>>, lacked: &str) -> Option<&'a str> {
    let keys: Vec<&str> = node?.entries().into_iter().map(|(key, _)| key).collect();
    let known = ["apiVersion", "kind", "metadata", "spec", "data", "namespace", "labels", "annotations"];
    suggest::nearest(lacked, keys.into_iter().filter(|key| !known.contains(key)))
}
