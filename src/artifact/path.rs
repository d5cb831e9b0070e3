//! Which paths a file of a tree may have: such as every file system, archive and Git host takes the same way, and no
//! program takes for something of its own.

use crate::disk::device::is_reserved;

/// Bytes of one name. File systems take 255; room is left for what other tools append.
const LONGEST_NAME: usize = 128;
const LONGEST_PATH: usize = 512;

/// What may stand in a name beside letters and digits of ASCII. All others mean something to shells, to Windows or to
/// Unicode.
const SIGNS: &[u8] = b"._-+@=,~() ";

/// What git reads wherever it lies: it would leave files of the tree out, or change them.
const OF_GIT: [&str; 4] = [".git", ".gitattributes", ".gitignore", ".gitmodules"];

/// What is wrong with a path, as the end of a sentence about it; `None` for a good one.
pub fn fault(path: &str) -> Option<String> {
    if path.is_empty() {
        return Some("is empty".to_owned());
    }
    if path.len() > LONGEST_PATH {
        return Some(format!("is longer than {LONGEST_PATH} bytes"));
    }
    if path.starts_with('/') {
        return Some("begins with `/`; paths are relative to the tree".to_owned());
    }
    if path.starts_with('-') {
        return Some("begins with `-`, as the options of programs do".to_owned());
    }
    path.split('/').find_map(name_fault)
}

fn name_fault(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("has an empty name in it".to_owned());
    }
    if name == "." || name == ".." {
        return Some(format!("has `{name}` in it, which could lead out of the tree"));
    }
    if name.len() > LONGEST_NAME {
        return Some(format!("has a name of more than {LONGEST_NAME} bytes"));
    }
    let is_good = |char: char| char.is_ascii_alphanumeric() || (char.is_ascii() && SIGNS.contains(&(char as u8)));
    if let Some(char) = name.chars().find(|char| !is_good(*char)) {
        let shown = if char.is_control() { char.escape_default().to_string() } else { char.to_string() };
        return Some(format!("has `{shown}` in it; names are of ASCII letters, digits, blanks and `._-+@=,~()`"));
    }
    if name.starts_with(['~', ' ']) {
        return Some(format!("has the name `{name}`, which begins with `{}`", &name[..1]));
    }
    if name.ends_with(['.', ' ']) {
        return Some(format!("has the name `{name}`, of which Windows drops the last character"));
    }
    let lower = name.to_ascii_lowercase();
    // `git~1` is what Windows calls `.git` as well.
    let is_short = lower.strip_prefix("git~").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if is_short || OF_GIT.contains(&&*lower) {
        return Some(format!("has the name `{name}`, which git reads for itself"));
    }
    if lower == ".platc" || (lower.starts_with('.') && lower.contains(".platc-")) {
        return Some(format!("has the name `{name}`, which platc keeps for itself"));
    }
    is_reserved(name).then(|| format!("has the name `{name}`, which Windows keeps for a device"))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn paths_as_people_have_them() {
        for path in [
            "a.yaml",
            "helm/cilium/values.yaml",
            "karpenter/nodepool-general_2.yaml",
            "0/1",
            "Chart.yaml",
            "charts/app/templates/_helpers.tpl",
            "README.md",
            ".github/workflows/x.yml",
            ".sops.yaml",
            "apps/kustomization.yml",
            "a/.hidden",
            "node@2.json",
            "Grafana Dashboard (1).json",
            "c++/x_",
            "common",
            "com10",
            "x~y",
            ".github/ISSUE_TEMPLATE/---bug-report.md",
            "my.git",
        ] {
            assert_eq!(fault(path), None, "{path}");
        }
    }

    #[test]
    fn paths_that_not_every_disk_or_tool_takes() {
        let long = "a".repeat(129);
        let deep = "a/".repeat(260) + "a";
        let bad = [
            "",
            "/etc/passwd",
            "../a",
            "a/../b",
            "a/./b",
            "a//b",
            "a/",
            ".git/config",
            "a/.GIT/hooks/x",
            "git~1/config",
            ".gitignore",
            "a/.gitattributes",
            ".gitmodules",
            ".platc/manifest",
            "a/.platc/manifest",
            ".dev.platc-stage/a",
            "a.",
            "a/b.",
            "a ",
            " a",
            "-rf",
            "~/x",
            "a\nb",
            "a\0b",
            "a\tb",
            "con",
            "CON",
            "con.yaml",
            "a/nul.txt",
            "x/Aux.tar.gz",
            "com1",
            "LPT9.txt",
            "a\\b",
            "c:d",
            "ä.yaml",
            "e\u{301}",
            "$(x)",
            "a*b",
            "a?b",
            "a|b",
            "a\"b",
            "<a>",
            &long,
            &deep,
        ];
        for path in bad {
            assert!(fault(path).is_some(), "{path:?}");
        }
    }
}
