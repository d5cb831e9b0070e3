//! Objects that are too large to be applied the old way.

use super::applied::applied;
use crate::check::{Application, Node, Release, Report, View, rule};
use crate::schema;
use crate::value::Value;

rule! {
    CLIENT_SIDE_APPLY = Error "gitops/client-side-apply";
    summary: "an object is too large for an application without server-side apply";
    explanation: "Argo CD by itself keeps a copy of what it applied in an annotation of the object, and the annotations of an object hold 262,144 bytes at most: the sync fails with `metadata.annotations: Too long`. `ServerSideApply=true` needs no such copy, nor does `Replace=true`, which takes other risks. Judged for the objects of the tree, and for charts that are known to bring larger definitions.";
    wrong: "
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: prometheus-operator-crds}
        spec:
          source: {repoURL: https://prometheus-community.github.io/helm-charts, chart: prometheus-operator-crds, targetRevision: 31.0.1}
    ";
    right: "
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: prometheus-operator-crds}
        spec:
          source: {repoURL: https://prometheus-community.github.io/helm-charts, chart: prometheus-operator-crds, targetRevision: 31.0.1}
          syncPolicy: {syncOptions: [ServerSideApply=true]}
    ";
}

/// `TotalAnnotationSizeLimitB` of the API server.
const MOST: usize = 256 * 1024;

/// Charts whose definitions are larger than that, and since which version.
///
/// kube-prometheus-stack and prometheus-operator-crds: <https://github.com/argoproj/argo-cd/issues/8128>; external-secrets:
/// <https://github.com/external-secrets/external-secrets/issues/5098>; keda: <https://github.com/kedacore/keda/issues/4740>;
/// kyverno: <https://kyverno.io/docs/installation/platform-notes/>, the notes for users of Argo CD.
static CHARTS: [(&str, semver::Version); 5] = [
    ("external-secrets", semver::Version::new(0, 19, 0)),
    ("keda", semver::Version::new(2, 11, 0)),
    ("kube-prometheus-stack", semver::Version::new(30, 0, 0)),
    ("kyverno", semver::Version::new(3, 0, 0)),
    ("prometheus-operator-crds", semver::Version::new(0, 0, 0)),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    objects(view, report);
    for application in view.applications() {
        if !application.options().iter().any(|option| is_enough(option)) {
            charts(view, &application, report);
        }
    }
}

fn is_enough(option: &str) -> bool {
    matches!(option.trim(), "ServerSideApply=true" | "Replace=true")
}

fn objects(view: &View<'_>, report: &mut Report) {
    for applied in applied(view).iter().filter(|it| it.by.object.group == "argoproj.io") {
        if applied.by.options().iter().any(|option| is_enough(option)) {
            continue;
        }
        for object in &applied.objects {
            let own = object.root().text_at(["metadata", "annotations", "argocd.argoproj.io/sync-options"]);
            let size = schema::json(object.root().value).to_string().len();
            if size <= MOST || own.unwrap_or_default().split(',').any(is_enough) {
                continue;
            }
            let by = applied.by.object.name.unwrap_or_default();
            let message = format!("`{by}` cannot apply `{}`: it has {size} bytes", object.subject());
            report
                .at(&CLIENT_SIDE_APPLY, object.name_node(), message)
                .label(format!("a copy of it does not fit into an annotation, which holds {MOST}"))
                .also(&applied.by.path, "applied on the client's side")
                .help(format!("add `ServerSideApply=true` to the `syncOptions` of `{by}`"));
        }
    }
}

fn charts(view: &View<'_>, application: &Application<'_, '_>, report: &mut Report) {
    let root = application.object.root();
    for release in view.releases().iter().filter(|release| release.by.is_at(&root)) {
        let version = release.version.map(|text| text.strip_prefix('v').unwrap_or(text));
        let Some(version) = version.and_then(|text| semver::Version::parse(text).ok()) else { continue };
        let is_large = CHARTS.iter().any(|(chart, since)| *chart == release.chart_name() && version >= *since);
        if !is_large || !brings_definitions(application, release) {
            continue;
        }
        let name = application.object.name.unwrap_or_default();
        report
            .at(
                &CLIENT_SIDE_APPLY,
                &release.node,
                format!("`{name}` cannot apply the definitions of `{}`", release.chart),
            )
            .label(format!("brings definitions of more than {MOST} bytes"))
            .help(format!("add `ServerSideApply=true` to the `syncOptions` of `{name}`"));
    }
}

/// Whether the chart is to bring its definitions, and nothing in its values applies them another way.
fn brings_definitions(application: &Application<'_, '_>, release: &Release<'_>) -> bool {
    let is = |node: Option<Node<'_>>, wanted: bool| node.is_some_and(|it| *it.value == Value::Bool(wanted));
    let mut sources = application.sources().into_iter();
    let source = sources.find(|it| it.get("chart").is_some_and(|it| it.is_at(&release.node)));
    if !release.complete || source.is_none_or(|source| is(source.at(["helm", "skipCrds"]), true)) {
        return false;
    }
    let mut otherwise = false;
    for values in &release.values {
        let switches = [values.get("installCRDs"), values.at(["crds", "install"]), values.at(["crds", "enabled"])];
        otherwise |= switches.into_iter().any(|switch| is(switch, false));
        values.walk(&mut |node| otherwise |= node.text().is_some_and(|text| text.split(',').any(is_enough)));
    }
    !otherwise
}
