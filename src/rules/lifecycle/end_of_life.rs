//! Charts of what nobody maintains any more.

use super::day;
use super::tables::{ENDED, Ended};
use crate::check::{Report, View, rule};

rule! {
    END_OF_LIFE = Warning "lifecycle/end-of-life";
    summary: "a chart is installed that has reached its end of life";
    explanation: "Its makers mend nothing in it any more, not even what is found to be unsafe, and newer versions of Kubernetes will break it one day. If you must keep it for a while, acknowledge the finding, with the day until which. The subject is `Chart/` and its name. Judged by a table in platc: of the day that `--as-of` gives, or else of the day when the table was made.";
    wrong: "
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: logs}
        spec: {source: {repoURL: https://grafana.github.io/helm-charts, chart: promtail, targetRevision: 6.17.1}}
    ";
    right: "
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: logs}
        spec: {source: {repoURL: https://grafana.github.io/helm-charts, chart: alloy, targetRevision: 1.11.1}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for release in view.releases() {
        let chart = release.chart_name();
        let ended = ENDED.iter().find(|ended| ended.chart == chart && ended.day <= day(view));
        if let Some(Ended { day, instead, .. }) = ended {
            report
                .at(&END_OF_LIFE, &release.node, format!("the chart `{chart}` reached its end of life on {day}"))
                .about(release.node.text().unwrap_or_default(), chart)
                .label("nobody mends this any more")
                .help(format!("install {instead}"))
                .subject(format!("Chart/{chart}"));
        }
    }
}
