//! [`View`]: one compiled environment as checks want to see it. It is built once and borrows everything.

mod application;
pub mod applied;
mod charts;
pub mod cloudformation;
mod delivery;
mod gitops;
pub mod kubernetes;
pub mod kustomize;
pub mod material;
mod node;
pub mod nodes;
mod others;
mod outside;
pub mod overlays;
pub mod path;
pub mod repository;
pub mod selector;
mod signs;
mod table;
pub mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use crate::account::Account;
use crate::artifact::{self, Artifact, Body, File, Target};
use crate::environment::Tree;
use crate::project::outside::Outside;
use crate::schema::Compared;
use crate::value::Value;
use crate::yaml::path::{Path, Step};

pub use application::{Application, Applier};
pub use charts::ChartValues;
pub use gitops::{Installs, Release};
pub use kustomize::Kustomization;
pub use node::{Node, Place};
pub use others::Others;
pub use signs::Signs;
pub use table::Laid;
use table::{Of, Table};

/// One compiled environment, before anything of it is written.
#[derive(Debug)]
pub struct View<'a> {
    environment: &'a str,
    artifacts: &'a [Artifact],
    /// The positions of those that nobody applies as they stand.
    material: BTreeSet<usize>,
    /// The objects that lie beside a kustomization which does not take them in.
    left_out: Vec<kubernetes::Object<'a>>,
    documents: Vec<Document<'a>>,
    templates: Vec<cloudformation::Template<'a>>,
    objects: Vec<kubernetes::Object<'a>>,
    /// Positions in `objects`, by kind.
    by_kind: BTreeMap<&'a str, Vec<usize>>,
    kustomizations: Vec<Kustomization<'a>>,
    releases: Vec<Release<'a>>,
    delivery: delivery::Delivery<'a>,
    /// Values of the environment that others are compared with.
    compared: Vec<Compared>,
    /// The environment's values.
    root: Option<&'a Tree>,
    /// The day to judge by, if one is given.
    day: Option<&'a str>,
    account: Account,
    /// Where else a file of the tree may lie.
    others: Option<Others<'a>>,
    /// What other tools make.
    outside: Vec<&'a Outside>,
    /// The files that the artifacts are written as, if they are.
    files: &'a [File],
    /// The releases of which it is known what they make.
    known: BTreeSet<Installs>,
    /// What many rules want, made when it is first wanted.
    values: OnceLock<Vec<Node<'a>>>,
    nodes: OnceLock<Option<Vec<nodes::Nodes<'a>>>>,
    repository: OnceLock<repository::Tree<'a>>,
    open: OnceLock<whole::Open<'a>>,
}

/// A document of an artifact that is YAML or JSON: most have one.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    pub(super) of: Of,
    /// Within the tree.
    pub path: &'a Utf8Path,
    /// What its template says it is for, or what its content tells.
    pub target: Option<Target>,
    pub value: &'a Value,
    table: &'a Table<'a>,
}

impl<'a> Document<'a> {
    /// The position of its file among the artifacts.
    pub fn artifact(&self) -> usize {
        self.of.artifact
    }

    pub fn root(&self) -> Node<'a> {
        Node::root(self.table)
    }

    /// What is applied by itself: the whole document, or each object of a list, and of a list within it.
    pub fn parts(&self) -> Vec<Node<'a>> {
        let (mut parts, mut open) = (Vec::new(), vec![self.root()]);
        while let Some(node) = open.pop() {
            match listed(&node) {
                Some(items) => open.extend(items.into_iter().rev()),
                None => parts.push(node),
            }
        }
        parts
    }
}

/// The objects of a list. `kubectl` and Argo CD take every object with `items` for one, whatever its kind is: `List`,
/// `DeploymentList` and kinds of others. What is no `…List` is one here if all its items are objects.
fn listed<'a>(node: &Node<'a>) -> Option<Vec<Node<'a>>> {
    let kind = node.text_at(["kind"]).filter(|_| node.get("apiVersion").is_some())?;
    let items = node.get("items").filter(|items| matches!(items.value, Value::List(_)))?.items();
    let are_objects = || !items.is_empty() && items.iter().all(|item| item.text_at(["kind"]).is_some());
    (kind.ends_with("List") || are_objects()).then_some(items)
}

impl<'a> View<'a> {
    pub fn new(environment: &'a str, laid: &'a Laid<'a>) -> Self {
        let artifacts = laid.artifacts;
        let mut documents: Vec<Document<'a>> = laid.tables.iter().map(|table| document(artifacts, table)).collect();
        // A patch looks like an object and is a part of one; a file that goes into a ConfigMap is a text.
        let mut kustomizations: Vec<_> = documents.iter().filter_map(Kustomization::of).collect();
        let parts = kustomize::parts(&kustomizations);
        let is_applied = |it: &Document<'a>| laid.applied.contains(&it.of.artifact);
        for part in documents.iter_mut().filter(|it| parts.contains(it.path) && !is_applied(it)) {
            part.target = part.target.filter(|target| *target != Target::Kubernetes);
        }
        let material::Material { all: mut material, mut left_out } = material::of(laid, &documents, &kustomizations);
        material.retain(|at| !laid.applied.contains(at));
        left_out.retain(|at| !laid.applied.contains(at));
        let is_left_out =
            |it: &&Document<'a>| it.target == Some(Target::Kubernetes) && left_out.contains(&it.of.artifact);
        let left_out = documents.iter().filter(is_left_out).flat_map(|it| kubernetes::Object::all(*it)).collect();
        for document in documents.iter_mut().filter(|it| material.contains(&it.of.artifact)) {
            document.target = None;
        }
        kustomizations.retain(|it| !material.contains(&it.document.of.artifact));
        let documents = documents;
        let of = |target| documents.iter().filter(move |document| document.target == Some(target));
        let templates = of(Target::CloudFormation).map(|document| cloudformation::Template::new(*document)).collect();
        let objects: Vec<_> = of(Target::Kubernetes).flat_map(|document| kubernetes::Object::all(*document)).collect();
        let mut by_kind: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, object) in objects.iter().enumerate() {
            by_kind.entry(object.kind).or_default().push(at);
        }
        let releases =
            objects.iter().flat_map(|object| gitops::releases(object, &documents, &kustomizations)).collect();
        let delivery = delivery::Delivery::of(&documents, &objects, &kustomizations);
        let (compared, day, account, others) = (Vec::new(), None, Account::unbounded(), None);
        Self {
            environment,
            artifacts,
            material,
            left_out,
            documents,
            templates,
            objects,
            by_kind,
            kustomizations,
            releases,
            delivery,
            compared,
            root: None,
            day,
            account,
            others,
            outside: Vec::new(),
            files: &[],
            known: BTreeSet::new(),
            values: OnceLock::new(),
            nodes: OnceLock::new(),
            repository: OnceLock::new(),
            open: OnceLock::new(),
        }
    }

    /// With the files that the artifacts are written as, in the same order.
    #[must_use]
    pub fn written(self, files: &'a [File]) -> Self {
        Self { files, ..self }
    }

    /// With what charts make among the artifacts: all of what these releases make.
    #[must_use]
    pub(in crate::check) fn knowing(self, releases: &BTreeSet<Installs>) -> Self {
        Self { known: releases.clone(), ..self }
    }

    /// Whether all that a release makes is among the objects.
    pub fn knows(&self, release: &Release<'_>) -> bool {
        !self.known.is_empty() && self.known.contains(&(release.namespace.map(str::to_owned), release.name.to_owned()))
    }

    /// The bytes of a document's file.
    pub fn size(&self, document: &Document<'_>) -> usize {
        let made = || artifact::finish(&self.artifacts[document.of.artifact]).bytes.len();
        self.files.get(document.of.artifact).map_or_else(made, |file| file.bytes.len())
    }

    /// With the values of the environment that its schema compares with those of others.
    #[must_use]
    pub fn with_compared(self, compared: Vec<Compared>) -> Self {
        Self { compared, ..self }
    }

    /// With the values of the environment.
    #[must_use]
    pub fn of_values(self, root: &'a Tree) -> Self {
        Self { root: Some(root), ..self }
    }

    /// All values of the environment, if they are known.
    pub fn environment_root(&self) -> Option<&'a Tree> {
        self.root
    }

    pub fn compared(&self) -> &[Compared] {
        &self.compared
    }

    /// With who pays for judging it.
    #[must_use]
    pub fn charging(self, account: &Account) -> Self {
        Self { account: account.clone(), ..self }
    }

    pub fn account(&self) -> &Account {
        &self.account
    }

    /// With the day that it is, which nothing here finds out by itself.
    #[must_use]
    pub fn as_of(self, day: Option<&'a str>) -> Self {
        Self { day, ..self }
    }

    /// The day to judge by, as `YYYY-MM-DD`, if one is given.
    pub fn day(&self) -> Option<&'a str> {
        self.day
    }

    /// With a way to see what others put into the tree.
    #[must_use]
    pub fn beside(self, others: Others<'a>) -> Self {
        Self { others: Some(others), ..self }
    }

    /// Where trees of the environment stand in the project, as far as that is known.
    pub fn others(&self) -> Option<&Others<'a>> {
        self.others.as_ref()
    }

    /// Whether somebody else put a file or folder there.
    pub fn is_of_others(&self, path: &Utf8Path) -> bool {
        self.others.as_ref().is_some_and(|others| others.have(path))
    }

    /// The environment's name.
    pub fn environment(&self) -> &'a str {
        self.environment
    }

    /// All YAML and JSON, in the order of their paths, material among it.
    pub fn documents(&self) -> &[Document<'a>] {
        &self.documents
    }

    /// The paths of all artifacts within the tree.
    pub fn paths(&self) -> impl Iterator<Item = &'a Utf8Path> {
        self.artifacts.iter().map(|artifact| artifact.path.as_path())
    }

    /// Files that are neither YAML nor JSON, or of which it is not known what they mean, each with its place.
    pub fn texts(&self) -> impl Iterator<Item = (Place, &'a str)> {
        self.artifacts.iter().enumerate().filter_map(|(artifact, it)| match &it.body {
            Body::Text(text) => Some((Place { artifact, document: 0, path: Path::root() }, text.as_str())),
            Body::Copy(copied) if copied.values.is_empty() => {
                Some((Place { artifact, document: 0, path: Path::root() }, copied.text.as_deref()?))
            }
            Body::Documents(_) | Body::Copy(_) => None,
        })
    }

    /// Whether a file is one that nobody applies as it stands.
    pub fn is_material(&self, place: &Place) -> bool {
        self.material.contains(&place.artifact)
    }

    /// All YAML and JSON but material.
    pub fn meant(&self) -> impl Iterator<Item = &Document<'a>> {
        self.documents.iter().filter(|document| !self.material.contains(&document.of.artifact))
    }

    /// The CloudFormation templates.
    pub fn templates(&self) -> &[cloudformation::Template<'a>] {
        &self.templates
    }

    /// The Kubernetes objects, those of Argo CD and Flux among them.
    pub fn objects(&self) -> &[kubernetes::Object<'a>] {
        &self.objects
    }

    /// The objects that lie beside a kustomization, or below one, which takes them in nowhere: nobody applies them, or
    /// somebody by hand.
    pub fn left_out(&self) -> &[kubernetes::Object<'a>] {
        &self.left_out
    }

    /// The objects of a kind, whatever their version. The core group is `""`.
    pub fn objects_of<'v>(&'v self, group: &'v str, kind: &str) -> impl Iterator<Item = &'v kubernetes::Object<'a>> {
        let found = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        let objects = found.iter().filter_map(|at| self.objects.get(*at));
        objects.filter(move |object| object.group == group)
    }

    /// The resources of a type, in all templates.
    pub fn resources_of<'v>(&'v self, kind: &'v str) -> impl Iterator<Item = &'v cloudformation::Resource<'a>> {
        self.templates.iter().flat_map(move |template| template.resources_of(kind))
    }

    /// The `kustomization.yaml` of each folder that has one.
    pub fn kustomizations(&self) -> &[Kustomization<'a>] {
        &self.kustomizations
    }

    /// The files that kustomizations change or feed others by: none of them is an object by itself.
    pub fn parts(&self) -> BTreeSet<Utf8PathBuf> {
        kustomize::parts(&self.kustomizations)
    }

    /// Whether a file or folder that a kustomization takes in is one of the tree, of which it is known what is there.
    pub fn has(&self, own: &Kustomization<'a>, taken: &Node<'a>) -> bool {
        let Some(path) = taken.text().and_then(|text| own.beside(text)) else { return false };
        self.paths().any(|it| it == path) || self.kustomizations.iter().any(|it| it.folder() == path)
    }

    /// The applications of Argo CD, those that are made many of among them.
    pub fn applications(&self) -> impl Iterator<Item = Application<'_, 'a>> {
        let sets = self.objects_of("argoproj.io", "ApplicationSet");
        self.objects_of("argoproj.io", "Application").chain(sets).filter_map(Application::of)
    }

    /// The folders that Argo CD and Flux apply.
    pub fn appliers(&self) -> impl Iterator<Item = Applier<'_, 'a>> {
        let flux = self.objects_of("kustomize.toolkit.fluxcd.io", "Kustomization");
        self.applications().map(|it| it.object).chain(flux).flat_map(Applier::of)
    }

    /// Where the tree lies in its repository, and what of it the delivering objects point at.
    pub fn repository(&self) -> &repository::Tree<'a> {
        self.repository.get_or_init(|| repository::Tree::of(self))
    }

    /// Files of Helm values.
    pub fn values_files(&self) -> impl Iterator<Item = &Document<'a>> {
        self.documents.iter().filter(|document| document.target == Some(Target::HelmValues))
    }

    /// Helm values: those files, and what stands in the objects of Argo CD and Flux.
    pub fn values(&self) -> &[Node<'a>] {
        self.values.get_or_init(|| {
            let files = self.values_files().map(Document::root);
            let of_releases = self.releases.iter().flat_map(|it| it.values.iter().copied());
            let mut values: Vec<Node<'a>> = files.chain(of_releases).collect();
            values.sort_by_key(Node::number);
            values.dedup_by_key(|node| node.number());
            values
        })
    }

    /// The Helm charts that Argo CD or Flux install, each with the values it gets.
    pub fn releases(&self) -> &[Release<'a>] {
        &self.releases
    }

    pub fn artifact(&self, place: &Place) -> &'a Artifact {
        &self.artifacts[place.artifact]
    }

    /// Whether a place is in the data of a Secret.
    pub fn is_secret_data(&self, place: &Place) -> bool {
        let mut secrets = self.objects.iter().filter(|object| object.kind == "Secret" && object.group.is_empty());
        secrets.any(|object| {
            let rest = place.path.steps().strip_prefix(object.root().path().steps());
            let is_data = rest
                .is_some_and(|rest| matches!(rest, [Step::Key(key), _, ..] if matches!(&**key, "data" | "stringData")));
            is_data && object.document.of.is(place)
        })
    }

    /// A name for what stands at a place that does not change when lines move: the resource of a template,
    /// `network/template.yaml#Vpc`; the object, `Deployment/web/api`; or else the file.
    pub fn subject(&self, place: &Place) -> String {
        let artifact = self.artifact(place);
        let is_in = |object: &&kubernetes::Object<'_>| {
            object.document.of.is(place) && place.path.steps().starts_with(object.root().path().steps())
        };
        if let Some(object) = self.objects.iter().find(is_in) {
            return object.subject();
        }
        let is_template = self.templates.iter().any(|template| template.document.of.is(place));
        match place.path.steps() {
            [_, id, ..] if is_template => format!("{}#{id}", artifact.path),
            _ => artifact.path.to_string(),
        }
    }
}

fn document<'a>(artifacts: &'a [Artifact], table: &'a Table<'a>) -> Document<'a> {
    let (artifact, value) = (&artifacts[table.of.artifact], table.row(0).value);
    let target = Target::meant(artifact.path.as_str(), artifact.target, value);
    Document { of: table.of, path: &artifact.path, target, value, table }
}
