//! [`Loader`]: environments made from their layers. One serves a whole run and all its threads: each layer
//! that is extended is read once, and what many environments have in common is merged once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use indexmap::IndexMap;

use super::layer::{self, Absent, FINDING, Layer};
use super::merge::Merge;
use super::patch::Patch;
use super::place::Place;
use super::shape::Shape;
use super::{Content, Origin, Tree, stack};
use crate::account::{Account, Cost, Work};
use crate::disk::Disk;
use crate::finding::codes::hygiene::UNUSED_LAYER;
use crate::finding::{Finding, Findings};
use crate::limits::Limits;
use crate::project::{ENVIRONMENT, Entry, Project};
use crate::source::{FileId, Sources, Span};

/// Reads and merges layers. `S` is the schema's view of an environment.
pub struct Loader<'a, S> {
    shape: S,
    disk: &'a dyn Disk,
    sources: &'a Sources,
    limits: &'a Limits,
    layers: Mutex<BTreeMap<Utf8PathBuf, Arc<Slot>>>,
    /// By the layers below and the layer on top of them.
    merged: Mutex<BTreeMap<(usize, Utf8PathBuf), Arc<Merged>>>,
    /// Pays for what is kept for all environments.
    account: Account,
}

/// A layer that somebody asked for.
type Slot = OnceLock<Result<Arc<Layer>, Arc<Absent>>>;

/// Some layers, merged for all environments that begin with them.
struct Merged {
    /// Tells it from others; 0 is the empty one.
    id: usize,
    result: OnceLock<Joined>,
}

/// What layers make together, what is said of it, and what it cost.
struct Joined {
    tree: Option<Arc<Tree>>,
    findings: Arc<Findings>,
    cost: Cost,
}

/// An environment whose layers are merged.
#[derive(Clone, Debug)]
pub struct Environment {
    pub name: Arc<str>,
    /// In the order in which they apply, the environment's own last.
    pub layers: Vec<Arc<Layer>>,
    /// A map.
    pub root: Arc<Tree>,
}

impl<'a, S: Shape> Loader<'a, S> {
    pub fn new(shape: S, disk: &'a dyn Disk, sources: &'a Sources, limits: &'a Limits) -> Self {
        let (layers, merged) = (Mutex::default(), Mutex::default());
        Self { shape, disk, sources, limits, layers, merged, account: Account::unbounded() }
    }

    /// Charges what is kept for all environments.
    #[must_use]
    pub fn charging(self, account: &Account) -> Self {
        Self { account: account.clone(), ..self }
    }

    /// Reads the layers of an environment that are not read yet, and merges them. `set` goes on top of all.
    ///
    /// `None`, with findings, when a layer is missing, in a circle or not YAML: what the environment holds is not known
    /// then. After any other finding what lies below stays as it is, so that further checks have something to look at.
    pub fn load(&self, entry: &Entry, set: Option<&Patch>, findings: &mut Findings) -> Option<Environment> {
        self.charged(entry, set, &Account::unbounded(), findings)
    }

    /// The same, paid for by an account. `None`, too, if it is over.
    pub fn charged(
        &self,
        entry: &Entry,
        set: Option<&Patch>,
        account: &Account,
        findings: &mut Findings,
    ) -> Option<Environment> {
        let own = match self.own(&entry.path) {
            Ok(own) => own,
            Err(absent) => {
                findings.push(super::wording::gone(&entry.path, &absent, self.sources));
                return None;
            }
        };
        let layers = stack::order(own, |path| self.layer(path), findings)?;
        for layer in &layers {
            account.read(layer.bytes);
        }
        for layer in &layers {
            self.charge(layer, account);
            if account.is_over() {
                return None;
            }
            findings.extend(layer.findings.iter().cloned());
        }
        if layers.iter().any(|layer| !layer.complete) {
            return None;
        }
        let (top, below) = layers.split_last()?;
        let mut root = self.below(below, account, findings).ok()?;
        let mut merge = Merge::new(findings);
        for patch in [Some(&top.patch), set].into_iter().flatten() {
            root = merge.over(root.as_ref(), patch, &Place::ROOT);
        }
        account.charge(merge.cost, Work::Layer, top.patch.origin().value);
        let root = root.unwrap_or_else(|| empty(top.patch.origin().value));
        Some(Environment { name: Arc::clone(&entry.name), layers, root })
    }

    /// What is known of an environment of which a file could not be understood, which is told already: its other files. What
    /// layers from that one on set is certain, but for what is missing.
    pub fn partly(&self, entry: &Entry, account: &Account) -> Option<(Environment, Vec<FileId>)> {
        let unheard = &mut Findings::default();
        let own = self.own(&entry.path).ok()?;
        let layers = stack::order(own, |path| self.layer(path), unheard)?;
        let last = layers.iter().rposition(|layer| !layer.complete)?;
        let (top, below) = layers.split_last()?;
        let root = self.below(below, account, unheard).ok()?;
        let root = Merge::new(unheard).over(root.as_ref(), &top.patch, &Place::ROOT);
        let root = root.unwrap_or_else(|| empty(top.patch.origin().value));
        let certain = layers[last..].iter().flat_map(|layer| layer.files.iter().copied()).collect();
        Some((Environment { name: Arc::clone(&entry.name), layers, root }, certain))
    }

    /// Says that an environment that is known already extends these layers.
    pub fn expect<'p>(&self, paths: impl Iterator<Item = &'p Utf8PathBuf>) {
        let mut layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        for path in paths {
            layers.entry(path.clone()).or_default();
        }
    }

    /// Gives back what is kept of layers, once the account that paid for it is over.
    pub fn forget(&self) {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.merged.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Layers of the project that none of the environments loaded so far extends.
    ///
    /// A folder is used as a whole, or some of its files are, each as a layer of its own.
    pub fn unused(&self, project: &Project) -> Findings {
        let mut findings = Findings::default();
        if project.is_linked {
            return findings;
        }
        let used = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut say = |file: &Utf8Path, layer: &Utf8Path| {
            let span = Span::file_start(self.sources.add(file, ""));
            let finding = Finding::new(&UNUSED_LAYER, span, format!("no environment extends the layer `{layer}`"));
            let help = "remove it, or name it in the `extends` of an environment or of another layer";
            findings.push(match file.file_name() {
                Some(name) if file != layer => finding.help(format!(
                    "{help}; if it is an environment itself, rename `{name}` to `{ENVIRONMENT}.yaml`: that makes it one"
                )),
                _ => finding.help(help),
            });
        };
        for file in project.layer_files.iter().filter(|file| !used.contains_key(*file)) {
            say(file, file);
        }
        for folder in project.layers.iter().filter(|folder| !used.contains_key(*folder)) {
            let files = layer::files(folder, self.disk).unwrap_or_default();
            let is_used = |file: &Utf8PathBuf| used.contains_key(file);
            match files.first() {
                Some(first) if !files.iter().any(is_used) => say(first, folder),
                _ => files.iter().filter(|file| !is_used(file)).for_each(|file| say(file, file)),
            }
        }
        findings
    }

    /// The layer of an environment itself. It is kept only if another one extends it: thousands of environments must
    /// not stay in memory until the last of them is done.
    fn own(&self, path: &Utf8Path) -> Result<Arc<Layer>, Arc<Absent>> {
        let known = self.layers.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if known.is_some() { self.layer(path) } else { self.read(path) }
    }

    fn layer(&self, path: &Utf8Path) -> Result<Arc<Layer>, Arc<Absent>> {
        let slot = {
            let mut layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(layers.entry(path.to_owned()).or_default())
        };
        let read = || {
            // What is said then does not matter: that it is over is told instead of all else.
            if self.account.is_surely_over() {
                return Err(Arc::new(Absent::Empty));
            }
            let layer = self.read(path);
            if let Ok(layer) = &layer {
                self.account.read(layer.bytes);
                self.charge(layer, &self.account);
            }
            layer
        };
        slot.get_or_init(read).clone()
    }

    /// Charges what it cost to read a layer.
    fn charge(&self, layer: &Layer, account: &Account) {
        let at = layer.patch.origin().value;
        account.charge(layer.cost, Work::Layer, at);
        account.charge(layer.toll, Work::Schema, self.shape.schema().unwrap_or(at));
    }

    fn read(&self, path: &Utf8Path) -> Result<Arc<Layer>, Arc<Absent>> {
        let layer = Layer::read(path, self.shape, self.disk, self.sources, self.limits);
        layer.map(Arc::new).map_err(Arc::new)
    }

    /// What layers make together, if anything. Environments that share the first layers share their merge.
    fn below(
        &self,
        layers: &[Arc<Layer>],
        account: &Account,
        findings: &mut Findings,
    ) -> Result<Option<Arc<Tree>>, Over> {
        let (mut id, mut tree) = (0, None);
        for layer in layers {
            if account.is_over() || self.account.is_surely_over() {
                return Err(Over);
            }
            let merged = {
                let mut merged = self.merged.lock().unwrap_or_else(PoisonError::into_inner);
                let new = merged.len() + 1;
                let entry = merged.entry((id, layer.path.clone()));
                Arc::clone(entry.or_insert_with(|| Arc::new(Merged { id: new, result: OnceLock::new() })))
            };
            let at = layer.patch.origin().value;
            let joined = merged.result.get_or_init(|| {
                let mut own = Findings::default();
                let mut merge = Merge::new(&mut own);
                let tree = merge.over(tree.as_ref(), &layer.patch, &Place::ROOT);
                let cost = merge.cost.plus(FINDING.times(own.iter().len() as u64));
                self.account.charge(cost, Work::Layer, at);
                Joined { tree, findings: Arc::new(own), cost }
            });
            account.charge(joined.cost, Work::Layer, at);
            findings.extend(joined.findings.iter().cloned());
            (id, tree) = (merged.id, joined.tree.clone());
        }
        Ok(tree)
    }
}

/// An account has nothing left.
struct Over;

fn empty(span: Span) -> Arc<Tree> {
    Arc::new(Tree::new(Content::Map(IndexMap::new()), Origin { key: None, value: span }))
}
