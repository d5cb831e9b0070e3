//! Conditions, as they are defined.

use super::{entries, function, is_map, is_null, must_be, plain};
use crate::check::cfn::How;
use crate::check::{Node, Report, View, rule};

rule! {
    CONDITION = Error "cfn/condition";
    summary: "a condition is none of the functions that conditions are made of";
    explanation: "A condition is `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not`, or the name of another one under `Condition`. It is evaluated before any resource is made, so it can refer to parameters and mappings, and not to resources (docs.aws.amazon.com, \"CloudFormation template Conditions syntax\").";
    wrong: "
        Conditions: {IsProd: !Equals [!Ref Topic, prod]}
        Resources:
          Topic: {Type: AWS::SNS::Topic}
    ";
    right: "
        Parameters: {Stage: {Type: String}}
        Conditions: {IsProd: !Equals [!Ref Stage, prod]}
        Resources:
          Topic: {Type: AWS::SNS::Topic, Condition: IsProd}
    ";
}

const MADE_OF: [&str; 5] = ["Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"];
/// What is known only when resources are.
const LATE: [&str; 2] = ["Fn::GetAtt", "Fn::ImportValue"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in plain(view) {
        let conditions = entries(template, "Conditions");
        for (name, condition) in &conditions {
            if name.starts_with("Fn::") || is_null(condition) {
                continue;
            }
            match function(condition) {
                Some((name, _)) if MADE_OF.contains(&name) || name == "Fn::Transform" => {}
                Some((other, _)) => say(name, condition, &format!("`{other}` is no condition"), report),
                // A constant does no harm.
                None if condition.boolean().is_some() => {}
                None if is_map(condition) => say(name, condition, "it has not the form of one", report),
                None => must_be(&CONDITION, &format!("the condition `{name}`"), "a function", condition, report),
            }
            for late in LATE.iter().flat_map(|late| condition.under(late)) {
                report
                    .at(
                        &CONDITION,
                        &late,
                        format!("the condition `{name}` asks for what is known after resources are made"),
                    )
                    .help("compare parameters instead");
            }
        }
        let Some(section) = template.document.root().get("Conditions") else { continue };
        let asked = template.references().iter().filter(|it| matches!(it.how, How::Ref | How::Sub));
        for reference in asked.filter(|it| it.node.is_within(&section) && template.resource(it.to).is_some()) {
            report
                .at(&CONDITION, &reference.node, format!("a condition cannot refer to the resource `{}`", reference.to))
                .about(reference.node.text().unwrap_or_default(), reference.to)
                .help("compare parameters instead");
        }
    }
}

fn say(name: &str, node: &Node<'_>, label: &str, report: &mut Report) {
    report
        .at(&CONDITION, node, format!("`{name}` is no condition"))
        .label(label)
        .help("it is one of `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` and `Condition`");
}
