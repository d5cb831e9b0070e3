//! Rendered trees to look things up in. They are read back by an independent YAML reader.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

pub(crate) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

/// One environment's tree.
pub(crate) struct Tree {
    pub(crate) environment: String,
    pub(crate) files: BTreeMap<String, String>,
    documents: BTreeMap<String, Value>,
}

/// The trees of dev, staging and prod as they are committed, rendered once.
pub(crate) fn trees() -> &'static [Tree; 3] {
    static TREES: OnceLock<[Tree; 3]> = OnceLock::new();
    TREES.get_or_init(|| {
        let folder = rendered(".", "all", &ENVIRONMENTS, &[]);
        ENVIRONMENTS.map(|environment| Tree::read(environment, &folder.join(environment)))
    })
}

/// The same environment's tree with the other collector, rendered once.
pub(crate) fn with_alloy(tree: &Tree) -> &'static Tree {
    static TREES: OnceLock<[Tree; 3]> = OnceLock::new();
    let trees = TREES.get_or_init(|| {
        let folder = rendered(".", "alloy", &ENVIRONMENTS, &["observability.collector=alloy"]);
        ENVIRONMENTS.map(|environment| Tree::read(environment, &folder.join(environment)))
    });
    trees.iter().find(|alloy| alloy.environment == tree.environment).unwrap()
}

/// One environment's tree with settings changed.
pub(crate) fn changed(environment: &str, settings: &[&str]) -> Tree {
    let mut name = settings.join("-").replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    if name.len() > 100 {
        let mut hasher = DefaultHasher::new();
        settings.hash(&mut hasher);
        name = format!("{:x}", hasher.finish());
    }
    let folder = rendered(".", &format!("{environment}-{name}"), &[environment], settings);
    Tree::read(environment, &folder.join(environment))
}

/// One environment's tree of a project under `examples/`.
pub(crate) fn example(project: &str, environment: &str) -> Tree {
    let folder = rendered(&format!("examples/{project}"), &format!("{project}-{environment}"), &[environment], &[]);
    Tree::read(environment, &folder.join(environment))
}

fn rendered(project: &str, name: &str, environments: &[&str], settings: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("platform").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_platc"));
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(project))
        .arg("render")
        .args(environments)
        .arg("--out-dir")
        .arg(&folder);
    for setting in settings {
        command.args(["--set", setting]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

impl Tree {
    /// All files below a folder.
    pub(crate) fn read(environment: &str, folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(folder) {
            let entry = entry.unwrap();
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if entry.file_type().is_file() && !path.starts_with(".platc") {
                files.insert(path, std::fs::read_to_string(entry.path()).unwrap());
            }
        }
        let documents = files.iter().filter(|(path, _)| path.ends_with(".yaml"));
        let documents = documents.map(|(path, text)| {
            (path.clone(), serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}")))
        });
        Self { environment: environment.to_owned(), documents: documents.collect(), files }
    }

    pub(crate) fn text(&self, path: &str) -> &str {
        self.files.get(path).unwrap_or_else(|| panic!("no {path} in {}", self.environment))
    }

    /// A YAML file's value.
    pub(crate) fn file(&self, path: &str) -> &Value {
        self.documents.get(path).unwrap_or_else(|| panic!("no {path} in {}", self.environment))
    }

    pub(crate) fn documents(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.documents.iter().map(|(path, value)| (path.as_str(), value))
    }

    /// CloudFormation templates.
    pub(crate) fn templates(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.documents().filter(|(_, value)| value.get("AWSTemplateFormatVersion").is_some())
    }

    /// Kubernetes objects.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.documents().filter(|(_, value)| value.get("kind").is_some())
    }

    /// The only object of a kind with a name.
    pub(crate) fn object(&self, kind: &str, name: &str) -> &Value {
        let found: Vec<_> =
            self.objects().filter(|(_, o)| o["kind"] == kind && o["metadata"]["name"] == name).collect();
        assert_eq!(found.len(), 1, "{kind} {name} in {}", self.environment);
        found[0].1
    }

    /// The properties of a template's resource.
    pub(crate) fn resource(&self, template: &str, id: &str) -> &Value {
        let resource = &self.file(template)["Resources"][id];
        assert!(resource.is_object(), "no resource {id} in {template} of {}", self.environment);
        &resource["Properties"]
    }

    /// A template's resources of a type, as (logical id, properties).
    pub(crate) fn resources(&self, template: &str, kind: &str) -> Vec<(&str, &Value)> {
        let resources = self.file(template)["Resources"].as_object().unwrap();
        let of_kind = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
        of_kind.map(|(id, resource)| (id.as_str(), &resource["Properties"])).collect()
    }

    /// The cluster's name.
    pub(crate) fn cluster(&self) -> String {
        format!("platform-{}", self.environment)
    }
}

/// A list's strings.
pub(crate) fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap_or_else(|| panic!("not a list: {list}")).iter().map(|item| item.as_str().unwrap()).collect()
}

/// CloudFormation's list of tags as a map.
pub(crate) fn tags(properties: &Value) -> BTreeMap<&str, &str> {
    let tags = properties["Tags"].as_array().unwrap_or_else(|| panic!("no tags: {properties}"));
    tags.iter().map(|tag| (tag["Key"].as_str().unwrap(), tag["Value"].as_str().unwrap())).collect()
}

/// The actions that an IAM statement names.
pub(crate) fn actions(statement: &Value) -> Vec<&str> {
    match &statement["Action"] {
        Value::String(action) => vec![action],
        list => strings(list),
    }
}
