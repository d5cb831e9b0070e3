//! Topology keys that no node has.

use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    TOPOLOGY_KEY = Error "kubernetes/topology-key";
    summary: "a topology key that no node carries";
    explanation: "`topologyKey` names a label of nodes. Kubernetes gives nodes `kubernetes.io/hostname`, `topology.kubernetes.io/zone` and `topology.kubernetes.io/region`. By a label that no node has nothing is kept apart, and pods that must be spread or put together by it are never scheduled.";
    wrong: "
        --- # api/values.yaml
        topologySpreadConstraints:
          - {maxSkew: 1, topologyKey: topology.kubernetes.io/zones, whenUnsatisfiable: DoNotSchedule}
    ";
    right: "
        --- # api/values.yaml
        topologySpreadConstraints:
          - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule}
    ";
}

/// The labels that Kubernetes has for this: <https://kubernetes.io/docs/reference/labels-annotations-taints/>.
const KEYS: [(&str, &str); 3] = [
    ("hostname", "kubernetes.io/hostname"),
    ("zone", "topology.kubernetes.io/zone"),
    ("region", "topology.kubernetes.io/region"),
];

/// What people call them.
const ALIASES: [(&str, &str); 4] =
    [("host", "hostname"), ("node", "hostname"), ("az", "zone"), ("availability-zone", "zone")];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let roots = view.objects().iter().map(Object::root);
    for root in roots.chain(view.values().iter().copied()) {
        for key in root.under("topologyKey") {
            let Some(meant) = key.text().and_then(meant) else { continue };
            if !is_own_label(view, &key) {
                let text = key.text().unwrap_or_default();
                report
                    .at(&TOPOLOGY_KEY, &key, format!("no node has a label `{text}`"))
                    .help(format!("write `{meant}`"));
            }
        }
    }
}

/// The key that a wrong one of Kubernetes' own domains was meant to be.
fn meant(key: &str) -> Option<&'static str> {
    let (domain, name) = key.split_once('/')?;
    if !matches!(domain, "kubernetes.io" | "topology.kubernetes.io") || KEYS.iter().any(|(_, known)| *known == key) {
        return None;
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, name)| *name);
    let same = KEYS.iter().map(|(known, _)| *known).find(|known| *known == name);
    let found = same.or(alias).or_else(|| suggest::nearest(name, KEYS.iter().map(|(name, _)| *name)))?;
    KEYS.iter().find(|(name, _)| *name == found).map(|(_, key)| *key)
}

/// Somebody may label nodes so.
fn is_own_label(view: &View<'_>, key: &Node<'_>) -> bool {
    let Some(nodes) = view.nodes() else { return true };
    nodes.iter().any(|nodes| key.text().is_some_and(|key| nodes.sets(key)))
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn keys_that_are_meant_to_be_others() {
        assert_eq!(meant("topology.kubernetes.io/zones"), Some("topology.kubernetes.io/zone"));
        assert_eq!(meant("topology.kubernetes.io/hostname"), Some("kubernetes.io/hostname"));
        assert_eq!(meant("kubernetes.io/zone"), Some("topology.kubernetes.io/zone"));
        for key in
            ["kubernetes.io/hostname", "topology.kubernetes.io/rack", "kubernetes.io/arch", "zone", "example.com/zone"]
        {
            assert_eq!(meant(key), None, "{key}");
        }
    }
}
