//! `platc completions`: a script for a shell, made from the same table as the parser.

use clap::CommandFactory;

use super::args::{Cli, Completions};
use super::exit::{Exit, Failure};
use super::printer::Printer;

pub(super) fn run(args: &Completions, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "platc", &mut script);
    printer.result(script)?;
    Ok(Exit::Fine)
}
