//! Properties that cannot be changed: CloudFormation makes another resource in place of the old one.

/// Types and their properties of which the user guide says "Update requires: Replacement", without those that only
/// some values need; the registry has them as `createOnlyProperties`. A point leads into a property. Imported schemas
/// are not asked: what a project imports must not decide whether data is lost.
static TYPES: &[(&str, &[&str])] = &[
    ("AWS::APS::Workspace", &["KmsKeyArn"]),
    ("AWS::Backup::BackupVault", &["BackupVaultName", "EncryptionKeyArn"]),
    (
        "AWS::CertificateManager::Certificate",
        &["DomainName", "SubjectAlternativeNames", "KeyAlgorithm", "ValidationMethod"],
    ),
    ("AWS::CloudWatch::Alarm", &["AlarmName"]),
    ("AWS::DocDB::DBCluster", &["DBClusterIdentifier", "KmsKeyId", "StorageEncrypted"]),
    ("AWS::DynamoDB::Table", &["TableName", "KeySchema", "ImportSourceSpecification"]),
    ("AWS::EC2::EIP", &["Address", "NetworkBorderGroup"]),
    ("AWS::EC2::LaunchTemplate", &["LaunchTemplateName"]),
    ("AWS::EC2::NatGateway", &["AllocationId", "ConnectivityType", "SubnetId"]),
    ("AWS::EC2::RouteTable", &["VpcId"]),
    ("AWS::EC2::SecurityGroup", &["GroupDescription", "GroupName", "VpcId"]),
    ("AWS::EC2::Subnet", &["AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "OutpostArn", "VpcId"]),
    ("AWS::EC2::VPC", &["CidrBlock", "Ipv4IpamPoolId", "Ipv4NetmaskLength"]),
    ("AWS::EC2::VPCEndpoint", &["ServiceName", "ServiceRegion", "VpcEndpointType", "VpcId"]),
    ("AWS::EC2::Volume", &["AvailabilityZone", "Encrypted", "KmsKeyId"]),
    ("AWS::ECR::Repository", &["RepositoryName", "EncryptionConfiguration"]),
    ("AWS::ECS::Cluster", &["ClusterName"]),
    ("AWS::EFS::FileSystem", &["AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode"]),
    ("AWS::EKS::AccessEntry", &["ClusterName", "PrincipalArn", "Type"]),
    ("AWS::EKS::Addon", &["AddonName", "ClusterName"]),
    (
        "AWS::EKS::Cluster",
        &[
            "AccessConfig.BootstrapClusterCreatorAdminPermissions",
            "BootstrapSelfManagedAddons",
            "EncryptionConfig",
            "KubernetesNetworkConfig.IpFamily",
            "KubernetesNetworkConfig.ServiceIpv4Cidr",
            "Name",
            "OutpostConfig",
            "RoleArn",
        ],
    ),
    (
        "AWS::EKS::Nodegroup",
        &[
            "AmiType",
            "CapacityType",
            "ClusterName",
            "DiskSize",
            "InstanceTypes",
            "NodeRole",
            "NodegroupName",
            "RemoteAccess",
            "Subnets",
        ],
    ),
    ("AWS::EKS::PodIdentityAssociation", &["ClusterName", "Namespace", "ServiceAccount"]),
    ("AWS::Events::Rule", &["Name"]),
    ("AWS::IAM::InstanceProfile", &["InstanceProfileName", "Path"]),
    ("AWS::IAM::ManagedPolicy", &["Description", "ManagedPolicyName", "Path"]),
    ("AWS::IAM::Role", &["Path", "RoleName"]),
    ("AWS::KMS::Alias", &["AliasName"]),
    ("AWS::Logs::LogGroup", &["LogGroupName"]),
    (
        "AWS::RDS::DBCluster",
        &["DBClusterIdentifier", "DBSubnetGroupName", "DatabaseName", "KmsKeyId", "StorageEncrypted"],
    ),
    (
        "AWS::RDS::DBInstance",
        &["DBInstanceIdentifier", "DBName", "DBSubnetGroupName", "KmsKeyId", "MasterUsername", "StorageEncrypted"],
    ),
    ("AWS::Route53::HostedZone", &["Name"]),
    ("AWS::S3::Bucket", &["BucketName"]),
    ("AWS::SNS::Topic", &["FifoTopic", "TopicName"]),
    ("AWS::SQS::Queue", &["FifoQueue", "QueueName"]),
    ("AWS::SSM::Parameter", &["Name"]),
    ("AWS::SecretsManager::Secret", &["Name"]),
    ("AWS::WAFv2::WebACL", &["Name", "Scope"]),
];

/// The properties of a type that replace the resource when they change; none are known of other types.
pub(super) fn of(kind: &str) -> &'static [&'static str] {
    TYPES.iter().find(|(known, _)| *known == kind).map_or(&[], |(_, properties)| properties)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in the table stands in the registry's schemas, too, as far as those are at hand.
    #[test]
    #[allow(clippy::disallowed_methods, clippy::print_stderr, reason = "reads other people's schemas")]
    fn the_registry_says_so() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/upstream/cloudformation");
        if !folder.exists() {
            assert!(std::env::var_os("CI").is_none(), "missing: {}", folder.display());
            eprintln!("SKIPPED: there are no schemas at {}", folder.display());
            return;
        }
        let mut compared = 0;
        for (kind, properties) in TYPES {
            let Ok(text) = std::fs::read_to_string(folder.join(format!("{}.json", kind.replace("::", "-")))) else {
                continue;
            };
            let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
            let known: Vec<String> = schema["createOnlyProperties"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|path| path.as_str()?.strip_prefix("/properties/"))
                .map(|path| path.replace("/properties/", "/").replace('/', "."))
                .collect();
            let extra: Vec<_> = properties.iter().filter(|name| !known.iter().any(|it| it == *name)).collect();
            assert!(extra.is_empty(), "{kind}: {extra:?} are not in {known:?}");
            compared += 1;
        }
        assert!(compared > 20, "{compared}");
    }
}
