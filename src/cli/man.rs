//! `platc man`: manual pages, made from the same table as the parser.

use camino::Utf8Path;
use clap::CommandFactory;

use crate::disk::{lies_in_git, reason};

use super::args::{Cli, Man};
use super::exit::{Exit, Failure};
use super::printer::Printer;

pub(super) fn run(args: &Man, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(dir) = &args.dir else {
        printer.result(page(command))?;
        return Ok(Exit::Fine);
    };
    let mut pages = Vec::new();
    collect(command, &mut pages);
    for (name, text) in &pages {
        write(dir, name, text)?;
    }
    printer.status(&format!("wrote {} manual pages into {dir}", pages.len()));
    Ok(Exit::Fine)
}

fn page(command: clap::Command) -> Vec<u8> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text).expect("writing into memory does not fail");
    text
}

/// The page of a command and of all below it, as file names and texts.
fn collect(command: clap::Command, pages: &mut Vec<(String, Vec<u8>)>) {
    for below in command.get_subcommands() {
        collect(below.clone(), pages);
    }
    let name = clap_mangen::Man::new(command.clone()).get_filename();
    pages.push((name, page(command)));
}

#[allow(clippy::disallowed_methods, reason = "manual pages are no project's output: there is no tree to keep whole")]
fn write(dir: &Utf8Path, name: &str, text: &[u8]) -> Result<(), Failure> {
    let refused = |path: &Utf8Path, error| Failure::new(format!("cannot write `{path}`: {}", reason(&error)));
    let path = dir.join(name);
    // A folder that was typed in full is meant; what a repository holds may lead anywhere.
    let parts = path.ancestors().filter(|part| dir.is_relative() || *part == path);
    if let Some(link) = parts.into_iter().find(|part| part.is_symlink()) {
        return Err(Failure::new(format!("`{link}` is a link")).help("name a folder without links"));
    }
    let here = std::env::current_dir().unwrap_or_default();
    if lies_in_git(&here.join(&path), &here) {
        return Err(Failure::new(format!("`{dir}` lies in git's own folder")).help("name another folder"));
    }
    std::fs::create_dir_all(dir).map_err(|error| refused(dir, error))?;
    std::fs::write(&path, text).map_err(|error| refused(&path, error))
}
