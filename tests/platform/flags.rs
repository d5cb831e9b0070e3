//! What a feature flag brings: turned off, exactly that is gone.

use std::collections::BTreeSet;

use crate::tree::{Tree, changed, trees, with_alloy};

/// Paths of files whose text differs, or that only one tree has.
pub(crate) fn differing(before: &Tree, after: &Tree) -> BTreeSet<String> {
    let paths: BTreeSet<_> = before.files.keys().chain(after.files.keys()).cloned().collect();
    paths.into_iter().filter(|path| before.files.get(path) != after.files.get(path)).collect()
}

#[test]
fn ff1_multi_az_nat_changes_only_the_network() {
    for tree in &trees()[1..] {
        let off = changed(&tree.environment, &["features.multiAzNat=false", "network.natGateways=1"]);
        assert_eq!(differing(tree, &off), BTreeSet::from(["network/template.yaml".to_owned()]), "{}", tree.environment);
        assert_eq!(off.resources("network/template.yaml", "AWS::EC2::NatGateway").len(), 1);
        assert_eq!(off.resources("network/template.yaml", "AWS::EC2::EIP").len(), 1);
    }
    let on = changed("dev", &["features.multiAzNat=true", "network.natGateways=3"]);
    assert_eq!(differing(&trees()[0], &on), BTreeSet::from(["network/template.yaml".to_owned()]));
}

#[test]
fn ff2_hubble_ui_changes_only_the_values_of_cilium() {
    for tree in trees() {
        assert_eq!(tree.file("networking-addons/cilium/values.yaml")["hubble"]["ui"]["enabled"], true);
        let off = changed(&tree.environment, &["features.hubbleUi=false"]);
        let values = "networking-addons/cilium/values.yaml";
        assert_eq!(differing(tree, &off), BTreeSet::from([values.to_owned()]), "{}", tree.environment);
        assert_eq!(off.file(values)["hubble"]["ui"], serde_json::json!({"enabled": false}));
        assert_eq!(off.file(values)["hubble"]["relay"]["enabled"], true, "the relay serves the command line too");
    }
}

#[test]
fn kube_proxy_kept_brings_its_addon_and_frees_cilium_of_the_api_address() {
    // Cilium's Envoy is then no target for the load balancer, so both are compared without it.
    let no_edge = ["addons.aws-load-balancer-controller.enabled=false", "features.waf=false"];
    for tree in trees() {
        let tree = &changed(&tree.environment, &no_edge);
        let kept = changed(&tree.environment, &[no_edge[0], no_edge[1], "cluster.kubeProxy=kept"]);
        let changed: Vec<_> = differing(tree, &kept).into_iter().collect();
        assert_eq!(changed, ["cluster/template.yaml", "deploy-order.txt", "networking-addons/cilium/values.yaml"]);
        assert_eq!(kept.resource("cluster/template.yaml", "KubeProxy")["AddonName"], "kube-proxy");
        let values = kept.file("networking-addons/cilium/values.yaml");
        assert_eq!(values["kubeProxyReplacement"], "false");
        assert_eq!(values.get("k8sServiceHostRef"), None);
    }
}

#[test]
fn x3_x4_the_collector_swaps_two_components_for_two_others() {
    for tree in trees() {
        let alloy = with_alloy(tree);
        let of = |component: &str| {
            [format!("gitops/applications/{component}.yaml"), format!("observability-addons/{component}/values.yaml")]
        };
        let mut agents: BTreeSet<_> = ["grafana-agent", "promtail"].iter().flat_map(|name| of(name)).collect();
        // With one pod there is no budget.
        if tree.environment == "prod" {
            agents.insert("observability-addons/monitoring/grafana-agent.yaml".to_owned());
        }
        let alloys: BTreeSet<_> = ["alloy", "alloy-logs"].iter().flat_map(|name| of(name)).collect();
        let changed = ["deploy-order.txt", "observability-addons/template.yaml"].map(str::to_owned);

        let gone: BTreeSet<_> = tree.files.keys().filter(|path| !alloy.files.contains_key(*path)).cloned().collect();
        let new: BTreeSet<_> = alloy.files.keys().filter(|path| !tree.files.contains_key(*path)).cloned().collect();
        assert_eq!(gone, agents, "{}", tree.environment);
        assert_eq!(new, alloys, "{}", tree.environment);
        let all: BTreeSet<_> = gone.into_iter().chain(new).chain(changed).collect();
        assert_eq!(differing(tree, alloy), all, "{}", tree.environment);
    }
}

/// Files that only one of two trees has.
fn coming_and_going(before: &Tree, after: &Tree) -> BTreeSet<String> {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) =
        (before.files.keys().cloned().collect(), after.files.keys().cloned().collect());
    before.symmetric_difference(&after).cloned().collect()
}

fn paths<const N: usize>(paths: [&str; N]) -> BTreeSet<String> {
    paths.map(str::to_owned).into()
}

#[test]
fn ff5_velero_backups_take_everything_of_velero_along() {
    for tree in trees() {
        let off = changed(&tree.environment, &["features.veleroBackups=false"]);
        let gone = paths([
            "core-addons/foundation/namespace-velero.yaml",
            "gitops/applications/velero.yaml",
            "operations-addons/velero/values.yaml",
        ]);
        assert_eq!(coming_and_going(tree, &off), gone, "{}", tree.environment);
        assert!(gone.iter().all(|path| tree.files.contains_key(path)));
        let changed = paths([
            "deploy-order.txt",
            "gitops/project.yaml",
            "observability-addons/template.yaml",
            "operations-addons/template.yaml",
        ]);
        assert_eq!(&differing(tree, &off) - &gone, changed, "{}", tree.environment);
        let resources = |tree: &Tree| -> BTreeSet<String> {
            let template = tree.file("operations-addons/template.yaml");
            template["Resources"].as_object().unwrap().keys().cloned().collect()
        };
        let lost = paths(["VeleroBucket", "VeleroBucketPolicy", "VeleroIdentity", "VeleroRole", "VeleroSnapshotBin"]);
        assert_eq!(&resources(tree) - &resources(&off), lost);
        assert!(!off.text("gitops/project.yaml").contains("velero"));
        assert!(!off.text("deploy-order.txt").contains("velero"));
    }
}

#[test]
fn ff6_goldilocks_takes_the_recommender_along() {
    for tree in trees() {
        let off = changed(&tree.environment, &["features.goldilocks=false"]);
        let gone = paths([
            "core-addons/foundation/namespace-goldilocks.yaml",
            "gitops/applications/goldilocks.yaml",
            "gitops/applications/vpa.yaml",
            "operations-addons/goldilocks/values.yaml",
            "operations-addons/vpa/values.yaml",
        ]);
        assert_eq!(coming_and_going(tree, &off), gone, "{}", tree.environment);
        assert!(gone.iter().all(|path| tree.files.contains_key(path)));
        let changed = paths(["deploy-order.txt", "gitops/project.yaml"]);
        assert_eq!(&differing(tree, &off) - &gone, changed, "{}", tree.environment);
        assert!(!off.text("gitops/project.yaml").contains("goldilocks"));
    }
}
