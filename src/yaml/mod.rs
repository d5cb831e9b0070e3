//! YAML in and out: [`read`] gives a tree in which every key and value knows its place, [`emit`] writes the one
//! canonical form that every reader takes the same way, [`scalar`] knows which readings a plain scalar has.

mod ambiguous;
mod build;
pub mod edit;
pub mod emit;
mod number;
pub mod path;
mod quick;
pub mod read;
pub mod scalar;
pub mod stream;
mod syntax;
pub mod types;

pub(crate) use syntax::has_odd_sign;

use std::sync::Arc;

use crate::finding::{Finding, Findings, codes};
use crate::source::Span;
use crate::value::Value;

use path::{Path, Step};

pub use build::MERGE;
pub use types::Types;

/// Which YAML is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// What layers, schemas and templates may hold.
    Own,
    /// What other readers take as well: tags of YAML's own stay at their values, merge keys are keys named `<<`. What they
    /// mean is not decided here.
    Others,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    /// Single or double quotes.
    Quoted,
    /// `|` or `>`.
    Block,
}

/// A value as it was written. What a plain scalar means is decided later, by the schema.
#[derive(Clone, Debug)]
pub struct Node {
    /// A scalar's own text; for a map or a list, from its first to its last character, without trailing blanks.
    pub span: Span,
    pub tag: Option<Tag>,
    pub content: Content,
}

impl Node {
    /// How many nodes there are, with all below. Depth is bounded by the reader.
    pub fn size(&self) -> usize {
        match &self.content {
            Content::Scalar { .. } => 1,
            Content::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Content::Map(entries) => 1 + entries.iter().map(|entry| entry.value.size()).sum::<usize>(),
        }
    }
}

#[derive(Clone, Debug)]
pub enum Content {
    /// The text after unescaping and folding; the empty value is an empty plain scalar.
    Scalar {
        text: Arc<str>,
        style: Style,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Key,
    pub value: Node,
}

/// Keys are strings, whatever they look like.
#[derive(Clone, Debug)]
pub struct Key {
    pub text: Arc<str>,
    pub span: Span,
    pub style: Style,
}

/// A tag as written: `!Ref`, `!GetAtt`. Core tags (`!!str`) are findings in the reader of the project's own files.
#[derive(Clone, Debug)]
pub struct Tag {
    pub text: Arc<str>,
    pub span: Span,
}

impl Node {
    /// The value where nothing is written: it reads as null.
    pub fn empty(span: Span) -> Self {
        Self { span, tag: None, content: Content::Scalar { text: "".into(), style: Style::Plain } }
    }

    /// The text of a scalar.
    pub fn scalar(&self) -> Option<&Arc<str>> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            Content::List(_) | Content::Map(_) => None,
        }
    }

    /// The value under a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value at a path, with its key if it has one; of what is not there, what is nearest to it.
    pub fn along(&self, path: &Path) -> (Option<&Key>, &Self) {
        let mut found = (None, self);
        for step in path.steps() {
            let next = match (step, &found.1.content) {
                (Step::Key(key), Content::Map(entries)) => {
                    entries.iter().find(|entry| entry.key.text == *key).map(|entry| (Some(&entry.key), &entry.value))
                }
                (Step::Index(index), Content::List(items)) => items.get(*index).map(|item| (None, item)),
                // A function of CloudFormation stands for the map of its long form.
                (Step::Key(_), _) if found.1.tag.is_some() => continue,
                _ => None,
            };
            let Some(next) = next else { break };
            found = next;
        }
        found
    }

    /// Where the value at a path is written: its key, if it has one, which is a line to look at even where the value is
    /// long; of what is not there, what is nearest to it.
    pub fn find(&self, path: &Path) -> Option<Span> {
        let mut at = self;
        let mut span = None;
        for step in path.steps() {
            match (step, &at.content) {
                (Step::Key(key), Content::Map(entries)) => {
                    let entry = entries.iter().find(|entry| entry.key.text == *key)?;
                    at = &entry.value;
                    span = Some(match &at.content {
                        Content::Scalar { .. } => entry.key.span.to(at.span),
                        Content::List(_) | Content::Map(_) => entry.key.span,
                    });
                }
                (Step::Index(index), Content::List(items)) => {
                    at = items.get(*index)?;
                    span = Some(at.span);
                }
                _ => return span,
            }
        }
        span
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|entry| &*entry.key.text == key),
            Content::Scalar { .. } | Content::List(_) => None,
        }
    }
}

impl Node {
    /// The value where no schema says what is wanted. `None` where readers would not agree on it, each such place with a
    /// finding; tags are findings too.
    pub fn to_value(&self, findings: &mut Findings) -> Option<Value> {
        if let Some(tag) = &self.tag {
            findings.push(tag.refused());
        }
        match &self.content {
            Content::Scalar { text, style } => match scalar::resolve(text, *style, Types::ANY) {
                Ok(scalar) => Some(scalar.into_value(text)),
                Err(misread) => {
                    findings.push(misread.finding(self.span));
                    None
                }
            },
            Content::List(items) => {
                let values: Vec<_> = items.iter().map(|item| item.to_value(findings)).collect();
                values.into_iter().collect::<Option<_>>().map(Value::List)
            }
            Content::Map(entries) => {
                let values = entries.iter().map(|entry| (Arc::clone(&entry.key.text), entry.value.to_value(findings)));
                let values: Vec<_> = values.collect();
                values.into_iter().map(|(key, value)| Some((key, value?))).collect::<Option<_>>().map(Value::Map)
            }
        }
    }
}

impl Tag {
    /// What to say about a tag where none is understood.
    pub fn refused(&self) -> Finding {
        Finding::new(&codes::yaml::TAG, self.span, format!("the tag `{}` is not understood here", self.text))
            .label("this would change the type of the value")
            .help("remove it; the short tags of CloudFormation belong into templates")
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
