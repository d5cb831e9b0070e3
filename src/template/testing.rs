//! Projects in memory, for the tests of this module.

use std::sync::Arc;

use camino::Utf8Path;

use super::{EnvironmentInput, Templates};
use crate::artifact::{Artifact, Body};
use crate::disk::Memory;
use crate::environment::{Content, Origin, Tree};
use crate::finding::render::text::{Look, draw};
use crate::finding::{Finding, Findings};
use crate::limits::Limits;
use crate::source::Sources;
use crate::value::Value;
use crate::yaml::{self, Node, Types, read, scalar};

/// Templates, an environment and what came of them.
pub(super) struct Outcome {
    pub(super) artifacts: Vec<Artifact>,
    pub(super) findings: Vec<Finding>,
    pub(super) sources: Sources,
}

/// Renders templates, given by name and text, with an environment written as YAML.
pub(super) fn render_all(templates: &[(&str, &str)], environment: &str) -> Outcome {
    let sources = Sources::default();
    let limits = Limits::default();
    let mut findings = Findings::default();
    let disk =
        templates.iter().fold(Memory::default(), |disk, (name, text)| disk.file(&format!("templates/{name}"), *text));
    let root = tree(&sources, environment);
    let loaded = Templates::load(&disk, Utf8Path::new("templates"), &sources, &limits, &mut findings);
    let mut artifacts = Vec::new();
    for template in loaded.iter().flatten() {
        let input =
            EnvironmentInput { name: "test", root: &root, reads: None, account: &crate::account::Account::unbounded() };
        artifacts.extend(template.render(&input, &sources, &limits, &mut findings));
    }
    let findings = findings.sorted(&sources);
    Outcome { artifacts, findings, sources }
}

/// Templates alone, by name and text.
pub(super) fn load(templates: &[(&str, &str)]) -> (Templates, Sources) {
    let sources = Sources::default();
    let mut findings = Findings::default();
    let disk =
        templates.iter().fold(Memory::default(), |disk, (name, text)| disk.file(&format!("templates/{name}"), *text));
    let loaded = Templates::load(&disk, Utf8Path::new("templates"), &sources, &Limits::default(), &mut findings);
    (loaded.unwrap_or_else(|| panic!("{findings:?}")), sources)
}

/// All artifacts of an environment.
pub(super) fn render_tree(
    templates: &Templates,
    root: &Arc<Tree>,
    sources: &Sources,
    findings: &mut Findings,
) -> Vec<Artifact> {
    let input = EnvironmentInput { name: "test", root, reads: None, account: &crate::account::Account::unbounded() };
    templates.iter().flat_map(|template| template.render(&input, sources, &Limits::default(), findings)).collect()
}

/// One template's value.
pub(super) fn value(template: &str, environment: &str) -> Value {
    let outcome = render_all(&[("test.yaml.j2", template)], environment);
    assert!(outcome.findings.is_empty(), "{}", outcome.text());
    match outcome.artifacts.into_iter().next().map(|artifact| artifact.body) {
        Some(Body::Documents(mut values)) => values.remove(0),
        other => panic!("{other:?}"),
    }
}

/// One template's findings, as text.
pub(super) fn findings(template: &str, environment: &str) -> String {
    let outcome = render_all(&[("test.yaml.j2", template)], environment);
    assert!(!outcome.findings.is_empty(), "no finding, but {:?}", outcome.artifacts);
    assert!(outcome.artifacts.is_empty());
    outcome.text()
}

/// A value written as YAML.
pub(super) fn yaml(text: &str) -> Value {
    let sources = Sources::default();
    let tree = tree(&sources, text);
    super::convert::tree(&tree)
}

impl Outcome {
    pub(super) fn text(&self) -> String {
        let look = Look { colour: false, width: 120, acknowledges: false };
        self.findings.iter().map(|finding| draw(finding, &self.sources, look)).collect()
    }
}

/// An environment of one layer, `environment.yaml`.
pub(super) fn tree(sources: &Sources, text: &str) -> Arc<Tree> {
    let file = sources.add("environment.yaml", text);
    let mut findings = Findings::default();
    let node = read::read(sources, file, &Limits::default(), &mut findings).expect("the test's YAML is right");
    assert!(findings.is_empty(), "{findings:?}");
    branch(&node, None)
}

fn branch(node: &Node, key: Option<crate::source::Span>) -> Arc<Tree> {
    let content = match &node.content {
        yaml::Content::Scalar { text, style } => {
            match scalar::resolve(text, *style, Types::ANY).unwrap().into_value(text) {
                Value::Bool(value) => Content::Bool(value),
                Value::Number(number) => Content::Number(number),
                Value::String(text) => Content::String(text),
                _ => Content::Null,
            }
        }
        yaml::Content::List(items) => Content::List(items.iter().map(|item| branch(item, None)).collect()),
        yaml::Content::Map(entries) => Content::Map(
            entries
                .iter()
                .map(|entry| (Arc::clone(&entry.key.text), branch(&entry.value, Some(entry.key.span))))
                .collect(),
        ),
    };
    Arc::new(Tree::new(content, Origin { key, value: node.span }))
}
