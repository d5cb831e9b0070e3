//! Where what runs have found out is kept, and `platc cache`.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::args::{Cache, Format, Global};
use super::exit::{Exit, Failure};
use super::out_dir::real;
use super::place::Place;
use super::printer::Printer;
use crate::cache::Store;
use crate::finding::render::json::document;

pub(super) fn run(args: &Cache, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let place = match Place::find(global.project.as_deref()) {
        Ok(place) => Some(place),
        Err(failure) if global.project.is_some() => return Err(failure),
        Err(_) => None,
    };
    let store = match folder(global, place.as_ref())? {
        Some(folder) => Store::open(&folder),
        None => None,
    };
    let removed = store.as_ref().filter(|_| args.prune).map(|store| store.evict(0));
    let size = store.as_ref().map(Store::size).unwrap_or_default();
    let folder = store.as_ref().map(|store| store.path().as_str());
    if printer.format == Format::Json {
        printer.result(document(&Kept { version: 1, folder, entries: size.entries, bytes: size.bytes }))?;
        return Ok(Exit::Fine);
    }
    match (folder, removed) {
        (None, _) => printer.status("there is no cache: it is turned off, or there is no folder for it"),
        (Some(folder), Some(removed)) => {
            printer.status(&format!("removed {} from {folder}", counted(removed.entries, removed.bytes)));
        }
        (Some(folder), None) => printer.result(format!("{folder}: {}\n", counted(size.entries, size.bytes)))?,
    }
    Ok(Exit::Fine)
}

fn counted(entries: usize, bytes: u64) -> String {
    let noun = if entries == 1 { "entry" } else { "entries" };
    format!("{entries} {noun}, {} KB", bytes.div_ceil(1024))
}

#[derive(Serialize)]
struct Kept<'a> {
    version: u32,
    folder: Option<&'a str>,
    entries: usize,
    bytes: u64,
}

/// The store that a run in a project uses, if there is any.
pub(super) fn open(global: &Global, place: &Place) -> Result<Option<Store>, Failure> {
    Ok(folder(global, Some(place))?.and_then(|folder| Store::open(&folder)))
}

/// The folder that is named, or the user's. A pull request must not bring a cache that says "no findings": one in the work tree
/// is refused, and if it is the user's own, not used.
fn folder(global: &Global, place: Option<&Place>) -> Result<Option<Utf8PathBuf>, Failure> {
    if global.no_cache {
        return Ok(None);
    }
    let in_work_tree = |folder: &Utf8Path| place.is_some_and(|place| is_in_work_tree(folder, place));
    match global.cache_dir.as_deref().filter(|folder| !folder.as_str().is_empty()) {
        Some(typed) => {
            let folder = Place::here()?.absolute(typed);
            if in_work_tree(&folder) {
                return Err(Failure::new(format!("`{typed}` cannot hold a cache: it lies in the work tree"))
                    .help("name a folder outside of it: what lies in the work tree could be committed, and believed by others"));
            }
            Ok(Some(folder))
        }
        None => Ok(users().filter(|folder| !in_work_tree(folder))),
    }
}

/// Whether a folder lies below the project, or below the repository around it, also by way of links.
fn is_in_work_tree(folder: &Utf8Path, place: &Place) -> bool {
    let root = real(&place.root);
    let top = root.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&root);
    [folder.to_owned(), real(folder)]
        .iter()
        .any(|folder| folder.starts_with(top) || folder.starts_with(&root) || folder.starts_with(&place.root))
}

/// The folder for caches of the user, as the system has it.
#[allow(clippy::disallowed_methods, reason = "here the environment enters")]
fn users() -> Option<Utf8PathBuf> {
    let variable = |name: &str| {
        let path = Utf8PathBuf::from_path_buf(std::env::var_os(name)?.into()).ok()?;
        // Where a path with `..` leads is known only once all its folders are there.
        let is_plain = path.is_absolute() && !path.components().any(|part| part == Utf8Component::ParentDir);
        is_plain.then_some(path)
    };
    let home = |below: &str| variable("HOME").map(|home| home.join(below));
    let caches = variable("XDG_CACHE_HOME")
        .or_else(|| home(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))?;
    Some(caches.join("platc"))
}
