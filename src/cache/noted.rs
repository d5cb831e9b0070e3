//! Which settings environments read, as data that outlives a run. Most environments read the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::findings::{Packer, Place, Unpacker, number};
use crate::schema::{Id, Noted, Property, Use, Uses};

/// What environments share.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tables {
    properties: Vec<KeptProperty>,
    lists: Vec<List>,
}

/// Numbers of properties, each read and taken or not.
type List = Vec<(u32, bool, bool)>;

/// One environment: the number of its list, and where it sets what.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptNoted {
    list: u32,
    set: Vec<(usize, Place)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptProperty {
    id: KeptId,
    name: String,
    path: String,
    parent: KeptId,
    schema: Place,
    is_named: bool,
    siblings: Vec<String>,
    is_read: bool,
}

#[derive(Debug, Serialize, Deserialize)]
enum KeptId {
    Schema(String),
    Path(String),
}

/// Turns what was noted into data.
#[derive(Default)]
pub(super) struct Packing {
    tables: Tables,
    /// What is in the tables already: by where it lies in memory, which is quick, and by what it is.
    places: BTreeMap<usize, u32>,
    properties: BTreeMap<(Id, String), u32>,
    list_places: BTreeMap<usize, u32>,
    lists: BTreeMap<List, u32>,
}

impl Packing {
    pub(super) fn into_tables(self) -> Tables {
        self.tables
    }

    pub(super) fn noted(&mut self, Noted { uses, set }: &Noted, packer: &mut Packer<'_>) -> KeptNoted {
        let place = uses.as_ptr().addr();
        let known = self.list_places.get(&place).copied();
        let list = known.unwrap_or_else(|| {
            let one = |(property, used): &(Arc<Property>, Use)| {
                (self.property(property, packer), used.is_read, used.is_taken)
            };
            let list: List = uses.iter().map(one).collect();
            let list = number(&mut self.lists, &mut self.tables.lists, list.clone(), || list);
            self.list_places.insert(place, list);
            list
        });
        KeptNoted { list, set: set.iter().map(|(number, span)| (*number, packer.place(*span))).collect() }
    }

    fn property(&mut self, property: &Arc<Property>, packer: &mut Packer<'_>) -> u32 {
        let place = Arc::as_ptr(property).addr();
        if let Some(known) = self.places.get(&place) {
            return *known;
        }
        let key = (property.id.clone(), property.path.clone());
        let schema = packer.place(property.schema);
        let new = number(&mut self.properties, &mut self.tables.properties, key, || KeptProperty {
            id: kept(&property.id),
            name: property.name.to_string(),
            path: property.path.clone(),
            parent: kept(&property.parent),
            schema,
            is_named: property.is_named,
            siblings: property.siblings.iter().map(ToString::to_string).collect(),
            is_read: property.is_read,
        });
        self.places.insert(place, new);
        new
    }
}

/// Properties and lists of a run, made of an earlier one's.
pub(super) struct Lists(Vec<Uses>);

impl Lists {
    /// `None` if something is not as this build would have written it.
    pub(super) fn new(tables: Tables, unpacker: &Unpacker) -> Option<Self> {
        let properties = tables.properties.into_iter().map(|it| Some(Arc::new(property(it, unpacker)?)));
        let properties: Vec<Arc<Property>> = properties.collect::<Option<_>>()?;
        let one = |(number, is_read, is_taken)| {
            let property = properties.get(number as usize)?;
            Some((Arc::clone(property), Use { is_read, is_taken }))
        };
        let lists = tables.lists.into_iter().map(|list: List| list.into_iter().map(one).collect());
        Some(Self(lists.collect::<Option<_>>()?))
    }

    pub(super) fn noted(&self, kept: KeptNoted, unpacker: &Unpacker) -> Option<Noted> {
        let uses = Arc::clone(self.0.get(kept.list as usize)?);
        let set = kept.set.into_iter().map(|(number, place)| Some((number, unpacker.span(place)?)));
        Some(Noted { uses, set: set.collect::<Option<_>>()? })
    }
}

fn property(it: KeptProperty, unpacker: &Unpacker) -> Option<Property> {
    Some(Property {
        id: id(it.id),
        name: it.name.into(),
        path: it.path,
        parent: id(it.parent),
        schema: unpacker.span(it.schema)?,
        is_named: it.is_named,
        siblings: it.siblings.into_iter().map(Into::into).collect(),
        is_read: it.is_read,
    })
}

fn kept(id: &Id) -> KeptId {
    match id {
        Id::Schema(place) => KeptId::Schema(place.clone()),
        Id::Path(path) => KeptId::Path(path.clone()),
    }
}

fn id(kept: KeptId) -> Id {
    match kept {
        KeptId::Schema(place) => Id::Schema(place),
        KeptId::Path(path) => Id::Path(path),
    }
}
