//! The operations add-ons: backups and sizing. Karpenter's nodes are in `nodes.rs`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::core::statements;
use crate::settings::refused;
use crate::tree::{Tree, actions, changed, strings, trees};
use crate::{everywhere, per_environment};

const TEMPLATE: &str = "operations-addons/template.yaml";
const VELERO: &str = "operations-addons/velero/values.yaml";

fn velero(tree: &Tree) -> &Value {
    tree.file(VELERO)
}

#[test]
fn st7_the_stack_holds_karpenter_velero_and_goldilocks() {
    everywhere(|tree| {
        for component in ["karpenter", "velero", "vpa", "goldilocks"] {
            assert!(tree.files.contains_key(&format!("operations-addons/{component}/values.yaml")), "{component}");
            let application = tree.object("Application", component);
            assert_eq!(application["metadata"]["labels"]["app.kubernetes.io/part-of"], "operations-addons");
        }
        let roles: Vec<_> = tree.resources(TEMPLATE, "AWS::IAM::Role").iter().map(|(id, _)| *id).collect();
        assert_eq!(roles, ["NodeRole", "ControllerRole", "VeleroRole"]);
    });
}

#[test]
fn ff5_backups_go_to_a_bucket_of_their_own_that_keeps_what_was_deleted() {
    everywhere(|tree| {
        let bucket = tree.resource(TEMPLATE, "VeleroBucket");
        let location = &velero(tree)["configuration"]["backupStorageLocation"][0];
        assert_eq!((&location["provider"], &location["default"]), (&json!("aws"), &json!(true)));
        assert_eq!(location["bucket"], bucket["BucketName"], "the bucket that CloudFormation makes");
        assert_eq!(location["config"]["region"], "eu-central-1");
        let snapshots = &velero(tree)["configuration"]["volumeSnapshotLocation"][0];
        assert_eq!(*snapshots, json!({"name": "default", "provider": "aws", "config": {"region": "eu-central-1"}}));
        assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
        let rules = bucket["LifecycleConfiguration"]["Rules"].as_array().unwrap();
        assert!(rules.iter().all(|rule| rule.get("ExpirationInDays").is_none()), "Velero ends backups, not S3");
    });
    per_environment([1, 7, 30], |tree| {
        let rules = tree.resource(TEMPLATE, "VeleroBucket")["LifecycleConfiguration"]["Rules"].as_array().unwrap();
        let days = |rule: &Value| rule["NoncurrentVersionExpiration"]["NoncurrentDays"].as_u64();
        rules.iter().find_map(days).unwrap()
    });
}

#[test]
fn ff5_backups_are_daily_and_weekly_and_the_weekly_ones_are_kept_longer() {
    let kept = |name: &'static str| {
        move |tree: &Tree| velero(tree)["schedules"][name]["template"]["ttl"].as_str().unwrap().to_owned()
    };
    per_environment(["168h0m0s", "336h0m0s", "720h0m0s"].map(str::to_owned), kept("daily"));
    per_environment(["336h0m0s", "720h0m0s", "2160h0m0s"].map(str::to_owned), kept("weekly"));
    everywhere(|tree| {
        let schedules = &velero(tree)["schedules"];
        assert_eq!(schedules["daily"]["schedule"], "0 1 * * *");
        assert_eq!(schedules["weekly"]["schedule"], "0 3 * * 0");
        for name in ["daily", "weekly"] {
            let template = &schedules[name]["template"];
            assert_eq!(template["includedNamespaces"], json!(["*"]));
            assert_eq!((&template["snapshotVolumes"], &template["storageLocation"]), (&json!(true), &json!("default")));
            let left_out = strings(&template["excludedResources"]);
            assert!(left_out.contains(&"nodeclaims.karpenter.sh"), "a restored one would launch, or lose, a node");
            assert_eq!(schedules[name]["useOwnerReferencesInBackup"], false, "backups outlive their schedule");
        }
    });
}

#[test]
fn ff5_schedules_hold_to_the_kind_that_the_chart_makes_of_them() {
    let Some(judge) = crate::conformance::kubernetes::kind("velero.io_Schedule_v1.json") else { return };
    let object = |spec: &Value| {
        let metadata = json!({"name": "velero-daily", "namespace": "velero"});
        let object = json!({"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": metadata, "spec": spec});
        serde_yaml::to_string(&object).unwrap()
    };
    everywhere(|tree| {
        for (name, spec) in velero(tree)["schedules"].as_object().unwrap() {
            let text = object(spec);
            assert_eq!(judge(&text), Vec::<String>::new(), "{name}");
            assert_ne!(judge(&text.replace("snapshotVolumes", "snapshotVolume")), Vec::<String>::new());
        }
    });
}

#[test]
fn ff5_velero_touches_its_bucket_and_volumes_of_its_cluster() {
    everywhere(|tree| {
        let statements = statements(tree, TEMPLATE, "VeleroRole");
        assert_eq!(statements["ListBackups"]["Resource"], json!({"Fn::GetAtt": ["VeleroBucket", "Arn"]}));
        assert_eq!(statements["WriteBackups"]["Resource"], json!({"Fn::Sub": "${VeleroBucket.Arn}/*"}));
        for (sid, statement) in statements {
            let changes = actions(statement).iter().any(|a| a.starts_with("ec2:") && !a.starts_with("ec2:Describe"));
            if changes && sid != "TagWhileMaking" {
                let equals = statement["Condition"]["StringEquals"].as_object().unwrap();
                let (tag, value) = equals.iter().next().unwrap();
                assert!(tag.ends_with("Tag/ebs.csi.aws.com/cluster-name"), "{sid}: {tag}");
                assert_eq!(*value, tree.cluster(), "{sid}");
            }
        }
        assert_eq!(velero(tree)["credentials"], json!({"useSecret": false}));
        let account = &tree.resource(TEMPLATE, "VeleroIdentity")["ServiceAccount"];
        assert_eq!(velero(tree)["serviceAccount"]["server"]["name"], *account);
    });
}

#[test]
fn velero_runs_without_privileges_and_keeps_its_node() {
    everywhere(|tree| {
        let values = velero(tree);
        assert_eq!(values["nodeSelector"]["node-role"], "system", "Karpenter does not consolidate those");
        assert_eq!(values["podSecurityContext"]["runAsNonRoot"], true);
        for container in [&values["containerSecurityContext"], &values["initContainers"][0]["securityContext"]] {
            assert_eq!(container["readOnlyRootFilesystem"], true);
            assert_eq!(container["capabilities"]["drop"], json!(["ALL"]));
        }
        let image = values["initContainers"][0]["image"].as_str().unwrap();
        assert!(image.rsplit_once(":v").is_some_and(|(_, version)| version.starts_with("1.")), "{image}");
        assert_eq!(values["deployNodeAgent"], false, "volumes are saved by snapshots of EBS");
    });
}

#[test]
fn ff6_the_recommender_of_vpa_comes_before_goldilocks_and_nothing_changes_pods() {
    everywhere(|tree| {
        let vpa = tree.file("operations-addons/vpa/values.yaml");
        assert_eq!(vpa["recommender"]["enabled"], true);
        for writer in ["updater", "admissionController"] {
            assert_eq!(vpa[writer]["enabled"], false, "{writer}");
        }
        let goldilocks = tree.file("operations-addons/goldilocks/values.yaml");
        for subchart in ["vpa", "metrics-server"] {
            assert_eq!(goldilocks[subchart]["enabled"], false, "{subchart} is a component of its own");
        }
        for part in ["controller", "dashboard"] {
            assert_eq!(goldilocks[part]["flags"]["on-by-default"], "true", "both must look at the same namespaces");
        }
        let applications = ["vpa", "goldilocks"].map(|name| tree.object("Application", name));
        let waves =
            applications.map(|a| a["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].as_str().unwrap());
        assert!(waves[0] < waves[1], "{waves:?}");
        for application in applications {
            assert_eq!(application["spec"]["destination"]["namespace"], "goldilocks");
        }
    });
}

#[test]
fn karpenter_is_not_installed_on_nodes_that_it_makes_and_its_kinds_come_with_the_chart() {
    everywhere(|tree| {
        let values = tree.file("operations-addons/karpenter/values.yaml");
        assert_eq!(values["nodeSelector"]["node-role"], "system");
        assert_eq!(values["replicas"], 2);
        assert_eq!(values["serviceMonitor"]["enabled"], true);
        let made = tree.objects().filter(|(_, object)| object["spec"]["sources"][0]["chart"] == "karpenter-crd");
        assert_eq!(made.count(), 0, "two owners of the same kinds would take them from each other");
    });
}

#[test]
fn without_karpenter_nothing_of_it_is_left() {
    for tree in trees() {
        // Loki and Tempo run on its nodes.
        let needing = ["addons.loki.enabled=false", "addons.tempo.enabled=false"];
        let off = changed(&tree.environment, &[&["addons.karpenter.enabled=false"], needing.as_slice()].concat());
        assert!(off.files.keys().all(|path| !path.contains("karpenter")), "{:?}", off.files.keys());
        let template = off.text(TEMPLATE).to_lowercase();
        let description = off.file(TEMPLATE)["Description"].as_str().unwrap().to_lowercase();
        assert!(!template.replace(&description, "").contains("karpenter"), "{template}");
        let ids: BTreeSet<_> = off.file(TEMPLATE)["Resources"].as_object().unwrap().keys().cloned().collect();
        let expected = ["VeleroBucket", "VeleroBucketPolicy", "VeleroIdentity", "VeleroRole", "VeleroSnapshotBin"];
        assert_eq!(ids, expected.map(str::to_owned).into());
    }
    let all = ["karpenter", "loki", "tempo", "velero"].map(|name| format!("addons.{name}.enabled=false"));
    let neither = changed("prod", &all.each_ref().map(String::as_str));
    assert!(neither.files.keys().all(|path| path != TEMPLATE && path != "operations-addons/deployment.yaml"));
}

#[test]
fn settings_of_backups_that_make_no_sense_are_refused() {
    let cases: [(&[&str], &str); 3] = [
        (&["addons.velero.weekly.retentionDays=29"], "weekly.retentionDays must not be less than daily.retentionDays"),
        (&["addons.velero.daily.schedule=every night"], "addons.velero.daily.schedule"),
        (&["addons.velero.awsPlugin.version=latest"], "addons.velero.awsPlugin.version"),
    ];
    for (settings, message) in cases {
        let told = refused(settings);
        assert!(told.contains(message), "{settings:?}:\n{told}");
    }
}
