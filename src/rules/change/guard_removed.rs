//! What guarded something, and is there no more.

use std::collections::BTreeMap;

use super::protection::documents;
use super::weakened::WEAKENED;
use crate::check::cfn::Resource;
use crate::check::k8s::Object;
use crate::check::{Change, Node, Report, View};

/// Resources that guard others, and what is missing without them.
const RESOURCES: [(&str, &str); 8] = [
    ("AWS::WAFv2::WebACL", "a firewall is there no more"),
    ("AWS::WAFv2::WebACLAssociation", "a firewall is in front of nothing any more"),
    ("AWS::WAFv2::LoggingConfiguration", "a firewall writes no log any more"),
    ("AWS::EC2::FlowLog", "nobody writes down the traffic of a network any more"),
    ("AWS::S3::BucketPolicy", "a bucket has no policy any more"),
    ("AWS::CloudTrail::Trail", "nobody writes down who did what in the account any more"),
    ("AWS::GuardDuty::Detector", "nobody looks for intruders any more"),
    ("AWS::Rbin::Rule", "what is deleted is not kept for a while any more"),
];

/// Objects that guard others.
const OBJECTS: [(&str, &str, &str); 10] = [
    ("networking.k8s.io", "NetworkPolicy", "a network policy is there no more"),
    ("cilium.io", "CiliumNetworkPolicy", "a network policy is there no more"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy", "a network policy is there no more"),
    ("policy", "PodDisruptionBudget", "a drain may take all pods of a workload at once"),
    ("kyverno.io", "ClusterPolicy", "a policy is there no more"),
    ("policies.kyverno.io", "ValidatingPolicy", "a policy is there no more"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy", "a policy is there no more"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", "a policy binds nothing any more"),
    ("", "ResourceQuota", "a namespace has no quota any more"),
    ("", "LimitRange", "a namespace has no default limits any more"),
];

/// Something that is gone: what it was called, and where it stood.
type Gone<'a> = (String, Node<'a>);

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    let mut gone: BTreeMap<&str, Vec<Gone<'_>>> = BTreeMap::new();
    for (old, new) in change.templates() {
        let Some(new) = new else { continue };
        for resource in old.resources().iter().filter(|it| new.resource(it.id).is_none()) {
            let Some((_, says)) = RESOURCES.iter().find(|(kind, _)| *kind == resource.kind) else { continue };
            // Under another id, or in another template, it is still there; and what it guarded may be gone as well.
            let is_there = |other: &Resource<'_>| {
                other.properties().map(|it| it.value) == resource.properties().map(|it| it.value)
            };
            let guards_nothing = resource.kind == "AWS::S3::BucketPolicy" && !has_bucket(resource, new.resources());
            if !guards_nothing && !change.new_tree().resources_of(resource.kind).any(is_there) {
                gone.entry(says).or_default().push((resource.id.to_owned(), resource.node));
            }
        }
    }
    objects(change, &mut gone);
    for (says, all) in &gone {
        say(change, says, all, report);
    }
    statements(change, report);
}

fn has_bucket(policy: &Resource<'_>, all: &[Resource<'_>]) -> bool {
    let bucket = policy.property("Bucket").and_then(|it| it.text_at(["Ref"]));
    bucket.is_none_or(|id| all.iter().any(|it| it.id == id))
}

fn objects<'a>(change: &Change<'a>, gone: &mut BTreeMap<&'static str, Vec<Gone<'a>>>) {
    for (group, kind, says) in OBJECTS {
        for old in change.old().objects_of(group, kind) {
            let has_namesake = change.new_tree().objects_of(group, kind).any(|new| {
                new.name == old.name && new.namespace == old.namespace || new.document.path == old.document.path
            });
            if has_namesake || is_alone(change, old) {
                continue;
            }
            let name = old.namespace.map_or_else(String::new, |it| format!("{it}/"));
            gone.entry(says).or_default().push((name + old.name.unwrap_or_default(), old.name_node()));
        }
    }
}

/// Whether what it guarded is gone as well: its namespace, or all that stood beside it there.
fn is_alone(change: &Change<'_>, old: &Object<'_>) -> bool {
    let guarded =
        |it: &Object<'_>| it.namespace == old.namespace && !OBJECTS.iter().any(|(group, kind, _)| it.is(group, kind));
    let is_empty = old.namespace.is_some()
        && change.old().objects().iter().any(guarded)
        && !change.new_tree().objects().iter().any(guarded);
    let is_made = |view: &View<'_>| view.objects_of("", "Namespace").any(|it| it.name == old.namespace);
    is_empty || is_made(change.old()) && !is_made(change.new_tree())
}

fn say(change: &Change<'_>, says: &str, all: &[Gone<'_>], report: &mut Report) {
    let Some((name, place)) = all.first() else { return };
    let message = match all.len() - 1 {
        0 => format!("{says}: `{name}`"),
        more => format!("{says}: `{name}` and {more} more"),
    };
    report
        .elsewhere(&WEAKENED, change.was(place), message)
        .label("this was there before")
        .subject(change.old_subject(place))
        .stood(place)
        .help("is it meant? then let somebody who answers for it agree");
}

/// Statements that denied something, and conditions of statements that allow it.
fn statements(change: &Change<'_>, report: &mut Report) {
    for (old, new) in documents(change) {
        if old.value.is_same(new.value) {
            continue;
        }
        let (before, now) = (old.root(), new.root());
        let news: Vec<Node<'_>> = now.under("Statement").flat_map(|it| it.one_or_more()).collect();
        for statement in before.under("Statement").flat_map(|it| it.one_or_more()) {
            let Some(sid) = statement.text_at(["Sid"]) else { continue };
            let resource = |node: &Node<'_>| node.path().steps().get(1).cloned();
            let own = resource(&statement);
            let is_there =
                now.get("Resources").is_some_and(|all| all.entries().iter().any(|(_, node)| resource(node) == own));
            let new = news.iter().find(|it| it.text_at(["Sid"]) == Some(sid) && resource(it) == own);
            let place = |node: &Node<'_>| change.was(node);
            if statement.text_at(["Effect"]) == Some("Deny") && new.is_none() && is_there {
                // What the rest says as well is still denied.
                let is_kept = |it: &Node<'_>| {
                    it.text_at(["Effect"]) == Some("Deny")
                        && it.get("Action").map(|it| it.value) == statement.get("Action").map(|it| it.value)
                };
                if !news.iter().filter(|it| resource(it) == own).any(is_kept) {
                    let message = format!("the policy denies nothing by `{sid}` any more");
                    let rest = now.under("Statement").find(|it| resource(it) == own);
                    let draft = match &rest {
                        Some(rest) => report.at(&WEAKENED, rest, message).beside(place(&statement), "it did before"),
                        None => report.elsewhere(&WEAKENED, place(&statement), message).label("this was there before"),
                    };
                    draft.subject(change.old_subject(&statement)).stood(&statement);
                    draft.help("is it meant? then let somebody who answers for it agree");
                }
            }
            if let (Some("Allow"), Some(condition), Some(new)) =
                (statement.text_at(["Effect"]), statement.get("Condition"), new)
                && new.text_at(["Effect"]) == Some("Allow")
                && new.get("Condition").is_none()
            {
                report
                    .at(&WEAKENED, new, format!("`{sid}` allows its actions without a condition from now on"))
                    .label("there was one before")
                    .beside(place(&condition), "the condition before")
                    .help("keep the condition, or name the resources instead");
            }
        }
    }
}
