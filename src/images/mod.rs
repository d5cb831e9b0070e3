//! The images that a tree runs: in the pods of its objects, in the fields of others that are known for it, and in the values
//! of charts. What only a chart's defaults complete is said to be the chart's, and not looked up.

mod delivered;
mod fields;
mod kustomized;
pub mod name;
mod objects;
mod over;
mod values;

use std::ops::Range;

use crate::check::{Node, Place, View};
pub use delivered::{Delivered, Form};
use name::Name;

/// An image as a place of the tree names it.
#[derive(Clone, Debug)]
pub struct Image {
    pub registry: Part,
    pub repository: Part,
    pub tag: Part,
    pub digest: Part,
    /// Where the tree says it.
    pub place: Place,
    /// What runs it: an object, or a release of a chart.
    pub subject: String,
    /// What reaches the cluster may be another one: something patches it, or sets values elsewhere.
    pub may_change: bool,
}

/// A part of an image's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// There is none.
    #[default]
    None,
    /// As it stands somewhere in the tree.
    Set { text: String, at: Place, range: Option<Range<usize>> },
    /// What the container runtime takes where nothing is said.
    Implied(&'static str),
    /// The chart completes it.
    OfChart,
}

/// Where a name says no registry.
const DOCKER: &str = "docker.io";

/// What the container runtime takes for the same.
const INDEX: &str = "index.docker.io";

/// All images of a tree, in the order of its files.
pub fn of(view: &View<'_>) -> Vec<Image> {
    let mut images = objects::of(view);
    images.extend(values::of(view));
    images.sort_by(|a, b| a.place.cmp(&b.place));
    images.dedup_by(|a, b| a.place == b.place && a.parts() == b.parts() && a.subject == b.subject);
    images
}

impl Image {
    /// Registry, repository, tag and digest.
    pub fn parts(&self) -> [&Part; 4] {
        [&self.registry, &self.repository, &self.tag, &self.digest]
    }

    /// What a text names; a text that is no name stands for the repository as it is.
    fn named(node: &Node<'_>, text: &str) -> Self {
        let part = |range: Option<Range<usize>>| match range {
            Some(range) => Part::Set { text: text[range.clone()].to_owned(), at: node.place(), range: Some(range) },
            None => Part::None,
        };
        let whole = || Part::Set { text: text.to_owned(), at: node.place(), range: None };
        let (registry, repository, tag, digest) = match Name::read(text) {
            Some(name) => {
                let registry = part(name.registry);
                (registry, part(Some(name.repository)), part(name.tag), part(name.digest))
            }
            None => (Part::None, whole(), Part::None, Part::None),
        };
        Self { registry, repository, tag, digest, place: node.place(), subject: String::new(), may_change: false }
    }

    /// As the container runtime reads the name: what says no registry is on Docker Hub, and one word there in its
    /// library.
    fn pulled(mut self) -> Self {
        let Part::Set { text, .. } = &mut self.repository else { return self };
        if Name::read(text).is_none() {
            return self;
        }
        match &mut self.registry {
            Part::None => self.registry = Part::Implied(DOCKER),
            Part::Set { text: registry, .. } if registry == DOCKER || registry == INDEX => {
                DOCKER.clone_into(registry);
            }
            _ => return self,
        }
        if !text.contains('/') {
            text.insert_str(0, "library/");
        }
        self
    }
}

impl Part {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Set { text, .. } => Some(text),
            Self::Implied(text) => Some(text),
            Self::None | Self::OfChart => None,
        }
    }

    /// The text of a node, if it is one and not empty.
    fn at(node: Option<Node<'_>>) -> Option<Self> {
        let node = node?;
        let text = match node.value {
            crate::value::Value::Number(number) => number.to_string(),
            _ => node.text()?.to_owned(),
        };
        (!text.is_empty()).then(|| Self::Set { text, at: node.place(), range: None })
    }
}
