//! Findings of the YAML reader.

rules! {
    SYNTAX = Error "yaml/syntax", "the text is not YAML",
        "The file cannot be read as YAML at all. The finding points at the first character that does not fit; the mistake is there or just before.";
    DUPLICATE_KEY = Error "yaml/duplicate-key", "a map has the same key twice",
        "Readers disagree on which of the two wins, and most say nothing. Remove one.";
    SEVERAL_DOCUMENTS = Error "yaml/several-documents", "a file holds more than one document",
        "Layers, schemas and rules are read as one document a file, because a reader that expects one either fails or takes the first in silence. Move each document into a file of its own; remove a `---` that nothing follows. Templates may make several in a file that ends in `.yaml` or `.yml`, but not where the reader takes one: JSON, templates of CloudFormation, values of Helm.";
    DIRECTIVE = Error "yaml/directive", "a directive (`%YAML`, `%TAG`)",
        "Directives change how the rest of the file is read, and few readers obey them. platc reads YAML 1.2 and nothing else.";
    TAG = Error "yaml/tag", "a tag that is not understood here",
        "A tag such as `!!str` or `!Ref` changes the type of a value. Layers take none: the schema gives the type. Templates understand the short tags of CloudFormation.";
    ALIAS = Error "yaml/alias", "an alias without anchor, within itself, or expanded too far",
        "`*name` repeats the value that `&name` marks further up. It cannot repeat what it is part of, and the budget of repeated values keeps a few hundred bytes from growing into millions of values.";
    MERGE_KEY = Error "yaml/merge-key", "a merge key (`<<`)",
        "Merge keys belong to YAML 1.1; YAML 1.2 knows them no more, and readers differ. Layers merge by `extends`, with findings where they disagree.";
    COMPLEX_KEY = Error "yaml/complex-key", "a map, a list or a text over two lines as a key",
        "Keys are strings. Most often a value that begins with `{` or `[` was meant as text and needs quotes. A key over two lines is a comma that is missing, or a comment that is none.";
    MISSING_KEY = Error "yaml/missing-key", "nothing stands before a colon",
        "YAML would read the key as null, which no output can hold.";
    LONG_KEY = Error "yaml/long-key", "a key has more than 1,000 characters",
        "YAML readers stop looking for the colon of a key after 1,024 characters.";
    TOO_DEEP = Error "yaml/too-deep", "maps and lists are nested too deeply",
        "The budget keeps a hostile file from overflowing the stack of a program that reads it.";
    TOO_MANY = Error "yaml/too-many-values", "a document has too many values",
        "The budget keeps a hostile file from filling the memory.";
    TOO_LONG = Error "yaml/too-long", "a value is too long",
        "The budget keeps a hostile file from filling the memory. Configuration refers to large data; it does not hold it.";
    AMBIGUOUS = Error "yaml/ambiguous-scalar", "a plain scalar that readers take differently",
        "`on` is true for some readers and text for others, `0755` is 493 or 755, `12:30:45` is 45045 or text. Where the schema says string, the text is the value as written; elsewhere write it so that only one reading is left. A date in a template is text, since what is rendered knows no dates.";
}
