//! Schema files into one graph and one self-contained JSON schema: the root file and every file it refers to.
//!
//! `$ref` leads to files below the schema folder and to nothing else, never to the network. All files become one
//! document: the root, and the others under its `$defs` by their paths. So the judge resolves nothing by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use regex_lite::Regex;
use serde_json::{Map, Value};

use super::broken;
use super::node::{Graph, KeyPatterns, NodeId, SchemaNode};
use super::pattern::{self, Reach};
use super::percent;
use super::reader::FileReader;
use super::shape::{Place, Shape};
use crate::disk::{self, Disk};
use crate::environment::shape::{self, Toll};
use crate::finding::codes::schema as rules;
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings, Severity};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Content, Node};

/// What all patterns of a schema may be compiled to: some 100 MB.
const PATTERNS: u64 = 4_000_000;

/// Steps to compile those patterns of a schema that only the engine that knows Unicode reads: two seconds.
const COMPILING: u64 = 20_000_000;

/// What loading makes: the schemas as a graph, and as one document for the judge and for editors.
pub(super) struct Loaded {
    pub(super) graph: Graph,
    pub(super) document: Value,
    pub(super) bytes: u64,
    /// Keywords were left out.
    pub(super) is_broken: bool,
}

/// A `$ref`, to be followed when all files are read.
pub(super) struct Reference {
    pub(super) from: NodeId,
    pub(super) file: usize,
    /// Steps from the file's root.
    pub(super) pointer: Vec<String>,
    pub(super) span: Span,
}

/// All that is known while files are read.
pub(super) struct Loading<'a> {
    pub(super) limits: &'a Limits,
    pub(super) sources: &'a Sources,
    pub(super) findings: &'a mut Findings,
    pub(super) nodes: Vec<SchemaNode>,
    /// Schemas by where they start, to find the target of a `$ref`.
    pub(super) by_place: BTreeMap<(FileId, u32), NodeId>,
    pub(super) references: Vec<Reference>,
    pub(super) patterns: Vec<(String, Span)>,
    folder: Utf8PathBuf,
    paths: Vec<Utf8PathBuf>,
    /// How the one document spells the way to each file.
    pointers: Vec<String>,
    /// Where the paths in a file's `$ref`s lead, for those that were seen: most are written again and again.
    resolved: BTreeMap<(usize, String), usize>,
    /// The `$ref` that first named each file; none for the root.
    named_by: Vec<Option<Span>>,
    bytes: u64,
}

/// A file that was read.
struct Read {
    tree: Node,
    json: Value,
}

/// Loads a schema and all that it refers to. One with wrong keywords comes without these, for who only judges: `to_judge`.
pub(super) fn load(
    to_judge: bool,
    disk: &dyn Disk,
    path: &Utf8Path,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Option<Loaded> {
    let errors = findings.count(Severity::Error);
    let known = findings.iter().len();
    // A schema nests by two steps of YAML: `properties`, then the name.
    let limits = Limits { yaml_depth: limits.schema_depth * 3, ..limits.clone() };
    let mut loading = Loading {
        limits: &limits,
        sources,
        findings,
        nodes: Vec::new(),
        by_place: BTreeMap::new(),
        references: Vec::new(),
        patterns: Vec::new(),
        folder: folder(path),
        paths: vec![path.to_owned()],
        pointers: vec!["#".to_owned()],
        resolved: BTreeMap::new(),
        named_by: vec![None],
        bytes: 0,
    };
    let mut files: Vec<Option<Read>> = Vec::new();
    while let Some(path) = loading.paths.get(files.len()).cloned() {
        let file = loading.file(disk, &path, files.len(), sources);
        files.push(file);
    }
    let wrong = broken::wrong_keywords(loading.findings, known).filter(|_| to_judge).unwrap_or_default();
    let errors = errors + wrong.len();
    loading.follow_references(&files);
    let document = loading.bundle(&mut files);
    let Loading { mut nodes, patterns, findings, bytes, .. } = loading;
    broken::mark(&wrong, &mut nodes);
    let (patterns, pattern_size, compiling) = compile_patterns(&nodes, &patterns, findings)?;
    // The root is read first and so is the first schema.
    let graph = Graph { nodes, root: NodeId(0), patterns, pattern_size, compiling };
    if !super::bounds::check(&graph, &limits, findings) {
        return None;
    }
    check_rules(&graph, sources, findings);
    let is_broken = !wrong.is_empty();
    (findings.count(Severity::Error) == errors).then_some(Loaded { graph, document, bytes, is_broken })
}

/// Rules name fields that the schema declares, and stand where they are evaluated.
fn check_rules(graph: &Graph, sources: &Sources, findings: &mut Findings) {
    if graph.nodes.iter().all(|node| node.rules.is_empty()) {
        return;
    }
    let mut toll = Toll::default();
    for (at, node) in graph.nodes.iter().enumerate() {
        if let Some(first) = node.rules.first() {
            let place = Place::of(NodeId(at as u32));
            // Such a place is asked this once only.
            toll.cost = toll.cost.plus(shape::Shape::cost(Shape::new(graph, &place)).1);
            if toll.is_over() {
                let message = "the schemas with rules combine others more often than can be checked";
                let finding = Finding::new(&rules::TOO_COMPLEX, first.span(), message);
                findings.push(finding.help("combine fewer with `allOf`, `anyOf` and `oneOf` where rules stand"));
                return;
            }
            for rule in &node.rules {
                super::cel::check(rule, Shape::new(graph, &place), sources, findings);
            }
        }
    }
    let evaluated = reach(graph, |node| node.conjuncts().chain(node.below()).collect());
    let reached =
        reach(graph, |node| node.in_place().chain(node.below()).chain(node.inner_tests.iter().copied()).collect());
    let never = graph
        .nodes
        .iter()
        .zip(reached.iter().zip(evaluated))
        .filter(|(_, (reached, evaluated))| **reached && !evaluated);
    for (node, _) in never {
        for rule in &node.rules {
            let message = "this rule would never be evaluated: it stands below `anyOf`, `oneOf`, `not` or `if`";
            let finding = Finding::new(&rules::BAD_RULE, rule.span(), message);
            findings.push(
                finding.help("as in Kubernetes, put the rule beside them and ask with `has(…)` whether it applies"),
            );
        }
    }
}

/// Which schemas the root reaches along some edges, by their numbers.
fn reach(graph: &Graph, edges: impl Fn(&SchemaNode) -> Vec<NodeId>) -> Vec<bool> {
    let mut reached = vec![false; graph.nodes.len()];
    let mut open = vec![graph.root];
    while let Some(id) = open.pop() {
        if !std::mem::replace(&mut reached[id.0 as usize], true) {
            open.extend(edges(&graph[id]));
        }
    }
    reached
}

/// The judge would refuse the whole schema for one bad pattern, without saying where it stands. Those of keys are kept;
/// the size is that of all, and the steps what it took to compile them. Nothing if they are larger than can be compiled.
fn compile_patterns(
    nodes: &[SchemaNode],
    patterns: &[(String, Span)],
    findings: &mut Findings,
) -> Option<(KeyPatterns, u64, u64)> {
    let of_keys: BTreeSet<&str> =
        nodes.iter().flat_map(|node| &node.pattern_properties).map(|(text, _)| &**text).collect();
    let (mut kept, mut seen, mut size, mut compiling) = (KeyPatterns::new(), BTreeSet::new(), 0_u64, 0_u64);
    let too_large = |span: Span| {
        let message = "this pattern and those before it are larger than can be compiled";
        let finding = Finding::new(&rules::TOO_COMPLEX, span, message);
        finding.help("repetitions within repetitions multiply; state fewer or shorter ones")
    };
    for (text, span) in patterns {
        if !seen.insert(text) {
            continue;
        }
        let own = pattern::size(text);
        size = size.saturating_add(own);
        if size > PATTERNS {
            findings.push(too_large(*span));
            return None;
        }
        // A few microseconds; the few patterns that only the judge can read are tried there.
        if let Ok(pattern) = Regex::new(text) {
            if of_keys.contains(&**text) {
                kept.insert(text.as_str().into(), (Arc::new(pattern), Reach::of(text)));
            }
            continue;
        }
        // What it costs does not depend on whether it succeeds.
        compiling = compiling.saturating_add(pattern::compiling(text));
        if compiling > COMPILING {
            findings.push(too_large(*span));
            return None;
        }
        let alone = serde_json::json!({ "pattern": text });
        let options = jsonschema::options().with_pattern_options(jsonschema::PatternOptions::regex());
        if options.build(&alone).is_err() {
            let finding = Finding::new(&rules::BAD_KEYWORD, *span, format!("`{text}` is not a regular expression"));
            let look_around = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|sign| text.contains(sign));
            let help = "look-around and back references are left out, so that no pattern takes for ever";
            findings.push(match unclosed(text) {
                _ if look_around => finding.help(help),
                Some(sign) => finding.help(format!("`{sign}` is not closed, or stands for itself as `\\{sign}`")),
                None => finding,
            });
        }
    }
    Some((kept, size, compiling))
}

/// The bracket of a pattern that nothing closes, or that closes nothing.
fn unclosed(pattern: &str) -> Option<char> {
    let (mut groups, mut class) = (0_usize, false);
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => _ = signs.next(),
            '[' => class = true,
            ']' => class = false,
            '(' if !class => groups += 1,
            ')' if !class && groups == 0 => return Some(')'),
            ')' if !class => groups -= 1,
            _ => {}
        }
    }
    if class { Some('[') } else { (groups > 0).then_some('(') }
}

/// The folder `$ref` must stay in: the one named `schemas` that the root lies below, else the root's own.
pub(super) fn folder(path: &Utf8Path) -> Utf8PathBuf {
    let parent = path.parent().unwrap_or(Utf8Path::new(""));
    let named = parent.ancestors().filter(|folder| folder.file_name() == Some("schemas")).last();
    named.unwrap_or(parent).to_owned()
}

impl Loading<'_> {
    fn file(&mut self, disk: &dyn Disk, path: &Utf8Path, index: usize, sources: &Sources) -> Option<Read> {
        let named_at = self.named_by[index];
        let file = disk::text::load_named(disk, path, self.limits.file_bytes, named_at, sources, self.findings)?;
        self.bytes += sources.get(file).text().len() as u64;
        let tree = yaml::read::read(sources, file, self.limits, self.findings)?;
        let json = FileReader { loading: self, file: index, property: None }.root(&tree);
        Some(Read { tree, json })
    }

    /// Reads a `$ref`: where it leads, and how the one document spells it.
    pub(super) fn reference(&mut self, from: NodeId, file: usize, text: &str, span: Span) -> Option<Value> {
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let target = if path.is_empty() { file } else { self.file_index(file, path, span)? };
        if !fragment.is_empty() && !fragment.starts_with('/') {
            let help = format!("write the way to it, like `{path}#/$defs/{fragment}`");
            let message = format!("`$ref` leads to the anchor `{fragment}`");
            let finding = Finding::new(&rules::BAD_REF, span, message).label("anchors are not followed");
            self.findings.push(finding.help(help));
            return None;
        }
        let pointer: Vec<String> = fragment.split('/').skip(1).map(unescape).collect();
        let mut spelled = self.pointers[target].clone();
        for step in &pointer {
            push_step(&mut spelled, step);
        }
        self.references.push(Reference { from, file: target, pointer, span });
        Some(Value::String(spelled))
    }

    /// The name under which the one document holds a file.
    fn name(&self, file: usize) -> &str {
        let path = &self.paths[file];
        path.strip_prefix(&self.folder).unwrap_or(path).as_str()
    }

    fn file_index(&mut self, from: usize, path: &str, span: Span) -> Option<usize> {
        let seen = (from, path.to_owned());
        if let Some(&known) = self.resolved.get(&seen) {
            return Some(known);
        }
        let refuse = |findings: &mut Findings, why: &str, help: &str| {
            let finding =
                Finding::new(&rules::BAD_REF, span, format!("`$ref` leads out of the schema folder: `{path}`"));
            findings.push(finding.label(why).help(help));
            None
        };
        let keep = format!("keep a copy of that schema below `{}` and refer to it there", self.folder);
        if path.contains(':') {
            return refuse(self.findings, "platc never fetches a schema", &keep);
        }
        let folder = self.paths[from].parent().unwrap_or(Utf8Path::new(""));
        let Some(path) = normalise(&folder.join(percent::decode(path))) else {
            return refuse(self.findings, "this is not below the project", &keep);
        };
        if !path.starts_with(&self.folder) {
            return refuse(self.findings, &format!("only files below `{}` can be referred to", self.folder), &keep);
        }
        let known = self.paths.iter().position(|known| *known == path);
        let index = known.unwrap_or(self.paths.len());
        if known.is_none() {
            self.paths.push(path);
            self.named_by.push(Some(span));
            let mut pointer = String::from("#");
            push_step(&mut pointer, "$defs");
            push_step(&mut pointer, self.name(index));
            self.pointers.push(pointer);
        }
        self.resolved.insert(seen, index);
        Some(index)
    }

    fn follow_references(&mut self, files: &[Option<Read>]) {
        for reference in std::mem::take(&mut self.references) {
            let Some(Some(file)) = files.get(reference.file) else { continue };
            match step_to(&file.tree, &reference.pointer) {
                Ok(target) => {
                    if let Some(&id) = self.by_place.get(&(target.span.file, target.span.start)) {
                        self.nodes[reference.from.0 as usize].reference = Some(id);
                    } else {
                        let message = "`$ref` leads to something that is not a schema";
                        let finding = Finding::new(&rules::BAD_REF, reference.span, message);
                        self.findings.push(finding.also(target.span, "this is what it leads to"));
                    }
                }
                Err((reached, step)) => {
                    let message = format!("`$ref` leads nowhere: there is no `{step}`");
                    let finding = Finding::new(&rules::BAD_REF, reference.span, message);
                    let keys = match &reached.content {
                        Content::Map(entries) => entries.iter().map(|entry| &*entry.key.text).collect(),
                        Content::List(_) | Content::Scalar { .. } => Vec::new(),
                    };
                    let finding = match did_you_mean(step, keys) {
                        Some(help) => finding.help(help),
                        None => finding,
                    };
                    self.findings.push(finding.also(reached.span, format!("`{step}` was looked for here")));
                }
            }
        }
    }

    /// The one document: the root, with the other files in its `$defs`.
    fn bundle(&self, files: &mut [Option<Read>]) -> Value {
        let mut json = files.iter_mut().map(|file| file.as_mut().map_or(Value::Bool(true), |file| file.json.take()));
        let root = json.next().unwrap_or(Value::Bool(true));
        let others: Vec<Value> = json.collect();
        let mut root = match root {
            Value::Object(root) => root,
            other => return other,
        };
        if !others.is_empty() {
            let defs = root.entry("$defs").or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(defs) = defs {
                for (at, other) in others.into_iter().enumerate() {
                    defs.insert(self.name(at + 1).to_owned(), other);
                }
            }
        }
        Value::Object(root)
    }
}

/// Follows a pointer; on a step that does not exist, how far it came and the step.
fn step_to<'a, 'p>(root: &'a Node, pointer: &'p [String]) -> Result<&'a Node, (&'a Node, &'p str)> {
    pointer.iter().try_fold(root, |node, step| {
        let next = match &node.content {
            Content::Map(_) => node.get(step),
            Content::List(items) => step.parse().ok().and_then(|at: usize| items.get(at)),
            Content::Scalar { .. } => None,
        };
        next.ok_or((node, step.as_str()))
    })
}

/// Resolves `.` and `..`; nothing for a path that leaves the project.
fn normalise(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut clean = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::Normal(name) => clean.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                if !clean.pop() {
                    return None;
                }
            }
            Utf8Component::RootDir | Utf8Component::Prefix(_) => return None,
        }
    }
    Some(clean)
}

/// One step of a JSON pointer within a URI, as text (RFC 6901, section 6).
fn unescape(step: &str) -> String {
    if !step.contains(['%', '~']) {
        return step.to_owned();
    }
    percent::decode(step).replace("~1", "/").replace("~0", "~")
}

/// Adds one step to a JSON pointer within a URI.
fn push_step(pointer: &mut String, step: &str) {
    pointer.push('/');
    for byte in step.bytes() {
        match byte {
            b'~' => pointer.push_str("~0"),
            b'/' => pointer.push_str("~1"),
            b'-' | b'.' | b'_' | b'$' => pointer.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => pointer.push(char::from(byte)),
            byte => pointer.extend(["%", &format!("{byte:02X}")]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_survive_the_way_through_a_uri() {
        for step in ["a", "a/b", "a~b", "~1", "ä b%", "x:y", ""] {
            let mut pointer = String::from("#");
            push_step(&mut pointer, step);
            assert_eq!(unescape(&pointer[2..]), step);
            assert!(pointer.is_ascii());
        }
    }

    #[test]
    fn the_folder_is_the_one_named_schemas() {
        assert_eq!(folder("schemas/environment.schema.yaml".into()), "schemas");
        assert_eq!(folder("schemas/kubernetes/karpenter.json".into()), "schemas");
        assert_eq!(folder("config/env.yaml".into()), "config");
        assert_eq!(normalise("schemas/a/../b.yaml".into()).as_deref(), Some("schemas/b.yaml".into()));
        assert_eq!(normalise("schemas/../../b.yaml".into()), None);
        assert_eq!(normalise("/etc/passwd".into()), None);
    }
}
