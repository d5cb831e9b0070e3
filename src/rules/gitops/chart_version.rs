//! Versions of charts that somebody else can change.

use super::is_filled_in;
use crate::check::{Node, Place, Report, View, rule};

rule! {
    CHART_VERSION = Warning "gitops/chart-version";
    summary: "a chart is installed in a version that can change by itself";
    explanation: "With a range, `*`, `latest` or no version at all, the repository of the chart decides when the cluster is upgraded: without a review, in all environments at once, and nothing to go back to. Name one version, or a digest.";
    wrong: "
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cert-manager}
        spec: {source: {repoURL: https://charts.jetstack.io, chart: cert-manager, targetRevision: 1.x}}
    ";
    right: "
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cert-manager}
        spec: {source: {repoURL: https://charts.jetstack.io, chart: cert-manager, targetRevision: v1.20.0}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for source in view.applications().flat_map(|it| it.sources()) {
        if let Some(chart) = source.get("chart") {
            judge(&chart, source.get("targetRevision"), source.place().key("targetRevision"), report);
        }
    }
    let mut charts = Vec::new();
    let mut registries = Vec::new();
    for release in view.objects_of("helm.toolkit.fluxcd.io", "HelmRelease") {
        charts.extend(release.root().at(["spec", "chart", "spec"]));
        if release.root().text_at(["spec", "chartRef", "kind"]) == Some("OCIRepository") {
            registries.extend(release.root().text_at(["spec", "chartRef", "name"]));
        }
    }
    charts.extend(view.objects_of("source.toolkit.fluxcd.io", "HelmChart").filter_map(|it| it.root().get("spec")));
    for spec in charts {
        // A chart from Git has the version of its commit.
        if spec.text_at(["sourceRef", "kind"]) == Some("HelmRepository")
            && let Some(chart) = spec.get("chart")
        {
            judge(&chart, spec.get("version"), spec.place().key("version"), report);
        }
    }
    for registry in view.objects_of("source.toolkit.fluxcd.io", "OCIRepository") {
        let root = registry.root();
        let (Some(name), Some(url)) = (registry.name, root.at(["spec", "url"])) else { continue };
        if registries.contains(&name) && root.at(["spec", "ref", "digest"]).is_none() {
            let version = root.at(["spec", "ref", "semver"]).or_else(|| root.at(["spec", "ref", "tag"]));
            judge(&url, version, url.place(), report);
        }
    }
}

fn judge(chart: &Node<'_>, version: Option<Node<'_>>, place: Place, report: &mut Report) {
    let Some(name) = chart.text() else { return };
    let Some(version) = version else {
        let draft = report.at(&CHART_VERSION, place, format!("the chart `{name}` is installed in its newest version"));
        draft.help("name the version that was tested");
        return;
    };
    let Some(text) = version.text() else { return };
    let bare = text.strip_prefix('v').unwrap_or(text);
    if is_filled_in(text) || semver::Version::parse(bare).is_ok() || text.contains("@sha256:") {
        return;
    }
    let draft = report.at(&CHART_VERSION, &version, format!("`{text}` is no single version of the chart `{name}`"));
    draft.label("what this means can change by itself").help("name the version that was tested, such as `1.2.3`");
}
