//! Autoscalers by a share of what nobody asks for.

use super::limit_range::default;
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    UTILIZATION = Error "kubernetes/hpa-utilization";
    summary: "an autoscaler goes by a share of a request that the containers do not have";
    explanation: "Utilization is a share of what the containers request: without a request of this resource in each of them the autoscaler knows nothing, and scales nothing (kubernetes.io, \"Horizontal Pod Autoscaling\"). A limit counts as a request, and so does what a LimitRange gives.";
    wrong: "
        --- # web.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'example.com/web:1', resources: {requests: {memory: 64Mi}}}]}}}
        --- # autoscaler.yaml
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: web, namespace: web}
        spec:
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
          maxReplicas: 9
          metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
    ";
    right: "
        --- # web.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'example.com/web:1', resources: {requests: {cpu: 100m, memory: 64Mi}}}]}}}
        --- # autoscaler.yaml
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: web, namespace: web}
        spec:
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
          maxReplicas: 9
          metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for autoscaler in view.objects_of("autoscaling", "HorizontalPodAutoscaler") {
        let Some(spec) = autoscaler.root().get("spec") else { continue };
        let (name, kind) = (spec.text_at(["scaleTargetRef", "name"]), spec.text_at(["scaleTargetRef", "kind"]));
        let is_target = |it: &&Object<'_>| it.name.is_some() && it.name == name && view.are_near(it, autoscaler);
        let target = view.objects_of("apps", kind.unwrap_or("Deployment")).find(is_target);
        // What Kustomize may still change is not known.
        let Some(target) = target.filter(|it| !view.is_transformed(it)) else { continue };
        for metric in spec.list(["metrics"]) {
            let resource =
                metric.at(["resource", "target", "averageUtilization"]).zip(metric.text_at(["resource", "name"]));
            if let Some((node, resource)) = resource {
                judge(view, target, (&node, resource), report);
            }
        }
        if let Some(node) = spec.get("targetCPUUtilizationPercentage") {
            judge(view, target, (&node, "cpu"), report);
        }
    }
}

fn judge(view: &View<'_>, target: &Object<'_>, (node, resource): (&Node<'_>, &str), report: &mut Report) {
    if !matches!(resource, "cpu" | "memory") || default(view, target, resource, false).is_some() {
        return;
    }
    if target.pod_template().is_some_and(|pod| pod.at(["spec", "resources"]).is_some()) {
        return;
    }
    let asks = |container: &Node<'_>| {
        ["requests", "limits"].iter().any(|kind| container.at(["resources", kind, resource]).is_some())
    };
    let Some(container) = target.containers().into_iter().find(|container| !asks(container)) else { return };
    let init = target.pod_template().map(|pod| pod.list(["spec", "initContainers"])).unwrap_or_default();
    if init.iter().any(|it| it.is_at(&container) && it.text_at(["restartPolicy"]) != Some("Always")) {
        return;
    }
    let name = container.text_at(["name"]).unwrap_or_default();
    let place = container.at(["resources", "requests"]).or_else(|| container.get("resources")).unwrap_or(container);
    report
        .at(
            &UTILIZATION,
            &place,
            format!("the container `{name}` requests no {resource}, and an autoscaler goes by its share"),
        )
        .label(format!("no `{resource}` here"))
        .also(node, "a share of what is requested")
        .help(format!("give the container a request of {resource}, or scale by another measure"));
}
