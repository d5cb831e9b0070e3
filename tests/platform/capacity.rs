//! Whether what is bound to the system nodes fits there. The group has a fixed size, so what does not fit stays pending.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::everywhere;
use crate::tree::Tree;

/// What pods can have of an m5a.large: of two cores and 8 GiB, without what the machine, Bottlerocket, kubelet and eviction
/// keep; and as many pods as the kubelet starts.
const NODE: Amount = Amount { cpu: 1930, memory: 6500, pods: 58 };

/// Upgrades surge, and jobs come and go: so much of the nodes stays free.
const FREE_PERCENT: u64 = 5;

const CERT_MANAGER: &str = "core-addons/cert-manager/values.yaml";
const CILIUM: &str = "networking-addons/cilium/values.yaml";
const EBS: &str = "core-addons/aws-ebs-csi-driver/values.yaml";
const KYVERNO: &str = "security-addons/kyverno/values.yaml";

/// Pods that are bound to the system nodes: the values file, where it says how many there are (nowhere means one), and where
/// it says what each container requests.
const DEPLOYMENTS: [(&str, &str, &[&str]); 15] = [
    (CERT_MANAGER, "/replicaCount", &[""]),
    (CERT_MANAGER, "/webhook/replicaCount", &["/webhook"]),
    (CERT_MANAGER, "/cainjector/replicaCount", &["/cainjector"]),
    (CILIUM, "/operator/replicas", &["/operator"]),
    (
        EBS,
        "/controller/replicaCount",
        &["/controller", "/sidecars/attacher", "/sidecars/livenessProbe", "/sidecars/provisioner", "/sidecars/resizer"],
    ),
    (KYVERNO, "/admissionController/replicas", &["/admissionController/container"]),
    (KYVERNO, "/backgroundController/replicas", &["/backgroundController"]),
    (KYVERNO, "/cleanupController/replicas", &["/cleanupController"]),
    (KYVERNO, "/reportsController/replicas", &["/reportsController"]),
    ("core-addons/metrics-server/values.yaml", "/replicas", &[""]),
    ("operations-addons/karpenter/values.yaml", "/replicas", &["/controller"]),
    ("operations-addons/velero/values.yaml", "", &[""]),
    // Pods of a daemon set, one on each of the two nodes.
    (CILIUM, "nodes", &[""]),
    (CILIUM, "nodes", &["/envoy"]),
    (EBS, "nodes", &["/node", "/sidecars/livenessProbe", "/sidecars/nodeDriverRegistrar"]),
];

/// Daemon sets of others, which run there too.
const DAEMON_SETS: [&str; 3] = [
    "observability-addons/prometheus-node-exporter/values.yaml",
    "observability-addons/promtail/values.yaml",
    "security-addons/falco/values.yaml",
];

/// Thousandths of a core, MiB and pods.
#[derive(Clone, Copy, Debug, Default)]
struct Amount {
    cpu: u64,
    memory: u64,
    pods: u64,
}

impl Amount {
    fn add(&mut self, count: u64, each: Self) {
        self.cpu += count * each.cpu;
        self.memory += count * each.memory;
        self.pods += count * each.pods;
    }
}

/// Thousandths of a quantity of cores.
fn cores(quantity: &str) -> u64 {
    quantity.strip_suffix('m').map_or_else(|| quantity.parse::<u64>().unwrap() * 1000, |n| n.parse().unwrap())
}

fn mebibytes(quantity: &str) -> u64 {
    match quantity.strip_suffix("Gi") {
        Some(number) => number.parse::<u64>().unwrap() * 1024,
        None => quantity.strip_suffix("Mi").unwrap_or_else(|| panic!("{quantity}")).parse().unwrap(),
    }
}

/// What a pod's containers request together.
fn pod(values: &Value, file: &str, containers: &[&str]) -> Amount {
    let mut pod = Amount { pods: 1, ..Amount::default() };
    for container in containers {
        let requests = values.pointer(&format!("{container}/resources/requests"));
        let requests = requests.unwrap_or_else(|| panic!("{file}{container} requests nothing"));
        pod.cpu += requests["cpu"].as_str().map_or(0, cores);
        pod.memory += mebibytes(requests["memory"].as_str().unwrap());
    }
    pod
}

fn requested(tree: &Tree, nodes: u64) -> Amount {
    let mut all = Amount::default();
    for (file, replicas, containers) in DEPLOYMENTS {
        let values = tree.file(file);
        let count = match replicas {
            "" => 1,
            "nodes" => nodes,
            place => values.pointer(place).and_then(Value::as_u64).unwrap_or_else(|| panic!("{file} {place}")),
        };
        all.add(count, pod(values, file, containers));
    }
    for file in DAEMON_SETS {
        all.add(nodes, pod(tree.file(file), file, &[""]));
    }
    // EKS' own: CoreDNS asks for this by default, the Pod Identity agent for nothing.
    all.add(2, Amount { cpu: 100, memory: 70, pods: 1 });
    all.add(nodes, Amount { pods: 1, ..Amount::default() });
    all
}

#[test]
fn sn3_what_is_bound_to_the_system_nodes_fits_there_and_on_one_node_less() {
    everywhere(|tree| {
        let group = tree.resource("cluster/nodes/template.yaml", "SystemNodes");
        assert_eq!(group["InstanceTypes"][0], "m5a.large");
        let nodes = group["ScalingConfig"]["DesiredSize"].as_u64().unwrap();
        let fits = |nodes: u64, percent: u64| {
            let all = requested(tree, nodes);
            let usable = |of_node: u64| nodes * of_node * percent / 100;
            assert!(all.cpu <= usable(NODE.cpu), "{all:?} on {nodes} nodes in {}", tree.environment);
            assert!(all.memory <= usable(NODE.memory), "{all:?} on {nodes} nodes in {}", tree.environment);
            assert!(all.pods <= usable(NODE.pods), "{all:?} on {nodes} nodes in {}", tree.environment);
        };
        fits(nodes, 100 - FREE_PERCENT);
        fits(nodes - 1, 100);
        assert!(requested(tree, 1).cpu > NODE.cpu / 2, "half a node would do, so nothing was counted");
    });
}

#[test]
fn nothing_that_is_bound_to_the_system_nodes_is_left_out_of_the_count() {
    let counted: BTreeSet<_> = DEPLOYMENTS.iter().map(|(file, ..)| *file).collect();
    everywhere(|tree| {
        for (path, values) in tree.documents().filter(|(path, _)| path.ends_with("/values.yaml")) {
            if values.to_string().contains(r#""node-role":"system""#) {
                assert!(counted.contains(path), "{path} is bound to the system nodes: count what it requests");
            }
        }
    });
}
