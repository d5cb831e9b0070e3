//! `platc diff`: what would change in the files of environments.

use super::args::{Diff, Format, Global};
use super::compile::Request;
use super::difference::{self, Difference, Form, Old, Scope};
use super::exit::{Exit, Failure};
use super::glob::Globs;
use super::printer::Printer;
use super::session::Session;
use crate::diff::draw;

pub(super) fn run(args: &Diff, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open_with_cache(global, false)?;
    let (set, with) = (&args.values.set, session.overlays(&args.values.with)?);
    // What is compared with anything else has to be made.
    let caching = session.caching().filter(|_| args.against == "golden" && with.is_empty());
    let request = Request { jobs: global.jobs, set, with: &with, allow_empty: true, caching, ..session.request() };
    let scope = Scope { only: Globs::parse(&args.only)?, context: args.context };
    let old = |project: &_| Old::named(&args.against, project, &session);
    let differences = difference::compare(&args.environments, old, &scope, &session, &request, printer)?;
    let form = if args.stat { Form::Stat } else { Form::Unified };
    let exit = differences.print(form, printer)?;
    if printer.format == Format::Text {
        for alike in differences.alike() {
            printer.status(&sentence(&alike));
        }
        if let ([one, other], "golden") = (args.environments.named.as_slice(), args.against.as_str()) {
            printer.status(&format!("to compare the two, write `platc diff {one} --against {other}`"));
        }
    }
    Ok(exit)
}

/// Of environments with the same result.
fn sentence(alike: &[&Difference]) -> String {
    let [Difference { name, sides, files, nothing, .. }, ..] = alike else { return String::new() };
    let before = if *nothing { ", where there is nothing yet" } else { "" };
    let summary = draw::summary(files).unwrap_or_else(|| "no difference".to_owned());
    let who = match alike {
        [_] => name.to_string(),
        _ => difference::name_all(alike),
    };
    format!("{who} against {}{before}: {summary}", sides.old)
}
