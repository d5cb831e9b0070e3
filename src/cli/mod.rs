//! The command line: [`args`] as typed, [`session`] the project it is about, one file a command, and [`printer`] through
//! which all of them speak.

mod adopt;
mod affected;
pub mod args;
mod ask;
mod cache;
mod caching;
mod chart;
mod compare;
mod compile;
mod completions;
mod destination;
mod diff;
mod difference;
mod edit;
mod editors;
mod excerpt;
mod exit;
mod explain;
mod fix;
mod glob;
mod golden;
mod habits;
mod help_of;
mod images;
mod import;
mod init;
mod leftovers;
mod man;
mod mask;
mod modeline;
mod out_dir;
mod paths;
mod place;

pub mod printer;
pub mod reference;
mod render;
mod report;
mod rules;
mod schema;
mod session;
mod show;
mod signals;
mod stdout;
mod strangers;
mod stray;
mod surroundings;
mod unstaged;
mod validate;
mod why;

use std::ffi::{OsStr, OsString};
use std::panic::{self, UnwindSafe};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory, FromArgMatches};

use crate::finding::render::safe;
use args::{Cli, Colour, Command, Format};
pub use exit::Exit;
use exit::Failure;
use printer::{Printer, Volume};

/// Which of its streams the caller has left open.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    pub stdout: bool,
    pub stderr: bool,
}

/// Runs one command line and says how it ended. Prints all there is to print.
pub fn run(args: impl IntoIterator<Item = OsString>, streams: Streams) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let exit = guarded(|| start(&args, streams));
    signals::let_end();
    exit
}

/// A panic, on a worker thread too, is told as a bug and is neither "fine" nor "findings".
fn guarded(work: impl FnOnce() -> Exit + UnwindSafe) -> Exit {
    panic::set_hook(Box::new(exit::report_bug));
    panic::catch_unwind(work).unwrap_or(Exit::Failed)
}

fn start(args: &[OsString], streams: Streams) -> Exit {
    let parsed = parse(args);
    let (format, colour, volume) = match &parsed {
        Ok(cli) => (cli.global.format, cli.global.colour, volume(&cli.global)),
        Err(_) => (Format::Text, Colour::Auto, Volume::Normal),
    };
    let Ok(mut printer) = Printer::new(format, colour, volume, streams.stderr) else {
        return Exit::Failed; // Standard output cannot even be duplicated: there is nothing to speak through.
    };
    if !streams.stdout {
        let closed = Failure::new("standard output is closed, so that no result can be delivered")
            .help("`> /dev/null` instead of `>&-` throws results away");
        return exit::conclude(Err(closed), &mut printer);
    }
    let outcome = match parsed {
        Ok(cli) => dispatch(cli, &mut printer),
        Err(error) => usage(&error, args, &mut printer),
    };
    let delivered = printer.finish().map_err(Failure::from);
    let exit = exit::conclude(outcome.and_then(|exit| delivered.map(|()| exit)), &mut printer);
    // What was found and nobody could hear is no answer.
    if printer.is_unheard() { Exit::Failed } else { exit }
}

/// A format that the environment gives is known to be no wish about this command.
fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(args)?;
    refuse_empty(&mut command, &matches)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    cli.global.format_of_environment = matches.value_source("format") == Some(ValueSource::EnvVariable);
    Ok(cli)
}

/// An empty value is a variable that is not set, as in `-o "$OUT"`, and not a wish for what holds without the option. What
/// the environment holds is not asked: an empty variable is one that is not set there, too.
fn refuse_empty(command: &mut clap::Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let is_empty = |arg: &&Arg| {
        let id = arg.get_id().as_str();
        matches.value_source(id) == Some(ValueSource::CommandLine)
            && matches.try_get_raw(id).ok().flatten().is_some_and(|mut values| values.any(OsStr::is_empty))
    };
    let empty = command.get_arguments().find(is_empty).map(ToString::to_string);
    if let Some(arg) = empty {
        let message = format!("the value of '{arg}' is empty, as of a variable that is not set");
        return Err(command.error(ErrorKind::InvalidValue, message));
    }
    match matches.subcommand() {
        Some((name, below)) => command.find_subcommand_mut(name).map_or(Ok(()), |command| refuse_empty(command, below)),
        None => Ok(()),
    }
}

fn dispatch(cli: Cli, printer: &mut Printer) -> Result<Exit, Failure> {
    let Cli { global, command } = cli;
    if global.format.is_for_findings()
        && matches!(
            command,
            Command::Diff(_)
                | Command::Affected(_)
                | Command::Set(_)
                | Command::Unset(_)
                | Command::Promote(_)
                | Command::Show(_)
                | Command::Explain(_)
                | Command::Why(_)
                | Command::Compare(_)
                | Command::Images(_)
                | Command::Adopt(_)
                | Command::Chart(_)
                | Command::Schema(_)
                | Command::Init(_)
                | Command::Cache(_)
                | Command::Rules(args::Rules { action: None, .. })
        )
    {
        // `PLATC_FORMAT` stands for all steps of a build: it must not stop those that have nothing to say in it.
        if !global.format_of_environment {
            return Err(Failure::new("this format holds findings, and the command has another result")
                .help("`validate`, `render` and `golden` print findings in it; here `text` and `json` work"));
        }
        printer.format = Format::Text;
    }
    if global.format == Format::Markdown && !matches!(command, Command::Diff(_) | Command::Compare(_)) {
        if !global.format_of_environment {
            return Err(Failure::new("this format is that of `diff` and `compare`").help("here `text` and `json` work"));
        }
        printer.format = Format::Text;
    }
    if global.format == Format::Cyclonedx && !matches!(command, Command::Images(_)) {
        if !global.format_of_environment {
            return Err(
                Failure::new("this format holds images, of which `images` tells").help("here `text` and `json` work")
            );
        }
        printer.format = Format::Text;
    }
    if matches!(global.format, Format::Matrix | Format::Paths) && !matches!(command, Command::Affected(_)) {
        if !global.format_of_environment {
            return Err(Failure::new("this format holds what a change affects, of which `affected` tells")
                .help("here `text` and `json` work"));
        }
        printer.format = Format::Text;
    }
    match command {
        Command::Render(args) => render::run(&args, &global, printer),
        Command::Validate(args) => validate::run(&args, &global, printer),
        Command::Diff(args) => diff::run(&args, &global, printer),
        Command::Affected(args) => affected::run(&args, &global, printer),
        Command::Golden(args) => golden::run(&args, &global, printer),
        Command::Set(args) => edit::set(&args, &global, printer),
        Command::Unset(args) => edit::unset(&args, &global, printer),
        Command::Promote(args) => edit::promote(&args, &global, printer),
        Command::Show(args) => show::run(&args, &global, printer),
        Command::Explain(args) => explain::run(&args, &global, printer),
        Command::Why(args) => why::run(&args, &global, printer),
        Command::Compare(args) => compare::run(&args, &global, printer),
        Command::Images(args) => images::run(&args, &global, printer),
        Command::Adopt(args) => adopt::run(&args, &global, printer),
        Command::Chart(args) => chart::run(&args.action, &global, printer),
        Command::Schema(args) => schema::run(&args.action, &global, printer),
        Command::Rules(args) => rules::run(&args, &global, printer),
        Command::Init(args) => init::run(&args, &global, printer),
        Command::Cache(args) => cache::run(&args, &global, printer),
        Command::Completions(args) => completions::run(&args, &global, printer),
        Command::Man(args) => man::run(&args, printer),
        Command::Help(args) => help_of::run(&args, printer),
    }
}

fn volume(global: &args::Global) -> Volume {
    match (global.quiet, global.verbose) {
        (true, _) => Volume::Quiet,
        (false, true) => Volume::Verbose,
        (false, false) => Volume::Normal,
    }
}

/// Help and version are results; anything else that clap has to say is a usage error.
fn usage(error: &clap::Error, args: &[OsString], printer: &mut Printer) -> Result<Exit, Failure> {
    let text = |colour: bool| if colour { error.render().ansi().to_string() } else { error.render().to_string() };
    if error.use_stderr() {
        if let Some(told) = habits::told(error, args) {
            return Err(told);
        }
        // It quotes arguments as they were typed; where they hold what a terminal obeys, there are no colours either.
        let plain = text(false);
        let shown = safe::page(&plain);
        printer.say(&if shown == plain { text(printer.err_look().colour) } else { shown });
        return Ok(Exit::Failed);
    }
    printer.result(text(printer.out_look().colour))?;
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_exit_2_on_any_thread() {
        assert_eq!(guarded(|| Exit::Findings), Exit::Findings);
        assert_eq!(guarded(|| panic!("on this thread")), Exit::Failed);
        let on_a_worker = || crate::pipeline::on_threads(Some(2), || panic!("on a worker"));
        assert_eq!(guarded(|| on_a_worker().expect("threads start")), Exit::Failed);
        let _ = panic::take_hook();
    }
}
