//! `platc show`: what an environment says, all its layers merged.

use serde::Serialize;
use serde_json::Value as Json;

use super::args::{Format, Global, Show};
use super::ask::{self, Asked};
use super::exit::{Exit, Failure};
use super::paths;
use super::printer::Printer;
use super::report::Report;
use crate::finding::Findings;
use crate::yaml::emit;

pub(super) fn run(args: &Show, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let select = |project: &_, session: &super::session::Session| session.find(project, &args.environment).cloned();
    ask::about(select, &args.values, global, printer, |asked, printer| show(args, asked, printer))
}

/// The result as JSON.
#[derive(Serialize)]
struct Shown {
    environment: String,
    path: String,
    value: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<Vec<Set>>,
}

#[derive(Serialize)]
struct Set {
    path: String,
    file: String,
    line: u32,
    column: u32,
}

fn show(args: &Show, asked: &Asked<'_>, printer: &mut Printer) -> Result<Exit, Failure> {
    let found = match &args.path {
        Some(path) => paths::find_one(asked, path)?,
        None => paths::root(asked),
    };
    let value = asked.mask.value(&found.tree);
    let provenance = || {
        let mut all = Vec::new();
        paths::leaves(&found, &mut |path, tree| {
            let place = asked.session.sources.get(tree.origin.value.file);
            let position = place.position(tree.origin.value.start);
            let file = place.path().to_string();
            all.push(Set { path: path.to_string(), file, line: position.line, column: position.column });
        });
        all
    };
    if printer.format != Format::Text {
        let shown = Shown {
            environment: asked.environment.name.to_string(),
            path: found.path.to_string(),
            value: serde_json::from_str(&emit::json(&value)).unwrap_or(Json::Null),
            provenance: args.provenance.then(provenance),
        };
        Report::new(Findings::default(), &asked.session.sources).document(printer, shown)?;
        return Ok(Exit::Fine);
    }
    let text = emit::document("", &value);
    if args.provenance {
        printer.result(beside(&text, &provenance(), asked))?;
    } else {
        printer.result(text)?;
    }
    Ok(Exit::Fine)
}

/// The text with the place of each leaf behind it: leaves come in the order of the text.
fn beside(text: &str, places: &[Set], asked: &Asked<'_>) -> String {
    let lines = crate::artifact::Lines::read(text.as_bytes(), &asked.session.limits);
    let mut notes: Vec<Option<String>> = vec![None; text.lines().count()];
    let leaves = lines.iter().flat_map(crate::artifact::Lines::iter).filter(|(placed, _)| !placed.is_collection);
    for ((_, position), Set { file, line, .. }) in leaves.zip(places) {
        if let Some(note) = notes.get_mut(position.line as usize - 1) {
            *note = Some(format!("{file}:{line}"));
        }
    }
    let width = text.lines().map(|line| line.chars().count()).max().unwrap_or(0).min(60);
    let line = |(line, note): (&str, Option<String>)| match note {
        Some(note) => format!("{line:width$}  # {note}\n"),
        None => format!("{line}\n"),
    };
    text.lines().zip(notes).map(line).collect()
}
