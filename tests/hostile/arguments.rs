//! Arguments that lead elsewhere or ask for what is not there.

use crate::case::{Case, End, nested, texts};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let forms: [(&str, &[&str]); 9] = [
        ("the value of --set", &["validate", "test", "--set", "name=WORD"]),
        ("the key of --set", &["validate", "test", "--set", "WORD=1"]),
        ("a key below one of --set", &["validate", "test", "--set", "map.WORD=1"]),
        ("an environment", &["validate", "WORD"]),
        ("--only", &["render", "test", "--stdout", "--only", "WORD"]),
        ("--against", &["validate", "test", "--against", "WORD"]),
        ("--as-of", &["validate", "test", "--as-of", "WORD"]),
        ("--jobs", &["validate", "test", "--jobs", "WORD"]),
        ("a rule to explain", &["rules", "WORD"]),
    ];
    for (what, form) in forms {
        for (kind, text) in texts() {
            // Nobody can pass a nul as an argument.
            if text.contains('\0') {
                continue;
            }
            let arguments: Vec<String> = form.iter().map(|part| part.replace("WORD", &text)).collect();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            cases.push(Case::new(format!("argument: {what} is {kind}")).runs(&arguments).ends(End::Any));
        }
    }
    for (what, value) in [
        ("deep", nested("[", "", "]", 10_000)),
        ("an alias of itself", "&a [*a]".to_owned()),
        ("two documents", "a\n---\nb".to_owned()),
        ("an ambiguous word", "yes".to_owned()),
        ("many digits", "9".repeat(100_000)),
        ("a list of 20,000", format!("[{}]", "a,".repeat(20_000))),
        ("a patch", "{$patch: delete}".to_owned()),
        ("a tag", "!!python/object/apply:os.system [ls]".to_owned()),
    ] {
        for key in ["list", "map", "map.b.c", "new", "list.0"] {
            let argument = format!("{key}={value}");
            let case = Case::new(format!("argument: --set {key} to {what}"));
            cases.push(case.runs(&["validate", "test", "--set", &argument]).ends(End::Any));
        }
    }
    cases
}
