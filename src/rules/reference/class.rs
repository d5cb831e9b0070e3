//! Classes of priority, of storage and of ingresses.

use super::{Target, judge};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;
use crate::rules::near::near_of;

rule! {
    PRIORITY_CLASS = Error "reference/priority-class";
    summary: "a priority class that the tree does not have";
    explanation: "Kubernetes refuses pods of a priority class that does not exist: the workload is applied, and its pods never appear. This is judged where the tree has priority classes; those that begin with `system-` or `openshift-` are the distribution's own. Where the tree installs a chart that platc does not know, which may bring more, only a name that is nearly one of the tree's is judged.";
    wrong: "
        --- # class.yaml
        apiVersion: scheduling.k8s.io/v1
        kind: PriorityClass
        metadata: {name: platform-critical}
        value: 1000
        --- # api/values.yaml
        priorityClassName: platform-crit
    ";
    right: "
        --- # class.yaml
        apiVersion: scheduling.k8s.io/v1
        kind: PriorityClass
        metadata: {name: platform-critical}
        value: 1000
        --- # api/values.yaml
        priorityClassName: platform-critical
    ";
}

rule! {
    STORAGE_CLASS = Error "reference/storage-class";
    summary: "a storage class that the tree does not have";
    explanation: "A volume of a storage class that does not exist is never made, and the pod waits for it. Clusters and charts bring classes of their own, so this is judged for names that are nearly one of the tree's; `gp2`, `standard` and others that clusters come with are let alone.";
    wrong: "
        --- # class.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3-encrypted}
        provisioner: ebs.csi.aws.com
        --- # claim.yaml
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data, namespace: web}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: gp3-encryptd}
    ";
    right: "
        --- # class.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3-encrypted}
        provisioner: ebs.csi.aws.com
        --- # claim.yaml
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data, namespace: web}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: gp3-encrypted}
    ";
}

rule! {
    INGRESS_CLASS = Error "reference/ingress-class";
    summary: "an ingress of a class that the tree does not have, and of nearly the name of one that it has";
    explanation: "No controller takes an ingress of an unknown class: it is made, and never gets an address. Classes often come with the chart of their controller, so a name is told only if it differs in one letter, or in the order of its parts, from exactly one class of the tree or of `ingress-classes` of `outside`, and no chart's values have it.";
    wrong: "
        --- # class.yaml
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: internal}
        spec: {controller: ingress.k8s.aws/alb}
        --- # ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec: {ingressClassName: intenral, defaultBackend: {service: {name: web, port: {number: 80}}}}
    ";
    right: "
        --- # class.yaml
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: internal}
        spec: {controller: ingress.k8s.aws/alb}
        --- # ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec: {ingressClassName: internal, defaultBackend: {service: {name: web, port: {number: 80}}}}
    ";
}

/// Classes that clusters come with.
const BROUGHT: [&str; 12] = [
    "default",
    "efs-sc",
    "gp2",
    "gp2-csi",
    "gp3",
    "gp3-csi",
    "hostpath",
    "local-path",
    "managed-csi",
    "premium-rwo",
    "standard",
    "standard-rwo",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    ingresses(view, report);
    for object in view.objects() {
        let pod = object.pod_template().and_then(|pod| pod.at(["spec", "priorityClassName"]));
        priority(view, pod, report);
        match (object.group, object.kind) {
            ("", "PersistentVolumeClaim") => storage(view, object.root().at(["spec", "storageClassName"]), report),
            ("apps", "StatefulSet") => {
                for claim in object.root().list(["spec", "volumeClaimTemplates"]) {
                    storage(view, claim.at(["spec", "storageClassName"]), report);
                }
            }
            _ => {}
        }
    }
    for values in view.values() {
        values.under("priorityClassName").for_each(|name| priority(view, Some(name), report));
        values.under("storageClassName").for_each(|name| storage(view, Some(name), report));
        // By itself `storageClass` may as well be a class of S3.
        for persistence in values.under("persistence") {
            storage(view, persistence.get("storageClass"), report);
        }
    }
}

/// The classes that ingresses, and the values of charts, name.
fn ingresses(view: &View<'_>, report: &mut Report) {
    for ingress in view.objects_of("networking.k8s.io", "Ingress") {
        let annotation = ingress.root().at(["metadata", "annotations", "kubernetes.io/ingress.class"]);
        ingress_class(view, annotation, report);
        ingress_class(view, ingress.root().at(["spec", "ingressClassName"]), report);
    }
    for values in view.values() {
        values.under("ingressClassName").for_each(|name| ingress_class(view, Some(name), report));
    }
}

fn ingress_class(view: &View<'_>, name: Option<Node<'_>>, report: &mut Report) {
    let Some((node, name)) = name.and_then(|node| Some((node, node.text()?))) else { return };
    let made = view.objects_of("networking.k8s.io", "IngressClass").filter_map(|class| class.name);
    let own: Vec<&str> = made.collect();
    let foreign = || view.outside("ingress-classes").map(|(name, _)| name);
    let near = near_of(name, || own.iter().copied(), foreign);
    let known: Vec<String> = [near.own, near.foreign].into_iter().flatten().map(|near| format!("`{near}`")).collect();
    if known.is_empty() {
        return;
    }
    // The chart of a controller is told what to call its class.
    let mut keys =
        view.values().iter().flat_map(Node::texts).filter(|(node, ..)| node.key() != Some("ingressClassName"));
    let is_made = own.contains(&name) || view.is_outside("ingress-classes", None, name);
    if !is_made && !keys.any(|(_, text, _)| text == name) {
        let draft = report.at(&INGRESS_CLASS, &node, format!("there is no IngressClass `{name}`"));
        draft.about(name, name).label("no controller takes it").help(format!("name {}", known.join(" or ")));
    }
}

fn priority(view: &View<'_>, name: Option<Node<'_>>, report: &mut Report) {
    let is_given = |name: &str| name.starts_with("system-") || name.starts_with("openshift-");
    if let Some(name) = name.filter(|name| name.text().is_some_and(|name| !is_given(name))) {
        let target = Target { group: "scheduling.k8s.io", kind: "PriorityClass", namespace: None };
        judge(view, &PRIORITY_CLASS, &target, &name, report);
    }
}

fn storage(view: &View<'_>, name: Option<Node<'_>>, report: &mut Report) {
    // Clusters come with classes of their own, so a name is judged that is nearly one of the tree's.
    let known = || {
        let made = view.objects_of("storage.k8s.io", "StorageClass").filter_map(|class| class.name);
        made.chain(view.outside("storage-classes").map(|(name, _)| name))
    };
    let is_brought = |name: &str| BROUGHT.contains(&name) || suggest::nearest(name, known()).is_none();
    if let Some(name) = name.filter(|name| name.text().is_some_and(|name| !is_brought(name))) {
        let target = Target { group: "storage.k8s.io", kind: "StorageClass", namespace: None };
        judge(view, &STORAGE_CLASS, &target, &name, report);
    }
}
