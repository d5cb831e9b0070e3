//! What stands beside a resource's properties.

use super::{entries, function, is_list, is_map, is_null, must_be, plain, scalar, unknown_keys};
use crate::check::cfn::Resource;
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest::did_you_mean;

rule! {
    RESOURCE = Error "cfn/resource";
    summary: "a resource has an attribute that there is not, or one of another form";
    explanation: "A resource has a `Type` and may have `Properties`, `DependsOn`, `Condition`, `Metadata`, `CreationPolicy`, `UpdatePolicy`, `DeletionPolicy` and `UpdateReplacePolicy`. A misspelt one is refused, and so is another word than `Delete`, `Retain`, `RetainExceptOnCreate` or, for the few types that can be saved, `Snapshot`. A resource and a parameter cannot have one name (docs.aws.amazon.com, \"Resource attribute reference\").";
    wrong: "
        Resources:
          Topic:
            Type: AWS::SNS::Topic
            DeletionPolicy: Retained
    ";
    right: "
        Resources:
          Topic:
            Type: AWS::SNS::Topic
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
    ";
}

const ATTRIBUTES: [&str; 10] = [
    "Type",
    "Properties",
    "DependsOn",
    "Condition",
    "Metadata",
    "CreationPolicy",
    "UpdatePolicy",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Version",
];
/// docs.aws.amazon.com, "Considerations when using modules".
const OF_NO_MODULE: [&str; 2] = ["CreationPolicy", "UpdatePolicy"];
const POLICIES: [(&str, &[&str]); 2] =
    [("DeletionPolicy", &["Delete", "Retain", "RetainExceptOnCreate"]), ("UpdateReplacePolicy", &["Delete", "Retain"])];
/// Functions that may choose a word.
const CHOOSING: [&str; 6] = ["Fn::FindInMap", "Fn::If", "Fn::Select", "Fn::Sub", "Fn::Transform", "Ref"];
/// docs.aws.amazon.com, "DeletionPolicy attribute": those of which a snapshot can be made.
const SAVED: [&str; 8] = [
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in plain(view) {
        let parameters = entries(template, "Parameters");
        for resource in template.resources().iter().filter(|resource| !resource.id.starts_with("Fn::")) {
            if is_map(&resource.node) {
                judge(resource, report);
            } else if !is_null(&resource.node) {
                must_be(
                    &RESOURCE,
                    &format!("the resource `{}`", resource.id),
                    "a map with `Type`",
                    &resource.node,
                    report,
                );
            }
            if let Some((_, parameter)) = parameters.iter().find(|(name, _)| *name == resource.id) {
                report
                    .at(
                        &RESOURCE,
                        &resource.node,
                        format!("a parameter and a resource are both called `{}`", resource.id),
                    )
                    .about_key()
                    .also(parameter, "the parameter")
                    .help("give one of them another name");
            }
        }
    }
}

fn judge(resource: &Resource<'_>, report: &mut Report) {
    let (id, node) = (resource.id, &resource.node);
    // A macro, or Rain, makes something else of it.
    if node.get("Fn::Transform").is_some() || node.get("Type").is_some_and(|kind| function(&kind).is_some()) {
        return;
    }
    unknown_keys(&RESOURCE, "a resource", &ATTRIBUTES, node, report);
    match node.get("Type") {
        None => {
            report.at(&RESOURCE, node, format!("the resource `{id}` has no type")).help("add `Type`");
        }
        Some(kind) if kind.text().is_none() && !is_null(&kind) => {
            must_be(&RESOURCE, &format!("the type of `{id}`"), "a text", &kind, report);
        }
        Some(_) => {}
    }
    for (name, is_good, wanted) in [
        ("Properties", is_map as fn(&Node<'_>) -> bool, "a map"),
        ("Metadata", is_map, "a map"),
        ("CreationPolicy", is_map, "a map"),
        ("UpdatePolicy", is_map, "a map"),
        ("Condition", is_text, "the name of a condition"),
        ("DependsOn", is_text_or_texts, "the id of a resource, or a list of these"),
    ] {
        if let Some(value) = node.get(name).filter(|value| !is_good(value) && !is_null(value)) {
            must_be(&RESOURCE, &format!("`{name}` of `{id}`"), wanted, &value, report);
        }
    }
    if resource.kind.ends_with("::MODULE") {
        for (name, value) in OF_NO_MODULE.iter().filter_map(|name| Some((name, node.get(name)?))) {
            report
                .at(&RESOURCE, &value, format!("a module takes no `{name}`"))
                .about_key()
                .help("set it for the resources within the module");
        }
    }
    let depends_on = node.get("DependsOn");
    for on in depends_on.iter().flat_map(Node::one_or_more).filter(|on| on.text() == Some(id)) {
        report.at(&RESOURCE, &on, format!("`{id}` depends on itself")).help("leave it out");
    }
    for (name, words) in POLICIES {
        let Some(value) = node.get(name).filter(|value| !is_null(value)) else { continue };
        match function(&value) {
            Some((function, _)) if CHOOSING.contains(&function) => continue,
            _ => {}
        }
        let Some(text) = scalar(&value) else {
            must_be(&RESOURCE, &format!("`{name}` of `{id}`"), "a text", &value, report);
            continue;
        };
        let can_be_saved = SAVED.contains(&resource.kind);
        // Types of others may have it, too.
        let is_free = text == "Snapshot" && (can_be_saved || !resource.kind.starts_with("AWS::"));
        if is_free || words.contains(&text.as_str()) {
            continue;
        }
        let message = if text == "Snapshot" {
            format!("no snapshot can be made of a `{}`", resource.kind)
        } else {
            format!("`{text}` is no `{name}`")
        };
        let listed = || format!("it is one of `{}`", words.join("`, `"));
        report.at(&RESOURCE, &value, message).help(did_you_mean(&text, words.iter().copied()).unwrap_or_else(listed));
    }
}

fn is_text(node: &Node<'_>) -> bool {
    node.text().is_some()
}

fn is_text_or_texts(node: &Node<'_>) -> bool {
    is_text(node) || is_list(node) && node.items().iter().all(is_text)
}
