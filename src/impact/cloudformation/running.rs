//! What an update does to what runs on a resource that stays: instances that are made anew, tasks and servers that are
//! stopped and started.

use super::kept::{Shorter, shorter};
use crate::check::{Consequence, Node, Pair};

/// What becomes of it.
#[derive(Debug)]
pub(super) struct Running {
    /// The property that is the cause, `TaskDefinition`; a point leads into a property.
    pub(super) property: &'static str,
    pub(super) consequence: Consequence,
    /// What the resource does: `rolls its nodes`.
    does: &'static str,
    /// How fast: `, 1 at a time`.
    pace: String,
}

impl Running {
    /// ``"`Nodes` rolls its nodes: its `Version` changes, 1 at a time"``.
    pub(super) fn message(&self, id: &str, why: &str) -> String {
        format!("`{id}` {}: {why}{}", self.does, self.pace)
    }
}

/// What a group's instances are made of. <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html>
const OF_INSTANCES: [&str; 6] = [
    "LaunchTemplate",
    "LaunchConfigurationName",
    "MixedInstancesPolicy",
    "VPCZoneIdentifier",
    "AvailabilityZones",
    "PlacementGroup",
];

/// What starts a deployment of a service, and other tasks with it.
const OF_TASKS: [&str; 9] = [
    "TaskDefinition",
    "ForceNewDeployment",
    "PlatformVersion",
    "NetworkConfiguration",
    "LoadBalancers",
    "ServiceRegistries",
    "ServiceConnectConfiguration",
    "VolumeConfigurations",
    "CapacityProviderStrategy",
];

/// Properties whose change is made at the cost of an interruption, by the user guides of the services: what runs is
/// stopped and started, one part after the other where there are several.
const INTERRUPTING: &[(&str, &[&str])] = &[
    ("AWS::AmazonMQ::Broker", &["EngineVersion", "HostInstanceType", "Configuration"]),
    ("AWS::DMS::ReplicationInstance", &["EngineVersion", "ReplicationInstanceClass"]),
    ("AWS::DocDB::DBCluster", &["EngineVersion"]),
    ("AWS::DocDB::DBInstance", &["DBInstanceClass"]),
    ("AWS::ElastiCache::CacheCluster", &["CacheNodeType", "EngineVersion"]),
    ("AWS::ElastiCache::ReplicationGroup", &["CacheNodeType", "EngineVersion"]),
    (
        "AWS::MSK::Cluster",
        &[
            "KafkaVersion",
            "ConfigurationInfo",
            "BrokerNodeGroupInfo.InstanceType",
            "ClientAuthentication",
            "EncryptionInfo",
        ],
    ),
    ("AWS::MemoryDB::Cluster", &["NodeType", "EngineVersion"]),
    ("AWS::Neptune::DBCluster", &["EngineVersion"]),
    ("AWS::Neptune::DBInstance", &["DBInstanceClass"]),
    ("AWS::RDS::DBCluster", &["EngineVersion", "DBClusterInstanceClass"]),
    ("AWS::RDS::DBInstance", &["EngineVersion", "DBInstanceClass"]),
    ("AWS::Redshift::Cluster", &["NodeType", "NumberOfNodes", "ClusterType", "ClusterVersion"]),
];

/// Properties that something else than their type decides about: another template, a chart of AWS' own.
const DECIDED_ELSEWHERE: &[(&str, &[&str])] = &[
    ("AWS::CloudFormation::StackSet", &["Parameters", "TemplateBody", "TemplateURL", "StackInstancesGroup"]),
    ("AWS::EKS::Addon", &["ConfigurationValues"]),
    ("AWS::ElasticBeanstalk::Environment", &["OptionSettings", "PlatformArn", "SolutionStackName", "VersionLabel"]),
    (
        "AWS::Serverless::Function",
        &[
            "AssumeRolePolicyDocument",
            "AutoPublishAlias",
            "AutoPublishAliasAllProperties",
            "AutoPublishCodeSha256",
            "DeploymentPreference",
            "EventInvokeConfig",
            "Events",
            "FunctionUrlConfig",
            "PermissionsBoundary",
            "Policies",
            "ProvisionedConcurrencyConfig",
            "Role",
            "RolePath",
            "VersionDeletionPolicy",
        ],
    ),
    ("AWS::ServiceCatalog::CloudFormationProvisionedProduct", &["ProvisioningParameters", "ProvisioningArtifactName"]),
];

/// What is deleted since it is kept for a shorter time.
fn forgotten(pair: &Pair<'_, '_>) -> Option<Running> {
    let (property, shorter) = shorter(pair)?;
    let (consequence, does) = match shorter {
        Shorter::Yes => (Consequence::Destroys, "loses what is older than it is to keep"),
        Shorter::Perhaps => {
            (Consequence::Unknown, "may lose what is older than it is to keep, if that is less than it was")
        }
    };
    Some(Running { property, consequence, does, pace: String::new() })
}

/// What the update of some properties does; none if nothing but the resource itself takes note.
pub(super) fn of_update(pair: &Pair<'_, '_>, is_changed: impl Fn(&str) -> bool) -> Option<Running> {
    let first = |all: &[&'static str]| all.iter().copied().find(|property| is_changed(property));
    let of = |property, consequence, does| Running { property, consequence, does, pace: String::new() };
    let kind = pair.new.kind;
    if let Some(forgotten) = forgotten(pair).filter(|it| is_changed(it.property)) {
        return Some(forgotten);
    }
    match kind {
        "AWS::EKS::Nodegroup" => {
            let property = first(&["LaunchTemplate", "ReleaseVersion", "Version"])?;
            Some(Running { pace: pace(pair), ..of(property, Consequence::RollsNodes, "rolls its nodes") })
        }
        "AWS::EKS::Addon" if is_changed("AddonVersion") => {
            Some(of("AddonVersion", Consequence::Restarts, "restarts its pods"))
        }
        "AWS::AutoScaling::AutoScalingGroup" => Some(group(pair, first(&OF_INSTANCES)?)),
        "AWS::ECS::Service" => {
            let count = pair.new.property("DesiredCount").and_then(|it| it.integer());
            if is_changed("DesiredCount") && count == Some(0) {
                return Some(of("DesiredCount", Consequence::Restarts, "stops all its tasks"));
            }
            Some(of(first(&OF_TASKS)?, Consequence::Restarts, "stops its tasks and starts others"))
        }
        _ => {
            let listed = |table: &[(&str, &[&'static str])]| first(table.iter().find(|(it, _)| *it == kind)?.1);
            if let Some(property) = listed(DECIDED_ELSEWHERE) {
                return Some(of(property, Consequence::Unknown, "is updated, and what comes of it is not known"));
            }
            Some(of(listed(INTERRUPTING)?, Consequence::Restarts, "is interrupted: what runs is stopped and started"))
        }
    }
}

/// What becomes of a group's instances, by its policy.
fn group(pair: &Pair<'_, '_>, property: &'static str) -> Running {
    let policy = pair.new.node.get("UpdatePolicy");
    let part = |name: &str| policy.as_ref().and_then(|it| it.get(name));
    let is_true = |it: Node<'_>| it.boolean() == Some(true) || it.text() == Some("true");
    let of = |consequence, does| Running { property, consequence, does, pace: String::new() };
    if part("AutoScalingReplacingUpdate").and_then(|it| it.get("WillReplace")).is_some_and(is_true) {
        return of(Consequence::Replaces, "is replaced by another group, with all its instances");
    }
    if let Some(rolling) = part("AutoScalingRollingUpdate") {
        let size = rolling.get("MaxBatchSize");
        let size = size.and_then(|it| it.text().map(str::to_owned).or_else(|| it.integer().map(|it| it.to_string())));
        let pace = format!(", {} at a time", size.as_deref().unwrap_or("1"));
        return Running { pace, ..of(Consequence::RollsNodes, "rolls its instances") };
    }
    let is_known =
        |(key, _): &(&str, Node<'_>)| matches!(*key, "AutoScalingReplacingUpdate" | "AutoScalingScheduledAction");
    if policy.is_none_or(|it| it.entries().iter().all(is_known)) {
        return of(Consequence::InPlace, "is updated, and its instances stay until something else takes them away");
    }
    of(Consequence::Unknown, "is updated, and what its `UpdatePolicy` makes of that is not known")
}

/// How many nodes of a group go at a time.
fn pace(pair: &Pair<'_, '_>) -> String {
    let at = |key: &str| pair.new.node.at(["Properties", "UpdateConfig", key]);
    let number = |it: Node<'_>| it.integer().map(|it| it.to_string()).or_else(|| it.text().map(str::to_owned));
    let most = at("MaxUnavailable").and_then(number);
    let percent = at("MaxUnavailablePercentage").and_then(number).map(|it| format!("{it} %"));
    match percent.or(most) {
        Some(most) => format!(", {most} at a time"),
        None if pair.new.property("UpdateConfig").is_some() => String::new(),
        None => ", 1 at a time".to_owned(),
    }
}
