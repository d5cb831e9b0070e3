//! Sources and detail types of events.

use super::meant;
use crate::check::{Node, Report, View, rule};

rule! {
    EVENT_PATTERN = Error "cfn/event-pattern";
    summary: "a rule waits for events of a name that is nearly one of AWS's";
    explanation: "EventBridge takes any pattern: one that nothing fits is never reported, and the target hears nothing. Of the services of AWS that are in the table the detail types are known; one that is nearly such a name, or lacks one of its words, is an error, and any other may be new. It is the same with the sources: `aws.ec2`, not `ec2.aws`.";
    wrong: "
        Resources:
          Rule:
            Type: AWS::Events::Rule
            Properties:
              EventPattern: {source: [aws.ec2], detail-type: [EC2 Spot Interruption Warning]}
              Targets: [{Id: queue, Arn: 'arn:aws:sqs:eu-central-1:012345678901:events'}]
    ";
    right: "
        Resources:
          Rule:
            Type: AWS::Events::Rule
            Properties:
              EventPattern: {source: [aws.ec2], detail-type: [EC2 Spot Instance Interruption Warning]}
              Targets: [{Id: queue, Arn: 'arn:aws:sqs:eu-central-1:012345678901:events'}]
    ";
}

/// docs.aws.amazon.com, "AWS service events delivered via `EventBridge`" and the pages of the services, looked up on 2026-11-30.
static TYPES: &[(&str, &[&str])] = &[
    (
        "aws.ec2",
        &[
            "EC2 Spot Instance Interruption Warning",
            "EC2 Instance Rebalance Recommendation",
            "EC2 Instance State-change Notification",
            "EC2 Spot Instance Request Fulfillment",
            "EC2 AMI State Change",
            "EC2 Fleet State Change",
            "EC2 Fleet Spot Instance Request Change",
            "EC2 Fleet Instance Change",
            "EC2 Fleet Information",
            "EC2 Fleet Error",
            "EC2 Fast Launch State-change Notification",
            "EC2 Capacity Reservation Instance Interruption Warning",
            "EC2 Capacity Block Expiration Warning",
            "EC2 Capacity Block Reservation Delivered",
            "EC2 ODCR Underutilization Warning",
            "EBS Volume Notification",
            "EBS Snapshot Notification",
            "EBS Multi-Volume Snapshots Completion Status",
            "EBS Fast Snapshot Restore State-change Notification",
        ],
    ),
    ("aws.health", &["AWS Health Event", "AWS Health Abuse Event"]),
    (
        "aws.autoscaling",
        &[
            "EC2 Instance-launch Lifecycle Action",
            "EC2 Instance-terminate Lifecycle Action",
            "EC2 Instance Launch Successful",
            "EC2 Instance Launch Unsuccessful",
            "EC2 Instance Terminate Successful",
            "EC2 Instance Terminate Unsuccessful",
            "EC2 Auto Scaling Instance Refresh Started",
            "EC2 Auto Scaling Instance Refresh Succeeded",
            "EC2 Auto Scaling Instance Refresh Failed",
            "EC2 Auto Scaling Instance Refresh Cancelled",
            "EC2 Auto Scaling Instance Refresh Checkpoint Reached",
        ],
    ),
    (
        "aws.s3",
        &[
            "Object Created",
            "Object Deleted",
            "Object Restore Initiated",
            "Object Restore Completed",
            "Object Restore Expired",
            "Object Storage Class Changed",
            "Object Access Tier Changed",
            "Object ACL Updated",
            "Object Tags Added",
            "Object Tags Deleted",
        ],
    ),
    (
        "aws.ecr",
        &[
            "ECR Image Action",
            "ECR Image Scan",
            "ECR Pull Through Cache Action",
            "ECR Replication Action",
            "ECR Scan Resource Change",
            "ECR Referrer Action",
        ],
    ),
    ("aws.eks", &["EKS Cluster State Change", "EKS Nodegroup State Change", "EKS Addon State Change"]),
    (
        "aws.ecs",
        &[
            "ECS Task State Change",
            "ECS Container Instance State Change",
            "ECS Deployment State Change",
            "ECS Service Action",
        ],
    ),
    (
        "aws.guardduty",
        &[
            "GuardDuty Finding",
            "GuardDuty Malware Protection Object Scan Result",
            "GuardDuty Malware Protection Resource Status Active",
            "GuardDuty Runtime Protection Healthy",
            "GuardDuty Runtime Protection Unhealthy",
        ],
    ),
    (
        "aws.securityhub",
        &[
            "Security Hub Findings - Imported",
            "Security Hub Findings - Custom Action",
            "Security Hub Insight Results",
            "Findings Imported V2",
        ],
    ),
    (
        "aws.acm",
        &[
            "ACM Certificate Approaching Expiration",
            "ACM Certificate Expired",
            "ACM Certificate Available",
            "ACM Certificate Renewal Action Required",
            "ACM Certificate Revoked",
        ],
    ),
    (
        "aws.backup",
        &[
            "Backup Job State Change",
            "Copy Job State Change",
            "Restore Job State Change",
            "Backup Vault State Change",
            "Recovery Point State Change",
            "Region Settings State Change",
            "Report Job State Change",
            "Scan Job State Change",
        ],
    ),
    ("aws.cloudwatch", &["CloudWatch Alarm State Change", "CloudWatch Alarm Configuration Change"]),
    (
        "aws.codepipeline",
        &[
            "CodePipeline Pipeline Execution State Change",
            "CodePipeline Stage Execution State Change",
            "CodePipeline Action Execution State Change",
        ],
    ),
    ("aws.codebuild", &["CodeBuild Build State Change", "CodeBuild Build Phase Change"]),
    (
        "aws.cloudformation",
        &[
            "CloudFormation Stack Status Change",
            "CloudFormation Resource Status Change",
            "CloudFormation Drift Detection Status Change",
            "CloudFormation StackSet Status Change",
            "CloudFormation StackSet StackInstance Status Change",
            "CloudFormation StackSet Operation Status Change",
            "CloudFormation Hook Invocation Progress",
        ],
    ),
    (
        "aws.rds",
        &[
            "RDS DB Instance Event",
            "RDS DB Cluster Event",
            "RDS DB Snapshot Event",
            "RDS DB Cluster Snapshot Event",
            "RDS DB Parameter Group Event",
            "RDS DB Security Group Event",
            "RDS DB Proxy Event",
            "RDS Blue Green Deployment Event",
        ],
    ),
    ("aws.secretsmanager", &[]),
    ("aws.ssm", &[]),
    ("aws.config", &[]),
    ("aws.inspector2", &["Inspector2 Finding", "Inspector2 Scan", "Inspector2 Coverage"]),
    ("aws.kms", &["KMS CMK Deletion", "KMS CMK Rotation", "KMS Imported Key Material Expiration"]),
    ("aws.tag", &["Tag Change on Resource"]),
    ("aws.trustedadvisor", &["Trusted Advisor Check Item Refresh Notification"]),
    ("aws.sns", &[]),
    ("aws.sqs", &[]),
    ("aws.lambda", &[]),
    ("aws.iam", &[]),
    ("aws.signin", &[]),
    ("aws.sts", &[]),
];

/// What any service may send.
const OF_ALL: [&str; 6] = [
    "AWS API Call via CloudTrail",
    "AWS Service Event via CloudTrail",
    "AWS Insight via CloudTrail",
    "AWS Console Action via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "Scheduled Event",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for pattern in view.resources_of("AWS::Events::Rule").filter_map(|it| it.property("EventPattern")) {
        let (Some(sources), types) = (texts(pattern.get("source")), pattern.get("detail-type")) else { continue };
        let known = sources.iter().map(|node| source(node, report)).collect::<Option<Vec<_>>>();
        let (Some(known), Some(types)) = (known, texts(types)) else { continue };
        let known: Vec<&str> = known.into_iter().flatten().copied().chain(OF_ALL).collect();
        for node in types.iter().filter(|node| node.text().is_some_and(|text| !known.contains(&text))) {
            let text = node.text().unwrap_or_default();
            let Some(near) = meant(text, &known) else { continue };
            report
                .at(&EVENT_PATTERN, node, format!("no event has the detail type `{text}`"))
                .label("the rule never fires")
                .help(format!("did you mean `{near}`?"));
        }
    }
}

/// The plain texts of a list; none if it is something else, or has a filter.
fn texts(list: Option<Node<'_>>) -> Option<Vec<Node<'_>>> {
    let items = list?.items();
    (!items.is_empty() && items.iter().all(|item| item.text().is_some())).then_some(items)
}

/// The detail types of a source; none if the table has not all of them.
fn source(node: &Node<'_>, report: &mut Report) -> Option<&'static [&'static str]> {
    let text = node.text()?;
    if let Some((_, types)) = TYPES.iter().find(|(name, _)| *name == text) {
        return Some(types).filter(|types| !types.is_empty()).copied();
    }
    let turned = text.strip_suffix(".aws").map(|name| format!("aws.{name}"));
    let plain = text.strip_suffix(".amazonaws.com").map(|name| format!("aws.{name}"));
    let bare = (!text.contains('.')).then(|| format!("aws.{text}"));
    let meant = [turned, plain, bare].into_iter().flatten().find(|it| TYPES.iter().any(|(name, _)| name == it));
    if let Some(meant) = meant {
        report
            .at(&EVENT_PATTERN, node, format!("no service of AWS sends events as `{text}`"))
            .label("the rule never fires")
            .help(format!("did you mean `{meant}`?"));
    }
    None
}
