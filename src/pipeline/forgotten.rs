//! Environments that extend nothing, where it may be forgotten.

use camino::{Utf8Path, Utf8PathBuf};

use crate::finding::Finding;
use crate::finding::codes::schema::MISSING_KEY;
use crate::project::{Entry, Project};

/// An environment that extends nothing, and lacks what a layer of the project may have: its `extends` may be forgotten.
pub(super) fn suggest<'f>(entry: &Entry, project: &Project, found: impl Iterator<Item = &'f mut Finding>) {
    let Some(layer) = nearest(&entry.path, &project.layers) else { return };
    let folder = if matches!(entry.path.extension(), Some("yaml" | "yml")) {
        entry.path.parent().unwrap_or(Utf8Path::new(""))
    } else {
        &entry.path
    };
    let way = relative(folder, layer);
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

/// The layer that has most folders in common with an environment; the first of several.
fn nearest<'p>(path: &Utf8Path, layers: &'p [Utf8PathBuf]) -> Option<&'p Utf8PathBuf> {
    let common = |layer: &&Utf8PathBuf| path.components().zip(layer.components()).take_while(|(a, b)| a == b).count();
    layers.iter().rev().max_by_key(common)
}

fn relative(from: &Utf8Path, to: &Utf8Path) -> String {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| "..");
    up.chain(to.components().skip(common).map(|part| part.as_str())).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_layer_is_written_as_extends_wants_it() {
        assert_eq!(relative("environments/prod".into(), "environments/base".into()), "../base");
        assert_eq!(relative("environments/eu/prod".into(), "environments/tiers/prod".into()), "../../tiers/prod");
        assert_eq!(relative("environments".into(), "environments/base".into()), "base");
        let layers: Vec<Utf8PathBuf> = vec!["environments/base".into(), "environments/eu/base".into()];
        assert_eq!(nearest("environments/eu/prod".into(), &layers), layers.get(1));
        assert_eq!(nearest("environments/prod".into(), &layers), layers.first());
    }
}
