//! `platc render --stdout`: the files themselves.

use std::sync::Arc;

use serde::Serialize;

use super::args::{Format, Render};
use super::compile::{self, Context, Request};
use super::exit::{Exit, Failure};
use super::glob::Globs;
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use crate::artifact::File;
use crate::finding::Findings;
use crate::pipeline::Compiled;

pub(super) fn run(
    args: &Render,
    session: &Session,
    request: &Request<'_>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let only = Globs::parse(&args.only)?;
    let deliver = |_: Context<'_>, compiled: Option<Compiled>, _: &mut Findings| {
        let files = compiled.map_or_else(Vec::new, |compiled| compiled.files);
        files.into_iter().filter(|file| only.matches(&file.path)).collect::<Vec<File>>()
    };
    let select = |project: &_| session.select(project, &args.environments);
    let compile::Outcome { findings, delivered, .. } = compile::each(request, select, printer, |_, _| None, deliver)?;
    let report = Report::new(findings, &session.sources);
    report.say(printer);
    let count: usize = delivered.iter().map(|(_, files)| files.len()).sum();
    if count == 0 && !report.has_errors() && !args.only.is_empty() {
        return Err(only.without_match());
    }
    if printer.format != Format::Text {
        report.document(printer, Trees::of(&delivered))?;
        return Ok(report.exit());
    }
    for (name, files) in &delivered {
        for file in files {
            // One file alone is printed as it is, for a pipe.
            if count > 1 {
                printer.result(format!("--- # {name}/{}\n", file.path))?;
            }
            printer.file(&file.bytes)?;
        }
    }
    Ok(report.exit())
}

#[derive(Serialize)]
struct Trees<'a> {
    environments: Vec<Tree<'a>>,
}

#[derive(Serialize)]
struct Tree<'a> {
    name: &'a str,
    files: Vec<Text<'a>>,
}

#[derive(Serialize)]
struct Text<'a> {
    path: &'a str,
    template: &'a str,
    content: std::borrow::Cow<'a, str>,
}

impl<'a> Trees<'a> {
    fn of(delivered: &'a [(Arc<str>, Vec<File>)]) -> Self {
        let content = |file: &'a File| Text {
            path: file.path.as_str(),
            template: &file.template,
            content: String::from_utf8_lossy(&file.bytes),
        };
        let tree = |(name, files): &'a (Arc<str>, Vec<File>)| Tree { name, files: files.iter().map(content).collect() };
        Self { environments: delivered.iter().map(tree).collect() }
    }
}
