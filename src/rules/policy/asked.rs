//! Which policies the API server asks about an object, and in which form it asks.

use serde_json::{Value as Json, json};

use super::defaults::{self, below};
use crate::check::k8s::{Object, own_label};
use crate::check::view::selector::{self, Label};
use crate::check::{Node, View};
use crate::schema;

/// An object as it is admitted: itself, or the pod that it makes.
pub(super) struct Asked<'v, 'a> {
    pub(super) object: &'v Object<'a>,
    /// What stands in the tree: the object or its pod template.
    pub(super) node: Node<'a>,
    pub(super) group: &'a str,
    pub(super) version: &'a str,
    pub(super) resource: String,
    pub(super) is_pod: bool,
}

/// Whether something is so, is not, or cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fits {
    Yes,
    No,
    Unknown,
}

/// Everything in a tree that is admitted, in the order of its objects.
pub(super) fn all<'v, 'a>(view: &'v View<'a>) -> Vec<Asked<'v, 'a>> {
    let of = |object: &'v Object<'a>| {
        let own = Asked {
            object,
            node: object.root(),
            group: object.group,
            version: object.version,
            resource: plural(object.kind),
            is_pod: object.kind == "Pod",
        };
        let pod = object.pod_template().filter(|_| object.kind != "Pod" && object.kind != "PodTemplate");
        let pod = pod.map(|template| Asked {
            object,
            node: template,
            group: "",
            version: "v1",
            resource: "pods".to_owned(),
            is_pod: true,
        });
        [Some(own), pod].into_iter().flatten()
    };
    view.objects().iter().flat_map(of).collect()
}

/// `NetworkPolicy` is served as `networkpolicies`.
fn plural(kind: &str) -> String {
    let kind = kind.to_lowercase();
    match kind.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if kind.ends_with(['s', 'x']) || kind.ends_with("ch") => format!("{kind}es"),
        _ => format!("{kind}s"),
    }
}

impl Asked<'_, '_> {
    /// What is asked about, as JSON, with what the API server fills in: in pods also what their controller and a
    /// `LimitRange` of their namespace give.
    pub(super) fn json(&self, view: &View<'_>) -> Json {
        let mut json = schema::json(self.node.value);
        let Object { name, namespace, kind, .. } = self.object;
        if !self.is_pod {
            defaults::fill(&mut json, self.group, kind);
            return json;
        }
        defaults::fill(&mut json, "", "Pod");
        if *kind == "Pod" {
            return json;
        }
        defaults::own(&mut json, kind, name.unwrap_or_default());
        put(&mut json, "apiVersion", json!("v1"));
        put(&mut json, "kind", json!("Pod"));
        if let Some(metadata) = below(&mut json, "metadata") {
            metadata.insert("name".to_owned(), json!(format!("{}-0", name.unwrap_or_default())));
            metadata.extend(namespace.map(|namespace| ("namespace".to_owned(), json!(namespace))));
        }
        for range in view.objects_of("", "LimitRange").filter(|range| range.namespace == *namespace) {
            let limits = range.root().list(["spec", "limits"]);
            for limit in limits.iter().filter(|limit| limit.text_at(["type"]) == Some("Container")) {
                give_defaults(&mut json, limit);
            }
        }
        json
    }
}

fn give_defaults(pod: &mut Json, limit: &Node<'_>) {
    let Some(spec) = below(pod, "spec") else { return };
    for list in ["initContainers", "containers"] {
        for container in spec.get_mut(list).and_then(Json::as_array_mut).into_iter().flatten() {
            let Some(resources) = below(container, "resources") else { continue };
            // A request that is not given anywhere is what the limit is.
            for (from, to) in [("default", "limits"), ("defaultRequest", "requests"), ("default", "requests")] {
                let given = limit.get(from).map(|given| schema::json(given.value));
                let Some(Json::Object(given)) = given else { continue };
                let own = resources.entry(to).or_insert_with(|| json!({}));
                if let Json::Object(own) = own {
                    for (name, amount) in given {
                        own.entry(name).or_insert(amount);
                    }
                }
            }
        }
    }
}

/// Sets a key, if this is a map.
pub(super) fn put(json: &mut Json, key: &str, value: Json) {
    if let Json::Object(entries) = json {
        entries.insert(key.to_owned(), value);
    }
}

/// What a policy is asked about when it is created, or what it leaves alone.
pub(super) struct Rules<'a>(Vec<RuleOf<'a>>);

/// Groups, versions and resources that go together, and the names that are meant, if only some are.
struct RuleOf<'a> {
    words: [Vec<&'a str>; 3],
    names: Vec<&'a str>,
}

impl<'a> Rules<'a> {
    /// `list`: `resourceRules` or `excludeResourceRules`.
    pub(super) fn of(constraints: &Node<'a>, list: &str) -> Self {
        let rules = constraints.list([list]);
        let words = |rule: &Node<'a>, key: &str| -> Vec<&'a str> {
            let listed = rule.list([key]);
            listed.iter().filter_map(Node::text).collect()
        };
        let is_creation = |rule: &&Node<'a>| {
            let operations = words(rule, "operations");
            ["*", "CREATE"].iter().any(|it| operations.contains(it))
        };
        let rule = |rule: &Node<'a>| RuleOf {
            words: ["apiGroups", "apiVersions", "resources"].map(|key| words(rule, key)),
            names: words(rule, "resourceNames"),
        };
        Self(rules.iter().filter(is_creation).map(rule).collect())
    }

    pub(super) fn take_in(&self, asked: &Asked<'_, '_>) -> bool {
        let has = |words: &[&str], wanted: &str| words.iter().any(|word| *word == "*" || *word == wanted);
        // The pods that something makes have names that nobody knows yet.
        let name = asked.object.name.filter(|_| !asked.is_pod || asked.object.kind == "Pod");
        self.0.iter().any(|RuleOf { words: [groups, versions, resources], names }| {
            has(groups, asked.group)
                && has(versions, asked.version)
                && has(resources, &asked.resource)
                && (names.is_empty() || name.is_some_and(|name| names.contains(&name)))
        })
    }
}

/// Whether `matchConstraints`, with these rules in them, take in what is asked about.
pub(super) fn matches(constraints: &Node<'_>, rules: &Rules<'_>, asked: &Asked<'_, '_>, view: &View<'_>) -> Fits {
    if !rules.take_in(asked) {
        return Fits::No;
    }
    if let Some(selector) = constraints.get("objectSelector") {
        let labels = asked.node.at(["metadata", "labels"]);
        match selector::selects(&selector, |key| own_label(labels.as_ref(), key)) {
            Some(true) => {}
            Some(false) => return Fits::No,
            None => return Fits::Unknown,
        }
    }
    match constraints.get("namespaceSelector") {
        Some(selector) if !selector.entries().is_empty() => namespace(&selector, asked, view),
        _ => Fits::Yes,
    }
}

/// Whether the selector of namespaces selects an object's, or a namespace itself. The label with the name every namespace
/// has; the others are those that the tree gives it, if it makes it.
pub(super) fn namespace(selector: &Node<'_>, asked: &Asked<'_, '_>, view: &View<'_>) -> Fits {
    let is_own = asked.object.is("", "Namespace");
    let name = if is_own { asked.object.name } else { asked.object.namespace };
    let Some(name) = name else {
        return if asked.object.is_cluster_wide() { Fits::Yes } else { Fits::Unknown };
    };
    let own = view.objects_of("", "Namespace").find(|namespace| namespace.name == Some(name));
    let labels = own.and_then(|own| own.root().at(["metadata", "labels"]));
    let label = |key: &str| match own {
        _ if key == "kubernetes.io/metadata.name" => Label::Is(name),
        Some(_) => Label::of(labels.and_then(|labels| labels.get(key))),
        None => Label::Unknown,
    };
    match selector::selects(selector, label) {
        Some(true) => Fits::Yes,
        Some(false) => Fits::No,
        None => Fits::Unknown,
    }
}
