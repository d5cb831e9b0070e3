//! Labels of nodes that Kubernetes, EKS and Karpenter give, and the values that they have.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::check::k8s::Object;
use crate::check::nodes::{DEMANDING, Demand, ways};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest::{is_slip, nearest};
use crate::rules::cloudformation::letters;
use crate::rules::instances::{Instance, TYPES, parts};

rule! {
    NODE_LABEL = Error "kubernetes/node-label";
    summary: "pods or a pool ask for a node by a label or a value that no node has";
    explanation: "Some labels of nodes have fixed values: `karpenter.sh/capacity-type` is `on-demand`, `spot` or `reserved`, `kubernetes.io/arch` an architecture, a zone the region with a letter. Pods that ask for another one stay pending, without a word but an event. Karpenter refuses a pool whose requirement or label has a key of `karpenter.sh` or `karpenter.k8s.aws` that it does not know. Categories, families and sizes of instances are told where a name is one slip away from one that there is: others may be new.";
    wrong: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec:
          nodeSelector: {karpenter.sh/capacity-type: ondemand}
          containers: [{name: web, image: 'example.com/web:1'}]
    ";
    right: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec:
          nodeSelector: {karpenter.sh/capacity-type: on-demand}
          containers: [{name: web, image: 'example.com/web:1'}]
    ";
}

/// Labels with few values. kubernetes.io, "Well-Known Labels, Annotations and Taints"; karpenter.sh, "Well-Known Labels";
/// docs.aws.amazon.com, "Managed node group capacity types".
const FIXED: [(&str, &[&str]); 7] = [
    ("karpenter.sh/capacity-type", &["on-demand", "spot", "reserved"]),
    ("eks.amazonaws.com/capacityType", &["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"]),
    ("kubernetes.io/os", &["linux", "windows"]),
    ("kubernetes.io/arch", &["amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "loong64", "mips64le"]),
    ("karpenter.k8s.aws/instance-hypervisor", &["nitro", "xen", ""]),
    ("karpenter.k8s.aws/instance-cpu-manufacturer", &["intel", "amd", "aws"]),
    ("karpenter.k8s.aws/instance-gpu-manufacturer", &["nvidia", "amd", "habana", "aws"]),
];

/// What Karpenter's own kinds admit of its two domains (karpenter.sh, `NodePool`'s definition 1.8).
const KARPENTER: [&str; 31] = [
    "karpenter.sh/capacity-type",
    "karpenter.sh/nodepool",
    "karpenter.k8s.aws/capacity-reservation-id",
    "karpenter.k8s.aws/capacity-reservation-interruptible",
    "karpenter.k8s.aws/capacity-reservation-type",
    "karpenter.k8s.aws/ec2nodeclass",
    "karpenter.k8s.aws/instance-accelerator-count",
    "karpenter.k8s.aws/instance-accelerator-manufacturer",
    "karpenter.k8s.aws/instance-accelerator-name",
    "karpenter.k8s.aws/instance-capability-flex",
    "karpenter.k8s.aws/instance-category",
    "karpenter.k8s.aws/instance-cpu",
    "karpenter.k8s.aws/instance-cpu-manufacturer",
    "karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz",
    "karpenter.k8s.aws/instance-ebs-bandwidth",
    "karpenter.k8s.aws/instance-encryption-in-transit-supported",
    "karpenter.k8s.aws/instance-family",
    "karpenter.k8s.aws/instance-generation",
    "karpenter.k8s.aws/instance-gpu-count",
    "karpenter.k8s.aws/instance-gpu-manufacturer",
    "karpenter.k8s.aws/instance-gpu-memory",
    "karpenter.k8s.aws/instance-gpu-name",
    "karpenter.k8s.aws/instance-hypervisor",
    "karpenter.k8s.aws/instance-local-nvme",
    "karpenter.k8s.aws/instance-memory",
    "karpenter.k8s.aws/instance-network-bandwidth",
    "karpenter.k8s.aws/instance-size",
    "karpenter.k8s.aws/instance-tenancy",
    "karpenter.k8s.aws/placement-group-id",
    "karpenter.k8s.aws/placement-group-partition",
    // Of nodes, not of pools.
    "karpenter.sh/registered",
];

/// Other labels that nodes have.
const KNOWN: [&str; 8] = [
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "eks.amazonaws.com/capacityType",
    "eks.amazonaws.com/nodegroup",
];

const ZONE: &str = "topology.kubernetes.io/zone";

struct Instances {
    categories: BTreeSet<&'static str>,
    families: BTreeSet<&'static str>,
    sizes: BTreeSet<&'static str>,
}

static INSTANCES: LazyLock<Instances> = LazyLock::new(|| Instances {
    categories: TYPES.iter().filter_map(|it| parts(it.family())).map(|(category, _)| category).collect(),
    families: TYPES.iter().map(Instance::family).collect(),
    sizes: TYPES.iter().filter_map(|it| it.name.split_once('.')).map(|(_, size)| size).collect(),
});

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for pool in view.objects_of("karpenter.sh", "NodePool") {
        let Some(template) = pool.root().at(["spec", "template"]) else { continue };
        let required = template.list(["spec", "requirements"]).into_iter().filter_map(Demand::expression);
        let labels = Demand::of(template.at(["metadata", "labels"]).as_ref());
        for demand in required.chain(labels) {
            key(&demand, true, report);
            values(&demand, report);
        }
    }
    for pod in view.objects().iter().filter_map(Object::pod_template).filter_map(|pod| pod.get("spec")) {
        of_pods(&pod, report);
    }
    for values in view.values() {
        values.having(&DEMANDING).iter().for_each(|pods| of_pods(pods, report));
    }
}

fn of_pods(pod: &Node<'_>, report: &mut Report) {
    let mut told = Vec::new();
    for demand in ways(pod).into_iter().flatten() {
        // The node selector stands in each way.
        if !told.contains(&demand.node.number()) {
            told.push(demand.node.number());
            key(&demand, false, report);
            values(&demand, report);
        }
    }
}

/// A label that there is not. Karpenter takes none of its own domains for a pool; pods may ask for what other tools set.
fn key(demand: &Demand<'_>, is_pool: bool, report: &mut Report) {
    if KARPENTER.contains(&demand.key) || KNOWN.contains(&demand.key) {
        return;
    }
    let Some((domain, _)) = demand.key.split_once('/') else { return };
    let is_karpenters = matches!(domain, "karpenter.sh" | "karpenter.k8s.aws");
    let known = || KARPENTER.into_iter().chain(KNOWN).filter(|it| it.split('/').next() == Some(domain));
    let near = nearest(demand.key, known()).filter(|near| is_karpenters || is_slip(demand.key, near));
    if near.is_none() && !(is_karpenters && is_pool) {
        return;
    }
    let place = demand.node.get("key").unwrap_or(demand.node);
    let draft = report.at(&NODE_LABEL, place, format!("no node has a label `{}`", demand.key));
    if demand.node.get("key").is_none() {
        draft.about_key();
    }
    draft.label(if is_pool { "Karpenter refuses the pool" } else { "these pods stay pending" });
    draft.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "see \"Well-Known Labels\" on karpenter.sh".to_owned(),
    });
}

fn values(demand: &Demand<'_>, report: &mut Report) {
    if demand.operator != "In" {
        return;
    }
    let nodes = demand.node.get("values").map_or_else(|| vec![demand.node], |list| list.items());
    for node in nodes {
        let Some(value) = node.text().filter(|value| !value.contains(['{', '$'])) else { continue };
        let Some((message, help)) = wrong(demand.key, value) else { continue };
        report.at(&NODE_LABEL, &node, message).label("no node has this label").help(help);
    }
}

/// What is wrong with a value, and what to do.
fn wrong(key: &str, value: &str) -> Option<(String, String)> {
    let message = format!("`{key}` is never `{value}`");
    let plain = if key == "beta.kubernetes.io/arch" { "kubernetes.io/arch" } else { key };
    if let Some((_, known)) = FIXED.iter().find(|(own, _)| *own == plain) {
        let all =
            || known.iter().filter(|it| !it.is_empty()).map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
        let near = nearest(value, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        return (!known.contains(&value)).then(|| (message, near.unwrap_or_else(|| format!("it is one of {}", all()))));
    }
    if key == ZONE {
        let region = value.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
        let known = letters(region)?;
        let letter = value.get(region.len()..)?;
        let names = || known.iter().map(|it| format!("`{region}{it}`")).collect::<Vec<_>>().join(", ");
        return (letter.len() == 1 && !known.contains(&letter)).then(|| (message, format!("there are {}", names())));
    }
    let of_type = key == "node.kubernetes.io/instance-type";
    let known = match key {
        "karpenter.k8s.aws/instance-family" => &INSTANCES.families,
        "karpenter.k8s.aws/instance-size" => &INSTANCES.sizes,
        "karpenter.k8s.aws/instance-category" => &INSTANCES.categories,
        _ if of_type => {
            let (family, size) = value.split_once('.')?;
            let family = slip(family, &INSTANCES.families).map(|near| format!("{near}.{size}"));
            let meant = family.or_else(|| {
                slip(size, &INSTANCES.sizes)
                    .map(|near| format!("{}.{near}", value.split('.').next().unwrap_or_default()))
            });
            return meant
                .filter(|meant| TYPES.iter().any(|it| it.name == *meant))
                .map(|meant| (message, format!("did you mean `{meant}`?")));
        }
        _ => return None,
    };
    slip(value, known).map(|near| (message, format!("did you mean `{near}`?")))
}

/// What a longer word without digits was meant to be. Of short ones, as of families, each may be a new one.
fn slip(value: &str, known: &BTreeSet<&'static str>) -> Option<&'static str> {
    if known.contains(value) || value.len() < 4 || value.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    known
        .iter()
        .copied()
        .find(|near| is_slip(value, near) && near.len() >= 4 && !value.bytes().any(|byte| byte.is_ascii_digit()))
}
