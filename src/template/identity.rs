//! Which node of the environment a value is: told by identity, never by what the value looks like.
//!
//! The engine passes maps and lists of the environment on as objects, which know their node. Its numbers, booleans and
//! nulls have no identity, so a traced render hands them out as [`Known`], an object around the value and its node; a
//! text is handed out as a copy of its own, known by its address. Wherever the engine or a function looks at a value
//! there is a guard or the functions' one way in ([`super::guard`]): both take the object off. All other places pass a
//! value on untouched, so that what is printed still knows its node, through variables, loops and macros.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Kwargs, Object, ObjectRepr, Value as Engine, ValueKind};

use super::context;
use crate::environment::{Origin, Tree};
use crate::source::Span;

/// A node of the environment, or the key under which it stands.
#[derive(Clone, Debug)]
pub struct Source {
    /// By which the template reads it, as far as it is known.
    pub path: Arc<str>,
    pub tree: Arc<Tree>,
    /// It is the key, not the value.
    pub is_key: bool,
}

impl Source {
    pub(super) fn value(path: impl Into<Arc<str>>, tree: &Arc<Tree>) -> Self {
        Self { path: path.into(), tree: Arc::clone(tree), is_key: false }
    }

    pub(super) fn key(path: impl Into<Arc<str>>, tree: &Arc<Tree>) -> Self {
        Self { path: path.into(), tree: Arc::clone(tree), is_key: true }
    }

    /// Where it is written.
    pub fn span(&self) -> Span {
        self.of(&self.tree.origin)
    }

    /// Where what it overrode is written.
    pub fn overrode(&self) -> impl Iterator<Item = Span> {
        let values = self.tree.overrode.iter().filter(|_| !self.is_key);
        values.map(|origin| origin.value)
    }

    fn of(&self, origin: &Origin) -> Span {
        if self.is_key { origin.key.unwrap_or(origin.value) } else { origin.value }
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.tree, &other.tree) && self.is_key == other.is_key
    }
}

/// A number, a boolean or a null of the environment.
#[derive(Debug)]
struct Known {
    value: Engine,
    source: Source,
}

impl Object for Known {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.value.is_true()
    }
}

fn known(value: &Engine) -> Option<&Known> {
    if value.kind() == ValueKind::Plain { value.downcast_object_ref() } else { None }
}

/// What a render knows of values and their nodes.
#[derive(Debug, Default)]
pub(super) struct Identities {
    texts: Mutex<Texts>,
    /// Whether numbers, booleans and nulls are handed out with their node, which only a traced engine can take.
    scalars: bool,
    /// Functions that are running: they get values as they are.
    running: AtomicUsize,
    work: Mutex<Work>,
}

#[derive(Debug, Default)]
struct Texts {
    /// The copies, by node, key or value, and path. All live as long as this does, so that no address is used twice.
    copies: BTreeMap<(usize, bool, Arc<str>), Arc<str>>,
    by_address: BTreeMap<usize, Source>,
}

/// What operators and functions have looked at.
#[derive(Debug, Default)]
struct Work {
    /// For each expression that is being printed: what was looked at for it, outermost first.
    inputs: Vec<Vec<Source>>,
    /// Left operands whose right one is being worked out.
    left: Vec<Option<Source>>,
    /// What the operation was given that failed.
    failed: Vec<Source>,
}

impl Identities {
    pub(super) fn of_texts() -> Self {
        Self::default()
    }

    pub(super) fn of_all() -> Self {
        Self { scalars: true, ..Self::default() }
    }

    /// A text of the environment, as a copy that is known again.
    pub(super) fn text(&self, text: &str, source: Source) -> Engine {
        let mut texts = lock(&self.texts);
        let name = (Arc::as_ptr(&source.tree) as usize, source.is_key, Arc::clone(&source.path));
        if let Some(copy) = texts.copies.get(&name) {
            return Engine::from(Arc::clone(copy));
        }
        let copy: Arc<str> = text.into();
        texts.by_address.insert(address(&copy), source);
        texts.copies.insert(name, Arc::clone(&copy));
        Engine::from(copy)
    }

    /// A number, a boolean or a null of the environment, with its node.
    pub(super) fn scalar(&self, value: Engine, source: Source) -> Engine {
        if self.scalars && self.running.load(Ordering::Relaxed) == 0 {
            Engine::from_object(Known { value, source })
        } else {
            value
        }
    }

    /// The node that a value is.
    pub(super) fn source(&self, value: &Engine) -> Option<Source> {
        if let Some(known) = known(value) {
            return Some(known.source.clone());
        }
        if let Some((tree, path)) = context::place(value) {
            return Some(Source::value(path?, tree));
        }
        if value.kind() != ValueKind::String || value.is_safe() {
            return None;
        }
        lock(&self.texts).by_address.get(&address(&value.to_str()?)).cloned()
    }

    /// Begins to note what is looked at for an expression that is printed.
    pub(super) fn begin(&self) {
        lock(&self.work).inputs.push(Vec::new());
    }

    /// What was looked at since, each once.
    pub(super) fn end(&self) -> Vec<Source> {
        let mut inputs = lock(&self.work).inputs.pop().unwrap_or_default();
        let mut seen: Vec<Source> = Vec::new();
        inputs.retain(|it| {
            let is_new = !seen.iter().any(|seen| seen.is_same(it));
            seen.extend(is_new.then(|| it.clone()));
            is_new
        });
        inputs
    }

    /// Notes that a value is looked at.
    pub(super) fn look(&self, value: &Engine) {
        if let Some(source) = self.source(value)
            && let Some(inputs) = lock(&self.work).inputs.last_mut()
            && inputs.len() < MOST_INPUTS
        {
            inputs.push(source);
        }
    }

    /// A left operand, until its right one is there.
    pub(super) fn left(&self, value: &Engine) {
        let source = self.source(value);
        lock(&self.work).left.push(source);
    }

    pub(super) fn take_left(&self) -> Option<Source> {
        lock(&self.work).left.pop().flatten()
    }

    /// Keeps what an operation was given that failed. What fails for that reason comes after it.
    pub(super) fn fail(&self, given: impl IntoIterator<Item = Source>) {
        let mut work = lock(&self.work);
        if work.failed.is_empty() {
            work.failed = given.into_iter().collect();
        }
    }

    pub(super) fn failed(&self) -> Vec<Source> {
        lock(&self.work).failed.clone()
    }

    /// Runs a function of the library, which gets values as they are, but for one that only moves them.
    pub(super) fn run<T>(&self, moves: bool, run: impl FnOnce() -> T) -> T {
        let step = usize::from(!moves);
        self.running.fetch_add(step, Ordering::Relaxed);
        let result = run();
        self.running.fetch_sub(step, Ordering::Relaxed);
        result
    }
}

/// One expression names no more values than these.
const MOST_INPUTS: usize = 1000;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn address(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}

/// A number, a boolean or a null as the engine has it without a trace, and any other value as it is.
pub(super) fn bare(value: &Engine) -> Engine {
    known(value).map_or_else(|| value.clone(), |known| known.value.clone())
}

/// A value as the engine has it without a trace. Maps and lists of the environment are left as they are: for functions,
/// what is in them is plain while they [run](Identities::run).
pub(super) fn plain(value: &Engine) -> Engine {
    plain_within(value, false, 0).unwrap_or_else(|| value.clone())
}

/// The same for an operator, for which maps and lists of the environment have to be plain, too.
pub(super) fn operand(value: &Engine) -> Engine {
    plain_within(value, true, 0).unwrap_or_else(|| value.clone())
}

/// `None` if it is as it should be.
fn plain_within(value: &Engine, operand: bool, depth: usize) -> Option<Engine> {
    if let Some(known) = known(value) {
        return Some(known.value.clone());
    }
    let object = value.as_object()?;
    if context::place(value).is_some() {
        return if operand { context::plain(value) } else { None };
    }
    if depth > DEEPEST {
        return None;
    }
    if value.is_kwargs() {
        return plain_kwargs(value);
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let items: Vec<Engine> = object.try_iter()?.collect();
            let changed: Vec<Option<Engine>> =
                items.iter().map(|item| plain_within(item, operand, depth + 1)).collect();
            changed.iter().any(Option::is_some).then(|| {
                let items = items.into_iter().zip(changed).map(|(item, changed)| changed.unwrap_or(item));
                Engine::from(items.collect::<Vec<_>>())
            })
        }
        ValueKind::Map => {
            let entries: Vec<(Engine, Engine)> = object.try_iter_pairs()?.collect();
            let changed: Vec<_> = entries.iter().map(|(_, it)| plain_within(it, operand, depth + 1)).collect();
            changed.iter().any(Option::is_some).then(|| {
                let entries = entries.into_iter().zip(changed);
                Engine::from_pairs(entries.map(|((key, value), changed)| (key, changed.unwrap_or(value))))
            })
        }
        _ => None,
    }
}

/// Arguments by their names.
fn plain_kwargs(value: &Engine) -> Option<Engine> {
    let kwargs = Kwargs::try_from(value.clone()).ok()?;
    let of = |name: &str| kwargs.get::<Engine>(name).ok().map(|value| (name.to_owned(), plain(&value)));
    let names: Vec<String> = kwargs.args().map(str::to_owned).collect();
    let changed: Vec<(String, Engine)> = names.iter().filter_map(|name| of(name)).collect();
    Some(Engine::from(changed.into_iter().collect::<Kwargs>()))
}

/// Maps and lists within each other; what is deeper was refused.
const DEEPEST: usize = 128;
