//! Findings of the YAML reader.

rules! {
    SYNTAX = Error "yaml/syntax", "the text is not YAML",
        "The file cannot be read as YAML at all. The finding points at the first character that does not fit.";
    DUPLICATE_KEY = Error "yaml/duplicate-key", "a map has the same key twice",
        "Readers disagree on which of the two wins, and most say nothing. Remove one.";
}
