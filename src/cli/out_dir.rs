//! Where `--out-dir` may lead. Outside the project it is followed wherever it leads; within, a pull request may have put
//! links there, and there are folders that no tree belongs in.

use camino::{Utf8Path, Utf8PathBuf};

use super::exit::Failure;
use super::place::Place;
use crate::disk;
use crate::project::{Config, name};
use crate::schema::Schema;

/// The folder that is trusted and the way from there, on which no link is followed.
pub(super) fn split(typed: &Utf8Path, place: &Place) -> (Utf8PathBuf, Utf8PathBuf) {
    let folder = place.absolute(typed);
    let project = real(&place.root);
    // By what the folders are, not by their names: the way to the project may have links of the user's own.
    let inside = folder.ancestors().find(|above| above.exists() && real(above) == project);
    match inside.and_then(|above| folder.strip_prefix(above).ok()) {
        Some(below) => (place.root.clone(), below.to_owned()),
        None => (folder, Utf8PathBuf::new()),
    }
}

/// Refuses a tree in git's own folder, and one in a folder that platc reads, or around it.
pub(super) fn check(tree: &Utf8Path, shown: &Utf8Path, config: &Config, place: &Place) -> Result<(), Failure> {
    let refused = |reason: String| {
        Failure::new(format!("`{shown}` cannot hold a tree: {reason}"))
            .help("name a folder of its own by `--out-dir`; what is read and what is written stay apart")
    };
    let folder = shown.parent().unwrap_or(shown);
    if matches!(folder.as_str(), "yaml" | "json" | "yml") && !place.absolute(folder).exists() {
        return Err(Failure::new(format!("`--out-dir {folder}` is a folder, and there is none of this name"))
            .help("`--stdout` prints what would be written; for a folder of this name, make it first"));
    }
    let schemas = Schema::folder(&config.schema);
    let read = config.environments.iter().chain([&config.templates, &schemas]);
    for tree in [tree.to_owned(), real(tree)] {
        let is_named = tree.components().any(|component| name::is_git(component.as_str()));
        if is_named || disk::lies_in_git(tree.as_std_path(), real(&place.root).as_std_path()) {
            return Err(refused("it lies in git's own folder, where a file can become a command".to_owned()));
        }
        let golden = place.root.join(&config.golden);
        if !config.golden.as_str().is_empty() && (tree.starts_with(&golden) || tree.starts_with(real(&golden))) {
            let reason = format!("it lies in `{}`, which holds the trees that were accepted", config.golden);
            return Err(refused(reason).help("`platc golden --accept` writes there"));
        }
        for folder in read.clone() {
            for input in [place.root.join(folder), real(&place.root.join(folder))] {
                if tree.starts_with(&input) {
                    return Err(refused(format!("it lies in `{folder}`, which platc reads")));
                }
                if input.starts_with(&tree) {
                    return Err(refused(format!("`{folder}`, which platc reads, lies in it")));
                }
            }
        }
    }
    Ok(())
}

/// A path without links, as far as it is there.
pub(super) fn real(path: &Utf8Path) -> Utf8PathBuf {
    let known = path.ancestors().find_map(|above| Some((above, above.canonicalize_utf8().ok()?)));
    match known {
        Some((above, real)) => path.strip_prefix(above).map_or_else(
            |_| path.to_owned(),
            |rest| {
                if rest.as_str().is_empty() { real.clone() } else { real.join(rest) }
            },
        ),
        None => path.to_owned(),
    }
}
