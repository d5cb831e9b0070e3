//! Names that are taken: a resource is made, or gets another name, under the one that another has until then.

use super::replacement::{names, own_name};
use super::resource::{Fate, Fates};
use crate::check::cfn::{Resource, Template, variables};
use crate::check::{Consequence, Node};

/// A template before and now.
pub(super) type Both<'c, 'a> = (&'c Template<'a>, Option<&'a Template<'a>>);

/// Where a name has to be the only one, for types whose names are not so in an account and region.
const WITHIN: [(&str, &str); 7] = [
    ("AWS::EC2::SecurityGroup", "VpcId"),
    ("AWS::ECS::Service", "Cluster"),
    ("AWS::EKS::Nodegroup", "ClusterName"),
    ("AWS::Events::Rule", "EventBusName"),
    ("AWS::WAFv2::IPSet", "Scope"),
    ("AWS::WAFv2::RuleGroup", "Scope"),
    ("AWS::WAFv2::WebACL", "Scope"),
];

/// What a name that another resource has comes to.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    pub(super) consequence: Consequence,
    pub(super) why: String,
    pub(super) help: &'static str,
    pub(super) holder: Node<'a>,
}

/// Says so of a resource that the new tree has and the one before has not, or not under this name.
pub(super) fn taken<'a>(
    all: &[Both<'_, 'a>],
    template: &Template<'a>,
    own: &Resource<'a>,
    fates: &Fates<'_, '_>,
) -> Option<Taken<'a>> {
    let wanted = names(own)?;
    let within = WITHIN.iter().find(|(kind, _)| *kind == own.kind).map(|(_, property)| *property);
    let value = |of: &Resource<'a>, property: &str| of.property(property).map(|it| it.value);
    let has_it = |other: &Resource<'a>| {
        let mut all = wanted.iter().filter_map(Node::key).chain(within);
        other.kind == own.kind && all.all(|property| value(other, property) == value(own, property))
    };
    let is_here = |new: Option<&Template<'a>>| new.is_some_and(|new| new.document.path == template.document.path);
    let mut holders: Vec<(&Resource<'a>, Option<&Template<'a>>)> = Vec::new();
    for (old, new) in all {
        holders.extend(old.resources().iter().filter(|it| has_it(it)).map(|it| (it, *new)));
    }
    if holders.iter().any(|(holder, new)| is_here(*new) && holder.id == own.id) || is_moving(&wanted, template, fates) {
        return None;
    }
    let (holder, new) = holders.into_iter().max_by_key(|(_, new)| is_here(*new))?;
    let now = new.and_then(|new| new.resource(holder.id));
    let keeps = now.is_some_and(has_it);
    let is_here = is_here(new);
    if !is_here && (keeps || !wanted.iter().all(is_same_anywhere)) {
        // Another stack may be in another region.
        return None;
    }
    let policy = if now.is_some() { "UpdateReplacePolicy" } else { "DeletionPolicy" };
    let is_retained = matches!(holder.node.text_at([policy]), Some("Retain" | "RetainExceptOnCreate"));
    let ending = match now {
        _ if keeps => "which keeps it",
        _ if is_retained => "which stays in the account",
        None if is_here => "which is deleted after this one is made",
        Some(_) if is_here => "which gets another one after this one is made",
        _ => "and the order of the stacks decides whether it is free by then",
    };
    let property = own_name(&wanted).and_then(Node::key).unwrap_or("name");
    let is_conditional = own.node.get("Condition").is_some() || holder.node.get("Condition").is_some();
    let is_sure = !is_conditional && (is_here || is_retained);
    Some(Taken {
        consequence: if is_sure { Consequence::Blocks } else { Consequence::Unknown },
        why: format!("its `{property}` is that of `{}`, {ending}", holder.id),
        help: "keep the logical id; or give this one another name; or take the old one out first, retained, and import it",
        holder: holder.node,
    })
}

/// Resources that get a name that another one has.
pub(super) fn renamed(all: &[Both<'_, '_>], fates: &mut Fates<'_, '_>) {
    for number in 0..fates.all.len() {
        let told = &fates.all[number];
        if !matches!(told.fate, Fate::Replaced | Fate::Destroyed) {
            continue;
        }
        let found = taken(all, told.template, told.pair.new, fates);
        if let Some(found) = found.filter(|it| it.consequence == Consequence::Blocks) {
            let told = &mut fates.all[number];
            told.message = format!("`{}` cannot be replaced: {}", told.pair.new.id, found.why);
            told.consequence = Consequence::Blocks;
            told.help = Some("change the name of the other one first, and deploy that".to_owned());
        }
    }
}

/// Whether a name is made of something that is another one afterwards.
fn is_moving(names: &[Node<'_>], template: &Template<'_>, fates: &Fates<'_, '_>) -> bool {
    let mut references = template.references().iter();
    references.any(|it| {
        let fate = fates.of(template, it.to);
        names.iter().any(|name| it.node.is_within(name)) && fate.is_some_and(|fate| fate != Fate::Other)
    })
}

/// Whether a name says the same in another stack: it names nothing of its own one.
fn is_same_anywhere(name: &Node<'_>) -> bool {
    let of_account = ["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"];
    name.all().all(|it| match (it.key(), it.text()) {
        (Some("Ref"), Some(to)) if !it.is_at(name) => of_account.contains(&to),
        (Some("Fn::Sub"), Some(text)) => variables(text).all(|it| of_account.contains(&it)),
        (Some(key), _) => it.is_at(name) || key == "Fn::Sub" || key == "Fn::Join",
        (None, _) => true,
    })
}
