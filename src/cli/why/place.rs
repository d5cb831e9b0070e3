//! The place that `why` is asked about, as typed: a file of a tree, or an environment and a file of its output.

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::exit::Failure;
use crate::cli::session::Session;
use crate::disk::Disk;
use crate::project::{Entry, Project};

/// `FILE:LINE[:COL]` or `ENV:ARTIFACT:LINE[:COL]`.
pub(super) struct Typed {
    /// What stands before the line.
    file: String,
    pub(super) line: u32,
    pub(super) column: Option<u32>,
}

/// What was meant: a file of an environment's output, and its bytes if it stands on the disk.
pub(super) struct Standing {
    pub(super) artifact: Utf8PathBuf,
    pub(super) bytes: Option<Vec<u8>>,
}

impl Typed {
    pub(super) fn read(place: &str) -> Result<Self, Failure> {
        let wrong = || {
            Failure::new(format!("`{place}` names no line"))
                .help("write `golden/prod/FILE:LINE`, or `prod:FILE:LINE`; a column can follow")
        };
        let (rest, last) = place.rsplit_once(':').ok_or_else(wrong)?;
        let last: u32 = last.parse().map_err(|_| wrong())?;
        let before = rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse::<u32>().ok()?)));
        let (file, line, column) = match before {
            Some((file, line)) => (file, line, Some(last)),
            None => (rest, last, None),
        };
        if line == 0 || column == Some(0) || file.is_empty() {
            return Err(wrong());
        }
        Ok(Self { file: file.to_owned(), line, column })
    }

    pub(super) fn shown(&self) -> &str {
        &self.file
    }

    /// The environment and the file of its output.
    pub(super) fn find(&self, project: &Project, session: &Session) -> Result<(Entry, Standing), Failure> {
        let in_project = session.place.in_project(Utf8Path::new(&self.file));
        let trees = [&project.config.golden, &project.config.output];
        if let Some(path) = &in_project {
            let below = trees.into_iter().find_map(|tree| path.strip_prefix(tree).ok());
            if let Some(below) = below {
                let of = |entry: &&Entry| below.starts_with(&*entry.name);
                let longest = project.environments.iter().filter(of).max_by_key(|entry| entry.name.len());
                let Some(entry) = longest else {
                    return Err(Failure::new(format!("`{}` is in the tree of no environment", self.file))
                        .help("name a file of an environment that the project has"));
                };
                let artifact = below.strip_prefix(&*entry.name).unwrap_or(below).to_owned();
                let bytes = session.disk.read(path, session.limits.artifact_bytes as u64).map_err(|error| {
                    Failure::new(format!("`{}` cannot be read: {error}", self.file))
                        .help(format!("`{}:{artifact}:{}` asks without a file", entry.name, self.line))
                })?;
                return Ok((entry.clone(), Standing { artifact, bytes: Some(bytes) }));
            }
        }
        let Some((environment, artifact)) = self.file.split_once(':') else {
            return Err(Failure::new(format!("`{}` is no file of a rendered or golden tree", self.file)).help(
                format!(
                    "trees stand in `{}` and `{}`; `ENV:FILE:LINE` asks without one",
                    project.config.golden, project.config.output
                ),
            ));
        };
        let entry = session.find(project, environment)?;
        Ok((entry.clone(), Standing { artifact: artifact.into(), bytes: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_read_from_the_end() {
        let read = |place| Typed::read(place).ok().map(|it| (it.file, it.line, it.column));
        assert_eq!(read("golden/prod/a.yaml:12"), Some(("golden/prod/a.yaml".to_owned(), 12, None)));
        assert_eq!(read("prod:a.yaml:12:3"), Some(("prod:a.yaml".to_owned(), 12, Some(3))));
        assert_eq!(read("a.yaml"), None);
        assert_eq!(read("a.yaml:0"), None);
    }
}
