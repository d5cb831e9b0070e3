//! [`Replacement`]: a property whose change makes `CloudFormation` replace a resource.

use super::same::{Same, same, same_rewritten};
use super::types::{Property, Type};
use crate::check::cfn::Resource;
use crate::check::{Brought, Change, Node, Pair};

/// The property that is a resource's physical name, by type, where its name is not what identifies it.
const NAMES: [(&str, &str); 20] = [
    ("AWS::Batch::ComputeEnvironment", "ComputeEnvironmentName"),
    ("AWS::Batch::JobQueue", "JobQueueName"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateName"),
    // An address is held until its gateway is gone.
    ("AWS::EC2::NatGateway", "AllocationId"),
    ("AWS::EC2::SecurityGroup", "GroupName"),
    ("AWS::ECS::Service", "ServiceName"),
    ("AWS::EKS::Nodegroup", "NodegroupName"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Name"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Name"),
    ("AWS::Events::Rule", "Name"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::MSK::Cluster", "ClusterName"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::SecretsManager::Secret", "Name"),
    ("AWS::StepFunctions::Activity", "Name"),
    ("AWS::StepFunctions::StateMachine", "StateMachineName"),
    ("AWS::WAFv2::IPSet", "Name"),
    ("AWS::WAFv2::RuleGroup", "Name"),
    ("AWS::WAFv2::WebACL", "Name"),
];

/// A property whose change replaces its resource.
#[derive(Debug)]
pub(crate) struct Replacement<'c, 'a> {
    pub(crate) pair: Pair<'c, 'a>,
    pub(crate) property: String,
    /// None if it was not set.
    pub(crate) old: Option<Node<'a>>,
    /// None if it is not set any more.
    pub(crate) new: Option<Node<'a>>,
    /// Only deployment knows whether the value is another one, or whether the change of it needs another resource.
    pub(crate) is_open: bool,
}

/// All properties of resources that replace them for sure, by the table alone: what a project imports must not decide
/// whether data is lost.
pub(crate) fn replacements<'c, 'a>(change: &'c Change<'a>) -> Vec<Replacement<'c, 'a>> {
    let pairs = change.resources().into_iter().filter(|pair| pair.old.kind == pair.new.kind);
    let changed = pairs.filter(|pair| !pair.old.node.value.is_same(pair.new.node.value));
    let known = changed.filter_map(|pair| Some((pair, Type::of(pair.new.kind, None)?)));
    let mut found: Vec<_> = known.flat_map(|(pair, known)| of_pair(pair, &known)).collect();
    found.retain(|it| !it.is_open);
    found
}

/// The properties of one resource that replace it, or may.
pub(super) fn of_pair<'c, 'a>(pair: Pair<'c, 'a>, known: &Type) -> Vec<Replacement<'c, 'a>> {
    let sure = known.create_only.iter().map(|property| (property, false));
    let open = known.conditional.iter().map(|property| (property, true));
    let replacement = |(property, is_conditional): (&Property, bool)| {
        let at = |node: Option<Node<'a>>| node.and_then(|it| it.along(&property.path));
        let (old, new) = (at(pair.old.properties()), at(pair.new.properties()));
        let values = (old.map(|it| it.value), new.map(|it| it.value));
        let mut is_same = same(values.0, values.1);
        // A name that is given is none that CloudFormation has made up.
        if is_same == Same::Perhaps && (old.is_none() != new.is_none()) && is_name(&pair, &property.path) {
            let written = old.or(new).is_some_and(|it| it.text().is_some());
            is_same = if written { Same::No } else { Same::Perhaps };
        }
        if let (Same::No, true, (Some(old), Some(new))) = (is_same, property.is_rewritten, values) {
            let protocol = pair.new.property("IpProtocol").and_then(|it| it.text());
            is_same = match same_rewritten(pair.new.kind, &property.path, [old, new], protocol) {
                Some(true) => Same::Yes,
                Some(false) => Same::No,
                None => Same::Perhaps,
            };
        }
        let is_open = is_conditional || is_same == Same::Perhaps;
        (is_same != Same::Yes).then(|| Replacement { pair, property: property.path.clone(), old, new, is_open })
    };
    let version = replacing_version(&pair).map(|path| Property { path: path.to_owned(), is_rewritten: false });
    let version = version.iter().map(|property| (property, false));
    sure.chain(version).chain(open).filter_map(replacement).collect()
}

/// The version of a domain that is replaced for another one, unless its policy says otherwise.
pub(super) fn replacing_version(pair: &Pair<'_, '_>) -> Option<&'static str> {
    let property = match pair.new.kind {
        "AWS::OpenSearchService::Domain" => "EngineVersion",
        "AWS::Elasticsearch::Domain" => "ElasticsearchVersion",
        _ => return None,
    };
    let leave = pair.new.node.at(["UpdatePolicy", "EnableVersionUpgrade"]);
    let is_given = leave.is_some_and(|it| it.boolean() == Some(true) || it.text() == Some("true"));
    (!is_given).then_some(property)
}

/// The name that old and new would share: written out, and the same as before.
pub(crate) fn fixed_name<'a>(pair: &Pair<'_, 'a>) -> Option<Node<'a>> {
    let all = identity(pair)?;
    own_name(&all).copied()
}

/// Of all that identifies a resource what names it, and not what it is a part of.
pub(super) fn own_name<'n, 'a>(all: &'n [Node<'a>]) -> Option<&'n Node<'a>> {
    let is_own = |it: &&Node<'_>| it.key().is_some_and(|key| key.ends_with("Name") && key != "ClusterName");
    all.iter().find(is_own).or(all.last())
}

/// All that identifies a resource, if the template says it and it is what it was.
pub(super) fn identity<'a>(pair: &Pair<'_, 'a>) -> Option<Vec<Node<'a>>> {
    let all = names(pair.new)?;
    let is_shared = |it: &Node<'a>| {
        it.key().and_then(|property| pair.old.property(property)).is_some_and(|old| old.value == it.value)
    };
    all.iter().all(is_shared).then_some(all)
}

/// All that identifies a resource, if the template says it.
pub(super) fn names<'a>(of: &Resource<'a>) -> Option<Vec<Node<'a>>> {
    if let Some((_, property)) = NAMES.iter().find(|(kind, _)| *kind == of.kind) {
        return Some(vec![of.property(property)?]);
    }
    let known = Type::of(of.kind, None)?;
    if known.deletes_first {
        return None;
    }
    let all: Vec<Node<'a>> = known.identifier.iter().map(|property| of.property(property)).collect::<Option<_>>()?;
    (!all.is_empty()).then_some(all)
}

/// Whether a property is the name of a resource.
fn is_name(pair: &Pair<'_, '_>, property: &str) -> bool {
    let kind = pair.new.kind;
    match NAMES.iter().find(|(it, _)| *it == kind) {
        Some((_, name)) => *name == property,
        None => Type::of(kind, None).is_some_and(|it| *it.identifier == [property]),
    }
}

/// What is known of a resource's type.
pub(super) fn known_type(kind: &str, brought: &dyn Brought) -> Option<Type> {
    Type::of(kind, Some(brought))
}

/// Whether a launch template gets another version for a property.
pub(super) fn is_new_version(kind: &str, property: &str) -> bool {
    let first = property.split('.').next().unwrap_or_default();
    kind == "AWS::EC2::LaunchTemplate" && matches!(first, "LaunchTemplateData" | "VersionDescription")
}
