//! Where secrets and config maps are named.

use crate::check::Node;
use crate::check::k8s::Object;

/// Where something is taken from a secret or a config map.
pub(super) struct Use<'a> {
    pub(super) namespace: Option<&'a str>,
    pub(super) name: Node<'a>,
    pub(super) keys: Vec<Node<'a>>,
    /// An object says so itself; what values mean is the chart's affair.
    pub(super) is_certain: bool,
}

/// The words of the API for either kind.
struct Words {
    key_ref: &'static str,
    env_from: &'static str,
    volume: &'static str,
    volume_name: &'static str,
}

fn words(kind: &str) -> Words {
    match kind {
        "Secret" => {
            Words { key_ref: "secretKeyRef", env_from: "secretRef", volume: "secret", volume_name: "secretName" }
        }
        _ => Words { key_ref: "configMapKeyRef", env_from: "configMapRef", volume: "configMap", volume_name: "name" },
    }
}

pub(super) fn of_object<'a>(object: &Object<'a>, kind: &str, uses: &mut Vec<Use<'a>>) {
    let namespace = object.namespace;
    let root = object.root();
    if let Some(spec) = object.pod_template().and_then(|pod| pod.get("spec")) {
        of_pod(&spec, object, kind, uses);
    }
    let mut name = |node: Option<Node<'a>>| {
        uses.extend(node.map(|name| Use { namespace, name, keys: Vec::new(), is_certain: true }));
    };
    match (object.group, object.kind, kind) {
        ("networking.k8s.io", "Ingress", "Secret") => {
            let tls = root.at(["spec", "tls"]);
            tls.iter().flat_map(Node::items).for_each(|tls| name(tls.get("secretName")));
        }
        ("helm.toolkit.fluxcd.io", "HelmRelease", _) => {
            let list = root.list(["spec", "valuesFrom"]).into_iter().filter(|it| it.text_at(["kind"]) == Some(kind));
            let names = list.filter(|it| !is_optional(it)).filter_map(|it| it.get("name"));
            uses.extend(names.map(|name| Use { namespace, name, keys: Vec::new(), is_certain: false }));
        }
        _ => {}
    }
}

fn of_pod<'a>(spec: &Node<'a>, object: &Object<'a>, kind: &str, uses: &mut Vec<Use<'a>>) {
    let words = words(kind);
    let mut add = |from: Option<Node<'a>>, name: &str| {
        uses.extend(from.and_then(|from| taken(&from, name, object.namespace, true)));
    };
    for container in object.containers() {
        let (env, from) = (container.get("env"), container.get("envFrom"));
        env.iter().flat_map(Node::items).for_each(|env| add(env.at(["valueFrom", words.key_ref]), "name"));
        from.iter().flat_map(Node::items).for_each(|from| add(from.get(words.env_from), "name"));
    }
    for volume in spec.list(["volumes"]) {
        add(volume.get(words.volume), words.volume_name);
        volume.list(["projected", "sources"]).into_iter().for_each(|source| add(source.get(words.volume), "name"));
    }
}

/// Variables in Helm values are written as Kubernetes has them.
pub(super) fn of_values<'a>(values: &Node<'a>, namespace: Option<&'a str>, kind: &str, uses: &mut Vec<Use<'a>>) {
    let words = words(kind);
    for map in values.having(&[words.key_ref, words.env_from]) {
        let from = map.get(words.key_ref).or_else(|| map.get(words.env_from));
        uses.extend(from.and_then(|from| taken(&from, "name", namespace, false)));
    }
}

/// `{name: …, key: …}` or `{secretName: …, items: [{key: …}]}`
fn taken<'a>(from: &Node<'a>, name: &str, namespace: Option<&'a str>, is_certain: bool) -> Option<Use<'a>> {
    if is_optional(from) {
        return None;
    }
    let items = from.get("items");
    let keys = items.iter().flat_map(Node::items).filter_map(|item| item.get("key")).chain(from.get("key")).collect();
    Some(Use { namespace, name: from.get(name)?, keys, is_certain })
}

fn is_optional(from: &Node<'_>) -> bool {
    from.get("optional").and_then(|it| it.boolean()) == Some(true)
}
