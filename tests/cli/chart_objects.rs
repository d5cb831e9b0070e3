//! `platc chart objects`: which values files of a chart a release takes.

use crate::support::Project;

fn project(helm: &str) -> Project {
    let of = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web, namespace: argocd}}\nspec:\n  project: default\n  destination: {{server: \"https://kubernetes.default.svc\", namespace: shop}}\n  source:\n    repoURL: \"https://charts.example.org\"\n    chart: web\n    targetRevision: \"1.0.0\"\n    helm: {{{helm}}}\n"
    );
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {size: \"{{ .Values.size }}\"}\n";
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", "type: object\n")
        .file("environments/prod.yaml", "{}\n")
        .file("templates/web.yaml.j2", of)
        .file("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
        .file("web/values.yaml", "size: 1\n")
        .file("web/values-a.yaml", "size: 2\n")
        .file("web/values-b.yaml", "size: 3\n")
        .file("web/templates/a.yaml", object);
    let ran = project.run(&["chart", "add", "web", "--origin", "https://charts.example.org"]);
    assert_eq!(ran.code, 0, "{ran}");
    project
}

#[test]
fn a_values_file_that_may_be_missing_is_left_out() {
    let project = project("ignoreMissingValueFiles: true, valueFiles: [missing.yaml, values-a.yaml]");
    let ran = project.run(&["chart", "objects", "prod", "web"]);
    assert!(ran.code == 0 && ran.stdout.contains("size: \"2\""), "{ran}");
}

#[test]
fn a_pattern_means_files_of_the_chart_in_their_order() {
    let project = project("valueFiles: [\"values-*.yaml\"]");
    let ran = project.run(&["chart", "objects", "prod", "web"]);
    assert!(ran.code == 0 && ran.stdout.contains("size: \"3\""), "{ran}");
}

#[test]
fn a_values_file_that_is_nowhere_is_said() {
    let project = project("valueFiles: [missing.yaml]");
    let ran = project.run(&["chart", "objects", "prod", "web"]);
    assert!(ran.code == 1 && ran.stderr.contains("neither the tree nor the chart has such a file"), "{ran}");
}
