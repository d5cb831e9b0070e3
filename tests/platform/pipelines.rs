//! What collectors do, read from the texts that they are configured with: Grafana Agent's and Alloy's language is the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::conformance::{upstream, yaml};
use crate::everywhere;
use crate::tree::{Tree, strings, with_alloy};

fn metrics_by_agent(tree: &Tree) -> &str {
    tree.file("observability-addons/grafana-agent/values.yaml")["agent"]["configMap"]["content"].as_str().unwrap()
}

fn metrics_by_alloy(tree: &Tree) -> &str {
    tree.file("observability-addons/alloy/values.yaml")["alloy"]["configMap"]["content"].as_str().unwrap()
}

fn logs_by_alloy(tree: &Tree) -> &str {
    tree.file("observability-addons/alloy-logs/values.yaml")["alloy"]["configMap"]["content"].as_str().unwrap()
}

/// The words of a text: names with their dots, strings with their quotes, and signs; comments are left out.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next().filter(|_| !rest.starts_with("//")) {
            let length = if first == '"' {
                rest[1..].find('"').ok_or_else(|| format!("line {}: a string without end", number + 1))? + 2
            } else if first.is_ascii_alphanumeric() || first == '_' {
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len())
            } else {
                1
            };
            words.push(rest[..length].to_owned());
            rest = rest[length..].trim_start();
        }
    }
    Ok(words)
}

/// Checks that brackets close one another and that each component that is named is declared; returns the declared.
fn components(text: &str) -> Result<BTreeSet<String>, String> {
    let words = words(text)?;
    let (mut declared, mut named, mut open) = (BTreeSet::new(), Vec::new(), Vec::new());
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "{" | "[" | "(" => open.push(word.as_str()),
            "}" | "]" | ")" => {
                let opening = open.pop().ok_or("something is closed that was not open")?;
                if ![("{", "}"), ("[", "]"), ("(", ")")].contains(&(opening, word)) {
                    return Err(format!("`{opening}` is closed by `{word}`"));
                }
            }
            name if name.contains('.') && open.is_empty() => {
                let label = words.get(at + 1).filter(|label| label.starts_with('"')).ok_or("a block without label")?;
                if !declared.insert(format!("{name}.{}", label.trim_matches('"'))) {
                    return Err(format!("{name} {label} twice"));
                }
            }
            name => {
                named.extend([".receiver", ".targets", ".output"].iter().filter_map(|end| name.strip_suffix(end)));
            }
        }
    }
    if !open.is_empty() {
        return Err(format!("{open:?} are never closed"));
    }
    match named.iter().find(|name| !declared.contains(**name)) {
        Some(name) => Err(format!("there is no {name}")),
        None if text.contains("{{") => Err("Helm would read {{ as its own".to_owned()),
        None => Ok(declared),
    }
}

#[test]
fn texts_are_whole_and_name_only_what_they_declare() {
    everywhere(|tree| {
        let alloy = with_alloy(tree);
        for text in [metrics_by_agent(tree), metrics_by_alloy(alloy), logs_by_alloy(alloy)] {
            components(text).unwrap_or_else(|wrong| panic!("{wrong}:\n{text}"));
        }
        let good = metrics_by_agent(tree);
        let broken = [
            ("prometheus.relabel \"node\"", "prometheus.relabel \"nodes\"", "there is no prometheus.relabel.node"),
            ("role = \"node\"\n}", "role = \"node\"\n", "never closed"),
            ("[\"__name__\"]", "[\"__name__\"}", "is closed by"),
            ("\"kubelet\"", "\"kubelet", "a string without end"),
        ];
        for (from, to, told) in broken {
            let bad = good.replace(from, to);
            assert_ne!(bad, good);
            assert!(components(&bad).unwrap_err().contains(told), "{told}: {:?}", components(&bad));
        }
    });
}

#[test]
fn f3_monitors_and_kubelets_are_scraped_and_written_signed() {
    everywhere(|tree| {
        let text = metrics_by_agent(tree);
        let declared = components(text).unwrap();
        let expected = [
            "prometheus.operator.podmonitors.all",
            "prometheus.operator.servicemonitors.all",
            "prometheus.remote_write.amp",
            "prometheus.scrape.cadvisor",
            "prometheus.scrape.kubelet",
        ];
        assert!(expected.iter().all(|component| declared.contains(*component)), "{declared:?}");
        let write = text.split_once("prometheus.remote_write \"amp\"").unwrap().1;
        assert!(write.contains("url = env(\"AMP_REMOTE_WRITE_URL\")"));
        assert!(write.contains("sigv4 {\n      region = \"eu-central-1\"\n    }"));
        assert!(write.contains(&format!("cluster     = \"{}\"", tree.cluster())));
        // Whatever scrapes shares its targets out, or each pod would send every sample.
        let scraping = declared
            .iter()
            .filter(|name| name.starts_with("prometheus.scrape.") || name.starts_with("prometheus.operator."));
        assert_eq!(text.matches("clustering {\n    enabled = true\n  }").count(), scraping.count());
        let values = tree.file("observability-addons/grafana-agent/values.yaml");
        assert_eq!(values["agent"]["clustering"]["enabled"], true);
        assert_eq!(values["controller"]["type"], "statefulset");
    });
}

#[test]
fn x3_alloy_collects_the_metrics_that_grafana_agent_does() {
    everywhere(|tree| {
        let alloy = with_alloy(tree);
        assert_eq!(metrics_by_alloy(alloy).replace("sys.env(", "env("), metrics_by_agent(tree));
        let (old, new) = (
            &tree.file("observability-addons/grafana-agent/values.yaml"),
            &alloy.file("observability-addons/alloy/values.yaml"),
        );
        for key in ["replicas", "nodeSelector", "tolerations", "priorityClassName", "type", "volumes"] {
            assert_eq!(old["controller"][key], new["controller"][key], "{key}");
        }
        assert_eq!(new["alloy"]["clustering"]["enabled"], true);
    });
}

/// The relabelling rules of Promtail's chart: the label that a rule makes, and its other words.
fn rules_of_promtail() -> Vec<BTreeMap<String, String>> {
    let values = yaml(&upstream("charts").unwrap().join("promtail/values.yaml"));
    let snippets = &values["config"]["snippets"];
    let template = snippets["scrapeConfigs"].as_str().unwrap();
    let own = template.split_once("relabel_configs:\n").unwrap().1;
    let own: String = own.lines().take_while(|line| !line.contains("{{")).map(|line| format!("{line}\n")).collect();
    let own: Value = serde_yaml::from_str(&own).unwrap();
    let rules = own.as_array().unwrap().iter().chain(snippets["common"].as_array().unwrap());
    rules
        .map(|rule| {
            let words = rule.as_object().unwrap().iter().filter(|(key, value)| {
                // What is there without being written.
                !matches!((key.as_str(), value.as_str()), ("action", Some("replace")) | ("replacement", Some("$1")))
            });
            words
                .map(|(key, value)| {
                    let list =
                        value.as_array().map(|list| list.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>());
                    (key.clone(), list.map_or_else(|| value.as_str().unwrap().to_owned(), |list| list.join(" ")))
                })
                .collect()
        })
        .collect()
}

/// The rules of a text, in the same form.
fn rules(text: &str) -> Vec<BTreeMap<String, String>> {
    let blocks = text.split("  rule {\n").skip(1).map(|rest| rest.split_once("\n  }").unwrap().0);
    blocks
        .map(|block| {
            let words = block.lines().map(|line| line.split_once('=').unwrap());
            words
                .map(|(key, value)| {
                    let value = value.trim().trim_matches(['[', ']']).replace(", ", " ").replace('"', "");
                    (key.trim().to_owned(), value)
                })
                .collect()
        })
        .collect()
}

#[test]
fn x4_alloy_gives_logs_the_labels_that_promtail_does() {
    if upstream("charts").is_none() {
        return;
    }
    everywhere(|tree| {
        let alloy = with_alloy(tree);
        let text = logs_by_alloy(alloy);
        let ours = rules(text);
        assert_eq!(ours, rules_of_promtail());
        assert!(ours.len() > 8, "{ours:?}");
        assert!(text.contains("stage.cri { }"), "as the pipeline stages of the chart");

        let promtail = tree.file("observability-addons/promtail/values.yaml");
        let client = &promtail["config"]["clients"][0];
        assert!(text.contains(&format!("url = {}", client["url"])), "both send to the same place");
        assert!(text.contains(&format!("cluster = {}", client["external_labels"]["cluster"])));
    });
}

#[test]
fn f4_promtail_reads_the_pods_of_every_node_and_sends_them_to_loki() {
    everywhere(|tree| {
        let loki = tree.object("Application", "loki");
        let namespace = loki["spec"]["destination"]["namespace"].as_str().unwrap();
        let push = format!("http://loki.{namespace}.svc.cluster.local:3100/loki/api/v1/push");
        let promtail = tree.file("observability-addons/promtail/values.yaml");
        assert_eq!(promtail["config"]["clients"][0]["url"], push);
        assert_eq!(promtail["config"]["clients"].as_array().unwrap().len(), 1);

        let alloy = with_alloy(tree);
        let of_alloy = alloy.file("observability-addons/alloy-logs/values.yaml");
        assert_eq!(of_alloy["controller"]["type"], "daemonset");
        for tolerations in [&promtail["tolerations"], &of_alloy["controller"]["tolerations"]] {
            assert_eq!(*tolerations, serde_json::json!([{"operator": "Exists"}]), "nodes with taints have logs, too");
        }
        let mounts = promtail["defaultVolumeMounts"].as_array().unwrap();
        for mounts in [mounts, of_alloy["alloy"]["mounts"]["extra"].as_array().unwrap()] {
            let pods = mounts.iter().find(|mount| mount["mountPath"] == "/var/log/pods").unwrap();
            assert_eq!(pods["readOnly"], true);
        }
    });
}

#[test]
fn x3_x4_the_deploy_order_warns_of_what_is_past_its_end_of_life() {
    everywhere(|tree| {
        let order = tree.text("deploy-order.txt");
        let told = order.split_once("Past their end of life").unwrap().1;
        assert!(told.contains("grafana-agent since 2025-11-01; instead observability.collector: alloy"), "{told}");
        assert!(told.contains("promtail since 2026-03-02; instead observability.collector: alloy"), "{told}");
        assert!(!with_alloy(tree).text("deploy-order.txt").contains("end of life"));
    });
}

#[test]
fn alloy_reads_secrets_only_by_name_and_not_at_all_on_every_node() {
    everywhere(|tree| {
        let alloy = with_alloy(tree);
        let rules = |component: &str| {
            let values = alloy.file(&format!("observability-addons/{component}/values.yaml"));
            let rules = values["rbac"]["rules"].as_array().unwrap().iter();
            rules.chain(values["rbac"]["clusterRules"].as_array().unwrap()).cloned().collect::<Vec<_>>()
        };
        for rule in rules("alloy-logs") {
            assert_eq!(rule["resources"], serde_json::json!(["pods"]));
        }
        for rule in rules("alloy") {
            if strings(&rule["resources"]).contains(&"secrets") {
                assert_eq!(strings(&rule["verbs"]), ["get"]);
            }
        }
    });
}
