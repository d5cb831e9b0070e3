//! Releases of Bottlerocket: a version, and the commit that it was built from.

use crate::check::{Change, Report, rule};

rule! {
    BOTTLEROCKET_BUILD = Error "change/bottlerocket-build";
    summary: "a release of Bottlerocket gets another version with the build of the old one, or the other way round";
    explanation: "The release of a managed node group with Bottlerocket is its version and the first letters of the commit that it was built from, `1.58.0-c5c37032`. Each version was built from one commit, so both change together; EKS knows no release that mixes two, and the update of the node group fails. `aws ssm get-parameter --name /aws/service/bottlerocket/aws-k8s-1.35/x86_64/latest/image_version` tells both.";
    wrong: "
        --- # before/nodes/template.yaml
        Resources:
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], AmiType: BOTTLEROCKET_x86_64, ReleaseVersion: 1.58.0-c5c37032}}
        --- # after/nodes/template.yaml
        Resources:
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], AmiType: BOTTLEROCKET_x86_64, ReleaseVersion: 1.59.0-c5c37032}}
    ";
    right: "
        --- # before/nodes/template.yaml
        Resources:
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], AmiType: BOTTLEROCKET_x86_64, ReleaseVersion: 1.58.0-c5c37032}}
        --- # after/nodes/template.yaml
        Resources:
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], AmiType: BOTTLEROCKET_x86_64, ReleaseVersion: 1.59.0-a1b2c3d4}}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for pair in change.resources().into_iter().filter(|pair| pair.new.kind == "AWS::EKS::Nodegroup") {
        let is_one =
            pair.new.property("AmiType").and_then(|it| it.text()).is_some_and(|it| it.starts_with("BOTTLEROCKET"));
        let releases = (pair.old.property("ReleaseVersion"), pair.new.property("ReleaseVersion"));
        let (Some(was), Some(now)) = releases else { continue };
        let (Some(before), Some(after)) = (was.text().and_then(parts), now.text().and_then(parts)) else { continue };
        if !is_one || (before.0 == after.0) == (before.1 == after.1) {
            continue;
        }
        let (message, label) = if before.0 == after.0 {
            (
                format!("version {} of Bottlerocket was built from `{}`", before.0, before.1),
                "another build of the same version",
            )
        } else {
            (
                format!("`{}` is the build of version {} of Bottlerocket", before.1, before.0),
                "another version with its build",
            )
        };
        report
            .at(&BOTTLEROCKET_BUILD, now, message)
            .label(label)
            .beside(change.was(&was), "the release before")
            .help("change both together: EKS knows no release that mixes two");
    }
}

/// `1.58.0-c5c37032`
fn parts(release: &str) -> Option<(&str, &str)> {
    let (version, build) = release.split_once('-')?;
    let is_build = build.len() >= 7 && build.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_build && version.starts_with(|letter: char| letter.is_ascii_digit())).then_some((version, build))
}
