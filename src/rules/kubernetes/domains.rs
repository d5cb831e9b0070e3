//! How many nodes and zones there can be for pods.

use std::collections::BTreeSet;

use crate::check::Node;
use crate::check::nodes::Nodes;
use crate::value::Value;

const ZONE: &str = "topology.kubernetes.io/zone";

/// How many nodes or zones there can be, and where that is said.
pub(super) struct Bound<'a> {
    pub(super) most: i64,
    pub(super) what: &'static str,
    pub(super) said: Vec<Node<'a>>,
}

/// The most nodes or zones that there can be; none where nobody says.
pub(super) fn bound<'a>(nodes: &[&Nodes<'a>], key: &Node<'a>) -> Option<Bound<'a>> {
    match key.text()? {
        "kubernetes.io/hostname" => hosts(nodes),
        ZONE => zones(nodes),
        _ => None,
    }
}

fn hosts<'a>(nodes: &[&Nodes<'a>]) -> Option<Bound<'a>> {
    let sizes = nodes.iter().map(|nodes| nodes.node.at(["Properties", "ScalingConfig", "MaxSize"]));
    let said = sizes.collect::<Option<Vec<_>>>()?;
    let most = said.iter().map(Node::integer).sum::<Option<i64>>()?;
    Some(Bound { most, what: "node", said })
}

/// A subnet is in one zone: there are at most as many zones as subnets.
fn zones<'a>(nodes: &[&Nodes<'a>]) -> Option<Bound<'a>> {
    let (mut subnets, mut names, mut said) = (Vec::<&Value>::new(), BTreeSet::new(), Vec::new());
    for nodes in nodes {
        if nodes.is_pool {
            let values = nodes.values(ZONE);
            if values.is_empty() {
                return None;
            }
            names.extend(values);
            said.push(nodes.place_of(ZONE));
        } else {
            let list = nodes.node.at(["Properties", "Subnets"]).filter(|list| matches!(list.value, Value::List(_)))?;
            for subnet in list.items() {
                if !subnets.contains(&subnet.value) {
                    subnets.push(subnet.value);
                }
            }
            said.push(list);
        }
    }
    Some(Bound { most: i64::try_from(subnets.len() + names.len()).ok()?, what: "zone", said })
}
