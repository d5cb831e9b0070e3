//! Numbers of replicas that two sides set.

use super::fields::VALUE;
use crate::check::k8s::Object;
use crate::check::{Report, View, rule};

rule! {
    HPA_REPLICAS = Warning "kubernetes/hpa-replicas";
    summary: "a number of replicas beside an autoscaler";
    explanation: "An autoscaler sets the number of replicas. Where the workload's file sets it as well, every time it is applied the number jumps back to the file's, in the middle of a peak, too. Leave `replicas` out.";
    wrong: "
        --- # web.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'example.com/web:1'}]}}}
        --- # autoscaler.yaml
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: web, namespace: web}
        spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 9}
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

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    // Argo CD can be told to look over the difference.
    let is_ignored = view
        .objects_of("argoproj.io", "Application")
        .any(|application| application.root().at(["spec", "ignoreDifferences"]).is_some());
    let autoscalers = view.objects_of("autoscaling", "HorizontalPodAutoscaler");
    for autoscaler in autoscalers.chain(view.objects_of("keda.sh", "ScaledObject")) {
        let Some(spec) = autoscaler.root().get("spec") else { continue };
        let (least, most) = (spec.get("minReplicas"), spec.get("maxReplicas"));
        if let (Some(least), Some(most)) = (least, most)
            && least.integer() > most.integer()
            && most.integer().is_some()
        {
            let (at_least, at_most) = (least.integer().unwrap_or_default(), most.integer().unwrap_or_default());
            let message = format!("`minReplicas` is {at_least}, and `maxReplicas` {at_most}");
            let draft = report.at(&VALUE, &least, message);
            draft
                .label("more replicas at least than at most")
                .also(&most, "at most")
                .help("raise the one or lower the other");
        }
        let (name, kind) = (spec.text_at(["scaleTargetRef", "name"]), spec.text_at(["scaleTargetRef", "kind"]));
        let is_target = |object: &&Object<'_>| {
            view.are_near(object, autoscaler)
                && !view.is_transformed(object)
                && object.name.is_some()
                && object.name == name
        };
        let target = view.objects_of("apps", kind.unwrap_or("Deployment")).find(is_target);
        if let Some(replicas) = target.and_then(|target| target.root().at(["spec", "replicas"]))
            && replicas.integer().is_some()
            && !is_ignored
        {
            let message = format!("`{}` sets the number of replicas, too", autoscaler.subject());
            report
                .at(&HPA_REPLICAS, &replicas, message)
                .label("applied again, this takes back what the autoscaler did")
                .also(spec.get("scaleTargetRef").unwrap_or(spec), "scales this workload")
                .help("leave `replicas` out of the workload");
        }
    }
}
