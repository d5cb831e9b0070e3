//! Objects that lie where a `kustomization.yaml` decides what is applied, and are not named by it.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::Target;
use crate::check::k8s::Object;
use crate::check::view::kustomize::without_key;
use crate::check::{Applier, Kustomization, Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    UNLISTED = Warning "gitops/unlisted-file";
    summary: "a file with an object that the `kustomization.yaml` beside it does not take in";
    explanation: "Kustomize, Argo CD, Flux and `kubectl apply -k` take from such a folder what its `kustomization.yaml` names, and nothing else: the object reaches no cluster, and nothing says so. A file counts as named wherever a kustomization names it: among `resources`, as a patch, as what a generator reads. A folder below, without a `kustomization.yaml` of its own, counts as built by the one above if that takes in another file of it. What applies the folder itself, such as an Application of Argo CD, is let alone, and so is a folder that an Application reads file by file, by `directory`. Where a file is meant for another hand, acknowledge it or keep it in a folder of its own.";
    wrong: "
        --- # web/kustomization.yaml
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [service.yaml]
        --- # web/service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        --- # web/settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: web, namespace: web}
    ";
    right: "
        --- # web/kustomization.yaml
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [service.yaml, settings.yaml]
        --- # web/service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        --- # web/settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: web, namespace: web}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let all = view.kustomizations();
    if all.is_empty() {
        return;
    }
    let named: BTreeSet<Utf8PathBuf> = all.iter().flat_map(|own| names(view, own)).collect();
    let by_folder: BTreeMap<&Utf8Path, &Kustomization<'_>> =
        all.iter().map(|own| (Utf8Path::new(own.folder()), own)).collect();
    // Whose documents those are that Kustomize reads itself.
    let is_config = |path: &Utf8Path| all.iter().any(|own| own.document.path == path);
    let mut told = BTreeSet::new();
    for object in view.objects().iter().chain(view.left_out()) {
        let path = object.document.path;
        if object.document.target != Some(Target::Kubernetes) || named.contains(path) || is_config(path) {
            continue;
        }
        let Some(own) = builder(path, &by_folder, &named) else { continue };
        if is_misnamed(view, own, path) {
            continue;
        }
        if !applies(object, own.folder()) && !is_read_otherwise(view, path, own) && told.insert(path) {
            tell(own, object, report);
        }
    }
}

/// All that a kustomization, and the generators that it has, name in the tree: every text that is a path counts.
fn names<'a>(view: &View<'a>, own: &Kustomization<'a>) -> Vec<Utf8PathBuf> {
    let of_generators = view.generators(own);
    let texts = of_generators.iter().chain([&own.root]).flat_map(Node::texts);
    texts.filter_map(|(_, text, _)| own.beside(without_key(text))).collect()
}

/// The kustomization that decides about a file.
fn builder<'k, 'a>(
    file: &Utf8Path,
    by_folder: &BTreeMap<&Utf8Path, &'k Kustomization<'a>>,
    named: &BTreeSet<Utf8PathBuf>,
) -> Option<&'k Kustomization<'a>> {
    let folder = file.parent()?;
    let (at, own) = folder.ancestors().find_map(|above| Some((above, by_folder.get(above)?)))?;
    let takes_others = || {
        let below = named.range(folder.to_owned()..).take_while(|it| it.starts_with(folder));
        below.into_iter().any(|it| it.parent() == Some(folder))
    };
    (at == folder || takes_others()).then_some(*own)
}

/// Whether the kustomization names a file that is not there by nearly the same name, which is told by itself.
fn is_misnamed<'a>(view: &View<'a>, own: &Kustomization<'a>, file: &Utf8Path) -> bool {
    let name = file.strip_prefix(own.folder()).unwrap_or(file).as_str();
    let mut missing = own.taken().filter(|taken| !view.has(own, taken));
    missing.any(|taken| taken.text().is_some_and(|text| suggest::nearest(text, [name]).is_some()))
}

/// Whether an object is what applies the folder: it cannot be a part of what it brings.
fn applies(object: &Object<'_>, folder: &str) -> bool {
    Applier::of(object).iter().any(|it| it.path.text().is_some_and(|path| is_end_of(folder, path)))
}

/// Whether an application reads the folder without asking its kustomization, or a folder below, which has none.
fn is_read_otherwise(view: &View<'_>, file: &Utf8Path, own: &Kustomization<'_>) -> bool {
    let below = file.ancestors().skip(1).map(Utf8Path::as_str).take_while(|folder| *folder != own.folder());
    let below: Vec<&str> = below.collect();
    view.appliers().any(|it| {
        let is_direct = it.source.get("directory").is_some();
        let reads = |folder: &str| it.path.text().is_some_and(|path| is_end_of(folder, path));
        below.iter().any(|folder| reads(folder)) || is_direct && reads(own.folder())
    })
}

/// Whether a path in a repository ends in a folder of the tree.
fn is_end_of(folder: &str, path: &str) -> bool {
    let path = path.trim_start_matches("./").trim_matches('/');
    path.strip_suffix(folder).is_some_and(|rest| rest.is_empty() || rest.ends_with('/') || folder.is_empty())
}

fn tell(own: &Kustomization<'_>, object: &Object<'_>, report: &mut Report) {
    let (path, list) = (object.document.path, own.document.path);
    let name = path.strip_prefix(own.folder()).unwrap_or(path);
    let draft = report.at(&UNLISTED, object.root(), format!("`{list}` does not take in `{path}`"));
    draft.label("nothing applies it");
    draft.also(own.root.get("resources").unwrap_or(own.root), "what is applied from this folder");
    draft.subject(path.as_str());
    draft.help(format!("add `- {name}` to `resources`; if it is applied another way, keep it in a folder of its own"));
}
