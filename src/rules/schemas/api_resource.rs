//! Resources as roles, policies and webhooks name them: in the plural, in lower case, and with their group beside them.

use super::built_in::known_kinds;
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest::nearest;
use crate::rules::kubernetes::fields::is_written;

rule! {
    API_RESOURCE = Warning "kubernetes/api-resource";
    summary: "a rule about resources that its API groups do not have, or by a verb that Kubernetes does not ask by";
    explanation: "Groups, resources and verbs are free text, so one that is wrong is taken and matches nothing: the role allows nothing, and the policy or the webhook lets everything pass. A group has no version (`apps`, not `apps/v1`), a resource is the plural in lower case (`deployments`, not `Deployment`), and each has one group: `deployments` are of `apps`, and nobody finds them in `\"\"`. Reported where a group is no group, where a resource is the singular of a kind of its groups or nearly one of their resources, and, if all groups are Kubernetes' own, where it is a resource of another one. Verbs are those of Kubernetes: `get`, `list` and `watch` are what `read` is meant to be.";
    wrong: "
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: restarter}
        rules: [{apiGroups: [apps/v1], resources: [deployment], verbs: [patch]}]
    ";
    right: "
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: restarter}
        rules: [{apiGroups: [apps], resources: [deployments], verbs: [patch]}]
    ";
}

/// Groups without a point that Kubernetes has or once had.
const SHORT: [&str; 7] = ["", "*", "apps", "autoscaling", "batch", "extensions", "policy"];

/// Words that are meant to be verbs, and what Kubernetes calls them.
const VERBS: [(&str, &str); 9] = [
    ("add", "`create`"),
    ("all", "`*`"),
    ("edit", "`create`, `update` and `patch`"),
    ("modify", "`update` and `patch`"),
    ("read", "`get`, `list` and `watch`"),
    ("remove", "`delete`"),
    ("replace", "`update`"),
    ("view", "`get`, `list` and `watch`"),
    ("write", "`create`, `update` and `patch`"),
];

const HOOKS: &str = "admissionregistration.k8s.io";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for role in ["Role", "ClusterRole"].into_iter().flat_map(|kind| view.objects_of("rbac.authorization.k8s.io", kind))
    {
        for rule in role.root().list(["rules"]) {
            of_rule(&rule, report);
            for verb in rule.list(["verbs"]) {
                of_verb(&verb, report);
            }
        }
    }
    for kind in ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"] {
        for hook in view.objects_of(HOOKS, kind).flat_map(|hooks| hooks.root().list(["webhooks"])) {
            for rule in hook.list(["rules"]) {
                of_rule(&rule, report);
            }
        }
    }
    for policy in view.objects().iter().filter(|it| matches!(it.group, HOOKS | "policies.kyverno.io")) {
        for rule in policy.root().list(["spec", "matchConstraints", "resourceRules"]) {
            of_rule(&rule, report);
        }
    }
}

fn of_verb(verb: &Node<'_>, report: &mut Report) {
    let Some(text) = verb.text() else { return };
    if let Some((_, meant)) = VERBS.iter().find(|(word, _)| *word == text) {
        report
            .at(&API_RESOURCE, verb, format!("`{text}` is no verb of Kubernetes, so it allows nothing"))
            .help(format!("write {meant}"));
    }
}

fn of_rule(rule: &Node<'_>, report: &mut Report) {
    let groups = rule.list(["apiGroups"]);
    let names: Vec<&str> = groups.iter().filter_map(Node::text).collect();
    let wrong = groups.iter().filter(|group| of_group(group, &names, report)).count();
    // A group that is wrong is why its resources are not found.
    if wrong > 0 || names.is_empty() || names.iter().any(|name| *name == "*" || !is_written(name)) {
        return;
    }
    let resources = rule.list(["resources"]);
    let foreign: Vec<_> =
        resources.iter().filter_map(|resource| Some((resource, of_resource(resource, &names, report)?))).collect();
    let Some(((first, help), rest)) = foreign.split_first() else { return };
    let listed: Vec<String> = names.iter().map(|group| shown(group)).collect();
    let named: Vec<String> = foreign.iter().filter_map(|(it, _)| Some(format!("`{}`", it.text()?))).collect();
    let message =
        format!("the API group {} has no {}, so this matches nothing", listed.join(" or "), named.join(" and no "));
    // If none of them is there, it is the group that is wrong.
    let group = groups.first().filter(|_| foreign.len() == resources.len());
    let draft = report.at(&API_RESOURCE, group.unwrap_or(first), message);
    for (other, _) in rest.iter().chain(foreign.first().filter(|_| group.is_some())) {
        draft.also(*other, "");
    }
    draft.help(help.clone());
}

/// Whether a group is none.
fn of_group(group: &Node<'_>, beside: &[&str], report: &mut Report) -> bool {
    let Some(text) = group.text().filter(|text| is_written(text)) else { return false };
    let (name, help) = match text.split_once('/') {
        Some((name, _)) => (name, format!("write `{name}`: a rule holds for all versions of a group")),
        None if text.contains('.') || SHORT.contains(&text) || beside.contains(&"") => return false,
        None if text == "core" || is_version(text) => ("", "write `\"\"`, Kubernetes' first group".to_owned()),
        None => return false,
    };
    // It is there as it should be, too.
    if beside.contains(&name) {
        return false;
    }
    report.at(&API_RESOURCE, group, format!("`{text}` is no API group, so this matches nothing")).help(help);
    true
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

/// What to do about a resource that the groups do not have, if it is one of others.
fn of_resource(resource: &Node<'_>, groups: &[&str], report: &mut Report) -> Option<String> {
    let text = resource.text().filter(|text| is_written(text))?;
    let name = text.split('/').next().filter(|name| !name.is_empty() && !name.contains('*'))?;
    let own = || known_kinds().filter(|(group, _)| groups.contains(group)).map(|(_, kind)| kind);
    let begins = |kind: &str| kind.as_bytes()[..1].eq_ignore_ascii_case(&name.as_bytes()[..1]);
    if own().filter(|kind| begins(kind)).any(|kind| plural(kind) == name) {
        return None;
    }
    let is_meant = |kind: &&str| kind.eq_ignore_ascii_case(name) || plural(kind).eq_ignore_ascii_case(name);
    if let Some(meant) = own().filter(|kind| begins(kind)).find(is_meant).map(plural) {
        report
            .at(&API_RESOURCE, resource, format!("`{name}` is no resource, so this matches nothing"))
            .label("resources are plurals in lower case")
            .help(format!("did you mean `{meant}`?"));
        return None;
    }
    // What other groups have is known for Kubernetes' own ones only.
    if !groups.iter().all(|group| SHORT.contains(group) && *group != "extensions") {
        return None;
    }
    let elsewhere = known_kinds().filter(|(_, kind)| begins(kind)).find(|(_, kind)| plural(kind) == name);
    let known: Vec<String> = own().map(plural).collect();
    let near = || nearest(name, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
    elsewhere.map(|(group, _)| format!("`{name}` are of the group {}", shown(group))).or_else(near)
}

fn shown(group: &str) -> String {
    format!("`{}`", if group.is_empty() { "\"\"" } else { group })
}

/// The resource of a kind.
fn plural(kind: &str) -> String {
    let word = kind.to_ascii_lowercase();
    let before = |letters: &[char]| word.strip_suffix('y').is_some_and(|stem| !stem.ends_with(letters));
    if word == "endpoints" {
        word
    } else if before(&['a', 'e', 'i', 'o', 'u']) {
        format!("{}ies", &word[..word.len() - 1])
    } else if ["s", "x", "ch", "sh"].iter().any(|ending| word.ends_with(ending)) {
        format!("{word}es")
    } else {
        format!("{word}s")
    }
}
