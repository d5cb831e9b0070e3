//! Images of nodes that change by themselves.

use crate::check::{Node, Report, View, rule};

rule! {
    FLOATING_AMI = Warning "lifecycle/floating-ami";
    summary: "nodes run an AMI that can change by itself";
    explanation: "With `@latest`, or an SSM parameter that AWS keeps at its newest AMI, whatever AWS releases is on the nodes within hours: without a review, in all environments at once. Karpenter replaces running nodes for it, and two nodes of one group may differ. Name a release.";
    wrong: "
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {amiSelectorTerms: [{alias: bottlerocket@latest}]}
    ";
    right: "
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {amiSelectorTerms: [{alias: bottlerocket@v1.58.0}]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        let terms = class.root().at(["spec", "amiSelectorTerms"]);
        for term in terms.iter().flat_map(Node::items) {
            if let Some(alias) =
                term.get("alias").filter(|alias| alias.text().is_some_and(|it| it.ends_with("@latest")))
            {
                let family = alias.text().and_then(|text| text.split('@').next()).unwrap_or_default();
                let help = format!("name the release that was tested, such as `{}`", example(family));
                say(&alias, &format!("the nodes of `{}` run", class.name.unwrap_or_default()), &help, report);
            }
            if let Some(parameter) = term.get("ssmParameter").filter(|it| it.text().is_some_and(moves)) {
                say(&parameter, &format!("the nodes of `{}` run", class.name.unwrap_or_default()), RELEASE, report);
            }
        }
    }
    for template in view.templates() {
        for launch in template.resources_of("AWS::EC2::LaunchTemplate") {
            let image = launch.property("LaunchTemplateData").and_then(|data| data.get("ImageId"));
            if let Some(image) = image.filter(|image| image.text().is_some_and(moves)) {
                say(&image, &format!("`{}` starts", launch.id), RELEASE, report);
            }
        }
    }
}

const RELEASE: &str = "name the parameter of one release, or the AMI itself";

fn say(node: &Node<'_>, what: &str, help: &str, report: &mut Report) {
    let draft = report.at(&FLOATING_AMI, node, format!("{what} whatever AMI is the newest"));
    draft.label("what this means can change by itself").help(help);
}

/// SSM parameters that AWS moves on with each release: `…/latest/image_id`, `…/recommended/image_id`.
fn moves(text: &str) -> bool {
    text.contains("/aws/service/") && ["/latest/", "/recommended"].iter().any(|part| text.contains(part))
}

fn example(family: &str) -> String {
    match family {
        "bottlerocket" => "bottlerocket@v1.58.0".to_owned(),
        family => format!("{family}@v20260821"),
    }
}
