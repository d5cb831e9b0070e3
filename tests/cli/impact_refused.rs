//! Updates that AWS refuses, of properties together or by what was there: nothing rolls for them, and nothing follows them.

use crate::impact::{check, object};

/// One template, before and now.
fn stack(before: &str, after: &str, wanted: &str) {
    let template = |text: &str| format!("Resources:\n{text}\n");
    check(&[("t.yaml", &template(before), &template(after))], wanted);
}

fn nodes(rest: &str) -> String {
    format!(
        "  N: {{Type: AWS::EKS::Nodegroup, Properties: {{ClusterName: c, NodeRole: !Sub r, Subnets: [subnet-0123456789abcdef0], {rest}}}}}"
    )
}

#[test]
fn a_group_of_nodes_takes_its_version_alone() {
    for (before, after, wanted) in [
        (
            "Version: '1.34', ScalingConfig: {MinSize: 1}",
            "Version: '1.35', ScalingConfig: {MinSize: 2}",
            "blocks its `Version` and its `ScalingConfig` cannot change together",
        ),
        (
            "ReleaseVersion: 1.58.0, Taints: [{Key: a, Effect: NO_SCHEDULE}]",
            "ReleaseVersion: 1.59.0, Taints: [{Key: b, Effect: NO_SCHEDULE}]",
            "blocks its `ReleaseVersion` and its `Taints` cannot change together",
        ),
        (
            "LaunchTemplate: {Id: x, Version: '1'}, Tags: {a: b}",
            "LaunchTemplate: {Id: x, Version: '2'}, Tags: {a: c}",
            "blocks its `LaunchTemplate` and its `Tags` cannot change together",
        ),
        // One call of the API takes both versions; a template takes all but tags.
        (
            "Version: '1.34', ReleaseVersion: 1.58.0",
            "Version: '1.35', ReleaseVersion: 1.59.0",
            "rolls-nodes its `ReleaseVersion` changes",
        ),
        (
            "LaunchTemplate: {Id: x, Version: '1'}, ScalingConfig: {MinSize: 1}",
            "LaunchTemplate: {Id: x, Version: '2'}, ScalingConfig: {MinSize: 2}",
            "rolls-nodes its `LaunchTemplate` changes",
        ),
        ("Version: '1.34', Tags: {a: b}", "Version: '1.35', Tags: {a: b}", "rolls-nodes its `Version` changes"),
    ] {
        stack(&nodes(before), &nodes(after), &format!("t.yaml#N {wanted}"));
    }
}

#[test]
fn a_new_version_of_its_launch_template_counts_as_well() {
    let all = |image: u8, rest: &str| {
        let template = format!(
            "  L: {{Type: AWS::EC2::LaunchTemplate, Properties: {{LaunchTemplateData: {{ImageId: ami-0123456789abcdef{image}}}}}}}\n"
        );
        template + &nodes(&format!("{rest}, LaunchTemplate: {{Id: !Ref L, Version: !GetAtt L.LatestVersionNumber}}"))
    };
    for (rest, now, property) in
        [("Version: '1.34'", "Version: '1.35'", "Version"), ("Tags: {a: b}", "Tags: {a: c}", "LaunchTemplate")]
    {
        let wanted =
            format!("t.yaml#L in-place `LaunchTemplateData` changes\nt.yaml#N blocks its `{property}` and its");
        stack(&all(0, rest), &all(1, now), &wanted);
    }
}

#[test]
fn a_version_that_goes_back_rolls_no_nodes() {
    let cluster = |version: &str, own: &str| {
        format!(
            "  C: {{Type: AWS::EKS::Cluster, Properties: {{RoleArn: !Sub r, Version: '{version}', ResourcesVpcConfig: {{SubnetIds: [subnet-0123456789abcdef0]}}}}}}\n{}",
            nodes(&format!("Version: '{own}'"))
        )
    };
    let class = object(
        "karpenter.k8s.aws/v1\nkind: EC2NodeClass",
        "spec: {amiSelectorTerms: [{alias: bottlerocket@latest}], role: r}",
    );
    let pool = object(
        "karpenter.sh/v1\nkind: NodePool",
        "spec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: it}}}}",
    );
    let upgrade = |[from, of_nodes]: [&str; 2], [to, to_nodes]: [&str; 2], wanted: &str| {
        let template = |version, own| format!("Resources:\n{}\n", cluster(version, own));
        check(
            &[
                ("t.yaml", &template(from, of_nodes), &template(to, to_nodes)),
                ("class.yaml", &class, &class),
                ("pool.yaml", &pool, &pool),
            ],
            wanted,
        );
    };
    upgrade(
        ["1.35", "1.35"],
        ["1.34", "1.34"],
        "t.yaml#C blocks the step of `C` from 1.35 to 1.34
        t.yaml#N blocks its `Version` cannot go back",
    );
    upgrade(["1.35", "1.35"], ["1.35", "1.34"], "t.yaml#N blocks its `Version` cannot go back");
    upgrade(
        ["1.33", "1.33"],
        ["1.35", "1.35"],
        "t.yaml#C blocks the step of `C` from 1.33 to 1.35
        t.yaml#N blocks cannot be newer than its cluster, which stays at 1.33",
    );
    upgrade(
        ["1.34", "1.34"],
        ["1.35", "1.35"],
        "t.yaml#C in-place its `Version` changes
        t.yaml#N rolls-nodes its `Version` changes
        EC2NodeClass/shop/it rolls-nodes images for the cluster's version",
    );
}

#[test]
fn what_a_cluster_does_not_take_back() {
    let cluster = |rest: &str| {
        format!(
            "  C: {{Type: AWS::EKS::Cluster, Properties: {{RoleArn: !Sub r, ResourcesVpcConfig: {{SubnetIds: [subnet-0123456789abcdef0]}}, {rest}}}}}"
        )
    };
    let mode = |mode: &str| cluster(&format!("AccessConfig: {{AuthenticationMode: {mode}}}"));
    for (from, to, wanted) in [
        ("API", "API_AND_CONFIG_MAP", "blocks never goes back"),
        ("API", "CONFIG_MAP", "blocks never goes back"),
        ("API_AND_CONFIG_MAP", "CONFIG_MAP", "blocks never goes back"),
        ("CONFIG_MAP", "API", "blocks one step at a time"),
        ("CONFIG_MAP", "API_AND_CONFIG_MAP", "in-place its `AccessConfig` changes"),
        ("API_AND_CONFIG_MAP", "API", "in-place its `AccessConfig` changes"),
    ] {
        stack(&mode(from), &mode(to), &format!("t.yaml#C {wanted}"));
    }
    let endpoints = |public: &str, private: &str| {
        format!(
            "  C: {{Type: AWS::EKS::Cluster, Properties: {{RoleArn: !Sub r, ResourcesVpcConfig: {{SubnetIds: [subnet-0123456789abcdef0], EndpointPublicAccess: {public}, PublicAccessCidrs: [203.0.113.0/24], EndpointPrivateAccess: {private}}}}}}}"
        )
    };
    stack(&endpoints("false", "true"), &endpoints("false", "false"), "t.yaml#C blocks a public endpoint");
    stack(
        &endpoints("true", "true"),
        &endpoints("false", "true"),
        "t.yaml#C in-place its `ResourcesVpcConfig` changes",
    );
}

#[test]
fn what_may_need_another_one_has_its_name_taken() {
    let all = |name: &str, encryption: &str| {
        format!(
            "  C: {{Type: AWS::EKS::Cluster, Properties: {{{name}RoleArn: !Sub r, ResourcesVpcConfig: {{SubnetIds: [subnet-0123456789abcdef0]}}{encryption}}}}}
  A: {{Type: AWS::EKS::Addon, Properties: {{ClusterName: !Ref C, AddonName: coredns}}}}"
        )
    };
    let encrypted = ", EncryptionConfig: [{Resources: [secrets], Provider: {KeyArn: !Sub k}}]";
    let named = "t.yaml#C blocks cannot be made under its own name";
    stack(&all("Name: c, ", encrypted), &all("Name: c, ", ""), named);
    let without = "t.yaml#C may-replace its `EncryptionConfig`\nt.yaml#A may-replace it refers to `C`";
    stack(&all("", encrypted), &all("", ""), without);
}

#[test]
fn versions_of_a_bucket_with_locked_objects() {
    let bucket = |lock: &str, status: &str| {
        format!("  B: {{Type: AWS::S3::Bucket, Properties: {{{lock}VersioningConfiguration: {{Status: {status}}}}}}}")
    };
    let locked = "ObjectLockEnabled: true, ";
    stack(&bucket(locked, "Enabled"), &bucket(locked, "Suspended"), "t.yaml#B blocks cannot be suspended");
    stack(&bucket("", "Enabled"), &bucket("", "Suspended"), "t.yaml#B in-place its `VersioningConfiguration` changes");
}
