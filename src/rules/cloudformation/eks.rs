//! EKS clusters and their node groups.

use ipnet::Ipv4Net;

use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::rules::instances::family_architecture;
use crate::value::Value;

rule! {
    ENDPOINT = Error "cfn/public-endpoint";
    summary: "a Kubernetes API that the whole internet can reach";
    explanation: "With `EndpointPublicAccess` and no `PublicAccessCidrs`, or with `0.0.0.0/0` among them or a part of the internet that is nobody's own, such as `0.0.0.0/1`, the cluster's API answers to everybody. Name the networks that may, or use the private endpoint.";
    wrong: "
        Resources:
          Cluster:
            Type: AWS::EKS::Cluster
            Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {EndpointPublicAccess: true, SubnetIds: [a]}}
    ";
    right: "
        Resources:
          Cluster:
            Type: AWS::EKS::Cluster
            Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {EndpointPublicAccess: true, PublicAccessCidrs: [203.0.113.0/24], SubnetIds: [a]}}
    ";
}

rule! {
    NO_ENDPOINT = Error "cfn/no-endpoint";
    summary: "a cluster whose API nobody can reach";
    explanation: "The private endpoint is off unless it is turned on, and EKS refuses a cluster with neither it nor the public one.";
    wrong: "
        Resources:
          Cluster:
            Type: AWS::EKS::Cluster
            Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {EndpointPublicAccess: false, SubnetIds: [a]}}
    ";
    right: "
        Resources:
          Cluster:
            Type: AWS::EKS::Cluster
            Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {EndpointPublicAccess: false, EndpointPrivateAccess: true, SubnetIds: [a]}}
    ";
}

rule! {
    ENDPOINT_NETWORK = Error "cfn/endpoint-network";
    summary: "a private network among those that may reach a cluster's public endpoint";
    explanation: "`PublicAccessCidrs` bounds who may come to the public endpoint from the internet, where nobody has an address of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or of the other networks that are kept for private or local use. EKS refuses them: \"The following CIDRs are not allowed in publicAccessCidrs\". What is inside of the VPC, or joined to it by VPN, reaches the private endpoint (docs.aws.amazon.com, \"Cluster API server endpoint\").";
    wrong: "
        Resources:
          Cluster:
            Type: AWS::EKS::Cluster
            Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {EndpointPublicAccess: true, PublicAccessCidrs: [10.20.0.0/16], SubnetIds: [a]}}
    ";
    right: "
        Resources:
          Cluster:
            Type: AWS::EKS::Cluster
            Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {EndpointPublicAccess: true, EndpointPrivateAccess: true, PublicAccessCidrs: [203.0.113.0/24], SubnetIds: [a]}}
    ";
}

rule! {
    NODE_GROUP = Error "cfn/node-group";
    summary: "a node group that EKS refuses, or whose nodes cannot start";
    explanation: "The size of a disk belongs into the launch template once there is one. An AMI for arm64 runs on Graviton instances only, one for x86 on all others. Labels of the domains `kubernetes.io` and `k8s.io` are Kubernetes' own, but for `node.kubernetes.io` and a few more: EKS refuses them, or the kubelet does and its node never joins. Effects of taints are `NO_SCHEDULE`, `NO_EXECUTE` and `PREFER_NO_SCHEDULE` here, not in Kubernetes' spelling.";
    wrong: "
        Resources:
          Nodes:
            Type: AWS::EKS::Nodegroup
            Properties:
              ClusterName: prod
              NodeRole: r
              Subnets: [subnet-0123456789abcdefa]
              AmiType: BOTTLEROCKET_ARM_64
              InstanceTypes: [m7i.large]
    ";
    right: "
        Resources:
          Nodes:
            Type: AWS::EKS::Nodegroup
            Properties:
              ClusterName: prod
              NodeRole: r
              Subnets: [subnet-0123456789abcdefa]
              AmiType: BOTTLEROCKET_ARM_64
              InstanceTypes: [m7g.large]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for cluster in template.resources_of("AWS::EKS::Cluster") {
            endpoint(cluster, report);
            networks(cluster, report);
            no_endpoint(cluster, report);
        }
        for group in template.resources_of("AWS::EKS::Nodegroup") {
            disk(group, report);
            launch(template, group, report);
            architecture(group, report);
            labels(group, report);
            taints(group, report);
        }
    }
}

fn endpoint(cluster: &Resource<'_>, report: &mut Report) {
    let Some(config) = cluster.property("ResourcesVpcConfig") else { return };
    let Some(public) = config.get("EndpointPublicAccess") else { return };
    if !matches!(public.value, Value::Bool(true)) {
        return;
    }
    let help = "name the networks that may reach it in `PublicAccessCidrs`";
    let Some(networks) = config.get("PublicAccessCidrs") else {
        report.at(&ENDPOINT, &public, format!("anybody can reach the API of `{}`", cluster.id)).help(help);
        return;
    };
    let open = networks.items().into_iter().find(|network| network.text().is_some_and(super::is_everybody));
    if let Some(open) = open {
        report.at(&ENDPOINT, &open, format!("anybody can reach the API of `{}`", cluster.id)).help(help);
    }
}

/// Networks that nobody has on the internet: RFC 1918, 6598, 1122 and 3927. Those of documentation stand for one's own.
const NOT_PUBLIC: [&str; 6] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"];

fn networks(cluster: &Resource<'_>, report: &mut Report) {
    let Some(config) = cluster.property("ResourcesVpcConfig") else { return };
    if config.get("EndpointPublicAccess").is_some_and(|it| it.boolean() != Some(true)) {
        return;
    }
    for network in config.list(["PublicAccessCidrs"]) {
        let Some(own) = network.text().and_then(|text| text.parse::<Ipv4Net>().ok()) else { continue };
        let holds = |kept: &&&str| kept.parse::<Ipv4Net>().is_ok_and(|kept| kept.contains(&own));
        let Some(kept) = NOT_PUBLIC.iter().find(holds) else { continue };
        report
            .at(&ENDPOINT_NETWORK, &network, format!("EKS refuses `{own}` for the public endpoint of `{}`", cluster.id))
            .label(format!("nobody on the internet has an address of {kept}"))
            .help("name the public addresses behind which its users are, or let them use the private endpoint");
    }
}

fn no_endpoint(cluster: &Resource<'_>, report: &mut Report) {
    let Some(config) = cluster.property("ResourcesVpcConfig") else { return };
    let Some(public) = config.get("EndpointPublicAccess").filter(|node| node.boolean() == Some(false)) else { return };
    let private = config.get("EndpointPrivateAccess");
    if private.as_ref().is_none_or(|node| node.boolean() == Some(false)) {
        let draft = report.at(&NO_ENDPOINT, &public, format!("the API of `{}` has no endpoint at all", cluster.id));
        draft.label("the public one is off");
        match &private {
            Some(private) => draft.also(private, "and so is the private one"),
            None => draft,
        };
        draft.help("set `EndpointPrivateAccess` to true");
    }
}

fn disk(group: &Resource<'_>, report: &mut Report) {
    if let (Some(size), Some(template)) = (group.property("DiskSize"), group.property("LaunchTemplate")) {
        report
            .at(&NODE_GROUP, &size, format!("`{}` has a launch template, and the size of a disk beside it", group.id))
            .also(&template, "the launch template")
            .help("move the disk into the launch template's `BlockDeviceMappings`");
    }
}

/// What EKS refuses in the launch template of a group: docs.aws.amazon.com, "Customize managed nodes with launch templates".
fn launch(template: &Template<'_>, group: &Resource<'_>, report: &mut Report) {
    const REFUSED: [(&str, &str); 4] = [
        ("IamInstanceProfile", "EKS makes one of the group's `NodeRole`"),
        ("HibernationOptions", "nodes do not hibernate"),
        ("InstanceInitiatedShutdownBehavior", "EKS decides what ends a node"),
        ("InstanceMarketOptions", "spot is asked for by the group's `CapacityType`"),
    ];
    let id = group.property("LaunchTemplate").and_then(|it| it.at(["Id", "Ref"])?.text());
    let Some(launch) = id.and_then(|id| template.resource(id)) else { return };
    let Some(data) = launch.property("LaunchTemplateData") else { return };
    for (key, why) in REFUSED {
        if let Some(place) = data.get(key) {
            let message = format!("the node group `{}` cannot have a launch template with `{key}`", group.id);
            report.at(&NODE_GROUP, &place, message).about_key().label(why).help(format!("leave `{key}` out"));
        }
    }
}

fn architecture(group: &Resource<'_>, report: &mut Report) {
    let Some(ami) = group.property("AmiType") else { return };
    let Some(name) = ami.text().filter(|name| *name != "CUSTOM") else { return };
    let wants_arm = name.to_ascii_uppercase().contains("ARM_64");
    let types = group.property("InstanceTypes");
    for instance in types.iter().flat_map(Node::items) {
        let Some(kind) = instance.text() else { continue };
        let family = kind.split('.').next().unwrap_or_default();
        if family_architecture(family).is_some_and(|own| (own == "arm64") != wants_arm) {
            let (is, wants) = if wants_arm { ("x86", "arm64") } else { ("arm64", "x86") };
            report
                .at(&NODE_GROUP, &ami, format!("the AMI `{name}` is for {wants}, the instance type `{kind}` is {is}"))
                .also(&instance, format!("runs {is} only"))
                .help("choose the AMI or the instances of the other architecture");
        }
    }
}

/// Domains of labels that a kubelet may set by itself, of those that are Kubernetes' own: kubernetes.io, "Admission
/// Control in Kubernetes", `NodeRestriction`.
const OF_KUBELET: [&str; 4] =
    ["kubelet.kubernetes.io", "node.kubernetes.io", "topology.kubernetes.io", "failure-domain.beta.kubernetes.io"];

fn labels(group: &Resource<'_>, report: &mut Report) {
    let labels = group.property("Labels");
    for (key, node) in labels.iter().flat_map(Node::entries) {
        let Some((domain, _)) = key.split_once('/') else { continue };
        let is_of = |own: &str| domain == own || domain.strip_suffix(own).is_some_and(|rest| rest.ends_with('.'));
        let is_taken = is_of("kubernetes.io") || is_of("k8s.io") || domain == "eks.amazonaws.com";
        if is_taken && !OF_KUBELET.contains(&domain) {
            report
                .at(&NODE_GROUP, &node, format!("nodes of `{}` cannot give themselves the label `{key}`", group.id))
                .about_key()
                .label(format!("labels of `{domain}` are not for node groups"))
                .help("choose a label of your own, such as `node-role`");
        }
    }
}

fn taints(group: &Resource<'_>, report: &mut Report) {
    let taints = group.property("Taints");
    for effect in taints.iter().flat_map(Node::items).filter_map(|taint| taint.get("Effect")) {
        let right = match effect.text() {
            Some("NoSchedule") => "NO_SCHEDULE",
            Some("NoExecute") => "NO_EXECUTE",
            Some("PreferNoSchedule") => "PREFER_NO_SCHEDULE",
            _ => continue,
        };
        let name = effect.text().unwrap_or_default();
        report
            .at(&NODE_GROUP, &effect, format!("`{name}` is how Kubernetes spells an effect; EKS does not know it"))
            .help(format!("write `{right}`"));
    }
}
