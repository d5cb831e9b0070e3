//! Names of artifacts: what may stand in an output path.

/// Names that Windows keeps for devices, whatever ending they have.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Characters of one name in a path.
const LONGEST_NAME: usize = 100;
const LONGEST_PATH: usize = 400;

/// What is wrong with an output path, as the rest of a sentence; `None` for a good one.
///
/// Lower case only, so that no two paths differ by case alone; a letter or a digit at both ends, so that no name is
/// hidden, `.` or `..`, an option of a program, or one that Windows trims.
pub(super) fn fault(path: &str) -> Option<String> {
    if path.len() > LONGEST_PATH {
        return Some(format!("is longer than {LONGEST_PATH} characters"));
    }
    if path.starts_with('/') {
        return Some("begins with `/`; paths are relative to the tree".to_owned());
    }
    path.split('/').find_map(name_fault)
}

fn name_fault(name: &str) -> Option<String> {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.is_empty() {
        return Some("has an empty name in it".to_owned());
    }
    if name == "." || name == ".." {
        return Some(format!("has `{name}` in it, which could lead out of the tree"));
    }
    if name.len() > LONGEST_NAME {
        return Some(format!("has a name of more than {LONGEST_NAME} characters"));
    }
    if let Some(char) =
        name.chars().find(|&char| !(char.is_ascii() && (alphanumeric(char as u8) || "._-".contains(char))))
    {
        let shown = if char.is_control() { char.escape_default().to_string() } else { char.to_string() };
        return Some(format!("has `{shown}` in it; names are of `a` to `z`, `0` to `9`, `.`, `_` and `-`"));
    }
    let (first, last) = (name.as_bytes()[0], name.as_bytes()[name.len() - 1]);
    if !alphanumeric(first) || !alphanumeric(last) {
        return Some(format!("has the name `{name}`; names begin and end with a letter or a digit"));
    }
    let stem = name.split('.').next().unwrap_or_default();
    DEVICES.contains(&stem).then(|| format!("has the name `{name}`, which Windows keeps for a device"))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn good_paths() {
        for path in
            ["a.yaml", "helm/cilium/values.yaml", "karpenter/nodepool-general_2.yaml", "0/1", "stacks/01-network.yaml"]
        {
            assert_eq!(fault(path), None, "{path}");
        }
    }

    #[test]
    fn bad_paths() {
        let long = "a".repeat(101);
        let bad = [
            "",
            "/etc/passwd",
            "../a",
            "a/../b",
            "a/./b",
            "a//b",
            ".git/config",
            "a/.hidden",
            "a.",
            "a/b.",
            "-rf",
            "A.yaml",
            "a b",
            "a\nb",
            "a\0b",
            "con",
            "con.yaml",
            "a/nul.txt",
            "a\\b",
            "c:d",
            "ä.yaml",
            "a/",
            "~/x",
            "$(x)",
            &long,
        ];
        for path in bad {
            assert!(fault(path).is_some(), "{path:?}");
        }
    }
}
