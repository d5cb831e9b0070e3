//! Standard output and standard error: full, closed, not a terminal.

use std::fs::{File, OpenOptions};
use std::process::{Command, Stdio};

use crate::support::{Project, Ran};

#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let project = Project::empty();
    for args in [&["completions", "bash"][..], &["man"], &["--help"], &["--version"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ran = Ran::from(project.command(args).stdout(full).output().unwrap());
        assert_eq!(ran.code, 2, "{args:?}");
        assert_eq!(ran.stderr, "error: cannot write to standard output: no space is left on the disk\n");
    }
}

#[test]
fn no_command_takes_a_result_that_is_not_delivered_for_a_success() {
    let project = crate::project();
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster:\n  name: main\n");
    for line in [
        "render prod --stdout",
        "render prod --stdout --format json",
        "render prod --format json",
        "validate dev",
        "validate --format json",
        "diff",
        "diff --stat",
        "golden",
        "schema print",
        "schema modeline",
        "man",
    ] {
        let args: Vec<_> = line.split(' ').collect();
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ran = Ran::from(project.command(&args).stdout(full).output().unwrap());
        assert_eq!(ran.code, 2, "{line}: {ran}");
        assert!(ran.stderr.contains("cannot write to standard output: no space is left on the disk"), "{line}: {ran}");
    }
}

#[test]
fn standard_output_that_cannot_be_written_is_an_error() {
    let read_only = File::open("/dev/null").unwrap();
    let ran = Ran::from(Project::empty().command(&["man"]).stdout(read_only).output().unwrap());
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("error: cannot write to standard output: "), "{ran}");
}

/// Runs a command line with streams closed, as only a shell does it.
fn closing(project: &Project, line: &str, closed: &str) -> Ran {
    let line = format!("exec {} {line} {closed}", env!("CARGO_BIN_EXE_platc"));
    Ran::from(Command::new("sh").args(["-c", &line]).current_dir(&project.root).output().unwrap())
}

#[test]
fn a_closed_standard_output_is_an_error_and_nothing_is_written() {
    let project = crate::project();
    for line in ["render", "validate", "validate --format json", "golden --accept", "diff", "rules", "--version"] {
        let ran = closing(&project, line, ">&-");
        assert_eq!(ran.code, 2, "{line}: {ran}");
        assert!(ran.stderr.starts_with("error: standard output is closed"), "{line}: {ran}");
    }
    assert!(!project.exists("rendered") && !project.exists("golden"));
}

#[test]
fn a_null_device_that_the_caller_opened_is_no_closed_stream() {
    let project = crate::project();
    // For reading, too, as Python and Node open it.
    let both = |name: &str| OpenOptions::new().read(true).write(true).open(name).unwrap();
    let mut command = project.command(&["validate"]);
    let ran = Ran::from(command.stdout(both("/dev/null")).stderr(both("/dev/null")).output().unwrap());
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn findings_that_nobody_can_hear_are_no_answer() {
    let project = crate::project();
    // What was done is no finding: whoever closes the stream wants to hear nothing of it.
    assert_eq!(closing(&project, "render", "2>&-").code, 0);
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster:\n  name: main\n");
    let warned = project.run(&["render"]);
    assert!(warned.code == 0 && warned.stderr.contains("warning[merge/redundant]"), "{warned}");
    for closed in ["2>&-", "2>/dev/full"] {
        assert_eq!(closing(&project, "render", closed).code, 2, "{closed}");
        assert_eq!(closing(&project, "validate prdo", closed).code, 2, "{closed}");
    }
}

#[test]
fn threads_that_cannot_be_started_are_no_bug() {
    let project = crate::project();
    let line = format!("ulimit -v 2000000; exec {} validate -j 256", env!("CARGO_BIN_EXE_platc"));
    let ran = Ran::from(Command::new("sh").args(["-c", &line]).current_dir(&project.root).output().unwrap());
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.starts_with("error: no thread can be started: "), "{ran}");
    let ran = project.run(&["validate", "-j", "257"]);
    assert!(ran.code == 2 && ran.stderr.contains("257 is not in 0..=256"), "{ran}");
}

#[test]
fn a_reader_that_leaves_ends_the_run_quietly_but_not_as_a_success() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ran = Ran::from(Project::empty().command(&["completions", "bash"]).stdout(writer).output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (2, ""));
}

#[test]
fn colours_only_where_they_are_wanted() {
    let project = Project::empty();
    let coloured = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = project.command(args);
        let ran = Ran::from(command.envs(env.iter().copied()).output().unwrap());
        ran.stderr.contains("\x1b[")
    };
    let bad = ["man", "/dev/null/x"];
    assert!(!coloured(&bad, &[]), "a pipe is no terminal");
    assert!(coloured(&bad, &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&bad, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(coloured(&bad, &[("PLATC_COLOR", "always"), ("NO_COLOR", "1")]));
    assert!(coloured(&["man", "/dev/null/x", "--color", "always"], &[("NO_COLOR", "1")]));
    assert!(!coloured(&["man", "/dev/null/x", "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

/// `script` gives a program a terminal.
pub(crate) fn in_terminal(project: &Project, command: &str) -> Option<Vec<u8>> {
    let binary = env!("CARGO_BIN_EXE_platc");
    let script = Command::new("script")
        .args(["-qec", &command.replace("platc", binary), "/dev/null"])
        .current_dir(&project.root)
        .env_remove("NO_COLOR")
        .env("TERM", "xterm-256color")
        .stdin(Stdio::null())
        .output();
    match script {
        Ok(output) => Some(output.stdout),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "`script`: {error}");
            eprintln!("SKIPPED: `script`: {error}");
            None
        }
    }
}

#[test]
fn a_terminal_gets_colours_of_its_own_accord() {
    let project = Project::empty();
    if let Some(seen) = in_terminal(&project, "platc man /dev/null/x") {
        assert!(String::from_utf8_lossy(&seen).contains("\x1b["), "{seen:?}");
    }
    if let Some(seen) = in_terminal(&project, "platc --color never man /dev/null/x") {
        assert!(!String::from_utf8_lossy(&seen).contains("\x1b["), "{seen:?}");
    }
}

#[test]
fn on_one_terminal_the_findings_stand_before_their_count() {
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", "properties: {name: {type: string}}\nadditionalProperties: false\n")
        .file("templates/a.yaml.j2", "a: {{ name }}\n")
        .file("environments/prod.yaml", "name: a\nnmae: b\n");
    let both = project.root.join("both");
    let file = File::create(&both).unwrap();
    let status = project.command(&["validate"]).stdout(file.try_clone().unwrap()).stderr(file).status().unwrap();
    assert_eq!(status.code(), Some(1));
    let said = std::fs::read_to_string(both).unwrap();
    assert!(said.starts_with("error[schema/unknown-key]") && said.ends_with("\n1 error\n"), "{said}");
    assert!(said.contains("did you mean `name`?"), "a key that is set is suggested too: {said}");
}

#[test]
fn a_file_cannot_give_orders_to_a_terminal() {
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", "properties: {name: {type: string}}\nadditionalProperties: false\n")
        .file("templates/a.txt.j2", "{{ name }}\n")
        .file("templates/b.yaml.j2", "name: {{ name }}\n")
        .file("environments/prod.yaml", "name: \"a\\e]0;title\\ab\\u202ec\\u200b\"\n");
    let text = "a\u{1b}]0;title\u{7}b\u{202e}c\u{200b}\n";
    assert_eq!(project.run(&["render", "--stdout", "--only", "a.txt"]).stdout, text, "a pipe gets the bytes");
    let yaml = project.run(&["render", "--stdout", "--only", "b.yaml"]).stdout;
    assert!(yaml.ends_with("name: \"a\\u001B]0;title\\u0007b\\u202Ec\\u200B\"\n"), "{yaml}");
    if let Some(seen) = in_terminal(&project, "platc --color never render --stdout --only a.txt") {
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(seen.starts_with("a␛]0;title␇b\u{fffd}c\u{fffd}"), "{seen:?}");
    }
}
