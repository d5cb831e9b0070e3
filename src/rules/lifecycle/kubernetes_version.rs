//! Versions of Kubernetes that EKS does not have, or supports no more.

use super::tables::{EKS, Support, YEAR};
use super::{day, version::Minor};
use crate::check::cfn::Resource;
use crate::check::{Node, Report, View, rule};

rule! {
    KUBERNETES_VERSION = Error "lifecycle/kubernetes-version";
    summary: "a cluster of a Kubernetes version that EKS does not have, or no longer";
    explanation: "EKS makes no cluster of a version whose extended support has ended, and upgrades the ones that there are by itself, on a day that it does not announce; the template then says something else than the cluster. The version is a minor one, without a patch. Judged by a table in platc: of the day that `--as-of` gives, or else of the day when the table was made.";
    wrong: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.28', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
    ";
    right: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.35', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
    ";
}

rule! {
    EXTENDED_SUPPORT = Warning "lifecycle/extended-support";
    summary: "a cluster of a Kubernetes version whose standard support has ended";
    explanation: "In extended support EKS charges several times as much for each hour of the cluster, for a year; then it upgrades the cluster by itself. With `UpgradePolicy: {SupportType: STANDARD}` it does so when standard support ends. Judged by a table in platc: of the day that `--as-of` gives, or else of the day when the table was made.";
    wrong: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.32', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
    ";
    right: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.35', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for cluster in view.resources_of("AWS::EKS::Cluster") {
        let Some(node) = cluster.property("Version") else { continue };
        let Some(text) = node.text() else { continue };
        if let Some(minor) = Minor::exact(text) {
            judge(minor, &node, cluster, day(view), report);
            continue;
        }
        let help = match Minor::leading(text) {
            Some(minor) => format!("write the minor version alone, `{minor}`: EKS chooses the patch"),
            None => "write a minor version, such as `1.35`".to_owned(),
        };
        report.at(&KUBERNETES_VERSION, &node, format!("`{text}` is no Kubernetes version of EKS")).help(help);
    }
}

fn judge(minor: Minor, node: &Node<'_>, cluster: &Resource<'_>, day: &str, report: &mut Report) {
    let [oldest, .., newest] = &EKS;
    if minor > newest.minor {
        if minor.0 > newest.minor.0 + YEAR {
            report
                .at(&KUBERNETES_VERSION, node, format!("there is no Kubernetes `{minor}`"))
                .help(format!("the newest version on EKS that this platc knows is `{}`", newest.minor));
        }
        return;
    }
    let Some(support) = EKS.iter().find(|support| support.minor == minor) else {
        let message = format!("EKS stopped supporting Kubernetes `{minor}` before {}", oldest.extended);
        report.at(&KUBERNETES_VERSION, node, message).help(upgrade(minor, day));
        return;
    };
    let Support { standard, extended, .. } = *support;
    if extended <= day {
        report
            .at(&KUBERNETES_VERSION, node, format!("EKS has not supported Kubernetes `{minor}` since {extended}"))
            .label("no cluster can be made of this, and those there are get upgraded")
            .help(upgrade(minor, day));
    } else if standard <= day {
        let message = format!("the standard support of Kubernetes `{minor}` on EKS ended on {standard}");
        let upgrades =
            cluster.properties().and_then(|it| it.text_at(["UpgradePolicy", "SupportType"])) == Some("STANDARD");
        let label = if upgrades {
            "EKS upgrades this cluster by itself".to_owned()
        } else {
            format!("extended support costs more, and ends on {extended}")
        };
        report.at(&EXTENDED_SUPPORT, node, message).label(label).help(upgrade(minor, day));
    }
}

/// The way to a version that has standard support.
fn upgrade(from: Minor, day: &str) -> String {
    let supported: Vec<String> = EKS
        .iter()
        .filter(|support| support.minor > from && support.standard > day)
        .map(|support| format!("`{}`", support.minor))
        .collect();
    if supported.is_empty() {
        return "upgrade one minor version at a time".to_owned();
    }
    format!("upgrade to a version in standard support, one minor version at a time: {}", supported.join(", "))
}
