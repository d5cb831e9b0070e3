//! What has to hold among the fields of pods and takes more than a row.

use std::collections::BTreeMap;

use super::FIELDS;
use super::laws::exclude;
use super::spot::{get, is_written};
use crate::check::{Node, Report};
use crate::rules::kubernetes::words::is_subdomain;

const CONTAINERS: [&str; 2] = ["initContainers", "containers"];

fn containers<'a>(pod: &Node<'a>) -> Vec<Node<'a>> {
    CONTAINERS.into_iter().filter_map(|list| pod.get(list)).flat_map(|list| list.items()).collect()
}

/// In the network of the host a port is what it is, and each port of the host is taken once.
pub(super) fn host_ports(pod: &Node<'_>, report: &mut Report) {
    let of_host = pod.get("hostNetwork").and_then(|it| it.boolean()) == Some(true);
    // Those that run first do so one by one, and end.
    let first = pod.list(["initContainers"]).into_iter().map(|container| vec![container]);
    for together in first.chain([pod.list(["containers"])]) {
        of_containers(&together, of_host, report);
    }
}

fn of_containers(containers: &[Node<'_>], of_host: bool, report: &mut Report) {
    let mut taken: BTreeMap<(i64, &str, &str), Node<'_>> = BTreeMap::new();
    for port in containers.iter().filter_map(|it| it.get("ports")).flat_map(|ports| ports.items()) {
        let (own, host) = (port.get("containerPort"), port.get("hostPort"));
        let number = host.as_ref().and_then(Node::integer).filter(|number| *number != 0);
        if let (true, Some(own), Some(host), Some(number)) = (of_host, &own, &host, number)
            && own.integer().is_some_and(|own| own != number)
        {
            report
                .at(&FIELDS, host, "in the network of the host `hostPort` must be `containerPort`")
                .also(own, "the port of the container")
                .help("leave `hostPort` out");
        }
        // Nothing is said of ports that the host's network gives.
        let (Some(number), Some(host)) = (number, host) else { continue };
        let protocol = port.text_at(["protocol"]).unwrap_or("TCP");
        let address = port.text_at(["hostIP"]).unwrap_or_default();
        if let Some(first) = taken.get(&(number, protocol, address)) {
            report
                .at(&FIELDS, &host, format!("two containers take the port {number} of the host"))
                .also(first, "the other one")
                .help("give one of them another port");
        }
        taken.entry((number, protocol, address)).or_insert(host);
    }
}

/// The kubelet starts no container as root where it must not be.
pub(super) fn root_user(pod: &Node<'_>, report: &mut Report) {
    let own = pod.get("securityContext");
    for container in containers(pod) {
        let context = container.get("securityContext");
        let said = |key: &str| {
            let of = |context: &Option<Node<'_>>| context.as_ref().and_then(|context| context.get(key)).is_some();
            let context = if of(&context) { &context } else { &own };
            context.as_ref().and_then(|context| context.get(key))
        };
        let (Some(user), Some(forbidden)) = (said("runAsUser"), said("runAsNonRoot")) else { continue };
        if user.integer() == Some(0) && forbidden.boolean() == Some(true) {
            let draft = report.at(&FIELDS, &user, "the container must not run as root, and user 0 is root");
            draft.label("the kubelet does not start it").also(&forbidden, "this forbids it");
            draft.help("name another user, or leave `runAsUser` to the image");
            // Said of the pod once.
            if context.is_none_or(|context| context.get("runAsUser").is_none() && context.get("runAsNonRoot").is_none())
            {
                return;
            }
        }
    }
}

/// Who asks nobody of the cluster has to say whom.
pub(super) fn dns(pod: &Node<'_>, report: &mut Report) {
    let Some(policy) = pod.get("dnsPolicy").filter(|policy| policy.text() == Some("None")) else { return };
    if pod.list(["dnsConfig", "nameservers"]).is_empty() {
        report.at(&FIELDS, &policy, "`dnsPolicy: None` needs servers to ask").help("add `dnsConfig.nameservers`");
    }
    let searches = pod.list(["dnsConfig", "searches"]);
    let length: usize = searches.iter().filter_map(Node::text).map(|text| text.len() + 1).sum();
    if length > 2049 {
        report
            .at(&FIELDS, pod.at(["dnsConfig", "searches"]).unwrap_or(*pod), "`searches` have more than 2048 characters")
            .help("take some of them out");
    }
}

/// What of the host a pod shares goes together or not.
pub(super) fn namespaces(pod: &Node<'_>, report: &mut Report) {
    let is = |key: &str, wanted: bool| pod.get(key).filter(|value| value.boolean() == Some(wanted));
    if let Some(own) = is("hostUsers", false) {
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            if let Some(host) = is(key, true) {
                exclude("`hostUsers: false`", &own, &format!("`{key}: true`"), &host, report);
            }
        }
    }
    if let (Some(shared), Some(host)) = (is("shareProcessNamespace", true), is("hostPID", true)) {
        exclude("`shareProcessNamespace`", &shared, "`hostPID`", &host, report);
    }
    for (host, prefixes) in
        [("hostNetwork", &["net."][..]), ("hostIPC", &["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."])]
    {
        let Some(host) = is(host, true) else { continue };
        for name in pod.list(["securityContext", "sysctls"]).iter().filter_map(|it| it.get("name")) {
            if name.text().is_some_and(|text| prefixes.iter().any(|prefix| text.replace('/', ".").starts_with(prefix)))
            {
                exclude(
                    &format!("`{}`", host.key().unwrap_or_default()),
                    &host,
                    "a setting of the pod's own",
                    &name,
                    report,
                );
            }
        }
    }
    for name in ["setHostnameAsFQDN", "hostNetwork"] {
        if let (Some(other), Some(name)) = (is(name, true), get(pod, "hostnameOverride")) {
            exclude(&format!("`{}`", other.key().unwrap_or_default()), &other, "`hostnameOverride`", &name, report);
        }
    }
    let unmasked = containers(pod).into_iter().filter_map(|it| it.at(["securityContext", "procMount"]));
    for mount in unmasked.filter(|it| it.text() == Some("Unmasked") && is("hostUsers", false).is_none()) {
        report
            .at(&FIELDS, &mount, "`procMount: Unmasked` needs users of the pod's own")
            .help("set `hostUsers: false` in the pod");
    }
}

/// What one operating system knows and the other does not.
pub(super) fn of_system(pod: &Node<'_>, report: &mut Report) {
    const OF_LINUX: [&str; 11] = [
        "appArmorProfile",
        "fsGroup",
        "fsGroupChangePolicy",
        "runAsGroup",
        "runAsUser",
        "seLinuxChangePolicy",
        "seLinuxOptions",
        "seccompProfile",
        "supplementalGroups",
        "supplementalGroupsPolicy",
        "sysctls",
    ];
    const OF_LINUX_CONTAINERS: [&str; 6] =
        ["allowPrivilegeEscalation", "capabilities", "privileged", "procMount", "readOnlyRootFilesystem", "runAsUser"];
    let system = pod.at(["os", "name"]);
    let all = || containers(pod).into_iter().filter_map(|it| it.get("securityContext"));
    let own = pod.get("securityContext");
    let unfit: Vec<Node<'_>> = match system.as_ref().and_then(Node::text) {
        Some("linux") => own.into_iter().chain(all()).filter_map(|it| get(&it, "windowsOptions")).collect(),
        Some("windows") => {
            let host = ["hostIPC", "hostPID"]
                .into_iter()
                .filter_map(|key| pod.get(key))
                .filter(|it| it.boolean() == Some(true));
            let shared = ["hostUsers", "shareProcessNamespace"].into_iter().filter_map(|key| get(pod, key));
            let of_pod = OF_LINUX.iter().filter_map(|key| get(own.as_ref()?, key));
            let keys = OF_LINUX.iter().chain(&OF_LINUX_CONTAINERS);
            let of_containers =
                all().flat_map(|it| keys.clone().filter_map(move |key| get(&it, key)).collect::<Vec<_>>());
            host.chain(shared).chain(of_pod).chain(of_containers).collect()
        }
        _ => Vec::new(),
    };
    if let Some(system) = &system {
        for field in unfit {
            let message =
                format!("`{}` means nothing on {}", field.key().unwrap_or_default(), system.text().unwrap_or_default());
            report.at(&FIELDS, &field, message).about_key().also(system, "the pod's system").help("leave it out");
        }
    }
}

/// Nobody sleeps longer than the pod is given to end.
pub(super) fn sleeps(pod: &Node<'_>, report: &mut Report) {
    let most = pod.get("terminationGracePeriodSeconds");
    let Some(seconds) = most.as_ref().map_or(Some(30), Node::integer) else { return };
    for container in containers(pod) {
        for hook in ["preStop", "postStart"] {
            let Some(sleep) = container.at(["lifecycle", hook, "sleep", "seconds"]) else { continue };
            if let Some(wanted) = sleep.integer().filter(|wanted| *wanted > seconds) {
                let draft = report.at(
                    &FIELDS,
                    &sleep,
                    format!("the container sleeps for {wanted} s, and the pod has {seconds} s to end"),
                );
                if let Some(most) = &most {
                    draft.also(most, "how long the pod has");
                }
                draft.help("sleep less, or raise `terminationGracePeriodSeconds`");
            }
        }
    }
}

/// Containers use claims that the pod has.
pub(super) fn claims(pod: &Node<'_>, report: &mut Report) {
    let known = pod.list(["resourceClaims"]);
    for name in containers(pod).iter().flat_map(|it| it.list(["resources", "claims"])).filter_map(|it| it.get("name")) {
        let Some(text) = name.text().filter(|text| !text.is_empty() && is_written(text)) else { continue };
        if !known.iter().any(|claim| claim.text_at(["name"]) == Some(text)) {
            report
                .at(&FIELDS, &name, format!("the pod has no claim `{text}`"))
                .help("add it to the pod's `resourceClaims`");
        }
    }
}

/// A domain to look names up in; some begin parts with `_`.
pub(super) fn is_search(text: &str) -> bool {
    text == "." || is_subdomain(&text.strip_suffix('.').unwrap_or(text).replace('_', "a"))
}

/// <https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/>
pub(super) fn is_sysctl(name: &str) -> bool {
    let is_outer = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let is_part = |part: &str| {
        part.starts_with(is_outer)
            && part.ends_with(is_outer)
            && part.chars().all(|it| is_outer(it) || "-_".contains(it))
    };
    name.len() <= 253 && name.split(['.', '/']).all(is_part)
}
