//! A new folder of the project with all its files: it is made aside and moved into place in one step, so that it stands whole
//! or not at all.

use camino::Utf8Path;
use rustix::fs::FileType;
use rustix::io::Errno;

use super::below::Below;
use super::failure::Failure;
use super::interrupt;
use super::place::{Place, Site};
use super::plant::{PlantError, Seed, plant};
use super::remove::remove;
use crate::disk::beneath::Root;

/// Where folders are made, in the project's own one. Nothing reads it.
pub const ASIDE: &str = ".platc-new";

/// Makes `place` a folder of these files; `then` does what must be done before they can be seen. Nothing may stand there.
pub fn settle<E: From<Failure>, T: AsRef<[u8]> + ?Sized>(
    place: Place<'_>,
    seeds: &[Seed<'_, T>],
    then: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    look(place)?;
    let aside = place.root.join(ASIDE);
    let site = Site::make(Place { path: Utf8Path::new(ASIDE), shown: Utf8Path::new(ASIDE), ..place })?;
    let name = site.name.clone();
    // What a killed run left.
    remove(&site, &name)?;
    let planted = plant(&aside, Utf8Path::new(ASIDE), seeds).map_err(|error| match error {
        PlantError::Failed(failure) => failure,
        PlantError::Taken(_) => Failure::new(&aside, "cannot be created", Errno::EXIST),
    });
    let moved = planted.map_err(E::from).and_then(|_| then()).and_then(|()| move_in(place).map_err(E::from));
    if moved.is_err() {
        // The first trouble is told; what is left here is removed by the next run.
        let _ = remove(&site, &name);
    }
    moved
}

/// Whether the folder could be made where it is to be: asked before anything is written.
fn look(place: Place<'_>) -> Result<(), Failure> {
    let cannot = |error| Failure::new(place.shown, "cannot be created", error);
    let root = Root::open(place.root.as_std_path()).map_err(cannot)?;
    let mut below = Below::new(&root);
    let mut folders: Vec<_> = place.path.ancestors().filter(|folder| !folder.as_str().is_empty()).collect();
    folders.reverse();
    for folder in folders {
        match below.kind(folder.as_std_path()).map_err(cannot)? {
            None => return Ok(()),
            Some(FileType::Directory) => {}
            Some(FileType::Symlink) => return Err(cannot(Errno::LOOP)),
            Some(_) => return Err(cannot(Errno::NOTDIR)),
        }
    }
    Ok(())
}

fn move_in(place: Place<'_>) -> Result<(), Failure> {
    let cannot = |error| Failure::new(place.shown, "cannot be created", error);
    let _at_work = interrupt::begin()
        .ok_or_else(|| Failure::because(place.shown, "was not written", "the run was told to stop"))?;
    let root = Root::open(place.root.as_std_path()).map_err(cannot)?;
    let mut below = Below::new(&root);
    let mut folders: Vec<_> = place.path.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty()).collect();
    folders.reverse();
    for folder in folders {
        match below.make_folder(folder.as_std_path()) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(cannot(error)),
        }
    }
    let mut to = Below::new(&root);
    match to.kind(place.path.as_std_path()).map_err(cannot)? {
        None => {}
        // An empty folder gives way.
        Some(_) => to.remove_folder(place.path.as_std_path()).map_err(cannot)?,
    }
    below.rename(Utf8Path::new(ASIDE).as_std_path(), &mut to, place.path.as_std_path()).map_err(cannot)
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "looks at real folders")]
    fn a_folder_stands_whole_or_not_at_all() {
        let root = Utf8PathBuf::from_path_buf(std::env::temp_dir()).unwrap();
        let root = root.join(format!("platc-settle-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        // A killed run left something.
        std::fs::create_dir_all(root.join(ASIDE).join("old")).unwrap();
        let path = Utf8PathBuf::from("templates/web");
        let place = Place { root: &root, path: &path, shown: &path };
        let seeds = [Seed { path: "a/b.j2", text: "x" }, Seed { path: "c.j2", text: "y" }];
        let failed = settle(place, &seeds, || Err(Failure::because("x", "was not written", "of a test")));
        assert!(failed.is_err() && !root.join("templates").exists() && !root.join(ASIDE).exists());
        assert!(settle(place, &seeds, || Ok::<_, Failure>(())).is_ok());
        assert_eq!(std::fs::read_to_string(root.join("templates/web/a/b.j2")).unwrap(), "x");
        assert!(!root.join(ASIDE).exists() && !root.join("templates/web/old").exists());
        // Somebody's work is not written over.
        assert!(settle(place, &seeds, || Ok::<_, Failure>(())).is_err());
        std::fs::remove_dir_all(root).unwrap();
    }
}
