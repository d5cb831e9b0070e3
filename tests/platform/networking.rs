//! The way in from outside, and what the networking add-ons may do at AWS.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::conformance::upstream;
use crate::tree::{Tree, actions, changed, tags, trees};
use crate::{everywhere, per_environment};

const TEMPLATE: &str = "networking-addons/template.yaml";
const CILIUM: &str = "networking-addons/cilium/values.yaml";
const CONTROLLER: &str = "networking-addons/aws-load-balancer-controller/values.yaml";
const EXTERNAL_DNS: &str = "networking-addons/external-dns/values.yaml";

fn statements<'a>(tree: &'a Tree, role: &str) -> &'a Vec<Value> {
    tree.resource(TEMPLATE, role)["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap()
}

fn statement<'a>(tree: &'a Tree, role: &str, sid: &str) -> &'a Value {
    let found = statements(tree, role).iter().find(|statement| statement["Sid"] == sid);
    found.unwrap_or_else(|| panic!("no statement {sid} of {role} in {}", tree.environment))
}

/// All actions that a role's statements name.
fn allowed<'a>(tree: &'a Tree, role: &str) -> BTreeSet<&'a str> {
    statements(tree, role).iter().flat_map(actions).collect()
}

fn annotation<'a>(object: &'a Value, name: &str) -> &'a Value {
    &object["metadata"]["annotations"][format!("alb.ingress.kubernetes.io/{name}")]
}

/// The network that an import of the VPC's id puts into an ARN.
fn vpc_arn(tree: &Tree) -> Value {
    let import = format!("{}-network-VpcId", tree.cluster());
    let arn = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc/${VpcId}";
    json!({"Fn::Sub": [arn, {"VpcId": {"Fn::ImportValue": import}}]})
}

#[test]
fn f1_x11_the_load_balancer_sends_to_ciliums_envoy_on_nodes_and_never_to_pods() {
    everywhere(|tree| {
        let class = tree.object("IngressClass", "alb");
        assert_eq!(class["spec"]["controller"], "ingress.k8s.aws/alb");
        assert_eq!(class["spec"]["parameters"]["name"], "alb");
        let params = &tree.object("IngressClassParams", "alb")["spec"];
        assert_eq!(params["targetType"], "instance", "`ip` would lead past Envoy");

        let controller = &tree.file(CILIUM)["ingressController"];
        assert_eq!((&controller["enabled"], &controller["loadbalancerMode"]), (&json!(true), &json!("shared")));
        assert_eq!(controller["service"], json!({"name": "cilium-ingress", "type": "NodePort"}));

        let edge = tree.object("Ingress", "edge");
        assert_eq!(edge["spec"]["ingressClassName"], "alb");
        // A backend is a Service of the Ingress' own namespace.
        let release = &tree.object("Application", "cilium")["spec"]["destination"]["namespace"];
        assert_eq!(&edge["metadata"]["namespace"], release);
        for rule in edge["spec"]["rules"].as_array().unwrap() {
            for path in rule["http"]["paths"].as_array().unwrap() {
                assert_eq!(path["backend"]["service"], json!({"name": "cilium-ingress", "port": {"name": "http"}}));
            }
        }
    });
}

#[test]
fn x11_only_the_platform_may_open_load_balancers_and_workloads_get_ciliums_class() {
    everywhere(|tree| {
        let selector = &tree.object("IngressClassParams", "alb")["spec"]["namespaceSelector"];
        assert_eq!(selector["matchLabels"], json!({"kubernetes.io/metadata.name": "kube-system"}));
        assert_eq!(tree.file(CILIUM)["ingressController"]["default"], true);
        let values = tree.file(CONTROLLER);
        assert_eq!(values["createIngressClassResource"], false, "the class stands beside the Ingress");
        for key in ["disableIngressClassAnnotation", "disableIngressGroupNameAnnotation"] {
            assert_eq!(values[key], true, "{key}");
        }
    });
}

#[test]
fn x11_health_checks_are_answered_by_envoy_on_nodes_that_stay() {
    everywhere(|tree| {
        let edge = tree.object("Ingress", "edge");
        // Envoy answers a request for a host that nobody serves with 404.
        assert_eq!(annotation(edge, "healthcheck-path"), "/");
        assert_eq!(annotation(edge, "success-codes"), "200-499");
        let labels = &tree.resource("cluster/nodes/template.yaml", "SystemNodes")["Labels"];
        let role = labels["node-role"].as_str().unwrap();
        assert_eq!(annotation(edge, "target-node-labels"), &json!(format!("node-role={role}")));

        // Envoy listens only when there is an Ingress of Cilium's class, whose path is not the health check's.
        let listener = tree.object("Ingress", "listener");
        assert_eq!(listener["spec"]["ingressClassName"], "cilium");
        let path = &listener["spec"]["rules"][0]["http"]["paths"][0];
        assert_eq!((&path["path"], &path["pathType"]), (&json!("/.well-known/edge"), &json!("Exact")));
        let service = tree.object("Service", path["backend"]["service"]["name"].as_str().unwrap());
        assert_eq!(service["spec"].get("selector"), None, "nobody stands behind it");
        assert_eq!(service["metadata"]["namespace"], listener["metadata"]["namespace"]);

        let envoy = &tree.file(CILIUM)["envoy"];
        assert_eq!(envoy["updateStrategy"]["rollingUpdate"]["maxUnavailable"], 1, "there may be two system nodes");
    });
}

#[test]
fn e6_tls_ends_at_the_load_balancer_and_plain_http_is_redirected() {
    everywhere(|tree| {
        let params = &tree.object("IngressClassParams", "alb")["spec"];
        assert_eq!(params["sslRedirectPort"], "443");
        assert!(params["sslPolicy"].as_str().unwrap().starts_with("ELBSecurityPolicy-TLS13-"));
        let edge = tree.object("Ingress", "edge");
        let ports: Value = serde_json::from_str(annotation(edge, "listen-ports").as_str().unwrap()).unwrap();
        assert_eq!(ports, json!([{"HTTP": 80}, {"HTTPS": 443}]));
        assert_eq!(annotation(edge, "certificate-arn"), &Value::Null, "an ARN is known only later");
        // Behind the load balancer everything is HTTP: a redirect by Cilium would go in circles.
        let controller = &tree.file(CILIUM)["ingressController"];
        assert_eq!((&controller["enforceHttps"], &controller["xffNumTrustedHops"]), (&json!(false), &json!(1)));
        assert_eq!(controller["secretsNamespace"]["sync"], false, "the operator reads nobody's secrets");
    });
}

#[test]
fn e6_the_certificate_covers_the_hosts_by_which_the_controller_finds_it() {
    everywhere(|tree| {
        let certificate = tree.resource(TEMPLATE, "IngressCertificate");
        let domain = certificate["DomainName"].as_str().unwrap();
        let names = BTreeSet::from([domain.to_owned(), format!("*.{domain}")]);
        assert_eq!(certificate["SubjectAlternativeNames"], json!([format!("*.{domain}")]));
        assert_eq!(certificate["ValidationMethod"], "DNS");
        let zone = json!({"Fn::ImportValue": format!("{}-network-HostedZoneId", tree.cluster())});
        assert_eq!(certificate["DomainValidationOptions"], json!([{"DomainName": domain, "HostedZoneId": zone}]));
        assert_eq!(tree.resource("network/template.yaml", "HostedZone")["Name"], domain);
        let rules = tree.object("Ingress", "edge")["spec"]["rules"].as_array().unwrap();
        let hosts: BTreeSet<_> = rules.iter().map(|rule| rule["host"].as_str().unwrap().to_owned()).collect();
        assert_eq!(hosts, names);
        assert_eq!(tree.file(EXTERNAL_DNS)["domainFilters"], json!([domain]));
    });
}

#[test]
fn st4_the_controller_may_do_exactly_what_its_project_says() {
    let Some(folder) = upstream("iam") else { return };
    let text = std::fs::read_to_string(folder.join("aws-load-balancer-controller.json")).unwrap();
    let theirs: Value = serde_json::from_str(&text).unwrap();
    let theirs: BTreeSet<_> = theirs["Statement"].as_array().unwrap().iter().flat_map(actions).collect();
    assert!(theirs.len() > 60, "{}", theirs.len());
    for tree in trees() {
        let without_waf = changed(&tree.environment, &["features.waf=false"]);
        assert_eq!(allowed(&without_waf, "LoadBalancerControllerRole"), theirs);
        // Their list forgets what looking a web ACL up by its name takes.
        let with_waf = changed(&tree.environment, &["features.waf=true"]);
        let more: Vec<_> = allowed(&with_waf, "LoadBalancerControllerRole").difference(&theirs).copied().collect();
        assert_eq!(more, ["wafv2:ListWebACLs"]);
    }
}

#[test]
fn st4_the_controller_changes_only_what_it_made_for_this_cluster() {
    everywhere(|tree| {
        let role = "LoadBalancerControllerRole";
        for sid in ["ChangeOwnLoadBalancers", "DeleteOwnSecurityGroups", "TagOwnLoadBalancers", "TagOwnSecurityGroups"]
        {
            let tag = &statement(tree, role, sid)["Condition"]["StringEquals"]["aws:ResourceTag/elbv2.k8s.aws/cluster"];
            assert_eq!(*tag, tree.cluster(), "{sid}");
        }
        for sid in ["CreateLoadBalancers", "TagNewLoadBalancers", "TagNewSecurityGroups"] {
            let tag = &statement(tree, role, sid)["Condition"]["StringEquals"]["aws:RequestTag/elbv2.k8s.aws/cluster"];
            assert_eq!(*tag, tree.cluster(), "{sid}");
        }
        assert_eq!(
            statement(tree, role, "OpenSecurityGroups")["Condition"],
            json!({"ArnEquals": {"ec2:Vpc": vpc_arn(tree)}})
        );
    });
}

#[test]
fn late_bound_the_controller_finds_its_vpc_by_the_tag_that_the_network_sets() {
    everywhere(|tree| {
        let values = tree.file(CONTROLLER);
        let vpc = tags(tree.resource("network/template.yaml", "Vpc"));
        assert_eq!(values["vpcTags"], json!({"Name": vpc["Name"]}));
        assert_eq!(values.get("vpcId"), None);
        assert_eq!((&values["clusterName"], &values["region"]), (&json!(tree.cluster()), &json!("eu-central-1")));
        assert_eq!(values["enableCertManager"], true, "else every diff would show a new certificate");
        assert_eq!(values["defaultTags"]["CostCenter"], "4200");
        assert_eq!(values["replicaCount"], 2);
        assert_eq!(values["podDisruptionBudget"], json!({"maxUnavailable": 1}));
        assert_eq!(values["serviceMonitor"]["enabled"], true);
        assert_eq!(values["enableServiceMutatorWebhook"], false, "no Service of a workload waits for the controller");
    });
}

#[test]
fn external_dns_writes_only_into_the_zone_and_knows_its_own_records() {
    everywhere(|tree| {
        let role = "ExternalDnsRole";
        let import = json!({"Fn::ImportValue": format!("{}-network-HostedZoneId", tree.cluster())});
        let zone = json!({"Fn::Sub": [
            "arn:${AWS::Partition}:route53:::hostedzone/${HostedZoneId}", {"HostedZoneId": import}
        ]});
        assert_eq!(statement(tree, role, "ChangeRecords")["Resource"], zone);
        assert_eq!(actions(statement(tree, role, "FindZones")), ["route53:ListHostedZones"]);
        let values = tree.file(EXTERNAL_DNS);
        assert_eq!(values["provider"]["name"], "aws");
        assert_eq!((&values["registry"], &values["txtOwnerId"]), (&json!("txt"), &json!(tree.cluster())));
        // Else the record beside the domain's own would lie outside its zone.
        assert!(values["txtPrefix"].as_str().unwrap().ends_with("%{record_type}."));
        assert_eq!(values["extraArgs"]["ingress-class"], "alb");
    });
    per_environment(["sync", "upsert-only", "upsert-only"].map(str::to_owned), |tree| {
        tree.file(EXTERNAL_DNS)["policy"].as_str().unwrap().to_owned()
    });
}

#[test]
fn ciliums_operator_has_the_ec2_actions_of_eni_mode_bound_to_this_cluster() {
    let expected = BTreeSet::from([
        "ec2:AssignPrivateIpAddresses",
        "ec2:AttachNetworkInterface",
        "ec2:CreateNetworkInterface",
        "ec2:CreateTags",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ec2:GetManagedPrefixListEntries",
        "ec2:ModifyNetworkInterfaceAttribute",
        "ec2:UnassignPrivateIpAddresses",
    ]);
    everywhere(|tree| {
        let role = "CiliumOperatorRole";
        assert_eq!(allowed(tree, role), expected);
        // The tag by which the role knows an interface is the one that Cilium makes it with.
        let made_with = &tree.file(CILIUM)["eni"]["gcTags"]["io.cilium/cluster-name"];
        assert_eq!(*made_with, tree.cluster());
        let create = &statement(tree, role, "CreateInterfaces")["Condition"];
        assert_eq!(*create, json!({"StringEquals": {"aws:RequestTag/io.cilium/cluster-name": made_with}}));
        let own = &statement(tree, role, "UseOwnInterfaces")["Condition"];
        assert_eq!(*own, json!({"StringEquals": {"aws:ResourceTag/io.cilium/cluster-name": made_with}}));
        for sid in ["AssignAddresses", "CreateInterfacesInTheVpc"] {
            let condition = &statement(tree, role, sid)["Condition"];
            assert_eq!(*condition, json!({"ArnEquals": {"ec2:Vpc": vpc_arn(tree)}}), "{sid}");
        }
    });
}

#[test]
fn sn8_ciliums_agent_and_envoy_run_on_every_node_and_its_operator_on_system_nodes() {
    everywhere(|tree| {
        let values = tree.file(CILIUM);
        let everything = json!([{"operator": "Exists"}]);
        assert_eq!((&values["tolerations"], &values["envoy"]["tolerations"]), (&everything, &everything));
        let operator = &values["operator"];
        assert_eq!(operator["nodeSelector"]["node-role"], "system");
        let tolerated: BTreeSet<_> =
            operator["tolerations"].as_array().unwrap().iter().map(|t| t["key"].as_str().unwrap()).collect();
        // K7: Karpenter's nodes carry this until the agent runs, and the operator takes it away.
        assert!(tolerated.is_superset(&BTreeSet::from(["CriticalAddonsOnly", "node.cilium.io/agent-not-ready"])));
    });
}

#[test]
fn ciliums_metrics_are_found_by_a_monitor_that_comes_after_its_kind() {
    everywhere(|tree| {
        let values = tree.file(CILIUM);
        for part in [&values["prometheus"], &values["operator"]["prometheus"]] {
            assert_eq!((&part["enabled"], &part["metricsService"]), (&json!(true), &json!(true)));
            assert_eq!(part.get("serviceMonitor"), None, "the chart is installed before the kind is known");
        }
        let monitor = &tree.object("ServiceMonitor", "cilium")["spec"];
        let ports: Vec<_> = monitor["endpoints"].as_array().unwrap().iter().map(|e| &e["port"]).collect();
        assert_eq!(ports, ["metrics", "envoy-metrics", "hubble-metrics"]);
        let wave = |name: &str| {
            let application = tree.object("Application", name);
            let wave = &application["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"];
            wave.as_str().unwrap().parse::<i64>().unwrap()
        };
        assert!(wave("cilium-monitors") > wave("prometheus-operator-crds"));
    });
}

#[test]
fn the_web_acl_limits_rates_asks_awss_rules_and_logs_what_it_stops() {
    let on = changed("dev", &["features.waf=true"]);
    for tree in [&on, &trees()[1], &trees()[2]] {
        let acl = tree.resource(TEMPLATE, "WebAcl");
        assert_eq!((&acl["Scope"], &acl["DefaultAction"]), (&json!("REGIONAL"), &json!({"Allow": {}})));
        let rules = acl["Rules"].as_array().unwrap();
        assert_eq!(rules[0]["Statement"]["RateBasedStatement"]["Limit"], 2000);
        assert_eq!(rules[0]["Action"], json!({"Block": {}}));
        let groups: Vec<_> = rules[1..].iter().map(|rule| &rule["Statement"]["ManagedRuleGroupStatement"]).collect();
        assert_eq!(groups.len(), 3);
        for (index, rule) in rules.iter().enumerate() {
            assert_eq!(rule["Priority"], index);
        }
        assert!(rules[1..].iter().all(|rule| rule["OverrideAction"] == json!({"None": {}})), "the groups refuse");
        let counted = &groups[2]["RuleActionOverrides"];
        assert_eq!(*counted, json!([{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]));

        // By name, since its ARN is known only later.
        assert_eq!(annotation(tree.object("Ingress", "edge"), "wafv2-acl-name"), &acl["Name"]);

        let group = tree.resource(TEMPLATE, "WebAclLogGroup")["LogGroupName"].as_str().unwrap();
        assert_eq!(group, format!("aws-waf-logs-{}", tree.cluster()), "WAF takes no other beginning");
        let logging = tree.resource(TEMPLATE, "WebAclLogging");
        let destination = logging["LogDestinationConfigs"][0]["Fn::Sub"].as_str().unwrap();
        assert!(destination.ends_with(":log-group:${WebAclLogGroup}"), "{destination}");
        let redacted = logging["RedactedFields"].as_array().unwrap();
        let redacted: Vec<_> = redacted.iter().map(|field| field["SingleHeader"]["Name"].as_str().unwrap()).collect();
        assert_eq!(redacted, ["authorization", "cookie"]);
    }
}

#[test]
fn st4_the_stack_holds_cilium_the_controller_external_dns_and_the_web_acl() {
    everywhere(|tree| {
        for component in ["cilium", "aws-load-balancer-controller", "external-dns"] {
            let sources = &tree.object("Application", component)["spec"]["sources"];
            let values = sources[0]["helm"]["valueFiles"][0].as_str().unwrap();
            assert!(values.ends_with(&format!("/networking-addons/{component}/values.yaml")), "{values}");
            assert!(tree.files.contains_key(&format!("networking-addons/{component}/values.yaml")));
        }
    });
    // The web ACL is the only part of it that an environment may do without.
    per_environment([0, 1, 1], |tree| tree.resources(TEMPLATE, "AWS::WAFv2::WebACL").len());
}
