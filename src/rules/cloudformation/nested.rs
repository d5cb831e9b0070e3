//! Stacks within a stack, whose templates lie in the tree.

use camino::{Utf8Component, Utf8PathBuf};

use crate::check::cfn::{How, Resource, Template};
use crate::check::{Report, View, rule};
use crate::finding::suggest::did_you_mean;

rule! {
    NESTED = Error "cfn/nested-stack";
    summary: "a nested stack is given what its template does not take, or asked for what it does not give";
    explanation: "`AWS::CloudFormation::Stack` takes the parameters of its template: each that has no default must be there, and no other. `Outputs.Name` of it is an output of that template. Judged where `TemplateURL` is a path to a template of the tree, as `aws cloudformation package` takes it; what lies in S3 is not known here.";
    wrong: "
        --- # main.yaml
        Resources:
          Network:
            Type: AWS::CloudFormation::Stack
            Properties: {TemplateURL: network.yaml, Parameters: {Cidr: 10.0.0.0/16}}
        --- # network.yaml
        Parameters: {VpcCidr: {Type: String}}
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref VpcCidr}}
    ";
    right: "
        --- # main.yaml
        Resources:
          Network:
            Type: AWS::CloudFormation::Stack
            Properties: {TemplateURL: network.yaml, Parameters: {VpcCidr: 10.0.0.0/16}}
        --- # network.yaml
        Parameters: {VpcCidr: {Type: String}}
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref VpcCidr}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for stack in template.resources_of("AWS::CloudFormation::Stack") {
            let Some(inner) = nested(view, template, stack).filter(|inner| !inner.is_transformed()) else { continue };
            parameters(stack, inner, report);
            outputs(template, stack, inner, report);
        }
    }
}

/// The template of a stack, if it lies in the tree.
fn nested<'v, 'a>(view: &'v View<'a>, template: &Template<'a>, stack: &Resource<'a>) -> Option<&'v Template<'a>> {
    let node = stack.property("TemplateURL")?;
    let url = node.text().filter(|url| !url.contains("://") && !url.starts_with('/') && !url.is_empty())?;
    let mut path = template.document.path.parent()?.to_owned();
    for part in Utf8PathBuf::from(url).components() {
        match part {
            Utf8Component::Normal(name) => path.push(name),
            Utf8Component::ParentDir if path.pop() => {}
            Utf8Component::CurDir => {}
            _ => return None,
        }
    }
    view.templates().iter().find(|other| other.document.path == path)
}

fn parameters(stack: &Resource<'_>, inner: &Template<'_>, report: &mut Report) {
    let known = inner.document.root().get("Parameters").map(|section| section.entries()).unwrap_or_default();
    let given = stack.property("Parameters");
    let given_names = given.map(|given| given.entries()).unwrap_or_default();
    if given_names.iter().any(|(name, _)| name.starts_with("Fn::") || *name == "Ref") {
        return;
    }
    let path = inner.document.path;
    let mut meant = Vec::new();
    for (name, node) in &given_names {
        if known.iter().any(|(own, _)| own == name) {
            continue;
        }
        let free = known.iter().map(|(own, _)| *own).filter(|own| !given_names.iter().any(|(name, _)| name == own));
        let near = crate::finding::suggest::nearest(name, free);
        meant.extend(near);
        let draft = report.at(&NESTED, node, format!("the template `{path}` has no parameter `{name}`")).about_key();
        draft.help(
            near.map_or_else(|| "remove it, or declare it there".to_owned(), |near| format!("did you mean `{near}`?")),
        );
    }
    let needed = known.iter().filter(|(_, parameter)| parameter.get("Default").is_none());
    for (name, parameter) in needed {
        let is_given = given_names.iter().any(|(own, _)| own == name) || meant.contains(name);
        if !is_given {
            report
                .at(&NESTED, given.unwrap_or(stack.node), format!("`{}` lacks the parameter `{name}`", stack.id))
                .also(parameter, "it has no default here")
                .help(format!("add `{name}` under `Parameters`"));
        }
    }
}

fn outputs(template: &Template<'_>, stack: &Resource<'_>, inner: &Template<'_>, report: &mut Report) {
    let known = inner.names("Outputs");
    for reference in template.references().iter().filter(|it| it.to == stack.id) {
        let asks = matches!(reference.how, How::GetAtt | How::Sub);
        let Some(name) = reference.attribute.filter(|_| asks).and_then(|it| it.strip_prefix("Outputs.")) else {
            continue;
        };
        if known.contains(&name) || known.iter().any(|name| name.starts_with("Fn::")) {
            continue;
        }
        let message = format!("the template `{}` has no output `{name}`", inner.document.path);
        let draft = report.at(&NESTED, &reference.node, message).also(&stack.node, "the stack");
        draft.about(reference.node.text().unwrap_or_default(), name);
        draft.help(did_you_mean(name, known.iter().copied()).unwrap_or_else(|| "add it to its outputs".to_owned()));
    }
}
