//! Findings of layers that only follow from another one on their line, or below their key: the cause is told, once.

use std::ops::Range;

use crate::environment::ADDS_NOTHING;
use crate::finding::codes::{merge, yaml};
use crate::finding::{Finding, Findings};
use crate::source::{FileId, Sources};

/// Takes out what follows from something else.
pub(super) fn only(findings: &mut Findings, sources: &Sources) {
    let causes: Vec<(FileId, Range<usize>)> = findings.iter().filter(|it| it.is_error()).map(place).collect();
    if causes.is_empty() {
        return;
    }
    let at_fault: Vec<_> = findings.iter().filter(|it| is_cause(it)).map(place).collect();
    findings.retain_mut(|finding| {
        let (file, own) = place(finding);
        let source = sources.get(file);
        let text = source.text();
        if finding.rule == &merge::TYPE_CHANGE || finding.rule == &merge::NO_VALUE {
            // What stands behind the key is not what its author meant.
            let end = || own.end + text[own.end..].find('\n').unwrap_or(text.len() - own.end);
            return !at_fault.iter().any(|(of, it)| *of == file && it.start >= own.end && it.start < end());
        }
        if finding.rule == &merge::REDUNDANT && finding.message.ends_with(ADDS_NOTHING) {
            let end = below(text, own.start);
            return !causes.iter().any(|(of, it)| *of == file && it.start >= own.end && it.start < end);
        }
        true
    });
}

fn place(finding: &Finding) -> (FileId, Range<usize>) {
    (finding.primary.span.file, finding.primary.span.range())
}

/// Whether a value is read as something else than it was written for.
fn is_cause(finding: &Finding) -> bool {
    finding.rule == &merge::TAG || finding.rule == &yaml::ALIAS || finding.rule == &yaml::SYNTAX
}

/// Where the lines end that are further in than the one of a key.
fn below(text: &str, key: usize) -> usize {
    let line = text[..key].rfind('\n').map_or(0, |end| end + 1);
    let column = key - line;
    let mut at = line;
    for (number, line) in text[line..].split_inclusive('\n').enumerate() {
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        if number > 0 && !line.trim().is_empty() && indent <= column && !line.trim_start().starts_with('#') {
            break;
        }
        at += line.len();
    }
    at
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn what_stands_below_a_key() {
        let text = "a:\n  b: 1\n\n  c:\n    d: 2\n  e: 3\nf: 4\n";
        assert_eq!(&text[..below(text, 0)], "a:\n  b: 1\n\n  c:\n    d: 2\n  e: 3\n");
        let c = text.find("c:").unwrap();
        assert_eq!(&text[c..below(text, c)], "c:\n    d: 2\n");
        assert_eq!(below("a:\n- b\n", 0), "a:\n- b\n".len());
    }
}
