//! Machine images that change by themselves.

use crate::check::cfn::Template;
use crate::check::{Node, Report, View, rule};
use crate::rules::instances::is_moving_image;

rule! {
    AMI = Warning "cfn/ami";
    summary: "machines of an image that changes by itself";
    explanation: "A public SSM parameter under `latest` or `recommended` names another image with every release: an update of the stack that is about something else replaces the machines, and a node that is started today differs from yesterday's. Name the AMI of each release, or one version of the parameter, `{{resolve:ssm:/aws/service/…:42}}`. An EKS node group gets its image by `ReleaseVersion`.";
    wrong: "
        Resources:
          Nodes:
            Type: AWS::EC2::LaunchTemplate
            Properties:
              LaunchTemplateData:
                ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64'
    ";
    right: "
        Resources:
          Nodes:
            Type: AWS::EC2::LaunchTemplate
            Properties:
              LaunchTemplateData:
                ImageId: ami-0123456789abcdef0
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for resource in template.resources() {
            let image = match resource.kind {
                "AWS::EC2::LaunchTemplate" => resource.node.at(["Properties", "LaunchTemplateData", "ImageId"]),
                "AWS::EC2::Instance" | "AWS::AutoScaling::LaunchConfiguration" => resource.property("ImageId"),
                _ => continue,
            };
            let Some(image) = image else { continue };
            let named = image.text().filter(|text| text.contains("resolve:ssm:")).map(|_| image);
            let Some(source) = named.or_else(|| parameter(template, &image)) else { continue };
            if source.text().is_some_and(is_moving_image) {
                let draft = report.at(&AMI, &image, format!("`{}` gets another image with every release", resource.id));
                draft.label("this image changes by itself").help("name an AMI, or one version of the parameter");
                if !source.is_at(&image) {
                    draft.also(&source, "the parameter that names the image");
                }
            }
        }
    }
}

/// The SSM parameter that a parameter of the template stands for.
fn parameter<'a>(template: &Template<'a>, image: &Node<'a>) -> Option<Node<'a>> {
    let parameter = template.document.root().at(["Parameters", image.text_at(["Ref"])?])?;
    let is_read = parameter.text_at(["Type"])?.starts_with("AWS::SSM::Parameter::Value<");
    parameter.get("Default").filter(|_| is_read)
}
