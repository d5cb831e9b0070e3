//! Secrets and config maps that pods and others name.

use std::collections::BTreeMap;

use super::made::{Made, is_everywhere, made, may_be_made, may_come_from_elsewhere};
use super::uses::{Use, of_object, of_values};
use super::word;
use crate::check::{Report, View, rule};
use crate::finding::{Rule, suggest};

rule! {
    SECRET = Error "reference/secret";
    summary: "a secret, or a key of it, that nothing in the tree makes";
    explanation: "A pod that takes a variable or a volume from a secret that does not exist does not start, and waits for it without a word in its log. Secrets come from `Secret`, `ExternalSecret`, `SealedSecret` and `Certificate` objects, from the classes of the Secrets Store driver and from Kustomize's generators. A name is judged in namespaces that hold nothing but what stands in the tree, and other secrets among it, and where nothing may copy or create secrets; one in Helm values only if a secret of nearly that name is there and nobody uses it. A key is judged wherever the tree makes the secret and says all its keys. `optional: true` is let alone. Name what is made by hand under `secrets` of `outside`.";
    wrong: "
        --- # secret.yaml
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: {name: database, namespace: web}
        spec: {data: [{secretKey: password, remoteRef: {key: web/database}}]}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers:
            - name: web
              image: example.com/web:1
              env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: database-credentials, key: password}}}]
    ";
    right: "
        --- # secret.yaml
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: {name: database, namespace: web}
        spec: {data: [{secretKey: password, remoteRef: {key: web/database}}]}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers:
            - name: web
              image: example.com/web:1
              env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: database, key: password}}}]
    ";
}

rule! {
    CONFIG_MAP = Error "reference/config-map";
    summary: "a config map, or a key of it, that nothing in the tree makes";
    explanation: "A pod that takes a variable or a volume from a ConfigMap that does not exist, or from a key that it does not have, does not start. ConfigMaps come from their own objects and from Kustomize's generators. A name is judged in namespaces that hold nothing but what stands in the tree, and other ConfigMaps among it; one in Helm values or `valuesFrom` of a HelmRelease only if a ConfigMap of nearly that name is there and nobody uses it. A key is judged wherever the ConfigMap stands in the tree. `optional: true` is let alone. Name what is made by hand under `config-maps` of `outside`.";
    wrong: "
        --- # settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
        data: {logLevel: info}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers:
            - name: web
              image: example.com/web:1
              env: [{name: LOG_LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: log-level}}}]
    ";
    right: "
        --- # settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
        data: {logLevel: info}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers:
            - name: web
              image: example.com/web:1
              env: [{name: LOG_LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: logLevel}}}]
    ";
}

/// What uses are judged by.
struct Ground<'g, 'a> {
    view: &'g View<'a>,
    rule: &'static Rule,
    kind: &'static str,
    /// Nothing puts any into namespaces unseen.
    is_closed: bool,
    /// All that is used.
    uses: &'g [Use<'a>],
}

impl Ground<'_, '_> {
    /// Whether a name is used in a namespace. A chart may mean a secret by any text of its values.
    fn is_used(&self, namespace: Option<&str>, name: &str) -> bool {
        let own = self.view.releases().iter().filter(|release| release.namespace == namespace);
        self.uses.iter().any(|it| it.namespace == namespace && it.name.text() == Some(name))
            || own.flat_map(|release| &release.values).any(|values| values.texts().any(|(_, text, _)| text == name))
    }
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (rule, kind) in [(&SECRET, "Secret"), (&CONFIG_MAP, "ConfigMap")] {
        let mut uses = Vec::new();
        for object in view.objects() {
            of_object(object, kind, &mut uses);
        }
        for release in view.releases() {
            for values in &release.values {
                of_values(values, release.namespace, kind, &mut uses);
            }
        }
        let is_closed = !may_come_from_elsewhere(view, kind);
        let ground = Ground { view, rule, kind, is_closed, uses: &uses };
        let mut known = BTreeMap::new();
        // What writes no namespace may be in any.
        for it in uses.iter().filter(|it| it.namespace.is_some() || !view.gives_namespaces()) {
            let made = known.entry(it.namespace).or_insert_with(|| made(view, kind, it.namespace));
            judge(&ground, it, made, report);
        }
    }
}

fn judge(ground: &Ground<'_, '_>, it: &Use<'_>, made: &BTreeMap<&str, Made<'_>>, report: &mut Report) {
    let Ground { view, rule, kind, .. } = ground;
    let Some(name) = it.name.text().filter(|name| !name.is_empty() && !name.contains(['{', '$'])) else { return };
    if let Some(found) = made.get(name) {
        let Some(keys) = &found.keys else { return };
        for key in it.keys.iter().filter(|key| key.text().is_some_and(|key| !keys.contains(&key))) {
            let text = key.text().unwrap_or_default();
            let draft = report.at(rule, key, format!("the {kind} `{name}` has no key `{text}`"));
            draft.also(&found.node, "made here").help(format!("it has `{}`", keys.join("`, `")));
        }
        return;
    }
    if made.is_empty() || is_everywhere(name) || view.is_outside(word(kind), it.namespace, name) {
        return;
    }
    let near = suggest::nearest(name, made.keys().copied());
    let is_sure = if it.is_certain {
        ground.is_closed && view.holds_all_of(it.namespace)
    } else {
        near.is_some_and(|near| !ground.is_used(it.namespace, near))
    };
    if is_sure && !may_be_made(view, kind, it.namespace, name) {
        let place = it.namespace.map(|namespace| format!(" in `{namespace}`")).unwrap_or_default();
        let draft = report.at(rule, &it.name, format!("nothing makes the {kind} `{name}`{place}"));
        if let Some((near, found)) = near.and_then(|near| made.get_key_value(near)) {
            draft.also(&found.node, format!("makes `{near}`")).help(format!("name `{near}`"));
        } else {
            let list: Vec<&str> = made.keys().copied().collect();
            draft.help(format!("there is `{}`", list.join("`, `")));
        }
    }
}
