//! What becomes of what an affected environment runs.

use std::sync::Arc;

use super::comparison::{Change, Comparison};
use crate::check::Past;
use crate::cli::args::Global;
use crate::cli::compile::{self, Context, Outcome, Request};
use crate::cli::difference::baseline::Baseline;
use crate::cli::exit::Failure;
use crate::cli::printer::Printer;
use crate::finding::Findings;
use crate::pipeline::Compiled;
use crate::project::{Entry, Project};

/// Asks it of environments whose files differ: what has the same bytes is left as it is.
pub(super) fn find(
    comparison: &mut Comparison<'_>,
    merge_base: &str,
    global: &Global,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let session = comparison.new.session;
    let differs = comparison.affected.iter().filter(|it| it.change == Change::Modified && !it.files.is_empty());
    let names: Vec<Arc<str>> =
        differs.filter(|it| it.has_errors == [false; 2]).map(|it| Arc::clone(&it.name)).collect();
    if names.is_empty() {
        return Ok(());
    }
    let baseline = Baseline::new(session);
    let effects = Some(&baseline as &dyn Past);
    let request = Request { jobs: global.jobs, check: false, effects, ..session.request() };
    let is_wanted = |entry: &&Entry| names.contains(&entry.name);
    let select = |project: &Project| {
        baseline.find(&format!("rev:{merge_base}"), project)?;
        Ok(project.environments.iter().filter(is_wanted).cloned().collect())
    };
    let deliver = |_: Context<'_>, compiled: Option<Compiled>, _: &mut Findings| compiled.map(|it| it.effects);
    let Outcome { delivered, .. } = compile::each(&request, select, printer, |_, _| None, deliver)?;
    baseline.failure()?;
    for (name, effects) in delivered {
        let Some(affected) = comparison.affected.iter_mut().find(|it| it.name == name) else { continue };
        for effect in effects.unwrap_or_default() {
            *affected.impact.entry(effect.consequence).or_default() += 1;
        }
    }
    Ok(())
}
