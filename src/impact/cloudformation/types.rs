//! What replaces a resource, by its type: a table from `CloudFormation`'s registry. For types that it does not know, the
//! schemas that a project imported are asked.

use crate::check::Brought;

/// Made by `benches/resource_types.mjs`.
static TABLE: &str = include_str!("types.txt");

/// Properties that the registry's schemas name among those that replace for some values, and that the user guide of
/// `CloudFormation` says to be changed in place.
const IN_PLACE: [(&str, &str); 8] = [
    ("AWS::RDS::DBInstance", "AutoMinorVersionUpgrade"),
    ("AWS::RDS::DBInstance", "BackupRetentionPeriod"),
    ("AWS::RDS::DBInstance", "DBParameterGroupName"),
    ("AWS::RDS::DBInstance", "MultiAZ"),
    ("AWS::RDS::DBInstance", "PerformanceInsightsKMSKeyId"),
    ("AWS::RDS::DBInstance", "PreferredMaintenanceWindow"),
    ("AWS::RDS::DBInstance", "StorageType"),
    ("AWS::ElastiCache::ReplicationGroup", "AuthToken"),
];

/// What is known of a type.
#[derive(Debug)]
pub(crate) struct Type {
    /// Properties that cannot be changed; a point leads into a property.
    pub(super) create_only: Vec<Property>,
    /// Those that cannot be changed for some values.
    pub(super) conditional: Vec<Property>,
    /// What identifies it, if the template says all of that.
    pub(super) identifier: Vec<&'static str>,
    /// The old one is deleted before the new one is made.
    pub(super) deletes_first: bool,
}

/// A property and whether `CloudFormation` rewrites what it is given before it compares.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    pub(super) path: String,
    pub(super) is_rewritten: bool,
}

impl Type {
    /// Nothing of a type that neither the table nor the project knows.
    pub(crate) fn of(kind: &str, brought: Option<&dyn Brought>) -> Option<Self> {
        // Its provider decides.
        if kind == "AWS::CloudFormation::CustomResource" {
            return None;
        }
        // SAM's macro makes a function of Lambda of it.
        if kind == "AWS::Serverless::Function" {
            return Self::in_table("AWS::Lambda::Function");
        }
        Self::in_table(kind).or_else(|| {
            let create_only = brought?.create_only(kind)?;
            let property = |path: String| Property { path, is_rewritten: false };
            Some(Self {
                create_only: create_only.into_iter().map(property).collect(),
                conditional: Vec::new(),
                identifier: Vec::new(),
                deletes_first: false,
            })
        })
    }

    fn in_table(kind: &str) -> Option<Self> {
        if kind.is_empty() {
            return None;
        }
        let line = TABLE
            .lines()
            .find(|line| line.strip_prefix(kind).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))?;
        let mut found =
            Self { create_only: Vec::new(), conditional: Vec::new(), identifier: Vec::new(), deletes_first: false };
        for word in line.split(' ').skip(1) {
            if word == "@delete-first" {
                found.deletes_first = true;
            } else if let Some(name) = word.strip_prefix('=') {
                found.identifier.push(name);
            } else {
                let (name, list) = match word.strip_suffix('?') {
                    Some(name) => (name, &mut found.conditional),
                    None => (word, &mut found.create_only),
                };
                let path = name.strip_suffix('~');
                list.push(Property { path: path.unwrap_or(name).to_owned(), is_rewritten: path.is_some() });
            }
        }
        found.conditional.retain(|it| !IN_PLACE.contains(&(kind, it.path.as_str())));
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_type_with_its_properties() {
        let subnet = Type::of("AWS::EC2::Subnet", None).unwrap();
        assert!(subnet.create_only.iter().any(|it| it.path == "CidrBlock" && it.is_rewritten));
        assert!(subnet.conditional.iter().any(|it| it.path == "Ipv6CidrBlock"));
        let attachment = Type::of("AWS::EC2::VPCGatewayAttachment", None).unwrap();
        assert!(attachment.deletes_first && attachment.create_only.iter().any(|it| it.path == "VpcId"));
        let entry = Type::of("AWS::EKS::AccessEntry", None).unwrap();
        assert_eq!(entry.identifier, ["ClusterName", "PrincipalArn"]);
        assert!(Type::of("AWS::EC2::Sub", None).is_none() && Type::of("Custom::Thing", None).is_none());
        let types = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert!(types.clone().all(|line| line.split(' ').next().is_some_and(|name| name.split("::").count() >= 3)));
        assert!(types.count() > 1800);
    }
}
