//! Settings that contradict each other are refused before anything is rendered.

use std::process::Command;

/// Changes settings of prod and returns what `platc validate` finds, which must be an error.
fn refused(settings: &[&str]) -> String {
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
    ];
    for (setting, place) in cases {
        let told = refused(&[setting]);
        assert!(told.contains(place), "{setting}:\n{told}");
    }
}
