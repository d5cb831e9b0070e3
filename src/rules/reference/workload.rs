//! Workloads that autoscalers are for.

use super::{Target, judge};
use crate::check::{Report, View, rule};

rule! {
    WORKLOAD = Error "reference/workload";
    summary: "an autoscaler of a workload that the tree does not have";
    explanation: "An autoscaler whose target does not exist does nothing, and says so only in its status: the workload keeps the size that it has, under any load. This is judged in namespaces that hold nothing but what stands in the tree, and workloads of that kind among it.";
    wrong: "
        --- # web.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'example.com/web:1'}]}}}
        --- # autoscaler.yaml
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: web, namespace: web}
        spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: website}, minReplicas: 2, maxReplicas: 9}
    ";
    right: "
        --- # web.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'example.com/web:1'}]}}}
        --- # autoscaler.yaml
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: web, namespace: web}
        spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 9}
    ";
}

/// What scales, and where it names what.
const SCALERS: [(&str, &str, &str); 3] = [
    ("autoscaling", "HorizontalPodAutoscaler", "scaleTargetRef"),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler", "targetRef"),
    ("keda.sh", "ScaledObject", "scaleTargetRef"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (group, kind, target) in SCALERS {
        for scaler in view.objects_of(group, kind) {
            let Some(target) = scaler.root().at(["spec", target]) else { continue };
            // KEDA scales Deployments if nothing else is said.
            let kind = target.text_at(["kind"]).unwrap_or("Deployment");
            let group = target.text_at(["apiVersion"]).map_or("apps", |api| api.split_once('/').map_or("", |it| it.0));
            if let Some(name) = target.get("name")
                && view.holds_all_of(scaler.namespace)
            {
                judge(view, &WORKLOAD, &Target { group, kind, namespace: scaler.namespace }, &name, report);
            }
        }
    }
}
