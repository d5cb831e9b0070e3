//! Names that become paths: environments, and through them the folders of rendered trees.

/// The longest component of a name, in bytes.
const LONGEST: usize = 63;

/// Why a name cannot be used, in words that follow the name: "`Prod` …".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    Empty,
    TooLong,
    Letter(char),
    Edge(char),
    Reserved,
}

impl std::fmt::Display for NameFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong => write!(f, "is longer than {LONGEST} characters"),
            Self::Letter(letter) => {
                match letter {
                    letter if letter.is_whitespace() => f.write_str("contains a blank")?,
                    letter if letter.is_control() => write!(f, "contains U+{:04X}", u32::from(*letter))?,
                    letter => write!(f, "contains `{letter}`")?,
                }
                f.write_str("; only `a`-`z`, `0`-`9`, `.` and `-` are allowed")
            }
            Self::Edge(letter) => write!(f, "begins or ends with `{letter}`; only a letter or a digit may stand there"),
            Self::Reserved => f.write_str("is a device on Windows, where no file can have this name"),
        }
    }
}

/// Checks one component of a name: `[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?` and no device of Windows. Lower-case ASCII
/// only, so two names never differ by case or Unicode form alone.
pub fn check(component: &str) -> Result<(), NameFault> {
    let (Some(first), Some(last)) = (component.chars().next(), component.chars().last()) else {
        return Err(NameFault::Empty);
    };
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '.' | '-');
    if let Some(letter) = component.chars().find(|&letter| !allowed(letter)) {
        return Err(NameFault::Letter(letter));
    }
    if let Some(edge) = [first, last].into_iter().find(|letter| !letter.is_ascii_alphanumeric()) {
        return Err(NameFault::Edge(edge));
    }
    if component.len() > LONGEST {
        return Err(NameFault::TooLong);
    }
    if is_reserved_on_windows(component) {
        return Err(NameFault::Reserved);
    }
    Ok(())
}

/// `con`, `nul.yaml`, `com1` … in any case: names that Windows opens as devices, with any ending.
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>
pub fn is_reserved_on_windows(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    match stem.as_bytes() {
        b"con" | b"prn" | b"aux" | b"nul" => true,
        [b'c', b'o', b'm', digit] | [b'l', b'p', b't', digit] => digit.is_ascii_digit(),
        _ => false,
    }
}

/// Whether a component of a path is git's own folder on some file system: `.git` in any case, with what Windows and macOS
/// leave out of names, or by the short name that Windows gives it. The same as git itself refuses to check out, and some more.
pub fn is_git(component: &str) -> bool {
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
    fn names() {
        let longest = "a".repeat(63);
        for good in ["prod", "a", "0", "eu-west-1", "v1.30", "console", "com10", &longest] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let too_long = "a".repeat(64);
        for (bad, fault) in [
            ("", NameFault::Empty),
            ("Prod", NameFault::Letter('P')),
            ("prod_eu", NameFault::Letter('_')),
            ("a/b", NameFault::Letter('/')),
            ("é", NameFault::Letter('é')),
            (".", NameFault::Edge('.')),
            ("..", NameFault::Edge('.')),
            ("-a", NameFault::Edge('-')),
            ("a.", NameFault::Edge('.')),
            (&too_long, NameFault::TooLong),
            ("con", NameFault::Reserved),
            ("nul.yaml", NameFault::Reserved),
            ("com1", NameFault::Reserved),
            ("lpt0.a.b", NameFault::Reserved),
        ] {
            assert_eq!(check(bad), Err(fault), "{bad}");
        }
    }

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

    #[test]
    fn windows_devices_in_any_case() {
        assert!(is_reserved_on_windows("CON.yaml"));
        assert!(is_reserved_on_windows("Aux"));
        assert!(!is_reserved_on_windows("config.yaml"));
    }
}
