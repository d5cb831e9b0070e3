//! Names within a template that nothing in it has.

use crate::check::cfn::{How, Reference, Template};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    UNRESOLVED_REF = Error "cfn/unresolved-ref";
    summary: "a reference to something that the template does not have";
    explanation: "`Ref`, `Fn::GetAtt`, `Fn::Sub`, `DependsOn`, `Condition` and `Fn::FindInMap` name what stands in the same template: a resource, a parameter, a condition, a mapping, or one of CloudFormation's own `AWS::…` names. CloudFormation refuses a template in which one of them leads nowhere. It often happens when a feature flag removes a resource, but not all that spoke of it. Templates with a `Transform` are left alone, because what a macro adds is not known.";
    wrong: "
        Resources:
          Subnet:
            Type: AWS::EC2::Subnet
            Properties:
              VpcId: !Ref Vcp
          Vpc:
            Type: AWS::EC2::VPC
    ";
    right: "
        Resources:
          Subnet:
            Type: AWS::EC2::Subnet
            Properties:
              VpcId: !Ref Vpc
              AvailabilityZone: !Sub \"${AWS::Region}a\"
          Vpc:
            Type: AWS::EC2::VPC
    ";
}

/// docs.aws.amazon.com, "Get AWS values using pseudo parameters".
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed() && !is_made_later(template)) {
        let names = Names::of(template);
        for reference in template.references() {
            let known = names.of_kind(reference);
            if known.iter().any(|names| names.contains(&reference.to)) || names.is_in_a_module(reference.to) {
                continue;
            }
            let (what, name) = (what(reference), reference.to);
            let text = reference.node.text().unwrap_or_default();
            let draft = report
                .at(&UNRESOLVED_REF, &reference.node, format!("the template has no {what} `{name}`"))
                .about(text, name);
            if let Some(help) = suggest::did_you_mean(name, known.iter().copied().flatten().copied()) {
                draft.help(help);
            }
        }
    }
}

/// Whether a tool makes resources of what stands here: then the type of one is no text, such as `{Rain::Module: vpc.yml}`.
fn is_made_later(template: &Template<'_>) -> bool {
    let resources = template.document.root().get("Resources");
    let has_type = |(_, resource): &(&str, Node<'_>)| resource.get("Type").is_none_or(|kind| kind.text().is_some());
    resources.is_some_and(|resources| !resources.entries().iter().all(has_type))
}

struct Names<'a> {
    resources: Vec<&'a str>,
    /// Those whose type is a module.
    modules: Vec<&'a str>,
    parameters: Vec<&'a str>,
    conditions: Vec<&'a str>,
    mappings: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(template: &Template<'a>) -> Self {
        Self {
            resources: template.resources().iter().map(|resource| resource.id).collect(),
            modules: template.resources().iter().filter(|it| it.kind.ends_with("::MODULE")).map(|it| it.id).collect(),
            parameters: template.names("Parameters"),
            conditions: template.names("Conditions"),
            mappings: template.names("Mappings"),
        }
    }

    /// A resource within a module has the module's name before its own: docs.aws.amazon.com, "Reference module resources
    /// in CloudFormation templates".
    fn is_in_a_module(&self, name: &str) -> bool {
        self.modules.iter().any(|module| name.len() > module.len() && name.starts_with(module))
    }

    fn of_kind(&self, reference: &Reference<'_>) -> Vec<&[&'a str]> {
        match reference.how {
            How::GetAtt | How::DependsOn => vec![&self.resources],
            How::Sub if reference.attribute.is_some() => vec![&self.resources],
            How::Ref | How::Sub => vec![&self.resources, &self.parameters, &PSEUDO_PARAMETERS],
            How::Condition => vec![&self.conditions],
            How::FindInMap => vec![&self.mappings],
        }
    }
}

fn what(reference: &Reference<'_>) -> &'static str {
    match reference.how {
        How::Ref | How::Sub if reference.attribute.is_none() => "resource or parameter",
        How::Ref | How::Sub | How::GetAtt | How::DependsOn => "resource",
        How::Condition => "condition",
        How::FindInMap => "mapping",
    }
}
