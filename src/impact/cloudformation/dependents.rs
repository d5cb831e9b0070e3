//! Resources that refer to what changes.

use std::collections::VecDeque;

use super::super::differs::{Difference, differences};
use super::nested::{self, is_stack};
use super::refused::together;
use super::replacement::{is_new_version, known_type, replacing_version};
use super::resource::{APART, Fate, Fates, Told, ending, is_other, properties, rewrites};
use super::running::of_update;
use super::taken::Both;
use crate::check::cfn::{How, Reference, Template};
use crate::check::{Brought, Change, Consequence, Node, Pair};
use crate::yaml::path::Step;

/// What is followed, and by what.
pub(super) struct Follower<'f, 'c, 'a> {
    pub(super) change: &'c Change<'a>,
    pub(super) pairs: &'f [Both<'c, 'a>],
    pub(super) brought: &'f dyn Brought,
    pub(super) fates: &'f mut Fates<'c, 'a>,
    /// Positions of fates that are to be followed yet.
    queue: VecDeque<usize>,
}

/// Why a value is another one, where no value of its own says so.
#[derive(Clone, Copy)]
pub(super) struct Cause<'x, 'a> {
    /// ``the parameter `Size` changes``.
    pub(super) why: &'x str,
    /// Whether it is another one for sure.
    pub(super) is_sure: bool,
    pub(super) at: Node<'a>,
    /// The values that made it so.
    pub(super) causes: &'x [Difference<'a>],
}

/// Follows what is replaced to what refers to it, and what that comes to, until nothing new is found.
pub(super) fn follow<'c, 'a>(
    change: &'c Change<'a>,
    pairs: &[Both<'c, 'a>],
    brought: &dyn Brought,
    fates: &mut Fates<'c, 'a>,
) {
    let queue = (0..fates.all.len()).collect();
    let mut follower = Follower { change, pairs, brought, fates, queue };
    for both in pairs {
        follower.names(*both);
    }
    while let Some(next) = follower.queue.pop_front() {
        follower.from(next);
    }
}

impl<'c, 'a> Follower<'_, 'c, 'a> {
    /// Goes from one fate to all that refer to the resource.
    fn from(&mut self, position: usize) {
        let Told { fate, template, pair, .. } = self.fates.all[position];
        if fate == Fate::Other {
            return;
        }
        let causes = self.fates.all[position].causes();
        let Some((old, _)) = self.before(template) else { return };
        let (id, kind) = (pair.new.id, pair.new.kind);
        let of_value = |it: &&Reference<'_>| it.to == id && matches!(it.how, How::Ref | How::GetAtt | How::Sub);
        for reference in template.references().iter().filter(of_value) {
            self.referring((old, template), reference, [id, kind], fate, &causes);
        }
        // What a stack within another one says of it to the one around.
        let outputs = template.document.root().get("Outputs").map(|it| it.entries()).unwrap_or_default();
        let names = |output: &Node<'_>| {
            template.references().iter().filter(of_value).any(|it| it.node.is_within(output) && is_carried(it, fate))
        };
        let outputs: Vec<&str> = outputs.into_iter().filter(|(_, node)| names(node)).map(|(name, _)| name).collect();
        if outputs.is_empty() {
            return;
        }
        for (around, stack) in nested::stacks(self.change, template) {
            let Some((old, _)) = self.before(around) else { continue };
            let is_of = |it: &&Reference<'_>| {
                let output = it.attribute.and_then(|it| it.strip_prefix("Outputs."));
                it.to == stack.id && output.is_some_and(|it| outputs.contains(&it))
            };
            for reference in around.references().iter().filter(is_of) {
                self.referring((old, around), reference, [id, kind], fate, &causes);
            }
        }
    }

    fn before(&self, template: &Template<'_>) -> Option<Both<'c, 'a>> {
        let is_it = |it: &&Both<'_, '_>| it.1.is_some_and(|it| it.document.path == template.document.path);
        self.pairs.iter().find(is_it).copied()
    }

    /// What becomes of a resource that names another one.
    fn referring(
        &mut self,
        (old, template): (&'c Template<'a>, &'a Template<'a>),
        reference: &Reference<'a>,
        [to, kind]: [&str; 2],
        fate: Fate,
        causes: &[Difference<'a>],
    ) {
        let Some((pair, property)) = place(old, template, reference) else { return };
        if !is_carried(reference, fate) {
            return;
        }
        // What a name says of something that is replaced is another name, unless it was given one.
        let why = match fate {
            Fate::NewVersion => format!("`{to}` has a new version"),
            Fate::MayBeReplaced => format!("it refers to `{to}`, of type `{kind}`, which may be replaced"),
            _ => format!("it refers to `{to}`, of type `{kind}`, which is replaced"),
        };
        let cause = Cause { why: &why, is_sure: fate != Fate::MayBeReplaced, at: reference.node, causes };
        if fate != Fate::NewVersion && names_template(&pair, reference, to) {
            let (consequence, message) = if cause.is_sure {
                (
                    Consequence::Blocks,
                    format!("AWS refuses this update of `{}`: a group keeps its template, and {why}", pair.new.id),
                )
            } else {
                (
                    Consequence::Unknown,
                    format!("AWS may refuse the update of `{}`: a group keeps its template, and {why}", pair.new.id),
                )
            };
            let help =
                "let the launch template keep its name; or make another group, and take this one away afterwards";
            let told = told(pair, template, cause, consequence, message);
            return self.put(Told { help: Some(help.to_owned()), ..told });
        }
        self.updated(pair, template, &property, cause);
    }

    /// What becomes of a resource of which a property has another value.
    pub(super) fn updated(
        &mut self,
        pair: Pair<'c, 'a>,
        template: &'a Template<'a>,
        property: &str,
        cause: Cause<'_, 'a>,
    ) {
        let (id, kind, why) = (pair.new.id, pair.new.kind, cause.why);
        if is_stack(kind) {
            return self.nested(pair, template, property, cause);
        }
        let told = |consequence, message: String| told(pair, template, cause, consequence, message);
        let Some(known) = known_type(kind, self.brought) else {
            let told = told(Consequence::Unknown, format!("`{id}` is updated or replaced: {why}"));
            return self.put(told);
        };
        let is_sure = needs_another(&known.create_only, property) || replacing_version(&pair) == Some(property);
        let told = if is_sure || needs_another(&known.conditional, property) {
            let is_open = !is_sure || !cause.is_sure || rewrites(template);
            ending(&pair, why, is_open, None, told(Consequence::Replaces, why.to_owned()))
        } else if let Some(why) = refused_with(&pair, property, why) {
            let (consequence, how) =
                if cause.is_sure { (Consequence::Blocks, "refuses") } else { (Consequence::Unknown, "may refuse") };
            let mut told = told(consequence, format!("AWS {how} this update of `{id}`: {why}"));
            told.causes.extend(differences(pair.old.properties(), pair.new.properties()));
            Told { help: Some(APART.to_owned()), ..told }
        } else if let Some(running) = of_update(&pair, |path| touches(property, path)) {
            told(running.consequence, running.message(id, why))
        } else if is_new_version(kind, property) {
            Told { fate: Fate::NewVersion, ..told(Consequence::InPlace, format!("`{id}` is updated: {why}")) }
        } else {
            told(Consequence::InPlace, format!("`{id}` is updated: {why}"))
        };
        self.put(told);
    }

    /// A stack within this one that is given another value.
    fn nested(&mut self, pair: Pair<'c, 'a>, around: &'a Template<'a>, property: &str, cause: Cause<'_, 'a>) {
        let (id, why) = (pair.new.id, cause.why);
        let child = nested::template(self.change.new_tree().templates(), around, pair.new);
        let both = child.and_then(|child| Some((child, self.before(child)?.0)));
        let (Some((child, old)), Some(parameter)) = (both, property.strip_prefix("Parameters.")) else {
            let message = format!("`{id}` is updated, and its own template decides what comes of it: {why}");
            let told = told(pair, around, cause, Consequence::Unknown, message);
            return self.put(told);
        };
        let message = format!("`{id}` is updated, and what comes of it is told of `{}`: {why}", child.document.path);
        let told = told(pair, around, cause, Consequence::InPlace, message);
        self.put(told);
        self.named(old, child, parameter, cause);
    }

    /// What is said already stays if it is worse.
    pub(super) fn put(&mut self, told: Told<'c, 'a>) {
        let Some(at) = self.fates.position(told.template, told.pair.new.id) else {
            self.queue.push_back(self.fates.all.len());
            self.fates.all.push(told);
            return;
        };
        let known = &mut self.fates.all[at];
        let fate = if told.fate == Fate::Other { known.fate } else { told.fate };
        // What is refused does not come to pass.
        let is_kept = |it: Consequence| matches!(it, Consequence::RollsNodes | Consequence::Restarts);
        let is_refused = known.consequence == Consequence::Blocks && is_kept(told.consequence);
        let refuses = told.consequence == Consequence::Blocks && is_kept(known.consequence);
        if (told.consequence < known.consequence && !is_refused) || refuses {
            *known = Told { fate, ..told };
        } else if known.fate == Fate::Other && fate != Fate::Other {
            known.fate = fate;
        } else {
            return;
        }
        self.queue.push_back(at);
    }
}

pub(super) fn told<'c, 'a>(
    pair: Pair<'c, 'a>,
    template: &'a Template<'a>,
    cause: Cause<'_, 'a>,
    consequence: Consequence,
    message: String,
) -> Told<'c, 'a> {
    let (fate, place) = (Fate::Other, cause.at);
    let causes = cause.causes.to_vec();
    Told { pair, template, fate, consequence, message, place, was: None, help: None, causes }
}

/// Whether a reference says something else once what it names has come to this.
fn is_carried(reference: &Reference<'_>, fate: Fate) -> bool {
    fate != Fate::NewVersion || reference.attribute.is_some_and(|it| it.ends_with("VersionNumber"))
}

/// Whether a group of nodes is made of a template that a reference to it names.
fn names_template(pair: &Pair<'_, '_>, reference: &Reference<'_>, to: &str) -> bool {
    let Some(own) = pair.new.property("LaunchTemplate").filter(|_| pair.new.kind == "AWS::EKS::Nodegroup") else {
        return false;
    };
    let is_named = |node: Node<'_>| {
        node.all().any(|it| it.text().is_some_and(|text| text == to || text.contains(&format!("${{{to}}}"))))
    };
    reference.node.is_within(&own) && ["Id", "Name"].iter().filter_map(|key| own.get(key)).any(is_named)
}

/// The resource that a reference stands in, as both trees have it, and the way to the property.
pub(super) fn place<'c, 'a>(
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

/// Why an update is refused of a property that others change, together with what changes by itself.
fn refused_with(pair: &Pair<'_, '_>, property: &str, why: &str) -> Option<String> {
    let property = property.split('.').next().unwrap_or_default();
    let mut changed = properties(pair);
    changed.retain(|name| is_other(pair, name));
    if changed.is_empty() || changed.contains(&property) {
        return None;
    }
    changed.push(property);
    together(pair.new.kind, &changed, pair).map(|(together, _)| format!("{together}, and {why}"))
}

fn needs_another(properties: &[super::types::Property], property: &str) -> bool {
    properties.iter().any(|it| touches(property, &it.path))
}

/// Whether one of two properties is, or lies within, the other.
fn touches(one: &str, other: &str) -> bool {
    let is_in =
        |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    is_in(one, other) || is_in(other, one)
}
