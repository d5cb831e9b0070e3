//! Resources against the schemas of their types.

use camino::Utf8PathBuf;
use serde_json::Value as Json;

use super::definitions::Definitions;
use super::rules::{GETATT_ATTRIBUTE, MISSING_PROPERTY, NEWER_PROPERTY, READ_ONLY_PROPERTY, UNKNOWN_TYPE};
use super::walk::Walk;
use super::{Schemas, resource_types};
use crate::account::Work;
use crate::check::{Report, View, cfn};
use crate::finding::Findings;
use crate::finding::suggest::{did_you_mean, nearest};

impl Schemas<'_> {
    /// The properties of a type that replace a resource when they change; none if its schema is not imported.
    pub fn create_only(&self, kind: &str) -> Option<Vec<String>> {
        if !is_judged(kind) {
            return None;
        }
        let schema = self.get(&path(kind), &mut Findings::default())?;
        Some(names(schema.bundled(), "x-aws-create-only").into_iter().map(str::to_owned).collect())
    }
}

pub(super) fn judge(schemas: &Schemas<'_>, view: &View<'_>, report: &mut Report, findings: &mut Findings) {
    // Looked into even if nothing asks for it: what hides a folder of schemas is told.
    let types = schemas.names("cloudformation".into(), findings);
    // A macro rewrites a template before it is deployed.
    let mut templates = view.templates().iter().filter(|template| !template.is_transformed()).peekable();
    if templates.peek().is_none() {
        return;
    }
    for template in templates {
        for resource in template.resources().iter().filter(|resource| is_judged(resource.kind)) {
            let is_there = || types.iter().any(|name| name.starts_with(&format!("{}.", file(resource.kind))));
            match (schemas.get(&path(resource.kind), findings), resource_types::definition(resource.kind)) {
                (Some(schema), _) => properties(schema.bundled(), &*schema, false, template, resource, view, report),
                (None, _) if !types.is_empty() && is_there() => {}
                (None, Some(definition)) => {
                    properties(definition, &resource_types::Table, true, template, resource, view, report);
                }
                (None, None) => unknown(resource, &types, report),
            }
        }
        attributes(schemas, template, report, findings);
    }
}

/// Custom resources, modules and nested stacks have no schema in the registry, or one that says nothing.
fn is_judged(kind: &str) -> bool {
    let custom = kind.starts_with("Custom::") || kind.ends_with("::MODULE");
    let without_schema = ["AWS::CDK::Metadata", "AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack"];
    !custom && !kind.is_empty() && !kind.starts_with("Fn::") && !without_schema.contains(&kind)
}

fn file(kind: &str) -> String {
    kind.replace("::", "-")
}

pub(super) fn path(kind: &str) -> Utf8PathBuf {
    Utf8PathBuf::from("cloudformation").join(file(kind))
}

fn unknown(resource: &cfn::Resource<'_>, imported: &[String], report: &mut Report) {
    let kind = resource.kind;
    if resource_types::has(kind) {
        return;
    }
    let names: Vec<String> =
        imported.iter().filter_map(|name| Some(name.rsplit_once('.')?.0.replace('-', "::"))).collect();
    let near =
        did_you_mean(kind, names.iter().map(String::as_str)).or_else(|| did_you_mean(kind, resource_types::names()));
    // Others publish types whose schemas AWS hands out to their users alone.
    let is_type = kind.split("::").count() >= 3;
    if near.is_none() && is_type && !kind.starts_with("AWS::") {
        return;
    }
    let rule = if near.is_some() || !is_type { &UNKNOWN_TYPE } else { &NEWER_PROPERTY };
    let place = resource.node.get("Type").unwrap_or(resource.node);
    let draft = report.at(rule, &place, format!("CloudFormation has no resource type `{kind}`"));
    let near = near_in_service(kind).map(|near| format!("did you mean `{near}`?")).or(near);
    let import = "if there is such a type, import its schema: `platc schema import`";
    match near {
        Some(near) => draft.help(format!("{near} Or, {import}")),
        None if !is_type => draft.help(format!("types are called as in `AWS::S3::Bucket`; {import}")),
        None => draft.help(import),
    };
}

/// A type of the same service: by its last part, or one whose last part begins or ends with what was written. `aws_sqs_queue`
/// is what Terraform calls a type.
fn near_in_service(kind: &str) -> Option<String> {
    let lower = kind.to_ascii_lowercase();
    let (service, own) = match lower.strip_prefix("aws_") {
        Some(rest) => rest.split_once('_').map(|(service, own)| (service, own.replace('_', "")))?,
        None => lower.strip_prefix("aws::")?.split_once("::").map(|(service, own)| (service, own.to_owned()))?,
    };
    let known: Vec<(&str, &str)> = resource_types::names()
        .filter_map(|name| {
            let (of, last) = name.strip_prefix("AWS::")?.split_once("::")?;
            of.eq_ignore_ascii_case(service).then_some((name, last))
        })
        .collect();
    let slip = nearest(&own, known.iter().map(|(_, last)| *last));
    let is_part = |last: &str| {
        let last = last.to_ascii_lowercase();
        own.len() > 2 && (last.starts_with(&own) || last.ends_with(&own))
    };
    let found = known.iter().find(|(_, last)| last.eq_ignore_ascii_case(&own) || Some(*last) == slip);
    let found = found.or_else(|| known.iter().filter(|(_, last)| is_part(last)).min_by_key(|(name, _)| name.len()));
    found.map(|(name, _)| (*name).to_owned())
}

fn properties(
    document: &Json,
    definitions: &dyn Definitions,
    is_dated: bool,
    template: &cfn::Template<'_>,
    resource: &cfn::Resource<'_>,
    view: &View<'_>,
    report: &mut Report,
) {
    let Some(properties) = resource.properties() else {
        let required = document["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
        for name in required {
            let message = format!("`{}` of `{}` lacks `{name}`", resource.id, resource.kind);
            report.at(&MISSING_PROPERTY, &resource.node, message).help(format!("add `Properties` with `{name}`"));
        }
        return;
    };
    let read_only = names(document, "x-aws-read-only");
    for (name, node) in properties.entries() {
        if read_only.contains(&name) {
            let message = format!("`{name}` of `{}` cannot be set", resource.kind);
            let draft = report.at(&READ_ONLY_PROPERTY, &node, message);
            draft.label("CloudFormation sets it");
            draft.help(format!("remove it; read it with `!GetAtt {}.{name}`", resource.id));
        }
    }
    let mut walk = Walk::new(definitions, is_dated, template, resource, view.account());
    walk.value(document, &properties, 0);
    view.account().charge(walk.cost, Work::Schema, view.artifact(&properties.place()).place);
    for problem in walk.found {
        let draft = report.at(problem.rule, problem.place, problem.message);
        draft.label(problem.label);
        if problem.is_of_key {
            draft.about_key();
        }
        if let Some(help) = problem.help {
            draft.help(help);
        }
        if is_dated {
            draft.unless_said();
        }
    }
}

fn names<'a>(document: &'a Json, word: &str) -> Vec<&'a str> {
    document[word].as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

fn attributes(schemas: &Schemas<'_>, template: &cfn::Template<'_>, report: &mut Report, findings: &mut Findings) {
    for reference in template.references() {
        let asks = matches!(reference.how, cfn::How::GetAtt | cfn::How::Sub);
        let Some(attribute) = reference.attribute.filter(|_| asks) else { continue };
        let Some(resource) = template.resource(reference.to).filter(|resource| is_judged(resource.kind)) else {
            continue;
        };
        let imported = schemas.get(&path(resource.kind), findings);
        let table = || resource_types::definition(resource.kind);
        let (document, definitions): (&Json, &dyn Definitions) = match (&imported, table()) {
            (Some(schema), _) => (schema.bundled(), &**schema),
            (None, Some(definition)) => (definition, &resource_types::Table),
            (None, None) => continue,
        };
        // What a nested stack gives, its own template says.
        if attribute.starts_with("Outputs.") {
            continue;
        }
        let known = names(document, "x-aws-read-only");
        if known.contains(&attribute) || is_property(document, definitions, attribute) {
            continue;
        }
        let message = format!("`{}`, of type `{}`, has no attribute `{attribute}`", reference.to, resource.kind);
        // The long form of `Fn::GetAtt` has it behind the resource.
        let list = reference.node.parent().filter(|_| reference.how == cfn::How::GetAtt);
        let node = list.and_then(|list| list.items().get(1).copied()).unwrap_or(reference.node);
        let draft = report.at(&GETATT_ATTRIBUTE, &node, message);
        draft.about(node.text().unwrap_or_default(), attribute);
        let listed = || match known.as_slice() {
            [] => "resources of this type have none".to_owned(),
            known => format!("it has `{}`", known.join("`, `")),
        };
        draft.help(did_you_mean(attribute, known.iter().copied()).unwrap_or_else(listed));
        draft.also(&resource.node, "the resource");
    }
}

/// Whether an attribute is the way to a property.
fn is_property(document: &Json, definitions: &dyn Definitions, attribute: &str) -> bool {
    let mut at = document;
    for step in attribute.split('.') {
        while let Some(reference) = at["$ref"].as_str() {
            match definitions.target(reference) {
                Some(target) if !std::ptr::eq(target, at) => at = target,
                _ => return true,
            }
        }
        match at["properties"].get(step) {
            Some(below) => at = below,
            // A map without names may have any.
            None => return at["properties"].is_null() && !std::ptr::eq(at, document),
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::near_in_service;

    #[test]
    fn types_of_the_same_service_are_meant_first() {
        for (written, wanted) in [
            ("AWS::EKS::PodIdentity", Some("AWS::EKS::PodIdentityAssociation")),
            ("AWS::Route53::Zone", Some("AWS::Route53::HostedZone")),
            ("AWS::RDS::Instance", Some("AWS::RDS::DBInstance")),
            ("AWS::EC2::VCP", Some("AWS::EC2::VPC")),
            ("aws_route53_zone", Some("AWS::Route53::HostedZone")),
            ("aws_sqs_queue", Some("AWS::SQS::Queue")),
            ("AWS::SQS", None),
            ("Custom::Zone", None),
        ] {
            assert_eq!(near_in_service(written).as_deref(), wanted, "{written}");
        }
    }
}
