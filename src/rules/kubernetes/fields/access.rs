//! Rights, and who is asked about objects: <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/>
//! and <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/>.

use super::access_laws::{
    is_api, is_bytes, is_expression_name, is_hook, is_identifier, is_kind, is_path, is_review, judges_something,
    one_line, recognized, resources_or_urls, stars, subject, url,
};
use super::expression_laws::{conditions, expressions};
use super::form::Form::{List, Many, Named, Number, One, Text, Texts, Told, Word, Words};
use super::form::Law::{All, AtMost, Needs, Never, Once, OneOf, Other, Unique};
use super::form::{DOMAIN, Form, Law, Part, SEGMENT};
use super::selectors::LABEL_SELECTOR;

pub(super) static ROLE: Part = Part { fields: &[("rules", Many(&OF_NAMESPACE))], laws: &[] };

pub(super) static CLUSTER_ROLE: Part =
    Part { fields: &[("aggregationRule", One(&AGGREGATION)), ("rules", Many(&ROLE_RULE))], laws: &[] };

static AGGREGATION: Part =
    Part { fields: &[("clusterRoleSelectors", Many(&LABEL_SELECTOR))], laws: &[Needs(&["clusterRoleSelectors"])] };

static OF_NAMESPACE: Part = Part {
    fields: RULE_FIELDS,
    laws: &[All(RULE_LAWS), Never("nonResourceURLs", "they are of the whole cluster, and go into a `ClusterRole`")],
};

static ROLE_RULE: Part = Part { fields: RULE_FIELDS, laws: RULE_LAWS };

const RULE_FIELDS: &[(&str, Form)] = &[
    ("apiGroups", Texts),
    ("nonResourceURLs", Texts),
    ("resourceNames", Texts),
    ("resources", Texts),
    ("verbs", Texts),
];

const RULE_LAWS: &[Law] = &[Needs(&["verbs"]), Other(resources_or_urls)];

pub(super) static BINDING: Part =
    Part { fields: &[("roleRef", One(&ROLE_REFERENCE)), ("subjects", Many(&SUBJECT))], laws: &[Needs(&["roleRef"])] };

pub(super) static CLUSTER_BINDING: Part = Part {
    fields: &[("roleRef", One(&CLUSTER_REFERENCE)), ("subjects", Many(&SUBJECT))],
    laws: &[Needs(&["roleRef"])],
};

const GROUP: &[&str] = &["rbac.authorization.k8s.io"];

static ROLE_REFERENCE: Part = Part {
    fields: &[("apiGroup", Word(GROUP)), ("kind", Word(&["ClusterRole", "Role"])), ("name", SEGMENT)],
    laws: &[Needs(&["kind", "name"])],
};

static CLUSTER_REFERENCE: Part = Part {
    fields: &[("apiGroup", Word(GROUP)), ("kind", Word(&["ClusterRole"])), ("name", SEGMENT)],
    laws: &[Needs(&["kind", "name"])],
};

const SUBJECTS: &[(&str, Form)] =
    &[("apiGroup", Text), ("kind", Word(&["Group", "ServiceAccount", "User"])), ("name", Text), ("namespace", Text)];

static SUBJECT: Part = Part { fields: SUBJECTS, laws: &[Needs(&["kind", "name"]), Other(subject)] };

pub(super) static WEBHOOKS: Part =
    Part { fields: &[("webhooks", Many(&WEBHOOK))], laws: &[Unique("webhooks", "name")] };

static WEBHOOK: Part = Part {
    fields: &[
        ("admissionReviewVersions", List(&Named(is_review, "a version such as `v1`"))),
        ("clientConfig", One(&CLIENT)),
        ("failurePolicy", FAILURE),
        ("matchConditions", Many(&CONDITION)),
        ("matchPolicy", MATCH),
        ("name", Named(is_hook, "a DNS name in lower case of at least three parts, such as `guard.example.com`")),
        ("namespaceSelector", One(&LABEL_SELECTOR)),
        ("objectSelector", One(&LABEL_SELECTOR)),
        ("reinvocationPolicy", Told(&Word(&["IfNeeded", "Never"]))),
        ("rules", Many(&WEBHOOK_RULE)),
        ("sideEffects", Told(&Word(&["None", "NoneOnDryRun"]))),
        ("timeoutSeconds", Number(1, 30)),
    ],
    laws: &[
        Needs(&["name", "clientConfig", "sideEffects", "admissionReviewVersions"]),
        Once("admissionReviewVersions"),
        Unique("matchConditions", "name"),
        AtMost("matchConditions", 64),
        Other(conditions),
        Other(recognized),
    ],
};

const FAILURE: Form = Told(&Word(&["Fail", "Ignore"]));
const MATCH: Form = Told(&Word(&["Equivalent", "Exact"]));

pub(super) static CLIENT: Part = Part {
    fields: &[("caBundle", Named(is_bytes, "certificates in base64")), ("service", One(&HOOK_SERVICE)), ("url", Text)],
    laws: &[OneOf(&["service", "url"]), Other(url)],
};

static HOOK_SERVICE: Part = Part {
    fields: &[
        ("name", Text),
        ("namespace", Text),
        ("path", Named(is_path, "a path that begins with `/`, of parts that are names")),
        ("port", Number(1, 65_535)),
    ],
    laws: &[Needs(&["name", "namespace"])],
};

const EXPRESSION_NAME: Form =
    Named(is_expression_name, "a name such as `not-leases`, perhaps with a domain and `/` in front");

static CONDITION: Part =
    Part { fields: &[("expression", Text), ("name", EXPRESSION_NAME)], laws: &[Needs(&["name", "expression"])] };

const SCOPE: Form = Told(&Word(&["*", "Cluster", "Namespaced"]));
const OPERATIONS: Form = Words(&["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]);

static WEBHOOK_RULE: Part = Part {
    fields: &[
        ("apiGroups", Texts),
        ("apiVersions", Texts),
        ("operations", OPERATIONS),
        ("resources", Texts),
        ("scope", SCOPE),
    ],
    laws: &[Needs(&["operations", "apiGroups", "apiVersions", "resources"]), Other(stars)],
};

pub(super) static POLICY: Part = Part {
    fields: &[
        ("auditAnnotations", Many(&AUDIT)),
        ("failurePolicy", FAILURE),
        ("matchConditions", Many(&CONDITION)),
        ("matchConstraints", One(&CONSTRAINTS)),
        ("paramKind", One(&PARAM_KIND)),
        ("validations", Many(&VALIDATION)),
        ("variables", Many(&VARIABLE)),
    ],
    laws: &[
        Needs(&["matchConstraints"]),
        Unique("matchConditions", "name"),
        Unique("auditAnnotations", "key"),
        AtMost("matchConditions", 64),
        AtMost("auditAnnotations", 20),
        Other(judges_something),
        Other(expressions),
    ],
};

static AUDIT: Part = Part {
    fields: &[("key", Named(is_expression_name, "a name such as `owner`")), ("valueExpression", Text)],
    laws: &[Needs(&["key", "valueExpression"])],
};

static CONSTRAINTS: Part = Part { fields: MATCHES, laws: &[Needs(&["resourceRules"])] };

static SELECTED: Part = Part { fields: MATCHES, laws: &[] };

const MATCHES: &[(&str, Form)] = &[
    ("excludeResourceRules", Many(&NAMED_RULE)),
    ("matchPolicy", MATCH),
    ("namespaceSelector", One(&LABEL_SELECTOR)),
    ("objectSelector", One(&LABEL_SELECTOR)),
    ("resourceRules", Many(&NAMED_RULE)),
];

static NAMED_RULE: Part = Part {
    fields: &[
        ("apiGroups", Texts),
        ("apiVersions", Texts),
        ("operations", OPERATIONS),
        ("resourceNames", Texts),
        ("resources", Texts),
        ("scope", SCOPE),
    ],
    laws: &[Needs(&["operations", "apiGroups", "apiVersions", "resources"]), Once("resourceNames"), Other(stars)],
};

static PARAM_KIND: Part = Part {
    fields: &[("apiVersion", Named(is_api, "a group, `/` and a version")), ("kind", DNS_KIND)],
    laws: &[Needs(&["apiVersion", "kind"])],
};

const DNS_KIND: Form = Named(is_kind, "the name of a kind: letters and digits");

static VALIDATION: Part = Part {
    fields: &[
        ("expression", Text),
        ("message", Text),
        ("messageExpression", Text),
        ("reason", Told(&Word(&["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"]))),
    ],
    laws: &[Needs(&["expression"]), Other(one_line)],
};

static VARIABLE: Part = Part {
    fields: &[("expression", Text), ("name", Named(is_identifier, "letters, digits and `_`"))],
    laws: &[Needs(&["name", "expression"])],
};

pub(super) static POLICY_BINDING: Part = Part {
    fields: &[
        ("matchResources", One(&SELECTED)),
        ("paramRef", One(&PARAM)),
        ("policyName", DOMAIN),
        ("validationActions", Words(&["Audit", "Deny", "Warn"])),
    ],
    laws: &[Needs(&["policyName", "validationActions"]), Once("validationActions")],
};

static PARAM: Part = Part {
    fields: &[
        ("name", SEGMENT),
        ("namespace", Text),
        ("parameterNotFoundAction", Told(&Word(&["Allow", "Deny"]))),
        ("selector", One(&LABEL_SELECTOR)),
    ],
    laws: &[OneOf(&["name", "selector"]), Needs(&["parameterNotFoundAction"])],
};
