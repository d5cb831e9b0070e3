//! What the generators of an `ApplicationSet` of Argo CD supply: to its template, to the template and the values of a
//! generator of its own, and from one generator of a matrix to those behind it.

use std::collections::BTreeSet;

use super::{ANY, Part, Step, Supplied, get};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::FileId;
use crate::value::Value;
use crate::yaml;

/// From docs of Argo CD 3.1, "Generators": what each kind supplies.
const SUPPLIED: &[(&str, &[&str])] = &[
    ("clusters", &["name", "nameNormalized", "server", "project", "metadata", "values"]),
    ("clusterDecisionResource", &["name", "server", "clusterName", "metadata", "values"]),
    ("git", &["path", "values"]),
    ("plugin", &["generator.input.parameters", "values"]),
    (
        "scmProvider",
        &[
            "organization",
            "repository",
            "repository_id",
            "url",
            "branch",
            "branchNormalized",
            "sha",
            "short_sha",
            "short_sha_7",
            "labels",
            "values",
        ],
    ),
    (
        "pullRequest",
        &[
            "number",
            "title",
            "branch",
            "branch_slug",
            "target_branch",
            "target_branch_slug",
            "head_sha",
            "head_short_sha",
            "head_short_sha_7",
            "labels",
            "author",
            "values",
        ],
    ),
];

/// `None` if an object is no `ApplicationSet`, or if its generators are not known to supply anything.
pub(super) fn supplied(object: &Value, at: &[Step], file: FileId, limits: &Limits) -> Vec<Supplied> {
    let is_one = get(object, "kind").and_then(Value::as_str) == Some("ApplicationSet");
    let Some(spec) = get(object, "spec").filter(|_| is_one) else { return Vec::new() };
    let is_go = matches!(get(spec, "goTemplate"), Some(Value::Bool(true)));
    let mut all = Generators { file, limits, is_go, found: Vec::new() };
    let spec_at = [at, &[Step::Key("spec")]].concat();
    let generators = [&spec_at[..], &[Step::Key("generators")]].concat();
    let names = get(spec, "generators").map(|list| all.list(list, &generators, false)).unwrap_or_default();
    for key in ["template", "templatePatch"] {
        all.add(&names, [&spec_at[..], &[Step::Key(key)]].concat());
    }
    all.found
}

struct Generators<'a> {
    file: FileId,
    limits: &'a Limits,
    is_go: bool,
    found: Vec<Supplied>,
}

impl Generators<'_> {
    /// What generators of a list supply. Those of a matrix take from the ones before them.
    fn list(&mut self, generators: &Value, at: &[Step], is_matrix: bool) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let Value::List(generators) = generators else { return names };
        for (item, generator) in generators.iter().enumerate() {
            let at = [at, &[Step::Item(item)]].concat();
            if is_matrix {
                self.add(&names, at.clone());
            }
            let Value::Map(kinds) = generator else { continue };
            for (entry, (kind, generator)) in kinds.iter().enumerate() {
                names.extend(self.generator(kind, generator, &[&at[..], &[Step::Entry(entry)]].concat()));
            }
        }
        names
    }

    fn generator(&mut self, kind: &str, generator: &Value, at: &[Step]) -> BTreeSet<String> {
        let names: BTreeSet<String> = match kind {
            "matrix" | "merge" => {
                let inner = [at, &[Step::Key("generators")]].concat();
                let list = get(generator, "generators");
                list.map(|list| self.list(list, &inner, kind == "matrix")).unwrap_or_default()
            }
            "list" => self.elements(generator),
            kind => {
                let supplied = SUPPLIED.iter().find(|(own, _)| *own == kind).map_or(&[][..], |(_, names)| names);
                let is_set = |name: &&&str| **name != "values" || get(generator, "values").is_some();
                let prefix = get(generator, "pathParamPrefix").and_then(Value::as_str);
                let named = supplied.iter().filter(is_set).map(|name| match (*name, prefix) {
                    ("path", Some(prefix)) => format!("{prefix}.path"),
                    (name, _) => name.to_owned(),
                });
                // What files hold, what a plugin answers, and what somebody else decides, is known to nobody here.
                let is_open = matches!(kind, "plugin" | "clusterDecisionResource")
                    || kind == "git" && get(generator, "files").is_some();
                named.chain(is_open.then(|| ANY.to_owned())).collect()
            }
        };
        self.add(&names, [at, &[Step::Key("template")]].concat());
        if kind != "list" {
            self.add(&names, [at, &[Step::Key("values")]].concat());
        }
        names
    }

    fn elements(&self, generator: &Value) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        if let Some(Value::List(elements)) = get(generator, "elements") {
            for element in elements {
                let Value::Map(entries) = element else { continue };
                names.extend(entries.iter().map(|(key, _)| key.to_string()));
            }
        }
        if let Some(text) = get(generator, "elementsYaml").and_then(Value::as_str) {
            // A text that Argo CD fills in first has keys that nobody knows here.
            names.extend(if text.contains("{{") { vec![ANY.to_owned()] } else { self.keys_of_elements(text) });
        }
        names
    }

    /// The keys of elements that are written as a text.
    fn keys_of_elements(&self, text: &str) -> Vec<String> {
        let root = yaml::read::read_text(text, self.file, self.limits, &mut Findings::default());
        let Some(yaml::Content::List(items)) = root.map(|root| root.content) else { return Vec::new() };
        let keys = items.into_iter().flat_map(|item| match item.content {
            yaml::Content::Map(entries) => entries,
            _ => Vec::new(),
        });
        keys.map(|entry| entry.key.text.to_string()).collect()
    }

    fn add(&mut self, names: &BTreeSet<String>, at: Vec<Step>) {
        let mut known = names.clone();
        let has_any = known.remove(ANY);
        let (is_go, tool) = (self.is_go, "Argo CD");
        if !known.is_empty() {
            self.found.push(Supplied {
                paths: known.clone(),
                but: BTreeSet::new(),
                is_go,
                tool,
                by: "a generator of this ApplicationSet supplies",
                part: Part::Below(at.clone()),
            });
        }
        // With Go templates a parameter begins with a point, so nothing else can be meant for them.
        if has_any && !is_go {
            self.found.push(Supplied {
                paths: BTreeSet::from([ANY.to_owned()]),
                but: known,
                is_go,
                tool,
                by: "a generator of this ApplicationSet may supply",
                part: Part::Below(at),
            });
        }
    }
}
