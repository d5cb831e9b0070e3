//! Where findings about the output lead: to the node of the environment that a value is, never to one that looks the same.

use serde_json::Value;

use crate::support::Project;

/// A project whose templates and environment are given, with any keys.
fn project(environment: &str, templates: &[(&str, &str)]) -> Project {
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("environments/prod/environment.yaml", environment)
        .file("schemas/environment.schema.yaml", "type: object\n");
    for (name, text) in templates {
        project.write(&format!("templates/{name}"), text);
    }
    project
}

/// The places of all findings of a rule, each as `file:line: the line`, what it is related to behind it.
fn places(project: &Project, rule: &str) -> Vec<String> {
    let ran = project.run(&["validate", "--format", "json"]);
    let all: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"));
    let findings = all["findings"].as_array().unwrap_or_else(|| panic!("{ran}"));
    let place = |at: &Value| {
        let (file, line) = (at["file"].as_str().unwrap(), at["line"].as_u64().unwrap());
        let text = project.read(file);
        format!("{file}:{line}: {}", text.lines().nth(line as usize - 1).unwrap_or_default().trim())
    };
    let told = findings.iter().filter(|finding| finding["rule"] == rule);
    told.map(|finding| {
        let related = finding["related"].as_array().into_iter().flatten();
        std::iter::once(finding).chain(related).map(place).collect::<Vec<_>>().join(" <- ")
    })
    .collect()
}

fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: web, labels: {{zone: \"{{{{ zone }}}}\"}}}}\n\
         spec:\n  containers:\n    - name: web\n      {image}\n"
    )
}

#[test]
fn a_value_of_the_template_is_not_blamed_on_a_setting_that_looks_the_same() {
    let template = format!("{{% set img = \"nginx\" %}}\n{}", pod("image: {{ img }}"));
    let project = project("zone: nginx\n", &[("pod.yaml.j2", &template)]);
    assert_eq!(places(&project, "kubernetes/image-tag"), ["templates/pod.yaml.j2:8: image: {{ img }}"]);
}

#[test]
fn a_value_is_known_through_variables_loops_and_macros() {
    let flow = "{% macro as_image(it) %}{{ it }}{% endmacro %}\n{% set all = images | default([]) %}\n\
                {% for image in all %}{% set own = image %}\n";
    let template = format!("{flow}{}{{% endfor %}}\n", pod("image: {{ own }}"));
    let project = project("zone: nginx\nimages:\n  - nginx\n", &[("pod.yaml.j2", &template)]);
    let wanted = ["environments/prod/environment.yaml:3: - nginx <- templates/pod.yaml.j2:10: image: {{ own }}"];
    assert_eq!(places(&project, "kubernetes/image-tag"), wanted);
    project.write("templates/pod.yaml.j2", template.replace("{{ own }}", "{{ as_image(own) }}"));
    let wanted = "environments/prod/environment.yaml:3: - nginx <- templates/pod.yaml.j2:1: ";
    let found = places(&project, "kubernetes/image-tag");
    assert!(found.len() == 1 && found[0].starts_with(wanted), "{found:?}");
}

#[test]
fn of_a_text_of_several_pieces_only_the_one_that_matters_is_blamed() {
    let template = pod("image: {{ registry }}/web:{{ tag }}");
    let project = project("zone: latest\nregistry: example.org\ntag: latest\n", &[("pod.yaml.j2", &template)]);
    let found = places(&project, "kubernetes/image-tag");
    assert!(found.len() == 1 && !found[0].contains("zone:"), "{found:?}");
    assert!(found[0].contains("environments/prod/environment.yaml:3: tag: latest"), "{found:?}");
}

#[test]
fn what_a_function_made_is_told_at_the_template_with_what_it_read() {
    let template = pod("image: {{ name | lower }}");
    let project = project("zone: nginx\nname: NGINX\n", &[("pod.yaml.j2", &template)]);
    let wanted =
        ["templates/pod.yaml.j2:7: image: {{ name | lower }} <- environments/prod/environment.yaml:2: name: NGINX"];
    assert_eq!(places(&project, "kubernetes/image-tag"), wanted);
}

#[test]
fn a_key_of_for_each_has_a_place() {
    let front = "{#- platc\noutput: spaces/{{ name }}.yaml\nfor_each: name, it in spaces\n-#}\n";
    let template = format!(
        "{front}apiVersion: v1\nkind: Pod\nspec:\n  containers: [{{image: \"a:1\", name: \"{{{{ name }}}}\"}}]\n"
    );
    let project = project("other: my_team\nspaces:\n  web: {}\n  my_team: {}\n", &[("space.yaml.j2", &template)]);
    let wanted = [
        "environments/prod/environment.yaml:4: my_team: {} <- templates/space.yaml.j2:8: containers: [{image: \"a:1\", name: \"{{ name }}\"}]",
    ];
    assert_eq!(places(&project, "kubernetes/name"), wanted);
    project.write("environments/prod/environment.yaml", "spaces:\n  my*team: {}\n");
    let wanted = "templates/space.yaml.j2:2: output: spaces/{{ name }}.yaml <- environments/prod/environment.yaml:2: my*team: {}";
    assert_eq!(places(&project, "template/output-path"), [wanted]);
}

#[test]
fn a_chart_s_version_is_not_blamed_on_its_namespace() {
    let application = "{% set chart = \"external-dns\" %}\n\
        apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: dns, namespace: argocd}\nspec:\n  \
        project: default\n  destination: {server: \"https://kubernetes.default.svc\", namespace: \"{{ namespace }}\"}\n  \
        source:\n    repoURL: \"https://example.org/charts\"\n    chart: {{ chart }}\n    targetRevision: {{ version }}\n";
    let project = project("namespace: external-dns\nversion: 1.3.0\n", &[("app.yaml.j2", application)]).file(
        "schemas/helm/external-dns/1.2.0.yaml",
        "x-helm-chart: external-dns\nx-helm-version: 1.2.0\ntype: object\n",
    );
    let found = places(&project, "helm/version-not-imported");
    assert!(found.len() == 1 && !found[0].contains("namespace: external-dns"), "{found:?}");
}

#[test]
fn a_file_that_cannot_be_made_hides_nothing_about_the_others() {
    let namespace = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: web}\nspec:\n  \
                     clusterIP: none\n  ports: [{port: 80}]\n";
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: web}\ndata:\n  a/b: x\n";
    // Mounts what the broken file would have made: nobody can know that it is missing.
    let user = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: web}\nspec:\n  containers:\n    \
                - {name: web, image: \"web:1\", envFrom: [{configMapRef: {name: broken}}]}\n";
    let broken = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: broken, namespace: web}\ndata:\n  a: on\n";
    let templates = [("n.yaml.j2", namespace), ("a.yaml.j2", config), ("u.yaml.j2", user), ("b.yaml.j2", broken)];
    let project = project("{}\n", &templates);
    let ran = project.run(&["render"]);
    assert!(ran.code == 1 && !project.exists("rendered"), "{ran}");
    assert_eq!(places(&project, "yaml/ambiguous-scalar"), ["templates/b.yaml.j2:5: a: on"]);
    assert_eq!(places(&project, "kubernetes/data"), ["templates/a.yaml.j2:5: a/b: x"]);
    assert_eq!(places(&project, "reference/config"), [""; 0]);
}
