//! Objects that come before the chart that brings their kind.

use std::collections::BTreeMap;

use super::definitions::{charts_of, leaves_out, may_bring_any};
use crate::check::k8s::Object;
use crate::check::view::repository::plain;
use crate::check::{Application, Node, Place, Report, View, rule};

rule! {
    WAVE = Error "gitops/wave";
    summary: "objects are applied in a wave before the chart that brings their kind, or before their namespace";
    explanation: "Argo CD starts a wave when the one before it is healthy. An application whose objects have a kind that only a later wave brings is never healthy, and the later wave never comes: a new cluster stands still. So it does if a namespace comes later than what is in it. Judged for the kinds of well-known charts that an application of the tree installs with their definitions, and for namespaces that the tree makes.";
    wrong: "
        --- # apps/cert-manager.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cert-manager, annotations: {argocd.argoproj.io/sync-wave: '10'}}
        spec: {source: {repoURL: https://charts.jetstack.io, chart: cert-manager, targetRevision: v1.20.0}}
        --- # apps/issuers.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: issuers, annotations: {argocd.argoproj.io/sync-wave: '1'}}
        spec: {source: {repoURL: https://git.example.com/fleet, path: prod/issuers}}
        --- # issuers/internal.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: internal}
        spec: {selfSigned: {}}
    ";
    right: "
        --- # apps/cert-manager.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cert-manager, annotations: {argocd.argoproj.io/sync-wave: '10'}}
        spec: {source: {repoURL: https://charts.jetstack.io, chart: cert-manager, targetRevision: v1.20.0}}
        --- # apps/issuers.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: issuers, annotations: {argocd.argoproj.io/sync-wave: '11'}}
        spec: {source: {repoURL: https://git.example.com/fleet, path: prod/issuers}}
        --- # issuers/internal.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: internal}
        spec: {selfSigned: {}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let tree = view.repository();
    let applications: Vec<_> = view.applications().filter(Application::is_one).collect();
    let mut brought: BTreeMap<&str, Option<(&Application<'_, '_>, i64)>> = BTreeMap::new();
    for application in &applications {
        let Some(own) = wave(application) else { continue };
        for source in application.sources() {
            let Some(path) = source.text_at(["path"]).filter(|_| source.get("chart").is_none()) else { continue };
            let recurse = super::applied::recurses(&source);
            let objects = tree.objects(view, plain(path), recurse);
            let mut late = |group| {
                let brought = brought.entry(group).or_insert_with(|| brought_by(view, &applications, group));
                brought.filter(|(_, wave)| *wave > own)
            };
            let late = objects.iter().find_map(|object| Some((*object, late(object.group)?)));
            if let Some((object, (chart, other))) = late {
                tell(application, object, chart, other, own, report);
            }
        }
    }
}

/// The first application that brings a group's kinds, and its wave.
fn brought_by<'v, 'a>(
    view: &View<'a>,
    applications: &'v [Application<'v, 'a>],
    group: &str,
) -> Option<(&'v Application<'v, 'a>, i64)> {
    let charts = charts_of(group)?;
    let brings = |it: &Application<'_, 'a>| {
        let root = it.object.root();
        let mut own = view.releases().iter().filter(|release| release.by.is_at(&root));
        own.any(|release| (charts.contains(&release.chart) && !leaves_out(release)) || may_bring_any(release.chart))
    };
    let all = applications.iter().filter(|it| brings(it));
    let all: Vec<_> = all.map(|it| Some((it, wave(it)?))).collect::<Option<_>>()?;
    all.into_iter().min_by_key(|(_, wave)| *wave)
}

fn tell(
    application: &Application<'_, '_>,
    object: &Object<'_>,
    chart: &Application<'_, '_>,
    later: i64,
    own: i64,
    report: &mut Report,
) {
    let name = |it: &Application<'_, '_>| it.object.name.unwrap_or_default().to_owned();
    let message = format!(
        "`{}` brings a {} in wave {own}, but its kind comes with `{}` in wave {later}",
        name(application),
        object.kind,
        name(chart)
    );
    report
        .at(&WAVE, place(application), message)
        .label(format!("wave {own}"))
        .also(place(chart), format!("wave {later} brings the kind"))
        .also(object.name_node(), format!("this is a {}", object.kind))
        .help(format!("put `{}` into a wave after {later}", name(application)));
}

fn annotation<'a>(application: &Application<'_, 'a>) -> Option<Node<'a>> {
    application.object.root().at(["metadata", "annotations", "argocd.argoproj.io/sync-wave"])
}

/// 0 without an annotation; none if it cannot be read.
pub(super) fn wave(application: &Application<'_, '_>) -> Option<i64> {
    annotation(application).map_or(Some(0), |node| node.text()?.trim().parse().ok())
}

pub(super) fn place(application: &Application<'_, '_>) -> Place {
    annotation(application).unwrap_or_else(|| application.object.name_node()).place()
}
