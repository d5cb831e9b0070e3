//! What may send to a queue or topic, and what does.

use super::policy::matches;
use super::{referent, written};
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    SOURCE_ARN = Error "cfn/source-arn";
    summary: "the policy of a queue or topic lets rules of other names send than those that do";
    explanation: "A condition on `aws:SourceArn` lets only those rules of EventBridge send whose ARN is what the condition says. Events of any other rule are lost without a word but in a metric. Judged for rules and policies of one template whose targets and names it tells: where a policy lets EventBridge send to a queue or topic on such a condition, each rule that has it as a target must be one that the condition means.";
    wrong: "
        Resources:
          Queue: {Type: AWS::SQS::Queue}
          Policy:
            Type: AWS::SQS::QueuePolicy
            Properties:
              Queues: [!Ref Queue]
              PolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Principal: {Service: events.amazonaws.com}
                    Action: sqs:SendMessage
                    Resource: !GetAtt Queue.Arn
                    Condition: {ArnLike: {aws:SourceArn: !Sub 'arn:aws:events:${AWS::Region}:${AWS::AccountId}:rule/prod-spot-*'}}
          Rule:
            Type: AWS::Events::Rule
            Properties: {Name: spot-warning, EventPattern: {source: [aws.ec2]}, Targets: [{Id: queue, Arn: !GetAtt Queue.Arn}]}
    ";
    right: "
        Resources:
          Queue: {Type: AWS::SQS::Queue}
          Policy:
            Type: AWS::SQS::QueuePolicy
            Properties:
              Queues: [!Ref Queue]
              PolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Principal: {Service: events.amazonaws.com}
                    Action: sqs:SendMessage
                    Resource: !GetAtt Queue.Arn
                    Condition: {ArnLike: {aws:SourceArn: !Sub 'arn:aws:events:${AWS::Region}:${AWS::AccountId}:rule/prod-spot-*'}}
          Rule:
            Type: AWS::Events::Rule
            Properties: {Name: prod-spot-warning, EventPattern: {source: [aws.ec2]}, Targets: [{Id: queue, Arn: !GetAtt Queue.Arn}]}
    ";
}

const EVENTS: &str = "events.amazonaws.com";

/// A condition on who sends: a pattern, or the rule itself.
enum Source<'a> {
    Pattern(String, Node<'a>),
    Rule(&'a str, Node<'a>),
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for (kind, list) in [("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SNS::TopicPolicy", "Topics")] {
            let policies: Vec<_> = template.resources_of(kind).collect();
            for policy in &policies {
                let Some(own) = policy.property(list) else { continue };
                for target in own.items().iter().filter_map(|it| Some(referent(it)?.0)) {
                    // Another policy of the same queue may allow the rest.
                    let names = |it: &Resource<'_>| {
                        let all = it.property(list).map(|it| it.items()).unwrap_or_default();
                        all.iter().any(|it| referent(it).is_none_or(|(id, _)| id == target))
                    };
                    if policies.iter().filter(|other| names(other)).count() == 1 {
                        judge(template, policy, target, report);
                    }
                }
            }
        }
    }
}

/// How many rules send to a queue or topic.
fn senders(template: &Template<'_>, target: &str) -> usize {
    template.resources_of("AWS::Events::Rule").filter(|rule| sends(rule, target)).count()
}

fn sends(rule: &Resource<'_>, target: &str) -> bool {
    let targets = rule.property("Targets").map(|targets| targets.items()).unwrap_or_default();
    let mut arns = targets.iter().filter_map(|target| target.get("Arn"));
    arns.any(|arn| referent(&arn).is_some_and(|(id, _)| id == target))
}

fn judge(template: &Template<'_>, policy: &Resource<'_>, target: &str, report: &mut Report) {
    let Some(sources) = sources(policy).filter(|sources| !sources.is_empty()) else { return };
    let mut refused: Vec<(&str, Node<'_>)> = Vec::new();
    for rule in template.resources_of("AWS::Events::Rule") {
        if !sends(rule, target) {
            continue;
        }
        let name = rule.property("Name");
        let Some(node) = name.filter(|node| node.text().is_some_and(|text| !text.contains(['$', '{']))) else {
            continue;
        };
        let name = node.text().unwrap_or_default();
        let bus = rule.property("EventBusName").is_some();
        // On a bus of its own the bus stands before the name.
        let arn =
            if bus { format!("arn:aws:events:-:-:rule/-/{name}") } else { format!("arn:aws:events:-:-:rule/{name}") };
        let means = |source: &Source<'_>| match source {
            Source::Pattern(pattern, _) => matches(pattern, &arn),
            Source::Rule(id, _) => *id == rule.id,
        };
        if bus || sources.iter().any(means) {
            continue;
        }
        refused.push((name, node));
    }
    let place = match &sources[0] {
        Source::Pattern(_, node) | Source::Rule(_, node) => node,
    };
    let sending = senders(template, target);
    match &refused[..] {
        [] => {}
        // If none of several is meant, the condition is what is wrong.
        [first, .., last] if refused.len() == sending => {
            let message = format!("`{target}` takes nothing from any of the {sending} rules that send to it");
            report
                .at(&SOURCE_ARN, place, message)
                .label("no rule has such an ARN")
                .also(first.1, format!("`{}`", first.0))
                .also(last.1, format!("`{}`", last.0))
                .help("let the condition mean the rules' names");
        }
        _ => {
            for (name, node) in &refused {
                report
                    .at(&SOURCE_ARN, node, format!("`{target}` takes nothing from the rule `{name}`"))
                    .label("its policy lets rules of other names send")
                    .also(place, "only what this says may send")
                    .help("name the rule so that the condition means it, or change the condition");
            }
        }
    }
}

/// What the policy asks of `EventBridge`; none where it lets it send without such a condition, or where nobody can say.
fn sources<'a>(policy: &Resource<'a>) -> Option<Vec<Source<'a>>> {
    let mut found = Vec::new();
    for statement in policy.property("PolicyDocument")?.get("Statement")?.one_or_more() {
        if statement.text_at(["Effect"]) != Some("Allow") {
            continue;
        }
        let principals = statement.at(["Principal", "Service"]).map(|it| it.one_or_more()).unwrap_or_default();
        let is_open = statement.text_at(["Principal"]) == Some("*") || statement.get("Principal").is_none();
        if !is_open && !principals.iter().any(|it| it.text() == Some(EVENTS)) {
            continue;
        }
        let condition = statement.get("Condition")?;
        let operators = condition.entries();
        let mut sets = operators
            .iter()
            .flat_map(|(operator, keys)| keys.entries().into_iter().map(move |(key, value)| (*operator, key, value)));
        let (operator, _, values) = sets.find(|(_, key, _)| key.eq_ignore_ascii_case("aws:SourceArn"))?;
        if !matches!(operator, "ArnLike" | "ArnEquals" | "StringLike" | "StringEquals") {
            return None;
        }
        for value in values.one_or_more() {
            if let Some((id, _)) = referent(&value) {
                found.push(Source::Rule(id, value));
            } else {
                let node = written(&value)?;
                found.push(Source::Pattern(pattern(node.text()?)?, node));
            }
        }
    }
    Some(found)
}

/// The text with `*` for what only deployment knows.
fn pattern(text: &str) -> Option<String> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        whole.push_str(before);
        whole.push('*');
        rest = after.split_once('}')?.1;
    }
    whole.push_str(rest);
    // Region and account may be written out.
    let parts: Vec<&str> = whole.splitn(6, ':').collect();
    let ["arn", _, service, _, _, resource] = parts[..] else { return Some(whole) };
    Some(format!("arn:*:{service}:*:*:{resource}"))
}
