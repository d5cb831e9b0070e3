//! `platc validate --against REVISION`: what is judged does not choose what it is judged by.

use crate::support::{Project, Ran};
use crate::{git, repository};

/// A project with a rule of its own, committed; then with a value that the rule refuses.
fn with_seven() -> Project {
    let rule = "id: team/no-seven\nsummary: seven is bad\nmatch: {kind: ConfigMap}\nrule: self.data.a != '7'\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: web}\ndata: {a: \"{{ a }}\"}\n";
    let project = repository();
    project.write("schemas/rules/seven.yaml", rule);
    project.write("templates/x.yaml.j2", map.replace("{{ a }}", "6"));
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "a rule"]);
    project.write("templates/x.yaml.j2", map.replace("{{ a }}", "7"));
    project
}

fn against(project: &Project) -> Ran {
    project.run(&["validate", "--against", "rev:HEAD"])
}

/// However a change sees to it that a rule does not refuse, what it refuses is an error.
#[test]
fn what_a_rule_of_before_refuses_is_an_error() {
    let seven = "error[rules/switched-off]: seven is bad, says the rule `team/no-seven` of `HEAD`";
    let rule = "schemas/rules/seven.yaml";
    let project = with_seven();
    let ran = against(&project);
    assert!(ran.code == 1 && ran.stdout.contains("error[team/no-seven]"), "{ran}");
    assert!(!ran.stdout.contains("switched-off"), "{ran}");
    for settings in
        ["rules: {team/no-seven: \"off\"}", "rules: {team/*: warning}", "material: [x.yaml]", "material: ['*.yaml']"]
    {
        project.write("platc.yaml", settings);
        assert_eq!(project.run(&["validate"]).code, 0, "{settings}");
        let ran = against(&project);
        assert!(ran.code == 1 && ran.stdout.contains(seven), "{settings}: {ran}");
        assert_eq!(ran.stdout.matches(seven).count(), 1, "{settings}: {ran}");
    }
    project.write("platc.yaml", "");
    project.write(rule, format!("severity: warning\n{}", project.read(rule)));
    let ran = against(&project);
    assert!(ran.code == 1 && ran.stdout.contains(seven), "{ran}");
    std::fs::remove_file(project.root.join(rule)).unwrap();
    let ran = against(&project);
    assert!(ran.code == 1 && ran.stdout.contains(seven), "{ran}");
}

/// So is what the rules of platc refuse, also of a change.
#[test]
fn what_a_rule_of_platc_refused_is_an_error() {
    let said = "says the rule `kubernetes/selector` of `HEAD`";
    let project = repository();
    project.write(
        "templates/web.yaml.j2",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: web}\nspec:\n  selector: {matchLabels: \
         {app: web}}\n  template:\n    metadata: {labels: {app: api}}\n    spec: {containers: [{name: web, image: \
         'example.org/web:1'}]}\n",
    );
    for settings in ["rules: {kubernetes/selector: warning}", "rules: {kubernetes/*: off}", "material: [web.yaml]"] {
        project.write("platc.yaml", settings);
        let ran = against(&project);
        assert!(ran.code == 1 && ran.stdout.contains(said), "{settings}: {ran}");
    }

    let table = |name: &str| {
        format!(
            "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: Delete\n    UpdateReplacePolicy: \
             Delete\n    Properties:\n      TableName: {name}\n      BillingMode: PAY_PER_REQUEST\n      \
             AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]\n      KeySchema: [{{AttributeName: id, \
             KeyType: HASH}}]\n"
        )
    };
    let project = repository();
    project.write("templates/t.yaml.j2", table("one"));
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "a table"]);
    project.write("templates/t.yaml.j2", table("two"));
    project.write("platc.yaml", "material: [t.yaml]\n");
    let ran = against(&project);
    assert!(ran.stdout.contains("says the rule `change/data-lost` of `HEAD`"), "{ran}");
}

/// What was acknowledged is not refused, and what a change acknowledges is named where it does.
#[test]
fn what_a_change_acknowledges_is_named() {
    let project = with_seven();
    let layers = ["environments/dev/environment.yaml", "environments/prod/environment.yaml"];
    let before = layers.map(|path| project.read(path));
    let write = |until: &str| {
        let entry = format!("{{rule: team/no-seven, subject: ConfigMap/web/x, reason: known{until}}}");
        for (path, before) in layers.iter().zip(&before) {
            project.write(path, format!("{before}acknowledge:\n  - {entry}\n"));
        }
    };
    write(", until: 2027-01-31");
    let ran = against(&project);
    let named = "warning[rules/switched-off]: `team/no-seven` is acknowledged for `ConfigMap/web/x` now, and was not";
    assert!(ran.code == 0 && ran.stdout.matches(&format!("{named} in `HEAD`")).count() == 2, "{ran}");
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "it is known"]);
    assert!(!against(&project).stdout.contains("switched-off"));
    write("");
    let ran = against(&project);
    assert!(ran.stdout.contains(&format!("{named} for as long in `HEAD`")), "{ran}");
    // What was acknowledged before is no news where the rule goes.
    write(", until: 2027-01-31");
    project.write("platc.yaml", "rules: {team/no-seven: \"off\"}\n");
    let ran = against(&project);
    assert!(ran.code == 0 && !ran.stdout.contains("seven is bad"), "{ran}");
}

/// A new environment that extends a layer takes what that acknowledged before: nothing is switched off.
#[test]
fn what_a_new_environment_takes_over_is_no_news() {
    let project = with_seven();
    let known = "acknowledge:\n  - {rule: team/no-seven, subject: ConfigMap/web/x, reason: known}\n";
    let own = |layer: &str| project.read("environments/prod/environment.yaml").replace("../base", layer);
    project.write("environments/known/known.yaml", known);
    project.write("environments/first/environment.yaml", own("../base, ../known"));
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "it is known"]);
    project.write("environments/second/environment.yaml", own("../base, ../known"));
    assert!(!against(&project).stdout.contains("switched-off"));
    // What the change itself acknowledges is told, there as well.
    project.write("environments/known/known.yaml", known.replace("known}", "known, until: 2027-01-31}"));
    project.write("environments/second/environment.yaml", format!("{}{}", own("../base"), known));
    let ran = against(&project);
    assert!(ran.stdout.contains("second") && ran.stdout.contains("is acknowledged for `ConfigMap/web/x` now"), "{ran}");
}

/// What a change says to be made by other tools is not looked for any more: that is named.
#[test]
fn what_a_change_says_to_be_made_outside_is_named() {
    let project = repository();
    project.write("platc.yaml", "outside: {queues: [shared]}\n");
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "a queue"]);
    assert!(!against(&project).stdout.contains("switched-off"));
    project.write("platc.yaml", "outside: {queues: [shared, orders]}\n");
    let ran = against(&project);
    let named =
        "warning[rules/switched-off]: `orders` counts among `queues` as made outside now, and did not in `HEAD`";
    assert!(ran.code == 0 && ran.stdout.contains(named) && !ran.stdout.contains("`shared` counts"), "{ran}");
}

/// A family of rules that a change turns off is named once, with what it was.
#[test]
fn a_family_of_rules_that_a_change_turns_off_is_named() {
    let project = repository();
    project.write("platc.yaml", "rules: {kubernetes/image-tag: error}\n");
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "a rule"]);
    for (settings, said) in [
        ("rules: {kubernetes/image-tag: error, secret/*: off}", "of `secret/*`, `secret/literal`"),
        ("rules: {kubernetes/*: off}", "of `kubernetes/*`, "),
        ("rules: {kubernetes/image-tag: error, kubernetes/*: off}", "of `kubernetes/*`, "),
        ("rules: {kubernetes/image-tag: error, kubernetes/*: warning}", "are `warning` now, and were not in `HEAD`"),
        ("rules: {kubernetes/image-tag: error, link/*: off}", "of `link/*`, "),
    ] {
        project.write("platc.yaml", format!("{settings}\n"));
        let ran = against(&project);
        assert!(ran.code == 0 && ran.stdout.contains(said), "{settings}: {ran}");
        assert_eq!(ran.stdout.matches("[rules/switched-off]").count(), 1, "{settings}: {ran}");
        assert!(ran.stdout.contains("platc.yaml:1:"), "{settings}: {ran}");
    }
    project.write("platc.yaml", "rules: {kubernetes/image-tag: error, kubernetes/*: error, secret/literal: error}\n");
    assert!(!against(&project).stdout.contains("switched-off"));
}

/// What a change puts beside a manifest makes no material of it in silence.
#[test]
fn what_a_change_makes_material_by_what_lies_beside_it_is_judged() {
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: web}\ndata: {a: \"7\"}\n";
    let seven = "error[rules/switched-off]: seven is bad, says the rule `team/no-seven` of `HEAD`";
    let chart = "apiVersion: v2\nname: c\nversion: 1.0.0\n";
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y, namespace: web}\ndata: {a: b}\n";
    let kustomization =
        |rest: &str| format!("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{rest}");
    let project = with_seven();
    std::fs::remove_file(project.root.join("templates/x.yaml.j2")).unwrap();
    project.write("templates/x.yaml", manifest.replace('7', "6"));
    project.write("templates/y.yaml", other);
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "copies"]);
    project.write("templates/x.yaml", manifest);
    for (path, text) in [
        ("templates/Chart.yaml", chart.to_owned()),
        ("templates/kustomization.yaml", kustomization("resources: [y.yaml]\n")),
        ("templates/kustomization.yaml", kustomization("resources: [y.yaml]\npatches: [{path: x.yaml}]\n")),
    ] {
        project.write(path, &text);
        let ran = against(&project);
        let file = path.trim_start_matches("templates/");
        assert!(ran.code == 1 && ran.stdout.contains("seven is bad"), "{text}: {ran}");
        assert!(ran.stdout.contains(&format!("material now because of `{file}`")), "{text}: {ran}");
        std::fs::remove_file(project.root.join(path)).unwrap();
    }
    // Into the folder of a chart, by a name that was there before.
    project.write("templates/app/Chart.yaml", chart);
    std::fs::rename(project.root.join("templates/x.yaml"), project.root.join("templates/app/x.yaml")).unwrap();
    let ran = against(&project);
    assert!(ran.code == 1 && ran.stdout.contains(seven), "{ran}");
    // What is taken in is judged as before.
    std::fs::rename(project.root.join("templates/app/x.yaml"), project.root.join("templates/x.yaml")).unwrap();
    project.write("templates/x.yaml", manifest.replace('7', "6"));
    project.write("templates/kustomization.yaml", kustomization("resources: [x.yaml, y.yaml]\n"));
    let ran = against(&project);
    assert!(!ran.stdout.contains("switched-off"), "{ran}");
}

/// Trees that a change leaves where nobody looks any more are named, and those that it edits there are errors.
#[test]
fn trees_that_a_change_leaves_to_nobody_are_named() {
    let project = repository();
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "trees"]);
    project.write("platc.yaml", "golden: g2\n");
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    let ran = against(&project);
    let moved = "`golden` is `g2` now, and was `golden` in `HEAD`, where trees still stand";
    assert!(ran.code == 0 && ran.stdout.contains(moved), "{ran}");
    let tree = project.root.join("golden/dev");
    let file = std::fs::read_dir(&tree).unwrap().map(|it| it.unwrap().path()).find(|it| it.is_file()).unwrap();
    std::fs::write(&file, "edited: true\n").unwrap();
    let ran = against(&project);
    let edited = "error[rules/switched-off]: `golden/dev` is not what it was in `HEAD`";
    assert!(ran.code == 1 && ran.stdout.contains(edited), "{ran}");
    std::fs::remove_dir_all(project.root.join("golden")).unwrap();
    assert!(!against(&project).stdout.contains("switched-off"));
}
