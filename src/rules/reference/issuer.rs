//! Issuers of certificates.

use super::{Target, judge};
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    ISSUER = Error "reference/issuer";
    summary: "a certificate of an issuer that the tree does not have";
    explanation: "cert-manager waits for an issuer that does not exist, and says so only in the status of the request: the certificate's secret never appears. An `Issuer` serves its own namespace, a `ClusterIssuer` all. This is judged where the tree has issuers of that kind. Where it installs a chart that platc does not know, which may bring more, only a name that is nearly one of the tree's is judged.";
    wrong: "
        --- # certificate.yaml
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: web, namespace: web}
        spec: {secretName: web, issuerRef: {kind: ClusterIssuer, name: letsencrypt}}
        --- # issuer.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: letsencrypt-production}
    ";
    right: "
        --- # certificate.yaml
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: web, namespace: web}
        spec: {secretName: web, issuerRef: {kind: ClusterIssuer, name: letsencrypt-production}}
        --- # issuer.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: letsencrypt-production}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for certificate in view.objects_of("cert-manager.io", "Certificate") {
        if let Some(issuer) = certificate.root().at(["spec", "issuerRef"]) {
            reference(view, &issuer, Some(certificate), "Issuer", report);
        }
    }
    for object in view.objects() {
        let Some(annotations) = object.root().at(["metadata", "annotations"]) else { continue };
        if !matches!(
            (object.group, object.kind),
            ("networking.k8s.io", "Ingress") | ("gateway.networking.k8s.io", "Gateway")
        ) {
            continue;
        }
        if let Some(name) = annotations.get("cert-manager.io/cluster-issuer") {
            issuer(view, "ClusterIssuer", None, &name, report);
        }
        // With `issuer-kind` it is another kind's name.
        if let Some(name) = annotations.get("cert-manager.io/issuer")
            && annotations.get("cert-manager.io/issuer-kind").is_none()
        {
            issuer(view, "Issuer", Some(object), &name, report);
        }
    }
    for values in view.values() {
        // Where a chart makes a certificate is the chart's affair.
        for found in values.under("issuerRef").filter(|it| it.text_at(["kind"]) == Some("ClusterIssuer")) {
            reference(view, &found, None, "ClusterIssuer", report);
        }
    }
}

fn reference(view: &View<'_>, found: &Node<'_>, by: Option<&Object<'_>>, default: &str, report: &mut Report) {
    let kind = found.text_at(["kind"]).unwrap_or(default);
    let group = found.text_at(["group"]).unwrap_or_default();
    let by = by.filter(|_| kind == "Issuer");
    if let Some(name) = found.get("name")
        && matches!(group, "" | "cert-manager.io")
    {
        issuer(view, kind, by, &name, report);
    }
}

/// An issuer of the cluster, or of the namespace of what names it.
fn issuer(view: &View<'_>, kind: &str, by: Option<&Object<'_>>, name: &Node<'_>, report: &mut Report) {
    if by.is_some_and(|by| view.is_moved(by)) {
        return;
    }
    let namespace = by.and_then(|by| by.namespace);
    judge(view, &ISSUER, &Target { group: "cert-manager.io", kind, namespace }, name, report);
}
