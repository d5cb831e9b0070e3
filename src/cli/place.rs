//! Where a run stands: the working directory, and the project found from it.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::exit::Failure;
use super::surroundings;
use crate::disk::{Git, GitError, reason};
use crate::project::FILE;

/// Both absolute.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) root: Utf8PathBuf,
    pub(super) cwd: Utf8PathBuf,
}

impl Place {
    /// The named project, or the nearest one upwards.
    pub(super) fn find(named: Option<&Utf8Path>) -> Result<Self, Failure> {
        let cwd = working_directory()?;
        let root = match named.filter(|dir| !dir.as_str().is_empty()) {
            Some(dir) => {
                let root = absolute(&cwd, dir);
                if root.file_name() == Some("platc.yaml") && root.is_file() {
                    let folder =
                        dir.parent().filter(|folder| !folder.as_str().is_empty()).map_or(".", Utf8Path::as_str);
                    return Err(Failure::new(format!("`{dir}` is a file, and a project is a folder"))
                        .help(format!("name the folder in which it stands, `{folder}`")));
                }
                if !is_project(&root) {
                    if let Some(above) =
                        root.ancestors().skip(1).find(|above| is_project(above) && cwd.starts_with(above))
                    {
                        let way = if above == cwd { Utf8Path::new(".") } else { above };
                        return Err(Failure::new(format!("`{dir}` is not a project, and lies in one"))
                            .help(format!("name that one, `{way}`; an environment is named behind the command")));
                    }
                    return Err(Failure::new(format!("`{dir}` is not a project: it holds no `platc.yaml`"))
                        .help("name the folder in which `platc.yaml` stands; it may be empty"));
                }
                root
            }
            None => cwd.ancestors().find(|dir| is_project(dir)).map(Utf8Path::to_owned).ok_or_else(|| {
                let other = ["platc.yml", "Platc.yaml", "platc.YAML", "platc.json"].map(|name| cwd.join(name));
                Failure::new("there is no `platc.yaml` here or in any folder above").help(
                    match other.iter().find(|path| path.is_file()).and_then(|path| path.file_name()) {
                        Some(name) => format!("rename `{name}` to `platc.yaml`"),
                        None => {
                            "run platc inside a project, name one with `--project DIR`, or make one with `platc init`"
                                .to_owned()
                        }
                    },
                )
            })?,
        };
        Ok(Self { root, cwd })
    }

    /// The working directory, in no project.
    pub(super) fn here() -> Result<Self, Failure> {
        working_directory().map(|cwd| Self { root: cwd.clone(), cwd })
    }

    /// The same for what is staged: the project need not be checked out, neither one that is named nor the nearest one.
    pub(super) fn find_staged(named: Option<&Utf8Path>) -> Result<Self, Failure> {
        let cwd = working_directory()?;
        if let Some(dir) = named.filter(|dir| !dir.as_str().is_empty()) {
            return Ok(Self { root: absolute(&cwd, dir), cwd });
        }
        let staged = match Git::nearest(&cwd, FILE, &surroundings::read(&cwd)) {
            Err(error @ GitError::TooLong { .. }) => return Err(error.into()),
            // Where git cannot say it, it says why when the index is opened.
            staged => staged.ok().flatten(),
        };
        match (Self::find(None), staged) {
            (Ok(found), Some(root)) if found.root.starts_with(&root) => Ok(found),
            (_, Some(root)) => Ok(Self { root, cwd }),
            (found, None) => found,
        }
    }

    /// A typed path as a path within the project; `None` if it leads elsewhere. The project itself is the empty path.
    pub(super) fn in_project(&self, typed: &Utf8Path) -> Option<Utf8PathBuf> {
        absolute(&self.cwd, typed).strip_prefix(&self.root).ok().map(Utf8Path::to_owned)
    }

    /// A typed path, absolute.
    pub(super) fn absolute(&self, typed: &Utf8Path) -> Utf8PathBuf {
        absolute(&self.cwd, typed)
    }

    /// The project's folder from where the user stands; empty where it is no folder below.
    pub(super) fn folder(&self) -> Utf8PathBuf {
        self.root.strip_prefix(&self.cwd).map(Utf8Path::to_owned).unwrap_or_default()
    }

    /// A path within the project as one would type it here.
    pub(super) fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        let path = self.root.join(path);
        let mut up = Utf8PathBuf::new();
        for folder in self.cwd.ancestors() {
            if let Ok(below) = path.strip_prefix(folder) {
                return up.join(below);
            }
            if !folder.starts_with(&self.root) {
                break; // Outside the project the way up and down again says less than the whole path.
            }
            up.push("..");
        }
        path
    }
}

#[allow(clippy::disallowed_methods, reason = "here the working directory enters")]
pub(super) fn working_directory() -> Result<Utf8PathBuf, Failure> {
    let cwd = std::env::current_dir()
        .map_err(|error| Failure::new(format!("the working directory cannot be read: {}", reason(&error))))?;
    Utf8PathBuf::from_path_buf(cwd)
        .map_err(|cwd| Failure::new(format!("the path of the working directory, `{}`, is not UTF-8", cwd.display())))
}

fn is_project(dir: &Utf8Path) -> bool {
    dir.join(FILE).is_file()
}

/// Without `.` and `..`, which are taken by their letters as the shell's `cd` does.
pub(super) fn absolute(cwd: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    let mut absolute = Utf8PathBuf::new();
    for component in cwd.join(path).components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                absolute.pop();
            }
            component => absolute.push(component),
        }
    }
    absolute
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_paths_within_the_project() {
        let place = Place { root: "/p".into(), cwd: "/p/environments/prod".into() };
        for (typed, wanted) in [
            (".", Some("environments/prod")),
            ("../dev/", Some("environments/dev")),
            ("/p/environments/dev", Some("environments/dev")),
            ("../..", Some("")),
            ("../../..", None),
            ("/q", None),
        ] {
            assert_eq!(place.in_project(typed.into()).as_ref().map(|path| path.as_str()), wanted, "{typed}");
        }
    }

    #[test]
    fn paths_as_one_would_type_them() {
        let shown =
            |cwd: &str| Place { root: "/p".into(), cwd: cwd.into() }.shown("rendered/prod".into()).into_string();
        assert_eq!(shown("/p"), "rendered/prod");
        assert_eq!(shown("/p/rendered"), "prod");
        assert_eq!(shown("/p/environments"), "../rendered/prod");
        assert_eq!(shown("/"), "p/rendered/prod");
        assert_eq!(shown("/p/a/b/c"), "../../../rendered/prod");
        assert_eq!(shown("/elsewhere/far"), "/p/rendered/prod");
    }
}
