//! Steps of a cluster's Kubernetes version.

use super::Change;
use crate::check::{Report, rule};

rule! {
    KUBERNETES_VERSION = Error "change/kubernetes-version";
    summary: "a cluster's Kubernetes version takes a step that EKS refuses";
    explanation: "EKS updates a control plane by one minor version at a time, and only upwards. Go through each version in between, with nodes and add-ons after it.";
    wrong: "
        --- # before/cluster/template.yaml
        Resources: {Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.33'}}}
        --- # after/cluster/template.yaml
        Resources: {Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.35'}}}
    ";
    right: "
        --- # before/cluster/template.yaml
        Resources: {Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.34'}}}
        --- # after/cluster/template.yaml
        Resources: {Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.35'}}}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for pair in change.resources() {
        if pair.new.kind != "AWS::EKS::Cluster" || pair.old.kind != pair.new.kind {
            continue;
        }
        let (Some(old), Some(new)) = (pair.old.property("Version"), pair.new.property("Version")) else { continue };
        let (Some(from), Some(to)) = (old.text().and_then(minor), new.text().and_then(minor)) else { continue };
        let (message, help) = if to < from {
            let message = format!("the cluster goes back from 1.{from} to 1.{to}, which EKS does not do");
            (message, format!("leave it at `1.{from}`"))
        } else if to > from + 1 {
            let message = format!("the cluster goes from 1.{from} to 1.{to}, and EKS takes one step at a time");
            (message, format!("set `1.{}` first", from + 1))
        } else {
            continue;
        };
        report
            .at(&KUBERNETES_VERSION, &new, message)
            .label(format!("1.{to}"))
            .beside(change.was(&old), format!("1.{from} is deployed"))
            .help(help);
    }
}

/// The minor version in `1.35`.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.parse().ok()
}
