//! Ways that a value takes through a template, on which `explain` has to find where it ends.

use crate::support::Project;

const VALUES: &str = "a: true\noff: false\nn: 3\ns: x\nl: [p, q]\nm: {k: v, j: w}\npools: [{name: p1, on: true, z: 1}, {name: p2, on: false, z: 2}]\n";

fn project() -> Project {
    Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", "type: object\n")
        .file("environments/prod.yaml", VALUES)
        .file(
            "templates/_t.txt.j2",
            "{% if a %}on{% else %}off{% endif %} {{ s }}{% for x in l %}{{ x }}{% endfor %}{{ n }}\n",
        )
        .file("templates/cc/x.txt", "as it is\n")
}

/// What `explain` says of where a value ends, in the section of that title.
fn told(project: &Project, value: &str, title: &str) -> String {
    let ran = project.run(&["explain", "prod", value]);
    assert_eq!(ran.code, 0, "{ran}");
    let below = ran.stdout.split_once(&format!("\n{title}\n")).map(|(_, below)| below.to_owned());
    below.unwrap_or_default().split("\n\n").next().unwrap_or_default().to_owned()
}

#[test]
fn a_value_is_found_behind_a_loop_over_what_an_expression_made() {
    for (each, output, body, value, title, wanted) in [
        ("x in [{'q': 'c', 'w': s}]", "x.q", "k: {{ x.w }}", "s", "ends in", "f-c.yaml:2  k"),
        ("x in [dict(q='c', w=n)]", "x.q", "k: {{ x.w }}", "n", "ends in", "f-c.yaml:2  k"),
        ("x in [n + 1]", "1", "k: {{ x }}", "n", "ends in", "f-1.yaml:2  k  with `+`"),
        ("x in zip(['e'], [n])", "x[0]", "k: {{ x[1] }}", "n", "ends in", "f-e.yaml:2  k"),
        ("x in [merge(pools[0], {'name': s})]", "x.name", "k: {{ x.z }}", "pools[0].z", "ends in", "f-x.yaml:2  k"),
        ("x in [{'a': m}]", "1", "k: {{ x.a.k }}", "m.k", "ends in", "f-1.yaml:2  k"),
        ("x in m | dictsort", "x[0]", "k: {{ x[1] }}", "m.k", "ends in", "f-k.yaml:2  k"),
        (
            "x in pools | groupby('z')",
            "x.grouper",
            "k: {{ x.list[0].name }}",
            "pools[0].name",
            "ends in",
            "f-1.yaml:2  k",
        ),
        (
            "x in [{'w': a}]",
            "1",
            "k: 1\n{% if x.w %}\nj: 1\n{% endif %}",
            "a",
            "decides what stands in",
            "f-1.yaml:3  j",
        ),
        ("x in pools | selectattr('on')", "x.name", "k: 1", "pools[0].on", "decides what stands in", "f-p1.yaml"),
    ] {
        let project = project().file(
            "templates/t.yaml.j2",
            format!("{{#- platc\nfor_each: \"{each}\"\noutput: f-{{{{ {output} }}}}.yaml\n-#}}\n{body}\n"),
        );
        let said = told(&project, value, title);
        assert!(said.contains(wanted), "{each}: {said}");
    }
}

#[test]
fn a_value_is_found_within_texts_that_functions_make() {
    for (body, value, wanted) in [
        ("k: {{ text(\"_t.txt.j2\") }}", "s", "t.yaml:2  k  with `text`"),
        ("k: {{ text(\"_t.txt.j2\") }}", "n", "t.yaml:2  k  with `text`"),
        ("k: {{ text(\"_t.txt.j2\") }}", "l[0]", "t.yaml:2  k  with `text`"),
        ("k: {{ sha256(text(\"_t.txt.j2\")) }}", "s", "t.yaml:2  k  with `sha256`, `text`"),
        ("k: '{{ m | tojson }}'", "m.k", "t.yaml:2  k  with `tojson`"),
        ("k: \"x {{ l | tojson }}\"", "l[1]", "t.yaml:2  k  with `tojson`"),
        ("k: |\n  a\n  {{ m | tojson }}", "m.k", "t.yaml:2  k  with `tojson`"),
    ] {
        let project = project().file("templates/t.yaml.j2", format!("{body}\n"));
        let said = told(&project, value, "ends in");
        assert!(said.contains(wanted), "{body}: {said}");
    }
}

#[test]
fn a_condition_is_found_in_filters_keys_and_copies() {
    for (name, body, wanted) in [
        ("t.yaml.j2", "k: {% filter upper %}{% if a %}aa{% else %}bb{% endif %}{% endfilter %}", "t.yaml:2  k"),
        ("t.yaml.j2", "k: {{ omit(m, [(\"k\" if a else \"j\")]) }}", "t.yaml:3  k.j"),
        ("t.j2", "{#- platc\nwhen: a\ncopy: cc/\noutput: ccc\n-#}", "ccc/x.txt  whether it is there"),
    ] {
        let project = project().file(&format!("templates/{name}"), format!("{body}\n"));
        let said = told(&project, "a", "decides what stands in");
        assert!(said.contains(wanted), "{body}: {said}");
    }
}

#[test]
fn what_keeps_something_away_does_not_end_nowhere() {
    let on = "pools[1].on";
    for (body, value, wanted) in [
        ("{% if off %}\nk: 1\n{% endif %}\nj: 2", "off", "templates/t.yaml.j2:1:7  t.yaml"),
        ("j: 1\n{% if off %}\n---\nk: 1\n{% endif %}", "off", "templates/t.yaml.j2:2:7  t.yaml"),
        ("{#- platc\nwhen: off\n-#}\nk: 1", "off", "templates/t.yaml.j2:2:7  for a whole file"),
        (
            "{#- platc\nfor_each: p in pools\nwhen: p.on\noutput: f-{{ p.name }}.yaml\n-#}\nk: 1",
            on,
            "templates/t.yaml.j2:3:7  for a whole file",
        ),
        (
            "l:\n{% for p in pools %}\n  - {{ p.name }}\n{% if p.on %}\n  - more\n{% endif %}\n{% endfor %}",
            on,
            "templates/t.yaml.j2:4:7  t.yaml",
        ),
        ("j: 1\n{% if nothing is defined %}\nk: 1\n{% endif %}", "off", ""),
    ] {
        let project = project().file("templates/t.yaml.j2", format!("{body}\n"));
        let said = told(&project, value, "looked at by these, which print nothing as it is");
        assert_eq!(said.trim(), wanted, "{body}");
        let ran = project.run(&["explain", "prod", value]);
        assert_eq!(ran.stdout.contains("ends nowhere in the output"), wanted.is_empty(), "{body}: {ran}");
    }
}

#[test]
fn a_text_that_is_written_with_escapes_is_answered_as_a_whole() {
    for (name, body, line) in
        [("t.json.j2", "{\"t\": \"l1\\n{{ s }}\"}", "t.json:2"), ("t.yaml.j2", "t: \"l1\\e\\n{{ s }}\"", "t.yaml:2")]
    {
        let project = project().file(&format!("templates/{name}"), format!("{body}\n"));
        let ran = project.run(&["why", &format!("prod:{line}")]);
        assert!(ran.code == 0 && ran.stdout.contains("from `s`"), "{name}: {ran}");
    }
}
