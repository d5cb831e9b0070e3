//! Front matter: how many files there are, what they are called and what is laid over them.

use crate::case::{Case, TEXTS, lines, nested, quoted, texts};

pub fn cases() -> Vec<Case> {
    [many(), names(), merges(), heads()].into_iter().flatten().collect()
}

fn many() -> Vec<Case> {
    let mut cases = Vec::new();
    for count in [10, 2_000, 90_000, 1_000_000_000_usize] {
        for (what, body) in [
            ("one value", "a: {{ i }}\n".to_owned()),
            ("a loop of 1,000", "{% for x in range(1000) %}{% endfor %}\na: 1\n".to_owned()),
            ("a list of 1,000", "a: {{ range(1000) | list }}\n".to_owned()),
            ("10,000 letters", format!("a: {}\n", "x".repeat(10_000))),
            ("nothing", String::new()),
        ] {
            let template =
                format!("{{#- platc\nfor_each: i in range({count})\noutput: f{{{{ i }}}}.yaml\n-#}}\n{body}");
            cases.push(Case::new(format!("front matter: {count} files of {what}")).template(template));
        }
        let template = format!("{{#- platc\nfor_each: i in range({count})\noutput: same.yaml\n-#}}\na: 1\n");
        cases.push(Case::new(format!("front matter: {count} files of one name")).template(template).refused());
    }
    cases
}

/// Names that would lead out of the tree, in a run that writes.
fn names() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, text) in texts() {
        let environment = format!("o: {}\n", quoted(&text));
        for (place, output) in
            [("alone", "{{ o }}"), ("as a folder", "{{ o }}/x.yaml"), ("as a file", "x/{{ o }}.yaml")]
        {
            let template = format!("{{#- platc\noutput: {output}\n-#}}\na: 1\n");
            let case = Case::new(format!("output: {what}, {place}")).environment(&environment).template(template);
            cases.push(case.runs(&["render", "test"]));
        }
        let environment = format!("m: {{{}: 1}}\n", quoted(&text));
        let template =
            "{#- platc\nfor_each: key, value in m\noutput: d/{{ key }}/{{ key }}.yaml\n-#}\na: {{ value }}\n";
        let case = Case::new(format!("output: {what}, from a key")).environment(environment).template(template);
        cases.push(case.runs(&["render", "test"]));
    }
    cases
}

fn merges() -> Vec<Case> {
    let wide = format!("m:\n{}", lines(20_000, |at| format!("  k{at}: {{a: {at}}}")));
    let deep = format!("m: {}\n", nested("{a: ", "1", "}", 60));
    let mut cases = Vec::new();
    for (what, environment) in [("wide", &wide), ("deep", &deep)] {
        for (way, expression) in [
            ("once", "m".to_owned()),
            ("over itself", format!("{}m{}", "merge(m, ".repeat(20), ")".repeat(20))),
            ("within itself", "{'a': m, 'b': m, 'c': {'a': m}}".to_owned()),
        ] {
            for files in [1, 500] {
                let template = format!(
                    "{{#- platc\nfor_each: i in range({files})\noutput: f{{{{ i }}}}.yaml\nmerge: {expression}\n-#}}\na: 1\nm: {{{{ m }}}}\n"
                );
                let name = format!("front matter: a {what} map merged {way} into {files} files");
                cases.push(Case::new(name).environment(environment).template(template));
            }
        }
    }
    cases
}

/// Lines of front matter that are not what they should be.
fn heads() -> Vec<Case> {
    let mut cases = Vec::new();
    for line in ["output", "for_each", "when", "target", "merge", "unknown"] {
        for (what, text) in TEXTS {
            let template = format!("{{#- platc\n{line}: {text}\n-#}}\na: 1\n");
            cases.push(Case::new(format!("front matter: `{line}` is {what}")).template(template));
        }
        let template = format!("{{#- platc\n{}-#}}\na: 1\n", lines(10_000, |_| format!("{line}: a")));
        cases.push(Case::new(format!("front matter: 10,000 times `{line}`")).template(template).refused());
    }
    cases
}
