//! Schemas made of what others publish: custom resource definitions, charts, CloudFormation's registry, the
//! definitions of Kubernetes. What comes in is not trusted: it is read within budgets, and what is made of it must load.

mod chart;
mod clean;
mod cloudformation;
mod helm;
mod kubernetes;
mod read;
mod refer;
mod share;
mod subchart;
mod write;

use camino::Utf8PathBuf;
use serde_json::Value as Json;

use super::Schema;
use crate::account::{Account, Cost, Work};
use crate::disk::Memory;
use crate::disk::device::is_reserved;
use crate::finding::codes::import as rules;
use crate::finding::{Finding, Findings};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};

pub(crate) use kubernetes::NOT_SERVED;
pub use read::limits;
pub use write::{State, state};

/// Bytes of a schema file from which on repeated parts are shared: half of what platc reads.
const LARGE: usize = 512 << 10;

/// A schema file that was made.
#[derive(Debug)]
pub struct Imported {
    /// Below the folder of schemas.
    pub path: Utf8PathBuf,
    pub text: String,
}

/// What the user asks for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Kinds to take from the definitions of Kubernetes; none means all.
    pub kinds: Vec<String>,
    /// Of a chart, where no `Chart.yaml` says them.
    pub name: Option<String>,
    pub version: Option<String>,
}

/// The files of a chart, those that there are.
#[derive(Clone, Debug, Default)]
pub struct ChartFiles {
    pub chart: Option<FileId>,
    /// What the charts that it brings along are called, where `Chart.yaml` does not say it yet.
    pub requirements: Option<FileId>,
    pub values: Option<FileId>,
    pub schema: Option<FileId>,
    /// The charts that it brings along.
    pub subcharts: Vec<ChartFiles>,
}

impl ChartFiles {
    /// Whether anything says which values there are.
    pub fn say_values(&self) -> bool {
        self.values.or(self.schema).is_some() || self.subcharts.iter().any(Self::say_values)
    }
}

/// A schema before it is written out.
struct Draft {
    path: String,
    /// What it is of, as the header says it.
    what: String,
    schema: Json,
}

/// The name of a kind.
struct Kind {
    group: String,
    version: String,
    name: String,
}

impl Draft {
    fn kind(name: &Kind, schema: Json) -> Self {
        let Kind { group, version, name: kind } = name;
        let folder = if group.is_empty() { "core" } else { group };
        let api = if group.is_empty() { version.clone() } else { format!("{group}/{version}") };
        Self { path: format!("kubernetes/{folder}/{kind}_{version}.yaml"), what: format!("{api} {kind}"), schema }
    }
}

/// The schema of one version of a kind, made of its definition as it stands in a tree. None if the definition does not serve it, or
/// if nothing can be made of its schema.
pub fn served(definition: &Json, version: &str, limits: &Limits) -> Option<Schema> {
    let ending = format!("_{version}.yaml");
    let drafts = kubernetes::custom_resource(definition).ok()?;
    let Draft { path, schema, .. } = drafts.into_iter().find(|draft| draft.path.ends_with(&ending))?;
    let disk = Memory::default().file(&path, serde_json::to_vec(&schema).ok()?);
    let mut unheard = Findings::default();
    let schema = Schema::load(&disk, path.as_str().into(), &Sources::default(), limits, &mut unheard)?;
    (!unheard.has_errors()).then_some(schema)
}

/// Importing, with what it reads from and reports to.
pub struct Importer<'a> {
    pub sources: &'a Sources,
    pub options: &'a Options,
    pub findings: &'a mut Findings,
    /// What all that is imported in one run is charged to.
    pub account: &'a Account,
}

impl Importer<'_> {
    /// The schemas that a file describes; `None` if it describes none, which is no finding yet.
    pub fn file(&mut self, file: FileId) -> Option<Vec<Imported>> {
        let errors = self.findings.count(crate::finding::Severity::Error);
        let documents = read::documents(self.sources, file, self.findings);
        let broken = self.findings.count(crate::finding::Severity::Error) > errors;
        let path = self.sources.get(file).path().to_owned();
        let name = path.file_name().unwrap_or_default();
        let mut made = Vec::new();
        let mut known = broken;
        for document in &documents {
            if self.account.is_over() {
                break;
            }
            let span = document.span(Span { end: document.node.span.start, ..document.node.span });
            let json = read::json(&document.node);
            let (drafts, wrong) = self.recognise(name, json, span);
            known |= drafts.is_some() || !wrong.is_empty();
            for message in wrong {
                self.findings.push(Finding::new(&rules::UNUSABLE, span, message));
            }
            made.extend(drafts.into_iter().flatten().filter_map(|draft| self.finish(draft, name, span)));
        }
        known.then_some(made)
    }

    /// Drafts of what one document describes, and what is wrong with it; no drafts for a document of another kind.
    fn recognise(&self, file: &str, json: Json, at: Span) -> (Option<Vec<Draft>>, Vec<String>) {
        let mut wrong = Vec::new();
        let mut drafts = Vec::new();
        let mut known = false;
        let items = match json["kind"].as_str() {
            Some(kind) if kind.ends_with("List") => json["items"].as_array().map(Vec::as_slice).unwrap_or_default(),
            _ => std::slice::from_ref(&json),
        };
        for item in items {
            let api = item["apiVersion"].as_str().unwrap_or_default();
            if item["kind"] == "CustomResourceDefinition" && api.starts_with("apiextensions.k8s.io/") {
                known = true;
                match kubernetes::custom_resource(item) {
                    Ok(made) => drafts.extend(made),
                    Err(message) => wrong.push(message),
                }
            }
        }
        if known {
            return (Some(drafts), wrong);
        }
        if let Some(made) = kubernetes::definitions(&json, &self.options.kinds, self.account, at) {
            let is_made = |kind: &String| {
                let ending = format!(" {kind}").to_lowercase();
                made.iter().any(|draft| draft.what.to_lowercase().ends_with(&ending))
            };
            let missing = self.options.kinds.iter().filter(|kind| !is_made(kind));
            wrong.extend(missing.map(|kind| format!("the definitions have no kind `{kind}`")));
            return (Some(made), wrong);
        }
        match cloudformation::resource_type(&json) {
            Some(Ok(draft)) => (Some(vec![draft]), wrong),
            Some(Err(message)) => (None, vec![message]),
            None => (kubernetes::alone(file, json).map(|draft| vec![draft]), wrong),
        }
    }

    /// The schema of a chart's values.
    pub fn chart(&mut self, files: &ChartFiles) -> Vec<Imported> {
        let Some(any) = files.chart.or(files.values).or(files.schema) else { return Vec::new() };
        let span = Span::file_start(any);
        let mut chart = self.chart_read(files);
        if let Some(name) = &self.options.name {
            chart.about.name.clone_from(name);
        }
        if let Some(version) = &self.options.version {
            chart.about.version = Some(version.clone());
        }
        if chart.about.name.is_empty() {
            let finding = Finding::new(&rules::UNUSABLE, span, "nothing says which chart this is");
            self.findings.push(finding.help("name it with `--name`, and its version with `--version`"));
            return Vec::new();
        }
        if !files.say_values() {
            let message =
                format!("the chart `{}` has neither `values.yaml` nor `values.schema.json`", chart.about.name);
            self.findings.push(Finding::new(&rules::UNUSABLE, span, message));
            return Vec::new();
        }
        let draft = chart::draft(&chart, self.sources, self.account, span);
        let from = files.values.or(files.schema).unwrap_or(any);
        let from = self.sources.get(from).path().file_name().unwrap_or_default().to_owned();
        self.finish(draft, &from, span).into_iter().collect()
    }

    /// A chart with those that it brings along.
    fn chart_read(&mut self, files: &ChartFiles) -> chart::Chart {
        let mut first = |file: Option<FileId>| read::documents(self.sources, file?, self.findings).into_iter().next();
        let (chart, requirements) = (first(files.chart), first(files.requirements));
        let (values, schema) = (first(files.values), first(files.schema));
        let about = chart.as_ref().and_then(|chart| chart::about(chart, requirements.as_ref())).unwrap_or_default();
        let schema = schema.map(|schema| read::json(&schema.node));
        let subcharts = files.subcharts.iter().map(|files| self.chart_read(files)).collect();
        chart::Chart { about, values, schema, subcharts }
    }

    /// A draft as a file, if it is one that platc can use.
    fn finish(&mut self, draft: Draft, from: &str, span: Span) -> Option<Imported> {
        if !is_safe(&draft.path) {
            let message = format!("`{}` is no name that a file can be given", draft.what);
            self.findings.push(Finding::new(&rules::UNUSABLE, span, message));
            return None;
        }
        if self.account.is_over() {
            return None;
        }
        let mut schema = draft.schema;
        let mut cleaner = clean::Cleaner::default();
        cleaner.schema(&mut schema);
        refer::open(&mut schema, &mut cleaner.notes);
        let mut text = write::text(&schema, &draft.what, from, &cleaner.notes);
        if text.len() > LARGE {
            share::share(&mut schema);
            text = write::text(&schema, &draft.what, from, &cleaner.notes);
        }
        let length = text.len() as u64;
        self.account.charge(Cost { steps: length, bytes: length }, Work::Import, span);
        let sources = Sources::default();
        let mut found = Findings::default();
        let disk = Memory::default().file("schemas/imported.yaml", text.as_str());
        let loaded = Schema::load(&disk, "schemas/imported.yaml".into(), &sources, &Limits::default(), &mut found);
        if loaded.is_none() {
            let why = found.iter().next().map_or("it cannot be read", |finding| &finding.message).to_owned();
            let place = found.iter().next().map(|finding| sources.slice(finding.primary.span));
            let finding =
                Finding::new(&rules::UNUSABLE, span, format!("the schema of `{}` cannot be used: {why}", draft.what));
            let place = place.filter(|place| !place.is_empty() && place.len() < 200 && !place.contains('\n'));
            self.findings.push(match place {
                Some(place) => finding.help(format!("it is about `{place}`")),
                None => finding,
            });
            return None;
        }
        Some(Imported { path: draft.path.into(), text })
    }
}

/// A path whose parts are names that every file system takes.
fn is_safe(path: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-+".contains(letter);
    path.split('/').all(|part| {
        (1..=200).contains(&part.len())
            && part.chars().all(allowed)
            && !part.starts_with(['.', '-', '+'])
            && !part.ends_with('.')
            && !is_reserved(part)
    })
}
