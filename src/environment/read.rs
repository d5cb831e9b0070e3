//! From a file's nodes to a [`Patch`]: the schema types the scalars and says how lists merge.

use std::sync::Arc;

use indexmap::IndexMap;

use super::merge::Merge;
use super::patch::{Below, Collection, Delete, Identity, Patch, Put};
use super::place::Place;
use super::shape::{Anything, Shape, Toll};
use super::{Content, Origin, Tree, secret, wording};
use crate::finding::{Finding, Findings};
use crate::source::{Sources, Span};
use crate::value::Number;
use crate::yaml::scalar::{self, Ambiguity, Misread};
use crate::yaml::{self, Entry, Node, Style, Types};

/// Reads what a file says about a place. `None` where nothing sensible is said, always with a finding, and where the
/// toll is over. Whatever is read is a secret if `is_secret`; secrets are hidden from then on.
pub(super) fn patch(
    node: &Node,
    key: Option<Span>,
    shape: impl Shape,
    place: &Place<'_>,
    is_secret: bool,
    (toll, findings, sources): (&mut Toll, &mut Findings, &Sources),
) -> Option<Patch> {
    Reader { findings, toll, sources: Some(sources), is_secret }.patch(node, key, shape, place)
}

/// The words of `$patch`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Delete,
    Replace,
}

pub(super) const PATCH: &str = "$patch";

/// Reads a word that stands for a scalar without being written in YAML: the key of an item in a path.
pub(super) fn word(text: &Arc<str>, span: Span, shape: impl Shape, findings: &mut Findings) -> Patch {
    let origin = Origin { key: Some(span), value: span };
    let mut reader = Reader { findings, toll: &mut Toll::default(), sources: None, is_secret: false };
    match reader.scalar(text, Style::Plain, span, shape) {
        Content::Null => put(Content::String(Arc::clone(text)), origin, shape),
        content => put(content, origin, shape),
    }
}

/// A key without a value, where a secret belongs, is the secret: `tok: ? hunter2`.
fn hide_bare_keys(node: &Node, sources: &Sources) {
    let yaml::Content::Map(entries) = &node.content else { return };
    for entry in entries.iter().filter(|entry| entry.value.scalar().is_some_and(|text| text.is_empty())) {
        sources.hide(entry.key.span, &entry.key.text);
    }
}

struct Reader<'a> {
    findings: &'a mut Findings,
    toll: &'a mut Toll,
    /// Where secrets are hidden.
    sources: Option<&'a Sources>,
    /// The schema says so of the place, or of one around it.
    is_secret: bool,
}

impl Reader<'_> {
    fn patch(&mut self, node: &Node, key: Option<Span>, shape: impl Shape, place: &Place<'_>) -> Option<Patch> {
        let around = self.is_secret;
        // Where a list of secrets belongs, a single one is a secret, too.
        let is_marked = around || shape.is_secret() || node.scalar().is_some() && shape.item().is_secret();
        self.is_secret = is_marked && !secret::refers(node);
        match (self.sources, node.scalar()) {
            (Some(sources), Some(text)) if self.is_secret => sources.hide(node.span, text),
            (Some(sources), Some(text)) if is_marked => sources.refer(text),
            (Some(sources), None) if self.is_secret => hide_bare_keys(node, sources),
            _ => {}
        }
        let patch = self.placed(node, key, shape, place);
        self.is_secret = around;
        patch
    }

    fn placed(&mut self, node: &Node, key: Option<Span>, shape: impl Shape, place: &Place<'_>) -> Option<Patch> {
        let origin = Origin { key, value: node.span };
        if self.toll.is_over() {
            return None;
        }
        self.toll.enter(shape);
        if let Some(tag) = &node.tag {
            self.findings.push(wording::tag(tag, place));
        }
        match &node.content {
            yaml::Content::Scalar { text, style: Style::Plain } if text.is_empty() => {
                self.findings.push(wording::no_value(origin, place));
                None
            }
            yaml::Content::Scalar { text, style } => Some(match self.scalar(text, *style, node.span, shape) {
                Content::Null if shape.keeps_null() => {
                    let tree = Arc::new(Tree::new(Content::Null, origin));
                    Patch::Put(Put { tree, any_kind: true, may_lose: false, below: Below::Overridden })
                }
                Content::Null => Patch::Delete(Delete { origin, hit: false }),
                content => put(content, origin, shape),
            }),
            yaml::Content::List(items) => match Identity::of(shape) {
                None => {
                    let items = self.plain_list(items, shape, place);
                    Some(put(Content::List(items), origin, shape))
                }
                Some(by) => Some(self.items(items, by, origin, shape, place)),
            },
            yaml::Content::Map(entries) => self.map(entries, origin, shape, place),
        }
    }

    fn scalar(&mut self, text: &Arc<str>, style: Style, span: Span, shape: impl Shape) -> Content {
        match scalar::resolve(text, style, shape.types()) {
            Ok(scalar::Scalar::Null) => Content::Null,
            Ok(scalar::Scalar::Bool(value)) => Content::Bool(value),
            Ok(scalar::Scalar::Number(number)) => Content::Number(number),
            Ok(scalar::Scalar::String) => Content::String(Arc::clone(text)),
            Err(misread) => {
                self.findings.push(misread.finding(span));
                likely(&misread, text)
            }
        }
    }

    fn map(&mut self, entries: &[Entry], origin: Origin, shape: impl Shape, place: &Place<'_>) -> Option<Patch> {
        let directive = match directive(entries) {
            Ok(directive) => directive,
            Err(finding) => {
                self.findings.push(*finding);
                return None;
            }
        };
        if let Some(Directive::Delete) = directive {
            if let Some(other) = entries.iter().find(|entry| &*entry.key.text != PATCH) {
                self.findings.push(wording::beside_delete(other));
            }
            return Some(Patch::Delete(Delete { origin, hit: false }));
        }
        let mut read = IndexMap::with_capacity(entries.len());
        for entry in entries.iter().filter(|entry| &*entry.key.text != PATCH) {
            let key = &entry.key;
            if is_directive_of_kubernetes(&key.text) {
                self.findings.push(wording::other_directive(entry));
                continue;
            }
            self.toll.find(shape, &key.text);
            // Paid before it is looked for.
            if self.toll.is_over() {
                return None;
            }
            let patch = self.patch(&entry.value, Some(key.span), shape.property(&key.text), &place.key(&key.text));
            if let Some(patch) = patch {
                read.insert(Arc::clone(&key.text), patch);
            }
        }
        let patch = collection(origin, None, read, shape);
        match directive {
            Some(Directive::Replace) => self.replacing(&patch, place),
            Some(Directive::Delete) | None => Some(patch),
        }
    }

    /// What a patch makes where nothing lies below, as a value that takes the place of anything.
    fn replacing(&mut self, patch: &Patch, place: &Place<'_>) -> Option<Patch> {
        let mut tree = Merge::new(self.findings).over(None, patch, place)?;
        Arc::make_mut(&mut tree).replaces_nothing = true;
        Some(Patch::Put(Put { tree, any_kind: true, may_lose: false, below: Below::Overridden }))
    }

    /// The items of a list that is replaced as a whole.
    fn plain_list(&mut self, items: &[Node], shape: impl Shape, place: &Place<'_>) -> Vec<Arc<Tree>> {
        let shape = shape.item();
        let mut read = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let place = place.index(index);
            if let Some(word) = item.entry(PATCH) {
                self.findings.push(wording::patch_in_plain_list(word, &place));
                continue;
            }
            read.extend(self.plain_item(item, shape, &place));
        }
        read
    }

    fn plain_item(&mut self, item: &Node, shape: impl Shape, place: &Place<'_>) -> Option<Arc<Tree>> {
        let patch = self.patch(item, None, shape, place)?;
        match patch {
            Patch::Delete(delete) => Some(Arc::new(Tree::new(Content::Null, delete.origin))),
            patch => Merge::new(self.findings).over(None, &patch, place),
        }
    }

    /// The items of a list that merges.
    fn items(&mut self, nodes: &[Node], by: Identity, origin: Origin, shape: impl Shape, place: &Place<'_>) -> Patch {
        let mut replace = false;
        let mut items: IndexMap<Arc<str>, Patch> = IndexMap::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            if is_replace_alone(node) {
                replace = true;
                continue;
            }
            let Some((name, patch)) = self.item(node, &by, shape.item(), &place.index(index)) else { continue };
            if let Some(first) = items.get(&name) {
                self.findings.push(wording::duplicate_item(patch.origin(), first.origin(), &place.item(&name)));
                continue;
            }
            items.insert(name, patch);
        }
        let patch = collection(origin, Some(by), items, shape);
        if !replace {
            return patch;
        }
        self.replacing(&patch, place).unwrap_or(patch)
    }

    /// One item and its name.
    fn item(&mut self, node: &Node, by: &Identity, shape: impl Shape, place: &Place<'_>) -> Option<(Arc<str>, Patch)> {
        let origin = Origin { key: None, value: node.span };
        let deletes = match &node.content {
            yaml::Content::Map(entries) => match directive(entries) {
                Ok(directive) => directive == Some(Directive::Delete),
                Err(finding) => {
                    self.findings.push(*finding);
                    return None;
                }
            },
            yaml::Content::Scalar { .. } | yaml::Content::List(_) => false,
        };
        if deletes {
            let name = self.deleted_item(node, by, shape, place)?;
            return Some((name, Patch::Delete(Delete { origin, hit: false })));
        }
        let patch = match by {
            Identity::Value => {
                let tree = self.plain_item(node, shape, place)?;
                Patch::Put(Put { tree, any_kind: true, may_lose: false, below: Below::Overridden })
            }
            Identity::Keys(_) => self.patch(node, None, shape, place)?,
        };
        match by.name_of(&patch) {
            Ok(name) => Some((name, patch)),
            Err(key) => {
                self.findings.push(wording::missing_merge_key(node, &key, place));
                None
            }
        }
    }

    /// Which item `{$patch: delete, name: general}` means; in a set `{$patch: delete, value: 10.0.0.0/8}`.
    fn deleted_item(&mut self, node: &Node, by: &Identity, shape: impl Shape, place: &Place<'_>) -> Option<Arc<str>> {
        let yaml::Content::Map(entries) = &node.content else { return None };
        let keys: Vec<Arc<str>> = match by {
            Identity::Value => vec!["value".into()],
            Identity::Keys(_) => by.keys().to_vec(),
        };
        let mut named = IndexMap::new();
        for entry in entries.iter().filter(|entry| &*entry.key.text != PATCH) {
            let key = &entry.key;
            if !keys.contains(&key.text) {
                self.findings.push(wording::beside_delete(entry));
                continue;
            }
            let shape = if matches!(by, Identity::Value) { shape } else { shape.property(&key.text) };
            named
                .insert(Arc::clone(&key.text), self.patch(&entry.value, Some(key.span), shape, &place.key(&key.text))?);
        }
        let item = match (by, named.get("value")) {
            (Identity::Value, Some(value)) => value.clone(),
            _ => collection(Origin { key: None, value: node.span }, None, named, Anything),
        };
        match by.name_of(&item) {
            Ok(name) => Some(name),
            Err(key) => {
                self.findings.push(wording::missing_merge_key(node, &key, place));
                None
            }
        }
    }
}

/// Directives of Kubernetes' strategic merge that layers do not have.
fn is_directive_of_kubernetes(key: &str) -> bool {
    key == "$retainKeys" || key.starts_with("$deleteFromPrimitiveList/") || key.starts_with("$setElementOrder/")
}

fn collection(origin: Origin, by: Option<Identity>, entries: IndexMap<Arc<str>, Patch>, shape: impl Shape) -> Patch {
    let any_kind = allows_several_kinds(shape);
    Patch::Collection(Collection { origin, overrode: Vec::new(), any_kind, by, entries })
}

fn put(content: Content, origin: Origin, shape: impl Shape) -> Patch {
    let may_lose = matches!(content, Content::List(_)) && !shape.says_how_lists_merge();
    let tree = Arc::new(Tree::new(content, origin));
    Patch::Put(Put { tree, any_kind: allows_several_kinds(shape), may_lose, below: Below::Overridden })
}

/// What an ambiguous scalar was probably meant to be, so that one slip is one finding: the schema sees the type it wants.
fn likely(misread: &Misread, text: &Arc<str>) -> Content {
    match misread.why {
        Ambiguity::Bool(value) if misread.wanted.contains(Types::BOOL) => Content::Bool(value),
        _ if misread.wanted.contains(Types::STRING) => Content::String(Arc::clone(text)),
        _ if misread.wanted.contains(Types::INTEGER) => match misread.why.likely_integer(text) {
            Some(number) => Content::Number(Number::Int(number)),
            None => Content::String(Arc::clone(text)),
        },
        _ => Content::String(Arc::clone(text)),
    }
}

/// The schema names more than one of map, list and scalar, so that changing between them is a matter of course.
fn allows_several_kinds(shape: impl Shape) -> bool {
    let types = shape.types();
    let kinds = [Types::MAP, Types::LIST, Types::BOOL | Types::NUMBER | Types::STRING];
    types != Types::ANY && kinds.into_iter().filter(|&kind| types.intersects(kind)).count() > 1
}

/// The `$patch` of a map.
fn directive(entries: &[Entry]) -> Result<Option<Directive>, Box<Finding>> {
    let Some(entry) = entries.iter().find(|entry| &*entry.key.text == PATCH) else { return Ok(None) };
    match &entry.value.content {
        yaml::Content::Scalar { text, .. } if &**text == "delete" => Ok(Some(Directive::Delete)),
        yaml::Content::Scalar { text, .. } if &**text == "replace" => Ok(Some(Directive::Replace)),
        _ => Err(Box::new(wording::unknown_directive(entry))),
    }
}

/// `- $patch: replace` with nothing else: not an item but a word about the list.
fn is_replace_alone(item: &Node) -> bool {
    match &item.content {
        yaml::Content::Map(entries) => entries.len() == 1 && matches!(directive(entries), Ok(Some(Directive::Replace))),
        yaml::Content::Scalar { .. } | yaml::Content::List(_) => false,
    }
}
