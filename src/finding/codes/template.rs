//! Findings of templates: what they say, and what they make of the values.

rules! {
    SYNTAX = Error "template/syntax", "the template cannot be parsed",
        "The template engine does not understand the text at this place.";
}
