//! `platc golden`: hold the committed trees against what environments compile to, or renew them.

use super::args::{Format, Global, Golden};
use super::compile::Request;
use super::difference::{self, Difference, Form, Old, Scope};
use super::exit::{Exit, Failure};
use super::glob::Globs;
use super::printer::Printer;
use super::render::{self, Destination};
use super::session::Session;
use crate::diff::draw;

/// Lines of a difference that a check shows: enough to see what it is about, in a hook or a build log.
const SHOWN: usize = 200;

pub(super) fn run(args: &Golden, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, args.staged)?;
    let request = Request { jobs: global.jobs, ..session.request() };
    if args.accept {
        let options = render::Options { durable: true, overwrite_edits: true };
        return render::publish(
            &args.environments,
            &Destination::golden(&session),
            options,
            &session,
            &request,
            printer,
        );
    }
    let scope = Scope { only: Globs::default(), context: 3 };
    let differences =
        difference::compare(&args.environments, |_| Ok(Old::Golden), &scope, &session, &request, printer)?;
    if printer.format.is_for_findings() {
        return Ok(differences.print_findings(help, printer)?);
    }
    let exit = differences.print(Form::Unified { at_most: Some(SHOWN) }, printer)?;
    if printer.format == Format::Text {
        for difference in &differences.all {
            match draw::summary(&difference.files) {
                Some(summary) => printer.error(&wrong(difference, &summary), Some(&help(difference))),
                None => printer.status(&format!("{} is up to date", difference.sides.old)),
            }
        }
    }
    Ok(exit)
}

fn wrong(Difference { name, sides, nothing, .. }: &Difference, summary: &str) -> String {
    if *nothing {
        format!("there is no golden tree `{}`", sides.old)
    } else {
        format!("`{}` is not what `{name}` compiles to: {summary}", sides.old)
    }
}

fn help(difference: &Difference) -> String {
    let wanted = if difference.nothing { "to begin with this" } else { "if this is what you want" };
    format!("{wanted}, run `platc golden --accept {}` and commit the result", difference.name)
}
