//! `platc validate --fix`: keys that have a new name are renamed, and overrides that change nothing are taken out, before
//! all is judged.

use super::args::Environments;
use super::exit::Failure;
use super::modeline;
use super::printer::Printer;
use super::session::Session;
use crate::disk::Budget;
use crate::environment::redundant::{Trimmed, Trimmer};
use crate::environment::rename::{Renamed, Renamer};
use crate::finding::Findings;
use crate::project::{Config, Project};
use crate::schema::Schema;
use crate::tree;

/// Renames keys in all layers, and trims the files of environments and their layers. What stands in the way of it is told by
/// the validation after it.
pub(super) fn run(environments: &Environments, session: &Session, printer: &mut Printer) -> Result<(), Failure> {
    let config = Config::load(session.disk.as_ref(), &session.sources, &session.limits, &mut Findings::default());
    for folder in config.iter().flat_map(|config| &config.environments) {
        tree::sweep(&session.place.root, folder);
    }
    for file in renamed(session).unwrap_or_default() {
        modeline::rewrite(session, &file.path, &file.before, &file.text)?;
        for (old, new) in &file.names {
            printer.status(&format!("renamed in {}: `{old}` to `{new}`", session.place.shown(&file.path)));
        }
    }
    let Some(trimmed) = trimmed(environments, session)? else {
        printer
            .status("nothing was taken out: all environments of the project are compared, and one of them has errors");
        return Ok(());
    };
    for file in trimmed {
        modeline::replace(&session.place, &file.path, &file.text)?;
        for removed in &file.removed {
            printer.status(&format!("removed from {}: {removed}", session.place.shown(&file.path)));
        }
    }
    Ok(())
}

/// The files with old names; none where some environment cannot be loaded, which is told with the other ones.
fn renamed(session: &Session) -> Option<Vec<Renamed>> {
    let Session { disk, sources, limits, .. } = session;
    let mut unheard = Findings::default();
    let budget = Budget::new(disk.as_ref(), limits);
    let project = Project::load(&budget, sources, limits, &mut unheard)?;
    let schema = Schema::load(&budget, &project.config.schema, sources, limits, &mut unheard);
    let schema = schema.filter(|schema| schema.renames() && !unheard.has_errors())?;
    let disk = disk.as_ref();
    Renamer { shape: schema.shape(), disk, sources, limits, all: &project.environments }.run()
}

/// The files that change; none where some environment could not be compared.
fn trimmed(environments: &Environments, session: &Session) -> Result<Option<Vec<Trimmed>>, Failure> {
    let Session { disk, sources, limits, .. } = session;
    let mut unheard = Findings::default();
    let budget = Budget::new(disk.as_ref(), limits);
    let Some(project) = Project::load(&budget, sources, limits, &mut unheard) else { return Ok(None) };
    let schema = Schema::load(&budget, &project.config.schema, sources, limits, &mut unheard);
    let Some(schema) = schema.filter(|_| !unheard.has_errors()) else { return Ok(None) };
    let selected = session.select(&project, environments)?;
    // Each try reads layers again, so what it reads is not counted.
    let disk = session.disk.as_ref();
    let trimmer = Trimmer { shape: schema.shape(), disk, sources, limits, all: &project.environments };
    Ok(trimmer.run(&selected))
}
