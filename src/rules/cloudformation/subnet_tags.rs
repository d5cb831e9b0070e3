//! Tags by which the AWS Load Balancer Controller finds subnets.

use super::routes::{Routes, Way, zone};
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    SUBNET_TAGS = Warning "cfn/subnet-tags";
    summary: "subnets lack the tag by which load balancers are put into them";
    explanation: "The AWS Load Balancer Controller puts load balancers that face the internet into subnets with the tag `kubernetes.io/role/elb`, and internal ones into those with `kubernetes.io/role/internal-elb`. Without the tag it finds no subnet, or takes any that its routes make look right, those of other clusters in the VPC among them. Judged where a tree makes an EKS cluster and subnets and installs the controller: each zone needs a subnet with the tag.";
    wrong: "
        --- # network/template.yaml
        Resources:
          Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/24, Tags: [{Key: Name, Value: public}]}}
          Internet: {Type: AWS::EC2::InternetGateway}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Internet}}
          Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Public, RouteTableId: !Ref Table}}
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: load-balancers}
        spec: {source: {repoURL: https://aws.github.io/eks-charts, chart: aws-load-balancer-controller, targetRevision: 3.5.0}}
    ";
    right: "
        --- # network/template.yaml
        Resources:
          Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/24, Tags: [{Key: kubernetes.io/role/elb, Value: '1'}]}}
          Internet: {Type: AWS::EC2::InternetGateway}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Internet}}
          Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Public, RouteTableId: !Ref Table}}
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: load-balancers}
        spec: {source: {repoURL: https://aws.github.io/eks-charts, chart: aws-load-balancer-controller, targetRevision: 3.5.0}}
    ";
}

const PUBLIC: (&str, &str) = ("public", "kubernetes.io/role/elb");
const PRIVATE: (&str, &str) = ("private", "kubernetes.io/role/internal-elb");

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let has_cluster = view.templates().iter().any(|it| it.resources_of("AWS::EKS::Cluster").next().is_some());
    let is_controller = |chart: &str| chart.rsplit('/').next() == Some("aws-load-balancer-controller");
    if !has_cluster || !view.releases().iter().any(|release| is_controller(release.chart_name())) {
        return;
    }
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        let routes = Routes::of(template);
        for kind in [PUBLIC, PRIVATE] {
            judge(template, &routes, kind, report);
        }
    }
}

fn judge(template: &Template<'_>, routes: &Routes<'_, '_>, kind: (&str, &str), report: &mut Report) {
    let (name, tag) = kind;
    let is_one = |subnet: &&Resource<'_>| {
        let ways = routes.out_of(subnet.id).unwrap_or_default();
        let is_public = ways.iter().any(|way| matches!(way, Way::Gateway));
        let is_private = !is_public && ways.iter().any(|way| matches!(way, Way::Nat(..)));
        if kind == PUBLIC { is_public } else { is_private }
    };
    let subnets: Vec<_> = template.resources_of("AWS::EC2::Subnet").filter(is_one).collect();
    // Whoever writes tags with functions may well give this one.
    let Some(tagged) = subnets.iter().map(|subnet| has_tag(subnet, tag)).collect::<Option<Vec<_>>>() else { return };
    let is_served = |subnet: &Resource<'_>| {
        let in_zone = subnets.iter().zip(&tagged).filter(|(other, _)| zone(other) == zone(subnet));
        in_zone.into_iter().any(|(_, tagged)| *tagged)
    };
    let missing: Vec<_> = subnets.iter().filter(|subnet| !is_served(subnet)).collect();
    let Some(first) = missing.first() else { return };
    let names: Vec<&str> = missing.iter().map(|subnet| subnet.id).collect();
    let message = format!("no {name} subnet of its zone has the tag `{tag}`: `{}`", names.join("`, `"));
    report
        .at(&SUBNET_TAGS, &first.node, message)
        .label("the load balancer controller looks for it")
        .help(format!("tag the {name} subnets `{tag}: \"1\"`"));
}

/// None if only deployment knows.
fn has_tag(subnet: &Resource<'_>, wanted: &str) -> Option<bool> {
    let Some(tags) = subnet.property("Tags") else { return Some(false) };
    let keys: Option<Vec<&str>> = tags.items().iter().map(|tag| tag.get("Key").as_ref().and_then(Node::text)).collect();
    if matches!(tags.value, crate::value::Value::List(_)) { Some(keys?.contains(&wanted)) } else { None }
}
