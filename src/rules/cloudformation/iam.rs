//! Statements of IAM policies, wherever a template has them.

use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    ACTION = Error "cfn/iam-action";
    summary: "an action in a policy does not have the form of one";
    explanation: "An action is `service:Action`, with `*` and `?` for parts of the action: `s3:GetObject`, `ec2:Describe*`. IAM refuses a policy with another form, and a service that is misspelt allows nothing.";
    wrong: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Statement: [{Effect: Allow, Action: [s3.GetObject], Resource: 'arn:aws:s3:::x/*'}]
    ";
    right: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Statement: [{Effect: Allow, Action: [s3:GetObject], Resource: 'arn:aws:s3:::x/*'}]
    ";
}

rule! {
    ADMIN = Error "cfn/iam-admin";
    summary: "a statement allows everything, or everything but a little";
    explanation: "`Action: \"*\"` on `Resource: \"*\"` is the administrator of the account, and `NotAction` with `Allow` is nearly that, with every service that AWS will ever add. Name the actions and the resources that are needed.";
    wrong: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Statement: [{Effect: Allow, Action: '*', Resource: '*'}]
    ";
    right: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Statement: [{Effect: Allow, Action: ec2:Describe*, Resource: '*'}]
    ";
}

rule! {
    PRINCIPAL = Error "cfn/iam-principal";
    summary: "a statement lets anybody in";
    explanation: "A wildcard as principal means every AWS account in the world. With a condition on the account, the organisation or the source it can be meant; without one it is a door left open. Policies of VPC endpoints and of organisations are not judged: they allow nothing by themselves.";
    wrong: "
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Statement: [{Effect: Allow, Principal: {AWS: '*'}, Action: sts:AssumeRole}]
    ";
    right: "
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Statement:
                  - Effect: Allow
                    Principal: {AWS: '*'}
                    Action: sts:AssumeRole
                    Condition: {StringEquals: {aws:PrincipalOrgID: o-abcdefghij}}
    ";
}

rule! {
    TRUST = Error "cfn/iam-trust";
    summary: "a role that those it is for cannot take";
    explanation: "EKS Pod Identity takes a role with `sts:AssumeRole` and tags the session with cluster, namespace and service account, which needs `sts:TagSession`. Without it every pod that uses the role gets an error instead of credentials (docs.aws.amazon.com, \"Create IAM role with trust policy required by EKS Pod Identity\"). Who comes from an identity provider takes a role with `sts:AssumeRoleWithWebIdentity` or `sts:AssumeRoleWithSAML`, never with `sts:AssumeRole`.";
    wrong: "
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Statement: [{Effect: Allow, Principal: {Service: pods.eks.amazonaws.com}, Action: sts:AssumeRole}]
    ";
    right: "
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Statement: [{Effect: Allow, Principal: {Service: pods.eks.amazonaws.com}, Action: [sts:AssumeRole, sts:TagSession]}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let resources =
        view.templates().iter().flat_map(|template| template.resources().iter().map(move |it| (template, it)));
    for (template, resource) in resources {
        let Some(properties) = resource.properties() else { continue };
        properties.walk(&mut |node| {
            let allows = match node.text_at(["Effect"]) {
                Some("Allow") => true,
                Some("Deny") => false,
                _ => return,
            };
            let statement = Statement { node, allows };
            statement.judge_actions(report);
            if allows {
                // These say what others may allow at most, and allow nothing by themselves. The policy of a gateway endpoint
                // must name everybody: docs.aws.amazon.com, "Control access to VPC endpoints using endpoint policies".
                if !matches!(resource.kind, "AWS::EC2::VPCEndpoint" | "AWS::Organizations::Policy")
                    && !is_in_network(resource)
                    && !is_boundary(template, resource)
                {
                    statement.judge_reach(report);
                }
                statement.judge_trust(report);
            }
        });
    }
}

/// Whether only a VPC reaches it, by its security groups: search domains are left open to all there (docs.aws.amazon.com,
/// "About access policies on VPC domains").
fn is_in_network(resource: &Resource<'_>) -> bool {
    matches!(resource.kind, "AWS::Elasticsearch::Domain" | "AWS::OpenSearchService::Domain")
        && resource.property("VPCOptions").is_some()
}

/// Whether a policy allows nothing by itself, since nobody gets it: it says where the permissions of roles end, by what it
/// denies, or because they name it so
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>).
fn is_boundary<'a>(template: &Template<'a>, resource: &Resource<'a>) -> bool {
    if resource.kind != "AWS::IAM::ManagedPolicy" {
        return false;
    }
    let is_attached = ["Roles", "Users", "Groups"].iter().any(|key| resource.property(key).is_some());
    let own = template.references().iter().filter(|reference| reference.to == resource.id);
    let keys: Vec<_> = own
        .map(|reference| {
            reference.node.around().find_map(|node| node.key().filter(|key| !key.contains(':') && *key != "Ref"))
        })
        .collect();
    let is_named = |wanted: &str| keys.iter().flatten().any(|key| *key == wanted);
    let denies = || resource.node.under("Effect").any(|effect| effect.text() == Some("Deny"));
    !is_attached && !is_named("ManagedPolicyArns") && (is_named("PermissionsBoundary") || denies())
}

struct Statement<'n, 'a> {
    node: &'n Node<'a>,
    allows: bool,
}

impl Statement<'_, '_> {
    fn judge_actions(&self, report: &mut Report) {
        for key in ["Action", "NotAction"] {
            let Some(actions) = self.node.get(key) else { continue };
            if key == "NotAction" && self.allows {
                report
                    .at(&ADMIN, &actions, "the statement allows every action but those that it names")
                    .help("name the actions that are needed under `Action`");
            }
            for action in actions.one_or_more() {
                let Some(text) = action.text().filter(|text| !is_action(text)) else { continue };
                let draft = report.at(&ACTION, &action, format!("`{text}` is no action of IAM"));
                draft.help("write `service:Action`, such as `s3:GetObject`");
            }
        }
    }

    fn judge_reach(&self, report: &mut Report) {
        let has = |key: &str, wanted: &[&str]| {
            let values = self.node.get(key);
            values
                .iter()
                .flat_map(Node::one_or_more)
                .find(|node| node.text().is_some_and(|text| wanted.contains(&text)))
        };
        // In the policy of a key, or of a bucket that names itself so, this is what it belongs to.
        let is_of_key = self.node.around().any(|node| node.key() == Some("KeyPolicy"));
        if let Some(action) = has("Action", &["*", "*:*"]).filter(|_| !is_of_key)
            && has("Resource", &["*"]).is_some()
        {
            report
                .at(&ADMIN, &action, "the statement allows every action on every resource")
                .help("name the actions and the resources that are needed");
        }
        if self.node.get("Condition").is_none()
            && let Some(principal) = self.node.get("Principal")
        {
            let aws = principal.get("AWS");
            let anybody = [Some(principal), aws].into_iter().flatten().flat_map(|node| node.one_or_more());
            if let Some(node) = anybody.into_iter().find(|node| node.text() == Some("*")) {
                let draft = report.at(&PRINCIPAL, &node, "anybody in the world may do this");
                draft.help("name who may, or bound it with a `Condition`");
                // Whoever deploys it chooses.
                if self.node.around().any(|node| node.key() == Some("Fn::If")) {
                    draft.warning();
                }
            }
        }
    }

    fn judge_trust(&self, report: &mut Report) {
        self.judge_federated(report);
        let services = self.node.at(["Principal", "Service"]);
        let mut services = services.iter().flat_map(Node::one_or_more);
        let Some(actions) = self.node.get("Action") else { return };
        if !services.any(|service| service.text() == Some("pods.eks.amazonaws.com")) {
            return;
        }
        let allowed = actions.one_or_more();
        let tags = |text: &str| {
            let text = text.to_ascii_lowercase();
            matches!(text.as_str(), "sts:tagsession" | "sts:*" | "sts:tag*" | "*" | "*:*")
        };
        if allowed.iter().all(|action| action.text().is_some_and(|text| !tags(text))) {
            report
                .at(&TRUST, &actions, "EKS Pod Identity cannot take this role: it may not tag its session")
                .help("allow `sts:TagSession` beside `sts:AssumeRole`");
        }
    }
}

impl Statement<'_, '_> {
    fn judge_federated(&self, report: &mut Report) {
        let (Some(principal), Some(actions)) = (self.node.get("Principal"), self.node.get("Action")) else { return };
        if !matches!(principal.entries()[..], [("Federated", _)]) {
            return;
        }
        let actions = actions.one_or_more();
        let takes = |text: &str| text.to_ascii_lowercase().starts_with("sts:assumerolewith") || text.contains('*');
        let is_plain = |text: &str| text.eq_ignore_ascii_case("sts:AssumeRole");
        let plain = actions.iter().find(|action| action.text().is_some_and(is_plain));
        if let Some(plain) = plain.filter(|_| !actions.iter().any(|action| action.text().is_none_or(takes))) {
            report
                .at(&TRUST, plain, "nobody from an identity provider can take this role")
                .also(&principal, "the provider")
                .help("allow `sts:AssumeRoleWithWebIdentity`, or `sts:AssumeRoleWithSAML`");
        }
    }
}

/// `service:Action`, with wildcards in the action; `*` alone is one as well.
fn is_action(text: &str) -> bool {
    let Some((service, action)) = text.split_once(':') else { return text == "*" };
    // IAM reads actions without case.
    let in_service = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let in_action = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'?');
    (service == "*" || !service.is_empty() && service.bytes().all(in_service))
        && !action.is_empty()
        && action.bytes().all(in_action)
}
