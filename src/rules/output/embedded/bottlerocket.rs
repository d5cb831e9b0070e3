//! User data of Bottlerocket: settings as TOML.

use super::EMBEDDED;
use crate::check::{Node, Report, View};
use crate::finding::suggest::nearest;

/// bottlerocket.dev, "settings.kubernetes.*", looked up on 2026-11-30.
const KUBERNETES: [&str; 60] = [
    "allowed-unsafe-sysctls",
    "api-server",
    "authentication-mode",
    "bootstrap-token",
    "cloud-provider",
    "cluster-certificate",
    "cluster-dns-ip",
    "cluster-domain",
    "cluster-name",
    "container-log-max-files",
    "container-log-max-size",
    "container-log-max-workers",
    "container-log-monitor-interval",
    "cpu-cfs-quota-enforced",
    "cpu-manager-policy",
    "cpu-manager-policy-options",
    "cpu-manager-reconcile-period",
    "credential-providers",
    "device-ownership-from-security-context",
    "event-burst",
    "event-qps",
    "eviction-hard",
    "eviction-max-pod-grace-period",
    "eviction-soft",
    "eviction-soft-grace-period",
    "hostname-override",
    "hostname-override-source",
    "ids-per-pod",
    "image-gc-high-threshold-percent",
    "image-gc-low-threshold-percent",
    "kube-api-burst",
    "kube-api-qps",
    "kube-reserved",
    "log-level",
    "max-parallel-image-pulls",
    "max-pods",
    "memory-manager-policy",
    "memory-manager-reserved-memory",
    "memory-swap-behavior",
    "node-ip",
    "node-labels",
    "node-taints",
    "nvidia",
    "pod-infra-container-image",
    "pod-pids-limit",
    "provider-id",
    "registry-burst",
    "registry-qps",
    "reserved-cpus",
    "seccomp-default",
    "server-certificate",
    "server-key",
    "server-tls-bootstrap",
    "shutdown-grace-period",
    "shutdown-grace-period-for-critical-pods",
    "single-process-oom-kill",
    "standalone-mode",
    "static-pods",
    "system-reserved",
    "topology-manager-policy",
];

/// Names of sections right below `settings`.
const SECTIONS: [&str; 22] = [
    "autoscaling",
    "aws",
    "bootstrap-commands",
    "bootstrap-containers",
    "boot",
    "cloudformation",
    "container-registry",
    "container-runtime",
    "container-runtime-plugins",
    "dns",
    "ecs",
    "host-containers",
    "kernel",
    "kubelet-device-plugins",
    "kubernetes",
    "metrics",
    "motd",
    "network",
    "ntp",
    "oci-defaults",
    "pki",
    "updates",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.resources_of("AWS::EC2::LaunchTemplate").filter_map(|it| it.property("LaunchTemplateData")) {
        let data = template.get("UserData");
        let data = data.map(|data| data.get("Fn::Base64").unwrap_or(data));
        if let Some(data) = data.map(|data| data.get("Fn::Sub").unwrap_or(data)) {
            judge(&data, report);
        }
    }
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        if let Some(data) = class.root().at(["spec", "userData"]) {
            judge(&data, report);
        }
    }
}

fn judge(node: &Node<'_>, report: &mut Report) {
    let Some(text) = node.text().filter(|text| text.lines().any(|line| line.trim_start().starts_with("[settings.")))
    else {
        return;
    };
    let mut section = "";
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let own = line.trim();
        let begin = at + line.find(own).unwrap_or(0);
        at += line.len();
        if let Some(name) = own.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name;
            let first = name.strip_prefix("settings.").and_then(|rest| rest.split('.').next()).unwrap_or_default();
            if let Some(near) = unknown(first, &SECTIONS) {
                say(
                    node,
                    text,
                    begin + "[settings.".len()..begin + "[settings.".len() + first.len(),
                    ("section", first, near),
                    report,
                );
            }
        } else if let Some((key, _)) = own.split_once('=').filter(|_| !own.starts_with('#')) {
            let key = key.trim();
            let name = key.trim_matches('"').split('.').next().unwrap_or_default();
            if section == "settings.kubernetes"
                && let Some(near) = unknown(name, &KUBERNETES)
            {
                say(node, text, begin..begin + key.len(), ("setting", name, near), report);
            }
        }
    }
}

/// What a name was meant to be that is nearly a known one.
fn unknown(name: &str, known: &[&'static str]) -> Option<&'static str> {
    if name.is_empty() || known.contains(&name) { None } else { nearest(name, known.iter().copied()) }
}

fn say(node: &Node<'_>, text: &str, range: std::ops::Range<usize>, what: (&str, &str, &str), report: &mut Report) {
    let (what, name, near) = what;
    report
        .at(&EMBEDDED, node, format!("Bottlerocket has no {what} `{name}`"))
        .about_range(text, range)
        .label("it refuses its user data, and the node never joins")
        .help(format!("did you mean `{near}`?"));
}
