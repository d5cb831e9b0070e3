//! Pages of documentation that are made from the program's own tables: `docs/commands.md`,
//! `docs/findings.md` and `docs/rules.md`.
//! Tests hold the committed pages to them.

use std::fmt::Write as _;

use clap::CommandFactory;

use super::args::Cli;
use crate::finding::codes::{self, Example};
use crate::finding::{Rule, Severity};
use crate::rules;

/// The command line, from the same table as the parser.
pub fn commands() -> String {
    let mut page = String::from(
        "<!-- Made from the command line; renew with `BLESS=1 cargo test --test cli docs`. -->\n\n\
         # Commands\n\n\
         Results go to standard output, everything else to standard error. What is marked `[env: …]` can also be given\n\
         by that environment variable; the command line wins.\n\n\
         | exit code | means |\n|---|---|\n\
         | 0 | fine; there may be warnings |\n\
         | 1 | findings with severity error (with `validate --strict`: any), or differences where the command looks for them |\n\
         | 2 | the question could not be answered: usage, input or output, a bug in platc |\n\n\
         A reader that closes the pipe early (`platc diff | head`) ends platc quietly, with exit code 2: the result was\n\
         not delivered.\n",
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

/// All rules, from the table that the findings themselves use.
pub fn findings() -> String {
    let mut page = String::from(
        "<!-- Made from the table of rules; renew with `BLESS=1 cargo test --test cli docs`. -->\n\n\
         # Findings\n\n\
         What platc has to say about the files of a project. Each finding names a rule, the place that you wrote, the other\n\
         places involved, and what to do. With any error nothing is written and the exit code is 1; warnings alone leave\n\
         it at 0. All findings of a run are shown, in the order of files and lines.

What many share is shown once: a mistake in a layer or a template however many environments it spoils, and the same mistake in the
files of many environments (*in 1,000 environments, `env-0000` and 999 more*). The summary counts each by itself. Text ends after some
hundred lines with a count of what is left; `-v` shows everything, and `--format json` lists each finding by itself. `platc diff` and
`platc golden` show an equal change of many environments once, too.\n\n\
         ## For programs\n\n",
    );
    page.push_str(include_str!("help/json.md"));
    page.push_str("\nWhat is said about rendered files is on a page of its own, [Rules](rules.md).\n");
    sections(codes::all(), &mut page);
    page
}

/// The rules of checks, and how a project goes on from them.
pub fn rules() -> String {
    let mut page = String::from(
        "<!-- Made from the table of rules; renew with `BLESS=1 cargo test --test cli docs`. -->\n\n\
         # Rules about the output\n\n",
    );
    page.push_str(include_str!("help/rules.md"));
    sections(rules::output_rules(), &mut page);
    page
}

/// Each rule under the heading of its family.
fn sections<'a>(rules: impl Iterator<Item = &'a Rule>, page: &mut String) {
    let mut stage = "";
    for rule in rules {
        let own = rule.id.split('/').next().unwrap_or_default();
        if own != stage {
            stage = own;
            let _ = write!(page, "\n## {stage}\n");
        }
        let severity = match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = write!(
            page,
            "\n### `{}`\n\n{}: {}.\n\n{}\n",
            rule.id,
            upper(severity),
            rule.summary,
            wrap(rule.explanation)
        );
        if let Some(example) = &rule.example {
            let (wrong, right) = (Example::text(example.wrong), Example::text(example.right));
            let _ = write!(page, "\nWrong:\n\n```yaml\n{wrong}```\n\nRight:\n\n```yaml\n{right}```\n");
        }
    }
}

/// Lines of at most 110 characters. Words stay whole, so that no code in backticks is torn.
pub(super) fn wrap(paragraph: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in paragraph.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 110 {
            text.push('\n');
            width = 0;
        }
        if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text
}

fn upper(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
