//! Each consequence leads to what somebody wrote: a value that is another one now, one that is gone, a template that was
//! edited; and not to a line that nobody touched.

use serde_json::Value;

use crate::git;
use crate::support::Project;

const ENVIRONMENT: &str = "environments/prod.yaml";

/// A project of some templates, committed.
fn committed(values: &str, files: &[(&str, &str)]) -> Project {
    let schema = "type: object
properties:
  count: {type: integer}
  namespace: {type: string}
  features: {type: object, additionalProperties: {type: boolean}}
  items: {type: array, items: {type: string}}
  zones: {type: array, items: {type: object, properties: {id: {type: string}}}}
";
    let mut project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", schema)
        .file(ENVIRONMENT, values);
    for (path, text) in files {
        project = project.file(&format!("templates/{path}"), *text);
    }
    for args in [&["init", "-q", "-b", "main"][..], &["add", "-A"], &["commit", "-qm", "start"]] {
        git(&project, args);
    }
    project
}

/// What is said once a file has another text: the subject, the consequence, and the lines.
fn edited(project: &Project, path: &str, from: &str, to: &str) -> String {
    let text = project.read(path);
    assert!(text.contains(from), "{text}");
    project.write(path, text.replace(from, to));
    let ran = project.run(&["diff", "prod", "--view", "impact", "--format", "json", "--against", "main"]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran}"));
    let place = |at: &Value| format!("{}:{}", at["path"].as_str().unwrap(), at["line"]);
    let told = |it: &Value| {
        let mut at: Vec<String> = it["causes"].as_array().unwrap().iter().map(place).collect();
        if at.is_empty() {
            at.push(format!("only {}", place(&it["at"])));
        }
        format!("{} {} {}", it["subject"].as_str().unwrap(), it["consequence"].as_str().unwrap(), at.join(" "))
    };
    let all: Vec<String> = document["differences"][0]["effects"].as_array().unwrap().iter().map(told).collect();
    all.join("\n")
}

#[test]
fn the_number_by_which_an_item_is_taken() {
    let project = committed(
        "count: 2\nzones:\n- id: a\n- id: b\n",
        &[(
            "t.yaml.j2",
            "Resources:
{% for zone in zones %}
  Route{{ zone.id }}: {Type: AWS::EC2::Route, Properties: {RouteTableId: r, NatGatewayId: nat-{{ zones[loop.index0 % count].id }}}}
{% endfor %}
",
        )],
    );
    let told = edited(&project, ENVIRONMENT, "count: 2", "count: 1");
    assert_eq!(told, format!("t.yaml#Routeb in-place {ENVIRONMENT}:1"));
}

#[test]
fn an_item_of_a_list_that_is_gone() {
    let files = [(
        "p.yaml.j2",
        "apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: p, namespace: argocd}
spec:
  destinations:
{% for name in items %}
    - {server: https://kubernetes.default.svc, namespace: {{ name }}}
{% endfor %}
{% if features.more %}
    - {server: https://kubernetes.default.svc, namespace: more}
{% endif %}
",
    )];
    let values = "features:\n  more: true\nitems:\n- a\n- b\n";
    let told = edited(&committed(values, &files), ENVIRONMENT, "more: true", "more: false");
    assert_eq!(told, format!("AppProject/argocd/p in-place {ENVIRONMENT}:2"));
    let told = edited(&committed(values, &files), ENVIRONMENT, "- b\n", "");
    assert_eq!(told, format!("AppProject/argocd/p in-place main:{ENVIRONMENT}:5"));
    // The template itself, where it says the list.
    let line = "    - {server: https://kubernetes.default.svc, namespace: more}\n";
    let told = edited(&committed(values, &files), "templates/p.yaml.j2", line, "");
    assert_eq!(told, "AppProject/argocd/p in-place templates/p.yaml.j2:7");
}

#[test]
fn an_item_with_a_name_that_others_follow() {
    let project = committed(
        "features:\n  more: true\n",
        &[(
            "k.yaml.j2",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: k, namespace: flux-system}
spec:
  interval: 1h
  path: ./x
  prune: true
  sourceRef: {kind: GitRepository, name: g}
  dependsOn:
{% if features.more %}
    - name: more
{% endif %}
    - name: last
",
        )],
    );
    let told = edited(&project, ENVIRONMENT, "more: true", "more: false");
    assert_eq!(told, format!("Kustomization/flux-system/k in-place {ENVIRONMENT}:2"));
}

#[test]
fn an_object_in_another_namespace() {
    let project = committed(
        "namespace: shop\n",
        &[("m.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n  namespace: {{ namespace }}\n")],
    );
    let told = edited(&project, ENVIRONMENT, "namespace: shop", "namespace: store");
    let line = format!("{ENVIRONMENT}:1");
    assert_eq!(told, format!("ConfigMap/shop/m unknown {line}\nConfigMap/store/m adds {line}"));
}

#[test]
fn a_macro_that_was_edited() {
    let project = committed(
        "count: 1\n",
        &[
            ("_labels.j2", "{% macro labels() %}\napp: web\n{% endmacro %}\n"),
            (
                "d.yaml.j2",
                "{% from '_labels.j2' import labels %}
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector:
    matchLabels: {{ labels() }}
  template:
    metadata:
      labels: {{ labels() }}
    spec: {containers: [{name: a, image: 'a:1'}]}
",
            ),
        ],
    );
    let told = edited(&project, "templates/_labels.j2", "app: web", "app: web\npart: of");
    assert_eq!(told, "Deployment/shop/web blocks templates/_labels.j2:3");
}

#[test]
fn a_text_that_is_no_document() {
    let files = [(
        "order.txt.j2",
        "First {{ namespace }}, then the rest.\n{% if features.more %}\nAnd more.\n{% endif %}\nThe end.\n",
    )];
    let values = "namespace: shop\nfeatures:\n  more: true\n";
    let told = |path: &str, from: &str, to: &str| edited(&committed(values, &files), path, from, to);
    let line = |number: u8| format!("order.txt nothing {ENVIRONMENT}:{number}");
    assert_eq!(told(ENVIRONMENT, "shop", "store"), line(1));
    assert_eq!(told(ENVIRONMENT, "true", "false"), line(3));
    let template = "templates/order.txt.j2";
    assert_eq!(told(template, "then the rest", "then all"), format!("order.txt nothing {template}:1"));
}

#[test]
fn a_policy_that_refuses_what_is_as_it_was() {
    let project = committed(
        "items: [a, b]\n",
        &[
            (
                "policy.yaml.j2",
                "apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: known}
spec:
  validationActions: [Deny]
  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]}
  validations:
    - expression: \"object.spec.template.spec.containers.all(c, {{ items | tojson | replace('\"', \"'\") }}.exists(r, c.image.startsWith(r)))\"
      message: of a registry that is known
",
            ),
            (
                "web.yaml.j2",
                "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: b/c}]}
",
            ),
        ],
    );
    let told = edited(&project, ENVIRONMENT, "[a, b]", "[a]");
    let line = format!("{ENVIRONMENT}:1");
    assert_eq!(told, format!("ValidatingPolicy/known blocks {line}\nDeployment/shop/web blocks {line}"));
}

/// What becomes of a chart is told of what installs it.
#[test]
fn values_that_go_with_what_reads_them() {
    let application = "{% if features.more %}
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: c, namespace: argocd}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: c}
  sources:
    - {repoURL: https://charts.example.com, chart: c, targetRevision: 1.0.0, helm: {valueFiles: [$values/prod/c/values.yaml]}}
    - {repoURL: https://git.example.com/fleet, targetRevision: main, ref: values}
{% endif %}
";
    let application = application.replacen("{% if features.more %}\n", "{#- platc\nwhen: features.more\n-#}\n", 1);
    let application = application.replace("{% endif %}\n", "");
    let values = "{#- platc\nwhen: features.more\n-#}\nsize: 1\n";
    let project =
        committed("features:\n  more: true\n", &[("apps/c.yaml.j2", &application), ("c/values.yaml.j2", values)]);
    let told = edited(&project, ENVIRONMENT, "more: true", "more: false");
    assert!(told.contains(&format!("c/values.yaml nothing {ENVIRONMENT}:2")), "{told}");
}

#[test]
fn a_name_that_a_line_above_gives() {
    let volume = "apiVersion: v1
kind: ConfigMap
metadata: {name: m, namespace: shop}
data:
  text: {{ text }}
  part: a {{ other }}
";
    let files = |head: &str| format!("{head}\n{volume}");
    // In the template itself, through another name, and in a file of macros.
    let own = files("{% set first = {'a': 'x'} %}\n{% set text = first.a %}\n{% set other = 'y' %}");
    let project = committed("count: 1\n", &[("m.yaml.j2", &own)]);
    let path = "templates/m.yaml.j2";
    assert_eq!(edited(&project, path, "'x'", "'z'"), format!("ConfigMap/shop/m in-place {path}:1"));
    let project = committed("count: 1\n", &[("m.yaml.j2", &own)]);
    assert_eq!(edited(&project, path, "'y'", "'z'"), format!("ConfigMap/shop/m in-place {path}:3"));
    let lines = files("{% set text %}\na\nb\n{% endset %}\n{% set other = 'y' %}");
    let project = committed("count: 1\n", &[("m.yaml.j2", &lines)]);
    assert_eq!(edited(&project, path, "\nb\n", "\nc\n"), format!("ConfigMap/shop/m in-place {path}:3"));
    let macros = "{% set other = 'y' %}\n{% set text = 'x' %}\n";
    for head in ["{% from '_m.j2' import text, other %}", "{% from \"_m.j2\" import text as text, other %}"] {
        let project = committed("count: 1\n", &[("_m.j2", macros), ("m.yaml.j2", &files(head))]);
        let told = edited(&project, "templates/_m.j2", "'x'", "'z'");
        assert_eq!(told, "ConfigMap/shop/m in-place templates/_m.j2:2");
    }
}

#[test]
fn the_list_of_a_loop() {
    let loops = "apiVersion: v1
kind: ConfigMap
metadata: {name: m, namespace: shop}
data:
{% for name in ['a', 'b'] %}
  key-{{ name }}: same
{% endfor %}
";
    let project = committed("count: 1\n", &[("m.yaml.j2", loops)]);
    let path = "templates/m.yaml.j2";
    assert_eq!(edited(&project, path, "'b'", "'b', 'c'"), format!("ConfigMap/shop/m in-place {path}:5"));
}

#[test]
fn a_text_that_goes_out_of_a_list_or_comes_into_it() {
    let files = [
        (
            "m.yaml.j2",
            "{#- platc
output: m-{{ name }}.yaml
for_each: name in items
-#}
apiVersion: v1
kind: ConfigMap
metadata: {name: '{{ name }}', namespace: shop}
",
        ),
        (
            "all.yaml.j2",
            "apiVersion: v1
kind: ConfigMap
metadata: {name: all, namespace: shop}
data:
  all: '{{ items | join(' ') }}'
",
        ),
    ];
    let values = "items:\n- a\n- b\n- c\n";
    let told = edited(&committed(values, &files), ENVIRONMENT, "- b\n", "");
    assert!(told.contains(&format!("ConfigMap/shop/b unknown main:{ENVIRONMENT}:3")), "{told}");
    let told = edited(&committed(values, &files), ENVIRONMENT, "- b\n", "- b\n- x\n");
    assert!(told.contains(&format!("ConfigMap/shop/all in-place {ENVIRONMENT}:4")), "{told}");
}

#[test]
fn what_went_by_a_list_that_a_template_makes() {
    let files = [(
        "guards.yaml.j2",
        "{#- platc
output: guard-{{ guard.name }}.yaml
for_each: >-
  guard in [{'name': 'a', 'on': true}, {'name': 'b', 'on': features.more}]
when: guard.on
-#}
apiVersion: v1
kind: ConfigMap
metadata: {name: '{{ guard.name }}', namespace: shop}
",
    )];
    let project = committed("features:\n  other: true\n  more: true\ncount: 1\n", &files);
    let told = edited(&project, ENVIRONMENT, "more: true\ncount: 1", "more: false\ncount: 2");
    assert_eq!(told, format!("ConfigMap/shop/b unknown {ENVIRONMENT}:3"));
}
