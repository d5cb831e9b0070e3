//! Roles, and the services that take them.

use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::rules::cloudformation::policy::principals::is_misspelt;

rule! {
    ROLE_USE = Error "cfn/role-use";
    summary: "a role is given to a service that it does not trust";
    explanation: "A role says in its trust policy who may take it. A cluster, a function or a pod identity whose role trusts another service is refused when it is made, or gets no credentials when it runs; and `iam:PassRole` for a service that the role does not trust allows nothing. Judged where the role stands in the same template and its trust policy names services only, and for the role of an `EC2NodeClass` of Karpenter, by its name.";
    wrong: "
        Resources:
          NodeRole:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Principal: {Service: eks.amazonaws.com}, Action: sts:AssumeRole}]
          Profile:
            Type: AWS::IAM::InstanceProfile
            Properties: {Roles: [!Ref NodeRole]}
    ";
    right: "
        Resources:
          NodeRole:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]
          Profile:
            Type: AWS::IAM::InstanceProfile
            Properties: {Roles: [!Ref NodeRole]}
    ";
}

/// Which service takes the role of a property: <https://docs.aws.amazon.com/service-authorization/latest/reference/>.
const TAKEN_BY: [(&str, &str, &str); 27] = [
    ("AWS::Backup::BackupSelection", "IamRoleArn", "backup"),
    ("AWS::Batch::ComputeEnvironment", "ServiceRole", "batch"),
    ("AWS::CloudTrail::Trail", "CloudWatchLogsRoleArn", "cloudtrail"),
    ("AWS::CodeBuild::Project", "ServiceRole", "codebuild"),
    ("AWS::CodeDeploy::DeploymentGroup", "ServiceRoleArn", "codedeploy"),
    ("AWS::CodePipeline::Pipeline", "RoleArn", "codepipeline"),
    ("AWS::Config::ConfigurationRecorder", "RoleARN", "config"),
    ("AWS::EC2::FlowLog", "DeliverLogsPermissionArn", "vpc-flow-logs"),
    ("AWS::ECS::TaskDefinition", "ExecutionRoleArn", "ecs-tasks"),
    ("AWS::ECS::TaskDefinition", "TaskRoleArn", "ecs-tasks"),
    ("AWS::EKS::Cluster", "RoleArn", "eks"),
    ("AWS::EKS::FargateProfile", "PodExecutionRoleArn", "eks-fargate-pods"),
    ("AWS::EKS::Nodegroup", "NodeRole", "ec2"),
    ("AWS::EKS::PodIdentityAssociation", "RoleArn", "pods.eks"),
    ("AWS::Events::Rule", "RoleArn", "events"),
    ("AWS::FIS::ExperimentTemplate", "RoleArn", "fis"),
    ("AWS::Glue::Crawler", "Role", "glue"),
    ("AWS::Glue::Job", "Role", "glue"),
    ("AWS::Grafana::Workspace", "RoleArn", "grafana"),
    ("AWS::IAM::InstanceProfile", "Roles", "ec2"),
    ("AWS::KinesisFirehose::DeliveryStream", "RoleARN", "firehose"),
    ("AWS::Lambda::Function", "Role", "lambda"),
    ("AWS::Pipes::Pipe", "RoleArn", "pipes"),
    ("AWS::RDS::DBInstance", "MonitoringRoleArn", "monitoring.rds"),
    ("AWS::Scheduler::Schedule", "RoleArn", "scheduler"),
    ("AWS::StepFunctions::StateMachine", "RoleArn", "states"),
    ("AWS::Transfer::Server", "LoggingRole", "transfer"),
];

/// Types that name roles within their properties as well.
const NESTED: [&str; 3] = ["AWS::Events::Rule", "AWS::KinesisFirehose::DeliveryStream", "AWS::Scheduler::Schedule"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for resource in template.resources() {
            of_properties(template, resource, report);
            if resource.kind.starts_with("AWS::IAM::") {
                of_passed(template, resource, report);
            }
        }
    }
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        let Some(name) = class.root().at(["spec", "role"]) else { continue };
        let mut made = view.resources_of("AWS::IAM::Role");
        let role = made
            .find(|role| name.text().is_some() && role.property("RoleName").and_then(|it| it.text()) == name.text());
        if let Some(role) = role {
            judge(&name, role, "ec2", "a node", report);
        }
    }
}

fn of_properties(template: &Template<'_>, resource: &Resource<'_>, report: &mut Report) {
    let taken = TAKEN_BY.iter().filter(|(kind, ..)| *kind == resource.kind);
    for (_, property, service) in taken {
        let nested = resource.properties().filter(|_| NESTED.contains(&resource.kind));
        let nested = nested.iter().flat_map(|properties| properties.under(property));
        for value in resource.property(property).into_iter().chain(nested).flat_map(|it| it.one_or_more()) {
            if let Some(role) = role_of(template, &value) {
                judge(&value, role, service, &format!("`{}`", resource.id), report);
            }
        }
    }
}

/// Statements that let a role be passed to services.
fn of_passed(template: &Template<'_>, resource: &Resource<'_>, report: &mut Report) {
    let Some(properties) = resource.properties() else { return };
    for statement in properties.under("Statement").flat_map(|statements| statements.one_or_more()) {
        let passes = |action: &Node<'_>| action.text().is_some_and(|text| text.eq_ignore_ascii_case("iam:PassRole"));
        let is_passing =
            statement.list(["Action"]).iter().any(passes) || statement.get("Action").is_some_and(|it| passes(&it));
        if !is_passing || statement.text_at(["Effect"]) != Some("Allow") {
            continue;
        }
        let services = ["StringEquals", "StringLike"].into_iter();
        let services = services.filter_map(|how| statement.at(["Condition", how, "iam:PassedToService"]));
        let services: Vec<Node<'_>> = services.flat_map(|it| it.one_or_more()).collect();
        let roles = statement.get("Resource").map(|it| it.one_or_more()).unwrap_or_default();
        let roles: Option<Vec<&Resource<'_>>> = roles.iter().map(|it| role_of(template, it)).collect();
        let Some(roles) = roles else { continue };
        for service in &services {
            let Some(text) = service.text().filter(|text| text.ends_with(".amazonaws.com") && !text.contains('*'))
            else {
                continue;
            };
            let trusted: Option<Vec<Vec<&str>>> = roles.iter().map(|role| trusted(role)).collect();
            let Some(trusted) = trusted.filter(|it| !it.is_empty()) else { continue };
            let stem = text.trim_end_matches(".amazonaws.com");
            if !trusted.iter().flatten().any(|it| is_of(it, stem)) {
                let draft = report.at(&ROLE_USE, service, format!("no role of this statement trusts `{text}`"));
                for role in &roles {
                    draft.also(&role.node, format!("`{}` trusts {}", role.id, listed(&trusted.concat())));
                }
                draft.help("name the service that takes the role, here or in the trust policy of the role");
            }
        }
    }
}

fn judge(place: &Node<'_>, role: &Resource<'_>, service: &str, user: &str, report: &mut Report) {
    let is_trusted = |trusted: &Vec<&str>| trusted.iter().any(|it| is_of(it, service));
    let Some(trusted) = trusted(role).filter(|trusted| !is_trusted(trusted)) else { return };
    let service = format!("{service}.amazonaws.com");
    report
        .at(&ROLE_USE, place, format!("the role `{}` does not trust `{service}`, which takes it for {user}", role.id))
        .also(&role.node, format!("it trusts {}", listed(&trusted)))
        .help(format!("name a role whose trust policy has `Service: {service}`"));
}

/// Whether a principal is a service, in any region or partition.
fn is_of(principal: &str, service: &str) -> bool {
    principal.strip_prefix(service).is_some_and(|rest| rest.starts_with('.'))
}

fn listed(services: &[&str]) -> String {
    services.iter().map(|service| format!("`{service}`")).collect::<Vec<_>>().join(", ")
}

/// The role of the template that a value refers to, by its name or its ARN.
fn role_of<'t, 'a>(template: &'t Template<'a>, value: &Node<'_>) -> Option<&'t Resource<'a>> {
    let of = value.get("Fn::GetAtt");
    let parts: Vec<&str> = of.iter().flat_map(Node::items).filter_map(|it| it.text()).collect();
    let id = match (value.get("Ref"), of) {
        (Some(id), _) => id.text()?,
        (None, Some(of)) => match (of.text(), parts.as_slice()) {
            (Some(text), _) => text.strip_suffix(".Arn")?,
            (None, [id, "Arn"]) => id,
            _ => return None,
        },
        _ => return None,
    };
    template.resource(id).filter(|resource| resource.kind == "AWS::IAM::Role")
}

/// The services that a role trusts, if it trusts nobody else and all of them are written out.
fn trusted<'a>(role: &Resource<'a>) -> Option<Vec<&'a str>> {
    let mut found = Vec::new();
    for statement in role.property("AssumeRolePolicyDocument")?.get("Statement")?.one_or_more() {
        if statement.text_at(["Effect"]) != Some("Allow") {
            return None;
        }
        let [("Service", services)] = &statement.get("Principal")?.entries()[..] else { return None };
        for service in services.one_or_more() {
            // One that is misspelt is told itself.
            found.push(service.text().filter(|text| !is_misspelt(text))?);
        }
    }
    Some(found).filter(|found| !found.is_empty())
}
