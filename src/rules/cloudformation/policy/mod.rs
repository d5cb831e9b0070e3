//! Policies of IAM, against what AWS publishes of its services: actions, what they are about, and condition keys; and the
//! form of policies by what they are for.

mod actions;
mod conditions;
mod form;
pub(super) mod principals;
mod reach;
mod table;
mod trust;
mod values;

pub(in crate::rules::cloudformation) use table::matches;

use super::{choices, iam, statement};
use crate::check::cfn::{Resource, Template};
use crate::check::{Check, Node, Report, View, rule};
use crate::value::Value;

rule! {
    UNKNOWN = Warning "cfn/iam-unknown";
    summary: "a policy names an action or a condition key that AWS does not publish";
    explanation: "It may be new, or misspelt: IAM takes any name, and one that there is not allows nothing. Judged by a table of AWS's \"Service Authorization Reference\"; a name that is near to a known one is an error (cfn/iam-action, cfn/iam-statement).";
    wrong: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Action: sqs:Enumerate, Resource: '*'}]
    ";
    right: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Action: sqs:ListQueues, Resource: '*'}]
    ";
}

rule! {
    PASS_ROLE = Warning "cfn/iam-pass-role";
    summary: "a statement allows to pass any role to any service";
    explanation: "Who may pass a role to a service may do by that service what the role may do: `iam:PassRole` on `*` is the way to administrator rights. Name the roles, or the services by a condition on `iam:PassedToService` (docs.aws.amazon.com, \"Grant a user permissions to pass a role to an AWS service\").";
    wrong: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Action: iam:PassRole, Resource: '*'}]
    ";
    right: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Action: iam:PassRole
                    Resource: '*'
                    Condition: {StringEquals: {iam:PassedToService: eks.amazonaws.com}}
    ";
}

pub(in crate::rules) static CHECKS: &[Check] =
    &[Check::each(&[&iam::ACTION, &statement::STATEMENT, &iam::TRUST, &UNKNOWN, &PASS_ROLE], check)];

/// What a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// What somebody may do.
    Identity,
    /// Who may take a role.
    Trust,
    /// Who may do what with a resource.
    Resource,
    /// What an endpoint, an organisation or somebody else makes of it.
    Other,
}

/// Documents by type and the key that they stand under.
const DOCUMENTS: [(&str, &str, Kind); 14] = [
    ("AWS::IAM::Role", "AssumeRolePolicyDocument", Kind::Trust),
    ("AWS::IAM::Role", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::User", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::Group", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::Policy", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::RolePolicy", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::UserPolicy", "PolicyDocument", Kind::Identity),
    ("AWS::IAM::GroupPolicy", "PolicyDocument", Kind::Identity),
    ("AWS::KMS::Key", "KeyPolicy", Kind::Resource),
    ("AWS::S3::BucketPolicy", "PolicyDocument", Kind::Resource),
    ("AWS::SQS::QueuePolicy", "PolicyDocument", Kind::Resource),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", Kind::Resource),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", Kind::Resource),
];

/// A statement in its place.
struct Statement<'n, 'a> {
    template: &'n Template<'a>,
    node: Node<'a>,
    kind: Kind,
}

fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for resource in template.resources() {
            let Some(properties) = resource.properties() else { continue };
            for (key, kind) in DOCUMENTS.iter().filter(|it| it.0 == resource.kind).map(|it| (it.1, it.2)) {
                properties.under(key).for_each(|document| form::judge(&document, kind, template, report));
            }
            for statements in properties.under("Statement") {
                let kind = kind_of(resource, &statements);
                for node in all(&statements).into_iter().filter(is_statement) {
                    let statement = Statement { template, node, kind };
                    actions::judge(&statement, report);
                    conditions::judge(&statement, report);
                    reach::judge(&statement, report);
                    trust::judge(&statement, report);
                    principals::judge(&statement, report);
                    values::judge(&statement, report);
                }
            }
        }
    }
}

fn kind_of(resource: &Resource<'_>, statements: &Node<'_>) -> Kind {
    let key = statements.parent().and_then(|document| document.key());
    let known = DOCUMENTS.iter().find(|(kind, name, _)| *kind == resource.kind && key == Some(*name));
    known.map_or(Kind::Other, |it| it.2)
}

/// The statements, those that a condition chooses among them.
fn all<'a>(statements: &Node<'a>) -> Vec<Node<'a>> {
    let items = statements.one_or_more();
    let chosen = items.iter().flat_map(|item| choices(Some(item)).unwrap_or_default()).flatten();
    chosen.flat_map(|item| item.one_or_more()).collect()
}

/// Not a statement of another language: rules of a firewall have some as well.
fn is_statement(node: &Node<'_>) -> bool {
    let effect = node.text_at(["Effect"]).map(str::to_ascii_lowercase);
    matches!(node.value, Value::Map(_)) && matches!(effect.as_deref(), Some("allow" | "deny"))
}
