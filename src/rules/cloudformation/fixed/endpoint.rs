//! The services that have an endpoint.

use std::sync::LazyLock;

use crate::check::{Report, View, rule};
use crate::finding::suggest::nearest;
use crate::rules::cloudformation::endpoint::service;

rule! {
    ENDPOINT_SERVICE = Error "cfn/endpoint-service";
    summary: "an endpoint for a service that has nearly this name";
    explanation: "Endpoints name their service as `com.amazonaws.REGION.NAME`. EC2 refuses a name that it does not know, and CloudFormation rolls the network back. Judged by a table of names that are known; one that is unlike all of them may be new, and nothing is said of it.";
    wrong: "
        Resources:
          Secrets:
            Type: AWS::EC2::VPCEndpoint
            Properties: {VpcEndpointType: Interface, ServiceName: com.amazonaws.eu-central-1.secretmanager, VpcId: vpc-0123456789abcdef0}
    ";
    right: "
        Resources:
          Secrets:
            Type: AWS::EC2::VPCEndpoint
            Properties: {VpcEndpointType: Interface, ServiceName: com.amazonaws.eu-central-1.secretsmanager, VpcId: vpc-0123456789abcdef0}
    ";
}

static NAMES: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("endpoints.txt").lines().filter(|line| !line.starts_with('#')).collect());

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for endpoint in view.resources_of("AWS::EC2::VPCEndpoint") {
        let Some((node, name)) = service(endpoint) else { continue };
        // One of somebody's own, and of those that are there for FIPS or a part of the service.
        if name.starts_with("vpce") || NAMES.binary_search(&name).is_ok() {
            continue;
        }
        let plain = name.strip_suffix("-fips").unwrap_or(name);
        if NAMES.binary_search(&plain).is_ok() || plain.len() < 5 {
            continue;
        }
        let Some(near) = nearest(plain, NAMES.iter().copied()).filter(|near| is_slip(plain, near)) else { continue };
        let draft = report.at(&ENDPOINT_SERVICE, &node, format!("no service with an endpoint is called `{name}`"));
        draft.about(node.text().unwrap_or_default(), name).label("EC2 refuses this name");
        draft.help(format!("did you mean `{near}`?"));
    }
}

/// Two services may differ by a word, or by what stands behind the last hyphen.
fn is_slip(name: &str, near: &str) -> bool {
    name.len().abs_diff(near.len()) <= 2 && name.split(['.', '-']).count() == near.split(['.', '-']).count()
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn the_table_is_in_order() {
        assert!(NAMES.len() > 300 && NAMES.is_sorted());
        assert!(NAMES.contains(&"secretsmanager") && NAMES.contains(&"ecr.dkr") && NAMES.contains(&"s3"));
    }
}
