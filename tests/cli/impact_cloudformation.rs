//! What becomes of the resources of stacks.

use crate::impact::check;

/// Resources of one template, before and now.
fn resources(before: &str, after: &str, wanted: &str) {
    let template = |text: &str| {
        let text = text.replace("<NODES>", "ClusterName: c, NodeRole: !Sub r, Subnets: !Split [x, s]");
        format!("Conditions: {{Prod: !Equals [!Ref AWS::Region, eu-west-1]}}\nResources:\n{text}")
    };
    check(&[("t.yaml", &template(before), &template(after))], wanted);
}

#[test]
fn a_replaced_resource_takes_those_along_that_refer_to_it() {
    resources(
        "  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  Route: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Subnet, RouteTableId: rtb-1}}
  Named: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, GroupName: x, VpcId: !Ref Vpc}}
  Setting: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Vpc}}
  Thing: {Type: Custom::Thing, Properties: {ServiceToken: x, Vpc: !Ref Vpc}}
",
        "  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  Route: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Subnet, RouteTableId: rtb-1}}
  Named: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, GroupName: x, VpcId: !Ref Vpc}}
  Setting: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Vpc}}
  Thing: {Type: Custom::Thing, Properties: {ServiceToken: x, Vpc: !Ref Vpc}}
",
        "t.yaml#Vpc replaces its `CidrBlock` cannot be changed
        t.yaml#Subnet replaces it refers to `Vpc`
        t.yaml#Route replaces it refers to `Subnet`
        t.yaml#Named blocks cannot be replaced under its own name: it refers to `Vpc`
        t.yaml#Setting in-place it refers to `Vpc`
        t.yaml#Thing unknown it refers to `Vpc`",
    );
}

#[test]
fn data_is_lost_unless_something_keeps_it() {
    resources(
        "  Gone: {Type: AWS::S3::Bucket}
  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}
  Renamed: {Type: AWS::S3::Bucket, Properties: {BucketName: aaaa}}
  Left: {Type: AWS::S3::Bucket, UpdateReplacePolicy: Retain, Properties: {BucketName: cccc}}
  Rule: {Type: AWS::EC2::SecurityGroupIngress, Properties: {IpProtocol: tcp, FromPort: 1, ToPort: 1, GroupId: !Sub g, CidrIp: 10.0.0.0/8}}
",
        "  Renamed: {Type: AWS::S3::Bucket, Properties: {BucketName: bbbb}}
  Left: {Type: AWS::S3::Bucket, UpdateReplacePolicy: Retain, Properties: {BucketName: dddd}}
",
        "t.yaml#Gone destroys the data in it are deleted
        t.yaml#Kept nothing stays in the account
        t.yaml#Renamed destroys replaced by an empty one
        t.yaml#Left replaces its `BucketName`
        t.yaml#Rule destroys is deleted",
    );
}

#[test]
fn what_deployment_makes_the_same_replaces_nothing() {
    resources(
        "  Written: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/24}}
  Chosen: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: x, Name: a}}
  Both: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: x, Name: !If [Prod, a, b]}}
",
        "  Written: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.9/24}}
  Chosen: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: x, Name: !If [Prod, a, b]}}
  Both: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: x, Name: !If [Prod, a, !Sub b]}}
",
        "t.yaml#Written nothing means the same
        t.yaml#Chosen may-replace can need it
        t.yaml#Both nothing means the same",
    );
}

#[test]
fn nodes_roll_for_a_version_and_not_for_their_number() {
    resources(
        "  Template: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {ImageId: ami-0123456789abcdef0}}}
  Follows: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, LaunchTemplate: {Version: !GetAtt Template.LatestVersionNumber}}}
  Scaled: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, ScalingConfig: {MinSize: 1}}}
  Newer: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, Version: '1.34', UpdateConfig: {MaxUnavailablePercentage: 20}}}
  Other: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, AmiType: AL2023_x86_64_STANDARD}}
  Both: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, Version: '1.34', LaunchTemplate: {Id: x, Version: '1'}}}
",
        "  Template: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {ImageId: ami-0123456789abcdef1}}}
  Follows: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, LaunchTemplate: {Version: !GetAtt Template.LatestVersionNumber}}}
  Scaled: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, ScalingConfig: {MinSize: 2}}}
  Newer: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, Version: '1.35', UpdateConfig: {MaxUnavailablePercentage: 20}}}
  Other: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, AmiType: BOTTLEROCKET_x86_64}}
  Both: {Type: AWS::EKS::Nodegroup, Properties: {<NODES>, Version: '1.35', LaunchTemplate: {Id: x, Version: '2'}}}
",
        "t.yaml#Template in-place its `LaunchTemplateData` changes
        t.yaml#Follows rolls-nodes `Template` has a new version, 1 at a time
        t.yaml#Scaled in-place its `ScalingConfig` changes
        t.yaml#Newer rolls-nodes its `Version` changes, 20 % at a time
        t.yaml#Other replaces its `AmiType` cannot be changed
        t.yaml#Both blocks cannot change together",
    );
}

#[test]
fn a_parameter_and_what_depends_on_it() {
    let template = |default: &str| {
        format!(
            "Parameters: {{Size: {{Type: String, Default: {default}}}}}
Conditions: {{Big: !Equals [!Ref Size, big]}}
Resources:
  Named: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: x, Name: !Ref Size}}}}
  Holds: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: !Sub '${{Size}}'}}}}
  There: {{Type: AWS::SSM::Parameter, Condition: Big, Properties: {{Type: String, Value: x}}}}
  Calm: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: x}}}}
"
        )
    };
    check(
        &[("t.yaml", &template("small"), &template("big"))],
        "t.yaml#Named may-replace the parameter `Size` changes
        t.yaml#Holds in-place the parameter `Size` changes
        t.yaml#There unknown the condition `Big` changes",
    );
}

#[test]
fn an_export_in_use_can_neither_go_nor_change() {
    let network = |cidr: &str, output: &str| {
        format!("Resources: {{Vpc: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: {cidr}}}}}}}\nOutputs: {output}\n")
    };
    let output = "{Vpc: {Value: !Ref Vpc, Export: {Name: vpc}}, Zone: {Value: a, Export: {Name: zone}}}";
    let user = "Resources: {Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !ImportValue vpc, GroupDescription: !ImportValue zone}}}\n";
    check(
        &[
            (
                "network/t.yaml",
                &network("10.0.0.0/16", output),
                &network("10.1.0.0/16", "{Vpc: {Value: !Ref Vpc, Export: {Name: vpc}}}"),
            ),
            ("cluster/t.yaml", user, user),
        ],
        "network/t.yaml#Vpc replaces its `CidrBlock`
        network/t.yaml#Zone blocks the export `zone` cannot go
        network/t.yaml#Vpc blocks the export `vpc` cannot change while `cluster/t.yaml` imports it",
    );
}

#[test]
fn an_export_that_nothing_here_imports_may_be_imported_elsewhere() {
    let queue = |name: &str, value: &str| {
        format!(
            "Resources: {{Q: {{Type: AWS::SQS::Queue}}}}\nOutputs: {{O: {{Value: {value}, Export: {{Name: {name}}}}}}}\n"
        )
    };
    let wanted = |how: &str| format!("t.yaml#O unknown the export `a` {how}");
    check(&[("t.yaml", &queue("a", "!Ref Q"), &queue("b", "!Ref Q"))], &wanted("goes"));
    check(&[("t.yaml", &queue("a", "!Ref Q"), "Resources: {Q: {Type: AWS::SQS::Queue}}\n")], &wanted("goes"));
    check(&[("t.yaml", &queue("a", "one"), &queue("a", "two"))], &wanted("changes"));
}

#[test]
fn a_name_is_taken_until_who_has_it_is_gone() {
    let bucket = |id: &str, policy: &str| {
        format!("  {id}: {{Type: AWS::S3::Bucket, DeletionPolicy: {policy}, Properties: {{BucketName: abcd}}}}\n")
    };
    let taken = "t.yaml#B blocks `B` cannot be made: its `BucketName` is that of `A`, which";
    resources(
        &bucket("A", "Retain"),
        &bucket("B", "Retain"),
        &format!("t.yaml#A nothing stays in the account\n{taken} stays in the account"),
    );
    resources(
        &bucket("A", "Delete"),
        &bucket("B", "Delete"),
        &format!("t.yaml#A destroys are deleted\n{taken} is deleted after this one is made"),
    );
    let queue =
        |id: &str, name: &str| format!("  {id}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: {name}}}}}\n");
    resources(
        &queue("A", "one"),
        &(queue("A", "two") + &queue("B", "one")),
        "t.yaml#A destroys replaced by an empty one: its `QueueName`
        t.yaml#B blocks its `QueueName` is that of `A`, which gets another one after",
    );
    resources(
        &(queue("A", "one") + &queue("B", "two")),
        &(queue("A", "two") + &queue("B", "one")),
        "t.yaml#A blocks its `QueueName` is that of `B`
        t.yaml#B blocks its `QueueName` is that of `A`",
    );
    let group = |id: &str, vpc: &str| {
        format!(
            "  {id}: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupName: a, GroupDescription: a, VpcId: {vpc}}}}}\n"
        )
    };
    resources(
        &group("A", "vpc-0123456789abcdef0"),
        &group("B", "vpc-0123456789abcdef1"),
        "t.yaml#A destroys is deleted\nt.yaml#B adds is made",
    );
    let stack = |text: &str| format!("Resources:\n{text}");
    let moved = |text: &str, wanted: &str| {
        check(&[("old.yaml", &stack(text), ""), ("new.yaml", "", &stack(text))], wanted);
    };
    moved(&bucket("A", "Retain"), "old.yaml#A nothing stays\nnew.yaml#A blocks which stays in the account");
    moved(&queue("A", "one"), "old.yaml#A destroys are deleted\nnew.yaml#A unknown the order of the stacks decides");
    moved(&queue("A", "!Sub '${AWS::StackName}-a'"), "old.yaml#A destroys are deleted\nnew.yaml#A adds is made");
}

#[test]
fn what_a_macro_makes_is_unknown() {
    let topic = "Resources: {T: {Type: AWS::SNS::Topic}}\n";
    let with = |text: &str| format!("Transform: {text}\n{topic}");
    let wanted = |how: &str| format!("t.yaml unknown a macro {how}");
    check(&[("t.yaml", topic, &with("Mine"))], &wanted("is added"));
    check(&[("t.yaml", &with("Mine"), topic)], &wanted("is taken away"));
    check(&[("t.yaml", &with("Mine"), &with("Other"))], &wanted("is another one"));
    check(&[("t.yaml", &with("Mine"), &with("[Mine]"))], "");
    let inner = "{Name: AWS::Include, Parameters: {Location: 's3://b/<>.yaml'}}";
    let all = |name: &str| {
        format!("Resources: {{T: {{Type: AWS::SNS::Topic}}, Fn::Transform: {}}}\n", inner.replace("<>", name))
    };
    check(&[("t.yaml", topic, &all("x"))], "t.yaml#Fn::Transform unknown a macro is added");
    check(&[("t.yaml", &all("x"), &all("y"))], "t.yaml#Fn::Transform unknown a macro is another one");
    let part = |name: &str| {
        format!("  T: {{Type: AWS::SNS::Topic, Properties: {{Fn::Transform: {}}}}}\n", inner.replace("<>", name))
    };
    resources(&part("x"), &part("y"), "t.yaml#T unknown is made by a macro");
    let each = |names: &str| {
        format!(
            "  Fn::ForEach::All: [Name, [{names}], {{'T${{Name}}': {{Type: AWS::SNS::Topic}}}}]\n  A: {{Type: AWS::SNS::Topic}}\n"
        )
    };
    resources(&each("a"), &each("b"), "t.yaml#Fn::ForEach::All unknown is not known");
}

#[test]
fn a_stack_may_refuse_what_it_is_asked_for() {
    let template = |text: &str| format!("{text}\nResources: {{T: {{Type: AWS::SNS::Topic}}}}\n");
    let (before, with_one) = (template(""), template("Parameters: {P: {Type: String}}"));
    check(&[("t.yaml", &before, &with_one)], "t.yaml#P unknown the new parameter `P` has no default");
    check(&[("t.yaml", &before, &template("Parameters: {P: {Type: String, Default: a}}"))], "");
    let sync = |given: &str| format!("template-file-path: t.yaml\nparameters: {given}\n");
    let synced = |given: &str, wanted: &str| {
        check(&[("t.yaml", &before, &with_one), ("sync.yaml", &sync("{}"), &sync(given))], wanted);
    };
    synced("{}", "t.yaml#P blocks nothing gives the new parameter `P` a value");
    let rule = |region: &str| {
        template(&format!("Rules: {{R: {{Assertions: [{{Assert: !Equals [!Ref AWS::Region, {region}]}}]}}}}"))
    };
    check(&[("t.yaml", &before, &rule("a"))], "t.yaml#R unknown the rule `R` may refuse the update");
    check(&[("t.yaml", &rule("a"), &rule("b"))], "t.yaml#R unknown the rule `R` may refuse the update");
    check(&[("t.yaml", &rule("a"), &before)], "");
}

#[test]
fn storage_does_not_shrink_and_databases_do_not_go_back() {
    let volume = |size: u32| {
        format!("  V: {{Type: AWS::EC2::Volume, Properties: {{AvailabilityZone: eu-west-1a, Size: {size}}}}}\n")
    };
    resources(&volume(100), &volume(50), "t.yaml#V blocks its `Size` cannot become smaller");
    resources(&volume(50), &volume(100), "t.yaml#V in-place its `Size` changes");
    let database =
        |text: &str| format!("  D: {{Type: AWS::RDS::DBInstance, Properties: {{DBInstanceClass: a, {text}}}}}\n");
    resources(
        &database("AllocatedStorage: '20'"),
        &database("AllocatedStorage: '10'"),
        "t.yaml#D blocks its `AllocatedStorage` cannot become smaller",
    );
    let versions = |engine: &str, from: &str, to: &str, wanted: &str| {
        let of = |version: &str| database(&format!("Engine: {engine}, EngineVersion: '{version}"));
        resources(&of(&format!("{from}'")), &of(to), &format!("t.yaml#D {wanted}"));
    };
    versions("postgres", "15.4", "16.1'", "blocks is another major one");
    versions("postgres", "15.4", "16.1', AllowMajorVersionUpgrade: true", "restarts `EngineVersion`");
    versions("postgres", "15.4", "15.5'", "restarts `EngineVersion`");
    versions("postgres", "16.1", "15.5', AllowMajorVersionUpgrade: true", "blocks cannot go back");
    versions("mysql", "8.0.36", "8.4.3'", "blocks is another major one");
    versions("oracle-ee", "18.1", "19.1'", "restarts `EngineVersion`");
}

#[test]
fn a_cluster_keeps_its_zones() {
    let network = |more: &str| {
        let subnet = |id: &str, number: u8, zone: &str| {
            format!(
                "  {id}: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.{number}.0/24, AvailabilityZone: {zone}}}}}\n"
            )
        };
        let outputs = "  A: {Value: !Ref A, Export: {Name: a}}\n  B: {Value: !Ref B, Export: {Name: b}}\n";
        let new = if more.is_empty() { String::new() } else { subnet("C", 3, more) };
        let output = if more.is_empty() { "" } else { "  C: {Value: !Ref C, Export: {Name: c}}\n" };
        format!(
            "Resources:\n{}{}{new}Outputs:\n{outputs}{output}",
            subnet("A", 1, "eu-west-1a"),
            subnet("B", 2, "eu-west-1b")
        )
    };
    let cluster = |more: &str| {
        format!(
            "Resources: {{K: {{Type: AWS::EKS::Cluster, Properties: {{RoleArn: 'arn:aws:iam::123456789012:role/k', ResourcesVpcConfig: {{SubnetIds: [!ImportValue a, !ImportValue b{more}]}}}}}}}}\n"
        )
    };
    let gets = |zone: &str, wanted: &str| {
        check(
            &[
                ("network/t.yaml", &network(""), &network(zone)),
                ("cluster/t.yaml", &cluster(""), &cluster(", !ImportValue c")),
            ],
            &format!("network/t.yaml#C adds is made\ncluster/t.yaml#K {wanted}"),
        );
    };
    gets("eu-west-1c", "blocks in the zones that it was made with, and `eu-west-1c` is none of them");
    gets("eu-west-1b", "in-place its `ResourcesVpcConfig` changes");
}
