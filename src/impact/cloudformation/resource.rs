//! What becomes of one resource when its own lines change.

use super::super::differs::{Difference, blame, differences};
use super::MACRO;
use super::nested::{self, is_stack};
use super::refused::{fixed, refused, together};
use super::replacement::{Replacement, identity, is_new_version, known_type, of_pair};
use super::running::of_update;
use super::same::{Same, same, same_rewritten};
use super::stateful::holds_data;
use super::steps::{minor, steps};
use super::zones;
use crate::check::cfn::{Resource, Template};
use crate::check::{Brought, Change, Consequence, Node, Pair, Report};

/// What becomes of a resource, as far as others have to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Replaced, and what it holds is lost.
    Destroyed,
    Replaced,
    MayBeReplaced,
    /// A launch template that has another version.
    NewVersion,
    Other,
}

/// What is to be said of a resource.
#[derive(Debug)]
pub(super) struct Told<'c, 'a> {
    pub(super) pair: Pair<'c, 'a>,
    pub(super) template: &'a Template<'a>,
    pub(super) fate: Fate,
    pub(super) consequence: Consequence,
    pub(super) message: String,
    /// What caused it, in the new tree.
    pub(super) place: Node<'a>,
    pub(super) was: Option<Node<'a>>,
    pub(super) help: Option<String>,
    /// Values that are not what they were, if others than the place: those of what it follows.
    pub(super) causes: Vec<Difference<'a>>,
}

impl<'a> Told<'_, 'a> {
    /// Values that are not what they were, by which it is so.
    pub(super) fn causes(&self) -> Vec<Difference<'a>> {
        if !self.causes.is_empty() {
            return self.causes.clone();
        }
        if self.place.is_at(&self.pair.new.node) && self.was.is_none() {
            return differences(Some(self.pair.old.node), Some(self.pair.new.node));
        }
        let is_whole = self.place.is_at(&self.pair.new.node);
        differences(self.was, (!is_whole).then_some(self.place))
    }
}

/// Of all resources that change.
#[derive(Debug, Default)]
pub(super) struct Fates<'c, 'a> {
    pub(super) all: Vec<Told<'c, 'a>>,
}

impl<'a> Fates<'_, 'a> {
    /// Of a resource in a template of the new tree.
    pub(super) fn of(&self, template: &Template<'_>, id: &str) -> Option<Fate> {
        let is_it = |it: &&Told<'_, '_>| it.pair.new.id == id && it.template.document.path == template.document.path;
        self.all.iter().find(is_it).map(|it| it.fate)
    }

    pub(super) fn position(&self, template: &Template<'_>, id: &str) -> Option<usize> {
        self.all.iter().position(|it| it.pair.new.id == id && it.template.document.path == template.document.path)
    }

    pub(super) fn tell(&self, change: &Change<'a>, report: &mut Report) {
        for told in &self.all {
            let draft = report.at(told.consequence.rule(), &told.place, told.message.clone());
            if let Some(was) = &told.was {
                draft.beside(change.was(was), "as it was");
            }
            if let Some(help) = &told.help {
                draft.help(help.clone());
            }
            draft.subject(format!("{}#{}", told.template.document.path, told.pair.new.id));
            blame(draft, &told.causes());
            let gone = told.was.filter(|_| told.causes.is_empty() && told.place.is_at(&told.pair.new.node));
            if let Some(gone) = gone {
                draft.stood(&gone);
            }
        }
    }
}

/// A resource that both trees have.
pub(super) fn changed<'c, 'a>(
    change: &Change<'a>,
    [_, template]: [&'c Template<'a>; 2],
    [old, new]: [&'c Resource<'a>; 2],
    brought: &dyn Brought,
    fates: &mut Fates<'c, 'a>,
) where
    'a: 'c,
{
    if old.node.value.is_same(new.node.value) {
        return;
    }
    let pair = Pair { old, new };
    let Some(template) = change.new_tree().templates().iter().find(|it| it.document.path == template.document.path)
    else {
        return;
    };
    fates.all.push(judged(change, pair, template, brought));
}

fn judged<'c, 'a>(
    change: &Change<'a>,
    pair: Pair<'c, 'a>,
    template: &'a Template<'a>,
    brought: &dyn Brought,
) -> Told<'c, 'a> {
    let Resource { id, kind, node } = *pair.new;
    let told = |consequence: Consequence, message: String| Told {
        pair,
        template,
        fate: Fate::Other,
        consequence,
        message,
        place: node,
        was: None,
        help: None,
        causes: Vec::new(),
    };
    if id.starts_with("Fn::") {
        return told(Consequence::Unknown, format!("what `{id}` makes is not known, and it is another one"));
    }
    if pair.old.kind != kind {
        let message = format!("`{id}` cannot change its type from `{}` to `{kind}`", pair.old.kind);
        let place = node.get("Type").unwrap_or(node);
        return Told { place, ..told(Consequence::Blocks, message) };
    }
    let changed = properties(&pair);
    let first = changed.first().copied();
    let at = |name: &str| (pair.new.property(name).unwrap_or(node), pair.old.property(name));
    let Some(first) = first else { return attributes(pair, told) };
    let (place, was) = at(first);
    let has_macro = |it: &Resource<'_>| it.properties().is_some_and(|it| it.all().any(|it| it.key() == Some(MACRO)));
    if has_macro(pair.old) || has_macro(pair.new) {
        let message = format!("`{id}` is made by a macro, and {}", listed(&changed));
        return Told { place, was, ..told(Consequence::Unknown, message) };
    }
    if is_stack(kind) {
        return stack(change, pair, template, &changed, told);
    }
    let Some(known) = known_type(kind, brought) else {
        let why = match kind {
            _ if is_custom(kind) => "what provides it decides",
            _ if kind.starts_with("AWS::Serverless::") => "the macro that makes it decides",
            _ => "no table knows its type",
        };
        let message = format!("`{id}`, of type `{kind}`, changes its `{first}`: {why}");
        return Told { place, was, ..told(Consequence::Unknown, message) };
    };
    if let Some((property, is_sure, was, now)) = fixed(&pair) {
        let place = now.unwrap_or(node);
        let (consequence, how) =
            if is_sure { (Consequence::Blocks, "refuses") } else { (Consequence::Unknown, "may refuse") };
        let message = format!("AWS {how} this update of `{id}`: its `{property}` cannot be changed");
        let help = Some("make another one beside it, and take this one away afterwards".to_owned());
        return Told { place, was, help, ..told(consequence, message) };
    }
    let mut replaced = of_pair(pair, &known);
    if rewrites(template) {
        for it in &mut replaced {
            it.is_open = true;
        }
    }
    replaced.sort_by_key(|it| it.is_open);
    if let Some(replacement) = replaced.first() {
        return replaced_by(replacement, template, told(Consequence::Replaces, String::new()));
    }
    let others: Vec<&str> = changed.iter().copied().filter(|name| is_other(&pair, name)).collect();
    if let Some((why, place)) = together(kind, &others, &pair) {
        let message = format!("AWS refuses this update of `{id}`: {why}");
        let causes = differences(pair.old.properties(), pair.new.properties());
        let told = told(Consequence::Blocks, message);
        return Told { place: place.unwrap_or(node), help: Some(APART.to_owned()), causes, ..told };
    }
    if let Some((why, place, was)) = refused(change, &pair).or_else(|| zones::other(change, &pair)) {
        let message = format!("AWS refuses this update of `{id}`: {why}");
        return Told { place, was: Some(was), ..told(Consequence::Blocks, message) };
    }
    if kind == "AWS::EKS::Cluster"
        && let Some(step) = steps(change, minor).into_iter().find(|step| step.new.is_within(&node))
    {
        let message = format!("EKS does not take the step of `{id}` from 1.{} to 1.{}", step.from, step.to);
        return Told { place: step.new, was: Some(step.old), ..told(Consequence::Blocks, message) };
    }
    if changed.iter().all(|name| {
        let value = |it: Option<Node<'a>>| it.map(|it| it.value);
        let (old, new) = (value(pair.old.property(name)), value(pair.new.property(name)));
        let is_rewritten = |(old, new)| same_rewritten(kind, name, [old, new], None) == Some(true);
        same(old, new) == Same::Yes || old.zip(new).is_some_and(is_rewritten)
    }) {
        return told(Consequence::Nothing, format!("`{id}` is written otherwise, and means the same"));
    }
    if let Some(running) = of_update(&pair, |path| is_other(&pair, path)) {
        let property = running.property.split('.').next().unwrap_or_default();
        let (place, was) = at(property);
        let message = running.message(id, &format!("its `{property}` changes"));
        return Told { place, was, ..told(running.consequence, message) };
    }
    let list = listed(&changed);
    let message = format!("`{id}` is updated: {list}");
    let is_version = changed.iter().any(|name| is_new_version(kind, name));
    let fate = if is_version { Fate::NewVersion } else { Fate::Other };
    let causes = differences(pair.old.properties(), pair.new.properties());
    Told { fate, place, was, causes, ..told(Consequence::InPlace, message) }
}

/// What to do where properties cannot change together.
pub(super) const APART: &str = "change one of them now, and the other once that is deployed";

/// Whether a property, or one within it, may have another value now.
pub(super) fn is_other(pair: &Pair<'_, '_>, path: &str) -> bool {
    let value = |of: &Resource<'_>| Some(of.properties()?.along(path)?.value.clone());
    same(value(pair.old).as_ref(), value(pair.new).as_ref()) != Same::Yes
}

/// Properties that are not what they were, in their order.
pub(super) fn properties<'a>(pair: &Pair<'_, 'a>) -> Vec<&'a str> {
    let entries = |of: &Resource<'a>| of.properties().map(|it| it.entries()).unwrap_or_default();
    let (old, new) = (entries(pair.old), entries(pair.new));
    let is_changed = |(name, node): &&(&str, Node<'_>)| {
        !old.iter().any(|(other, was)| other == name && was.value.is_same(node.value))
    };
    let gone = old.iter().filter(|(name, _)| !new.iter().any(|(other, _)| other == name));
    new.iter().filter(is_changed).chain(gone).map(|(name, _)| *name).collect()
}

/// ``its `A`, `B` and 3 more change``.
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [one] => format!("its `{one}` changes"),
        [one, other] => format!("its `{one}` and `{other}` change"),
        [one, other, rest @ ..] => format!("its `{one}`, `{other}` and {} more change", rest.len()),
        [] => "what it refers to changes".to_owned(),
    }
}

fn is_custom(kind: &str) -> bool {
    kind.starts_with("Custom::") || kind == "AWS::CloudFormation::CustomResource"
}

/// A stack within this one: what its parameters come to is followed into its template, if that stands in the tree.
fn stack<'c, 'a>(
    change: &Change<'a>,
    pair: Pair<'c, 'a>,
    template: &'a Template<'a>,
    changed: &[&'a str],
    told: impl Fn(Consequence, String) -> Told<'c, 'a>,
) -> Told<'c, 'a> {
    let id = pair.new.id;
    let of_template = changed.iter().find(|name| matches!(**name, "TemplateURL" | "Location" | "Parameters"));
    let Some(property) = of_template else {
        return told(Consequence::InPlace, format!("`{id}` is updated: {}", listed(changed)));
    };
    let is_given = changed.iter().all(|name| !matches!(*name, "TemplateURL" | "Location"));
    let child = nested::template(change.new_tree().templates(), template, pair.new).filter(|_| is_given);
    let list = listed(changed);
    let (consequence, message) = match child {
        Some(child) => {
            let path = child.document.path;
            (Consequence::InPlace, format!("`{id}` is updated, and what comes of it is told of `{path}`: {list}"))
        }
        None => {
            (Consequence::Unknown, format!("`{id}` is updated, and its own template decides what comes of it: {list}"))
        }
    };
    let place = pair.new.property(property).unwrap_or(pair.new.node);
    Told { place, was: pair.old.property(property), ..told(consequence, message) }
}

/// A resource whose properties are the same.
fn attributes<'c, 'a>(pair: Pair<'c, 'a>, told: impl Fn(Consequence, String) -> Told<'c, 'a>) -> Told<'c, 'a> {
    let (old, new) = (pair.old.node.entries(), pair.new.node.entries());
    let is_changed = |(name, node): &&(&str, Node<'_>)| {
        !old.iter().any(|(other, was)| other == name && was.value.is_same(node.value))
    };
    let gone = old.iter().filter(|(name, _)| !new.iter().any(|(other, _)| other == name));
    let names: Vec<&str> = new.iter().filter(is_changed).chain(gone).map(|(name, _)| *name).collect();
    let id = pair.new.id;
    if names.contains(&"Condition") {
        let message = format!("`{id}` has another condition: whether it is there is decided when it is deployed");
        let place = pair.new.node.get("Condition").unwrap_or(pair.new.node);
        return Told { place, was: pair.old.node.get("Condition"), ..told(Consequence::Unknown, message) };
    }
    let keeps = |of: &Resource<'_>, key: &str| {
        matches!(of.node.text_at([key]), Some("Retain" | "RetainExceptOnCreate" | "Snapshot"))
    };
    let unkept = ["DeletionPolicy", "UpdateReplacePolicy"].into_iter();
    if let Some(key) = unkept.into_iter().find(|key| keeps(pair.old, key) && !keeps(pair.new, key)) {
        let when = if key == "DeletionPolicy" { "leaves the template" } else { "is replaced" };
        let message = format!("`{id}` is kept no more when it {when}: its `{key}` changes");
        let place = pair.new.node.get(key).unwrap_or(pair.new.node);
        return Told { place, was: pair.old.node.get(key), ..told(Consequence::InPlace, message) };
    }
    told(Consequence::Nothing, format!("`{id}` itself stays as it is: {}", listed(&names)))
}

/// Whether a macro makes something else of the template than what stands there.
pub(super) fn rewrites(template: &Template<'_>) -> bool {
    let harmless = ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31", "AWS::SecretsManager-2020-07-23"];
    if template.resource(MACRO).is_some() || template.document.root().get(MACRO).is_some() {
        return true;
    }
    let transform = template.document.root().get("Transform");
    transform.is_some_and(|it| it.one_or_more().iter().any(|it| it.text().is_none_or(|name| !harmless.contains(&name))))
}

/// What a replacement comes to: it fails if the name is taken, and what holds data is empty afterwards.
pub(super) fn replaced_by<'c, 'a>(
    replacement: &Replacement<'c, 'a>,
    template: &'a Template<'a>,
    told: Told<'c, 'a>,
) -> Told<'c, 'a> {
    let Replacement { pair, property, old, new, is_open } = replacement;
    let place = new.unwrap_or(told.place);
    let told = Told { template, place, was: *old, ..told };
    ending(pair, &format!("its `{property}` cannot be changed"), *is_open, Some(property), told)
}

pub(super) fn ending<'c, 'a>(
    pair: &Pair<'c, 'a>,
    why: &str,
    is_open: bool,
    property: Option<&str>,
    told: Told<'c, 'a>,
) -> Told<'c, 'a> {
    let id = pair.new.id;
    let policy = pair.old.node.text_at(["UpdateReplacePolicy"]);
    let is_lost = holds_data(pair.new.kind) && !matches!(policy, Some("Retain" | "RetainExceptOnCreate" | "Snapshot"));
    // What refers to something that is replaced is called otherwise afterwards.
    let is_moved = |name: &Node<'_>| told.place.is_within(name);
    let taken = identity(pair).filter(|names| !names.iter().any(is_moved));
    // A name that is worked out may be another one, too.
    let is_written = taken.as_ref().is_some_and(|names| names.iter().all(|it| it.text().is_some()));
    if is_open && is_written && !rewrites(told.template) {
        let what = property.map_or_else(|| why.to_owned(), |it| format!("a change of its `{it}` can need another one"));
        let message =
            format!("AWS may refuse this update of `{id}`: {what}, and that cannot be made under its own name");
        return Told { message, consequence: Consequence::Blocks, ..told };
    }
    if is_open {
        let message = match property {
            Some(property) => format!("`{id}` may be replaced: a change of its `{property}` can need it"),
            None => format!("`{id}` may be replaced: {why}"),
        };
        let message = if is_lost { format!("{message}, and the data in it are deleted then") } else { message };
        return Told { message, fate: Fate::MayBeReplaced, consequence: Consequence::MayReplace, ..told };
    }
    if let Some(names) = taken {
        let message = match names.as_slice() {
            [one] if one.key() == Some("AllocationId") => {
                format!("`{id}` cannot be replaced while the old one has its address: {why}")
            }
            _ => format!("`{id}` cannot be replaced under its own name: {why}"),
        };
        let help = Some("give it another name, or none, together with this change".to_owned());
        return Told { message, help, consequence: Consequence::Blocks, ..told };
    }
    if is_lost {
        let message = format!("`{id}` is replaced by an empty one: {why}");
        return Told { message, fate: Fate::Destroyed, consequence: Consequence::Destroys, ..told };
    }
    let message = format!("`{id}` is replaced: {why}");
    Told { message, fate: Fate::Replaced, consequence: Consequence::Replaces, ..told }
}

/// The property by which a resource refuses to be deleted.
fn protection(resource: &Resource<'_>) -> Option<&'static str> {
    let names = ["DeletionProtection", "DeletionProtectionEnabled"];
    let is_on = |it: &Node<'_>| it.boolean() == Some(true) || matches!(it.text(), Some("true" | "ACTIVE"));
    let own = names.into_iter().find(|name| resource.property(name).is_some_and(|it| is_on(&it)));
    own.or_else(|| {
        let attributes = resource.property("LoadBalancerAttributes")?.items();
        let is_protected = |it: &Node<'_>| {
            it.text_at(["Key"]) == Some("deletion_protection.enabled") && it.get("Value").is_some_and(|it| is_on(&it))
        };
        attributes.iter().any(is_protected).then_some("deletion_protection.enabled")
    })
}

/// A resource that its template does not have any more.
pub(super) fn removed(change: &Change<'_>, old: &Template<'_>, resource: &Resource<'_>, report: &mut Report) {
    let Resource { id, kind, node } = resource;
    let policy = node.text_at(["DeletionPolicy"]);
    // CloudFormation's own default for these two.
    let is_snapshot = policy.is_none()
        && (*kind == "AWS::RDS::DBCluster"
            || (*kind == "AWS::RDS::DBInstance" && resource.property("DBClusterIdentifier").is_none()));
    let (consequence, message) = match policy {
        Some("Retain" | "RetainExceptOnCreate") => {
            (Consequence::Nothing, format!("`{id}` stays in the account, and nothing manages it any more"))
        }
        _ if let Some(property) = protection(resource) => (
            Consequence::Blocks,
            format!("`{id}` cannot be deleted, and stays: its `{property}` protects it from that"),
        ),
        _ if is_snapshot || policy == Some("Snapshot") => {
            (Consequence::Destroys, format!("`{id}` is deleted, and a snapshot of it is kept"))
        }
        _ if holds_data(kind) => (Consequence::Destroys, format!("`{id}` and the data in it are deleted")),
        _ if node.get("Condition").is_some() => {
            (Consequence::Destroys, format!("`{id}`, of type `{kind}`, is deleted if it is there"))
        }
        _ => (Consequence::Destroys, format!("`{id}`, of type `{kind}`, is deleted")),
    };
    let draft = report.elsewhere(consequence.rule(), change.was(node), message);
    draft.label(format!("`{}` has it no more", old.document.path)).subject(change.old_subject(node)).stood(node);
}
