//! The role of nodes, and who hands it to them.

use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::rules::cloudformation::referent;

rule! {
    PASSED_ROLE = Error "link/passed-role";
    summary: "Karpenter gives nodes a role that it may not pass";
    explanation: "Karpenter makes an instance profile of the role that a node class names, and AWS lets it only if the controller's own role allows `iam:PassRole` for that role. Otherwise no node is started, and only the controller's log says why. Judged where statements of the tree allow it for roles that are named, and templates of the tree make the role of the class.";
    wrong: "
        --- # template.yaml
        Resources:
          Nodes: {Type: AWS::IAM::Role, Properties: {RoleName: prod-nodes, AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
          System: {Type: AWS::IAM::Role, Properties: {RoleName: prod-system, AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Action: iam:PassRole, Resource: !GetAtt Nodes.Arn, Condition: {StringEquals: {iam:PassedToService: ec2.amazonaws.com}}}]
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {amiSelectorTerms: [{alias: bottlerocket@v1.58.0}], role: prod-system, subnetSelectorTerms: [{tags: {a: b}}], securityGroupSelectorTerms: [{tags: {a: b}}]}
    ";
    right: "
        --- # template.yaml
        Resources:
          Nodes: {Type: AWS::IAM::Role, Properties: {RoleName: prod-nodes, AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
          System: {Type: AWS::IAM::Role, Properties: {RoleName: prod-system, AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Action: iam:PassRole, Resource: !GetAtt Nodes.Arn, Condition: {StringEquals: {iam:PassedToService: ec2.amazonaws.com}}}]
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {amiSelectorTerms: [{alias: bottlerocket@v1.58.0}], role: prod-nodes, subnetSelectorTerms: [{tags: {a: b}}], securityGroupSelectorTerms: [{tags: {a: b}}]}
    ";
}

/// A role that may be passed to EC2: its name, and where the statement says so.
type Passed<'a> = (&'a str, Node<'a>);

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let classes = view.objects_of("karpenter.k8s.aws", "EC2NodeClass");
    let roles: Vec<Node<'_>> = classes.filter_map(|class| class.root().at(["spec", "role"])).collect();
    if roles.is_empty() {
        return;
    }
    let Some(passed) = passed(view) else { return };
    let Some((_, statement)) = passed.first() else { return };
    for role in roles {
        let Some(name) = role.text().filter(|name| !passed.iter().any(|(own, _)| own == name)) else { continue };
        let is_made = |it: &Resource<'_>| it.property("RoleName").and_then(|it| it.text()) == Some(name);
        if !view.resources_of("AWS::IAM::Role").any(is_made) {
            continue;
        }
        let names: Vec<String> = passed.iter().map(|(name, _)| format!("`{name}`")).collect();
        report
            .at(&PASSED_ROLE, role, format!("Karpenter may not pass the role `{name}` to instances"))
            .label("no node of this class is ever started")
            .also(statement, format!("it may pass {}", names.join(", ")))
            .help(format!("name {}, or allow `iam:PassRole` for this one", names.join(" or ")));
    }
}

/// All roles that statements of the tree let somebody pass to EC2; none if one of them is not known.
fn passed<'a>(view: &View<'a>) -> Option<Vec<Passed<'a>>> {
    let mut all = Vec::new();
    for template in view.templates() {
        for resource in template.resources().iter().filter(|it| it.kind.starts_with("AWS::IAM::")) {
            for action in resource.node.under("Action") {
                let passes = |it: &Node<'_>| {
                    it.text().is_some_and(|text| {
                        let text = text.to_ascii_lowercase();
                        matches!(text.as_str(), "iam:passrole" | "iam:*" | "*" | "iam:pass*")
                    })
                };
                let Some(statement) = action.parent().filter(|_| action.one_or_more().iter().any(passes)) else {
                    continue;
                };
                if statement.text_at(["Effect"]) == Some("Deny") || is_for_another(&statement) {
                    continue;
                }
                for role in statement.get("Resource")?.one_or_more() {
                    all.push((role_of(template, &role)?, role));
                }
            }
        }
    }
    Some(all)
}

/// Whether a statement is about passing roles to a service that is not EC2.
fn is_for_another(statement: &Node<'_>) -> bool {
    let services: Vec<Node<'_>> = statement.under("iam:PassedToService").flat_map(|it| it.one_or_more()).collect();
    !services.is_empty()
        && !services.iter().any(|it| it.text().is_none_or(|text| text.starts_with("ec2") || text.contains('*')))
}

fn role_of<'a>(template: &Template<'a>, node: &Node<'a>) -> Option<&'a str> {
    if let Some((id, _)) = referent(node) {
        return template.resource(id)?.property("RoleName")?.text();
    }
    let text = node.get("Fn::Sub").unwrap_or(*node).text()?;
    let name = text.rsplit_once(":role/")?.1.rsplit('/').next()?;
    (!name.contains(['*', '?', '$'])).then_some(name)
}
