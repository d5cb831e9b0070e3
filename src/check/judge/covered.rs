//! What was judged before and counts as material now, not because a setting says so, but because of what a change puts
//! beside it: the `Chart.yaml` of a chart, a kustomization that does not take it in, or one that takes it for a patch.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::Made;
use crate::artifact::Artifact;
use crate::check::k8s::Object;
use crate::check::{Before, Document, Former, Laid, View};
use crate::finding::Finding;
use crate::finding::codes::rules::SWITCHED_OFF;
use crate::schema::some_of;

/// Positions of artifacts, by that of the one that covers them.
pub(super) type Covered = BTreeMap<usize, Vec<usize>>;

type Key<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

fn key<'a>(object: &Object<'a>) -> Option<Key<'a>> {
    Some((object.group, object.kind, object.namespace, object.name?))
}

/// What is covered now and was applied in the tree before; `then` is the tree of now with what was material before.
pub(super) fn covered(made: &Made<'_>, before: &Before, former: &Former<'_>, then: &View<'_>) -> Covered {
    let name = &made.environment.name;
    let stood = Laid::out(before.artifacts()).sparing(former.material).past();
    let was = View::new(name, &stood);
    let applied: BTreeSet<Key<'_>> = was.objects().iter().filter_map(key).collect();
    let templates: BTreeSet<&Utf8Path> = was.templates().iter().map(|it| it.document.path).collect();
    let uncovered = Laid::out(made.artifacts).applying((0..made.artifacts.len()).collect());
    let all = View::new(name, &uncovered);
    if all.objects().len() == then.objects().len() && all.templates().len() == then.templates().len() {
        return Covered::new();
    }
    let still: BTreeSet<Key<'_>> = then.objects().iter().filter_map(key).collect();
    let are_still: BTreeSet<&Utf8Path> = then.templates().iter().map(|it| it.document.path).collect();
    let is_covered =
        |object: &&Object<'_>| key(object).is_some_and(|key| applied.contains(&key) && !still.contains(&key));
    let objects = all.objects().iter().filter(is_covered).map(|object| object.document.artifact());
    let of_cloud = all.templates().iter().map(|it| &it.document);
    let of_cloud = of_cloud.filter(|it| templates.contains(it.path) && !are_still.contains(it.path));
    let found: BTreeSet<usize> = objects.chain(of_cloud.map(Document::artifact)).collect();
    let mut covered = Covered::new();
    for at in found {
        covered.entry(cause(made.artifacts, at)).or_default().push(at);
    }
    covered
}

/// The file because of which another one is material: that of a chart around it, else the kustomization that is nearest.
fn cause(artifacts: &[Artifact], at: usize) -> usize {
    let Some(artifact) = artifacts.get(at) else { return at };
    let folders = || artifact.path.ancestors().skip(1);
    let find = |name: &str| folders().find_map(|folder| artifacts.iter().position(|it| it.path == folder.join(name)));
    ["Chart.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization"].into_iter().find_map(find).unwrap_or(at)
}

/// Says so of all that one file covers.
pub(super) fn finding(former: &Former<'_>, artifacts: &[Artifact], cause: usize, covered: &[usize]) -> Option<Finding> {
    let names: Vec<String> = covered.iter().filter_map(|at| Some(format!("`{}`", artifacts.get(*at)?.path))).collect();
    let names = some_of(&names)?;
    let cause = artifacts.get(cause)?;
    let (are, were) = if covered.len() == 1 { ("is", "was") } else { ("are", "were") };
    let message =
        format!("{names} {are} material now because of `{}`, and {were} judged in `{}`", cause.path, former.revision);
    let mut finding = Finding::new(&SWITCHED_OFF, cause.place, message).label("what lies beside this is not judged");
    finding.subject = Some(cause.path.to_string());
    Some(finding.help("is it meant? then let somebody who answers for what is deployed agree"))
}
