//! The proof: what was written is rendered as any run would, in memory, and compared with what was adopted, object by object.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::object::Object;
use super::overlay::Overlay;
use crate::artifact::File;
use crate::finding::{Finding, Findings, codes};
use crate::pipeline::{Compiler, Inputs, Options, Shared};
use crate::project::{Entry, Project};
use crate::source::Span;
use crate::template::others::{self, Kind};
use crate::value::Value;

/// What each file of an application must be, by its path within a tree and by environment.
pub(super) type Expected<'a> = BTreeMap<Utf8PathBuf, Vec<Option<&'a Object>>>;

pub(super) struct Proof<'a> {
    pub(super) project: &'a Project,
    pub(super) inputs: Inputs<'a>,
    /// The folder of the application's templates.
    pub(super) folder: &'a Utf8Path,
    /// The environments that are adopted, in their order.
    pub(super) entries: &'a [Entry],
}

impl Proof<'_> {
    /// Whether all is equal. What is not is told.
    pub(super) fn holds(
        &self,
        files: &BTreeMap<Utf8PathBuf, String>,
        expected: &Expected<'_>,
        findings: &mut Findings,
    ) -> bool {
        let overlay = Overlay::new(self.inputs.disk, files, self.folder);
        let inputs = Inputs { disk: &overlay, ..self.inputs };
        let mut found = Findings::default();
        let shared = Shared::load(self.project, inputs, &mut found);
        let options = Options { check: false, ..Options::default() };
        let compiler = Compiler::new(&shared, options, inputs);
        let mut is_equal = compiler.is_some() && !found.has_errors();
        if let Some(compiler) = compiler {
            for (at, entry) in self.entries.iter().enumerate() {
                let mut own = Findings::default();
                let compiled = compiler.compile(entry, &mut own);
                own.name_environment(&entry.name);
                found.append(own);
                let Some(compiled) = compiled else {
                    is_equal = false;
                    continue;
                };
                is_equal &= self.is_equal((at, &entry.name), &compiled.files, expected, findings);
            }
            for other in self.project.environments.iter().filter(|entry| !self.entries.contains(entry)) {
                let compiled = compiler.compile(other, &mut Findings::default());
                let made = compiled.iter().flat_map(|compiled| &compiled.files).find(|file| self.is_ours(file));
                if let (Some(file), Some(object)) = (made, expected.values().flatten().flatten().next()) {
                    let message = format!("`{}` would be made for `{}`, which is not adopted", file.path, other.name);
                    findings.push(not_equal(object.span, message));
                    is_equal = false;
                }
            }
        }
        for finding in found.iter().filter(|finding| finding.is_error()) {
            findings.push(self.told(finding, files, expected));
        }
        is_equal
    }

    /// What is said of a file that was never written, at the object that it was made of.
    fn told(&self, finding: &Finding, files: &BTreeMap<Utf8PathBuf, String>, expected: &Expected<'_>) -> Finding {
        let source = self.inputs.sources.get(finding.primary.span.file);
        if !files.contains_key(source.path()) {
            return finding.clone();
        }
        let path = source.path();
        let templates = self.folder.parent().unwrap_or(Utf8Path::new(""));
        let made = |own: &Utf8PathBuf| templates.join(own) == *path || templates.join(own) == path.with_extension("");
        let environment = self
            .entries
            .iter()
            .position(|entry| path.starts_with(&entry.path) || finding.environments.contains(&entry.name));
        let of_own = expected.iter().find(|(path, _)| made(path)).map(|(_, objects)| objects);
        // A value of a layer may be that of any object.
        let objects = of_own.into_iter().chain(expected.values());
        let mut objects = objects.filter_map(|objects| match environment {
            Some(at) => objects[at],
            None => objects.iter().flatten().next().copied(),
        });
        match objects.next() {
            Some(object) if of_own.is_some() => {
                not_equal(object.span, format!("`{}` cannot be rendered as it is: {}", object.id, finding.message))
            }
            Some(object) => {
                not_equal(object.span, format!("what is here cannot be a value of a layer: {}", finding.message))
            }
            None => finding.clone(),
        }
    }

    fn is_ours(&self, file: &File) -> bool {
        Utf8Path::new(&*file.template).starts_with(self.folder)
    }

    fn is_equal(
        &self,
        (at, name): (usize, &Arc<str>),
        files: &[File],
        expected: &Expected<'_>,
        findings: &mut Findings,
    ) -> bool {
        let made: BTreeMap<&Utf8Path, &File> =
            files.iter().filter(|file| self.is_ours(file)).map(|file| (file.path.as_path(), file)).collect();
        let before = findings.iter().len();
        for (path, objects) in expected {
            let wanted = objects[at];
            let found = made.get(path.as_path()).map(|file| self.read(file));
            let message = match (wanted, found) {
                (None, None) => continue,
                (Some(object), Some(values)) => match &values[..] {
                    [value] => match difference(&object.value, value, String::new()) {
                        None => continue,
                        Some(place) => format!(
                            "`{}` of `{name}` is not the same when it is rendered: `{place}` differs",
                            object.id
                        ),
                    },
                    _ => format!("`{}` of `{name}` is not one document when it is rendered", object.id),
                },
                (Some(object), None) => format!("`{}` of `{name}` is not rendered", object.id),
                (None, Some(_)) => format!("`{path}` is rendered for `{name}`, which has no such object"),
            };
            let place = wanted.or_else(|| objects.iter().flatten().next().copied());
            findings.extend(place.map(|object| not_equal(object.span, message)));
        }
        let is_known = |path: &&Utf8Path| expected.contains_key(*path);
        findings.iter().len() == before && made.keys().all(is_known)
    }

    fn read(&self, file: &File) -> Vec<Value> {
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        let id = self.inputs.sources.add(file.path.clone(), "");
        others::documents(&text, Kind::of(&file.path).unwrap_or(Kind::Yaml), id, self.inputs.limits).values
    }
}

fn not_equal(span: Span, message: String) -> Finding {
    let help = "nothing was written; leave the object out, and write its template by hand";
    Finding::new(&codes::adopt::NOT_EQUAL, span, message).help(help)
}

/// The first place at which two values differ.
fn difference(a: &Value, b: &Value, path: String) -> Option<String> {
    match (a, b) {
        (Value::Map(old), Value::Map(new)) => {
            let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            let gone = old.iter().find_map(|(key, a)| match b.get(key) {
                Some(b) => difference(a, b, below(key)),
                None => Some(below(key)),
            });
            gone.or_else(|| new.iter().find(|(key, _)| a.get(key).is_none()).map(|(key, _)| below(key)))
        }
        (Value::List(old), Value::List(new)) if old.len() == new.len() => {
            let mut pairs = old.iter().zip(new).enumerate();
            pairs.find_map(|(at, (a, b))| difference(a, b, format!("{path}[{at}]")))
        }
        _ if a.is_same(b) => None,
        _ => Some(if path.is_empty() { "the document".to_owned() } else { path }),
    }
}
