//! The template engine, made safe for templates that strangers wrote: see [`super::guard`] for what it may compute.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, State, UndefinedBehavior, Value};

use super::context::{Root, Session};
use super::files::Files;
use super::slot::{self, Mark, Marked, Print, Slot, Slots};
use super::{embed, functions, guard, watch};
use crate::limits::Limits;

/// All templates of a project.
#[derive(Debug)]
pub(super) struct Engine {
    environment: Environment<'static>,
    artifact_bytes: usize,
}

/// What one render printed: text with slots, and their values.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) slots: Vec<Slot>,
    /// Those of texts that tags printed.
    pub(super) embedded: BTreeSet<usize>,
    /// Those in the text of a document that a tag took in, by the template that makes it.
    pub(super) of_documents: BTreeMap<usize, Arc<str>>,
    /// Filled by a traced render only.
    pub(super) prints: Vec<Print>,
    pub(super) session: Arc<Session>,
}

/// How a template is cut into text and tags. What a tag takes with it is not the engine's to tell: see
/// [`super::whitespace`].
pub(super) fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder.trim_blocks(false).lstrip_blocks(false).keep_trailing_newline(true);
    builder.build().expect("the delimiters are the engine's own")
}

impl Engine {
    pub(super) fn new(limits: &Limits, files: &Arc<Files>) -> Self {
        // Without any filter, test or function but ours.
        let mut environment = Environment::empty();
        environment.set_syntax(syntax());
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(slot::print);
        // Any mode but none makes a capture a safe string, which is how the formatter knows it.
        environment.set_auto_escape_callback(|_| AutoEscape::Custom("yaml".into()));
        environment.set_fuel(Some(limits.template_fuel));
        environment.set_recursion_limit(limits.template_recursion);
        // Debug information would differ between builds, and copies the template into each error.
        environment.set_debug(false);
        guard::install(&mut environment, limits);
        embed::install(&mut environment, limits);
        Arc::clone(files).install(&mut environment);
        functions::install(&mut environment, limits);
        Self { environment, artifact_bytes: limits.artifact_bytes }
    }

    /// Gives the engine templates by their names; each is compiled when it is first wanted, by whichever thread wants it.
    pub(super) fn offer(&mut self, templates: BTreeMap<String, String>) {
        self.environment.set_loader(move |name| Ok(templates.get(name).cloned()));
    }

    /// Compiles a template.
    ///
    /// # Errors
    /// Of syntax.
    pub(super) fn add(&mut self, name: &str, source: String) -> Result<(), Error> {
        self.environment.add_template_owned(name.to_owned(), source)
    }

    /// The variables that a template reads from outside of it; none if there is no such template.
    pub(super) fn variables(&self, name: &str) -> HashSet<String> {
        self.environment.get_template(name).map(|template| template.undeclared_variables(false)).unwrap_or_default()
    }

    /// Adds what marked templates need: see [`super::trace`].
    pub(super) fn allow_marks(&mut self, limits: &Limits) {
        let mark = |mark: usize| Value::from_object(Marked::Mark(Mark::Place(mark)));
        self.environment.add_filter("__mark", mark);
        guard::install_traced(&mut self.environment, limits);
        functions::install_traced(&mut self.environment, limits);
        watch::install(&mut self.environment);
        self.environment.add_filter("__call", |state: &mut State, mark: usize| {
            slot::slots(state).session.enter(mark);
            true
        });
        self.environment.add_filter("__left_call", |state: &mut State, value: &Value| {
            slot::slots(state).session.leave();
            value.clone()
        });
        self.environment.set_fuel(self.environment.fuel().map(|fuel| fuel.saturating_mul(32)));
        self.artifact_bytes = self.artifact_bytes.saturating_mul(8);
    }

    /// Renders a template to text with slots.
    ///
    /// # Errors
    /// Of the template; the size of the text is one.
    pub(super) fn render(&self, name: &str, root: Root) -> Result<Rendered, Error> {
        let session = Arc::clone(root.session());
        let mut text = Limited::new(self.artifact_bytes);
        let template = self.environment.get_template(name)?;
        let mut captured = template.render_captured_to(Value::from_object(root), &mut text)?;
        let (slots, embedded, of_documents, prints) = captured.with_state_mut(|state| {
            session.burnt(state.fuel_levels().map_or(0, |(used, _)| used));
            let taken = |slots: &mut Slots| {
                let Slots { printed, embedded, of_documents, prints, .. } = slots;
                let (printed, prints) = (std::mem::take(printed), std::mem::take(prints));
                (printed, std::mem::take(embedded), std::mem::take(of_documents), prints)
            };
            state.get_extension_mut::<Slots>().map(taken).unwrap_or_default()
        });
        Ok(Rendered { text: text.text(), slots, embedded, of_documents, prints, session })
    }
}

/// What a render within another one has printed, as filling wants it.
pub(super) fn rendered(state: &mut State, text: String, session: Arc<Session>) -> Rendered {
    let slots = slot::slots(state);
    let (mut printed, embedded) = (std::mem::take(&mut slots.printed), std::mem::take(&mut slots.embedded));
    let of_documents = std::mem::take(&mut slots.of_documents);
    for slot in &mut printed {
        if let Slot::Captured(text) = slot
            && text.contains(slot::MARK_OPEN)
        {
            *text = slot::without_marks(text).into();
        }
    }
    let text = if text.contains(slot::MARK_OPEN) { slot::without_marks(&text) } else { text };
    Rendered { text, slots: printed, embedded, of_documents, prints: Vec::new(), session }
}

/// A buffer that refuses to grow past a limit.
pub(super) struct Limited {
    bytes: Vec<u8>,
    limit: usize,
}

impl Limited {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::with_capacity(4096), limit }
    }

    /// The engine writes whole strings; should that ever change, nothing is lost but a broken character.
    pub(super) fn text(self) -> String {
        String::from_utf8(self.bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
