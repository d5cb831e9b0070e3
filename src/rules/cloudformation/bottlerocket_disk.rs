//! The disks of Bottlerocket.

use super::referent;
use crate::check::cfn::Resource;
use crate::check::{Node, Report, View, rule};

rule! {
    BOTTLEROCKET_DISK = Error "cfn/bottlerocket-disk";
    summary: "a disk for Bottlerocket's data under another name than it has, or too small for it";
    explanation: "Bottlerocket has two disks: `/dev/xvda` with itself, and `/dev/xvdb` with images, logs and volumes of pods. A mapping under another name adds a third one that nothing uses, and the data stays on the disk of the AMI, 20 GiB without your key. The disk for data is made from a snapshot of 20 GiB, and EC2 starts no instance with a smaller one. Judged for launch templates of node groups with an AMI of Bottlerocket, and for node classes with its alias, that map the first disk and not the second.";
    wrong: "
        Resources:
          Launch: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {VolumeSize: 4}}, {DeviceName: /dev/xvdc, Ebs: {VolumeSize: 50}}]}}}
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], AmiType: BOTTLEROCKET_x86_64, LaunchTemplate: {Id: !Ref Launch, Version: '1'}}}
    ";
    right: "
        Resources:
          Launch: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {VolumeSize: 4}}, {DeviceName: /dev/xvdb, Ebs: {VolumeSize: 50}}]}}}
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], AmiType: BOTTLEROCKET_x86_64, LaunchTemplate: {Id: !Ref Launch, Version: '1'}}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        let mut told: Vec<&Resource<'_>> = Vec::new();
        for group in template.resources_of("AWS::EKS::Nodegroup") {
            let is_one =
                group.property("AmiType").and_then(|it| it.text()).is_some_and(|it| it.starts_with("BOTTLEROCKET"));
            let launch = group.property("LaunchTemplate").and_then(|it| it.get("Id"));
            let launch = launch.filter(|_| is_one).and_then(|node| template.resource(referent(&node)?.0));
            let Some(launch) = launch.filter(|launch| !told.iter().any(|it| it.id == launch.id)) else { continue };
            told.push(launch);
            if let Some(mappings) = launch.node.at(["Properties", "LaunchTemplateData", "BlockDeviceMappings"]) {
                judge(&mappings, "DeviceName", report);
            }
        }
    }
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        let root = class.root();
        let aliases = root.list(["spec", "amiSelectorTerms"]);
        let is_one = aliases.iter().any(|it| it.text_at(["alias"]).is_some_and(|it| it.starts_with("bottlerocket")))
            || root.text_at(["spec", "amiFamily"]) == Some("Bottlerocket");
        if let Some(mappings) = root.at(["spec", "blockDeviceMappings"]).filter(|_| is_one) {
            judge(&mappings, "deviceName", report);
        }
    }
}

fn judge(mappings: &Node<'_>, key: &str, report: &mut Report) {
    too_small(mappings, key, report);
    let names: Vec<_> = mappings.items().iter().filter_map(|it| it.get(key)).collect();
    let has = |name: &str| names.iter().any(|it| it.text() == Some(name));
    if !has("/dev/xvda") || has("/dev/xvdb") || names.iter().any(|it| it.text().is_none()) {
        return;
    }
    if let Some(other) = names.iter().find(|it| it.text() != Some("/dev/xvda")) {
        report
            .at(&BOTTLEROCKET_DISK, other, "Bottlerocket's data is on `/dev/xvdb`")
            .label("nothing uses this disk")
            .help("write `/dev/xvdb`");
    }
}

/// The size of the snapshot that the disk for data is made from
/// (<https://bottlerocket.dev/en/faq/>, "Storage"), in gibibytes.
const SNAPSHOT: i64 = 20;

fn too_small(mappings: &Node<'_>, key: &str, report: &mut Report) {
    let all = mappings.items();
    let disk = |name: &str| all.iter().find(|it| it.text_at([key]) == Some(name));
    let Some((gibibytes, node)) = disk("/dev/xvdb").and_then(size).filter(|(size, _)| *size < SNAPSHOT) else { return };
    let message = format!("Bottlerocket's disk for data cannot be {gibibytes} GiB: its snapshot has {SNAPSHOT}");
    let draft = report.at(&BOTTLEROCKET_DISK, node, message).label("EC2 starts no instance with it");
    match disk("/dev/xvda").and_then(size) {
        Some((other, place)) if other >= SNAPSHOT => draft
            .also(place, "the disk of the system alone has more")
            .help("swap the two: `/dev/xvda` is the system, `/dev/xvdb` is images and volumes"),
        _ => draft.help(format!("write {SNAPSHOT} GiB or more")),
    };
}

/// A disk's size in gibibytes, and where that is said.
fn size<'a>(disk: &Node<'a>) -> Option<(i64, Node<'a>)> {
    let node = disk.at(["Ebs", "VolumeSize"]).or_else(|| disk.at(["ebs", "volumeSize"]))?;
    let text = node.text().map(|text| text.trim_end_matches("Gi").trim_end_matches('G'));
    Some((node.integer().or_else(|| text?.parse().ok())?, node))
}
