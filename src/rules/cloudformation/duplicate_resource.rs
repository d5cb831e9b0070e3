//! Two resources that stand for one thing in AWS.

use std::collections::BTreeMap;

use super::routes::is_conditional;
use super::written;
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    DUPLICATE_RESOURCE = Error "cfn/duplicate-resource";
    summary: "two resources stand for one thing that AWS has only once";
    explanation: "A cluster has one access entry for each principal, one add-on of each name and one association for each service account; a subnet has one route table, a route table one route to each destination, a bucket one policy. AWS refuses the second, or lets it overwrite the first and leaves two stacks to fight over it. Resources with a condition are left out, since they may be alternatives.";
    wrong: "
        Resources:
          Admins: {Type: AWS::EKS::AccessEntry, Properties: {ClusterName: prod, PrincipalArn: 'arn:aws:iam::012345678901:role/admin'}}
          Operators: {Type: AWS::EKS::AccessEntry, Properties: {ClusterName: prod, PrincipalArn: 'arn:aws:iam::012345678901:role/admin'}}
    ";
    right: "
        Resources:
          Admins: {Type: AWS::EKS::AccessEntry, Properties: {ClusterName: prod, PrincipalArn: 'arn:aws:iam::012345678901:role/admin'}}
          Operators: {Type: AWS::EKS::AccessEntry, Properties: {ClusterName: prod, PrincipalArn: 'arn:aws:iam::012345678901:role/operator'}}
    ";
}

/// A type, the properties that tell one of its resources from another, and what such a resource is.
struct Unique {
    kind: &'static str,
    by: &'static [&'static str],
    what: &'static str,
}

impl Unique {
    /// The last of the properties is what is meant; those before it say where.
    fn place<'a>(&self, resource: &Resource<'a>) -> Option<Node<'a>> {
        let node = resource.property(self.by.last()?)?;
        Some(written(&node).unwrap_or(node))
    }
}

static UNIQUE: &[Unique] = &[
    Unique { kind: "AWS::EKS::AccessEntry", by: &["ClusterName", "PrincipalArn"], what: "entries for one principal" },
    Unique { kind: "AWS::EKS::Addon", by: &["ClusterName", "AddonName"], what: "one add-on" },
    Unique {
        kind: "AWS::EKS::PodIdentityAssociation",
        by: &["ClusterName", "Namespace", "ServiceAccount"],
        what: "associations of one service account",
    },
    Unique {
        kind: "AWS::EC2::Route",
        by: &["RouteTableId", "DestinationCidrBlock"],
        what: "routes to one destination",
    },
    Unique { kind: "AWS::EC2::SubnetRouteTableAssociation", by: &["SubnetId"], what: "route tables of one subnet" },
    Unique { kind: "AWS::S3::BucketPolicy", by: &["Bucket"], what: "policies of one bucket" },
    Unique { kind: "AWS::WAFv2::WebACLAssociation", by: &["ResourceArn"], what: "web ACLs of one resource" },
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let names = Names::of(view);
    for unique in UNIQUE {
        let mut first: BTreeMap<Vec<String>, &Resource<'_>> = BTreeMap::new();
        for template in view.templates().iter().filter(|template| !template.is_transformed()) {
            for resource in template.resources_of(unique.kind).filter(|resource| !is_conditional(resource)) {
                let own = |name: &&str| names.identity(&resource.property(name)?, template);
                let Some(identity) = unique.by.iter().map(own).collect::<Option<Vec<_>>>() else { continue };
                let Some(other) = first.get(&identity) else {
                    first.insert(identity, resource);
                    continue;
                };
                let (Some(node), Some(taken)) = (unique.place(resource), unique.place(other)) else { continue };
                let message = format!("`{}` and `{}` are {}", other.id, resource.id, unique.what);
                let draft = report.at(&DUPLICATE_RESOURCE, &node, message).label("this is taken already");
                draft.also(&taken, format!("by `{}`", other.id)).help("remove one of them, or give each its own");
                // Of a name that is put together, the end is what tells it from others.
                let text = node.text().unwrap_or_default();
                if let Some(end) = text.rsplit(['/', ':']).next() {
                    draft.about(text, end);
                }
            }
        }
    }
}

/// What names of clusters and exports stand for.
struct Names<'v, 'a> {
    exports: BTreeMap<&'a str, (&'v Template<'a>, Node<'a>)>,
}

impl<'v, 'a> Names<'v, 'a> {
    fn of(view: &'v View<'a>) -> Self {
        let exported = |template: &'v Template<'a>| {
            template.exports().iter().filter_map(move |export| {
                let value = template.document.root().at(["Outputs", export.output, "Value"])?;
                Some((export.name.text()?, (template, value)))
            })
        };
        Self { exports: view.templates().iter().flat_map(exported).collect() }
    }

    /// A text that is the same for two values only if they are the same once deployed. None if nobody can say.
    fn identity(&self, node: &Node<'a>, template: &Template<'a>) -> Option<String> {
        if let Some(text) = node.text() {
            return Some(text.to_owned());
        }
        let entries = node.entries();
        let [(function, argument)] = entries.as_slice() else { return None };
        match *function {
            "Ref" => {
                let id = argument.text()?;
                let resource = template.resource(id);
                let named = |name: &str| resource?.property(name)?.text().map(str::to_owned);
                let name = match resource?.kind {
                    "AWS::EKS::Cluster" => named("Name"),
                    "AWS::S3::Bucket" => named("BucketName"),
                    _ => None,
                };
                Some(name.unwrap_or_else(|| format!("{}#{id}", template.document.path)))
            }
            "Fn::GetAtt" => {
                let parts: Vec<&str> = argument.items().iter().filter_map(Node::text).collect();
                Some(format!(
                    "{}#{}",
                    template.document.path,
                    argument.text().map_or_else(|| parts.join("."), str::to_owned)
                ))
            }
            "Fn::Sub" => {
                let text = argument.text()?;
                let is_pseudo =
                    |name: &str| name.starts_with("AWS::") && name != "AWS::StackName" && name != "AWS::StackId";
                crate::check::cfn::variables(text).all(is_pseudo).then(|| format!("sub {text}"))
            }
            "Fn::ImportValue" => {
                let (template, value) = self.exports.get(argument.text()?)?;
                // One export leads to another resource at most once.
                if matches!(value.value, Value::Map(_)) && value.get("Fn::ImportValue").is_some() {
                    return None;
                }
                self.identity(value, template)
            }
            _ => None,
        }
    }
}
