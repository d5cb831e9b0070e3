//! Charts that go while objects of the kinds that they brought stay.

use crate::check::{Change, Report, View, rule};
use crate::rules::gitops::{CHARTS, may_bring_any};

rule! {
    PROVIDER_REMOVED = Error "change/provider-removed";
    summary: "a chart goes, and objects of the kinds that it brought stay";
    explanation: "With the chart go its controller and, mostly, the definitions of its kinds, and with these all objects of them. The tree goes on making such objects: a new cluster refuses them, since it has no such kind, and in an old one nobody acts on them any more. Take them out together with the chart, or keep the chart. Judged by a table of well-known charts and the groups whose kinds they bring.";
    wrong: "
        --- # before/applications/cert-manager.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cert-manager, namespace: argocd}
        spec:
          project: default
          destination: {server: https://kubernetes.default.svc, namespace: cert-manager}
          source: {repoURL: https://charts.jetstack.io, chart: cert-manager, targetRevision: v1.21.1}
        --- # before/issuers/internal.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: internal}
        spec: {selfSigned: {}}
        --- # after/issuers/internal.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: internal}
        spec: {selfSigned: {}}
    ";
    right: "
        --- # before/applications/cert-manager.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cert-manager, namespace: argocd}
        spec:
          project: default
          destination: {server: https://kubernetes.default.svc, namespace: cert-manager}
          source: {repoURL: https://charts.jetstack.io, chart: cert-manager, targetRevision: v1.21.1}
        --- # before/issuers/internal.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: internal}
        spec: {selfSigned: {}}
        --- # after/settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    let (old, new) = (change.old(), change.new_tree());
    for (group, charts) in CHARTS {
        let brings = |view: &View<'_>| {
            view.releases().iter().any(|it| charts.contains(&it.chart_name()) || may_bring_any(it.chart))
        };
        let mut before = old.releases().iter().filter(|it| charts.contains(&it.chart_name()));
        let Some(gone) = before.next().filter(|_| !brings(new)) else { continue };
        let mut left = new.objects().iter().filter(|it| it.group == *group);
        let Some(first) = left.next() else { continue };
        let more = left.count();
        let chart = gone.chart_name();
        let what = if more == 0 { String::new() } else { format!(", and {more} more") };
        let message = format!("`{chart}` goes, and this {}{what} of its kinds stay", first.kind);
        report
            .at(&PROVIDER_REMOVED, &first.name_node(), message)
            .beside(change.was(&gone.node), "this chart brought the kind")
            .help(format!("keep `{chart}`, or take out what is of `{group}` as well"));
    }
}
