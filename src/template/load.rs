//! Loading: from the folder of templates to [`Templates`].

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::engine::Engine;
use super::front_matter::{self, Line};
use super::slot;
use super::{Shared, Template, Templates, skeleton};
use crate::disk::{Disk, EntryKind, ReadError, text};
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};

impl Templates {
    /// Loads and compiles all templates below a folder: every file named `*.j2` can be included, those whose name does
    /// not begin with `_` make artifacts.
    ///
    /// `None`, with findings, if any of them is broken.
    pub fn load(
        disk: &dyn Disk,
        folder: &Utf8Path,
        sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut own = Findings::default();
        let mut engine = Engine::new(limits);
        let mut loaded = Vec::new();
        for path in list(disk, folder, sources, limits, &mut own) {
            let Some(file) = text::load(disk, &path, limits.template_bytes, sources, &mut own) else { continue };
            let name = path.strip_prefix(folder).unwrap_or(&path).as_str();
            let source = sources.get(file);
            if !is_clean(source.text(), file, &mut own) {
                continue;
            }
            if let Err(error) = engine.add(name, source.text().to_string()) {
                own.push(Finding::new(&codes::template::SYNTAX, Span::file_start(file), error.to_string()));
            }
            if path.file_name().is_some_and(|name| !name.starts_with('_')) {
                let front = front_matter::read(&source, file, limits, &mut own);
                loaded.push((Arc::<str>::from(name), Arc::<str>::from(path.as_str()), file, front));
            }
        }
        for (name, _, _, front) in &loaded {
            let mut add = |part: &str, line: Option<&Line>, source: String| {
                let Some(line) = line else { return };
                if let Err(error) = engine.add(&format!("{name}#{part}"), source) {
                    own.push(Finding::new(&codes::template::SYNTAX, line.span, error.to_string()));
                }
            };
            let expression =
                |line: Option<&Line>| line.map(|line| format!("{{{{ {} }}}}", line.text)).unwrap_or_default();
            let for_each = front.for_each.as_ref().map(|for_each| &for_each.expression);
            add("when", front.when.as_ref(), expression(front.when.as_ref()));
            add("for_each", for_each, expression(for_each));
            let output = front.output.as_ref();
            add("output", output, output.map(|line| line.text.to_string()).unwrap_or_default());
        }
        let broken = own.has_errors();
        findings.append(own);
        if broken {
            return None;
        }
        let shared = Arc::new(Shared { engine, skeletons: skeleton::Cache::default() });
        let template = |(name, path, file, front)| Template { shared: Arc::clone(&shared), name, path, file, front };
        Some(Self { templates: loaded.into_iter().map(template).collect(), shared })
    }
}

/// Whether a text is free of the characters that mean a slot.
fn is_clean(text: &str, file: FileId, findings: &mut Findings) -> bool {
    let Some(at) = text.find(slot::is_reserved).filter(|_| slot::has_reserved(text)) else { return true };
    let char = text[at..].chars().next().unwrap_or_default();
    let message = format!("the character U+{:04X}, which platc keeps for itself", u32::from(char));
    findings.push(Finding::new(&codes::template::RESERVED, Span::new(file, at, at + char.len_utf8()), message));
    false
}

/// All `*.j2` files below a folder, sorted by path.
fn list(
    disk: &dyn Disk,
    folder: &Utf8Path,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match disk.list(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                let file = sources.add(folder.as_path(), "");
                findings.push(text::unreadable(&folder, &error, Span::file_start(file)));
                continue;
            }
        };
        for entry in entries {
            let path = folder.join(&entry.name);
            match entry.kind {
                EntryKind::Folder => folders.push(path),
                _ if path.extension() == Some("j2") => found.push(path),
                _ => {}
            }
            if found.len() + folders.len() > limits.project_files {
                let file = sources.add(folder.as_path(), "");
                let error = ReadError::TooMany { limit: limits.project_files };
                findings.push(text::unreadable(&folder, &error, Span::file_start(file)));
                return Vec::new();
            }
        }
    }
    found.sort();
    found
}
