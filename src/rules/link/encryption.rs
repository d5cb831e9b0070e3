//! Keys that are named for an encryption which is off.

use crate::check::cfn::Template;
use crate::check::{Node, Report, View, rule};

rule! {
    ENCRYPTION = Error "link/encryption";
    summary: "a key is named, and what it should encrypt is not encrypted";
    explanation: "A key alone encrypts nothing: EC2, EFS and RDS want to be told, by `Encrypted` or `StorageEncrypted`, and refuse a key without it. The stack fails, and Karpenter starts no node. Databases that are made from a snapshot or as a replica, and the instances of a cluster of databases, take it over from there, and are not judged.";
    wrong: "
        Resources:
          Data:
            Type: AWS::EFS::FileSystem
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties: {KmsKeyId: alias/data}
    ";
    right: "
        Resources:
          Data:
            Type: AWS::EFS::FileSystem
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties: {KmsKeyId: alias/data, Encrypted: true}
    ";
}

/// Types, and what turns the encryption on by the key `KmsKeyId`.
const TYPES: [(&str, &str); 6] = [
    ("AWS::DocDB::DBCluster", "StorageEncrypted"),
    ("AWS::EC2::Volume", "Encrypted"),
    ("AWS::EFS::FileSystem", "Encrypted"),
    ("AWS::Neptune::DBCluster", "StorageEncrypted"),
    ("AWS::RDS::DBCluster", "StorageEncrypted"),
    ("AWS::RDS::DBInstance", "StorageEncrypted"),
];

/// What a database, or a disk, takes its encryption over from.
const FROM_ELSEWHERE: [&str; 10] = [
    "DBClusterIdentifier",
    "DBClusterSnapshotIdentifier",
    "DBSnapshotIdentifier",
    "GlobalClusterIdentifier",
    "ReplicationSourceIdentifier",
    "SnapshotId",
    "SnapshotIdentifier",
    "SourceDBClusterIdentifier",
    "SourceDBInstanceIdentifier",
    "SourceDbiResourceId",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for resource in view.templates().iter().flat_map(Template::resources) {
        if let Some((_, switch)) = TYPES.iter().find(|(kind, _)| *kind == resource.kind) {
            // The schema of a DBInstance itself asks for the switch where there is a key.
            let is_told = |it: &Node<'_>| resource.kind == "AWS::RDS::DBInstance" && it.get(switch).is_none();
            if let Some(properties) = resource.properties().filter(|it| !is_told(it)) {
                judge(&properties, "KmsKeyId", switch, report);
            }
        } else if resource.kind == "AWS::EC2::LaunchTemplate" {
            let disks = resource.node.at(["Properties", "LaunchTemplateData", "BlockDeviceMappings"]);
            for disk in disks.iter().flat_map(Node::items).filter_map(|mapping| mapping.get("Ebs")) {
                judge(&disk, "KmsKeyId", "Encrypted", report);
            }
        }
    }
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        for mapping in class.root().list(["spec", "blockDeviceMappings"]) {
            if let Some(disk) = mapping.get("ebs").filter(|disk| disk.get("snapshotID").is_none()) {
                judge(&disk, "kmsKeyID", "encrypted", report);
            }
        }
    }
}

fn judge(map: &Node<'_>, key: &str, switch: &str, report: &mut Report) {
    let Some(named) = map.get(key) else { return };
    let is_set = map.get(switch);
    let is_off = is_set.as_ref().is_none_or(|set| set.boolean() == Some(false) || set.text() == Some("false"));
    // A key that `Fn::If` may leave out, or a map that `Fn::If` gives, is only known at deployment.
    let is_known = named.text().is_some()
        || ["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::ImportValue"].iter().any(|function| named.get(function).is_some());
    if !is_off || !is_known || FROM_ELSEWHERE.iter().any(|from| map.get(from).is_some()) {
        return;
    }
    let draft = match &is_set {
        Some(set) => report.at(&ENCRYPTION, set, format!("`{switch}` is off, and a key is named")),
        None => report.at(&ENCRYPTION, named, format!("a key is named, and `{switch}` is not set")),
    };
    if is_set.is_some() {
        draft.also(named, "the key");
    }
    draft.help(format!("set `{switch}: true`"));
}
