//! `platc.yaml` with values that are no paths, lead elsewhere, or name what nobody knows.

use crate::case::{Case, End, lines, nested, quoted, texts};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for key in ["schema", "environments", "templates", "output", "golden"] {
        for (what, text) in texts() {
            let settings = format!("{key}: {}\n", quoted(&text));
            cases.push(
                Case::new(format!("settings: `{key}` is {what}"))
                    .file("platc.yaml", settings)
                    .runs(&["render", "--all"])
                    .ends(End::Any),
            );
        }
        for (what, value) in [
            ("null", "null".to_owned()),
            ("a number", "1".to_owned()),
            ("a list of lists", "[[a]]".to_owned()),
            ("an empty list", "[]".to_owned()),
            ("a map", "{a: b}".to_owned()),
            ("a deep list", nested("[", "", "]", 60)),
            ("one folder 10,000 times", format!("[{}]", "environments, ".repeat(10_000))),
            ("10,000 folders", format!("[{}]", lines(10_000, |at| format!("e{at},")).replace('\n', " "))),
            ("the project", ".".to_owned()),
            ("another's folder", "templates/x".to_owned()),
            ("a pattern", "'**/*'".to_owned()),
        ] {
            let case =
                Case::new(format!("settings: `{key}` is {what}")).file("platc.yaml", format!("{key}: {value}\n"));
            cases.push(case.runs(&["render", "--all"]).ends(End::Any));
        }
    }
    for (what, text) in texts() {
        cases.push(
            Case::new(format!("settings: a key is {what}")).file("platc.yaml", format!("{}: a\n", quoted(&text))),
        );
        let rules = format!("rules: {{{}: \"off\"}}\n", quoted(&text));
        cases.push(Case::new(format!("settings: a rule is {what}")).file("platc.yaml", rules));
        let rules = format!("rules: {{hygiene/latest-tag: {}}}\n", quoted(&text));
        cases.push(Case::new(format!("settings: a severity is {what}")).file("platc.yaml", rules));
    }
    for count in [10, 1_000, 30_000] {
        let rules = lines(count, |at| format!("  own/no-such-{at}: \"off\""));
        cases.push(
            Case::new(format!("settings: {count} unknown rules"))
                .file("platc.yaml", format!("rules:\n{rules}"))
                .refused(),
        );
        let keys = lines(count, |at| format!("tamplates{at}: a"));
        cases.push(Case::new(format!("settings: {count} unknown keys")).file("platc.yaml", keys).refused());
    }
    cases
}
