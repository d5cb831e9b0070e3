//! [`Shared`]: what is read and compiled once for all environments.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::charts::{OfCharts, Shelved};
use super::threads::{collect, gather};
use super::{Inputs, Options};
use crate::account::{Account, Cost, Work};
use crate::check::{Judge, Past, Severities};
use crate::environment::{self, patch::Patch, set::Overlay};
use crate::finding::Findings;
use crate::finding::codes::hygiene::{IGNORED_FILE, UNRENDERED_FILE};
use crate::project::Project;
use crate::project::outside::Outside;
use crate::rules::{BroughtBefore, CATALOGUE, OfProject, OwnRules, Schemas, misplaced};
use crate::schema::Schema;
use crate::source::Span;
use crate::template::{self, Templates};

/// What all environments of a project share.
#[derive(Debug)]
pub struct Shared {
    pub(super) schema: Option<Schema>,
    pub(super) templates: Templates,
    pub(super) rules: OwnRules,
    pub(super) severities: Severities,
    /// Where schemas of the output lie.
    pub(super) schemas: Utf8PathBuf,
    /// How many bytes were read for it.
    pub(super) read: u64,
    /// What that cost.
    costs: Vec<(Cost, Work, Span)>,
    /// The folders of rendered and of golden trees.
    pub(super) trees: [Utf8PathBuf; 2],
    /// A file beside the templates was probably meant as one: what is not read may be read by it.
    pub(super) unrendered: bool,
    /// Patterns of the paths whose files are material, and where each is written.
    pub(super) material: Vec<Arc<str>>,
    pub(super) material_at: Vec<(Arc<str>, Span)>,
    /// What other tools make for all environments.
    outside: Vec<Outside>,
    charts: Shelved,
    /// Nothing in it is broken: what is compiled with it may be handed on.
    pub(super) sound: bool,
}

impl Shared {
    /// Reads and compiles the schema, the templates and the project's rules. What is broken is left out, with findings.
    pub fn load(project: &Project, inputs: Inputs<'_>, findings: &mut Findings) -> Self {
        let Inputs { disk, sources, limits } = inputs;
        let config = &project.config;
        let ((schema, mut own), (templates, from_templates)) = rayon::join(
            || collect(|findings| Schema::to_judge(disk, &config.schema, sources, limits, findings)),
            || collect(|findings| templates(&config.templates, inputs, findings)),
        );
        let unrendered = from_templates.iter().any(|it| it.rule == &UNRENDERED_FILE || it.rule == &IGNORED_FILE);
        own.append(from_templates);
        if let Some(schema) = schema.as_ref().filter(|schema| !schema.is_broken()) {
            schema.check_openness(&mut own);
            templates.check_merges(schema.shape(), &mut own);
            let environments: Vec<&str> = project.environments.iter().map(|entry| &*entry.name).collect();
            templates.check_settings(schema.shape(), &environments, &mut own);
        }
        let before = sources.bytes();
        let rules = OwnRules::load(disk, &config.own_rules(), sources, limits, &mut own);
        misplaced(disk, &Schema::folder(&config.schema), sources, &mut own);
        let severities = Severities::new(&config.rules, &CATALOGUE, &rules.ids(), &mut own);
        let charts = Shelved::open(disk, sources, &mut own);
        severities.apply(&mut own);
        let sound = !own.has_errors();
        findings.append(own);
        let trees = [config.output.clone(), config.golden.clone()];
        let (schemas, read) = (Schema::folder(&config.schema), sources.bytes());
        let first = templates.iter().next().map(template::Template::span);
        let costs = [
            schema.as_ref().map(|schema| (schema.cost(), Work::Shared, schema.shape().span())),
            first.map(|first| (templates.cost(), Work::Shared, first)),
            rules.iter().next().map(|rule| (RULES.times(read - before), Work::Shared, rule.span())),
        ];
        let costs = costs.into_iter().flatten().collect();
        let (material, outside) = (config.material.clone(), config.outside.clone());
        let material_at = material.iter().cloned().zip(config.material_spans.iter().copied()).collect();
        Self {
            schema,
            templates,
            rules,
            severities,
            schemas,
            read,
            costs,
            trees,
            unrendered,
            material,
            material_at,
            outside,
            charts,
            sound,
        }
    }

    /// Charges what was read.
    pub(super) fn pay(&self, account: &Account) {
        account.read(self.read);
        for (cost, work, at) in &self.costs {
            account.charge(*cost, *work, *at);
        }
    }

    /// What a run judges by. `account` pays for the schemas that are read for it.
    pub(super) fn judge<'a>(
        &'a self,
        schema: &'a Schema,
        options: &Options<'a>,
        inputs: Inputs<'a>,
        account: &Account,
    ) -> Judge<'a> {
        let Inputs { disk, sources, limits } = inputs;
        let Self { templates, rules: own, severities, schemas, trees, material, outside, charts: shelved, .. } = self;
        let schemas = Schemas::new(schemas.clone(), disk, sources, limits).charging(account);
        let Options { day, acknowledged_too, past, .. } = *options;
        let before = past.and_then(Past::former).map(|former| BroughtBefore::load(former, sources, limits));
        Judge {
            catalogue: &CATALOGUE,
            brought: Box::new(OfProject { schemas, own, sources, before }),
            charts: Box::new(OfCharts { shelved, disk, sources }),
            severities,
            schema,
            templates,
            disk,
            sources,
            limits,
            trees,
            material,
            outside,
            day,
            acknowledged_too,
        }
    }

    /// What the command line lays over every environment, as a patch. `None` if there is nothing, or if something is wrong,
    /// which is told.
    pub fn laid(
        &self,
        overlays: &[Overlay<'_>],
        arguments: &[String],
        inputs: Inputs<'_>,
        findings: &mut Findings,
    ) -> Option<Patch> {
        let shape = self.schema.as_ref()?.shape();
        environment::set::laid(overlays, arguments, shape, inputs.sources, inputs.limits, findings)
    }
}

/// What it costs to read a byte of the project's rules, and to compile it.
const RULES: Cost = Cost { steps: 4, bytes: 60 };

/// [`Templates::load`] with all files at once; without those that are broken, and without those that take them in.
fn templates(folder: &Utf8Path, inputs: Inputs<'_>, findings: &mut Findings) -> Templates {
    let Inputs { disk, sources, limits } = inputs;
    let listed = template::list(disk, folder, sources, limits, findings);
    let read = |path: &Utf8PathBuf| collect(|findings| template::read(disk, folder, path, sources, limits, findings));
    let files = gather(listed.templates.par_iter().map(read).collect(), findings);
    let taken = template::taken(&files);
    listed.check_others(folder, &taken, sources, findings);
    let read_copy = |(path, by): &(Utf8PathBuf, template::By)| {
        collect(|findings| template::read_copy(disk, folder, path, *by, sources, limits, findings))
    };
    let copies = gather(listed.copies(folder, &taken).par_iter().map(read_copy).collect(), findings);
    Templates::link(folder, files, copies, limits, findings)
}
