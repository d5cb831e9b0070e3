//! Machine images that change by themselves.

use crate::check::{Report, View, rule};
use crate::rules::instances::is_moving_image;

rule! {
    AMI = Warning "kubernetes/ami";
    summary: "nodes of an image that changes by itself";
    explanation: "With the alias `…@latest`, or an SSM parameter under `latest` or `recommended`, a new release of the image reaches every environment at once, untested: Karpenter sees its nodes drift and replaces them all. Name a version, and raise it one environment after the other. Windows images have no other version than `latest`.";
    wrong: "
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {amiSelectorTerms: [{alias: bottlerocket@latest}]}
    ";
    right: "
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {amiSelectorTerms: [{alias: bottlerocket@v1.58.0}]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        for term in class.root().list(["spec", "amiSelectorTerms"]) {
            let alias = term.get("alias").filter(|alias| alias.text().is_some_and(is_latest));
            let parameter = term.get("ssmParameter").filter(|it| it.text().is_some_and(is_moving_image));
            for image in alias.into_iter().chain(parameter) {
                let text = image.text().unwrap_or_default();
                report
                    .at(&AMI, &image, format!("`{text}` is another image with every release"))
                    .label("all nodes of the class are replaced when there is a new one")
                    .help("name a version by its alias, such as `bottlerocket@v1.58.0`");
            }
        }
    }
}

fn is_latest(alias: &str) -> bool {
    alias.split_once('@').is_some_and(|(family, version)| version == "latest" && !family.starts_with("windows"))
}
