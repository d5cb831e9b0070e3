//! [`Compiler`]: one environment, from its layers to the files of its tree.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::Utf8PathBuf;
use rayon::prelude::*;

use super::cause;
use super::defaulted;
use super::deleted;
use super::forgotten;
use super::stand_in;
use super::threads::{collect, gather};
use super::unmatched;
use super::unread;
use super::{Compiled, Inputs, Options, Shared};
use crate::account::Account;
use crate::artifact::{self, Artifact, Body, File};
use crate::check::{Acknowledgements, Declared, Gathered, Judge, Made, Missing, Severities};
use crate::environment::Tree;
use crate::environment::doubt::{self, Doubts, Layers};
use crate::environment::load::{Environment, Loader};
use crate::environment::reads::Reads;
use crate::environment::unfilled;
use crate::finding::{Finding, Findings, codes};
use crate::project::Entry;
use crate::schema::{Noted, Schema, Shape, Usage};
use crate::source::{FileId, Span};
use crate::template::{self, EnvironmentInput, Template, Templates};
use crate::tree;
use crate::yaml::path::Path;

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

/// What templates made.
struct Rendered {
    artifacts: Vec<Artifact>,
    missing: Missing,
    /// The paths of what is missing, if all of it are texts, and nothing by which Kustomize would change what is there.
    texts: Option<Vec<Utf8PathBuf>>,
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
        let is_known = !shared.unrendered && !schema.is_broken();
        let usage = (options.usage && options.whole.is_some() && is_known).then(Usage::default);
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
        cause::only(findings, self.inputs.sources);
        defaulted::tell(findings, self.schema);
        unread::tell(findings, &entry.path, &self.inputs);
        self.severities().apply(findings);
        left.acknowledged.apply(findings, self.options.day);
        if compiled.is_none() {
            // Not all rules had a say, so that nobody knows which acknowledgements have no use, and what is named.
            (left.acknowledged, left.outside) = (Acknowledgements::default(), Declared::default());
        }
        compiled.filter(|_| !findings.has_errors())
    }

    fn run(&self, entry: &Entry, account: &Account, left: &mut Left, findings: &mut Findings) -> Option<Compiled> {
        let Some(environment) = self.loader.charged(entry, self.options.set, account, findings) else {
            self.certain(entry, account, left, findings);
            return None;
        };
        left.layers = environment.layers.iter().map(|layer| layer.path.clone()).collect();
        left.files = environment.layers.iter().flat_map(|layer| layer.files.iter().copied()).collect();
        let mut of_schema = self.schema.errors(&environment.root, self.inputs.sources, account);
        deleted::lead(&environment, of_schema.iter_mut());
        let told: Vec<Span> =
            findings.iter().chain(of_schema.iter().map(|(_, said)| said)).map(|it| it.primary.span).collect();
        findings.extend(unfilled::findings(&environment.root, &told));
        let unsure = self.schema.doubtful(&environment.root);
        if self.schema.is_broken() {
            leave_out(&unsure, &mut of_schema, findings);
        }
        if let Some(project) = self.options.whole.filter(|_| environment.layers.len() == 1) {
            forgotten::suggest(entry, project, of_schema.iter_mut().map(|(_, finding)| finding));
            forgotten::empty(entry, project, &environment.root, &mut of_schema);
        }
        let is_wrong =
            findings.has_errors() || !unsure.is_empty() || of_schema.iter().any(|(_, finding)| finding.is_error());
        let Inputs { sources, limits, .. } = self.inputs;
        let layers = Layers { files: left.files.clone(), sources, limits };
        let doubts = is_wrong.then(|| Doubts::of(&environment.root, &of_schema, &unsure, findings, &layers));
        findings.extend(of_schema.into_iter().map(|(_, finding)| finding));
        if account.is_over() {
            return None;
        }
        if let Some(doubts) = doubts {
            let doubts = doubts.filter(|_| !self.may_acknowledge_elsewhere(findings))?;
            self.apart(&environment, &doubts, account, left, findings);
            return None;
        }
        let reads = self.usage.as_ref().map(|_| Arc::<Reads>::default());
        let Rendered { artifacts, missing, texts } = self.made(&environment, |_| reads.as_ref(), account, findings);
        deleted::undefined(&environment, findings);
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
        let unmatched = unmatched::of(&self.shared.material_at, &files, account)?;
        let with_texts =
            texts.and_then(|texts| stand_in::with_texts(&artifacts, &texts, environment.root.origin.value));
        let made = match &with_texts {
            Some(all) => Made { environment: &environment, artifacts: all, files: &[], missing: Missing::Texts },
            None => Made { environment: &environment, artifacts: &artifacts, files: &files, missing },
        };
        let gathered = judge.map(|judge| judge.tree(&made, &left.acknowledged, &mut left.outside, account, findings));
        if account.is_over() {
            return None;
        }
        if !is_whole {
            findings.append(certainly(of_files));
            return None;
        }
        findings.append(of_files);
        left.gathered = gathered.unwrap_or_default();
        if files.is_empty() && self.options.check && !self.options.allow_empty {
            findings.extend(nothing_made(&environment, self.templates()));
        }
        if self.options.check {
            findings.extend(unmatched);
        }
        if let (Some(judge), Some(past)) = (judge, self.options.past) {
            judge.against(&made, past, &left.acknowledged, account, findings);
        }
        if let Some(survey) = self.options.survey.filter(|_| !findings.has_errors()) {
            survey.ask((&environment, &artifacts, &files), (&self.judge, &self.shared.material));
        }
        let effects = self.options.effects.map(|past| self.judge.effects(&made, past, &left.acknowledged, account));
        Some(Compiled { environment, files, effects: effects.unwrap_or_default() })
    }

    /// Judges what does not depend on a file of a layer that could not be understood: what the others of that layer, and
    /// those above it, set; and what is made without reading any value.
    fn certain(&self, entry: &Entry, account: &Account, left: &mut Left, findings: &mut Findings) {
        use codes::schema::{ENUM, FORMAT, LIMIT, PATTERN, TYPE, UNKNOWN_KEY};
        let Some((environment, certain)) = self.loader.partly(entry, account) else { return };
        let sources = self.inputs.sources;
        let of_schema = self.schema.errors(&environment.root, sources, account);
        let unsure = self.schema.doubtful(&environment.root);
        let is_certain = |(path, finding): &(Path, Finding)| {
            let is_within = |(unsure, _): &(Path, Arc<Tree>)| path.steps().starts_with(unsure.steps());
            let is_of_value = [&ENUM, &FORMAT, &LIMIT, &PATTERN, &TYPE].contains(&finding.rule)
                && doubt::at(&environment.root, path).is_some_and(|tree| doubt::children(&tree).is_empty());
            (is_of_value || finding.rule == &UNKNOWN_KEY)
                && certain.contains(&finding.primary.span.file)
                && !unsure.iter().any(is_within)
        };
        findings.extend(of_schema.into_iter().filter(is_certain).map(|(_, finding)| finding));
        // What is acknowledged in that file would be said.
        let may_acknowledge = |file: &FileId| may_acknowledge(sources.get(*file).text());
        let layers = environment.layers.iter().filter(|layer| !layer.complete);
        if account.is_over() || layers.flat_map(|layer| &layer.files).any(may_acknowledge) {
            return;
        }
        self.apart(&environment, &Doubts::All, account, left, findings);
    }

    /// Whether a file that looks like one of a layer, and is not read, may say what is acknowledged.
    fn may_acknowledge_elsewhere(&self, findings: &Findings) -> bool {
        let Inputs { disk, sources, limits } = self.inputs;
        let says = |finding: &Finding| {
            let path = sources.get(finding.primary.span.file).path().to_owned();
            let bytes = disk.read(&path, limits.file_bytes).unwrap_or_default();
            may_acknowledge(&String::from_utf8_lossy(&bytes))
        };
        findings.iter().filter(|finding| finding.rule == &codes::project::UNREAD_LAYER).any(says)
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
            let is_spared = doubts.spare(&reads) && !made.1.iter().any(template::lacks_setting);
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
        findings.append(certainly(collect(|findings| self.finish(&artifacts, findings)).1));
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
        let Rendered { artifacts, missing, .. } = self.made(environment, reads, account, findings);
        (artifacts, missing)
    }

    fn made<'r>(
        &self,
        environment: &Environment,
        reads: impl Fn(usize) -> Option<&'r Arc<Reads>> + Sync,
        account: &Account,
        findings: &mut Findings,
    ) -> Rendered {
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
        let mut texts = self.templates().lost_texts().map(<[_]>::to_vec);
        for (template, (made, found)) in templates.iter().zip(all) {
            artifacts.extend(made);
            if found.has_errors() && missing != Missing::Anything {
                missing = if template.may_transform() { Missing::Anything } else { Missing::Settled };
            }
            if found.has_errors() {
                texts = texts.and_then(|texts| Some([texts, vec![template.text_path()?]].concat()));
            }
            findings.append(found);
        }
        let texts = texts.filter(|_| missing == Missing::Settled);
        Rendered { artifacts: sorted(artifacts), missing, texts }
    }
}

/// What is wrong with files, whatever else is missing: two that cannot both exist cannot. What one template makes of several
/// items can be one file that could not be joined, which is told.
fn certainly(mut of_files: Findings) -> Findings {
    of_files.retain_mut(|finding| finding.rule != &codes::output::COLLISION || !finding.related.is_empty());
    of_files
}

/// Whether a text of a layer may say what is acknowledged, or what is made outside.
fn may_acknowledge(text: &str) -> bool {
    ["acknowledge", "outside"].iter().any(|key| text.contains(key))
}

/// Leaves out what is said of values of which it is not known what the schema says, and what rules of the schema say, which
/// could be about any.
fn leave_out(unsure: &[(Path, Arc<Tree>)], of_schema: &mut Vec<(Path, Finding)>, findings: &mut Findings) {
    let of_rules = [&codes::schema::RULE, &codes::schema::RULE_ERROR];
    let is_within = |path: &Path| unsure.iter().any(|(unsure, _)| path.steps().starts_with(unsure.steps()));
    of_schema.retain(|(path, finding)| !is_within(path) && !of_rules.contains(&finding.rule));
    let mut spans = BTreeSet::new();
    let mut open: Vec<&Arc<Tree>> = unsure.iter().map(|(_, tree)| tree).collect();
    while let Some(tree) = open.pop() {
        spans.insert(tree.origin.value);
        open.extend(doubt::children(tree));
    }
    findings.retain_mut(|finding| !spans.contains(&finding.primary.span));
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
