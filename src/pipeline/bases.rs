//! What is said of layers by who looks at all environments: one that is an environment by mistake, and one that none names.

use camino::{Utf8Path, Utf8PathBuf};

use super::compile::Left;
use crate::finding::codes::project::BASE_ENVIRONMENT;
use crate::finding::codes::schema::MISSING_KEY;
use crate::finding::{Finding, Findings};
use crate::project::{Entry, Project};
use crate::source::Span;

/// Environments that could not be rendered, and that others extend.
pub(super) fn extended(entries: &[&Entry], left: &[Left], is_refused: impl Fn(usize) -> bool) -> Findings {
    let mut findings = Findings::default();
    for (at, entry) in entries.iter().enumerate().filter(|(at, _)| is_refused(*at)) {
        let extends = |(_, left): &(&&Entry, &Left)| {
            left.layers.split_last().is_some_and(|(_, below)| below.contains(&entry.path))
        };
        let Some((other, _)) = entries.iter().zip(left).find(extends) else { continue };
        let Some(&file) = left[at].files.first() else { continue };
        let message = format!("`{}` is an environment, and `{}` extends it", entry.name, other.name);
        let help = if is_file(&entry.path) {
            "if it is only there to be extended, move it into a folder of its own, as in `base/base.yaml`"
        } else {
            "if it is only there to be extended, give its `environment.yaml` another name, such as `base.yaml`"
        };
        let span = Span::file_start(file);
        findings.push(Finding::new(&BASE_ENVIRONMENT, span, message).label("so all of it must be here").help(help));
    }
    findings
}

/// An environment that extends nothing, and lacks what a layer of the project may have: its `extends` may be forgotten.
pub(super) fn suggest<'f>(entry: &Entry, project: &Project, found: impl Iterator<Item = &'f mut Finding>) {
    let Some(layer) = nearest(&entry.path, &project.layers) else { return };
    let folder = if is_file(&entry.path) { entry.path.parent().unwrap_or(Utf8Path::new("")) } else { &entry.path };
    let way = relative(folder, layer);
    for finding in found.filter(|finding| finding.rule == &MISSING_KEY) {
        if let Some(help) = &mut finding.help {
            help.push_str(&format!("; or is `extends: [{way}]` forgotten?"));
        }
    }
}

fn is_file(path: &Utf8Path) -> bool {
    matches!(path.extension(), Some("yaml" | "yml"))
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
