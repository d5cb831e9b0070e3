//! Which settings environments read, as data that outlives a run. Most environments read the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::findings::{Packer, Place, Unpacker, number};
use crate::schema::{Id, Noted, Property, Use};

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

/// What is in the tables already: by where it lies in memory, which is quick, and by what it is.
#[derive(Default)]
pub(super) struct Numbers {
    properties: BTreeMap<(Id, String), u32>,
    places: BTreeMap<usize, u32>,
    lists: BTreeMap<List, u32>,
    list_places: BTreeMap<usize, u32>,
}

/// Properties and lists of a run, made of an earlier one's.
pub(super) type Lists = Vec<Arc<[(Arc<Property>, Use)]>>;

impl Packer<'_> {
    pub(super) fn noted(&mut self, Noted { uses, set }: &Noted) -> KeptNoted {
        let place = uses.as_ptr().addr();
        let known = self.numbers.list_places.get(&place).copied();
        let list = known.unwrap_or_else(|| {
            let list = uses.iter().map(|(property, used)| (self.property(property), used.is_read, used.is_taken));
            let list: List = list.collect();
            let lists = &mut self.tables.noted.lists;
            let list = number(&mut self.numbers.lists, lists, list.clone(), || list);
            self.numbers.list_places.insert(place, list);
            list
        });
        KeptNoted { list, set: set.iter().map(|(number, span)| (*number, self.place(*span))).collect() }
    }

    fn property(&mut self, property: &Arc<Property>) -> u32 {
        let place = Arc::as_ptr(property).addr();
        if let Some(known) = self.numbers.places.get(&place) {
            return *known;
        }
        let key = (property.id.clone(), property.path.clone());
        let schema = self.place(property.schema);
        let properties = &mut self.tables.noted.properties;
        let new = number(&mut self.numbers.properties, properties, key, || KeptProperty {
            id: kept(&property.id),
            name: property.name.to_string(),
            path: property.path.clone(),
            parent: kept(&property.parent),
            schema,
            is_named: property.is_named,
            siblings: property.siblings.iter().map(ToString::to_string).collect(),
            is_read: property.is_read,
        });
        self.numbers.places.insert(place, new);
        new
    }
}

impl Unpacker {
    /// `None` if something is not as this build would have written it.
    pub(super) fn lists(&self, tables: Tables) -> Option<Lists> {
        let properties = tables.properties.into_iter().map(|it| Some(Arc::new(self.property(it)?)));
        let properties: Vec<Arc<Property>> = properties.collect::<Option<_>>()?;
        let one = |(number, is_read, is_taken)| {
            let property = properties.get(number as usize)?;
            Some((Arc::clone(property), Use { is_read, is_taken }))
        };
        tables.lists.into_iter().map(|list: List| list.into_iter().map(one).collect()).collect()
    }

    fn property(&self, it: KeptProperty) -> Option<Property> {
        Some(Property {
            id: id(it.id),
            name: it.name.into(),
            path: it.path,
            parent: id(it.parent),
            schema: self.span(it.schema)?,
            is_named: it.is_named,
            siblings: it.siblings.into_iter().map(Into::into).collect(),
            is_read: it.is_read,
        })
    }

    pub(super) fn noted(&self, kept: KeptNoted) -> Option<Noted> {
        let uses = Arc::clone(self.lists.get(kept.list as usize)?);
        let set = kept.set.into_iter().map(|(number, place)| Some((number, self.span(place)?)));
        Some(Noted { uses, set: set.collect::<Option<_>>()? })
    }
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
