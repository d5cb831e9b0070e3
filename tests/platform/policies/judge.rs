//! Asks a rendered policy about an object, as Kyverno would: does it match, and what does its CEL say? The expressions are
//! evaluated by platc's own engine. The one function that Kyverno adds and a policy here uses, `globalContext.Get`, is
//! answered by the reports that a test brings.

use platc::disk::Memory;
use platc::schema::Schema;
use serde_json::{Value, json};

use crate::conformance::kubernetes::{judged, load};
use crate::tree::strings;

/// What the API server sends when an object is created or changed.
pub(crate) struct Request {
    pub(crate) namespace: String,
    pub(crate) object: Value,
    /// The object before an update; null for a creation.
    pub(crate) old: Value,
    /// The VulnerabilityReports of the cluster.
    pub(crate) reports: Vec<Value>,
}

impl Request {
    pub(crate) fn create(object: &Value) -> Self {
        let namespace = object["metadata"]["namespace"].as_str().unwrap().to_owned();
        Self { namespace, object: object.clone(), old: Value::Null, reports: Vec::new() }
    }

    pub(crate) fn update(old: &Value, object: &Value) -> Self {
        Self { old: old.clone(), ..Self::create(object) }
    }
}

/// A policy, ready to be asked.
pub(crate) struct Judge<'a> {
    policy: &'a Value,
    conditions: Schema,
    validations: Schema,
}

impl<'a> Judge<'a> {
    pub(crate) fn of(policy: &'a Value) -> Self {
        let spec = &policy["spec"];
        let rule = &spec["rules"][0];
        let (conditions, variables, validations) = match policy["kind"].as_str().unwrap() {
            "ValidatingPolicy" => (&spec["matchConditions"], &spec["variables"], &spec["validations"]),
            "ClusterPolicy" => {
                let cel = &rule["validate"]["cel"];
                (&rule["celPreconditions"], &cel["variables"], &cel["expressions"])
            }
            kind => panic!("{kind} is not evaluated here"),
        };
        Self { policy, conditions: compiled(conditions, variables), validations: compiled(validations, variables) }
    }

    pub(crate) fn name(&self) -> &'a str {
        self.policy["metadata"]["name"].as_str().unwrap()
    }

    /// How many validations refuse the object; none at all if the policy does not judge it.
    pub(crate) fn refusals(&self, request: &Request) -> Option<usize> {
        let spec = &self.policy["spec"];
        let asked = match spec.get("matchConstraints") {
            Some(constraints) => matches(constraints, request),
            None => selects(&spec["rules"][0], request),
        };
        (asked && failures(&self.conditions, request) == 0).then(|| failures(&self.validations, request))
    }

    /// Whether the policy stops the object.
    pub(crate) fn refuses(&self, request: &Request) -> bool {
        self.refusals(request).is_some_and(|count| count > 0)
    }
}

/// Whether the API server asks about an object of a kind in a namespace: selector and resources of a ValidatingPolicy.
pub(crate) fn matches(constraints: &Value, request: &Request) -> bool {
    let selector = constraints["namespaceSelector"]["matchExpressions"].as_array().unwrap();
    let selected = selector.iter().all(|expression| {
        assert_eq!(expression["key"], "kubernetes.io/metadata.name", "the label that every namespace has");
        assert_eq!(expression["operator"], "NotIn");
        !strings(&expression["values"]).contains(&request.namespace.as_str())
    });
    let (group, version, resource) = resource(&request.object);
    let operation = if request.old.is_null() { "CREATE" } else { "UPDATE" };
    let has = |rule: &Value, key: &str, wanted: &str| strings(&rule[key]).contains(&wanted);
    selected
        && constraints["resourceRules"].as_array().unwrap().iter().any(|rule| {
            has(rule, "apiGroups", &group)
                && has(rule, "apiVersions", &version)
                && has(rule, "resources", &resource)
                && has(rule, "operations", operation)
        })
}

/// The same for a rule of a ClusterPolicy.
fn selects(rule: &Value, request: &Request) -> bool {
    let selected = &rule["match"]["any"][0]["resources"];
    let exempt = &rule["exclude"]["any"][0]["resources"]["namespaces"];
    strings(&selected["kinds"]).contains(&request.object["kind"].as_str().unwrap())
        && !strings(exempt).contains(&request.namespace.as_str())
}

/// Group, version and plural of an object.
fn resource(object: &Value) -> (String, String, String) {
    let api = object["apiVersion"].as_str().unwrap();
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    (group.to_owned(), version.to_owned(), format!("{}s", object["kind"].as_str().unwrap().to_lowercase()))
}

/// Expressions as the rules of a schema, on what `failures` hands them.
fn compiled(expressions: &Value, variables: &Value) -> Schema {
    let variables = variables.as_array().map(Vec::as_slice).unwrap_or_default();
    let rules = expressions.as_array().unwrap().iter().map(|item| {
        // Variables stand for their expressions, in the order in which they may use each other.
        let text = variables.iter().rev().fold(item["expression"].as_str().unwrap().to_owned(), |text, variable| {
            let name = format!("variables.{}", variable["name"].as_str().unwrap());
            replace_word(&text, &name, &format!("({})", variable["expression"].as_str().unwrap()))
        });
        let text = text.replace("globalContext.Get('vulnerability-reports', '')", "self.reports");
        let text = replace_word(&text, "object", "self.object");
        json!({"rule": replace_word(&text, "oldObject", "self.oldObject"), "message": "no"})
    });
    let rules: Vec<_> = rules.collect();
    let schema =
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-validations": rules});
    load(&Memory::default().file("policy.json", serde_json::to_vec(&schema).unwrap()), "policy.json")
}

/// How many expressions are false. One that cannot be evaluated is a mistake of the policy.
fn failures(expressions: &Schema, request: &Request) -> usize {
    let value = json!({"object": request.object, "oldObject": request.old, "reports": request.reports});
    let told = judged(expressions, "request.json", &value.to_string());
    assert!(told.iter().all(|told| told.starts_with("schema/rule: ")), "{told:#?}");
    told.len()
}

/// Replaces a name where it stands for itself, and is not a part of another or a field of something.
fn replace_word(text: &str, word: &str, replacement: &str) -> String {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let alone = !before.ends_with(|c: char| inside(c) || c == '.') && !after.starts_with(inside);
        out.push_str(before);
        out.push_str(if alone { replacement } else { word });
        rest = after;
    }
    out + rest
}
