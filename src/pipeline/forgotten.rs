//! Environments that extend nothing, where it may be forgotten.

use camino::{Utf8Path, Utf8PathBuf};

use crate::environment::{Tree, elsewhere};
use crate::finding::Finding;
use crate::finding::codes::schema::MISSING_KEY;
use crate::project::{Entry, Project};
use crate::yaml::path::Path;

/// An environment that extends nothing, and lacks what a layer of the project may have: its `extends` may be forgotten.
pub(super) fn suggest<'f>(entry: &Entry, project: &Project, found: impl Iterator<Item = &'f mut Finding>) {
    let Some(layer) = nearest(&entry.path, &project.layers) else { return };
    let folder = folder(entry);
    let way = elsewhere::way(folder, layer);
    let is_file = folder != &*entry.path;
    for finding in found.filter(|finding| finding.rule == &MISSING_KEY) {
        if let Some(help) = &mut finding.help {
            help.push_str(&format!("; or is `extends: [{way}]` forgotten?"));
            if is_file {
                let path = &entry.path;
                help.push_str(&format!(
                    " If `{path}` is no environment, but a layer, keep it in a folder, as `{layer}` is"
                ));
            }
        }
    }
}

/// An environment that sets nothing at all: what it lacks is told once.
pub(super) fn empty(entry: &Entry, project: &Project, root: &Tree, found: &mut Vec<(Path, Finding)>) {
    let lacking = found.iter().filter(|(_, finding)| finding.rule == &MISSING_KEY).count();
    if lacking < 2 || lacking < found.len() || root.as_map().is_some_and(|entries| !entries.is_empty()) {
        return;
    }
    let layer = nearest(&entry.path, &project.layers);
    let Some((_, first)) = found.first_mut() else { return };
    first.message = format!("the environment `{}` sets nothing", entry.name);
    first.help = Some(match layer {
        Some(layer) => {
            format!("begin with `extends: [{}]`, and set what differs below it", elsewhere::way(folder(entry), layer))
        }
        None => "set what the schema requires".to_owned(),
    });
    found.truncate(1);
}

/// Where the paths begin that an environment extends.
fn folder(entry: &Entry) -> &Utf8Path {
    let is_file = matches!(entry.path.extension(), Some("yaml" | "yml"));
    if is_file { entry.path.parent().unwrap_or(Utf8Path::new("")) } else { &entry.path }
}

/// The layer that has most folders in common with an environment; the first of several.
fn nearest<'p>(path: &Utf8Path, layers: &'p [Utf8PathBuf]) -> Option<&'p Utf8PathBuf> {
    let common = |layer: &&Utf8PathBuf| path.components().zip(layer.components()).take_while(|(a, b)| a == b).count();
    layers.iter().rev().max_by_key(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_layer_has_most_folders_in_common() {
        let layers: Vec<Utf8PathBuf> = vec!["environments/base".into(), "environments/eu/base".into()];
        assert_eq!(nearest("environments/eu/prod".into(), &layers), layers.get(1));
        assert_eq!(nearest("environments/prod".into(), &layers), layers.first());
    }
}
