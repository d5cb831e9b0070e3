//! What a tree says of the cluster that charts are installed into.

use std::collections::BTreeSet;

use crate::check::View;

/// The version of Kubernetes, as the only EKS cluster of the tree has it; none if there are several, or it is not known.
pub fn kube_version<'a>(view: &View<'a>) -> Option<&'a str> {
    let versions: BTreeSet<Option<&str>> = view
        .resources_of("AWS::EKS::Cluster")
        .map(|cluster| cluster.property("Version").and_then(|version| version.text()))
        .collect();
    match versions.into_iter().collect::<Vec<_>>()[..] {
        [version] => version,
        _ => None,
    }
}

/// The APIs that definitions of the tree add, as charts ask for them: `cert-manager.io/v1` and
/// `cert-manager.io/v1/Certificate`.
pub fn apis(view: &View<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for definition in view.objects_of("apiextensions.k8s.io", "CustomResourceDefinition") {
        let root = definition.root();
        let Some(spec) = root.get("spec") else { continue };
        let (Some(group), Some(kind)) = (spec.text_at(["group"]), spec.text_at(["names", "kind"])) else { continue };
        for version in spec.list(["versions"]) {
            let is_served = version.get("served").is_none_or(|it| *it.value != crate::value::Value::Bool(false));
            if let Some(name) = version.text_at(["name"]).filter(|_| is_served) {
                found.insert(format!("{group}/{name}"));
                found.insert(format!("{group}/{name}/{kind}"));
            }
        }
    }
    found
}
