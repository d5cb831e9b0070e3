//! Values files of another source than the chart's.

use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    VALUES_SOURCE = Error "gitops/values-source";
    summary: "a values file begins with `$NAME`, and no source of the application has that `ref`";
    explanation: "Argo CD takes `$values/…` from the source whose `ref` is `values`. Where none is, it renders nothing of the application, and the chart is not installed (argo-cd.readthedocs.io, \"Multiple Sources for an Application\").";
    wrong: "
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: karpenter, namespace: argocd}
        spec:
          project: default
          destination: {server: 'https://kubernetes.default.svc', namespace: kube-system}
          sources:
            - repoURL: public.ecr.aws/karpenter
              chart: karpenter
              targetRevision: 1.6.0
              helm: {valueFiles: [$values/clusters/prod/karpenter/values.yaml]}
            - {repoURL: 'https://git.example.com/fleet', targetRevision: main, ref: tree}
    ";
    right: "
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: karpenter, namespace: argocd}
        spec:
          project: default
          destination: {server: 'https://kubernetes.default.svc', namespace: kube-system}
          sources:
            - repoURL: public.ecr.aws/karpenter
              chart: karpenter
              targetRevision: 1.6.0
              helm: {valueFiles: [$values/clusters/prod/karpenter/values.yaml]}
            - {repoURL: 'https://git.example.com/fleet', targetRevision: main, ref: values}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for application in view.applications() {
        let sources = application.sources();
        let refs: Vec<_> = sources.iter().filter_map(|source| source.get("ref")).collect();
        // What a generator fills in is not known.
        if refs.iter().any(|it| it.text().is_none_or(super::is_filled_in)) {
            continue;
        }
        for node in sources.iter().flat_map(|source| source.list(["helm", "valueFiles"])) {
            let Some(text) = node.text().filter(|text| text.starts_with('$') && !super::is_filled_in(text)) else {
                continue;
            };
            let name = text[1..].split('/').next().unwrap_or_default();
            if name.starts_with("ARGOCD_") || refs.iter().any(|it| it.text() == Some(name)) {
                continue;
            }
            let draft = report.at(&VALUES_SOURCE, &node, format!("no source of this application has `ref: {name}`"));
            draft.about(text, name).label("Argo CD cannot find the file");
            for other in &refs {
                draft.also(other, "the `ref` of a source");
            }
            let known = refs.iter().filter_map(Node::text);
            let near = suggest::did_you_mean(name, known).filter(|_| refs.len() > 1);
            draft.help(near.unwrap_or_else(|| format!("give the source that has the file `ref: {name}`")));
        }
    }
}
