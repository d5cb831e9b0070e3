//! Nodes and kube-proxy beside the control plane: never newer, and not too old.

use super::version::{Cluster, Minor};
use crate::check::cfn::Template;
use crate::check::{Node, Report, View, rule};

rule! {
    VERSION_SKEW = Error "lifecycle/version-skew";
    summary: "nodes or kube-proxy are newer than the control plane, or more than three minor versions older";
    explanation: "Kubernetes lets kubelet and kube-proxy be up to three minor versions older than the API server, and never newer; EKS refuses a node group or an add-on that is. The control plane is upgraded first. Read from a node group's `Version` and `ReleaseVersion`, from the names of AMIs and of their SSM parameters in launch templates and Karpenter's node classes, and from the version of the kube-proxy add-on; judged by the version of the EKS cluster that the tree makes.";
    wrong: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.34', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: !Ref Cluster, Version: '1.35', NodeRole: r, Subnets: [subnet-0123456789abcdefa]}}
    ";
    right: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.35', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: !Ref Cluster, Version: '1.34', NodeRole: r, Subnets: [subnet-0123456789abcdefa]}}
    ";
}

/// So many minor versions may lie between: kubernetes.io/releases/version-skew-policy.
const SKEW: u32 = 3;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(cluster) = Cluster::of(view) else { return };
    for template in view.templates() {
        node_groups(template, &cluster, report);
        for addon in template.resources_of("AWS::EKS::Addon") {
            let Some(version) = addon.property("AddonVersion") else { continue };
            if addon.property("AddonName").and_then(|name| name.text()) == Some("kube-proxy")
                && let Some(minor) = version.text().and_then(Minor::leading)
            {
                judge(minor, &version, "kube-proxy is", &cluster, report);
            }
        }
        for launch in template.resources_of("AWS::EC2::LaunchTemplate") {
            let image = launch.property("LaunchTemplateData").and_then(|data| data.get("ImageId"));
            if let Some(image) = image {
                ami(&image, &cluster, report);
            }
        }
    }
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        for term in class.root().list(["spec", "amiSelectorTerms"]) {
            let names = ["name", "ssmParameter"].into_iter().filter_map(|key| term.get(key));
            names.for_each(|name| ami(&name, &cluster, report));
        }
    }
}

fn node_groups(template: &Template<'_>, cluster: &Cluster<'_>, report: &mut Report) {
    for group in template.resources_of("AWS::EKS::Nodegroup") {
        let own = group.property("Version").and_then(|node| Some((Minor::leading(node.text()?)?, node)));
        if let Some((minor, node)) = &own {
            judge(*minor, node, &format!("the nodes of `{}` are", group.id), cluster, report);
        }
        // Bottlerocket counts its releases by itself.
        let tells = group.property("AmiType").and_then(|ami| ami.text()).is_some_and(|ami| ami.starts_with("AL2"));
        let Some(release) = group.property("ReleaseVersion").filter(|_| tells) else { continue };
        let Some(minor) = release.text().and_then(Minor::leading) else { continue };
        match &own {
            Some((version, node)) if *version != minor => {
                report
                    .at(
                        &VERSION_SKEW,
                        &release,
                        format!("this release of the AMI is for Kubernetes `{minor}`, not `{version}`"),
                    )
                    .also(node, format!("`{}` has `{version}`", group.id))
                    .help("name a release of the same minor version");
            }
            Some(_) => {}
            None => judge(minor, &release, &format!("the nodes of `{}` are", group.id), cluster, report),
        }
    }
}

fn ami(name: &Node<'_>, cluster: &Cluster<'_>, report: &mut Report) {
    if let Some(minor) = name.text().and_then(minor_of_ami) {
        judge(minor, name, "the nodes of this AMI are", cluster, report);
    }
}

/// Names that AWS gives to its AMIs and to the SSM parameters with their ids: `bottlerocket-aws-k8s-1.35-x86_64-…`,
/// `/aws/service/bottlerocket/aws-k8s-1.35-nvidia/…`, `/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/…`.
fn minor_of_ami(text: &str) -> Option<Minor> {
    ["aws-k8s-", "/optimized-ami/"].into_iter().find_map(|mark| Minor::leading(text.split_once(mark)?.1))
}

fn judge(minor: Minor, node: &Node<'_>, what: &str, cluster: &Cluster<'_>, report: &mut Report) {
    let control = cluster.minor;
    let (message, help) = if minor > control {
        let help = "upgrade the control plane first, and then what runs beside it".to_owned();
        (format!("{what} newer than the control plane"), help)
    } else if control.0 - minor.0 > SKEW {
        let help = format!("upgrade to `{}` at least", Minor(control.0 - SKEW));
        (format!("{what} more than three minor versions older than the control plane"), help)
    } else {
        return;
    };
    report
        .at(&VERSION_SKEW, node, message)
        .label(format!("this is `{minor}`"))
        .also(&cluster.node, format!("the control plane has `{control}`"))
        .help(help);
}

#[cfg(test)]
mod tests {
    use super::{Minor, minor_of_ami};

    #[test]
    fn names_of_amis_tell_their_kubernetes() {
        for text in [
            "bottlerocket-aws-k8s-1.35-x86_64-v1.58.0-c5c37032",
            "{{resolve:ssm:/aws/service/bottlerocket/aws-k8s-1.35-nvidia/arm64/latest/image_id}}",
            "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id",
        ] {
            assert_eq!(minor_of_ami(text), Some(Minor(35)), "{text}");
        }
        for text in ["ami-0123456789abcdef0", "bottlerocket-aws-ecs-2-x86_64-v1.58.0", "aws-k8s-*", "al2023@v20260821"]
        {
            assert_eq!(minor_of_ami(text), None, "{text}");
        }
    }
}
