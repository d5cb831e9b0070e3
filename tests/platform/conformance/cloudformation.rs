//! CloudFormation templates against AWS' schemas of their resources, and in the eyes of cfn-lint.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{json as read, tool, upstream};
use crate::everywhere;
use crate::tree::trees;

/// The schema of a resource type, if upstream has it.
fn schema(folder: &Path, kind: &str) -> Option<Value> {
    let path = folder.join(format!("{}.json", kind.replace("::", "-")));
    path.exists().then(|| read(&path))
}

/// Types whose schemas are not among those; cfn-lint knows them.
const WITHOUT_SCHEMA: [&str; 2] = ["AWS::Rbin::Rule", "AWS::SNS::TopicPolicy"];

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn resources_have_what_is_required_and_set_nothing_that_is_unknown_or_read_only() {
    let Some(folder) = upstream("cloudformation") else { return };
    everywhere(|tree| {
        for (path, template) in tree.templates() {
            for (id, resource) in template["Resources"].as_object().unwrap() {
                let kind = resource["Type"].as_str().unwrap();
                if WITHOUT_SCHEMA.contains(&kind) {
                    continue;
                }
                let schema = schema(&folder, kind).unwrap_or_else(|| panic!("{path} {id}: no schema of {kind}"));
                let set = resource["Properties"].as_object().unwrap();
                for name in names(&schema["required"]) {
                    assert!(set.contains_key(name), "{path} {id} lacks {name}");
                }
                let read_only = names(&schema["readOnlyProperties"]);
                for name in set.keys() {
                    assert!(schema["properties"].get(name).is_some(), "{path} {id}: {kind} has no {name}");
                    assert!(
                        !read_only.contains(&format!("/properties/{name}").as_str()),
                        "{path} {id}: {name} is read-only"
                    );
                }
            }
        }
    });
}

/// Sets of tags as maps; CloudFormation spells them as lists, as maps, or as lists for several resources.
fn tag_sets(tags: &Value) -> Vec<BTreeMap<&str, &Value>> {
    match tags {
        Value::Object(map) => vec![map.iter().map(|(key, value)| (key.as_str(), value)).collect()],
        Value::Array(items) if items.iter().any(|item| item.get("Tags").is_some()) => {
            items.iter().flat_map(|item| tag_sets(&item["Tags"])).collect()
        }
        Value::Array(items) => {
            vec![items.iter().map(|tag| (tag["Key"].as_str().unwrap(), &tag["Value"])).collect()]
        }
        _ => Vec::new(),
    }
}

#[test]
fn everything_that_takes_tags_has_those_that_costs_are_allocated_by() {
    let Some(folder) = upstream("cloudformation") else { return };
    everywhere(|tree| {
        let mut tagged = 0;
        for (path, template) in tree.templates() {
            for (id, resource) in template["Resources"].as_object().unwrap() {
                let Some(schema) = schema(&folder, resource["Type"].as_str().unwrap()) else { continue };
                for property in ["Tags", "TagSpecifications", "HostedZoneTags"] {
                    if schema["properties"].get(property).is_some() {
                        let tags = &resource["Properties"][property];
                        let sets = tag_sets(tags);
                        assert!(!sets.is_empty(), "{path} {id} has no {property}");
                        for set in sets {
                            assert_eq!(set.get("Environment"), Some(&&json!(tree.environment)), "{path} {id}");
                            for (key, value) in
                                [("Platform", "platform"), ("Owner", "platform-engineering"), ("CostCenter", "4200")]
                            {
                                assert_eq!(set.get(key), Some(&&json!(value)), "{path} {id} {key}");
                            }
                        }
                        tagged += 1;
                    }
                }
            }
        }
        assert!(tagged > 40, "{tagged} tagged resources in {}", tree.environment);
    });
}

#[test]
fn deployment_files_hold_to_the_schema_of_git_sync() {
    let Some(folder) = upstream("gitsync") else { return };
    let judge = jsonschema::validator_for(&read(&folder.join("git_sync.json"))).unwrap();
    everywhere(|tree| {
        for (path, deployment) in tree.documents().filter(|(path, _)| path.ends_with("deployment.yaml")) {
            assert!(judge.is_valid(deployment), "{path} of {}", tree.environment);
        }
    });
}

/// A repository with the trees where the deployment files say they are: cfn-lint finds templates through them.
#[test]
fn cfn_lint_finds_nothing_not_even_remarks() {
    let Some(linter) = tool("venv/bin/cfn-lint", "cfn-lint") else { return };
    let repository = Path::new(env!("CARGO_TARGET_TMPDIR")).join("platform/git-sync");
    let _ = std::fs::remove_dir_all(&repository);
    let mut deployments = Vec::new();
    for tree in trees() {
        for (path, text) in &tree.files {
            let path = format!("clusters/{}/{path}", tree.environment);
            let file = repository.join(&path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
            if path.ends_with("/deployment.yaml") {
                deployments.push(path);
            }
        }
    }
    assert_eq!(deployments.len(), trees().iter().map(|tree| tree.templates().count()).sum::<usize>());
    let lint = |deployments: &[String]| {
        let mut command = Command::new(&linter);
        command.current_dir(&repository).args(["--include-checks", "I", "--deployment-files"]).args(deployments);
        let output = command.output().unwrap();
        (
            output.status.success(),
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)),
        )
    };
    let (clean, told) = lint(&deployments);
    assert!(clean && told.trim().is_empty(), "{told}");

    // That it was the templates that were judged shows when one is broken.
    let broken = repository.join("clusters/prod/network/template.yaml");
    let text = std::fs::read_to_string(&broken).unwrap();
    std::fs::write(&broken, text.replace("EnableDnsSupport", "EnableDnsSuport")).unwrap();
    let (clean, told) = lint(&["clusters/prod/network/deployment.yaml".to_owned()]);
    assert!(!clean && told.contains("EnableDnsSuport"), "{told}");
}
