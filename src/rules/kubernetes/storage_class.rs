//! More than one default.

use crate::check::{Report, View, rule};

rule! {
    STORAGE_CLASS_DEFAULT = Error "kubernetes/storage-class-default";
    summary: "two storage classes are the default";
    explanation: "A volume that names no storage class gets the default. Of several defaults Kubernetes takes the one that was made last, which is a matter of chance when a cluster is built.";
    wrong: "
        --- # gp3.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}
        provisioner: ebs.csi.aws.com
        --- # io2.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: io2, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}
        provisioner: ebs.csi.aws.com
    ";
    right: "
        --- # gp3.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}
        provisioner: ebs.csi.aws.com
        --- # io2.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: io2, annotations: {storageclass.kubernetes.io/is-default-class: 'false'}}
        provisioner: ebs.csi.aws.com
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut defaults = view.objects_of("storage.k8s.io", "StorageClass").filter_map(|class| {
        let annotation = class.root().at(["metadata", "annotations", "storageclass.kubernetes.io/is-default-class"])?;
        (annotation.text() == Some("true")).then_some((class.name?, annotation))
    });
    let Some((first, node)) = defaults.next() else { return };
    for (name, other) in defaults {
        report
            .at(&STORAGE_CLASS_DEFAULT, &other, format!("`{first}` and `{name}` are both the default"))
            .also(&node, format!("`{first}` is"))
            .help("leave the annotation to one of them");
    }
}
