//! What security groups let in.

use super::{number, referent};
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, View};
use crate::value::Value;

/// A rule that lets something into a group.
pub(in crate::rules) struct Ingress<'a> {
    pub(in crate::rules) rule: Node<'a>,
}

/// The rules that let something into a group of a template: its own, and those of any template that name it. None where
/// another stack may add some.
pub(in crate::rules) fn ingress<'a>(
    view: &View<'a>,
    template: &Template<'a>,
    group: &Resource<'a>,
) -> Option<Vec<Ingress<'a>>> {
    let own = group.property("SecurityGroupIngress");
    if own.is_some_and(|own| !matches!(own.value, Value::List(_))) {
        return None;
    }
    let mut rules: Vec<_> = own.iter().flat_map(Node::items).map(|rule| Ingress { rule }).collect();
    for other in view.templates() {
        for entry in other.resources_of("AWS::EC2::SecurityGroupIngress") {
            let of = entry.property("GroupId")?;
            match referent(&of) {
                Some((id, _)) if other.document.path != template.document.path || id != group.id => {}
                Some(_) => rules.extend(entry.properties().map(|rule| Ingress { rule })),
                // One of another stack: it may be this one.
                None => return None,
            }
        }
    }
    Some(rules)
}

impl<'a> Ingress<'a> {
    /// Whether it lets a port of TCP in; so it does where only deployment knows.
    pub(in crate::rules) fn admits(&self, port: i64) -> bool {
        let Some(protocol) = self.rule.get("IpProtocol") else { return true };
        match (protocol.text().map(str::to_ascii_lowercase).as_deref(), number(&protocol)) {
            (Some("-1" | "all"), _) | (_, Some(-1)) | (None, None) => true,
            (Some("tcp"), _) | (_, Some(6)) => {
                let (from, to) = (self.rule.get("FromPort"), self.rule.get("ToPort"));
                let bound = |node: Option<Node<'a>>| node.map(|node| number(&node));
                match (bound(from), bound(to)) {
                    (Some(Some(from)), Some(Some(to))) => (from..=to).contains(&port) || from == -1,
                    _ => true,
                }
            }
            (Some(text), _) => text.contains('$') || text.contains('{'),
            (None, Some(_)) => false,
        }
    }

    /// What the rule speaks of the source by, if it is a security group.
    pub(in crate::rules) fn source(&self) -> Option<Node<'a>> {
        self.rule.get("SourceSecurityGroupId")
    }
}
