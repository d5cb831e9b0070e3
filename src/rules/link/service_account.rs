//! Service accounts that are to get a role, and those that charts and objects make.

use std::collections::BTreeSet;

use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    SERVICE_ACCOUNT = Error "link/service-account";
    summary: "a role is associated with a service account that is made under another name, or in another namespace";
    explanation: "EKS takes the association as it is, since it does not look for the service account. The pods run without the role, and what they ask of AWS is refused. Judged where both sides are left alone: a service account that nothing makes, and one in the values or objects that no association names.";
    wrong: "
        --- # template.yaml
        Resources:
          Association:
            Type: AWS::EKS::PodIdentityAssociation
            Properties: {ClusterName: prod, Namespace: karpenter, ServiceAccount: karpenter, RoleArn: 'arn:aws:iam::012345678901:role/r'}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: karpenter}
        spec:
          destination: {namespace: karpenter}
          source: {repoURL: public.ecr.aws/karpenter, chart: karpenter, targetRevision: 1.0.0, helm: {valuesObject: {serviceAccount: {name: karpenter-controller}}}}
    ";
    right: "
        --- # template.yaml
        Resources:
          Association:
            Type: AWS::EKS::PodIdentityAssociation
            Properties: {ClusterName: prod, Namespace: karpenter, ServiceAccount: karpenter, RoleArn: 'arn:aws:iam::012345678901:role/r'}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: karpenter}
        spec:
          destination: {namespace: karpenter}
          source: {repoURL: public.ecr.aws/karpenter, chart: karpenter, targetRevision: 1.0.0, helm: {valuesObject: {serviceAccount: {name: karpenter}}}}
    ";
}

/// A service account that something makes.
struct Account<'a> {
    namespace: &'a str,
    name: &'a str,
    node: Node<'a>,
    /// The release that makes it.
    release: Option<&'a str>,
}

struct Association<'a> {
    namespace: (&'a str, Node<'a>),
    account: (&'a str, Node<'a>),
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(associations) = associations(view) else { return };
    let accounts = accounts(view);
    let claimed: BTreeSet<_> = associations.iter().map(|it| (it.namespace.0, it.account.0)).collect();
    for association in &associations {
        let ((namespace, namespace_node), (name, name_node)) = (&association.namespace, &association.account);
        if accounts.iter().any(|account| (account.namespace, account.name) == (*namespace, *name)) {
            continue;
        }
        // A chart that is told no name makes one of the release's.
        let is_named =
            |release: &str| accounts.iter().any(|it| it.release == Some(release) && it.namespace == *namespace);
        let installed = view.releases().iter().filter(|it| it.namespace == Some(namespace) && !view.knows(it));
        if installed.into_iter().any(|release| release.name == *name && !is_named(release.name)) {
            continue;
        }
        let mut alone = accounts.iter().filter(|account| !claimed.contains(&(account.namespace, account.name)));
        let help = "let the association and the service account have one name and one namespace";
        let mut here = alone.clone().filter(|account| account.namespace == *namespace);
        if let Some(other) = here.find(|account| account.is_meant(name)) {
            let message = format!("nothing makes the service account `{name}` in the namespace `{namespace}`");
            let label = format!("gets the role, but the service account is `{}`", other.name);
            let draft = report.at(&SERVICE_ACCOUNT, name_node, message).label(label);
            draft.also(&other.node, "the service account gets its name here").help(help);
        } else if let Some(other) = alone.find(|account| account.name == *name && account.namespace != *namespace) {
            let message = format!("the service account `{name}` is in `{}`, not in `{namespace}`", other.namespace);
            let draft = report.at(&SERVICE_ACCOUNT, namespace_node, message);
            draft.label("the role is given to a service account in this namespace");
            draft.also(&other.node, format!("installed into `{}`", other.namespace)).help(help);
        }
    }
}

impl Account<'_> {
    /// Whether an association with another name may mean this one.
    fn is_meant(&self, name: &str) -> bool {
        self.release == Some(name) || suggest::nearest(name, [self.name]).is_some()
    }
}

/// All associations; none if one of them is known only at deployment.
fn associations<'a>(view: &View<'a>) -> Option<Vec<Association<'a>>> {
    let kind = "AWS::EKS::PodIdentityAssociation";
    let resources = view.resources_of(kind);
    let text = |node: Node<'a>| Some((node.text()?, node));
    resources
        .map(|it| {
            let (namespace, account) = (it.property("Namespace")?, it.property("ServiceAccount")?);
            Some(Association { namespace: text(namespace)?, account: text(account)? })
        })
        .collect()
}

fn accounts<'a>(view: &View<'a>) -> Vec<Account<'a>> {
    let mut accounts = Vec::new();
    for object in view.objects_of("", "ServiceAccount") {
        if let (Some(namespace), Some(name)) = (object.namespace, object.name) {
            accounts.push(Account { namespace, name, node: object.name_node(), release: None });
        }
    }
    for release in view.releases().iter().filter(|release| !view.knows(release)) {
        let Some(namespace) = release.namespace else { continue };
        for values in &release.values {
            values.walk(&mut |node| {
                if is_account(node)
                    && let Some(name) = node.text().filter(|name| !name.is_empty())
                {
                    let release = Some(release.name);
                    accounts.push(Account { namespace, name, node: *node, release });
                }
            });
        }
    }
    accounts
}

/// `serviceAccount.name`, `serviceAccount.server.name`, `serviceAccounts.operator.name`.
fn is_account(node: &Node<'_>) -> bool {
    let owns = |node: Node<'_>| matches!(node.key(), Some("serviceAccount" | "serviceAccounts"));
    node.key() == Some("name") && node.around().take(2).any(owns)
}
