//! Sizes of volumes that charts put into a `StatefulSet`.

use crate::check::{Change, Report, rule};

rule! {
    VOLUME_SIZE = Error "change/volume-size";
    summary: "the size of a volume changes that a chart's `StatefulSet` asks for";
    explanation: "The claims of a StatefulSet, `volumeClaimTemplates`, can never be changed: the API server refuses the whole object, and Argo CD and Flux go on failing. A volume never shrinks at all. To let one grow, delete the StatefulSet with `--cascade=orphan`, let the claims grow, and apply it again. Judged for charts that are known to make one.";
    wrong: "
        --- # before/loki/values.yaml
        singleBinary: {persistence: {size: 20Gi}}
        --- # after/loki/values.yaml
        singleBinary: {persistence: {size: 10Gi}}
    ";
    right: "
        --- # before/loki/values.yaml
        singleBinary: {persistence: {size: 20Gi}}
        --- # after/loki/values.yaml
        singleBinary: {persistence: {size: 20Gi}, replicas: 1}
    ";
}

/// Charts, and where their values have the size of a claim of a `StatefulSet`. Read in the charts, 2026-11.
const SIZES: [(&str, &str); 15] = [
    ("loki", "singleBinary.persistence.size"),
    ("loki", "write.persistence.size"),
    ("loki", "backend.persistence.size"),
    ("loki", "read.persistence.size"),
    ("loki", "ingester.persistence.size"),
    ("tempo", "persistence.size"),
    ("tempo-distributed", "ingester.persistence.size"),
    ("mimir-distributed", "ingester.persistentVolume.size"),
    ("mimir-distributed", "store_gateway.persistentVolume.size"),
    ("mimir-distributed", "compactor.persistentVolume.size"),
    ("vault", "server.dataStorage.size"),
    ("opensearch", "persistence.size"),
    ("redis", "master.persistence.size"),
    ("redis", "replica.persistence.size"),
    ("postgresql", "primary.persistence.size"),
];

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for (chart, path) in SIZES {
        let (old, new) = (change.old().values_of_chart(chart), change.new_tree().values_of_chart(chart));
        let ([old], [new]) = (&old[..], &new[..]) else { continue };
        let (Some(was), Some(node)) = (old.get(path), new.get(path)) else { continue };
        let (Some(before), Some(now)) = (was.text(), node.text()) else { continue };
        if before == now {
            continue;
        }
        report
            .at(&VOLUME_SIZE, &node, format!("the volumes of `{chart}` cannot change from {before} to {now}"))
            .label("a claim of a StatefulSet never changes")
            .beside(change.was(&was), format!("it was {before}"))
            .help("leave it; to let it grow, delete the StatefulSet with `--cascade=orphan` and let the claims grow first");
    }
}
