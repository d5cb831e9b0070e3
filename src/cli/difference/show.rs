//! Differences as text or JSON.

use serde::Serialize;

use super::{Difference, Differences};
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::cli::printer::{Printer, Undelivered};
use crate::diff;
use crate::diff::draw;

/// How differences are shown.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum Form {
    Unified {
        /// Lines after which it is enough.
        at_most: Option<usize>,
    },
    Stat,
}

impl Differences<'_> {
    /// Findings and differences in the wanted format. Exit 1 if there are any.
    pub(in crate::cli) fn print(&self, form: Form, printer: &mut Printer) -> Result<Exit, Undelivered> {
        self.report.say(printer);
        if printer.format == Format::Json {
            self.report.document(printer, Document::of(self))?;
        } else {
            for difference in self.differing() {
                let colour = printer.out_look().colour;
                let text = match form {
                    Form::Unified { at_most } => {
                        cut(draw::unified(&difference.files, &difference.sides, colour), at_most, &difference.name)
                    }
                    Form::Stat => {
                        let folder = if self.all.len() > 1 { format!("{}/", difference.name) } else { String::new() };
                        draw::stat(&difference.files, &folder, colour)
                    }
                };
                printer.result(text)?;
            }
        }
        for orphan in &self.orphans {
            let message = format!("`{orphan}` belongs to no environment");
            printer.error(&message, Some("its environment is gone or has another name; remove the folder"));
        }
        let same = self.differing().next().is_none() && self.orphans.is_empty();
        Ok(match self.report.exit() {
            Exit::Fine if !same => Exit::Findings,
            exit => exit,
        })
    }

    /// Environments with differences.
    pub(in crate::cli) fn differing(&self) -> impl Iterator<Item = &Difference> {
        self.all.iter().filter(|difference| !difference.files.is_empty())
    }
}

pub(super) fn cut(text: String, at_most: Option<usize>, name: &str) -> String {
    let lines = text.lines().count();
    match at_most {
        Some(most) if lines > most => {
            let kept: String = text.split_inclusive('\n').take(most).collect();
            format!("{kept}… and {} more lines; `platc diff {name}` shows them all\n", lines - most)
        }
        _ => text,
    }
}

#[derive(Serialize)]
struct Document<'a> {
    differences: Vec<Item<'a>>,
    orphans: Vec<&'a str>,
}

#[derive(Serialize)]
struct Item<'a> {
    environment: &'a str,
    against: &'a str,
    files: Vec<diff::json::File<'a>>,
}

impl<'a> Document<'a> {
    fn of(found: &'a Differences<'_>) -> Self {
        let item = |difference: &'a Difference| Item {
            environment: &difference.name,
            against: &difference.sides.old,
            files: diff::json::files(&difference.files),
        };
        let orphans = found.orphans.iter().map(|path| path.as_str()).collect();
        Self { differences: found.all.iter().map(item).collect(), orphans }
    }
}
