//! What the way in, the firewall and quotas bring: turned off, exactly that is gone.

use std::collections::BTreeSet;

use crate::flags::differing;
use crate::tree::{Tree, changed, trees};

#[test]
fn waf_brings_the_web_acl_and_its_name_on_the_ingress() {
    for tree in trees() {
        let on = tree.environment != "dev";
        let flipped = changed(&tree.environment, &[&format!("features.waf={}", !on)]);
        let changed: Vec<_> = differing(tree, &flipped).into_iter().collect();
        assert_eq!(changed, ["networking-addons/edge/ingress-edge.yaml", "networking-addons/template.yaml"]);
        let (with, without) = if on { (tree, &flipped) } else { (&flipped, tree) };
        let ids = |tree: &Tree| -> BTreeSet<String> {
            let template = tree.file("networking-addons/template.yaml");
            template["Resources"].as_object().unwrap().keys().cloned().collect()
        };
        let brought: Vec<_> = ids(with).difference(&ids(without)).cloned().collect();
        assert_eq!(brought, ["WebAcl", "WebAclLogGroup", "WebAclLogging"]);
        // Without the word the controller would leave an old web ACL where it is.
        let edge = without.object("Ingress", "edge");
        assert_eq!(edge["metadata"]["annotations"]["alb.ingress.kubernetes.io/wafv2-acl-name"], "none");
    }
}

#[test]
fn without_the_load_balancer_controller_there_is_no_way_in() {
    for tree in trees() {
        let off =
            changed(&tree.environment, &["addons.aws-load-balancer-controller.enabled=false", "features.waf=false"]);
        let gone: Vec<_> = tree.files.keys().filter(|path| !off.files.contains_key(*path)).collect();
        let expected = [
            "gitops/applications/aws-load-balancer-controller.yaml",
            "gitops/applications/edge.yaml",
            "networking-addons/aws-load-balancer-controller/values.yaml",
            "networking-addons/edge/ingress-edge.yaml",
            "networking-addons/edge/ingress-listener.yaml",
            "networking-addons/edge/ingressclass-alb.yaml",
            "networking-addons/edge/ingressclassparams-alb.yaml",
            "networking-addons/edge/service-edge-listener.yaml",
        ];
        assert_eq!(gone, expected);
        let template = off.file("networking-addons/template.yaml");
        assert!(!template.to_string().contains("elasticloadbalancing"));
        assert_eq!(off.file("networking-addons/cilium/values.yaml").get("ingressController"), None);
    }
}

#[test]
fn quotas_bring_exactly_the_quotas_and_limits() {
    let [dev, _, prod] = trees();
    for (tree, setting) in [(dev, "workloads.quotas=true"), (prod, "workloads.quotas=false")] {
        let flipped = changed(&tree.environment, &[setting]);
        let changed: Vec<_> = differing(tree, &flipped).into_iter().collect();
        let folder = "networking-addons/workloads";
        assert_eq!(
            changed,
            [
                format!("{folder}/payments/limitrange.yaml"),
                format!("{folder}/payments/resourcequota.yaml"),
                format!("{folder}/shop/limitrange.yaml"),
                format!("{folder}/shop/resourcequota.yaml"),
            ]
        );
    }
}
