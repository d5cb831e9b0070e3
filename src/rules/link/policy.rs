//! Whom policies and webhooks on admission are asked about.

use crate::check::view::selector::{self, Label};
use crate::check::{Node, View};
use crate::glob;
use crate::value::Value;

/// The label that every namespace has, with its name.
const NAME: &str = "kubernetes.io/metadata.name";

/// Whether a selector is known to select a namespace; what other labels say is not.
pub(super) fn selects(selector: &Node<'_>, namespace: &str) -> bool {
    let label = |key: &str| if key == NAME { Label::Is(namespace) } else { Label::Unknown };
    selector::selects(selector, label) == Some(true)
}

/// The names of namespaces that a selector leaves out.
pub(super) fn left_out<'a>(selector: &Node<'a>) -> Vec<Node<'a>> {
    let expressions = selector.list(["matchExpressions"]);
    let by_name = |it: &Node<'_>| it.text_at(["key"]) == Some(NAME) && it.text_at(["operator"]) == Some("NotIn");
    expressions.iter().filter(|it| by_name(it)).flat_map(|it| it.list(["values"])).collect()
}

/// Kyverno as a chart of the tree installs it.
pub(super) struct Kyverno<'a> {
    pub namespace: &'a str,
    /// The selectors of its webhooks that the values set; without any they leave `kube-system` out.
    pub selectors: Vec<Node<'a>>,
    /// Where the values say that its own namespace is not left out.
    pub own: Option<Node<'a>>,
}

impl<'a> Kyverno<'a> {
    /// None if it is not in the tree, or not all of its values are.
    /// <https://github.com/kyverno/kyverno/blob/main/charts/kyverno/values.yaml>, `config.webhooks`
    pub(super) fn of(view: &View<'a>) -> Option<Self> {
        let mut releases = view.releases().iter().filter(|release| release.chart_name() == "kyverno");
        let (release, None) = (releases.next()?, releases.next()) else { return None };
        let namespace = release.namespace?;
        let config: Vec<_> = release.values.iter().filter_map(|values| values.get("config")).collect();
        let is_made_elsewhere =
            |config: &Node<'_>| config.get("create").is_some_and(|it| *it.value == Value::Bool(false));
        if !release.complete || config.iter().any(is_made_elsewhere) {
            return None;
        }
        // Lists replace each other, and the last one counts.
        let webhooks = config.iter().rev().find_map(|config| config.get("webhooks"));
        let webhooks = webhooks.map(|webhooks| webhooks.one_or_more()).unwrap_or_default();
        let selectors: Vec<_> = webhooks.iter().filter_map(|it| it.get("namespaceSelector")).collect();
        let is_by_label = selectors.iter().any(|selector| selector.get("matchLabels").is_some());
        if is_by_label || webhooks.iter().any(|it| it.get("objectSelector").is_some()) {
            return None;
        }
        let selectors = selectors.into_iter().filter(|it| it.get("matchExpressions").is_some()).collect();
        let own = config.iter().rev().find_map(|config| config.get("excludeKyvernoNamespace"));
        let own = own.filter(|own| *own.value == Value::Bool(false));
        Some(Self { namespace, selectors, own })
    }

    /// Whether its webhooks are called for a namespace, if a policy wants it.
    pub(super) fn is_called_for(&self, namespace: &str) -> bool {
        let is_left_out = namespace == self.namespace && self.own.is_none();
        let is_selected = match self.selectors.as_slice() {
            [] => namespace != "kube-system",
            selectors => selectors.iter().any(|selector| selects(selector, namespace)),
        };
        is_selected && !is_left_out
    }
}

/// Whether rules of a webhook, or of a policy in their form, want to be asked about pods.
pub(super) fn asks_about_pods(rules: &Node<'_>) -> bool {
    let has = |rule: &Node<'_>, key: &str, wanted: &[&str]| {
        let list = rule.list([key]);
        list.iter().any(|it| it.text().is_some_and(|text| text == "*" || wanted.contains(&text)))
    };
    let asks = |rule: &Node<'_>| {
        let is_pod = has(rule, "apiGroups", &[""]) && has(rule, "resources", &["pods", "*/*"]);
        is_pod && has(rule, "operations", &["CREATE"]) && rule.get("resourceNames").is_none()
    };
    rules.items().iter().any(asks)
}

/// Whether a rule of a `ClusterPolicy` is known to be about the pods of a namespace.
pub(super) fn is_about_pods(rule: &Node<'_>, namespace: &str) -> bool {
    let Some(found) = rule.get("match") else { return false };
    let is_open = !["preconditions", "celPreconditions"].iter().any(|key| rule.get(key).is_some());
    let takes = filters(&found).iter().any(|filter| {
        let kinds = filter.list(["kinds"]);
        let is_pod = kinds.iter().any(|kind| kind.text().is_some_and(|kind| matches!(kind, "Pod" | "v1/Pod" | "*")));
        let operations = filter.get("operations").map(|list| list.items());
        let creates = operations.is_none_or(|list| list.iter().any(|it| it.text() == Some("CREATE")));
        is_pod && creates && only(filter, &["kinds", "namespaces", "operations"]) && names(filter, namespace, true)
    });
    // Of several filters under `all` each must fit.
    let is_one = found.get("all").is_none_or(|all| all.items().len() == 1);
    let leaves_out = rule.get("exclude").is_some_and(|exclude| {
        let filters = filters(&exclude);
        filters.is_empty()
            || filters.iter().any(|filter| !only(filter, &["namespaces"]) || names(filter, namespace, true))
    });
    takes && is_one && is_open && !leaves_out
}

/// The filters on resources of `match` or `exclude`; those with users or roles beside them have no keys that are known.
pub(super) fn filters<'a>(block: &Node<'a>) -> Vec<Node<'a>> {
    let lists = ["any", "all"].iter().filter_map(|key| block.get(key)).flat_map(|list| list.items());
    let blocks = lists.chain([*block]);
    let resources = |block: Node<'a>| match block.get("resources") {
        Some(resources) if block.entries().len() == 1 => Some(resources),
        Some(_) => Some(block),
        None => None,
    };
    blocks.filter_map(resources).collect()
}

fn only(filter: &Node<'_>, keys: &[&str]) -> bool {
    filter.entries().iter().all(|(key, _)| keys.contains(key))
}

/// Whether a filter names a namespace; if it names none at all, `otherwise`.
fn names(filter: &Node<'_>, namespace: &str, otherwise: bool) -> bool {
    let Some(list) = filter.get("namespaces") else { return otherwise };
    list.items().iter().any(|it| it.text().is_some_and(|pattern| glob::matches(pattern, namespace)))
}
