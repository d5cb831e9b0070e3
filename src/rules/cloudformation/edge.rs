//! Web ACLs and certificates before load balancers and `CloudFront`: each has its own scope, and its own region.

use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    WAF_SCOPE = Error "cfn/waf-scope";
    summary: "a web ACL of the wrong scope for what it protects";
    explanation: "A web ACL with the scope `CLOUDFRONT` is for distributions of CloudFront and can be made in us-east-1 only; one with the scope `REGIONAL` is for load balancers, APIs and the like of its own region. WAF refuses to join one to the other, and the load balancer controller leaves the load balancer without protection. Judged by web ACLs of the tree and by ARNs that are written out.";
    wrong: "
        Resources:
          Acl: {Type: AWS::WAFv2::WebACL, Properties: {Scope: CLOUDFRONT, DefaultAction: {Allow: {}}, VisibilityConfig: {CloudWatchMetricsEnabled: true, MetricName: a, SampledRequestsEnabled: true}}}
          Association: {Type: AWS::WAFv2::WebACLAssociation, Properties: {ResourceArn: l, WebACLArn: !GetAtt Acl.Arn}}
    ";
    right: "
        Resources:
          Acl: {Type: AWS::WAFv2::WebACL, Properties: {Scope: REGIONAL, DefaultAction: {Allow: {}}, VisibilityConfig: {CloudWatchMetricsEnabled: true, MetricName: a, SampledRequestsEnabled: true}}}
          Association: {Type: AWS::WAFv2::WebACLAssociation, Properties: {ResourceArn: l, WebACLArn: !GetAtt Acl.Arn}}
    ";
}

rule! {
    CERTIFICATE_REGION = Error "cfn/certificate-region";
    summary: "a certificate of another region than what it is for";
    explanation: "CloudFront takes certificates of ACM from us-east-1 only, whatever the region of the stack, and a load balancer those of its own region. Judged by ARNs that are written out; the region of a listener is that of the subnets in its template, by their zones, and the region of an Ingress the one that the load balancer controller is told, or that of all subnets.";
    wrong: "
        Resources:
          Site:
            Type: AWS::CloudFront::Distribution
            Properties:
              DistributionConfig:
                Enabled: true
                ViewerCertificate: {AcmCertificateArn: 'arn:aws:acm:eu-central-1:012345678901:certificate/a', SslSupportMethod: sni-only}
    ";
    right: "
        Resources:
          Site:
            Type: AWS::CloudFront::Distribution
            Properties:
              DistributionConfig:
                Enabled: true
                ViewerCertificate: {AcmCertificateArn: 'arn:aws:acm:us-east-1:012345678901:certificate/a', SslSupportMethod: sni-only}
    ";
}

/// Where `CloudFront` has its certificates and web ACLs.
const CLOUDFRONT_REGION: &str = "us-east-1";

/// A region, and where it is said.
pub(super) type Region<'a> = (String, Node<'a>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Regional,
    CloudFront,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        let region = region_of(template);
        for distribution in template.resources_of("AWS::CloudFront::Distribution") {
            let Some(config) = distribution.property("DistributionConfig") else { continue };
            if let Some(acl) = config.get("WebACLId") {
                of_scope(&acl, Scope::CloudFront, template, report);
            }
            if let Some(certificate) = config.at(["ViewerCertificate", "AcmCertificateArn"]) {
                let help = "make or import the certificate in us-east-1, in a stack of that region";
                of_region(&certificate, CLOUDFRONT_REGION, None, help, report);
            }
        }
        for association in template.resources_of("AWS::WAFv2::WebACLAssociation") {
            if let Some(acl) = association.property("WebACLArn") {
                of_scope(&acl, Scope::Regional, template, report);
            }
        }
        for acl in template.resources_of("AWS::WAFv2::WebACL") {
            in_its_region(acl, region.as_ref(), report);
        }
        for kind in ["AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerCertificate"] {
            for certificates in template.resources_of(kind).filter_map(|listener| listener.property("Certificates")) {
                for certificate in certificates.items().iter().filter_map(|it| it.get("CertificateArn")) {
                    of_load_balancer(&certificate, region.as_ref(), report);
                }
            }
        }
    }
    ingresses(view, report);
}

/// What the load balancer controller is told by annotations.
fn ingresses(view: &View<'_>, report: &mut Report) {
    let region = region_of_cluster(view);
    for ingress in view.objects_of("networking.k8s.io", "Ingress") {
        let Some(annotations) = ingress.root().at(["metadata", "annotations"]) else { continue };
        if let Some(node) = annotations.get("alb.ingress.kubernetes.io/wafv2-acl-arn")
            && node.text().and_then(scope_of_arn) == Some(Scope::CloudFront)
        {
            wrong_scope(&node, Scope::CloudFront, None, report);
        }
        if let Some(node) = annotations.get("alb.ingress.kubernetes.io/wafv2-acl-name") {
            let is_named = |acl: &&Resource<'_>| acl.property("Name").and_then(|name| name.text()) == node.text();
            let acls = view.resources_of("AWS::WAFv2::WebACL");
            if let Some(acl) = acls.into_iter().find(is_named)
                && scope(acl) == Some(Scope::CloudFront)
            {
                wrong_scope(&node, Scope::CloudFront, acl.property("Scope").as_ref(), report);
            }
        }
        if let Some(node) = annotations.get("alb.ingress.kubernetes.io/certificate-arn") {
            of_load_balancer(&node, region.as_ref(), report);
        }
    }
}

fn of_scope(acl: &Node<'_>, wanted: Scope, template: &Template<'_>, report: &mut Report) {
    if let Some(arn) = acl.text() {
        if scope_of_arn(arn).is_some_and(|scope| scope != wanted) {
            wrong_scope(acl, other(wanted), None, report);
        }
        return;
    }
    let reference = template.references().iter().find(|it| it.node.is_within(acl));
    let Some(resource) = reference.and_then(|it| template.resource(it.to)) else { return };
    if resource.kind == "AWS::WAFv2::WebACL" && scope(resource) == Some(other(wanted)) {
        wrong_scope(acl, other(wanted), resource.property("Scope").as_ref(), report);
    }
}

fn other(scope: Scope) -> Scope {
    match scope {
        Scope::Regional => Scope::CloudFront,
        Scope::CloudFront => Scope::Regional,
    }
}

fn wrong_scope(node: &Node<'_>, is: Scope, said: Option<&Node<'_>>, report: &mut Report) {
    let (what, wants, help) = match is {
        Scope::CloudFront => ("a load balancer", "CLOUDFRONT", "REGIONAL"),
        Scope::Regional => ("a distribution of CloudFront", "REGIONAL", "CLOUDFRONT"),
    };
    let draft = report.at(&WAF_SCOPE, node, format!("{what} cannot have a web ACL with the scope `{wants}`"));
    if let Some(said) = said {
        draft.also(said, "its scope");
    }
    draft.help(match is {
        Scope::CloudFront => format!("give it a web ACL with the scope `{help}`, of its own region"),
        Scope::Regional => format!("give it a web ACL with the scope `{help}`, of a stack in {CLOUDFRONT_REGION}"),
    });
}

fn in_its_region(acl: &Resource<'_>, region: Option<&Region<'_>>, report: &mut Report) {
    let Some((region, told)) = region.filter(|(region, _)| region != CLOUDFRONT_REGION) else { return };
    if let Some(node) = acl.property("Scope")
        && scope(acl) == Some(Scope::CloudFront)
    {
        report
            .at(&WAF_SCOPE, &node, format!("a web ACL for CloudFront cannot be made in `{region}`"))
            .also(told, format!("`{region}` is the region here"))
            .help(format!(
                "make it in a stack of {CLOUDFRONT_REGION}; one for load balancers has the scope `REGIONAL`"
            ));
    }
}

fn scope(acl: &Resource<'_>) -> Option<Scope> {
    match acl.property("Scope")?.text()? {
        "REGIONAL" => Some(Scope::Regional),
        "CLOUDFRONT" => Some(Scope::CloudFront),
        _ => None,
    }
}

/// `arn:aws:wafv2:eu-central-1:012345678901:regional/webacl/…`, or `global/webacl/…`.
fn scope_of_arn(arn: &str) -> Option<Scope> {
    let resource = arn.splitn(6, ':').nth(5)?;
    match resource.split_once("/webacl/")?.0 {
        "regional" => Some(Scope::Regional),
        "global" => Some(Scope::CloudFront),
        _ => None,
    }
}

fn of_load_balancer(certificate: &Node<'_>, region: Option<&Region<'_>>, report: &mut Report) {
    if let Some((region, told)) = region {
        let help = format!("name a certificate of `{region}`");
        of_region(certificate, region, Some(told), &help, report);
    }
}

/// Judges one ARN of a certificate, or several with commas between.
fn of_region(node: &Node<'_>, wanted: &str, told: Option<&Node<'_>>, help: &str, report: &mut Report) {
    for arn in node.text().into_iter().flat_map(|text| text.split(',')).map(str::trim) {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, "acm", region, ..] = parts.as_slice() else { continue };
        if *region == wanted || !is_region(region) {
            continue;
        }
        let message = format!("the certificate is of `{region}`, and must be of `{wanted}`");
        let draft =
            report.at(&CERTIFICATE_REGION, node, message).about(node.text().unwrap_or_default(), region).help(help);
        if let Some(told) = told {
            draft.also(told, format!("`{wanted}` is the region here"));
        }
    }
}

/// The region that a template is for, by the zones of its subnets: a tree may have stacks in several.
fn region_of<'a>(template: &Template<'a>) -> Option<Region<'a>> {
    let zones = template.resources_of("AWS::EC2::Subnet").filter_map(|subnet| subnet.property("AvailabilityZone"));
    one(zones.filter_map(|node| Some((node.text()?.trim_end_matches(|it: char| it.is_ascii_alphabetic()), node))))
}

/// The region of the cluster's load balancers: what their controller is told, or that of all subnets.
pub(super) fn region_of_cluster<'a>(view: &View<'a>) -> Option<Region<'a>> {
    let is_controller = |chart: &str| chart.rsplit('/').next() == Some("aws-load-balancer-controller");
    let controllers = view.releases().iter().filter(|release| is_controller(release.chart_name()));
    let told = controllers.flat_map(|release| release.values.iter().filter_map(|values| values.get("region")));
    let told: Vec<_> = told.filter_map(|node| Some((node.text()?, node))).collect();
    if !told.is_empty() {
        return one(told.into_iter());
    }
    let all: Vec<_> = view.templates().iter().filter_map(region_of).collect();
    one(all.iter().map(|(name, node)| (name.as_str(), *node)))
}

/// None if nothing says it, or two things differ.
fn one<'n, 'a>(told: impl Iterator<Item = (&'n str, Node<'a>)>) -> Option<Region<'a>> {
    let mut found: Option<Region<'a>> = None;
    for (name, node) in told {
        if !is_region(name) || found.as_ref().is_some_and(|(known, _)| known != name) {
            return None;
        }
        found.get_or_insert((name.to_owned(), node));
    }
    found
}

/// `eu-central-1`, `us-gov-west-1`.
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [area, .., number] = parts.as_slice() else { return false };
    parts.len() >= 3
        && area.len() == 2
        && number.parse::<u8>().is_ok()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
