//! The credentials of a node, and who may ask for them.

use crate::check::{Node, Report, View, rule};

rule! {
    INSTANCE_METADATA = Warning "cfn/instance-metadata";
    summary: "instances answer without a token when asked for their credentials";
    explanation: "The metadata service of an instance gives out the credentials of its role. With version 1 one plain request is enough, which a program makes that can be talked into fetching an address; version 2 asks for a token first, and is what AWS recommends for the nodes of EKS (docs.aws.amazon.com, \"Identity and access management\" in the best practices of EKS). Judged for launch templates, instances and Karpenter's node classes that say that a token is optional.";
    wrong: "
        Resources:
          Launch: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {MetadataOptions: {HttpTokens: optional}}}}
    ";
    right: "
        Resources:
          Launch: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {MetadataOptions: {HttpTokens: required}}}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.resources_of("AWS::EC2::LaunchTemplate") {
        let options = template.property("LaunchTemplateData").and_then(|it| it.get("MetadataOptions"));
        judge(options, ["HttpEndpoint", "HttpTokens"], report);
    }
    for kind in ["AWS::EC2::Instance", "AWS::AutoScaling::LaunchConfiguration"] {
        for instance in view.resources_of(kind) {
            judge(instance.property("MetadataOptions"), ["HttpEndpoint", "HttpTokens"], report);
        }
    }
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        judge(class.root().at(["spec", "metadataOptions"]), ["httpEndpoint", "httpTokens"], report);
    }
}

fn judge(options: Option<Node<'_>>, [endpoint, tokens]: [&str; 2], report: &mut Report) {
    let Some(options) = options.filter(|it| it.text_at([endpoint]) != Some("disabled")) else { return };
    if let Some(node) = options.get(tokens).filter(|it| it.text() == Some("optional")) {
        report
            .at(&INSTANCE_METADATA, node, "the instances give out their role's credentials without a token")
            .label("version 1 of the metadata service is on")
            .help(format!("write `{tokens}: required`"));
    }
}
