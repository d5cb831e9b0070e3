//! Paths that speak of the project's own folders: of the tree that is committed, and of the one that is not.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::PATH;
use crate::check::view::repository::{Of, Pointer, Tree};
use crate::check::{Others, Report, View};
use crate::disk::Disk;
use crate::finding::suggest::nearest;

/// Bytes of a `.gitignore` that are read at most.
const IGNORED: u64 = 1 << 20;

/// The folders of an environment's trees in the project: `golden/prod`, `rendered/prod`.
struct Own<'a> {
    disk: &'a dyn Disk,
    /// The folder of all golden trees.
    golden: &'a Utf8Path,
    output: &'a Utf8Path,
    environment: &'a str,
}

/// `is_told`: what the paths that lead into the tree have told already.
pub(super) fn check(view: &View<'_>, tree: &Tree<'_>, is_told: impl Fn(&Pointer<'_>) -> bool, report: &mut Report) {
    let Some(own) = view.others().and_then(|others| Own::of(others, view.environment())) else { return };
    // What deploys the trees of several environments is a place of its own.
    let foreign: BTreeSet<&str> = tree.pointers.iter().filter_map(|it| own.foreign(it.path)?.0).collect();
    for pointer in tree.pointers.iter().filter(|pointer| !is_told(pointer)) {
        // Without an address it is the repository that the object itself lies in.
        let is_certain = pointer.repository.is_none();
        own.within(view, tree, pointer, is_certain, report);
        own.of_another(tree, pointer, (is_certain, foreign.len() == 1), report);
        own.uncommitted(tree, pointer, is_certain, report);
        own.misnamed(tree, pointer, report);
    }
}

/// The part of a path that lies in the golden tree of the environment, `golden/prod/app`.
pub(in crate::rules::gitops) fn inside_own<'p>(view: &View<'_>, path: &'p str) -> Option<&'p str> {
    let own = Own::of(view.others()?, view.environment())?;
    let (environment, inside) = below(path, own.golden)?;
    (environment == Some(own.environment)).then_some(inside)
}

impl<'a> Own<'a> {
    fn of(others: &'a Others<'_>, environment: &'a str) -> Option<Self> {
        let [output, golden] = &others.trees[..] else { return None };
        let (output, golden) = (output.parent()?, golden.parent()?);
        let is_plain = !golden.as_str().is_empty() && !output.as_str().is_empty() && golden != output;
        is_plain.then_some(Self { disk: others.disk, golden, output, environment })
    }

    /// A path into this environment's golden tree that leads to nothing there. In another repository a tree may have the
    /// same name: then only what is near to something of this one is told.
    fn within(&self, view: &View<'_>, tree: &Tree<'_>, pointer: &Pointer<'_>, is_certain: bool, report: &mut Report) {
        let Some((Some(environment), inside)) = below(pointer.path, self.golden) else { return };
        if environment != self.environment || inside.is_empty() || tree.has(inside, pointer.of) {
            return;
        }
        if view.is_of_others(Utf8Path::new(inside)) {
            return;
        }
        let (what, known) = match pointer.of {
            Of::File => ("file", &tree.files),
            Of::Folder => ("folder", &tree.folders),
        };
        let near = nearest(inside, known.iter().copied());
        if near.is_none() && !is_certain {
            return;
        }
        let draft = report.at(&PATH, pointer.node, format!("the tree of this environment has no {what} `{inside}`"));
        draft.about(pointer.node.text().unwrap_or_default(), inside).label(format!("points at no {what}"));
        draft.help(
            near.map_or_else(|| format!("name a {what} that templates make"), |near| format!("did you mean `{near}`?")),
        );
    }

    /// The other environment in whose golden tree a path leads, and the rest of it.
    fn foreign<'p>(&self, path: &'p str) -> Option<(Option<&'p str>, &'p str)> {
        below(path, self.golden).filter(|(environment, _)| environment.is_some_and(|name| name != self.environment))
    }

    /// What this tree has as well, taken from the tree of another environment.
    fn of_another(
        &self,
        tree: &Tree<'_>,
        pointer: &Pointer<'_>,
        (is_certain, is_only): (bool, bool),
        report: &mut Report,
    ) {
        let Some((Some(other), inside)) = self.foreign(pointer.path) else { return };
        if !is_only || !tree.has(inside, pointer.of) || !self.has(&self.golden.join(other)) {
            return;
        }
        let message = format!("this belongs to `{}`, and points into the tree of `{other}`", self.environment);
        let draft = report.at(&PATH, pointer.node, message);
        if !is_certain {
            draft.warning();
        }
        draft.about(pointer.node.text().unwrap_or_default(), other).label(format!("what `{other}` runs is deployed"));
        draft.help("write `{{ platc.environment }}` in the template, where the name of the environment stands");
    }

    /// A path into the folder of rendered trees, which git ignores.
    fn uncommitted(&self, tree: &Tree<'_>, pointer: &Pointer<'_>, is_certain: bool, report: &mut Report) {
        let Some((Some(_), inside)) = below(pointer.path, self.output) else { return };
        if !tree.has(inside, pointer.of) || !self.is_ignored(self.output) {
            return;
        }
        let message = format!("`{}` is not committed: `.gitignore` names it", self.output);
        let draft = report.at(&PATH, pointer.node, message);
        if !is_certain {
            draft.warning();
        }
        draft.about(pointer.node.text().unwrap_or_default(), self.output.as_str()).label("nobody else has this folder");
        draft.help(format!("point at the golden tree, `{}/{}/{inside}`", self.golden, self.environment));
    }

    /// A path into this environment's tree, by a name that is nearly that of the folder of golden trees.
    fn misnamed(&self, tree: &Tree<'_>, pointer: &Pointer<'_>, report: &mut Report) {
        let Some((folder, rest)) = pointer.path.split_once('/') else { return };
        let Some(inside) = rest.strip_prefix(self.environment).and_then(|rest| rest.strip_prefix('/')) else { return };
        let golden = self.golden.as_str();
        let is_near = nearest(folder, [golden]).is_some() || (folder.len() > 2 && golden.starts_with(folder));
        if folder == golden || !is_near || !tree.has(inside, pointer.of) {
            return;
        }
        if self.has(Utf8Path::new(folder)) || !self.has(&self.golden.join(self.environment)) {
            return;
        }
        let draft = report.at(&PATH, pointer.node, format!("the project has no folder `{folder}`"));
        draft.warning().about(pointer.node.text().unwrap_or_default(), folder).label("the tree is not there");
        draft.help(format!("did you mean `{golden}`?"));
    }

    fn has(&self, folder: &Utf8Path) -> bool {
        self.disk.list(folder).is_ok()
    }

    /// Whether a line of the project's `.gitignore` is a folder's name.
    fn is_ignored(&self, folder: &Utf8Path) -> bool {
        let Ok(bytes) = self.disk.read(Utf8Path::new(".gitignore"), IGNORED) else { return false };
        let text = String::from_utf8_lossy(&bytes);
        text.lines().any(|line| line.trim().trim_matches('/') == folder.as_str())
    }
}

/// A path from a folder of the project on: the environment, and what is below. The project may lie anywhere in its repository.
fn below<'p>(path: &'p str, folder: &Utf8Path) -> Option<(Option<&'p str>, &'p str)> {
    let folder = folder.as_str();
    let mut starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
    let rest = starts.find_map(|at| path[at..].strip_prefix(folder)?.strip_prefix('/'))?;
    let (environment, inside) = rest.split_once('/').unwrap_or((rest, ""));
    Some((Some(environment).filter(|name| !name.is_empty()), inside))
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::below;

    #[test]
    fn a_path_from_the_folder_of_trees_on() {
        let below = |path| below(path, Utf8Path::new("golden"));
        assert_eq!(below("golden/dev/app"), Some((Some("dev"), "app")));
        assert_eq!(below("platform/golden/dev/app/web"), Some((Some("dev"), "app/web")));
        assert_eq!(below("golden/dev"), Some((Some("dev"), "")));
        assert_eq!(below("marigolden/dev/app"), None);
        assert_eq!(below("clusters/dev/app"), None);
    }
}
