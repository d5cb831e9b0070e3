//! `platc diff`: what would change in the files of environments, and what that does.

use super::args::{Diff, Format, Global, Threshold, View};
use super::compile::Request;
use super::difference::baseline::Baseline;
use super::difference::{self, Difference, Form, Limit, Old, Scope};
use super::exit::{Exit, Failure};
use super::glob::Globs;
use super::printer::Printer;
use super::session::Session;
use super::strangers::{self, Look};
use crate::check::{Consequence, Past};
use crate::diff::draw;
use crate::project::Project;

pub(super) fn run(args: &Diff, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open_with_cache(global, false)?;
    let (set, with) = (&args.values.set, session.overlays(&args.values.with)?);
    let is_markdown = printer.format == Format::Markdown;
    let is_impact = is_markdown || args.view == Some(View::Impact) || (args.view.is_none() && args.fail_on.is_some());
    let baseline = Baseline::new(&session);
    let effects = is_impact.then_some(&baseline as &dyn Past);
    // What is compared with anything else has to be made.
    let caching = session.caching().filter(|_| args.against == "golden" && with.is_empty());
    // Rules judge what there is; here it is told what changes, whatever they say of it.
    let check = !is_impact;
    let request = Request {
        jobs: global.jobs,
        set,
        with: &with,
        allow_empty: true,
        caching,
        effects,
        check,
        ..session.request()
    };
    let is_structure = !is_impact && args.view == Some(View::Structure);
    let scope = Scope { only: Globs::parse(&args.only)?, context: args.context, structure: is_structure };
    let old = |project: &Project| {
        if is_impact {
            baseline.find(&args.against, project)?;
        }
        Old::named(&args.against, project, &session)
    };
    let differences = difference::compare(&args.environments, old, &scope, &session, &request, printer)?;
    baseline.failure()?;
    // What was compared with nothing, though there may have been something.
    let differences = differences.with(baseline.unknown());
    let form = match (is_impact, args.stat) {
        (true, _) => Form::Impact(args.fail_on.map(|least| limit(least, args.allow_unknown))),
        (false, _) if is_structure => Form::Structure,
        (false, true) => Form::Stat,
        (false, false) => Form::Unified,
    };
    let exit = differences.print(form, printer)?;
    if printer.format == Format::Text {
        for alike in differences.alike() {
            printer.status(&sentence(&alike));
        }
        if let ([one, other], "golden") = (args.environments.named.as_slice(), args.against.as_str()) {
            printer.status(&format!("to compare the two, write `platc diff {one} --against {other}`"));
        }
    }
    if let (Some(project), "golden") = (&differences.project, args.against.as_str()) {
        strangers::name(Look::Applied, &args.environments, project, &session, &differences.orphans, printer);
    }
    Ok(exit)
}

fn limit(least: Threshold, allow_unknown: bool) -> Limit {
    let worst = match least {
        Threshold::Destroys => Consequence::Destroys,
        Threshold::Replaces => Consequence::MayReplace,
        Threshold::RollsNodes => Consequence::RollsNodes,
        Threshold::Restarts => Consequence::Restarts,
        Threshold::Blocks => Consequence::Blocks,
        Threshold::InPlace => Consequence::InPlace,
    };
    Limit { worst, allow_unknown }
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
