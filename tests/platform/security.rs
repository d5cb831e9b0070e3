//! Encryption and IAM.

use serde_json::{Value, json};

use crate::everywhere;
use crate::tree::{actions, tags};

const CILIUM: &str = "networking-addons/cilium/values.yaml";

#[test]
fn e5_x2_wireguard_between_pods_and_no_mutual_authentication() {
    everywhere(|tree| {
        let values = tree.file(CILIUM);
        assert_eq!(values["encryption"], json!({"enabled": true, "type": "wireguard"}));
        assert_eq!(values["authentication"]["enabled"], false);
    });
}

#[test]
fn cilium_gives_pods_addresses_of_the_private_subnets() {
    everywhere(|tree| {
        let values = tree.file(CILIUM);
        assert_eq!(values["eni"]["enabled"], true);
        assert_eq!(values["eni"]["awsEnablePrefixDelegation"], true);
        assert_eq!(values["routingMode"], "native");
        assert_eq!(values["ipv4NativeRoutingCIDR"], tree.resource("network/template.yaml", "Vpc")["CidrBlock"]);
        assert_eq!(values["eni"]["subnetTagsFilter"], json!(["kubernetes.io/role/internal-elb=1"]));
    });
}

#[test]
fn cilium_knows_the_cluster_by_a_name_of_at_most_32_characters() {
    everywhere(|tree| {
        let name = tree.file(CILIUM)["cluster"]["name"].as_str().unwrap();
        assert_eq!(name, tree.cluster());
        assert!(name.len() <= 32);
    });
}

#[test]
fn values_known_only_later_are_bound_later() {
    everywhere(|tree| {
        let values = tree.file(CILIUM);
        assert_eq!(values["kubeProxyReplacement"], json!("true"), "the chart wants a string");
        assert_eq!(values["k8sServiceHostRef"], json!({"name": "cilium-api-server", "key": "host"}));
        assert!(tree.text("deploy-order.txt").contains("ConfigMap kube-system/cilium-api-server"));
        assert_eq!(
            values["hubble"]["tls"]["auto"]["method"], "cronJob",
            "`helm` would make new certificates in every diff"
        );
        for (path, text) in tree.files.iter().filter(|(path, _)| path.ends_with("values.yaml")) {
            // The account is part of a bucket's name, which is known before the bucket is made.
            let text = text.replace("-eu-central-1", "");
            for account in ["111111111111", "222222222222", "333333333333"] {
                assert!(!text.replace(&format!("-{account}\n"), "").contains(account), "{path} names an account");
            }
        }
    });
}

#[test]
fn roles_of_pods_are_taken_by_pod_identity_of_the_service_account_in_the_values() {
    let identities = [
        ("networking-addons/template.yaml", "CiliumOperator", "kube-system", "cilium-operator"),
        ("networking-addons/template.yaml", "ExternalDns", "external-dns", "external-dns"),
        ("networking-addons/template.yaml", "LoadBalancerController", "kube-system", "aws-load-balancer-controller"),
        ("operations-addons/template.yaml", "Controller", "karpenter", "karpenter"),
    ];
    everywhere(|tree| {
        for (template, component, namespace, account) in identities {
            let identity = tree.resource(template, &format!("{component}Identity"));
            assert_eq!(identity["ClusterName"], tree.cluster());
            assert_eq!((&identity["Namespace"], &identity["ServiceAccount"]), (&json!(namespace), &json!(account)));
            let role = format!("{component}Role");
            assert_eq!(identity["RoleArn"], json!({"Fn::GetAtt": [role, "Arn"]}));
            let trust = &tree.resource(template, &role)["AssumeRolePolicyDocument"]["Statement"][0];
            assert_eq!(trust["Principal"], json!({"Service": "pods.eks.amazonaws.com"}));
            assert_eq!(actions(trust), ["sts:AssumeRole", "sts:TagSession"]);
        }
        assert_eq!(tree.file(CILIUM)["serviceAccounts"]["operator"]["name"], "cilium-operator");
        assert_eq!(tree.file("operations-addons/karpenter/values.yaml")["serviceAccount"]["name"], "karpenter");
        for component in ["aws-load-balancer-controller", "external-dns"] {
            let values = tree.file(&format!("networking-addons/{component}/values.yaml"));
            assert_eq!(values["serviceAccount"]["name"], component);
        }
        assert_eq!(tree.object("Application", "karpenter")["spec"]["destination"]["namespace"], "karpenter");
        assert_eq!(tree.object("Application", "cilium")["spec"]["destination"]["namespace"], "kube-system");
    });
}

#[test]
fn no_statement_allows_everything_and_a_star_resource_has_a_bound_or_a_reason() {
    // AWS has no resource-level permissions for these.
    let unbounded = [
        "iam:ListInstanceProfiles",
        "iam:ListServerCertificates",
        "route53:ListHostedZones",
        "shield:GetSubscriptionState",
        "pricing:GetProducts",
        "route53:ListHostedZonesByName",
    ];
    let document_keys = ["PolicyDocument", "Policies"];
    everywhere(|tree| {
        for (path, template) in tree.templates() {
            for (id, resource) in template["Resources"].as_object().unwrap() {
                let properties = &resource["Properties"];
                let documents =
                    document_keys.iter().filter_map(|key| properties.get(key)).flat_map(|value| match value {
                        Value::Array(policies) => policies.iter().map(|policy| &policy["PolicyDocument"]).collect(),
                        document => vec![document],
                    });
                for statement in documents.flat_map(|document| document["Statement"].as_array().unwrap()) {
                    let at = format!("{path} {id} {}", statement["Sid"]);
                    if statement["Effect"] == "Deny" {
                        continue;
                    }
                    let actions = actions(statement);
                    assert!(actions.iter().all(|action| !action.contains('*')), "{at}: {actions:?}");
                    if statement["Resource"] == "*" && statement.get("Condition").is_none() {
                        assert!(actions.iter().all(|action| unbounded.contains(action)), "{at}: {actions:?}");
                    }
                }
            }
        }
    });
}

#[test]
fn every_resource_that_takes_tags_has_the_ones_that_cost_is_allocated_by() {
    // Which types take tags is AWS's schema to say: tests/conformance asks it.
    everywhere(|tree| {
        for (path, template) in tree.templates() {
            for (id, resource) in template["Resources"].as_object().unwrap() {
                let properties = &resource["Properties"];
                if properties["Tags"].is_array() {
                    let tags = tags(properties);
                    let keys: Vec<_> = tags.keys().copied().collect();
                    for key in ["CostCenter", "Environment", "Name", "Owner", "Platform"] {
                        assert!(keys.contains(&key), "{path} {id} lacks {key}");
                    }
                    assert_eq!(tags["Environment"], tree.environment, "{path} {id}");
                }
            }
        }
    });
}
