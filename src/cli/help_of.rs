//! `platc help`: what `--help` of a command prints.

use clap::CommandFactory;

use super::args::{Cli, Help};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use crate::finding::suggest;

pub(super) fn run(args: &Help, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let mut at = &mut command;
    for word in &args.words {
        let known: Vec<_> = at.get_subcommands().map(|below| below.get_name().to_owned()).collect();
        at = at.find_subcommand_mut(word).ok_or_else(|| unknown(word, &known))?;
    }
    let help = at.render_long_help();
    printer.result(if printer.out_look().colour { help.ansi().to_string() } else { help.to_string() })?;
    Ok(Exit::Fine)
}

fn unknown(word: &str, known: &[String]) -> Failure {
    let help = match suggest::did_you_mean(word, known.iter().map(String::as_str)) {
        _ if word.contains('/') => format!("`platc rules {word}` explains a rule"),
        Some(meant) => meant,
        None if known.is_empty() => "it has no commands below it".to_owned(),
        None => format!("there are `{}`", known.join("`, `")),
    };
    Failure::new(format!("there is no command `{word}`")).help(help)
}
