//! Images and probes of containers.

use super::words::is_written;
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    IMAGE_TAG = Warning "kubernetes/image-tag";
    summary: "an image without a version";
    explanation: "Without a tag, or with `latest`, a container runs whatever the registry has when its node pulls the image: two pods of one workload can differ, and going back is not possible. Name a version, or a digest.";
    wrong: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com:5000/web'}]}
    ";
    right: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com:5000/web:1.4.0'}]}
    ";
}

rule! {
    PROBE_PORT = Error "kubernetes/probe-port";
    summary: "a probe of a port by a name that its container does not have";
    explanation: "A probe may name its port: one of the same container. Where the container has no port of this name the probe always fails, so the pod is never ready, or is killed again and again.";
    wrong: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers:
            - name: web
              image: example.com/web:1
              ports: [{name: http, containerPort: 8080}]
              readinessProbe: {httpGet: {path: /, port: web}}
    ";
    right: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers:
            - name: web
              image: example.com/web:1
              ports: [{name: http, containerPort: 8080}]
              readinessProbe: {httpGet: {path: /, port: http}}
    ";
}

pub(super) fn check_probes(view: &View<'_>, report: &mut Report) {
    for container in view.objects().iter().flat_map(Object::containers) {
        probes(&container, report);
    }
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for object in view.objects() {
        for container in object.containers() {
            if !view.is_transformed(object)
                && let Some(image) = container.get("image")
                && let Some(name) = image.text().filter(|name| has_no_version(name))
            {
                let draft = report.at(&IMAGE_TAG, &image, format!("the image `{name}` has no version"));
                if let Some((_, latest)) = name.rsplit_once(':').filter(|(_, tag)| *tag == "latest") {
                    draft.about(name, latest);
                }
                draft.help("name a version, `:1.4.0`, or a digest, `@sha256:…`");
            }
        }
    }
    for values in view.values() {
        for tag in values.under("tag").filter(|tag| tag.text() == Some("latest")) {
            let Some(image) = tag.parent().filter(|image| image.text_at(["repository"]).is_some()) else { continue };
            let mut digests = ["digest", "sha"].into_iter().filter_map(|key| image.text_at([key]));
            if digests.all(str::is_empty) {
                report
                    .at(&IMAGE_TAG, &tag, "`latest` is no version of an image")
                    .help("name a version, or leave the tag to the chart");
            }
        }
    }
}

/// `nginx`, `example.com:5000/web`, `web:latest`; not what a tool replaces first.
fn has_no_version(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    let is_whole = !image.is_empty() && !image.contains(['@', '$', '{', '<', ' ']) && !image.contains("://");
    is_whole && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn probes(container: &Node<'_>, report: &mut Report) {
    let ports = container.get("ports");
    let names: Vec<&str> = ports.iter().flat_map(Node::items).filter_map(|port| port.text_at(["name"])).collect();
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        for how in ["httpGet", "tcpSocket"] {
            let Some(port) = container.at([probe, how, "port"]) else { continue };
            let Some(name) = port.text().filter(|name| name.parse::<u16>().is_err()) else { continue };
            if names.contains(&name) || !is_written(name) || !names.iter().all(|it| is_written(it)) {
                continue;
            }
            let draft = report.at(&PROBE_PORT, &port, format!("the container has no port `{name}`"));
            match (&ports, names.is_empty()) {
                (Some(ports), false) => {
                    draft.also(ports, "its ports").help(format!("there is `{}`", names.join("`, `")));
                }
                _ => {
                    draft.help("give a port of the container this name, or probe a number");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::has_no_version;

    #[test]
    fn images_without_a_version() {
        for image in ["nginx", "nginx:latest", "example.com:5000/web", "a/b/c:latest"] {
            assert!(has_no_version(image), "{image}");
        }
        for image in ["nginx:1.2", "example.com:5000/web:1", "web@sha256:abc", "web:latest@sha256:abc", "${IMAGE}", ""]
        {
            assert!(!has_no_version(image), "{image}");
        }
    }
}
