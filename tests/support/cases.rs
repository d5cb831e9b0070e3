//! Tests that are inputs: each `*.case` file holds a small project and, as comments below the file that they point into,
//! the findings it must give. `BLESS=1 cargo test` writes what was found into the files; read the diff like code.
//!
//! ```text
//! What this case shows, and options for the test, such as
//! set: network.zones=3
//!
//! === environments/base/cluster.yaml
//! cluster: {version: "1.35"}
//!
//! === environments/prod/environment.yaml
//! extends: [../base]
//! cluster: large
//! # error[merge/type-change] 2:10 `cluster` changes from a map to a single value: a single value here
//! #   environments/base/cluster.yaml:1:1 a map here
//! #   help: set keys of the map, indented below it; `null` deletes it
//!
//! >>> prod
//! cluster.version = "1.35"   environments/base/cluster.yaml:1:20
//! ```
//!
//! A `===` section is a file without the findings and blank lines at its end; findings about what is no file of the case
//! stand in a section of their own, named by the path. A `>>>` section is what the test made of the project.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read and renew real files")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use platc::disk::Memory;
use platc::finding::{Finding, Findings, Severity};
use platc::source::Sources;

/// A case as it stands in its file.
pub struct Case {
    path: PathBuf,
    written: String,
    about: String,
    files: Vec<(String, String)>,
}

/// What a test made of a case: texts by name, and what was found on the way.
pub struct Outcome {
    pub sources: Sources,
    pub findings: Findings,
    pub results: Vec<(String, String)>,
}

/// Runs each case in `tests/cases/<folder>`, and fails with all that differ.
pub fn run(folder: &str, test: impl Fn(&Case) -> Outcome) {
    let mut wrong = String::new();
    for path in paths(folder) {
        let case = Case::read(path);
        let found = case.with(test(&case));
        if found == case.written {
            continue;
        }
        if env::var_os("BLESS").is_some() {
            fs::write(&case.path, found).unwrap();
        } else {
            let diff = similar::TextDiff::from_lines(&case.written, &found);
            let name = case.path.file_name().unwrap().display().to_string();
            write!(wrong, "\n{}", diff.unified_diff().header(&name, "found")).unwrap();
        }
    }
    assert!(wrong.is_empty(), "`BLESS=1 cargo test` accepts what was found:\n{wrong}");
}

/// The texts of all cases in `tests/cases/<folder>`.
pub fn all_text(folder: &str) -> String {
    paths(folder).into_iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn paths(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    paths.sort();
    assert!(!paths.is_empty(), "there are no cases in {}", folder.display());
    paths
}

impl Case {
    fn read(path: PathBuf) -> Self {
        let written = fs::read_to_string(&path).unwrap();
        let mut sections = vec![(String::new(), String::new())];
        for line in written.split_inclusive('\n') {
            match line.strip_prefix("=== ").or(line.strip_prefix(">>> ")) {
                Some(_) => sections.push((line.trim_end().to_owned(), String::new())),
                None => sections.last_mut().unwrap().1.push_str(line),
            }
        }
        let about = sections.remove(0).1;
        let files = sections.into_iter().filter_map(|(head, text)| {
            let text = without_findings(&text);
            // A section with findings only is no file.
            (!text.is_empty()).then_some((head.strip_prefix("=== ")?.to_owned(), text))
        });
        let files = files.collect();
        Self { path, written, about, files }
    }

    /// The files of the case, and an empty `platc.yaml` if it has none.
    pub fn disk(&self) -> Memory {
        let disk = Memory::default().file("platc.yaml", "");
        self.files.iter().fold(disk, |disk, (path, text)| disk.file(path, text.as_str()))
    }

    pub fn has(&self, path: &str) -> bool {
        self.files.iter().any(|(file, _)| file == path)
    }

    /// What stands behind `name: ` in the lines above the first section.
    pub fn options(&self, name: &str) -> Vec<String> {
        let values = self.about.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        values.map(str::to_owned).collect()
    }

    /// The case as it would stand in its file with this outcome.
    fn with(&self, outcome: Outcome) -> String {
        let mut findings: BTreeMap<String, String> = BTreeMap::new();
        for finding in outcome.findings.sorted(&outcome.sources) {
            let path = outcome.sources.get(finding.primary.span.file).path().to_string();
            findings.entry(path).or_default().push_str(&comment(&finding, &outcome.sources));
        }
        let mut text = format!("{}\n", self.about.trim_end());
        for (path, file) in &self.files {
            let findings = findings.remove(path).unwrap_or_default();
            write!(text, "\n=== {path}\n{file}{findings}").unwrap();
        }
        for (path, findings) in findings {
            write!(text, "\n=== {path}\n{findings}").unwrap();
        }
        for (name, result) in outcome.results {
            write!(text, "\n>>> {name}\n{}\n", result.trim_end()).unwrap();
        }
        text
    }
}

/// A file's own text: no findings and no blank lines at its end.
fn without_findings(text: &str) -> String {
    let is_finding = |line: &str| ["# error[", "# warning[", "#   "].iter().any(|start| line.starts_with(start));
    let lines: Vec<_> = text.lines().collect();
    let end = lines.iter().rposition(|line| !line.trim().is_empty() && !is_finding(line)).map_or(0, |last| last + 1);
    lines[..end].iter().flat_map(|line| [line, "\n"]).collect()
}

/// A finding as a comment: severity, rule, place, message and label; then other places, then what to do.
fn comment(finding: &Finding, sources: &Sources) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let source = sources.get(finding.primary.span.file);
    let at = source.position(finding.primary.span.start);
    let mut text = format!("# {severity}[{}] {}:{} {}", finding.rule.id, at.line, at.column, finding.message);
    if !finding.primary.text.is_empty() {
        write!(text, ": {}", finding.primary.text).unwrap();
    }
    text.push('\n');
    for label in &finding.related {
        writeln!(text, "#   {} {}", sources.locate(label.span), label.text).unwrap();
    }
    if let Some(help) = &finding.help {
        writeln!(text, "#   help: {help}").unwrap();
    }
    text
}
