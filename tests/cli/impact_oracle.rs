//! What AWS CDK's offline diff says of the same changes.

use serde_json::Value;

use crate::impact::effects;
use crate::support::Project;

/// A change of a resource, as `benches/replacements.mjs` asked AWS CDK's offline diff about it.
#[derive(serde::Deserialize)]
struct Asked {
    /// The type, the property, and how it changes.
    change: String,
    before: Value,
    after: Value,
    said: std::collections::BTreeMap<String, String>,
}

/// Why we say something else than CDK does; none where there is no reason to.
fn reason(change: &str, cdk: Option<&str>, ours: Option<&str>, message: &str) -> Option<&'static str> {
    let how = change.rsplit(' ').next().unwrap_or_default();
    match (cdk, ours) {
        (Some("WILL_REPLACE"), Some("replaces"))
        | (Some("WILL_UPDATE"), Some("in-place"))
        | (Some("WILL_DESTROY"), Some("destroys")) => Some("the same"),
        (Some("WILL_UPDATE"), Some("rolls-nodes")) => Some("an update of a node group that rolls its nodes"),
        (Some("WILL_UPDATE"), Some("restarts")) => Some("an update that stops and starts what runs"),
        (None, Some("blocks")) if message.contains("a group keeps its template") => {
            Some("its launch template is replaced, and EKS takes no other one")
        }
        (None, Some("rolls-nodes")) => Some("a launch template has another version, and its nodes follow"),
        (None, Some("in-place")) if message.contains("it refers to") => Some("the value of a reference is another one"),
        (Some("WILL_REPLACE"), Some("blocks")) if message.contains("is that of") => {
            Some("another of these changes has the name")
        }
        (Some("WILL_UPDATE"), Some("destroys")) if message.contains("older than it is to keep") => {
            Some("an update that keeps data for a shorter time")
        }
        (_, Some("nothing") | None) if how == "written" => Some("`Fn::Sub` without a variable is its text"),
        (Some("WILL_REPLACE"), Some("may-replace")) if how == "chosen" => Some("a condition may leave it as it is"),
        (Some("WILL_REPLACE"), Some("may-replace")) if how == "gone" || how == "new" => {
            Some("the default may be what was written out")
        }
        // The registry names it within a property, and CDK looks at properties as a whole.
        (Some("WILL_UPDATE") | None, Some("may-replace")) if change == "AWS::EKS::Cluster AccessConfig gone" => {
            Some("`BootstrapClusterCreatorAdminPermissions` goes with it")
        }
        // Ports mean nothing to some protocols, and the change that was asked about names none.
        (Some("WILL_REPLACE"), Some("may-replace")) if change.contains("Port other") => Some("without a protocol"),
        // CDK's tables say that it replaces, and CloudFormation's registry does not.
        (Some("WILL_REPLACE"), Some("may-replace")) if change.starts_with("AWS::EC2::EIP Domain") => {
            Some("the sources differ")
        }
        _ => None,
    }
}

#[test]
fn replacements_are_those_of_aws_cdk() {
    let asked: Vec<Asked> =
        include_str!("replacements.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(asked.len() > 200, "{}", asked.len());
    let mut project = Project::empty()
        .file("platc.yaml", "")
        .file("environments/prod/environment.yaml", "size: 1\n")
        .file("schemas/environment.schema.yaml", "type: object\nproperties: {size: {type: integer}}\n");
    for (number, it) in asked.iter().enumerate() {
        let path = format!("c{number:03}/template.yaml");
        let template = |resources: &Value| {
            let choice = serde_json::json!({"Choice": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}});
            serde_json::json!({"Conditions": choice, "Resources": resources}).to_string()
        };
        project = project
            .file(&format!("golden/prod/{path}"), template(&it.before))
            .file(&format!("templates/{path}"), template(&it.after));
    }
    let ran = project.run(&["diff", "prod", "--view", "impact", "--format", "json"]);
    let found = effects(&ran);
    let mut unexplained = Vec::new();
    for (number, it) in asked.iter().enumerate() {
        let prefix = format!("c{number:03}/template.yaml#");
        let own = found.iter().filter_map(|(subject, word, said)| Some((subject.strip_prefix(&prefix)?, (word, said))));
        let own: std::collections::BTreeMap<&str, _> = own.collect();
        let ids: std::collections::BTreeSet<&str> =
            it.said.keys().map(String::as_str).chain(own.keys().copied()).collect();
        for id in ids {
            let (cdk, ours) = (it.said.get(id).map(String::as_str), own.get(id));
            let (word, said) = (ours.map(|(word, _)| word.as_str()), ours.map_or("", |(_, said)| said));
            if reason(&it.change, cdk, word, said).is_none() {
                unexplained.push(format!("{}: `{id}`: CDK {cdk:?}, platc {word:?}: {said}", it.change));
            }
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}
