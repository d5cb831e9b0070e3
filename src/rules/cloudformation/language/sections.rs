//! The sections of a template.

use super::{is_map, is_null, must_be, plain, unknown_keys};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    SECTION = Error "cfn/section";
    summary: "a template has a section that there is not, or lacks its resources";
    explanation: "A template is made of `AWSTemplateFormatVersion` (2010-09-09, the only one), `Description`, `Metadata`, `Parameters`, `Rules`, `Mappings`, `Conditions`, `Transform`, `Resources` and `Outputs`; CloudFormation refuses any other key. `Resources` must be there and hold one at least. Templates with a `Transform` are left alone.";
    wrong: "
        AWSTemplateFormatVersion: '2010-09-09'
        Output: {Name: {Value: !Ref Topic}}
        Resources:
          Topic: {Type: AWS::SNS::Topic}
    ";
    right: "
        AWSTemplateFormatVersion: '2010-09-09'
        Resources:
          Topic: {Type: AWS::SNS::Topic}
        Outputs: {Name: {Value: !Ref Topic}}
    ";
}

const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
];
/// Those that are maps.
const MAPS: [&str; 7] = ["Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Resources", "Outputs"];
/// What deploys blue and green has a section of its own, which comes with a macro.
const OTHERS: [&str; 2] = ["Hooks", "Globals"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for transform in view.templates().iter().filter_map(|template| template.document.root().get("Transform")) {
        transform.one_or_more().iter().for_each(|one| judge_transform(one, report));
    }
    for template in plain(view) {
        let root = template.document.root();
        if OTHERS.iter().any(|name| root.get(name).is_some()) {
            continue;
        }
        unknown_keys(&SECTION, "a template", &SECTIONS, &root, report);
        if let Some(version) = root.get("AWSTemplateFormatVersion").filter(|version| !is_null(version))
            && version.text() != Some("2010-09-09")
        {
            report
                .at(&SECTION, &version, "a template has no other version than `2010-09-09`")
                .help("write `AWSTemplateFormatVersion: '2010-09-09'`");
        }
        if let Some(description) = root.get("Description").filter(|it| it.text().is_none() && !is_null(it)) {
            must_be(&SECTION, "`Description`", "a text", &description, report);
        }
        for name in MAPS {
            if let Some(section) = root.get(name).filter(|section| !is_map(section) && !is_null(section)) {
                must_be(&SECTION, &format!("`{name}`"), "a map", &section, report);
            }
        }
        let resources = root.get("Resources");
        let is_empty = matches!(resources.map(|it| it.value), Some(Value::Map(entries)) if entries.is_empty());
        if resources.is_none() || is_empty {
            report
                .at(&SECTION, resources.unwrap_or(root), "the template has no resources")
                .help("add one; CloudFormation takes no stack of nothing");
        }
    }
}

/// The name of a macro, or a map of its name and parameters.
fn judge_transform(node: &Node<'_>, report: &mut Report) {
    if node.text().is_some() {
        return;
    }
    if is_map(node) && node.get("Fn::Transform").is_none() {
        unknown_keys(&SECTION, "a transform", &["Name", "Parameters"], node, report);
        if node.get("Name").is_none() {
            report.at(&SECTION, node, "a transform has no `Name`").help("write the name of the macro");
        }
    } else if !is_map(node) {
        must_be(&SECTION, "a transform", "the name of a macro", node, report);
    }
}
