//! Steps of a cluster's Kubernetes version.

use crate::check::Change;
use crate::check::{Report, rule};
use crate::rules::lifecycle::Minor;

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
        let (Some(from), Some(to)) = (old.text().and_then(Minor::exact), new.text().and_then(Minor::exact)) else {
            continue;
        };
        let (message, help) = if to < from {
            let message = format!("the cluster goes back from {from} to {to}, which EKS does not do");
            (message, format!("leave it at `{from}`"))
        } else if to.0 > from.0 + 1 {
            let message = format!("the cluster goes from {from} to {to}, and EKS takes one step at a time");
            (message, format!("set `{}` first", Minor(from.0 + 1)))
        } else {
            continue;
        };
        report
            .at(&KUBERNETES_VERSION, &new, message)
            .label(to.to_string())
            .beside(change.was(&old), format!("{from} is deployed"))
            .help(help);
    }
}
