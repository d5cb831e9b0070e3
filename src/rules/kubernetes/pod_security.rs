//! Pods and what their namespaces let them do: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>.

use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    POD_SECURITY = Error "kubernetes/pod-security";
    summary: "pods that their namespace refuses";
    explanation: "A namespace with the label `pod-security.kubernetes.io/enforce` admits no pods that do more than its level allows: with `baseline` none that are privileged, use the node's network, processes or files, or add powerful capabilities; with `restricted` none that may run as root or gain rights either. The workload is taken, and its pods are not made, which only its events tell. Judged where the namespace stands in the tree, for pods that do too much, and for charts whose pods are known to need the node, such as Falco.";
    wrong: "
        --- # namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: web, labels: {pod-security.kubernetes.io/enforce: baseline}}
        --- # deployment.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              hostNetwork: true
              containers: [{name: web, image: 'example.com/web:1'}]
    ";
    right: "
        --- # namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: web, labels: {pod-security.kubernetes.io/enforce: baseline}}
        --- # deployment.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers: [{name: web, image: 'example.com/web:1'}]
    ";
}

rule! {
    PRIVILEGED = Warning "kubernetes/privileged";
    summary: "a workload that is not of the nodes runs privileged";
    explanation: "A privileged container is root on its node: it sees the disks, the memory and the credentials of all other pods there. What looks after nodes needs that, and runs on each of them as a DaemonSet; an application needs a capability at most. DaemonSets, `kube-system` and namespaces that enforce the level `privileged` are not judged.";
    wrong: "
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: 'example.com/web:1', securityContext: {privileged: true}}]}
    ";
    right: "
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: 'example.com/web:1', securityContext: {privileged: false}}]}
    ";
}

const LABEL: &str = "pod-security.kubernetes.io/enforce";

/// Charts whose pods use the node's network, processes or files whatever their values say.
const OF_NODES: [&str; 10] = [
    "aws-ebs-csi-driver",
    "aws-efs-csi-driver",
    "aws-for-fluent-bit",
    "cilium",
    "falco",
    "fluent-bit",
    "prometheus-node-exporter",
    "promtail",
    "secrets-store-csi-driver",
    "tetragon",
];

/// Capabilities that `baseline` lets a container add.
const ADDED: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for object in view.objects().iter().filter(|object| object.pod_template().is_some() && !view.is_transformed(object))
    {
        let level = level(view, object.namespace);
        let of_nodes = object.kind == "DaemonSet" || object.namespace == Some("kube-system");
        match level.as_ref().and_then(Node::text) {
            Some("baseline" | "restricted") => {
                if let Some(level) = level {
                    of_level(object, &level, report);
                }
            }
            Some("privileged") => {}
            _ if of_nodes => {}
            _ => privileged(object, report),
        }
    }
    for release in view.releases().iter().filter(|release| OF_NODES.contains(&release.chart)) {
        let level = level(view, release.namespace).filter(|it| matches!(it.text(), Some("baseline" | "restricted")));
        let Some(level) = level else { continue };
        let (chart, text) = (release.chart, level.text().unwrap_or_default());
        let namespace = release.namespace.unwrap_or_default();
        report
            .at(&POD_SECURITY, &level, format!("`{namespace}` refuses pods of `{chart}`: it enforces `{text}`"))
            .label(format!("pods of `{chart}` use the node itself"))
            .help(format!("write `{LABEL}: privileged`, or install `{chart}` in a namespace of its own"));
    }
}

/// What the namespace enforces, if it stands in the tree.
fn level<'a>(view: &View<'a>, namespace: Option<&str>) -> Option<Node<'a>> {
    let namespace = view.objects_of("", "Namespace").find(|it| namespace.is_some() && it.name == namespace)?;
    namespace.root().at(["metadata", "labels", LABEL])
}

fn privileged(object: &Object<'_>, report: &mut Report) {
    for container in object.containers() {
        let Some(place) = container.at(["securityContext", "privileged"]) else { continue };
        if place.boolean() == Some(true) {
            let draft = report.at(&PRIVILEGED, &place, "this container is root on its node");
            draft.help("leave it out, and add the capability that is needed, if any");
        }
    }
}

fn of_level(object: &Object<'_>, level: &Node<'_>, report: &mut Report) {
    let Some(spec) = object.pod_template().and_then(|pod| pod.get("spec")) else { return };
    let mut found: Vec<(Node<'_>, String)> = Vec::new();
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        found.extend(spec.get(key).filter(|it| it.boolean() == Some(true)).map(|it| (it, format!("`{key}`"))));
    }
    let volumes = spec.list(["volumes"]);
    found.extend(volumes.iter().filter_map(|it| Some((it.get("hostPath")?, "a volume of the node".to_owned()))));
    for container in object.containers() {
        let context = container.get("securityContext");
        let get = |key: &str| context.as_ref().and_then(|context| context.get(key));
        found.extend(
            get("privileged").filter(|it| it.boolean() == Some(true)).map(|it| (it, "`privileged`".to_owned())),
        );
        let added = context.as_ref().map(|context| context.list(["capabilities", "add"])).unwrap_or_default();
        let more = |it: &&Node<'_>| it.text().is_some_and(|text| !ADDED.contains(&text));
        found.extend(added.iter().find(more).map(|it| (*it, "this capability".to_owned())));
        let ports = container.list(["ports"]);
        let mut ports = ports.iter().filter_map(|port| port.get("hostPort"));
        let taken = ports.find(|it| it.integer().is_some_and(|port| port != 0));
        found.extend(taken.map(|it| (it, "a port of the node".to_owned())));
        if level.text() == Some("restricted") {
            let gains = get("allowPrivilegeEscalation").filter(|it| it.boolean() == Some(true));
            found.extend(gains.map(|it| (it, "`allowPrivilegeEscalation`".to_owned())));
            let root = get("runAsNonRoot").filter(|it| it.boolean() == Some(false));
            found.extend(root.map(|it| (it, "`runAsNonRoot: false`".to_owned())));
        }
    }
    let (namespace, text) = (object.namespace.unwrap_or_default(), level.text().unwrap_or_default());
    let missing =
        if text == "restricted" { object.containers().iter().find_map(|it| lacking(&spec, it)) } else { None };
    let Some((first, what)) = found.first().or(missing.as_ref()) else { return };
    let message = format!("`{namespace}` refuses these pods: `{text}` does not allow {what}");
    let draft = report.at(&POD_SECURITY, first, message);
    draft.also(level, "what the namespace enforces");
    // A webhook may fill in what is missing.
    if found.is_empty() {
        draft.warning().help("add it, or let the namespace enforce another level");
    } else {
        draft.help("take it out, or let the namespace enforce another level");
    }
}

/// What `restricted` asks a container to say.
fn lacking<'a>(spec: &Node<'a>, container: &Node<'a>) -> Option<(Node<'a>, String)> {
    let own = |path: [&str; 2]| container.at(path);
    let of_pod = |key: &str| spec.at(["securityContext", key]);
    let either = |key: &'static str| own(["securityContext", key]).or_else(|| of_pod(key));
    let dropped = container.list(["securityContext", "capabilities", "drop"]);
    let missing = if own(["securityContext", "allowPrivilegeEscalation"]).and_then(|it| it.boolean()) != Some(false) {
        "a container without `allowPrivilegeEscalation: false`"
    } else if !dropped.iter().any(|it| it.text() == Some("ALL")) {
        "a container that does not drop `ALL` capabilities"
    } else if either("runAsNonRoot").and_then(|it| it.boolean()) != Some(true) {
        "a container without `runAsNonRoot: true`"
    } else if either("seccompProfile").is_none() {
        "a container without `seccompProfile`"
    } else {
        return None;
    };
    Some((*container, missing.to_owned()))
}
