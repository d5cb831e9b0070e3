//! What makes Karpenter's nodes drift: it compares what a node was made from with what stands there now, and replaces it.
//! <https://karpenter.sh/docs/concepts/disruption/#drift>

use super::cloudformation::{minor, steps};
use super::differs::Difference;
use super::object::{Changed, name};
use crate::check::k8s::Object;
use crate::check::{Change, Consequence, Node, Report, View};

/// What of a pool's `template.spec` is compared node by node: only those that do not fit go.
const REQUIREMENTS: &str = "spec.template.spec.requirements";

/// Selectors of a class, of which what they find is compared, and not how they are written.
const SELECTORS: [(&str, &str); 4] = [
    ("amiSelectorTerms", "images"),
    ("subnetSelectorTerms", "subnets"),
    ("securityGroupSelectorTerms", "security groups"),
    ("capacityReservationSelectorTerms", "reservations"),
];

/// Says what a change of a pool or a class does to nodes; whether it is one.
pub(super) fn changed(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    match (it.new.group, it.new.kind) {
        ("karpenter.sh", "NodePool") => pool(change, it, report),
        ("karpenter.k8s.aws", "EC2NodeClass") => class(change, it, report),
        _ => return false,
    }
    true
}

fn pool(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) {
    let what = it.name();
    let of_template = it.below("spec.template");
    let requirements = it.below(REQUIREMENTS);
    let is_static = |at: &&Difference<'_>| {
        let within = |node: Option<Node<'_>>, of: &Object<'_>, path: &str| {
            node.is_some_and(|node| of.root().along(path).is_some_and(|part| node.is_within(&part)))
        };
        let is_below = |path| within(at.new, it.new, path) || within(at.old, it.old, path);
        is_below("spec.template") && !is_below(REQUIREMENTS)
    };
    let narrower = narrowed(it);
    if let Some(at) = it.differences.iter().find(is_static) {
        let key = at.node().and_then(|node| node.nearest_key()).unwrap_or("template");
        let message = format!("{what} rolls all its nodes: its `{key}` changes{}", pace(it.new));
        tell_roll(change, it, at, message, report);
    } else if let (Some(at), Some(_)) = (narrower, requirements) {
        let message = format!("{what} rolls the nodes that its `requirements` do not allow any more{}", pace(it.new));
        tell_roll(change, it, &at, message, report);
    } else if let Some((at, message)) = disruption(it) {
        tell_roll(change, it, at, message, report);
    } else if let Some(at) = it.below("spec.disruption.consolidateAfter") {
        let message = format!("{what} is updated: nodes that are little used go after another time");
        it.tell(change, Consequence::InPlace, at, message, report);
    } else if let Some(at) = of_template.or_else(|| it.below("spec")) {
        let message = format!("{what} is updated, and no node goes for it: {}", it.listed());
        it.tell(change, Consequence::InPlace, at, message, report);
    } else if let Some(at) = it.differences.first() {
        it.tell(change, Consequence::InPlace, at, format!("{what} is updated: {}", it.listed()), report);
    }
}

/// A requirement that nodes may not meet any more: one that is new, or takes less than it did.
fn narrowed<'a>(it: &Changed<'_, 'a>) -> Option<Difference<'a>> {
    let of = |object: &Object<'a>| object.root().along(REQUIREMENTS).map(|it| it.items()).unwrap_or_default();
    let (old, new) = (of(it.old), of(it.new));
    new.into_iter().find_map(|now| {
        let is_it = |was: &&Node<'a>| {
            was.text_at(["key"]) == now.text_at(["key"]) && was.text_at(["operator"]) == now.text_at(["operator"])
        };
        let was = old.iter().find(is_it).copied();
        let values = |of: &Node<'a>| -> Vec<&'a str> { of.list(["values"]).iter().filter_map(Node::text).collect() };
        let (before, after) = (was.map(|it| values(&it)).unwrap_or_default(), values(&now));
        let is_within = |some: &[&str], all: &[&str]| some.iter().all(|it| all.contains(it));
        let keeps = was.is_some()
            && match now.text_at(["operator"]) {
                Some("In") => is_within(&before, &after),
                Some("NotIn") => is_within(&after, &before),
                Some("Exists" | "DoesNotExist") => true,
                _ => before == after,
            };
        (!keeps).then_some(Difference {
            old: was.and_then(|it| it.get("values")).or(was),
            new: now.get("values").or(Some(now)),
        })
    })
}

/// What a pool that begins to take nodes away, which it left alone before, is said to do.
fn disruption<'i, 'a>(it: &'i Changed<'_, 'a>) -> Option<(&'i Difference<'a>, String)> {
    let at = it.below("spec.disruption")?;
    let text = |of: &Object<'a>, key: &str| of.root().at(["spec", "disruption"])?.get(key)?.text();
    let underused = |of: &Object<'a>| {
        let policy = text(of, "consolidationPolicy");
        policy.is_none_or(|it| it != "WhenEmpty") && text(of, "consolidateAfter") != Some("Never")
    };
    let what = it.name();
    (underused(it.new) && !underused(it.old)).then(|| {
        (at, format!("{what} drains nodes that are little used, from now on: its `disruption` changes{}", pace(it.new)))
    })
}

#[track_caller]
fn tell_roll<'a>(change: &Change<'_>, it: &Changed<'_, 'a>, at: &Difference<'a>, message: String, report: &mut Report) {
    let draft = it.tell(change, Consequence::RollsNodes, at, message, report);
    for budget in it.new.root().list(["spec", "disruption", "budgets"]).iter().filter(|it| is_about_drift(it)) {
        draft.also(budget, "as fast as this lets it");
    }
}

fn is_about_drift(budget: &Node<'_>) -> bool {
    let reasons = budget.list(["reasons"]);
    reasons.is_empty() || reasons.iter().any(|it| it.text() == Some("Drifted"))
}

/// How many nodes of a pool may go at a time, by its budgets.
fn pace(pool: &Object<'_>) -> String {
    let budgets = pool.root().list(["spec", "disruption", "budgets"]);
    let (mut always, mut sometimes) = (Vec::new(), false);
    for budget in budgets.iter().filter(|it| is_about_drift(it)) {
        let nodes = budget.get("nodes");
        let nodes = nodes.and_then(|it| it.text().map(str::to_owned).or_else(|| it.integer().map(|it| it.to_string())));
        match (nodes, budget.get("schedule")) {
            (Some(_), Some(_)) => sometimes = true,
            (Some(nodes), None) => always.push(nodes),
            (None, _) => {}
        }
    }
    let hours = if sometimes { ", fewer at the hours of its budgets" } else { "" };
    match always.as_slice() {
        _ if always.iter().any(|nodes| nodes == "0" || nodes == "0%") => ", once its budgets let any go".to_owned(),
        [] if budgets.is_empty() => ", 10% at a time".to_owned(),
        [] => format!(", as many at a time as there are{hours}"),
        all => format!(", {} at a time{hours}", all.join(" and ")),
    }
}

fn class(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) {
    let what = it.name();
    let pools = pools_of(change.new_tree(), it.new);
    let (whose, pace) = match pools.as_slice() {
        [] => return unused(change, it, report),
        [one] => (format!("`{}`", one.name.unwrap_or_default()), pace(one)),
        [one, other] => {
            (format!("`{}` and `{}`", one.name.unwrap_or_default(), other.name.unwrap_or_default()), String::new())
        }
        [one, rest @ ..] => {
            (format!("`{}` and {} other pools", one.name.unwrap_or_default(), rest.len()), String::new())
        }
    };
    let selector = |at: &Difference<'_>| {
        let node = at.node()?;
        let mut keys = std::iter::once(node).chain(node.around()).filter_map(|it| it.key());
        keys.find_map(|key| SELECTORS.iter().find(|(name, _)| *name == key)).copied()
    };
    let is_of_spec = |at: &&Difference<'_>| {
        at.node().is_some_and(|node| node.around().any(|up| up.key() == Some("spec")) || node.key() == Some("spec"))
    };
    let of_spec: Vec<&Difference<'_>> = it.differences.iter().filter(is_of_spec).collect();
    if let Some(at) = of_spec.iter().find(|at| selector(at).is_none()) {
        let key = at.node().and_then(|node| node.nearest_key()).unwrap_or("spec");
        let message = format!("{what} rolls all nodes of {whose}{pace}: its `{key}` changes");
        it.tell(change, Consequence::RollsNodes, at, message, report);
    } else if let Some((at, (key, found))) = of_spec.iter().find_map(|at| Some((at, selector(at)?))) {
        let message = format!("{what} rolls the nodes of {whose} that have other {found} than its `{key}` find{pace}");
        it.tell(change, Consequence::RollsNodes, at, message, report);
    } else if let Some(at) = it.differences.first() {
        it.tell(change, Consequence::InPlace, at, format!("{what} is updated: {}", it.listed()), report);
    }
}

/// Classes whose alias finds other images, since the version of the one cluster of the tree changes.
pub(super) fn upgraded(change: &Change<'_>, report: &mut Report) {
    let view = change.new_tree();
    let mut clusters = change.resources().into_iter().filter(|pair| pair.new.kind == "AWS::EKS::Cluster");
    let (Some(cluster), None) = (clusters.next(), clusters.next()) else { return };
    let (Some(old), Some(new)) = (cluster.old.property("Version"), cluster.new.property("Version")) else { return };
    // What EKS refuses leaves the nodes as they are.
    if old.value.is_same(new.value)
        || !steps(change, minor).is_empty()
        || view.resources_of("AWS::EKS::Cluster").count() > 1
    {
        return;
    }
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        let terms = class.root().list(["spec", "amiSelectorTerms"]);
        let pools = pools_of(view, class);
        if pools.is_empty() || !terms.iter().any(|it| it.get("alias").is_some()) {
            continue;
        }
        let pace = if let [one] = pools.as_slice() { pace(one) } else { String::new() };
        let message = format!(
            "{} rolls its nodes: its alias finds images for the cluster's version, which changes{pace}",
            name(class)
        );
        let draft = report.at(Consequence::RollsNodes.rule(), &new, message);
        draft.beside(change.was(&old), "as it was").subject(class.subject());
    }
}

fn unused(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) {
    let Some(at) = it.differences.first() else { return };
    // Pools that stand elsewhere may use it.
    let message = format!("{} changes, and no pool of the tree uses it: {}", it.name(), it.listed());
    it.tell(change, Consequence::Unknown, at, message, report);
}

fn pools_of<'a>(view: &'a View<'_>, class: &Object<'_>) -> Vec<&'a Object<'a>> {
    let uses = |pool: &&Object<'_>| {
        let name = pool.root().text_at(["spec", "template", "spec", "nodeClassRef", "name"]);
        name.is_some() && name == class.name
    };
    view.objects_of("karpenter.sh", "NodePool").filter(uses).collect()
}
