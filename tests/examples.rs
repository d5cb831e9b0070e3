//! The examples of the documentation are run: each page is a project. A block ```` ```yaml file=PATH ```` is a file of
//! it, a block ```` ```console ```` a session in it, with the commands behind `$ ` and below them all that they print;
//! ```` ```console exit=1 ```` says how the last of them ends. `BLESS=1 cargo test --test examples` writes what is
//! printed into the pages.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read real files and start real programs")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use support::Project;

#[test]
fn getting_started() {
    run("docs/getting-started.md");
}

#[test]
fn environments() {
    run("docs/environments.md");
}

#[test]
fn schemas() {
    run("docs/schemas.md");
}

#[test]
fn templates() {
    run("docs/templates.md");
}

#[test]
fn impact() {
    run("docs/impact.md");
}

#[test]
fn compare() {
    run("docs/compare.md");
}

#[test]
fn charts() {
    run("docs/charts.md");
}

/// The page of a project that lies beside it.
#[test]
fn charts_of_ones_own() {
    let (folder, project) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/charts"), Project::empty());
    let copied = Command::new("cp").arg("-r").arg(folder.join(".")).arg(&project.root).status().unwrap();
    assert!(copied.success());
    run_in("examples/charts/README.md", &project);
}

#[test]
fn adopt() {
    run("docs/adopt.md");
}

#[test]
fn why() {
    run("docs/why.md");
}

fn run(page: &str) {
    run_in(page, &Project::empty());
}

fn run_in(page: &str, project: &Project) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = fs::read_to_string(&path).unwrap();
    let played = play(&text, project);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &played).unwrap();
        return;
    }
    for (number, (line, wanted)) in text.lines().zip(played.lines()).enumerate() {
        let hint = "renew with `BLESS=1 cargo test --test examples`";
        assert!(line == wanted, "{page}:{}: {hint}\n  page: {line}\n  run:  {wanted}\n\n{played}", number + 1);
    }
    assert_eq!(text.lines().count(), played.lines().count());
}

/// The page with what its commands print now.
fn play(page: &str, project: &Project) -> String {
    let mut played = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        played += line;
        played += "\n";
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let attribute = |name: &str| info.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        if info.starts_with("console") {
            let exit = attribute("exit").map_or(0, |code| code.parse().unwrap());
            played += &session(&block, exit, project);
        } else {
            let text = block.join("\n") + "\n";
            played += &text;
            if let Some(path) = attribute("file") {
                project.write(path, &text);
            }
        }
        played += "```\n";
    }
    played
}

/// A console block, run: commands and what they print.
fn session(block: &[&str], exit: i32, project: &Project) -> String {
    let commands: Vec<&str> = block.iter().filter_map(|line| line.strip_prefix("$ ")).collect();
    let mut played = String::new();
    for (number, command) in commands.iter().enumerate() {
        let output = shell(command, project).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let wanted = if number + 1 == commands.len() { exit } else { 0 };
        assert_eq!(output.status.code(), Some(wanted), "$ {command}\n{printed}");
        played += &format!("$ {command}\n");
        for line in printed.lines() {
            played += &format!("{}\n", line.trim_end());
        }
    }
    played
}

/// The command in a shell that finds our `platc`, standard error where it would be read: in its place among the output.
fn shell(command: &str, project: &Project) -> Command {
    let platc = PathBuf::from(env!("CARGO_BIN_EXE_platc"));
    let path = format!("{}:{}", platc.parent().unwrap().display(), env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 2>&1\n{command}")]).current_dir(&project.root).env("PATH", path);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PLATC_")) {
        shell.env_remove(name);
    }
    shell.env("PLATC_NO_CACHE", "1");
    // Who commits, where a page does.
    shell.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for name in ["GIT_AUTHOR", "GIT_COMMITTER"] {
        shell.env(format!("{name}_NAME"), "Ada").env(format!("{name}_EMAIL"), "ada@example.com");
    }
    shell
}
