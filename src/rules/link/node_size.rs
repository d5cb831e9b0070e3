//! Pods that are larger than any node that could be started for them.

use crate::check::nodes::{Demand, Fit, Nodes, ways};
use crate::check::{Node, Report, View, rule};
use crate::rules::instances::{Size, TYPES, largest, parts};
use crate::schema::Quantity;
use crate::value::Value;

rule! {
    NODE_SIZE = Error "link/node-size";
    summary: "pods ask for more than any instance type has that the pools may start";
    explanation: "A pod runs on one node, so a request of more CPU or memory than the largest instance type has leaves it pending for ever. So does the sum of what its containers request. Judged where the tree makes node groups or pools: the instance types of a group that pods are bound to by its labels, and a pool's requirements of category, family or type bound what it starts, and where nothing bounds it the largest instance of EC2 counts. New instance types come now and then: `platc` knows those of the day that stands in its table.";
    wrong: "
        --- # pool.yaml
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements: [{key: karpenter.k8s.aws/instance-category, operator: In, values: [c, m]}]
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: train, namespace: web}
        spec: {containers: [{name: train, image: 'example.com/train:1', resources: {requests: {cpu: 900}}}]}
    ";
    right: "
        --- # pool.yaml
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements: [{key: karpenter.k8s.aws/instance-category, operator: In, values: [c, m]}]
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: train, namespace: web}
        spec: {containers: [{name: train, image: 'example.com/train:1', resources: {requests: {cpu: 90}}}]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(nodes) = view.nodes().filter(|nodes| !nodes.is_empty()) else { return };
    // EKS Auto Mode has pools of its own.
    let clusters = view.resources_of("AWS::EKS::Cluster");
    let least = Size { cpus: 0, mebibytes: 0 };
    let others =
        if clusters.into_iter().any(|it| it.property("ComputeConfig").is_some()) { largest(None) } else { least };
    for object in view.objects() {
        let Some(spec) = object.pod_template().and_then(|pod| pod.get("spec")) else { continue };
        let ways = ways(&spec);
        let fits = nodes.iter().map(|nodes| (nodes.fit_any(&ways), nodes));
        // Where a pod asks for nothing that these nodes have, there may be others for it.
        let fitting = fits.filter(|(fit, _)| *fit != Fit::No).map(|(fit, nodes)| size(nodes, fit == Fit::Chosen));
        let sizes: Vec<Size> = fitting.collect();
        // Where no nodes fit at all, it is said of their labels; then all of them count.
        let sizes = if sizes.is_empty() { nodes.iter().map(|nodes| size(nodes, false)).collect() } else { sizes };
        let most = sizes.into_iter().fold(others, Size::join);
        judge(&spec, most, report);
    }
}

/// Judges what each container of a pod requests, and where each fits, all that run at once.
fn judge(pod: &Node<'_>, most: Size, report: &mut Report) {
    let bounds = [("cpu", format!("{}", most.cpus)), ("memory", format!("{}Mi", most.mebibytes))];
    for (resource, bound) in bounds {
        let Some(there) = Quantity::parse(&bound) else { continue };
        let shown = if resource == "cpu" { bound } else { there.in_bytes() };
        let help = format!("ask for less than {shown}, which the largest one has");
        let requests = |list: &str| {
            let all = pod.get(list).map(|list| list.items()).unwrap_or_default();
            all.into_iter().filter_map(|it| it.at(["resources", "requests"])?.get(resource)).collect::<Vec<_>>()
        };
        let (first, at_once) = (requests("initContainers"), requests("containers"));
        let mut alone =
            first.iter().chain(&at_once).filter(|node| amount(node).is_some_and(|it| it > there)).peekable();
        if alone.peek().is_some() {
            for node in alone {
                let message = format!(
                    "no instance type that could be started has {} of {resource}",
                    text(node).unwrap_or_default()
                );
                report.at(&NODE_SIZE, node, message).label("these pods stay pending").help(help.clone());
            }
            continue;
        }
        let zero = Quantity::parse("0");
        let sum = at_once.iter().filter_map(amount).try_fold(zero, |sum, it| Some(sum?.plus(&it))).flatten();
        if let (Some(sum), [first, others @ ..]) = (sum.filter(|sum| *sum > there), at_once.as_slice()) {
            let sum = if resource == "cpu" { sum.to_string() } else { sum.in_bytes() };
            let message = format!("no instance type that could be started has {sum} of {resource} for one pod");
            let draft = report.at(&NODE_SIZE, first, message).label("these pods stay pending");
            for other in others {
                draft.also(other, "at the same time");
            }
            draft.help(help);
        }
    }
}

/// The most that one node of these can have. The types that a group names count where pods are bound to it.
fn size(nodes: &Nodes<'_>, are_bound: bool) -> Size {
    if let Some(size) = of_types(&nodes.node).filter(|_| are_bound) {
        return size;
    }
    let demands = nodes.demands().iter().filter(|demand| demand.operator == "In" && !demand.values.is_empty());
    demands.filter_map(of_demand).fold(largest(None), Size::meet)
}

/// The largest of the instance types that a node group names, if all are known.
fn of_types(group: &Node<'_>) -> Option<Size> {
    let types = group.at(["Properties", "InstanceTypes"])?.items();
    let sizes: Option<Vec<Size>> = types.iter().map(|name| instance(name.text()?)).collect();
    sizes?.into_iter().reduce(Size::join)
}

fn instance(name: &str) -> Option<Size> {
    TYPES.iter().find(|instance| instance.name == name).map(|instance| instance.size)
}

/// What a requirement of a pool leaves: of Karpenter's own labels and those of EKS Auto Mode.
fn of_demand(demand: &Demand<'_>) -> Option<Size> {
    let name = demand.key.split_once('/')?.1;
    let of_category = |family: &str| parts(family).map(|(category, _)| largest(Some(category)));
    let one = |value: &&str| match name {
        "instance-category" => Some(largest(Some(value))),
        "instance-family" => {
            let own = TYPES.iter().filter(|instance| instance.family() == *value).map(|instance| instance.size);
            own.reduce(Size::join).or_else(|| of_category(value))
        }
        "instance-type" => instance(value).or_else(|| of_category(value.split('.').next()?)),
        _ => None,
    };
    let sizes: Option<Vec<Size>> = demand.values.iter().map(one).collect();
    sizes?.into_iter().reduce(Size::join)
}

fn amount(node: &Node<'_>) -> Option<Quantity> {
    Quantity::parse(&text(node)?)
}

/// A quantity as it is written; YAML makes a number of `2`.
fn text(node: &Node<'_>) -> Option<String> {
    match node.value {
        Value::String(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
