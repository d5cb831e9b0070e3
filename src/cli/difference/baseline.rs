//! The trees before, for rules about changes. Each is read, or compiled, when its environment asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::Utf8PathBuf;

use super::{Held, Old, Trees, as_files, before, cannot_read, switched_off, trees_below};
use crate::artifact::{self, File};
use crate::check::{Acknowledgements, Declared, Former, Past, Severities, Standing, Stood, Then};
use crate::cli::exit::Failure;
use crate::cli::glob::Globs;
use crate::cli::session::Session;
use crate::diff::{Files, side};
use crate::disk::{Budget, Git};
use crate::environment::load::Environment;
use crate::finding::render::text;
use crate::finding::{Finding, Findings, codes};
use crate::pipeline::{Compiler, Inputs, Options, Shared};
use crate::project::{Config, FILE, Project};
use crate::rules::{CATALOGUE, OwnRules};
use crate::schema::Schema;
use crate::source::{FileId, Sources, Span};

/// What changes are judged against.
pub(in crate::cli) struct Baseline<'a> {
    pub(super) session: &'a Session,
    pub(super) known: OnceLock<(Project, Old)>,
    /// The project as of the revision that was asked for, or as the last commit holds it.
    pub(super) past: OnceLock<Option<Revision>>,
    /// Texts of that revision that were asked for, by where they are in this run.
    pub(super) quoted: Mutex<BTreeMap<FileId, FileId>>,
    failure: Mutex<Option<Failure>>,
    /// Trees of environments that are gone.
    gone: OnceLock<Vec<String>>,
    /// Where nothing stood that an environment could be compared with, by its name.
    missing: Mutex<BTreeMap<String, String>>,
    /// Environments that had a tree of their own.
    own: Mutex<BTreeSet<String>>,
    /// Environments that are gone, and that others were compared with: they have another name now.
    renamed: Mutex<BTreeSet<String>>,
    /// There is no golden tree at all.
    has_none: OnceLock<()>,
    /// What the project was judged by as of the revision.
    judged_by: OnceLock<Option<JudgedBy>>,
    /// What that refuses and nothing refuses now, by environment.
    refused: Mutex<BTreeMap<String, Vec<Finding>>>,
    /// What environments acknowledged as of the revision, and what they said to be made by other tools.
    acknowledged: Mutex<BTreeMap<String, (Acknowledgements, Declared)>>,
}

/// Trees of environments that are gone are compared with one that is new, up to so many.
const COMPARED: usize = 8;

/// A project as of a revision.
pub(super) struct Revision {
    pub(super) disk: Git,
    pub(super) sources: Sources,
    pub(super) project: Project,
    pub(super) shared: Shared,
}

impl<'a> Baseline<'a> {
    pub(in crate::cli) fn new(session: &'a Session) -> Self {
        let (known, past, gone, has_none) = (OnceLock::new(), OnceLock::new(), OnceLock::new(), OnceLock::new());
        let (failure, missing, own) = (Mutex::default(), Mutex::default(), Mutex::default());
        let (judged_by, refused, renamed) = (OnceLock::new(), Mutex::default(), Mutex::default());
        let (acknowledged, quoted) = (Mutex::default(), Mutex::default());
        Self {
            session,
            known,
            past,
            quoted,
            failure,
            gone,
            missing,
            own,
            renamed,
            has_none,
            judged_by,
            refused,
            acknowledged,
        }
    }

    /// Says what was asked for, once the project is known.
    pub(in crate::cli) fn find(&self, typed: &str, project: &Project) -> Result<(), Failure> {
        let old = Old::named(typed, project, self.session)?;
        if matches!(old, Old::Environment(_)) {
            return Err(Failure::new(format!("`{typed}` is an environment, and a change is judged against what was"))
                .help(
                    "`--against` takes `golden`, a folder or a git revision here; `platc diff` compares environments",
                ));
        }
        if let Old::Folder(folder) = &old
            && trees_below(&self.session.place.absolute(folder)).is_empty()
        {
            return Err(Failure::new(format!("`{typed}` holds no tree that platc wrote")).help(
                "`--against` takes a folder that `platc render --out-dir` has written, or one with such trees in it",
            ));
        }
        let _ = self.known.set((project.clone(), old));
        Ok(())
    }

    /// What stood in the way of reading a tree.
    pub(in crate::cli) fn failure(&self) -> Result<(), Failure> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        failure.map_or(Ok(()), Err)
    }

    /// Where there was nothing to compare with, if that was asked for and nothing else is said of it.
    pub(in crate::cli) fn missing(&self) -> Vec<String> {
        let is_asked = !matches!(self.known.get(), Some((_, Old::Golden)) | None);
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if is_asked && self.gone.get().is_none_or(Vec::is_empty) {
            missing.values().cloned().collect()
        } else {
            Vec::new()
        }
    }

    /// Rules and schemas that judged the project as of the revision, and do not any more, and what they would refuse; and,
    /// where all environments were asked for, those that are gone.
    pub(in crate::cli) fn switched_off(&self, are_all: bool) -> Result<Findings, Failure> {
        let Some((project, Old::Revision(revision))) = self.known.get() else { return Ok(Findings::default()) };
        let mut findings = Findings::default();
        if are_all {
            let renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
            let before = self.names_in_revision().into_iter().filter(|name| !renamed.contains(&**name)).collect();
            findings.append(switched_off::environments(revision, before, project, self.session));
        }
        findings.append(switched_off::found(revision, &self.session.at(revision)?, project, self.session));
        if let Some(former) = self.former() {
            findings.extend(switched_off::weaker(&former, project, self.session));
        }
        let refused = std::mem::take(&mut *self.refused.lock().unwrap_or_else(PoisonError::into_inner));
        findings.extend(refused.into_values().flatten());
        Ok(findings)
    }

    /// The environments that there were as of the revision.
    fn names_in_revision(&self) -> Vec<Arc<str>> {
        self.former();
        let known = self.judged_by.get().and_then(Option::as_ref);
        known
            .map(|it| it.project.environments.iter().map(|entry| Arc::clone(&entry.name)).collect())
            .unwrap_or_default()
    }

    fn standing(&self, name: &str, now: &[File]) -> Result<Option<Standing>, Failure> {
        let Some((project, old)) = self.known.get() else { return Ok(None) };
        let now = as_files(now, &Globs::default());
        let (label, found) = match self.tree_of(name, project, old, &now)? {
            Some((label, Some(files))) => {
                self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
                return Ok(Some(Standing { label, files }));
            }
            Some((label, None)) => (label, self.renamed(name, project, old, &now)?),
            None => return Ok(None),
        };
        if found.is_none() {
            self.missing.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), label);
        }
        Ok(found)
    }

    /// What the tree of an environment is called, and its files, if it is there. `None` if it has errors of its own.
    fn tree_of(&self, name: &str, project: &Project, old: &Old, now: &Files<'_>) -> Result<Option<Tree>, Failure> {
        let past = match old {
            Old::Revision(revision) => self.compiled(revision, name)?,
            _ => Trees::new(),
        };
        let none = Trees::new();
        let before = before(old, name, project, self.session, [&none, &past]).map_err(|failure| match old {
            Old::Golden => failure.help("changes are judged against it; `platc golden --accept` writes it anew"),
            _ => failure,
        });
        let Some(before) = before? else { return Ok(None) };
        let files = match &before.held {
            Held::Nothing => return Ok(Some((before.label, None))),
            // What platc made was there, whether its list names it or not.
            Held::Side(side) => {
                let left = side.unnamed(now).filter(|(_, bytes)| artifact::says_made(bytes));
                side.against(now).into_iter().chain(left).collect()
            }
            Held::Files(files) => as_files(files, &Globs::default()),
        };
        let files = files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        Ok(Some((before.label, Some(files))))
    }

    /// The tree of an environment that is gone and was much like this one: it has another name or place now.
    fn renamed(&self, name: &str, project: &Project, old: &Old, now: &Files<'_>) -> Result<Option<Standing>, Failure> {
        let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let mut names: Vec<&String> = self.gone(project, old)?.iter().collect();
        names.sort_by_key(|other| last(other) != last(name));
        let mut best: Option<(usize, &String, Standing)> = None;
        for other in names.into_iter().take(COMPARED) {
            let Some((label, Some(files))) = self.tree_of(other, project, old, now)? else { continue };
            let alike = files.keys().filter(|path| now.contains_key(path.as_path())).count();
            let is_alike = alike > 0 && 2 * alike >= files.len();
            if is_alike && best.as_ref().is_none_or(|(most, ..)| alike > *most) {
                best = Some((alike, other, Standing { label, files }));
            }
        }
        Ok(best.map(|(_, other, standing)| {
            self.renamed.lock().unwrap_or_else(PoisonError::into_inner).insert(other.clone());
            self.keep_acknowledged(name, (self.acknowledged(other), self.declared(other)));
            standing
        }))
    }

    fn keep_acknowledged(&self, name: &str, what: (Acknowledgements, Declared)) {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), what);
    }

    /// Environments that had a tree and are not there any more.
    fn gone(&self, project: &Project, old: &Old) -> Result<&[String], Failure> {
        if let Some(gone) = self.gone.get() {
            return Ok(gone);
        }
        let known = |name: &str| project.environments.iter().any(|entry| &*entry.name == name);
        let names: Vec<String> = match old {
            Old::Revision(_) => {
                let past = self.past.get().and_then(Option::as_ref);
                past.into_iter().flat_map(|past| &past.project.environments).map(|it| it.name.to_string()).collect()
            }
            Old::Folder(folder) => {
                trees_below(&self.session.place.absolute(folder)).into_iter().map(Into::into).collect()
            }
            Old::Golden => {
                let trees = side::trees(self.session.disk.as_ref(), &project.config.golden);
                let trees = trees.map_err(|error| cannot_read(&error))?;
                if trees.is_empty() {
                    let _ = self.has_none.set(());
                }
                trees.into_iter().map(Into::into).collect()
            }
            Old::Output(_) | Old::Environment(_) => Vec::new(),
        };
        Ok(self.gone.get_or_init(|| names.into_iter().filter(|name| !name.is_empty() && !known(name)).collect()))
    }

    /// What to say of an environment that was judged against nothing, and may have had another name.
    fn nothing(&self, name: &str, label: &str, project: &Project) -> Option<Finding> {
        let [first, others @ ..] = self.gone.get().map_or(&[][..], Vec::as_slice) else { return None };
        let others = if others.is_empty() { String::new() } else { format!(" and {} others", others.len()) };
        let entry = project.environments.iter().find(|entry| &*entry.name == name)?;
        let at = Span::file_start(self.session.sources.add(entry.path.clone(), ""));
        let message = format!("no change of `{name}` is judged: there is no `{label}`");
        let mut finding = Finding::new(&codes::project::NOTHING_BEFORE, at, message).help(format!(
            "there was `{first}`{others}, and is no more: if this is one of them, let it have its old name until the \
             changes are judged"
        ));
        finding.subject = Some(name.to_owned());
        finding.environments.push(Arc::clone(&entry.name));
        Some(finding)
    }

    /// What to say of a folder that is named in the settings and holds no golden tree of these environments.
    fn elsewhere(&self, names: &[&str], project: &Project) -> Finding {
        let golden = &project.config.golden;
        let at = Span::file_start(self.session.sources.add(FILE, ""));
        let names = text::environments(names);
        let message = format!("no change of {names} is judged: `{golden}` holds no such tree");
        let mut finding = Finding::new(&codes::project::NOTHING_BEFORE, at, message)
            .help("`golden` in `platc.yaml` names that folder; `platc golden --accept` makes the trees");
        finding.subject = Some(golden.to_string());
        finding
    }

    /// An environment as of a revision; nothing if it was not there.
    fn compiled(&self, revision: &str, name: &str) -> Result<Trees, Failure> {
        let broken = || {
            Failure::new(format!("the project does not compile as of `{revision}`")).help(format!(
                "`platc diff --against rev:{revision}` shows why; compare with another revision, or with `golden`"
            ))
        };
        let limits = &self.session.limits;
        let past = self.past.get_or_init(|| Revision::open(revision, self.session).ok().flatten());
        let Revision { disk, sources, project, shared } = past.as_ref().ok_or_else(broken)?;
        let Some(entry) = project.environments.iter().find(|entry| &*entry.name == name) else {
            return Ok(Trees::new());
        };
        let disk = Budget::new(disk, limits);
        let (options, inputs) =
            (Options { check: false, ..Options::default() }, Inputs { disk: &disk, sources, limits });
        let compiler = Compiler::new(shared, options, inputs).ok_or_else(broken)?;
        let compiled = compiler.compile(entry, &mut Findings::default()).ok_or_else(broken)?;
        let declared = Declared::of(&project.config.outside, &compiled.environment);
        self.keep_acknowledged(name, (Acknowledgements::of(&compiled.environment), declared));
        Ok(Trees::from([(entry.name.clone(), compiled.files)]))
    }
}

/// Schemas and settings of rules as of a revision.
struct JudgedBy {
    revision: String,
    disk: Git,
    project: Project,
    rules: Utf8PathBuf,
    severities: Severities,
    schema: Schema,
}

impl JudgedBy {
    /// None if they cannot be read.
    fn open(revision: &str, session: &Session) -> Option<Self> {
        let disk = session.at(revision).ok()?;
        let limits = &session.limits;
        let budget = Budget::new(&disk, limits);
        let mut unheard = Findings::default();
        let project = Project::load(&budget, &Sources::default(), limits, &mut unheard)?;
        let schema = Schema::load(&budget, &project.config.schema, &session.sources, limits, &mut unheard)?;
        let rules = project.config.own_rules();
        let own = OwnRules::load(&budget, &rules, &Sources::default(), limits, &mut unheard);
        let severities = Severities::new(&project.config.rules, &CATALOGUE, &own.ids(), &mut unheard);
        Some(Self { revision: revision.to_owned(), disk, project, rules, severities, schema })
    }
}

impl Revision {
    /// None if its settings are broken.
    pub(super) fn open(revision: &str, session: &Session) -> Result<Option<Self>, Failure> {
        let (disk, sources, mut findings) = (session.at(revision)?, Sources::default(), Findings::default());
        let limits = &session.limits;
        let budget = Budget::new(&disk, limits);
        let Some(project) = Project::load(&budget, &sources, limits, &mut findings) else { return Ok(None) };
        let inputs = Inputs { disk: &budget, sources: &sources, limits };
        // A tree without the template that is broken would be taken for what stood there.
        let mut broken = Findings::default();
        let shared = Shared::load(&project, inputs, &mut broken);
        Ok((!broken.has_errors()).then_some(Self { disk, sources, project, shared }))
    }
}

/// What a tree is called, and its files, if it is there.
type Tree = (String, Option<BTreeMap<Utf8PathBuf, Vec<u8>>>);

impl Past for Baseline<'_> {
    fn is_by_itself(&self, environment: &str) -> bool {
        self.has_none.get().is_some() || self.own.lock().unwrap_or_else(PoisonError::into_inner).contains(environment)
    }

    fn missing(&self, environment: &str) -> Option<String> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).get(environment).cloned()
    }

    fn recall_missing(&self, environment: &str, what: &str) {
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        missing.insert(environment.to_owned(), what.to_owned());
    }

    fn is_complete(&self) -> bool {
        let failed = self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        // Golden trees need not be there.
        let is_golden = matches!(self.known.get(), Some((_, Old::Golden)));
        !failed && (is_golden || self.missing.lock().unwrap_or_else(PoisonError::into_inner).is_empty())
    }

    fn tree(&self, environment: &str, now: &[File]) -> Option<Standing> {
        self.standing(environment, now).unwrap_or_else(|failure| {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
            None
        })
    }

    fn former(&self) -> Option<Former<'_>> {
        let Some((_, Old::Revision(revision))) = self.known.get() else { return None };
        let judged_by = self.judged_by.get_or_init(|| JudgedBy::open(revision, self.session)).as_ref()?;
        let JudgedBy { revision, disk, project, rules, severities, schema } = judged_by;
        let (path, material) = (&*project.config.schema, &*project.config.material);
        Some(Former { revision, disk, path, schema, rules, severities, material })
    }

    fn acknowledged(&self, environment: &str) -> Acknowledgements {
        let acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        acknowledged.get(environment).map(|(acknowledged, _)| acknowledged.clone()).unwrap_or_default()
    }

    fn declared(&self, environment: &str) -> Declared {
        let acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        acknowledged.get(environment).map(|(_, declared)| declared.clone()).unwrap_or_default()
    }

    fn refused(&self, environment: &str, findings: Vec<Finding>) {
        // An environment may be compiled again.
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(environment.to_owned(), findings);
    }

    fn taken_away(&self, environment: &Environment, standing: &Standing, stood: &[Stood]) -> Vec<Vec<Span>> {
        self.causes(environment, standing, stood).unwrap_or_default()
    }

    fn then(&self, environment: &Environment, standing: &Standing, look: &mut dyn FnMut(Option<&dyn Then>)) {
        self.look_at(environment, standing, look);
    }

    fn unknown(&self) -> Findings {
        let mut findings = Findings::default();
        let Some((project, old)) = self.known.get() else { return findings };
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.gone.get().is_some_and(|gone| !gone.is_empty()) {
            findings.extend(missing.iter().filter_map(|(name, label)| self.nothing(name, label, project)));
        } else if matches!(old, Old::Golden) && !missing.is_empty() && project.config.golden != Config::default().golden
        {
            findings.push(self.elsewhere(&missing.keys().map(String::as_str).collect::<Vec<_>>(), project));
        }
        findings
    }
}
