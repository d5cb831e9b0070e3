//! Whether the API server makes the same of two values of a pod template: it fills in defaults, and counts quantities.

use super::super::differs::Difference;
use crate::check::Node;
use crate::check::k8s::Object;
use crate::schema::Quantity;
use crate::value::Value;

/// What is filled in where nothing stands: below which key, for which key. From Kubernetes 1.35.4 (Apache-2.0):
/// `pkg/apis/core/v1/defaults.go` and `zz_generated.defaults.go`, what they do to a pod template; and of `core/v1/types.go`
/// what is no pointer and left out where it is empty, so that `false`, 0 and `""` say no more than nothing.
///
/// What only the documentation calls a default is none here: a pointer to it (`shareProcessNamespace: false`) is kept as
/// written, and the pods start again.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("configMap", "defaultMode", "420"),
    ("containers", "stdin", "false"),
    ("containers", "stdinOnce", "false"),
    ("containers", "terminationMessagePath", "/dev/termination-log"),
    ("containers", "terminationMessagePolicy", "File"),
    ("containers", "tty", "false"),
    ("containers", "workingDir", ""),
    ("downwardAPI", "defaultMode", "420"),
    ("emptyDir", "medium", ""),
    ("env", "value", ""),
    ("envFrom", "prefix", ""),
    ("fieldRef", "apiVersion", "v1"),
    ("grpc", "service", ""),
    ("hostPath", "type", ""),
    ("httpGet", "host", ""),
    ("httpGet", "path", "/"),
    ("httpGet", "scheme", "HTTP"),
    ("initContainers", "stdin", "false"),
    ("initContainers", "stdinOnce", "false"),
    ("initContainers", "terminationMessagePath", "/dev/termination-log"),
    ("initContainers", "terminationMessagePolicy", "File"),
    ("initContainers", "tty", "false"),
    ("initContainers", "workingDir", ""),
    ("nfs", "readOnly", "false"),
    ("persistentVolumeClaim", "readOnly", "false"),
    ("ports", "hostIP", ""),
    ("ports", "hostPort", "0"),
    ("ports", "protocol", "TCP"),
    ("projected", "defaultMode", "420"),
    ("resourceFieldRef", "divisor", "0"),
    ("secret", "defaultMode", "420"),
    ("serviceAccountToken", "audience", ""),
    ("serviceAccountToken", "expirationSeconds", "3600"),
    ("spec", "dnsPolicy", "ClusterFirst"),
    ("spec", "hostIPC", "false"),
    ("spec", "hostNetwork", "false"),
    ("spec", "hostPID", "false"),
    ("spec", "hostname", ""),
    ("spec", "priorityClassName", ""),
    ("spec", "restartPolicy", "Always"),
    ("spec", "schedulerName", "default-scheduler"),
    ("spec", "serviceAccountName", ""),
    ("spec", "subdomain", ""),
    ("spec", "terminationGracePeriodSeconds", "30"),
    ("spec", "volumeMode", "Filesystem"),
    ("volumeMounts", "readOnly", "false"),
    ("volumeMounts", "subPath", ""),
    ("volumeMounts", "subPathExpr", ""),
];

/// Filled in for a Pod, and not for the template of one.
const OF_PODS: (&str, &str) = ("enableServiceLinks", "true");

/// The same of probes.
const OF_PROBES: [(&str, &str); 5] = [
    ("failureThreshold", "3"),
    ("initialDelaySeconds", "0"),
    ("periodSeconds", "10"),
    ("successThreshold", "1"),
    ("timeoutSeconds", "1"),
];

/// Where nothing is the same as an empty map.
const EMPTY: [&str; 5] = ["annotations", "labels", "limits", "nodeSelector", "requests"];

/// The same below one key: other fields of these names are pointers, and kept as they are written.
const EMPTY_BELOW: [(&str, &str); 4] = [
    ("containers", "resources"),
    ("initContainers", "resources"),
    ("spec", "securityContext"),
    ("volumes", "emptyDir"),
];

/// Keeps of an object's differences those that are some to the API server, as far as it is known here.
pub(super) fn keep_others(differences: &mut Vec<Difference<'_>>, old: &Object<'_>, new: &Object<'_>) {
    let claim = "spec.resources.requests";
    let part = |of: &Object<'_>| -> Option<(usize, u32)> {
        if of.is("", "PersistentVolumeClaim") { of.root().along(claim) } else { of.pod_template() }
            .map(|it| it.number())
    };
    let parts = [part(old), part(new)];
    differences.retain(|it| {
        let Some(node) = it.node() else { return true };
        let is_part = |up: &Node<'_>| parts.contains(&Some(up.number()));
        if !std::iter::once(node).chain(node.around()).any(|up| is_part(&up)) {
            return true;
        }
        let mut keys: Vec<&str> = std::iter::once(node).chain(node.around()).filter_map(|it| it.key()).collect();
        keys.reverse();
        let image = node.parent().and_then(|it| it.text_at(["image"]));
        !is_same(&mut keys, image, it.old.map(|it| it.value), it.new.map(|it| it.value))
    });
}

/// Whether two pod templates of a Job are the same.
pub(super) fn is_same_template(old: &Value, new: &Value) -> bool {
    is_same(&mut vec!["spec", "template"], None, Some(old), Some(new))
}

/// `keys` lead to the values; `image` stands beside them.
fn is_same<'k>(keys: &mut Vec<&'k str>, image: Option<&str>, old: Option<&'k Value>, new: Option<&'k Value>) -> bool {
    match (old, new) {
        (None, None) => true,
        (Some(only), None) | (None, Some(only)) => is_default(keys, image, only),
        (Some(old @ Value::Map(entries)), Some(new @ Value::Map(others))) => {
            let image = new.get("image").and_then(Value::as_str);
            let mut all = entries.iter().chain(others.iter()).map(|(key, _)| &**key);
            all.all(|key| {
                keys.push(key);
                let is_same = is_same(keys, image, old.get(key), new.get(key));
                keys.pop();
                is_same
            })
        }
        (Some(Value::List(old)), Some(Value::List(new))) => {
            let mut pairs = old.iter().zip(new.iter());
            old.len() == new.len() && pairs.all(|(old, new)| is_same(keys, image, Some(old), Some(new)))
        }
        (Some(old), Some(new)) => {
            old.is_same(new) || (is_counted(keys) && quantity(old).is_some_and(|it| Some(it) == quantity(new)))
        }
    }
}

fn is_default(keys: &[&str], image: Option<&str>, value: &Value) -> bool {
    let [.., above, key] = keys else { return false };
    match value {
        Value::Null => return true,
        Value::List(items) => return items.is_empty(),
        Value::Map(entries) => {
            return entries.is_empty() && (EMPTY.contains(key) || EMPTY_BELOW.contains(&(*above, *key)));
        }
        Value::String(_) | Value::Bool(_) | Value::Number(_) => {}
    }
    let text = plain(value);
    if *key == "imagePullPolicy" {
        return image.is_some_and(|image| text == pull_policy(image));
    }
    if matches!(keys, ["spec", _]) && (*key, text.as_str()) == OF_PODS {
        return true;
    }
    let is_probe = matches!(*above, "livenessProbe" | "readinessProbe" | "startupProbe");
    (is_probe && OF_PROBES.contains(&(*key, text.as_str()))) || DEFAULTS.contains(&(*above, *key, text.as_str()))
}

/// What is filled in for an image: that of no tag, or of `latest`, is always pulled.
fn pull_policy(image: &str) -> &'static str {
    let name = image.rsplit('/').next().unwrap_or(image);
    let (name, is_fixed) = name.split_once('@').map_or((name, false), |(name, _)| (name, true));
    let is_latest = name.split_once(':').map_or(!is_fixed, |(_, tag)| tag == "latest");
    if is_latest { "Always" } else { "IfNotPresent" }
}

fn is_counted(keys: &[&str]) -> bool {
    matches!(keys, [.., "requests" | "limits", _] | [.., "sizeLimit" | "divisor"])
}

fn quantity(value: &Value) -> Option<Quantity> {
    Quantity::parse(&plain(value))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::List(_) | Value::Map(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pulled_depends_on_the_tag() {
        for (image, policy) in [
            ("nginx", "Always"),
            ("nginx:latest", "Always"),
            ("localhost:5000/nginx", "Always"),
            ("nginx:1.2", "IfNotPresent"),
            ("nginx@sha256:0", "IfNotPresent"),
            ("nginx:latest@sha256:0", "Always"),
            ("nginx:1.2@sha256:0", "IfNotPresent"),
        ] {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }

    #[test]
    fn what_is_filled_in_is_no_change_and_what_is_only_documented_is_one() {
        let (yes, no) = (Value::Bool(true), Value::Bool(false));
        let text = |text: &str| Value::String(text.into());
        let of = |path: &str, value: &Value| is_default(&path.split('.').collect::<Vec<_>>(), None, value);
        let template = |path: &str| format!("spec.template.spec.{path}");
        for (path, value) in [
            ("containers.tty", &no),
            ("dnsPolicy", &text("ClusterFirst")),
            ("hostNetwork", &no),
            ("initContainers.terminationMessagePolicy", &text("File")),
            ("schedulerName", &text("default-scheduler")),
            ("volumeMounts.subPath", &text("")),
        ] {
            assert!(of(&template(path), value), "{path}");
        }
        for (path, value) in [
            ("automountServiceAccountToken", &yes),
            ("containers.securityContext.privileged", &no),
            ("dnsPolicy", &text("Default")),
            ("enableServiceLinks", &yes),
            ("shareProcessNamespace", &no),
            ("tolerations.operator", &text("Equal")),
            ("volumeMounts.mountPropagation", &text("None")),
            ("volumes.secret.optional", &no),
        ] {
            assert!(!of(&template(path), value), "{path}");
        }
        assert!(of("spec.enableServiceLinks", &yes), "of a Pod itself it is");
    }
}
