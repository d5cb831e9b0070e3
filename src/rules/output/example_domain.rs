//! Names of documentation in an environment that has names of its own.

use crate::check::{Node, Report, Signs, View, rule};

rule! {
    EXAMPLE_DOMAIN = Warning "output/example-domain";
    summary: "a name under `example.com` is left over, though the environment has a domain of its own";
    explanation: "`example.com`, `example.net` and `example.org` belong to nobody (RFC 2606): mail to them is lost, an ACME server refuses them as a contact, and what should be reached there never is. Said once one zone, certificate or ingress of the environment has a real name; an environment that has none is a sample as a whole, and is left alone.";
    wrong: "
        --- # ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: shop}
        spec: {rules: [{host: shop.acme.io}]}
        --- # issuer.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: letsencrypt}
        spec: {acme: {email: platform@example.com, server: https://acme-v02.api.letsencrypt.org/directory}}
    ";
    right: "
        --- # ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: shop}
        spec: {rules: [{host: shop.acme.io}]}
        --- # issuer.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: letsencrypt}
        spec: {acme: {email: platform@acme.io, server: https://acme-v02.api.letsencrypt.org/directory}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let own = own_names(view);
    let Some(real) = own.iter().find(|node| node.text().is_some_and(is_real)) else { return };
    let name = real.text().unwrap_or_default();
    for document in view.meant() {
        for (node, text) in document.root().texts_with(Signs::of(b".")) {
            if let Some(part) = example(text) {
                report
                    .at(&EXAMPLE_DOMAIN, node, format!("`{part}` is a name of documentation"))
                    .about(text, part)
                    .label("nobody has this domain")
                    .also(real, format!("the environment has `{name}`"))
                    .help("put a name of your own in its place");
            }
        }
    }
}

/// The names that an environment claims: zones, certificates, hosts.
fn own_names<'a>(view: &View<'a>) -> Vec<Node<'a>> {
    let mut names = Vec::new();
    for template in view.templates() {
        let zones = template.resources_of("AWS::Route53::HostedZone").filter_map(|zone| zone.property("Name"));
        let certificates = template.resources_of("AWS::CertificateManager::Certificate");
        names.extend(zones.chain(certificates.filter_map(|it| it.property("DomainName"))));
    }
    for ingress in view.objects_of("networking.k8s.io", "Ingress") {
        let rules = ingress.root().list(["spec", "rules"]);
        names.extend(rules.iter().filter_map(|rule| rule.get("host")));
    }
    for certificate in view.objects_of("cert-manager.io", "Certificate") {
        names.extend(certificate.root().list(["spec", "dnsNames"]));
    }
    names
}

/// Domains that everybody may use, none of which is somebody's: RFC 2606, RFC 6761, RFC 6762, and those of Kubernetes.
const NOBODYS: [&str; 9] = ["example", "invalid", "internal", "local", "localhost", "test", "home", "lan", "svc"];

fn is_real(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_host = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte));
    is_host && name.contains('.') && !NOBODYS.contains(&last) && example(name).is_none()
}

/// The name under an example domain that a text is, or that an address or a path in it begins with.
fn example(text: &str) -> Option<&str> {
    if !text.contains("example.") {
        return None;
    }
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let host = rest.split(['/', ':']).next()?;
    let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte));
    let is_one = ["example.com", "example.net", "example.org"]
        .iter()
        .any(|domain| host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.')));
    // `example.com/owner` is the key of a label.
    let is_key = rest.len() > host.len() && rest == text && host.matches('.').count() == 1;
    (is_host && is_one && !is_key && !text.contains(char::is_whitespace)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::{example, is_real};

    #[test]
    fn names_of_documentation() {
        for (text, host) in [
            ("example.com", "example.com"),
            ("*.shop.example.org", "*.shop.example.org"),
            ("platform@example.com", "example.com"),
            ("https://git.example.com/fleet.git", "git.example.com"),
            ("ssh://git@git.example.net:22/fleet", "git.example.net"),
            ("registry.example.com/api:1.2", "registry.example.com"),
        ] {
            assert_eq!(example(text), Some(host), "{text}");
        }
        for text in [
            "myexample.com",
            "example.com.acme.io",
            "example.com/owner",
            "see example.com",
            "example",
            "https://acme.io/example.com",
        ] {
            assert_eq!(example(text), None, "{text}");
        }
        assert!(is_real("shop.acme.io") && is_real("acme.io."));
        assert!(!is_real("web.internal") && !is_real("shop.example.com") && !is_real("localhost") && !is_real("*"));
    }
}
