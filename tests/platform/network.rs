//! The network stack.

use serde_json::{Value, json};

use crate::tree::{Tree, changed, strings, tags, trees};
use crate::{everywhere, per_environment};

const TEMPLATE: &str = "network/template.yaml";

const INTERFACE_ENDPOINTS: [&str; 12] = [
    "aps-workspaces",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "secretsmanager",
    "sqs",
    "ssm",
    "sts",
];

/// Subnets by what stands in their name, in order of zones.
fn subnets<'a>(tree: &'a Tree, side: &str) -> Vec<(&'a str, &'a Value)> {
    let all = tree.resources(TEMPLATE, "AWS::EC2::Subnet");
    all.into_iter().filter(|(id, _)| id.starts_with(side)).collect()
}

fn prefix_length(subnet: &Value) -> u8 {
    subnet["CidrBlock"].as_str().unwrap().parse::<ipnet::Ipv4Net>().unwrap().prefix_len()
}

#[test]
fn n1_vpc_is_10_0_0_0_16() {
    everywhere(|tree| assert_eq!(tree.resource(TEMPLATE, "Vpc")["CidrBlock"], "10.0.0.0/16"));
}

#[test]
fn n2_nat_gateways_stand_in_public_subnets_and_nodes_in_private_ones() {
    everywhere(|tree| {
        for (_, nat) in tree.resources(TEMPLATE, "AWS::EC2::NatGateway") {
            assert!(nat["SubnetId"]["Ref"].as_str().unwrap().starts_with("PublicSubnet"));
        }
        let to_internet = tree.resource(TEMPLATE, "PublicRouteToInternet");
        assert_eq!(to_internet["GatewayId"], json!({"Ref": "InternetGateway"}));
        let nodes = &tree.resource("cluster/nodes/template.yaml", "SystemNodes")["Subnets"];
        for subnet in nodes.as_array().unwrap() {
            assert!(subnet["Fn::ImportValue"].as_str().unwrap().contains("-network-PrivateSubnet"));
        }
        for (id, subnet) in tree.resources(TEMPLATE, "AWS::EC2::Subnet") {
            assert_eq!(subnet["MapPublicIpOnLaunch"], false, "{id}");
        }
    });
}

#[test]
fn n3_three_availability_zones() {
    everywhere(|tree| {
        for side in ["Public", "Private"] {
            let zones: Vec<_> =
                subnets(tree, side).iter().map(|(_, s)| s["AvailabilityZone"]["Fn::Sub"].clone()).collect();
            assert_eq!(zones, ["${AWS::Region}a", "${AWS::Region}b", "${AWS::Region}c"]);
        }
    });
}

#[test]
fn n4_nat_gateways_per_environment() {
    per_environment([1, 2, 3], |tree| tree.resources(TEMPLATE, "AWS::EC2::NatGateway").len());
    per_environment([1, 2, 3], |tree| tree.resources(TEMPLATE, "AWS::EC2::EIP").len());
}

#[test]
fn n4_private_route_table_i_uses_nat_i_mod_n() {
    let routes = |tree: &Tree| {
        ["A", "B", "C"].map(|zone| {
            let route = tree.resource(TEMPLATE, &format!("PrivateRoute{zone}ToNat"));
            assert_eq!(route["RouteTableId"]["Ref"], format!("PrivateRouteTable{zone}"));
            route["NatGatewayId"]["Ref"].as_str().unwrap().to_owned()
        })
    };
    per_environment(
        [
            ["NatGatewayA", "NatGatewayA", "NatGatewayA"].map(str::to_owned),
            ["NatGatewayA", "NatGatewayB", "NatGatewayA"].map(str::to_owned),
            ["NatGatewayA", "NatGatewayB", "NatGatewayC"].map(str::to_owned),
        ],
        routes,
    );
}

#[test]
fn n5_flow_logs_of_all_traffic() {
    everywhere(|tree| {
        let log = tree.resource(TEMPLATE, "FlowLog");
        assert_eq!(log["ResourceType"], "VPC");
        assert_eq!(log["ResourceId"], json!({"Ref": "Vpc"}));
        assert_eq!(log["TrafficType"], "ALL");
        assert_eq!(log["LogGroupName"], json!({"Ref": "FlowLogGroup"}));
    });
    per_environment([7, 30, 90], |tree| tree.resource(TEMPLATE, "FlowLogGroup")["RetentionInDays"].as_u64().unwrap());
}

#[test]
fn n6_subnets_are_tagged_for_load_balancers_and_only_private_ones_for_karpenter() {
    everywhere(|tree| {
        for (id, subnet) in subnets(tree, "Public") {
            let tags = tags(subnet);
            assert_eq!(tags.get("kubernetes.io/role/elb"), Some(&"1"), "{id}");
            assert!(!tags.contains_key("kubernetes.io/role/internal-elb"), "{id}");
            assert!(!tags.contains_key("karpenter.sh/discovery"), "{id}");
        }
        for (id, subnet) in subnets(tree, "Private") {
            let tags = tags(subnet);
            assert_eq!(tags.get("kubernetes.io/role/internal-elb"), Some(&"1"), "{id}");
            assert!(!tags.contains_key("kubernetes.io/role/elb"), "{id}");
            assert_eq!(tags.get("karpenter.sh/discovery"), Some(&tree.cluster().as_str()), "{id}");
        }
    });
}

#[test]
fn n7_subnets_are_slash_20_and_disjoint() {
    everywhere(|tree| {
        let all = tree.resources(TEMPLATE, "AWS::EC2::Subnet");
        let nets: Vec<ipnet::Ipv4Net> =
            all.iter().map(|(_, s)| s["CidrBlock"].as_str().unwrap().parse().unwrap()).collect();
        for (id, subnet) in &all {
            assert_eq!(prefix_length(subnet), 20, "{id}");
        }
        for (i, a) in nets.iter().enumerate() {
            for b in &nets[i + 1..] {
                assert!(!a.contains(b) && !b.contains(a), "{a} overlaps {b}");
            }
        }
    });
}

#[test]
fn n8_vpc_endpoints() {
    everywhere(|tree| {
        let endpoints = tree.resources(TEMPLATE, "AWS::EC2::VPCEndpoint");
        let of_type = |kind: &str| {
            let mut services: Vec<_> = endpoints
                .iter()
                .filter(|(_, endpoint)| endpoint["VpcEndpointType"] == kind)
                .map(|(_, endpoint)| endpoint["ServiceName"]["Fn::Sub"].as_str().unwrap())
                .map(|name| name.strip_prefix("com.amazonaws.${AWS::Region}.").unwrap())
                .collect();
            services.sort_unstable();
            services
        };
        assert_eq!(of_type("Gateway"), ["s3"]);
        assert_eq!(of_type("Interface"), INTERFACE_ENDPOINTS);
        for (id, endpoint) in endpoints.iter().filter(|(_, endpoint)| endpoint["VpcEndpointType"] == "Interface") {
            assert_eq!(endpoint["PrivateDnsEnabled"], true, "{id}");
            for subnet in endpoint["SubnetIds"].as_array().unwrap() {
                assert!(subnet["Ref"].as_str().unwrap().starts_with("PrivateSubnet"), "{id}");
            }
        }
        let s3 = tree.resource(TEMPLATE, "S3GatewayEndpoint");
        assert_eq!(s3["RouteTableIds"].as_array().unwrap().len(), 3);
    });
    per_environment([1, 3, 3], |tree| tree.resource(TEMPLATE, "KmsEndpoint")["SubnetIds"].as_array().unwrap().len());
}

#[test]
fn the_vpc_answers_by_name_as_private_endpoints_need() {
    everywhere(|tree| {
        let vpc = tree.resource(TEMPLATE, "Vpc");
        assert_eq!((&vpc["EnableDnsHostnames"], &vpc["EnableDnsSupport"]), (&json!(true), &json!(true)));
    });
}

#[test]
fn flow_logs_may_write_to_their_own_group_only() {
    everywhere(|tree| {
        let role = tree.resource(TEMPLATE, "FlowLogRole");
        let statements = role["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
        let writes = statements.iter().find(|s| s["Sid"] == "WriteStreams").unwrap();
        assert_eq!(writes["Resource"], json!({"Fn::GetAtt": ["FlowLogGroup", "Arn"]}));
        assert!(strings(&writes["Action"]).iter().all(|action| action.starts_with("logs:")));
        let trust = &role["AssumeRolePolicyDocument"]["Statement"][0];
        assert_eq!(trust["Condition"]["StringEquals"]["aws:SourceAccount"], json!({"Ref": "AWS::AccountId"}));
    });
}

#[test]
fn the_zone_of_the_domain_is_made_with_the_network_and_exported() {
    let domains = ["dev.platform.example.com", "staging.platform.example.com", "platform.example.com"];
    per_environment(domains.map(str::to_owned), |tree| {
        tree.resource(TEMPLATE, "HostedZone")["Name"].as_str().unwrap().to_owned()
    });
    everywhere(|tree| {
        let template = tree.file(TEMPLATE);
        assert_eq!(template["Resources"]["HostedZone"]["DeletionPolicy"], "RetainExceptOnCreate");
        let output = &template["Outputs"]["HostedZoneId"];
        assert_eq!(output["Value"], json!({"Ref": "HostedZone"}));
        assert_eq!(output["Export"]["Name"], format!("{}-network-HostedZoneId", tree.cluster()));
        assert!(tree.text("deploy-order.txt").contains("name servers in the output NameServers"));
    });
}

#[test]
fn a_zone_that_exists_already_is_exported_and_not_made() {
    for tree in trees() {
        let given =
            changed(&tree.environment, &["dns.hostedZone.create=false", "dns.hostedZone.id=Z0123456789ABCDEFGHIJ"]);
        let template = given.file(TEMPLATE);
        assert!(given.resources(TEMPLATE, "AWS::Route53::HostedZone").is_empty());
        assert_eq!(template["Outputs"]["HostedZoneId"]["Value"], "Z0123456789ABCDEFGHIJ");
        assert_eq!(template["Outputs"].get("NameServers"), None);
        assert!(!given.text("deploy-order.txt").contains("NameServers"));
    }
}

#[test]
fn st1_the_network_stack_holds_everything_that_later_stacks_stand_in() {
    everywhere(|tree| {
        let resources = tree.file(TEMPLATE)["Resources"].as_object().unwrap();
        let has = |kind: &str| resources.values().any(|resource| resource["Type"] == kind);
        for kind in ["VPC", "Subnet", "InternetGateway", "NatGateway", "RouteTable", "FlowLog", "VPCEndpoint"] {
            assert!(has(&format!("AWS::EC2::{kind}")), "{kind}");
        }
        assert!(!tree.text(TEMPLATE).contains("Fn::ImportValue"), "it is the first stack");
    });
}

#[test]
fn a_transit_gateway_is_attached_by_the_private_subnets_and_changes_nothing_else() {
    let routes = ["192.168.0.0/16", "10.128.0.0/9"];
    for tree in trees() {
        assert!(tree.resources(TEMPLATE, "AWS::EC2::TransitGatewayAttachment").is_empty());
        let list = routes.map(|route| format!("\"{route}\"")).join(", ");
        let settings = [
            "network.transitGateway.id=tgw-0a1b2c3d4e5f60718".to_owned(),
            format!("network.transitGateway.routes=[{list}]"),
        ];
        let joined = changed(&tree.environment, &settings.each_ref().map(String::as_str));
        let [(_, attachment)] = joined.resources(TEMPLATE, "AWS::EC2::TransitGatewayAttachment")[..] else {
            panic!("one attachment");
        };
        let private: Vec<_> = subnets(&joined, "Private").iter().map(|(id, _)| json!({"Ref": id})).collect();
        assert_eq!(attachment["SubnetIds"], json!(private));
        let brought: Vec<_> = joined
            .resources(TEMPLATE, "AWS::EC2::Route")
            .into_iter()
            .filter(|(_, route)| route["TransitGatewayId"] == "tgw-0a1b2c3d4e5f60718")
            .collect();
        assert_eq!(brought.len(), private.len() * routes.len());
        for (id, route) in brought {
            assert_eq!(joined.file(TEMPLATE)["Resources"][id]["DependsOn"], "TransitGatewayAttachment");
            assert!(routes.iter().any(|wanted| route["DestinationCidrBlock"] == *wanted), "{id}");
        }
        let changed: Vec<_> = crate::flags::differing(tree, &joined).into_iter().collect();
        assert_eq!(changed, [TEMPLATE]);
    }
}
