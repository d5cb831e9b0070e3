//! The zones of a cluster's subnets: EKS takes others only in the zones that it was made with.
//! <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>

use crate::check::cfn::Template;
use crate::check::{Change, Node, Pair, View};
use crate::value::Value;

/// Why EKS refuses the subnets of a cluster, with the first one in another zone and all that there were.
pub(super) fn other<'a>(change: &Change<'a>, pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    if pair.new.kind != "AWS::EKS::Cluster" {
        return None;
    }
    let list = |of: Node<'a>| of.at(["Properties", "ResourcesVpcConfig", "SubnetIds"]);
    let (old, new) = (list(pair.old.node)?, list(pair.new.node)?);
    let zones: Vec<&Value> = old.items().iter().map(|it| zone(change.old(), it)).collect::<Option<_>>()?;
    let is_other = |it: &Node<'a>| zone(change.new_tree(), it).filter(|now| !zones.iter().any(|was| was.is_same(now)));
    let (at, zone) = new.items().into_iter().find_map(|it| Some((it, is_other(&it)?)))?;
    if zones.is_empty() {
        return None;
    }
    let text = zone.as_str().or_else(|| zone.get("Fn::Sub")?.as_str());
    let which = text.map_or_else(|| "that of a new one".to_owned(), |zone| format!("`{zone}`"));
    let why = format!("its subnets stay in the zones that it was made with, and {which} is none of them");
    Some((why, at, old))
}

/// The zone of a subnet that is named by a reference, or imported from a stack whose template is in the tree.
fn zone<'a>(view: &View<'a>, subnet: &Node<'a>) -> Option<&'a Value> {
    let holds = |it: &&Template<'a>| subnet.is_within(&it.document.root());
    let (template, value) = match subnet.get("Fn::ImportValue") {
        Some(name) => exported(view, &name)?,
        None => (view.templates().iter().find(holds)?, *subnet),
    };
    let named = template.resource(value.text_at(["Ref"])?)?;
    (named.kind == "AWS::EC2::Subnet").then(|| named.property("AvailabilityZone").map(|it| it.value))?
}

/// The template that exports a value by a name, and what it exports.
fn exported<'v, 'a>(view: &'v View<'a>, name: &Node<'_>) -> Option<(&'v Template<'a>, Node<'a>)> {
    view.templates().iter().find_map(|template| {
        let export = template.exports().iter().find(|it| it.name.value.is_same(name.value))?;
        Some((template, template.document.root().at(["Outputs", export.output, "Value"])?))
    })
}
