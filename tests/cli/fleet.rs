//! Two hundred environments: what is wrong in all of them is read in a screen or a few, and nothing of it is lost.

use std::process::Command;

use super::judges;
use super::support::{Project, Ran};

const SIZE: usize = 200;

/// Lines that nobody scrolls through.
const TOO_MANY: usize = 300;

/// Each environment has its own folder, with a name and a number of its own; what they share is in one layer.
fn fleet() -> Project {
    let schema = "type: object\nadditionalProperties: false\nrequired: [name]\nproperties:\n  \
                  name: {type: string}\n  replicas: {type: integer, maximum: 9}\n  team: {type: string}\n  \
                  owner: {type: string}\n  extra: {type: object, additionalProperties: true}\n";
    let app = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ name }}\n  labels:\n    team: {{ team }}\n\
               data:\n  replicas: \"{{ replicas }}\"\n";
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", schema)
        .file("templates/app.yaml.j2", app)
        .file("templates/rest.yaml.j2", "{#- platc\nwhen: false\n-#}\nall: {{ [owner, extra] }}\n")
        .file("environments/base/base.yaml", "replicas: 2\nteam: web\n");
    for number in 0..SIZE {
        write(&project, number, "");
    }
    project
}

/// An environment with more lines of its own.
fn write(project: &Project, number: usize, more: &str) {
    let text = format!("extends: [../base]\nname: app-{number:03}\n{more}");
    project.write(&format!("environments/env-{number:03}/environment.yaml"), text);
}

fn write_all(project: &Project, more: impl Fn(usize) -> String) {
    for number in 0..SIZE {
        write(project, number, &more(number));
    }
}

/// Runs a command that is to fail: it prints little, names the environments by number, and is cut nowhere.
fn fails(project: &Project, args: &[&str], groups: usize) -> Ran {
    let ran = project.run(args);
    let lines = ran.stdout.lines().count() + ran.stderr.lines().count();
    assert_eq!(ran.code, 1, "{ran}");
    assert!(lines < TOO_MANY, "{lines} lines: {ran}");
    let text = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(text.matches("in 200 environments, `env-000` and 199 more").count(), groups, "{ran}");
    ran
}

/// How many errors and warnings the machine readable report holds, each by itself.
fn counted(project: &Project) -> (u64, u64) {
    let ran = project.run(&["validate", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    (report["errors"].as_u64().unwrap(), report["warnings"].as_u64().unwrap())
}

#[test]
fn nothing_is_wrong() {
    let ran = fleet().run(&["validate"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran}");
}

#[test]
fn a_key_that_the_schema_does_not_know_any_more() {
    let project = fleet();
    write_all(&project, |number| format!("replcas: {number}\n"));
    let ran = fails(&project, &["validate"], 1);
    assert!(ran.stderr.contains("1 error (found 200 times)"), "{ran}");
    assert_eq!(counted(&project), (200, 0));
}

#[test]
fn a_key_that_all_of_them_need_now() {
    let project = fleet();
    let schema = project.read("schemas/environment.schema.yaml").replace("[name]", "[name, owner]");
    project.write("schemas/environment.schema.yaml", schema);
    fails(&project, &["validate"], 1);
}

#[test]
fn values_that_break_the_schema_each_in_its_own_way() {
    let project = fleet();
    write_all(&project, |number| format!("replicas: {}\n", 10 + number));
    fails(&project, &["validate"], 1);
    assert_eq!(counted(&project), (200, 0));
}

#[test]
fn scalars_that_readers_take_for_different_things() {
    let project = fleet();
    write_all(&project, |number| format!("extra:\n  mode: 0{number:03}\n  on: yes\n"));
    let ran = project.run(&["validate"]);
    assert!(ran.stdout.lines().count() < TOO_MANY && ran.code == 1, "{ran}");
}

#[test]
fn overrides_that_change_nothing() {
    let project = fleet();
    write_all(&project, |_| "replicas: 2\nteam: web\n".to_owned());
    let ran = project.run(&["validate"]);
    assert_eq!(ran.stdout.matches("in 200 environments, `env-000` and 199 more").count(), 2, "{ran}");
    assert!(ran.stdout.lines().count() < 40 && ran.stderr.contains("2 warnings (found 400 times)"), "{ran}");
}

#[test]
fn a_mistake_in_a_template() {
    let project = fleet();
    project.write("templates/app.yaml.j2", "name: {{ nmae }}\n");
    fails(&project, &["validate"], 1);
}

#[test]
fn a_rule_about_the_output_that_a_template_breaks() {
    let project = fleet();
    let app = project.read("templates/app.yaml.j2").replace("team: {{ team }}", "team: \"no {{ name }}!\"");
    project.write("templates/app.yaml.j2", app);
    let ran = fails(&project, &["validate"], 1);
    assert!(ran.stdout.contains("kubernetes/label"), "{ran}");
}

#[test]
fn a_rule_about_the_output_that_each_environment_breaks() {
    let project = fleet();
    write_all(&project, |number| format!("team: \"no {number}!\"\n"));
    let ran = fails(&project, &["validate"], 1);
    assert!(ran.stdout.contains("--> environments/env-000/environment.yaml:3:"), "{ran}");
}

#[test]
fn more_than_fits_is_counted_and_errors_come_first() {
    let project = fleet();
    let many = |number: usize| (0..100).map(|key| format!("wrong-{key}: {number}\n")).collect::<String>();
    write_all(&project, many);
    let ran = fails(&project, &["validate"], 31);
    let more = "… and 69 errors (found 13,800 times) more: `-v` shows all, `--format json` has each by itself";
    assert!(ran.stdout.contains(more) && ran.stderr.contains("100 errors (found 20,000 times)"), "{ran}");
}

#[test]
fn values_that_must_be_the_same() {
    let project = fleet();
    let schema = project.read("schemas/environment.schema.yaml");
    let schema = schema.replace("team: {type: string}", "team: {type: string, x-platc-compare: must-match}");
    project.write("schemas/environment.schema.yaml", schema);
    write_all(&project, |number| format!("team: t{number}\n"));
    let ran = project.run(&["validate"]);
    assert_eq!((ran.code, ran.stdout.matches("error[schema/compare]").count()), (1, 1), "{ran}");
    assert!(ran.stdout.contains("environments, `env-000` and") && ran.stdout.lines().count() < 30, "{ran}");
}

#[test]
fn acknowledgements_that_nothing_needs() {
    let project = fleet();
    let one = |number| {
        format!("acknowledge:\n  - {{rule: kubernetes/image-tag, subject: Deployment/web/{number}, reason: it is}}\n")
    };
    write_all(&project, one);
    let ran = project.run(&["validate"]);
    assert_eq!(ran.stdout.matches("in 200 environments, `env-000` and 199 more").count(), 1, "{ran}");
    assert!(ran.stdout.lines().count() < 30 && ran.stderr.contains("1 warning (found 200 times)"), "{ran}");
    assert_eq!(counted(&project), (0, 200));
}

#[test]
fn what_is_not_told_any_more_counts_as_well() {
    let project = fleet();
    let many = |number: usize| (0..6).map(|key| format!("wrong-{key}: {number}\n")).collect::<String>();
    write_all(&project, many);
    assert_eq!(counted(&project), (1_200, 0));
    fails(&project, &["validate"], 6);
}

#[test]
fn what_a_change_of_the_base_does_is_shown_once() {
    let project = fleet();
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    project.write("environments/base/base.yaml", "replicas: 3\nteam: web\n");
    let ran = fails(&project, &["diff"], 1);
    assert_eq!(ran.stdout.matches("+  replicas: \"3\"").count(), 1, "{ran}");
    assert!(
        ran.stderr.contains("200 environments, `env-000` and 199 more against golden/env-000: 1 file modified"),
        "{ran}"
    );
    let ran = fails(&project, &["golden", "--check"], 1);
    assert!(ran.stderr.contains("`platc golden --accept`"), "{ran}");
    fails(&project, &["diff", "--stat"], 1);
    let all = project.run(&["diff", "--format", "json"]);
    assert_eq!(all.stdout.matches("\"environment\": ").count(), SIZE);
}

#[test]
fn what_a_change_of_the_base_does_is_one_finding_for_other_programs() {
    let project = fleet();
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    project.write("environments/base/base.yaml", "replicas: 3\nteam: web\n");
    let annotations = |ran: &Ran| ran.stdout.lines().filter(|line| line.starts_with("::")).count();
    let ran = project.run(&["golden", "--check", "--format", "github"]);
    assert_eq!((ran.code, annotations(&ran)), (1, 1), "{ran}");
    assert!(ran.stdout.contains("in 200 environments, `env-000` and 199 more"), "{ran}");
    let ran = project.run(&["golden", "--check", "--format", "junit"]);
    assert_eq!(ran.stdout.matches("<failure").count(), SIZE, "each environment fails");
    std::fs::remove_dir_all(project.root.join("golden")).unwrap();
    let ran = project.run(&["golden", "--check", "--format", "github"]);
    assert_eq!((ran.code, annotations(&ran)), (1, 1), "{ran}");
}

/// All environments have other names: all trees are new, and all that stand are nobody's.
#[test]
fn trees_that_belong_to_no_environment_any_more() {
    let project = fleet();
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    for number in 0..SIZE {
        let folder = |name: &str| project.root.join(format!("environments/{name}-{number:03}"));
        std::fs::rename(folder("env"), folder("new")).unwrap();
    }
    for command in [&["golden", "--check"][..], &["diff"], &["validate"]] {
        let ran = project.run(command);
        assert!(ran.stdout.lines().count() + ran.stderr.lines().count() < TOO_MANY, "{ran}");
        let is_said = ran.stderr.contains("`golden/env-000` and 199 more belong to no environment");
        assert_eq!(is_said, command != ["validate"], "{ran}");
    }
    let all = project.run(&["golden", "--check", "--format", "json"]);
    assert_eq!(all.stdout.matches("\"golden/env-").count(), SIZE);
}

#[test]
fn trees_that_cannot_be_written() {
    let project = fleet();
    for number in 0..SIZE {
        project.write(&format!("rendered/env-{number:03}"), "a file, and no folder\n");
    }
    let ran = project.run(&["render"]);
    assert!(ran.code == 2 && ran.stderr.lines().count() < 30, "{ran}");
    assert!(ran.stderr.contains("… and 190 trees more: `-v` shows all"), "{ran}");
    assert_eq!(project.run(&["render", "-v"]).stderr.matches("cannot be replaced").count(), SIZE);
}

#[test]
fn other_programs_get_groups_too() {
    let project = fleet();
    write_all(&project, |number| format!("replicas: {}\n", 10 + number));
    for format in ["github", "sarif"] {
        let ran = project.run(&["validate", "--format", format]);
        assert_eq!(ran.stdout.matches("in 200 environments, `env-000` and 199 more").count(), 1, "{format}: {ran}");
    }
    let ran = project.run(&["validate", "--format", "junit"]);
    assert_eq!(ran.stdout.matches("<failure").count(), SIZE, "each environment fails");
    assert_eq!(ran.stdout.matches("as in `env-000`").count(), SIZE - 1, "and one of them says why");
}

/// What `benches/` measures has to be what a user would have: a fleet that no rule objects to.
#[test]
fn the_fleet_of_the_bench_passes_all_rules() {
    let Some(python) = judges::tool("venv/bin/python", "readers") else { return };
    let project = Project::empty();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/fleet");
    let arguments = ["--environments", "12", "--for", "platc"];
    let made = Command::new(python).arg(script).arg(&project.root).args(arguments).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let ran = project.run(&["-C", "platc", "render"]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (0, 1), "nothing but what was rendered: {ran}");
    assert!(ran.stderr.starts_with("rendered 12 environments: 1008 files"), "{ran}");
}

#[test]
fn places_of_many_environments_are_counted() {
    let project = fleet();
    project.write("templates/rest.yaml.j2", "{#- platc\nwhen: false\n-#}\nall: {{ owner }}\n");
    write_all(&project, |_| "extra: {a: 1}\n".to_owned());
    let ran = project.run(&["validate"]);
    assert!(ran.stdout.contains("no template reads `extra`") && ran.stdout.contains("more places"), "{ran}");
    assert!(ran.stdout.lines().count() < 60, "{ran}");
}
