//! The whole data flow, and the only place that knows of threads.
//!
//! What environments share is read and compiled once ([`Shared::load`]); then each environment goes through its
//! stages by itself ([`Compiler::compile`]) and is handed on before the next begins, so that memory does not grow with
//! their number.

use rayon::prelude::*;

use crate::disk::Disk;
use crate::environment;
use crate::environment::load::{Environment, Loader};
use crate::environment::patch::Patch;
use crate::finding::Findings;
use crate::limits::Limits;
use crate::project::{Entry, Project};
use crate::schema::{Schema, Shape};
use crate::source::Sources;
use crate::target;
use crate::template::{EnvironmentInput, Templates};
use crate::tree::{self, Artifact, Body, File};

/// Stack of each worker: the template engine recurses, within its limits, deeper than a default stack allows. Pages
/// that are not used are never touched.
const STACK_BYTES: usize = 32 << 20;

/// What all stages read from and measure by.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    pub disk: &'a dyn Disk,
    pub sources: &'a Sources,
    pub limits: &'a Limits,
}

/// A compiled environment: all files of its tree, none of them written yet.
#[derive(Debug)]
pub struct Compiled {
    pub environment: Environment,
    /// Sorted by path.
    pub files: Vec<File>,
}

/// Runs `work` on a pool of its own. Everything in this module runs inside of one.
///
/// # Errors
/// The system refuses to start threads.
pub fn on_threads<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, rayon::ThreadPoolBuildError> {
    let builder = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).num_threads(threads.unwrap_or(0));
    Ok(builder.build()?.install(work))
}

/// What all environments of a project share.
#[derive(Debug)]
pub struct Shared {
    schema: Option<Schema>,
    templates: Option<Templates>,
}

impl Shared {
    /// Reads and compiles the schema and the templates. What is broken is left out, with findings.
    pub fn load(project: &Project, inputs: Inputs<'_>, findings: &mut Findings) -> Self {
        let Inputs { disk, sources, limits } = inputs;
        let config = &project.config;
        let ((schema, from_schema), (templates, from_templates)) = rayon::join(
            || collect(|findings| Schema::load(disk, &config.schema, sources, limits, findings)),
            || collect(|findings| Templates::load(disk, &config.templates, sources, limits, findings)),
        );
        findings.append(from_schema);
        findings.append(from_templates);
        if let (Some(schema), Some(templates)) = (&schema, &templates) {
            templates.check_merges(schema.shape(), findings);
        }
        Self { schema, templates }
    }

    /// Values given on the command line, as a patch on top of every environment. `None` if there are none, or if one is
    /// wrong, which is told.
    pub fn set(&self, arguments: &[String], inputs: Inputs<'_>, findings: &mut Findings) -> Option<Patch> {
        let shape = self.schema.as_ref()?.shape();
        environment::set::patch(arguments, shape, inputs.sources, inputs.limits, findings)
    }
}

/// Compiles environments, any number of them at once.
pub struct Compiler<'a> {
    inputs: Inputs<'a>,
    schema: &'a Schema,
    templates: Option<&'a Templates>,
    loader: Loader<'a, Shape<'a>>,
    /// Values from the command line, on top of every environment.
    set: Option<&'a Patch>,
    verify: bool,
}

impl<'a> Compiler<'a> {
    /// Nothing can be compiled without a schema: it decides how values are read.
    pub fn new(shared: &'a Shared, set: Option<&'a Patch>, inputs: Inputs<'a>) -> Option<Self> {
        let schema = shared.schema.as_ref()?;
        let loader = Loader::new(schema.shape(), inputs.disk, inputs.sources, inputs.limits);
        Some(Self { inputs, schema, templates: shared.templates.as_ref(), loader, set, verify: false })
    }

    /// Lets an independent reader read every file that is made.
    #[must_use]
    pub fn verified(self, verify: bool) -> Self {
        Self { verify, ..self }
    }

    /// Compiles each environment and hands its tree to `deliver` as soon as it is done, `None` where findings stand in
    /// the way. Results and findings come back in the order of `entries`.
    pub fn each<T: Send>(
        &self,
        entries: &[&Entry],
        findings: &mut Findings,
        deliver: impl Fn(&Entry, Option<Compiled>, &mut Findings) -> T + Sync,
    ) -> Vec<T> {
        let all: Vec<(T, Findings)> = entries
            .par_iter()
            .map(|entry| {
                collect(|findings| {
                    let compiled = self.compile(entry, findings);
                    let delivered = deliver(entry, compiled, findings);
                    findings.name_environment(&entry.name);
                    delivered
                })
            })
            .collect();
        let (delivered, found): (Vec<T>, Vec<Findings>) = all.into_iter().unzip();
        for found in found {
            findings.append(found);
        }
        delivered
    }

    /// One environment: load and merge its layers, validate, render, check, write out. `None` after an error; later
    /// stages do not run on what an earlier one refused, because they would only complain about its consequences.
    pub fn compile(&self, entry: &Entry, findings: &mut Findings) -> Option<Compiled> {
        let environment = self.loader.load(entry, self.set, findings)?;
        self.schema.validate(&environment.root, self.inputs.sources, findings);
        if findings.has_errors() {
            return None;
        }
        let artifacts = self.render(&environment, findings)?;
        let finished: Vec<(File, Findings)> =
            artifacts.into_par_iter().map(|artifact| collect(|findings| self.finish(artifact, findings))).collect();
        let (mut files, found): (Vec<File>, Vec<Findings>) = finished.into_iter().unzip();
        for found in found {
            findings.append(found);
        }
        files.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
        findings.append(tree::check_files(&files, self.inputs.limits));
        (!findings.has_errors()).then_some(Compiled { environment, files })
    }

    fn finish(&self, artifact: Artifact, findings: &mut Findings) -> File {
        let meant = match &artifact.body {
            Body::Document(value) if self.verify => Some(value.clone()),
            Body::Document(_) | Body::Text(_) => None,
        };
        let file = target::finish(artifact);
        if let Some(value) = meant {
            target::verify(&value, &file, findings);
        }
        file
    }

    fn render(&self, environment: &Environment, findings: &mut Findings) -> Option<Vec<Artifact>> {
        let Inputs { sources, limits, .. } = self.inputs;
        let input = EnvironmentInput { name: &environment.name, root: &environment.root };
        let templates: Vec<_> = self.templates?.iter().collect();
        let all: Vec<(Vec<Artifact>, Findings)> = templates
            .into_par_iter()
            .map(|template| collect(|findings| template.render(&input, sources, limits, findings)))
            .collect();
        let mut artifacts = Vec::new();
        for (made, found) in all {
            artifacts.extend(made);
            findings.append(found);
        }
        (!findings.has_errors()).then_some(artifacts)
    }
}

/// Gives a piece of work its own sink, so that pieces can run at once and still report in a fixed order.
fn collect<T>(work: impl FnOnce(&mut Findings) -> T) -> (T, Findings) {
    let mut findings = Findings::default();
    (work(&mut findings), findings)
}
