//! Small projects that ask for work without end: each comes to one clear finding, the same with any number of threads.
//! What is counted are steps and bytes, so nothing here looks at a clock.

mod support;

use support::Project;

/// A project with a schema, one environment and one template.
fn project(schema: &str, environment: &str, template: &str) -> Project {
    Project::empty()
        .file("platc.yaml", "schema: schemas/s.yaml\n")
        .file("schemas/s.yaml", schema)
        .file("environments/dev/environment.yaml", environment)
        .file("templates/a.yaml.j2", template)
}

/// What is said of an account that is over: the line of most, and its label.
fn over(project: &Project) -> String {
    let ran = project.run(&["validate"]);
    assert_eq!(ran.code, 1, "{ran}");
    let text = ran.stdout + &ran.stderr;
    assert_eq!(text.matches("error[").count(), 1, "{text}");
    assert!(text.contains("error[project/over-budget]"), "{text}");
    assert!(text.contains("  = help: "), "{text}");
    let (_, error) = text.split_once("error[").unwrap_or_default();
    let place = error.lines().find(|line| line.contains("--> ")).unwrap_or_default().trim();
    let label = text.lines().find_map(|line| line.split_once(" % went into ")).map_or("", |(_, what)| what);
    format!("{place}: {label}")
}

#[test]
fn schemas_that_double() {
    let mut schema = String::from("type: object\nproperties: {a: {$ref: '#/$defs/d0'}}\n$defs:\n");
    for at in 0..24 {
        let next = format!("{{$ref: '#/$defs/d{}'}}", at + 1);
        schema += &format!("  d{at}: {{allOf: [{next}, {next}]}}\n");
    }
    let wrong = project(&format!("{schema}  d24: {{type: string}}\n"), "a: 1\n", "a: 1\n");
    assert_eq!(over(&wrong), "--> schemas/s.yaml:1:1: judging by this schema");
}

#[test]
fn an_enumeration_as_long_as_the_list_that_it_judges() {
    let options: Vec<String> = (0..8_000).map(|at| format!("abcdefgh{at}")).collect();
    let schema =
        format!("type: object\nproperties: {{l: {{type: array, items: {{enum: [{}]}}}}}}\n", options.join(", "));
    let items: String = (0..8_000).map(|at| format!("- abcdexgh{at}\n")).collect();
    let project = project(&schema, &format!("l:\n{items}"), "a: 1\n");
    assert_eq!(over(&project), "--> schemas/s.yaml:1:1: judging by this schema");
}

#[test]
fn alternatives_of_which_none_fits() {
    let schema = format!(
        "type: object\nproperties: {{l: {{type: array, items: {{anyOf: [{}]}}}}}}\n",
        "{const: 1}, ".repeat(300).trim_end_matches(", ")
    );
    let project = project(&schema, &format!("l:\n{}", "- {a: b}\n".repeat(1_500)), "a: 1\n");
    assert_eq!(over(&project), "--> schemas/s.yaml:1:1: judging by this schema");
}

#[test]
fn schemas_that_are_built_for_each_reference() {
    let mut schema = String::from("type: object\nproperties: {a: {$ref: '#/$defs/d0'}}\n$defs:\n");
    for at in 0..22 {
        let next = format!("{{$ref: '#/$defs/d{}'}}", at + 1);
        schema += &format!("  d{at}: {{anyOf: [{next}, {next}], unevaluatedProperties: false}}\n");
    }
    // The last refuses at once, so that judging takes no time and only building the judge would.
    let schema = format!("{schema}  d22: false\n").replace("  d0: {", "  d0: {minProperties: 9, ");
    let wrong = project(&schema, "a: {b: 1}\n", "a: 1\n");
    assert_eq!(over(&wrong), "--> schemas/s.yaml:1:1: judging by this schema");
}

#[test]
fn patterns_for_each_of_many_keys() {
    let patterns: String = (0..300).map(|at| format!("      '^x{at}[a-z]*$': {{type: integer}}\n")).collect();
    let schema = format!("type: object\nproperties:\n  m:\n    type: object\n    patternProperties:\n{patterns}");
    let keys: String = (0..3_000).map(|at| format!("  k{at}: 1\n")).collect();
    let project = project(&schema, &format!("m:\n{keys}"), "a: 1\n");
    assert_eq!(over(&project), "--> schemas/s.yaml:1:1: judging by this schema");
}

/// So large that it would take minutes if a pattern cost next to nothing.
#[test]
fn patterns_for_each_of_very_many_keys() {
    let patterns: String = (0..5_000).map(|at| format!("      'k.*{at}z': {{type: integer}}\n")).collect();
    let schema = format!("type: object\nproperties:\n  m:\n    type: object\n    patternProperties:\n{patterns}");
    let keys: String = (0..9_000).map(|at| format!("  k{at}: 1\n")).collect();
    let layers = project(&schema, &format!("m:\n{keys}"), "a: 1\n");
    assert_eq!(over(&layers), "--> schemas/s.yaml:1:1: judging by this schema");
}

/// One whose parts may all be empty is in all of its copies at once.
#[test]
fn a_pattern_of_many_copies_on_each_item() {
    let pattern = "(k|kk|kkk){1,200}(k?){100}z";
    let items = format!("l:\n{}", format!("- {}\n", "k".repeat(190)).repeat(500));
    let schema = |words: &str| format!("type: object\nproperties:\n  l:\n    type: array\n    items:\n{words}");
    let of_schema = project(&schema(&format!("      pattern: '{pattern}'\n")), &items, "a: 1\n");
    assert_eq!(over(&of_schema), "--> schemas/s.yaml:1:1: judging by this schema");
    let rule =
        format!("      type: string\n      x-kubernetes-validations: [{{rule: \"!self.matches('{pattern}')\"}}]\n");
    assert!(over(&project(&schema(&rule), &items, "a: 1\n")).ends_with(": this rule of the schema"));
}

/// A class of Unicode is compiled once more for each repetition, long before the pattern is tried on anything.
#[test]
fn a_pattern_that_takes_long_to_compile() {
    let schema = "type: object\nproperties: {a: {pattern: '(\\pL{200}|a){90}'}}\n";
    let ran = project(schema, "a: b\n", "a: {{ a }}\n").run(&["validate"]);
    assert!(ran.code == 1 && ran.stdout.contains("schema/too-complex"), "{ran}");
    let rule = "rule: |\n      self.l.all(x, 'abc'.matches(r'\\pL{60}' + x) || true)";
    let schema = format!("type: object\nx-kubernetes-validations:\n  - {rule}\n");
    let items: String = (0..50).map(|at| format!("- x{at}\n")).collect();
    let ran = project(&schema, &format!("l:\n{items}"), "a: {{ l }}\n").run(&["validate"]);
    assert!(ran.code == 1 && ran.stdout.contains("takes too long"), "{ran}");
}

#[test]
fn an_enumeration_of_which_the_last_is_meant() {
    let options: Vec<String> = (0..4_000).map(|at| format!("abcdefgh{at}")).collect();
    let schema =
        format!("type: object\nproperties: {{l: {{type: array, items: {{enum: [{}]}}}}}}\n", options.join(", "));
    // Texts are looked up.
    let texts = project(&schema, &format!("l:\n{}", "- abcdefgh3999\n".repeat(8_000)), "a: {{ l }}\n");
    assert_eq!(texts.run(&["validate"]).code, 0);
    let options: Vec<String> = (0..4_000).map(|at| format!("{{a: {at}}}")).collect();
    let schema =
        format!("type: object\nproperties: {{l: {{type: array, items: {{enum: [{}]}}}}}}\n", options.join(", "));
    let maps = project(&schema, &format!("l:\n{}", "- {a: 3999}\n".repeat(8_000)), "a: 1\n");
    assert_eq!(over(&maps), "--> schemas/s.yaml:1:1: judging by this schema");
}

#[test]
fn maps_without_number_that_are_compared() {
    let items: String = (0..12_000).map(|at| format!("- {{name: item-{at}, size: {at}}}\n")).collect();
    let project = project("type: object\n", &format!("l:\n{items}"), "a: {{ l | unique | length }}\n");
    let ran = project.run(&["validate"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!((ran.stdout + &ran.stderr).contains("this template works on more values than an artifact could ever need"));
}

#[test]
fn places_that_combine_much_at_each_step() {
    let mut schema = String::from("type: object\nproperties: {a: {$ref: '#/$defs/n'}}\n$defs:\n  n:\n");
    schema += "    allOf: [{$ref: '#/$defs/d0'}]\n    properties:\n";
    schema += &(0..500).map(|at| format!("      k{at}: {{$ref: '#/$defs/n'}}\n")).collect::<String>();
    for at in 0..11 {
        let next = format!("{{$ref: '#/$defs/d{}'}}", at + 1);
        schema += &format!("  d{at}: {{allOf: [{next}, {next}]}}\n");
    }
    let value = (0..5).fold("{}".to_owned(), |value, _| format!("{{k0: {value}, k1: {value}}}"));
    let project = project(&format!("{schema}  d11: {{type: object}}\n"), &format!("a: {value}\n"), "a: 1\n");
    assert_eq!(over(&project), "--> schemas/s.yaml:1:1: judging by this schema");
}

#[test]
fn patterns_that_are_too_large() {
    let patterns: String = (0..30).map(|at| format!("  k{at}: {{pattern: 'k{at}(a{{300}}){{300}}'}}\n")).collect();
    let schema = format!("type: object\nproperties:\n{patterns}");
    let ran = project(&schema, "k0: a\n", "a: 1\n").run(&["validate"]);
    assert_eq!(ran.code, 1, "{ran}");
    let said = ran.stdout + &ran.stderr;
    assert!(said.contains("this pattern and those before it are larger than can be compiled"), "{said}");
    assert!(said.contains("--> schemas/s.yaml:25:18"), "{said}");
}

#[test]
fn a_loop_in_each_of_many_files() {
    let template = "{#- platc\nfor_each: i in range(4000)\noutput: x{{ i }}.yaml\n-#}\n\
                    {% for x in range(90000) %}{% endfor %}\na: 1\n";
    let project = project("type: object\n", "a: 1\n", template);
    assert_eq!(over(&project), "--> templates/a.yaml.j2:1:1: this template");
}

#[test]
fn patterns_of_material_for_each_of_many_files() {
    let template = "{#- platc\nfor_each: i in range(400)\noutput: a/a/b/a/b/a/b/a/b/{{ i }}.yaml\n-#}\na: {{ i }}\n";
    let project = project("type: object\n", "a: 1\n", template);
    let patterns: String = (0..6000).map(|at| format!("- \"**/a*/**/b*/**/c{at}*\"\n")).collect();
    project.write("platc.yaml", &format!("schema: schemas/s.yaml\nmaterial:\n{patterns}"));
    assert!(over(&project).starts_with("--> platc.yaml:"), "{}", over(&project));
}

#[test]
fn filters_over_a_long_list() {
    let items: String = (0..2_000).map(|at| format!("- x{at}\n")).collect();
    let template = "{#- platc\nfor_each: i in range(4000)\noutput: x{{ i }}.yaml\n-#}\n\
                    {% for x in range(20) %}{% set y = l | sort | first %}{% endfor %}\na: 1\n";
    let project = project("type: object\n", &format!("l:\n{items}"), template);
    assert_eq!(over(&project), "--> templates/a.yaml.j2:1:1: this template");
}

#[test]
fn rules_of_a_schema_on_each_item() {
    let mut schema = String::from(
        "type: object\nproperties:\n  l:\n    type: array\n    items:\n      type: object\n      \
         properties: {n: {type: array, items: {type: integer}}}\n      x-kubernetes-validations:\n",
    );
    for at in 0..5 {
        schema += &format!("      - rule: self.n.map(x, self.n.exists(y, y == x + {at})).size() >= 0\n");
    }
    let numbers: Vec<String> = (0..30).map(|at| at.to_string()).collect();
    let environment = format!("l:\n{}", format!("- n: [{}]\n", numbers.join(", ")).repeat(1_000));
    assert!(over(&project(&schema, &environment, "a: 1\n")).ends_with(": this rule of the schema"));
}

#[test]
fn rules_of_the_project_on_each_document() {
    let template = "{#- platc\nfor_each: i in range(500)\noutput: x{{ i }}.yaml\n-#}\nl: {{ range(60) | list }}\n";
    let mut project = project("type: object\n", "a: 1\n", template);
    for at in 0..100 {
        let rule = format!(
            "id: own/r{at}\nsummary: s\nmatch: {{path: '**'}}\n\
             rule: self.l.map(x, self.l.exists(y, y == x + {at})).size() >= 0\nmessage: m\n"
        );
        project = project.file(&format!("schemas/rules/r{at}.yaml"), rule);
    }
    assert!(over(&project).ends_with(": this rule"));
}

#[test]
fn findings_without_number_are_counted() {
    let limits: String = (0..100).map(|at| format!("      - {{type: string, minLength: {}}}\n", at + 5)).collect();
    let schema = format!("type: object\nproperties:\n  l:\n    type: array\n    items:\n      allOf:\n{limits}");
    let ran = project(&schema, &format!("l:\n{}", "- a\n".repeat(100)), "a: 1\n").run(&["validate"]);
    assert_eq!(ran.code, 1);
    assert!(
        (ran.stdout.clone() + &ran.stderr).contains("the schema finds 1000 mistakes and 9000 more, which are not told")
    );
    assert!(ran.stdout.len() + ran.stderr.len() < 1 << 19);
}

#[test]
fn rules_that_nobody_knows_are_counted() {
    let rules: String = (0..3_000).map(|at| format!("  kubernetes/no-such-{at}: \"off\"\n")).collect();
    let project = project("type: object\n", "a: 1\n", "a: 1\n");
    project.write("platc.yaml", format!("schema: schemas/s.yaml\nrules:\n{rules}"));
    let ran = project.run(&["validate", "-v"]);
    assert_eq!(ran.code, 1);
    assert!(
        (ran.stdout.clone() + &ran.stderr)
            .contains("`project/unknown-rule` is broken 1,000 times and 2,000 more, which are not told")
    );
}

#[test]
fn the_first_environment_that_costs_too_much_is_told() {
    let template = "{#- platc\nwhen: heavy\nfor_each: i in range(4000)\noutput: x{{ i }}.yaml\n-#}\n\
                    {% for x in range(90000) %}{% endfor %}\na: 1\n";
    let mut project = project("type: object\n", "heavy: false\n", template).file("templates/b.yaml.j2", "b: 1\n");
    for at in 1..6 {
        project = project.file(&format!("environments/e{at}/environment.yaml"), format!("heavy: {}\n", at > 2));
    }
    let said = over(&project);
    assert_eq!(said, "--> templates/a.yaml.j2:1:1: this template");
    let (one, many) = (project.run(&["validate", "-j1"]), project.run(&["validate", "-j8"]));
    assert!(one.stdout.contains("the environment `e3` needs more work"));
    assert_eq!((one.code, one.stdout, one.stderr), (many.code, many.stdout, many.stderr));
}

/// A run must come to the same with any number of threads.
fn same_with_any_threads(project: &Project) -> String {
    let run = |jobs: &str| {
        let ran = project.run(&["validate", jobs]);
        (ran.code, ran.stdout, ran.stderr)
    };
    let one = run("-j1");
    for jobs in ["-j2", "-j4"] {
        assert_eq!(one, run(jobs), "{jobs}");
    }
    format!("{}: {}{}", one.0, one.1, one.2)
}

#[test]
fn a_fleet_whose_sum_is_over() {
    let template = "{#- platc\nfor_each: i in range(6)\noutput: x{{ i }}.yaml\n-#}\n\
                    {% for x in range(90000) %}{% endfor %}\na: 1\n";
    let mut fleet = project("type: object\n", "a: 1\n", template);
    for at in 1..9 {
        fleet = fleet.file(&format!("environments/e{at:02}/environment.yaml"), "a: 1\n");
    }
    let said = same_with_any_threads(&fleet);
    assert!(said.starts_with("1: error[project/over-budget]: 7 environments need more work together"), "{said}");
    assert!(said.contains("--> environments/dev/environment.yaml:1:1"), "{said}");
    assert!(said.contains("% went into `dev`"), "{said}");
    // Each of them may do as much by itself.
    let alone = fleet.run(&["validate", "e07"]);
    assert_eq!(alone.code, 0, "{alone}");
}

/// Layers whose aliases repeat much, each under an environment of its own.
fn layers_of_aliases(count: usize) -> Project {
    let mut project = project("type: object\n", "a: 1\n", "a: 1\n");
    let layer = format!("x: &x [{}a]\nz: [{}*x]\n", "a, ".repeat(99), "*x, ".repeat(90));
    for at in 0..count {
        project = project
            .file(&format!("environments/_layers/l{at:02}.yaml"), &layer)
            .file(&format!("environments/e{at:02}/environment.yaml"), format!("extends: [../_layers/l{at:02}.yaml]\n"));
    }
    project
}

#[test]
fn layers_that_are_dear_together() {
    let project = layers_of_aliases(20);
    let said = same_with_any_threads(&project);
    assert!(said.starts_with("1: error[project/over-budget]: what all environments share needs more memory"), "{said}");
    assert_eq!(said.matches("error[").count(), 1, "{said}");
    assert!(said.contains("--> environments/_layers/l"), "{said}");
}

#[test]
fn what_is_read_last_counts_for_what_was_read_before() {
    let large = format!("k: [{}x]\n", format!("{}, ", "x".repeat(1_000)).repeat(400));
    let project = layers_of_aliases(20)
        .file("environments/_layers/zz.yaml", large)
        .file("environments/zz/environment.yaml", "extends: [../_layers/zz.yaml]\n");
    assert!(same_with_any_threads(&project).starts_with("0: "));
}

#[test]
fn what_is_long_and_honest_passes() {
    let items: String = (0..5_000).map(|at| format!("- {{name: item-{at}, size: {at}}}\n")).collect();
    let schema = "type: object\nproperties:\n  l:\n    type: array\n    items:\n      type: object\n      \
                  required: [name]\n      properties: {name: {type: string}, size: {type: integer}}\n      \
                  x-kubernetes-validations:\n      - {rule: self.size >= 0}\n";
    let template = "items:\n{% for item in l %}\n  - {{ item.name }}\n{% endfor %}\n";
    let ran = project(schema, &format!("l:\n{items}"), template).run(&["validate"]);
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn layers_that_all_override_the_same() {
    let mut project = project("type: object\n", "", "a: 1\n");
    let mut extends = String::from("extends:\n");
    for layer in 0..300 {
        let keys: String = (0..150).map(|key| format!("k{key}: {layer}\n")).collect();
        project = project.file(&format!("environments/_layers/l{layer}.yaml"), keys);
        extends += &format!("- ../_layers/l{layer}.yaml\n");
    }
    project.write("environments/dev/environment.yaml", extends);
    assert!(over(&project).starts_with("--> environments/_layers/l"));
}

#[test]
fn schemas_of_resources_that_double() {
    let mut schema = String::from("type: object\nproperties: {BucketName: {$ref: '#/$defs/d0'}}\n$defs:\n");
    for at in 0..30 {
        let next = format!("{{$ref: '#/$defs/d{}'}}", at + 1);
        schema += &format!("  d{at}: {{allOf: [{next}, {next}]}}\n");
    }
    let template = "{#- platc\ntarget: cloudformation\n-#}\nResources:\n  Logs:\n    Type: AWS::S3::Bucket\n    \
                    Properties: {BucketName: acme-logs}\n";
    let project = project("type: object\n", "a: 1\n", template)
        .file("schemas/cloudformation/AWS-S3-Bucket.yaml", format!("{schema}  d30: {{type: string}}\n"));
    assert_eq!(over(&project), "--> templates/a.yaml.j2:1:1: judging by this schema");
}

/// Rules of CloudFormation look for another resource to each.
#[test]
fn resources_without_number() {
    let ring = "Resources:\n{% for i in range(6000) %}\n  A{{ i }}:\n    Type: AWS::EC2::Subnet\n    Properties: {VpcId: !Ref A{{ \
                (i + 1) % 6000 }}, CidrBlock: 10.0.0.0/16}\n{% endfor %}\n";
    let wrong = project("type: object\n", "a: 1\n", ring);
    assert_eq!(over(&wrong), "--> templates/a.yaml.j2:1:1: checking and writing what this template makes");
}

/// Who asks where something comes from is told the same.
#[test]
fn questions_about_rounds_without_number() {
    let rounds = "{#- platc\nfor_each: i in range(9000)\noutput: a.yaml\n-#}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: \
                  \"a{{ i }}\", namespace: web}\ndata: {a: \"1\"}\n";
    let wrong = project("type: object\n", "a: 1\n", rounds);
    let label = over(&wrong);
    for question in [&["why", "dev:a.yaml:3"][..], &["explain", "dev", "a"], &["explain", "dev", "**"]] {
        let ran = wrong.run(question);
        let said = ran.stdout.clone() + &ran.stderr;
        assert!(ran.code == 1 && said.contains("error[project/over-budget]"), "{question:?} {ran}");
        assert!(said.contains(label.rsplit(": ").next().unwrap_or_default()), "{question:?} {ran}");
    }
}

#[test]
fn charts_under_many_names_within_each_other() {
    let project = Project::empty().file("platc.yaml", "").file("schemas/environment.schema.yaml", "type: object\n");
    let mut folder = "w".to_owned();
    for level in 0..6 {
        let name = if level == 0 { "w" } else { "d" };
        let names: String = (0..8).map(|at| format!("- {{name: d, alias: a{at}, version: \"1\"}}\n")).collect();
        let listed = if level < 5 { format!("dependencies:\n{names}") } else { String::new() };
        project
            .write(&format!("{folder}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n{listed}"));
        folder += "/charts/d";
    }
    // What templates come to once they are read counts, too.
    project.write("t/Chart.yaml", "apiVersion: v2\nname: t\nversion: 1.0.0\n");
    project.write("t/templates/a.yaml", "{{\"a\"}}".repeat(600_000));
    let ran = project.run(&["chart", "template", "./t"]);
    assert!(ran.code == 1 && ran.stderr.contains("more within it"), "{ran}");
    let ran = project.run(&["chart", "template", "./w"]);
    assert!(ran.code == 1 && ran.stderr.contains("more within it, charts under all their names"), "{ran}");
}
