//! Schemas: what an environment may hold. Loading gives a [`Shape`] to read and merge by, and a judge whose errors
//! point at the lines that set the values.

mod alternatives;
mod bounds;
mod broken;
mod cel;
mod compare;
mod foreign;
mod format;
mod hidden;
pub mod import;
mod instance;
mod keyword;
mod layers;
mod load;
mod marks;
mod modernise;
mod new_name;
mod node;
pub(crate) mod pattern;
mod percent;
mod quick;
mod reader;
mod reference;
mod shape;
mod types;
mod usage;
mod validate;
mod weaker;
mod wording;
mod work;

use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};

pub use crate::environment::secret::refers_to_secret;
pub(crate) use cel::Quantity;
pub use cel::{Admission, AdmissionRequest, AdmissionSource, Admitted, Program, Reads, Validation, Verdict, fault};
pub use compare::{Compared, Must};
pub use foreign::{Fit, judge_foreign};
pub use instance::{Instance, Output, Place, json};
pub use marks::is_reference;
pub(crate) use pattern::Reach;
pub use reference::{About, Reading};
pub use shape::{ListMerge, Shape};
pub use usage::{Id, Noted, Property, Usage, Use, Uses};
pub use weaker::some_of;

use crate::account::{Account, Cost};
use crate::disk::Disk;
use crate::environment::{Origin, Tree};
use crate::finding::codes::project::OPEN_SCHEMA;
use crate::finding::{Finding, Findings, Rule};
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::value::Value;
use crate::yaml::path::{Path, Step};

/// Something wrong with a value, at a path within it.
#[derive(Debug)]
pub struct Judged {
    pub path: Path,
    pub rule: &'static Rule,
    pub message: String,
    pub label: String,
    pub help: Option<String>,
}

/// A schema and all it refers to: loaded once a run, shared by all environments and threads.
#[derive(Debug)]
pub struct Schema {
    graph: node::Graph,
    root: shape::Place,
    document: serde_json::Value,
    /// Bytes of all files that it was read from.
    bytes: u64,
    /// Keywords were left out, as they are wrong.
    is_broken: bool,
    judge: OnceLock<validate::Judge>,
    /// What it costs to build it.
    building: OnceLock<Cost>,
    patterns: quick::Patterns,
    has_rules: bool,
    has_marks: bool,
    compares: bool,
}

impl Schema {
    /// Reads a schema file (YAML or JSON) and every file it refers to. Nothing if there is any error in them.
    pub fn load(
        disk: &dyn Disk,
        path: &Utf8Path,
        sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Option<Self> {
        Self::read(false, disk, path, sources, limits, findings)
    }

    /// The same for who only judges: keywords that are wrong, which is told, are left out, and what they describe is
    /// [doubtful](Self::doubtful).
    pub fn to_judge(
        disk: &dyn Disk,
        path: &Utf8Path,
        sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Option<Self> {
        Self::read(true, disk, path, sources, limits, findings)
    }

    fn read(
        to_judge: bool,
        disk: &dyn Disk,
        path: &Utf8Path,
        sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Option<Self> {
        let loaded = load::load(to_judge, disk, path, sources, limits, findings)?;
        let root = shape::Place::root(&loaded.graph);
        let has_rules = loaded.graph.nodes.iter().any(|node| !node.rules.is_empty());
        let has_marks = loaded.graph.nodes.iter().any(node::SchemaNode::has_marks);
        let compares = loaded.graph.nodes.iter().any(|node| node.compare.is_some());
        let (judge, building) = (OnceLock::new(), OnceLock::new());
        let patterns = quick::Patterns::default();
        let schema = Self {
            graph: loaded.graph,
            root,
            document: loaded.document,
            bytes: loaded.bytes,
            is_broken: loaded.is_broken,
            judge,
            building,
            patterns,
            has_rules,
            has_marks,
            compares,
        };
        schema.check_new_names(findings).then_some(schema)
    }

    /// Bytes of all files that it was read from.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What it cost to read: its schemas as a graph, and its values as a document.
    pub fn cost(&self) -> Cost {
        let values = work::weight(&self.document);
        let graph = Cost { steps: 10, bytes: 480 }.times(self.graph.nodes.len() as u64);
        graph.plus(Cost {
            steps: values.saturating_mul(10) + self.bytes / 8 + self.graph.pattern_size / 2 + self.graph.compiling,
            bytes: values.saturating_mul(96) + self.bytes,
        })
    }

    /// Whether keywords were left out, as they are wrong.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// The values of an environment of which it is not known what the schema says, the outermost of each.
    pub fn doubtful(&self, root: &Arc<Tree>) -> Vec<(Path, Arc<Tree>)> {
        if self.is_broken { broken::doubtful(self.shape(), root) } else { Vec::new() }
    }

    /// Says so if no key is ever wrong, because the schema names none.
    pub fn check_openness(&self, findings: &mut Findings) {
        let shape = self.shape();
        if shape.known_keys().next().is_none() && !shape.takes_others() && !shape.refuses("") {
            let finding =
                Finding::new(&OPEN_SCHEMA, shape.span(), "the schema says nothing of the keys of environments");
            let finding = finding.label("any key is taken, a misspelt one too");
            findings.push(finding.help("name them under `properties`, with `additionalProperties: false` beside it"));
        }
    }

    /// What the schema says about the form of the whole environment.
    pub fn shape(&self) -> Shape<'_> {
        Shape::new(&self.graph, &self.root)
    }

    /// Whether it has a default for the key that a path ends in. No value is filled in by it.
    pub fn has_default(&self, path: &Path) -> bool {
        let Some((Step::Key(last), way)) = path.steps().split_last() else { return false };
        let mut shape = self.shape();
        for step in way {
            let Step::Key(key) = step else { return false };
            shape = shape.property(key);
        }
        shape.defaults().any(|(key, _)| key == last)
    }

    /// Whether it names the key that a path ends in: it is not one that is merely let pass.
    pub fn names(&self, path: &[Step]) -> bool {
        let Some((Step::Key(last), around)) = path.split_last() else { return false };
        let mut shape = self.shape();
        for step in around {
            shape = match step {
                Step::Key(key) => shape.property(key),
                Step::Index(_) | Step::Item(_) => shape.item(),
            };
        }
        shape.knows(last)
    }

    /// Judges a value; each error is a finding at the line that set it.
    pub fn validate(&self, instance: &impl Instance, sources: &Sources, account: &Account, findings: &mut Findings) {
        findings.extend(self.errors(instance, sources, account).into_iter().map(|(_, finding)| finding));
    }

    /// The same, with the places in the value that the findings are about.
    pub fn errors(&self, instance: &impl Instance, sources: &Sources, account: &Account) -> Vec<(Path, Finding)> {
        let json = instance.to_json();
        validate::Validation::new(self, instance, &json, sources, account).run_to_paths()
    }

    /// Judges an output value by itself: what is wrong, at paths within it.
    pub fn judge(&self, value: &Value, sources: &Sources, account: &Account) -> Vec<Judged> {
        // Places are paths here; the span is only there because a finding has one.
        let nowhere = self.shape().span();
        let instance = Output { value, origin: Origin { key: None, value: Span { end: nowhere.start, ..nowhere } } };
        let json = instance.to_json();
        let validation = validate::Validation::new(self, &instance, &json, sources, account);
        let found = validation.run_to_paths();
        let judged = |(path, finding): (Path, Finding)| Judged {
            path,
            rule: finding.rule,
            message: finding.message,
            label: finding.primary.text,
            help: finding.help,
        };
        found.into_iter().map(judged).collect()
    }

    /// Rules that compare a value with what it was and that an update breaks, each at a path in the new value.
    pub fn transitions(&self, old: &Value, new: &Value) -> Vec<(Path, String)> {
        if self.has_rules { cel::broken(self.shape(), &json(old), &json(new)) } else { Vec::new() }
    }

    /// Whether a pattern of `patternProperties` may be about a key. The steps that it takes to know are paid before; it
    /// is about none where they cannot be.
    pub fn is_about(&self, pattern: &str, key: &str, pay: impl FnOnce(u64) -> bool) -> bool {
        // One that only a larger engine reads may match.
        let Some((compiled, reach)) = self.graph.patterns.get(pattern) else { return pay(1) };
        pay(reach.search(key.len())) && compiled.is_match(key)
    }

    /// Whether a text has what a pattern looks for; nothing where engines differ. The steps that it takes are paid before.
    pub fn matches(&self, pattern: &str, text: &str, pay: impl FnOnce(u64) -> bool) -> Option<bool> {
        match self.patterns.is_match(pattern, text, pay) {
            quick::Verdict::Fits => Some(true),
            quick::Verdict::Fails => Some(false),
            quick::Verdict::Unsure => None,
        }
    }

    /// What it costs to build the judge.
    fn building(&self) -> Cost {
        let patterns = Cost { steps: 1, bytes: 16 }.times(self.graph.pattern_size);
        *self.building.get_or_init(|| work::building(&self.document).plus(patterns))
    }

    /// What a `$ref` of the bundled document leads to.
    pub fn target(&self, reference: &str) -> Option<&serde_json::Value> {
        self.document.pointer(&percent::decode(reference.strip_prefix('#')?))
    }

    /// Whether some key has a new name.
    pub fn renames(&self) -> bool {
        self.graph.nodes.iter().any(|node| node.renamed_to.is_some())
    }

    /// The folder that a schema's file and all it refers to lie in.
    pub fn folder(path: &Utf8Path) -> Utf8PathBuf {
        load::folder(path)
    }

    /// One self-contained JSON schema in the words of draft 2020-12, for editors.
    pub fn bundled(&self) -> &serde_json::Value {
        &self.document
    }

    /// The same as it holds for a layer alone.
    pub fn for_layers(&self) -> serde_json::Value {
        layers::for_layers(self.document.clone())
    }

    /// What is said of one setting. `None` if nothing is.
    pub fn about(&self, path: &Path) -> Option<About> {
        reference::about(&self.document, path)
    }

    /// All settings as a page of Markdown.
    pub fn reference(&self) -> String {
        reference::page(&self.document)
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
