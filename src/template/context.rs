//! What a template sees of an environment: the merged tree itself, never a copy. Each map and list is handed out as an
//! object that knows its node, so that a whole subtree printed into a slot is filled from the tree.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value as Engine};
use minijinja::{Error, State};

use super::refusal::Refusal;
use super::slot;
use crate::account::{Account, Cost};
use crate::environment::reads::Reads;
use crate::environment::{Content, Tree};
use crate::finding::codes;
use crate::value::Number;

/// What one render notes while it reads the environment.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The author's digits of floats that would be written differently: the engine's floats have none.
    digits: Mutex<BTreeMap<u64, Arc<str>>>,
    /// What was read, in order; only noted by a traced render.
    reads: Option<Mutex<Vec<Read>>>,
    /// Where to note what is read, for whoever wants to know what is not.
    seen: Option<Arc<Reads>>,
    /// The calls of macros that are running, by the number of their mark, outermost first. In a traced render only.
    calls: Mutex<Vec<usize>>,
    /// Who pays; nobody while something is explained.
    account: Option<Account>,
    work: Spent,
    /// Steps of the engine in renders within this one.
    steps: AtomicU64,
}

/// What one render has worked so far.
#[derive(Debug, Default)]
struct Spent {
    fuel: AtomicU64,
    nodes: AtomicU64,
    bytes: AtomicU64,
}

/// One value read, and the path that led to it.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) path: Arc<str>,
    /// `None` if there is nothing at the path.
    pub(super) tree: Option<Arc<Tree>>,
    /// What is there instead: the map that was asked.
    pub(super) parent: Option<Arc<Tree>>,
}

impl Session {
    pub(super) fn traced() -> Self {
        Self { reads: Some(Mutex::default()), ..Self::default() }
    }

    pub(super) fn noting(seen: Option<&Arc<Reads>>, account: &Account) -> Self {
        Self { seen: seen.cloned(), account: Some(account.clone()), ..Self::default() }
    }

    /// Counts work; whether the account surely cannot pay for it. That the fuel stands still between two guards is
    /// made up for when the render ends.
    pub(super) fn spend(&self, fuel: u64, nodes: usize, bytes: usize) -> bool {
        self.burnt(fuel);
        self.work.nodes.fetch_add(nodes as u64, Ordering::Relaxed);
        self.work.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.account.as_ref().is_some_and(|account| account.would_be_over(self.cost()))
    }

    /// Notes how much fuel was used until now.
    pub(super) fn burnt(&self, fuel: u64) {
        self.work.fuel.store(fuel, Ordering::Relaxed);
    }

    /// What the render costs so far.
    pub(super) fn cost(&self) -> Cost {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let nodes = of(&self.work.nodes).saturating_mul(2);
        let fuel = of(&self.work.fuel).saturating_add(of(&self.steps));
        Cost::steps(fuel.saturating_add(nodes).saturating_add(of(&self.work.bytes) / 8))
    }

    /// Notes that a value is looked at.
    fn touch(&self, tree: &Arc<Tree>) {
        if let Some(seen) = &self.seen {
            seen.touch(tree);
        }
    }

    /// Notes that a value is rendered with all below it.
    pub(super) fn take(&self, tree: &Arc<Tree>) {
        if let Some(seen) = &self.seen {
            seen.take(tree);
        }
    }

    /// # Errors
    /// When renders within this one have taken more steps than one may take.
    pub(super) fn check_steps(&self, most: u64) -> Result<(), Refusal> {
        if self.steps.load(Ordering::Relaxed) > most {
            return Err(Refusal::too_large("this template takes too many steps"));
        }
        Ok(())
    }

    pub(super) fn add_steps(&self, steps: u64) {
        self.steps.fetch_add(steps, Ordering::Relaxed);
    }

    pub(super) fn enter(&self, mark: usize) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(mark);
    }

    pub(super) fn leave(&self) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).pop();
    }

    pub(super) fn calls(&self) -> Vec<usize> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The digits to write a float with.
    pub(super) fn digits(&self, float: f64) -> Option<Arc<str>> {
        let digits = self.digits.lock().unwrap_or_else(PoisonError::into_inner);
        digits.get(&float.to_bits()).cloned()
    }

    pub(super) fn reads(&self) -> Vec<Read> {
        let lock = |reads: &Mutex<Vec<Read>>| reads.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.reads.as_ref().map(lock).unwrap_or_default()
    }

    /// How many reads were noted so far.
    pub(super) fn read_count(&self) -> usize {
        self.reads.as_ref().map_or(0, |reads| reads.lock().unwrap_or_else(PoisonError::into_inner).len())
    }

    fn note(&self, read: Read) {
        if let Some(reads) = &self.reads {
            reads.lock().unwrap_or_else(PoisonError::into_inner).push(read);
        }
    }
}

/// A map or a list of the environment.
pub(super) struct Branch {
    tree: Arc<Tree>,
    session: Arc<Session>,
    /// Only known in a traced render.
    path: Option<Arc<str>>,
}

impl fmt::Debug for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self.tree.content, Content::List(_)) { "<list>" } else { "<map>" })
    }
}

impl Branch {
    fn child(&self, key: &str, tree: Option<&Arc<Tree>>) -> Option<Engine> {
        let path = self.path.as_ref().map(|path| {
            let path: Arc<str> = join(path, key, &self.tree.content);
            let parent = tree.is_none().then(|| Arc::clone(&self.tree));
            self.session.note(Read { path: Arc::clone(&path), tree: tree.cloned(), parent });
            path
        });
        tree.map(|tree| {
            self.session.touch(tree);
            engine(tree, &self.session, path)
        })
    }
}

fn join(path: &str, key: &str, parent: &Content) -> Arc<str> {
    match parent {
        Content::List(_) => format!("{path}[{key}]").into(),
        _ if path.is_empty() => key.into(),
        _ => format!("{path}.{key}").into(),
    }
}

impl Object for Branch {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if matches!(self.tree.content, Content::List(_)) { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Engine) -> Option<Engine> {
        match &self.tree.content {
            Content::List(items) => {
                let index = key.as_usize()?;
                match &self.path {
                    Some(_) => self.child(&index.to_string(), items.get(index)),
                    None => items.get(index).map(|item| {
                        self.session.touch(item);
                        engine(item, &self.session, None)
                    }),
                }
            }
            _ => self.get_value_by_str(key.as_str()?),
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Engine> {
        match &self.tree.content {
            Content::Map(entries) => self.child(key, entries.get(key)),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.tree.content {
            Content::Map(entries) => {
                Enumerator::Values(entries.keys().map(|key| Engine::from(Arc::clone(key))).collect())
            }
            Content::List(items) => Enumerator::Seq(items.len()),
            _ => Enumerator::Empty,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match &self.tree.content {
            Content::Map(entries) => Some(entries.len()),
            Content::List(items) => Some(items.len()),
            _ => Some(0),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<std::cmp::Ordering> {
        let other = other.downcast_ref::<Self>()?;
        Arc::ptr_eq(&self.tree, &other.tree).then_some(std::cmp::Ordering::Equal)
    }
}

/// A node as the engine's value.
fn engine(tree: &Arc<Tree>, session: &Arc<Session>, path: Option<Arc<str>>) -> Engine {
    match &tree.content {
        Content::Null => Engine::from(()),
        Content::Bool(value) => Engine::from(*value),
        Content::Number(Number::Int(value)) => Engine::from(*value),
        Content::Number(Number::UInt(value)) => Engine::from(*value),
        Content::Number(number @ Number::Float(value, digits)) => {
            if Number::float(*value).as_ref().is_none_or(|plain| !plain.same_digits(number)) {
                let mut known = session.digits.lock().unwrap_or_else(PoisonError::into_inner);
                known.insert(value.to_bits(), Arc::clone(digits));
            }
            Engine::from(*value)
        }
        Content::String(text) if slot::has_reserved(text) => Engine::from(Error::from(
            Refusal::new(&codes::template::RESERVED, "a value holds one of the characters U+E000 to U+E003")
                .help("remove it; platc keeps them for itself, and they have no meaning of their own"),
        )),
        Content::String(text) => Engine::from(Arc::clone(text)),
        Content::List(_) | Content::Map(_) => {
            Engine::from_object(Branch { tree: Arc::clone(tree), session: Arc::clone(session), path })
        }
    }
}

/// The node behind a value, if it is a map or a list of the environment.
pub(super) fn tree(value: &Engine) -> Option<&Arc<Tree>> {
    value.downcast_object_ref::<Branch>().map(|branch| &branch.tree)
}

/// The root of a render: the environment's top-level keys, `platc`, and what `for_each` binds.
pub(super) struct Root {
    branch: Arc<Branch>,
    platc: Engine,
    bound: Vec<(Arc<str>, Engine)>,
}

/// What `for_each` binds to a name.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    /// A node of the environment, and the path it was found at, as far as it is known.
    Tree(Arc<Tree>, Arc<str>),
    /// Something that an expression made.
    Made(Engine),
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<environment>")
    }
}

/// The name under which the state finds its session; no template can spell it.
const SESSION: &str = "\0session";

impl Root {
    pub(super) fn new(environment: &str, tree: &Arc<Tree>, session: Arc<Session>) -> Self {
        let path = session.reads.is_some().then(|| Arc::from(""));
        let platc = Engine::from_pairs([("environment", environment)]);
        Self { branch: Arc::new(Branch { tree: Arc::clone(tree), session, path }), platc, bound: Vec::new() }
    }

    /// Adds what `for_each` binds.
    #[must_use]
    pub(super) fn with(mut self, bound: &[(Arc<str>, Bound)]) -> Self {
        let Branch { session, path, .. } = &*self.branch;
        for (name, value) in bound {
            let value = match value {
                Bound::Tree(tree, at) => {
                    session.touch(tree);
                    engine(tree, session, path.as_ref().map(|_| Arc::clone(at)))
                }
                Bound::Made(value) => value.clone(),
            };
            self.bound.push((Arc::clone(name), value));
        }
        self
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        &self.branch.session
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Engine) -> Option<Engine> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Engine> {
        if let Some((_, value)) = self.bound.iter().find(|(name, _)| &**name == key) {
            return Some(value.clone());
        }
        match key {
            "platc" => Some(self.platc.clone()),
            SESSION => Some(Engine::from_object(Handle(Arc::clone(&self.branch.session)))),
            // A name that no template can spell is a global of the engine.
            _ if key.starts_with('\0') => None,
            _ => self.branch.get_value_by_str(key),
        }
    }
}

/// What a template sees whose text another one asks for: the values that it reads, as they are there.
#[derive(Debug)]
pub(super) struct Scope {
    values: BTreeMap<Arc<str>, Engine>,
    session: Arc<Session>,
}

impl Scope {
    pub(super) fn new(values: BTreeMap<Arc<str>, Engine>, session: Arc<Session>) -> Self {
        Self { values, session }
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Engine) -> Option<Engine> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Engine> {
        match key {
            SESSION => Some(Engine::from_object(Handle(Arc::clone(&self.session)))),
            _ => self.values.get(key).cloned(),
        }
    }
}

#[derive(Debug)]
struct Handle(Arc<Session>);

impl Object for Handle {}

/// The session of a running render.
pub(super) fn session(state: &State) -> Arc<Session> {
    let handle = state.lookup(SESSION);
    let session = handle.as_ref().and_then(|handle| handle.downcast_object_ref::<Handle>());
    session.map(|handle| Arc::clone(&handle.0)).unwrap_or_default()
}
