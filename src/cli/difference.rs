//! Compiled environments against something older: what `diff`, `golden --check` and `render --check` share.

mod against;
pub(super) mod baseline;
mod edited;
mod findings;
mod impact;
mod listed;
mod markdown;
mod moved;
mod show;
mod structure;
mod switched_off;
mod taken_away;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};

use super::args;
use super::compile::{self, Context, Request};
use super::destination::Destination;
use super::exit::Failure;
use super::glob::Globs;
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use crate::artifact::File;
use crate::check::Effect;
use crate::diff::draw::Sides;
use crate::diff::side::{self, Edited, Side, Unreadable};
use crate::diff::{self, FileDiff, Files};
use crate::disk::{Budget, Disk, ReadError, Real};
use crate::finding::render::text;
use crate::finding::{Findings, Known};
use crate::pipeline::Compiled;
use crate::project::{Entry, Project};
use crate::schema::Schema;
use crate::source::{Sources, Span};
use crate::tree::manifest::{self, Manifest};
use crate::tree::{Place, Record};

pub(super) use impact::Limit;
use listed::Listed;
pub(super) use markdown::html;
pub(super) use show::Form;

/// What to compare with.
#[derive(Clone, Debug)]
pub(super) enum Old {
    Golden,
    /// What `render` has written.
    Output(Destination),
    /// Another environment, compiled now.
    Environment(Arc<str>),
    /// A folder as typed.
    Folder(Utf8PathBuf),
    /// The project as of a git revision, compiled now.
    Revision(String),
}

/// What to look at.
pub(super) struct Scope {
    pub(super) only: Globs,
    pub(super) context: usize,
    /// Compare values, too.
    pub(super) structure: bool,
}

/// One environment's differences.
pub(super) struct Difference {
    pub(super) name: Arc<str>,
    pub(super) sides: Sides,
    pub(super) files: Vec<FileDiff>,
    /// What becomes of each thing that changes, if that was asked.
    pub(super) effects: Vec<Effect>,
    /// The values that differ, if they were asked for.
    structure: structure::Structure,
    /// There is nothing to compare with.
    pub(super) nothing: bool,
    /// The list of what platc wrote there is damaged or wrong, which is a finding.
    pub(super) damaged: bool,
    /// Of a golden tree: files that differ because somebody edited them.
    pub(super) edited: Vec<Edited>,
    /// The list of files that there should be, where the work tree is not what was looked at.
    pub(super) wanted: Option<Manifest>,
}

/// ``environment `prod` ``, `1,000 environments, ...`: those of which the same is said.
pub(super) fn name_all(alike: &[&Difference]) -> String {
    text::environments(&alike.iter().map(|difference| &*difference.name).collect::<Vec<_>>())
}

pub(super) struct Differences<'a> {
    pub(super) report: Report<'a>,
    /// Trees whose environment is gone, as one would type them; looked for where all environments are compared.
    pub(super) orphans: Vec<Utf8PathBuf>,
    /// They are those of a revision, and lie in no folder.
    pub(super) orphans_of_revision: bool,
    /// Those that differ and those that do not; environments with errors are left out.
    pub(super) all: Vec<Difference>,
    /// `None` if its settings are broken.
    pub(super) project: Option<Project>,
}

impl Differences<'_> {
    /// The same with more findings.
    pub(super) fn with(self, more: Findings) -> Self {
        if more.is_empty() { self } else { Self { report: self.report.with(more), ..self } }
    }
}

/// `platc diff prod main`: the second word may be what to compare with.
fn meant_as_other_side(
    failure: Failure,
    environments: &args::Environments,
    project: &Project,
    session: &Session,
) -> Failure {
    match environments.named.as_slice() {
        [one, other] if session.find(project, one).is_ok() && session.find(project, other).is_err() => {
            failure.help(format!("to compare with `{other}`, write `platc diff {one} --against {other}`"))
        }
        _ => failure,
    }
}

/// Compiles environments and compares each. `old` may look at the project to find out what was meant.
pub(super) fn compare<'a>(
    environments: &args::Environments,
    old: impl FnOnce(&Project) -> Result<Old, Failure>,
    scope: &Scope,
    session: &'a Session,
    request: &Request<'_>,
    printer: &mut Printer,
) -> Result<Differences<'a>, Failure> {
    let mut wanted: Vec<Arc<str>> = Vec::new();
    let resolved = OnceLock::new();
    let select = |project: &Project| {
        let selected = session.select(project, environments);
        let mut selected = selected.map_err(|failure| meant_as_other_side(failure, environments, project, session))?;
        wanted = selected.iter().map(|entry| Arc::clone(&entry.name)).collect();
        let old = old(project)?;
        if let Old::Environment(name) = &old
            && !wanted.contains(name)
        {
            selected.extend(project.environments.iter().find(|entry| entry.name == *name).cloned());
        }
        let _ = resolved.set(old);
        Ok(selected)
    };
    let recall = |context: Context<'_>, tree: &Record| {
        let files = found(resolved.get()?, context, tree, session)?;
        Some(Some(Kept { files, effects: Vec::new() }))
    };
    let former = OnceLock::new();
    let keep = |context: Context<'_>, compiled: Option<Compiled>, findings: &mut Findings| {
        if let (Some(Old::Revision(revision)), Some(compiled)) = (resolved.get(), &compiled) {
            let schema = former.get_or_init(|| former_schema(revision, session)).as_ref();
            if let Some(schema) = schema {
                schema.hide_secrets(&compiled.environment.root, &session.sources);
            }
        }
        keep(context, compiled, findings)
    };
    let outcome = compile::each(request, select, printer, recall, keep)?;
    let judged = outcome.delivered.iter().map(|(name, _)| Arc::clone(name));
    let report = Report::new(outcome.findings, &session.sources).of(&session.place, judged);
    let (Some(project), Some(old)) = (outcome.project, resolved.into_inner()) else {
        return Ok(Differences {
            report,
            orphans: Vec::new(),
            orphans_of_revision: false,
            all: Vec::new(),
            project: None,
        });
    };
    let (now, mut effects) = with_files(outcome.delivered);
    let mut secrets = session.sources.secrets();
    let (past, gone) = match &old {
        Old::Revision(revision) => past(revision, &wanted, &project, session, request, &mut secrets, printer)?,
        _ => (Trees::new(), Vec::new()),
    };
    let references = moved::written(session.sources.references());
    let mut all = Vec::new();
    let mut lists = Findings::default();
    let mut seen = false;
    for name in wanted {
        let Some(made) = now.get(&name) else { continue };
        let Some(before) = before(&old, &name, &project, session, [&now, &past])? else { continue };
        let new = as_files(made, &scope.only);
        let standing = match &before.held {
            Held::Nothing => Files::new(),
            Held::Side(side) => filtered(side.against(&new), &scope.only),
            Held::Files(files) => as_files(files, &scope.only),
        };
        seen |= !standing.is_empty() || !new.is_empty();
        let after = match &old {
            Old::Output(_) => format!("{name} (compiled)"),
            _ => session.place.shown(&project.config.output.join(&*name)).into_string(),
        };
        secrets.extend(moved::secrets(&standing, &new, &references));
        let mut files = diff::compare(&standing, &new, scope.context);
        moved::hide_beside(&mut files, &references);
        diff::mask::veil(&mut files, &Known::of(&secrets));
        let structure = if scope.structure {
            structure::compare(&standing, &new, &session.limits, &secrets)
        } else {
            structure::Structure::new()
        };
        let nothing = matches!(before.held, Held::Nothing);
        let (same, whole) = (files.is_empty(), scope.only.is_empty());
        let listed = Listed { before: &before, name: &name, files: made, new: &new, same, whole };
        let list = listed.check(&old, &session.sources);
        let damaged = !list.is_empty();
        lists.append(list);
        let mut effects = effects.remove(&name).unwrap_or_default();
        effects.retain(|effect| scope.only.is_empty() || scope.holds(effect, &before.label, &session.sources));
        let (mut edited, mut accepted) = (Vec::new(), None);
        if let (Old::Golden, Held::Side(side)) = (&old, &before.held) {
            edited = side.edited(files.iter().map(|file| file.path.as_path()));
        }
        if session.staged && !files.is_empty() {
            accepted = Some(manifest::of(made));
        }
        let sides = Sides { old: before.label, new: after };
        all.push(Difference { name, sides, files, effects, structure, nothing, damaged, edited, wanted: accepted });
    }
    if !seen && !scope.only.is_empty() && !report.has_errors() {
        return Err(scope.only.without_match());
    }
    let orphans = if environments.named.is_empty() && !report.has_errors() {
        let mut orphans = orphans(&old, &project, session)?;
        orphans.extend(gone);
        orphans
    } else {
        Vec::new()
    };
    let report = if lists.is_empty() { report } else { report.with(lists) };
    let orphans_of_revision = matches!(old, Old::Revision(_));
    Ok(Differences { report, orphans, orphans_of_revision, all, project: Some(project) })
}

/// Compiled environments by name; those with errors are left out.
type Trees = BTreeMap<Arc<str>, Vec<File>>;

/// What each environment delivered.
fn with_files(delivered: Vec<(Arc<str>, Option<Kept>)>) -> (Trees, BTreeMap<Arc<str>, Vec<Effect>>) {
    let (mut trees, mut effects) = (Trees::new(), BTreeMap::new());
    for (name, kept) in delivered {
        let Some(kept) = kept else { continue };
        effects.insert(Arc::clone(&name), kept.effects);
        trees.insert(name, kept.files);
    }
    (trees, effects)
}

/// What is kept of a compiled environment.
struct Kept {
    files: Vec<File>,
    effects: Vec<Effect>,
}

impl Scope {
    /// Whether an effect is about a file that is looked at; `label` is what the tree before is called.
    fn holds(&self, effect: &Effect, label: &str, sources: &Sources) -> bool {
        let was = sources.get(effect.finding.primary.span.file).path().to_owned();
        let was = was.strip_prefix(label).map(Utf8Path::to_owned);
        let now = effect.finding.rendered.as_ref().map(|it| Utf8PathBuf::from(&it.file));
        now.or_else(|| was.ok()).is_none_or(|path| self.only.matches(&path))
    }
}

/// The older side of a comparison and what it is called.
struct Before<'a> {
    label: String,
    held: Held<'a>,
}

enum Held<'a> {
    Nothing,
    /// As it stands in a folder or in git.
    Side(Side),
    /// As it was compiled.
    Files(&'a [File]),
}

/// What an environment is compared with; `None` if that has errors of its own.
fn before<'a>(
    old: &Old,
    name: &str,
    project: &Project,
    session: &Session,
    [now, past]: [&'a Trees; 2],
) -> Result<Option<Before<'a>>, Failure> {
    let standing = |label: Utf8PathBuf, side: Option<Side>| Before {
        label: label.into_string(),
        held: side.map_or(Held::Nothing, Held::Side),
    };
    let output = |name: &str| session.place.shown(&project.config.output.join(name));
    Ok(Some(match old {
        Old::Golden => {
            let (golden, root) = (project.config.golden.join(name), &session.place.root);
            let shown = session.place.shown(&golden);
            let side = at(session.disk.as_ref(), Place { root, path: &golden, shown: &shown }, session)?;
            standing(shown, side)
        }
        Old::Output(destination) => {
            let (path, shown) = (destination.path(project, name), destination.shown(project, name));
            let place = Place { root: &destination.root, path: &path, shown: &shown };
            let side = match open(&destination.root)? {
                Some(disk) => at(&disk, place, session)?,
                None => None,
            };
            standing(shown, side)
        }
        Old::Folder(typed) => {
            let tree = tree_in(typed, name, session);
            // Within the project a link could have come with a pull request; elsewhere the way is the user's.
            let (root, path) = match session.place.in_project(&tree) {
                Some(path) => (session.place.root.clone(), path),
                None => (session.place.absolute(&tree), Utf8PathBuf::new()),
            };
            let side = match open(&root)? {
                Some(disk) => at(&disk, Place { root: &root, path: &path, shown: &tree }, session)?,
                None => None,
            };
            standing(tree, side)
        }
        Old::Environment(other) => {
            let Some(files) = now.get(other) else { return Ok(None) };
            Before { label: output(other).into_string(), held: Held::Files(files) }
        }
        Old::Revision(revision) => {
            let held = past.get(name).map_or(Held::Nothing, |files| Held::Files(files));
            Before { label: format!("{revision}:{}", project.config.output.join(name)), held }
        }
    }))
}

/// Golden trees of environments that do not exist any more.
pub(super) fn left_behind(project: &Project, session: &Session) -> Result<Vec<Utf8PathBuf>, Failure> {
    orphans(&Old::Golden, project, session)
}

/// Trees that platc wrote for environments that do not exist any more. Nothing else would ever tell of them.
fn orphans(old: &Old, project: &Project, session: &Session) -> Result<Vec<Utf8PathBuf>, Failure> {
    let known = |name: &Utf8Path| project.environments.iter().any(|entry| &*entry.name == name.as_str());
    match old {
        Old::Golden => {
            let trees = side::trees(session.disk.as_ref(), &project.config.golden).map_err(|e| cannot_read(&e))?;
            let gone = trees.into_iter().filter(|name| !known(name));
            Ok(gone.map(|name| session.place.shown(&project.config.golden.join(name))).collect())
        }
        Old::Output(destination) => {
            let Some(disk) = open(&destination.root)? else { return Ok(Vec::new()) };
            let folder = destination.path(project, "");
            let trees = side::trees(&disk, &folder).map_err(|e| cannot_read(&e))?;
            Ok(trees
                .into_iter()
                .filter(|name| !known(name))
                .map(|name| destination.shown(project, name.as_str()))
                .collect())
        }
        Old::Environment(_) | Old::Folder(_) | Old::Revision(_) => Ok(Vec::new()),
    }
}

fn keep(_: Context<'_>, compiled: Option<Compiled>, _: &mut Findings) -> Option<Kept> {
    compiled.map(|compiled| Kept { files: compiled.files, effects: compiled.effects })
}

/// What the environments had to match as of a revision: what was a secret then is one.
fn former_schema(revision: &str, session: &Session) -> Option<Schema> {
    let (disk, limits) = (session.at(revision).ok()?, &session.limits);
    let (budget, mut unheard) = (Budget::new(&disk, limits), Findings::default());
    let project = Project::load(&budget, &Sources::default(), limits, &mut unheard)?;
    Schema::load(&budget, &project.config.schema, &Sources::default(), limits, &mut unheard)
}

/// The files of a tree, if it stands where it is looked for.
fn found(old: &Old, context: Context<'_>, tree: &Record, session: &Session) -> Option<Vec<File>> {
    let Context { project, entry, .. } = context;
    let place = || Span::file_start(session.sources.add(entry.path.clone(), ""));
    match old {
        Old::Golden => tree.find(session.disk.below(), &project.config.golden.join(&*entry.name), place()),
        Old::Output(destination) => {
            tree.find(&open(&destination.root).ok()??, &destination.path(project, &entry.name), place())
        }
        Old::Environment(_) | Old::Folder(_) | Old::Revision(_) => None,
    }
}

fn as_files<'a>(files: &'a [File], only: &Globs) -> Files<'a> {
    let files = files.iter().map(|file| (file.path.as_path(), &*file.bytes));
    filtered(files.collect(), only)
}

fn filtered<'a>(mut files: Files<'a>, only: &Globs) -> Files<'a> {
    files.retain(|path, _| only.matches(path));
    files
}

/// The environments as a git revision holds them; those that it does not have are left out. And what the trees of those
/// are called that it has and that are gone now.
fn past(
    revision: &str,
    wanted: &[Arc<str>],
    now: &Project,
    session: &Session,
    request: &Request<'_>,
    secrets: &mut Vec<Arc<str>>,
    printer: &mut Printer,
) -> Result<(Trees, Vec<Utf8PathBuf>), Failure> {
    let disk = session.at(revision)?;
    let sources = Sources::default();
    let request = Request { disk: &disk, sources: &sources, check: false, caching: None, effects: None, ..*request };
    let is_wanted = |entry: &&Entry| wanted.contains(&entry.name);
    let select = |project: &Project| Ok(project.environments.iter().filter(is_wanted).cloned().collect());
    // What is a secret now, was one then.
    let schema = {
        let budget = Budget::new(&*session.disk, &session.limits);
        Schema::load(&budget, &now.config.schema, &Sources::default(), &session.limits, &mut Findings::default())
    };
    let keep = |context: Context<'_>, compiled: Option<Compiled>, findings: &mut Findings| {
        if let (Some(schema), Some(compiled)) = (&schema, &compiled) {
            schema.hide_secrets(&compiled.environment.root, &sources);
        }
        keep(context, compiled, findings)
    };
    let outcome = compile::each(&request, select, printer, |_, _| None, keep)?;
    secrets.extend(sources.secrets());
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let report = Report::new(outcome.findings, &sources);
    if report.has_errors() {
        report.say(printer);
        return Err(Failure::new(format!("the project does not compile as of `{revision}`"))
            .help("the findings above are about that revision; compare with another, or with `golden`"));
    }
    let is_gone = |entry: &&Entry| !now.environments.iter().any(|it| it.name == entry.name);
    let before = outcome.project.iter().flat_map(|project| &project.environments).filter(is_gone);
    let gone = before.map(|entry| format!("{revision}:{}", now.config.output.join(&*entry.name)).into()).collect();
    Ok((with_files(outcome.delivered).0, gone))
}

/// The tree at a place. No link is followed on the way there, nor within it: what is compared is what would be replaced.
fn at(disk: &dyn Disk, place: Place<'_>, session: &Session) -> Result<Option<Side>, Failure> {
    if let Some(link) = disk.link_on(place.path) {
        return Err(place.is_link(link).into());
    }
    Side::read(disk, place.path, session.limits.file_bytes).map_err(|unreadable| cannot_read(&unreadable))
}

/// A folder is the tree itself or, as `--out-dir` makes it, holds the trees of environments.
fn tree_in(typed: &Utf8Path, name: &str, session: &Session) -> Utf8PathBuf {
    let folder = session.place.absolute(typed);
    let is_tree = |folder: &Utf8Path| folder.join(manifest::PATH).exists();
    let holds = || folder.join(name).is_dir() || !trees_below(&folder).is_empty();
    if !is_tree(&folder) && holds() { typed.join(name) } else { typed.to_owned() }
}

/// Trees that platc wrote below a folder.
fn trees_below(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let disk = Real::open(folder).ok();
    disk.and_then(|disk| side::trees(&disk, Utf8Path::new("")).ok()).unwrap_or_default()
}

fn open(folder: &Utf8Path) -> Result<Option<Real>, Failure> {
    match Real::open(folder) {
        Ok(disk) => Ok(Some(disk)),
        Err(ReadError::Missing) => Ok(None),
        Err(error) => Err(cannot_read(&Unreadable { path: folder.to_owned(), error })),
    }
}

fn cannot_read(unreadable: &Unreadable) -> Failure {
    Failure::new(format!("`{}` cannot be read: {}", unreadable.path, unreadable.error))
}
