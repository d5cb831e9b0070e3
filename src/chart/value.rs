//! A value of a template, as Go has it: kinds that printing and comparison tell apart, maps that are shared and changed in
//! place, and the objects that Helm hands in. Beside it are its origins, which are empty in a plain run.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::marks::Marks;
use super::text::Text;
use super::time::Time;

#[derive(Clone, Debug, Default)]
pub struct Value {
    pub data: Data,
    pub marks: Marks,
}

#[derive(Clone, Debug, Default)]
pub enum Data {
    /// Nothing at all: what a pipeline that gave nil leaves. Looking into it gives nothing again.
    #[default]
    Absent,
    /// A nil that stands in a map or list. Looking into it is an error.
    Nil,
    Bool(bool),
    Int(i64, Int),
    Float(f64),
    Text(Text),
    Bytes(Arc<[u8]>),
    List(List),
    Map(Map),
    Struct(Rc<Struct>),
    Time(Time),
    /// Nanoseconds.
    Duration(i64),
    Error(Arc<str>),
    /// A function or method that is looked at, not called.
    Function(Arc<str>),
}

/// Which of Go's kinds of integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Int {
    #[default]
    Int,
    Int32,
    Int64,
    Uint8,
    Uint32,
    Uint64,
}

impl Int {
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint8 => "uint8",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
        }
    }

    pub fn is_unsigned(self) -> bool {
        matches!(self, Self::Uint8 | Self::Uint32 | Self::Uint64)
    }
}

/// A list, which nothing changes once it is made.
#[derive(Clone, Debug)]
pub struct List {
    pub kind: ListKind,
    /// One that was never made: empty, and nothing in JSON.
    pub is_nil: bool,
    cell: Rc<ListCell>,
}

#[derive(Debug)]
struct ListCell(Vec<Value>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// `[]interface{}`.
    Any,
    /// `[]string`.
    Text,
    /// `[][]interface{}`.
    Lists,
    /// `[]int`.
    Int,
    /// The versions of APIs in `.Capabilities`, which have a method.
    Versions,
    /// Pointers to structures, by the name of these.
    Pointers(&'static str),
}

/// A map. Copies of it are the same map, under the same or another name.
#[derive(Clone, Debug)]
pub struct Map {
    pub kind: MapKind,
    cell: Rc<MapCell>,
}

/// Its entries, and which of them were looked at, if somebody wants to know.
#[derive(Debug, Default)]
struct MapCell(RefCell<BTreeMap<Arc<str>, Value>>, OnceCell<Looked>);

/// What templates looked at in a map.
#[derive(Debug, Default)]
struct Looked {
    /// It was gone through, whatever is in it.
    all: Cell<bool>,
    keys: RefCell<BTreeSet<Arc<str>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapKind {
    /// `map[string]interface{}`.
    Any,
    /// The same under the name `chartutil.Values`, which some functions don't take.
    Values,
    /// `map[string]string`.
    Text,
    /// `.Files`: the bytes of files by their paths, with methods.
    Files,
}

/// A structure of Go, with its fields in order.
#[derive(Clone, Debug)]
pub struct Struct {
    pub kind: StructKind,
    pub fields: Vec<Field>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StructKind {
    Chart,
    Maintainer,
    Dependency,
    Capabilities,
    KubeVersion,
    HelmVersion,
    /// What `semver` gives.
    Version,
    /// What `genCA` and its like give.
    Certificate,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: &'static str,
    /// Its name in JSON, where it has another one.
    pub json: &'static str,
    /// Left out of JSON where it is empty.
    pub omit_empty: bool,
    pub value: Value,
}

impl Value {
    pub const ABSENT: Self = Self { data: Data::Absent, marks: Marks::NONE };
    pub const NIL: Self = Self { data: Data::Nil, marks: Marks::NONE };

    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Data::Text(Text::new(text)).into()
    }

    pub fn int(number: i64) -> Self {
        Data::Int(number, Int::Int).into()
    }

    pub fn int64(number: i64) -> Self {
        Data::Int(number, Int::Int64).into()
    }

    pub fn list(items: Vec<Self>) -> Self {
        Data::List(List::new(ListKind::Any, items)).into()
    }

    /// A list of texts.
    pub fn texts(items: Vec<Self>) -> Self {
        Data::List(List::new(ListKind::Text, items)).into()
    }

    pub fn map(entries: impl IntoIterator<Item = (Arc<str>, Self)>) -> Self {
        Data::Map(Map::new(MapKind::Any, entries)).into()
    }

    #[must_use]
    pub fn with(mut self, marks: &Marks) -> Self {
        self.marks.add(marks);
        self
    }

    pub fn is_nil(&self) -> bool {
        matches!(self.data, Data::Absent | Data::Nil)
    }

    /// The origins of a value and, of a text, of all its pieces. What is in a map or list isn't looked at.
    pub fn own_marks(&self) -> Marks {
        match &self.data {
            Data::Text(text) if !text.pieces().is_empty() => self.marks.and(&text.marks()),
            _ => self.marks.clone(),
        }
    }

    /// The origins of all there is in a value: of the first so many parts, where it has more.
    pub fn all_marks(&self) -> Marks {
        let mut all = Marks::NONE;
        gather(self, &mut all, &mut MOST_GATHERED.clone(), 0);
        all
    }
}

const MOST_GATHERED: usize = 1 << 16;
const DEEPEST_GATHERED: usize = 100;

fn gather(value: &Value, all: &mut Marks, left: &mut usize, depth: usize) {
    if *left == 0 || depth > DEEPEST_GATHERED {
        return;
    }
    *left -= 1;
    all.add(&value.own_marks());
    match &value.data {
        Data::List(list) => list.items().iter().for_each(|item| gather(item, all, left, depth + 1)),
        Data::Map(map) => map.measure(|_, value| gather(value, all, left, depth + 1)),
        Data::Struct(it) => it.fields.iter().for_each(|field| gather(&field.value, all, left, depth + 1)),
        _ => {}
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, marks: Marks::NONE }
    }
}

impl From<bool> for Value {
    fn from(it: bool) -> Self {
        Data::Bool(it).into()
    }
}

impl From<f64> for Value {
    fn from(it: f64) -> Self {
        Data::Float(it).into()
    }
}

impl From<Text> for Value {
    fn from(it: Text) -> Self {
        Data::Text(it).into()
    }
}

impl From<Map> for Value {
    fn from(it: Map) -> Self {
        Data::Map(it).into()
    }
}

impl List {
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self { kind, is_nil: false, cell: Rc::new(ListCell(items)) }
    }

    /// An empty list that is nothing in JSON.
    pub fn nil(kind: ListKind) -> Self {
        Self { is_nil: true, ..Self::new(kind, Vec::new()) }
    }

    pub fn items(&self) -> &[Value] {
        &self.cell.0
    }
}

impl Map {
    pub fn new(kind: MapKind, entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Self {
        Self { kind, cell: Rc::new(MapCell(RefCell::new(entries.into_iter().collect()), OnceCell::new())) }
    }

    pub fn empty() -> Self {
        Self::new(MapKind::Any, [])
    }

    /// The same map under another name.
    #[must_use]
    pub fn named(&self, kind: MapKind) -> Self {
        Self { kind, cell: self.cell.clone() }
    }

    /// From now on it is noted which entries are looked at, in it and in all maps below.
    pub fn watch(&self) {
        if self.cell.1.set(Looked::default()).is_ok() {
            let below = |value: &Value| matches!(&value.data, Data::Map(_));
            self.cell.0.borrow().values().filter(|value| below(value)).for_each(|value| {
                if let Data::Map(map) = &value.data {
                    map.watch();
                }
            });
        }
    }

    /// Whether anybody looked at an entry since it is watched; what is not watched may have been.
    pub fn was_read(&self, key: &str) -> bool {
        self.cell.1.get().is_none_or(|looked| looked.all.get() || looked.keys.borrow().contains(key))
    }

    /// An entry, without having looked at it.
    pub fn peek(&self, key: &str) -> Option<Value> {
        self.cell.0.borrow().get(key).cloned()
    }

    /// The keys, without having looked at them.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.cell.0.borrow().keys().cloned().collect()
    }

    fn note(&self, key: &str) {
        if let Some(looked) = self.cell.1.get().filter(|looked| !looked.keys.borrow().contains(key)) {
            looked.keys.borrow_mut().insert(key.into());
        }
    }

    fn note_all(&self) {
        if let Some(looked) = self.cell.1.get() {
            looked.all.set(true);
        }
    }

    pub fn get(&self, key: &str) -> Option<Value> {
        self.note(key);
        self.cell.0.borrow().get(key).cloned()
    }

    pub fn has(&self, key: &str) -> bool {
        self.note(key);
        self.cell.0.borrow().contains_key(key)
    }

    /// Sets an entry for all who hold this map.
    pub fn set(&self, key: Arc<str>, value: Value) {
        self.cell.0.borrow_mut().insert(key, value);
    }

    pub fn remove(&self, key: &str) {
        self.cell.0.borrow_mut().remove(key);
    }

    pub fn len(&self) -> usize {
        self.cell.0.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys in order.
    pub fn keys(&self) -> Vec<Arc<str>> {
        self.note_all();
        self.cell.0.borrow().keys().cloned().collect()
    }

    /// The entries in the order of their keys, as they are now.
    pub fn entries(&self) -> Vec<(Arc<str>, Value)> {
        self.note_all();
        self.cell.0.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Looks at each entry, in the order of keys. Nothing may change the map meanwhile.
    pub fn each(&self, mut look: impl FnMut(&Arc<str>, &Value)) {
        self.note_all();
        self.cell.0.borrow().iter().for_each(|(key, value)| look(key, value));
    }

    /// The same for who only counts: it is no template that looks.
    pub fn measure(&self, mut look: impl FnMut(&Arc<str>, &Value)) {
        self.cell.0.borrow().iter().for_each(|(key, value)| look(key, value));
    }

    /// Whether it is the same map, not only an equal one.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.cell, &other.cell)
    }
}

impl Struct {
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.name == name).map(|field| &field.value)
    }
}

/// What is nested deeply is taken apart one by one: each within the other would take as much stack as there are levels.
impl Drop for ListCell {
    fn drop(&mut self) {
        if self.0.iter().any(holds_more) {
            take_apart(std::mem::take(&mut self.0));
        }
    }
}

impl Drop for MapCell {
    fn drop(&mut self) {
        if self.0.get_mut().values().any(holds_more) {
            take_apart(std::mem::take(self.0.get_mut()).into_values().collect());
        }
    }
}

fn holds_more(value: &Value) -> bool {
    matches!(value.data, Data::List(_) | Data::Map(_))
}

fn take_apart(mut values: Vec<Value>) {
    while let Some(value) = values.pop() {
        match value.data {
            Data::List(list) => {
                if let Some(mut cell) = Rc::into_inner(list.cell) {
                    values.append(&mut cell.0);
                }
            }
            Data::Map(map) => {
                if let Some(mut cell) = Rc::into_inner(map.cell) {
                    values.extend(std::mem::take(cell.0.get_mut()).into_values());
                }
            }
            _ => {}
        }
    }
}
