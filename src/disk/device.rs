//! Names that are no files everywhere.

/// Names that Windows keeps for devices, with any ending:
/// <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Whether Windows keeps a name for a device, with any ending.
pub fn is_reserved(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |name: &str| stem.strip_prefix(name).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    RESERVED.contains(&&*stem) || numbered("com") || numbered("lpt")
}
