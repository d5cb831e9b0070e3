//! Pools of Karpenter that may not start a single node.

use std::sync::LazyLock;

use super::node_requirements::value_of;
use super::resources::{amount, text};
use crate::check::nodes::Demand;
use crate::check::{Report, View, rule};
use crate::rules::instances::{Instance, TYPES};
use crate::schema::Quantity;

rule! {
    POOL_LIMITS = Error "kubernetes/pool-limits";
    summary: "a pool whose limits are smaller than its smallest node";
    explanation: "Karpenter starts no node that would take a pool beyond its `limits`. Where the smallest instance that the pool may choose is larger than that, none is ever started, and the pods stay pending. It is mostly a unit: `400m` is less than half a CPU, and `1600Mi` no more than one and a half GiB. The smallest instance is known by the sizes that the requirements list, and by the table of instance types.";
    wrong: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          limits: {cpu: 400m}
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements: [{key: karpenter.k8s.aws/instance-size, operator: In, values: [large, xlarge]}]
    ";
    right: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          limits: {cpu: 400}
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements: [{key: karpenter.k8s.aws/instance-size, operator: In, values: [large, xlarge]}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for pool in view.objects_of("karpenter.sh", "NodePool") {
        let Some(limits) = pool.root().at(["spec", "limits"]) else { continue };
        let demands =
            pool.root().list(["spec", "template", "spec", "requirements"]).into_iter().filter_map(Demand::expression);
        let demands: Vec<Demand<'_>> = demands.collect();
        let sizes = demands.iter().find(|it| it.key.ends_with("/instance-size") && it.operator == "In");
        for resource in ["cpu", "memory"] {
            let Some(limit) = limits.get(resource) else { continue };
            let (Some(least), Some(most)) = (smallest(resource, sizes), amount(&limit)) else { continue };
            let own = sizes.and_then(|sizes| listed(resource, sizes, &demands));
            let least = own.into_iter().fold(least, Quantity::max);
            let written = text(&limit).unwrap_or_default();
            // A limit of nothing is how a pool is turned off; thousandths of a byte are no limit at all.
            let is_meant = most > Quantity::default() && !(resource == "memory" && written.ends_with('m'));
            if most < least && is_meant {
                let message = format!("no node of `{}` fits into {written} of {resource}", pool.subject());
                let draft = report.at(&POOL_LIMITS, &limit, message).label("this pool starts no node");
                if let Some(sizes) = sizes {
                    draft.also(&sizes.node, "the sizes that it may choose");
                }
                draft.help("raise the limit, or look at its unit");
            }
        }
    }
}

/// What the smallest instance of the listed sizes has at least; without a list, of all there are.
fn smallest(resource: &str, sizes: Option<&Demand<'_>>) -> Option<Quantity> {
    let least = sizes.map_or(Some(0), |sizes| sizes.values.iter().map(|size| halves(size)).min())?;
    match resource {
        // Some families have one CPU where others have two.
        "cpu" => Quantity::parse(&least.max(1).to_string()),
        // The families with the least have 3.5 GiB for each `large`, and `nano` half a GiB; some of it is not for pods.
        _ if least == 0 => Quantity::parse("256Mi"),
        _ => Quantity::parse("3Gi")?.times(least),
    }
}

/// Families without hardware virtualization, which Karpenter does not start.
const PARAVIRTUAL: [&str; 4] = ["c1", "m1", "m2", "t1"];

/// All types, the one with the least memory first.
static BY_MEMORY: LazyLock<Vec<&Instance>> = LazyLock::new(|| {
    let mut types: Vec<&Instance> = TYPES.iter().collect();
    types.sort_by_key(|it| it.size.mebibytes);
    types
});

/// What the smallest instance has that all demands admit, if each of the sizes is of types that the table knows. A tenth
/// of the memory is left off: Karpenter counts what it thinks is the machine's own.
fn listed(resource: &str, sizes: &Demand<'_>, demands: &[Demand<'_>]) -> Option<Quantity> {
    let is_known = |size: &&str| {
        let mut of_size = TYPES.iter().filter_map(|it| it.name.split_once('.'));
        !size.starts_with("metal") && of_size.any(|(_, own)| own == *size)
    };
    if resource != "memory" || !sizes.values.iter().all(is_known) {
        return None;
    }
    let admits = |it: &&Instance| {
        let meets = |demand: &Demand<'_>| value_of(it, demand.key).is_none_or(|value| demand.allows(&value));
        !PARAVIRTUAL.contains(&it.family()) && demands.iter().all(meets)
    };
    let least = BY_MEMORY.iter().copied().find(admits)?.size.mebibytes;
    Quantity::parse(&format!("{}Mi", least / 10 * 9))
}

/// A size in steps of `large`: 1 is `large`, 2 `xlarge`, 16 `8xlarge`. Whatever is smaller, or not known, is 0.
/// (<https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-type-specifications.html>)
fn halves(size: &str) -> i64 {
    match size {
        "large" => 1,
        "xlarge" => 2,
        _ => size.strip_suffix("xlarge").and_then(|count| count.parse::<i64>().ok()?.checked_mul(2)).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::halves;

    #[test]
    fn sizes() {
        let sizes = ["nano", "medium", "metal", "large", "xlarge", "8xlarge"];
        assert_eq!(sizes.map(halves), [0, 0, 0, 1, 2, 16]);
    }
}
