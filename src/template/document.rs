//! The finished document of a template, as the text of its file: for another template that wants it as a text. A value
//! among text has no quotes, so that the text with values in it would be another document.

use std::sync::Arc;

use super::Maker;
use super::engine::Rendered;
use super::fill;
use super::skeleton::{self, Cache, Form};
use crate::artifact::{self, Target, is_document};
use crate::limits::Limits;
use crate::source::FileId;
use crate::value::Value;
use crate::yaml::{emit, stream};

/// A template that makes a document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    path: Arc<str>,
    file: FileId,
    target: Option<Target>,
}

impl Document {
    /// `None` for a template that makes a text.
    pub(super) fn of(maker: &Maker) -> Option<Self> {
        let Maker { name, file, front, .. } = maker;
        let path = match &front.output {
            Some(line) => &line.text,
            None => name.strip_suffix(".j2").unwrap_or(name),
        };
        is_document(path).then(|| Self { path: path.into(), file: *file, target: front.target })
    }

    /// The text of its file in the tree, without the line that says what made it, and how many values it holds. `None` if
    /// something is wrong with it.
    pub(super) fn text(&self, rendered: &Rendered, cache: &Cache, limits: &Limits) -> Option<(String, usize)> {
        let form = Form::of(&self.path);
        let text = &rendered.text;
        let mut stretches = if form == Form::Yaml { stream::split(text) } else { Vec::new() };
        if stretches.len() < 2 {
            stretches.clear();
            stretches.push(0..text.len());
        }
        let document = |stretch| self.document(rendered, &text[stretch], form, cache, limits);
        let documents = stretches.into_iter().map(document).collect::<Option<Vec<Value>>>()?;
        let nodes = documents.iter().map(|document| document.weight().0).sum();
        let text = match form {
            Form::Yaml => emit::documents("", &documents),
            Form::Json => documents.iter().map(emit::json).collect(),
        };
        Some((text, nodes))
    }

    fn document(&self, rendered: &Rendered, text: &str, form: Form, cache: &Cache, limits: &Limits) -> Option<Value> {
        let skeleton = cache.get(text, form, self.file, limits).ok()?;
        if skeleton::tight_colon(&skeleton, text, self.file).is_some() {
            return None;
        }
        let mut value = fill::fill(skeleton, rendered, cache, self.file, limits).ok()?;
        artifact::order_document(self.target, &self.path, &mut value);
        (value != Value::Null).then_some(value)
    }
}
