//! What a tree says of the cluster that charts are installed into.

use std::collections::BTreeSet;

use crate::check::View;
use crate::value::Value;

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
    let definitions = view.objects_of("apiextensions.k8s.io", "CustomResourceDefinition");
    definitions.flat_map(|definition| apis_of(definition.root().value)).collect()
}

/// Those that one definition adds.
pub fn apis_of(definition: &Value) -> Vec<String> {
    let Some(spec) = definition.get("spec") else { return Vec::new() };
    let text = |value: Option<&'_ Value>| value.and_then(Value::as_str).map(str::to_owned);
    let kind = text(spec.get("names").and_then(|names| names.get("kind")));
    let (Some(group), Some(kind)) = (text(spec.get("group")), kind) else { return Vec::new() };
    let Some(Value::List(versions)) = spec.get("versions") else { return Vec::new() };
    let is_served = |version: &&Value| version.get("served") != Some(&Value::Bool(false));
    let names = versions.iter().filter(is_served).filter_map(|version| text(version.get("name")));
    names.flat_map(|name| [format!("{group}/{name}"), format!("{group}/{name}/{kind}")]).collect()
}
