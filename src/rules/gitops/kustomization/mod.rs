//! What Kustomize refuses to read: it takes no key that it does not know.

mod folders;
mod generated;
mod operations;
mod patch;
mod sources;
mod strategic;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::taken::Taken;
use crate::check::{Kustomization, Node, Report, View, rule};
use crate::finding::suggest;
use crate::rules::kubernetes::fields::is_written;
use crate::rules::schemas;

rule! {
    KUSTOMIZATION = Error "gitops/kustomization";
    summary: "a `kustomization.yaml` that Kustomize refuses, or does not find";
    explanation: "Kustomize reads the file strictly: a key that it does not know, a text where a list has to stand, another `apiVersion` or `kind`, a file taken in twice, a folder without a `kustomization.yaml` or one that takes itself in, a literal that is no `key=value`, a patch of an object that is not there or with an operation that cannot be, a replacement that reads from nothing, `replicas` for a name that nothing has, and nothing of the folder is built. Here a misspelt `resources` would mean that the folder takes in nothing, and that no rule looks at what lies in it. A key in other letters, `Resources`, is read by Kustomize and by nobody else: a warning. The file is called `kustomization.yaml`, `kustomization.yml` or `Kustomization`; under another name Argo CD applies it as an object, and Kustomize finds none. Judged by the types of Kustomize's api 0.21.";
    wrong: "
        --- # web/kustomization.yaml
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resource: [service.yaml]
        --- # web/service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
    ";
    right: "
        --- # web/kustomization.yaml
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [service.yaml]
        --- # web/service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
    ";
}

const GROUP: &str = "kustomize.config.k8s.io";
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for own in view.kustomizations() {
        kind(own, report);
        second(view, own, report);
        schemas::kustomization(&own.root, &KUSTOMIZATION, report);
        doubled(view, own, report);
        components(view, own, report);
        folders::check(view, own, report);
        generated::check(own, report);
        changes(view, own, report);
    }
    for object in view.objects().iter().chain(view.left_out()).filter(|object| object.group == GROUP) {
        let name = object.document.path.file_name().unwrap_or_default();
        let is_near = |known: &&str| suggest::nearest(name, [*known]).is_some() && name.len().abs_diff(known.len()) < 2;
        if !NAMES.contains(&name) && NAMES.iter().any(is_near) {
            let place = object.root().get("kind").unwrap_or_else(|| object.root());
            let draft = report.at(&KUSTOMIZATION, place, format!("Kustomize does not find a file called `{name}`"));
            draft.subject(object.document.path.as_str());
            draft.help("call it `kustomization.yaml`");
        }
    }
}

/// What it changes, and what it reads from.
fn changes<'a>(view: &View<'a>, own: &Kustomization<'a>, report: &mut Report) {
    let patches = patch::all(view, own, report);
    let reads = ["replacements", "vars"].iter().any(|key| own.root.get(key).is_some());
    if patches.is_empty() && !reads {
        return;
    }
    let taken = Taken::but(view, own, &["replacements"]);
    let is_alone = patches.len() == 1
        && taken.as_ref().is_some_and(|taken| taken.through.iter().skip(1).all(|base| !base.alters_anything()));
    for patch in &patches {
        strategic::check(patch, taken.as_ref(), report);
        operations::check(patch, taken.as_ref(), is_alone, report);
    }
    if let Some(taken) = taken {
        sources::check(own, &taken, report);
    }
}

fn kind(own: &Kustomization<'_>, report: &mut Report) {
    let (api, kind) = (own.root.get("apiVersion"), own.root.get("kind"));
    let said = kind.as_ref().and_then(Node::text).unwrap_or("Kustomization");
    if let Some(node) = kind.filter(|_| !["Kustomization", "Component"].contains(&said)).filter(|_| is_written(said)) {
        let draft = report.at(&KUSTOMIZATION, node, format!("Kustomize has no kind `{said}`"));
        draft.help("write `kind: Kustomization`, or `kind: Component` for what changes those that take it in");
        return;
    }
    let version = if said == "Component" { "v1alpha1" } else { "v1beta1" };
    let wanted = format!("{GROUP}/{version}");
    let is_wrong = |node: &Node<'_>| node.text().is_some_and(|text| text != wanted && is_written(text));
    if let Some(node) = api.filter(is_wrong) {
        let draft = report.at(&KUSTOMIZATION, node, format!("a `{said}` is of `{wanted}`"));
        draft.label("Kustomize takes no other version").help(format!("write `apiVersion: {wanted}`"));
    }
}

/// Another file in the folder that Kustomize takes for its kustomization, too.
fn second(view: &View<'_>, own: &Kustomization<'_>, report: &mut Report) {
    let (path, folder) = (own.document.path, Utf8Path::new(own.folder()));
    let others = NAMES.into_iter().map(|name| folder.join(name)).filter(|other| other != path);
    for other in others.filter(|other| view.paths().any(|it| it == other)) {
        let draft = report.at(&KUSTOMIZATION, own.root, format!("`{other}` lies beside `{path}`"));
        draft.label("Kustomize refuses a folder with two kustomizations").help("take one of the two out");
    }
}

/// What is taken in twice.
fn doubled<'a>(view: &View<'a>, own: &Kustomization<'a>, report: &mut Report) {
    let mut first: BTreeMap<Utf8PathBuf, Node<'_>> = BTreeMap::new();
    let taken = own.root.list(["resources"]).into_iter().chain(own.root.list(["bases"]));
    for node in taken.filter(|node| view.has(own, node)) {
        let Some(path) = node.text().and_then(|text| own.beside(text)) else { continue };
        let Some(before) = first.get(&path) else {
            first.insert(path, node);
            continue;
        };
        let draft = report.at(&KUSTOMIZATION, node, format!("`{path}` is taken in twice"));
        draft.also(before, "the first time").help("take one of them out");
    }
}

/// Components that are none, and resources that are some.
fn components(view: &View<'_>, own: &Kustomization<'_>, report: &mut Report) {
    let at = |node: &Node<'_>| node.text().and_then(|text| own.beside(text));
    let kind = |folder: &Utf8Path| {
        let found = view.kustomizations().iter().find(|it| it.folder() == folder)?;
        Some(found.root.text_at(["kind"]).unwrap_or("Kustomization"))
    };
    for node in own.components() {
        let Some(path) = at(&node) else { continue };
        let is_file = view.paths().any(|file| file == path);
        let message = match kind(&path) {
            Some("Kustomization") => format!("`{path}` is no component"),
            None if is_file => format!("`{path}` is a file, and a component is a folder"),
            _ => continue,
        };
        let draft = report.at(&KUSTOMIZATION, node, message);
        draft.help("list it under `resources`, or make it a folder with a `kustomization.yaml` of `kind: Component`");
    }
    for node in own.root.list(["resources"]) {
        let Some(path) = at(&node).filter(|path| kind(path) == Some("Component")) else { continue };
        report.at(&KUSTOMIZATION, node, format!("`{path}` is a component")).help("list it under `components`");
    }
}
