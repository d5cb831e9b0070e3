//! Pods that are larger than any node that could be started for them.

use crate::check::nodes::{Demand, Fit, Nodes, ways};
use crate::check::{Node, Report, View, rule};
use crate::rules::instances::{Size, largest, parts};
use crate::schema::Quantity;
use crate::value::Value;

rule! {
    NODE_SIZE = Error "link/node-size";
    summary: "pods ask for more than any instance type has that the pools may start";
    explanation: "A pod runs on one node, so a request of more CPU or memory than the largest instance type has leaves it pending for ever. Judged where the tree makes node groups or pools: a pool's requirements of category, family or type bound what it starts, and where nothing bounds it the largest instance of EC2 counts. New instance types come now and then: `platc` knows those of the day that stands in its table.";
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
        let fitting = nodes.iter().filter(|nodes| nodes.fit_any(&ways) != Fit::No);
        // Where no nodes fit at all, it is said of their labels; then all of them count.
        let sizes: Vec<Size> = fitting.map(size).collect();
        let sizes = if sizes.is_empty() { nodes.iter().map(size).collect() } else { sizes };
        let most = sizes.into_iter().fold(others, Size::join);
        for request in object.containers().iter().filter_map(|it| it.at(["resources", "requests"])) {
            judge(&request, most, report);
        }
    }
}

fn judge(request: &Node<'_>, most: Size, report: &mut Report) {
    let bounds = [("cpu", format!("{}", most.cpus)), ("memory", format!("{}Mi", most.mebibytes))];
    for (resource, bound) in bounds {
        let Some(node) = request.get(resource) else { continue };
        let written = match node.value {
            Value::String(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            _ => continue,
        };
        let (Some(wanted), Some(there)) = (Quantity::parse(&written), Quantity::parse(&bound)) else { continue };
        if wanted > there {
            let shown = if resource == "cpu" { bound } else { there.in_bytes() };
            report
                .at(&NODE_SIZE, &node, format!("no instance type that could be started has {written} of {resource}"))
                .label("these pods stay pending")
                .help(format!("ask for less than {shown}, which the largest one has"));
        }
    }
}

/// The most that one node of these can have.
fn size(nodes: &Nodes<'_>) -> Size {
    let demands = nodes.demands().iter().filter(|demand| demand.operator == "In" && !demand.values.is_empty());
    demands.filter_map(of_demand).fold(largest(None), Size::meet)
}

/// What a requirement of a pool leaves: of Karpenter's own labels and those of EKS Auto Mode.
fn of_demand(demand: &Demand<'_>) -> Option<Size> {
    let name = demand.key.split_once('/')?.1;
    let category = |value: &&str| match name {
        "instance-category" => Some((*value).to_owned()),
        "instance-family" | "instance-type" => parts(value.split('.').next()?).map(|(category, _)| category.to_owned()),
        _ => None,
    };
    let sizes: Option<Vec<Size>> =
        demand.values.iter().map(|value| category(value).map(|category| largest(Some(&category)))).collect();
    sizes?.into_iter().reduce(Size::join)
}
