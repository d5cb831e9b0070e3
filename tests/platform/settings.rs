//! Settings that contradict each other are refused before anything is rendered.

use std::process::Command;

/// Changes settings of prod and returns what `platc validate` finds, which must be an error.
pub(crate) fn refused(settings: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_platc"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["validate", "prod"]);
    for setting in settings {
        command.args(["--set", setting]);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{settings:?} are accepted");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn each_rule_of_the_schema_refuses_what_it_is_there_for() {
    let gateway = "network.transitGateway.id=tgw-0a1b2c3d4e5f60718";
    let cases: [(&[&str], &str); 27] = [
        (&["network.natGateways=4"], "natGateways must not be more than there are zones"),
        (&["network.natGateways=1"], "features.multiAzNat means more than one NAT gateway"),
        (&["features.multiAzNat=false"], "features.multiAzNat means more than one NAT gateway"),
        (&["network.endpoints.zones=4"], "endpoints.zones must not be more than there are zones"),
        (&["dns.hostedZone.create=false"], "a zone that is not created needs its id"),
        (&["dns.hostedZone.id=Z0123456789ABCDEFGHIJ"], "one that is created has none yet"),
        (&["cluster.kubeProxy=kept"], "addons.aws-load-balancer-controller needs cluster.kubeProxy to be replaced"),
        (
            &["addons.aws-load-balancer-controller.enabled=false"],
            "features.waf needs addons.aws-load-balancer-controller",
        ),
        (&["workloads.namespaces[name=shop].tier=huge"], "the tier of each of workloads.namespaces must be one of"),
        (&["workloads.namespaces[name=shop].egress.namespaces=[\"nowhere\"]"], "egress.namespaces must name"),
        (&["security.exemptNamespaces=[\"shop\"]"], "workloads.namespaces must not be among"),
        (&["workloads.tiers[name=small].requests.memory=100Gi"], "requests.memory of a tier must not be more than"),
        (&["workloads.tiers[name=small].container.limits.memory=4Gi"], "must not be more than container.max.memory"),
        (
            &["workloads.tiers[name=small].container.requests.memory=1Gi"],
            "must not be more than container.limits.memory",
        ),
        (&["network.vpcCidr=10.0.0.0/18"], "every subnet of zones must lie inside vpcCidr"),
        (&["network.zones[id=a].privateCidr=10.0.48.0/21"], "privateCidr must be a /20 or larger"),
        (&["network.zones[id=a].privateCidr=10.0.64.0/20"], "the subnets of two zones must not overlap"),
        (&["network.zones[id=a].privateCidr=10.0.0.0/20"], "publicCidr and privateCidr must not overlap"),
        (&[gateway, "network.transitGateway.routes=[\"10.0.96.0/20\"]"], "must not lie inside vpcCidr"),
        (&[gateway, "network.transitGateway.routes=[\"0.0.0.0/0\"]"], "which leads to the NAT gateways"),
        (&["cluster.serviceCidr=10.0.128.0/20"], "cluster.serviceCidr must not overlap network.vpcCidr"),
        (&["cluster.endpoint.public=true"], "a public endpoint needs publicAccessCidrs"),
        (&["nodes.system.desiredSize=7"], "minSize, desiredSize and maxSize must not decrease"),
        (&["karpenter.nodePools[name=general].nodeClass=gpu"], "must be one of karpenter.nodeClasses"),
        (&["addons.kyverno.namespace=policy"], "must be one of security.exemptNamespaces"),
        (&["addons.cilium.wave=40"], "addons.cilium.wave must be the lowest"),
        (&["addons.kyverno.admission.replicas=2"], "one replica or at least three"),
    ];
    for (settings, message) in cases {
        let told = refused(settings);
        assert!(told.contains(message), "{settings:?}:\n{told}");
    }
}

#[test]
fn values_that_aws_or_kubernetes_would_refuse_are_refused_here() {
    let cases = [
        ("cluster.version=1.3", "cluster.version"),
        ("cluster.name=Platform", "cluster.name"),
        ("cluster.name=a-name-that-is-longer-than-32-letters", "cluster.name"),
        ("network.vpcCidr=10.0.0.1/16", "network.vpcCidr"),
        ("cluster.logging.retentionDays=8", "cluster.logging.retentionDays"),
        ("addons.cilium.chart.version=latest", "addons.cilium.chart.version"),
        ("nodes.bottlerocket.version=latest", "nodes.bottlerocket.version"),
        ("karpenter.nodePools[name=general].consolidateAfter=soon", "karpenter.nodePools"),
        ("aws.accountId=12345", "aws.accountId"),
        ("dns.domain=localhost", "dns.domain"),
        ("ingress.sslPolicy=ELBSecurityPolicy-2016-08", "ingress.sslPolicy"),
        ("workloads.namespaces[name=payments].egress.internetPorts=[]", "egress.internetPorts"),
        ("workloads.namespaces[name=shop].podSecurity=privileged", "podSecurity"),
    ];
    for (setting, place) in cases {
        let told = refused(&[setting]);
        assert!(told.contains(place), "{setting}:\n{told}");
    }
}

#[test]
fn a_misspelt_key_is_told_its_name_even_where_the_base_sets_it() {
    let told = refused(&["network.natGateway=2"]);
    assert!(told.contains("did you mean `natGateways`?"), "{told}");
}
