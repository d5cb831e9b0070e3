//! Webhooks of charts that the control plane does not reach.

use crate::check::{Node, Report, View, rule};
use crate::rules::cloudformation::{Ingress, ingress, referent};

rule! {
    WEBHOOK_PORT = Error "link/webhook-port";
    summary: "the security group of the nodes lets the control plane not reach a webhook";
    explanation: "The API server calls webhooks and aggregated APIs in their pods, on the pods' own ports: 9443, 10250, 4443 and others. Where the nodes' security group lets the control plane's in on port 10250 alone, kubelets answer and webhooks do not: with `failurePolicy: Fail` nothing is created any more. Judged where a group of the tree lets port 10250 in from the cluster's security group, by the ports of charts that the tree installs; a rule for addresses or for a group that is not known counts as one that lets everything in.";
    wrong: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
          Nodes: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: nodes}}
          Kubelet: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !GetAtt Nodes.GroupId, SourceSecurityGroupId: !GetAtt Cluster.ClusterSecurityGroupId, IpProtocol: tcp, FromPort: 10250, ToPort: 10250}}
        --- # kyverno.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: kyverno, namespace: argocd}
        spec: {project: default, destination: {server: 'https://kubernetes.default.svc', namespace: kyverno}, source: {repoURL: 'https://kyverno.github.io/kyverno', chart: kyverno, targetRevision: 3.5.0}, syncPolicy: {syncOptions: [ServerSideApply=true]}}
    ";
    right: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
          Nodes: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: nodes}}
          Kubelet: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !GetAtt Nodes.GroupId, SourceSecurityGroupId: !GetAtt Cluster.ClusterSecurityGroupId, IpProtocol: tcp, FromPort: 1025, ToPort: 65535}}
        --- # kyverno.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: kyverno, namespace: argocd}
        spec: {project: default, destination: {server: 'https://kubernetes.default.svc', namespace: kyverno}, source: {repoURL: 'https://kyverno.github.io/kyverno', chart: kyverno, targetRevision: 3.5.0}, syncPolicy: {syncOptions: [ServerSideApply=true]}}
    ";
}

const KUBELET: i64 = 10250;

/// Charts, where their values have the port of the webhook's pods, and what it is without. Charts' own values, 2026-11.
const WEBHOOKS: [(&str, &str, i64); 5] = [
    ("kyverno", "admissionController.webhookServer.port", 9443),
    ("aws-load-balancer-controller", "webhookBindPort", 9443),
    ("cert-manager", "webhook.securePort", 10250),
    ("external-secrets", "webhook.port", 10250),
    ("keda", "webhooks.port", 9443),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for group in template.resources_of("AWS::EC2::SecurityGroup") {
            let Some(rules) = ingress(view, template, group) else { continue };
            let is_clusters =
                |node: &Node<'_>| referent(node).is_some_and(|(_, it)| it == Some("ClusterSecurityGroupId"));
            let is_own = |node: &Node<'_>| referent(node).is_some_and(|(id, _)| id == group.id);
            let of_cluster = |rule: &&Ingress<'_>| rule.source().is_some_and(|it| is_clusters(&it));
            let Some(kubelet) = rules.iter().filter(of_cluster).find(|rule| rule.admits(KUBELET)) else { continue };
            // What is neither from the group itself nor from the control plane may be from wherever that is.
            let counts = |rule: &&Ingress<'_>| !rule.source().is_some_and(|it| is_own(&it));
            for (chart, path, port) in WEBHOOKS {
                let Some((port, by)) = port_of(view, chart, path, port) else { continue };
                if !rules.iter().filter(counts).any(|rule| rule.admits(port)) {
                    tell(chart, port, kubelet, &by, report);
                    break;
                }
            }
        }
    }
}

/// The port that an installed chart's webhook listens on, and where that is said.
fn port_of<'a>(view: &View<'a>, chart: &str, path: &str, default: i64) -> Option<(i64, Node<'a>)> {
    let release = view.releases().iter().find(|release| release.chart_name() == chart)?;
    let values = view.values_of_chart(chart);
    // On the network of the node it is the node's own group as well.
    match values.iter().find_map(|values| values.get(path)) {
        Some(node) => Some((node.integer()?, node)),
        None => Some((default, release.node)),
    }
}

fn tell(chart: &str, port: i64, kubelet: &Ingress<'_>, by: &Node<'_>, report: &mut Report) {
    let place = kubelet.rule.get("FromPort").unwrap_or(kubelet.rule);
    report
        .at(&WEBHOOK_PORT, place, format!("the control plane does not reach the webhook of `{chart}`, on port {port}"))
        .label("this lets the kubelet's port in, and no rule that of the webhook")
        .also(by, format!("it listens on port {port}"))
        .help("let TCP ports 1025 to 65535 in from the cluster's security group, as EKS recommends");
}
