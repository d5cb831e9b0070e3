//! Merging: a [`Patch`] over a tree gives a tree, a patch over a patch gives a patch. Both follow one set of rules:
//!
//! - Maps merge key by key, new keys behind the old ones.
//! - Scalars and lists replace. Lists to which the schema gives keys, and sets, merge item by item.
//! - `null` and `$patch: delete` delete. What is set after it was deleted stands last among its neighbours.
//! - `$patch: replace` replaces a map, an item or a list that would merge.
//!
//! Whatever is not touched is shared with what lies below. As long as there is nothing to complain about,
//! `(a + b) + c = a + (b + c)`, in values, order and history. After a finding, what lies below stays as it is.

use std::sync::Arc;

use indexmap::IndexMap;

use super::patch::{Below, Collection, Delete, Identity, Patch, Put};
use super::place::Place;
use super::{Content, Origin, Tree, lost, wording};
use crate::account::Cost;
use crate::finding::Findings;

/// How many deletes that hit nothing get a "did you mean": each search reads all neighbours.
const SUGGESTIONS: usize = 100;

/// A merge under way.
pub struct Merge<'a> {
    findings: &'a mut Findings,
    suggestions: usize,
    /// What it has cost so far.
    pub cost: Cost,
}

/// What becomes of one value.
enum Outcome<T> {
    /// It stays as it is, present or absent.
    Keep,
    Set(T),
    /// Set, and moved behind its neighbours.
    Last(T),
    Gone,
    /// The delete at this origin hits nothing.
    Missed(Origin),
}

impl<T> Outcome<T> {
    fn map<U>(self, make: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Keep => Outcome::Keep,
            Self::Set(value) => Outcome::Set(make(value)),
            Self::Last(value) => Outcome::Last(make(value)),
            Self::Gone => Outcome::Gone,
            Self::Missed(origin) => Outcome::Missed(origin),
        }
    }
}

/// The entries of a map, or the items of a list by name.
type Entries<T> = IndexMap<Arc<str>, T>;

/// What a patch can lie over: a finished value, or another patch.
trait Lower: Clone {
    /// `known` are the keys that tell an item from the others: they are the same above and below.
    fn under(
        merge: &mut Merge<'_>,
        this: Option<&Self>,
        patch: &Patch,
        known: &[Arc<str>],
        at: &Place<'_>,
    ) -> Outcome<Self>;
}

impl<'a> Merge<'a> {
    pub fn new(findings: &'a mut Findings) -> Self {
        Self { findings, suggestions: SUGGESTIONS, cost: Cost::NONE }
    }

    /// The value at a place, once `patch` is laid over what is there. `None` when nothing is left.
    pub fn over(&mut self, base: Option<&Arc<Tree>>, patch: &Patch, at: &Place<'_>) -> Option<Arc<Tree>> {
        match Lower::under(self, base, patch, &[], at) {
            Outcome::Keep => base.cloned(),
            Outcome::Set(tree) | Outcome::Last(tree) => Some(tree),
            Outcome::Gone => None,
            Outcome::Missed(origin) => {
                self.findings.push(wording::delete_nothing(origin, at, None));
                None
            }
        }
    }

    /// One patch that does what `lower` and after it `upper` do.
    #[must_use]
    pub fn then(&mut self, lower: &Patch, upper: &Patch, at: &Place<'_>) -> Patch {
        match Lower::under(self, Some(lower), upper, &[], at) {
            Outcome::Keep | Outcome::Gone => lower.clone(),
            Outcome::Set(patch) | Outcome::Last(patch) => patch,
            Outcome::Missed(origin) => {
                self.findings.push(wording::delete_nothing(origin, at, None));
                lower.clone()
            }
        }
    }

    /// Lays the entries of a map, or the items of a list (`by` is how they are told apart), over those below.
    fn entries<T: Lower>(
        &mut self,
        lower: &Entries<T>,
        upper: &Entries<Patch>,
        by: Option<&Identity>,
        known: &[Arc<str>],
        at: &Place<'_>,
    ) -> Entries<T> {
        let keys = by.map_or(&[][..], Identity::keys);
        self.cost = self.cost.plus(Cost::nodes(lower.len(), 0)).plus(Cost::nodes(upper.len(), 0).times(3));
        let mut gone = vec![false; lower.len()];
        let mut set = Vec::with_capacity(upper.len());
        for (name, patch) in upper {
            let below = lower.get_full(name);
            if below.is_some() && known.contains(name) {
                continue;
            }
            let at = if by.is_some() { at.item(name) } else { at.key(name) };
            match T::under(self, below.map(|(.., value)| value), patch, keys, &at) {
                Outcome::Keep => {}
                Outcome::Set(value) => set.push((name, value)),
                Outcome::Last(value) => {
                    below.inspect(|&(index, ..)| gone[index] = true);
                    set.push((name, value));
                }
                Outcome::Gone => {
                    below.inspect(|&(index, ..)| gone[index] = true);
                }
                Outcome::Missed(origin) => {
                    let help = (self.suggestions > 0).then(|| wording::did_you_mean(name, lower, upper)).flatten();
                    self.suggestions = self.suggestions.saturating_sub(1);
                    self.findings.push(wording::delete_nothing(origin, &at, help));
                }
            }
        }
        let mut merged: Entries<T> = if gone.contains(&true) {
            let left = lower.iter().zip(&gone).filter(|&(_, &gone)| !gone);
            left.map(|((name, value), _)| (Arc::clone(name), value.clone())).collect()
        } else {
            lower.clone()
        };
        merged.extend(set.into_iter().map(|(name, value)| (Arc::clone(name), value)));
        merged
    }

    /// What a value overrode, the nearest first: its own layers, then the one below and what that overrode.
    fn history(&mut self, own: &[Origin], next: Origin, rest: &[Origin]) -> Vec<Origin> {
        let origins = [own, &[next], rest].concat();
        let (count, size) = (origins.len() as u64, size_of::<Origin>() as u64);
        self.cost = self.cost.plus(Cost { steps: count / 4 + 1, bytes: count * size });
        origins
    }

    /// A value that takes the place of another.
    fn put(&mut self, base: &Arc<Tree>, put: &Put, at: &Place<'_>) -> Outcome<Arc<Tree>> {
        let (old, new) = (base.kind(), put.tree.kind());
        if old != new && !put.any_kind && !base.is_null() {
            let finding = wording::type_change((base.origin, old), (put.tree.origin, new), at);
            self.findings.push(wording::with_keys(finding, base));
            return Outcome::Keep;
        }
        if base.is_same_as(&put.tree) {
            self.findings.push(wording::redundant(base.origin, &put.tree, at));
        } else if put.may_lose {
            self.findings.extend(lost::finding(base, &put.tree, at));
        }
        let overrode = self.history(&put.tree.overrode, base.origin, &base.overrode);
        let replaces_nothing = base.replaces_nothing;
        let content = put.tree.content.clone();
        Outcome::Set(Arc::new(Tree { content, origin: put.tree.origin, overrode, replaces_nothing }))
    }

    /// Entries that merge with a map, or items that merge with a list.
    fn collect(
        &mut self,
        base: Option<&Arc<Tree>>,
        patch: &Collection,
        known: &[Arc<str>],
        at: &Place<'_>,
    ) -> Outcome<Arc<Tree>> {
        let mergeable = base.filter(|base| base.kind() == patch.kind());
        match (base, mergeable) {
            (Some(base), None) if !patch.any_kind && !base.is_null() => {
                let old = (base.origin, base.kind());
                self.findings.push(wording::type_change(old, (patch.origin, patch.kind()), at));
                return Outcome::Keep;
            }
            (_, Some(base)) if patch.is_empty_but_for(known) && !at.is_root() => {
                self.findings.push(wording::adds_nothing(base.origin, patch, at));
            }
            _ => {}
        }
        let content = match &patch.by {
            None => {
                let nothing = Entries::new();
                let lower = mergeable.and_then(|base| base.as_map()).unwrap_or(&nothing);
                Content::Map(self.entries(lower, &patch.entries, None, known, at))
            }
            Some(by) => {
                let lower = named(mergeable.and_then(|base| base.as_list()).unwrap_or_default(), by);
                Content::List(self.entries(&lower, &patch.entries, Some(by), &[], at).into_values().collect())
            }
        };
        let overrode = match base {
            Some(base) => self.history(&patch.overrode, base.origin, &base.overrode),
            None => patch.overrode.clone(),
        };
        let replaces_nothing = mergeable.is_some_and(|base| base.replaces_nothing);
        Outcome::Set(Arc::new(Tree { content, origin: patch.origin, overrode, replaces_nothing }))
    }
}

impl Lower for Arc<Tree> {
    fn under(
        merge: &mut Merge<'_>,
        this: Option<&Self>,
        patch: &Patch,
        known: &[Arc<str>],
        at: &Place<'_>,
    ) -> Outcome<Self> {
        match (patch, this) {
            (Patch::Delete(Delete { origin, hit: false }), None) => Outcome::Missed(*origin),
            (Patch::Delete(_), _) => Outcome::Gone,
            (Patch::Put(Put { tree, below: Below::Deleted(delete), .. }), this) => {
                if this.is_none() && !delete.hit {
                    merge.findings.push(wording::delete_nothing(delete.origin, at, None));
                }
                Outcome::Last(Arc::clone(tree))
            }
            (Patch::Put(put), None) => {
                if put.tree.replaces_nothing {
                    merge.findings.push(wording::replace_nothing(&put.tree, at));
                }
                Outcome::Set(Arc::clone(&put.tree))
            }
            (Patch::Put(put), Some(base)) => merge.put(base, put, at),
            (Patch::Collection(patch), base) => merge.collect(base, patch, known, at),
        }
    }
}

impl Lower for Patch {
    fn under(
        merge: &mut Merge<'_>,
        this: Option<&Self>,
        upper: &Patch,
        known: &[Arc<str>],
        at: &Place<'_>,
    ) -> Outcome<Self> {
        match (this, upper) {
            (None, upper) => Outcome::Set(upper.clone()),
            (Some(Patch::Delete(lower)), upper) => match Lower::under(merge, None::<&Arc<Tree>>, upper, known, at) {
                Outcome::Set(tree) | Outcome::Last(tree) => Outcome::Last(Patch::Put(Put {
                    tree,
                    any_kind: true,
                    may_lose: false,
                    below: Below::Deleted(*lower),
                })),
                Outcome::Missed(origin) => Outcome::Missed(origin),
                Outcome::Keep | Outcome::Gone => Outcome::Keep,
            },
            (Some(Patch::Put(lower)), upper) => merge.put_then(lower, upper, known, at),
            (Some(Patch::Collection(lower)), upper) => merge.collection_then(lower, upper, known, at),
        }
    }
}

impl Merge<'_> {
    fn put_then(&mut self, lower: &Put, upper: &Patch, known: &[Arc<str>], at: &Place<'_>) -> Outcome<Patch> {
        // A delete further down is still the one that must hit; else `lower` is what was there to be deleted.
        let deleted = |origin| match lower.below {
            Below::Deleted(delete) => delete,
            Below::Overridden => Delete { origin, hit: true },
        };
        let (any_kind, deleted) = match upper {
            Patch::Delete(upper) => return Outcome::Set(Patch::Delete(deleted(upper.origin))),
            Patch::Put(Put { below: Below::Deleted(delete), .. }) => (true, Some(deleted(delete.origin))),
            Patch::Put(upper) => (upper.any_kind, None),
            Patch::Collection(upper) => (upper.any_kind, None),
        };
        let any_kind = any_kind || lower.any_kind;
        let below = deleted.map_or(lower.below, Below::Deleted);
        let may_lose = lower.may_lose;
        let put = |tree| Patch::Put(Put { tree, any_kind, may_lose, below });
        Lower::under(self, Some(&lower.tree), upper, known, at).map(put)
    }

    fn collection_then(
        &mut self,
        lower: &Collection,
        upper: &Patch,
        known: &[Arc<str>],
        at: &Place<'_>,
    ) -> Outcome<Patch> {
        let kind = match upper {
            Patch::Delete(upper) => return Outcome::Set(Patch::Delete(Delete { origin: upper.origin, hit: true })),
            Patch::Put(Put { tree, below: Below::Deleted(delete), .. }) => {
                let below = Below::Deleted(Delete { hit: true, ..*delete });
                return Outcome::Last(Patch::Put(Put {
                    tree: Arc::clone(tree),
                    any_kind: true,
                    may_lose: false,
                    below,
                }));
            }
            Patch::Put(upper) => upper.tree.kind(),
            Patch::Collection(upper) => upper.kind(),
        };
        let may_change = match upper {
            Patch::Put(upper) => upper.any_kind,
            Patch::Collection(upper) => upper.any_kind,
            Patch::Delete(_) => true,
        };
        if kind != lower.kind() && !may_change {
            self.findings.push(wording::type_change((lower.origin, lower.kind()), (upper.origin(), kind), at));
            return Outcome::Keep;
        }
        match upper {
            Patch::Collection(upper) if kind == lower.kind() => Outcome::Set(Patch::Collection(Collection {
                origin: upper.origin,
                overrode: self.history(&upper.overrode, lower.origin, &lower.overrode),
                any_kind: lower.any_kind || upper.any_kind,
                by: upper.by.clone(),
                entries: self.entries(&lower.entries, &upper.entries, upper.by.as_ref(), known, at),
            })),
            upper => Lower::under(self, None, upper, known, at).map(|tree: Arc<Tree>| {
                let overrode = self.history(&tree.overrode, lower.origin, &lower.overrode);
                let (content, origin) = (tree.content.clone(), tree.origin);
                let tree = Arc::new(Tree { content, origin, overrode, replaces_nothing: false });
                Patch::Put(Put { tree, any_kind: true, may_lose: false, below: Below::Overridden })
            }),
        }
    }
}

/// The items of a list by name. All have one, and no two the same, because each layer was checked for that.
fn named(items: &[Arc<Tree>], by: &Identity) -> Entries<Arc<Tree>> {
    let mut named = Entries::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let name = by.name(item).ok().filter(|name| !named.contains_key(name));
        named.insert(name.unwrap_or_else(|| format!("#{index}").into()), Arc::clone(item));
    }
    named
}
