//! System nodes and Karpenter's nodes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::tree::{Tree, actions, strings, tags};
use crate::{everywhere, per_environment};

const SYSTEM: &str = "cluster/nodes/template.yaml";
const OPERATIONS: &str = "operations-addons/template.yaml";

fn group(tree: &Tree) -> &Value {
    tree.resource(SYSTEM, "SystemNodes")
}

fn pool(tree: &Tree) -> &Value {
    &tree.object("NodePool", "general")["spec"]
}

fn class(tree: &Tree) -> &Value {
    &tree.object("EC2NodeClass", "default")["spec"]
}

/// The values that a NodePool requires for a key.
fn requirement<'a>(tree: &'a Tree, key: &str) -> Vec<&'a str> {
    let requirements = pool(tree)["template"]["spec"]["requirements"].as_array().unwrap();
    let found = requirements.iter().find(|r| r["key"] == key).unwrap_or_else(|| panic!("no requirement {key}"));
    strings(&found["values"])
}

#[test]
fn sn1_on_demand() {
    everywhere(|tree| assert_eq!(group(tree)["CapacityType"], "ON_DEMAND"));
}

#[test]
fn sn2_m5a_large_then_m5_large() {
    everywhere(|tree| assert_eq!(group(tree)["InstanceTypes"], json!(["m5a.large", "m5.large"])));
}

#[test]
fn sn3_min_2_max_6_desired_2() {
    everywhere(|tree| assert_eq!(group(tree)["ScalingConfig"], json!({"MinSize": 2, "MaxSize": 6, "DesiredSize": 2})));
}

#[test]
fn ha2_two_system_nodes_everywhere() {
    per_environment([2, 2, 2], |tree| group(tree)["ScalingConfig"]["DesiredSize"].as_u64().unwrap());
}

#[test]
fn sn4_bottlerocket_with_a_pinned_release() {
    everywhere(|tree| {
        assert_eq!(group(tree)["AmiType"], "BOTTLEROCKET_x86_64");
        let release = group(tree)["ReleaseVersion"].as_str().unwrap();
        let (version, build) = release.split_once('-').unwrap();
        assert_eq!(version.split('.').count(), 3, "{release}");
        assert!(build.len() == 8 && build.bytes().all(|byte| byte.is_ascii_hexdigit()), "{release}");
    });
}

#[test]
fn sn5_sn6_labels() {
    everywhere(|tree| {
        assert_eq!(group(tree)["Labels"], json!({"node-role": "system", "karpenter.sh/do-not-disrupt": "true"}));
        let labels = pool(tree)["template"]["metadata"]["labels"].as_object().unwrap();
        assert!(!labels.contains_key("karpenter.sh/do-not-disrupt"), "Karpenter reads it as an annotation only");
    });
}

#[test]
fn sn7_taint_that_prefers_other_pods_to_stay_away() {
    everywhere(|tree| {
        assert_eq!(
            group(tree)["Taints"],
            json!([{"Key": "CriticalAddonsOnly", "Value": "true", "Effect": "PREFER_NO_SCHEDULE"}])
        );
    });
}

#[test]
fn sn8_system_components_tolerate_the_taint_and_run_there() {
    everywhere(|tree| {
        let coredns = tree.resource(SYSTEM, "CoreDns")["ConfigurationValues"].as_str().unwrap();
        let coredns: Value = serde_json::from_str(coredns).unwrap();
        let cilium = tree.file("networking-addons/cilium/values.yaml");
        let kyverno = tree.file("security-addons/kyverno/values.yaml");
        let karpenter = tree.file("operations-addons/karpenter/values.yaml");
        let placed = [
            ("coredns", &coredns),
            ("cilium operator", &cilium["operator"]),
            ("kyverno", &kyverno["global"]),
            ("karpenter", karpenter),
        ];
        for (component, values) in placed {
            assert_eq!(values["nodeSelector"]["node-role"], "system", "{component}");
            let tolerations = values["tolerations"].as_array().unwrap();
            let tolerated = |t: &Value| t["key"] == "CriticalAddonsOnly" && t["operator"] == "Exists";
            assert!(tolerations.iter().any(tolerated), "{component}");
        }
        assert_eq!(cilium["tolerations"], json!([{"operator": "Exists"}]), "the agent runs on every node");
    });
}

#[test]
fn sn9_spread_over_the_zones() {
    everywhere(|tree| assert_eq!(group(tree)["Subnets"].as_array().unwrap().len(), 3));
}

#[test]
fn sn10_e2_both_disks_of_system_nodes_are_encrypted_by_kms() {
    everywhere(|tree| {
        assert_eq!(group(tree).get("DiskSize"), None, "the launch template says it");
        let data = &tree.resource(SYSTEM, "LaunchTemplate")["LaunchTemplateData"];
        let disks = data["BlockDeviceMappings"].as_array().unwrap();
        let names: Vec<_> = disks.iter().map(|disk| disk["DeviceName"].as_str().unwrap()).collect();
        assert_eq!(names, ["/dev/xvda", "/dev/xvdb"]);
        for disk in disks {
            assert_eq!(disk["Ebs"]["Encrypted"], true);
            let key = &disk["Ebs"]["KmsKeyId"]["Fn::ImportValue"];
            assert_eq!(*key, format!("{}-cluster-VolumesKey", tree.cluster()));
        }
    });
}

#[test]
fn system_nodes_give_instance_credentials_to_no_pod() {
    everywhere(|tree| {
        let metadata = &tree.resource(SYSTEM, "LaunchTemplate")["LaunchTemplateData"]["MetadataOptions"];
        assert_eq!(
            *metadata,
            json!({"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1})
        );
    });
}

#[test]
fn k1_spot_and_on_demand() {
    everywhere(|tree| assert_eq!(requirement(tree, "karpenter.sh/capacity-type"), ["spot", "on-demand"]));
}

#[test]
fn k2_categories_m_c_r() {
    everywhere(|tree| assert_eq!(requirement(tree, "karpenter.k8s.aws/instance-category"), ["m", "c", "r"]));
}

#[test]
fn k3_sizes_medium_to_2xlarge() {
    everywhere(|tree| {
        let sizes = requirement(tree, "karpenter.k8s.aws/instance-size");
        assert_eq!(sizes, ["medium", "large", "xlarge", "2xlarge"]);
    });
}

#[test]
fn k4_bottlerocket_pinned_to_the_release_of_the_system_nodes() {
    everywhere(|tree| {
        let alias = class(tree)["amiSelectorTerms"][0]["alias"].as_str().unwrap();
        let version = alias.strip_prefix("bottlerocket@v").unwrap();
        assert!(!alias.contains("latest"));
        assert!(group(tree)["ReleaseVersion"].as_str().unwrap().starts_with(&format!("{version}-")), "{alias}");
    });
}

#[test]
fn k5_consolidation_after_one_minute() {
    everywhere(|tree| {
        assert_eq!(pool(tree)["disruption"]["consolidationPolicy"], "WhenEmptyOrUnderutilized");
        assert_eq!(pool(tree)["disruption"]["consolidateAfter"], "1m");
    });
}

#[test]
fn k6_limits_per_environment() {
    per_environment([(64, "256Gi"), (160, "640Gi"), (400, "1600Gi")].map(|(c, m)| (c, m.to_owned())), |tree| {
        let limits = &pool(tree)["limits"];
        (limits["cpu"].as_u64().unwrap(), limits["memory"].as_str().unwrap().to_owned())
    });
}

#[test]
fn k7_startup_taint_until_cilium_runs() {
    everywhere(|tree| {
        assert_eq!(
            pool(tree)["template"]["spec"]["startupTaints"],
            json!([{"key": "node.cilium.io/agent-not-ready", "value": "true", "effect": "NoExecute"}])
        );
    });
}

#[test]
fn k8_e2_volumes_of_karpenter_nodes_are_encrypted_and_metadata_is_closed() {
    everywhere(|tree| {
        let disks = class(tree)["blockDeviceMappings"].as_array().unwrap();
        let names: Vec<_> = disks.iter().map(|disk| disk["deviceName"].as_str().unwrap()).collect();
        assert_eq!(names, ["/dev/xvda", "/dev/xvdb"]);
        for disk in disks {
            assert_eq!(disk["ebs"]["encrypted"], true);
            let alias = tree.resource("cluster/template.yaml", "VolumesKeyAlias")["AliasName"].as_str().unwrap();
            assert_eq!(disk["ebs"]["kmsKeyID"], alias);
        }
        let metadata = &class(tree)["metadataOptions"];
        assert_eq!((&metadata["httpTokens"], &metadata["httpPutResponseHopLimit"]), (&json!("required"), &json!(1)));
    });
}

#[test]
fn karpenter_finds_what_the_stacks_made() {
    everywhere(|tree| {
        let name = tree.cluster();
        assert_eq!(class(tree)["role"], tree.resource(OPERATIONS, "NodeRole")["RoleName"]);
        for terms in ["subnetSelectorTerms", "securityGroupSelectorTerms"] {
            assert_eq!(class(tree)[terms], json!([{"tags": {"karpenter.sh/discovery": name}}]), "{terms}");
        }
        let values = tree.file("operations-addons/karpenter/values.yaml");
        assert_eq!(values["settings"]["clusterName"], name);
        assert_eq!(
            values["settings"]["interruptionQueue"],
            tree.resource(OPERATIONS, "InterruptionQueue")["QueueName"]
        );
        assert_eq!(pool(tree)["template"]["spec"]["nodeClassRef"]["name"], "default");
        let access = tree.resource(OPERATIONS, "NodeAccess");
        assert_eq!(access["Type"], "EC2_LINUX");
        assert_eq!(access["PrincipalArn"], json!({"Fn::GetAtt": ["NodeRole", "Arn"]}));
    });
}

#[test]
fn karpenter_hears_of_five_kinds_of_interruption() {
    everywhere(|tree| {
        let rules = tree.resources(OPERATIONS, "AWS::Events::Rule");
        let kinds: BTreeSet<_> =
            rules.iter().map(|(_, r)| r["EventPattern"]["detail-type"][0].as_str().unwrap()).collect();
        assert_eq!(
            kinds.into_iter().collect::<Vec<_>>(),
            [
                "AWS Health Event",
                "EC2 Capacity Reservation Instance Interruption Warning",
                "EC2 Instance Rebalance Recommendation",
                "EC2 Instance State-change Notification",
                "EC2 Spot Instance Interruption Warning",
            ]
        );
        for (id, rule) in rules {
            assert_eq!(rule["Targets"][0]["Arn"], json!({"Fn::GetAtt": ["InterruptionQueue", "Arn"]}), "{id}");
        }
    });
}

#[test]
fn karpenter_has_the_six_groups_of_permissions_each_bounded_to_the_cluster() {
    everywhere(|tree| {
        let policies = tree.resources(OPERATIONS, "AWS::IAM::ManagedPolicy");
        assert_eq!(policies.len(), 6);
        let tag = format!("kubernetes.io/cluster/{}", tree.cluster());
        for (id, policy) in policies {
            assert_eq!(policy["Roles"], json!([{"Ref": "ControllerRole"}]), "{id}");
            for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
                let changes = |action: &&str| {
                    let verb = action.split_once(':').unwrap().1;
                    ["Terminate", "Delete", "CreateLaunch", "CreateTags"].iter().any(|word| verb.starts_with(word))
                };
                let sid = &statement["Sid"];
                if actions(statement).iter().any(changes) && !actions(statement)[0].starts_with("sqs:") {
                    let condition = statement["Condition"]["StringEquals"].to_string();
                    assert!(condition.contains(&tag), "{id} {sid} is not bounded to the cluster");
                }
            }
        }
    });
}

#[test]
fn no_node_role_may_change_the_network() {
    everywhere(|tree| {
        for (template, role) in [(SYSTEM, "NodeRole"), (OPERATIONS, "NodeRole")] {
            let policies = tree.resource(template, role)["ManagedPolicyArns"].to_string();
            assert!(!policies.contains("AmazonEKS_CNI_Policy"), "the Cilium operator has a role of its own");
        }
        let operator = tree.resource("networking-addons/template.yaml", "CiliumOperatorRole");
        assert_eq!(tags(operator).get("Environment"), Some(&tree.environment.as_str()));
    });
}
