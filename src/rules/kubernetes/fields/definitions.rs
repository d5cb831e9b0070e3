//! Definitions of kinds:
//! <https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/>.

use super::access_laws::{is_kind, is_review, one_line};
use super::definition_laws::{
    array_has_items, extends, has_type, is_column_path, is_spec_path, is_status_path, is_two_parts, kinds_differ,
    names_itself, review_versions, root_is_object, rule, stored_once,
};
use super::form::Form::{Bool, List, Many, MapOf, Named, Number, One, OrBool, Text, Texts, Told, Word};
use super::form::Law::{All, Excludes, Needs, Never, Other, Unique, With};
use super::form::{Form, Law, Part};

pub(super) static DEFINITION: Part =
    Part { fields: &[("spec", One(&SPEC))], laws: &[Needs(&["spec"]), Other(names_itself)] };

static SPEC: Part = Part {
    fields: &[
        ("conversion", One(&CONVERSION)),
        ("group", Named(is_two_parts, "a DNS name in lower case, of two parts or more")),
        ("names", One(&NAMES)),
        ("scope", Word(&["Cluster", "Namespaced"])),
        ("versions", Many(&VERSION)),
    ],
    laws: &[Needs(&["group", "names", "scope", "versions"]), Unique("versions", "name"), Other(stored_once)],
};

const NAME: Form = Named(is_review, "lower-case letters, digits and `-`, at most 63, with a letter in front");
const KIND: Form = Named(is_kind, "letters, digits and `-`, at most 63, with a letter in front");

static NAMES: Part = Part {
    fields: &[
        ("categories", List(&NAME)),
        ("kind", KIND),
        ("listKind", KIND),
        ("plural", NAME),
        ("shortNames", List(&NAME)),
        ("singular", NAME),
    ],
    laws: &[Needs(&["kind", "plural"]), Other(kinds_differ)],
};

static CONVERSION: Part = Part {
    fields: &[("strategy", Word(&["None", "Webhook"])), ("webhook", One(&WEBHOOK))],
    laws: &[
        Needs(&["strategy"]),
        Excludes("strategy", &["None"], &["webhook"]),
        Law::Demands("strategy", &["Webhook"], &["webhook"]),
    ],
};

static WEBHOOK: Part = Part {
    fields: &[("clientConfig", One(&super::access::CLIENT)), ("conversionReviewVersions", List(&NAME))],
    laws: &[
        Needs(&["clientConfig", "conversionReviewVersions"]),
        Law::Once("conversionReviewVersions"),
        Other(review_versions),
    ],
};

static VERSION: Part = Part {
    fields: &[
        ("additionalPrinterColumns", Many(&COLUMN)),
        ("deprecated", Bool),
        ("deprecationWarning", Text),
        ("name", NAME),
        ("schema", One(&OF_VERSION)),
        ("selectableFields", Many(&SELECTABLE)),
        ("served", Bool),
        ("storage", Bool),
        ("subresources", One(&SUBRESOURCES)),
    ],
    laws: &[Needs(&["name", "schema"])],
};

static OF_VERSION: Part = Part { fields: &[("openAPIV3Schema", One(&ROOT))], laws: &[Needs(&["openAPIV3Schema"])] };

static COLUMN: Part = Part {
    fields: &[
        ("format", Word(&["byte", "date", "date-time", "double", "float", "int32", "int64", "password"])),
        ("jsonPath", Named(is_column_path, "a path such as `.spec.size`")),
        ("name", Text),
        ("priority", Number(i32::MIN as i64, i32::MAX as i64)),
        ("type", Word(&["boolean", "date", "integer", "number", "string"])),
    ],
    laws: &[Needs(&["name", "type", "jsonPath"])],
};

static SELECTABLE: Part = Part { fields: &[("jsonPath", Text)], laws: &[Needs(&["jsonPath"])] };

static SUBRESOURCES: Part = Part { fields: &[("scale", One(&SCALE))], laws: &[] };

static SCALE: Part = Part {
    fields: &[
        ("labelSelectorPath", Named(is_column_path, "a path such as `.status.selector`")),
        ("specReplicasPath", Named(is_spec_path, "a path that begins with `.spec.`")),
        ("statusReplicasPath", Named(is_status_path, "a path that begins with `.status.`")),
    ],
    laws: &[Needs(&["specReplicasPath", "statusReplicasPath"])],
};

static ROOT: Part = Part { fields: &SCHEMA_FIELDS, laws: &[All(SCHEMA_LAWS), Other(root_is_object)] };

/// Of a field or an item.
static SCHEMA: Part = Part { fields: &SCHEMA_FIELDS, laws: &[All(SCHEMA_LAWS), Other(has_type)] };

/// What only holds of a value: in `allOf` and the like.
static DEMAND: Part = Part { fields: &DEMAND_FIELDS, laws: UNSUPPORTED };

static SCHEMA_FIELDS: [(&str, Form); 29] = [
    ("additionalProperties", OrBool(&One(&SCHEMA))),
    ("allOf", Many(&DEMAND)),
    ("anyOf", Many(&DEMAND)),
    ("description", Text),
    ("format", Text),
    ("items", One(&SCHEMA)),
    ("maximum", FLOAT),
    ("maxItems", INT),
    ("maxLength", INT),
    ("maxProperties", INT),
    ("minimum", FLOAT),
    ("minItems", INT),
    ("minLength", INT),
    ("minProperties", INT),
    ("not", One(&DEMAND)),
    ("nullable", Bool),
    ("oneOf", Many(&DEMAND)),
    ("pattern", Text),
    ("properties", MapOf(&One(&SCHEMA))),
    ("required", Texts),
    ("title", Text),
    ("type", TYPES),
    ("x-kubernetes-embedded-resource", Bool),
    ("x-kubernetes-int-or-string", Bool),
    ("x-kubernetes-list-map-keys", Texts),
    ("x-kubernetes-list-type", Told(&Word(&["atomic", "map", "set"]))),
    ("x-kubernetes-map-type", Told(&Word(&["atomic", "granular"]))),
    ("x-kubernetes-preserve-unknown-fields", Bool),
    ("x-kubernetes-validations", Many(&RULE)),
];

static DEMAND_FIELDS: [(&str, Form); 8] = [
    ("maxItems", INT),
    ("maxLength", INT),
    ("minItems", INT),
    ("minLength", INT),
    ("pattern", Text),
    ("properties", MapOf(&One(&DEMAND))),
    ("required", Texts),
    ("type", TYPES),
];

const FLOAT: Form = Number(i64::MIN, i64::MAX);
const INT: Form = Number(i64::MIN, i64::MAX);

const TYPES: Form = Word(&["array", "boolean", "integer", "number", "object", "string"]);

const SCHEMA_LAWS: &[Law] = &[
    All(UNSUPPORTED),
    With("x-kubernetes-list-map-keys", &["x-kubernetes-list-type"]),
    Other(array_has_items),
    Other(extends),
];

const UNSUPPORTED: &[Law] = &[
    Never("id", NOT_HERE),
    Never("additionalItems", NOT_HERE),
    Never("patternProperties", NOT_HERE),
    Never("definitions", NOT_HERE),
    Never("dependencies", NOT_HERE),
    Never("$ref", NOT_HERE),
];

const NOT_HERE: &str = "schemas of definitions do not have it";

static RULE: Part = Part {
    fields: &[
        ("fieldPath", Text),
        ("message", Text),
        ("messageExpression", Text),
        ("optionalOldSelf", Bool),
        (
            "reason",
            Told(&Word(&["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"])),
        ),
        ("rule", Text),
    ],
    laws: &[Needs(&["rule"]), Other(one_line), Other(rule)],
};
