//! Paths that users write, in `platc.yaml` and under `extends`: with `/`, relative, never out of the project.

use camino::{Utf8Path, Utf8PathBuf};

use super::name;
use crate::finding::{Finding, codes};
use crate::source::Span;

/// Why a written path cannot be used, in words that follow the path: "`../../x` …".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    Empty,
    Absolute,
    Backslash,
    Control,
    /// More `..` than there are folders.
    Escapes,
    /// The project's own folder.
    Root,
    /// Git's own folder, or something in it.
    Git,
}

impl std::fmt::Display for PathFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::Absolute => "is absolute; paths are relative, so that they mean the same on every machine",
            Self::Backslash => "contains `\\`; folders are separated by `/` on every system",
            Self::Control => "contains a control character",
            Self::Escapes => "leads out of the project",
            Self::Root => "is the project's own folder",
            Self::Git => "leads into git's own folder, where a file can become a command",
        })
    }
}

/// What `written` means in `folder`, relative to the project, without `.` and `..`. Nothing is read: a link on the way
/// is judged when the file is opened.
pub fn resolve(folder: &Utf8Path, written: &str) -> Result<Utf8PathBuf, PathFault> {
    let has_drive = matches!(written.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
    if written.is_empty() {
        return Err(PathFault::Empty);
    } else if written.contains('\\') {
        return Err(PathFault::Backslash);
    } else if written.starts_with('/') || has_drive {
        return Err(PathFault::Absolute);
    } else if written.contains(char::is_control) {
        return Err(PathFault::Control);
    }
    let mut parts: Vec<&str> = folder.as_str().split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(PathFault::Escapes)?;
            }
            name => parts.push(name),
        }
    }
    if parts.is_empty() {
        Err(PathFault::Root)
    } else if parts.iter().any(|part| name::is_git(part)) {
        Err(PathFault::Git)
    } else {
        Ok(parts.join("/").into())
    }
}

/// What to say about a path that cannot be used.
pub fn finding(written: &str, fault: PathFault, span: Span) -> Finding {
    let shown: String = written.chars().take(80).filter(|letter| !letter.is_control()).collect();
    Finding::new(&codes::project::BAD_PATH, span, format!("the path `{shown}` {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_within_the_project() {
        let folder = Utf8Path::new("environments/prod");
        assert_eq!(resolve(folder, "../base"), Ok("environments/base".into()));
        assert_eq!(resolve(folder, "./a//b/"), Ok("environments/prod/a/b".into()));
        assert_eq!(resolve(folder, "../../layers/eu.yaml"), Ok("layers/eu.yaml".into()));
        assert_eq!(resolve("".into(), "templates"), Ok("templates".into()));
    }

    #[test]
    fn refuses_what_leads_elsewhere() {
        let folder = Utf8Path::new("environments/prod");
        for (written, fault) in [
            ("", PathFault::Empty),
            ("/etc/passwd", PathFault::Absolute),
            ("C:/x", PathFault::Absolute),
            ("..\\base", PathFault::Backslash),
            ("a\0b", PathFault::Control),
            ("../../..", PathFault::Escapes),
            ("../../../project/environments", PathFault::Escapes),
            ("../..", PathFault::Root),
            ("../../.GIT./hooks", PathFault::Git),
        ] {
            assert_eq!(resolve(folder, written), Err(fault), "{written}");
        }
    }
}
