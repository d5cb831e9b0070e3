//! Folders that Argo CD finds nothing in.

use camino::Utf8Path;

use super::path::inside_own;
use crate::check::view::applied::recurses;
use crate::check::view::repository::{is_filled_in, plain};
use crate::check::{Applier, Report, View, rule};

rule! {
    EMPTY_FOLDER = Error "gitops/empty-folder";
    summary: "Argo CD is pointed at a folder that holds only folders";
    explanation: "Argo CD takes the manifests that lie in the folder itself; those below only with `directory: {recurse: true}`, or by a `kustomization.yaml` in it. Otherwise it finds nothing: the application has no resources, and what it had is out of sync from then on (argo-cd.readthedocs.io, \"Directory\").";
    wrong: "
        --- # web/app/service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {ports: [{port: 80}]}
        --- # web/jobs/job.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: jobs}
        spec: {ports: [{port: 80}]}
        --- # apps/jobs.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: jobs}
        spec: {source: {repoURL: https://git.example.com/fleet, path: clusters/prod/web/jobs}}
        --- # apps/web.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: web}
        spec: {source: {repoURL: https://git.example.com/fleet, path: clusters/prod/web}}
    ";
    right: "
        --- # web/app/service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {ports: [{port: 80}]}
        --- # web/jobs/job.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: jobs}
        spec: {ports: [{port: 80}]}
        --- # apps/web.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: web}
        spec: {source: {repoURL: https://git.example.com/fleet, path: clusters/prod/web, directory: {recurse: true}}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for applier in view.appliers().filter(|applier| !applier.is_of_flux()) {
        judge(view, &applier, report);
    }
}

fn judge(view: &View<'_>, applier: &Applier<'_, '_>, report: &mut Report) {
    let Some(path) = applier.path.text().map(plain).filter(|path| !path.is_empty() && !is_filled_in(path)) else {
        return;
    };
    if applier.alters() || recurses(&applier.source) {
        return;
    }
    let tree = view.repository();
    let folder =
        if tree.folder == Some(path) { Some("") } else { tree.inside(path).or_else(|| inside_own(view, path)) };
    let Some(folder) = folder.filter(|folder| folder.is_empty() || tree.folders.contains(folder)) else { return };
    let below = |file: &&&str| folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let in_itself = |file: &&str| Utf8Path::new(file).parent() == Some(Utf8Path::new(folder));
    let mut all = tree.files.iter().filter(below).peekable();
    // Files of others may lie there.
    let is_manifest = |name: &str| view.is_of_others(&Utf8Path::new(folder).join(name));
    if all.peek().is_none()
        || all.clone().any(in_itself)
        || ["kustomization.yaml", "Chart.yaml"].into_iter().any(is_manifest)
    {
        return;
    }
    let first = all.next().copied().unwrap_or_default();
    let inner = Utf8Path::new(first).parent().map_or("", Utf8Path::as_str);
    let inner =
        inner.strip_prefix(folder).unwrap_or(inner).trim_start_matches('/').split('/').next().unwrap_or_default();
    report
        .at(&EMPTY_FOLDER, applier.path, format!("`{path}` holds no manifest itself, only folders such as `{inner}`"))
        .label("Argo CD finds nothing here")
        .help(format!("point at the folder that is meant, `{path}/{inner}`, or add `directory: {{recurse: true}}`"));
}
