//! Volumes that more nodes are to write than their storage can be attached to.

use crate::check::{Node, Report, View, rule};

rule! {
    ACCESS_MODE = Error "kubernetes/access-mode";
    summary: "a claim to be written from many nodes, of a class of disks that one node has at a time";
    explanation: "A volume of EBS is a disk of one instance: the driver makes none for a claim with `ReadWriteMany` that holds files, and the claim stays pending with its pods (github.com/kubernetes-sigs/aws-ebs-csi-driver, docs/multi-attach.md). Take `ReadWriteOnce`, or a class of a shared file system, such as EFS. Judged where the class stands in the tree, by its name or as the default.";
    wrong: "
        --- # class.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3}
        provisioner: ebs.csi.aws.com
        --- # claim.yaml
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: uploads, namespace: web}
        spec: {storageClassName: gp3, accessModes: [ReadWriteMany], resources: {requests: {storage: 10Gi}}}
    ";
    right: "
        --- # class.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3}
        provisioner: ebs.csi.aws.com
        --- # claim.yaml
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: uploads, namespace: web}
        spec: {storageClassName: gp3, accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
    ";
}

/// What makes disks that are attached to one node.
const DISKS: [&str; 3] = ["ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs"];
const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for claim in view.objects_of("", "PersistentVolumeClaim").filter_map(|claim| claim.root().get("spec")) {
        judge(view, &claim, report);
    }
    for set in view.objects_of("apps", "StatefulSet") {
        for claim in set.root().list(["spec", "volumeClaimTemplates"]).iter().filter_map(|claim| claim.get("spec")) {
            judge(view, &claim, report);
        }
    }
}

fn judge(view: &View<'_>, claim: &Node<'_>, report: &mut Report) {
    let modes = claim.list(["accessModes"]);
    let shared = modes.iter().find(|mode| matches!(mode.text(), Some("ReadWriteMany" | "ReadOnlyMany")));
    let Some(mode) = shared.filter(|_| claim.text_at(["volumeMode"]) != Some("Block")) else { return };
    if modes.len() > 1 || claim.get("volumeName").is_some() {
        return;
    }
    let named = claim.get("storageClassName");
    let is_it = |name: Option<&str>, root: Node<'_>| match &named {
        Some(named) => named.text().is_some() && named.text() == name,
        None => root.at(["metadata", "annotations", DEFAULT]).and_then(|it| it.text()) == Some("true"),
    };
    let class = view.objects_of("storage.k8s.io", "StorageClass").find(|class| is_it(class.name, class.root()));
    let Some(provisioner) = class.and_then(|class| class.root().get("provisioner")) else { return };
    if provisioner.text().is_some_and(|text| DISKS.contains(&text)) {
        let text = mode.text().unwrap_or_default();
        report
            .at(&ACCESS_MODE, mode, format!("no volume is made for `{text}`: the class gives disks of one node"))
            .also(provisioner, "disks of EBS")
            .help("take `ReadWriteOnce`, or a class of a shared file system");
    }
}
