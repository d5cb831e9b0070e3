//! A small project in which much can go wrong, and runs on it with a cache and without.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use walkdir::WalkDir;

use super::support::{Project, Ran};

const SCHEMA: &str = "\
type: object
additionalProperties: false
required: [name]
properties:
  name: {type: string}
  replicas: {type: integer, minimum: 1, maximum: 9}
  team: {type: string, x-platc-compare: must-match}
  network: {type: string}
  owner: {type: string}
  zones:
    type: object
    additionalProperties:
      type: object
      additionalProperties: false
      properties:
        size: {type: integer}
        colour: {type: string}
";

const APP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ name }}
  namespace: web
  labels:
    team: {{ team }}
spec:
  replicas: {{ replicas }}
  selector:
    matchLabels:
      app: {{ name }}
  template:
    metadata:
      labels:
        app: {{ name }}
    spec:
      containers:
        - name: app
          image: registry.example.com/app:latest
";

const NETWORK: &str = "\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: {{ network }}
";

const RULE: &str = "\
id: own/replicas
summary: a deployment has an even number of replicas
severity: warning
match: {kind: Deployment}
rule: self.spec.replicas % 2 == 0
messageExpression: string(self.spec.replicas) + ' replicas are odd'
";

const ACKNOWLEDGE: &str = "\
acknowledge:
  - {rule: kubernetes/image-tag, subject: Deployment/web/one, reason: 'it is a test', until: 2027-01-31}
";

pub(crate) fn project() -> Project {
    Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", SCHEMA)
        .file("schemas/rules/replicas.yaml", RULE)
        .file("templates/app.yaml.j2", APP)
        .file("templates/network.yaml.j2", NETWORK)
        .file("environments/base/base.yaml", "replicas: 2\nteam: web\n")
        .file("environments/other/base.yaml", "replicas: 4\nteam: web\n")
        .file(
            "environments/one/environment.yaml",
            format!("extends: [../base]\nname: one\nnetwork: 10.1.0.0/16\n{ACKNOWLEDGE}"),
        )
        .file("environments/two/environment.yaml", "extends: [../base]\nname: two\nnetwork: 10.2.0.0/16\n")
        .file("environments/eu/three/environment.yaml", "extends: [../../other]\nname: three\nnetwork: 10.3.0.0/16\n")
}

/// A project, and a folder for a cache outside of it.
pub(crate) struct Pair {
    pub(crate) with: Project,
    pub(crate) without: Project,
    pub(crate) cache: PathBuf,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self { with: project(), without: project(), cache: outside() }
    }

    /// Runs a command in both, and holds that all is the same.
    pub(crate) fn agree(&self, args: &[&str], after: &str) -> Ran {
        let with = cached(&self.with, &self.cache, args);
        let without = self.without.run(args);
        let told = |ran: &Ran, project: &Project| {
            let text = format!("{ran}");
            text.replace(project.root.to_str().unwrap(), "ROOT")
        };
        let (a, b) = (told(&with, &self.with), told(&without, &self.without));
        assert_eq!(a, b, "`platc {}` says another thing with a cache, after: {after}", args.join(" "));
        assert_eq!(
            files(&self.with.root),
            files(&self.without.root),
            "`platc {}` leaves other files, after: {after}",
            args.join(" ")
        );
        with
    }
}

/// A folder in no work tree.
pub(crate) fn outside() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("platc-cache-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

impl Drop for Pair {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.cache);
    }
}

pub(crate) fn cached(project: &Project, cache: &Path, args: &[&str]) -> Ran {
    let mut command = project.command(args);
    Ran::from(command.env("PLATC_CACHE_DIR", cache).output().unwrap())
}

/// All files of a project with what they hold.
pub(crate) fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = WalkDir::new(root).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    entries
        .map(|entry| (entry.path().strip_prefix(root).unwrap().to_owned(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// The files of a cache that hold entries.
pub(crate) fn entries(cache: &Path) -> Vec<PathBuf> {
    let Ok(listed) = fs::read_dir(cache.join("runs-1")) else { return Vec::new() };
    let mut entries: Vec<_> = listed.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
