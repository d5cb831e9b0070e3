//! Requests, limits and quotas: which resources there are, and how many of them there may be.

use super::form::Form::{Many, MapOf, Named, One, Quantity, Text, Texts, Word, Words};
use super::form::Law::{Demands, Excludes, Needs, Other, Unique};
use super::form::{DNS_LABEL, Part};
use super::laws::exclude;
use super::spot::{get, is_written};
use super::{FIELDS, VALUE};
use crate::check::{Node, Report};
use crate::finding::suggest::did_you_mean;
use crate::rules::kubernetes::words::is_qualified;
use crate::schema::Quantity as Count;
use crate::value::Value;

/// Of a container.
pub(super) static RESOURCES: Part =
    Part { fields: &[("claims", Many(&CLAIM))], laws: &[Unique("claims", "name"), Other(of_container)] };

static CLAIM: Part = Part { fields: &[("name", Text), ("request", DNS_LABEL)], laws: &[Needs(&["name"])] };

pub(super) static QUOTA: Part =
    Part { fields: &[("scopeSelector", One(&SCOPE_SELECTOR)), ("scopes", Words(SCOPES))], laws: &[Other(of_quota)] };

const SCOPES: &[&str] = &[
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
];

static SCOPE_SELECTOR: Part = Part { fields: &[("matchExpressions", Many(&SCOPE))], laws: &[] };

static SCOPE: Part = Part {
    fields: &[
        ("operator", Word(&["DoesNotExist", "Exists", "In", "NotIn"])),
        ("scopeName", Word(SCOPES)),
        ("values", Texts),
    ],
    laws: &[
        Needs(&["operator", "scopeName"]),
        Demands("operator", &["In", "NotIn"], &["values"]),
        Excludes("operator", &["Exists", "DoesNotExist"], &["values"]),
        Other(of_scope),
    ],
};

pub(super) static LIMIT_RANGE: Part = Part { fields: &[("limits", Many(&RANGE))], laws: &[Unique("limits", "type")] };

static RANGE: Part = Part {
    fields: &[
        ("maxLimitRequestRatio", MapOf(&Quantity)),
        ("type", Named(is_range, "`Container`, `Pod`, `PersistentVolumeClaim`, or a name with a domain in front")),
    ],
    laws: &[Needs(&["type"]), Other(of_range)],
};

fn is_range(text: &str) -> bool {
    matches!(text, "Container" | "Pod" | "PersistentVolumeClaim") || text.contains('/') && is_qualified(text)
}

const OF_CONTAINERS: &[&str] = &["cpu", "memory", "ephemeral-storage"];

/// What a quota counts besides.
const OF_QUOTAS: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
];

const WHOLE: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
];

/// The quantity at a place, if it is one.
fn quantity(node: &Node<'_>) -> Option<Count> {
    match node.value {
        Value::Number(number) => Count::parse(&number.to_string()),
        Value::String(text) => Count::parse(text),
        _ => None,
    }
}

fn is_huge(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Kubernetes' own, of which more may be asked for than there is.
fn is_own(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn of_container(resources: &Node<'_>, report: &mut Report) {
    let (requests, limits) = (get(resources, "requests"), get(resources, "limits"));
    for (name, value) in [&limits, &requests].into_iter().flatten().flat_map(Node::entries) {
        is_resource(name, &value, OF_CONTAINERS, report);
        is_amount(name, &value, report);
    }
    // Things that are not shared are asked for as they are limited.
    for (name, request) in requests.iter().flat_map(Node::entries).filter(|(name, _)| !is_own(name) || is_huge(name)) {
        match limits.as_ref().and_then(|limits| limits.get(name)) {
            None => {
                report
                    .at(&FIELDS, &request, format!("`{name}` is requested, and needs a limit of as many"))
                    .about_key()
                    .help(format!("add `{name}` to `limits`"));
            }
            Some(limit) if quantity(&request) != quantity(&limit) => {
                report
                    .at(&FIELDS, &request, format!("as many `{name}` are requested as the limit allows"))
                    .label("another number is refused")
                    .also(&limit, "the limit")
                    .help("write the same number");
            }
            Some(_) => {}
        }
    }
    let names = || [&limits, &requests].into_iter().flatten().flat_map(Node::entries).map(|(name, _)| name);
    if names().any(is_huge) && !names().any(|name| matches!(name, "cpu" | "memory")) {
        report.at(&FIELDS, resources, "huge pages need `cpu` or `memory` beside them").help("add one of them");
    }
}

/// What a pod takes beside its containers.
pub(super) fn overhead(pod: &Node<'_>, report: &mut Report) {
    for (name, value) in get(pod, "overhead").iter().flat_map(Node::entries) {
        is_resource(name, &value, OF_CONTAINERS, report);
        is_amount(name, &value, report);
    }
}

/// Whether a container can ask for a resource of this name.
pub(super) fn is_container_resource(name: &str) -> bool {
    let is_of_domain = name.contains('/') && is_qualified(name) && !name.starts_with("requests.");
    OF_CONTAINERS.contains(&name) || is_huge(name) || is_of_domain
}

/// Whether a resource of this name can be asked for.
fn is_resource(name: &str, value: &Node<'_>, own: &[&str], report: &mut Report) {
    if own.contains(&name) || is_huge(name) || !is_written(name) {
        return;
    }
    let is_others = !is_own(name) && is_qualified(name) && is_qualified(&format!("requests.{name}"));
    if is_others && !name.starts_with("requests.") || name.contains('/') && is_own(name) && is_qualified(name) {
        return;
    }
    let draft = report.at(&VALUE, value, format!("there is no resource `{name}`"));
    draft.about_key();
    if let Some(help) = did_you_mean(name, own.iter().copied()) {
        draft.help(help);
    } else {
        draft.help("Kubernetes' own are `cpu`, `memory` and `ephemeral-storage`; others have a domain in front");
    }
}

/// Not less than none, and whole where it is counted.
fn is_amount(name: &str, value: &Node<'_>, report: &mut Report) {
    let Some(amount) = quantity(value) else { return };
    let is_counted = WHOLE.contains(&name) || !is_own(name) && !name.starts_with("requests.");
    if amount < Count::default() {
        report.at(&VALUE, value, format!("{name} cannot be less than none")).label("this is negative");
    } else if is_counted && !amount.is_whole() {
        report
            .at(&VALUE, value, format!("{name} are counted, and a part of one is refused"))
            .help("write a whole number");
    }
}

/// In which steps a variable or a file tells a resource.
pub(super) fn divides(reference: &Node<'_>, report: &mut Report) {
    let Some(divisor) = get(reference, "divisor") else { return };
    let Some(resource) = reference.text_at(["resource"]) else { return };
    let one = |text: &str| Count::parse(text);
    let Some(amount) = quantity(&divisor).filter(|amount| *amount != Count::default()) else { return };
    let known: &[&str] = match resource.split_once('.') {
        Some((_, "cpu")) => &["1m", "1"],
        Some(_) => &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"],
        None => return,
    };
    if !known.iter().any(|text| one(text).as_ref() == Some(&amount)) {
        let listed: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
        report
            .at(&VALUE, &divisor, format!("`{resource}` cannot be told in steps of this"))
            .label(format!("one of {}", listed.join(", ")));
    }
}

/// Of a `ResourceQuota`.
fn of_quota(spec: &Node<'_>, report: &mut Report) {
    for (name, value) in get(spec, "hard").iter().flat_map(Node::entries) {
        if !name.contains('/') && !name.starts_with("requests.hugepages-") {
            is_resource(name, &value, OF_QUOTAS, report);
        } else if is_written(name) && !is_qualified(name) {
            report
                .at(&VALUE, &value, format!("`{name}` cannot be the name of a resource"))
                .about_key()
                .label("a name, or a domain, `/` and a name");
        }
        is_amount(name, &value, report);
    }
    scopes(spec, report);
}

/// Most scopes are there or not, whatever their value.
fn of_scope(scope: &Node<'_>, report: &mut Report) {
    let Some(name) = scope.text_at(["scopeName"]).filter(|name| SCOPES.contains(name)) else { return };
    if matches!(name, "PriorityClass" | "VolumeAttributesClass") {
        return;
    }
    if let Some(operator) =
        get(scope, "operator").filter(|it| matches!(it.text(), Some("In" | "NotIn" | "DoesNotExist")))
    {
        report
            .at(&FIELDS, &operator, format!("the scope `{name}` has no values"))
            .help("write `operator: Exists`, without `values`");
    }
}

/// What pods a quota counts goes with what it counts of them.
fn scopes(spec: &Node<'_>, report: &mut Report) {
    let selected = spec.list(["scopeSelector", "matchExpressions"]);
    let named: Vec<Node<'_>> =
        spec.list(["scopes"]).into_iter().chain(selected.iter().filter_map(|it| it.get("scopeName"))).collect();
    let find = |word: &str| named.iter().find(|scope| scope.text() == Some(word));
    for (one, other) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
        if let (Some(first), Some(second)) = (find(one), find(other)) {
            exclude(&format!("`{one}`"), first, &format!("`{other}`"), second, report);
        }
    }
    for scope in &named {
        let allowed: &[&str] = match scope.text() {
            Some("BestEffort") => &["pods"],
            Some(
                "Terminating" | "NotTerminating" | "NotBestEffort" | "PriorityClass" | "CrossNamespacePodAffinity",
            ) => &["pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"],
            _ => continue,
        };
        for (name, value) in get(spec, "hard").iter().flat_map(Node::entries) {
            if OF_QUOTAS.contains(&name) && !allowed.contains(&name) {
                let word = scope.text().unwrap_or_default();
                report
                    .at(&FIELDS, &value, format!("a quota of `{word}` pods cannot count `{name}`"))
                    .about_key()
                    .also(scope, "counts these pods only")
                    .help("count it in a quota without scopes");
            }
        }
    }
}

/// Of one line of a `LimitRange`.
fn of_range(range: &Node<'_>, report: &mut Report) {
    let kind = range.text_at(["type"]).unwrap_or_default();
    let storage = |list: &str| get(range, list).and_then(|map| map.get("storage"));
    if kind == "PersistentVolumeClaim" && storage("min").is_none() && storage("max").is_none() {
        report
            .at(&FIELDS, range, "a range of claims needs a bound of `storage`")
            .help("add `storage` to `min` or `max`");
    }
    for (name, ratio) in get(range, "maxLimitRequestRatio").iter().flat_map(Node::entries) {
        if quantity(&ratio) < Count::parse("1") && quantity(&ratio).is_some() {
            report
                .at(&VALUE, &ratio, format!("a limit of {name} is never less than the request"))
                .label("at least `1`");
        }
    }
    for list in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
        let Some(map) = get(range, list) else { continue };
        for (name, value) in map.entries() {
            let own: &[&str] = match kind {
                "Container" | "Pod" => OF_CONTAINERS,
                _ if name == "storage" => continue,
                _ => OF_QUOTAS,
            };
            is_resource(name, &value, own, report);
        }
        if kind == "Pod" && matches!(list, "default" | "defaultRequest") {
            report
                .at(&FIELDS, &map, format!("`{list}` may not stand beside `type: Pod`"))
                .about_key()
                .help("give it to `type: Container`");
        }
    }
}
