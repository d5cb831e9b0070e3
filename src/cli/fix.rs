//! `platc validate --fix`: overrides that change nothing are taken out before all is judged.

use super::args::Environments;
use super::exit::Failure;
use super::modeline;
use super::printer::Printer;
use super::session::Session;
use crate::disk::Budget;
use crate::environment::redundant::Trimmer;
use crate::finding::Findings;
use crate::project::Project;
use crate::schema::Schema;

/// Trims the files of environments and their layers. What stands in the way of it is told by the validation after it.
pub(super) fn run(environments: &Environments, session: &Session, printer: &mut Printer) -> Result<(), Failure> {
    let Session { disk, sources, limits, .. } = session;
    let mut unheard = Findings::default();
    let disk = Budget::new(disk.as_ref(), limits);
    let Some(project) = Project::load(&disk, sources, limits, &mut unheard) else { return Ok(nothing(printer)) };
    let schema = Schema::load(&disk, &project.config.schema, sources, limits, &mut unheard);
    // One that was left out could not be compared.
    let Some(schema) = schema.filter(|_| !unheard.has_errors()) else { return Ok(nothing(printer)) };
    let selected = session.select(&project, environments)?;
    // Each try reads layers again, so what it reads is not counted.
    let disk = session.disk.as_ref();
    let trimmer = Trimmer { shape: schema.shape(), disk, sources, limits, all: &project.environments };
    let Some(trimmed) = trimmer.run(&selected) else { return Ok(nothing(printer)) };
    for file in trimmed {
        modeline::replace(&session.place.root.join(&file.path), &file.text)?;
        for removed in &file.removed {
            printer.status(&format!("removed from {}: {removed}", session.place.shown(&file.path)));
        }
    }
    Ok(())
}

fn nothing(printer: &mut Printer) {
    printer.status("nothing was taken out: all environments of the project are compared, and one of them has errors");
}
