//! Adopting what another tool renders: from the objects of several environments to templates, layers and a schema, with the
//! proof that these make the same objects.

mod draft;
mod name;
mod object;
mod overlay;
mod pair;
mod plan;
mod proof;
pub mod read;
mod shared;
mod unify;
mod write;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::environment::load::Loader;
use crate::finding::Findings;
use crate::pipeline::Inputs;
use crate::project::{Entry, Project};
use crate::schema::Schema;

use draft::Draft;
use proof::{Expected, Proof};
use read::Rendered;
use shared::Below;

pub use object::Identity;

/// What is adopted, and into what.
pub struct Request<'a> {
    /// The application's name, that of its folder.
    pub app: &'a str,
    /// What each environment has; as many as there are entries.
    pub rendered: &'a [Rendered],
    pub entries: &'a [Entry],
    pub project: &'a Project,
    pub schema: &'a Schema,
    pub inputs: Inputs<'a>,
}

/// What is to be written, once it is proved.
#[derive(Debug)]
pub struct Adopted {
    /// By path; the project's own schema is among them if it gets a line.
    pub files: BTreeMap<Utf8PathBuf, String>,
    /// The folder of the application's templates.
    pub folder: Utf8PathBuf,
    /// Objects of all environments, and those that are one in several.
    pub objects: usize,
    pub templates: usize,
    pub settings: usize,
    pub before: usize,
    pub after: usize,
}

/// Why nothing can be adopted, whatever the objects are.
#[derive(Debug)]
pub struct Refused {
    pub message: String,
    pub help: String,
}

/// Makes the files, and proves them. `None`, with findings, where they would not make the same.
pub fn adopt(request: &Request<'_>, findings: &mut Findings) -> Result<Option<Adopted>, Refused> {
    let Request { app, rendered, entries, project, schema, inputs } = *request;
    let loader = Loader::new(schema.shape(), inputs.disk, inputs.sources, inputs.limits);
    let Some(below) = Below::find(&loader, project, entries, inputs.disk, findings) else { return Ok(None) };
    let families = pair::pair(rendered);
    let draft = Draft::make(app, &families, entries, &below);
    let folder = project.config.templates.join(app);
    let files = draft.files(request, &below)?;
    let expected: Expected<'_> = draft
        .seats
        .iter()
        .zip(&families)
        .map(|(seat, family)| (Utf8PathBuf::from(app).join(&seat.path), family.members.clone()))
        .collect();
    let proof = Proof { project, inputs, folder: &folder, entries };
    if !proof.holds(&files, &expected, findings) {
        return Ok(None);
    }
    let own = files.iter().filter(|(path, _)| **path != project.config.schema);
    Ok(Some(Adopted {
        after: own.map(|(_, text)| text.len()).sum(),
        folder,
        objects: rendered.iter().map(|rendered| rendered.objects.len()).sum(),
        templates: draft.seats.len(),
        settings: draft.settings(),
        before: rendered.iter().map(|rendered| rendered.bytes).sum(),
        files,
    }))
}
