//! Where web ACLs write their logs.

use super::written;
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    WAF_LOG = Error "cfn/waf-log";
    summary: "a web ACL logs to something whose name does not begin with `aws-waf-logs-`";
    explanation: "WAF writes only to log groups, buckets and Firehose streams whose names begin with `aws-waf-logs-`, and refuses any other (docs.aws.amazon.com, \"AWS WAF logging destinations\").";
    wrong: "
        Resources:
          Logs: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Properties: {LogGroupName: waf-prod}}
          Logging: {Type: AWS::WAFv2::LoggingConfiguration, Properties: {ResourceArn: a, LogDestinationConfigs: [!GetAtt Logs.Arn]}}
    ";
    right: "
        Resources:
          Logs: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Properties: {LogGroupName: aws-waf-logs-prod}}
          Logging: {Type: AWS::WAFv2::LoggingConfiguration, Properties: {ResourceArn: a, LogDestinationConfigs: [!GetAtt Logs.Arn]}}
    ";
}

const PREFIX: &str = "aws-waf-logs-";

/// What has a name that logs can go to.
const DESTINATIONS: [(&str, &str); 3] = [
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName"),
];
/// What stands before the name in an ARN.
const MARKS: [&str; 3] = [":log-group:", ":s3:::", ":deliverystream/"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for logging in template.resources_of("AWS::WAFv2::LoggingConfiguration") {
            let destinations = logging.property("LogDestinationConfigs");
            for destination in destinations.iter().flat_map(Node::items) {
                judge(&destination, template, report);
            }
        }
    }
}

fn judge(destination: &Node<'_>, template: &Template<'_>, report: &mut Report) {
    let written = written(destination);
    let text = written.as_ref().and_then(Node::text).unwrap_or_default();
    let name = MARKS.iter().find_map(|mark| Some(text.split_once(mark)?.1));
    let name = name.map(|name| name.split(':').next().unwrap_or(name));
    match (written, name) {
        // `…:log-group:${Logs}`.
        (_, Some(name)) if name.starts_with("${") => {
            let id = name.trim_start_matches("${").trim_end_matches('}');
            named(template.resource(id), destination, report);
        }
        (Some(node), Some(name)) if !name.starts_with(PREFIX) => say(&node, name, None, report),
        (Some(_), _) => {}
        (None, _) => {
            let reference = template.references().iter().find(|it| it.node.is_within(destination));
            named(reference.and_then(|it| template.resource(it.to)), destination, report);
        }
    }
}

/// Judges what a template makes itself for the logs.
fn named(resource: Option<&Resource<'_>>, destination: &Node<'_>, report: &mut Report) {
    let Some(resource) = resource else { return };
    let Some((_, property)) = DESTINATIONS.iter().find(|(kind, _)| *kind == resource.kind) else { return };
    let Some(property) = resource.property(property) else {
        // CloudFormation makes a name of the stack's.
        report
            .at(&WAF_LOG, &resource.node, format!("`{}` takes the logs of a web ACL and has no name", resource.id))
            .also(destination, "its logs go there")
            .help(format!("name it `{PREFIX}…`: WAF writes to nothing else"));
        return;
    };
    let Some(node) = written(&property) else { return };
    let name = node.text().unwrap_or_default();
    if !name.starts_with(PREFIX) && !name.starts_with("${") {
        say(&node, name, Some(destination), report);
    }
}

fn say(node: &Node<'_>, name: &str, from: Option<&Node<'_>>, report: &mut Report) {
    let draft = report.at(&WAF_LOG, node, format!("WAF does not write logs to `{name}`"));
    if let Some(from) = from {
        draft.also(from, "a web ACL logs to it");
    }
    draft.help(format!("name it `{PREFIX}…`: WAF writes to nothing else"));
}
