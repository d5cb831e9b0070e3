//! The core add-ons: what other components and workloads build on.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::tree::{Tree, actions, changed, trees};
use crate::{everywhere, per_environment};

const TEMPLATE: &str = "core-addons/template.yaml";
const CERT_MANAGER: &str = "core-addons/cert-manager/values.yaml";
const SECRETS: &str = "core-addons/external-secrets/values.yaml";
const VOLUMES: &str = "core-addons/aws-ebs-csi-driver/values.yaml";

/// The statements of a role's policies, by their Sid.
pub(crate) fn statements<'a>(tree: &'a Tree, template: &str, role: &str) -> BTreeMap<&'a str, &'a Value> {
    let policies = tree.resource(template, role)["Policies"].as_array().unwrap();
    let all = policies.iter().flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
    all.map(|statement| (statement["Sid"].as_str().unwrap(), statement)).collect()
}

pub(crate) fn wave(tree: &Tree, application: &str) -> i64 {
    let annotations = &tree.object("Application", application)["metadata"]["annotations"];
    annotations["argocd.argoproj.io/sync-wave"].as_str().unwrap().parse().unwrap()
}

#[test]
fn st3_the_stack_holds_its_components_and_their_roles() {
    everywhere(|tree| {
        for component in ["cert-manager", "external-secrets", "reloader", "metrics-server", "aws-ebs-csi-driver"] {
            assert!(tree.files.contains_key(&format!("core-addons/{component}/values.yaml")), "{component}");
            let application = tree.object("Application", component);
            assert_eq!(application["metadata"]["labels"]["app.kubernetes.io/part-of"], "core-addons");
        }
        let roles: Vec<_> = tree.resources(TEMPLATE, "AWS::IAM::Role").iter().map(|(id, _)| *id).collect();
        assert_eq!(roles, ["CertManagerRole", "ExternalSecretsRole", "EbsCsiRole"]);
        let order = tree.text("deploy-order.txt");
        let place = |stack: &str| order.find(&format!("    {stack}/deployment.yaml")).unwrap();
        assert!(place("cluster/nodes") < place("core-addons"), "after ST2");
        assert!(place("core-addons") < place("operations-addons"), "ST7 is after ST3");
    });
}

#[test]
fn sn8_core_components_run_on_the_system_nodes() {
    everywhere(|tree| {
        let (cert_manager, volumes) = (tree.file(CERT_MANAGER), tree.file(VOLUMES));
        let metrics = tree.file("core-addons/metrics-server/values.yaml");
        let placed = [
            ("cert-manager", cert_manager),
            ("its webhook", &cert_manager["webhook"]),
            ("its CA injector", &cert_manager["cainjector"]),
            ("its check", &cert_manager["startupapicheck"]),
            ("metrics-server", metrics),
            ("EBS CSI controller", &volumes["controller"]),
        ];
        for (what, values) in placed {
            assert_eq!(values["nodeSelector"]["node-role"], "system", "{what}");
            assert_eq!(values["tolerations"], json!([{"key": "CriticalAddonsOnly", "operator": "Exists"}]), "{what}");
        }
        assert_eq!(volumes["node"]["tolerateAllTaints"], true, "volumes are mounted on every node");
        // The chart writes this key beside ours: twice in one map, it stops Flux's renderer.
        let selector = volumes["controller"]["nodeSelector"].as_object().unwrap();
        assert_eq!(selector.keys().collect::<Vec<_>>(), ["node-role"]);
    });
}

#[test]
fn e2_the_default_storage_class_encrypts_by_the_key_of_volumes() {
    everywhere(|tree| {
        let class = tree.object("StorageClass", "gp3");
        assert_eq!(class["provisioner"], "ebs.csi.aws.com");
        let alias = &tree.resource("cluster/template.yaml", "VolumesKeyAlias")["AliasName"];
        assert_eq!(class["parameters"]["type"], "gp3");
        assert_eq!((&class["parameters"]["encrypted"], &class["parameters"]["kmsKeyId"]), (&json!("true"), alias));
        assert_eq!(class["volumeBindingMode"], "WaitForFirstConsumer");
        assert_eq!(class["allowVolumeExpansion"], true);
    });
}

#[test]
fn there_is_exactly_one_default_storage_class() {
    everywhere(|tree| {
        let default = |o: &Value| o["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true";
        let classes = tree.objects().filter(|(_, object)| object["kind"] == "StorageClass");
        assert_eq!(classes.filter(|(_, class)| default(class)).count(), 1);
        assert_eq!(tree.file(VOLUMES)["defaultStorageClass"]["enabled"], false, "the chart would add another");
    });
}

#[test]
fn e2_the_driver_uses_the_key_of_volumes_and_only_volumes_of_its_cluster() {
    everywhere(|tree| {
        let cluster = tree.cluster();
        let statements = statements(tree, TEMPLATE, "EbsCsiRole");
        let key = json!({"Fn::ImportValue": format!("{cluster}-cluster-VolumesKey")});
        for sid in ["UseVolumesKey", "GrantVolumesKey"] {
            assert_eq!(statements[sid]["Resource"], key);
        }
        assert_eq!(statements["GrantVolumesKey"]["Condition"]["Bool"], json!({"kms:GrantIsForAWSResource": "true"}));
        for (sid, statement) in statements {
            let changes = actions(statement).iter().any(|a| a.starts_with("ec2:") && !a.starts_with("ec2:Describe"));
            if changes && sid != "TagWhileMaking" {
                let equals = &statement["Condition"]["StringEquals"];
                assert!(equals.as_object().unwrap().keys().any(|key| key.contains("Tag/")), "{sid}: {equals}");
                assert!(equals.to_string().contains(&cluster), "{sid} is not bounded to the cluster");
            }
        }
        let controller = &tree.file(VOLUMES)["controller"];
        assert_eq!(controller["k8sTagClusterId"], cluster, "the tag that those statements ask for");
        assert_eq!(controller["extraVolumeTags"]["Environment"], tree.environment);
    });
}

#[test]
fn pods_without_instance_metadata_are_told_what_it_would_say() {
    everywhere(|tree| {
        let values = tree.file(VOLUMES);
        assert_eq!(values["controller"]["region"], "eu-central-1");
        assert_eq!(values["node"]["metadataSources"], "kubernetes");
        assert!(values["node"]["reservedVolumeAttachments"].as_u64().unwrap() >= 2, "Bottlerocket has two disks");
    });
}

#[test]
fn e6_certificates_come_from_lets_encrypt_by_records_in_the_zone() {
    let servers = [
        ("letsencrypt-staging", "https://acme-staging-v02.api.letsencrypt.org/directory"),
        ("letsencrypt-production", "https://acme-v02.api.letsencrypt.org/directory"),
    ];
    everywhere(|tree| {
        let zone = &tree.resource("network/template.yaml", "HostedZone")["Name"];
        for (name, server) in servers {
            let acme = &tree.object("ClusterIssuer", name)["spec"]["acme"];
            assert_eq!(acme["server"], server);
            let solver = &acme["solvers"][0];
            assert_eq!(solver["selector"]["dnsZones"], json!([zone]));
            let route53 = solver["dns01"]["route53"].as_object().unwrap();
            assert_eq!(route53.keys().collect::<Vec<_>>(), ["region"], "credentials come by Pod Identity");
        }
        let certificate = &tree.object("Certificate", "wildcard")["spec"];
        assert_eq!(certificate["dnsNames"], json!([zone, format!("*.{}", zone.as_str().unwrap())]));
        assert_eq!(tree.file(CERT_MANAGER)["crds"]["enabled"], true);
    });
    per_environment(["letsencrypt-staging", "letsencrypt-production", "letsencrypt-production"], |tree| {
        let issuer = tree.object("Certificate", "wildcard")["spec"]["issuerRef"]["name"].as_str().unwrap();
        tree.object("ClusterIssuer", issuer);
        if issuer.ends_with("staging") { "letsencrypt-staging" } else { "letsencrypt-production" }
    });
}

#[test]
fn e6_cert_manager_may_write_challenges_into_the_platforms_zone_only() {
    everywhere(|tree| {
        let statements = statements(tree, TEMPLATE, "CertManagerRole");
        let write = statements["WriteChallenges"];
        assert_eq!(actions(write), ["route53:ChangeResourceRecordSets"]);
        let zone = format!("{}-network-HostedZoneId", tree.cluster());
        for sid in ["ReadRecords", "WriteChallenges"] {
            assert_eq!(statements[sid]["Resource"]["Fn::Sub"][1]["HostedZoneId"], json!({"Fn::ImportValue": zone}));
        }
        let only = &write["Condition"];
        assert_eq!(only["ForAllValues:StringEquals"]["route53:ChangeResourceRecordSetsRecordTypes"], json!(["TXT"]));
        let names = &only["ForAllValues:StringLike"]["route53:ChangeResourceRecordSetsNormalizedRecordNames"];
        assert_eq!(*names, json!(["_acme-challenge.*"]));
    });
}

#[test]
fn nothing_waits_for_the_certificate_that_waits_for_people() {
    everywhere(|tree| {
        let last = wave(tree, "cert-manager-certificates");
        for (_, application) in tree.objects().filter(|(_, object)| object["kind"] == "Application") {
            let name = application["metadata"]["name"].as_str().unwrap();
            // The root only ends its own sync with it.
            assert!(["cert-manager-certificates", "root"].contains(&name) || wave(tree, name) < last, "{name}");
        }
    });
}

#[test]
fn webhooks_have_certificates_of_cert_manager_and_come_after_its_issuers() {
    everywhere(|tree| {
        let secrets = tree.file(SECRETS);
        let issuer = &secrets["webhook"]["certManager"]["cert"]["issuerRef"];
        assert_eq!(*issuer, json!({"kind": "ClusterIssuer", "name": "selfsigned"}));
        assert!(tree.object("ClusterIssuer", "selfsigned")["spec"]["selfSigned"].is_object());
        assert_eq!(secrets["certController"]["create"], false, "it could write every secret");
        let metrics = tree.file("core-addons/metrics-server/values.yaml");
        assert_eq!(metrics["tls"]["type"], "cert-manager", "`helm` would make a certificate in every diff");
        assert_eq!(metrics["apiService"]["insecureSkipTLSVerify"], false);
        let issuers = wave(tree, "cert-manager-issuers");
        assert!(wave(tree, "cert-manager") < issuers);
        for client in ["external-secrets", "metrics-server"] {
            assert!(issuers < wave(tree, client), "{client}");
        }
    });
    let without = changed("prod", &["addons.cert-manager.enabled=false"]);
    assert_eq!(without.file(SECRETS)["webhook"].get("certManager"), None);
    assert_eq!(without.file(SECRETS)["certController"]["create"], true);
    assert_eq!(without.file("core-addons/metrics-server/values.yaml").get("tls"), None);
}

#[test]
fn stores_read_secrets_and_parameters_that_are_named_after_the_cluster() {
    everywhere(|tree| {
        for (name, service) in [("secrets-manager", "SecretsManager"), ("parameter-store", "ParameterStore")] {
            let aws = &tree.object("ClusterSecretStore", name)["spec"]["provider"]["aws"];
            assert_eq!(*aws, json!({"service": service, "region": "eu-central-1"}), "credentials by Pod Identity");
        }
        // The role may read all that is named after the cluster, so workloads get stores that may not.
        let platform = &tree.object("ClusterSecretStore", "parameter-store")["spec"]["conditions"];
        let label = &platform[0]["namespaceSelector"]["matchLabels"]["app.kubernetes.io/part-of"];
        assert_eq!(tree.object("Namespace", "monitoring")["metadata"]["labels"]["app.kubernetes.io/part-of"], *label);
        assert_ne!(tree.object("Namespace", "shop")["metadata"]["labels"]["app.kubernetes.io/part-of"], *label);
        for (name, slash) in [("secrets-manager", ""), ("parameter-store", "/")] {
            let store = tree.file(&format!("networking-addons/workloads/shop/secretstore-{name}.yaml"));
            let prefix = &store["spec"]["provider"]["aws"]["prefix"];
            assert_eq!(*prefix, format!("{slash}{}/shop/", tree.cluster()));
        }
        let statements = statements(tree, TEMPLATE, "ExternalSecretsRole");
        let cluster = tree.cluster();
        let place = |sid: &str| statements[sid]["Resource"]["Fn::Sub"].as_str().unwrap().to_owned();
        assert!(place("ReadSecrets").ends_with(&format!(":secret:{cluster}/*")));
        assert!(place("ReadParameters").ends_with(&format!(":parameter/{cluster}/*")));
        assert_eq!(actions(statements["Decrypt"]), ["kms:Decrypt"]);
        let via = &statements["Decrypt"]["Condition"]["StringEquals"]["kms:ViaService"];
        assert_eq!(
            *via,
            json!([
                {"Fn::Sub": "secretsmanager.${AWS::Region}.amazonaws.com"},
                {"Fn::Sub": "ssm.${AWS::Region}.amazonaws.com"},
            ])
        );
        for statement in statements.values() {
            assert!(actions(statement).iter().all(|action| !action.contains("Put")), "it reads only");
        }
    });
}

#[test]
fn several_controllers_of_secrets_elect_one() {
    per_environment([(1, false), (2, true), (2, true)], |tree| {
        let values = tree.file(SECRETS);
        (values["replicaCount"].as_u64().unwrap(), values["leaderElect"].as_bool().unwrap())
    });
}

#[test]
fn more_than_one_replica_has_a_disruption_budget_and_is_spread_and_one_replica_can_be_moved() {
    let reloader = "core-addons/reloader/values.yaml";
    let metrics = "core-addons/metrics-server/values.yaml";
    everywhere(|tree| {
        let (cert_manager, secrets) = (tree.file(CERT_MANAGER), tree.file(SECRETS));
        let reloader = &tree.file(reloader)["reloader"];
        let sets = [
            ("cert-manager", &cert_manager["replicaCount"], cert_manager, cert_manager),
            (
                "its webhook",
                &cert_manager["webhook"]["replicaCount"],
                &cert_manager["webhook"],
                &cert_manager["webhook"],
            ),
            ("external-secrets", &secrets["replicaCount"], secrets, secrets),
            ("its webhook", &secrets["webhook"]["replicaCount"], &secrets["webhook"], &secrets["webhook"]),
            ("metrics-server", &tree.file(metrics)["replicas"], tree.file(metrics), tree.file(metrics)),
            ("reloader", &reloader["deployment"]["replicas"], reloader, &reloader["deployment"]),
        ];
        for (what, replicas, budget, spread) in sets {
            let several = replicas.as_u64().unwrap() > 1;
            assert_eq!(budget["podDisruptionBudget"]["enabled"] == true, several, "{what} of {}", tree.environment);
            assert_eq!(spread["topologySpreadConstraints"].is_array(), several, "{what} of {}", tree.environment);
        }
    });
}

#[test]
fn reloader_asks_for_a_restart_in_a_way_that_gitops_does_not_take_back() {
    everywhere(|tree| {
        let reloader = &tree.file("core-addons/reloader/values.yaml")["reloader"];
        assert_eq!(reloader["reloadStrategy"], "annotations");
        let security = &reloader["deployment"]["containerSecurityContext"];
        assert_eq!(security["capabilities"]["drop"], json!(["ALL"]));
        assert!(reloader["deployment"]["resources"]["limits"]["memory"].is_string());
    });
}

#[test]
fn kinds_of_monitors_come_before_whoever_makes_one() {
    everywhere(|tree| {
        let crds = &tree.file("core-addons/prometheus-operator-crds/values.yaml")["crds"];
        for kind in ["servicemonitors", "podmonitors", "prometheusrules"] {
            assert_eq!(crds[kind]["enabled"], true, "{kind}");
        }
        let first = wave(tree, "prometheus-operator-crds");
        assert!(wave(tree, "cilium") < first);
        for other in ["cert-manager", "external-secrets", "reloader", "metrics-server", "karpenter", "velero"] {
            assert!(first < wave(tree, other), "{other}");
        }
    });
}

#[test]
fn without_the_kinds_of_monitors_no_chart_makes_one() {
    let off = changed("prod", &["addons.prometheus-operator-crds.enabled=false"]);
    let monitors = |tree: &Tree| {
        [
            &tree.file(CERT_MANAGER)["prometheus"]["servicemonitor"]["enabled"],
            &tree.file(SECRETS)["serviceMonitor"]["enabled"],
            &tree.file(VOLUMES)["controller"]["serviceMonitor"]["forceEnable"],
            &tree.file("core-addons/metrics-server/values.yaml")["serviceMonitor"]["enabled"],
            &tree.file("core-addons/reloader/values.yaml")["reloader"]["podMonitor"]["enabled"],
            &tree.file("operations-addons/karpenter/values.yaml")["serviceMonitor"]["enabled"],
            &tree.file("operations-addons/velero/values.yaml")["metrics"]["serviceMonitor"]["enabled"],
            &tree.file("operations-addons/vpa/values.yaml")["recommender"]["podMonitor"]["enabled"],
        ]
        .map(|value| value.as_bool().unwrap())
    };
    assert_eq!(monitors(&trees()[2]), [true; 8]);
    assert_eq!(monitors(&off), [false; 8]);
}
