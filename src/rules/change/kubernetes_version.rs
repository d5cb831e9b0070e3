//! Steps of a cluster's Kubernetes version.

use crate::check::Change;
use crate::check::{Report, rule};
use crate::impact::steps;
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
    for step in steps(change, |text| Minor::exact(text).map(|it| it.0)) {
        let (from, to) = (Minor(step.from), Minor(step.to));
        let (message, help) = if to < from {
            let message = format!("the cluster goes back from {from} to {to}, which EKS does not do");
            (message, format!("leave it at `{from}`"))
        } else {
            let message = format!("the cluster goes from {from} to {to}, and EKS takes one step at a time");
            (message, format!("set `{}` first", Minor(from.0 + 1)))
        };
        report
            .at(&KUBERNETES_VERSION, &step.new, message)
            .label(to.to_string())
            .beside(change.was(&step.old), format!("{from} is deployed"))
            .help(help);
    }
}
