//! Objects and charts that two deliver to one cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::applied::{Applied, applied};
use super::is_filled_in;
use crate::check::k8s::Object;
use crate::check::{Node, Release, Report, View, rule};

rule! {
    TWO_OWNERS = Error "gitops/two-owners";
    summary: "two applications, or two objects of Flux, deliver the same to one cluster";
    explanation: "Both apply it, and both believe that they alone do: Argo CD shows one of them as out of sync for ever, and whichever is deleted first takes the objects along. Folders are compared by the files that are applied from them, so a folder and one above it that is taken with all below count; folders that patches, prefixes or another namespace change on the way do not. Releases of Helm are the same if they have one name in one namespace; under Argo CD, which keeps no releases, only those of the same chart are.";
    wrong: "
        --- # shop/settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: shop}
        --- # flux/all.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: all, namespace: flux-system}
        spec: {path: ./prod/shop}
        --- # flux/shop.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: shop, namespace: flux-system}
        spec: {path: ./prod/shop}
    ";
    right: "
        --- # shop/settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: shop}
        --- # flux/all.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: all, namespace: flux-system}
        spec: {path: ./prod/flux}
        --- # flux/shop.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: shop, namespace: flux-system}
        spec: {path: ./prod/shop}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    folders(view, report);
    releases(view, report);
}

fn folders(view: &View<'_>, report: &mut Report) {
    let all: Vec<_> = applied(view).into_iter().filter(is_known).collect();
    for (number, one) in all.iter().enumerate() {
        let as_written = |it: &Applied<'_, '_>, object: &&&Object<'_>| !it.may_alter(object);
        let own = one.objects.iter().filter(|object| as_written(one, object));
        let own: BTreeSet<_> = own.map(|object| object.document.path).collect();
        for other in &all[..number] {
            if !is_same_target(one, other) {
                continue;
            }
            let both = other.objects.iter().filter(|it| as_written(other, it) && own.contains(it.document.path));
            // An object without a namespace of its own may be made twice, in two namespaces.
            let is_one = |object: &&&Object<'_>| {
                object.namespace.is_some() || object.is_cluster_wide() || one.by.namespace() == other.by.namespace()
            };
            let same: Vec<_> = both.filter(is_one).collect();
            if let Some(object) = same.first() {
                tell(one, other, object, same.len() - 1, report);
            }
        }
    }
}

/// Whether it is written out where it comes from and where it goes to.
fn is_known(applied: &Applied<'_, '_>) -> bool {
    let texts = [applied.by.cluster(), applied.by.namespace(), applied.by.repository()];
    !texts.into_iter().flatten().any(is_filled_in)
}

fn is_same_target(one: &Applied<'_, '_>, other: &Applied<'_, '_>) -> bool {
    one.by.object.group == other.by.object.group
        && one.by.cluster() == other.by.cluster()
        && one.by.repository() == other.by.repository()
        && one.by.object.document.path != other.by.object.document.path
}

fn tell(one: &Applied<'_, '_>, other: &Applied<'_, '_>, object: &Object<'_>, more: usize, report: &mut Report) {
    let (a, b) = (other.by.object.name.unwrap_or_default(), one.by.object.name.unwrap_or_default());
    let count = match more {
        0 => String::new(),
        1 => " and 1 more object".to_owned(),
        more => format!(" and {more} more objects"),
    };
    report
        .at(&TWO_OWNERS, &one.by.path, format!("`{a}` and `{b}` both apply `{}`{count}", object.subject()))
        .about(one.by.path.text().unwrap_or_default(), one.folder)
        .label("takes it in")
        .also_about(&other.by.path, other.folder, "so does this")
        .also(object.name_node(), "the object")
        .help("let one of them apply the folder, or move what the other needs into a folder of its own");
}

fn releases(view: &View<'_>, report: &mut Report) {
    let mut first: BTreeMap<Installed<'_>, (&Release<'_>, Node<'_>)> = BTreeMap::new();
    for object in view.objects().iter().filter(|object| object.kind != "ApplicationSet") {
        let root = object.root();
        for release in view.releases().iter().filter(|release| release.by.is_at(&root)) {
            let Some(installed) = installed(object, release) else { continue };
            let Some((_, node)) = first.get(&installed) else {
                first.insert(installed, (release, object.name_node()));
                continue;
            };
            if node.is_at(&object.name_node()) {
                continue;
            }
            let (name, namespace) = (installed.name.as_str(), installed.namespace);
            report
                .at(
                    &TWO_OWNERS,
                    object.name_node(),
                    format!("the release `{name}` is installed twice into `{namespace}`"),
                )
                .also(node, "the other one that installs it")
                .help("give one of them another `releaseName`, or take it out");
        }
    }
}

/// What makes a release the same as another one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Installed<'a> {
    cluster: Option<&'a str>,
    namespace: &'a str,
    name: String,
    /// Argo CD only renders a chart: what counts is the objects.
    chart: Option<&'a str>,
}

fn installed<'a>(object: &Object<'a>, release: &Release<'a>) -> Option<Installed<'a>> {
    let spec = object.root().get("spec")?;
    let text = |key: &str| spec.text_at([key]);
    let installed = if object.kind == "HelmRelease" {
        // <https://fluxcd.io/flux/components/helm/helmreleases/#release-name>
        let own = object.name?;
        let composed = || text("targetNamespace").map_or_else(|| own.to_owned(), |target| format!("{target}-{own}"));
        Installed {
            cluster: spec.text_at(["kubeConfig", "secretRef", "name"]),
            namespace: text("storageNamespace").or(object.namespace)?,
            name: text("releaseName").map_or_else(composed, str::to_owned),
            chart: None,
        }
    } else {
        let destination = spec.get("destination")?;
        Installed {
            cluster: destination.text_at(["server"]).or_else(|| destination.text_at(["name"])),
            namespace: release.namespace?,
            name: release.name.to_owned(),
            chart: Some(release.chart),
        }
    };
    let texts = [installed.cluster, Some(installed.namespace), Some(installed.name.as_str())];
    let is_known = !texts.into_iter().flatten().any(is_filled_in);
    is_known.then_some(installed)
}
