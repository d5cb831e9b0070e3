//! Templates: environments in, artifacts out, by way of *prepared templates*. The engine prints each `{{ … }}` as a
//! numbered [slot]; the text around the slots is parsed as YAML once ([skeleton]), and the values are put into the
//! parsed tree ([fill]). Values never pass through a YAML parser, so that none can break or change what is around it.

mod check;
mod commented;
mod conflict;
mod context;
mod convert;
mod copies;
mod document;
mod embed;
mod engine;
mod files;
mod fill;
mod flow;
mod front_matter;
pub mod functions;
mod given;
mod guard;
mod guarded;
mod identity;
mod intrinsic;
mod kinds;
mod layout;
mod lineage;
mod list;
mod load;
mod lost;
mod map;
mod merge;
mod misfit;
pub mod others;
mod place;
mod reader;
mod refusal;
mod render;
mod report;
mod settings;
mod skeleton;
mod slot;
mod supplied;
mod tags;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tokens;
mod told;
mod trace;
mod watch;
mod whitespace;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::account::{Account, Cost};
use crate::artifact::is_document;
use crate::environment::Tree;
use crate::environment::reads::Reads;
use crate::finding::Finding;
use crate::source::{FileId, Span};

/// What is said of a name that is a function's where a setting of that name is meant.
const ONLY_A_FUNCTION: &str = "no setting of this name, only a function";

/// Whether a finding is about a setting that is not there and has the name of a function. Who reads it finds the function, so
/// that it is not among what was looked for in vain.
pub fn lacks_setting(finding: &Finding) -> bool {
    finding.primary.text == ONLY_A_FUNCTION
}

pub use copies::{By, Copy, Taken, read as read_copy};
pub use identity::Source;
pub use list::{Listed, list};
pub use load::{Read, read, taken};
pub use map::{Absent, ArtifactMap, Kind, Origins, Piece, Reason, Said, TextMap, Whole, Why};
pub use slot::has_reserved;
pub use tags::{Tag, tags};

/// All templates of a project. Shared between threads and environments.
#[derive(Debug)]
pub struct Templates {
    all: Vec<Template>,
    /// None is broken.
    are_all: bool,
    /// One that is broken could make what changes other files on their way.
    lost_transforms: bool,
    /// The paths of what those that are broken make, if all of it are texts.
    lost_texts: Option<Vec<Utf8PathBuf>>,
}

/// What all templates share.
#[derive(Debug)]
struct Shared {
    engine: engine::Engine,
    /// What the engine runs, by the names it knows.
    texts: BTreeMap<String, load::Text>,
    /// What templates take in as it lies there.
    files: Arc<files::Files>,
    /// What is copied as it lies there.
    copies: copies::Copies,
    /// Whether something is printed where another tool may be meant.
    has_doubts: bool,
    /// Whether any has signs that are letters to YAML and look like blanks or quotes.
    has_odd_signs: bool,
    skeletons: Arc<skeleton::Cache>,
    /// With marks, of what somebody asked where it comes from.
    marked: trace::Cache,
}

impl Shared {
    /// What a template, or what it takes in, prints where another tool may be meant, and binds nowhere itself.
    fn doubts<'a>(&'a self, template: &str, bound: impl Iterator<Item = &'a Arc<str>>) -> Vec<Finding> {
        if !self.has_doubts {
            return Vec::new();
        }
        let (mut names, mut waiting) = (BTreeSet::from([template]), vec![template]);
        let mut texts = Vec::new();
        while let Some(name) = waiting.pop() {
            let Some(text) = self.texts.get(name) else { continue };
            let taken = text.checked.takes_in.iter().map(|(name, _)| name).chain(&text.checked.texts);
            waiting.extend(taken.map(String::as_str).filter(|name| names.insert(name)));
            texts.push(text);
        }
        // What is taken in sees the names of who takes it, and not the other way round.
        let bound: BTreeSet<&str> = bound.map(|name| &**name).collect();
        let whole = texts.first().map(|text| &text.checked.names);
        let is_free = |own: &load::Text, name: &str| {
            let is_bound = own.checked.names.contains(name) || whole.is_some_and(|names| names.contains(name));
            !is_bound && !bound.contains(name)
        };
        let doubts = texts.iter().flat_map(|text| text.checked.doubts.iter().map(move |doubt| (*text, doubt)));
        doubts.filter(|(text, doubt)| is_free(text, &doubt.name)).map(|(_, doubt)| doubt.finding.clone()).collect()
    }
}

/// One template that makes artifacts.
#[derive(Debug)]
pub struct Template {
    shared: Arc<Shared>,
    /// Below the folder of templates: the name that `include` knows it by.
    name: Arc<str>,
    /// Relative to the project.
    path: Arc<str>,
    file: FileId,
    front: front_matter::FrontMatter,
    /// It copies files as they are, and renders nothing.
    copies: bool,
}

impl Template {
    /// Whether what it makes could be what changes other files on their way: told by the word in its own text, and in all
    /// that templates take in.
    pub fn may_transform(&self) -> bool {
        let is_part = |name: &str| name.rsplit('/').next().is_some_and(|name| name.starts_with('_'));
        let own = |name: &str| name == &*self.name || name.split('#').next() == Some(&*self.name);
        let mut texts = self.shared.texts.iter().filter(|(name, _)| own(name) || is_part(name));
        self.name.contains(TRANSFORMER) || texts.any(|(_, text)| names_transformer(&text.written))
    }

    /// The path of what it makes, if that is a text by its own name, whatever its values are.
    pub fn text_path(&self) -> Option<Utf8PathBuf> {
        let makes_own = self.front.output.is_none() && !self.copies;
        makes_own.then(|| text_path(&self.name)).flatten()
    }
}

/// The path of what a template makes that names no other, if that is a text.
fn text_path(name: &str) -> Option<Utf8PathBuf> {
    let path = name.strip_suffix(".j2")?;
    (!is_document(path)).then(|| path.into())
}

/// What changes other files on their way is told by this word.
const TRANSFORMER: &str = "kustomiz";

fn names_transformer(text: &str) -> bool {
    text.to_ascii_lowercase().contains(TRANSFORMER)
}

/// A template that makes artifacts, before all are one whole.
struct Maker {
    name: Arc<str>,
    path: Arc<str>,
    file: FileId,
    front: front_matter::FrontMatter,
    /// It copies files as they are, and renders nothing.
    copies: bool,
}

/// What a template is rendered with.
#[derive(Clone, Copy, Debug)]
pub struct EnvironmentInput<'a> {
    /// The environment's name, as `platc.environment`.
    pub name: &'a str,
    pub root: &'a Arc<Tree>,
    /// Where to note what is read of it.
    pub reads: Option<&'a Arc<Reads>>,
    /// Who pays.
    pub account: &'a Account,
}

impl Templates {
    /// In the order of their paths.
    pub fn iter(&self) -> std::slice::Iter<'_, Template> {
        self.all.iter()
    }

    /// Whether there are no others, which are broken.
    pub fn are_all(&self) -> bool {
        self.are_all
    }

    /// Whether one of those that are broken could make what changes other files on their way.
    pub fn have_lost_transforms(&self) -> bool {
        self.lost_transforms
    }

    /// The paths of what those that are broken make, if all of it are texts: no document is missing then.
    pub fn lost_texts(&self) -> Option<&[Utf8PathBuf]> {
        self.lost_texts.as_deref()
    }

    /// Every name and every text in the templates' expressions: what they could ask an environment for.
    pub fn mentioned(&self) -> BTreeSet<String> {
        let texts = self.all.first().map(|template| &template.shared.texts);
        texts.into_iter().flat_map(BTreeMap::values).flat_map(|text| check::words(&text.written)).collect()
    }

    /// Whether one of them, or a file that they take in, holds this text.
    pub fn write(&self, text: &str) -> bool {
        self.all.first().is_some_and(|template| {
            let Shared { texts, files, .. } = &*template.shared;
            texts.values().any(|it| it.written.contains(text)) || files.texts.values().any(|it| it.contains(text))
        })
    }

    /// What it cost to read them: texts, and what the engine makes of each letter.
    pub fn cost(&self) -> Cost {
        let texts = self.all.first().into_iter().flat_map(|template| template.shared.texts.values());
        let bytes = texts.map(|text| text.written.len() as u64).sum();
        let copied = self.all.first().into_iter().flat_map(|template| template.shared.copies.values());
        let copied = copied.map(|copied| copied.weight()).map(|(nodes, bytes)| Cost::nodes(nodes, bytes));
        copied.fold(Cost { steps: 2, bytes: 40 }.times(bytes), Cost::plus)
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl<'a> IntoIterator for &'a Templates {
    type Item = &'a Template;
    type IntoIter = std::slice::Iter<'a, Template>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Template {
    /// Where it begins.
    pub fn span(&self) -> Span {
        Span::file_start(self.file)
    }

    /// Relative to the project.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }
}
