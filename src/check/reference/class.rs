//! Classes of priority and of storage.

use super::{Target, judge};
use crate::check::{Node, Report, View, rule};

rule! {
    PRIORITY_CLASS = Error "reference/priority-class";
    summary: "a priority class that the tree does not have";
    explanation: "Kubernetes refuses pods of a priority class that does not exist: the workload is applied, and its pods never appear. This is judged where the tree has priority classes; those that begin with `system-` are Kubernetes' own.";
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
    explanation: "A volume of a storage class that does not exist is never made, and the pod waits for it. This is judged where the tree has storage classes; `gp2`, `standard` and `default`, which clusters come with, are let alone.";
    wrong: "
        --- # class.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3}
        --- # claim.yaml
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data, namespace: web}
        spec: {storageClassName: gp3-encrypted}
    ";
    right: "
        --- # class.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3}
        --- # claim.yaml
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data, namespace: web}
        spec: {storageClassName: gp3}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for object in view.objects() {
        let pod = object.pod_template().and_then(|pod| pod.at(["spec", "priorityClassName"]));
        priority(view, pod, report);
        match (object.group, object.kind) {
            ("", "PersistentVolumeClaim") => storage(view, object.root().at(["spec", "storageClassName"]), report),
            ("apps", "StatefulSet") => {
                let claims = object.root().at(["spec", "volumeClaimTemplates"]);
                for claim in claims.iter().flat_map(Node::items) {
                    storage(view, claim.at(["spec", "storageClassName"]), report);
                }
            }
            _ => {}
        }
    }
    for values in view.values() {
        values.walk(&mut |node| {
            priority(view, node.get("priorityClassName"), report);
            storage(view, node.get("storageClassName"), report);
            // By itself this may as well be a class of S3.
            storage(view, node.at(["persistence", "storageClass"]), report);
        });
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
    // To charts, `-` is the empty name.
    if let Some(name) = name.filter(|name| !matches!(name.text(), Some("-" | "gp2" | "standard" | "default"))) {
        let target = Target { group: "storage.k8s.io", kind: "StorageClass", namespace: None };
        judge(view, &STORAGE_CLASS, &target, &name, report);
    }
}
