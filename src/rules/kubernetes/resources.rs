//! Quantities, and what containers ask for and may have.

use super::fields::say_unchanged;
use super::words::is_written;
use crate::check::{Node, Report, View, rule};
use crate::schema::Quantity;
use crate::value::Value;

rule! {
    QUANTITY = Error "kubernetes/quantity";
    summary: "a quantity that is none, or that means something else";
    explanation: "Kubernetes writes memory and disks in bytes with `Ki`, `Mi`, `Gi` or `k`, `M`, `G`, and CPUs in cores or thousandths of one, `500m`. `512m` of memory are half a byte, and `512MB` is no quantity at all. A container with `memory: 256` has 256 bytes, and one with `cpu: 250` wants 250 cores: a warning where the number has no unit and cannot be meant so.";
    wrong: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          limits: {cpu: 100, memory: 512m}
    ";
    right: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          limits: {cpu: 100, memory: 512Gi}
    ";
}

rule! {
    RESOURCES = Error "kubernetes/resources";
    summary: "a container asks for more than it may have";
    explanation: "Kubernetes refuses a pod whose container requests more CPU or memory than its limit allows. With a workload that is found out when its pods do not appear, not when it is applied.";
    wrong: "
        --- # api/values.yaml
        resources:
          requests: {memory: 1Gi}
          limits: {memory: 512Mi}
    ";
    right: "
        --- # api/values.yaml
        resources:
          requests: {memory: 512Mi}
          limits: {memory: 1Gi}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut overlays = None;
    for object in view.objects() {
        let mut found = Report::default();
        for container in object.containers() {
            if let Some(resources) = container.get("resources") {
                of_container(&resources, &mut found);
            }
        }
        let root = object.root();
        let maps = match (object.group, object.kind) {
            ("", "PersistentVolumeClaim") => vec![claim(&root)],
            ("apps", "StatefulSet") => {
                root.list(["spec", "volumeClaimTemplates"]).into_iter().map(|it| claim(&it)).collect()
            }
            ("karpenter.sh", "NodePool") => vec![root.at(["spec", "limits"])],
            ("", "ResourceQuota") => vec![root.at(["spec", "hard"])],
            ("", "LimitRange") => {
                let ranges = root.list(["spec", "limits"]).into_iter();
                ranges.flat_map(|range| ["max", "min", "default", "defaultRequest"].map(|key| range.get(key))).collect()
            }
            _ => Vec::new(),
        };
        for map in maps.into_iter().flatten() {
            quantities(&map, &mut found);
        }
        say_unchanged(view, object, found, &mut overlays, report);
    }
    for values in view.values() {
        for resources in values.under("resources").filter(is_resources) {
            of_container(&resources, report);
        }
    }
}

/// Charts call other things `resources`, too.
fn is_resources(node: &Node<'_>) -> bool {
    let keys = node.entries();
    !keys.is_empty() && keys.iter().all(|(key, _)| matches!(*key, "requests" | "limits" | "claims"))
}

/// What a claim of a volume asks for.
fn claim<'a>(claim: &Node<'a>) -> Option<Node<'a>> {
    claim.at(["spec", "resources", "requests"])
}

fn of_container(resources: &Node<'_>, report: &mut Report) {
    let (requests, limits) = (resources.get("requests"), resources.get("limits"));
    for map in requests.iter().chain(&limits) {
        quantities(map, report);
        without_unit(map, report);
    }
    for (name, request) in requests.iter().flat_map(Node::entries) {
        let Some(limit) = limits.as_ref().and_then(|limits| limits.get(name)) else { continue };
        let (Some(wanted), Some(allowed)) = (text(&request), text(&limit)) else { continue };
        if let (Some(a), Some(b)) = (Quantity::parse(&wanted), Quantity::parse(&allowed))
            && a > b
        {
            report
                .at(&RESOURCES, &request, format!("{wanted} of {name} are requested, and {allowed} allowed"))
                .label("more than the limit")
                .also(&limit, "the limit")
                .help("raise the limit or lower the request");
        }
    }
}

fn quantities(map: &Node<'_>, report: &mut Report) {
    for (name, node) in map.entries() {
        let Some(text) = text(&node).filter(|text| is_written(text)) else { continue };
        let what = name.strip_prefix("requests.").or(name.strip_prefix("limits.")).unwrap_or(name);
        let is_bytes = matches!(what, "memory" | "storage" | "ephemeral-storage") || what.starts_with("hugepages-");
        if Quantity::parse(&text).is_none() {
            let draft = report.at(&QUANTITY, &node, format!("`{text}` is not a quantity"));
            let joined: String = text.split_whitespace().collect();
            match in_bytes(&text).filter(|_| is_bytes) {
                Some((decimal, binary)) => draft
                    .help(format!("bytes have no letter of their own: `{decimal}`, or `{binary}` in steps of 1024")),
                None if joined != text && Quantity::parse(&joined).is_some() => {
                    draft.help(format!("write `{joined}`, without a blank"))
                }
                None => draft.help(if is_bytes { "such as `512Mi` or `2Gi`" } else { "such as `500m` or `2`" }),
            };
        } else if is_bytes && text.ends_with('m') {
            report
                .at(&QUANTITY, &node, format!("`{text}` of {name} are thousandths of a byte"))
                .help(format!("`{}Mi`", text.trim_end_matches('m')));
        }
    }
}

/// Memory of bytes, and more cores than go with the memory: a unit is forgotten.
fn without_unit(map: &Node<'_>, report: &mut Report) {
    let written = |name: &str| map.get(name).and_then(|node| Some((node, text(&node)?)));
    let memory = written("memory");
    if let Some((node, bytes)) = &memory
        && let Some(amount) = plain_number(bytes).filter(|amount| (1..1 << 20).contains(amount))
    {
        let draft = report.at(&QUANTITY, node, format!("`{bytes}` of memory are {amount} bytes"));
        draft.warning().label("no program fits into that").help(format!("write `{bytes}Mi`"));
    }
    if let Some((node, cores)) = written("cpu") {
        let Some(number) = plain_number(&cores).filter(|number| *number >= 100) else {
            if cores.ends_with(['M', 'G', 'i']) && Quantity::parse(&cores).is_some() {
                let draft = report.at(&QUANTITY, node, format!("`{cores}` of cpu are millions of cores"));
                draft.help(format!("write `{}m`, thousandths of a core", cores.trim_end_matches(char::is_alphabetic)));
            }
            return;
        };
        let least = || Quantity::parse(&format!("{}Mi", number.saturating_mul(128)));
        let is_little = |bytes: &str| Quantity::parse(bytes).zip(least()).is_some_and(|(memory, least)| memory < least);
        if number >= 1000 || memory.is_some_and(|(_, bytes)| is_little(&bytes)) {
            let draft = report.at(&QUANTITY, node, format!("`{cores}` of cpu are {number} cores"));
            draft
                .warning()
                .label("more than goes with the memory")
                .help(format!("write `{cores}m`, thousandths of a core"));
        }
    }
}

/// A number without a unit.
fn plain_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// `512mb` in steps of a thousand and of 1024: `512M`, `512Mi`.
fn in_bytes(text: &str) -> Option<(String, String)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').filter(|end| *end > 0)?;
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start().to_ascii_lowercase();
    let unit = unit.strip_suffix("bytes").or(unit.strip_suffix('b'))?;
    let (decimal, binary) = match unit.strip_suffix('i').unwrap_or(unit) {
        "" => ("", ""),
        "k" => ("k", "Ki"),
        "m" => ("M", "Mi"),
        "g" => ("G", "Gi"),
        "t" => ("T", "Ti"),
        _ => return None,
    };
    Some((format!("{number}{decimal}"), format!("{number}{binary}")))
}

/// The quantity at a place, if it is one.
pub(super) fn amount(node: &Node<'_>) -> Option<Quantity> {
    Quantity::parse(&text(node)?)
}

/// A quantity of a resource as people write it.
pub(super) fn shown(resource: &str, amount: &Quantity) -> String {
    let is_bytes = ["memory", "storage"].into_iter().any(|bytes| resource.ends_with(bytes));
    if is_bytes { amount.in_bytes() } else { amount.to_string() }
}

/// A quantity as it is written; YAML makes a number of `2`.
pub(super) fn text(node: &Node<'_>) -> Option<String> {
    match node.value {
        Value::String(text) if !text.is_empty() => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
