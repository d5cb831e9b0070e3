//! Fifty mistakes, each planted on a line of its own and brought to the output on another way; each is told at its line.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::support::Project;

/// Where a mistake is planted, and how it gets to the label of a `ConfigMap`: by its name, the lines of the environment's own
/// layer and of the one below it, what the template says before the document, and what stands there as labels. `<-` marks the
/// line to be told.
struct Planted {
    name: &'static str,
    base: &'static str,
    own: &'static str,
    before: &'static str,
    labels: &'static str,
}

const fn case(
    name: &'static str,
    base: &'static str,
    own: &'static str,
    before: &'static str,
    labels: &'static str,
) -> Planted {
    Planted { name, base, own, before, labels }
}

const ALL: &[Planted] = &[
    case("direct", "", "v: not good # <-", "", "team: {{ it.v }}"),
    case("quoted", "", "v: not good # <-", "", "team: \"{{ it.v }}\""),
    case("overridden", "v: fine", "v: not good # <-", "", "team: {{ it.v }}"),
    case("below", "v: not good # <-", "w: 1", "", "team: {{ it.v }}"),
    case("set", "", "v: not good # <-", "{% set x = it.v %}", "team: {{ x }}"),
    case("set-twice", "", "v: not good # <-", "{% set x = it.v %}{% set y = x %}", "team: {{ y }}"),
    case("with", "", "v: not good # <-", "", "{% with x = it.v %}team: {{ x }}{% endwith %}"),
    case("set-block", "", "v: not good # <-", "{% set x %}{{ it.v }}{% endset %}", "team: \"{{ x }}\""),
    case("macro", "", "v: not good # <-", "{% macro one(v) %}{{ v }}{% endmacro %}", "team: \"{{ one(it.v) }}\""),
    case("macro-map", "", "v: not good # <-", "{% macro one(v) %}\nteam: {{ v }}\n{% endmacro %}", "{{ one(it.v) }}"),
    case(
        "macros",
        "",
        "v: not good # <-",
        "{% macro in(v) %}\nteam: {{ v }}\n{% endmacro %}\n{% macro out(v) %}\n{{ in(v) }}\n{% endmacro %}",
        "{{ out(it.v) }}",
    ),
    case("keyword", "", "v: not good # <-", "{% macro one(v=1) %}{{ v }}{% endmacro %}", "team: \"{{ one(v=it.v) }}\""),
    case(
        "caller",
        "",
        "v: not good # <-",
        "{% macro w() %}{{ caller() }}{% endmacro %}",
        "team: \"{% call w() %}{{ it.v }}{% endcall %}\"",
    ),
    case(
        "call-block",
        "",
        "v: not good # <-",
        "{% macro w() %}\n{{ caller() }}\n{% endmacro %}",
        "{% call w() %}\n    team: {{ it.v }}\n    {% endcall %}",
    ),
    case("key-part", "", "k: not good # <-", "", "app-{{ it.k }}: x"),
    case(
        "loop",
        "",
        "l:\n  - fine\n  - not good # <-",
        "",
        "{% for x in it.l %}\n    l{{ loop.index }}: {{ x }}\n{% endfor %}",
    ),
    case(
        "loop-map",
        "",
        "l:\n  a: fine\n  b: not good # <-",
        "",
        "{% for k, v in it.l | items %}\n    {{ k }}: {{ v }}\n{% endfor %}",
    ),
    case(
        "loop-part",
        "",
        "l:\n  - n: a\n    v: fine\n  - n: b\n    v: not good # <-",
        "",
        "{% for x in it.l %}\n    {{ x.n }}: {{ x.v }}\n{% endfor %}",
    ),
    case(
        "loop-if",
        "",
        "l:\n  - n: a\n    v: not good\n  - n: b\n    v: also bad # <-",
        "",
        "{% for x in it.l if x.n == 'b' %}\n    {{ x.n }}: {{ x.v }}\n{% endfor %}",
    ),
    case(
        "loop-set",
        "",
        "l:\n  - n: a\n    v: not good # <-",
        "",
        "{% for x in it.l %}\n{% set y = x.v %}\n    {{ x.n }}: {{ y }}\n{% endfor %}",
    ),
    case(
        "namespace",
        "",
        "v: not good # <-",
        "{% set ns = namespace(x='') %}{% set ns.x = it.v %}",
        "team: {{ ns.x }}",
    ),
    case(
        "collected",
        "",
        "l:\n  - n: a\n    v: fine\n  - n: b\n    v: not good # <-",
        "{% set ns = namespace(all=[]) %}{% for x in it.l %}{% set ns.all = ns.all + [{'n': x.n, 'v': x.v}] %}{% endfor %}",
        "{% for x in ns.all %}\n    {{ x.n }}: {{ x.v }}\n{% endfor %}",
    ),
    case("map-literal", "", "v: not good # <-", "{% set m = {'team': it.v} %}", "{{ m }}"),
    case("map-item", "", "v: not good # <-", "{% set m = {'team': it.v} %}", "team: {{ m.team }}"),
    case("dict", "", "v: not good # <-", "", "{{ dict(team=it.v) }}"),
    case("list-item", "", "v: not good # <-", "", "team: {{ [it.v, 'x'] | first }}"),
    case("last", "", "l: [fine, fine2,\n  not good] # <-", "", "team: {{ it.l | last }}"),
    case("sorted", "", "l:\n  - zzz\n  - a bad one # <-", "", "team: {{ it.l | sort | first }}"),
    case("reverse", "", "l:\n  - fine\n  - not good # <-", "", "team: {{ it.l | reverse | first }}"),
    case("merge-function", "", "a:\n  team: fine\nb:\n  team: not good # <-", "", "{{ merge(it.a, it.b) }}"),
    case("merge-literal", "", "a:\n  team: not good # <-", "", "{{ merge({'other': 'x'}, it.a) }}"),
    case("pick", "", "a:\n  team: not good # <-\n  rest: x", "", "{{ pick(it.a, ['team']) }}"),
    case("omit", "", "a:\n  team: not good # <-\n  rest: x", "", "{{ omit(it.a, ['rest']) }}"),
    case("whole", "", "a:\n  team: not good # <-", "", "{{ it.a }}"),
    case("choice", "", "v: not good # <-\nw: fine", "", "team: {{ it.v if it.w == 'fine' else 'x' }}"),
    case("or", "", "v: ''\nw: not good # <-", "", "team: {{ it.v or it.w }}"),
    case("default", "", "w: not good # <-", "", "team: {{ it.v | default(it.w) }}"),
    case("default-not-taken", "", "v: not good # <-\nw: fine", "", "team: {{ it.v | default(it.w) }}"),
    case("required", "", "v: not good # <-", "", "team: {{ required(it.v, 'say v') }}"),
    case("subscript", "", "v: not good # <-\nk: v", "", "team: {{ it[it.k] }}"),
    case("subscript-name", "", "m:\n  a b: fine\n  c: not good # <-\nk: c", "", "team: {{ it.m[it.k] }}"),
    case("joined", "", "a: not good # <-\nb: fine", "", "team: {{ it.a ~ '-' ~ it.b }}"),
    case("in-words", "", "a: fine\nb: not good # <-", "", "team: \"{{ it.a }}-{{ it.b }}-x\""),
    case("upper", "", "v: not good # <-", "", "team: {{ it.v | upper }}"),
    case("upper-set", "", "v: not good # <-", "{% set x = it.v | upper %}", "team: {{ x }}"),
    case("join", "", "l: [good, at all] # <-", "", "team: {{ it.l | join('-') }}"),
    case("key", "", "k: not good # <-", "", "{{ it.k }}: x"),
    case(
        "key-loop",
        "",
        "m:\n  not good: x # <-",
        "",
        "{% for k, v in it.m | items %}\n    {{ k }}: {{ v }}\n{% endfor %}",
    ),
    case("if", "", "on: true\nv: not good # <-", "", "{% if it.on %}\n    team: {{ it.v }}\n{% endif %}"),
    case(
        "else",
        "",
        "on: false\nv: not good # <-",
        "",
        "{% if it.on %}\n    team: fine\n{% else %}\n    team: {{ it.v }}\n{% endif %}",
    ),
    case("include", "", "v: not good # <-", "", "{% include '_part.j2' %}"),
    case("import", "", "v: not good # <-", "{% from '_macros.j2' import shared %}", "{{ shared(it.v) }}"),
    case("slice", "", "v: not good # <-", "", "team: {{ it.v[0:6] }}"),
    case("include-in-text", "", "v: not good # <-", "", "team: \"{{ it.v }}{{ '' if it.v else 'x' }}\""),
];

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}

fn project() -> Project {
    let mut project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", "type: object\nadditionalProperties: {type: object}\n")
        .file("templates/_part.j2", "team: {{ it.v }}\n")
        .file("templates/_macros.j2", "{% macro shared(v) %}\nteam: {{ v }}\n{% endmacro %}\n");
    let (mut base, mut own) = (String::new(), "extends: [../base]\n".to_owned());
    for Planted { name, base: below, own: above, before, labels } in ALL {
        for (layer, lines) in [(&mut base, below), (&mut own, above)] {
            if !lines.is_empty() {
                *layer += &format!("of_{}:\n{}", name.replace('-', "_"), indented(lines, 2));
            }
        }
        let template =
            format!("{before}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  labels:\n    {labels}\n");
        let root = format!("of_{}", name.replace('-', "_"));
        let set = format!("{{% set it = {root} %}}\n");
        project = project.file(&format!("templates/{name}.yaml.j2"), format!("{set}{template}"));
    }
    project.file("environments/base/base.yaml", base).file("environments/prod/environment.yaml", own)
}

#[test]
fn each_is_told_at_its_line() {
    let project = project();
    let ran = project.run(&["validate", "prod", "--format", "json"]);
    let report: Json = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran}"));
    let mut others = Vec::new();
    let mut told: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        if finding["rule"] != "kubernetes/label" {
            others.push(format!("{}: {}", finding["file"], finding["message"]));
            continue;
        }
        let file = finding["rendered"]["file"].as_str().unwrap_or_default().trim_end_matches(".yaml").to_owned();
        let places = std::iter::once(finding).chain(finding["related"].as_array().unwrap());
        for place in places {
            let path = place["file"].as_str().unwrap().to_owned();
            let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
            let text = project.read(&path).lines().nth(line - 1).unwrap_or_default().to_owned();
            told.entry(file.clone()).or_default().insert((format!("{path}:{line}"), text));
        }
    }
    let is_told =
        |case: &&Planted| told.get(case.name).is_some_and(|all| all.iter().any(|(_, text)| text.contains("<-")));
    let missed: Vec<_> =
        ALL.iter().filter(|case| !is_told(case)).map(|case| (case.name, told.get(case.name))).collect();
    assert!(ALL.len() >= 50);
    assert!(missed.is_empty(), "{} of {} are told elsewhere: {missed:#?}\n{others:#?}", missed.len(), ALL.len());
}
