//! What has to hold among the fields of containers and takes more than a row.

use super::FIELDS;
use super::laws::exclude;
use super::spot::is_written;
use crate::check::{Node, Report};
use crate::rules::kubernetes::words::{is_name, is_qualified, is_subdomain};

/// Who has all privileges cannot be kept from more.
pub(super) fn escalates(context: &Node<'_>, report: &mut Report) {
    let Some(kept) = context.get("allowPrivilegeEscalation").filter(|it| it.boolean() == Some(false)) else { return };
    let privileged = context.get("privileged").filter(|it| it.boolean() == Some(true));
    let added = context.list(["capabilities", "add"]);
    let admin = added.into_iter().find(|it| matches!(it.text(), Some("CAP_SYS_ADMIN")));
    if let Some(given) = privileged.or(admin) {
        exclude("`allowPrivilegeEscalation: false`", &kept, "what gives all privileges", &given, report);
    }
}

/// Mounts that reach the host are for privileged containers.
pub(super) fn bidirectional(container: &Node<'_>, report: &mut Report) {
    let privileged = container.at(["securityContext", "privileged"]).and_then(|it| it.boolean()) == Some(true);
    let mounts = container.list(["volumeMounts"]);
    for how in mounts.iter().filter(|_| !privileged).filter_map(|mount| mount.get("mountPropagation")) {
        if how.text() == Some("Bidirectional") {
            report
                .at(&FIELDS, &how, "only a privileged container may mount something `Bidirectional`")
                .help("take `HostToContainer`, or make the container privileged");
        }
    }
}

/// What is read only all the way down is read only, and takes no mounts from the host.
pub(super) fn read_only(mount: &Node<'_>, report: &mut Report) {
    let Some(how) = mount.get("recursiveReadOnly") else { return };
    let Some(word @ ("Enabled" | "IfPossible")) = how.text() else { return };
    if mount.get("readOnly").and_then(|it| it.boolean()) != Some(true) {
        report
            .at(&FIELDS, &how, format!("`recursiveReadOnly: {word}` needs `readOnly: true`"))
            .help("add `readOnly: true`");
    }
    if let Some(other) = mount.get("mountPropagation").filter(|it| it.text().is_some_and(|text| text != "None")) {
        exclude("`recursiveReadOnly`", &how, "`mountPropagation`", &other, report);
    }
}

/// A volume is a device or a folder, and so is a path.
pub(super) fn unlike_mounts(container: &Node<'_>, report: &mut Report) {
    let mounts = container.list(["volumeMounts"]);
    for device in container.list(["volumeDevices"]) {
        for (own, other) in [("name", "name"), ("devicePath", "mountPath")] {
            let Some(value) = device.get(own).filter(|value| value.text().is_some()) else { continue };
            let same = mounts.iter().filter_map(|it| it.get(other)).find(|it| it.text() == value.text());
            if let Some(mount) = same {
                exclude("a mount", &mount, "a device of the same", &value, report);
            }
        }
    }
}

/// A device is a claim.
pub(super) fn devices(pod: &Node<'_>, report: &mut Report) {
    let volumes = pod.list(["volumes"]);
    for list in ["initContainers", "containers"] {
        let devices = pod.list([list]).into_iter().flat_map(|it| it.list(["volumeDevices"]));
        for name in devices.filter_map(|device| device.get("name")) {
            let volume =
                volumes.iter().find(|it| it.text_at(["name"]).is_some() && it.text_at(["name"]) == name.text());
            if let Some(volume) = volume
                && volume.get("persistentVolumeClaim").is_none()
                && volume.get("ephemeral").is_none()
            {
                report
                    .at(&FIELDS, &name, "only a claim can be used as a device")
                    .also(volume, "this volume is none")
                    .help("mount it under `volumeMounts`, or take a `persistentVolumeClaim`");
            }
        }
    }
}

/// <https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation#IsRelaxedEnvVarName>
pub(super) fn is_env_name(name: &str) -> bool {
    name.chars().all(|letter| matches!(letter, ' '..='~') && letter != '=')
}

/// The beginning of a DNS name.
pub(super) fn is_beginning(name: &str) -> bool {
    is_subdomain(name.strip_suffix('-').unwrap_or(name))
}

/// <https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation#IsHTTPHeaderName>
pub(super) fn is_header(name: &str) -> bool {
    name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

/// <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/>
pub(super) fn is_field_path(path: &str) -> bool {
    const FIELDS: [&str; 9] = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    // `spec.host` is what the first versions called the node.
    FIELDS.contains(&path) || path == "spec.host" || is_entry(path)
}

/// A field of the pod that a file may hold.
pub(super) fn is_file_field(path: &str) -> bool {
    const FIELDS: [&str; 5] =
        ["metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"];
    FIELDS.contains(&path) || is_entry(path)
}

/// One label or one annotation.
fn is_entry(path: &str) -> bool {
    let key = |map: &str| path.strip_prefix(map)?.strip_prefix("['")?.strip_suffix("']");
    key("metadata.labels").is_some_and(|key| !is_written(key) || is_qualified(key))
        || key("metadata.annotations").is_some_and(|key| !is_written(key) || is_qualified(&key.to_lowercase()))
}

/// What a container may learn of its own requests and limits.
pub(super) fn is_resource_field(path: &str) -> bool {
    let Some((list, resource)) = path.split_once('.') else { return false };
    let is_known = matches!(resource, "cpu" | "memory" | "ephemeral-storage")
        || resource.strip_prefix("hugepages-").is_some_and(|size| size.is_empty() || is_name(size));
    matches!(list, "limits" | "requests") && is_known
}
