//! Objects of a version that the definition of their kind does not serve.

use std::collections::BTreeMap;

use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    NOT_SERVED = Error "kubernetes/not-served";
    summary: "an object of a version that the definition of its kind does not serve";
    explanation: "A custom resource definition lists the versions of its kind, and says of each whether the API server serves it. An object of another version, or of one with `served: false`, is refused: there is no such kind. Judged by the definitions that stand in the tree, and by those that were imported with `platc schema import`.";
    wrong: "
        --- # definition.yaml
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: shops.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {kind: Shop, plural: shops}
          versions:
            - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
            - {name: v1beta1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
        --- # shop.yaml
        apiVersion: example.com/v1beta1
        kind: Shop
        metadata: {name: books, namespace: web}
    ";
    right: "
        --- # definition.yaml
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: shops.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {kind: Shop, plural: shops}
          versions:
            - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
            - {name: v1beta1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
        --- # shop.yaml
        apiVersion: example.com/v1
        kind: Shop
        metadata: {name: books, namespace: web}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut definitions: BTreeMap<(&str, &str), Vec<Node<'_>>> = BTreeMap::new();
    for definition in view.objects_of("apiextensions.k8s.io", "CustomResourceDefinition") {
        let Some(spec) = definition.root().get("spec") else { continue };
        if let (Some(group), Some(kind)) = (spec.text_at(["group"]), spec.text_at(["names", "kind"])) {
            definitions.entry((group, kind)).or_default().push(spec);
        }
    }
    for object in view.objects() {
        // Of two definitions nobody knows here which one is applied last.
        let Some([spec]) = definitions.get(&(object.group, object.kind)).map(Vec::as_slice) else { continue };
        let Some(versions) = spec.get("versions") else { continue };
        let served: Vec<&str> = versions
            .items()
            .iter()
            .filter(|version| version.get("served").is_none_or(|served| served.boolean() != Some(false)))
            .filter_map(|version| version.text_at(["name"]))
            .collect();
        if !served.is_empty() && !served.contains(&object.version) {
            tell(object, &served, Some(&versions), report);
        }
    }
}

/// Says that an object is of a version that is not served, and which are.
pub(in crate::rules) fn tell(object: &Object<'_>, served: &[&str], versions: Option<&Node<'_>>, report: &mut Report) {
    let Some(api) = object.root().get("apiVersion") else { return };
    let (kind, version) = (object.kind, object.version);
    let draft = report.at(&NOT_SERVED, &api, format!("the definition of `{kind}` does not serve `{version}`"));
    draft.label("the API server knows no such kind");
    if let Some(versions) = versions {
        draft.also(versions, "the versions of the definition");
    }
    let listed: Vec<String> = served.iter().map(|version| format!("`{}/{version}`", object.group)).collect();
    draft.help(format!("write it for {}", listed.join(" or ")));
}
