//! `platc diff --view impact`: what becomes of each thing that a change touches.

use serde_json::Value;

use crate::support::{Project, Ran};

/// A project whose golden tree is what it made before a change of its templates.
fn changed(files: &[(&str, &str, &str)]) -> Project {
    let project =
        Project::empty().file("platc.yaml", "").file("environments/prod/environment.yaml", "size: 1\nzone: a\n").file(
            "schemas/environment.schema.yaml",
            "type: object\nproperties: {size: {type: integer}, zone: {type: string}}\n",
        );
    for (path, before, _) in files.iter().filter(|(_, before, _)| !before.is_empty()) {
        project.write(&format!("templates/{path}.j2"), before);
    }
    let accepted = project.run(&["golden", "--accept"]);
    assert_eq!(accepted.code, 0, "{accepted}");
    for (path, _, after) in files {
        let path = format!("templates/{path}.j2");
        if after.is_empty() {
            std::fs::remove_file(project.root.join(path)).unwrap();
        } else {
            project.write(&path, after);
        }
    }
    project
}

/// What is said of each subject: the consequence and the sentence.
fn effects(ran: &Ran) -> Vec<(String, String, String)> {
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran}"));
    let all = document["differences"].as_array().unwrap().iter().flat_map(|it| it["effects"].as_array().unwrap());
    let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
    all.map(|it| (text(it, "subject"), text(it, "consequence"), text(it, "message"))).collect()
}

/// Holds each line `subject consequence words of the sentence` against what is said, and that nothing else is.
fn check(files: &[(&str, &str, &str)], wanted: &str) {
    let ran = changed(files).run(&["diff", "prod", "--view", "impact", "--format", "json"]);
    let found = effects(&ran);
    let mut left = found.clone();
    for line in wanted.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let [subject, consequence, sentence] = words.as_slice() else { panic!("{line}") };
        let at = left.iter().position(|(a, b, c)| a == subject && b == consequence && c.contains(sentence));
        let at = at.unwrap_or_else(|| panic!("nothing says: {line}\n{found:#?}"));
        left.remove(at);
    }
    assert!(left.is_empty(), "nobody expects: {left:#?}");
}

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

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: 'a:1', envFrom: [{configMapRef: {name: settings}}]}]}
";

fn object(kind: &str, rest: &str) -> String {
    format!("apiVersion: {kind}\nmetadata: {{name: it, namespace: shop}}\n{rest}\n")
}

#[test]
fn pods_restart_for_their_template_alone() {
    let settings =
        |level: &str| object("v1\nkind: ConfigMap", &format!("data: {{level: {level}}}")).replace("it,", "settings,");
    check(
        &[
            ("web.yaml", DEPLOYMENT, &DEPLOYMENT.replace("replicas: 3", "replicas: 5")),
            ("other.yaml", &DEPLOYMENT.replace("web", "api"), &DEPLOYMENT.replace("web", "api").replace("a:1", "a:2")),
            ("settings.yaml", &settings("info"), &settings("debug")),
        ],
        "Deployment/shop/web in-place goes from 3 to 5 pods
        Deployment/shop/api restarts the `image` of its pods changes
        ConfigMap/shop/settings in-place reads it when its pods start",
    );
    let reloaded =
        DEPLOYMENT.replace("namespace: shop}", "namespace: shop, annotations: {reloader.stakater.com/auto: 'true'}}");
    check(
        &[("web.yaml", &reloaded, &reloaded), ("settings.yaml", &settings("info"), &settings("debug"))],
        "ConfigMap/shop/settings restarts Deployment `web` is restarted for it",
    );
}

#[test]
fn what_the_api_server_refuses_and_what_a_tool_makes_of_it() {
    let set = |rest: &str| {
        object(
            "apps/v1\nkind: StatefulSet",
            &format!(
                "spec: {{serviceName: a, {rest}, selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: a, image: 'a:1'}}]}}}}}}"
            ),
        )
    };
    let claim = |size: &str| {
        object(
            "v1\nkind: PersistentVolumeClaim",
            &format!("spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: {size}}}}}}}"),
        )
    };
    let class = |kind: &str| {
        object("storage.k8s.io/v1\nkind: StorageClass", &format!("provisioner: x\nparameters: {{type: {kind}}}"))
    };
    check(
        &[
            ("set.yaml", &set("podManagementPolicy: Parallel"), &set("podManagementPolicy: OrderedReady")),
            (
                "class.yaml",
                &class("gp2"),
                &class("gp3").replace(
                    "namespace: shop",
                    "namespace: shop, annotations: {argocd.argoproj.io/sync-options: Replace=true}",
                ),
            ),
            ("claim.yaml", &claim("2Gi"), &claim("1Gi")),
            ("larger.yaml", &claim("2Gi").replace("it,", "larger,"), &claim("3Gi").replace("it,", "larger,")),
        ],
        "StatefulSet/shop/it blocks its `spec.podManagementPolicy` cannot be changed
        StorageClass/shop/it replaces is deleted and made again
        PersistentVolumeClaim/shop/it blocks its `spec.resources.requests.storage`
        PersistentVolumeClaim/shop/larger in-place grows",
    );
}

#[test]
fn what_no_table_knows_is_unknown() {
    let thing = |value: &str| object("example.com/v1\nkind: Thing", &format!("spec: {{value: {value}}}"));
    check(
        &[
            ("thing.yaml", &thing("a"), &thing("b")),
            ("chart/values.yaml", "replicas: 1\n", "replicas: 2\n"),
            ("named.yaml", &thing("a").replace("it,", "named,"), &thing("a").replace("it,", "named, labels: {a: b},")),
        ],
        "Thing/shop/it unknown no table says what comes of it
        chart/values.yaml unknown what the chart makes of it is not known
        Thing/shop/named in-place its `labels` changes",
    );
}

const POOL: &str = "apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: general}
spec:
  weight: 1
  disruption: {budgets: [{nodes: 20%}, {nodes: '0', schedule: 0 9 * * *, duration: 8h}]}
  template:
    spec:
      expireAfter: 720h
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      requirements: [{key: karpenter.sh/capacity-type, operator: In, values: [spot]}]
";

#[test]
fn nodes_drift_for_what_they_are_made_of() {
    let class = |role: &str, ami: &str| {
        format!(
            "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {{name: default}}\nspec: {{role: {role}, amiSelectorTerms: [{{alias: {ami}}}]}}\n"
        )
    };
    let class_of = |from: &str, to: &str| {
        changed(&[("class.yaml", from, to), ("pool.yaml", POOL, POOL)])
            .run(&["diff", "--view", "impact", "--format", "json"])
    };
    for (from, to, consequence, sentence) in [
        ("weight: 1", "weight: 2", "in-place", "no node goes for it"),
        ("nodes: 20%", "nodes: 10%", "in-place", "no node goes for it"),
        (
            "720h",
            "360h",
            "rolls-nodes",
            "rolls all its nodes: its `expireAfter` changes, 20% at a time, fewer at the hours",
        ),
        ("spot", "on-demand", "rolls-nodes", "rolls the nodes that its `requirements` do not allow any more"),
    ] {
        check(&[("pool.yaml", POOL, &POOL.replace(from, to))], &format!("NodePool/general {consequence} {sentence}"));
    }
    let ran = class_of(&class("a", "al2023@v1"), &class("a", "al2023@v2"));
    assert!(ran.stdout.contains("rolls the nodes of `general`"), "{ran}");
    let ran = class_of(&class("a", "al2023@v1"), &class("b", "al2023@v1"));
    assert!(ran.stdout.contains("rolls all nodes of `general`"), "{ran}");
}

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: team, namespace: argocd}
spec: {source: {repoURL: https://git.example.com/fleet, path: prod/team, targetRevision: v1}, syncPolicy: {automated: {prune: true}}}
";

#[test]
fn objects_go_as_what_delivers_them_says() {
    let gone = |application: &str, object: &str| {
        let project = changed(&[("apps/team.yaml", application, application), ("team/gone.yaml", object, "")]);
        effects(&project.run(&["diff", "--view", "impact", "--format", "json"]))
    };
    let settings = object("v1\nkind: ConfigMap", "data: {}");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    for (application, object, consequence, sentence) in [
        (APPLICATION.to_owned(), settings.clone(), "destroys", "is deleted"),
        (APPLICATION.to_owned(), namespace.to_owned(), "destroys", "and with it everything in it"),
        (
            APPLICATION.replace("prune: true", "prune: false"),
            settings.clone(),
            "nothing",
            "what applies it does not prune",
        ),
        (APPLICATION.replace("{automated: {prune: true}}", "{}"), settings.clone(), "unknown", "who syncs"),
        (APPLICATION.replace("prod/team", "prod/other"), settings.clone(), "unknown", "not in the tree"),
        (
            APPLICATION.to_owned(),
            settings.replace("shop}", "shop, annotations: {argocd.argoproj.io/sync-options: Prune=false}}"),
            "nothing",
            "must not be pruned",
        ),
    ] {
        let found = gone(&application, &object);
        let [(_, word, said)] = found.as_slice() else { panic!("{found:#?}") };
        assert!(word == consequence && said.contains(sentence), "{word}: {said}\n{consequence}: {sentence}");
    }
}

#[test]
fn a_policy_that_begins_to_refuse_names_what_it_refuses() {
    let policy = |action: &str| {
        format!(
            "apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {{name: no-first}}
spec:
  validationActions: [{action}]
  matchConstraints: {{resourceRules: [{{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}}]}}
  validations: [{{expression: \"object.spec.containers.all(c, c.image != 'a:1')\", message: not the first}}]
"
        )
    };
    check(
        &[("policy.yaml", &policy("Audit"), &policy("Deny")), ("web.yaml", DEPLOYMENT, DEPLOYMENT)],
        "ValidatingPolicy/no-first blocks refuses from now on: 1 object of the tree
        Deployment/shop/web blocks the policy `no-first` refuses the pods of the Deployment `web`: not the first",
    );
}

#[test]
fn a_definitions_own_rules_are_asked_old_against_new() {
    let pool = |group: &str| {
        format!(
            "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{name: it}}\nspec: {{ref: {{group: {group}}}}}\n"
        )
    };
    let project = changed(&[("pool.yaml", &pool("a"), &pool("b"))]);
    project.write(
        "schemas/kubernetes/karpenter.sh/NodePool_v1.yaml",
        "type: object
properties:
  spec:
    type: object
    properties:
      ref:
        type: object
        properties: {group: {type: string}}
        x-kubernetes-validations: [{rule: self.group == oldSelf.group, message: ref.group is immutable}]
",
    );
    let found = effects(&project.run(&["diff", "--view", "impact", "--format", "json"]));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].1, "blocks");
    assert_eq!(found[0].2, "NodePool `it` cannot be updated: ref.group is immutable");
}

/// The definition of a kind, with what its version says of `spec`.
fn definition(spec: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: things.example.com}}
spec:
  group: example.com
  names: {{kind: Thing, plural: things}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
{spec}"
    )
}

#[test]
fn a_definition_in_the_tree_judges_the_objects_beside_it() {
    let spec = "              type: object
              properties: {class: {type: string}, size: {type: integer}}
              x-kubernetes-validations: [{rule: self.class == oldSelf.class, message: class is immutable}]
";
    let thing = |spec: &str| object("example.com/v1\nkind: Thing", &format!("spec: {{{spec}}}"));
    let crd = definition(spec);
    check(
        &[("crd.yaml", &crd, &crd), ("thing.yaml", &thing("class: a"), &thing("class: b"))],
        "Thing/shop/it blocks cannot be updated: class is immutable",
    );
    check(
        &[("crd.yaml", &crd, &crd), ("thing.yaml", &thing("class: a, size: 1"), &thing("class: a, size: 2"))],
        "Thing/shop/it unknown no table says",
    );
}

#[test]
fn a_definition_that_takes_less_than_it_did() {
    let now = |before: &str, after: &str, wanted: &str| {
        let spec = |text: &str| definition(&format!("              {text}\n"));
        let wanted = format!("CustomResourceDefinition/things.example.com {wanted}");
        check(&[("crd.yaml", &spec(before), &spec(after))], &wanted);
    };
    let both = "{type: object, properties: {a: {type: string}, b: {type: array, items: {type: object, properties: {c: {type: string}}}}}}";
    now(both, &both.replace("a: {type: string}, ", ""), "unknown has no field `spec.a` in its version `v1` any more");
    now(both, &both.replace("c: {type: string}", "d: {type: string}"), "unknown has no field `spec.b[].c`");
    now(both, &both.replace("{a:", "{x: {type: string}, a:"), "in-place its objects stay as they are");
    now(
        both,
        &both.replace("{type: object, properties: {a", "{type: object, required: [a], properties: {a"),
        "blocks needs `spec.a`",
    );
    let with_default = both.replace("a: {type: string}", "a: {type: string, default: x}");
    now(
        &with_default,
        &with_default.replacen("{type: object,", "{type: object, required: [a],", 1),
        "in-place its objects stay",
    );
    let narrower = |to: &str| {
        now(both, &both.replacen("a: {type: string}", &format!("a: {{{to}}}"), 1), "unknown takes less of `spec.a`");
    };
    narrower("type: integer");
    narrower("type: string, maxLength: 1");
    narrower("type: string, enum: [z, q]");
    narrower("type: string, pattern: ^a");
    let bounded = both.replacen("a: {type: string}", "a: {type: string, maxLength: 3, enum: [x]}", 1);
    now(&bounded, &bounded.replace("maxLength: 3", "maxLength: 4"), "in-place its objects stay");
    now(&bounded, &bounded.replace("[x]", "[x, z]"), "in-place its objects stay");
    now(&bounded, &bounded.replace("[x]", "[z]"), "unknown takes less of `spec.a`");
    now(&bounded, both, "in-place its objects stay");
    let open = "{type: object, x-kubernetes-preserve-unknown-fields: true}";
    now(both, open, "in-place its objects stay");
}

/// A template whose property is set by the environment, the other is there if it says so.
fn by_environment() -> Project {
    let template = "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.{{ size }}.0.0/16}}\n{% if zone == 'b' %}\n  More: {Type: AWS::S3::Bucket}\n{% endif %}\n";
    let project = changed(&[("t.yaml", template, template)]);
    project.write("environments/prod/environment.yaml", "zone: b\nsize: 2\n");
    project
}

#[test]
fn each_leads_to_the_line_that_caused_it() {
    let ran = by_environment().run(&["diff", "prod", "--view", "impact", "-v"]);
    assert_eq!(ran.code, 1, "{ran}");
    insta::assert_snapshot!("impact-text", ran.stdout);
}

#[test]
fn what_is_too_much_is_said_on_the_command_line() {
    let project = by_environment();
    let code = |args: &[&str]| project.run(&[&["diff", "prod"], args].concat()).code;
    assert_eq!(code(&["--fail-on", "replaces"]), 1);
    assert_eq!(code(&["--fail-on", "destroys"]), 0);
    project.write(
        "environments/prod/environment.yaml",
        "zone: b\nsize: 2\nacknowledge:\n  - {rule: impact/replaces, subject: t.yaml#Vpc, reason: it is empty}\n",
    );
    let ran = project.run(&["diff", "prod", "--fail-on", "replaces"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("acknowledged: it is empty"), "{ran}");
    let thing = |value: &str| object("example.com/v1\nkind: Thing", &format!("spec: {{value: {value}}}"));
    let project = changed(&[("thing.yaml", &thing("a"), &thing("b"))]);
    let code = |args: &[&str]| project.run(&[&["diff", "prod"], args].concat()).code;
    assert_eq!(code(&["--fail-on", "destroy"]), 1, "what is unknown counts");
    assert_eq!(code(&["--fail-on", "replace", "--allow-unknown"]), 0);
}

#[test]
fn values_that_differ_by_their_paths() {
    let secret = |word: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: it, namespace: shop}}\nstringData: {{word: {word}}}\n")
    };
    let named = |name: &str, size: u32| {
        format!(
            "Conditions: {{}}\nResources:\n  {name}: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.0.0.0/16}}}}\n  Other: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: '{size}'}}}}\n"
        )
    };
    let project = changed(&[
        ("web.yaml", DEPLOYMENT, &DEPLOYMENT.replace("a:1", "a:2").replace("  replicas: 3\n", "")),
        ("t.yaml", &named("Vpc", 1), &named("Network", 2)),
        ("secret.yaml", &secret("first"), &secret("second")),
        ("gone.yaml", "a: 1\n", ""),
    ]);
    let ran = project.run(&["diff", "prod", "--view", "structure"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert_eq!(
        ran.stdout,
        "gone.yaml
  removed
secret.yaml
  stringData.word: *** -> ***
t.yaml
  Resources.Vpc is called Resources.Network now
  Resources.Other.Properties.Value: 1 -> 2
web.yaml
  spec.replicas: 3 is gone
  spec.template.spec.containers[a].image: a:1 -> a:2
"
    );
    let ran = project.run(&["diff", "prod", "--view", "structure", "--format", "json", "--only", "web.yaml"]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let image = &document["differences"][0]["values"]["web.yaml"][1];
    assert_eq!(image["path"], "spec.template.spec.containers[a].image", "{ran}");
    assert_eq!((&image["old"], &image["new"]), (&Value::from("a:1"), &Value::from("a:2")));
}

/// A change of a resource, as `benches/replacements.mjs` asked AWS CDK's offline diff about it.
#[derive(serde::Deserialize)]
struct Asked {
    /// The type, the property, and how it changes.
    change: String,
    before: Value,
    after: Value,
    said: std::collections::BTreeMap<String, String>,
}

/// Why we say something else than CDK does; none where there is no reason to.
fn reason(change: &str, cdk: Option<&str>, ours: Option<&str>, message: &str) -> Option<&'static str> {
    let how = change.rsplit(' ').next().unwrap_or_default();
    match (cdk, ours) {
        (Some("WILL_REPLACE"), Some("replaces"))
        | (Some("WILL_UPDATE"), Some("in-place"))
        | (Some("WILL_DESTROY"), Some("destroys")) => Some("the same"),
        (Some("WILL_UPDATE"), Some("rolls-nodes")) => Some("an update of a node group that rolls its nodes"),
        (Some("WILL_UPDATE"), Some("restarts")) => Some("an update that stops and starts what runs"),
        (None, Some("blocks")) if message.contains("a group keeps its template") => {
            Some("its launch template is replaced, and EKS takes no other one")
        }
        (None, Some("rolls-nodes")) => Some("a launch template has another version, and its nodes follow"),
        (None, Some("in-place")) if message.contains("it refers to") => Some("the value of a reference is another one"),
        (Some("WILL_REPLACE"), Some("blocks")) if message.contains("is that of") => {
            Some("another of these changes has the name")
        }
        (Some("WILL_UPDATE"), Some("destroys")) if message.contains("older than it is to keep") => {
            Some("an update that keeps data for a shorter time")
        }
        (_, Some("nothing") | None) if how == "written" => Some("`Fn::Sub` without a variable is its text"),
        (Some("WILL_REPLACE"), Some("may-replace")) if how == "chosen" => Some("a condition may leave it as it is"),
        (Some("WILL_REPLACE"), Some("may-replace")) if how == "gone" || how == "new" => {
            Some("the default may be what was written out")
        }
        // The registry names it within a property, and CDK looks at properties as a whole.
        (Some("WILL_UPDATE") | None, Some("may-replace")) if change == "AWS::EKS::Cluster AccessConfig gone" => {
            Some("`BootstrapClusterCreatorAdminPermissions` goes with it")
        }
        // Ports mean nothing to some protocols, and the change that was asked about names none.
        (Some("WILL_REPLACE"), Some("may-replace")) if change.contains("Port other") => Some("without a protocol"),
        // CDK's tables say that it replaces, and CloudFormation's registry does not.
        (Some("WILL_REPLACE"), Some("may-replace")) if change.starts_with("AWS::EC2::EIP Domain") => {
            Some("the sources differ")
        }
        _ => None,
    }
}

#[test]
fn replacements_are_those_of_aws_cdk() {
    let asked: Vec<Asked> =
        include_str!("replacements.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(asked.len() > 200, "{}", asked.len());
    let mut project = Project::empty()
        .file("platc.yaml", "")
        .file("environments/prod/environment.yaml", "size: 1\n")
        .file("schemas/environment.schema.yaml", "type: object\nproperties: {size: {type: integer}}\n");
    for (number, it) in asked.iter().enumerate() {
        let path = format!("c{number:03}/template.yaml");
        let template = |resources: &Value| {
            let choice = serde_json::json!({"Choice": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}});
            serde_json::json!({"Conditions": choice, "Resources": resources}).to_string()
        };
        project = project
            .file(&format!("golden/prod/{path}"), template(&it.before))
            .file(&format!("templates/{path}"), template(&it.after));
    }
    let ran = project.run(&["diff", "prod", "--view", "impact", "--format", "json"]);
    let found = effects(&ran);
    let mut unexplained = Vec::new();
    for (number, it) in asked.iter().enumerate() {
        let prefix = format!("c{number:03}/template.yaml#");
        let own = found.iter().filter_map(|(subject, word, said)| Some((subject.strip_prefix(&prefix)?, (word, said))));
        let own: std::collections::BTreeMap<&str, _> = own.collect();
        let ids: std::collections::BTreeSet<&str> =
            it.said.keys().map(String::as_str).chain(own.keys().copied()).collect();
        for id in ids {
            let (cdk, ours) = (it.said.get(id).map(String::as_str), own.get(id));
            let (word, said) = (ours.map(|(word, _)| word.as_str()), ours.map_or("", |(_, said)| said));
            if reason(&it.change, cdk, word, said).is_none() {
                unexplained.push(format!("{}: `{id}`: CDK {cdk:?}, platc {word:?}: {said}", it.change));
            }
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}

#[test]
fn a_comment_tells_the_same_of_many_environments_once_and_fits() {
    let template = "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.{{ size }}.0.0/16}}\n{% if zone == 'b' %}\n  More: {Type: AWS::S3::Bucket}\n{% endif %}\n";
    let project = changed(&[("t.yaml", template, template)]);
    for number in 0..12 {
        project.write(&format!("environments/e{number:02}/environment.yaml"), "extends: [../prod]\n");
    }
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    project.write("environments/prod/environment.yaml", "size: 2\nzone: a\n");
    project.write("environments/e00/environment.yaml", "extends: [../prod]\nzone: b\nsize: 1\n");
    let ran = project.run(&["diff", "--format", "markdown"]);
    assert_eq!(ran.code, 1, "{ran}");
    insta::assert_snapshot!("impact-markdown", ran.stdout);
}

#[test]
fn a_comment_is_never_too_long_and_counts_what_it_leaves_out() {
    let many = |value: &str| {
        let objects = (0..2_000).map(|number| {
            format!("---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {{name: it-{number:04}}}\nspec: {{value: {value}}}\n")
        });
        objects.collect::<String>()
    };
    let project = changed(&[("things.yaml", &many("a"), &many("b"))]);
    let ran = project.run(&["diff", "--format", "markdown"]);
    let length = ran.stdout.chars().count();
    assert!(length <= 60_000, "{length}");
    assert!(ran.stdout.starts_with("<!-- platc impact -->\n"), "{}", &ran.stdout[..200]);
    let left = ran.stdout.lines().last().unwrap_or_default();
    assert!(left.starts_with("Left out, since a comment holds no more: "), "{left}");
    assert!(left.contains("1 changed file"), "{left}");
}
