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
    let all: Vec<_> = platc::rules::rules().map(|rule| rule.id).collect();
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

/// A rule over several artifacts is told in the one that it names, or else in the first.
#[test]
fn a_rule_says_where() {
    let project = project();
    project.write("templates/a/values.yaml.j2", "port: 80\n");
    project.write("templates/b/values.yaml.j2", "service:\n  port: 8080\n");
    let rule = |at: &str| {
        let text = "id: team/port\nsummary: the ports agree\nmatch: {path: \"*/values.yaml\"}\nscope: all\n\
                    rule: self[0].document.port == self[1].document.service.port\nfieldPath: .service.port\n";
        project.write("schemas/rules/port.yaml", format!("{text}{at}"));
        project.run(&["validate", "prod"]).stdout
    };
    let shown = rule("at: \"**/b/values.yaml\"\n");
    assert!(shown.contains("--> templates/b/values.yaml.j2:2:9"), "{shown}");
    assert!(shown.contains("::: templates/a/values.yaml.j2:1:1"), "{shown}");
    for at in ["", "at: c/values.yaml\n"] {
        let shown = rule(at);
        assert!(shown.contains("--> templates/a/values.yaml.j2:1:1"), "{shown}");
    }
}

#[test]
fn outside_of_a_project_there_are_rules_too() {
    let folder = Project::empty();
    assert_eq!(folder.run(&["rules", "cfn/unresolved-ref"]).code, 0);
}

/// What Kustomize makes of an image is what runs, so a rule of the project judges that as well, and says who made it.
#[test]
fn an_image_is_judged_as_kustomize_leaves_it() {
    let project = project();
    project.write(
        "templates/web/pod.yaml.j2",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: default}\n\
         spec: {containers: [{name: web, image: \"ghcr.io/example/web:1\"}]}\n",
    );
    let judged = |scope: &str, rule: &str, change: &str| {
        let text = format!("id: team/registry\nsummary: ours\nmatch: {{kind: Pod}}\n{scope}rule: {rule}\n");
        project.write("schemas/rules/registry.yaml", text);
        let head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [pod.yaml]\nimages:\n";
        project.write("templates/web/kustomization.yaml.j2", format!("{head}  - {change}\n"));
        project.run(&["validate", "prod"]).stdout
    };
    let each = "self.spec.containers.all(c, c.image.startsWith('ghcr.io/example/'))";
    let all = "self.all(it, it.document.spec.containers.all(c, c.image.startsWith('ghcr.io/example/')))";
    for (scope, rule) in [("", each), ("scope: all\n", all)] {
        let shown = judged(scope, rule, "{name: ghcr.io/example/web, newName: docker.io/evil}");
        assert!(shown.contains("error[team/registry]"), "{shown}");
        assert!(shown.contains("templates/web/kustomization.yaml.j2:5:"), "{shown}");
        let shown = judged(scope, rule, "{name: ghcr.io/example/web, newTag: \"2\"}");
        assert!(!shown.contains("team/registry"), "{shown}");
    }
}
