//! What the program says about itself, and to what it does not understand.

use crate::project;
use crate::support::Project;

/// Subcommands as words, each level below its parent.
fn commands() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, words: &[String], found: &mut Vec<Vec<String>>) {
        found.push(words.to_vec());
        for below in command.get_subcommands() {
            walk(below, &[words, &[below.get_name().to_owned()]].concat(), found);
        }
    }
    let mut found = Vec::new();
    walk(&<platc::cli::args::Cli as clap::CommandFactory>::command(), &[], &mut found);
    found
}

#[test]
fn the_long_help_of_every_command() {
    let project = Project::empty();
    for words in commands() {
        let args: Vec<_> = words.iter().map(String::as_str).chain(["--help"]).collect();
        let ran = project.run(&args);
        let name = if words.is_empty() { "platc".to_owned() } else { format!("platc-{}", words.join("-")) };
        insta::assert_snapshot!(format!("help-{name}"), ran);
        assert!(ran.stdout.contains("Examples:\n  platc "), "{name} shows no example");
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        let longest = ran.stdout.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= 100, "{name}: a line of {longest} characters");
    }
}

#[test]
fn the_short_help_and_no_arguments() {
    let project = Project::empty();
    insta::assert_snapshot!("short-help", project.run(&["-h"]));
    insta::assert_snapshot!("no-arguments", project.run(&[]));
    insta::assert_snapshot!("schema-without-action", project.run(&["schema"]));
}

#[test]
fn the_version() {
    let ran = Project::empty().run(&["--version"]);
    assert_eq!(ran.stdout, format!("platc {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(ran.code, 0);
}

#[test]
fn usage_errors_name_what_was_meant() {
    let project = Project::empty();
    for (name, args) in [
        ("unknown-command", &["rendr"][..]),
        ("unknown-option", &["render", "--outdir", "x"]),
        ("unknown-format", &["render", "--format", "yml"]),
        ("two-opposites", &["golden", "--check", "--accept"]),
        ("quiet-and-verbose", &["validate", "-q", "-v"]),
        ("names-and-all", &["render", "prod", "--all"]),
        ("jobs-no-number", &["render", "-j", "many"]),
    ] {
        let ran = project.run(args);
        assert_eq!(ran.code, 2, "{name}");
        assert_eq!(ran.stdout, "", "{name}");
        insta::assert_snapshot!(format!("usage-{name}"), ran);
    }
}

#[test]
fn the_environment_gives_options_too_and_the_command_line_wins() {
    let project = Project::empty();
    let run = |name: &str, value: &str, args: &[&str]| {
        let mut command = project.command(args);
        crate::support::Ran::from(command.env(name, value).output().unwrap())
    };
    let ran = run("PLATC_FORMAT", "yml", &["completions", "bash"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("invalid value 'yml' for '--format <FORMAT>'"), "{ran}");
    let nowhere = ["man", "/dev/null/x", "--color", "never"];
    assert!(!run("PLATC_COLOR", "always", &nowhere).stderr.contains('\x1b'));
    assert!(run("PLATC_COLOR", "always", &nowhere[..2]).stderr.contains('\x1b'));
    assert_eq!(run("PLATC_JOBS", "-1", &["completions", "bash"]).code, 2);
    for yes in ["1", "true", "yes"] {
        assert!(!run("PLATC_VERIFY", yes, &["render"]).stderr.contains("invalid value"), "{yes}");
    }
    assert!(run("PLATC_DURABLE", "maybe", &["render"]).stderr.contains("invalid value 'maybe' for '--durable'"));
}

#[test]
fn completions_for_each_shell_know_every_command() {
    let project = Project::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = project.run(&["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{shell}");
        for word in ["render", "validate", "diff", "golden", "modeline", "--out-dir", "--against"] {
            let word = word.trim_start_matches('-');
            assert!(ran.stdout.contains(word), "{shell} does not complete {word}");
        }
    }
}

#[test]
fn completions_are_a_script_that_bash_can_read() {
    let ran = Project::empty().run(&["completions", "bash"]);
    let project = Project::empty().file("platc.bash", ran.stdout);
    let status = std::process::Command::new("bash").args(["-n", "platc.bash"]).current_dir(&project.root).status();
    assert!(status.unwrap().success());
}

#[test]
fn completions_know_the_environments_and_rules_of_the_project() {
    let project = project();
    let script = project.run(&["completions", "bash"]).stdout;
    let path = std::path::Path::new(env!("CARGO_BIN_EXE_platc")).parent().unwrap();
    let complete = |words: &[&str]| {
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let asks = format!(
            "{script}\nPATH=\"{}:$PATH\"\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_platc_with_names platc \"{last}\" \"{before}\"\n\
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            path.display(),
            words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" "),
            words.len() - 1,
        );
        let output =
            std::process::Command::new("bash").args(["-c", &asks]).current_dir(&project.root).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        told.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["platc", "render", "pr"]), ["prod"]);
    assert_eq!(complete(&["platc", "diff", "prod", "--against", "d"]), ["dev"]);
    assert_eq!(complete(&["platc", "rules", "cfn/unresolved-r"]), ["cfn/unresolved-ref"]);
    assert_eq!(complete(&["platc", "validate", "--format", "sar"]), ["sarif"]);
    assert_eq!(complete(&["platc", "compl"]), ["completions"]);
    assert_eq!(complete(&["platc", "compare", "dev", "pr"]), ["prod"]);
    assert!(project.run(&["completions", "zsh"]).stdout.contains("none means all:_platc_environments'"));
    assert!(project.run(&["completions", "fish"]).stdout.contains("(platc completions --names environments"));
    // A project that is broken gives no names.
    let broken = Project::empty().file("platc.yaml", "output: [");
    assert_eq!(broken.run(&["completions", "--names", "environments"]).stdout, "");
}

#[test]
fn help_of_a_command_is_what_its_option_prints() {
    let project = Project::empty();
    for words in [&["diff"][..], &["schema", "import"], &["rules", "test"]] {
        let asked = project.run(&[&["help"], words].concat());
        let option = project.run(&[words, &["--help"]].concat());
        assert_eq!(asked.to_string(), option.to_string());
    }
    assert_eq!(project.run(&["help"]).stdout, project.run(&["--help"]).stdout);
    for (name, args) in [
        ("help-typo", &["help", "dif"][..]),
        ("help-below", &["help", "diff", "x"]),
        ("help-rule", &["help", "cfn/unresolved-ref"]),
    ] {
        let ran = project.run(args);
        assert_eq!(ran.code, 2);
        insta::assert_snapshot!(name, ran);
    }
}

#[test]
fn manual_pages() {
    let project = Project::empty();
    let ran = project.run(&["man"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains(".TH platc 1"), "{ran}");
    let ran = project.run(&["man", "pages/man1"]);
    insta::assert_snapshot!("man-into-a-folder", ran);
    for words in commands() {
        let name = [&["platc".to_owned()], &words[..]].concat().join("-");
        assert!(project.read(&format!("pages/man1/{name}.1")).contains(&format!(".TH {name} 1")), "{name}");
    }
    #[cfg(unix)]
    {
        let project = Project::empty().file("victim", "mine\n").file("pages/x", "");
        std::os::unix::fs::symlink("../victim", project.root.join("pages/platc.1")).unwrap();
        std::os::unix::fs::symlink("pages", project.root.join("led")).unwrap();
        for folder in ["pages", "led"] {
            let ran = project.run(&["man", folder]);
            assert!(ran.code == 2 && ran.stderr.contains("is a link"), "{ran}");
        }
        assert_eq!(project.read("victim"), "mine\n");
    }
    let project = project.file("file", "");
    insta::assert_snapshot!("man-into-a-file", project.run(&["man", "file"]));
}

/// `-o "$OUT"` of a variable that is not set must not write into the project's own folder.
#[test]
fn an_option_without_a_value_is_not_one_that_is_absent() {
    let project = project();
    let lines: [&[&str]; 7] = [
        &["render", "-o", ""],
        &["render", "--out-dir="],
        &["validate", "--against", ""],
        &["validate", "--cache-dir", ""],
        &["-C", "", "validate"],
        &["validate", "--set", ""],
        &["render", ""],
    ];
    for args in lines {
        let ran = project.run(args);
        assert!(ran.code == 2 && ran.stdout.is_empty(), "{args:?}: {ran}");
        assert!(ran.stderr.contains("is empty, as of a variable that is not set"), "{args:?}: {ran}");
        assert!(!project.exists("rendered"), "{args:?}");
    }
}

/// What is typed as other tools want it is told with what to type here.
#[test]
fn habits_of_other_tools_are_named_with_what_to_type() {
    let project = project();
    project.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    for (line, wanted) in [
        ("render prod -o yaml", "`--stdout` prints what would be written"),
        ("render prod --out-dir json", "there is none of this name"),
        ("-C environments/prod validate", "name that one, `.`; an environment is named behind the command"),
        ("schema import https://example.org/crd.yaml", "platc fetches nothing"),
        ("schema import chart", "`chart` is a chart without `values.yaml`"),
        ("schema import chart/Chart.yaml", "name the folder of the chart, `chart`"),
        ("init --from app", "this is a project already"),
    ] {
        let ran = project.run(&line.split(' ').collect::<Vec<_>>());
        assert_ne!(ran.code, 0, "{line}: {ran}");
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(wanted), "{line}: {ran}");
        assert!(!project.exists("yaml") && !project.exists("json"), "{line}: {ran}");
    }
}
