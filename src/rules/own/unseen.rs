//! What Kustomize makes after the project's rules have judged.

use super::OwnRule;
use crate::artifact::Target;
use crate::check::{Kustomization, Node, Report, View};
use crate::finding::codes::rules::UNSEEN;
use crate::glob;

/// Keys by which objects come or change in ways that nobody follows here.
const UNFOLLOWED: [&str; 7] =
    ["helmCharts", "helmChartInflationGenerator", "generators", "transformers", "replacements", "vars", "imageTags"];

const PATCHES: [&str; 3] = ["patches", "patchesStrategicMerge", "patchesJson6902"];

/// Names of images with one of these are patterns to Kustomize.
const SIGNS: [char; 13] = ['*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '^', '$', '\\'];

/// Says which kustomizations change or bring what these rules would judge, once for each.
pub(in crate::rules) fn unseen(rules: &[&OwnRule], view: &View<'_>, report: &mut Report) {
    if view.kustomizations().is_empty() || !rules.iter().any(|rule| rule.judges(None)) {
        return;
    }
    for own in view.kustomizations() {
        let mut places = places(rules, view, own).into_iter();
        let Some(first) = places.next() else { continue };
        let message = format!("`{}` changes or brings what the project's rules do not see", own.document.path);
        let draft = report.at(&UNSEEN, first, message);
        draft.label("applied after the rules have judged").subject(own.document.path.as_str());
        for other in places.take(SHOWN) {
            draft.also(other, "this as well");
        }
        draft.help("let the templates make it as it is to be, so that it is judged; where it is meant, acknowledge this finding");
    }
}

/// More places in one finding are noise.
const SHOWN: usize = 3;

fn places<'a>(rules: &[&OwnRule], view: &View<'a>, own: &Kustomization<'a>) -> Vec<Node<'a>> {
    let is_elsewhere = |node: &Node<'a>| node.text().is_some_and(|text| is_address(text) || own.beside(text).is_none());
    let remote = own.taken().filter(is_elsewhere);
    let unfollowed = UNFOLLOWED.into_iter().filter_map(|key| own.root.get(key));
    let is_pattern = |entry: &Node<'a>| entry.text_at(["name"]).is_some_and(|name| name.contains(SIGNS));
    let images = own.root.list(["images"]).into_iter().filter(is_pattern);
    let patches = PATCHES.into_iter().flat_map(|key| own.root.list([key]));
    let patches = patches.filter(|patch| is_unjudged(rules, view, own, patch));
    remote.chain(unfollowed).chain(images).chain(patches).collect()
}

fn is_address(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    text.contains("://")
        || text.contains("?ref=")
        || host.contains(':')
        || (host.contains('.') && !host.starts_with('.') && text.contains("//"))
        || host == "github.com"
}

/// Whether a patch is one of what a rule is about, and no object that it judges.
fn is_unjudged<'a>(rules: &[&OwnRule], view: &View<'a>, own: &Kustomization<'a>, patch: &Node<'a>) -> bool {
    let text = patch.text().or_else(|| patch.text_at(["patch"])).or_else(|| patch.text_at(["path"]));
    let is_object = |document: &crate::check::Document<'_>| document.root().text_at(["kind"]).is_some();
    let file = text.filter(|text| !text.contains('\n')).and_then(|text| own.beside(text));
    if file.is_some_and(|file| view.meant().any(|document| document.path == file && is_object(document))) {
        return false;
    }
    let kind = patch.at(["target", "kind"]).as_ref().and_then(Node::text);
    let said =
        || text?.lines().find_map(|line| line.strip_prefix("kind:")).map(|kind| kind.trim().trim_matches(['"', '\'']));
    let kind = kind.or_else(said).filter(|kind| kind.chars().all(|letter| letter.is_ascii_alphanumeric()));
    rules.iter().any(|rule| rule.judges(kind))
}

impl OwnRule {
    /// Whether it may be about Kubernetes objects, of this kind if it is known.
    fn judges(&self, kind: Option<&str>) -> bool {
        self.wanted.iter().any(|wanted| {
            let is_of_objects = wanted.target.is_none_or(|target| target == Target::Kubernetes);
            let is_kind = kind.zip(wanted.kind.as_ref()).is_none_or(|(kind, wanted)| glob::matches(wanted, kind));
            is_of_objects && wanted.resource.is_none() && is_kind
        })
    }
}
