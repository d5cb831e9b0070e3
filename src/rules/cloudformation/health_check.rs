//! Health checks of load balancers.

use super::number;
use crate::check::{Node, Report, View, rule};

rule! {
    HEALTH_CHECK = Error "cfn/health-check";
    summary: "a health check that waits longer than it is repeated, or has an interval or timeout out of range";
    explanation: "Elastic Load Balancing refuses a health check whose timeout is not below its interval, an interval outside of 5 to 300 seconds, and a timeout outside of 2 to 120: no target group is made, and nothing comes in. Where one of the two is not given it has its default: an interval of 30 and a timeout of 5 seconds in CloudFormation, and of 15 and 5 with the load balancer controller, whose annotations (`alb.ingress.kubernetes.io/healthcheck-timeout-seconds`) are judged as well.";
    wrong: "
        Resources:
          Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Protocol: HTTP, Port: 80, VpcId: vpc-0123456789abcdef0, HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 15}}
    ";
    right: "
        Resources:
          Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Protocol: HTTP, Port: 80, VpcId: vpc-0123456789abcdef0, HealthCheckIntervalSeconds: 15, HealthCheckTimeoutSeconds: 10}}
    ";
}

const ALB: &str = "alb.ingress.kubernetes.io/healthcheck-";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for group in view.resources_of("AWS::ElasticLoadBalancingV2::TargetGroup") {
        // Health checks over TCP had their times fixed, and take what is equal.
        let protocol = |key: &str| group.property(key).map(|it| it.text().is_some_and(|it| it.starts_with("HTTP")));
        let is_http = match protocol("HealthCheckProtocol") {
            Some(is_http) => is_http,
            None => protocol("Protocol").unwrap_or_default(),
        };
        if is_http {
            let times = (group.property("HealthCheckIntervalSeconds"), group.property("HealthCheckTimeoutSeconds"));
            judge(times, (30, 5), report);
        }
    }
    for object in view.objects().iter().filter(|object| matches!(object.kind, "Ingress" | "Service")) {
        if let Some(annotations) = object.root().at(["metadata", "annotations"]) {
            let get = |key: &str| annotations.get(&format!("{ALB}{key}-seconds"));
            judge((get("interval"), get("timeout")), (15, 5), report);
        }
    }
}

fn judge((interval, timeout): (Option<Node<'_>>, Option<Node<'_>>), defaults: (i64, i64), report: &mut Report) {
    let value = |node: &Option<Node<'_>>, default| node.as_ref().map_or(Some(default), number);
    for (node, bounds) in [(&interval, 5..=300), (&timeout, 2..=120)] {
        if let Some(node) = node
            && let Some(seconds) = number(node).filter(|it| !bounds.contains(it))
        {
            let (low, high) = bounds.into_inner();
            report
                .at(&HEALTH_CHECK, node, format!("a health check takes no {seconds} seconds here"))
                .label(format!("{low} to {high}"))
                .help("Elastic Load Balancing refuses the target group; choose a time in this range");
            return;
        }
    }
    let (Some(every), Some(most)) = (value(&interval, defaults.0), value(&timeout, defaults.1)) else { return };
    let Some(place) = timeout.or(interval).filter(|_| most >= every) else { return };
    let draft = report.at(
        &HEALTH_CHECK,
        place,
        format!("the health check waits {most} seconds, and is repeated after {every}"),
    );
    draft.label("the timeout must be below the interval");
    if let (Some(interval), true) = (interval, timeout.is_some()) {
        draft.also(interval, "the interval");
    }
    draft.help("Elastic Load Balancing refuses the target group; choose a shorter timeout or a longer interval");
}
