//! Demands on nodes that no node can meet.

use std::sync::LazyLock;

use crate::check::k8s::Object;
use crate::check::nodes::{DEMANDING, Demand, ways};
use crate::check::{Node, Report, View, rule};
use crate::rules::instances::{Instance, TYPES, label_of};

rule! {
    NODE_REQUIREMENTS = Error "kubernetes/node-requirements";
    summary: "demands on a node that exclude each other";
    explanation: "A pool of Karpenter whose requirements have no instance type in common starts no nodes, and says so only in the controller's log. Requirements of one label hold together, and with the labels that the pool itself sets: `In [a]` and `In [b]` leave nothing, nor does `Gt 5` with `Lt 5`, nor the category `m` with the family `c6i`, nor `arm64` with families that are not Graviton. It is the same with a pod's node selector and required node affinity.";
    wrong: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements:
                - {key: karpenter.k8s.aws/instance-category, operator: In, values: [m, r]}
                - {key: karpenter.k8s.aws/instance-family, operator: In, values: [c6i, c7i]}
    ";
    right: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements:
                - {key: karpenter.k8s.aws/instance-category, operator: In, values: [m, c]}
                - {key: karpenter.k8s.aws/instance-family, operator: In, values: [c6i, c7i]}
    ";
}

const FAMILY: &str = "karpenter.k8s.aws/instance-family";
const GENERATION: &str = "karpenter.k8s.aws/instance-generation";
const TYPE: &str = "node.kubernetes.io/instance-type";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for pool in view.objects_of("karpenter.sh", "NodePool") {
        of_pool(pool, report);
    }
    for pod in view.objects().iter().filter_map(Object::pod_template).filter_map(|pod| pod.get("spec")) {
        of_pods(&pod, report);
    }
    for values in view.values() {
        for pods in values.having(&DEMANDING) {
            of_pods(&pods, report);
        }
    }
}

fn of_pool(pool: &Object<'_>, report: &mut Report) {
    let Some(template) = pool.root().at(["spec", "template"]) else { return };
    let mut demands = Demand::of(template.at(["metadata", "labels"]).as_ref());
    demands.extend(template.list(["spec", "requirements"]).into_iter().filter_map(Demand::expression));
    if let Some((one, other)) = conflict(&demands) {
        say("this pool starts no nodes: two of its demands exclude each other", one, other, report);
    } else if let Some((types, other)) = no_instance(&demands) {
        say("this pool starts no nodes: no instance type meets two of its demands", types, other, report);
    } else if let Some(demand) = far_off(&demands) {
        report
            .at(
                &NODE_REQUIREMENTS,
                &demand.node,
                "this pool starts no nodes: there is no instance type of such a generation",
            )
            .label(format!("`{}` leaves nothing", demand.shown()))
            .help("name the generation as in the types' names: 7 is that of `m7i`");
    } else if let Some((one, other)) = none_together(&demands) {
        say("this pool starts no nodes: no instance type that is known meets two of its demands", one, other, report);
    }
}

/// A pod's spec, or a map of Helm values: none of the ways that it asks for may be open.
fn of_pods(pod: &Node<'_>, report: &mut Report) {
    let ways = ways(pod);
    let conflicts: Option<Vec<_>> = ways.iter().map(|way| conflict(way)).collect();
    if let Some((one, other)) = conflicts.as_deref().and_then(<[_]>::first) {
        say("these pods stay pending: two of their demands on a node exclude each other", one, other, report);
    }
}

fn say(message: &str, one: &Demand<'_>, other: &Demand<'_>, report: &mut Report) {
    let draft =
        report.at(&NODE_REQUIREMENTS, &other.node, message).label(format!("`{}` leaves nothing", other.shown()));
    draft
        .also(&one.node, format!("of `{}`", one.shown()))
        .help("take one of the two back, or let them have a value in common");
}

/// Two demands of one label that exclude each other.
fn conflict<'d, 'a>(demands: &'d [Demand<'a>]) -> Option<(&'d Demand<'a>, &'d Demand<'a>)> {
    let pairs =
        demands.iter().enumerate().flat_map(|(at, one)| demands[at + 1..].iter().map(move |other| (one, other)));
    pairs.filter(|(one, other)| one.key == other.key).find(|(one, other)| exclude(one, other) || exclude(other, one))
}

/// Whether two demands of one label have no value in common.
fn exclude(one: &Demand<'_>, other: &Demand<'_>) -> bool {
    let number = |demand: &Demand<'_>| demand.values.first().and_then(|value| value.parse::<i64>().ok());
    match (one.operator, other.operator) {
        ("In", _) if !one.values.is_empty() => !one.values.iter().any(|value| other.allows(value)),
        ("Exists", "DoesNotExist") => true,
        ("Gt", "Lt") => matches!((number(one), number(other)), (Some(above), Some(below)) if above >= below - 1),
        _ => false,
    }
}

/// Instance types or families that are asked for by name, and a demand that excludes every one of them.
fn no_instance<'d, 'a>(demands: &'d [Demand<'a>]) -> Option<(&'d Demand<'a>, &'d Demand<'a>)> {
    let named = |demand: &&Demand<'_>| matches!(demand.key, FAMILY | TYPE) && demand.operator == "In";
    demands.iter().filter(named).find_map(|types| {
        let refuses = |demand: &&Demand<'_>| {
            !types.values.is_empty()
                && types.values.iter().all(|name| label_of(name, demand.key).is_some_and(|it| !demand.allows(&it)))
        };
        demands.iter().filter(|demand| demand.key != types.key).find(refuses).map(|other| (types, other))
    })
}

/// Two demands each of which instance types meet, and none meets both: those of one are of other sizes or categories.
fn none_together<'d, 'a>(demands: &'d [Demand<'a>]) -> Option<(&'d Demand<'a>, &'d Demand<'a>)> {
    let told: Vec<&Demand<'_>> =
        demands.iter().filter(|demand| TOLD.contains(&demand.key) && !demand.values.is_empty()).collect();
    let meets = |instance: &Instance, demand: &Demand<'_>| {
        value_of(instance, demand.key).is_none_or(|value| demand.allows(&value))
    };
    // Of one that no type meets, the types may be new.
    if told.len() < 2 || told.iter().any(|demand| !TYPES.iter().any(|it| meets(it, demand))) {
        return None;
    }
    if TYPES.iter().any(|it| told.iter().all(|demand| meets(it, demand))) {
        return None;
    }
    let pairs = told.iter().enumerate().flat_map(|(at, one)| told[at + 1..].iter().map(move |other| (*one, *other)));
    pairs.into_iter().find(|(one, other)| !TYPES.iter().any(|it| meets(it, one) && meets(it, other)))
}

/// The newest generation of all types.
static NEWEST: LazyLock<Option<i64>> = LazyLock::new(|| {
    let generations = TYPES.iter().filter_map(|it| label_of(it.name, GENERATION)?.parse::<i64>().ok());
    generations.max()
});

/// A generation that is far beyond the newest one: AWS adds one in some years.
fn far_off<'d, 'a>(demands: &'d [Demand<'a>]) -> Option<&'d Demand<'a>> {
    let newest = (*NEWEST)?;
    let of_generation = |demand: &&Demand<'_>| demand.key == GENERATION;
    demands.iter().filter(of_generation).find(|demand| {
        let numbers: Vec<i64> = demand.values.iter().filter_map(|value| value.parse().ok()).collect();
        let least = numbers.iter().min().copied();
        match demand.operator {
            "Gt" => least.is_some_and(|it| it > newest),
            "Gte" | "In" => least.is_some_and(|it| it > newest + 1),
            _ => false,
        }
    })
}

/// The labels that the table of instance types tells.
const TOLD: [&str; 8] = [
    "karpenter.k8s.aws/instance-category",
    "karpenter.k8s.aws/instance-cpu",
    "karpenter.k8s.aws/instance-family",
    GENERATION,
    "karpenter.k8s.aws/instance-memory",
    "karpenter.k8s.aws/instance-size",
    "kubernetes.io/arch",
    "node.kubernetes.io/instance-type",
];

pub(super) fn value_of(instance: &Instance, key: &str) -> Option<String> {
    match key {
        "karpenter.k8s.aws/instance-cpu" => Some(instance.size.cpus.to_string()),
        "karpenter.k8s.aws/instance-memory" => Some(instance.size.mebibytes.to_string()),
        "kubernetes.io/arch" => Some(instance.architecture.to_owned()),
        "node.kubernetes.io/instance-type" => Some(instance.name.to_owned()),
        _ => label_of(instance.name, key),
    }
}

impl Demand<'_> {
    /// `instance-category In [m, r]`
    fn shown(&self) -> String {
        match self.operator {
            "Exists" | "DoesNotExist" => format!("{} {}", self.key, self.operator),
            operator => format!("{} {operator} [{}]", self.key, self.values.join(", ")),
        }
    }
}
