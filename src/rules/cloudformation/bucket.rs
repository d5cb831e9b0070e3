//! Buckets: encrypted, closed to the public, reached by TLS only.

use super::choices;
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    ENCRYPTION = Warning "cfn/bucket-encryption";
    summary: "a bucket does not say how it encrypts";
    explanation: "S3 encrypts new objects by itself, with keys of its own. What auditors and later readers look for is the template that says so: `BucketEncryption` with `AES256`, or with `aws:kms` and a key.";
    wrong: "
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
    ";
    right: "
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}
              PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
    ";
}

rule! {
    PUBLIC = Error "cfn/bucket-public";
    summary: "a bucket is opened to the public";
    explanation: "A bucket that sets some of the four switches of `PublicAccessBlockConfiguration` has the others off, and can be opened to the world by one policy or one object's ACL. One that sets none has S3's default (cfn/bucket-access-block). If it is meant to be public, acknowledge the finding and say why.";
    wrong: "
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}
              PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true}
    ";
    right: "
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}
              PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
    ";
}

rule! {
    ACCESS_BLOCK = Warning "cfn/bucket-access-block";
    summary: "a bucket does not say that it is closed to the public";
    explanation: "S3 closes new buckets to the public by itself since 2023. What auditors and later readers look for is the template that says so, by all four switches of `PublicAccessBlockConfiguration`; where some are off, it is an error (cfn/bucket-public).";
    wrong: "
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}
    ";
    right: "
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}
              PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
    ";
}

rule! {
    TLS = Warning "cfn/bucket-tls";
    summary: "a bucket's policy lets requests without TLS pass";
    explanation: "A bucket takes requests by HTTP as well as by HTTPS unless its policy denies those whose `aws:SecureTransport` is false, for the bucket and for its objects. The rule looks at buckets that have a policy in the same template.";
    wrong: "
        Resources:
          LogsPolicy:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: logs
              PolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: logging.s3.amazonaws.com}, Action: s3:PutObject, Resource: 'arn:aws:s3:::logs/*'}]}
    ";
    right: "
        Resources:
          LogsPolicy:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: logs
              PolicyDocument:
                Statement:
                  - {Effect: Allow, Principal: {Service: logging.s3.amazonaws.com}, Action: s3:PutObject, Resource: 'arn:aws:s3:::logs/*'}
                  - {Effect: Deny, Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::logs', 'arn:aws:s3:::logs/*'], Condition: {Bool: {aws:SecureTransport: 'false'}}}
    ";
}

rule! {
    SHUT = Error "cfn/bucket-shut";
    summary: "a bucket's policy denies everybody who uses TLS";
    explanation: "A statement that denies where `aws:SecureTransport` is true is the wrong way round: it denies every request by HTTPS, which all SDKs, the console and CloudFormation send, and lets those by HTTP pass. Nobody but the root user of the account can take such a policy back.";
    wrong: "
        Resources:
          LogsPolicy:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: logs
              PolicyDocument:
                Statement:
                  - {Effect: Deny, Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::logs', 'arn:aws:s3:::logs/*'], Condition: {Bool: {aws:SecureTransport: 'true'}}}
    ";
    right: "
        Resources:
          LogsPolicy:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: logs
              PolicyDocument:
                Statement:
                  - {Effect: Deny, Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::logs', 'arn:aws:s3:::logs/*'], Condition: {Bool: {aws:SecureTransport: 'false'}}}
    ";
}

const SWITCHES: [&str; 4] = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for bucket in template.resources_of("AWS::S3::Bucket") {
            judge(bucket, report);
        }
        policies(template, report);
    }
}

fn judge(bucket: &Resource<'_>, report: &mut Report) {
    let encryption = bucket.property("BucketEncryption");
    if choices(encryption.as_ref()).is_some_and(|choices| choices.iter().any(Option::is_none)) {
        report
            .at(&ENCRYPTION, &bucket.node, format!("the bucket `{}` does not say how it encrypts", bucket.id))
            .help("set `BucketEncryption`, with `SSEAlgorithm: AES256` at least");
    }
    let block = bucket.property("PublicAccessBlockConfiguration");
    let all = choices(block.as_ref()).unwrap_or_default();
    let is_closed = |choice: &Option<Node<'_>>| SWITCHES.into_iter().all(|switch| is_on(choice.as_ref(), switch));
    let is_chosen = all.iter().any(is_closed);
    for choice in all {
        let off: Vec<&str> = SWITCHES.into_iter().filter(|switch| !is_on(choice.as_ref(), switch)).collect();
        if off.is_empty() {
            continue;
        }
        let Some(place) = choice else {
            let place = block.as_ref().unwrap_or(&bucket.node);
            report
                .at(
                    &ACCESS_BLOCK,
                    place,
                    format!("the bucket `{}` does not say that it is closed to the public", bucket.id),
                )
                .help("set all switches of `PublicAccessBlockConfiguration` to true");
            return;
        };
        let draft = report.at(&PUBLIC, &place, format!("the bucket `{}` can be opened to the public", bucket.id));
        draft.help(format!("set `{}` of `PublicAccessBlockConfiguration` to true", off.join("`, `")));
        // Whoever deploys it chooses.
        if is_chosen {
            draft.warning();
        }
        return;
    }
}

fn is_on(block: Option<&Node<'_>>, switch: &str) -> bool {
    let value = block.and_then(|block| block.get(switch));
    // A function may give anything.
    value.is_some_and(|node| !matches!(node.value, Value::Bool(false)) && node.text() != Some("false"))
}

fn policies(template: &Template<'_>, report: &mut Report) {
    for policy in template.resources_of("AWS::S3::BucketPolicy") {
        let Some(document) = policy.property("PolicyDocument") else { continue };
        let statements = document.get("Statement");
        let statements: Vec<Node<'_>> = statements.iter().flat_map(Node::one_or_more).collect();
        let Some(statements) = statements.iter().map(|it| choices(Some(it))).collect::<Option<Vec<_>>>() else {
            continue;
        };
        let statements: Vec<Node<'_>> =
            statements.into_iter().flatten().flatten().flat_map(|it| it.one_or_more()).collect();
        // With another condition beside it, it is about some requests.
        let alone = |statement: &Node<'_>| {
            let conditions = statement.get("Condition").map(|it| it.entries()).unwrap_or_default();
            conditions.len() == 1 && conditions.iter().all(|(_, keys)| keys.entries().len() == 1)
        };
        if let Some(asked) = statements.iter().filter(|it| alone(it)).find_map(|it| transport(it, true)) {
            report
                .at(&SHUT, &asked, format!("`{}` denies every request with TLS", policy.id))
                .help("deny where `aws:SecureTransport` is `\"false\"`");
        } else if !statements.is_empty() && !statements.iter().any(|it| transport(it, false).is_some()) {
            report
                .at(&TLS, &document, format!("`{}` lets requests without TLS pass", policy.id))
                .help("deny all with `Condition: {Bool: {aws:SecureTransport: \"false\"}}`");
        }
    }
}

/// Where a statement denies requests that have TLS, or have none.
fn transport<'a>(statement: &Node<'a>, has: bool) -> Option<Node<'a>> {
    let asks = ["Bool", "BoolIfExists"].into_iter();
    let mut asks = asks.filter_map(|how| statement.at(["Condition", how, "aws:SecureTransport"]));
    let wanted = if has { "true" } else { "false" };
    let is = |node: &Node<'_>| node.text() == Some(wanted) || matches!(node.value, Value::Bool(value) if *value == has);
    asks.find(is).filter(|_| statement.text_at(["Effect"]) == Some("Deny"))
}
