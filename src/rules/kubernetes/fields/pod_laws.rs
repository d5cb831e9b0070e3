//! What has to hold among the fields of pods and takes more than a row.

use std::collections::BTreeMap;

use super::FIELDS;
use super::judge::exclude;
use crate::check::{Node, Report};

const CONTAINERS: [&str; 2] = ["initContainers", "containers"];

fn containers<'a>(pod: &Node<'a>) -> Vec<Node<'a>> {
    CONTAINERS.into_iter().filter_map(|list| pod.get(list)).flat_map(|list| list.items()).collect()
}

/// In the network of the host a port is what it is, and each port of the host is taken once.
pub(super) fn host_ports(pod: &Node<'_>, report: &mut Report) {
    let of_host = pod.get("hostNetwork").and_then(|it| it.boolean()) == Some(true);
    let mut taken: BTreeMap<(i64, &str, &str), Node<'_>> = BTreeMap::new();
    for port in containers(pod).iter().filter_map(|it| it.get("ports")).flat_map(|ports| ports.items()) {
        let (own, host) = (port.get("containerPort"), port.get("hostPort"));
        let number = host.as_ref().and_then(Node::integer).filter(|number| *number != 0);
        if let (true, Some(own), Some(host), Some(number)) = (of_host, &own, &host, number)
            && own.integer().is_some_and(|own| own != number)
        {
            report
                .at(&FIELDS, host, "in the network of the host `hostPort` must be `containerPort`")
                .also(own, "the port of the container")
                .help("leave `hostPort` out");
        }
        // Nothing is said of ports that the host's network gives.
        let (Some(number), Some(host)) = (number, host) else { continue };
        let protocol = port.text_at(["protocol"]).unwrap_or("TCP");
        let address = port.text_at(["hostIP"]).unwrap_or_default();
        if let Some(first) = taken.get(&(number, protocol, address)) {
            report
                .at(&FIELDS, &host, format!("two containers take the port {number} of the host"))
                .also(first, "the other one")
                .help("give one of them another port");
        }
        taken.entry((number, protocol, address)).or_insert(host);
    }
}

/// The kubelet starts no container as root where it must not be.
pub(super) fn root_user(pod: &Node<'_>, report: &mut Report) {
    let own = pod.get("securityContext");
    for container in containers(pod) {
        let context = container.get("securityContext");
        let said = |key: &str| {
            let of = |context: &Option<Node<'_>>| context.as_ref().and_then(|context| context.get(key)).is_some();
            let context = if of(&context) { &context } else { &own };
            context.as_ref().and_then(|context| context.get(key))
        };
        let (Some(user), Some(forbidden)) = (said("runAsUser"), said("runAsNonRoot")) else { continue };
        if user.integer() == Some(0) && forbidden.boolean() == Some(true) {
            let draft = report.at(&FIELDS, &user, "the container must not run as root, and user 0 is root");
            draft.label("the kubelet does not start it").also(&forbidden, "this forbids it");
            draft.help("name another user, or leave `runAsUser` to the image");
            // Said of the pod once.
            if context.is_none_or(|context| context.get("runAsUser").is_none() && context.get("runAsNonRoot").is_none())
            {
                return;
            }
        }
    }
}

/// Who has all privileges cannot be kept from more.
pub(super) fn escalates(context: &Node<'_>, report: &mut Report) {
    let Some(kept) = context.get("allowPrivilegeEscalation").filter(|it| it.boolean() == Some(false)) else { return };
    let privileged = context.get("privileged").filter(|it| it.boolean() == Some(true));
    let added = context.list(["capabilities", "add"]);
    let admin = added.into_iter().find(|it| matches!(it.text(), Some("CAP_SYS_ADMIN")));
    if let Some(given) = privileged.or(admin) {
        exclude("`allowPrivilegeEscalation: false`", &kept, "what gives all privileges", &given, report);
    }
}

/// Mounts that reach the host are for privileged containers.
pub(super) fn bidirectional(container: &Node<'_>, report: &mut Report) {
    let privileged = container.at(["securityContext", "privileged"]).and_then(|it| it.boolean()) == Some(true);
    let mounts = container.list(["volumeMounts"]);
    for how in mounts.iter().filter(|_| !privileged).filter_map(|mount| mount.get("mountPropagation")) {
        if how.text() == Some("Bidirectional") {
            report
                .at(&FIELDS, &how, "only a privileged container may mount something `Bidirectional`")
                .help("take `HostToContainer`, or make the container privileged");
        }
    }
}

/// <https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation#IsRelaxedEnvVarName>
pub(super) fn is_env_name(name: &str) -> bool {
    name.chars().all(|letter| matches!(letter, ' '..='~') && letter != '=')
}

/// <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/>
pub(super) fn is_field_path(path: &str) -> bool {
    const FIELDS: [&str; 9] = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    let is_entry =
        |map: &str| path.strip_prefix(map).is_some_and(|rest| rest.starts_with("['") && rest.ends_with("']"));
    FIELDS.contains(&path) || is_entry("metadata.labels") || is_entry("metadata.annotations")
}
