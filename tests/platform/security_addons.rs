//! Falco, Falco Talon, Trivy Operator and Kyverno themselves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::settings::refused;
use crate::tree::{Tree, actions, changed, strings, trees};
use crate::{everywhere, per_environment};

const FALCO: &str = "security-addons/falco/values.yaml";
const KYVERNO: &str = "security-addons/kyverno/values.yaml";
const TALON: &str = "security-addons/falco-talon/values.yaml";
const TEMPLATE: &str = "security-addons/template.yaml";
const TRIVY: &str = "security-addons/trivy-operator/values.yaml";

fn tolerates_the_system_taint(tolerations: &Value) -> bool {
    tolerations.as_array().unwrap().iter().any(|toleration| {
        toleration["operator"] == "Exists"
            && (toleration.get("key").is_none() || toleration["key"] == "CriticalAddonsOnly")
    })
}

#[test]
fn st5_the_stack_holds_its_components_and_their_roles() {
    everywhere(|tree| {
        for component in ["falco", "kyverno", "trivy-operator"] {
            let application = tree.object("Application", component);
            assert_eq!(application["metadata"]["labels"]["app.kubernetes.io/part-of"], "security-addons");
            assert!(tree.files.contains_key(&format!("security-addons/{component}/values.yaml")));
        }
        assert!(tree.text("deploy-order.txt").contains("security-addons/deployment.yaml"));
    });
}

#[test]
fn x7_falco_sees_by_the_modern_probe_on_every_node() {
    everywhere(|tree| {
        let values = tree.file(FALCO);
        assert_eq!(values["controller"]["kind"], "daemonset");
        assert_eq!(values["driver"]["kind"], "modern_ebpf");
        assert!(values["driver"]["modernEbpf"].is_object());
        assert_eq!(values["tolerations"], json!([{"operator": "Exists"}]), "every node, whatever its taints");
        assert_eq!(values.get("nodeSelector"), None);
        assert!(strings(&values["falco"]["rules_files"]).contains(&"/etc/falco/falco_rules.yaml"));
        // Rules change with a commit only.
        assert_eq!(values["falcoctl"]["artifact"]["follow"]["enabled"], false);
        assert_eq!(values["falcoctl"]["config"]["artifact"]["install"]["refs"], json!(["falco-rules:5.0.0"]));
    });
}

#[test]
fn falco_hands_its_events_to_falcosidekick() {
    everywhere(|tree| {
        let values = tree.file(FALCO);
        // The chart turns JSON and the output by HTTP on then.
        assert_eq!(values["falcosidekick"]["enabled"], true);
        assert_eq!(values["falco"]["http_output"], json!({"url": "http://falco-falcosidekick.falco.svc:2801"}));
        let namespace = &tree.object("Application", "falco")["spec"]["destination"]["namespace"];
        assert_eq!(namespace, "falco", "the namespace in the address");
    });
}

#[test]
fn ff3_x7_in_kill_mode_falcosidekick_calls_talon() {
    let installed = |tree: &Tree| tree.files.contains_key(TALON);
    per_environment([false, false, true], installed);
    everywhere(|tree| {
        let address = tree.file(FALCO)["falcosidekick"]["config"]["talon"]["address"].as_str();
        if !installed(tree) {
            assert_eq!(address, None, "nobody would answer");
            return;
        }
        let talon = tree.file(TALON);
        let namespace = tree.object("Application", "falco-talon")["spec"]["destination"]["namespace"].as_str().unwrap();
        let port = &talon["service"]["port"];
        assert_eq!(address, Some(format!("http://falco-talon.{namespace}.svc:{port}").as_str()));
        assert_eq!(port, &talon["config"]["listenPort"]);
    });
}

#[test]
fn x7_talon_ends_pods_by_rules_that_falco_has_and_leaves_the_platform_alone() {
    let tree = &trees()[2];
    let rules: Value = serde_yaml::from_str(tree.file(TALON)["config"]["rulesOverride"].as_str().unwrap()).unwrap();
    assert_eq!(rules[0]["actionner"], "kubernetes:terminate");
    assert_eq!(rules[1]["actions"], json!([{"action": rules[0]["action"]}]));
    assert_eq!(
        strings(&rules[1]["match"]["rules"]),
        [
            "Terminal shell in container",
            "Read sensitive file untrusted",
            "Drop and execute new binary in container",
            "Redirect STDOUT/STDIN to Network Connection in Container",
            "Detect release_agent File Container Escapes",
        ]
    );
    // One item, so that every part of it must hold.
    let fields = strings(&rules[1]["match"]["output_fields"]);
    assert_eq!(fields.len(), 1);
    let spared: BTreeSet<_> = fields[0].split(", ").map(|f| f.strip_prefix("k8s.ns.name!=").unwrap()).collect();
    for namespace in ["argocd", "falco", "karpenter", "kube-system", "kyverno", "monitoring", "trivy-system", "velero"]
    {
        assert!(spared.contains(namespace), "{namespace}");
    }
}

#[test]
fn talon_may_delete_pods_and_nothing_else() {
    for (resource, verbs) in trees()[2].file(TALON)["rbac"].as_object().unwrap() {
        if strings(verbs).contains(&"delete") {
            assert_eq!(resource, "pods");
        }
    }
    assert_eq!(trees()[2].file(TALON)["rbac"]["secrets"], json!([]));
}

#[test]
fn ha5_two_talons_of_which_one_acts() {
    // The chart always lets them elect a leader.
    assert_eq!(trees()[2].file(TALON)["replicaCount"], 2);
}

#[test]
fn ha3_kyverno_admission_replicas() {
    per_environment([1, 1, 3], |tree| tree.file(KYVERNO)["admissionController"]["replicas"].as_u64().unwrap());
    let prod = &trees()[2].file(KYVERNO)["admissionController"];
    assert_eq!(prod["podDisruptionBudget"], json!({"minAvailable": 2}));
    assert!(prod["topologySpreadConstraints"].is_array());
}

#[test]
fn exceptions_from_policies_stand_in_kyvernos_namespace_only() {
    everywhere(|tree| {
        let exceptions = &tree.file(KYVERNO)["features"]["policyExceptions"];
        assert_eq!(exceptions, &json!({"enabled": true, "namespace": "kyverno"}));
    });
}

#[test]
fn kyverno_resources_stand_where_the_chart_reads_them() {
    everywhere(|tree| {
        let values = tree.file(KYVERNO);
        let admission = &values["admissionController"];
        assert!(admission["container"]["resources"]["requests"]["memory"].is_string());
        assert_eq!(admission.get("resources"), None, "the chart ignores it");
        for controller in ["backgroundController", "cleanupController", "reportsController"] {
            assert!(values[controller]["resources"]["limits"]["memory"].is_string(), "{controller}");
        }
    });
}

#[test]
fn sn8_falco_and_kyverno_tolerate_the_system_taint() {
    everywhere(|tree| {
        assert!(tolerates_the_system_taint(&tree.file(FALCO)["tolerations"]));
        let kyverno = &tree.file(KYVERNO)["global"];
        assert!(tolerates_the_system_taint(&kyverno["tolerations"]));
        assert_eq!(kyverno["nodeSelector"]["node-role"], "system");
        for (path, values) in [(FALCO, &tree.file(FALCO)["falcosidekick"]), (TRIVY, tree.file(TRIVY))] {
            assert!(tolerates_the_system_taint(&values["tolerations"]), "{path}");
        }
    });
}

#[test]
fn x6_trivy_reports_the_severities_from_the_threshold_up() {
    everywhere(|tree| assert_eq!(tree.file(TRIVY)["trivy"]["severity"], "HIGH,CRITICAL"));
    for (threshold, reported) in [("CRITICAL", "CRITICAL"), ("LOW", "LOW,MEDIUM,HIGH,CRITICAL")] {
        let tree = changed("prod", &[&format!("security.images.severityThreshold={threshold}")]);
        assert_eq!(tree.file(TRIVY)["trivy"]["severity"], reported);
    }
}

#[test]
fn trivys_scanners_stand_where_the_chart_reads_them() {
    everywhere(|tree| {
        let values = tree.file(TRIVY);
        let operator = &values["operator"];
        for scanner in ["vulnerability", "configAudit", "rbacAssessment", "exposedSecret"] {
            assert_eq!(operator[format!("{scanner}ScannerEnabled")], true, "{scanner}");
        }
        // Their pods mount files of the node that Bottlerocket neither has nor lets anybody make.
        assert_eq!(operator["infraAssessmentScannerEnabled"], false);
        assert_eq!(operator["clusterComplianceEnabled"], false);
        assert_eq!(values["excludeNamespaces"], "kube-node-lease,kube-public,trivy-system");
        assert_eq!(operator.get("excludeNamespaces"), None, "the chart ignores it");
    });
}

#[test]
fn images_are_read_by_a_role_of_each_service_account() {
    everywhere(|tree| {
        let accounts = [
            (
                "KyvernoAdmission",
                "kyverno",
                &tree.file(KYVERNO)["admissionController"]["rbac"]["serviceAccount"]["name"],
            ),
            ("KyvernoReports", "kyverno", &tree.file(KYVERNO)["reportsController"]["rbac"]["serviceAccount"]["name"]),
            ("Trivy", "trivy-system", &tree.file(TRIVY)["serviceAccount"]["name"]),
        ];
        for (component, namespace, account) in accounts {
            let identity = tree.resource(TEMPLATE, &format!("{component}Identity"));
            assert_eq!((&identity["Namespace"], &identity["ServiceAccount"]), (&json!(namespace), account));
            let role = tree.resource(TEMPLATE, &format!("{component}Role"));
            let statements = role["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
            let allowed: BTreeSet<_> = statements.iter().flat_map(actions).collect();
            let reading = [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetAuthorizationToken",
                "ecr:GetDownloadUrlForLayer",
            ];
            assert_eq!(allowed, BTreeSet::from(reading), "{component}");
        }
    });
}

#[test]
fn every_component_of_the_stack_has_metrics() {
    everywhere(|tree| {
        assert_eq!(tree.file(FALCO)["serviceMonitor"]["create"], true);
        assert_eq!(tree.file(FALCO)["falcosidekick"]["serviceMonitor"]["enabled"], true);
        assert_eq!(tree.file(TRIVY)["serviceMonitor"]["enabled"], true);
        for controller in ["admission", "background", "cleanup", "reports"] {
            let values = &tree.file(KYVERNO)[format!("{controller}Controller")];
            assert_eq!(values["serviceMonitor"]["enabled"], true, "{controller}");
        }
    });
    assert_eq!(trees()[2].file(TALON)["serviceMonitor"]["enabled"], true);
}

#[test]
fn only_falco_reaches_what_ends_pods() {
    let guards = |tree: &Tree, kind: &str| -> Vec<String> {
        let objects = tree.objects().filter(|(path, object)| path.contains("/falco/guards/") && object["kind"] == kind);
        objects.map(|(_, object)| object["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let [dev, staging, prod] = [&trees()[0], &trees()[1], &trees()[2]];
    for tree in [dev, staging] {
        assert_eq!(guards(tree, "CiliumNetworkPolicy"), ["ingress-falcosidekick"], "{}", tree.environment);
    }
    assert_eq!(guards(prod, "CiliumNetworkPolicy"), ["ingress-falco-talon", "ingress-falcosidekick"]);
    let ingress = prod.object("CiliumNetworkPolicy", "ingress-falco-talon")["spec"]["ingress"].as_array().unwrap();
    assert_eq!(ingress[0]["fromEndpoints"][0]["matchLabels"]["app.kubernetes.io/name"], "falcosidekick");
    for rule in ingress.iter().filter(|rule| rule.to_string().contains("monitoring")) {
        assert_eq!(rule["toPorts"][0]["rules"]["http"], json!([{"method": "GET", "path": "/metrics"}]));
    }
    // Where there is one replica, a budget would only stop drains.
    assert!(guards(dev, "PodDisruptionBudget").is_empty());
    assert_eq!(guards(staging, "PodDisruptionBudget"), ["falcosidekick"]);
    assert_eq!(guards(prod, "PodDisruptionBudget"), ["falco-talon", "falcosidekick"]);
}

/// Certificates or passwords made while a chart is templated differ in every diff.
#[test]
fn nothing_of_the_stack_is_made_while_templating() {
    everywhere(|tree| {
        for controller in ["admissionController", "cleanupController"] {
            assert_eq!(tree.file(KYVERNO)[controller]["createSelfSignedCert"], false, "{controller}");
        }
        assert_eq!(tree.file(FALCO)["falcosidekick"]["webui"]["enabled"], false, "its default password is admin");
    });
}

#[test]
fn a_component_that_is_off_leaves_nothing_behind() {
    let off = [
        "features.falcoKillMode=false",
        "features.trivyAdmission=false",
        "addons.falco.enabled=false",
        "addons.kyverno.enabled=false",
    ];
    let tree = changed("prod", &off);
    let left: Vec<_> = tree.files.keys().filter(|path| path.contains("falco") || path.contains("kyverno")).collect();
    assert!(left.is_empty(), "{left:?}");
    let resources = tree.file(TEMPLATE)["Resources"].as_object().unwrap();
    assert_eq!(resources.keys().collect::<Vec<_>>(), ["TrivyRole", "TrivyIdentity"]);
}

#[test]
fn settings_of_the_stack_that_contradict_each_other_are_refused() {
    let attestor = "security.images.attestors=[{name: ci, key: '-----BEGIN PUBLIC KEY-----'}]";
    let both = "security.images.attestors=[{name: ci}]";
    let cases: [(&[&str], &str); 10] = [
        (&["addons.falco-talon.enabled=false"], "features.falcoKillMode needs addons.falco"),
        (&["addons.falco.enabled=false"], "features.falcoKillMode needs addons.falco"),
        (&["addons.kyverno.enabled=false"], "features.trivyAdmission needs addons.kyverno"),
        (&["addons.trivy-operator.enabled=false"], "features.trivyAdmission needs addons.kyverno"),
        (&["addons.trivy-operator.scanners.vulnerabilities=false"], "features.trivyAdmission needs addons.kyverno"),
        (&["addons.trivy-operator.scanners.compliance=true"], "scanners.compliance counts what the scanners of"),
        (&[attestor, "security.policyApi=cluster-policy"], "only policyApi validating-policy has"),
        (&["cluster.accessEntries[name=developers].namespaces=[shop]"], "either a scope or namespaces"),
        (&[both], "either a key or a keyless identity"),
        (&["security.falco.killRules=[Terminal shell in a container]"], "security.falco.killRules"),
    ];
    for (settings, message) in cases {
        let told = refused(settings);
        assert!(told.contains(message), "{settings:?}:\n{told}");
    }
}
