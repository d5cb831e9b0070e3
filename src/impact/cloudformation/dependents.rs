//! Resources that refer to what changes.

use super::replacement::known_type;
use super::resource::{Fate, Fates, Told, ending, pace, rewrites};
use super::types::Type;
use crate::check::cfn::{How, Reference, Resource, Template};
use crate::check::{Brought, Change, Consequence, Node, Pair};
use crate::yaml::path::Step;

/// A template before and now.
type Both<'c, 'a> = [&'c Template<'a>; 2];

/// Follows what is replaced to what refers to it, and what that comes to, until nothing new is found.
pub(super) fn follow<'c, 'a>(change: &'c Change<'a>, brought: &dyn Brought, fates: &mut Fates<'c, 'a>) {
    let pairs: Vec<Both<'c, 'a>> = change.templates().filter_map(|(old, new)| Some([old, new?])).collect();
    for both in &pairs {
        of_names(change, *both, brought, fates);
    }
    let mut next = 0;
    while next < fates.all.len() {
        let Told { fate, template, pair, .. } = fates.all[next];
        next += 1;
        if fate == Fate::Other {
            continue;
        }
        let Some(both) = pairs.iter().find(|[_, new]| new.document.path == template.document.path) else { continue };
        let id = pair.new.id;
        for reference in template.references().iter().filter(|it| it.to == id) {
            if matches!(reference.how, How::Ref | How::GetAtt | How::Sub) {
                referring(*both, template, reference, [id, pair.new.kind], fate, brought, fates);
            }
        }
    }
}

/// What becomes of a resource that names another one.
fn referring<'c, 'a>(
    [old, new]: Both<'c, 'a>,
    template: &'a Template<'a>,
    reference: &Reference<'a>,
    [to, kind]: [&str; 2],
    fate: Fate,
    brought: &dyn Brought,
    fates: &mut Fates<'c, 'a>,
) {
    let Some((pair, property)) = place(old, new, reference) else { return };
    let told = |consequence: Consequence, message: String| Told {
        pair,
        template,
        fate: Fate::Other,
        consequence,
        message,
        place: reference.node,
        was: None,
        help: None,
    };
    let id = pair.new.id;
    if fate == Fate::NewVersion {
        let is_version = reference.attribute.is_some_and(|it| it.ends_with("VersionNumber"));
        if is_version && pair.new.kind == "AWS::EKS::Nodegroup" {
            let message = format!("`{id}` rolls its nodes: `{to}` has a new version{}", pace(&pair));
            put(told(Consequence::RollsNodes, message), fates);
        } else if is_version {
            put(told(Consequence::Unknown, format!("`{id}` gets a new version of `{to}`")), fates);
        }
        return;
    }
    // What a name says of something that is replaced is another name, unless it was given one.
    let is_sure = matches!(fate, Fate::Replaced | Fate::Destroyed);
    let how = if is_sure { "is replaced" } else { "may be replaced" };
    let why = format!("it refers to `{to}`, of type `{kind}`, which {how}");
    match known_type(pair.new.kind, brought) {
        Some(known) if needs_another(&known.create_only, &property) => {
            put(
                ending(&pair, &why, !is_sure || rewrites(template), None, told(Consequence::Replaces, why.clone())),
                fates,
            );
        }
        Some(known) if needs_another(&known.conditional, &property) => {
            put(ending(&pair, &why, true, None, told(Consequence::Replaces, why.clone())), fates);
        }
        Some(_) => put(told(Consequence::InPlace, format!("`{id}` is updated: {why}")), fates),
        None => put(told(Consequence::Unknown, format!("`{id}` is updated or replaced: {why}")), fates),
    }
}

/// What is said already stays if it is worse.
fn put<'c, 'a>(told: Told<'c, 'a>, fates: &mut Fates<'c, 'a>) {
    match fates.position(told.template, told.pair.new.id) {
        Some(at) if fates.all[at].consequence <= told.consequence => {}
        Some(at) => {
            // It is to be followed again.
            fates.all.remove(at);
            fates.all.push(told);
        }
        None => fates.all.push(told),
    }
}

/// The resource that a reference stands in, as both trees have it, and the way to the property.
fn place<'c, 'a>(
    old: &'c Template<'a>,
    new: &'c Template<'a>,
    reference: &Reference<'a>,
) -> Option<(Pair<'c, 'a>, String)> {
    let within = reference.within?;
    let pair = Pair { old: old.resource(within)?, new: new.resource(within)? };
    if pair.old.kind != pair.new.kind {
        return None;
    }
    let path = reference.node.path();
    let steps = path.steps().iter().skip(2);
    let keys = steps.filter_map(|step| match step {
        Step::Key(key) => Some(&**key),
        Step::Index(_) | Step::Item(_) => None,
    });
    let mut keys = keys.take_while(|key| *key != "Ref" && !key.starts_with("Fn::"));
    (keys.next() == Some("Properties")).then(|| (pair, keys.collect::<Vec<_>>().join(".")))
}

fn needs_another(properties: &[super::types::Property], property: &str) -> bool {
    properties.iter().any(|it| {
        property.strip_prefix(&it.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            || it.path.strip_prefix(property).is_some_and(|rest| rest.starts_with('.'))
    })
}

/// Parameters, mappings and conditions that change, and what refers to them.
fn of_names<'c, 'a>(
    change: &'c Change<'a>,
    [old, new]: Both<'c, 'a>,
    brought: &dyn Brought,
    fates: &mut Fates<'c, 'a>,
) {
    let Some(template) = change.new_tree().templates().iter().find(|it| it.document.path == new.document.path) else {
        return;
    };
    let mut changed: Vec<(&'a str, &str, Node<'a>)> = Vec::new();
    for (section, what) in [("Parameters", "parameter"), ("Mappings", "mapping"), ("Conditions", "condition")] {
        let entries = |of: &Template<'a>| of.document.root().get(section).map(|it| it.entries()).unwrap_or_default();
        let before = entries(old);
        for (name, node) in entries(template) {
            let was = before.iter().find(|(other, _)| *other == name);
            let value = |node: &Node<'a>| if section == "Parameters" { node.get("Default") } else { Some(*node) };
            let is_other = was.is_some_and(|(_, was)| match (value(was), value(&node)) {
                (Some(was), Some(now)) => !was.value.is_same(now.value),
                (was, now) => was.is_some() != now.is_some(),
            });
            if is_other {
                changed.push((name, what, value(&node).unwrap_or(node)));
            }
        }
    }
    let given = change.parameters(old);
    changed.extend(given.into_iter().map(|(name, node)| (name, "parameter", node)));
    // A condition that names what changes changes with it.
    let conditions = template.document.root().get("Conditions").map(|it| it.entries()).unwrap_or_default();
    loop {
        let names = |node: &Node<'a>| {
            let mut texts = node.all().filter_map(|it| it.text());
            texts.find_map(|text| changed.iter().find(|(name, ..)| *name == text).map(|(.., place)| *place))
        };
        let next = conditions.iter().find_map(|(name, node)| {
            let is_known = changed.iter().any(|(other, what, _)| other == name && *what == "condition");
            if is_known { None } else { names(node).map(|place| (*name, "condition", place)) }
        });
        match next {
            Some(next) => changed.push(next),
            None => break,
        }
    }
    for (name, what, place) in changed {
        for reference in template.references().iter().filter(|it| it.to == name && is_of(it.how, what)) {
            by_name(template, [old, new], reference, [name, what], place, brought, fates);
        }
    }
}

fn is_of(how: How, what: &str) -> bool {
    match how {
        How::Ref | How::Sub => what == "parameter",
        How::FindInMap => what == "mapping",
        How::Condition => what == "condition",
        How::GetAtt | How::DependsOn => false,
    }
}

fn by_name<'c, 'a>(
    template: &'a Template<'a>,
    [old, new]: Both<'c, 'a>,
    reference: &Reference<'a>,
    [name, what]: [&str; 2],
    cause: Node<'a>,
    brought: &dyn Brought,
    fates: &mut Fates<'c, 'a>,
) {
    let told = |pair: Pair<'c, 'a>, consequence: Consequence, message: String| Told {
        pair,
        template,
        fate: Fate::Other,
        consequence,
        message,
        place: cause,
        was: None,
        help: None,
    };
    let why = format!("the {what} `{name}` changes");
    let Some((pair, property)) = place(old, new, reference) else {
        let within = reference.within.and_then(|id| Some(Pair { old: old.resource(id)?, new: new.resource(id)? }));
        if let (Some(pair), How::Condition) = (within, reference.how) {
            let Resource { id, .. } = pair.new;
            let message = format!("whether `{id}` is there is decided when it is deployed: {why}");
            put(told(pair, Consequence::Unknown, message), fates);
        }
        return;
    };
    let id = pair.new.id;
    let known: Option<Type> = known_type(pair.new.kind, brought);
    match known {
        Some(known) if needs_another(&known.create_only, &property) || needs_another(&known.conditional, &property) => {
            put(ending(&pair, &why, true, None, told(pair, Consequence::MayReplace, why.clone())), fates);
        }
        Some(_) if pair.new.kind == "AWS::EKS::Nodegroup" && is_rolling(&property) => {
            put(told(pair, Consequence::RollsNodes, format!("`{id}` rolls its nodes: {why}{}", pace(&pair))), fates);
        }
        Some(_) => put(told(pair, Consequence::InPlace, format!("`{id}` is updated: {why}")), fates),
        None => put(told(pair, Consequence::Unknown, format!("`{id}` is updated or replaced: {why}")), fates),
    }
}

fn is_rolling(property: &str) -> bool {
    let first = property.split('.').next().unwrap_or_default();
    matches!(first, "LaunchTemplate" | "ReleaseVersion" | "Version")
}
