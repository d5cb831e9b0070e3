//! Versions of EKS' add-ons, and of the cluster that they are for.

use crate::check::cfn::Resource;
use crate::check::{Report, View, rule};
use crate::rules::cloudformation::referent;

rule! {
    ADDON_VERSION = Error "cfn/addon-version";
    summary: "a build of an EKS add-on that is too old or too new for the cluster's Kubernetes";
    explanation: "EKS has builds of an add-on for each Kubernetes version, and refuses all others. kube-proxy has the cluster's own minor version, or up to three older ones while nodes are behind; CoreDNS begins with the first minor version that EKS lists for a Kubernetes version (docs.aws.amazon.com, \"Manage CoreDNS for DNS in Amazon EKS clusters\"). Judged where both versions stand in the tree.";
    wrong: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.35', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
          CoreDns: {Type: AWS::EKS::Addon, Properties: {ClusterName: !Ref Cluster, AddonName: coredns, AddonVersion: v1.9.3-eksbuild.2}}
    ";
    right: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.35', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
          CoreDns: {Type: AWS::EKS::Addon, Properties: {ClusterName: !Ref Cluster, AddonName: coredns, AddonVersion: v1.13.2-eksbuild.4}}
    ";
}

/// From this minor version of Kubernetes on, the oldest minor version of `CoreDNS` 1; looked up on 2026-11-30.
const COREDNS: [(u32, u32); 3] = [(25, 9), (27, 10), (30, 11)];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let clusters: Vec<_> = view.resources_of("AWS::EKS::Cluster").collect();
    for addon in view.resources_of("AWS::EKS::Addon") {
        let Some(name) = addon.property("AddonName").and_then(|node| node.text()) else { continue };
        let Some(node) = addon.property("AddonVersion") else { continue };
        let Some(build) = node.text().and_then(minor) else { continue };
        let Some(version) = cluster(addon, &clusters).and_then(|it| it.property("Version")) else { continue };
        let Some(own) = version.text().and_then(minor) else { continue };
        let wanted = match name {
            "kube-proxy" if build > own => Some(format!("of 1.{own} at most")),
            "kube-proxy" if build + 3 < own => Some(format!("of 1.{} at least", own - 3)),
            "coredns" => {
                let oldest = COREDNS.iter().rev().find(|(from, _)| own >= *from).map(|(_, oldest)| *oldest);
                oldest.filter(|oldest| build < *oldest).map(|oldest| format!("of 1.{oldest} at least"))
            }
            _ => None,
        };
        let Some(wanted) = wanted else { continue };
        report
            .at(&ADDON_VERSION, &node, format!("EKS has no such build of `{name}` for Kubernetes 1.{own}"))
            .label(format!("it must be {wanted}"))
            .also(&version, "the version of the cluster")
            .help(format!(
                "`aws eks describe-addon-versions --addon-name {name} --kubernetes-version 1.{own}` lists them"
            ));
    }
}

/// The cluster of an add-on, or the only one that there is.
fn cluster<'r, 'a>(addon: &Resource<'a>, clusters: &[&'r Resource<'a>]) -> Option<&'r Resource<'a>> {
    let [only] = clusters else { return None };
    let name = addon.property("ClusterName")?;
    let is_it = match (referent(&name), name.text()) {
        (Some((id, _)), _) => id == only.id,
        (None, Some(text)) => only.property("Name").and_then(|it| it.text()) == Some(text),
        // An import, of the cluster that there is.
        (None, None) => true,
    };
    is_it.then_some(*only)
}

/// The minor version of `v1.13.2-eksbuild.4`, or of `1.35`.
fn minor(version: &str) -> Option<u32> {
    version.trim_start_matches('v').strip_prefix("1.")?.split(['.', '-']).next()?.parse().ok()
}
