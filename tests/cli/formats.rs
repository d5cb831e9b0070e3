//! Findings for other programs, held to what those programs say of the format.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Project, Ran};
use crate::{check, judges, project, repository};

/// Findings of both severities, in one environment and in several, and golden trees that differ.
fn broken() -> Project {
    let project = repository();
    project.run(&["golden", "--accept"]);
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster:\n  version: \"1.34\"\n");
    project
        .write("environments/prod/environment.yaml", "extends: [../base]\ncluster:\n  vresion: \"1.35\"\n  nodes: 0\n");
    project
}

/// Nothing is wrong but the golden trees: a file has other lines, one is missing, one is left over.
fn differing() -> Project {
    let project = project();
    project.run(&["golden", "--accept"]);
    project.write("templates/nodes/pool.yaml.j2", "size: {{ cluster.nodes | default(0) }}\n");
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster:\n  version: \"1.36\"\n");
    project.write("templates/more.yaml.j2", "a: 1\n");
    std::fs::rename(project.root.join("environments/prod"), project.root.join("environments/live")).unwrap();
    project
}

#[test]
fn findings_in_every_format() {
    for format in ["github", "junit"] {
        let (broken, differing) = (broken(), differing());
        assert_eq!(
            check(&broken, &format!("format-{format}-validate"), &format!("validate --format {format}")).code,
            1
        );
        assert_eq!(check(&differing, &format!("format-{format}-golden"), &format!("golden --format {format}")).code, 1);
        assert_eq!(check(&project(), &format!("format-{format}-fine"), &format!("render --format {format}")).code, 0);
    }
}

#[test]
fn a_command_with_another_result_refuses() {
    let project = project();
    assert_eq!(check(&project, "format-sarif-diff", "diff prod --format sarif").code, 2);
    assert_eq!(check(&project, "format-sarif-stdout", "render prod --stdout --format sarif").code, 2);
    assert_eq!(project.run(&["schema", "docs", "--format", "junit"]).code, 2);
}

/// In a pipeline paths start at the repository, where platc is started, not at the project.
#[test]
fn paths_start_where_platc_was_started() {
    let outer = Project::empty();
    let project = broken();
    std::fs::rename(&project.root, outer.root.join("infra")).unwrap();
    let ran = outer.run(&["-C", "infra", "validate", "--format", "github"]);
    assert!(ran.stdout.contains(" file=infra/environments/prod/environment.yaml,"), "{ran}");
    let sarif = json(&outer.run(&["-C", "infra", "validate", "--format", "sarif"]));
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert!(place["uri"].as_str().unwrap().starts_with("infra/environments/"), "{place}");
}

#[test]
fn sarif_is_what_the_standard_says() {
    let Some(judge) = judges::sarif() else { return };
    for (project, args) in [
        (broken(), &["validate", "--format", "sarif"][..]),
        (broken(), &["render", "--format", "sarif"]),
        (differing(), &["golden", "--format", "sarif"]),
        (differing(), &["render", "--check", "--format", "sarif"]),
        (project(), &["validate", "--format", "sarif"]),
    ] {
        let log = json(&project.run(args));
        let errors = judges::errors(&judge, &log);
        assert!(errors.is_empty(), "{args:?}: {errors:#?}\n{log:#}");
        let run = &log["runs"][0];
        for result in run["results"].as_array().unwrap() {
            let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(rule["id"], result["ruleId"]);
            assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
        }
    }
    // The schema tells a log from something else.
    assert!(!judge.is_valid(&serde_json::json!({"version": "2.1.0", "runs": [{"results": []}]})));
}

#[test]
fn test_results_are_xml() {
    for (project, args) in [
        (broken(), ["validate", "--format", "junit"]),
        (differing(), ["golden", "--format", "junit"]),
        (project(), ["validate", "--format", "junit"]),
    ] {
        let ran = project.run(&args);
        let counts = "import sys, xml.etree.ElementTree as tree\n\
            root = tree.parse(sys.stdin).getroot()\n\
            cases, failures = root.findall('./testsuite/testcase'), root.findall('./testsuite/testcase/failure')\n\
            print(root.get('tests') == str(len(cases)), root.get('failures') == str(len(failures)), len(failures) > 0)";
        let mut python =
            Command::new("python3").args(["-c", counts]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        python.stdin.take().unwrap().write_all(ran.stdout.as_bytes()).unwrap();
        let read = Ran::from(python.wait_with_output().unwrap());
        let failed = if ran.code == 0 { "False" } else { "True" };
        assert_eq!(read.stdout.trim(), format!("True True {failed}"), "{ran}");
    }
}

/// The documented schema knows every field that there is.
#[test]
fn json_is_what_its_schema_says() {
    let judge = judges::json();
    for (project, line) in [
        (broken(), "validate"),
        (broken(), "render"),
        (differing(), "render"),
        (differing(), "render --check"),
        (differing(), "render --stdout"),
        (differing(), "golden"),
        (differing(), "diff dev"),
        (project(), "validate"),
        (project(), "schema docs"),
        (project(), "set prod cluster.nodes 4"),
    ] {
        let args: Vec<_> = line.split(' ').chain(["--format", "json"]).collect();
        let document = json(&project.run(&args));
        let errors = judges::errors(&judge, &document);
        assert!(errors.is_empty(), "{line}: {errors:#?}\n{document:#}");
    }
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"))
}

/// `PLATC_FORMAT` is set once for all steps of a build.
#[test]
fn a_format_for_findings_from_the_environment_stops_no_command_that_has_another_result() {
    let project = project();
    let run = |args: &[&str]| Ran::from(project.command(args).env("PLATC_FORMAT", "github").output().unwrap());
    for args in [
        &["diff", "prod", "--against", "dev"][..],
        &["render", "prod", "--stdout"],
        &["schema", "modeline"],
        &["rules"],
    ] {
        let (ran, plain) = (run(args), project.run(args));
        assert_eq!(ran.to_string(), plain.to_string(), "{args:?}");
        assert_ne!(ran.stdout, "", "{args:?}");
    }
    project.write("environments/prod/environment.yaml", "extends: [../base]\nclutser: {}\n");
    assert!(run(&["validate", "prod"]).stdout.starts_with("::error "));
    // Who asks for it on the command line is told that it is not to be had.
    assert_eq!(run(&["diff", "prod", "--format", "github"]).code, 2);
}
