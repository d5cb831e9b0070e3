//! Resources that a change replaces, and what they carry.

use super::create_only;
use crate::check::{Change, Pair};
use crate::check::{Node, Report, rule};
use crate::rules::cloudformation::is_stateful;
use crate::value::Value;

rule! {
    REPLACED = Warning "change/replaced";
    summary: "a change replaces a resource that others live on";
    explanation: "CloudFormation cannot change this property of a resource: it makes another one, moves what refers to it, and deletes the old one. For a network, a subnet or a cluster that means everything in it; for a gateway or a group of nodes a time without. Make the new one beside the old under another logical id, move over, then remove the old one.";
    wrong: "
        --- # before/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
        --- # after/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
    ";
    right: "
        --- # before/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
        --- # after/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsSupport: true}}
    ";
}

/// Types that other resources or pods live on.
const CARRIERS: [&str; 9] = [
    "AWS::EC2::NatGateway",
    "AWS::EC2::Subnet",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::VPC",
    "AWS::ECS::Cluster",
    "AWS::EKS::Cluster",
    "AWS::EKS::Nodegroup",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::WAFv2::WebACL",
];

/// A property whose change replaces its resource.
pub(super) struct Replacement<'c, 'a> {
    pub(super) pair: Pair<'c, 'a>,
    pub(super) property: &'static str,
    pub(super) old: Node<'a>,
    /// None if it is not set any more.
    pub(super) new: Option<Node<'a>>,
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for replacement in replacements(change) {
        let Replacement { pair, property, old, new } = &replacement;
        let has_own_rule = is_stateful(pair.new.kind) || super::named_replacement::fixed_name(&replacement).is_some();
        if has_own_rule || !CARRIERS.contains(&pair.new.kind) {
            continue;
        }
        let place = new.as_ref().unwrap_or(&pair.new.node);
        report
            .at(&REPLACED, place, format!("`{}` is replaced: its `{property}` cannot be changed", pair.new.id))
            .label(format!("`{}` is made anew for this", pair.new.id))
            .beside(change.was(old), "as it was")
            .help("leave it as it was; or make a second one beside it, move over, and remove this one later");
    }
}

/// All properties of resources that replace them. A value that only deployment knows may be the same still.
pub(super) fn replacements<'c, 'a>(change: &'c Change<'a>) -> Vec<Replacement<'c, 'a>> {
    let pairs = change.resources().into_iter().filter(|pair| pair.old.kind == pair.new.kind);
    pairs
        .flat_map(|pair| {
            create_only::of(pair.new.kind).iter().filter_map(move |property| {
                let old = pair.old.properties().and_then(|it| it.along(property));
                let new = pair.new.properties().and_then(|it| it.along(property));
                let old = old.filter(|old| differs(old.value, new.as_ref().map(|new| new.value)))?;
                Some(Replacement { pair, property, old, new })
            })
        })
        .collect()
}

fn differs(old: &Value, new: Option<&Value>) -> bool {
    match (function(old), new.and_then(function)) {
        // Another function can say the same: `Ref: Vpc`, `Fn::GetAtt: [Vpc, VpcId]`.
        (Some(one), Some(other)) => one == other && new.is_some_and(|new| !new.is_same(old)),
        (Some(_), None) | (None, Some(_)) => false,
        (None, None) => match (old, new) {
            // Where types take several of something, their order means nothing.
            (Value::List(old), Some(Value::List(new))) => {
                old.len() != new.len() || old.iter().any(|item| !new.iter().any(|it| it.is_same(item)))
            }
            (old, Some(new)) => !same_scalar(old, new),
            // A default may say what was written out.
            (_, None) => false,
        },
    }
}

/// `'true'` and `true` are the same to CloudFormation, and so are `'20'` and 20.
fn same_scalar(old: &Value, new: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    };
    old.is_same(new) || (text(old).is_some() && text(old) == text(new))
}

/// The name of the intrinsic function that a value is.
fn function(value: &Value) -> Option<&str> {
    match value {
        Value::Map(entries) => match entries.as_slice() {
            [(name, _)] if &**name == "Ref" || name.starts_with("Fn::") => Some(name),
            _ => None,
        },
        _ => None,
    }
}
