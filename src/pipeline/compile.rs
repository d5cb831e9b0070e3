//! [`Compiler`]: one environment, from its layers to the files of its tree.

use std::sync::Arc;

use camino::Utf8PathBuf;
use rayon::prelude::*;

use super::deleted;
use super::forgotten;
use super::threads::{collect, gather};
use super::{Compiled, Inputs, Options, Shared};
use crate::account::Account;
use crate::artifact::{self, Artifact, Body, File};
use crate::check::{Acknowledgements, Declared, Gathered, Judge, Made, Missing, Severities};
use crate::environment::doubt::{Doubts, Layers};
use crate::environment::load::{Environment, Loader};
use crate::environment::reads::Reads;
use crate::environment::unfilled;
use crate::finding::{Finding, Findings, codes};
use crate::project::Entry;
use crate::schema::{Noted, Schema, Shape, Usage};
use crate::source::{FileId, Span};
use crate::template::{EnvironmentInput, Template, Templates};
use crate::tree;

/// What an environment leaves behind when its tree is gone.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Its layers, its own last.
    pub(super) layers: Vec<Utf8PathBuf>,
    /// The files of its layers.
    pub(super) files: Vec<FileId>,
    /// What the checks of the whole fleet want to know of it.
    pub(super) gathered: Gathered,
    pub(super) acknowledged: Acknowledgements,
    /// What other tools make.
    pub(super) outside: Declared,
    /// Which settings it reads, if that is asked.
    pub(super) noted: Option<Noted>,
    /// What it cost, and may cost.
    pub(super) account: Account,
}

/// Compiles environments, any number of them at once.
pub struct Compiler<'a> {
    pub(super) inputs: Inputs<'a>,
    pub(super) shared: &'a Shared,
    pub(super) options: Options<'a>,
    pub(super) schema: &'a Schema,
    pub(super) loader: Loader<'a, Shape<'a>>,
    pub(super) judge: Judge<'a>,
    /// Pays for what environments share.
    pub(super) account: Account,
    /// Which settings are read, if that is asked and can be known.
    pub(super) usage: Option<Usage>,
}

impl<'a> Compiler<'a> {
    /// Nothing can be compiled without a schema: it decides how values are read.
    pub fn new(shared: &'a Shared, options: Options<'a>, inputs: Inputs<'a>) -> Option<Self> {
        Self::charging(shared, options, inputs, Account::shared())
    }

    /// The same, with an account for what environments share.
    pub(super) fn charging(
        shared: &'a Shared,
        options: Options<'a>,
        inputs: Inputs<'a>,
        account: Account,
    ) -> Option<Self> {
        let schema = shared.schema.as_ref()?;
        shared.pay(&account);
        let loader = Loader::new(schema.shape(), inputs.disk, inputs.sources, inputs.limits).charging(&account);
        let judge = shared.judge(schema, &options, inputs, &account);
        let usage = (options.usage && options.whole.is_some() && !shared.unrendered).then(Usage::default);
        Some(Self { inputs, shared, options, schema, loader, judge, account, usage })
    }

    /// Nothing in what all trees hold is broken: they may be handed on.
    pub(super) fn is_sound(&self) -> bool {
        self.shared.sound && !self.options.refused
    }

    pub(super) fn templates(&self) -> &'a Templates {
        &self.shared.templates
    }

    pub fn schema(&self) -> &'a Schema {
        self.schema
    }

    pub(super) fn severities(&self) -> &'a Severities {
        &self.shared.severities
    }

    /// One environment: load and merge its layers, validate, render, check, write out. `None` after an error; later
    /// stages do not run on what an earlier one refused, because they would only complain about its consequences.
    pub fn compile(&self, entry: &Entry, findings: &mut Findings) -> Option<Compiled> {
        self.judged(entry, &Account::unbounded(), &mut Left::default(), findings)
    }

    /// An account of an environment, with what all of them have read.
    pub(super) fn opened(&self, account: Account) -> Account {
        account.read(self.shared.read);
        account
    }

    /// The same; what others want to know of it is left behind even where it is refused.
    pub(super) fn judged(
        &self,
        entry: &Entry,
        account: &Account,
        left: &mut Left,
        findings: &mut Findings,
    ) -> Option<Compiled> {
        let compiled = self.run(entry, account, left, findings).filter(|_| !account.is_over());
        self.severities().apply(findings);
        left.acknowledged.apply(findings, self.options.day);
        if compiled.is_none() {
            // Not all rules had a say, so that nobody knows which acknowledgements have no use, and what is named.
            (left.acknowledged, left.outside) = (Acknowledgements::default(), Declared::default());
        }
        compiled.filter(|_| !findings.has_errors())
    }

    fn run(&self, entry: &Entry, account: &Account, left: &mut Left, findings: &mut Findings) -> Option<Compiled> {
        let environment = self.loader.charged(entry, self.options.set, account, findings)?;
        left.layers = environment.layers.iter().map(|layer| layer.path.clone()).collect();
        left.files = environment.layers.iter().flat_map(|layer| layer.files.iter().copied()).collect();
        findings.extend(unfilled::findings(&environment.root));
        let mut of_schema = self.schema.errors(&environment.root, self.inputs.sources, account);
        deleted::lead(&environment, of_schema.iter_mut());
        if let Some(project) = self.options.whole.filter(|_| environment.layers.len() == 1) {
            forgotten::suggest(entry, project, of_schema.iter_mut().map(|(_, finding)| finding));
        }
        let is_wrong = findings.has_errors() || of_schema.iter().any(|(_, finding)| finding.is_error());
        let Inputs { sources, limits, .. } = self.inputs;
        let layers = Layers { files: left.files.clone(), sources, limits };
        let doubts = is_wrong.then(|| Doubts::of(&environment.root, &of_schema, findings, &layers));
        findings.extend(of_schema.into_iter().map(|(_, finding)| finding));
        if account.is_over() {
            return None;
        }
        if let Some(doubts) = doubts {
            self.apart(&environment, &doubts?, account, left, findings);
            return None;
        }
        let reads = self.usage.as_ref().map(|_| Arc::<Reads>::default());
        let (artifacts, missing) = self.render(&environment, reads.as_ref(), account, findings);
        let is_whole = missing == Missing::Nothing;
        if let (Some(usage), Some(reads)) = (&self.usage, &reads) {
            left.noted = Some(usage.note(self.schema.shape(), &environment.root, reads));
        }
        if account.is_over() {
            return None;
        }
        left.acknowledged = self.judge.acknowledgements(&environment, findings);
        left.outside = self.judge.declared(&environment);
        let judge = Some(&self.judge).filter(|_| self.options.check);
        let (files, of_files) = collect(|findings| self.finish(&artifacts, findings));
        let made = Made { environment: &environment, artifacts: &artifacts, files: &files, missing };
        let gathered = judge.map(|judge| judge.tree(&made, &left.acknowledged, &mut left.outside, account, findings));
        if !is_whole || account.is_over() {
            return None;
        }
        left.gathered = gathered.unwrap_or_default();
        findings.append(of_files);
        if files.is_empty() && self.options.check && !self.options.allow_empty {
            findings.extend(nothing_made(&environment, self.templates()));
        }
        if let (Some(judge), Some(past)) = (judge, self.options.past) {
            judge.change(&made, past, &left.acknowledged, findings);
            judge.judge_by_former(&made, past, account);
        }
        if let Some(survey) = self.options.survey.filter(|_| !findings.has_errors()) {
            survey.ask((&environment, &artifacts, &files), (&self.judge, &self.shared.material));
        }
        let effects = self.options.effects.map(|past| self.judge.effects(&made, past, &left.acknowledged, account));
        Some(Compiled { environment, files, effects: effects.unwrap_or_default() })
    }

    /// Judges what is made without reading any value that is wrong: what else is wrong with it is no consequence.
    fn apart(
        &self,
        environment: &Environment,
        doubts: &Doubts,
        account: &Account,
        left: &mut Left,
        findings: &mut Findings,
    ) {
        let Inputs { sources, limits, .. } = self.inputs;
        let spared = |template: &Template| {
            let reads = Arc::<Reads>::default();
            let input =
                EnvironmentInput { name: &environment.name, root: &environment.root, reads: Some(&reads), account };
            let made = collect(|findings| template.render(&input, sources, limits, findings));
            let is_spared = doubts.spare(&reads);
            let is_missing = !is_spared || made.1.has_errors();
            (is_spared.then_some(made), is_missing && template.may_transform())
        };
        let templates: Vec<_> = self.templates().iter().collect();
        let all: Vec<_> = templates.into_par_iter().map(spared).collect();
        let transforms = self.templates().have_lost_transforms() || all.iter().any(|(_, transforms)| *transforms);
        let made = all.into_iter().filter_map(|(made, _)| made).collect();
        let artifacts = sorted(gather(made, findings).concat());
        if account.is_over() {
            return;
        }
        left.acknowledged = self.judge.acknowledgements(environment, findings);
        if self.options.check {
            let missing = if transforms { Missing::Anything } else { Missing::Settled };
            let made = Made { environment, artifacts: &artifacts, files: &[], missing };
            let mut outside = self.judge.declared(environment);
            self.judge.tree(&made, &left.acknowledged, &mut outside, account, findings);
        }
    }

    /// All artifacts as they will stand.
    fn finish(&self, artifacts: &[Artifact], findings: &mut Findings) -> Vec<File> {
        let one = |artifact: &Artifact, findings: &mut Findings| {
            let file = artifact::finish(artifact);
            if let (Body::Documents(documents), true) = (&artifact.body, self.options.verify) {
                artifact::verify(documents, &file, findings);
            }
            file
        };
        let made = artifacts.par_iter().map(|artifact| collect(|findings| one(artifact, findings))).collect();
        let files = gather(made, findings);
        findings.append(tree::check_files(&files, self.inputs.limits));
        files
    }

    /// All artifacts that can be made, and what is missing. What is read for them goes to `reads`.
    pub(super) fn render(
        &self,
        environment: &Environment,
        reads: Option<&Arc<Reads>>,
        account: &Account,
        findings: &mut Findings,
    ) -> (Vec<Artifact>, Missing) {
        self.render_noting(environment, |_| reads, account, findings)
    }

    /// The same; where what a template reads goes is told by its number.
    pub(super) fn render_noting<'r>(
        &self,
        environment: &Environment,
        reads: impl Fn(usize) -> Option<&'r Arc<Reads>> + Sync,
        account: &Account,
        findings: &mut Findings,
    ) -> (Vec<Artifact>, Missing) {
        let Inputs { sources, limits, .. } = self.inputs;
        let templates: Vec<_> = self.templates().iter().collect();
        let made = |(number, template): (usize, &&Template)| {
            let reads = reads(number);
            let input = EnvironmentInput { name: &environment.name, root: &environment.root, reads, account };
            collect(|findings| template.render(&input, sources, limits, findings))
        };
        let all: Vec<(Vec<Artifact>, Findings)> = templates.par_iter().enumerate().map(made).collect();
        let templates_missing = match self.templates() {
            templates if templates.are_all() => Missing::Nothing,
            templates if templates.have_lost_transforms() => Missing::Anything,
            _ => Missing::Settled,
        };
        let (mut artifacts, mut missing) = (Vec::new(), templates_missing);
        for (template, (made, found)) in templates.iter().zip(all) {
            artifacts.extend(made);
            if found.has_errors() && missing != Missing::Anything {
                missing = if template.may_transform() { Missing::Anything } else { Missing::Settled };
            }
            findings.append(found);
        }
        (sorted(artifacts), missing)
    }
}

/// Each with its keys in the usual order, and all by their paths.
fn sorted(mut artifacts: Vec<Artifact>) -> Vec<Artifact> {
    artifacts.iter_mut().for_each(artifact::order);
    artifacts.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    artifacts
}

/// A tree without files is hardly ever meant, and publishing it would remove the one that stands.
fn nothing_made(environment: &Environment, templates: &Templates) -> Option<Finding> {
    let file = *environment.layers.last()?.files.first()?;
    let message = format!("`{}` makes no file", environment.name);
    Some(
        Finding::new(&codes::output::EMPTY, Span::file_start(file), message)
            .label("no template makes anything for this environment")
            .help(if templates.iter().next().is_none() {
                "there is no template: files that end in `.j2` in the folder of templates are; if it is meant, say `--allow-empty`"
            } else {
                "look at `when` and `for_each` of the templates; if it is meant, say `--allow-empty`"
            }),
    )
}
