//! What a template sees of an environment: the merged tree itself, never a copy. Each map and list is handed out as an
//! object that knows its node, so that a whole subtree printed into a slot is filled from the tree.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value as Engine};
use minijinja::{Error, State};

use super::identity::{Identities, Source};
use super::lineage::Lineage;
use super::refusal::Refusal;
use super::slot::{self, Print};
use super::told::Told;
use super::{functions, given};
use crate::account::{Account, Cost};
use crate::environment::reads::Reads;
use crate::environment::{Content, Tree};
use crate::finding::codes;
use crate::value::Number;
use crate::yaml::path::Path;

/// What one render notes while it reads the environment.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The author's digits of floats that would be written differently: the engine's floats have none.
    digits: Mutex<BTreeMap<u64, Arc<str>>>,
    /// Which node a value is; only known by a render that is to tell where values come from.
    identities: Option<Identities>,
    /// What was looked for and is not there, since an operator, a function or a tag last took a value.
    missing: Mutex<Vec<Read>>,
    /// Where to note what is read, for whoever wants to know what is not.
    seen: Option<Arc<Reads>>,
    /// The calls of macros that are running, by the number of their mark, outermost first. In a traced render only.
    calls: Mutex<Vec<usize>>,
    /// What `merge` lets take the place of something else, each once.
    replaced: Mutex<Vec<Replaced>>,
    /// Values in texts of YAML that `text` gives, which who reads them takes for something else.
    misread: Mutex<Vec<Misread>>,
    /// All texts that `text` gives.
    pub(super) given: given::Texts,
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

/// A path at which there is nothing, and what is there instead: the map that was asked.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) path: Arc<str>,
    pub(super) parent: Arc<Tree>,
}

/// A list or map of the environment that the function `merge` lets take the place of another one, and the path to it.
#[derive(Clone, Debug)]
pub(super) struct Replaced {
    pub(super) path: Path,
    pub(super) below: Arc<Tree>,
    pub(super) over: Arc<Tree>,
}

/// A value in the text of a template, and who printed it, as far as the render knows.
#[derive(Clone, Debug)]
pub(super) struct Misread {
    /// The template.
    pub(super) name: Arc<str>,
    pub(super) print: Option<(usize, Lineage)>,
}

/// So many are looked at.
const REPLACED: usize = 100;

impl Session {
    pub(super) fn traced() -> Self {
        Self { identities: Some(Identities::of_all()), ..Self::default() }
    }

    /// Of a plain render which is to tell the nodes of texts, maps and lists.
    pub(super) fn telling(account: &Account) -> Self {
        Self { identities: Some(Identities::of_texts()), account: Some(account.clone()), ..Self::default() }
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

    /// Notes that a map was asked for what it does not have, or for all that it has.
    fn search(&self, tree: &Arc<Tree>) {
        if let Some(seen) = &self.seen {
            seen.search(tree);
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

    pub(super) fn replaces(&self, path: Path, below: Arc<Tree>, over: Arc<Tree>) {
        let mut replaced = self.replaced.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known =
            |it: &Replaced| it.path == path && Arc::ptr_eq(&it.below, &below) && Arc::ptr_eq(&it.over, &over);
        if replaced.len() < REPLACED && !replaced.iter().any(is_known) {
            replaced.push(Replaced { path, below, over });
        }
    }

    pub(super) fn replaced(&self) -> Vec<Replaced> {
        std::mem::take(&mut *self.replaced.lock().unwrap_or_else(PoisonError::into_inner))
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

    pub(super) fn misreads(&self, name: &str, print: Option<&Print>) {
        let print = print.map(|print| (print.mark, print.lineage.clone()));
        let mut misread = self.misread.lock().unwrap_or_else(PoisonError::into_inner);
        if misread.len() < REPLACED {
            misread.push(Misread { name: name.into(), print });
        }
    }

    pub(super) fn misread(&self) -> Vec<Misread> {
        std::mem::take(&mut *self.misread.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The digits to write a float with.
    pub(super) fn digits(&self, float: f64) -> Option<Arc<str>> {
        let digits = self.digits.lock().unwrap_or_else(PoisonError::into_inner);
        digits.get(&float.to_bits()).cloned()
    }

    pub(super) fn identities(&self) -> Option<&Identities> {
        self.identities.as_ref()
    }

    /// The node that a value is, by identity.
    pub(super) fn source(&self, value: &Engine) -> Option<Source> {
        self.identities.as_ref()?.source(value)
    }

    /// What a printed value was made of.
    pub(super) fn printed(&self, value: &Engine, mark: usize) -> Lineage {
        self.went_on();
        self.identities.as_ref().map(|identities| identities.close(value, mark)).unwrap_or_default()
    }

    fn miss(&self, read: Read) {
        if let Some(identities) = &self.identities {
            identities.miss(&read);
        }
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).push(read);
    }

    /// Forgets what was missing, because what asked for it went on.
    pub(super) fn went_on(&self) {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What is missing, if it is one thing.
    pub(super) fn missing(&self) -> Option<Read> {
        match &self.missing.lock().unwrap_or_else(PoisonError::into_inner)[..] {
            [read] => Some(read.clone()),
            _ => None,
        }
    }
}

/// A map or a list of the environment.
pub(super) struct Branch {
    tree: Arc<Tree>,
    session: Arc<Session>,
    /// Only known in a render that is to tell where values come from.
    path: Option<Arc<str>>,
    /// For an operator, which gets values as they are.
    plain: bool,
}

impl fmt::Debug for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self.tree.content, Content::List(_)) { "<list>" } else { "<map>" })
    }
}

impl Branch {
    fn child(&self, key: &str, tree: Option<&Arc<Tree>>) -> Option<Engine> {
        if tree.is_none() && !functions::is_function(key) {
            self.session.search(&self.tree);
        }
        let path = self.path.as_ref().map(|path| {
            let path: Arc<str> = join(path, key, &self.tree.content);
            // The engine looks for its functions here, too.
            if tree.is_none() && !functions::is_function(&path) {
                self.session.miss(Read { path: Arc::clone(&path), parent: Arc::clone(&self.tree) });
            }
            path
        });
        tree.map(|tree| {
            self.session.touch(tree);
            engine(tree, &self.session, path, self.plain)
        })
    }

    /// A key of a map.
    fn key(&self, key: &Arc<str>, tree: &Arc<Tree>) -> Engine {
        match (&self.path, &self.session.identities) {
            (Some(path), Some(identities)) => {
                identities.text(key, Source::key(join(path, key, &self.tree.content), tree))
            }
            _ => Engine::from(Arc::clone(key)),
        }
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
                        engine(item, &self.session, None, false)
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
        self.session.search(&self.tree);
        match &self.tree.content {
            Content::Map(entries) => {
                Enumerator::Values(entries.iter().map(|(key, value)| self.key(key, value)).collect())
            }
            Content::List(items) => Enumerator::Seq(items.len()),
            _ => Enumerator::Empty,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        self.session.search(&self.tree);
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
fn engine(tree: &Arc<Tree>, session: &Arc<Session>, path: Option<Arc<str>>, plain: bool) -> Engine {
    let value = match &tree.content {
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
        Content::String(text) if slot::has_reserved(text) => {
            return Engine::from(Error::from(
                Refusal::new(&codes::template::RESERVED, "a value holds one of the characters U+E000 to U+E003")
                    .help("remove it; platc keeps them for itself, and they have no meaning of their own"),
            ));
        }
        Content::String(text) => {
            return match (path, &session.identities) {
                (Some(path), Some(identities)) => identities.text(text, Source::value(path, tree)),
                _ => Engine::from(Arc::clone(text)),
            };
        }
        Content::List(_) | Content::Map(_) => {
            let (tree, session) = (Arc::clone(tree), Arc::clone(session));
            return Engine::from_object(Branch { tree, session, path, plain });
        }
    };
    match (path, &session.identities) {
        (Some(path), Some(identities)) if !plain => identities.scalar(value, Source::value(path, tree)),
        _ => value,
    }
}

/// A map or a list of the environment as operators have it: what is in it are values as they are.
pub(super) fn plain(value: &Engine) -> Option<Engine> {
    let Branch { tree, session, path, plain: false } = value.downcast_object_ref::<Branch>()? else { return None };
    let path = Some(Arc::clone(path.as_ref()?));
    Some(engine(tree, session, path, true))
}

/// The node behind a value, if it is a map or a list of the environment, and its path, if that is known.
pub(super) fn place(value: &Engine) -> Option<(&Arc<Tree>, Option<Arc<str>>)> {
    value.downcast_object_ref::<Branch>().map(|branch| (&branch.tree, branch.path.clone()))
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
    /// A key, with the node that stands under it and that node's path.
    Key(Arc<str>, Arc<Tree>, Arc<str>),
    /// Something that an expression made.
    Made(Engine),
    /// The same with what it was made of, as far as its parts have nodes.
    Told(Told),
}

/// A node of the environment that was found at a path.
pub(super) fn bound(tree: &Arc<Tree>, at: &Arc<str>, session: &Arc<Session>) -> Engine {
    session.touch(tree);
    engine(tree, session, session.identities.is_some().then(|| Arc::clone(at)), false)
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
        let path = session.identities.is_some().then(|| Arc::from(""));
        let platc = Engine::from_pairs([("environment", environment)]);
        Self {
            branch: Arc::new(Branch { tree: Arc::clone(tree), session, path, plain: false }),
            platc,
            bound: Vec::new(),
        }
    }

    /// Adds what `for_each` binds.
    #[must_use]
    pub(super) fn with(mut self, values: &[(Arc<str>, Bound)]) -> Self {
        let session = &self.branch.session;
        for (name, value) in values {
            let value = match value {
                Bound::Tree(tree, at) => bound(tree, at, session),
                Bound::Key(key, tree, at) => match &session.identities {
                    Some(identities) => identities.text(key, Source::key(Arc::clone(at), tree)),
                    None => Engine::from(Arc::clone(key)),
                },
                Bound::Made(value) => value.clone(),
                Bound::Told(told) => told.hand(session),
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
