//! `--set path=value`: a last layer from the command line.

use std::sync::Arc;

use camino::Utf8Path;
use indexmap::IndexMap;

use super::acknowledge::ACKNOWLEDGE;
use super::layer::{EXTENDS, Layer, PLATC};
use super::merge::Merge;
use super::patch::{Collection, Identity, Keys, Patch};
use super::place::Place;
use super::read::{self, PATCH};
use super::shape::{ListMerge, Shape, Toll};
use super::{Origin, wording};
use crate::disk::Disk;
use crate::finding::Findings;
use crate::limits::Limits;
use crate::project::outside::OUTSIDE;
use crate::source::{FileId, Sources, Span};
use crate::yaml;
use crate::yaml::path::{Path, Step};

/// The name under which findings show an argument.
pub const SOURCE: &str = "--set";

/// The arguments as one patch, each laid over those before it. `None` if there are none or one is wrong, which is told.
pub fn patch(
    arguments: &[String],
    shape: impl Shape,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Option<Patch> {
    let mut all: Option<Patch> = None;
    let mut complete = true;
    for argument in arguments {
        match one(argument, shape, sources, limits, findings) {
            Some(patch) => {
                all = Some(over(all, patch, findings));
            }
            None => complete = false,
        }
    }
    all.filter(|_| complete)
}

/// A patch laid over those before it, if there are some.
fn over(lower: Option<Patch>, patch: Patch, findings: &mut Findings) -> Patch {
    match lower {
        Some(lower) => Merge::new(findings).then(&lower, &patch, &Place::ROOT),
        None => patch,
    }
}

/// A file to be laid over what an environment says: `--with`.
#[derive(Clone, Copy)]
pub struct Overlay<'a> {
    pub disk: &'a dyn Disk,
    pub path: &'a Utf8Path,
}

/// Files and arguments as one patch, arguments over files. `None` if there are none or one is wrong, which is told.
pub fn laid(
    overlays: &[Overlay<'_>],
    arguments: &[String],
    shape: impl Shape,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Option<Patch> {
    let mut all: Option<Patch> = None;
    let mut complete = true;
    let mut patches: Vec<Patch> = Vec::new();
    for Overlay { disk, path } in overlays {
        let Ok(layer) = Layer::read(path, shape, *disk, sources, limits) else {
            complete = false;
            continue;
        };
        complete &= layer.complete && !layer.findings.has_errors();
        findings.extend(layer.findings.iter().cloned());
        if let Some(extends) = layer.extends.first() {
            let finding = wording::bad_set(extends.span, "a file of `--with` extends nothing");
            findings.push(finding.help("name the other file with `--with`, too"));
            complete = false;
        }
        patches.push(layer.patch);
    }
    if !arguments.is_empty() {
        let set = patch(arguments, shape, sources, limits, findings);
        complete &= set.is_some();
        patches.extend(set);
    }
    for patch in patches {
        all = Some(over(all, patch, findings));
    }
    all.filter(|_| complete)
}

/// How paths are written that are more than words with points between them.
const PATHS: &str =
    "an item is named by its keys, `pools[name=general].size`, a key with a point stands in quotes, `labels.\"a.b/c\"`";

fn one(
    argument: &str,
    shape: impl Shape,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Option<Patch> {
    let file = sources.add(SOURCE, argument);
    let whole = Span::new(file, 0, argument.len());
    let Some(equals) = end_of_path(argument) else {
        let finding = wording::bad_set(whole, "there is no `=` between path and value");
        findings.push(finding.help("write a path, `=` and the value, as in `cluster.nodes=3`"));
        return None;
    };
    let path: Path = match argument[..equals].parse() {
        Ok(path) => path,
        Err(yaml::path::PathError { at, expected }) => {
            let finding = wording::bad_set(Span::new(file, at, equals.max(at)), format!("expected {expected} here"));
            findings.push(finding.help(PATHS));
            return None;
        }
    };
    if path.steps().len() > limits.yaml_depth {
        let message = format!("the path has more than {} steps", limits.yaml_depth);
        findings.push(wording::bad_set(Span::new(file, 0, equals), message));
        return None;
    }
    let value = value(argument, equals, file, limits, findings)?;
    let setter = Setter { key: Span::new(file, 0, equals), value: &value, findings, sources, is_secret: false };
    setter.patch(path.steps(), shape, &Place::ROOT)
}

/// Where the path stops: at the first `=` that is neither in quotes nor in brackets.
fn end_of_path(argument: &str) -> Option<usize> {
    let (mut quote, mut escaped, mut brackets) = (None, false, 0_usize);
    for (at, char) in argument.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quote == Some('"') => escaped = true,
            char if quote == Some(char) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' => quote = Some(char),
            '[' => brackets += 1,
            ']' => brackets = brackets.saturating_sub(1),
            '=' if brackets == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// Reads the value as YAML, at its place in the argument.
fn value(argument: &str, equals: usize, file: FileId, limits: &Limits, findings: &mut Findings) -> Option<yaml::Node> {
    // Blanks keep its place; they are of no meaning before a value.
    let start = equals + 1;
    let text = format!("{}{}", " ".repeat(start), &argument[start..]);
    let node = yaml::read::read_text(&text, file, limits, findings)?;
    let read = node.span.end as usize;
    let rest = text.get(read..).unwrap_or_default();
    if let Some(at) = rest.find('#') {
        let comment = Span::new(file, read + at, argument.len());
        findings.push(wording::bad_set(comment, "this would be a comment: put the value in quotes"));
        return None;
    }
    // The head of a block of text, `|`, with no block behind it.
    let is_head = matches!(node.content, yaml::Content::Scalar { style: yaml::Style::Block, .. });
    if is_head && !argument[start..].contains('\n') {
        let head = Span::new(file, start, argument.len());
        findings.push(wording::bad_set(head, "this would begin a block of text: put the value in quotes"));
        return None;
    }
    Some(node)
}

struct Setter<'a> {
    /// The path, which is the key of all that it leads through.
    key: Span,
    value: &'a yaml::Node,
    findings: &'a mut Findings,
    sources: &'a Sources,
    /// The schema says so of what lies around the value.
    is_secret: bool,
}

impl Setter<'_> {
    fn patch(mut self, steps: &[Step], shape: impl Shape, at: &Place<'_>) -> Option<Patch> {
        self.descend(steps, shape, at)
    }

    fn descend(&mut self, steps: &[Step], shape: impl Shape, at: &Place<'_>) -> Option<Patch> {
        let Some((step, rest)) = steps.split_first() else {
            let beside = (&mut Toll::default(), &mut *self.findings, self.sources);
            return read::patch(self.value, Some(self.key), shape, at, self.is_secret, beside);
        };
        self.is_secret |= shape.is_secret();
        match step {
            Step::Key(key)
                if &**key == PATCH || (at.is_root() && [EXTENDS, ACKNOWLEDGE, OUTSIDE, PLATC].contains(&&**key)) =>
            {
                self.findings.push(wording::bad_set(self.key, format!("`{key}` cannot be set")));
                None
            }
            Step::Key(key) => {
                let patch = self.descend(rest, shape.property(key), &at.key(key))?;
                Some(self.around(None, IndexMap::from([(Arc::clone(key), patch)])))
            }
            Step::Item(named) => self.item(named, rest, shape, at),
            Step::Index(index) => {
                let message = format!("the item `{at}[{index}]` cannot be set alone");
                self.findings.push(wording::bad_set(self.key, message).help(
                    "set the whole list, or name the item by its keys if the schema gives the list some: `[name=general]`",
                ));
                None
            }
        }
    }

    fn item(
        &mut self,
        named: &[(Arc<str>, Arc<str>)],
        rest: &[Step],
        shape: impl Shape,
        at: &Place<'_>,
    ) -> Option<Patch> {
        let keys = match shape.list_merge() {
            ListMerge::ByKeys(keys) if named.iter().all(|(name, _)| keys.contains(name)) => keys,
            ListMerge::ByKeys(keys) => {
                let message = format!("items of `{at}` are told apart by `{}`", keys.join("`, `"));
                self.findings.push(wording::bad_set(self.key, message));
                return None;
            }
            ListMerge::Replace | ListMerge::Set => {
                let message = format!("the schema gives no keys to the items of `{at}`");
                self.findings.push(wording::bad_set(self.key, message).help("set the whole list"));
                return None;
            }
        };
        let mut entries = IndexMap::with_capacity(keys.len());
        let by = Keys::new(Arc::clone(&keys), shape.item());
        for key in keys.iter() {
            let Some((_, text)) = named.iter().find(|(name, _)| name == key) else {
                if !by.is_needed(key) {
                    continue;
                }
                self.findings.push(wording::bad_set(self.key, format!("items of `{at}` are told apart by `{key}`")));
                return None;
            };
            let shape = shape.item().property(key);
            entries.insert(Arc::clone(key), read::word(text, self.key, shape, self.findings));
        }
        let by = Identity::Keys(by);
        let item = self.around(None, entries);
        let name = by.name_of(&item).ok()?;
        let patch = self.descend(rest, shape.item(), &at.item(&name))?;
        let patch = match (item, patch) {
            (Patch::Collection(mut item), Patch::Collection(below)) if below.by.is_none() => {
                if let Some(key) = by.keys().iter().find(|key| below.entries.contains_key(*key)) {
                    let message = format!("`{key}` is what tells `{}` from the other items", at.item(&name));
                    let finding = wording::bad_set(self.key, message);
                    self.findings.push(finding.help("delete the item and set another one: `list[name=a]=null`"));
                    return None;
                }
                item.entries.extend(below.entries);
                Patch::Collection(item)
            }
            (_, patch @ Patch::Delete(_)) => patch,
            (_, Patch::Put(_) | Patch::Collection(_)) => {
                self.findings.push(wording::bad_set(self.key, format!("`{}` is a map", at.item(&name))));
                return None;
            }
        };
        Some(self.around(Some(by), IndexMap::from([(name, patch)])))
    }

    /// The map or the list around what is set.
    fn around(&self, by: Option<Identity>, entries: IndexMap<Arc<str>, Patch>) -> Patch {
        let origin = Origin { key: Some(self.key), value: self.value.span };
        Patch::Collection(Collection { origin, overrode: Vec::new(), any_kind: false, by, entries })
    }
}
