//! Disruption budgets that let no pod go.

use crate::check::k8s::{Object, selects};
use crate::check::{Node, Report, View, rule};

rule! {
    DISRUPTION_BUDGET = Error "kubernetes/disruption-budget";
    summary: "a disruption budget that lets no pod go";
    explanation: "With `maxUnavailable: 0`, or `minAvailable` as high as the number of replicas, or as the fewest that an autoscaler lets there be, no pod may ever be evicted: nodes cannot be drained, so upgrades of the cluster and Karpenter's consolidation wait for ever. Allow one pod to go: `maxUnavailable: 1` fits every number of replicas. A single replica that must not go is told to the nodes' manager instead, with an annotation such as `karpenter.sh/do-not-disrupt`.";
    wrong: "
        --- # api/values.yaml
        replicas: 2
        podDisruptionBudget: {enabled: true, minAvailable: 2}
    ";
    right: "
        --- # api/values.yaml
        replicas: 2
        podDisruptionBudget: {enabled: true, minAvailable: 1}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for budget in view.objects_of("policy", "PodDisruptionBudget") {
        let Some(spec) = budget.root().get("spec") else { continue };
        if let (Some(least), Some(most)) = (spec.get("minAvailable"), spec.get("maxUnavailable")) {
            report
                .at(&DISRUPTION_BUDGET, &most, "a budget cannot say both how many pods stay and how many may go")
                .also(&least, "how many stay")
                .help("keep one of them");
            continue;
        }
        let replicas = spec.get("selector").and_then(|selector| replicas(view, budget, &selector));
        judge(&spec, replicas, report);
    }
    for values in view.values() {
        for map in values.having(&BUDGETS) {
            in_values(&map, report);
        }
    }
}

/// How many pods there are.
#[derive(Clone, Copy)]
struct There<'a> {
    count: i64,
    /// Where that is said.
    node: Node<'a>,
    /// An autoscaler may make more.
    is_least: bool,
}

/// How many pods a budget selects, if one workload of the tree makes them all.
fn replicas<'a>(view: &View<'a>, budget: &Object<'a>, selector: &Node<'a>) -> Option<There<'a>> {
    let selected = |object: &&Object<'a>| {
        view.are_near(object, budget)
            && object.pod_template().is_some()
            && selects(selector, object.pod_labels().as_ref())
    };
    let mut workloads = view.objects().iter().filter(selected);
    let (workload, other) = (workloads.next()?, workloads.next());
    let counts = matches!(workload.kind, "Deployment" | "StatefulSet") && other.is_none();
    if !counts || view.is_transformed(workload) || !view.holds_all_of(budget.namespace) {
        return None;
    }
    if view.is_scaled(workload) {
        return least(view, workload);
    }
    let said = workload.root().at(["spec", "replicas"])?;
    Some(There { count: number(&said)?, node: said, is_least: false })
}

/// The fewest pods that an autoscaler lets a workload have: it comes down to them every night.
fn least<'a>(view: &View<'a>, workload: &Object<'a>) -> Option<There<'a>> {
    let mut scalers = view.objects_of("autoscaling", "HorizontalPodAutoscaler").filter(|it| {
        let target = it.root().at(["spec", "scaleTargetRef"]);
        let is_it = |target: Node<'_>| {
            target.text_at(["name"]) == workload.name && target.text_at(["kind"]) == Some(workload.kind)
        };
        target.is_some_and(is_it) && view.are_near(it, workload)
    });
    let (scaler, other) = (scalers.next()?, scalers.next());
    let said = scaler.root().at(["spec", "minReplicas"]).filter(|_| other.is_none())?;
    Some(There { count: number(&said)?, node: said, is_least: true })
}

/// What charts call a budget in their values.
const BUDGETS: [&str; 2] = ["podDisruptionBudget", "pdb"];

/// A map of values with a budget and the replicas that it is for.
fn in_values<'a>(node: &Node<'a>, report: &mut Report) {
    let off = |map: &Node<'_>, key: &str| map.get(key).and_then(|it| it.boolean()) == Some(false);
    let there = |is_least| move |node: Node<'a>| Some(There { count: number(&node)?, node, is_least });
    let replicas = node.get("replicas").or(node.get("replicaCount")).and_then(there(false));
    let is_scaled = node.at(["autoscaling", "enabled"]).and_then(|it| it.boolean()) == Some(true);
    let fewest = || node.at(["autoscaling", "minReplicas"]).and_then(there(true));
    let replicas = if is_scaled { fewest() } else { replicas };
    for key in BUDGETS {
        let Some(budget) = node.get(key) else { continue };
        if !off(&budget, "enabled") && !off(&budget, "create") && !off(node, "enabled") {
            judge(&budget, replicas, report);
        }
    }
}

fn judge(budget: &Node<'_>, replicas: Option<There<'_>>, report: &mut Report) {
    let help = "let one pod go at a time: `maxUnavailable: 1`";
    if let Some(most) = budget.get("maxUnavailable")
        && (most.integer() == Some(0) || matches!(most.text(), Some("0" | "0%")))
    {
        report.at(&DISRUPTION_BUDGET, &most, "this budget lets no pod go").help(help);
    }
    let Some(least) = budget.get("minAvailable") else { return };
    if least.text() == Some("100%") {
        report.at(&DISRUPTION_BUDGET, &least, "this budget lets no pod go").help(help);
        return;
    }
    let Some(There { count: there, node, is_least }) = replicas else { return };
    let share = least.text().and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok());
    // Kubernetes rounds a share of the pods up.
    let part = share.and_then(|share| share.checked_mul(there)?.checked_add(99)?.checked_div(100));
    let Some(wanted) = part.or_else(|| number(&least)) else { return };
    if wanted >= there && there > 0 {
        let (of, why) = if is_least {
            ("at the autoscaler's least ", "as many as it lets there be when little is to do")
        } else {
            ("", "as many as there are")
        };
        let message = format!("{of}{wanted} of {there} pods must be available: this budget lets none go");
        let draft = report.at(&DISRUPTION_BUDGET, &least, message).also(&node, why).help(help);
        if is_least {
            draft.warning();
        }
    }
}

fn number(node: &Node<'_>) -> Option<i64> {
    node.integer().or_else(|| node.text()?.parse().ok())
}
