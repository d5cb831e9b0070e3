//! [`Before`]: the tree that stood before, read so that each of its values knows its line.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::{Artifact, Body, File};
use crate::check::view::Place;
use crate::check::{Acknowledgements, Declared, Draft, Severities};
use crate::disk::Disk;
use crate::environment::load::Environment;
use crate::finding::codes::rules::SWITCHED_OFF;
use crate::finding::{Finding, Findings};
use crate::limits::Limits;
use crate::schema::Schema;
use crate::source::{Sources, Span};
use crate::template::Source;
use crate::template::others::{self, Documents, Kind};
use crate::yaml::Node;
use crate::yaml::path::Path;

/// What stood before, environment by environment.
pub trait Past: Sync {
    /// An environment's tree, as far as it is comparable with the files that are there now; none if there was no tree.
    fn tree(&self, environment: &str, now: &[File]) -> Option<Standing>;

    /// The lines by which what stood in the tree before is there no more, for each of these places, as far as they are known.
    fn taken_away(&self, environment: &Environment, standing: &Standing, stood: &[Stood]) -> Vec<Vec<Span>>;

    /// Shows the project as it was when it made the tree; nothing where that is not known.
    fn then(&self, environment: &Environment, standing: &Standing, look: &mut dyn FnMut(Option<&dyn Then>));

    /// Which environments were judged against nothing, though there may have been something. Asked for at the end.
    fn unknown(&self) -> Findings;

    /// Whether an environment was judged against its own tree, or there is no tree of any: that does not depend on other
    /// environments.
    fn is_by_itself(&self, environment: &str) -> bool;

    /// What was looked for and not found, if there was nothing to judge an environment against.
    fn missing(&self, environment: &str) -> Option<String>;

    /// Takes what an earlier run has not found for an environment that is not judged again.
    fn recall_missing(&self, environment: &str, what: &str);

    /// Whether every tree that was asked for could be read, and was there where it has to be.
    fn is_complete(&self) -> bool;

    /// What the project was judged by, if that is known.
    fn former(&self) -> Option<Former<'_>>;

    /// What an environment acknowledged, once its tree was asked for.
    fn acknowledged(&self, environment: &str) -> Acknowledgements;

    /// The same of what was said to be made by other tools.
    fn declared(&self, environment: &str) -> Declared;

    /// Takes what that refuses in an environment, and what it is judged by now does not.
    fn refused(&self, environment: &str, findings: Vec<Finding>);
}

/// The project as it was when it made the tree before.
pub trait Then {
    /// Whether it made this file of the tree.
    fn knows(&self, file: &Utf8Path) -> bool;

    /// Whether a value of the environment was another one, or none.
    fn is_other(&self, source: &Source) -> bool;

    /// Whether the file of a place had another text.
    fn is_edited(&self, place: Span) -> bool;

    /// The line that was edited by which a place of a template says something else, if that is known.
    fn leads(&self, place: Span) -> Option<Span>;

    /// Where a value of the environment became another one: of a list, what came into it.
    fn span(&self, source: &Source) -> Span;
}

/// What a project was judged by before: its schemas and its own rules.
#[derive(Clone, Copy)]
pub struct Former<'a> {
    /// As it was asked for.
    pub revision: &'a str,
    pub disk: &'a dyn Disk,
    /// The file of the environments' schema.
    pub path: &'a Utf8Path,
    pub schema: &'a Schema,
    /// The folder of its own rules.
    pub rules: &'a Utf8Path,
    /// How severe its rules were to be.
    pub severities: &'a Severities,
    /// Patterns of the paths whose files were material.
    pub material: &'a [Arc<str>],
}

impl Former<'_> {
    /// What to do about what it refuses.
    pub const HELP: &'static str =
        "is it meant? then let somebody who answers for it agree, and merge it: from then on nothing is said of it";

    /// What a rule of then says, and none of now, or less severely.
    pub fn unsaid(&self, draft: Draft) -> Draft {
        let who = format!("the rule `{}`", draft.rule.id);
        self.said_by(draft, &who)
    }

    /// What somebody of then says, and nobody of now.
    pub fn said_by(&self, mut draft: Draft, who: &str) -> Draft {
        draft.message = self.says(&draft.message, who);
        draft.rule = &SWITCHED_OFF;
        draft.label("what judges it now lets it pass");
        draft.help(Self::HELP);
        draft.related.clear();
        draft
    }

    /// What somebody of then says, and who it is.
    pub fn says(&self, message: &str, who: &str) -> String {
        format!("{message}, says {who} of `{}`", self.revision)
    }
}

/// A tree as it stands somewhere.
#[derive(Debug)]
pub struct Standing {
    /// The folder, or what else it is called: `golden/prod`.
    pub label: String,
    pub files: BTreeMap<Utf8PathBuf, Vec<u8>>,
}

/// A place of a tree as it stood.
#[derive(Clone, Debug)]
pub struct Stood {
    /// Within the tree.
    pub file: Utf8PathBuf,
    /// Which of the file's documents, from 0.
    pub document: usize,
    pub path: Path,
}

/// A tree that is not what there is now.
#[derive(Debug)]
pub struct Before {
    artifacts: Vec<Artifact>,
    /// What the documents of each artifact were read from.
    nodes: Vec<Vec<Node>>,
    /// How many artifacts are of the tree itself: what charts made of it follows.
    own: usize,
}

impl Before {
    /// Reads a tree; none if all its files are what they are now. A file that cannot be read as what it is says nothing.
    pub fn read(standing: &Standing, now: &[File], sources: &Sources, limits: &Limits) -> Option<Self> {
        let Standing { label, files } = standing;
        let is_same = |file: &File| files.get(&file.path).is_some_and(|bytes| **bytes == *file.bytes);
        if now.len() == files.len() && now.iter().all(is_same) {
            return None;
        }
        let mut before = Self { artifacts: Vec::new(), nodes: Vec::new(), own: 0 };
        for (path, bytes) in files {
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            let file = sources.add(Utf8Path::new(label).join(path), text);
            // Of what is found in it none is news: `golden --check` shows the whole file.
            let (nodes, body) = if let Some(kind) = Kind::of(path) {
                let Documents { nodes, values, unread } = others::documents(text, kind, file, limits);
                // A file that cannot be read as what its name says, as the template of a chart, is a text.
                if values.is_empty() && !unread.is_empty() {
                    (Vec::new(), Body::Text(text.to_owned()))
                } else {
                    (nodes, Body::Documents(values))
                }
            } else {
                (Vec::new(), Body::Text(text.to_owned()))
            };
            let place = Span::file_start(file);
            let template = path.as_str().into();
            before.artifacts.push(Artifact { path: path.clone(), template, place, target: None, body });
            before.nodes.push(nodes);
        }
        before.own = before.artifacts.len();
        Some(before)
    }

    /// With what charts made of it.
    #[must_use]
    pub(in crate::check) fn and(mut self, made: Vec<Artifact>) -> Self {
        self.artifacts.extend(made);
        self
    }

    /// Without it.
    #[must_use]
    pub(in crate::check) fn alone(mut self) -> Self {
        self.artifacts.truncate(self.own);
        self
    }

    /// The positions of what charts made.
    pub(in crate::check) fn beyond(&self) -> BTreeSet<usize> {
        (self.own..self.artifacts.len()).collect()
    }

    pub fn artifacts(&self) -> &[Artifact] {
        &self.artifacts
    }

    /// A place in its file.
    pub(in crate::check) fn stood(&self, place: &Place) -> Option<Stood> {
        let file = self.artifacts.get(place.artifact)?.path.clone();
        Some(Stood { file, document: place.document, path: place.path.clone() })
    }

    /// Where a value is written.
    pub(super) fn span(&self, place: &Place) -> Span {
        let whole = self.artifacts.get(place.artifact).map(|artifact| artifact.place);
        let node = self.nodes.get(place.artifact).and_then(|nodes| nodes.get(place.document));
        let found = node.and_then(|node| node.find(&place.path));
        found.or(whole).expect("places are those of artifacts")
    }
}
