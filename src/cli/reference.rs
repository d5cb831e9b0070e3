//! The command line as a page of documentation, made from the same table as the parser: `docs/commands.md`.

use std::fmt::Write as _;

use clap::CommandFactory;

use super::args::Cli;

/// The page as Markdown. Tests hold `docs/commands.md` to it.
pub fn commands() -> String {
    let mut page = String::from(
        "<!-- Made from the command line itself; renew with `BLESS=1 cargo test --test docs`. -->\n\n# Commands\n\n\
         Results go to standard output, everything else to standard error. Each option with `[env: …]` can also be\n\
         given by that environment variable.\n",
    );
    let mut command = Cli::command().term_width(96);
    command.build();
    section("platc", &mut command, &mut page);
    page
}

fn section(name: &str, command: &mut clap::Command, page: &mut String) {
    let help = command.render_long_help().to_string();
    let help = help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let _ = write!(page, "\n## `{name}`\n\n```text\n{}\n```\n", help.trim_end());
    for below in command.get_subcommands_mut() {
        let name = format!("{name} {}", below.get_name());
        section(&name, below, page);
    }
}
