//! Volumes that are made before anybody knows where their pod runs.

use crate::check::{Report, View, rule};

rule! {
    VOLUME_BINDING = Warning "kubernetes/volume-binding";
    summary: "disks of EBS are made in a zone before their pod has one";
    explanation: "A disk of EBS lies in one availability zone and can be attached in no other. With `volumeBindingMode: Immediate` it is made with its claim, in whatever zone comes up, and pods that may not or cannot run there stay pending. `WaitForFirstConsumer` makes it where the pod goes (kubernetes.io, \"Storage Classes\"; the EBS driver's examples). Immediate is the default. Classes that name a single zone are not judged.";
    wrong: "
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3}
        provisioner: ebs.csi.aws.com
        volumeBindingMode: Immediate
    ";
    right: "
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3}
        provisioner: ebs.csi.aws.com
        volumeBindingMode: WaitForFirstConsumer
    ";
}

const OF_EBS: [&str; 3] = ["ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for class in view.objects_of("storage.k8s.io", "StorageClass") {
        let root = class.root();
        if !root.text_at(["provisioner"]).is_some_and(|it| OF_EBS.contains(&it)) {
            continue;
        }
        // Of one zone alone there is nothing to wait for.
        if root.get("allowedTopologies").is_some() || root.at(["parameters", "zone"]).is_some() {
            continue;
        }
        if let Some(mode) = root.get("volumeBindingMode").filter(|it| it.text() == Some("Immediate")) {
            report
                .at(&VOLUME_BINDING, mode, "a disk of this class lies in a zone before its pod has one")
                .label("EBS attaches no disk in another zone")
                .help("write `volumeBindingMode: WaitForFirstConsumer`");
        }
    }
}
