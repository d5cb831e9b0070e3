//! Environments that nest, repeat, extend in circles or acknowledge what is not there.

use crate::case::{Case, lines, nested, quoted, texts};

pub fn cases() -> Vec<Case> {
    [depths(), aliases(), sizes(), layers(), patches(), documents(), acknowledgements()].into_iter().flatten().collect()
}

fn depths() -> Vec<Case> {
    let mut cases = Vec::new();
    for depth in [62, 64, 70, 2_000, 100_000] {
        let block: String = (0..depth.min(2_000)).map(|at| format!("{}a:\n", " ".repeat(at))).collect();
        for (what, text) in [
            ("flow lists", format!("a: {}\n", nested("[", "", "]", depth))),
            ("flow maps", format!("a: {}\n", nested("{a: ", "1", "}", depth))),
            ("flow maps without ends", format!("a: {}\n", "{a: ".repeat(depth))),
            ("lists in a line", format!("a:\n  {}a\n", "- ".repeat(depth))),
            ("block maps", block + &" ".repeat(depth.min(2_000)) + "b: 1\n"),
            ("questions", format!("{}a\n", "? ".repeat(depth))),
            ("both", format!("a: {}\n", nested("[{a: ", "1", "}]", depth))),
        ] {
            cases.push(Case::new(format!("environment: {what}, {depth} deep")).environment(text));
        }
    }
    cases
}

fn aliases() -> Vec<Case> {
    let mut cases = Vec::new();
    for width in [2, 10, 1_000] {
        for depth in [3, 10, 60] {
            for (what, open, close) in [("lists", "[", "]"), ("maps", "{", "}")] {
                let item = |at: usize, number: usize| {
                    if open == "[" { format!("*a{at}") } else { format!("k{number}: *a{at}") }
                };
                let text = lines(depth, |at| {
                    let items: Vec<String> = (0..width).map(|number| item(at, number)).collect();
                    format!("a{}: &a{} {open}{}{close}", at + 1, at + 1, items.join(", "))
                });
                let case = Case::new(format!("aliases: {width} wide and {depth} deep in {what}"));
                cases.push(case.environment(format!("a0: &a0 [x]\n{text}")));
            }
        }
    }
    for (what, text) in [
        ("of itself", "a: &a [*a]\n".to_owned()),
        ("of itself in a map", "a: &a {b: *a}\n".to_owned()),
        ("of nothing", "a: *b\n".to_owned()),
        ("that comes later", "a: *b\nb: &b 1\n".to_owned()),
        ("of 10,000 names", lines(10_000, |at| format!("a{at}: &a{at} x"))),
        ("of one name 10,000 times", lines(10_000, |at| format!("a{at}: &a x"))),
        ("as a key", "a: &a b\n*a : c\n".to_owned()),
        ("as a key that is a list", "a: &a [b]\n*a : c\n".to_owned()),
        ("as `extends`", "a: &a [../base]\nextends: *a\n".to_owned()),
        ("with a long name", format!("a: &{} x\n", "a".repeat(200_000))),
        ("merged", "a: &a {b: 1}\nc: {<<: *a}\n".to_owned()),
        ("merged, a list of them", "a: &a {b: 1}\nc: {<<: [*a, *a]}\n".to_owned()),
    ] {
        cases.push(Case::new(format!("aliases: one {what}")).environment(text));
    }
    cases
}

fn sizes() -> Vec<Case> {
    let template = "{% for item in a %}\n- {{ item }}\n{% endfor %}\n- last\n";
    let mut cases = Vec::new();
    for count in [1_000, 50_000, 200_000] {
        for (what, text) in [
            ("items", format!("a:\n{}", lines(count, |at| format!("- x{at}")))),
            ("items in a line", format!("a: [{}]\n", "x, ".repeat(count))),
            ("keys", format!("a:\n{}", lines(count, |at| format!("  k{at}: 1")))),
            ("equal keys", format!("a:\n{}", lines(count, |_| "  k: 1".to_owned()))),
            ("empty lines", "\n".repeat(count) + "a: [1]\n"),
            ("comments", "# x\n".repeat(count) + "a: [1]\n"),
            ("letters of a key", format!("{}: 1\na: []\n", "k".repeat(count))),
            ("letters of a value", format!("b: {}\na: []\n", "v".repeat(count))),
            ("lines of a text", format!("b: |\n{}a: []\n", "  line\n".repeat(count))),
            ("folded lines", format!("b: >\n{}a: []\n", "  line\n\n".repeat(count))),
            ("escapes", format!("b: \"{}\"\na: []\n", "\\x41".repeat(count / 4))),
            ("commas", format!("a: [{}]\n", ",".repeat(count))),
            ("colons", format!("a: {}\n", ": ".repeat(count))),
            ("ambiguous words", format!("a:\n{}", "- yes\n".repeat(count))),
            ("blanks before", format!("{}a: []\n", " ".repeat(count))),
        ] {
            let case = Case::new(format!("environment: {count} {what}"));
            cases.push(case.environment(text).template(template));
        }
    }
    cases
}

fn layers() -> Vec<Case> {
    let mut cases = Vec::new();
    for length in [1, 2, 30, 1_000] {
        let mut circle = Case::new(format!("extends: a circle of {length}")).refused();
        let mut chain = Case::new(format!("extends: a chain of {length}"));
        let mut fan = Case::new(format!("extends: a fan of {length}"));
        for at in 0..length {
            let next = |last: usize| format!("extends: [l{last}.yaml]\nk{at}: 1\n");
            circle = circle.file(format!("environments/_l/l{at}.yaml"), next((at + 1) % length));
            chain = chain.file(format!("environments/_l/l{at}.yaml"), next(at + 1));
            fan = fan.file(format!("environments/_l/l{at}.yaml"), format!("k: {at}\nm: {{k{at}: 1}}\n"));
        }
        cases.push(circle.environment("extends: [../_l/l0.yaml]\n"));
        cases.push(
            chain.file(format!("environments/_l/l{length}.yaml"), "a: 1\n").environment("extends: [../_l/l0.yaml]\n"),
        );
        let all: Vec<String> = (0..length).map(|at| format!("../_l/l{at}.yaml")).collect();
        cases.push(fan.environment(format!("extends: [{}]\n", all.join(", "))));
        let again = format!("extends: [{}]\n", vec!["../_l"; length].join(", "));
        cases.push(
            Case::new(format!("extends: one layer {length} times"))
                .file("environments/_l/a.yaml", "a: 1\n")
                .environment(again),
        );
    }
    for (what, text) in texts() {
        for (place, write) in [
            ("alone", format!("extends: {}\n", quoted(&text))),
            ("in a list", format!("extends: [{}]\n", quoted(&text))),
        ] {
            cases.push(Case::new(format!("extends: {what}, {place}")).environment(write));
        }
    }
    for (what, value) in [
        ("a map", "{a: 1}"),
        ("a list of lists", "[[a], [b]]"),
        ("a number", "1"),
        ("null", "null"),
        ("a list of nulls", "[null, null]"),
        ("its own folder", "[.]"),
        ("its own file", "[environment.yaml]"),
        ("all environments", "[..]"),
    ] {
        cases.push(Case::new(format!("extends: {what}")).environment(format!("extends: {value}\na: 1\n")));
    }
    cases
}

fn patches() -> Vec<Case> {
    let schema = "properties:\n  s: {type: array, x-kubernetes-list-type: set, items: {type: string}}\n  \
                  k: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {type: object, required: [name], properties: {name: {type: string}}}}\n";
    let base = "m: {a: {b: 1}}\nl: [1, 2]\ns: [a, b]\nk: [{name: a}, {name: b}]\n";
    let values = [
        ("delete", "delete"),
        ("replace", "replace"),
        ("an unknown word", "remove"),
        ("null", "null"),
        ("a map", "{$patch: delete}"),
        ("a list", "[delete]"),
        ("a number", "1"),
        ("a long text", "LONG"),
    ];
    let mut cases = Vec::new();
    for (what, value) in values {
        let value = value.replace("LONG", &"x".repeat(100_000));
        for (place, text) in [
            ("at the top", format!("$patch: {value}\n")),
            ("in a map", format!("m: {{$patch: {value}, c: 1}}\n")),
            ("in a list", format!("l:\n- $patch: {value}\n- 3\n")),
            ("in a set", format!("s:\n- $patch: {value}\n- c\n")),
            ("in an item", format!("k:\n- name: a\n  $patch: {value}\n")),
            ("in a new item", format!("k:\n- name: z\n  $patch: {value}\n")),
            ("twice", format!("m: {{$patch: {value}, a: {{$patch: {value}}}}}\n")),
            (
                "10,000 times",
                format!(
                    "k:\n{}",
                    lines(10_000, |at| format!("- {{name: n{at}, $patch: {value}}}"))
                        .get(..10_000 * 20)
                        .unwrap_or("- a\n")
                ),
            ),
        ] {
            let case =
                Case::new(format!("$patch: {what}, {place}")).schema(schema).file("environments/base/a.yaml", base);
            cases.push(case.environment(format!("extends: [../base]\n{text}")));
        }
    }
    cases
}

fn documents() -> Vec<Case> {
    [
        ("two documents", "a: 1\n---\nb: 1\n".to_owned()),
        ("10,000 documents", "---\na: 1\n".repeat(10_000)),
        ("10,000 ends", "...\n".repeat(10_000)),
        ("an end in the middle", "a: 1\n...\nb: 1\n".to_owned()),
        ("a version from elsewhere", "%YAML 9.9\n---\na: 1\n".to_owned()),
        ("10,000 directives", "%TAG !a! tag:a,2000:\n".repeat(10_000) + "---\na: 1\n"),
        ("a long directive", format!("%{}\n---\na: 1\n", "x".repeat(200_000))),
        ("a tag of a program", "a: !!python/object/apply:os.system [ls]\n".to_owned()),
        ("a tag of a class", "a: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader []]\n".to_owned()),
        ("a binary", "a: !!binary //////\n".to_owned()),
        ("a tag of a type", "a: !!int text\n".to_owned()),
        ("a tag on all", "!x\na: !y\n- !z 1\n".to_owned()),
        ("a long tag", format!("a: !{} 1\n", "t".repeat(200_000))),
        ("a scalar alone", "a\n".to_owned()),
        ("a list alone", "- a\n".to_owned()),
        ("nothing", String::new()),
        ("only a comment", "# a\n".to_owned()),
        ("only null", "~\n".to_owned()),
        ("keys that are maps", "{a: b}: c\n".to_owned()),
        ("keys that are null", "? \n: a\n? ~\n: b\n".to_owned()),
        ("an open quote", format!("a: \"{}\n", "x\n".repeat(50_000))),
        ("an open list", format!("a: [{}\n", "x,\n".repeat(50_000))),
        ("tabs", "a:\n\tb: 1\n".to_owned()),
        ("the prototype", "__proto__: {a: 1}\nconstructor: {prototype: 1}\n".to_owned()),
        ("names of the program", "platc: {environment: other}\nloop: 1\nself: 2\ncaller: 3\nrange: 4\n".to_owned()),
    ]
    .map(|(what, text)| Case::new(format!("environment: {what}")).environment(text))
    .into()
}

fn acknowledgements() -> Vec<Case> {
    let mut cases = Vec::new();
    for field in ["rule", "subject", "reason", "until", "file", "unknown"] {
        for (what, text) in texts() {
            let entry = [("rule", "hygiene/latest-tag"), ("subject", "Pod/a"), ("reason", "r")];
            let others: Vec<String> =
                entry.iter().filter(|(key, _)| *key != field).map(|(key, value)| format!("{key}: {value}")).collect();
            let text = format!("acknowledge:\n- {{{}, {field}: {}}}\n", others.join(", "), quoted(&text));
            cases.push(Case::new(format!("acknowledge: its `{field}` is {what}")).environment(text));
        }
    }
    for (what, value) in [
        ("a map", "{a: 1}".to_owned()),
        ("a text", "a".to_owned()),
        ("null", "null".to_owned()),
        ("50,000 entries", format!("[{}]", "{rule: a/b, subject: c, reason: d}, ".repeat(20_000))),
    ] {
        cases.push(Case::new(format!("acknowledge: {what}")).environment(format!("acknowledge: {value}\n")));
    }
    cases
}
