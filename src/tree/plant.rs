//! New files in a folder of the user's: all of them or none. Nothing that stands there is written over, and below the
//! folder no link is followed.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::below::{Below, FOLDER_MODE, write_all};
use super::failure::Failure;
use super::interrupt;
use crate::disk::beneath::{Links, Root, retry};

/// A file to make, its path relative to the folder.
#[derive(Debug)]
pub struct Seed<'a, T: ?Sized = str> {
    pub path: &'a str,
    /// A text, or bytes.
    pub text: &'a T,
}

impl<T: ?Sized> Copy for Seed<'_, T> {}

impl<T: ?Sized> Clone for Seed<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// What stands where a file or one of its folders should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    pub path: Utf8PathBuf,
    pub reason: &'static str,
}

/// Why a file stands in the way whose place is that of one to be made.
pub const OTHER_CONTENT: &str = "has other content";

/// Why nothing was made.
#[derive(Debug)]
pub enum PlantError {
    Taken(Vec<Obstacle>),
    Failed(Failure),
}

impl From<Failure> for PlantError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Makes the files, in their order, and gives the paths of those that were not there already with the same content.
/// `shown` is the folder as messages name it. On any error what was made is taken away again.
pub fn plant<'a, T: AsRef<[u8]> + ?Sized>(
    folder: &Utf8Path,
    shown: &Utf8Path,
    seeds: &[Seed<'a, T>],
) -> Result<Vec<&'a str>, PlantError> {
    let missing = match open(folder, shown)? {
        Some(root) => survey(&root, shown, seeds)?,
        None => seeds.to_vec(),
    };
    let _at_work =
        interrupt::begin().ok_or_else(|| Failure::because(shown, "was not written", "the run was told to stop"))?;
    let mut grown = Grown { folder, outer: Vec::new(), root: None, made: Vec::new() };
    match grown.all(shown, &missing) {
        Ok(()) => Ok(missing.iter().map(|seed| seed.path).collect()),
        Err(failure) => {
            grown.undo();
            Err(failure.into())
        }
    }
}

/// The folder, if it is there; a link in its place is refused.
fn open(folder: &Utf8Path, shown: &Utf8Path) -> Result<Option<Root>, Failure> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match retry(|| fs::open(folder.as_std_path(), flags, Mode::empty())) {
        Ok(opened) => Ok(Some(opened.into())),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => {
            let stat = fs::lstat(folder.as_std_path());
            let is_link = stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink);
            let error = if is_link { Errno::LOOP } else { error };
            Err(Failure::new(shown, "cannot be opened", error))
        }
    }
}

/// The files that are missing; an error if anything else stands in the place of one.
fn survey<'a, T: AsRef<[u8]> + ?Sized>(
    root: &Root,
    shown: &Utf8Path,
    seeds: &[Seed<'a, T>],
) -> Result<Vec<Seed<'a, T>>, PlantError> {
    let mut below = Below::new(root);
    let (mut missing, mut taken) = (Vec::new(), BTreeSet::new());
    for seed in seeds {
        let path = Utf8Path::new(seed.path);
        let cannot = |error| Failure::new(shown.join(path), "cannot be looked at", error);
        let mut folders: Vec<_> = path.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty()).collect();
        folders.reverse();
        let mut stands = Stands::Free;
        for folder in folders {
            match below.kind(folder.as_std_path()).map_err(cannot)? {
                Some(FileType::Directory) => continue,
                Some(_) => stands = Stands::Taken(folder, "is not a folder"),
                None => stands = Stands::Missing,
            }
            break;
        }
        if stands == Stands::Free {
            stands = match below.kind(path.as_std_path()).map_err(cannot)? {
                None => Stands::Missing,
                Some(FileType::RegularFile) if holds(root, seed).map_err(cannot)? => Stands::Same,
                Some(FileType::RegularFile) => Stands::Taken(path, OTHER_CONTENT),
                Some(_) => Stands::Taken(path, "is not a regular file"),
            };
        }
        match stands {
            Stands::Taken(path, reason) => {
                taken.insert((path.to_owned(), reason));
            }
            Stands::Missing => missing.push(*seed),
            Stands::Free | Stands::Same => {}
        }
    }
    if taken.is_empty() {
        return Ok(missing);
    }
    Err(PlantError::Taken(taken.into_iter().map(|(path, reason)| Obstacle { path, reason }).collect()))
}

/// What was found in a file's place.
#[derive(PartialEq, Eq)]
enum Stands<'a> {
    /// Its folders are there; the file was not looked at yet.
    Free,
    Missing,
    Same,
    Taken(&'a Utf8Path, &'static str),
}

fn holds<T: AsRef<[u8]> + ?Sized>(root: &Root, seed: &Seed<'_, T>) -> rustix::io::Result<bool> {
    let file = root.at(Path::new(seed.path), Links::Refuse)?;
    let wanted = seed.text.as_ref();
    // One byte more than is wanted tells a longer file.
    let mut found = vec![0; wanted.len() + 1];
    let mut length = 0;
    while length < found.len() {
        match retry(|| rustix::io::read(&file, &mut found[length..]))? {
            0 => break,
            count => length += count,
        }
    }
    Ok(&found[..length] == wanted)
}

/// What has been made so far.
struct Grown<'a> {
    folder: &'a Utf8Path,
    /// The folder itself and those above it, outermost first.
    outer: Vec<&'a Utf8Path>,
    root: Option<Root>,
    /// Below the folder, in the order of making; `true` for a folder.
    made: Vec<(Utf8PathBuf, bool)>,
}

impl Grown<'_> {
    fn all<T: AsRef<[u8]> + ?Sized>(&mut self, shown: &Utf8Path, seeds: &[Seed<'_, T>]) -> Result<(), Failure> {
        let mut above: Vec<_> = self.folder.ancestors().collect();
        above.reverse();
        for folder in above {
            match fs::mkdirat(fs::CWD, folder.as_std_path(), FOLDER_MODE) {
                Ok(()) => self.outer.push(folder),
                Err(Errno::EXIST) => {}
                // Above a folder that is there one may be that cannot be written, or that is the root of the disk.
                Err(_) if folder.is_dir() => {}
                Err(error) => return Err(Failure::new(folder, "cannot be created", error)),
            }
        }
        let Some(root) = open(self.folder, shown)? else {
            return Err(Failure::new(shown, "cannot be opened", Errno::NOENT));
        };
        let root = self.root.insert(root);
        let mut below = Below::new(root);
        for seed in seeds {
            let path = Utf8Path::new(seed.path);
            let cannot = |path: &Utf8Path, error| Failure::new(shown.join(path), "cannot be created", error);
            let mut folders: Vec<_> = path.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty()).collect();
            folders.reverse();
            for folder in folders {
                match below.make_folder(folder.as_std_path()) {
                    Ok(()) => self.made.push((folder.to_owned(), true)),
                    Err(Errno::EXIST) => {}
                    Err(error) => return Err(cannot(folder, error)),
                }
            }
            let file: OwnedFd = below.create(path.as_std_path()).map_err(|error| cannot(path, error))?;
            self.made.push((path.to_owned(), false));
            write_all(&file, seed.text.as_ref())
                .map_err(|error| Failure::new(shown.join(path), "cannot be written", error))?;
        }
        Ok(())
    }

    /// As it was. A folder into which somebody else has put something meanwhile stays.
    fn undo(&mut self) {
        if let Some(root) = &self.root {
            let mut below = Below::new(root);
            for (path, is_folder) in self.made.iter().rev() {
                let path = path.as_std_path();
                let _ = if *is_folder { below.remove_folder(path) } else { below.remove(path) };
            }
        }
        for folder in self.outer.iter().rev() {
            let _ = fs::unlinkat(fs::CWD, folder.as_std_path(), AtFlags::REMOVEDIR);
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests look at real files")]
mod tests {
    use super::*;

    fn scratch(name: &str) -> Utf8PathBuf {
        let folder = std::env::temp_dir().join(format!("platc-plant-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        Utf8PathBuf::from_path_buf(folder.canonicalize().unwrap()).unwrap()
    }

    #[test]
    fn what_was_made_before_an_error_is_taken_away_again() {
        let outer = scratch("undo");
        let folder = outer.join("new/project");
        // The second file wants the first to be a folder, which is found out only when both are made.
        let seeds = [Seed { path: "x/y", text: "1" }, Seed { path: "a", text: "2" }, Seed { path: "a/b", text: "3" }];
        let error = plant(&folder, "project".into(), &seeds).unwrap_err();
        let PlantError::Failed(failure) = error else { panic!("{error:?}") };
        assert_eq!(failure.to_string(), "`project/a/b` cannot be created: a part of the path is not a folder");
        assert_eq!(std::fs::read_dir(&outer).unwrap().count(), 0);

        std::fs::create_dir_all(folder.join("x")).unwrap();
        std::fs::write(folder.join("x/own"), "").unwrap();
        plant(&folder, "project".into(), &seeds).unwrap_err();
        let left: Vec<_> = walkdir::WalkDir::new(&outer).into_iter().map(|entry| entry.unwrap().into_path()).collect();
        let kept = ["", "new", "new/project", "new/project/x", "new/project/x/own"];
        assert_eq!(left, kept.map(|path| if path.is_empty() { outer.clone() } else { outer.join(path) }));
        std::fs::remove_dir_all(outer).unwrap();
    }

    #[test]
    fn a_file_that_is_there_already_is_told_by_its_content() {
        let folder = scratch("there");
        for (path, text) in [("same", "12"), ("longer", "123"), ("shorter", "1")] {
            std::fs::write(folder.join(path), text).unwrap();
        }
        let seeds = ["same", "longer", "shorter", "new"].map(|path| Seed { path, text: "12" });
        let PlantError::Taken(taken) = plant(&folder, "p".into(), &seeds).unwrap_err() else { panic!() };
        let taken: Vec<_> = taken.iter().map(|obstacle| obstacle.path.as_str()).collect();
        assert_eq!(taken, ["longer", "shorter"]);
        assert_eq!(plant(&folder, "p".into(), &[seeds[0], seeds[3]]).unwrap(), ["new"]);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
