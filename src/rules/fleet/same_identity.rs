//! Names that only one resource in the world can have.

use std::collections::BTreeMap;

use crate::check::{Facts, FleetReport, Known, View, rule};

rule! {
    SAME_IDENTITY = Error "fleet/same-identity";
    summary: "two environments claim a name that only one resource can have";
    explanation: "The name of an S3 bucket is taken for all accounts and regions at once. The second environment that is deployed fails to make its bucket, or, if both lie in one account and import it, two stacks write to the same data. Put the environment's name or the account into the bucket's name.";
    wrong: "
        --- # dev/storage/template.yaml
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            Properties: {BucketName: acme-logs}
        --- # prod/storage/template.yaml
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            Properties: {BucketName: acme-logs}
    ";
    right: "
        --- # dev/storage/template.yaml
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            Properties: {BucketName: acme-dev-logs}
        --- # prod/storage/template.yaml
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            Properties: {BucketName: acme-prod-logs}
    ";
}

pub(super) fn collect(view: &View<'_>, facts: &mut Facts) {
    for template in view.templates() {
        for bucket in template.resources_of("AWS::S3::Bucket") {
            // A name made by a function may hold the account, which is not known.
            if let Some(node) = bucket.property("BucketName")
                && let Some(name) = node.text()
            {
                facts.add(&node, [name, bucket.id]);
            }
        }
    }
}

pub(super) fn judge(known: &[Known<'_>], report: &mut FleetReport) {
    let mut first: BTreeMap<&str, &Known<'_>> = BTreeMap::new();
    for one in known {
        let name = one.word(0);
        let Some(other) = first.get(name) else {
            first.insert(name, one);
            continue;
        };
        if other.environment == one.environment {
            continue;
        }
        let (a, b) = (other.environment, one.environment);
        report
            .at(&SAME_IDENTITY, one, format!("`{a}` and `{b}` both make the bucket `{name}`"))
            .label("a bucket's name is unique in the world")
            .also_in(other, format!("`{a}` has it too"))
            .help("make the environment's name a part of the bucket's name");
    }
}
