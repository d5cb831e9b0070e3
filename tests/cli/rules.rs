//! `platc rules`.

use crate::support::Project;
use crate::{check, project};

#[test]
fn rules_are_listed_and_explained() {
    let project = project();
    check(&project, "rules-family", "rules cfn/");
    check(&project, "rules-one", "rules cfn/unresolved-ref");
    check(&project, "rules-fixed", "rules yaml/syntax");
    check(&project, "rules-json", "rules kubernetes/duplicate-object --format json");
    let listed = project.run(&["rules"]).stdout;
    let all: Vec<_> = platc::check::rules().map(|rule| rule.id).collect();
    let shown: Vec<_> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(shown, all);
}

#[test]
fn a_rule_that_does_not_exist() {
    assert_eq!(check(&project(), "rules-unknown", "rules cfn/unresolved-reff").code, 2);
}

#[test]
fn the_project_has_its_say() {
    let project = project();
    project.write("platc.yaml", "rules:\n  cfn/unresolved-ref: off\n  team/two: warning\n");
    project.write(
        "schemas/rules/two.yaml",
        "id: team/two\nsummary: there are two\nexplanation: One is none.\nmatch: {kind: Deployment}\nrule: self.spec.replicas > 1\n",
    );
    check(&project, "rules-own", "rules team/two");
    check(&project, "rules-off", "rules cfn/unresolved-ref --format json");
}

#[test]
fn outside_of_a_project_there_are_rules_too() {
    let folder = Project::empty();
    assert_eq!(folder.run(&["rules", "cfn/unresolved-ref"]).code, 0);
}
