//! Reading what a tool has rendered, as those read it who would apply it: folders or single files, YAML or JSON, several
//! documents in one.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::object::{Identity, Object, is_secret};
use crate::disk::{Disk, EntryKind, ReadError};
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};
use crate::template::others::{self, Kind};
use crate::value::Value;
use crate::yaml::Node;

/// Folders within each other that are looked into.
const DEPTH: usize = 16;

/// What one environment has.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    pub environment: Arc<str>,
    /// In the order in which they were written.
    pub objects: Vec<Object>,
    /// Objects that hold secrets, and were left out.
    pub secrets: Vec<Identity>,
    /// How many bytes were read.
    pub bytes: usize,
}

/// Reads the files of environments.
pub struct Reader<'a> {
    pub sources: &'a Sources,
    pub limits: &'a Limits,
    pub with_secrets: bool,
    pub findings: &'a mut Findings,
}

/// A file that could not be opened.
pub struct Unread {
    pub path: Utf8PathBuf,
    pub why: ReadError,
}

/// Something of somebody else's, and how it is called here.
#[derive(Clone, Copy)]
pub struct From<'a> {
    pub disk: &'a dyn Disk,
    pub shown: &'a Utf8Path,
}

impl Reader<'_> {
    /// All that lies at a path: a file, or the files of a folder in the order of their names.
    pub fn read(&mut self, environment: &Arc<str>, from: From<'_>, path: &Utf8Path) -> Result<Rendered, Unread> {
        let mut files = Vec::new();
        if from.disk.list(path).is_ok() {
            walk(from, path, 0, &mut files)?;
        } else {
            files.push(path.to_owned());
        }
        let mut rendered = Rendered { environment: Arc::clone(environment), ..Rendered::default() };
        let mut seen: BTreeMap<Identity, Span> = BTreeMap::new();
        let is_folder = files.first().is_some_and(|file| file != path);
        for file in files {
            let shown = if file.as_str().is_empty() { from.shown.to_owned() } else { from.shown.join(&file) };
            let bytes = from.disk.read(&file, self.limits.file_bytes);
            let bytes = bytes.map_err(|why| Unread { path: shown.clone(), why })?;
            let text = String::from_utf8_lossy(&bytes);
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            rendered.bytes += text.len();
            let id = self.sources.add(shown, text);
            let name = if is_folder { file } else { stem(&file) };
            self.file(&name, id, text, &mut rendered, &mut seen);
        }
        Ok(rendered)
    }

    fn file(
        &mut self,
        name: &Utf8Path,
        file: FileId,
        text: &str,
        rendered: &mut Rendered,
        seen: &mut BTreeMap<Identity, Span>,
    ) {
        let kind =
            Kind::of(name).unwrap_or(if text.trim_start().starts_with(['{', '[']) { Kind::Json } else { Kind::Yaml });
        let documents = others::documents(text, kind, file, self.limits);
        for finding in documents.unread.iter().flat_map(Findings::iter) {
            let message = format!("this cannot be adopted: {}", finding.message);
            let mut told = Finding::new(&codes::adopt::UNREADABLE, finding.primary.span, message);
            told.help = Some("mend what made it, or leave the document out".to_owned());
            self.findings.push(told);
        }
        let documents = documents.nodes.iter().zip(documents.values).enumerate();
        for (number, (node, value)) in documents.flat_map(|(at, (node, value))| of_list(at, node, value)) {
            let id = Identity::of(&value, name, number);
            if let Some(before) = seen.get(&id) {
                let message = format!("`{id}` is here twice in `{}`", rendered.environment);
                let finding = Finding::new(&codes::adopt::TWICE, node.span, message).label("the second");
                self.findings.push(finding.also(*before, "the first").help("render each object once"));
                continue;
            }
            seen.insert(id.clone(), Span { end: node.span.start, ..node.span });
            if is_secret(&value) && !self.with_secrets {
                rendered.secrets.push(id);
            } else {
                rendered.objects.push(Object { id, value, span: Span { end: node.span.start, ..node.span } });
            }
        }
    }
}

/// The objects of a document: those of a list, as `kubectl` and Jsonnet print them, or itself.
fn of_list(number: usize, node: &Node, value: Value) -> Vec<(usize, (&Node, Value))> {
    let is = |value: &Value, key: &str, wanted: &str| value.get(key).and_then(Value::as_str) == Some(wanted);
    let is_object = |value: &Value| ["apiVersion", "kind"].iter().all(|key| value.get(key).is_some());
    let is_list = is(&value, "kind", "List") && is(&value, "apiVersion", "v1");
    let items = match value {
        Value::Map(entries) if is_list => {
            let items = entries.into_iter().find(|(key, _)| &**key == "items").map(|(_, items)| items);
            if let Some(Value::List(items)) = items { items } else { Vec::new() }
        }
        Value::List(items) if !items.is_empty() && items.iter().all(is_object) => items,
        value => return vec![(number, (node, value))],
    };
    items.into_iter().map(|item| (number, (node, item))).collect()
}

/// The name of a file that was named by itself: environments have others for the same.
fn stem(file: &Utf8Path) -> Utf8PathBuf {
    Utf8PathBuf::from("all").with_extension(file.extension().unwrap_or("yaml"))
}

/// The files of a folder and of those in it, by their names.
fn walk(from: From<'_>, path: &Utf8Path, depth: usize, found: &mut Vec<Utf8PathBuf>) -> Result<(), Unread> {
    let entries = from.disk.list(path).map_err(|why| Unread { path: from.shown.join(path), why })?;
    for entry in entries {
        let below = path.join(&entry.name);
        match entry.kind {
            EntryKind::Folder if depth < DEPTH && !entry.name.starts_with('.') => walk(from, &below, depth + 1, found)?,
            EntryKind::File | EntryKind::Link if Kind::of(&below).is_some() && !is_tools_own(&below) => {
                found.push(below);
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a tool writes beside its output, for itself.
fn is_tools_own(path: &Utf8Path) -> bool {
    const OWN: [&str; 6] =
        ["manifest.json", "tree.json", "cdk.out", "kustomization.yaml", "kustomization.yml", "cdk-metadata.json"];
    path.file_name().is_some_and(|name| OWN.contains(&name) || name.ends_with(".assets.json"))
}
