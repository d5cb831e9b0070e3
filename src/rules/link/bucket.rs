//! Buckets that charts keep their data in.

use super::{demand, kinds, made, values};
use crate::check::{Node, Report, View, rule};

rule! {
    BUCKET = Error "link/bucket";
    summary: "a chart keeps its data in a bucket that no template makes";
    explanation: "The chart is installed and its pods start; what they should keep is refused by S3, and nobody has it when it is needed. Judged in trees that make buckets, all with names that are written out, in values under keys such as `bucket`, `bucketName` and `bucketNames`, and not beside another cloud's settings. Name a bucket of another stack under `buckets` of `outside`.";
    wrong: "
        --- # backup/template.yaml
        Resources:
          Backups: {Type: AWS::S3::Bucket, Properties: {BucketName: prod-backups}}
        --- # velero/values.yaml
        configuration:
          backupStorageLocation: [{provider: aws, bucket: prod-backup}]
    ";
    right: "
        --- # backup/template.yaml
        Resources:
          Backups: {Type: AWS::S3::Bucket, Properties: {BucketName: prod-backups}}
        --- # velero/values.yaml
        configuration:
          backupStorageLocation: [{provider: aws, bucket: prod-backups}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(buckets) = made(view, &kinds::BUCKET) else { return };
    for (_, values) in values(view) {
        let mut elsewhere = Vec::new();
        values.walk(&mut |node| {
            if node.text_at(["provider"]).is_some_and(|provider| !is_aws(provider)) {
                elsewhere.push(*node);
            }
            let is_under = |above: &Node<'_>| node.is_within(above);
            if !names_bucket(node) || is_other_cloud(node) || elsewhere.iter().any(is_under) {
                return;
            }
            // Some charts take several in one text.
            for name in node.text().into_iter().flat_map(|text| text.split(',')).map(str::trim) {
                if !name.is_empty() && !name.contains(['$', '{', '/', ':']) {
                    demand((view, report), &BUCKET, &kinds::BUCKET, node, name, &buckets);
                }
            }
        });
    }
}

pub(super) fn names_bucket(node: &Node<'_>) -> bool {
    let is_plural = |key: &str| matches!(key, "bucketNames" | "bucketnames");
    let above = node.parent().and_then(|above| above.key());
    above.is_some_and(is_plural)
        || node.key().is_some_and(|key| is_plural(key) || matches!(key, "bucket" | "bucketName" | "s3Bucket"))
}

fn is_aws(provider: &str) -> bool {
    matches!(provider, "aws" | "s3" | "velero.io/aws")
}

/// The settings of a store that is not S3.
fn is_other_cloud(node: &Node<'_>) -> bool {
    let others = ["gcs", "azure", "swift", "oss", "cos", "bos", "obs", "alibabacloud", "minio"];
    std::iter::once(*node).chain(node.around()).any(|it| it.key().is_some_and(|key| others.contains(&key)))
}
