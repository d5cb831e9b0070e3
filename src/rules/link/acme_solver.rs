//! Certificates, and who answers the challenge for their names.

use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    ACME_SOLVER = Error "link/acme-solver";
    summary: "an issuer has no solver for a name of a certificate";
    explanation: "cert-manager looks for the solver whose selector fits each name of a certificate: `dnsNames` by the whole name, `dnsZones` by its end. A zone is written without an asterisk. Where none fits, the order fails, and the certificate never comes (cert-manager.io, \"ACME\"). Judged for certificates whose issuer is in the tree, and whose names are written out.";
    wrong: "
        --- # issuer.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: acme}
        spec:
          acme:
            server: https://acme-v02.api.letsencrypt.org/directory
            privateKeySecretRef: {name: account}
            solvers: [{selector: {dnsZones: [example.net]}, dns01: {route53: {region: eu-central-1}}}]
        --- # certificate.yaml
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: web, namespace: web}
        spec: {secretName: web-tls, dnsNames: [web.example.com], issuerRef: {kind: ClusterIssuer, name: acme}}
    ";
    right: "
        --- # issuer.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: acme}
        spec:
          acme:
            server: https://acme-v02.api.letsencrypt.org/directory
            privateKeySecretRef: {name: account}
            solvers: [{selector: {dnsZones: [example.com]}, dns01: {route53: {region: eu-central-1}}}]
        --- # certificate.yaml
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: web, namespace: web}
        spec: {secretName: web-tls, dnsNames: [web.example.com], issuerRef: {kind: ClusterIssuer, name: acme}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for kind in ["ClusterIssuer", "Issuer"] {
        for issuer in view.objects_of("cert-manager.io", kind) {
            let solvers = issuer.root().list(["spec", "acme", "solvers"]);
            if !solvers.is_empty() && !wildcard(&solvers, report) {
                judge(view, issuer, &solvers, report);
            }
        }
    }
}

/// Whether a zone is written with an asterisk: no name ends so.
fn wildcard(solvers: &[Node<'_>], report: &mut Report) -> bool {
    let zones = solvers.iter().flat_map(|solver| solver.list(["selector", "dnsZones"]));
    let Some(zone) = zones.into_iter().find(|zone| zone.text().is_some_and(|it| it.starts_with('*'))) else {
        return false;
    };
    let text = zone.text().unwrap_or_default();
    report
        .at(&ACME_SOLVER, zone, format!("`{text}` is no zone: no name of a certificate ends so"))
        .label("this solver is never chosen")
        .help(format!("write `{}`: names below it are in the zone", text.trim_start_matches("*.")));
    true
}

fn judge(view: &View<'_>, issuer: &Object<'_>, solvers: &[Node<'_>], report: &mut Report) {
    // What selects by labels, or everything, may be for any.
    let is_open = |solver: &Node<'_>| {
        let selector = solver.get("selector");
        let lists = |key: &str| selector.and_then(|it| it.get(key)).is_some_and(|it| !it.items().is_empty());
        (!lists("dnsZones") && !lists("dnsNames")) || selector.is_some_and(|it| it.get("matchLabels").is_some())
    };
    if solvers.iter().any(is_open) {
        return;
    }
    let fits = |name: &str| {
        let ends = |zone: &Node<'_>| {
            let zone = zone.text().unwrap_or_default();
            name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
        };
        solvers.iter().any(|solver| {
            solver.list(["selector", "dnsZones"]).iter().any(ends)
                || solver.list(["selector", "dnsNames"]).iter().any(|it| it.text() == Some(name))
        })
    };
    let is_of = |certificate: &&Object<'_>| {
        let reference = certificate.root().at(["spec", "issuerRef"]);
        reference.is_some_and(|it| {
            it.text_at(["name"]) == issuer.name && it.text_at(["kind"]).unwrap_or("Issuer") == issuer.kind
        }) && (issuer.kind == "ClusterIssuer" || certificate.namespace == issuer.namespace)
    };
    let certificates = view.objects_of("cert-manager.io", "Certificate").filter(is_of);
    let names = certificates.flat_map(|it| it.root().list(["spec", "dnsNames"]));
    let mut unsolved =
        names.into_iter().filter(|it| it.text().is_some_and(|name| !name.contains(['{', '$']) && !fits(name)));
    let Some(first) = unsolved.next() else { return };
    let place = solvers[0].at(["selector", "dnsZones"]).or(solvers[0].get("selector")).unwrap_or(solvers[0]);
    let place = place.items().first().copied().unwrap_or(place);
    let (name, issuer) = (first.text().unwrap_or_default(), issuer.name.unwrap_or_default());
    report
        .at(&ACME_SOLVER, place, format!("no solver of `{issuer}` is for `{name}`: the certificate never comes"))
        .label("not the zone of this name")
        .also(first, "this name asks for it")
        .help("name the zone in which the name is");
}
