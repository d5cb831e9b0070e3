//! Files that templates take in as they lie there, with `file("nginx.conf")`, and templates whose text they take in, with
//! `text("_run.sh.j2")`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path};
use minijinja::value::{Object, Value};
use minijinja::{Error, State};

use super::context::{self, Scope, Session};
use super::document::Document;
use super::engine::{self, Limited};
use super::guard::Bounds;
use super::reader::Reader;
use super::refusal::Refusal;
use super::skeleton::Cache;
use super::slot;
use super::{conflict, copies};
use crate::disk::{Disk, EntryKind, text};
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};

/// What the functions `file` and `text` may be asked for, by the names that templates write out.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) texts: BTreeMap<String, Arc<str>>,
    /// The variables that each template reads, by itself and by what it takes in.
    pub(super) reads: BTreeMap<String, BTreeSet<String>>,
    /// Templates that make documents, by the names that `text` and `include` know them by.
    pub(super) documents: BTreeMap<Arc<str>, Document>,
    /// Templates that `text` is asked for whose names say that what they make is YAML or JSON, and that make no document.
    pub(super) readable: BTreeMap<String, FileId>,
    pub(super) skeletons: Arc<Cache>,
    pub(super) limits: Limits,
}

/// The global under which the engine keeps it; no template can spell it.
const FILES: &str = "\0files";

impl Object for Files {}

impl Files {
    pub(super) fn install(self: Arc<Self>, environment: &mut minijinja::Environment<'_>) {
        environment.add_global(FILES, Value::from_dyn_object(self));
    }
}

/// Reads a file below the folder of templates. `None` after a finding.
pub(super) fn read(
    disk: &dyn Disk,
    folder: &Utf8Path,
    name: &str,
    span: Span,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Option<Arc<str>> {
    let refuse = |message: String, help: String, findings: &mut Findings| {
        findings.push(Finding::new(&codes::template::INCLUDE, span, message).help(help));
        None
    };
    let path = Utf8Path::new(name);
    let is_below = !name.is_empty() && path.components().all(|part| matches!(part, Utf8Component::Normal(_)));
    if !is_below {
        let help = "name it by its path below the folder of templates".to_owned();
        return refuse(format!("`{name}` is not a path below the folder of templates"), help, findings);
    }
    if path.extension() == Some("j2") {
        let help = format!("`text(\"{name}\")` gives the text that it makes");
        return refuse(format!("`{name}` is a template, not a file to take in as it is"), help, findings);
    }
    let parent = folder.join(path.parent().unwrap_or(Utf8Path::new("")));
    let entries = disk.list(&parent).unwrap_or_default();
    let is_it = |entry: &&crate::disk::Entry| Some(&*entry.name) == path.file_name();
    match entries.iter().find(is_it).map(|entry| entry.kind) {
        Some(EntryKind::File | EntryKind::Link) => {}
        Some(EntryKind::Folder | EntryKind::Special) => {
            let help = "name a file".to_owned();
            return refuse(format!("`{name}` is not a file"), help, findings);
        }
        None => {
            let known = entries.iter().filter(|entry| entry.kind == EntryKind::File);
            let help = did_you_mean(path.file_name().unwrap_or_default(), known.map(|entry| &*entry.name));
            let help = help.unwrap_or_else(|| "name it by its path below the folder of templates".to_owned());
            return refuse(format!("there is no file `{name}` below the folder of templates"), help, findings);
        }
    }
    let mut own = Findings::default();
    let file = text::load(disk, &folder.join(path), limits.file_bytes, sources, &mut own);
    // It is taken as it is, so its mark is a part of it, and its line ends are as they should be.
    let is_marked = own.iter().any(|finding| finding.rule.id == codes::project::BYTE_ORDER_MARK.id);
    let kept = [codes::project::BYTE_ORDER_MARK.id, codes::project::LINE_ENDS.id];
    own.retain_mut(|finding| !kept.contains(&finding.rule.id));
    findings.append(own);
    let source = sources.get(file?);
    if let Some(mark) = conflict::mark(source.text()) {
        findings.push(copies::unresolved(&folder.join(path), file?, &mark));
    }
    let mark = if is_marked { "\u{feff}" } else { "" };
    slot::is_clean(source.text(), file?, findings).then(|| format!("{mark}{}", source.text()).into())
}

/// The text of a file.
pub(super) fn file(state: &State, name: &str) -> Option<Arc<str>> {
    with_files(state, |files| files.texts.get(name).cloned())
}

fn with_files<T>(state: &State, ask: impl FnOnce(&Files) -> Option<T>) -> Option<T> {
    let files = state.lookup(FILES)?;
    ask(files.downcast_object_ref::<Files>()?)
}

/// The text that a template makes where it is asked for it, with all its values in it.
///
/// # Errors
/// Of the template; the work that it does counts for the one that asks.
pub(super) fn text(state: &mut State, bounds: &Bounds, name: &str) -> Result<Arc<str>, Error> {
    let names = with_files(state, |files| files.reads.get(name).cloned()).unwrap_or_default();
    let values = names.iter().filter_map(|name| Some((name.as_str().into(), state.lookup(name)?)));
    let session = context::session(state);
    session.check_steps(bounds.fuel)?;
    let scope = Scope::new(values.collect(), Arc::clone(&session));
    let mut out = Limited::new(bounds.artifact);
    let template = state.env().get_template(name)?;
    let mut captured = template.render_captured_to(Value::from_object(scope), &mut out)?;
    let printed = out.text();
    let (text, steps, spent) = captured.with_state_mut(|inner| {
        if let Some(identities) = session.identities().filter(|it| it.tells_scalars()) {
            identities.note_made_of(&slot::lineage_in(inner, &printed));
        }
        let text = match document(inner, name) {
            Some(document) => finished(inner, bounds, name, &document, printed, Arc::clone(&session)).map(Into::into),
            None => slot::resolved(inner, bounds, &printed).map(|text| {
                let text: Arc<str> = text.into();
                match with_files(inner, |files| files.readable.get(name).copied()) {
                    Some(file) => note_misread(inner, bounds, name, file, &printed, &text, &session),
                    None => session.given.note(&text, &printed, slot::slots(inner)),
                }
                text
            }),
        };
        (text, inner.fuel_levels().map_or(0, |(consumed, _)| consumed), bounds.spent(inner))
    });
    session.add_steps(steps);
    bounds.spend_bytes(state, spent.0)?;
    bounds.spend_nodes(state, spent.1)?;
    Ok(text?)
}

/// Keeps in mind which values of a text who reads it takes for something else, as its name says that it is YAML or JSON.
fn note_misread(
    state: &mut State,
    bounds: &Bounds,
    name: &str,
    file: FileId,
    printed: &str,
    text: &str,
    session: &Session,
) {
    let Ok(slotted) = slot::slotted(state, bounds, printed) else { return };
    let values = std::mem::take(&mut slot::slots(state).printed);
    let misread = with_files(state, |files| {
        let reader = Reader { values: &values, cache: &files.skeletons, file, limits: &files.limits };
        Some(reader.misread(text, &slotted))
    });
    let slots = slot::slots(state);
    slots.printed = values;
    for slot in misread.unwrap_or_default() {
        session.misreads(name, slots.prints.iter().find(|print| print.slot == slot));
    }
}

/// Whether a template makes a document.
pub(super) fn is_document(state: &State, name: &str) -> bool {
    with_files(state, |files| files.documents.contains_key(name).then_some(())).is_some()
}

fn document(state: &State, name: &str) -> Option<Document> {
    with_files(state, |files| files.documents.get(name).cloned())
}

/// The document that a template has printed, as its file in the tree has it.
fn finished(
    state: &mut State,
    bounds: &Bounds,
    name: &str,
    document: &Document,
    printed: String,
    session: Arc<Session>,
) -> Result<String, Refusal> {
    let rendered = engine::rendered(state, printed, session);
    let text = with_files(state, |files| document.text(&rendered, &files.skeletons, &files.limits));
    bounds.spend_bytes(state, rendered.text.len())?;
    let Some((text, nodes)) = text else {
        let message = format!("the document that `{name}` makes is not right here");
        let refusal = Refusal::new(&codes::template::INCLUDE, message);
        return Err(
            refusal.help("what is wrong with it is said of its own file; names that are set here are seen there")
        );
    };
    bounds.spend_nodes(state, nodes)?;
    Ok(text)
}
