//! Findings of templates: what they say, and what they make of the values.

rules! {
    SYNTAX = Error "template/syntax", "the template cannot be parsed",
        "The template engine does not understand the text at this place.";
    RESERVED = Error "template/reserved-character", "a character that platc keeps for itself",
        "While a template is rendered, U+E000 to U+E003 mark the places of values. These private-use characters have no meaning of their own in any text; remove them.";
    FRONT_MATTER = Error "template/front-matter", "the front matter of a template is not understood",
        "The leading comment `{#- platc … -#}` says what a template makes, in lines of YAML: `output` (a path, slots allowed), `for_each` (`name in list` or `key, value in map`), `when` (true or false), `target` (`cloudformation`, `helm-values` or `kubernetes`).";
    OUTPUT_PATH = Error "template/output-path", "a template wants to write a path that is not allowed",
        "Each name in an output path is of `a` to `z`, `0` to `9`, `.`, `_` and `-`, with a letter or a digit at both ends. So no artifact leaves its tree, hides, overwrites one that differs by case, or cannot be checked out somewhere.";
    SLOT_PLACE = Error "template/slot-place", "a value stands in a tag, an anchor, an alias or a directive",
        "Values fill scalars and keys. What shapes the document, such as a tag, has to be written in the template itself; `{% if %}` chooses between two.";
    NOT_TEXT = Error "template/not-text", "a map, a list or null stands where a text is wanted",
        "A value in quotes, among other text or in a key is part of a string. A map or a list goes where it stands alone, without quotes: `labels: {{ labels }}`.";
}
