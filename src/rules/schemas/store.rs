//! Schemas by what they are of. Each is read when the first artifact asks for it, once a run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use crate::account::{Account, Work};
use crate::disk::Disk;
use crate::disk::folder::{list_if_there, unlisted};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::schema::Schema;
use crate::source::Sources;

/// The imported schemas of a project.
pub struct Schemas<'a> {
    disk: &'a dyn Disk,
    sources: &'a Sources,
    limits: &'a Limits,
    /// Pays for what is read.
    account: Account,
    folder: Utf8PathBuf,
    names: Once<Names>,
    loaded: Once<Loaded>,
}

/// What is found out once for each path, by whoever asks first.
type Once<T> = Mutex<BTreeMap<String, Arc<OnceLock<Arc<T>>>>>;

/// What a folder holds, or what is in the way of knowing it.
#[derive(Debug)]
struct Names {
    names: Arc<Vec<String>>,
    findings: Findings,
}

#[derive(Debug)]
struct Loaded {
    schema: Option<Arc<Schema>>,
    findings: Findings,
}

impl<'a> Schemas<'a> {
    /// Those below the project's folder of schemas; there may be none.
    pub fn new(folder: Utf8PathBuf, disk: &'a dyn Disk, sources: &'a Sources, limits: &'a Limits) -> Self {
        let account = Account::unbounded();
        Self { disk, sources, limits, account, folder, names: Once::default(), loaded: Once::default() }
    }

    /// Charges what is read for all environments.
    #[must_use]
    pub fn charging(self, account: &Account) -> Self {
        Self { account: account.clone(), ..self }
    }

    /// Gives back what is kept, once the account that paid for it is over.
    pub fn forget(&self) {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The names in a folder below `schemas`, sorted; none if there is no such folder, or if it cannot be read, which is
    /// told.
    pub(super) fn names(&self, folder: &Utf8Path, findings: &mut Findings) -> Arc<Vec<String>> {
        let known = once(&self.names, &self.folder.join(folder), |path| {
            let mut findings = Findings::default();
            let entries = list_if_there(self.disk, path).unwrap_or_else(|error| {
                findings.push(unlisted(path, &error, self.sources));
                Vec::new()
            });
            let names = Arc::new(entries.into_iter().map(|entry| entry.name).collect());
            Names { names, findings }
        });
        findings.extend(known.findings.iter().cloned());
        Arc::clone(&known.names)
    }

    /// The file of a schema of which the ending is not known, if it is there.
    pub(super) fn file(&self, path: &Utf8Path, findings: &mut Findings) -> Option<Utf8PathBuf> {
        let name = path.file_name().filter(|_| is_plain(path))?;
        let names = self.names(path.parent()?, findings);
        let file = ["yaml", "yml", "json"]
            .iter()
            .map(|ending| format!("{name}.{ending}"))
            .find(|file| names.contains(file))?;
        Some(self.folder.join(path).with_file_name(file))
    }

    /// The schema in a file, without its ending; none if there is no such file or nothing can be made of it.
    pub(super) fn get(&self, path: &Utf8Path, findings: &mut Findings) -> Option<Arc<Schema>> {
        let loaded = once(&self.loaded, &self.file(path, findings)?, |path| {
            let mut findings = Findings::default();
            // What is said then does not matter: that it is over is told instead of all else.
            if self.account.is_surely_over() {
                return Loaded { schema: None, findings };
            }
            let schema = Schema::load(self.disk, path, self.sources, self.limits, &mut findings);
            if let Some(schema) = &schema {
                self.account.read(schema.bytes());
                self.account.charge(schema.cost(), Work::Shared, schema.shape().span());
            }
            Loaded { schema: schema.map(Arc::new), findings }
        });
        // Said for every environment that needs it; the same finding is shown once.
        findings.extend(loaded.findings.iter().cloned());
        loaded.schema.clone()
    }

    pub(super) fn sources(&self) -> &'a Sources {
        self.sources
    }

    pub(super) fn limits(&self) -> &'a Limits {
        self.limits
    }
}

impl std::fmt::Debug for Schemas<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schemas").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// What artifacts say becomes part of a path: it must not lead elsewhere.
fn is_plain(path: &Utf8Path) -> bool {
    path.as_str().split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains('\\'))
}

fn once<T>(known: &Once<T>, path: &Utf8Path, find: impl FnOnce(&Utf8Path) -> T) -> Arc<T> {
    let cell = {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(path.as_str().to_owned()).or_default())
    };
    // Outside the lock: two schemas can be read at once.
    Arc::clone(cell.get_or_init(|| Arc::new(find(path))))
}
