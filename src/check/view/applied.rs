//! What applies which objects of the tree: sources of Argo CD's applications, and Flux's Kustomizations.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::application::Applier;
use super::kubernetes::Object;
use super::kustomize::Kustomization;
use super::path::beside;
use super::repository::{Tree, plain};
use super::{Node, View};

/// A folder of the tree that is applied to a cluster.
pub struct Applied<'v, 'a> {
    /// What applies it.
    pub by: Applier<'v, 'a>,
    /// The folder within the tree.
    pub folder: &'a str,
    pub objects: Vec<&'v Object<'a>>,
    altered: Altered<'a>,
    /// Whether a `kustomization.yaml` takes in what is not in the tree.
    pub brings_more: bool,
}

/// Whether something may change objects on their way: patches, prefixes of names, a plugin.
enum Altered<'a> {
    All,
    /// Those of these files, by a `kustomization.yaml`.
    These(BTreeSet<&'a str>),
}

impl Applied<'_, '_> {
    /// Whether the object may be applied otherwise than it stands in its file.
    pub fn may_alter(&self, object: &Object<'_>) -> bool {
        match &self.altered {
            Altered::All => true,
            Altered::These(files) => files.contains(object.document.path.as_str()),
        }
    }
}

/// All folders of the tree that something in it applies.
pub fn applied<'v, 'a>(view: &'v View<'a>) -> Vec<Applied<'v, 'a>> {
    let tree = view.repository();
    let files = Files::of(view);
    let applied = |applier: Applier<'v, 'a>| {
        let source = &applier.source;
        let folder = folder(tree, plain(applier.path.text()?))?;
        let is_chosen = ["include", "exclude"].iter().any(|key| source.at(["directory", key]).is_some());
        let taken = if applier.is_of_flux() {
            files.with_components(folder, &source.list(["components"]))
        } else if files.kustomizations.contains_key(folder) {
            files.kustomized(folder)
        } else if is_chosen {
            return None;
        } else {
            Taken { objects: files.inside(folder, recurses(source)), ..Taken::default() }
        };
        let Taken { objects, altered, brings_more } = taken;
        let altered = if applier.alters() { Altered::All } else { Altered::These(altered) };
        Some(Applied { by: applier, folder, objects, altered, brings_more })
    };
    view.appliers().filter_map(applied).collect()
}

/// Whether a source takes the folders below its own as well.
pub fn recurses(source: &Node<'_>) -> bool {
    source.at(["directory", "recurse"]).is_some_and(|it| *it.value == crate::value::Value::Bool(true))
}

/// A folder of the repository as one of the tree, of which it may be the whole.
fn folder<'p>(tree: &Tree<'_>, path: &'p str) -> Option<&'p str> {
    if tree.folder == Some(path) { Some("") } else { tree.inside(path) }
}

/// The files of a tree as Kustomize sees them.
struct Files<'v, 'a> {
    /// By their folders.
    kustomizations: BTreeMap<&'a str, &'v Kustomization<'a>>,
    /// By their files.
    objects: BTreeMap<&'a str, Vec<&'v Object<'a>>>,
}

/// What is taken from a folder.
#[derive(Default)]
struct Taken<'v, 'a> {
    objects: Vec<&'v Object<'a>>,
    /// The files of what Kustomize may change.
    altered: BTreeSet<&'a str>,
    /// A `kustomization.yaml` takes in what is not in the tree.
    brings_more: bool,
}

impl<'v, 'a> Files<'v, 'a> {
    fn of(view: &'v View<'a>) -> Self {
        // A `kustomization.yaml` looks like an object, and is none.
        let all = view.objects().iter().filter(|object| object.group != "kustomize.config.k8s.io");
        let mut objects: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for object in all {
            objects.entry(object.document.path.as_str()).or_default().push(object);
        }
        Self { kustomizations: view.kustomizations().iter().map(|it| (it.folder(), it)).collect(), objects }
    }

    /// The objects of a folder, and of those below it if that is wanted.
    fn inside(&self, folder: &str, below: bool) -> Vec<&'v Object<'a>> {
        let is_in = |path: &str| {
            let rest = match folder {
                "" => Some(path),
                folder => path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')),
            };
            rest.is_some_and(|rest| below || !rest.contains('/'))
        };
        self.objects.iter().filter(|(path, _)| is_in(path)).flat_map(|(_, objects)| objects).copied().collect()
    }

    /// The same with the components that a Kustomization of Flux adds, by paths from its folder.
    fn with_components(&self, folder: &str, components: &[Node<'a>]) -> Taken<'v, 'a> {
        let mut taken = self.kustomized(folder);
        let own = Utf8Path::new(folder).join("kustomization.yaml");
        for node in components {
            match node.text().and_then(|path| beside(&own, path)) {
                Some(path) if self.kustomizations.contains_key(path.as_str()) => {
                    let more = self.kustomized(path.as_str());
                    taken.objects.extend(more.objects);
                    taken.altered.extend(more.altered);
                    taken.brings_more |= more.brings_more;
                }
                _ => taken.brings_more = true,
            }
        }
        taken
    }

    /// What Kustomize makes of a folder. Without a `kustomization.yaml` Flux takes all files below, and folders that have
    /// one as that says.
    /// <https://fluxcd.io/flux/components/kustomize/kustomizations/#generating-a-kustomizationyaml-file>
    fn kustomized(&self, folder: &str) -> Taken<'v, 'a> {
        let mut taken = Taken::default();
        let mut seen = BTreeSet::new();
        let mut folders = vec![(folder.to_owned(), false)];
        while let Some((folder, mut changes)) = folders.pop() {
            if !seen.insert(folder.clone()) {
                continue;
            }
            let before = taken.objects.len();
            if let Some(own) = self.kustomizations.get(folder.as_str()) {
                changes |= own.alters_anything();
                taken.brings_more |= own.makes_unseen();
                for node in own.taken() {
                    let path = node.text().and_then(|text| own.beside(text)).unwrap_or_default();
                    match self.objects.get(path.as_str()) {
                        Some(objects) => taken.objects.extend(objects),
                        None if self.kustomizations.contains_key(path.as_str()) => {
                            folders.push((path.into_string(), changes));
                        }
                        None => taken.brings_more = true,
                    }
                }
            } else {
                for object in self.inside(&folder, true) {
                    match self.outermost(object.document.path, &folder) {
                        Some(inner) => folders.push((inner.to_owned(), false)),
                        None => taken.objects.push(object),
                    }
                }
            }
            if changes {
                let changed = taken.objects.iter().skip(before);
                taken.altered.extend(changed.map(|object| object.document.path.as_str()));
            }
        }
        taken
    }

    /// The outermost folder between a file and a folder above it that has a `kustomization.yaml`.
    fn outermost<'p>(&self, file: &'p Utf8Path, folder: &str) -> Option<&'p str> {
        let between = file.ancestors().skip(1).map(Utf8Path::as_str).take_while(|it| *it != folder);
        between.filter(|it| self.kustomizations.contains_key(it)).last()
    }
}
