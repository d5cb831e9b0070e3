//! Kinds of things that have a name of their own: what they are called, which resources make them, and by what word
//! `outside` declares them.

/// One kind.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) what: &'static str,
    /// Among [`crate::project::outside::KINDS`].
    pub(super) outside: &'static str,
    /// The type of resource, and the property that names it.
    pub(super) resource: &'static str,
    pub(super) property: &'static str,
}

const fn kind(what: &'static str, outside: &'static str, resource: &'static str, property: &'static str) -> Kind {
    Kind { what, outside, resource, property }
}

pub(super) static BUCKET: Kind = kind("bucket", "buckets", "AWS::S3::Bucket", "BucketName");
pub(super) static FUNCTION: Kind = kind("function", "functions", "AWS::Lambda::Function", "FunctionName");
pub(super) static HOSTED_ZONE: Kind = kind("hosted zone", "hosted-zones", "AWS::Route53::HostedZone", "Name");
pub(super) static KEY_ALIAS: Kind = kind("key alias", "key-aliases", "AWS::KMS::Alias", "AliasName");
pub(super) static LOG_GROUP: Kind = kind("log group", "log-groups", "AWS::Logs::LogGroup", "LogGroupName");
pub(super) static PARAMETER: Kind = kind("parameter", "parameters", "AWS::SSM::Parameter", "Name");
pub(super) static QUEUE: Kind = kind("queue", "queues", "AWS::SQS::Queue", "QueueName");
pub(super) static ROLE: Kind = kind("role", "roles", "AWS::IAM::Role", "RoleName");
pub(super) static STORED_SECRET: Kind = kind("secret", "stored-secrets", "AWS::SecretsManager::Secret", "Name");
pub(super) static TABLE: Kind = kind("table", "tables", "AWS::DynamoDB::Table", "TableName");
pub(super) static TOPIC: Kind = kind("topic", "topics", "AWS::SNS::Topic", "TopicName");
