//! Parameters and secrets that objects read by paths, of which one part is another word.

use std::collections::BTreeMap;

use super::near_name::NEAR_NAME;
use crate::check::{Node, Report, View};

/// `/prod/monitoring/url`, where a template makes `/prod/observability/url`: the first and the last part are the same, and
/// only one made path is so. What differs by a letter is told as a near name.
pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut made: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for (kind, property) in [("AWS::SSM::Parameter", "Name"), ("AWS::SecretsManager::Secret", "Name")] {
        for resource in view.resources_of(kind) {
            // A name that only deployment knows may be this one.
            let Some(node) = resource.property(property) else { return };
            let Some(name) = node.text() else { return };
            made.insert(name, node);
        }
    }
    if made.is_empty() {
        return;
    }
    for kind in ["ExternalSecret", "ClusterExternalSecret"] {
        for secret in view.objects_of("external-secrets.io", kind) {
            for node in secret.root().under("key") {
                if matches!(node.parent().and_then(|it| it.key()), Some("remoteRef" | "extract")) {
                    judge(view, &made, &node, report);
                }
            }
        }
    }
}

fn judge(view: &View<'_>, made: &BTreeMap<&str, Node<'_>>, node: &Node<'_>, report: &mut Report) {
    let Some(name) = node.text().filter(|name| !made.contains_key(name) && !name.contains("{{")) else { return };
    let parts = |name: &'_ str| name.trim_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let own = parts(name);
    if own.len() < 3 || view.is_outside("parameters", None, name) || view.is_outside("secrets", None, name) {
        return;
    }
    let is_like = |other: &&&str| {
        let other = parts(other);
        let differing = own.iter().zip(&other).filter(|(a, b)| a != b).count();
        other.len() == own.len() && differing == 1 && other.first() == own.first() && other.last() == own.last()
    };
    let mut like = made.keys().filter(is_like);
    let (Some(meant), None) = (like.next(), like.next()) else { return };
    report
        .at(&NEAR_NAME, node, format!("no template makes `{name}`"))
        .label("this stays empty")
        .also(&made[meant], format!("a template makes `{meant}`"))
        .help(format!("read `{meant}`, or name under `outside` what another tool makes"));
}
