//! Findings of schemas, in the schema files and in what they judge.

rules! {
    UNKNOWN_KEY = Error "schema/unknown-key", "a key that the schema does not know",
        "An unknown key would be ignored in silence, so a misspelt setting would keep its old value.";
}
