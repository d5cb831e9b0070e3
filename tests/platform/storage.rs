//! Buckets, whichever stack they belong to.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::everywhere;
use crate::tree::{Tree, changed, tags};

/// Every bucket of a tree: its template's path, logical id and resource.
fn buckets(tree: &Tree) -> Vec<(&str, &str, &Value)> {
    let mut found = Vec::new();
    for (path, template) in tree.templates() {
        let resources = template["Resources"].as_object().unwrap().iter();
        let of_kind = resources.filter(|(_, resource)| resource["Type"] == "AWS::S3::Bucket");
        found.extend(of_kind.map(|(id, resource)| (path, id.as_str(), resource)));
    }
    assert!(!found.is_empty(), "no bucket in {}", tree.environment);
    found
}

#[test]
fn e3_every_bucket_is_encrypted_by_s3_and_closed_to_the_public() {
    everywhere(|tree| {
        for (path, id, bucket) in buckets(tree) {
            let set = &bucket["Properties"];
            let encryption = &set["BucketEncryption"]["ServerSideEncryptionConfiguration"];
            assert_eq!(
                encryption,
                &json!([{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]),
                "{path} {id}"
            );
            assert_eq!(
                set["PublicAccessBlockConfiguration"],
                json!({
                    "BlockPublicAcls": true,
                    "BlockPublicPolicy": true,
                    "IgnorePublicAcls": true,
                    "RestrictPublicBuckets": true,
                }),
                "{path} {id}"
            );
            assert_eq!(set["OwnershipControls"]["Rules"], json!([{"ObjectOwnership": "BucketOwnerEnforced"}]));
        }
    });
}

#[test]
fn e3_nobody_comes_to_a_bucket_without_tls() {
    everywhere(|tree| {
        for (path, id, bucket) in buckets(tree) {
            let name = bucket["Properties"]["BucketName"].as_str().unwrap();
            let policies = tree.resources(path, "AWS::S3::BucketPolicy");
            let of_bucket: Vec<_> = policies.iter().filter(|(_, p)| p["Bucket"] == json!({"Ref": id})).collect();
            assert_eq!(of_bucket.len(), 1, "{path} {id}: S3 keeps one policy");
            let arn = format!("arn:${{AWS::Partition}}:s3:::{name}");
            let denied = json!({
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [{"Fn::Sub": arn}, {"Fn::Sub": format!("{arn}/*")}],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            });
            let statements = of_bucket[0].1["PolicyDocument"]["Statement"].as_array().unwrap();
            assert!(statements.contains(&denied), "{path} {id}: {statements:?}");
        }
    });
}

#[test]
fn buckets_outlive_their_stack_and_drop_what_was_never_finished() {
    everywhere(|tree| {
        for (path, id, bucket) in buckets(tree) {
            assert_eq!(
                (&bucket["DeletionPolicy"], &bucket["UpdateReplacePolicy"]),
                (&json!("RetainExceptOnCreate"), &json!("Retain")),
                "{path} {id}"
            );
            let rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"].as_array().unwrap();
            let abort = |rule: &Value| rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7;
            assert!(rules.iter().any(abort), "{path} {id}: {rules:?}");
        }
    });
}

/// The names of a tree's buckets.
fn names(tree: &Tree) -> BTreeSet<&str> {
    let all = buckets(tree);
    let names: BTreeSet<_> = all.iter().map(|(_, _, b)| b["Properties"]["BucketName"].as_str().unwrap()).collect();
    assert_eq!(names.len(), all.len(), "one name twice: {names:?}");
    names
}

#[test]
fn names_of_buckets_are_the_worlds_own() {
    everywhere(|tree| {
        for (path, id, bucket) in buckets(tree) {
            let name = bucket["Properties"]["BucketName"].as_str().unwrap();
            assert!(name.starts_with(&format!("{}-", tree.cluster())), "{path} {id}: {name}");
            assert_eq!(tags(&bucket["Properties"])["Environment"], tree.environment);
        }
        // The same cluster elsewhere.
        for other in ["aws.accountId=444444444444", "aws.region=eu-west-1"] {
            let other = changed(&tree.environment, &[other]);
            assert_eq!(names(tree).intersection(&names(&other)).count(), 0);
        }
    });
}

#[test]
fn a_cluster_with_the_longest_name_has_buckets_that_s3_takes() {
    let tree = changed("prod", &["cluster.name=a-cluster-with-the-longest-name1"]);
    assert!(names(&tree).iter().all(|name| (3..=63).contains(&name.len())), "{:?}", names(&tree));
}
