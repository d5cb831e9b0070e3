//! Layers that are environments by mistake.

use camino::Utf8Path;

use super::compile::Left;
use crate::finding::codes::project::BASE_ENVIRONMENT;
use crate::finding::codes::schema::MISSING_KEY;
use crate::finding::codes::template::UNDEFINED;
use crate::finding::{Finding, Findings};
use crate::project::Entry;
use crate::source::{FileId, Sources, Span};

/// Whether an environment misses something: a key that the schema demands, or a value that a template wants.
pub(super) fn lacks_any(findings: &Findings) -> bool {
    findings.iter().any(|finding| [MISSING_KEY.id, UNDEFINED.id].contains(&finding.rule.id))
}

/// Environments that miss something, and that others extend, which do not.
pub(super) fn extended(entries: &[&Entry], left: &[Left], lacks: &[bool], sources: &Sources) -> Findings {
    let mut findings = Findings::default();
    for (at, entry) in entries.iter().enumerate().filter(|(at, _)| lacks[*at]) {
        let extends = |(other, _): &(usize, &&Entry)| {
            !lacks[*other] && left[*other].layers.split_last().is_some_and(|(_, below)| below.contains(&entry.path))
        };
        let Some((_, other)) = entries.iter().enumerate().find(extends) else { continue };
        let marks = |file: &&FileId| {
            matches!(sources.get(**file).path().file_name(), Some("environment.yaml" | "environment.yml"))
        };
        let Some(&file) = left[at].files.iter().find(marks).or(left[at].files.first()) else { continue };
        let message = format!("`{}` is an environment, and `{}` extends it", entry.name, other.name);
        let help = if is_file(&entry.path) {
            "if it is only there to be extended, move it into a folder of its own, as in `base/base.yaml`"
        } else {
            "if it is only there to be extended, give its `environment.yaml` another name, such as `base.yaml`"
        };
        let span = Span::file_start(file);
        findings.push(Finding::new(&BASE_ENVIRONMENT, span, message).label("so all of it must be here").help(help));
    }
    findings
}

fn is_file(path: &Utf8Path) -> bool {
    matches!(path.extension(), Some("yaml" | "yml"))
}
