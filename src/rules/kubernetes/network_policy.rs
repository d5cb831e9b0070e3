//! Network policies under which pods cannot ask for names.

use std::collections::BTreeSet;

use super::egress::{Dns, Egress, Pods, policies};
use crate::check::k8s::Object;
use crate::check::{Node, Place, Report, View, rule};

rule! {
    NETWORK_POLICY = Error "kubernetes/network-policy";
    summary: "a network policy keeps pods from asking for names";
    explanation: "As soon as one policy that speaks of egress selects a pod, nothing leaves it but what a policy allows, requests to DNS among it: every connection by name fails, after a wait that looks like a slow network. DNS needs port 53 over UDP, and a NetworkPolicy's port without `protocol` is TCP. Cilium's `toFQDNs` needs more: a rule with `dns` in `rules`, since Cilium learns the addresses from the answers. Judged in namespaces that hold nothing but what stands in the tree, for their workloads; where there are none, for any pod, if a policy lets something else out.";
    wrong: "
        --- # deny.yaml
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: deny, namespace: web}
        spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web, labels: {app: web}}
        spec: {containers: [{name: web, image: 'example.com/web:1'}]}
    ";
    right: "
        --- # deny.yaml
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: deny, namespace: web}
        spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
        --- # dns.yaml
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: dns, namespace: web}
        spec:
          podSelector: {}
          policyTypes: [Egress]
          egress:
            - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
              ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web, labels: {app: web}}
        spec: {containers: [{name: web, image: 'example.com/web:1'}]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let near = view.objects().iter().filter(|object| object.kind.ends_with("NetworkPolicy"));
    // Of namespaces that only clusterwide policies are for, those with workloads are judged.
    let clusterwide = view.objects_of("cilium.io", "CiliumClusterwideNetworkPolicy").next().is_some();
    let pods = view.objects().iter().filter(|object| clusterwide && object.pod_template().is_some());
    let namespaces: BTreeSet<&str> = near.chain(pods).filter_map(|object| object.namespace).collect();
    for namespace in namespaces {
        if !view.holds_all_of(Some(namespace)) {
            continue;
        }
        let Some(policies) = policies(view, namespace).filter(|policies| !policies.is_empty()) else { continue };
        let mut told = BTreeSet::new();
        for (workload, pods) in pods_of(view, namespace) {
            judge(&policies, workload, &pods, &mut told, report);
        }
    }
}

/// Says each place once, for the first pods that suffer from it.
fn judge(
    policies: &[Egress<'_, '_>],
    workload: Option<&Object<'_>>,
    pods: &Pods<'_>,
    told: &mut BTreeSet<Place>,
    report: &mut Report,
) {
    let selecting: Vec<_> = policies.iter().filter(|it| it.selects(pods) == Some(true)).collect();
    let maybe: Vec<_> = policies.iter().filter(|it| it.selects(pods) != Some(false)).collect();
    // Who only denies leaves it to others to allow.
    if workload.is_none() && maybe.iter().all(|it| it.allowed() == 0) {
        return;
    }
    // Nothing at all is let out of pods that are named: they are not meant to ask for anything.
    if maybe.iter().all(|it| it.allowed() == 0) && selecting.iter().any(|it| it.is_sealed()) {
        return;
    }
    let dns = maybe.iter().map(|it| it.dns()).max().unwrap_or(Dns::No);
    if dns == Dns::Yes {
        let names = selecting.iter().find_map(|it| it.by_name()).filter(|_| !maybe.iter().any(|it| it.reads_dns()));
        if let Some(names) = names.filter(|names| told.insert(names.place())) {
            let message = "these names stay without an address: no policy reads the answers of DNS";
            report
                .at(&NETWORK_POLICY, &names, message)
                .label("Cilium learns addresses only from answers that pass its proxy")
                .help("give the rule for port 53 `rules: {dns: [{matchPattern: '*'}]}`");
        }
        return;
    }
    let denying = selecting.iter().filter(|it| it.denies).min_by_key(|it| it.allowed());
    let Some(denying) = denying.filter(|denying| told.insert(denying.node.place())) else { return };
    let who = workload.map_or_else(|| format!("pods in `{}`", pods.namespace), |it| format!("`{}`", it.subject()));
    let label = "nothing leaves the pods but what a policy allows";
    if let Some(policy) = maybe.iter().find(|it| it.dns() == Dns::Tcp) {
        let draft = report.at(&NETWORK_POLICY, &policy.node, format!("{who} can ask for names over TCP only"));
        draft.label("DNS asks over UDP").help("allow port 53 with `protocol: UDP` as well");
        if !policy.node.is_at(&denying.node) {
            draft.also(&denying.node, label);
        }
    } else {
        report
            .at(&NETWORK_POLICY, &denying.node, format!("{who} cannot ask for names: no policy lets DNS out"))
            .label(label)
            .help("allow UDP and TCP port 53 to `kube-system`");
    }
}

/// The pods of a namespace; if it has none in this tree, any that might come.
fn pods_of<'v, 'a>(view: &'v View<'a>, namespace: &'a str) -> Vec<(Option<&'v Object<'a>>, Pods<'a>)> {
    let near = view.objects().iter().filter(|object| object.namespace == Some(namespace));
    let workloads: Vec<_> = near.filter_map(|object| Some((object, object.pod_template()?))).collect();
    if workloads.is_empty() {
        return vec![(None, Pods { namespace, labels: None })];
    }
    // Those that ask the network of their node, or servers of their own.
    let is_apart = |pod: &Node<'_>| {
        pod.at(["spec", "hostNetwork"]).and_then(|it| it.boolean()) == Some(true)
            || matches!(pod.text_at(["spec", "dnsPolicy"]), Some("None" | "Default"))
    };
    let labels = |object: &Object<'a>| {
        let labels = object.pod_labels();
        labels.iter().flat_map(Node::entries).filter_map(|(key, value)| Some((key, value.text()?))).collect()
    };
    let pods = |object: &Object<'a>| Pods { namespace, labels: Some(labels(object)) };
    workloads.into_iter().filter(|(_, pod)| !is_apart(pod)).map(|(object, _)| (Some(object), pods(object))).collect()
}
