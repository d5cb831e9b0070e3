//! `platc validate`.

use crate::support::Ran;
use crate::{check, git, project, repository};

#[test]
fn fine() {
    let project = project();
    check(&project, "validate-all", "validate");
    check(&project, "validate-one", "validate prod");
    check(&project, "validate-quiet", "validate prod -q");
    check(&project, "validate-json", "validate prod --format json");
    assert!(!project.exists("rendered"));
}

#[test]
fn findings_are_the_result() {
    let project = project();
    project.write("environments/base/base.yaml", "cluster:\n  name: main\n  vresion: \"1.34\"\n  nodes: none\n");
    let ran = check(&project, "validate-findings", "validate");
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("error[") && !ran.stderr.contains("error["));
    check(&project, "validate-findings-json", "validate dev --format json");
    let ran = project.run(&["validate", "--color", "always"]);
    assert!(ran.stdout.contains("\x1b[1m\x1b[91merror"), "{ran}");
}

#[test]
fn warnings_alone_are_no_failure() {
    let project = project();
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster:\n  name: main\n");
    assert_eq!(check(&project, "validate-warning", "validate dev").code, 0);
}

#[test]
fn warnings_fail_where_that_is_asked_for() {
    let warned = project().file("environments/dev/environment.yaml", "extends: [../base]\ncluster: {name: main}\n");
    let ran = warned.run(&["validate", "dev", "--strict"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stdout.contains("warning[merge/redundant]"), "{ran}");
    assert!(ran.stderr.contains("warnings fail with `--strict`") && !ran.stderr.contains("no errors"), "{ran}");
    let fine = project().run(&["validate", "dev", "--strict"]);
    assert_eq!((fine.code, fine.stdout.as_str()), (0, ""), "{fine}");
}

#[test]
fn an_environment_is_no_option() {
    for args in [&["validate", "--env", "prod"][..], &["render", "-e", "prod"], &["diff", "--environment=prod"]] {
        let ran = project().run(args);
        assert_eq!(ran.code, 2, "{ran}");
        assert!(ran.stderr.contains("there is no option `-"), "{ran}");
        assert!(ran.stderr.contains("environments are named without one, as in `platc validate prod`"), "{ran}");
    }
}

#[test]
fn a_finding_shows_how_it_is_acknowledged_to_who_asks() {
    let template = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a, namespace: b}\ndata: {x: TODO}\n";
    let marked = || project().file("templates/map.yaml.j2", template);
    let ran = marked().run(&["validate", "dev", "-v"]);
    let entry = "- {rule: output/placeholder, subject: ConfigMap/b/a, reason: …}";
    assert!(ran.stdout.contains(&format!("to acknowledge it, write below `acknowledge:` `{entry}`")), "{ran}");
    assert!(!marked().run(&["validate", "dev"]).stdout.contains("to acknowledge"), "{ran}");
    let layer = format!("extends: [../base]\nacknowledge:\n  {entry}\n");
    let acknowledged = marked().file("environments/dev/environment.yaml", layer).run(&["validate", "dev"]);
    assert_eq!(acknowledged.code, 0, "{acknowledged}");
}

#[test]
fn environments_that_do_not_exist() {
    let project = project();
    for (name, line) in [
        ("validate-unknown", "validate prdo"),
        ("validate-unknown-path", "validate environments/stagin"),
        ("validate-layer", "validate environments/base"),
        ("validate-far", "validate ../elsewhere"),
    ] {
        assert_eq!(check(&project, name, line).code, 2);
    }
}

#[test]
fn what_is_staged() {
    let project = repository();
    project.write("environments/prod/environment.yaml", "extends: [../base]\ncluster:\n  nmae: x\n");
    assert_eq!(project.run(&["validate", "--staged"]).code, 0);
    git(&project, &["add", "-A"]);
    project.write("environments/prod/environment.yaml", "extends: [../base]\n");
    assert_eq!(check(&project, "validate-staged", "validate --staged").code, 1);
    assert_eq!(project.run(&["validate"]).code, 0);
}

#[test]
fn staged_without_git_is_an_error() {
    let project = project();
    let mut command = project.command(&["validate", "--staged"]);
    // The scratch folder may lie inside a repository.
    command.env("GIT_CEILING_DIRECTORIES", project.root.parent().unwrap());
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 2, "{ran}");
    assert_eq!(crate::hold(&project, "validate-staged-without-git", "validate --staged", ran).stdout, "");
}

/// A cluster whose version takes two steps at once.
fn two_steps(project: &crate::support::Project) {
    let template = |version: &str| {
        format!(
            "Resources:\n  Cluster:\n    Type: AWS::EKS::Cluster\n    Properties:\n      Version: {version}\n      \
             RoleArn: arn:aws:iam::123456789012:role/cluster\n      ResourcesVpcConfig:\n        SubnetIds: \
             [subnet-0123456789abcdef0, subnet-0123456789abcdef1]\n"
        )
    };
    project.write("templates/cluster/template.yaml.j2", template("\"1.33\""));
    assert_eq!(project.run(&["golden", "--accept", "dev"]).code, 0);
    git(project, &["add", "-A"]);
    git(project, &["commit", "-qm", "1.33"]);
    project.write("templates/cluster/template.yaml.j2", template("\"1.35\""));
}

#[test]
fn changes_are_judged_against_what_was() {
    let project = repository();
    two_steps(&project);
    assert_eq!(check(&project, "validate-change", "validate dev").code, 1);
    // Prod has no golden tree, but the commit can be compiled.
    assert_eq!(project.run(&["validate", "prod"]).code, 0);
    assert_eq!(check(&project, "validate-change-revision", "validate prod --against HEAD").code, 1);
    assert_eq!(project.run(&["validate", "--against", "HEAD~1"]).code, 0);
    git(&project, &["add", "-A"]);
    assert_eq!(project.run(&["validate", "dev", "--staged"]).code, 1);
    // What was accepted is said no more, unless somebody asks for what was before.
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    assert_eq!(project.run(&["validate"]).code, 0);
    assert_eq!(project.run(&["validate", "--against", "HEAD"]).code, 1);
}

#[test]
fn changes_against_a_folder() {
    let project = repository();
    two_steps(&project);
    std::fs::rename(project.root.join("golden"), project.root.join("deployed")).unwrap();
    assert_eq!(project.run(&["validate", "dev"]).code, 0);
    assert_eq!(check(&project, "validate-change-folder", "validate dev --against dir:deployed").code, 1);
}

#[test]
fn what_changes_cannot_be_judged_against() {
    let project = repository();
    assert_eq!(check(&project, "validate-against-nothing", "validate --against mian").code, 2);
    assert_eq!(check(&project, "validate-against-environment", "validate --against dev").code, 2);
    project.write("environments/base/base.yaml", "cluster:\n  nmae: main\n");
    git(&project, &["commit", "-qam", "broken"]);
    project.write("environments/base/base.yaml", "cluster:\n  name: main\n  version: \"1.34\"\n");
    assert_eq!(check(&project, "validate-against-broken", "validate prod --against HEAD").code, 2);
}

#[test]
fn overrides_that_change_nothing_are_taken_out() {
    let project = project();
    project.write(
        "environments/base/base.yaml",
        "cluster:\n  name: main\n  version: \"1.34\"\n  labels: {team: a}\n  pools:\n    - name: small\n      size: 1\n",
    );
    // A layer between them: what it says again is needed by none.
    project.write(
        "environments/live/live.yaml",
        "extends: [../base]\ncluster:\n  # We stay here.\n  version: \"1.34\" # until May\n",
    );
    let prod = "# Production.\nextends: [../live]\n\ncluster:\n  version: \"1.35\" # first\n  name: main\n\n  # Who pays.\n  labels:\n    team: a # everybody\n\n  pools:\n    - name: small\n      size: 1\n    - name: large\n      size: 9\n";
    project.write("environments/prod/environment.yaml", prod);
    let before = project.run(&["render", "--stdout"]).stdout;
    assert_eq!(check(&project, "validate-fix", "validate --fix").code, 0);
    assert_eq!(project.run(&["render", "--stdout"]).stdout, before);
    let files = ["environments/live/live.yaml", "environments/prod/environment.yaml"];
    let files: String = files.iter().map(|file| format!("--- {file} ---\n{}", project.read(file))).collect();
    insta::assert_snapshot!("validate-fix-files", files);
    assert_eq!(project.run(&["validate"]).stdout, "");
}

#[test]
fn an_override_that_another_environment_needs_stays() {
    let project = project();
    // What the layer says again is redundant over the base, and not over what `eu` is made of.
    let layer = "cluster:\n  version: \"1.34\"\n";
    project.write("environments/fixed/fixed.yaml", layer);
    project.write("environments/next/next.yaml", "cluster:\n  version: \"1.36\"\n");
    project.write("environments/dev/environment.yaml", "extends: [../base, ../fixed]\n");
    project.write("environments/eu/environment.yaml", "extends: [../base, ../next, ../fixed]\n");
    let ran = project.run(&["validate", "--fix"]);
    // Nobody is told to remove what one of two needs.
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran}");
    assert_eq!(project.read("environments/fixed/fixed.yaml"), layer);
}

/// What a pull request can bring, where the clone is too shallow to know the branch of that name.
#[test]
fn a_folder_of_the_project_is_no_branch_that_is_not_there() {
    let project = repository();
    two_steps(&project);
    for name in ["release", "origin/release"] {
        assert_eq!(project.run(&["render", "--out-dir", name]).code, 0);
        for command in ["validate", "diff"] {
            let ran = project.run(&[command, "prod", "--against", name]);
            let help = format!("help: write `dir:{name}` if you mean the folder");
            assert!(ran.code == 2 && ran.stderr.contains(&help), "{name}: {ran}");
        }
        for path in [format!("dir:{name}"), format!("./{name}"), format!("{name}/")] {
            assert_eq!(project.run(&["validate", "prod", "--against", &path]).code, 0, "{path}");
        }
    }
}

#[test]
fn a_folder_that_does_not_know_the_environment() {
    let project = repository();
    two_steps(&project);
    std::fs::create_dir(project.root.join("empty")).unwrap();
    assert_eq!(check(&project, "validate-against-empty", "validate dev --against dir:empty").code, 2);
    std::fs::rename(project.root.join("golden"), project.root.join("deployed")).unwrap();
    assert_eq!(check(&project, "validate-against-without", "validate prod --against dir:deployed").code, 0);
}

#[test]
fn a_word_that_could_be_two_things_decides_nothing() {
    let project = repository();
    two_steps(&project);
    git(&project, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let id = project.read(".git/refs/heads/main");
    for name in ["main", "origin/main", id.trim(), &id[..12]] {
        assert_eq!(project.run(&["validate", "prod", "--against", name]).code, 1, "{name}");
        // What a pull request can bring: trees as it leaves them, under the name of what it is judged against.
        assert_eq!(project.run(&["render", "--out-dir", name]).code, 0, "{name}");
        let said = project.run(&["validate", "prod", "--against", name]);
        let help = format!("help: write `dir:{name}` or `rev:{name}`");
        assert!(said.code == 2 && said.stderr.contains(&help), "{name}: {said}");
        assert_eq!(project.run(&["validate", "prod", "--against", &format!("rev:{name}")]).code, 1, "{name}");
        assert_eq!(project.run(&["validate", "prod", "--against", &format!("dir:{name}")]).code, 0, "{name}");
    }
    check(&project, "validate-against-two-things", "validate prod --against main");
    project.write("environments/main/environment.yaml", "extends: [../base]\n");
    check(&project, "validate-against-three-things", "validate prod --against main");
    check(&project, "validate-against-environment-by-prefix", "validate prod --against env:main");
    // `golden` is the golden tree, whatever else has that name.
    git(&project, &["branch", "golden"]);
    project.write("environments/golden/environment.yaml", "extends: [../base]\n");
    assert_eq!(project.run(&["validate", "prod", "--against", "golden"]).code, 0);
    assert_eq!(project.run(&["validate", "prod", "--against", "rev:golden"]).code, 1);
    for wrong in ["rev:nope", "dir:nope", "env:nope", "rev:"] {
        assert_eq!(project.run(&["diff", "prod", "--against", wrong]).code, 2, "{wrong}");
    }
}

#[test]
fn a_branch_and_a_tag_of_one_name_decide_nothing() {
    let project = repository();
    two_steps(&project);
    git(&project, &["branch", "stable"]);
    git(&project, &["tag", "stable", "HEAD~1"]);
    git(&project, &["config", "core.warnAmbiguousRefs", "false"]);
    assert_eq!(check(&project, "validate-against-branch-and-tag", "validate prod --against stable").code, 2);
    let against = |what: &str| project.run(&["validate", "prod", "--against", what]).code;
    assert_eq!((against("refs/heads/stable"), against("refs/tags/stable")), (1, 0));
}

#[test]
fn a_folder_is_not_taken_where_git_cannot_say_whether_it_is_a_revision() {
    let project = repository();
    two_steps(&project);
    std::fs::rename(project.root.join("golden"), project.root.join("main")).unwrap();
    let mut command = project.command(&["validate", "prod", "--against", "main"]);
    let ran = Ran::from(command.env("PATH", "/nonexistent").output().unwrap());
    assert_eq!(crate::hold(&project, "validate-against-without-git", "validate prod --against main", ran).code, 2);
}

/// A template that cannot be read stops what takes it in, and nothing else; a part that is broken is not said to be missing.
#[test]
fn a_broken_template_hides_nothing_of_the_others() {
    let project = project()
        .file("templates/_part.j2", "{{ 1 | nofilter }}\n")
        .file("templates/takes.yaml.j2", "a: {% include \"_part.j2\" %}\nb: {{ cluster.hidden }}\n")
        .file("templates/undefined.yaml.j2", "a: {{ cluster.nope }}\n")
        .file("templates/pod.yaml.j2", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec: {containers: [{name: a, image: \"x:latest\"}]}\n")
        .file("templates/map.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {a: -b}}\n");
    let ran = check(&project, "validate-broken-template", "validate prod");
    assert_eq!(ran.code, 1);
    for rule in ["template/unknown-name", "template/undefined", "kubernetes/label", "kubernetes/image-tag"] {
        assert_eq!(ran.stdout.matches(&format!("[{rule}]")).count(), 1, "{rule}: {ran}");
    }
    assert!(!ran.stdout.contains("template/include") && !ran.stdout.contains("hidden"), "{ran}");
    let ran = project.run(&["render"]);
    assert!(ran.code == 1 && !project.exists("rendered"), "nothing is written: {ran}");
    // It could be what names an image otherwise.
    project.write("templates/kustomization.yaml.j2", "images: {{ 1 | nofilter }}\n");
    assert!(!project.run(&["validate", "prod"]).stdout.contains("kubernetes/image-tag"));
}

/// What a wrong value made is not judged, and all else is.
#[test]
fn a_wrong_value_hides_nothing_that_does_not_read_it() {
    let map = |label: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, labels: {{a: {label}}}}}\n");
    let project = project()
        .file("templates/own.yaml.j2", map("-a"))
        .file("templates/reads.yaml.j2", map("\"-{{ cluster.nodes }}\""))
        .file("templates/name.yaml.j2", map("\"-{{ cluster.name }}\""))
        .file("templates/whole.yaml.j2", format!("{}data: {{{{ cluster }}}}\n", map("-b")))
        .file("templates/asks.yaml.j2", format!("{}data: {{{{ cluster.labels.x }}}}\n", map("-c")));
    for (wrong, hidden) in [
        ("cluster:\n  nodes: three\n", &["reads.yaml"][..]),
        ("cluster:\n  lables: {x: a}\n", &["asks.yaml"]),
        ("cluster:\n  version: null\n", &["cluster.yaml"]),
        // What is wrong in a layer, and so no part of the environment.
        ("cluster:\n  nodes: null\n", &["reads.yaml"]),
        ("cluster:\n  nodes:\n", &["reads.yaml"]),
        ("cluster:\n  nodes: !x 3\n", &["reads.yaml"]),
        ("cluster:\n  labels: {$patch: sort}\n", &["asks.yaml"]),
        ("acknowledge: [{rule: kubernetes/image-tag}]\ncluster: {nodes: three}\n", &["reads.yaml"]),
    ] {
        project.write("environments/prod/environment.yaml", format!("extends: [../base]\n{wrong}"));
        let ran = project.run(&["validate", "prod", "--format", "json"]);
        assert_eq!(ran.code, 1, "{ran}");
        let seen = |file: &str| ran.stdout.contains(&format!("\"templates/{file}.j2\""));
        assert!(seen("own.yaml") && seen("name.yaml"), "{wrong}: {ran}");
        for hidden in hidden.iter().chain(&["whole.yaml"]) {
            assert!(!seen(hidden), "{wrong}, {hidden}: {ran}");
        }
        assert!(!project.run(&["render", "prod"]).stderr.contains("rendered prod"));
    }
}

/// What is judged does not choose what it is judged by.
#[test]
fn a_rule_that_a_change_switches_off_is_named() {
    let rule = |id: &str, severity: &str| {
        format!("id: {id}\nseverity: {severity}\nsummary: a rule\nmatch: {{path: '*.yaml'}}\nrule: 'true'\n")
    };
    let project = repository();
    project.write("schemas/rules/one.yaml", rule("team/one", "error"));
    project.write("schemas/rules/two.yaml", rule("team/two", "error"));
    project.write("platc.yaml", "rules:\n  merge/redundant: error\n  kubernetes/image-tag: off\n");
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "rules"]);
    let against = || project.run(&["validate", "--against", "rev:HEAD"]);
    let what_is_as_strict_as_before = against();
    assert!(!what_is_as_strict_as_before.stdout.contains("switched-off"), "{what_is_as_strict_as_before}");
    std::fs::remove_file(project.root.join("schemas/rules/one.yaml")).unwrap();
    project.write("schemas/rules/two.yaml", rule("team/two", "warning"));
    let settings =
        "rules:\n  kubernetes/name: off\n  kubernetes/image-tag: error\n  rules/switched-off: off\nmaterial: [docs/]\n";
    project.write("platc.yaml", settings);
    let ran = against();
    for said in [
        "the rule `team/one` is gone, and was there in `HEAD`",
        "the rule `team/two` is `warning` now, and was `error`",
        "the rule `kubernetes/name` is `off` now, and was `error`",
        "the rule `merge/redundant` is `warning` now, and was `error`",
        "the rule `rules/switched-off` is `off` now, and was `warning`",
        "`docs` is material now, and was not in `HEAD`",
        "warning[rules/switched-off]",
        "platc.yaml:2:3",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {ran}");
    }
    assert!(ran.stdout.matches("[rules/switched-off]").count() == 6 && !ran.stdout.contains("image-tag"), "{ran}");
    assert!(!project.run(&["validate"]).stdout.contains("switched-off"));
}

/// A change takes a check out of a schema together with what it refused: values are judged by the schemas of before, too.
#[test]
fn what_a_schema_refused_before_is_named() {
    let deployment = |field: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: web}}\nspec:\n  {field}: 3\n  \
             selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec: \
             {{containers: [{{name: web, image: 'example.org/web:1'}}]}}\n"
        )
    };
    let queue = |size: u32| {
        format!(
            "apiVersion: example.org/v1\nkind: Queue\nmetadata: {{name: q, namespace: web}}\nspec: {{size: {size}}}\n"
        )
    };
    let project = repository();
    project.write("templates/web.yaml.j2", deployment("replicas"));
    project.write("templates/queue.yaml.j2", queue(3));
    let kind = "type: object\nproperties:\n  spec: {type: object, properties: {size: {type: integer, maximum: 5}}}\n";
    let crd = "schemas/kubernetes/example.org/Queue_v1.yaml";
    project.write(crd, kind);
    let rule = |text: &str| {
        format!(
            "id: team/name\nsummary: a name\nmatch: {{kind: Queue}}\nrule: {text}\nmessage: the queue is too large\n"
        )
    };
    project.write("schemas/rules/name.yaml", rule("self.spec.size < 5"));
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "schemas"]);
    let against = || project.run(&["validate", "--against", "rev:HEAD"]);
    let is_quiet = |ran: &Ran| assert!(!ran.stdout.contains("switched-off"), "{ran}");
    is_quiet(&against());

    // The schema of environments refuses less, and a value uses it.
    let schema = "schemas/environment.schema.yaml";
    let strict = project.read(schema);
    let one = strict.replace("minimum: 1", "minimum: 0");
    assert_ne!(one, strict);
    project.write(schema, &one);
    let layer = "environments/dev/environment.yaml";
    let before = project.read(layer);
    let ran = against();
    let said = |ran: &Ran, code: i32, words: &[&str]| {
        assert_eq!(ran.code, code, "{ran}");
        for words in words {
            assert!(ran.stdout.contains(words), "{words}: {ran}");
        }
    };
    let told = |ran: &Ran, words: &[&str]| said(ran, 0, words);
    told(&ran, &["`schemas/environment.schema.yaml` refuses less than in `HEAD`: `minimum` of `cluster.nodes`"]);
    project.write(layer, "extends: [../base]\ncluster:\n  nodes: 0\n");
    let ran = against();
    told(&ran, &["warning[rules/switched-off]", "says `schemas/environment.schema.yaml` of `HEAD`", "nodes: 0"]);
    assert_eq!(project.run(&["validate", "--against", "rev:HEAD", "--strict"]).code, 1);
    is_quiet(&project.run(&["validate"]));
    // A key that the schema names now is no less strict.
    project.write(schema, strict.replace("nodes: {", "spare: {type: boolean}\n      nodes: {"));
    project.write(layer, "extends: [../base]\ncluster:\n  spare: true\n");
    project.write("templates/spare.yaml.j2", "a: {{ cluster.spare | default(false) }}\n");
    is_quiet(&against());
    project.write(schema, &strict);
    project.write(layer, &before);
    std::fs::remove_file(project.root.join("templates/spare.yaml.j2")).unwrap();

    // One that takes all comes in the place of the table of Kubernetes.
    let takes_all = "type: object\nx-kubernetes-preserve-unknown-fields: true\n";
    project.write("schemas/kubernetes/apps/Deployment_v1.yaml", takes_all);
    told(&against(), &["`schemas/kubernetes/apps/Deployment_v1.yaml` judges this, and the table of Kubernetes did"]);
    project.write("templates/web.yaml.j2", deployment("replica"));
    told(&against(), &["has no field `spec.replica`, says the table of Kubernetes of `HEAD`"]);
    std::fs::remove_dir_all(project.root.join("schemas/kubernetes/apps")).unwrap();
    project.write("templates/web.yaml.j2", deployment("replicas"));
    is_quiet(&against());

    // One that was imported is gone, or has less in it.
    project.write("templates/queue.yaml.j2", queue(9));
    project.write(crd, kind.replace(", maximum: 5", ""));
    project.write("schemas/rules/name.yaml", rule("'true'"));
    // What a rule of the project refused is refused still.
    said(
        &against(),
        1,
        &[
            "`schemas/kubernetes/example.org/Queue_v1.yaml` refuses less than in `HEAD`: `maximum` of `spec.size`",
            "says `schemas/kubernetes/example.org/Queue_v1.yaml` of `HEAD`",
            "error[rules/switched-off]: the queue is too large, says the rule `team/name` of `HEAD`",
            "the rule `team/name` says something else than in `HEAD`",
        ],
    );
    std::fs::remove_file(project.root.join(crd)).unwrap();
    let gone = "`schemas/kubernetes/example.org/Queue_v1.yaml` is gone, and judged this in `HEAD`";
    said(&against(), 1, &[gone]);
}

/// An environment that is gone is judged by nothing.
#[test]
fn an_environment_that_is_gone_is_named() {
    let project = repository();
    std::fs::remove_dir_all(project.root.join("environments/dev")).unwrap();
    let ran = project.run(&["validate", "--against", "rev:HEAD"]);
    assert!(ran.stdout.contains("the environment `dev` is gone, and was there in `HEAD`"), "{ran}");
    let ran = project.run(&["diff", "--against", "rev:HEAD"]);
    assert!(ran.code == 1 && ran.stderr.contains("`HEAD:rendered/dev` belongs to no environment"), "{ran}");
    // Who asks of one environment is told of that one.
    let ran = project.run(&["diff", "prod", "--against", "rev:HEAD"]);
    assert!(ran.code == 0 && !ran.stderr.contains("dev"), "{ran}");
}

/// A pull request that renames an environment, or says that its trees are elsewhere, is judged all the same.
#[test]
fn another_name_or_another_folder_hides_no_change() {
    let against = |project: &crate::support::Project, what: &str| project.run(&["validate", "--against", what]);
    let rename = |project: &crate::support::Project, from: &str, to: &str| {
        std::fs::create_dir_all(project.root.join(to).parent().unwrap()).unwrap();
        std::fs::rename(project.root.join(from), project.root.join(to)).unwrap();
    };
    let project = repository();
    two_steps(&project);
    // The revision's own settings say where it kept what.
    project.write("platc.yaml", "output: elsewhere\ngolden: other\n");
    assert_eq!(against(&project, "rev:main").code, 1);
    project.write("platc.yaml", "");
    rename(&project, "environments/dev", "environments/eu/development");
    let base = project.read("environments/eu/development/environment.yaml").replace("../base", "../../base");
    project.write("environments/eu/development/environment.yaml", base);
    for (what, was) in [("rev:main", "main:rendered/dev/"), ("golden", "golden/dev/")] {
        let ran = project.run(&["validate", "eu/development", "--against", what]);
        assert!(ran.code == 1 && ran.stdout.contains(was), "{what}: {ran}");
    }
    // Nothing of the old tree is where it was: nobody knows which one it is.
    for template in ["cluster", "cluster/template"] {
        let path = format!("templates/{template}.yaml.j2");
        rename(&project, &path, &format!("templates/new/{template}.yaml.j2"));
    }
    let ran = check(&project, "validate-against-renamed", "validate eu/development --against rev:main");
    assert!(ran.stdout.contains("[project/nothing-before]"), "{ran}");
    // One that is new beside the others says so, and no more.
    let project = repository();
    two_steps(&project);
    project.write("environments/new/environment.yaml", "extends: [../base]\n");
    let ran = project.run(&["validate", "new", "--against", "rev:main"]);
    assert!(ran.code == 0 && ran.stdout.is_empty() && ran.stderr.contains("no change is judged"), "{ran}");
    assert_eq!(project.run(&["validate", "new"]).stdout, "");
}

#[test]
fn what_is_required_says_which_map_lacks_it_and_hashes_take_long_files() {
    let project = project()
        .file("templates/owner.yaml.j2", "owner: {{ required(cluster.owner, \"who owns it?\") }}\n")
        .file("templates/long.txt", "a\n".repeat(200_000))
        .file(
            "templates/long.yaml.j2",
            "sum: {{ sha256(file(\"long.txt\")) }}\nsame: {{ file(\"long.txt\") | sha256 }}\n",
        );
    let ran = check(&project, "validate-required", "validate prod");
    assert_eq!(ran.code, 1);
    let owned = project.run(&["render", "prod", "--stdout", "--only", "*.yaml", "--set", "cluster.'owner'=me"]);
    assert!(owned.code == 0 && owned.stdout.contains("owner: me"), "{owned}");
    let sum = "f5dcdd9e4fda5863d4405ef5858f41d8a119a68539ef313ec62bb77abce38b90";
    assert_eq!(owned.stdout.matches(sum).count(), 2, "{owned}");
}

/// A secret in an environment, and the same one in a template: one is not the other.
#[test]
fn a_secret_that_is_written_twice_is_told_of_twice() {
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let project = project();
    project.write(
        "environments/prod/environment.yaml",
        format!("extends: [../base]\ncluster:\n  labels: {{a: {secret}}}\n"),
    );
    project.write("templates/labels.yaml.j2", "a: {{ cluster.labels.a }}\n");
    let told = |project: &crate::support::Project| {
        let ran = project.run(&["validate", "prod"]);
        ran.stdout.matches("[secret/literal]").count()
    };
    assert_eq!(told(&project), 1);
    project.write("templates/other.yaml.j2", format!("b: {secret}\n"));
    assert!(told(&project) >= 2);
}

/// The list of what platc wrote is shortened, and the template goes: what it made was there all the same.
#[test]
fn a_shorter_list_hides_no_loss() {
    let table = "Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: Delete\n    UpdateReplacePolicy: Delete\n    Properties: {BillingMode: PAY_PER_REQUEST, KeySchema: [{AttributeName: a, KeyType: HASH}], AttributeDefinitions: [{AttributeName: a, AttributeType: S}]}\n  Topic: {Type: 'AWS::SNS::Topic'}\n";
    let project = project().file("templates/data/template.yaml.j2", table);
    assert_eq!(project.run(&["golden", "--accept", "prod"]).code, 0);
    project.write("templates/data/template.yaml.j2", "Resources:\n  Topic: {Type: 'AWS::SNS::Topic'}\n");
    let lost = |project: &crate::support::Project| {
        let ran = project.run(&["validate", "prod"]);
        (ran.stdout.contains("[change/"), format!("{ran}"))
    };
    assert!(lost(&project).0, "{}", lost(&project).1);
    std::fs::remove_file(project.root.join("templates/data/template.yaml.j2")).unwrap();
    let whole = lost(&project);
    let list = project.read("golden/prod/.platc/manifest");
    let short: String =
        list.lines().filter(|line| !line.starts_with("data/")).map(|line| format!("{line}\n")).collect();
    project.write("golden/prod/.platc/manifest", short);
    assert_eq!(lost(&project).0, whole.0, "{}", lost(&project).1);
    assert!(whole.0, "{}", whole.1);
}

/// What is too large for a template may be a file that is copied.
#[test]
fn a_template_that_is_too_large_is_told_of_copies() {
    let project = project();
    let rows: String = (0..200_000).map(|row| format!("row-{row}: value\n")).collect();
    project.write("templates/rows.yaml.j2", &rows);
    let ran = project.run(&["validate"]);
    assert!(ran.stdout.contains("rename it to `templates/rows.yaml`: it is then copied as it is"), "{ran}");
    std::fs::remove_file(project.root.join("templates/rows.yaml.j2")).unwrap();
    project.write("templates/rows.yaml", &rows);
    let ran = project.run(&["validate"]);
    assert!(ran.code == 0, "{ran}");
}
