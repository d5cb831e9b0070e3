//! What has to hold among the fields of volumes and takes more than a row.

use super::FIELDS;
use super::laws::exclude;
use super::spot::{get, is_written};
use crate::check::{Node, Report};

/// Each file of a projected volume comes from one source.
pub(super) fn paths_once(volume: &Node<'_>, report: &mut Report) {
    let mut seen: Vec<Node<'_>> = Vec::new();
    for source in volume.list(["sources"]) {
        let lists = ["secret", "configMap", "downwardAPI"].map(|kind| source.list([kind, "items"]));
        let paths = lists.into_iter().flatten().filter_map(|item| item.get("path"));
        for path in paths {
            let Some(text) = path.text().filter(|text| !text.is_empty() && is_written(text)) else { continue };
            match seen.iter().find(|first| first.text() == Some(text)) {
                Some(first) => {
                    report
                        .at(&FIELDS, &path, format!("two sources of the volume have the file `{text}`"))
                        .also(first, "the other one")
                        .help("give one of them another path");
                }
                None => seen.push(path),
            }
        }
    }
}

/// Names of what is reached by fibre: of the target, with a number, or of the disk.
pub(super) fn world_wide_names(disk: &Node<'_>, report: &mut Report) {
    let list = |key: &str| get(disk, key).filter(|names| !names.items().is_empty());
    match (list("targetWWNs"), list("wwids")) {
        (None, None) => {
            report.at(&FIELDS, disk, "a disk on fibre needs `targetWWNs` or `wwids`").help("add one of them");
        }
        (Some(targets), Some(disks)) => exclude("`targetWWNs`", &targets, "`wwids`", &disks, report),
        (Some(targets), None) => match get(disk, "lun") {
            None => {
                report.at(&FIELDS, &targets, "`targetWWNs` needs `lun`").help("add `lun`");
            }
            Some(lun) if lun.integer().is_some_and(|number| !(0..=255).contains(&number)) => {
                report.at(&super::VALUE, &lun, "`lun` must be between 0 and 255");
            }
            Some(_) => {}
        },
        (None, Some(_)) => {}
    }
}

/// The address of a disk is one of its kind.
pub(super) fn shared_disk(disk: &Node<'_>, report: &mut Report) {
    let (Some(kind), Some(address)) = (disk.text_at(["kind"]), get(disk, "diskURI")) else { return };
    let Some(text) = address.text().filter(|text| is_written(text)) else { return };
    let begin = match kind {
        "Managed" => "/subscriptions/",
        "Shared" | "Dedicated" => "https://",
        _ => return,
    };
    if !text.starts_with(begin) {
        report
            .at(&super::VALUE, &address, format!("the address of a disk of kind `{kind}` begins with `{begin}`"))
            .label("this does not");
    }
}
