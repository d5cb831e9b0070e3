//! Certificates that wait for a record that nobody writes.

use crate::check::cfn::Resource;
use crate::check::{Report, View, rule};

rule! {
    CERTIFICATE_ZONE = Warning "cfn/certificate-zone";
    summary: "a certificate is validated by DNS without its zone being named, and the tree makes that zone";
    explanation: "CloudFormation writes the record that validates a certificate only where `DomainValidationOptions` name the hosted zone. Without it the stack waits until somebody else writes the record, and fails after hours if nobody does. Told where the tree makes a public hosted zone of the domain.";
    wrong: "
        Resources:
          Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.org}}
          Certificate: {Type: AWS::CertificateManager::Certificate, Properties: {DomainName: www.example.org, ValidationMethod: DNS}}
    ";
    right: "
        Resources:
          Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.org}}
          Certificate: {Type: AWS::CertificateManager::Certificate, Properties: {DomainName: www.example.org, ValidationMethod: DNS, DomainValidationOptions: [{DomainName: www.example.org, HostedZoneId: !Ref Zone}]}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for certificate in view.resources_of("AWS::CertificateManager::Certificate") {
        let Some(method) = certificate.property("ValidationMethod").filter(|it| it.text() == Some("DNS")) else {
            continue;
        };
        if certificate.property("DomainValidationOptions").is_some_and(|it| it.under("HostedZoneId").next().is_some()) {
            continue;
        }
        // A function may bring it along.
        if certificate.property("DomainValidationOptions").is_some_and(|it| it.items().is_empty()) {
            continue;
        }
        let Some(domain) = certificate.property("DomainName").and_then(|it| it.text()) else { continue };
        let is_of = |zone: &&Resource<'_>| {
            let name = zone.property("Name").and_then(|it| it.text()).map(|name| name.trim_end_matches('.'));
            let is_public = zone.property("VPCs").is_none();
            is_public
                && name.is_some_and(|name| {
                    domain.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                })
        };
        let Some(zone) = view.resources_of("AWS::Route53::HostedZone").find(is_of) else { continue };
        report
            .at(&CERTIFICATE_ZONE, &method, format!("nobody writes the record that `{}` waits for", certificate.id))
            .label("no `HostedZoneId` in `DomainValidationOptions`")
            .also(&zone.node, "the tree makes the zone")
            .help(format!("add `DomainValidationOptions: [{{DomainName: {domain}, HostedZoneId: …}}]`"));
    }
}
