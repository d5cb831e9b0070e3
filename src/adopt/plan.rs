//! [`Plan`]s: what several values have in common, with holes where they differ.

use std::sync::Arc;

use crate::value::Value;

/// One value for all environments.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    /// The same everywhere.
    Literal(Value),
    /// Another value in each environment.
    Hole(Hole),
    /// A text, parts of which differ.
    Text(Vec<Piece>),
    Map(Vec<Entry>),
    List(Vec<Entry>),
    /// The text of a file beside the templates.
    File(String),
    /// What no value of an environment can say, such as null: written out for each. What is not there is `None`.
    Choice(Vec<(Vec<usize>, Option<Value>)>),
}

/// An entry of a map, or an item of a list, which has no key.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Option<Arc<str>>,
    pub(super) when: When,
    pub(super) plan: Plan,
}

/// Whether something is there.
#[derive(Clone, Debug)]
pub(super) enum When {
    Always,
    /// If the hole that it is, or has in it, has a value.
    Set,
    /// If a setting says so.
    Flag(Hole),
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Literal(String),
    Hole(Hole),
    /// The environment's name, or that in capitals.
    Environment {
        upper: bool,
    },
}

/// A place that a value of the environment fills.
#[derive(Clone, Debug)]
pub(super) struct Hole {
    /// By environment; none where the place is not there.
    pub(super) values: Vec<Option<Value>>,
    pub(super) path: Vec<Step>,
    pub(super) role: Role,
    /// Its setting, below the application's; empty until it is named.
    pub(super) name: Vec<String>,
}

/// What a hole is, where its path does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// The whole value at its path.
    Whole,
    /// A part of a text.
    Part,
    Repository,
    Tag,
    Digest,
    /// Whether the thing at the path is there.
    Flag,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Key(Arc<str>),
    /// An item of a list, by its name.
    Item(Arc<str>),
    Index(usize),
}

impl Plan {
    /// All holes, in the order of reading.
    pub(super) fn holes<'p>(&'p mut self, found: &mut Vec<&'p mut Hole>) {
        match self {
            Self::Hole(hole) => found.push(hole),
            Self::Text(pieces) => found.extend(pieces.iter_mut().filter_map(|piece| match piece {
                Piece::Hole(hole) => Some(hole),
                Piece::Literal(_) | Piece::Environment { .. } => None,
            })),
            Self::Map(entries) | Self::List(entries) => {
                for entry in entries {
                    if let When::Flag(hole) = &mut entry.when {
                        found.push(hole);
                    }
                    entry.plan.holes(found);
                }
            }
            Self::Literal(_) | Self::File(_) | Self::Choice(_) => {}
        }
    }

    /// How many holes there are, and how many leaves without one.
    pub(super) fn count(&self) -> (usize, usize) {
        let sum = |entries: &[Entry]| {
            entries.iter().fold((0, 0), |(holes, literals), entry| {
                let (more, leaves) = entry.plan.count();
                (holes + more + usize::from(matches!(entry.when, When::Flag(_))), literals + leaves)
            })
        };
        match self {
            Self::Literal(value) => (0, leaves(value)),
            Self::Hole(_) => (1, 0),
            Self::File(_) => (0, 1),
            Self::Text(pieces) => (pieces.iter().filter(|piece| matches!(piece, Piece::Hole(_))).count(), 1),
            Self::Map(entries) | Self::List(entries) => sum(entries),
            Self::Choice(choices) => (choices.len(), 0),
        }
    }

    /// How much there is to read, in the template and in all layers.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Literal(value) => value.weight().0,
            Self::File(_) => 1,
            Self::Hole(hole) => 2 + hole.cost(),
            Self::Text(pieces) => {
                let holes =
                    pieces.iter().filter_map(|piece| if let Piece::Hole(hole) = piece { Some(hole) } else { None });
                1 + holes.map(|hole| 1 + hole.cost()).sum::<usize>()
            }
            Self::Map(entries) | Self::List(entries) => {
                let one = |entry: &Entry| match &entry.when {
                    When::Always => entry.plan.cost(),
                    When::Set => 2 + entry.plan.cost(),
                    When::Flag(hole) => 2 + hole.cost() + entry.plan.cost(),
                };
                1 + entries.iter().map(one).sum::<usize>()
            }
            Self::Choice(choices) => {
                choices.iter().map(|(_, value)| 3 + value.as_ref().map_or(0, |it| it.weight().0)).sum()
            }
        }
    }
}

impl Hole {
    pub(super) fn new(values: Vec<Option<Value>>, path: &[Step], role: Role) -> Self {
        Self { values, path: path.to_vec(), role, name: Vec::new() }
    }

    /// The nodes of the values in all layers: what most environments have is written once.
    fn cost(&self) -> usize {
        let common = self.common().map(|at| &self.values[at]);
        let differing = self
            .values
            .iter()
            .flatten()
            .filter(|value| common.and_then(Option::as_ref).is_none_or(|common| !common.is_same(value)));
        let once = common.and_then(Option::as_ref).map_or(0, |value| value.weight().0);
        once + differing.map(|value| value.weight().0).sum::<usize>()
    }

    /// The first environment that has the value which most of them have.
    pub(super) fn common(&self) -> Option<usize> {
        let count = |value: &Value| self.values.iter().flatten().filter(|other| other.is_same(value)).count();
        let mut best: Option<(usize, usize)> = None;
        for (at, value) in self.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let times = count(value);
            if best.is_none_or(|(_, most)| times > most) {
                best = Some((at, times));
            }
        }
        best.map(|(at, _)| at)
    }
}

/// How many scalars, and empty maps and lists, a value has.
fn leaves(value: &Value) -> usize {
    match value {
        Value::List(items) if !items.is_empty() => items.iter().map(leaves).sum(),
        Value::Map(entries) if !entries.is_empty() => entries.iter().map(|(_, value)| leaves(value)).sum(),
        _ => 1,
    }
}
