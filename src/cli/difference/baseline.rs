//! The trees before, for rules about changes. Each is read, or compiled, when its environment asks for it.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::{Held, Old, Trees, as_files, before, trees_below};
use crate::artifact::File;
use crate::check::{Past, Standing};
use crate::cli::exit::Failure;
use crate::cli::glob::Globs;
use crate::cli::session::Session;
use crate::disk::{Budget, Git};
use crate::finding::Findings;
use crate::pipeline::{Compiler, Inputs, Options, Shared};
use crate::project::Project;
use crate::source::Sources;

/// What changes are judged against.
pub(in crate::cli) struct Baseline<'a> {
    session: &'a Session,
    known: OnceLock<(Project, Old)>,
    /// The project as of the revision that was asked for.
    past: OnceLock<Option<Revision>>,
    failure: Mutex<Option<Failure>>,
    /// Where nothing stood that an environment could be compared with.
    missing: Mutex<Vec<String>>,
}

/// A project as of a revision.
struct Revision {
    disk: Git,
    sources: Sources,
    project: Project,
    shared: Shared,
}

impl<'a> Baseline<'a> {
    pub(in crate::cli) fn new(session: &'a Session) -> Self {
        let (known, past) = (OnceLock::new(), OnceLock::new());
        Self { session, known, past, failure: Mutex::default(), missing: Mutex::default() }
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

    /// Where there was nothing to compare with, if that was asked for. Golden trees need not be there.
    pub(in crate::cli) fn missing(&self) -> Vec<String> {
        let mut missing = std::mem::take(&mut *self.missing.lock().unwrap_or_else(PoisonError::into_inner));
        missing.sort();
        missing
    }

    fn standing(&self, name: &str, now: &[File]) -> Result<Option<Standing>, Failure> {
        let Some((project, old)) = self.known.get() else { return Ok(None) };
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
        let now = as_files(now, &Globs::default());
        let files = match &before.held {
            Held::Nothing => {
                if !matches!(old, Old::Golden) {
                    self.missing.lock().unwrap_or_else(PoisonError::into_inner).push(before.label);
                }
                return Ok(None);
            }
            Held::Side(side) => side.against(&now),
            Held::Files(files) => as_files(files, &Globs::default()),
        };
        let files: BTreeMap<_, _> = files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        Ok(Some(Standing { label: before.label, files }))
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
        Ok(Trees::from([(entry.name.clone(), compiled.files)]))
    }
}

impl Revision {
    /// None if its settings are broken.
    fn open(revision: &str, session: &Session) -> Result<Option<Self>, Failure> {
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

impl Past for Baseline<'_> {
    fn is_complete(&self) -> bool {
        let failed = self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        !failed && self.missing.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn tree(&self, environment: &str, now: &[File]) -> Option<Standing> {
        self.standing(environment, now).unwrap_or_else(|failure| {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
            None
        })
    }
}
