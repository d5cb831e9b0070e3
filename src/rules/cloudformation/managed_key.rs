//! Queues and topics that are encrypted by a key which those who send to them cannot use.

use crate::check::cfn::Template;
use crate::check::{Node, Report, View, rule};

rule! {
    MANAGED_KEY = Error "cfn/managed-key";
    summary: "a queue or a topic that a service sends to is encrypted by the key that AWS manages";
    explanation: "The policy of the keys `alias/aws/sqs` and `alias/aws/sns` cannot be changed, and lets no other service use them: EventBridge, S3, SNS and CloudWatch alarms cannot send to what they encrypt, and what they send is lost without a word (docs.aws.amazon.com, \"Amazon SQS Key management\"). Take the encryption that needs no key, `SqsManagedSseEnabled`, or a key of your own whose policy lets the service in. Judged where a policy in the same template lets a service send.";
    wrong: "
        Resources:
          Jobs: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/aws/sqs}}
          Senders:
            Type: AWS::SQS::QueuePolicy
            Properties:
              Queues: [!Ref Jobs]
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: sqs:SendMessage, Resource: !GetAtt Jobs.Arn}]
    ";
    right: "
        Resources:
          Jobs: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: true}}
          Senders:
            Type: AWS::SQS::QueuePolicy
            Properties:
              Queues: [!Ref Jobs]
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: sqs:SendMessage, Resource: !GetAtt Jobs.Arn}]
    ";
}

/// What is encrypted, the key's alias, and the policy of it with the list of what it is about.
const KINDS: [(&str, &str, &str, &str); 2] = [
    ("AWS::SQS::Queue", "alias/aws/sqs", "AWS::SQS::QueuePolicy", "Queues"),
    ("AWS::SNS::Topic", "alias/aws/sns", "AWS::SNS::TopicPolicy", "Topics"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for (kind, alias, policy, list) in KINDS {
            for resource in template.resources_of(kind) {
                let key = resource.property("KmsMasterKeyId").filter(|key| key.text() == Some(alias));
                let Some((key, service)) =
                    key.and_then(|key| Some((key, sender(template, resource.id, policy, list)?)))
                else {
                    continue;
                };
                let name = service.text().unwrap_or_default();
                report
                    .at(
                        &MANAGED_KEY,
                        &key,
                        format!("`{name}` cannot send to `{}`: it may not use this key", resource.id),
                    )
                    .also(&service, "is let in here")
                    .help("take the encryption of the service itself, or a key of your own that lets it in");
            }
        }
    }
}

/// A service that a policy lets send to a resource.
fn sender<'a>(template: &Template<'a>, id: &str, policy: &str, list: &str) -> Option<Node<'a>> {
    let is_about =
        |items: Node<'_>| items.one_or_more().iter().any(|it| it.get("Ref").and_then(|it| it.text()) == Some(id));
    let mut policies = template.resources().iter().filter(|it| it.kind == policy);
    let policy = policies.find(|it| it.property(list).is_some_and(is_about))?;
    let statements = policy.property("PolicyDocument")?.get("Statement")?.one_or_more();
    let allowed = statements.into_iter().filter(|it| it.text_at(["Effect"]) == Some("Allow"));
    let mut services = allowed.filter_map(|it| it.at(["Principal", "Service"])).flat_map(|it| it.one_or_more());
    services.find(|service| service.text().is_some())
}
