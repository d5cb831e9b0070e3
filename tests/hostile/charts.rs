//! Charts that somebody else made, with which a tree is judged.

use crate::case::{Case, End, TEXTS, nested};

/// What a template of a chart may be, and whether a run that meets it must end with a finding.
const TEMPLATES: [(&str, &str, bool); 20] = [
    ("a long loop", "{{ range until 100000000 }}a{{ end }}", true),
    (
        "loops in loops",
        "{{ range until 3000 }}{{ range until 3000 }}{{ range until 3000 }}a{{ end }}{{ end }}{{ end }}",
        true,
    ),
    ("a text that doubles", "{{ $x := \"x\" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}{{ $x }}", true),
    ("a list that doubles", "{{ $x := list 1 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}{{ len $x }}", true),
    ("a list of itself", "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ $x | toJson }}", true),
    ("a map in itself", "{{ $x := dict }}{{ $_ := set $x \"x\" $x }}{{ toYaml $x }}", true),
    ("an endless include", "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}", true),
    ("an endless tpl", "{{ $x := \"{{ tpl .x . }}\" }}{{ tpl $x (dict \"x\" $x \"Template\" .Template) }}", true),
    ("a wide indent", "{{ indent 2000000000 \"a\" }}", true),
    ("a long repeat", "{{ repeat 2000000000 \"a\" }}", true),
    ("a wide number", "{{ printf \"%2000000000d\" 1 }}", true),
    ("a large range", "{{ untilStep 0 2000000000 1 | len }}", true),
    ("a slow pattern", "{{ regexMatch \"(a+)+(b+)+c\" (repeat 20000 \"a\") }}: a", false),
    ("a large pattern", "{{ regexMatch \"((a{1000}){1000}){1000}\" \"a\" }}", true),
    ("a wide sort", "{{ until 1000000 | sortAlpha | len }}", true),
    ("values that grow", "{{ range until 1000000 }}{{ $_ := set $.Values (print .) . }}{{ end }}", true),
    ("a large secret", "{{ genCA (repeat 1000000 \"a\") 365 }}", false),
    ("no object", "- a\n- b\n", true),
    ("an object without a kind", "apiVersion: v1\nmetadata: {name: a}\n", false),
    ("a broken template", "{{ if }}", true),
];

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = TEMPLATES
        .iter()
        .map(|(what, template, refused)| {
            let case = chart(format!("chart: {what}")).file("charts/web-1.0.0/templates/a.yaml", template);
            if *refused { case.refused() } else { case }
        })
        .collect();
    for (what, text) in TEXTS {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        let object = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{{{ \"{escaped}\" | quote }}}}\n");
        cases.push(chart(format!("chart: a name is {what}")).file("charts/web-1.0.0/templates/a.yaml", object));
    }
    let deep = nested("{{ if true }}", "a: 1", "{{ end }}", 100_000);
    cases.push(chart("chart: deep conditions").file("charts/web-1.0.0/templates/a.yaml", deep).refused());
    let deep = nested("[", "", "]", 100_000);
    cases.push(chart("chart: deep lists").file("charts/web-1.0.0/templates/a.yaml", format!("a: {deep}\n")).refused());
    let aliases = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned()
        + &(0..20)
            .map(|at| {
                format!(
                    "a{at}: &a{at} [{}]\n",
                    vec![format!("*a{}", if at == 0 { String::new() } else { (at - 1).to_string() }); 10].join(", ")
                )
            })
            .collect::<String>();
    cases.push(chart("chart: aliases of aliases").file("charts/web-1.0.0/values.yaml", aliases).refused());
    cases.push(chart("chart: a lock that is none").file("charts/charts.lock", "charts: [1, {name: 2}]\n"));
    cases
        .push(chart("chart: a link out of it").link("charts/web-1.0.0/templates/b.yaml", "../../../../outside/marker"));
    cases.push(chart("chart: no archive").file("charts/web-1.0.0.tgz", "\u{1f}\u{8b}nothing").ends(End::Any));
    cases
}

/// A project that installs a chart in which all is well, to be spoilt.
fn chart(name: impl Into<String>) -> Case {
    Case::new(name)
        .file("charts/web-1.0.0/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
        .file("charts/web-1.0.0/templates/ok.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ok}\n")
        .template(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\nspec:\n  project: default\n  destination: {server: 'https://kubernetes.default.svc', namespace: web}\n  source:\n    repoURL: https://charts.example.org\n    chart: web\n    targetRevision: 1.0.0\n",
        )
}
