//! Objects in a version of their API that the installed chart no longer serves.

use semver::Version;

use super::tables::{CHART_APIS, ChartApi};
use crate::check::{Release, Report, View, rule};

rule! {
    CHART_API = Error "lifecycle/chart-api";
    summary: "an object of an API version that the installed chart no longer serves";
    explanation: "A chart brings the definitions of its own kinds, and a later version stops to serve an old version of their API. Objects in it are refused, and those that are there already are read by nobody. Judged where the tree installs the chart, in a version of which that is known: cert-manager, external-secrets, Karpenter, Traefik.";
    wrong: "
        --- # app.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: karpenter, namespace: argocd}
        spec:
          project: default
          destination: {server: 'https://kubernetes.default.svc', namespace: kube-system}
          source: {repoURL: public.ecr.aws/karpenter, chart: karpenter, targetRevision: 1.14.1}
        --- # pool.yaml
        apiVersion: karpenter.sh/v1beta1
        kind: NodePool
        metadata: {name: general}
        spec: {template: {spec: {nodeClassRef: {name: default}}}}
    ";
    right: "
        --- # app.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: karpenter, namespace: argocd}
        spec:
          project: default
          destination: {server: 'https://kubernetes.default.svc', namespace: kube-system}
          source: {repoURL: public.ecr.aws/karpenter, chart: karpenter, targetRevision: 1.14.1}
        --- # pool.yaml
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}}}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for object in view.objects() {
        let Some(api) = object.root().get("apiVersion") else { continue };
        let Some(row) = CHART_APIS.iter().find(|row| Some(row.api) == api.text() && row.has(object.kind)) else {
            continue;
        };
        // Where the chart is there twice, one of its versions may still serve it.
        let mut releases = view.releases().iter().filter(|release| row.is_of(release)).peekable();
        let Some(release) = releases.peek().copied() else { continue };
        if !releases.all(|release| row.is_gone(release)) {
            continue;
        }
        let (kind, version) = (object.kind, release.version.unwrap_or_default());
        let chart = row.chart;
        report
            .at(&CHART_API, &api, format!("`{chart}` {version} does not serve `{kind}` in `{}` any more", row.api))
            .label("the API server knows no such kind")
            .also(release.version_node.as_ref().unwrap_or(&release.node), "the chart that brings the definition")
            .help(format!("write it for `{}`", row.now));
    }
}

impl ChartApi {
    fn has(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// A chart, or its sister that brings the definitions alone.
    fn is_of(&self, release: &Release<'_>) -> bool {
        let name = release.chart_name();
        name.strip_suffix("-crd").or(name.strip_suffix("-crds")).unwrap_or(name) == self.chart
    }

    fn is_gone(&self, release: &Release<'_>) -> bool {
        let (major, minor, patch) = self.since;
        let text = release.version.unwrap_or_default();
        Version::parse(text.strip_prefix('v').unwrap_or(text))
            .is_ok_and(|version| version >= Version::new(major, minor, patch))
    }
}
