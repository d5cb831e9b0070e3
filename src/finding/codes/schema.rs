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
}
