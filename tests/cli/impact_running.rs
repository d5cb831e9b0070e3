//! What an update stops and starts, follows into other stacks, or cannot do.

use crate::impact::check;

/// One template, before and now.
fn stack(before: &str, after: &str, wanted: &str) {
    let template = |text: &str| format!("Resources:\n{text}\n");
    check(&[("t.yaml", &template(before), &template(after))], wanted);
}

#[test]
fn what_a_policy_makes_of_a_groups_instances() {
    let group = |policy: &str, version: u8| {
        format!(
            "  G: {{Type: AWS::AutoScaling::AutoScalingGroup, {policy}Properties: {{MinSize: '1', MaxSize: '2', LaunchTemplate: {{LaunchTemplateId: lt-0123456789abcdef0, Version: '{version}'}}}}}}"
        )
    };
    for (policy, wanted) in [
        (
            "UpdatePolicy: {AutoScalingRollingUpdate: {MaxBatchSize: 2}}, ",
            "rolls-nodes `LaunchTemplate` changes, 2 at a time",
        ),
        ("UpdatePolicy: {AutoScalingReplacingUpdate: {WillReplace: true}}, ", "replaces with all its instances"),
        (
            "UpdatePolicy: !If [A, {AutoScalingRollingUpdate: {}}, !Ref AWS::NoValue], ",
            "unknown what its `UpdatePolicy` makes",
        ),
        ("", "in-place its instances stay"),
    ] {
        let wanted = format!("t.yaml#G {wanted}");
        let template = |version| {
            format!("Conditions: {{A: !Equals [!Ref AWS::Region, a]}}\nResources:\n{}\n", group(policy, version))
        };
        if policy.contains("!If") {
            check(&[("t.yaml", &template(1), &template(2))], &wanted);
        } else {
            stack(&group(policy, 1), &group(policy, 2), &wanted);
        }
    }
}

#[test]
fn what_is_made_of_a_template_follows_it() {
    let all = |name: &str, image: &str| {
        format!(
            "  L: {{Type: AWS::EC2::LaunchTemplate, Properties: {{LaunchTemplateName: {name}, LaunchTemplateData: {{ImageId: {image}}}}}}}
  G: {{Type: AWS::AutoScaling::AutoScalingGroup, UpdatePolicy: {{AutoScalingRollingUpdate: {{MaxBatchSize: 1}}}}, Properties: {{MinSize: '1', MaxSize: '1', LaunchTemplate: {{LaunchTemplateId: !Ref L, Version: !GetAtt L.LatestVersionNumber}}}}}}
  N: {{Type: AWS::EKS::Nodegroup, Properties: {{ClusterName: c, NodeRole: !Sub r, Subnets: !Split [x, s], LaunchTemplate: {{Id: !Ref L, Version: !GetAtt L.LatestVersionNumber}}}}}}"
        )
    };
    let (one, two) = ("ami-0123456789abcdef0", "ami-0123456789abcdef1");
    stack(
        &all("abc", one),
        &all("abc", two),
        "t.yaml#L in-place `LaunchTemplateData` changes
        t.yaml#G rolls-nodes `L` has a new version
        t.yaml#N rolls-nodes `L` has a new version",
    );
    stack(
        &all("abc", one),
        &all("xyz", one),
        "t.yaml#L replaces its `LaunchTemplateName`
        t.yaml#G rolls-nodes it refers to `L`
        t.yaml#N blocks a group keeps its template",
    );
    // The same through a parameter.
    let given = |image: &str| {
        let parameter = format!("Parameters: {{Image: {{Type: String, Default: {image}}}}}\nResources:\n");
        parameter + &all("abc", "!Ref Image") + "\n"
    };
    check(
        &[("t.yaml", &given(one), &given(two))],
        "t.yaml#L in-place the parameter `Image` changes
        t.yaml#G rolls-nodes `L` has a new version
        t.yaml#N rolls-nodes `L` has a new version",
    );
}

#[test]
fn what_runs_is_stopped_and_started() {
    let tasks = |image: &str| {
        format!(
            "  T: {{Type: AWS::ECS::TaskDefinition, Properties: {{ContainerDefinitions: [{{Name: a, Image: '{image}'}}]}}}}\n  S: {{Type: AWS::ECS::Service, Properties: {{Cluster: c, TaskDefinition: !Ref T}}}}"
        )
    };
    stack(
        &tasks("a:1"),
        &tasks("a:2"),
        "t.yaml#T replaces its `ContainerDefinitions`\nt.yaml#S restarts stops its tasks",
    );
    let database = |text: &str| format!("  D: {{Type: AWS::RDS::DBInstance, Properties: {{{text}}}}}");
    let class = |class: &str| database(&format!("DBInstanceClass: {class}"));
    stack(&class("db.m6g.large"), &class("db.m6g.xlarge"), "t.yaml#D restarts is interrupted");
    // The registry says that it may replace, and the user guide that it does not.
    let zones = |both: bool| database(&format!("DBInstanceClass: a, MultiAZ: {both}"));
    stack(&zones(false), &zones(true), "t.yaml#D in-place its `MultiAZ` changes");
    let addon =
        |text: &str| format!("  A: {{Type: AWS::EKS::Addon, Properties: {{AddonName: a, ClusterName: c, {text}}}}}");
    stack(&addon("AddonVersion: v1"), &addon("AddonVersion: v2"), "t.yaml#A restarts its pods");
    stack(
        &addon("ConfigurationValues: '{}'"),
        &addon("ConfigurationValues: '{\"a\": 1}'"),
        "t.yaml#A unknown is not known",
    );
}

#[test]
fn stacks_within_stacks_are_followed_if_they_are_there() {
    let around = |path: &str, network: &str| {
        format!(
            "Resources: {{N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {path}, Parameters: {{Vpc: {network}}}}}}}}}\n"
        )
    };
    let inner = "Parameters: {Vpc: {Type: String}}\nResources: {S: {Type: AWS::EC2::Subnet, Properties: {CidrBlock: 10.0.0.0/24, VpcId: !Ref Vpc}}}\n";
    let (one, two) = ("vpc-0123456789abcdef0", "vpc-0123456789abcdef1");
    let nested = |before: &str, after: &str, wanted: &str| {
        check(&[("a/t.yaml", before, after), ("b/t.yaml", inner, inner)], wanted);
    };
    nested(
        &around("../b/t.yaml", one),
        &around("../b/t.yaml", two),
        "a/t.yaml#N in-place what comes of it is told of `b/t.yaml`
        b/t.yaml#S may-replace the parameter `Vpc` changes",
    );
    nested(
        &around("https://b/t.yaml", one),
        &around("https://b/t.yaml", two),
        "a/t.yaml#N unknown its own template decides",
    );
    nested(
        &around("https://b/t.yaml", one),
        &around("https://b/u.yaml", one),
        "a/t.yaml#N unknown its own template decides",
    );
}

#[test]
fn an_export_that_may_have_another_value_is_not_passed_over() {
    let network = |value: &str| {
        format!(
            "Resources: {{V: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.0.0.0/16}}}}}}\nOutputs: {{O: {{Value: {value}, Export: {{Name: vpc}}}}}}\n"
        )
    };
    let user =
        "Resources: {S: {Type: AWS::EC2::Subnet, Properties: {CidrBlock: 10.0.0.0/24, VpcId: !ImportValue vpc}}}\n";
    for value in ["!GetAtt V.CidrBlock", "!Sub '${V}-x'"] {
        check(
            &[("a.yaml", &network("!Ref V"), &network(value)), ("b.yaml", user, user)],
            "a.yaml#O unknown may have another value, and cannot change: `b.yaml` imports it",
        );
    }
}

#[test]
fn what_macros_make_of_settings_and_parameters() {
    let functions = |text: &str, own: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31\nGlobals: {{Function: {{{text}}}}}\nResources: {{F: {{Type: AWS::Serverless::Function, Properties: {{Runtime: python3.13, InlineCode: x, {own}}}}}}}\n"
        )
    };
    let globals = |before: &str, after: &str, wanted: &str| {
        check(&[("t.yaml", &functions(before, "Handler: a"), &functions(after, "Handler: a"))], wanted);
    };
    globals("Timeout: 3", "Timeout: 4", "t.yaml#Globals in-place the `Timeout` of `Globals` changes");
    globals("AutoPublishAlias: a", "AutoPublishAlias: b", "t.yaml#Globals unknown `Globals` changes");
    let own = |before: &str, after: &str, wanted: &str| {
        check(&[("t.yaml", &functions("Timeout: 3", before), &functions("Timeout: 3", after))], wanted);
    };
    own("Handler: a", "Handler: b", "t.yaml#F in-place its `Handler` changes");
    own("Handler: a, FunctionName: a", "Handler: a, FunctionName: b", "t.yaml#F replaces its `FunctionName`");
    own("Handler: a, Policies: [A]", "Handler: a, Policies: [B]", "t.yaml#F unknown is not known");
    let each = |names: &str| {
        format!(
            "Transform: AWS::LanguageExtensions\nParameters: {{Names: {{Type: CommaDelimitedList, Default: '{names}'}}}}\nResources: {{'Fn::ForEach::All': [Name, !Ref Names, {{'T${{Name}}': {{Type: AWS::SNS::Topic}}}}]}}\n"
        )
    };
    check(&[("t.yaml", &each("a,b"), &each("a"))], "t.yaml#Fn::ForEach::All unknown the parameter `Names` changes");
}

#[test]
fn updates_that_aws_refuses_whatever_the_registry_says() {
    let of = |kind: &str, text: &str| format!("  R: {{Type: AWS::{kind}, Properties: {{{text}}}}}");
    for (kind, before, after, wanted) in [
        ("KMS::Key", "Description: a", "Description: a, MultiRegion: true", "blocks its `MultiRegion`"),
        ("KMS::Key", "Description: a", "Description: a, MultiRegion: false", "in-place its `MultiRegion` changes"),
        (
            "Cognito::UserPool",
            "UsernameAttributes: [email]",
            "UsernameAttributes: [phone_number]",
            "blocks its `UsernameAttributes`",
        ),
        (
            "Cognito::UserPool",
            "Schema: [{Name: a, AttributeDataType: String}]",
            "Schema: [{Name: a, AttributeDataType: Number}]",
            "blocks attributes of its `Schema`",
        ),
        (
            "EC2::Volume",
            "AvailabilityZone: a, Size: 1",
            "AvailabilityZone: b, Size: 1",
            "blocks its `AvailabilityZone`",
        ),
        (
            "ElastiCache::CacheCluster",
            "CacheNodeType: c, Engine: redis, NumCacheNodes: 1, EngineVersion: '7.0'",
            "CacheNodeType: c, Engine: redis, NumCacheNodes: 1, EngineVersion: '6.2'",
            "blocks cannot go back",
        ),
        (
            "OpenSearchService::Domain",
            "EngineVersion: OpenSearch_2.11",
            "EngineVersion: OpenSearch_2.13",
            "destroys replaced by an empty one",
        ),
        (
            "OpenSearchService::Domain",
            "DomainName: d, EngineVersion: OpenSearch_2.11",
            "DomainName: d, EngineVersion: OpenSearch_2.13",
            "blocks under its own name",
        ),
        ("ElasticLoadBalancingV2::TargetGroup", "Name: a, Port: 80", "Name: a, Port: 81", "blocks under its own name"),
        (
            "EC2::NatGateway",
            "AllocationId: eipalloc-0123456789abcdef0, SubnetId: subnet-0123456789abcdef0",
            "AllocationId: eipalloc-0123456789abcdef0, SubnetId: subnet-0123456789abcdef1",
            "blocks while the old one has its address",
        ),
        ("Logs::LogGroup", "RetentionInDays: 90", "RetentionInDays: 30", "destroys older than it is to keep"),
        ("S3::Bucket", "Tags: []", "Tags: [], BucketName: abcd", "destroys replaced by an empty one"),
        (
            "SQS::Queue",
            "DelaySeconds: 1",
            "DelaySeconds: 1, FifoQueue: true",
            "may-replace the data in it are deleted then",
        ),
    ] {
        stack(&of(kind, before), &of(kind, after), &format!("t.yaml#R {wanted}"));
    }
    let protected = "  R: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceClass: a, DeletionProtection: true}}";
    stack(
        &format!("{protected}\n  T: {{Type: AWS::SNS::Topic}}"),
        "  T: {Type: AWS::SNS::Topic}",
        "t.yaml#R blocks its `DeletionProtection` protects it",
    );
    let kept = "  R: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}";
    stack(kept, "  R: {Type: AWS::S3::Bucket}", "t.yaml#R in-place is kept no more when it leaves the template");
}

#[test]
fn what_is_kept_for_a_shorter_time_is_lost() {
    let of = |kind: &str, text: &str| format!("  R: {{Type: {kind}, Properties: {{{text}}}}}");
    for (kind, before, after) in [
        ("AWS::SQS::Queue", "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 172800"),
        // Four days, where nothing says it.
        ("AWS::SQS::Queue", "DelaySeconds: 0", "MessageRetentionPeriod: 60"),
        ("AWS::RDS::DBCluster", "BackupRetentionPeriod: 14", "BackupRetentionPeriod: 7"),
        (
            "AWS::APS::Workspace",
            "WorkspaceConfiguration: {RetentionPeriodInDays: 150}",
            "WorkspaceConfiguration: {RetentionPeriodInDays: 30}",
        ),
    ] {
        stack(&of(kind, before), &of(kind, after), "t.yaml#R destroys loses what is older than it is to keep");
        if before != "DelaySeconds: 0" {
            stack(&of(kind, after), &of(kind, before), "t.yaml#R in-place is updated");
        }
    }
    let days = |days: &str| of("AWS::Logs::LogGroup", &format!("RetentionInDays: !Ref {days}"));
    let with =
        |default: u8| format!("Parameters: {{D: {{Type: Number, Default: {default}}}}}\nResources:\n{}\n", days("D"));
    check(&[("t.yaml", &with(90), &with(30))], "t.yaml#R unknown may lose what is older");
}

#[test]
fn a_bucket_that_deletes_sooner() {
    let rules = |rules: &str| {
        format!("  B: {{Type: AWS::S3::Bucket, Properties: {{LifecycleConfiguration: {{Rules: [{rules}]}}}}}}")
    };
    let lost = "t.yaml#B destroys loses what is older than it is to keep: its `LifecycleConfiguration` changes";
    let kept = "t.yaml#B in-place is updated";
    let goes = |before: &str, after: &str| {
        stack(&rules(before), &rules(after), lost);
        stack(&rules(after), &rules(before), kept);
    };
    goes("{Id: a, Status: Enabled, ExpirationInDays: 97}", "{Id: a, Status: Enabled, ExpirationInDays: 37}");
    goes("{Id: a, Status: Disabled, ExpirationInDays: 7}", "{Id: a, Status: Enabled, ExpirationInDays: 7}");
    goes(
        "{Status: Enabled, Prefix: a/, ExpirationInDays: 7}",
        "{Status: Enabled, Prefix: a/, ExpirationInDays: 7}, {Status: Enabled, Prefix: b/, ExpirationInDays: 7}",
    );
    goes(
        "{Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: 30}}",
        "{Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: 7}}",
    );
    goes(
        "{Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: 7, NewerNoncurrentVersions: 5}}",
        "{Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: 7, NewerNoncurrentVersions: 2}}",
    );
    // Another rule took them already, and one that only moves them takes none.
    let both = "{Status: Enabled, ExpirationInDays: 7}, {Status: Enabled, Prefix: a/, ExpirationInDays: 3";
    stack(&rules(&format!("{both}0}}")), &rules(&format!("{both}}}")), lost);
    stack(&rules(&format!("{both}0}}")), &rules(&format!("{both}1}}")), kept);
    let moved = |days: u8| {
        rules(&format!("{{Status: Enabled, Transitions: [{{StorageClass: GLACIER_IR, TransitionInDays: {days}}}]}}"))
    };
    stack(&moved(90), &moved(30), kept);
    // With versions, what expires is kept as one of them.
    let versions = |days: u8| {
        format!(
            "  B: {{Type: AWS::S3::Bucket, Properties: {{VersioningConfiguration: {{Status: Enabled}}, LifecycleConfiguration: {{Rules: [{{Status: Enabled, ExpirationInDays: {days}}}]}}}}}}"
        )
    };
    stack(&versions(90), &versions(30), kept);
}
