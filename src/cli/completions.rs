//! `platc completions`: a script for a shell, made from the same table as the parser. What a project has, its environments and
//! rules, the script asks platc for.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::{Cli, Completions, Global, Names};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::rules;
use super::session::Session;
use crate::finding::Findings;
use crate::finding::render::safe;
use crate::project::Project;

pub(super) fn run(args: &Completions, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    match (args.names, args.shell) {
        (Some(Names::Environments), _) => list(&environments(global)?, printer)?,
        (Some(Names::Rules), _) => list(&rules::ids(global)?, printer)?,
        (None, Some(shell)) => printer.result(script(shell))?,
        (None, None) => {}
    }
    Ok(Exit::Fine)
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "platc", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => script + include_str!("complete/names.bash"),
        Shell::Fish => script + include_str!("complete/names.fish"),
        Shell::Zsh => for_zsh(&script),
        _ => script,
    }
}

/// Puts functions of ours in the place of those that complete the arguments.
fn for_zsh(script: &str) -> String {
    let mut made = String::new();
    for line in script.lines() {
        let line_of = |name: &str| line.trim_start_matches(['\'', '*', ':']).starts_with(&format!("{name} -- "));
        let argument = |name: &str| line.trim_start_matches(['\'', '*']).starts_with(':') && line_of(name);
        let own = if ["named", "environment", "from", "to"].into_iter().any(argument) {
            Some("_platc_environments")
        } else if argument("ids") {
            Some("_platc_rules")
        } else {
            None
        };
        match (own, line.rsplit_once(':')) {
            (Some(own), Some((before, after))) => {
                let rest = after.find('\'').map_or("", |end| &after[end..]);
                made += &format!("{before}:{own}{rest}\n");
            }
            _ => made += &format!("{line}\n"),
        }
        // The functions come first after the line that says what the file is for.
        if line.starts_with("autoload") {
            made += "\n";
            made += include_str!("complete/names.zsh");
        }
    }
    made
}

fn list(names: &[String], printer: &mut Printer) -> Result<(), Failure> {
    for name in names {
        printer.result(format!("{}\n", safe::line(name)))?;
    }
    Ok(())
}

fn environments(global: &Global) -> Result<Vec<String>, Failure> {
    let session = Session::open(global, false)?;
    let Session { disk, sources, limits, .. } = &session;
    let project = Project::load(disk.as_ref(), sources, limits, &mut Findings::default());
    let entries = project.map_or_else(Vec::new, |project| project.environments);
    Ok(entries.iter().map(|entry| entry.name.to_string()).collect())
}
