//! Argo CD's objects, Git sync files, and what joins stacks to one another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::everywhere;
use crate::tree::{Tree, strings};

fn wave(object: &Value) -> i64 {
    object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].as_str().unwrap().parse().unwrap()
}

fn applications(tree: &Tree) -> Vec<&Value> {
    tree.objects().filter(|(_, object)| object["kind"] == "Application").map(|(_, object)| object).collect()
}

#[test]
fn charts_are_pinned_and_take_their_values_from_this_tree() {
    let charts = [
        ("cilium", "https://helm.cilium.io", "1.20.0", "networking-addons"),
        ("kyverno", "https://kyverno.github.io/kyverno", "3.9.0", "security-addons"),
        ("karpenter", "public.ecr.aws/karpenter", "1.14.1", "operations-addons"),
    ];
    everywhere(|tree| {
        for (name, repository, version, stack) in charts {
            let sources = &tree.object("Application", name)["spec"]["sources"];
            assert_eq!(sources[0]["repoURL"], repository);
            assert_eq!(sources[0]["targetRevision"], version);
            assert_eq!(sources[1]["ref"], "values");
            let values = strings(&sources[0]["helm"]["valueFiles"])[0];
            let in_tree = values.strip_prefix(&format!("$values/clusters/{}/", tree.environment)).unwrap();
            assert_eq!(in_tree, format!("{stack}/{name}/values.yaml"));
            assert!(tree.files.contains_key(in_tree), "{values} leads nowhere");
        }
    });
}

#[test]
fn x12_cilium_is_the_first_wave_and_policies_and_nodes_follow_their_controllers() {
    everywhere(|tree| {
        let waves: BTreeMap<_, _> =
            applications(tree).iter().map(|a| (a["metadata"]["name"].as_str().unwrap(), wave(a))).collect();
        assert!(
            // The foundation holds no pod.
            waves.iter().all(|(name, wave)| ["cilium", "foundation", "root"].contains(name) || *wave > waves["cilium"]),
            "{waves:?}"
        );
        assert!(waves["kyverno-policies"] > waves["kyverno"]);
        assert!(waves["karpenter-nodes"] > waves["karpenter"]);
    });
}

#[test]
fn no_wave_waits_for_what_cannot_become_healthy() {
    everywhere(|tree| {
        let last = applications(tree).into_iter().max_by_key(|application| wave(application)).unwrap();
        assert_eq!(last["metadata"]["name"], "root", "its health is that of all the others");
        let settings = &tree.file("bootstrap/argo-cd/values.yaml")["configs"]["cm"];
        assert_eq!(settings["resource.compareoptions"], "ignoreAggregatedRoles: true\n");
        let ingress = settings["resource.customizations.health.networking.k8s.io_Ingress"].as_str().unwrap();
        let with_an_address: Vec<_> = tree
            .objects()
            .filter(|(_, object)| object["kind"] == "Ingress")
            .map(|(_, object)| object["spec"]["ingressClassName"].as_str().unwrap())
            .filter(|class| ingress.contains(&format!("ingressClassName == \"{class}\"")))
            .collect();
        assert_eq!(with_an_address, ["alb"], "Cilium's Ingress is behind a NodePort, which has no address");
    });
}

#[test]
fn every_application_is_applied_by_the_server_and_may_do_what_it_does() {
    everywhere(|tree| {
        let project = &tree.object("AppProject", "platform")["spec"];
        let repositories = strings(&project["sourceRepos"]);
        let namespaces: Vec<_> = project["destinations"].as_array().unwrap().iter().map(|d| &d["namespace"]).collect();
        for application in applications(tree) {
            let name = &application["metadata"]["name"];
            let spec = &application["spec"];
            assert_eq!(spec["project"], "platform", "{name}");
            assert!(strings(&spec["syncPolicy"]["syncOptions"]).contains(&"ServerSideApply=true"), "{name}");
            assert!(namespaces.contains(&&spec["destination"]["namespace"]), "{name}");
            let sources = spec.get("sources").and_then(Value::as_array).cloned();
            for source in sources.unwrap_or_else(|| vec![spec["source"].clone()]) {
                assert!(repositories.contains(&source["repoURL"].as_str().unwrap()), "{name}: {source}");
            }
        }
    });
}

#[test]
fn folders_that_applications_point_at_hold_only_kubernetes_objects() {
    everywhere(|tree| {
        for application in applications(tree) {
            let Some(path) = application["spec"]["source"]["path"].as_str() else { continue };
            let folder = path.strip_prefix(&format!("clusters/{}/", tree.environment)).unwrap();
            let files: Vec<_> = tree.documents().filter(|(file, _)| file.starts_with(&format!("{folder}/"))).collect();
            assert!(!files.is_empty(), "{path} is empty");
            for (file, document) in files {
                assert!(document["apiVersion"].is_string() && document["kind"].is_string(), "{file}");
            }
        }
    });
}

#[test]
fn a_chart_of_an_oci_registry_has_a_repository_that_says_so() {
    everywhere(|tree| {
        let secret = tree.object("Secret", "repository-karpenter");
        assert_eq!(secret["stringData"]["url"], "public.ecr.aws/karpenter");
        assert_eq!(secret["stringData"]["enableOCI"], "true");
    });
}

#[test]
fn git_sync_deploys_every_template_of_the_tree() {
    everywhere(|tree| {
        let prefix = format!("clusters/{}/", tree.environment);
        let deployments = tree.documents().filter(|(path, _)| path.ends_with("/deployment.yaml"));
        let deployed: BTreeSet<_> = deployments
            .map(|(path, deployment)| {
                let template = deployment["template-file-path"].as_str().unwrap().strip_prefix(&prefix).unwrap();
                let folder = path.rsplit_once('/').unwrap().0;
                assert_eq!(template, format!("{folder}/template.yaml"));
                assert_eq!(deployment["tags"]["Environment"], tree.environment);
                template.to_owned()
            })
            .collect();
        let templates: BTreeSet<_> = tree.templates().map(|(path, _)| path.to_owned()).collect();
        assert_eq!(deployed, templates);
    });
}

#[test]
fn imports_find_their_exports_in_an_earlier_stack() {
    everywhere(|tree| {
        let order =
            tree.text("deploy-order.txt").lines().filter_map(|line| line.trim().strip_suffix("/deployment.yaml"));
        let order: Vec<_> = order.filter(|stack| tree.files.contains_key(&format!("{stack}/template.yaml"))).collect();
        let mut exported = BTreeSet::new();
        for stack in &order {
            let template = tree.file(&format!("{stack}/template.yaml"));
            let mut imports = Vec::new();
            collect_imports(template, &mut imports);
            for import in imports {
                assert!(exported.contains(import), "{stack} of {} imports {import}", tree.environment);
            }
            for (_, output) in template.get("Outputs").and_then(Value::as_object).into_iter().flatten() {
                if let Some(name) = output["Export"]["Name"].as_str() {
                    assert!(exported.insert(name.to_owned()), "{name} is exported twice");
                }
            }
        }
        assert_eq!(order.len(), tree.templates().count());
    });
}

fn collect_imports<'a>(value: &'a Value, imports: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str() {
                    Some(name) if key == "Fn::ImportValue" => imports.push(name),
                    _ => collect_imports(value, imports),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_imports(item, imports)),
        _ => {}
    }
}

#[test]
fn templates_stay_below_the_limits_of_cloudformation() {
    everywhere(|tree| {
        for (path, template) in tree.templates() {
            assert!(tree.text(path).len() < 51_200, "{path} is too large for Git sync");
            assert!(template["Resources"].as_object().unwrap().len() <= 500, "{path}");
            assert!(
                template.get("Outputs").and_then(Value::as_object).is_none_or(|outputs| outputs.len() <= 200),
                "{path}"
            );
            assert!(template["Description"].as_str().unwrap().len() <= 1024, "{path}");
            assert_eq!(template.get("Conditions"), None, "{path}: an environment decides, not a deployment");
            assert_eq!(template.get("Parameters"), None, "{path}: an environment decides, not a deployment");
            for (id, resource) in template["Resources"].as_object().unwrap() {
                assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()) && id.len() <= 255, "{path} {id}");
                let name = resource["Properties"]["RoleName"].as_str().unwrap_or_default();
                assert!(name.len() <= 64, "{path} {id}: {name}");
            }
        }
    });
}

#[test]
fn names_of_roles_queues_and_policies_are_the_environments_own() {
    let mut seen = BTreeMap::new();
    everywhere(|tree| {
        for (path, template) in tree.templates() {
            for (id, resource) in template["Resources"].as_object().unwrap() {
                for key in
                    ["RoleName", "QueueName", "ManagedPolicyName", "AliasName", "LaunchTemplateName", "LogGroupName"]
                {
                    if let Some(name) = resource["Properties"][key].as_str() {
                        assert!(name.contains(&tree.cluster()), "{path} {id}: {name}");
                    }
                }
            }
        }
    });
    for tree in crate::trees() {
        for (path, template) in tree.templates() {
            for (id, resource) in template["Resources"].as_object().unwrap() {
                if let Some(name) = resource["Properties"]["RoleName"].as_str() {
                    let other = seen.insert(name.to_owned(), format!("{} {path} {id}", tree.environment));
                    assert_eq!(other, None, "{name}");
                }
            }
        }
    }
    assert_eq!(json!(seen.len() % 3), json!(0), "each environment has the same roles");
}
