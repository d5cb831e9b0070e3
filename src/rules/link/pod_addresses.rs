//! Pods of a node for which its network has no addresses.

use crate::check::k8s::Object;
use crate::check::nodes::{Demand, Nodes};
use crate::check::{ChartValues, Node, Report, View, rule};
use crate::rules::instances::{Instance, TYPES, label_of};

rule! {
    POD_ADDRESSES = Warning "link/pod-addresses";
    summary: "nodes start more pods than Cilium has addresses for";
    explanation: "In ENI mode Cilium takes the addresses of pods from the network interfaces of the node: as many as its instance type has, less the interface's own, or sixteen times as many with `eni.awsEnablePrefixDelegation`. Some of them are Cilium's own. The kubelet does not know that: it starts as many pods as `maxPods` says, or as the VPC CNI would have addresses for. The last of them wait in `ContainerCreating`, and the scheduler sends more. Judged for the instance types that a node group names and that a pool of Karpenter may start.";
    wrong: "
        --- # cilium/values.yaml
        ipam: {mode: eni}
        eni: {enabled: true}
        --- # pool.yaml
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [m7i.large]}]
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {kubelet: {maxPods: 58}}
    ";
    right: "
        --- # cilium/values.yaml
        ipam: {mode: eni}
        eni: {enabled: true, awsEnablePrefixDelegation: true}
        --- # pool.yaml
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [m7i.large]}]
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {kubelet: {maxPods: 58}}
    ";
}

/// Where the addresses of pods come from.
struct Network {
    prefixes: bool,
    /// Addresses that Cilium itself takes on a node.
    own: u32,
    /// Pods of every node that need no address of their own, at least.
    without: u32,
}

/// How many pods a kubelet starts.
struct Limit<'a> {
    pods: Option<u32>,
    per_core: Option<u32>,
    /// Where that is written, if it is.
    node: Node<'a>,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let [cilium] = &view.values_of_chart("cilium")[..] else { return };
    let Some(network) = network(cilium, view) else { return };
    for nodes in view.nodes().unwrap_or_default() {
        let Some(limit) = limit(nodes, view) else { continue };
        let over = types(nodes).into_iter().filter_map(|it| {
            let (pods, room) = (limit.of(it), network.addresses(it)? + network.without);
            (pods > room).then_some((it, pods, room))
        });
        let Some((worst, pods, room)) = over.min_by_key(|(_, _, room)| *room) else { continue };
        let addresses = room - network.without;
        let message = format!(
            "a node of type `{}` starts {pods} pods, and Cilium has {addresses} addresses for them",
            worst.name
        );
        let draft = report
            .at(&POD_ADDRESSES, &limit.node, message)
            .about(limit.node.text().unwrap_or_default(), nodes.name)
            .label("the last of these pods get no address");
        if network.prefixes || worst.hypervisor != "nitro" {
            draft.help(format!("set `maxPods` of the kubelet to {room} or less"));
        } else {
            draft.help(format!(
                "set `eni.awsEnablePrefixDelegation: true` in Cilium's values, or `maxPods` of the kubelet to {room} or less"
            ));
        }
    }
}

/// None where Cilium does not give out addresses of network interfaces.
fn network(cilium: &ChartValues<'_>, view: &View<'_>) -> Option<Network> {
    let is_on = |path: &str| cilium.get(path).and_then(|it| it.boolean());
    if is_on("eni.enabled") != Some(true) && cilium.get("ipam.mode").and_then(|it| it.text()) != Some("eni") {
        return None;
    }
    // The node's router, the endpoint that tells its health, and the listener of Envoy.
    let listens = is_on("ingressController.enabled") == Some(true) || is_on("gatewayAPI.enabled") == Some(true);
    let own = 1 + u32::from(is_on("endpointHealthChecking.enabled") != Some(false)) + u32::from(listens);
    let addons = view.resources_of("AWS::EKS::Addon");
    let on_host = addons.into_iter().filter_map(|it| it.property("AddonName"));
    let on_host = on_host.filter(|it| matches!(it.text(), Some("kube-proxy" | "eks-pod-identity-agent"))).count();
    let exporters = view.releases().iter().filter(|it| it.chart_name() == "prometheus-node-exporter").count();
    // The agent, and Envoy where it is a pod of its own.
    let cilium = 1 + usize::from(is_on("envoy.enabled") != Some(false));
    let without = u32::try_from(cilium + on_host + exporters).ok()?;
    Some(Network { prefixes: is_on("eni.awsEnablePrefixDelegation") == Some(true), own, without })
}

impl Network {
    /// The addresses for pods on one node. None where the table lacks the figures.
    fn addresses(&self, instance: &Instance) -> Option<u32> {
        let each = instance.addresses.checked_sub(1)? * instance.interfaces;
        // The length of a prefix is fixed: /28.
        let all = if self.prefixes && instance.hypervisor == "nitro" { each * 16 } else { each };
        all.checked_sub(self.own)
    }
}

impl Limit<'_> {
    /// What the kubelet starts on an instance: without a limit, what EKS' AMIs and Karpenter reckon with, the addresses
    /// that the VPC CNI would have, and two pods that need none.
    /// Source: <https://github.com/aws/karpenter-provider-aws/blob/main/pkg/providers/instancetype/types.go>, `ENILimitedPods`.
    fn of(&self, instance: &Instance) -> u32 {
        let usual = instance.addresses.saturating_sub(1) * instance.interfaces + 2;
        let pods = self.pods.unwrap_or(usual);
        self.per_core.map_or(pods, |per_core| pods.min(per_core.saturating_mul(instance.size.cpus)))
    }
}

/// How many pods the kubelets of these nodes start. None if it is told in a way that is not read here.
fn limit<'a>(nodes: &Nodes<'a>, view: &View<'a>) -> Option<Limit<'a>> {
    if !nodes.is_pool {
        // What the launch template tells the kubelet is a text of its own format.
        let told = nodes.node.at(["Properties", "LaunchTemplate"]).is_some()
            && view.resources_of("AWS::EC2::LaunchTemplate").into_iter().any(|template| {
                template.property("LaunchTemplateData").is_some_and(|data| data.get("UserData").is_some())
            });
        let node = nodes.node.at(["Properties", "InstanceTypes"])?;
        return (!told).then_some(Limit { pods: None, per_core: None, node });
    }
    let class = nodes.node.at(["spec", "template", "spec", "nodeClassRef"])?;
    let named = |object: &&Object<'_>| object.name == class.text_at(["name"]);
    let class = view.objects_of("karpenter.k8s.aws", "EC2NodeClass").find(named)?;
    let kubelet = class.root().at(["spec", "kubelet"]);
    let number =
        |key: &str| kubelet.and_then(|it| it.get(key)).map(|it| it.integer().and_then(|it| u32::try_from(it).ok()));
    let (pods, per_core) = (number("maxPods"), number("podsPerCore"));
    if pods == Some(None) || per_core == Some(None) {
        return None;
    }
    let node = kubelet.and_then(|it| it.get("maxPods").or_else(|| it.get("podsPerCore")));
    Some(Limit {
        pods: pods.flatten(),
        per_core: per_core.flatten(),
        node: node.unwrap_or(nodes.node.at(["spec", "template", "spec"])?),
    })
}

/// The instance types that these nodes may be of; none if something is demanded that the table does not tell.
fn types(nodes: &Nodes<'_>) -> Vec<&'static Instance> {
    if !nodes.is_pool {
        let named = nodes.node.list(["Properties", "InstanceTypes"]);
        let known = |it: &Instance| named.iter().any(|name| name.text() == Some(it.name));
        return TYPES.iter().filter(|it| known(it)).collect();
    }
    if nodes.demands().iter().any(|it| is_of_machine(it.key) && told(&TYPES[0], it.key).is_none()) {
        return Vec::new();
    }
    let meets = |it: &Instance, demand: &Demand<'_>| told(it, demand.key).is_none_or(|label| demand.allows(&label));
    TYPES.iter().filter(|it| nodes.demands().iter().all(|demand| meets(it, demand))).collect()
}

/// Whether a label is one that instance types differ in.
fn is_of_machine(key: &str) -> bool {
    key.starts_with("karpenter.k8s.aws/instance-") || matches!(key, "kubernetes.io/arch" | INSTANCE_TYPE)
}

const INSTANCE_TYPE: &str = "node.kubernetes.io/instance-type";

/// What a label of Karpenter's is on the nodes of an instance type.
fn told(instance: &Instance, key: &str) -> Option<String> {
    match key {
        INSTANCE_TYPE => Some(instance.name.to_owned()),
        "kubernetes.io/arch" => Some(instance.architecture.to_owned()),
        "karpenter.k8s.aws/instance-cpu" => Some(instance.size.cpus.to_string()),
        "karpenter.k8s.aws/instance-memory" => Some(instance.size.mebibytes.to_string()),
        "karpenter.k8s.aws/instance-hypervisor" => Some(instance.hypervisor.to_owned()),
        key => label_of(instance.name, key),
    }
}
