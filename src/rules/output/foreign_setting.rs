//! A setting in the braces of another tool, `${tier}`, `$(tier)` or `<%= tier %>`: to a template this is text.

use super::placeholder::PLACEHOLDER;
use crate::check::{Node, Report, Signs, View};
use crate::environment::Tree;
use crate::yaml::path::Path;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(root) = view.environment_root() else { return };
    // Kustomize and Flux put values into such braces, too.
    let is_filled = view.kustomizations().iter().any(|own| own.root.get("vars").is_some())
        || view.appliers().any(|it| it.object.root().at(["spec", "postBuild"]).is_some());
    if is_filled {
        return;
    }
    for object in view.objects_of("", "ConfigMap") {
        let Some(data) = object.root().get("data") else { continue };
        for (node, text) in data.texts_with(Signs::of(b"${}")).chain(data.texts_with(Signs::of(b"$()"))) {
            judge(root, &node, text, report);
        }
        for (node, text) in data.texts_with(Signs::of(b"<>%")) {
            judge(root, &node, text, report);
        }
    }
}

/// Told where the whole text is one setting: within a longer one it may be a program's.
fn judge(root: &Tree, node: &Node<'_>, text: &str, report: &mut Report) {
    let Some(name) = inner(text) else { return };
    if !has_setting(root, name) {
        return;
    }
    let draft = report.at(&PLACEHOLDER, node, format!("`{text}` is text, and there is a setting `{name}`"));
    draft.warning().label("nothing puts the setting in here");
    draft.help(format!("did you mean `{{{{ {name} }}}}`?"));
}

/// Whether a name is that of a setting which is one value.
pub(super) fn has_setting(root: &Tree, name: &str) -> bool {
    let Ok(path) = name.parse::<Path>() else { return false };
    root.at(&path).is_some_and(|tree| tree.as_map().is_none() && tree.as_list().is_none())
}

fn inner(text: &str) -> Option<&str> {
    let ends = [("${", "}"), ("$(", ")"), ("<%=", "%>"), ("<%", "%>")];
    let name = ends.iter().find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close))?.trim();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    (is_name && name.starts_with(|letter: char| letter.is_ascii_alphabetic())).then_some(name)
}
