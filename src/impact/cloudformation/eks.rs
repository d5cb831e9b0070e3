//! Updates of clusters and groups of nodes that EKS refuses.

use super::same::{Same, same};
use super::steps::{minor, steps};
use crate::check::{Change, Node, Pair};

/// What else of a group of nodes may not change with its version.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-nodegroup.html>
pub(super) fn together<'a>(changed: &[&str], pair: &Pair<'_, 'a>) -> Option<(String, Option<Node<'a>>)> {
    if pair.new.kind != "AWS::EKS::Nodegroup" {
        return None;
    }
    let is_version = |name: &&str| matches!(*name, "Version" | "ReleaseVersion");
    let version = changed.iter().copied().find(is_version);
    // CloudFormation gives a new version of the template in the same call, and tags in another one.
    let version = version.or_else(|| changed.iter().copied().find(|name| *name == "LaunchTemplate"))?;
    let other = |name: &&str| match version {
        "LaunchTemplate" => *name == "Tags",
        _ => !is_version(name),
    };
    let others = changed.iter().copied().filter(other);
    // The template first, as what somebody means by it.
    let other = others.min_by_key(|name| *name != "LaunchTemplate")?;
    let place = pair.new.property(other).or_else(|| pair.new.property(version));
    Some((format!("its `{version}` and its `{other}` cannot change together"), place))
}

/// Why EKS refuses an update by the values before and now, with both.
pub(super) fn refused<'a>(change: &Change<'a>, pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    match pair.new.kind {
        "AWS::EKS::Cluster" => authentication(pair).or_else(|| unreachable(pair)),
        "AWS::EKS::Nodegroup" => version(change, pair),
        _ => None,
    }
}

/// From the `ConfigMap` to both, and from both to the API: never back, and not at once.
/// <https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html>
fn authentication<'a>(pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    const MODES: [&str; 3] = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"];
    let mode = |it: Option<Node<'a>>| it?.get("AuthenticationMode");
    let (old, new) = (mode(pair.old.property("AccessConfig"))?, mode(pair.new.property("AccessConfig"))?);
    let place = |it: &str| MODES.iter().position(|mode| *mode == it);
    let (from, to) = (old.text()?, new.text()?);
    let (before, now) = (place(from)?, place(to)?);
    let why = if now < before { "never goes back" } else { "goes one step at a time" };
    let is_refused = now != before && now != before + 1;
    is_refused.then(|| (format!("its `AuthenticationMode` {why}, and not from `{from}` to `{to}`"), new, old))
}

/// A cluster that nothing would reach any more.
fn unreachable<'a>(pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    let (old, new) = (pair.old.property("ResourcesVpcConfig")?, pair.new.property("ResourcesVpcConfig")?);
    let is_off = |it: Node<'_>| it.boolean() == Some(false) || it.text() == Some("false");
    let public = new.get("EndpointPublicAccess").filter(|it| is_off(*it))?;
    let private = new.get("EndpointPrivateAccess");
    if private.is_some_and(|it| !is_off(it)) {
        return None;
    }
    let was = |key: &str| old.get(key).map(|it| it.value);
    let is_new = |it: &Node<'_>| it.key().is_some_and(|key| same(was(key), Some(it.value)) != Same::Yes);
    let place = private.into_iter().chain([public]).find(is_new).unwrap_or(new);
    let before = place.key().and_then(|key| old.get(key)).unwrap_or(old);
    Some(("a cluster has a public endpoint, a private one or both".to_owned(), place, before))
}

/// A version that goes back, or that the cluster does not get to.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html>
fn version<'a>(change: &Change<'a>, pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    let (old, new) = (pair.old.property("Version")?, pair.new.property("Version")?);
    let (from, to) = (minor(old.text()?)?, minor(new.text()?)?);
    if to < from {
        return Some(("its `Version` cannot go back".to_owned(), new, old));
    }
    if change.resources().iter().filter(|pair| pair.new.kind == "AWS::EKS::Cluster").count() != 1 {
        return None;
    }
    let step = steps(change, minor).into_iter().find(|step| step.to == to && to > from && step.from < to)?;
    let why = format!("it cannot be newer than its cluster, which stays at 1.{}", step.from);
    Some((why, new, old))
}
