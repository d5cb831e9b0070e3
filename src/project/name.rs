//! Names that become paths: environments, and through them the folders of rendered trees.

pub use crate::disk::is_git;

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
    fn windows_devices_in_any_case() {
        assert!(is_reserved_on_windows("CON.yaml"));
        assert!(is_reserved_on_windows("Aux"));
        assert!(!is_reserved_on_windows("config.yaml"));
    }
}
