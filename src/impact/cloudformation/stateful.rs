//! Resources that hold what cannot be made again from a template.

const STATEFUL: [&str; 20] = [
    "AWS::APS::Workspace",
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::FSx::FileSystem",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Route53::HostedZone",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
];

/// Types that no rule asks a policy of, and that hold data all the same.
const HOLDING: [&str; 21] = [
    "AWS::AmazonMQ::Broker",
    "AWS::CloudTrail::EventDataStore",
    "AWS::CodeCommit::Repository",
    "AWS::DocDBElastic::Cluster",
    "AWS::ECR::PublicRepository",
    "AWS::ElastiCache::CacheCluster",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::Volume",
    "AWS::KinesisVideo::Stream",
    "AWS::Kinesis::Stream",
    "AWS::Lightsail::Database",
    "AWS::MSK::Cluster",
    "AWS::MemoryDB::Cluster",
    "AWS::OpenSearchServerless::Collection",
    "AWS::QLDB::Ledger",
    "AWS::Redshift::Cluster",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3Tables::Table",
    "AWS::SQS::Queue",
    "AWS::Timestream::Database",
    "AWS::Timestream::Table",
];

/// Whether data go with a resource of a type.
pub(super) fn holds_data(kind: &str) -> bool {
    is_stateful(kind) || HOLDING.contains(&kind)
}

/// Whether resources of a type hold what cannot be made again from a template.
pub(crate) fn is_stateful(kind: &str) -> bool {
    STATEFUL.contains(&kind)
}
