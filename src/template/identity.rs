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

use super::context::{self, Read, Session};
use super::lineage::{Decided, Frame, Kind, Lineage, Made};
use super::slot;
use crate::environment::patch;
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
    /// Only its keys, or how many items it has, matter: not what is below them.
    pub is_shape: bool,
}

impl Source {
    pub(super) fn value(path: impl Into<Arc<str>>, tree: &Arc<Tree>) -> Self {
        Self { path: path.into(), tree: Arc::clone(tree), is_key: false, is_shape: false }
    }

    pub(super) fn key(path: impl Into<Arc<str>>, tree: &Arc<Tree>) -> Self {
        Self { path: path.into(), tree: Arc::clone(tree), is_key: true, is_shape: false }
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

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let how = |source: &Self| (source.is_key, source.is_shape);
        Arc::ptr_eq(&self.tree, &other.tree) && how(self) == how(other)
    }
}

/// A number, a boolean or a null that knows what it was made of.
#[derive(Debug)]
struct Known {
    value: Engine,
    lineage: Lineage,
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
    /// Copies of texts that expressions made.
    made: Vec<Arc<str>>,
    by_address: BTreeMap<usize, Lineage>,
}

/// What operators and functions have looked at.
#[derive(Debug, Default)]
struct Work {
    /// For each expression that is being worked out, outermost first.
    frames: Vec<Frame>,
    /// Left operands whose right one is being worked out.
    left: Vec<Option<Source>>,
    /// What the operation was given that failed.
    failed: Vec<Source>,
    decided: Vec<Decided>,
    /// Decisions that something stands below, the innermost last, by the mark of their tag.
    open: BTreeMap<usize, Vec<usize>>,
    /// Decisions by which names are set or not.
    named: BTreeMap<Arc<str>, Vec<usize>>,
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
        texts.by_address.insert(address(&copy), Lineage::of(source));
        texts.copies.insert(name, Arc::clone(&copy));
        Engine::from(copy)
    }

    /// A text that an expression made, as a copy that is known again.
    pub(super) fn made_text(&self, value: &Engine, lineage: Lineage) -> Engine {
        let Some(text) = value.as_str() else { return value.clone() };
        let copy = if value.is_safe() {
            Engine::from_safe_string(text.to_owned())
        } else {
            Engine::from(Arc::<str>::from(text))
        };
        let Some(kept) = copy.to_str() else { return copy };
        let mut texts = lock(&self.texts);
        texts.by_address.insert(address(&kept), lineage);
        texts.made.push(kept);
        copy
    }

    /// Whether numbers, booleans and nulls know their nodes, too.
    pub(super) fn tells_scalars(&self) -> bool {
        self.scalars
    }

    /// A number, a boolean or a null of the environment, with its node.
    pub(super) fn scalar(&self, value: Engine, source: Source) -> Engine {
        if self.scalars && self.running.load(Ordering::Relaxed) == 0 {
            Engine::from_object(Known { value, lineage: Lineage::of(source) })
        } else {
            value
        }
    }

    /// What a value was made of, if that is known.
    pub(super) fn lineage(&self, value: &Engine) -> Option<Lineage> {
        if let Some(known) = known(value) {
            return Some(known.lineage.clone());
        }
        if let Some(made) = made(value) {
            return Some(made.lineage.clone());
        }
        if let Some((tree, path)) = context::place(value) {
            return Some(Lineage::of(Source::value(path?, tree)));
        }
        if value.kind() != ValueKind::String {
            return None;
        }
        lock(&self.texts).by_address.get(&address(&value.to_str()?)).cloned()
    }

    /// The node that a value is.
    pub(super) fn source(&self, value: &Engine) -> Option<Source> {
        self.lineage(value)?.node
    }

    /// Begins to note what is looked at for an expression.
    pub(super) fn begin(&self) {
        lock(&self.work).frames.push(Frame::default());
    }

    /// What was looked at since.
    pub(super) fn end(&self) -> Frame {
        lock(&self.work).frames.pop().unwrap_or_default()
    }

    /// What a value was made of whose expression is done: itself, or what was looked at. What was looked at besides has
    /// chosen it.
    pub(super) fn close(&self, value: &Engine, mark: usize) -> Lineage {
        let frame = self.end();
        let own = self.lineage(value);
        let mut lineage = match own {
            None => frame.seen,
            Some(mut own) => {
                let chosen = !frame.seen.inputs.is_empty() || !frame.absent.is_empty();
                own.add_reasons(&frame.seen.reasons);
                if chosen {
                    let kind = if frame.absent.is_empty() { Kind::Choice } else { Kind::Absent };
                    own.add_reasons(&[self.decide(Decided::new(kind, mark, frame))]);
                }
                return own;
            }
        };
        if !frame.absent.is_empty() {
            let absent = Frame { absent: frame.absent, ..Frame::default() };
            lineage.add_reasons(&[self.decide(Decided::new(Kind::Absent, mark, absent))]);
        }
        lineage
    }

    /// Hands on what was noted for an expression that has no value to the one around it.
    pub(super) fn pass_on(&self, mark: usize) {
        let frame = self.end();
        if frame.seen.inputs.is_empty() && frame.absent.is_empty() {
            return self.note(|outer| outer.seen.add_reasons(&frame.seen.reasons));
        }
        let kind = if frame.absent.is_empty() { Kind::Choice } else { Kind::Absent };
        let reason = self.decide(Decided::new(kind, mark, frame));
        self.note(|outer| outer.seen.add_reasons(&[reason]));
    }

    /// Notes that an expression has chosen what the one around it is.
    pub(super) fn choose(&self, value: &Engine, mark: usize) {
        let mut frame = self.end();
        frame.seen.add(&self.deep(value));
        let reason = self.decide(Decided::new(Kind::Choice, mark, frame));
        self.note(|outer| outer.seen.add_reasons(&[reason]));
    }

    fn decide(&self, decided: Decided) -> usize {
        let mut work = lock(&self.work);
        work.decided.push(decided);
        work.decided.len() - 1
    }

    /// Notes what a tag has decided, and for which names; `leaves` is the loop that it can leave.
    pub(super) fn open(
        &self,
        kind: Kind,
        [head, mark]: [usize; 2],
        value: &Engine,
        names: &str,
        leaves: Option<usize>,
    ) {
        let mut frame = self.end();
        let made = match kind {
            Kind::For => self.shape(value),
            _ => self.deep(value),
        };
        frame.seen.add(&made);
        let number = self.decide(Decided::new(kind, mark, frame));
        let mut work = lock(&self.work);
        work.open.entry(head).or_default().push(number);
        for name in names.split(',').filter(|name| !name.is_empty()) {
            work.named.entry(name.into()).or_default().push(number);
        }
        let around = leaves.and_then(|leaves| work.open.get(&leaves)?.last().copied());
        if let Some(around) = around {
            work.decided[around].seen.add_reasons(&[number]);
        }
    }

    /// Adds to what the tag of another mark has decided.
    pub(super) fn add_to(&self, head: usize, mark: usize, value: &Engine) {
        let mut frame = self.end();
        frame.seen.add(&self.deep(value));
        let mut work = lock(&self.work);
        if let Some(number) = work.open.get(&head).and_then(|open| open.last().copied()) {
            work.decided[number].add(mark, frame);
        }
    }

    /// The decision that what follows stands below.
    pub(super) fn within(&self, head: usize) -> Option<usize> {
        lock(&self.work).open.get(&head)?.last().copied()
    }

    /// The decision that nothing more stands below.
    pub(super) fn leave(&self, head: usize) -> Option<usize> {
        lock(&self.work).open.get_mut(&head)?.pop()
    }

    /// Notes the use of a name that is set where it depends on something.
    pub(super) fn use_name(&self, name: &str) {
        let reasons = lock(&self.work).named.get(name).cloned().unwrap_or_default();
        self.note(|frame| frame.seen.add_reasons(&reasons));
    }

    /// Notes a function that is called.
    pub(super) fn go_through(&self, name: &str) {
        self.note(|frame| {
            if !frame.seen.through.iter().any(|seen| **seen == *name) {
                frame.seen.through.push(name.into());
            }
        });
    }

    /// Notes that something was asked for that is not there.
    pub(super) fn miss(&self, read: &Read) {
        self.note(|frame| frame.absent.push(read.clone()));
    }

    /// Notes for the expression around it what was noted for one.
    pub(super) fn note_all(&self, frame: &Frame) {
        self.note(|outer| {
            outer.seen.add(&frame.seen);
            outer.absent.extend(frame.absent.iter().cloned());
        });
    }

    /// Notes what a text was made of that is printed elsewhere.
    pub(super) fn note_made_of(&self, lineage: &Lineage) {
        self.note(|frame| frame.seen.add(lineage));
    }

    fn note(&self, note: impl FnOnce(&mut Frame)) {
        if let Some(frame) = lock(&self.work).frames.last_mut() {
            note(frame);
        }
    }

    /// All decisions of the render.
    pub(super) fn decided(&self) -> Vec<Decided> {
        lock(&self.work).decided.clone()
    }

    /// Notes that a value is looked at.
    pub(super) fn look(&self, value: &Engine) {
        let lineage = self.deep(value);
        if !lineage.is_empty() {
            self.note(|frame| frame.seen.add(&lineage));
        }
    }

    /// Notes that it is asked whether there is something in a value.
    pub(super) fn look_at_shape(&self, value: &Engine) {
        let lineage = self.shape(value);
        if !lineage.is_empty() {
            self.note(|frame| frame.seen.add(&lineage));
        }
    }

    /// Notes an operand of `+`: what is in a list keeps what it was made of.
    pub(super) fn look_at_joined(&self, value: &Engine) {
        match value.kind() {
            ValueKind::Seq | ValueKind::Iterable => self.look_at_shape(value),
            _ => self.look(value),
        }
    }

    /// What decides which keys or how many items a value has.
    fn shape(&self, value: &Engine) -> Lineage {
        let mut lineage = self.lineage(value).unwrap_or_default();
        if lineage.node.is_none() && lineage.is_empty() && value.kind() == ValueKind::String {
            return self.deep(value);
        }
        if let Some(node) = &mut lineage.node {
            node.is_shape = !node.is_key && node.tree.kind() != patch::Kind::Scalar;
        }
        lineage
    }

    /// What a value was made of, and all that is in it.
    pub(super) fn deep(&self, value: &Engine) -> Lineage {
        let mut lineage = Lineage::default();
        self.absorb(value, 0, &mut lineage);
        lineage
    }

    fn absorb(&self, value: &Engine, depth: usize, lineage: &mut Lineage) {
        let own = self.lineage(value);
        if let Some(own) = &own {
            lineage.add(own);
            if own.node.is_some() {
                return;
            }
        }
        if value.kind() == ValueKind::String && value.is_safe() {
            let reasons = value.as_str().map(slot::decisions_in).unwrap_or_default();
            return lineage.add_reasons(&reasons);
        }
        let value = made(value).map_or(value, |made| &made.value);
        if depth > DEEPEST || value.is_kwargs() {
            return;
        }
        let Some(object) = value.as_object() else { return };
        match value.kind() {
            ValueKind::Map if !slot::is_macro(value) => {
                for (key, value) in object.try_iter_pairs().into_iter().flatten() {
                    self.absorb(&key, depth + 1, lineage);
                    self.absorb(&value, depth + 1, lineage);
                }
            }
            ValueKind::Seq => {
                object.try_iter().into_iter().flatten().for_each(|item| self.absorb(&item, depth + 1, lineage));
            }
            _ => {}
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

impl Session {
    /// A value with what it was made of.
    pub(super) fn tag(self: &Arc<Self>, value: Engine, lineage: Lineage) -> Engine {
        let Some(identities) = self.identities().filter(|_| !lineage.is_empty()) else { return value };
        match value.kind() {
            ValueKind::Bool | ValueKind::Number | ValueKind::None => Engine::from_object(Known { value, lineage }),
            ValueKind::Plain => match known(&value) {
                Some(known) => Engine::from_object(Known { value: known.value.clone(), lineage }),
                None => value,
            },
            ValueKind::String => identities.made_text(&value, lineage),
            ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => {
                // A map of the environment is not asked for anything: that would be a read.
                if context::place(&value).is_none() && (value.is_kwargs() || slot::is_macro(&value)) {
                    return value;
                }
                let value = made(&value).map_or_else(|| value.clone(), |made| made.value.clone());
                Made::around(value, lineage, self)
            }
            _ => value,
        }
    }
}

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

fn made(value: &Engine) -> Option<&Made> {
    if matches!(value.kind(), ValueKind::Map | ValueKind::Seq) { value.downcast_object_ref() } else { None }
}

/// The operand of a `+`: lists are joined as they are, with what is in them.
pub(super) fn joined(value: &Engine) -> Engine {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => made(value).map_or_else(|| value.clone(), |made| made.value.clone()),
        _ => operand(value),
    }
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
    if let Some(Made { value, .. }) = made(value) {
        return Some(plain_within(value, operand, depth).unwrap_or_else(|| value.clone()));
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
