//! Findings of schemas, in the schema files and in what they judge.

rules! {
    UNKNOWN_KEYWORD = Error "schema/unknown-keyword", "a schema uses a word that is not a keyword",
        "JSON Schema ignores words it does not know, so a misspelt `propertees` would switch a check off. A remark of your own begins with `x-` or stands in `$comment`.";
    UNKNOWN_FORMAT = Error "schema/unknown-format", "a schema names a format that platc does not check",
        "JSON Schema ignores formats it does not know. `docs/schemas.md` lists those that platc checks; use `pattern` for others.";
    BAD_KEYWORD = Error "schema/bad-keyword", "a keyword of a schema has a value of the wrong form",
        "The keyword could not be applied as written: `required` takes a list of names, `minLength` an integer from 0, and so on.";
    BAD_REF = Error "schema/bad-ref", "a `$ref` cannot be followed",
        "A `$ref` leads to a schema in the same file (`#/$defs/name`) or in a file below the schema folder (`common.yaml#/$defs/name`). platc never fetches a schema from the network.";
    REF_CYCLE = Error "schema/ref-cycle", "a schema refers to itself without going down",
        "Such a schema would judge the same value by itself for ever. It may refer to itself below `properties`, `items` and their like, where each step goes down into the value.";
    TOO_COMPLEX = Error "schema/too-complex", "a schema is deeper than platc follows",
        "The limit keeps a schema from exhausting the machine. No schema of a real project comes near it.";
    UNKNOWN_KEY = Error "schema/unknown-key", "a key that the schema does not know",
        "An unknown key would be ignored in silence, so a misspelt setting would keep its old value.";
    MISSING_KEY = Error "schema/missing-key", "a key that the schema demands is not set",
        "The finding stands at the map that lacks the key. Set it there, or in a layer that the environment extends.";
    TYPE = Error "schema/type", "a value has another type than the schema wants",
        "A number in quotes is a string, and a key without a value is empty. Where the schema wants a string, plain text such as `1.30` is read as one, so quotes are needed only where the schema says nothing.";
    ENUM = Error "schema/enum", "a value is not among those that the schema allows",
        "The schema lists the allowed values with `enum` or `const`.";
    FORMAT = Error "schema/format", "a string does not have the form that the schema names",
        "`docs/schemas.md` says what each format takes.";
    PATTERN = Error "schema/pattern", "a string does not match the schema's pattern",
        "The pattern is a regular expression. It matches anywhere in the string unless it begins with `^` and ends with `$`.";
    LIMIT = Error "schema/limit", "a value is outside of the schema's limits",
        "Too small, too large, too long, too many items or keys, or an item twice.";
    KEY_NAME = Error "schema/key-name", "a key is not called as the schema demands",
        "The schema limits the names of a map's keys with `propertyNames`.";
    NOT_ALLOWED = Error "schema/not-allowed", "a key or a combination of keys that the schema excludes",
        "The schema says `not`, `false`, or that exactly one of several forms is allowed.";
    BAD_RULE = Error "schema/bad-rule", "a rule of a schema cannot be applied",
        "The rule's expression is not CEL, names a function, a variable or a field that does not exist, or stands where rules are not evaluated.";
    RULE = Error "schema/rule", "a value breaks a rule of the schema",
        "The schema states the rule with `x-kubernetes-validations`, in CEL, as CRDs of Kubernetes do. The finding shows the value, the fields that the rule reads, and the rule.";
    RULE_ERROR = Error "schema/rule-error", "a rule of the schema cannot be evaluated on a value",
        "The rule asks for a field that is not set, divides by zero, compares values of different types, or takes too long. Fields that need not be set are asked for with `has(self.field)` first.";
    DEPRECATED = Warning "schema/deprecated", "a key is on its way out",
        "The schema marks the key as `deprecated`. It still works; move away from it before it does not.";
    RENAMED = Error "schema/renamed", "a key has a new name",
        "The schema says with `x-platc-renamed-to` how the key is called now. The value does not count under the new name: templates that read it would not see it. `platc validate --fix` renames the key in all layers and keeps comments. A key that templates still read is `deprecated`, and not renamed yet.";
    COMPARE = Error "schema/compare", "environments agree on a value where they must differ, or the other way round",
        "The schema compares the value in all environments with `x-platc-compare`: `must-differ` is for what only one may have, such as the name of a cluster, `must-match` for what all have to share. It is judged whenever several environments are compiled together.";
    SECRET = Error "schema/secret", "a secret stands in plain text",
        "The schema marks the value with `x-platc-secret`: it must be a reference to a secret, never the secret itself. A secret that was committed once is known; change it.";
}
