//! `platc render`.

use crate::{check, hold, project};

#[test]
fn one_environment_by_path_by_name_and_from_its_folder() {
    let project = project();
    assert_eq!(check(&project, "render-first", "render environments/prod").code, 0);
    assert!(project.read("rendered/prod/cluster.yaml").ends_with("name: main\nversion: \"1.35\"\n"));
    assert!(project.read("rendered/prod/nodes/pool.yaml").ends_with("nodes: 3\n"));
    assert!(!project.exists("rendered/dev"));
    check(&project, "render-unchanged", "render prod");

    let here = |folder: &str, args: &[&str]| {
        let mut command = project.command(args);
        crate::support::Ran::from(command.current_dir(project.root.join(folder)).output().unwrap())
    };
    hold(
        &project,
        "render-from-below",
        "render .    (in environments/dev)",
        here("environments/dev", &["render", "."]),
    );
    hold(&project, "render-from-beside", "render prod    (in environments)", here("environments", &["render", "prod"]));
}

#[test]
fn all_environments_and_each_only_once() {
    let project = project();
    check(&project, "render-all", "render");
    check(&project, "render-all-said", "render --all");
    check(&project, "render-twice", "render prod environments/prod ./environments/prod/environment.yaml");
}

#[test]
fn what_changed_is_counted_and_on_request_named() {
    let project = project();
    project.run(&["render"]);
    project.write("templates/cluster.yaml.j2", "name: {{ cluster.name }}\n");
    project.write("templates/extra.yaml.j2", "a: 1\n");
    std::fs::remove_file(project.root.join("templates/nodes/pool.yaml.j2")).unwrap();
    check(&project, "render-verbose", "render prod -v");
    check(&project, "render-quiet", "render dev -q");
    assert!(!project.exists("rendered/prod/nodes"));
}

#[test]
fn another_folder() {
    let project = project();
    check(&project, "render-out-dir", "render prod --out-dir ../out-dir-test/a/../b");
    let made = project.root.join("../out-dir-test/b/prod/cluster.yaml");
    assert!(made.exists());
    std::fs::remove_dir_all(project.root.join("../out-dir-test")).unwrap();
    let ran = project.command(&["render", "prod"]).env("PLATC_OUT_DIR", "elsewhere").output().unwrap();
    assert!(ran.status.success());
    assert!(project.exists("elsewhere/prod/cluster.yaml"));
}

#[test]
fn standard_output() {
    let project = project();
    check(&project, "render-stdout", "render --stdout");
    check(&project, "render-stdout-one", "render prod --stdout --only cluster.yaml");
    check(&project, "render-stdout-dash", "render prod --out-dir - --only nodes/**");
    check(&project, "render-stdout-json", "render prod --stdout --format json");
    check(&project, "render-stdout-no-match", "render prod --stdout --only *.jsn");
    check(&project, "render-stdout-bad-pattern", "render prod --stdout --only {a,b}");
    check(&project, "render-only-alone", "render prod --only cluster.yaml");
    check(&project, "render-stdout-check", "render prod --out-dir - --check");
    assert!(!project.exists("rendered"));
}

#[test]
fn values_from_the_command_line() {
    let project = project();
    check(&project, "render-set", "render dev --stdout --set cluster.version=1.30 --set cluster.nodes=5");
    check(&project, "render-set-unknown", "render dev --stdout --set cluster.vesion=1.30");
    check(&project, "render-set-type", "render dev --stdout --set cluster.nodes=many");
    check(&project, "render-set-no-value", "render dev --set cluster.nodes");
    assert!(!project.exists("rendered"));
}

#[test]
fn checking_what_is_on_disk() {
    let project = project();
    check(&project, "render-check-nothing", "render prod --check");
    project.run(&["render"]);
    check(&project, "render-check-same", "render --check");
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster:\n  name: other\n");
    let ran = check(&project, "render-check-differs", "render --check");
    assert_eq!(ran.code, 1);
    check(&project, "render-check-json", "render dev --check --format json");
    assert!(project.read("rendered/dev/cluster.yaml").contains("name: main"), "nothing is written");
}

#[test]
fn an_independent_reader_may_look_at_every_file() {
    let project = project();
    assert_eq!(check(&project, "render-verify", "render prod --verify").code, 0);
}

#[test]
fn json() {
    let project = project();
    check(&project, "render-json", "render --format json");
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster: 1\n");
    check(&project, "render-json-finding", "render dev --format json");
}

#[test]
fn an_environment_with_errors_keeps_its_tree_and_the_others_are_written() {
    let project = project();
    project.run(&["render"]);
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster:\n  nmae: x\n");
    project.write("environments/prod/environment.yaml", "extends: [../base]\ncluster:\n  version: \"1.36\"\n");
    let before = project.read("rendered/dev/cluster.yaml");
    assert_eq!(check(&project, "render-one-is-broken", "render").code, 1);
    assert_eq!(project.read("rendered/dev/cluster.yaml"), before);
    assert!(project.read("rendered/prod/cluster.yaml").contains("1.36"));
    assert!(!project.exists("rendered/prod/nodes"));
}

#[test]
fn a_broken_schema_or_template_writes_nothing() {
    let project = project();
    project.write("templates/broken.yaml.j2", "{{ cluster.name\n");
    assert_eq!(project.run(&["render"]).code, 1);
    assert!(!project.exists("rendered"));
    std::fs::remove_file(project.root.join("templates/broken.yaml.j2")).unwrap();
    project.write("schemas/environment.schema.yaml", "type: nonsense\n");
    assert_eq!(project.run(&["render"]).code, 1);
    assert!(!project.exists("rendered"));
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_with_a_reason() {
    let project = project().file("rendered", "a file\n");
    assert_eq!(check(&project, "render-output-is-a-file", "render prod").code, 2);
    assert_eq!(check(&project, "render-out-dir-is-a-file", "render prod --out-dir platc.yaml").code, 2);
}

#[test]
fn no_tree_is_rendered_among_the_accepted_ones() {
    let project = project();
    let ran = project.run(&["render", "prod", "--out-dir", "golden"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`platc golden --accept` writes there"), "{}", ran.stderr);
    assert!(!project.exists("golden"));
}

#[test]
fn many_environments_are_told_of_in_one_line() {
    let project = project();
    for number in 0..11 {
        project.write(&format!("environments/e{number}.yaml"), "extends: [base]\n");
    }
    check(&project, "render-fleet", "render");
    project.write("environments/base/base.yaml", "cluster:\n  name: 1\n  version: [a]\n");
    check(&project, "render-fleet-finding", "render");
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let project = project();
    for number in 0..20 {
        project.write(&format!("environments/e{number}.yaml"), "extends: [base]\ncluster:\n  nodse: 3\n");
    }
    let runs: Vec<_> = ["1", "2", "7"].map(|jobs| project.run(&["validate", "-j", jobs]).to_string()).into();
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}
