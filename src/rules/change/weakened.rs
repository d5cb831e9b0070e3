//! What protected the cluster so far, and does so less.

use crate::check::cfn::Resource;
use crate::check::k8s::Object;
use crate::check::{Change, Node, Report, rule};
use crate::impact::{action, ended};

rule! {
    WEAKENED = Warning "change/weakened";
    summary: "a protection is weaker than before";
    explanation: "Each of these may be meant, and each is easily done with something else in mind: policies that only report what they refused, admission that lets everything pass while its webhook is away, a control plane without its audit log, a network policy that lets the world or the whole cluster in, an access entry with a stronger policy or for the whole cluster, a resource that its stack deletes, a load balancer without its firewall or its redirect to HTTPS, a disk without encryption, pods with more rights. Told when it changes, so that somebody looks at it.";
    wrong: "
        --- # before/policy.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: run-as-non-root}
        spec: {failurePolicy: Fail, validations: [{expression: 'true'}]}
        --- # after/policy.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: run-as-non-root}
        spec: {failurePolicy: Ignore, validations: [{expression: 'true'}]}
    ";
    right: "
        --- # before/policy.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: run-as-non-root}
        spec: {failurePolicy: Ignore, validations: [{expression: 'true'}]}
        --- # after/policy.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: run-as-non-root}
        spec: {failurePolicy: Fail, validations: [{expression: 'true'}]}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for old in change.old().objects() {
        let judge: fn(&Change<'_>, &Object<'_>, &Object<'_>, &mut Report) = match old.group {
            "policies.kyverno.io" | "kyverno.io" | "admissionregistration.k8s.io" => failure,
            "cilium.io" if old.kind.ends_with("NetworkPolicy") => entities,
            _ => continue,
        };
        let is_it = |new: &&Object<'_>| (new.kind, new.name, new.namespace) == (old.kind, old.name, old.namespace);
        if let Some(new) = change.new_tree().objects_of(old.group, old.kind).find(is_it) {
            judge(change, old, new, report);
        }
    }
    refusals(change, report);
    for pair in change.resources() {
        match pair.old.kind {
            "AWS::EKS::Cluster" => logs(change, pair.old, pair.new, report),
            "AWS::EKS::AccessEntry" => access(change, pair.old, pair.new, report),
            _ => {}
        }
    }
}

/// Policies that refused so far, and only warn or report from now on.
fn refusals(change: &Change<'_>, report: &mut Report) {
    let ended = ended(change);
    let Some((first, place)) = ended.first() else { return };
    let names: Vec<&str> = ended.iter().filter_map(|(policy, _)| policy.name).collect();
    let message = match names.as_slice() {
        [one] => format!("the policy `{one}` refuses nothing any more"),
        all => format!("{} policies refuse nothing any more: {}", all.len(), all.join(", ")),
    };
    let draft = report.at(&WEAKENED, place, message).label("what breaks it is only told from now on");
    let was = change.old().objects().iter().find(|old| old.subject() == first.subject());
    if let Some(was) = was.and_then(|old| action(&old.root())) {
        draft.beside(change.was(&was), "it refused so far");
    }
    for (_, place) in ended.iter().skip(1) {
        draft.also(place, "");
    }
    draft.help("leave the action at what refuses, or say in the change why what they kept out may come in");
}

fn failure(change: &Change<'_>, old: &Object<'_>, new: &Object<'_>, report: &mut Report) {
    let places = |object: &Object<'_>| -> Vec<String> {
        let root = object.root();
        root.under("failurePolicy").filter_map(|it| it.text().map(str::to_owned)).collect()
    };
    if !places(old).iter().any(|it| it == "Fail") || places(new).iter().any(|it| it == "Fail") {
        return;
    }
    let (root, before) = (new.root(), old.root());
    let (Some(node), Some(was)) = (root.under("failurePolicy").next(), before.under("failurePolicy").next()) else {
        return;
    };
    let name = new.name.unwrap_or_default();
    report
        .at(&WEAKENED, &node, format!("`{name}` lets everything pass while nobody answers for it"))
        .label("so far nothing passed then")
        .beside(change.was(&was), "it was so before")
        .help("keep `Fail` for what must be refused, and leave out the namespaces that must start without it");
}

/// Who stands for very many, as Cilium calls them.
const MANY: [&str; 3] = ["world", "all", "cluster"];

fn entities(change: &Change<'_>, old: &Object<'_>, new: &Object<'_>, report: &mut Report) {
    for key in ["fromEntities", "toEntities"] {
        let named = |object: &Object<'_>| -> Vec<String> {
            let root = object.root();
            let lists = root.under(key).flat_map(|list| list.items()).collect::<Vec<_>>();
            lists.iter().filter_map(|it| it.text().map(str::to_owned)).collect()
        };
        let before = named(old);
        let root = new.root();
        for node in root.under(key).flat_map(|list| list.items()) {
            let Some(text) = node.text().filter(|text| MANY.contains(text)) else { continue };
            // Who let all of them in has nothing to lose.
            if before.iter().any(|it| it == text || it == "all") || key == "toEntities" && text == "cluster" {
                continue;
            }
            let (who, does) = match text {
                "cluster" => ("every pod of the cluster", "in"),
                _ if key == "toEntities" => ("the pods", "out to the whole internet"),
                _ => ("the whole internet", "in"),
            };
            let draft = report.at(&WEAKENED, &node, format!("`{}` lets {who} {does}", new.name.unwrap_or_default()));
            draft.label("and did not so far").beside(change.was(&old.name_node()), "the policy before");
            draft.help("name the pods or the networks that are meant");
            return;
        }
    }
}

fn logs(change: &Change<'_>, old: &Resource<'_>, new: &Resource<'_>, report: &mut Report) {
    let types = |cluster: &Resource<'_>| -> Option<Vec<String>> {
        let list = cluster.property("Logging")?.at(["ClusterLogging", "EnabledTypes"])?;
        Some(list.items().iter().filter_map(|it| it.text_at(["Type"]).map(str::to_owned)).collect())
    };
    let Some(before) = types(old) else { return };
    let now = types(new).unwrap_or_default();
    let gone: Vec<_> = ["audit", "authenticator"]
        .into_iter()
        .filter(|it| before.iter().any(|own| own == it) && !now.iter().any(|own| own == it))
        .collect();
    let Some(first) = gone.first() else { return };
    let list = new.property("Logging").and_then(|it| it.at(["ClusterLogging", "EnabledTypes"]));
    let kept = list.and_then(|list| list.items().first().and_then(|it| it.get("Type")));
    let place = kept.or(list).unwrap_or(new.node);
    let was = old.property("Logging").and_then(|it| it.at(["ClusterLogging", "EnabledTypes"]));
    let said = was.into_iter().flat_map(|list| list.items()).find(|it| it.text_at(["Type"]) == Some(first));
    let draft =
        report.at(&WEAKENED, place, format!("the control plane writes no `{}` log any more", gone.join("` and no `")));
    draft.label("who did what in the cluster cannot be told afterwards");
    if let Some(said) = said {
        draft.beside(change.was(&said), "it did before");
    }
    draft.help("keep it: it is what an incident is looked into by");
}

/// Access policies from the weakest on.
const POLICIES: [&str; 5] = [
    "AmazonEKSViewPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSAdminPolicy",
    "AmazonEKSClusterAdminPolicy",
];

fn access(change: &Change<'_>, old: &Resource<'_>, new: &Resource<'_>, report: &mut Report) {
    let strongest = |entry: &Resource<'_>| -> Option<(usize, bool)> {
        let policies = entry.property("AccessPolicies").map(|it| it.items()).unwrap_or_default();
        let ranks = policies.iter().filter_map(|it| Some((rank(it)?, is_everywhere(it))));
        ranks.max()
    };
    let Some((before, was_everywhere)) = strongest(old) else { return };
    let policies = new.property("AccessPolicies").map(|it| it.items()).unwrap_or_default();
    for policy in &policies {
        let (Some(now), everywhere) = (rank(policy), is_everywhere(policy)) else { continue };
        let is_stronger = now > before && now >= 2;
        let is_wider = everywhere && !was_everywhere && now >= 2;
        if !is_stronger && !is_wider {
            continue;
        }
        let (place, what) = match (is_stronger, policy.at(["AccessScope", "Type"])) {
            (false, Some(scope)) => (scope, "everywhere in the cluster".to_owned()),
            _ => (policy.get("PolicyArn").unwrap_or(*policy), format!("by `{}`", POLICIES[now])),
        };
        report
            .at(&WEAKENED, place, format!("`{}` may do more from now on, {what}", new.id))
            .label(if is_stronger { "a stronger policy" } else { "a wider scope" })
            .beside(change.was(&old.node), "the entry before")
            .help("give it the weakest policy and the namespaces that do");
        return;
    }
}

fn rank(policy: &Node<'_>) -> Option<usize> {
    let node = policy.get("PolicyArn")?;
    let arn = node.get("Fn::Sub").unwrap_or(node).text()?;
    POLICIES.iter().position(|name| arn.ends_with(&format!("/{name}")))
}

fn is_everywhere(policy: &Node<'_>) -> bool {
    policy.text_at(["AccessScope", "Type"]) == Some("cluster")
}
