//! What a diff must not show: data of Secret objects, and what the rules know for a secret. That a line changed is seen all
//! the same.

use super::structure::Paths;
use crate::rules::{HIDDEN, masked};
use crate::yaml::path::Step;

/// What must not be shown of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    /// Nothing that stands out by its place.
    None,
    /// The value behind its key.
    Value,
    /// All of it.
    All,
}

/// Of the lines of one side.
pub(super) fn covers(lines: &[&str], paths: &Paths) -> Vec<Cover> {
    let is_object = |line: &&str| line.trim_end() == "kind: Secret";
    let is_secret = lines.iter().any(is_object);
    let mut in_key = false;
    let cover = |(number, line): (usize, &&str)| {
        let is_edge = line.contains("PRIVATE KEY-----");
        let begins = is_edge && line.contains("-----BEGIN ");
        let was_in_key = in_key;
        in_key = (in_key || begins) && !(is_edge && line.contains("-----END "));
        if was_in_key || begins {
            return Cover::All;
        }
        let path = is_secret.then(|| paths.of(number)).flatten();
        match path.as_ref().map(crate::yaml::path::Path::steps) {
            Some([Step::Key(top), Step::Key(key), ..]) if matches!(&**top, "data" | "stringData") => {
                if line.trim_start().starts_with(&**key) { Cover::Value } else { Cover::All }
            }
            _ => Cover::None,
        }
    };
    lines.iter().enumerate().map(cover).collect()
}

/// Takes out of the pieces of a line what must not be shown.
pub(super) fn hide(pieces: &mut Vec<(bool, String)>, cover: Cover) {
    let text: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
    let split = text.split_once(": ");
    let shown = match (cover, split) {
        (Cover::Value, Some((key, value))) if !matches!(value, "|" | "|-" | "|+" | "{}" | "") => {
            Some(format!("{key}: {HIDDEN}"))
        }
        (Cover::Value, _) => None,
        (Cover::All, _) => {
            let blanks = text.len() - text.trim_start().len();
            Some(format!("{}{HIDDEN}", &text[..blanks]))
        }
        (Cover::None, Some((key, value))) => {
            let word = key.trim_start_matches([' ', '-']).trim_matches('"');
            let bare = value.trim_matches('"');
            masked(Some(word), bare).map(|value| format!("{key}: {value}")).or_else(|| masked(None, &text))
        }
        (Cover::None, None) => masked(None, &text),
    };
    if let Some(shown) = shown {
        *pieces = vec![(false, shown)];
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use crate::diff::{Files, compare};

    fn lines(old: &str, new: &str) -> Vec<String> {
        let path = Utf8Path::new("a.yaml");
        let diffs = compare(&Files::from([(path, old.as_bytes())]), &Files::from([(path, new.as_bytes())]), 3);
        let lines = diffs.iter().flat_map(|diff| &diff.hunks).flat_map(|hunk| &hunk.lines);
        lines.map(|line| line.pieces.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn secrets_change_without_being_shown() {
        let old = "kind: Secret\ndata:\n  token: YWJj\n  key: |\n    one\n    two\n";
        let new = "kind: Secret\ndata:\n  token: ZGVm\n  key: |\n    one\n    three\n";
        let wanted =
            ["kind: Secret", "data:", "  token: ***", "  token: ***", "  key: |", "    ***", "    ***", "    ***"];
        assert_eq!(lines(old, new), wanted);
        let key = |letters: &str| {
            format!("a: |\n  -----BEGIN RSA PRIVATE KEY-----\n  {letters}\n  -----END RSA PRIVATE KEY-----\nb: 1\n")
        };
        assert_eq!(lines(&key("MIIa"), &key("MIIb")), ["a: |", "  ***", "  ***", "  ***", "  ***", "b: 1"]);
        let found = lines("url: postgres://app:Zk3qv9Lw@db/app\n", "url: postgres://app:Xk4qv9Lw@db/app\n");
        assert_eq!(found, ["url: postgres://app:***@db/app", "url: postgres://app:***@db/app"]);
    }
}
