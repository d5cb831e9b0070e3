//! Copies of the shipped projects, and patches on them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use serde_json::Value;

/// One mistake.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutation {
    pub(crate) mistake: String,
    /// A folder of this repository; its root without it.
    #[serde(default)]
    pub(crate) project: String,
    pub(crate) file: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    append: Option<String>,
    #[serde(default)]
    create: Option<String>,
    #[serde(default)]
    delete: bool,
    /// What is deployed stands beside it, as the golden tree, and the change is judged against that.
    #[serde(default)]
    deployed: bool,
    pub(crate) rule: String,
    #[serde(default = "prod")]
    pub(crate) environment: String,
    #[serde(default)]
    at: Option<String>,
}

fn prod() -> String {
    "prod".to_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All mistakes, family by family.
pub(crate) fn mutations() -> &'static [Mutation] {
    static ALL: OnceLock<Vec<Mutation>> = OnceLock::new();
    ALL.get_or_init(|| {
        let files = fs::read_dir(root().join("tests/mutations")).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
        files.sort();
        let read = |path: &PathBuf| -> Vec<Mutation> {
            let text = fs::read_to_string(path).unwrap();
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        files.iter().flat_map(read).collect()
    })
}

/// All projects in which mistakes are made.
pub(crate) fn projects() -> BTreeSet<&'static str> {
    mutations().iter().map(|mutation| mutation.project.as_str()).collect()
}

/// A copy of each project, by its name.
pub(crate) type Originals = BTreeMap<&'static str, Copy>;

/// A copy of a project, without its golden trees.
pub(crate) struct Copy {
    pub(crate) folder: PathBuf,
}

/// What is copied, if it is there.
const PARTS: [&str; 5] = ["platc.yaml", "environments", "schemas", "templates", "examples"];

impl Copy {
    /// All projects with schemas of all kinds, charts and resource types, imported from other people's data as a user
    /// would. Without that data the tests skip, loudly; in CI they fail.
    pub(crate) fn with_schemas() -> Option<&'static Originals> {
        static MADE: OnceLock<Option<Originals>> = OnceLock::new();
        let made = MADE.get_or_init(|| {
            let upstream = root().join("../shared/upstream");
            if !upstream.exists() {
                assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "missing: {}", upstream.display());
                eprintln!("SKIPPED: there is no upstream data at {}", upstream.display());
                return None;
            }
            Some(projects().into_iter().map(|project| (project, Self::imported(project, &upstream))).collect())
        });
        made.as_ref()
    }

    fn imported(project: &str, upstream: &Path) -> Self {
        let copy = Self::new(&format!("original-{}", project.replace('/', "-")));
        for part in PARTS {
            let from = root().join(project).join(part);
            if from.exists() {
                link(&from, &copy.folder.join(part));
            }
        }
        let sources = ["crds", "charts", "cloudformation", "kubernetes"].map(|part| upstream.join(part));
        // Two types of the platform are not among those.
        let others = root().join("tests/support/types");
        let output = copy.platc().args(["schema", "import"]).arg(others).args(&sources).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        copy
    }

    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutations").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// The same once more.
    pub(crate) fn copied(&self, name: &str) -> Self {
        let copy = Self::new(name);
        link(&self.folder, &copy.folder);
        copy
    }

    /// This copy with a mistake in it, or why the mistake cannot be made.
    pub(crate) fn patched(&self, mutation: &Mutation) -> Result<Self, String> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let copy = self.copied(&NUMBER.fetch_add(1, Ordering::Relaxed).to_string());
        if mutation.deployed {
            let tree = Path::new("golden").join(&mutation.environment);
            link(&root().join(&mutation.project).join(&tree), &copy.folder.join(&tree));
        }
        let path = copy.folder.join(&mutation.file);
        let name = &mutation.mistake;
        if let Some(text) = &mutation.create {
            assert!(!path.exists(), "{name}: {} is there already", mutation.file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            return Ok(copy);
        }
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", mutation.file))?;
        // The file is shared with the original.
        fs::remove_file(&path).unwrap();
        if mutation.delete {
            return Ok(copy);
        }
        let text = match (&mutation.from, &mutation.to, &mutation.append) {
            (Some(from), Some(to), None) => {
                let count = text.matches(from.as_str()).count();
                if count != 1 {
                    return Err(format!("`{from}` stands {count} times in {}", mutation.file));
                }
                text.replacen(from, to, 1)
            }
            (None, None, Some(more)) => text + more,
            _ => panic!("{name}: from and to, or append"),
        };
        fs::write(&path, text).unwrap();
        Ok(copy)
    }

    /// The file and the lines that a finding about a mistake may name.
    pub(crate) fn wanted(&self, mutation: &Mutation) -> Result<(String, BTreeSet<u64>), String> {
        let name = &mutation.mistake;
        let numbered = |text: &str, wanted: &dyn Fn(usize, &str) -> bool| -> BTreeSet<u64> {
            let lines = text.lines().enumerate().filter(|(at, line)| wanted(*at, line));
            lines.map(|(at, _)| at as u64 + 1).collect()
        };
        if let Some(at) = &mutation.at {
            let (file, line) = at.split_once(": ").unwrap_or_else(|| panic!("{name}: at: `file: text of the line`"));
            let text = fs::read_to_string(self.folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
            let lines = numbered(&text, &|_, text| text.contains(line));
            if lines.is_empty() {
                return Err(format!("{file} has no line with `{line}`"));
            }
            return Ok((file.to_owned(), lines));
        }
        let text = fs::read_to_string(self.folder.join(&mutation.file)).unwrap_or_default();
        let new = mutation.to.as_ref().or(mutation.append.as_ref()).or(mutation.create.as_ref());
        let start = new.map_or(0, |new| text.find(new.as_str()).unwrap());
        let first = text[..start].lines().count() - usize::from(start > 0 && !text[..start].ends_with('\n'));
        let count = new.map_or(1, |new| new.lines().count().max(1));
        Ok((mutation.file.clone(), numbered(&text, &|at, _| (first..first + count).contains(&at))))
    }

    fn platc(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_platc"));
        command.current_dir(&self.folder);
        command
    }

    /// What `platc validate` finds and no layer acknowledges, or why it cannot say.
    pub(crate) fn validate(&self, environment: &str) -> Result<Vec<Value>, String> {
        let named: &[&str] = if environment == "all" { &[] } else { &[environment] };
        let output = self.platc().args(["validate", "--format", "json"]).args(named).output().unwrap();
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let report: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
        let findings = report["findings"].as_array().unwrap().iter();
        Ok(findings.filter(|finding| finding["acknowledged"].is_null()).cloned().collect())
    }

    /// Whether the project has this environment.
    pub(crate) fn has(&self, environment: &str) -> bool {
        self.folder.join("environments").join(environment).exists()
    }

    /// Renders an environment as a project without checks would: schemas that say types only, no rules. `None` if
    /// even that fails.
    pub(crate) fn rendered(&self, environment: &str) -> Option<PathBuf> {
        for entry in walkdir::WalkDir::new(self.folder.join("schemas")) {
            let path = entry.unwrap().into_path();
            if !path.to_str().unwrap().ends_with(".schema.yaml") {
                continue;
            }
            let mut schema: serde_yaml::Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).ok()?;
            loosen(&mut schema);
            fs::remove_file(&path).unwrap();
            fs::write(&path, serde_yaml::to_string(&schema).unwrap()).unwrap();
        }
        for folder in ["kubernetes", "helm", "cloudformation", "rules"] {
            let _ = fs::remove_dir_all(self.folder.join("schemas").join(folder));
        }
        let listed = self.platc().args(["rules", "--format", "json"]).output().unwrap();
        let rules: Value = serde_json::from_slice(&listed.stdout).unwrap();
        let rules = rules["rules"].as_array().unwrap().iter().filter(|rule| rule["configurable"] == true);
        let off: String = rules.map(|rule| format!("  {}: off\n", rule["id"].as_str().unwrap())).collect();
        let settings = fs::read_to_string(self.folder.join("platc.yaml")).unwrap();
        // What a new project has there, before it has a setting.
        let settings = settings.trim_end().trim_end_matches("{}").trim_end();
        fs::remove_file(self.folder.join("platc.yaml")).unwrap();
        fs::write(self.folder.join("platc.yaml"), format!("{settings}\nrules:\n{off}")).unwrap();
        let output = self.platc().args(["render", environment]).output().unwrap();
        output.status.success().then(|| self.folder.join("rendered").join(environment))
    }
}

/// Leaves of a schema what tells how a value is read.
fn loosen(schema: &mut serde_yaml::Value) {
    use serde_yaml::Value as Yaml;
    match schema {
        Yaml::Mapping(map) => {
            for word in [
                "x-kubernetes-validations",
                "required",
                "enum",
                "const",
                "pattern",
                "format",
                "minimum",
                "maximum",
                "minLength",
                "maxLength",
                "minItems",
                "maxItems",
                "uniqueItems",
                "minProperties",
                "maxProperties",
            ] {
                // `properties: {format: …}` is a setting, not the word.
                if map.get(word).is_some_and(|value| !value.is_mapping()) {
                    map.remove(word);
                }
            }
            for word in ["propertyNames", "not", "if", "then", "else", "dependentRequired"] {
                map.remove(word);
            }
            if map.get("additionalProperties") == Some(&Yaml::Bool(false)) {
                map.remove("additionalProperties");
            }
            map.values_mut().for_each(loosen);
        }
        Yaml::Sequence(items) => items.iter_mut().for_each(loosen),
        _ => {}
    }
}

/// A tree of hard links.
fn link(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let to = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else if from == entry.path() {
            fs::hard_link(entry.path(), from_file(&to)).unwrap();
        } else {
            fs::hard_link(entry.path(), to).unwrap();
        }
    }
}

/// `strip_prefix` of a file by itself leaves nothing, and a path that ends in `/`.
fn from_file(path: &Path) -> PathBuf {
    PathBuf::from(path.to_str().unwrap().trim_end_matches('/'))
}
