//! Stores of external secrets.

use super::{Target, judge};
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    SECRET_STORE = Error "reference/secret-store";
    summary: "an external secret of a store that the tree does not have";
    explanation: "The External Secrets operator writes no secret from a store that does not exist, and whatever mounts the secret does not start. A `SecretStore` serves its own namespace, a `ClusterSecretStore` all. This is judged where the tree has stores of that kind. Where it installs a chart that platc does not know, which may bring more, only a name that is nearly one of the tree's is judged.";
    wrong: "
        --- # secret.yaml
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: {name: token, namespace: web}
        spec: {secretStoreRef: {kind: ClusterSecretStore, name: parameters}}
        --- # store.yaml
        apiVersion: external-secrets.io/v1
        kind: ClusterSecretStore
        metadata: {name: parameter-store}
    ";
    right: "
        --- # secret.yaml
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: {name: token, namespace: web}
        spec: {secretStoreRef: {kind: ClusterSecretStore, name: parameter-store}}
        --- # store.yaml
        apiVersion: external-secrets.io/v1
        kind: ClusterSecretStore
        metadata: {name: parameter-store}
    ";
}

const GROUP: &str = "external-secrets.io";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for secret in view.objects_of(GROUP, "ExternalSecret") {
        let Some(spec) = secret.root().get("spec") else { continue };
        store(view, spec.get("secretStoreRef").as_ref(), Some(secret), report);
        for list in ["data", "dataFrom"] {
            let items = spec.get(list);
            for item in items.iter().flat_map(Node::items) {
                store(view, item.at(["sourceRef", "storeRef"]).as_ref(), Some(secret), report);
            }
        }
    }
    for secret in view.objects_of(GROUP, "ClusterExternalSecret") {
        let found = secret.root().at(["spec", "externalSecretSpec", "secretStoreRef"]);
        // Which namespaces it goes to is not known here.
        let found = found.filter(|it| it.text_at(["kind"]) == Some("ClusterSecretStore"));
        store(view, found.as_ref(), None, report);
    }
    for secret in view.objects_of(GROUP, "PushSecret") {
        for found in secret.root().list(["spec", "secretStoreRefs"]) {
            store(view, Some(&found), Some(secret), report);
        }
    }
}

fn store(view: &View<'_>, found: Option<&Node<'_>>, by: Option<&Object<'_>>, report: &mut Report) {
    let Some((found, name)) = found.and_then(|found| Some((found, found.get("name")?))) else { return };
    let kind = found.text_at(["kind"]).unwrap_or("SecretStore");
    let by = by.filter(|_| kind == "SecretStore");
    if by.is_some_and(|by| view.is_moved(by)) {
        return;
    }
    let namespace = by.and_then(|by| by.namespace);
    judge(view, &SECRET_STORE, &Target { group: GROUP, kind, namespace }, &name, report);
}
