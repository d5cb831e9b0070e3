//! Policies that begin to refuse, and what of the tree they refuse.

use std::collections::BTreeSet;

use super::differs::{Difference, blame, differences};
use crate::check::k8s::Object;
use crate::check::{Brought, Change, Consequence, Node, Refused, Report, View};

/// Policies that refuse now and did not before, each with where it says so.
pub(crate) fn began<'a>(change: &Change<'a>) -> Vec<(&'a Object<'a>, Node<'a>)> {
    let before: BTreeSet<String> = enforced(change.old()).iter().map(|(policy, _)| policy.subject()).collect();
    let mut began = enforced(change.new_tree());
    began.retain(|(policy, _)| !before.contains(&policy.subject()));
    began
}

/// Policies that refused and do not any more, though they are still there, and where they say so now.
pub(crate) fn ended<'a>(change: &Change<'a>) -> Vec<(&'a Object<'a>, Node<'a>)> {
    let now: BTreeSet<String> = enforced(change.new_tree()).iter().map(|(policy, _)| policy.subject()).collect();
    let old = enforced(change.old());
    let before: BTreeSet<String> = old.iter().map(|(policy, _)| policy.subject()).collect();
    let objects = change.new_tree().objects().iter().filter(|it| is_policy(it));
    let of_those = objects.filter(|it| before.contains(&it.subject()) && !now.contains(&it.subject()));
    of_those.filter_map(|it| Some((it, action(&it.root())?))).collect()
}

/// Policies that refuse, and where they say so.
fn enforced<'v, 'a>(view: &'v View<'a>) -> Vec<(&'v Object<'a>, Node<'a>)> {
    let policies = view.objects().iter().filter(|object| is_policy(object));
    let refuses = |object: &'v Object<'a>| {
        if names_nothing(view, object) {
            return None;
        }
        let place = action(&object.root())?;
        let says = |node: &Node<'_>| matches!(node.text(), Some("Deny" | "Enforce" | "enforce"));
        place.one_or_more().iter().any(says).then_some((object, place))
    };
    policies.filter_map(refuses).collect()
}

fn is_policy(object: &Object<'_>) -> bool {
    matches!(object.group, "kyverno.io" | "policies.kyverno.io" | "admissionregistration.k8s.io")
}

/// Whether a policy refuses what breaks it, by itself or by a binding.
pub(super) fn is_enforced(view: &View<'_>, policy: &Object<'_>) -> bool {
    let binds = |it: &Object<'_>| {
        it.kind.strip_suffix("Binding") == Some(policy.kind) && it.root().text_at(["spec", "policyName"]) == policy.name
    };
    enforced(view).iter().any(|(it, _)| it.subject() == policy.subject() || binds(it))
}

/// Whether an object is the binding of a policy that is none of those that the tree has.
fn names_nothing(view: &View<'_>, binding: &Object<'_>) -> bool {
    let Some(kind) = binding.kind.strip_suffix("Binding") else { return false };
    let root = binding.root();
    let wanted = root.text_at(["spec", "policyName"]);
    let mut policies = view.objects_of(binding.group, kind).peekable();
    policies.peek().is_some() && policies.all(|policy| policy.name != wanted)
}

/// Where a policy, or a binding of one, says what happens to what breaks it.
pub(crate) fn action<'a>(root: &Node<'a>) -> Option<Node<'a>> {
    let spec = root.get("spec")?;
    let rules = spec.list(["rules"]);
    let of_rules = rules.iter().filter_map(|rule| rule.at(["validate", "failureAction"]));
    let strictest = of_rules.clone().find(|it| it.text() == Some("Enforce")).or(of_rules.clone().next());
    strictest.or(spec.get("validationFailureAction")).or(spec.get("validationActions"))
}

/// What of a policy that refuses an object now is not what it was, if the object itself is.
fn causes<'a>(change: &Change<'a>, refused: &Refused) -> Vec<Difference<'a>> {
    let (old, new) = (change.old(), change.new_tree());
    let of = |view: &View<'_>| {
        view.objects().iter().find(|it| it.subject() == refused.subject).map(|it| it.root().value.clone())
    };
    if of(old).is_none_or(|was| of(new).is_none_or(|now| !was.is_same(&now))) {
        return Vec::new();
    }
    let is_it = |it: &&Object<'a>| {
        is_policy(it) && it.name.is_some_and(|name| refused.message.contains(&format!("policy `{name}`")))
    };
    let policy = new.objects().iter().find(is_it);
    let before = policy.and_then(|policy| old.objects().iter().find(|it| it.subject() == policy.subject()));
    let (Some(policy), Some(before)) = (policy, before) else { return Vec::new() };
    let part = |of: &Object<'a>| of.root().get("spec");
    differences(part(before), part(policy))
}

pub(super) fn effects(change: &Change<'_>, brought: &dyn Brought, report: &mut Report) {
    let began = began(change);
    if !change.new_tree().objects().iter().any(is_policy) {
        return;
    }
    let before = brought.refused(change.old());
    let known = |it: &Refused| before.iter().any(|other| other.message == it.message && other.subject == it.subject);
    let refused: Vec<Refused> = brought.refused(change.new_tree()).into_iter().filter(|it| !known(it)).collect();
    for (policy, place) in &began {
        let name = policy.name.unwrap_or_default();
        let own = refused.iter().filter(|it| it.message.contains(&format!("policy `{name}`"))).count();
        let what = match own {
            0 => "no object of the tree that is known to it breaks it".to_owned(),
            1 => "1 object of the tree".to_owned(),
            many => format!("{many} objects of the tree"),
        };
        let message = format!("the policy `{name}` refuses from now on: {what}");
        report
            .at(Consequence::Blocks.rule(), place, message)
            .help("look at what it reports about (`kubectl get policyreports -A`) before this is deployed")
            .subject(policy.subject());
    }
    for it in refused {
        let causes = causes(change, &it);
        let draft = report.at(Consequence::Blocks.rule(), it.place, it.message);
        draft.label("this is not admitted any more").subject(it.subject);
        blame(draft, &causes);
    }
}
