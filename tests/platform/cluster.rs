//! The control plane: the first step of the cluster stack.

use serde_json::{Value, json};

use crate::tree::{actions, changed, strings, tags};
use crate::{everywhere, per_environment};

const TEMPLATE: &str = "cluster/template.yaml";

#[test]
fn c1_a_managed_system_group_and_karpenter_nodes() {
    everywhere(|tree| {
        assert_eq!(tree.resources("cluster/nodes/template.yaml", "AWS::EKS::Nodegroup").len(), 1);
        assert!(tree.objects().any(|(_, object)| object["kind"] == "NodePool"));
    });
}

#[test]
fn c2_e1_secrets_are_encrypted_with_a_key_of_their_own() {
    everywhere(|tree| {
        let cluster = tree.resource(TEMPLATE, "Cluster");
        assert_eq!(
            cluster["EncryptionConfig"],
            json!([{"Provider": {"KeyArn": {"Fn::GetAtt": ["SecretsKey", "Arn"]}}, "Resources": ["secrets"]}])
        );
        let key = tree.resource(TEMPLATE, "SecretsKey");
        assert_eq!(key["EnableKeyRotation"], true);
        // Losing the key loses the secrets: a template that lets go of it must not delete it.
        let resource = &tree.file(TEMPLATE)["Resources"]["SecretsKey"];
        assert_eq!(
            (&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]),
            (&json!("RetainExceptOnCreate"), &json!("Retain"))
        );
    });
}

#[test]
fn keys_are_administered_by_the_account_and_used_by_named_services() {
    everywhere(|tree| {
        for key in ["SecretsKey", "VolumesKey"] {
            let statements = tree.resource(TEMPLATE, key)["KeyPolicy"]["Statement"].as_array().unwrap();
            for statement in statements {
                if actions(statement).contains(&"kms:*") {
                    assert_eq!(
                        statement["Principal"]["AWS"]["Fn::Sub"], "arn:${AWS::Partition}:iam::${AWS::AccountId}:root",
                        "only the account administers {key}"
                    );
                }
                if statement["Principal"]["AWS"] == "*" {
                    let only = &statement["Condition"]["StringEquals"];
                    assert_eq!(only["kms:CallerAccount"], json!({"Ref": "AWS::AccountId"}), "{key}");
                    assert_eq!(only["kms:ViaService"]["Fn::Sub"], "ec2.${AWS::Region}.amazonaws.com", "{key}");
                }
            }
            assert!(statements.iter().any(|s| actions(s).contains(&"kms:*")), "nobody administers {key}");
        }
    });
}

#[test]
fn c3_private_endpoint_always_public_only_with_an_allow_list() {
    everywhere(|tree| {
        let config = &tree.resource(TEMPLATE, "Cluster")["ResourcesVpcConfig"];
        assert_eq!(config["EndpointPrivateAccess"], true);
        if config["EndpointPublicAccess"] == true {
            let allowed = strings(&config["PublicAccessCidrs"]);
            assert!(!allowed.is_empty() && !allowed.contains(&"0.0.0.0/0"), "{allowed:?}");
        } else {
            assert_eq!(config.get("PublicAccessCidrs"), None);
        }
    });
    per_environment([true, true, false], |tree| {
        tree.resource(TEMPLATE, "Cluster")["ResourcesVpcConfig"]["EndpointPublicAccess"].as_bool().unwrap()
    });
}

#[test]
fn c4_all_five_control_plane_logs() {
    everywhere(|tree| {
        let types = &tree.resource(TEMPLATE, "Cluster")["Logging"]["ClusterLogging"]["EnabledTypes"];
        let types: Vec<_> = types.as_array().unwrap().iter().map(|entry| entry["Type"].as_str().unwrap()).collect();
        assert_eq!(types, ["api", "audit", "authenticator", "controllerManager", "scheduler"]);
        // EKS makes the group without retention when it finds none.
        let group = tree.resource(TEMPLATE, "ControlPlaneLogGroup");
        assert_eq!(group["LogGroupName"], format!("/aws/eks/{}/cluster", tree.cluster()));
        assert_eq!(tree.file(TEMPLATE)["Resources"]["Cluster"]["DependsOn"], "ControlPlaneLogGroup");
    });
    per_environment([7, 30, 90], |tree| {
        tree.resource(TEMPLATE, "ControlPlaneLogGroup")["RetentionInDays"].as_u64().unwrap()
    });
}

#[test]
fn c5_kubernetes_1_35() {
    everywhere(|tree| {
        assert_eq!(tree.resource(TEMPLATE, "Cluster")["Version"], "1.35");
        assert_eq!(tree.resource("cluster/nodes/template.yaml", "SystemNodes")["Version"], "1.35");
    });
}

#[test]
fn c6_no_self_managed_addons_at_the_start() {
    everywhere(|tree| assert_eq!(tree.resource(TEMPLATE, "Cluster")["BootstrapSelfManagedAddons"], false));
}

#[test]
fn c7_access_entries_for_four_personas() {
    let personas = [
        ("AdminsAccess", "AmazonEKSClusterAdminPolicy"),
        ("PowerUsersAccess", "AmazonEKSAdminPolicy"),
        ("DevelopersAccess", "AmazonEKSEditPolicy"),
        ("ViewersAccess", "AmazonEKSViewPolicy"),
    ];
    let accounts = ["111111111111", "222222222222", "333333333333"];
    everywhere(|tree| {
        let access = &tree.resource(TEMPLATE, "Cluster")["AccessConfig"];
        assert_eq!(access["AuthenticationMode"], "API");
        assert_eq!(access["BootstrapClusterCreatorAdminPermissions"], false);
        assert_eq!(tree.resources(TEMPLATE, "AWS::EKS::AccessEntry").len(), personas.len());
        for (id, policy) in personas {
            let entry = tree.resource(TEMPLATE, id);
            let arn = format!("arn:${{AWS::Partition}}:eks::aws:cluster-access-policy/{policy}");
            assert_eq!(entry["AccessPolicies"][0]["PolicyArn"]["Fn::Sub"], arn, "{id}");
            let principal = entry["PrincipalArn"]["Fn::Sub"].as_str().unwrap();
            assert!(accounts.iter().any(|account| principal.contains(&format!("::{account}:role/"))), "{principal}");
        }
    });
}

/// No policy judges what is deployed into the platform's own namespaces, so developers must not deploy there.
#[test]
fn c7_developers_may_change_workloads_only() {
    everywhere(|tree| {
        let scope = &tree.resource(TEMPLATE, "DevelopersAccess")["AccessPolicies"][0]["AccessScope"];
        assert_eq!(scope, &json!({"Type": "namespace", "Namespaces": ["shop", "payments"]}));
    });
    let no_folder = "gitops.manifests=[{name: workloads, $patch: delete}]";
    let none = changed("prod", &["workloads.namespaces=[{$patch: replace}]", no_folder]);
    let nothing = &none.resource(TEMPLATE, "DevelopersAccess")["AccessPolicies"];
    assert_eq!(nothing, &json!([]), "without workloads there is nowhere, not everywhere");
}

#[test]
fn e1_e4_eks_encrypts_etcd_and_the_secrets_in_it() {
    everywhere(|tree| {
        // From 1.28 on, EKS encrypts all data of the API with the key that is named for secrets.
        let version = tree.resource(TEMPLATE, "Cluster")["Version"].as_str().unwrap();
        assert!(version.strip_prefix("1.").unwrap().parse::<u32>().unwrap() >= 28, "{version}");
        let key = tree.resource(TEMPLATE, "SecretsKey")["KeyPolicy"]["Statement"].as_array().unwrap();
        let by_cluster = key.iter().filter(|s| s["Principal"]["AWS"] == json!({"Fn::GetAtt": ["ClusterRole", "Arn"]}));
        let allowed: Vec<_> = by_cluster.flat_map(actions).collect();
        for action in ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"] {
            assert!(allowed.contains(&action), "{action}");
        }
    });
}

#[test]
fn x13_the_node_group_and_coredns_have_a_step_of_their_own_after_cilium() {
    everywhere(|tree| {
        for kind in ["AWS::EKS::Nodegroup", "AWS::EC2::LaunchTemplate"] {
            assert!(tree.resources(TEMPLATE, kind).is_empty(), "{kind} stands with the control plane");
        }
        let order = tree.text("deploy-order.txt");
        let place = |line: &str| order.find(line).unwrap_or_else(|| panic!("no `{line}` in deploy-order.txt"));
        let steps = [
            "network/deployment.yaml",
            "    cluster/deployment.yaml",
            "networking-addons/deployment.yaml",
            "networking-addons/cilium/values.yaml",
            "cluster/nodes/deployment.yaml",
            "operations-addons/deployment.yaml",
            "gitops/root.yaml",
        ];
        assert!(steps.is_sorted_by_key(|step| place(step)), "{order}");
        let addon = |template: &str| {
            let addons = tree.resources(template, "AWS::EKS::Addon");
            addons.into_iter().map(|(_, addon)| addon["AddonName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(addon(TEMPLATE), ["eks-pod-identity-agent"]);
        assert_eq!(addon("cluster/nodes/template.yaml"), ["coredns"]);
    });
}

#[test]
fn nodes_and_control_plane_reach_each_other_and_nobody_else_reaches_nodes() {
    everywhere(|tree| {
        let group = tree.resource(TEMPLATE, "NodeSecurityGroup");
        assert_eq!(group.get("SecurityGroupIngress"), None);
        assert_eq!(tags(group).get("karpenter.sh/discovery"), Some(&tree.cluster().as_str()));
        for (id, rule) in tree.resources(TEMPLATE, "AWS::EC2::SecurityGroupIngress") {
            assert!(rule.get("CidrIp").is_none() && rule.get("SourceSecurityGroupId").is_some(), "{id}");
        }
    });
}

#[test]
fn eks_addons_have_pinned_versions() {
    everywhere(|tree| {
        for template in [TEMPLATE, "cluster/nodes/template.yaml"] {
            for (id, addon) in tree.resources(template, "AWS::EKS::Addon") {
                let version = addon["AddonVersion"].as_str().unwrap();
                assert!(version.starts_with('v') && version.contains("-eksbuild."), "{id}: {version}");
            }
        }
    });
}

#[test]
fn clusters_are_protected_from_deletion_but_in_dev() {
    per_environment([false, true, true], |tree| {
        let cluster = &tree.file(TEMPLATE)["Resources"]["Cluster"];
        let kept = cluster["DeletionPolicy"] == "RetainExceptOnCreate" && cluster["UpdateReplacePolicy"] == "Retain";
        assert_eq!(cluster["Properties"]["DeletionProtection"], Value::Bool(kept));
        kept
    });
}
