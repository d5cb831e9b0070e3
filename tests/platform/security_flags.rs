//! What the flags of the security add-ons bring: flipped, exactly that comes or goes.

use std::collections::BTreeSet;

use crate::flags::differing;
use crate::tree::{changed, trees};

#[test]
fn ff3_falco_kill_mode_brings_talon_and_wires_falco_to_it() {
    let (falco, talon) = ("security-addons/falco/values.yaml", "security-addons/falco-talon/values.yaml");
    let application = "gitops/applications/falco-talon.yaml";
    let guards =
        ["ingress", "poddisruptionbudget"].map(|kind| format!("security-addons/falco/guards/{kind}-falco-talon.yaml"));
    let mut changes = BTreeSet::from(["deploy-order.txt", application, falco, talon].map(str::to_owned));
    changes.extend(guards);
    for (tree, flipped) in trees().iter().zip([true, true, false]) {
        let other = changed(&tree.environment, &[&format!("features.falcoKillMode={flipped}")]);
        assert_eq!(differing(tree, &other), changes, "{}", tree.environment);
        let (on, off) = if flipped { (&other, tree) } else { (tree, &other) };
        let address = &on.file(falco)["falcosidekick"]["config"]["talon"]["address"];
        assert_eq!(address, "http://falco-talon.falco.svc:2803");
        assert!(on.files.contains_key(application) && on.files.contains_key(talon));
        assert!(!off.text(falco).contains("talon"));
        assert!(!off.files.contains_key(application) && !off.files.contains_key(talon));
    }
}

#[test]
fn ff4_trivy_admission_brings_its_policy_and_what_the_policy_reads() {
    let brought = ["trivy-admission", "vulnerability-report-readers", "vulnerability-reports"];
    let brought = BTreeSet::from(brought.map(|name| format!("security-addons/kyverno/policies/{name}.yaml")));
    for (tree, flipped) in trees().iter().zip([true, false, false]) {
        let other = changed(&tree.environment, &[&format!("features.trivyAdmission={flipped}")]);
        assert_eq!(differing(tree, &other), brought, "{}", tree.environment);
        let (on, off) = if flipped { (&other, tree) } else { (tree, &other) };
        assert!(brought.iter().all(|path| on.files.contains_key(path) && !off.files.contains_key(path)));
    }
}
