//! The observability stack: where metrics, logs and traces are kept, and who may write them.

use serde_json::{Value, json};

use crate::settings::refused;
use crate::tree::{Tree, actions, changed, strings, trees, with_alloy};
use crate::{everywhere, per_environment};

const TEMPLATE: &str = "observability-addons/template.yaml";
const LOKI: &str = "observability-addons/loki/values.yaml";
const TEMPO: &str = "observability-addons/tempo/values.yaml";
const AGENT: &str = "observability-addons/grafana-agent/values.yaml";
const ALLOY: &str = "observability-addons/alloy/values.yaml";

/// The only bucket whose name says this purpose.
fn bucket<'a>(tree: &'a Tree, purpose: &str) -> &'a Value {
    let prefix = format!("{}-{purpose}-", tree.cluster());
    let buckets = tree.resources(TEMPLATE, "AWS::S3::Bucket");
    let mut named = buckets.iter().filter(|(_, b)| b["BucketName"].as_str().unwrap().starts_with(&prefix));
    let found = named.next().unwrap_or_else(|| panic!("no bucket {prefix}… in {}", tree.environment)).1;
    assert!(named.next().is_none(), "two buckets {prefix}…");
    found
}

/// The statements of the role that a service account of a component takes over.
fn statements<'a>(tree: &'a Tree, account: &str) -> &'a Vec<Value> {
    let identities = tree.resources(TEMPLATE, "AWS::EKS::PodIdentityAssociation");
    let of_account: Vec<_> = identities.iter().filter(|(_, i)| i["ServiceAccount"] == account).collect();
    assert_eq!(of_account.len(), 1, "{account}");
    let identity = of_account[0].1;
    assert_eq!((&identity["Namespace"], &identity["ClusterName"]), (&json!("monitoring"), &json!(tree.cluster())));
    let role = tree.resource(TEMPLATE, identity["RoleArn"]["Fn::GetAtt"][0].as_str().unwrap());
    assert_eq!(role["RoleName"], format!("{}-{account}", tree.cluster()));
    assert_eq!(role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"], "pods.eks.amazonaws.com");
    assert_eq!(role["Policies"].as_array().unwrap().len(), 1);
    role["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap()
}

#[test]
fn st6_a_workspace_two_buckets_and_a_role_for_each_service_account() {
    everywhere(|tree| {
        for tree in [tree, with_alloy(tree)] {
            assert_eq!(tree.resources(TEMPLATE, "AWS::APS::Workspace").len(), 1);
            assert_eq!(tree.resources(TEMPLATE, "AWS::S3::Bucket").len(), 2);
            assert_eq!(tree.resources(TEMPLATE, "AWS::IAM::Role").len(), 3);
            assert_eq!(tree.resources(TEMPLATE, "AWS::EKS::PodIdentityAssociation").len(), 3);
        }
    });
}

#[test]
fn f3_metrics_go_to_the_workspace_and_nowhere_else() {
    everywhere(|tree| {
        for (tree, account, values) in [(tree, "grafana-agent", AGENT), (with_alloy(tree), "alloy", ALLOY)] {
            assert_eq!(tree.file(values)["serviceAccount"]["name"], account);
            let [write] = statements(tree, account).as_slice() else { panic!("{account} may do more than one thing") };
            assert_eq!(write["Resource"], json!({"Fn::GetAtt": ["Workspace", "Arn"]}));
            assert_eq!(
                actions(write),
                ["aps:GetLabels", "aps:GetMetricMetadata", "aps:GetSeries", "aps:RemoteWrite"],
                "writing, and reading what is known of series; no samples"
            );
        }
    });
}

#[test]
fn the_address_of_the_workspace_is_bound_after_deployment() {
    everywhere(|tree| {
        let parameter = tree.resource(TEMPLATE, "RemoteWriteUrl");
        assert_eq!(parameter["Value"]["Fn::Sub"], "${Workspace.PrometheusEndpoint}api/v1/remote_write");

        let brought = tree.object("ExternalSecret", "amp-remote-write");
        assert_eq!(brought["metadata"]["namespace"], "monitoring");
        let data = brought["spec"]["data"].as_array().unwrap();
        assert_eq!(data.len(), 1);
        assert_eq!(data[0]["remoteRef"]["key"], parameter["Name"]);
        let store = &brought["spec"]["secretStoreRef"];
        assert_eq!(store["kind"], "ClusterSecretStore");
        let store = tree.object("ClusterSecretStore", store["name"].as_str().unwrap());
        assert_eq!(store["spec"]["provider"]["aws"]["service"], "ParameterStore");

        for (values, program) in [(tree.file(AGENT), "agent"), (with_alloy(tree).file(ALLOY), "alloy")] {
            let env = values[program]["extraEnv"].as_array().unwrap();
            let url = env.iter().find(|variable| variable["name"] == "AMP_REMOTE_WRITE_URL").unwrap();
            let secret = &url["valueFrom"]["secretKeyRef"];
            assert_eq!(secret["name"], brought["spec"]["target"]["name"]);
            assert_eq!(secret["key"], data[0]["secretKey"]);
            assert_eq!(
                values["controller"]["extraAnnotations"]["secret.reloader.stakater.com/reload"], secret["name"],
                "a variable is read at start only"
            );
        }
        for (path, text) in tree.files.iter().filter(|(path, _)| path.ends_with("values.yaml")) {
            assert!(!text.contains("aps-workspaces"), "{path} knows the address");
        }
    });
}

#[test]
fn f4_f5_each_store_has_its_own_bucket_and_nothing_but_that() {
    everywhere(|tree| {
        let stores = [
            ("loki", &tree.file(LOKI)["loki"]["storage"]["bucketNames"]["chunks"], LOKI),
            ("tempo", &tree.file(TEMPO)["tempo"]["storage"]["trace"]["s3"]["bucket"], TEMPO),
        ];
        for (store, used, values) in stores {
            assert_eq!(*used, bucket(tree, store)["BucketName"]);
            assert_eq!(tree.file(values)["serviceAccount"]["name"], store);
            let arn = format!("arn:${{AWS::Partition}}:s3:::{}", used.as_str().unwrap());
            let statements = statements(tree, store);
            assert_eq!(statements.len(), 2);
            for statement in statements {
                assert!(actions(statement).iter().all(|action| action.starts_with("s3:") && !action.contains('*')));
                let resource = statement["Resource"]["Fn::Sub"].as_str().unwrap();
                assert!(resource == arn || resource == format!("{arn}/*"), "{store}: {resource}");
            }
        }
        assert_eq!(tree.file(LOKI)["loki"]["storage"]["s3"]["region"], "eu-central-1");
        assert_eq!(tree.file(TEMPO)["tempo"]["storage"]["trace"]["backend"], "s3");
    });
}

#[test]
fn f5_tempo_receives_otlp_and_nothing_else() {
    everywhere(|tree| {
        // The chart's own `jaeger` stays: its templates read below it, so that `null` there is an error of Helm.
        let receivers = tree.file(TEMPO)["tempo"]["receivers"].as_object().unwrap();
        assert_eq!(receivers.keys().collect::<Vec<_>>(), ["otlp"]);
        let protocols = &receivers["otlp"]["protocols"];
        assert_eq!(protocols["grpc"]["endpoint"], "0.0.0.0:4317");
        assert_eq!(protocols["http"]["endpoint"], "0.0.0.0:4318");
        // What else listens is closed to everybody outside the namespace.
        let rules = tree.object("CiliumNetworkPolicy", "tempo-ingress")["spec"]["ingress"].as_array().unwrap();
        for rule in rules.iter().filter(|rule| rule["fromEndpoints"] != json!([{}])) {
            let ports: Vec<_> =
                rule["toPorts"][0]["ports"].as_array().unwrap().iter().map(|port| &port["port"]).collect();
            assert_eq!(ports, ["4317", "4318"]);
        }
    });
}

#[test]
fn f5_workloads_may_send_traces_though_their_namespace_is_closed() {
    everywhere(|tree| {
        let mut seen = 0;
        for (path, policy) in tree.objects().filter(|(path, _)| path.ends_with("/allow-platform.yaml")) {
            let rules = policy["spec"]["egress"].as_array().unwrap();
            let to_tempo = json!([{
                "matchLabels": {"k8s:io.kubernetes.pod.namespace": "monitoring", "app.kubernetes.io/name": "tempo"},
            }]);
            let rule = rules.iter().find(|rule| rule["toEndpoints"] == to_tempo);
            let rule = rule.unwrap_or_else(|| panic!("{path}: {rules:?}"));
            let ports: Vec<_> = rule["toPorts"][0]["ports"].as_array().unwrap().iter().map(|p| &p["port"]).collect();
            assert_eq!(ports, ["4317", "4318"]);
            seen += 1;
        }
        assert!(seen > 0);
    });
}

#[test]
fn ha4_loki_replicas_with_a_replication_factor_equal_to_them() {
    per_environment([1, 1, 3], |tree| {
        let values = tree.file(LOKI);
        assert_eq!(values["deploymentMode"], "Monolithic");
        let replicas = &values["singleBinary"]["replicas"];
        assert_eq!(values["loki"]["commonConfig"]["replication_factor"], *replicas);
        // The chart refuses to render with replicas of another mode.
        for other in ["read", "write", "backend"] {
            assert_eq!(values[other]["replicas"], 0);
        }
        replicas.as_u64().unwrap()
    });
    let prod = &trees()[2].file(LOKI)["singleBinary"];
    assert_eq!(prod["podDisruptionBudget"]["maxUnavailable"], 1);
    assert_eq!(prod["topologySpreadConstraints"][0]["whenUnsatisfiable"], "ScheduleAnyway");
    // A budget for one pod would keep its node from ever being drained.
    assert_eq!(trees()[0].file(LOKI)["singleBinary"].get("podDisruptionBudget"), None);
    assert!(refused(&["addons.loki.replicas=2"]).contains("addons.loki.replicas"));
}

#[test]
fn logs_are_kept_7_30_and_90_days() {
    per_environment([7, 30, 90], |tree| {
        let loki = &tree.file(LOKI)["loki"];
        // Without both, the period is configured and nothing is ever deleted.
        assert_eq!(loki["compactor"], json!({"retention_enabled": true, "delete_request_store": "s3"}));
        hours(&loki["limits_config"]["retention_period"]) / 24
    });
}

#[test]
fn traces_are_kept_3_7_and_30_days() {
    per_environment([3, 7, 30], |tree| hours(&tree.file(TEMPO)["tempo"]["retention"]) / 24);
}

#[test]
fn the_log_of_the_workspace_is_kept_7_30_and_90_days() {
    per_environment([7, 30, 90], |tree| {
        let workspace = tree.resource(TEMPLATE, "Workspace");
        assert_eq!(
            workspace["LoggingConfiguration"]["LogGroupArn"],
            json!({"Fn::GetAtt": ["WorkspaceLogGroup", "Arn"]})
        );
        assert_eq!(workspace["WorkspaceConfiguration"]["RetentionPeriodInDays"], 150);
        tree.resource(TEMPLATE, "WorkspaceLogGroup")["RetentionInDays"].as_u64().unwrap()
    });
}

#[test]
fn a_bucket_keeps_its_objects_longer_than_its_store_does() {
    everywhere(|tree| {
        let kept = [
            ("loki", hours(&tree.file(LOKI)["loki"]["limits_config"]["retention_period"])),
            ("tempo", hours(&tree.file(TEMPO)["tempo"]["retention"])),
        ];
        for (store, hours) in kept {
            let rules = bucket(tree, store)["LifecycleConfiguration"]["Rules"].as_array().unwrap();
            let days = rules.iter().find_map(|rule| rule["ExpirationInDays"].as_u64()).unwrap();
            assert!(days * 24 > hours, "{store}: S3 deletes after {days} days what is kept for {hours} hours");
        }
    });
    assert!(refused(&["observability.retention.bucketGraceDays=0"]).contains("bucketGraceDays"));
}

fn hours(duration: &Value) -> u64 {
    duration.as_str().unwrap().strip_suffix('h').unwrap().parse().unwrap()
}

#[test]
fn loki_writes_schema_v13_from_a_day_that_yaml_does_not_take_for_a_date() {
    everywhere(|tree| {
        let configs = tree.file(LOKI)["loki"]["schemaConfig"]["configs"].as_array().unwrap();
        assert_eq!(configs.len(), 1);
        assert_eq!((&configs[0]["store"], &configs[0]["schema"]), (&json!("tsdb"), &json!("v13")));
        // Helm's YAML reader would make a point in time of an unquoted day.
        assert!(tree.text(LOKI).contains("from: \"2025-01-01\""));
    });
}

#[test]
fn loki_comes_without_the_parts_that_are_not_needed() {
    everywhere(|tree| {
        let values = tree.file(LOKI);
        for part in ["gateway", "lokiCanary", "ruler", "test"] {
            assert_eq!(values[part]["enabled"], false, "{part}");
        }
        assert_eq!(values["sidecar"]["rules"]["enabled"], false);
        assert_eq!(values.get("minio"), None, "off in the chart");
        assert_eq!(values["loki"]["auth_enabled"], false);
    });
    // The chart's own default would be 8 GiB for each of them.
    let sizes = |cache: &'static str| {
        move |tree: &Tree| {
            let cache = &tree.file(LOKI)[cache];
            assert_eq!(cache["enabled"], cache.get("allocatedMemory").is_some());
            cache["allocatedMemory"].as_u64()
        }
    };
    per_environment([None, Some(512), Some(2048)], sizes("chunksCache"));
    per_environment([None, Some(128), Some(512)], sizes("resultsCache"));
}

#[test]
fn stores_run_where_nodes_are_not_taken_away_within_minutes() {
    everywhere(|tree| {
        let on_demand = json!({"karpenter.sh/capacity-type": "on-demand"});
        assert_eq!(tree.file(LOKI)["singleBinary"]["nodeSelector"], on_demand);
        assert_eq!(tree.file(TEMPO)["nodeSelector"], on_demand);
        assert_eq!(tree.file(TEMPO)["podAnnotations"]["karpenter.sh/do-not-disrupt"], "true");
        assert_eq!(tree.file(TEMPO)["persistence"]["enabled"], true);
        let pools: Vec<_> = tree.objects().filter(|(_, object)| object["kind"] == "NodePool").collect();
        assert!(pools.iter().any(|(_, pool)| {
            let requirements = pool["spec"]["template"]["spec"]["requirements"].as_array().unwrap();
            requirements
                .iter()
                .any(|r| r["key"] == "karpenter.sh/capacity-type" && strings(&r["values"]).contains(&"on-demand"))
        }));
    });
    assert!(refused(&["karpenter.nodePools[name=general].capacityTypes=[spot]"]).contains("on-demand"));
    assert!(refused(&["addons.karpenter.enabled=false"]).contains("addons.loki and addons.tempo need Karpenter"));
    assert!(refused(&["addons.external-secrets.enabled=false"]).contains("which brings the address of AMP"));
}

#[test]
fn every_component_of_the_stack_is_measured_itself() {
    everywhere(|tree| {
        for tree in [tree, with_alloy(tree)] {
            let mut seen = 0;
            for (path, values) in tree.documents() {
                let Some(name) = path.strip_prefix("observability-addons/") else { continue };
                let Some(component) = name.strip_suffix("/values.yaml") else { continue };
                let monitor = match component {
                    "loki" => &values["monitoring"]["serviceMonitor"],
                    "kube-state-metrics" | "prometheus-node-exporter" => &values["prometheus"]["monitor"],
                    _ => &values["serviceMonitor"],
                };
                assert_eq!(monitor["enabled"], true, "{component}");
                seen += 1;
            }
            assert_eq!(seen, 6);
        }
        let coredns = &tree.object("PodMonitor", "coredns")["spec"];
        assert_eq!(coredns["namespaceSelector"]["matchNames"], json!(["kube-system"]));
        assert_eq!(coredns["selector"]["matchLabels"], json!({"k8s-app": "kube-dns"}));
    });
}

#[test]
fn nothing_is_reported_to_the_makers() {
    everywhere(|tree| {
        assert_eq!(tree.file(LOKI)["loki"]["analytics"]["reporting_enabled"], false);
        assert_eq!(tree.file(TEMPO)["tempo"]["reportingEnabled"], false);
        assert_eq!(tree.file(AGENT)["agent"]["enableReporting"], false);
        let alloy = with_alloy(tree);
        for values in [ALLOY, "observability-addons/alloy-logs/values.yaml"] {
            assert_eq!(alloy.file(values)["alloy"]["enableReporting"], false);
        }
    });
}

#[test]
fn stores_that_are_turned_off_take_their_buckets_along() {
    let off = changed("prod", &["addons.tempo.enabled=false", "addons.loki.enabled=false"]);
    assert!(off.resources(TEMPLATE, "AWS::S3::Bucket").is_empty());
    assert!(off.resources(TEMPLATE, "AWS::S3::BucketPolicy").is_empty());
    assert!(!off.objects().any(|(path, _)| path.ends_with("-ingress.yaml") && path.contains("/monitoring/")));
}

/// The sources and ports that a policy lets in; no port means all.
fn admitted(tree: &Tree, policy: &str) -> Vec<(Value, Vec<String>)> {
    let rules = tree.object("CiliumNetworkPolicy", policy)["spec"]["ingress"].as_array().unwrap();
    rules
        .iter()
        .map(|rule| {
            let from = rule.get("fromEndpoints").or_else(|| rule.get("fromEntities")).unwrap();
            let ports = rule.get("toPorts").map_or(Vec::new(), |to| to[0]["ports"].as_array().unwrap().clone());
            (from.clone(), ports.iter().map(|port| port["port"].as_str().unwrap().to_owned()).collect())
        })
        .collect()
}

#[test]
fn stores_without_a_password_are_read_from_named_namespaces_only() {
    everywhere(|tree| {
        let same_namespace = (json!([{}]), Vec::new());
        let otlp = (json!(["cluster"]), vec!["4317".to_owned(), "4318".to_owned()]);
        assert_eq!(admitted(tree, "tempo-ingress"), [same_namespace.clone(), otlp]);
        assert_eq!(admitted(tree, "loki-ingress"), [same_namespace]);
        for store in ["loki", "tempo"] {
            let policy = tree.object("CiliumNetworkPolicy", &format!("{store}-ingress"));
            assert_eq!(policy["spec"]["endpointSelector"]["matchLabels"]["app.kubernetes.io/name"], store);
        }
    });
    let read = changed("prod", &["observability.readers=[grafana]"]);
    let grafana = json!([{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "grafana"}}]);
    assert!(admitted(&read, "loki-ingress").contains(&(grafana.clone(), vec!["3100".to_owned()])));
    assert!(admitted(&read, "tempo-ingress").contains(&(grafana, vec!["3200".to_owned()])));
}
