//! What is wrong with the files of a tree before a disk is looked at: their paths, and what cannot both exist.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::artifact::File;
use crate::artifact::path::fault;
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;

/// All that is wrong with the files of one tree before a disk is looked at.
pub(super) fn check(files: &[&File], limits: &Limits) -> Findings {
    let mut findings = Findings::default();
    let mut total = 0;
    for file in files {
        if let Some(fault) = fault(file.path.as_str()) {
            findings.push(
                Finding::new(
                    &codes::output::UNSAFE_PATH,
                    file.place,
                    format!("`{}` cannot be the path of an artifact", file.path),
                )
                .label(format!("the path {fault}"))
                .help("use ASCII letters, digits, `.`, `-` and `_`, with `/` between folders"),
            );
        }
        if file.bytes.len() > limits.artifact_bytes {
            findings.push(
                Finding::new(
                    &codes::output::ARTIFACT_TOO_LARGE,
                    file.place,
                    format!(
                        "`{}` is {} bytes long, more than the {} of any artifact",
                        file.path,
                        file.bytes.len(),
                        limits.artifact_bytes
                    ),
                )
                .label("this template makes it"),
            );
        }
        total += file.bytes.len();
        if total > limits.tree_bytes {
            findings.push(
                Finding::new(
                    &codes::output::TREE_TOO_LARGE,
                    file.place,
                    format!("the tree is larger than {} bytes", limits.tree_bytes),
                )
                .label(format!("`{}` goes past it", file.path)),
            );
            break;
        }
    }
    collisions(files, &mut findings);
    findings
}

/// Two artifacts that cannot both exist, here or on a disk that ignores case. `files` are sorted by path.
fn collisions(files: &[&File], findings: &mut Findings) {
    // Each path and each folder on the way to it, in lower case, with the first file that needs it.
    let mut taken: BTreeMap<Cow<'_, str>, (&File, &str)> = BTreeMap::new();
    let mut is_clean = true;
    for file in files {
        let path = file.path.as_str();
        let folders = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
        for step in std::iter::once(path).chain(folders) {
            let Some((first, spelled)) = taken.get(&*lower_case(step)) else {
                taken.insert(lower_case(step), (file, step));
                continue;
            };
            let (mine, theirs) = (step == path, *spelled == first.path.as_str());
            let message = match (mine, theirs) {
                _ if *spelled != step => format!(
                    "`{}` and `{}` differ only in upper and lower case, so that some file systems keep only one",
                    first.path, file.path
                ),
                (false, false) if is_clean => break, // Both lie in the same folder, and so in all above it.
                (false, false) => continue,
                (true, true) => format!("two artifacts have the path `{}`", file.path),
                _ => format!("`{spelled}` would be a file and a folder"),
            };
            is_clean = false;
            let finding = Finding::new(&codes::output::COLLISION, file.place, message);
            findings.push(if first.place == file.place {
                finding.label("makes both").help("give each item a path of its own by a slot in `output`")
            } else {
                finding
                    .label(format!("makes `{}`", file.path))
                    .also(first.place, format!("makes `{}`", first.path))
                    .help("give one of them another `output`, or each a `when` of its own")
            });
            break;
        }
    }
}

fn lower_case(path: &str) -> Cow<'_, str> {
    if path.bytes().any(|byte| byte.is_ascii_uppercase()) { path.to_ascii_lowercase().into() } else { path.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};

    /// The message and help of each finding, and what is said where: 1 and 2 are the places of two templates.
    fn said(paths: &[(&str, usize)]) -> Vec<String> {
        let sources = Sources::default();
        let id = sources.add("t.j2", "12345");
        let file = |&(path, place): &(&str, usize)| File {
            path: path.into(),
            template: "t.j2".into(),
            place: Span::new(id, place, place),
            bytes: b"0123456789".to_vec().into(),
        };
        let files: Vec<File> = paths.iter().map(file).collect();
        let limits = Limits { artifact_bytes: 10, tree_bytes: 30, ..Limits::default() };
        let findings = check(&files.iter().collect::<Vec<_>>(), &limits);
        let place = |span: Span| span.start;
        findings
            .iter()
            .map(|finding| {
                let related: Vec<_> = finding.related.iter().map(|label| place(label.span)).collect();
                format!("{} @{} {related:?}", finding.message, place(finding.primary.span))
            })
            .collect()
    }

    #[test]
    fn artifacts_that_cannot_both_exist() {
        assert_eq!(said(&[("a/x", 1), ("a/y", 2), ("b", 1)]), [""; 0]);
        assert_eq!(said(&[("a", 1), ("a", 2)]), ["two artifacts have the path `a` @2 [1]"]);
        assert_eq!(said(&[("a", 1), ("a/b", 2)]), ["`a` would be a file and a folder @2 [1]"]);
        assert_eq!(
            said(&[("A/b", 1), ("a", 2)]),
            ["`A/b` and `a` differ only in upper and lower case, so that some file systems keep only one @2 [1]"]
        );
        assert_eq!(
            said(&[("a/B", 1), ("a/b", 2)]),
            ["`a/B` and `a/b` differ only in upper and lower case, so that some file systems keep only one @2 [1]"]
        );
        assert_eq!(
            said(&[("A/x", 1), ("a/y", 2)]),
            ["`A/x` and `a/y` differ only in upper and lower case, so that some file systems keep only one @2 [1]"]
        );
    }

    #[test]
    fn the_tree_has_a_budget() {
        assert_eq!(
            said(&[("a", 1), ("b", 1), ("c", 1), ("d", 2), ("e", 3)]),
            ["the tree is larger than 30 bytes @2 []"]
        );
    }
}
