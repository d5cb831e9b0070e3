//! What Flux's objects wait for.

use std::collections::{BTreeMap, BTreeSet};

use super::flux;
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    DEPENDS_ON = Error "gitops/depends-on";
    summary: "an object of Flux waits for one that does not exist, or for itself";
    explanation: "`dependsOn` names objects of the same kind, by default of the same namespace. The object waits for ever if one of them is not there, or waits for it in turn. A name like that of another object is an error; another one, which something outside of the tree may make, is a warning. `flux-system` is made when Flux is installed; namespaces of which the tree has no such objects are not judged.";
    wrong: "
        --- # apps.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: apps, namespace: flux-system}
        spec: {dependsOn: [{name: infrastructur}]}
        --- # infrastructure.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: infrastructure, namespace: flux-system}
    ";
    right: "
        --- # apps.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: apps, namespace: flux-system}
        spec: {dependsOn: [{name: infrastructure}]}
        --- # infrastructure.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: infrastructure, namespace: flux-system}
    ";
}

/// Kind, namespace and name.
type Id<'a> = (&'a str, Option<&'a str>, &'a str);

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let objects: BTreeMap<Id<'_>, &Object<'_>> =
        flux(view).filter_map(|object| Some(((object.kind, object.namespace, object.name?), object))).collect();
    let mut edges: BTreeMap<Id<'_>, Vec<(Id<'_>, Node<'_>)>> = BTreeMap::new();
    for (id, object) in &objects {
        let waits = object.root().list(["spec", "dependsOn"]);
        for (node, name) in waits.iter().filter_map(|wait| Some((wait.get("name")?, wait.text_at(["name"])?))) {
            let other = node_namespace(&waits, &node).or(object.namespace);
            let wanted = (object.kind, other, name);
            if objects.contains_key(&wanted) {
                edges.entry(*id).or_default().push((wanted, node));
            } else {
                unknown(&objects, wanted, &node, report);
            }
        }
    }
    circles(&edges, report);
}

/// The namespace beside a name.
fn node_namespace<'a>(waits: &[Node<'a>], name: &Node<'a>) -> Option<&'a str> {
    let own = waits.iter().find(|wait| wait.get("name").is_some_and(|it| it.is_at(name)))?;
    own.text_at(["namespace"])
}

fn unknown(objects: &BTreeMap<Id<'_>, &Object<'_>>, wanted: Id<'_>, node: &Node<'_>, report: &mut Report) {
    let (kind, namespace, name) = wanted;
    let known: Vec<&str> = objects.keys().filter(|it| (it.0, it.1) == (kind, namespace)).map(|it| it.2).collect();
    if known.is_empty() || name == "flux-system" || super::is_filled_in(name) {
        return;
    }
    let draft = report.at(&DEPENDS_ON, node, format!("this waits for the {kind} `{name}`, which does not exist"));
    match suggest::nearest(name, known).and_then(|near| objects.get_key_value(&(kind, namespace, near))) {
        Some((near, object)) => {
            draft.also(object.name_node(), format!("there is `{}`", near.2)).help(format!("did you mean `{}`?", near.2))
        }
        None => draft.warning().help("wait for an object that there is, or for none"),
    };
}

fn circles(edges: &BTreeMap<Id<'_>, Vec<(Id<'_>, Node<'_>)>>, report: &mut Report) {
    let mut done = BTreeSet::new();
    for start in edges.keys() {
        let mut way = Vec::new();
        follow(*start, edges, &mut way, &mut done, report);
    }
}

fn follow<'a>(
    at: Id<'a>,
    edges: &BTreeMap<Id<'a>, Vec<(Id<'a>, Node<'a>)>>,
    way: &mut Vec<Id<'a>>,
    done: &mut BTreeSet<Id<'a>>,
    report: &mut Report,
) {
    if done.contains(&at) {
        return;
    }
    way.push(at);
    for (next, node) in edges.get(&at).into_iter().flatten() {
        if let Some(from) = way.iter().position(|known| known == next) {
            let names: Vec<&str> = way[from..].iter().chain([next]).map(|it| it.2).collect();
            let message = format!("these wait for each other: `{}`", names.join("` → `"));
            report.at(&DEPENDS_ON, node, message).label("closes the circle").help("take one of them out");
        } else {
            follow(*next, edges, way, done, report);
        }
    }
    way.pop();
    done.insert(at);
}
