//! Signs that readers, terminals and formats take in different ways, at each place of a file.

use crate::case::Case;

const SIGNS: [(&str, &[u8]); 30] = [
    ("a nul", b"\0"),
    ("a bell", b"\x07"),
    ("a backspace", b"\x08"),
    ("an escape", b"\x1b[31m"),
    ("a title", b"\x1b]0;x\x07"),
    ("a return", b"\r"),
    ("a return and a line feed", b"\r\n"),
    ("a vertical tab", b"\x0b"),
    ("a form feed", b"\x0c"),
    ("a tab", b"\t"),
    ("delete", b"\x7f"),
    ("a next line", b"\xc2\x85"),
    ("a control of eight bits", b"\xc2\x9b31m"),
    ("a soft hyphen", b"\xc2\xad"),
    ("a blank that does not break", b"\xc2\xa0"),
    ("a line separator", b"\xe2\x80\xa8"),
    ("a paragraph separator", b"\xe2\x80\xa9"),
    ("a turn to the left", b"\xe2\x80\xae"),
    ("an isolated turn", b"\xe2\x81\xa7"),
    ("a blank of no width", b"\xe2\x80\x8b"),
    ("a byte order mark", b"\xef\xbb\xbf"),
    ("a byte order mark of UTF-16", b"\xff\xfe"),
    ("a private sign", b"\xee\x80\x80"),
    ("no character", b"\xef\xbf\xbf"),
    ("half a pair", b"\xed\xa0\x80"),
    ("an overlong slash", b"\xc0\xaf"),
    ("a lone continuation", b"\x80"),
    ("a cut sequence", b"\xf0\x9f\x98"),
    ("beyond the last character", b"\xf4\x90\x80\x80"),
    ("a flag of letters", b"\xf3\xa0\x81\x81\xf0\x9f\x8f\xb4"),
];

/// A file, and what stands before and after the sign.
const PLACES: [(&str, &str, &[u8], &[u8]); 11] = [
    ("in a value", "environments/test/environment.yaml", b"name: a", b"b\nother: no_such\n"),
    ("in a key", "environments/test/environment.yaml", b"name: a\nk", b"k: 1\n"),
    ("in quotes", "environments/test/environment.yaml", b"name: \"a", b"b\"\n"),
    ("in a comment", "environments/test/environment.yaml", b"name: a # x", b"y\n"),
    ("in a block", "environments/test/environment.yaml", b"name: |\n  a", b"b\n"),
    ("at the end", "environments/test/environment.yaml", b"name: yes\n", b""),
    ("in a template's text", "templates/a.yaml.j2", b"a: {{ name }}x", b"y\nb: {{ nothing }}\n"),
    ("in an expression", "templates/a.yaml.j2", b"a: {{ name ~ '", b"' ~ nothing }}\n"),
    ("in a schema", "schemas/environment.schema.yaml", b"properties:\n  name: {const: \"a", b"\"}\n"),
    ("in the settings", "platc.yaml", b"templates: templates\nk", b": 1\n"),
    ("in what is imported", "templates/b.txt.j2", b"{{ file('c.txt') }}", b"{{ nothing }}\n"),
];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, sign) in SIGNS {
        for (place, path, before, after) in PLACES {
            let bytes = [before, sign, after].concat();
            let case = Case::new(format!("sign: {what} {place}")).file("templates/c.txt", bytes.clone());
            cases.push(case.schema("required: [owner]\nproperties: {name: {maxLength: 1}}\n").file(path, bytes));
        }
    }
    let wide = |order: fn(u16) -> [u8; 2]| "name: a\n".encode_utf16().flat_map(order).collect::<Vec<u8>>();
    for (what, text) in [
        ("UTF-16, small end first", wide(u16::to_le_bytes)),
        ("UTF-16, big end first", wide(u16::to_be_bytes)),
        ("bytes of all values", (0..=255).collect()),
        ("only nuls", vec![0; 100_000]),
    ] {
        for path in [
            "platc.yaml",
            "schemas/environment.schema.yaml",
            "environments/test/environment.yaml",
            "templates/a.yaml.j2",
        ] {
            cases.push(Case::new(format!("sign: {what} in {path}")).file(path, &text));
        }
    }
    cases
}
