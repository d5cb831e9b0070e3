//! Git's own folders, which hold credentials and what becomes a command: nothing is read from them but through git, and
//! nothing is written to them.

use std::ffi::OsStr;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags};

/// Whether what a folder has by a name is git's own: by its name, or by what is in it. `.git` may be a file that names another
/// folder (`git init --separate-git-dir`, submodules, worktrees), and git takes none that does not look like this.
pub(super) fn is_own(folder: BorrowedFd<'_>, name: &OsStr) -> bool {
    let has = |file: &str| {
        let path: PathBuf = Path::new(name).join(file);
        fs::statat(folder, &path, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    };
    name.to_str().is_some_and(is_git) || has("HEAD") && (has("objects") && has("refs") || has("commondir"))
}

/// Whether an absolute path leads into one of git's own folders, by whatever name. One that is around the project, such as a
/// bare repository that holds its work trees, does not count.
pub fn lies_in_git(path: &Path, project: &Path) -> bool {
    let mut folders = path.ancestors().filter(|folder| folder.file_name().is_some() && !project.starts_with(folder));
    folders.any(|folder| is_own(fs::CWD, folder.as_os_str()))
}

/// Whether a component of a path is git's own folder on some file system: `.git` in any case, with what Windows and macOS
/// leave out of names, or by the short name that Windows gives it. The same as git itself refuses to check out, and some more.
pub fn is_git(component: &str) -> bool {
    // Most names are plain, and begin otherwise.
    if component.is_ascii() && !component.starts_with(['.', 'g', 'G']) {
        return false;
    }
    // A stream of a file, `.git::$INDEX_ALLOCATION`, is that file.
    let name = component.split(':').next().unwrap_or_default();
    let folded: String = name.chars().filter(|letter| !is_left_out(*letter)).flat_map(plain).collect();
    let folded = folded.trim_end_matches(['.', ' ']);
    folded == ".GIT" || is_short_name(folded)
}

/// `GIT~1`, as Windows calls `.git`; `GI7EBA~1`, if there are several of the first form.
fn is_short_name(folded: &str) -> bool {
    let numbered = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    folded.strip_prefix("GIT~").is_some_and(numbered) || folded.strip_prefix("GI7EBA~").is_some_and(numbered)
}

/// Characters that macOS ignores in names, and marks upon letters.
fn is_left_out(letter: char) -> bool {
    let code = u32::from(letter);
    matches!(code, 0xad | 0x300..=0x36f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff)
}

/// A letter in upper case, and in its usual width.
fn plain(letter: char) -> impl Iterator<Item = char> {
    let code = u32::from(letter);
    let narrow = match code {
        0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(letter),
        0x130 => 'I', // The dot above it is a mark upon the letter.
        0x2024 => '.',
        _ => letter,
    };
    narrow.to_uppercase().filter(|letter| !is_left_out(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_in_any_spelling() {
        for git in [
            ".git",
            ".GIT",
            ".Git",
            ".git.",
            ".git. . ",
            ".git::$INDEX_ALLOCATION",
            "git~1",
            "GIT~2",
            "gi7eba~1",
            ".g\u{131}t",
            ".G\u{130}T",
            ".g\u{200c}it",
            "\u{feff}.git",
            ".gi\u{301}t",
            "\u{ff0e}\u{ff47}\u{ff49}\u{ff54}",
            "\u{2024}git",
        ] {
            assert!(is_git(git), "{git:?}");
        }
        for other in ["git", "rendered", ".gitignore", ".github", ".gitops", "my.git", "git~", "git~a", "gitops~1", ""]
        {
            assert!(!is_git(other), "{other:?}");
        }
    }
}
