//! What has to hold among the fields of disks, `ConfigMaps` and `Secrets`, and takes more than a row.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::FIELDS;
use super::laws::exclude;
use super::spot::{get, is_written};
use crate::check::{Node, Report};

/// One pod is not many.
pub(super) fn alone(spec: &Node<'_>, report: &mut Report) {
    let modes = spec.list(["accessModes"]);
    let alone = modes.iter().find(|mode| mode.text() == Some("ReadWriteOncePod"));
    let other =
        modes.iter().find(|mode| matches!(mode.text(), Some("ReadOnlyMany" | "ReadWriteMany" | "ReadWriteOnce")));
    if let (Some(alone), Some(other)) = (alone, other) {
        exclude("`ReadWriteOncePod`", alone, "another mode", other, report);
    }
}

/// A claim's content comes from one source, said in one way or in both alike.
pub(super) fn same_source(spec: &Node<'_>, report: &mut Report) {
    let (Some(one), Some(other)) = (get(spec, "dataSource"), get(spec, "dataSourceRef")) else { return };
    let is_same = ["apiGroup", "kind", "name"].into_iter().all(|key| one.text_at([key]) == other.text_at([key]));
    if !is_same || get(&other, "namespace").is_some() {
        exclude("`dataSource`", &one, "another `dataSourceRef`", &other, report);
    }
}

/// What is of no group is a claim.
pub(super) fn group_of_source(source: &Node<'_>, report: &mut Report) {
    let Some(kind) = get(source, "kind") else { return };
    let is_other = kind.text().is_some_and(|kind| kind != "PersistentVolumeClaim" && is_written(kind));
    if get(source, "apiGroup").is_none() && is_other {
        report
            .at(&FIELDS, &kind, "only a `PersistentVolumeClaim` needs no `apiGroup`")
            .help("add `apiGroup`, such as `snapshot.storage.k8s.io`");
    }
}

/// A disk has nothing but room.
pub(super) fn disks(capacity: &Node<'_>, report: &mut Report) {
    for (name, value) in capacity.entries().into_iter().filter(|(name, _)| *name != "storage") {
        report
            .at(&FIELDS, &value, format!("a volume has no `{name}`"))
            .about_key()
            .help("leave it out: the only one is `storage`");
    }
}

/// A disk of a node is on that node.
pub(super) fn local(spec: &Node<'_>, report: &mut Report) {
    if let (Some(local), None) = (get(spec, "local"), get(spec, "nodeAffinity")) {
        report
            .at(&FIELDS, &local, "a volume on a node needs `nodeAffinity`")
            .about_key()
            .help("say which node has it: `nodeAffinity.required`");
    }
    if let (Some("Recycle"), Some("/")) =
        (spec.text_at(["persistentVolumeReclaimPolicy"]), spec.text_at(["hostPath", "path"]))
        && let Some(policy) = spec.get("persistentVolumeReclaimPolicy")
    {
        report.at(&FIELDS, &policy, "the whole disk of a host cannot be recycled").help("take another path");
    }
}

/// A key is text or bytes.
pub(super) fn keys_once(map: &Node<'_>, report: &mut Report) {
    let (Some(data), Some(bytes)) = (get(map, "data"), get(map, "binaryData")) else { return };
    for (key, value) in data.entries() {
        if let Some(other) = bytes.get(key) {
            exclude(&format!("`{key}` of `data`"), &value, "the same key of `binaryData`", &other, report);
        }
    }
}

/// Types of Secrets that have certain keys.
pub(super) fn kinds_of_data(secret: &Node<'_>, report: &mut Report) {
    let Some(kind) = get(secret, "type") else { return };
    let (wanted, is_any): (&[&str], bool) = match kind.text() {
        Some("kubernetes.io/dockercfg") => (&[".dockercfg"], false),
        Some("kubernetes.io/dockerconfigjson") => (&[".dockerconfigjson"], false),
        Some("kubernetes.io/basic-auth") => (&["username", "password"], true),
        Some("kubernetes.io/ssh-auth") => (&["ssh-privatekey"], false),
        Some("kubernetes.io/tls") => (&["tls.crt", "tls.key"], false),
        Some("kubernetes.io/service-account-token") => return of_account(secret, &kind, report),
        _ => return,
    };
    let word = kind.text().unwrap_or_default();
    let has = |key: &&&str| {
        ["data", "stringData"].into_iter().any(|list| secret.at([list]).is_some_and(|it| it.get(key).is_some()))
    };
    let missing: Vec<&str> = wanted.iter().filter(|key| !has(key)).copied().collect();
    if missing.is_empty() || is_any && missing.len() < wanted.len() {
        return wanted.iter().filter(|key| key.starts_with(".docker")).for_each(|key| is_json(secret, key, report));
    }
    let listed = missing.join("`, `");
    report
        .at(&FIELDS, &kind, format!("a Secret of type `{word}` needs `{listed}`"))
        .help(format!("add `{listed}`, or take the type `Opaque`"));
}

fn of_account(secret: &Node<'_>, kind: &Node<'_>, report: &mut Report) {
    const NAME: &str = "kubernetes.io/service-account.name";
    if secret.text_at(["metadata", "annotations", NAME]).is_none_or(str::is_empty) {
        report
            .at(&FIELDS, kind, format!("the token of an account needs the annotation `{NAME}`"))
            .help("name the account");
    }
}

/// What Docker reads is JSON.
fn is_json(secret: &Node<'_>, key: &str, report: &mut Report) {
    let of = |list: &str| secret.get(list).and_then(|map| map.get(key));
    let text = of("stringData").and_then(|value| Some((value, value.text()?.to_owned())));
    let coded = || {
        let value = of("data")?;
        let bytes: Vec<u8> = value.text()?.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
        Some((value, String::from_utf8(STANDARD.decode(bytes).ok()?).ok()?))
    };
    let Some((value, text)) = text.or_else(coded) else { return };
    if is_written(&text) && !matches!(serde_json::from_str(&text), Ok(serde_json::Value::Object(_))) {
        report
            .at(&FIELDS, &value, format!("`{key}` is no JSON object"))
            .concealing()
            .help("write what `docker login` keeps in `config.json`");
    }
}
