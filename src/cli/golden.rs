//! `platc golden`: hold the committed trees against what environments compile to, or renew them.

mod advice;

use advice::Advice;

use super::args::{Format, Global, Golden};
use super::compile::Request;
use super::destination::Destination;
use super::difference::{self, Difference, Differences, Form, Old, Scope};
use super::exit::{Exit, Failure};
use super::glob::Globs;
use super::printer::Printer;
use super::render;
use super::session::Session;
use super::strangers::{self, Look};
use crate::diff::draw;
use crate::diff::side::{Edit, Edited};

pub(super) fn run(args: &Golden, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open_with_cache(global, args.staged)?;
    let caching = session.caching();
    let request = Request { jobs: global.jobs, allow_empty: args.allow_empty, caching, ..session.request() };
    let request = Request { leftovers: Some(&session), writes: args.accept, ..request };
    if args.accept {
        let options = render::Options { durable: true, overwrite_edits: args.overwrite_edits };
        return render::publish(
            &args.environments,
            &Destination::golden(&session),
            options,
            &session,
            &request,
            printer,
        );
    }
    let scope = Scope { only: Globs::default(), context: 3, structure: false };
    let differences =
        difference::compare(&args.environments, |_| Ok(Old::Golden), &scope, &session, &request, printer)?;
    let advice = Advice::of(&session);
    let strangers = |differences: &Differences<'_>, printer: &mut Printer| {
        if let Some(project) = &differences.project {
            strangers::name(Look::All, &args.environments, project, &session, &differences.orphans, printer);
        }
    };
    if printer.format.is_for_findings() {
        strangers(&differences, printer);
        return Ok(differences.print_findings(|difference| advice.on(difference), printer)?);
    }
    let exit = differences.print(Form::Unified, printer)?;
    if printer.format == Format::Text {
        for alike in differences.alike() {
            let [first, rest @ ..] = alike.as_slice() else { continue };
            match (draw::summary(&first.files), rest.len()) {
                (Some(summary), 0) => printer.error(&wrong(first, &summary), Some(&advice.on(first))),
                (Some(summary), _) => printer.error(&all_wrong(&alike, &summary), Some(HELP)),
                (None, 0) => printer.status(&format!("{} is up to date", first.sides.old)),
                (None, _) => {
                    printer.status(&format!("the golden trees of {} are up to date", difference::name_all(&alike)));
                }
            }
        }
    }
    strangers(&differences, printer);
    Ok(exit)
}

/// What to do where many trees differ.
const HELP: &str = "if this is what you want, run `platc golden --accept` and commit the result";

fn all_wrong(alike: &[&Difference], summary: &str) -> String {
    let names = difference::name_all(alike);
    if alike.iter().all(|difference| difference.nothing) {
        format!("there are no golden trees of {names}")
    } else {
        format!("the golden trees of {names} are not what they compile to: {summary}")
    }
}

fn wrong(Difference { name, sides, nothing, edited, .. }: &Difference, summary: &str) -> String {
    if let [Edited { path: file, how, .. }, rest @ ..] = edited.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(", and {} more files", rest.len()) };
        let what = match how {
            Edit::Conflict => "holds an unsettled merge conflict",
            Edit::LineEnds => "has other line ends (CRLF)",
            Edit::Content => "was edited by hand",
        };
        format!("`{}/{file}` {what}{more}, and is not what `{name}` compiles to: {summary}", sides.old)
    } else if *nothing {
        format!("there is no golden tree `{}`", sides.old)
    } else {
        format!("`{}` is not what `{name}` compiles to: {summary}", sides.old)
    }
}
