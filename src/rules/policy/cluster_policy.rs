//! Kyverno's `ClusterPolicy` and `Policy` with patterns, the form that most policies have.

use serde_json::Value as Json;

use super::asked::{self, Asked, Fits};
use super::defaults;
use super::pattern::{Fit, fit, wildcard};
use super::refuses::REFUSES;
use crate::account::{Cost, Work};
use crate::check::k8s::{Object, is_given, selects};
use crate::check::{Node, Report, View};
use crate::schema;

/// What one value costs against one of a pattern.
const VISIT: u64 = 20;
/// Namespaces that Kyverno lets alone as it is installed.
const LET_ALONE: [&str; 4] = ["kube-system", "kube-public", "kube-node-lease", "kyverno"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let rules: Vec<_> = view.objects().iter().flat_map(|object| rules(view, object)).collect();
    if rules.is_empty() {
        return;
    }
    for asked in asked::all(view).into_iter().filter(|asked| !view.is_transformed(asked.object)) {
        for rule in &rules {
            rule.judge(view, &asked, report);
        }
    }
}

/// A rule that refuses what does not fit.
struct Rule<'v, 'a> {
    policy: &'v Object<'a>,
    node: Node<'a>,
    /// One of them has to fit.
    patterns: Vec<(Node<'a>, Json)>,
}

/// The rules of a policy that can be judged.
fn rules<'v, 'a>(view: &View<'a>, policy: &'v Object<'a>) -> Vec<Rule<'v, 'a>> {
    let is_one = policy.group == "kyverno.io" && matches!(policy.kind, "ClusterPolicy" | "Policy");
    let Some(spec) = policy.root().get("spec").filter(|_| is_one) else { return Vec::new() };
    let is_off = spec.get("admission").and_then(|it| it.boolean()) == Some(false);
    if is_off || spec.get("validationFailureActionOverrides").is_some() || has_exception(view, policy) {
        return Vec::new();
    }
    let of_policy = spec.text_at(["validationFailureAction"]);
    let judged = |rule: &Node<'a>| {
        let validate = rule.get("validate")?;
        let action = validate.text_at(["failureAction"]).or(of_policy)?;
        // What these ask for is known in a cluster only.
        let is_open = ["context", "preconditions", "celPreconditions"].iter().any(|key| rule.get(key).is_some())
            || validate.get("failureActionOverrides").is_some();
        if is_open || !action.eq_ignore_ascii_case("enforce") {
            return None;
        }
        let patterns = match (validate.get("pattern"), validate.get("anyPattern")) {
            (Some(pattern), _) => vec![pattern],
            (_, Some(patterns)) => patterns.items(),
            _ => return None,
        };
        let patterns = patterns.into_iter().map(|node| (node, schema::json(node.value))).collect();
        Some(Rule { policy, node: *rule, patterns })
    };
    spec.get("rules").map(|rules| rules.items()).unwrap_or_default().iter().filter_map(judged).collect()
}

/// Whether somebody is let off a policy; for whom is not looked into.
fn has_exception(view: &View<'_>, policy: &Object<'_>) -> bool {
    view.objects_of("kyverno.io", "PolicyException").any(|exception| {
        let listed = exception.root().at(["spec", "exceptions"]).map(|it| it.items()).unwrap_or_default();
        listed
            .iter()
            .any(|it| it.text_at(["policyName"]).is_some_and(|name| name.ends_with(policy.name.unwrap_or("-"))))
    })
}

impl Rule<'_, '_> {
    fn judge(&self, view: &View<'_>, asked: &Asked<'_, '_>, report: &mut Report) {
        let Object { kind, name, namespace, .. } = *asked.object;
        let own_kind = if asked.is_pod { "Pod" } else { kind };
        let is_let_alone = namespace.is_some_and(|namespace| LET_ALONE.contains(&namespace));
        if is_let_alone || !defaults::is_known(asked.group, own_kind) || view.account().is_over() {
            return;
        }
        let is_elsewhere = self.policy.kind == "Policy" && self.policy.namespace != namespace;
        let taken = self.node.get("match").map_or(Fits::No, |found| takes_in(&found, asked, view));
        let excluded = self.node.get("exclude").map_or(Fits::No, |found| takes_in(&found, asked, view));
        if is_elsewhere || taken != Fits::Yes || excluded != Fits::No {
            return;
        }
        let json = asked.json(view);
        let cost = self.patterns.iter().map(|(_, pattern)| weight(pattern).saturating_mul(weight(&json))).sum::<u64>();
        let place = view.artifact(&self.policy.root().place()).place;
        view.account().charge(Cost::steps(cost.saturating_mul(VISIT)), Work::Policy, place);
        let refused =
            |(_, pattern): &(Node<'_>, Json)| !asks_the_cluster(pattern, &json) && fit(pattern, Some(&json)) == Fit::No;
        if self.patterns.is_empty() || !self.patterns.iter().all(refused) {
            return;
        }
        let what =
            if asked.is_pod && kind != "Pod" { format!("the pods of the {kind}") } else { format!("the {kind}") };
        let (name, by) = (name.unwrap_or_default(), self.policy.name.unwrap_or_default());
        let said = self.node.at(["validate", "message"]).and_then(|it| it.text()).filter(|text| !text.contains("{{"));
        let why = said.map(|said| format!(": {}", said.trim().trim_end_matches('.'))).unwrap_or_default();
        let place = asked.node.get("spec").unwrap_or(asked.node);
        let draft = report.at(&REFUSES, &place, format!("the policy `{by}` refuses {what} `{name}`{why}"));
        draft.label("this is not admitted").subject(asked.object.subject());
        if let Some((pattern, _)) = self.patterns.first() {
            draft.also(pattern, "it does not look like this").about_key();
        }
        draft.help("mend the object, or let the policy leave it alone");
    }
}

fn weight(json: &Json) -> u64 {
    match json {
        Json::Object(map) => 1 + map.values().map(weight).sum::<u64>(),
        Json::Array(items) => 1 + items.iter().map(weight).sum::<u64>(),
        _ => 1,
    }
}

/// Whether a pattern speaks of what only a cluster fills in.
fn asks_the_cluster(pattern: &Json, object: &Json) -> bool {
    match pattern {
        Json::Object(map) => map.iter().any(|(key, below)| {
            let name = key.trim_start_matches(['=', 'X', '^', '+', '<']).trim_matches(['(', ')']);
            defaults::is_of_cluster(name, object) || asks_the_cluster(below, object)
        }),
        Json::Array(items) => items.iter().any(|item| asks_the_cluster(item, object)),
        _ => false,
    }
}

/// Whether `match` or `exclude` take an object in.
fn takes_in(found: &Node<'_>, asked: &Asked<'_, '_>, view: &View<'_>) -> Fits {
    let of = |list: &str| -> Vec<Fits> {
        let filters = found.get(list).map(|list| list.items()).unwrap_or_default();
        filters.iter().map(|filter| of_filter(filter, asked, view)).collect()
    };
    match (found.get("any").is_some(), found.get("all").is_some()) {
        (true, _) => any(of("any")),
        (_, true) => every(of("all")),
        _ => of_filter(found, asked, view),
    }
}

fn any(all: impl IntoIterator<Item = Fits>) -> Fits {
    all.into_iter().fold(Fits::No, |found, fits| match (found, fits) {
        (Fits::Yes, _) | (_, Fits::Yes) => Fits::Yes,
        (Fits::Unknown, _) | (_, Fits::Unknown) => Fits::Unknown,
        _ => Fits::No,
    })
}

fn every(all: impl IntoIterator<Item = Fits>) -> Fits {
    all.into_iter().fold(Fits::Yes, |found, fits| match (found, fits) {
        (Fits::No, _) | (_, Fits::No) => Fits::No,
        (Fits::Unknown, _) | (_, Fits::Unknown) => Fits::Unknown,
        _ => Fits::Yes,
    })
}

fn of_filter(filter: &Node<'_>, asked: &Asked<'_, '_>, view: &View<'_>) -> Fits {
    // Who asks is not known here.
    let asks_who = ["subjects", "roles", "clusterRoles"].iter().any(|key| filter.get(key).is_some());
    let Some(resources) = filter.get("resources") else { return if asks_who { Fits::Unknown } else { Fits::No } };
    let mut parts = Vec::new();
    for (key, value) in resources.entries() {
        let words: Vec<&str> = value.items().iter().filter_map(Node::text).collect();
        let name = asked.object.name.filter(|_| !asked.is_pod || asked.object.kind == "Pod");
        let one_of = |text: &str| of(words.iter().any(|word| wildcard(word, text)));
        parts.push(match key {
            "kinds" => of(words.iter().any(|word| is_kind(word, asked))),
            "operations" => of(words.contains(&"CREATE")),
            "name" => name.map_or(Fits::Unknown, |name| of(value.text().is_some_and(|it| wildcard(it, name)))),
            "names" => name.map_or(Fits::Unknown, one_of),
            "namespaces" if asked.object.is("", "Namespace") => name.map_or(Fits::Unknown, one_of),
            "namespaces" => match asked.object.namespace {
                Some(namespace) => one_of(namespace),
                None if asked.object.is_cluster_wide() => Fits::No,
                None => Fits::Unknown,
            },
            "selector" => selected(&value, asked),
            "namespaceSelector" => asked::namespace(&value, asked, view),
            _ => Fits::Unknown,
        });
    }
    if asks_who {
        parts.push(Fits::Unknown);
    }
    if parts.is_empty() { Fits::Unknown } else { every(parts) }
}

fn of(fits: bool) -> Fits {
    if fits { Fits::Yes } else { Fits::No }
}

/// `Pod`, `v1/Pod`, `apps/v1/Deployment`, each with wildcards; subresources are no objects.
fn is_kind(word: &str, asked: &Asked<'_, '_>) -> bool {
    let kind = if asked.is_pod { "Pod" } else { asked.object.kind };
    let parts: Vec<&str> = word.split('/').collect();
    match parts.as_slice() {
        [own] => wildcard(own, kind),
        [version, own] => wildcard(version, asked.version) && wildcard(own, kind),
        [group, version, own] => {
            wildcard(group, asked.group) && wildcard(version, asked.version) && wildcard(own, kind)
        }
        _ => false,
    }
}

fn selected(selector: &Node<'_>, asked: &Asked<'_, '_>) -> Fits {
    let labels = selector.get("matchLabels").map(|labels| labels.entries()).unwrap_or_default();
    let has_wildcard = |text: &str| text.contains(['*', '?']);
    let is_wild = labels.iter().any(|(key, value)| has_wildcard(key) || value.text().is_some_and(has_wildcard));
    let expressions = selector.get("matchExpressions").map(|list| list.items()).unwrap_or_default();
    let keys = expressions.iter().filter_map(|it| it.text_at(["key"]));
    if is_wild || labels.iter().map(|(key, _)| *key).chain(keys).any(is_given) {
        return Fits::Unknown;
    }
    of(selects(selector, asked.node.at(["metadata", "labels"]).as_ref()))
}
