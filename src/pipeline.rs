//! The whole data flow, and the only place that knows of threads.
//!
//! What environments share is read and compiled once ([`Shared::load`]); then each environment goes through its
//! stages by itself ([`Compiler::compile`]), all are judged together, and then handed on. Memory does not grow with
//! their number beyond a bound: what does not fit is made again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use crate::account::{Account, Cost, Work};
use crate::check::{
    self, Acknowledgements, Before, Change, Draft, Gathered, Laid, Locator, Others, Past, Report, Scope, Severities,
    Traced, View,
};
use crate::disk::Disk;
use crate::environment;
use crate::environment::load::{Environment, Loader};
use crate::environment::patch::Patch;
use crate::environment::reads::Reads;
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::project::{Entry, Project};
use crate::rules::{self, CATALOGUE, OwnRules, Schemas};
use crate::schema::{Schema, Shape, Usage};
use crate::source::{FileId, Sources, Span};
use crate::target;
use crate::template::{self, EnvironmentInput, Templates};
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

/// What an environment leaves behind when its tree is gone.
#[derive(Debug, Default)]
struct Left {
    /// The files of its layers.
    files: Vec<FileId>,
    /// What the checks of the whole fleet want to know of it.
    gathered: Gathered,
    acknowledged: Acknowledgements,
    /// What it cost, and may cost.
    account: Account,
}

/// Trees of this size together wait in memory until all environments are judged; those beyond it are made again then.
const HELD_BYTES: usize = 64 << 20;

/// What it costs to find the lines that a finding is about, and to say it.
const DRAFT: Cost = Cost { steps: 500, bytes: 600 };

/// What it costs to read a byte of the project's rules, and to compile it.
const RULES: Cost = Cost { steps: 4, bytes: 60 };

/// What the templates made of an environment, and the files that it is written as, in the same order.
struct Written<'a> {
    artifacts: &'a [Artifact],
    files: &'a [File],
    /// No artifact is missing.
    is_whole: bool,
}

/// A compiled environment that waits for the others.
enum Held {
    Kept(Box<Compiled>),
    /// There was no room; it compiles.
    Again,
    Refused,
}

impl Held {
    fn hold(compiled: Option<Compiled>, room: &AtomicUsize) -> Self {
        let Some(compiled) = compiled else { return Self::Refused };
        let size = compiled.files.iter().map(|file| file.bytes.len()).sum();
        let take = |room: usize| room.checked_sub(size);
        match room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
            Ok(_) => Self::Kept(Box::new(compiled)),
            Err(_) => Self::Again,
        }
    }
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
    rules: OwnRules,
    severities: Severities,
    /// Where schemas of the output lie.
    schemas: Utf8PathBuf,
    /// How many bytes were read for it.
    read: u64,
    /// What that cost.
    costs: Vec<(Cost, Work, Span)>,
    /// The folders of rendered and of golden trees.
    trees: [Utf8PathBuf; 2],
    /// Nothing in it is broken: what is compiled with it may be handed on.
    sound: bool,
}

impl Shared {
    /// Reads and compiles the schema, the templates and the project's rules. What is broken is left out, with findings.
    pub fn load(project: &Project, inputs: Inputs<'_>, findings: &mut Findings) -> Self {
        let Inputs { disk, sources, limits } = inputs;
        let config = &project.config;
        let ((schema, mut own), (templates, from_templates)) = rayon::join(
            || collect(|findings| Schema::load(disk, &config.schema, sources, limits, findings)),
            || collect(|findings| templates(&config.templates, inputs, findings)),
        );
        own.append(from_templates);
        if let (Some(schema), Some(templates)) = (&schema, &templates) {
            templates.check_merges(schema.shape(), &mut own);
        }
        let before = sources.bytes();
        let rules = OwnRules::load(disk, &config.own_rules(), sources, limits, &mut own);
        let severities = Severities::new(&config.rules, &CATALOGUE, &rules.ids(), &mut own);
        severities.apply(&mut own);
        let sound = !own.has_errors();
        findings.append(own);
        let trees = [config.output.clone(), config.golden.clone()];
        let (schemas, read) = (Schema::folder(&config.schema), sources.bytes());
        let first = templates.as_ref().and_then(|templates| templates.iter().next()).map(template::Template::span);
        let costs = [
            schema.as_ref().map(|schema| (schema.cost(), Work::Shared, schema.shape().span())),
            templates.as_ref().zip(first).map(|(templates, first)| (templates.cost(), Work::Shared, first)),
            rules.iter().next().map(|rule| (RULES.times(read - before), Work::Shared, rule.span())),
        ];
        let costs = costs.into_iter().flatten().collect();
        Self { schema, templates, rules, severities, schemas, read, costs, trees, sound }
    }

    /// Charges what was read.
    fn pay(&self, account: &Account) {
        account.read(self.read);
        for (cost, work, at) in &self.costs {
            account.charge(*cost, *work, *at);
        }
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
    rules: &'a OwnRules,
    severities: &'a Severities,
    /// Of what others publish, which artifacts have to hold to.
    schemas: Schemas<'a>,
    /// Bytes that all environments share, which count for each.
    read: u64,
    /// Pays for what environments share.
    account: Account,
    /// Pays for what is only explained.
    free: Account,
    shared: &'a Shared,
    trees: &'a [Utf8PathBuf],
    sound: bool,
    verify: bool,
    check: bool,
    day: Option<&'a str>,
    /// Whether anybody gets to see where that is what is acknowledged.
    acknowledged_too: bool,
    /// The trees before, which changes are judged against.
    past: Option<&'a dyn Past>,
    /// The project, if all its environments are compiled.
    whole: Option<&'a Project>,
    /// Which settings are read, if that is asked.
    usage: Option<Usage>,
    /// An environment that makes no file is meant to.
    allow_empty: bool,
}

impl<'a> Compiler<'a> {
    /// Nothing can be compiled without a schema: it decides how values are read.
    pub fn new(shared: &'a Shared, set: Option<&'a Patch>, inputs: Inputs<'a>) -> Option<Self> {
        let schema = shared.schema.as_ref()?;
        let account = Account::default();
        shared.pay(&account);
        let loader = Loader::new(schema.shape(), inputs.disk, inputs.sources, inputs.limits).charging(&account);
        let schemas = Schemas::new(shared.schemas.clone(), inputs.disk, inputs.sources, inputs.limits);
        let schemas = schemas.charging(&account);
        let Shared { templates, rules, severities, trees, sound, read, .. } = shared;
        let templates = templates.as_ref();
        Some(Self {
            inputs,
            schema,
            templates,
            loader,
            set,
            rules,
            severities,
            schemas,
            read: *read,
            account,
            free: Account::unbounded(),
            shared,
            trees,
            sound: *sound,
            verify: false,
            check: true,
            day: None,
            acknowledged_too: true,
            past: None,
            whole: None,
            usage: None,
            allow_empty: false,
        })
    }

    /// Leaves the checks of the output out, for what is only looked at.
    #[must_use]
    pub fn checked(self, check: bool) -> Self {
        Self { check, ..self }
    }

    /// Hands no tree on, since something that all of them hold is wrong; what else is wrong is still told.
    #[must_use]
    pub fn refusing(self, refused: bool) -> Self {
        Self { sound: self.sound && !refused, ..self }
    }

    /// Lets an independent reader read every file that is made.
    #[must_use]
    pub fn verified(self, verify: bool) -> Self {
        Self { verify, ..self }
    }

    /// Says what day it is: acknowledgements end that hold until an earlier one, and support that ended counts as such.
    #[must_use]
    pub fn as_of(self, day: Option<&'a str>) -> Self {
        Self { day, ..self }
    }

    /// Finds the places of what is acknowledged, too.
    #[must_use]
    pub fn with_acknowledged(self, acknowledged_too: bool) -> Self {
        Self { acknowledged_too, ..self }
    }

    /// Judges what has changed since, too.
    #[must_use]
    pub fn since(self, past: Option<&'a dyn Past>) -> Self {
        Self { past, ..self }
    }

    /// Looks for settings that nothing reads, if all environments are compiled.
    #[must_use]
    pub fn with_usage(self, wanted: bool) -> Self {
        Self { usage: (wanted && self.whole.is_some()).then(Usage::default), ..self }
    }

    /// Lets an environment make no file.
    #[must_use]
    pub fn allow_empty(self, allow_empty: bool) -> Self {
        Self { allow_empty, ..self }
    }

    /// Says of which project the environments to come are all.
    #[must_use]
    pub fn whole(self, whole: Option<&'a Project>) -> Self {
        Self { whole, ..self }
    }

    /// Compiles each environment, judges them together and hands their trees to `deliver`, `None` where findings stand
    /// in the way. Results and findings come back in the order of `entries`.
    pub fn each<T: Send>(
        &self,
        entries: &[&Entry],
        findings: &mut Findings,
        deliver: impl Fn(&Entry, Option<Compiled>, &mut Findings) -> T + Sync,
    ) -> Vec<T> {
        let room = AtomicUsize::new(HELD_BYTES);
        // The first environment, in order, whose account is over; nothing behind it counts.
        let over = AtomicUsize::new(usize::MAX);
        let mut all: Vec<(Held, Left, Findings)> = entries
            .par_iter()
            .enumerate()
            .map(|(at, entry)| {
                let (mut left, mut findings) = (Left::default(), Findings::default());
                if over.load(Ordering::Relaxed) < at || self.account.is_over() {
                    return (Held::Refused, left, findings);
                }
                let account = self.opened(Account::default());
                left.account = account.clone();
                let compiled = self.judged(entry, &account, &mut left, &mut findings);
                if account.is_over() {
                    over.fetch_min(at, Ordering::Relaxed);
                    return (Held::Refused, left, findings);
                }
                findings.name_environment(&entry.name);
                findings.mark_own_files(|file| self.inputs.sources.get(file).path().starts_with(&entry.path));
                (Held::hold(compiled.filter(|_| self.sound), &room), left, findings)
            })
            .collect();
        let over = over.into_inner();
        if over < usize::MAX || self.account.is_over() {
            let finding = if self.account.is_over() { self.first_over(entries) } else { self.why_over(entries[over]) };
            let over = entries.iter().position(|entry| finding.environments.contains(&entry.name)).unwrap_or(0);
            for (at, (held, left, findings)) in all.iter_mut().enumerate().skip(over) {
                (*held, *left, *findings) = (Held::Refused, Left::default(), Findings::default());
                if at == over {
                    findings.push(finding.clone());
                }
            }
        }
        let (mut held, mut left) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
        for (one, its, found) in all {
            held.push(one);
            left.push(its);
            findings.append(found);
        }
        keep_redundant(findings, entries, &left);
        let own = self.together(entries, &held, &mut left);
        // What names no environment is wrong with what all of them share.
        let concerns =
            |it: &Finding, entry: &Entry| it.environments.is_empty() || it.environments.contains(&entry.name);
        let stopped = |entry: &Entry| own.iter().any(|it| it.is_error() && concerns(it, entry));
        let delivered: Vec<(T, Findings)> = held
            .into_par_iter()
            .zip(entries)
            .map(|(held, entry)| {
                let mut findings = Findings::default();
                let compiled = match held {
                    Held::Kept(compiled) => Some(*compiled),
                    Held::Again => self.compile(entry, &mut Findings::default()),
                    Held::Refused => None,
                };
                let delivered = deliver(entry, compiled.filter(|_| !stopped(entry)), &mut findings);
                findings.name_environment(&entry.name);
                (delivered, findings)
            })
            .collect();
        findings.append(own);
        let (delivered, found): (Vec<T>, Vec<Findings>) = delivered.into_iter().unzip();
        for found in found {
            findings.append(found);
        }
        delivered
    }

    /// What is only known when all environments are compiled.
    fn together(&self, entries: &[&Entry], held: &[Held], left: &mut [Left]) -> Findings {
        if !self.check {
            return Findings::default();
        }
        let gathered: Vec<_> = left.iter_mut().map(|left| std::mem::take(&mut left.gathered)).collect();
        // Where what they share costs too much, there is nothing to judge.
        let mut findings =
            if self.account.is_over() { Findings::default() } else { self.fleet(entries, left, &gathered) };
        for finding in &mut findings {
            for left in left.iter_mut() {
                left.acknowledged.judge(finding, self.day);
            }
        }
        let whole = self.whole.filter(|_| !held.iter().any(|held| matches!(held, Held::Refused)));
        findings.append(check::unused(left.iter().map(|left| &left.acknowledged), &CATALOGUE, whole.is_some()));
        if let Some(project) = whole {
            findings.append(self.loader.unused(project));
            if let (Some(usage), Some(templates)) = (&self.usage, self.templates) {
                findings.append(usage.findings(self.schema, &templates.mentioned(), self.inputs.sources));
            }
        }
        self.severities.apply(&mut findings);
        findings
    }

    /// One environment: load and merge its layers, validate, render, check, write out. `None` after an error; later
    /// stages do not run on what an earlier one refused, because they would only complain about its consequences.
    pub fn compile(&self, entry: &Entry, findings: &mut Findings) -> Option<Compiled> {
        self.judged(entry, &Account::unbounded(), &mut Left::default(), findings)
    }

    /// An account of an environment, with what all of them have read.
    fn opened(&self, account: Account) -> Account {
        account.read(self.read);
        account
    }

    /// Says what an environment's account was spent on: it is compiled again, on one thread, so that it stops at the
    /// same place however many there are.
    fn why_over(&self, entry: &Entry) -> Finding {
        let account = self.opened(Account::remembering());
        let again = || drop(self.judged(entry, &account, &mut Left::default(), &mut Findings::default()));
        if on_threads(Some(1), again).is_err() {
            // Without another thread the finding lacks its place.
        }
        let file = self.inputs.sources.add(entry.path.clone(), "");
        let whose = format!("the environment `{}`", entry.name);
        let mut finding = account.finding(&whose, Span::file_start(file), self.inputs.sources);
        finding.environments.push(Arc::clone(&entry.name));
        finding
    }

    /// The same where what environments share has cost too much together: the first, in order, that goes beyond it.
    fn first_over(&self, entries: &[&Entry]) -> Finding {
        let account = Account::remembering();
        self.shared.pay(&account);
        self.loader.forget();
        self.schemas.forget();
        let Inputs { disk, sources, limits } = self.inputs;
        let loader = Loader::new(self.schema.shape(), disk, sources, limits).charging(&account);
        let schemas = Schemas::new(self.shared.schemas.clone(), disk, sources, limits).charging(&account);
        let compiler = Compiler::new(self.shared, self.set, self.inputs);
        let compiler = compiler.map(|compiler| Compiler { loader, schemas, check: self.check, ..compiler });
        let again = || {
            let compiler = compiler?;
            entries.iter().copied().find(|entry| {
                let own = compiler.opened(Account::default());
                let judged = || compiler.judged(entry, &own, &mut Left::default(), &mut Findings::default());
                if !account.is_over() {
                    drop(judged());
                }
                own.is_over() || account.is_over()
            })
        };
        let first = on_threads(Some(1), again).ok().flatten();
        match first.or(entries.first().copied()) {
            Some(entry) if !account.is_over() => self.why_over(entry),
            entry => {
                let entry = entry.unwrap_or(entries[0]);
                let file = self.inputs.sources.add(entry.path.clone(), "");
                let whose = "what all environments share";
                let mut finding = account.finding(whose, Span::file_start(file), self.inputs.sources);
                finding.environments.push(Arc::clone(&entry.name));
                finding
            }
        }
    }

    /// The same; what others want to know of it is left behind even where it is refused.
    fn judged(&self, entry: &Entry, account: &Account, left: &mut Left, findings: &mut Findings) -> Option<Compiled> {
        let compiled = self.run(entry, account, left, findings).filter(|_| !account.is_over());
        self.severities.apply(findings);
        left.acknowledged.apply(findings, self.day);
        if compiled.is_none() {
            // Not all rules had a say, so that nobody knows which acknowledgements have no use.
            left.acknowledged = Acknowledgements::default();
        }
        compiled.filter(|_| !findings.has_errors())
    }

    fn run(&self, entry: &Entry, account: &Account, left: &mut Left, findings: &mut Findings) -> Option<Compiled> {
        let environment = self.loader.charged(entry, self.set, account, findings)?;
        left.files = environment.layers.iter().flat_map(|layer| layer.files.iter().copied()).collect();
        self.schema.validate(&environment.root, self.inputs.sources, account, findings);
        if findings.has_errors() || account.is_over() {
            return None;
        }
        let (artifacts, is_whole) = self.render(&environment, account, findings).filter(|_| !account.is_over())?;
        left.acknowledged = Acknowledgements::of(&environment);
        left.acknowledged.check(&CATALOGUE, &self.rules.ids(), findings);
        let finished: Vec<(File, Findings)> =
            artifacts.par_iter().map(|artifact| collect(|findings| self.finish(artifact, findings))).collect();
        let (files, found): (Vec<File>, Vec<Findings>) = finished.into_iter().unzip();
        let written = Written { artifacts: &artifacts, files: &files, is_whole };
        let gathered = self.check(&environment, &written, &left.acknowledged, account, findings);
        if !is_whole || account.is_over() {
            return None;
        }
        left.gathered = gathered;
        for found in found {
            findings.append(found);
        }
        findings.append(tree::check_files(&files, self.inputs.limits));
        if files.is_empty() && self.check && !self.allow_empty {
            findings.extend(nothing_made(&environment));
        }
        self.changes(&environment, &artifacts, &files, &left.acknowledged, findings);
        Some(Compiled { environment, files })
    }

    /// Judges a tree by all rules about one environment, and gathers what those about several want to know. Of a tree
    /// that is not whole each artifact is judged by itself: a rule that looks for one in another cannot know.
    fn check(
        &self,
        environment: &Environment,
        written: &Written<'_>,
        acknowledged: &Acknowledgements,
        account: &Account,
        findings: &mut Findings,
    ) -> Gathered {
        let Written { artifacts, files, is_whole } = *written;
        let Some(templates) = self.templates.filter(|_| self.check) else { return Gathered::default() };
        let compared = self.schema.compared(&environment.root);
        let trees = self.trees.iter().map(|folder| folder.join(&*environment.name)).collect();
        let others = Others { disk: self.inputs.disk, trees };
        let laid = Laid::out(artifacts);
        let view = View::new(&environment.name, &laid).with_compared(compared).as_of(self.day).beside(others);
        let view = view.charging(account).written(files);
        let checks: Vec<_> = rules::checks().filter(|check| self.severities.want(check)).collect();
        let mut drafts: Vec<Draft> = checks
            .into_par_iter()
            .flat_map_iter(|check| {
                let mut report = Report::default();
                if let Some(judge) = check.judge(is_whole) {
                    judge(&view, &mut report);
                }
                report.into_drafts()
            })
            .collect();
        let mut report = Report::default();
        self.schemas.judge(&view, is_whole, &mut report, findings);
        let own = self.rules.iter().filter(|own| is_whole || own.is_of_each());
        for own in own.filter(|own| self.severities.is_on(own.rule.id)) {
            own.judge(&view, self.inputs.sources, &mut report);
        }
        drafts.extend(report.into_drafts());
        let at = environment.root.origin.value;
        account.charge(DRAFT.times(drafts.len() as u64), Work::Findings, at);
        if account.is_over() {
            return Gathered::default();
        }
        if self.severities.is_on(rules::secret::LITERAL) {
            findings.append(rules::secret::in_environment(environment, &mut drafts));
        }
        let locator = self.locator(&view, environment, templates);
        findings.extend(self.located(drafts, &locator, acknowledged));
        let gathered = if is_whole { Gathered::of(&view, &CATALOGUE, self.severities) } else { Gathered::default() };
        account.charge(gathered.cost(), Work::Fleet, at);
        gathered
    }

    /// Finds the places of what is heard. What is acknowledged, and shown to nobody, is only counted.
    fn located(&self, mut drafts: Vec<Draft>, locator: &Locator<'_>, acknowledged: &Acknowledgements) -> Vec<Finding> {
        self.severities.sift(&mut drafts);
        let finding = |draft: &Draft| {
            let unseen = locator.subject(draft).filter(|_| !self.acknowledged_too);
            match unseen.and_then(|subject| acknowledged.holding(draft.rule.id, &subject, self.day)) {
                Some(span) => locator.counted(draft, span),
                None => locator.finding(draft),
            }
        };
        drafts.par_iter().map(finding).collect()
    }

    /// Judges what has changed in an environment's tree.
    fn changes(
        &self,
        environment: &Environment,
        artifacts: &[Artifact],
        files: &[File],
        acknowledged: &Acknowledgements,
        findings: &mut Findings,
    ) {
        let Inputs { sources, limits, .. } = self.inputs;
        let (Some(templates), Some(past)) = (self.templates.filter(|_| self.check), self.past) else { return };
        let Some(standing) = past.tree(&environment.name, files) else { return };
        let Some(before) = Before::read(&standing, files, sources, limits) else { return };
        let (was, laid) = (Laid::out(before.artifacts()), Laid::out(artifacts));
        let view = View::new(&environment.name, &laid);
        let change = Change::new(&before, View::new(&environment.name, &was), &view);
        let mut report = Report::default();
        for check in rules::checks().filter(|check| self.severities.want(check)) {
            if let Scope::Change(judge) = check.scope {
                judge(&change, &mut report);
            }
        }
        let locator = self.locator(&view, environment, templates);
        findings.extend(self.located(report.into_drafts(), &locator, acknowledged));
    }

    /// Judges all environments together. Those that a finding speaks of are rendered again, to see what was written.
    fn fleet(&self, entries: &[&Entry], left: &[Left], gathered: &[Gathered]) -> Findings {
        let mut findings = Findings::default();
        let Some(templates) = self.templates.filter(|_| self.check && entries.len() > 1) else { return findings };
        let fleet: Vec<_> = entries.iter().zip(gathered).map(|(entry, gathered)| (&*entry.name, gathered)).collect();
        let account = Account::remembering();
        let at = |at: usize| left[at].files.last().map_or(self.schema.shape().span(), |file| Span::file_start(*file));
        for (number, (left, gathered)) in left.iter().zip(gathered).enumerate() {
            account.share(&left.account);
            account.charge(gathered.cost(), Work::Fleet, at(number));
        }
        let drafts = if account.is_over() {
            Vec::new()
        } else {
            check::judge(&fleet, &CATALOGUE, self.severities, &account, at(0))
        };
        let mut involved: Vec<usize> = drafts.iter().flat_map(Draft::environments).collect();
        involved.sort_unstable();
        involved.dedup();
        for number in &involved {
            account.charge(left[*number].account.spent(), Work::Fleet, at(*number));
        }
        if account.is_over() {
            findings.push(account.finding("judging all environments together", at(0), self.inputs.sources));
            return findings;
        }
        let again = |at: &usize| {
            let mut known = Findings::default();
            let environment = self.loader.load(entries[*at], self.set, &mut known)?;
            let rendered = self.render(&environment, &Account::unbounded(), &mut known);
            let (artifacts, _) = rendered.filter(|(_, is_whole)| *is_whole)?;
            Some((*at, environment, artifacts))
        };
        let again: Vec<_> = involved.par_iter().filter_map(again).collect();
        let laid: Vec<_> = again.iter().map(|(_, _, artifacts)| Laid::out(artifacts)).collect();
        let views: Vec<_> =
            again.iter().zip(&laid).map(|((_, environment, _), laid)| View::new(&environment.name, laid)).collect();
        let locators: Vec<_> = again
            .iter()
            .zip(&views)
            .map(|((at, environment, _), view)| (*at, self.locator(view, environment, templates)))
            .collect();
        for draft in drafts {
            let own: Vec<_> =
                locators.iter().filter(|(at, _)| draft.environments().contains(at)).map(|(_, it)| it).collect();
            let names = draft.environments().into_iter().map(|at| entries[at].name.clone()).collect();
            let mut finding = draft.located(&own);
            finding.environments = names;
            findings.extend([finding]);
        }
        findings
    }

    fn locator<'v>(
        &'v self,
        view: &'v View<'v>,
        environment: &'v Environment,
        templates: &'v Templates,
    ) -> Locator<'v> {
        let Inputs { sources, limits, .. } = self.inputs;
        let input =
            EnvironmentInput { name: &environment.name, root: &environment.root, reads: None, account: &self.free };
        Locator { view, input, templates, sources, limits, traced: Traced::default() }
    }

    fn finish(&self, artifact: &Artifact, findings: &mut Findings) -> File {
        let file = target::finish(artifact);
        if let (Body::Document(value), true) = (&artifact.body, self.verify) {
            target::verify(value, &file, findings);
        }
        file
    }

    /// All artifacts that can be made, and whether none is missing.
    fn render(
        &self,
        environment: &Environment,
        account: &Account,
        findings: &mut Findings,
    ) -> Option<(Vec<Artifact>, bool)> {
        let Inputs { sources, limits, .. } = self.inputs;
        let reads = self.usage.as_ref().map(|_| Arc::<Reads>::default());
        let input =
            EnvironmentInput { name: &environment.name, root: &environment.root, reads: reads.as_ref(), account };
        let templates: Vec<_> = self.templates?.iter().collect();
        let all: Vec<(Vec<Artifact>, Findings)> = templates
            .into_par_iter()
            .map(|template| collect(|findings| template.render(&input, sources, limits, findings)))
            .collect();
        let (mut artifacts, mut is_whole) = (Vec::new(), true);
        for (made, found) in all {
            artifacts.extend(made);
            is_whole &= !found.has_errors();
            findings.append(found);
        }
        if let (Some(usage), Some(reads)) = (&self.usage, &reads) {
            usage.note(self.schema.shape(), &environment.root, reads);
        }
        artifacts.iter_mut().for_each(target::order);
        artifacts.sort_by(|a: &Artifact, b| a.path.as_str().cmp(b.path.as_str()));
        Some((artifacts, is_whole))
    }
}

/// Takes out what is said to change nothing in some environments of a layer, and changes another one.
fn keep_redundant(findings: &mut Findings, entries: &[&Entry], left: &[Left]) {
    let mut said: BTreeMap<Span, BTreeSet<Arc<str>>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.rule == &codes::merge::REDUNDANT) {
        said.entry(finding.primary.span).or_default().extend(finding.environments.iter().cloned());
    }
    let is_needed = |span: &Span| {
        let in_some = said.get(span);
        let mut having = entries.iter().zip(left).filter(|(_, left)| left.files.contains(&span.file));
        having.any(|(entry, _)| in_some.is_some_and(|names| !names.contains(&entry.name)))
    };
    findings.retain_mut(|finding| finding.rule != &codes::merge::REDUNDANT || !is_needed(&finding.primary.span));
}

/// A tree without files is hardly ever meant, and publishing it would remove the one that stands.
fn nothing_made(environment: &Environment) -> Option<Finding> {
    let file = *environment.layers.last()?.files.first()?;
    let message = format!("`{}` makes no file", environment.name);
    Some(
        Finding::new(&codes::output::EMPTY, Span::file_start(file), message)
            .label("no template makes anything for this environment")
            .help("look at `when` and `for_each` of the templates; if it is meant, say `--allow-empty`"),
    )
}

/// [`Templates::load`] with all files at once.
fn templates(folder: &Utf8Path, inputs: Inputs<'_>, findings: &mut Findings) -> Option<Templates> {
    let Inputs { disk, sources, limits } = inputs;
    let listed = template::list(disk, folder, sources, limits, findings);
    let read = |path: &Utf8PathBuf| collect(|findings| template::read(disk, folder, path, sources, limits, findings));
    let (files, found): (Vec<_>, Vec<_>) =
        listed.templates.par_iter().map(read).collect::<Vec<_>>().into_iter().unzip();
    for found in found {
        findings.append(found);
    }
    let files: Vec<template::Read> = files.into_iter().flatten().collect();
    listed.check_others(folder, &files, sources, findings);
    Templates::link(files, limits, findings)
}

/// Gives a piece of work its own sink, so that pieces can run at once and still report in a fixed order.
fn collect<T>(work: impl FnOnce(&mut Findings) -> T) -> (T, Findings) {
    let mut findings = Findings::default();
    (work(&mut findings), findings)
}
