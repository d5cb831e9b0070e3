//! Trees that a change leaves to nobody: the settings name another folder, and what stands in the old one is compared with
//! nothing any more.

use camino::Utf8Path;

use crate::cli::session::Session;
use crate::diff::side::{self, Side};
use crate::disk::{Disk, Git};
use crate::finding::codes::rules::SWITCHED_OFF;
use crate::finding::{Finding, Severity};
use crate::project::{FILE, Project};
use crate::source::Span;

const HELP: &str =
    "is it meant? then remove the trees of before, or let somebody who answers for what reads them agree";

/// Says which folders of trees are others now, if the trees are still there, and which of these are not as they were.
pub(super) fn trees(revision: &str, disk: &Git, past: &Project, now: &Project, session: &Session) -> Vec<Finding> {
    let (past, now) = (&past.config, &now.config);
    let moved = [("golden", &past.golden, &now.golden), ("output", &past.output, &now.output)];
    let named = [&now.golden, &now.output];
    let mut findings = Vec::new();
    for (setting, was, is) in moved.into_iter().filter(|(_, was, is)| was != is && !named.contains(was)) {
        // What was never committed, nobody deploys from here.
        let before = side::trees(disk, was).unwrap_or_default();
        let standing = side::trees(session.disk.as_ref(), was).unwrap_or_default();
        if before.is_empty() || standing.is_empty() {
            continue;
        }
        let message = format!("`{setting}` is `{is}` now, and was `{was}` in `{revision}`, where trees still stand");
        findings.push(said(message, FILE.into(), was, session));
        for tree in before.iter().filter(|tree| standing.contains(tree)) {
            let tree = was.join(tree);
            let read = |disk: &dyn Disk| Side::read(disk, &tree, session.limits.file_bytes).ok().flatten();
            let is_same = read(disk).zip(read(session.disk.as_ref())).is_some_and(|(was, is)| was.is_same(&is));
            if !is_same {
                let message = format!("`{tree}` is not what it was in `{revision}`, and nobody compares it any more");
                let mut finding = said(message, &tree, &tree, session);
                finding.severity = Severity::Error;
                findings.push(finding);
            }
        }
    }
    findings
}

fn said(message: String, at: &Utf8Path, subject: &Utf8Path, session: &Session) -> Finding {
    let at = Span::file_start(session.sources.add(at, ""));
    let mut finding =
        Finding::new(&SWITCHED_OFF, at, message).label("whoever deploys from there deploys what nobody compiled");
    finding.subject = Some(subject.to_string());
    finding.help(HELP)
}
