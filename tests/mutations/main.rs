//! Realistic mistakes, each a small patch on a shipped project, and the finding that has to tell of it: the rule, and
//! the line that was written wrong. The projects without a patch have no finding.
//!
//! A mistake is an entry of a file in this folder, by family:
//!
//! ```yaml
//! - mistake: The overlay misspells a key
//!   project: examples/app             # the folder of the project; this repository's own platform without it
//!   file: environments/staging/environment.yaml
//!   from: "natGateways: 2"            # stands there once
//!   to: "natGatways: 2"               # `append: …` adds to the end instead, `create: …` makes the file, `delete: true` removes it
//!   rule: schema/unknown-key
//!   environment: staging              # prod without it; `all` for every environment
//!   at: environments/base/network.yaml: natGateways     # file and text of the line to be named; the patched line without it
//! ```
//!
//! Beside it stands what two others see in what the mistake would have rendered: cfn-lint in the templates, and strict
//! schemas of all kinds (kubeconform) in the Kubernetes objects. `docs/mistakes.md` is the table; renew it with
//! `BLESS=1 cargo test --test mutations`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read real files and start real programs")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "the share that is caught is printed")]

mod peers;
mod project;
#[path = "../support/strict.rs"]
mod strict;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use rayon::prelude::*;
use serde_json::Value;

use project::{Copy, Mutation, Originals, mutations};

/// How a mistake fared.
struct Verdict {
    mutation: &'static Mutation,
    /// What was found, as `rule file:line`, if the wanted finding was not among it.
    missed: Option<Vec<String>>,
}

/// Whether a finding is the one that the mistake wants: its rule, and the line among the places that it shows.
fn is_wanted(finding: &Value, rule: &str, file: &str, lines: &BTreeSet<u64>) -> bool {
    let is_there =
        |place: &Value| place["file"] == file && place["line"].as_u64().is_some_and(|line| lines.contains(&line));
    finding["rule"] == rule && (is_there(finding) || finding["related"].as_array().into_iter().flatten().any(is_there))
}

fn judge(mutation: &'static Mutation, originals: &Originals) -> Verdict {
    let missed = look(mutation, &originals[mutation.project.as_str()]).unwrap_or_else(|problem| Some(vec![problem]));
    Verdict { mutation, missed }
}

/// What was found instead of what was wanted; nothing if it was.
fn look(mutation: &Mutation, original: &Copy) -> Result<Option<Vec<String>>, String> {
    let copy = original.patched(mutation)?;
    let (file, lines) = copy.wanted(mutation)?;
    let findings = copy.validate(&mutation.environment)?;
    if findings.iter().any(|finding| is_wanted(finding, &mutation.rule, &file, &lines)) {
        return Ok(None);
    }
    let said = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}:{} {}", text("rule"), text("file"), finding["line"], text("message"))
    };
    let wanted = format!("(wanted {} {file}:{lines:?})", mutation.rule);
    Ok(Some(std::iter::once(wanted).chain(findings.iter().map(said)).collect()))
}

#[test]
fn every_mistake_is_told_at_its_line() {
    let Some(originals) = Copy::with_schemas() else { return };
    let verdicts: Vec<Verdict> = mutations().par_iter().map(|mutation| judge(mutation, originals)).collect();
    let mut told = String::new();
    let mut caught = 0;
    for verdict in &verdicts {
        match &verdict.missed {
            None => caught += 1,
            Some(found) => {
                let _ = writeln!(told, "missed: {}\n    {}", verdict.mutation.mistake, found.join("\n    "));
            }
        }
    }
    println!("{caught} of {} mistakes are told at their line", verdicts.len());
    assert!(caught == verdicts.len(), "{caught} of {} are caught\n{told}", verdicts.len());
}

#[test]
fn there_are_at_least_120_mistakes_and_none_stands_twice() {
    let names: BTreeSet<&str> = mutations().iter().map(|mutation| mutation.mistake.as_str()).collect();
    assert_eq!(names.len(), mutations().len());
    assert!(names.len() >= 120, "{} mistakes", names.len());
}

#[test]
fn the_projects_themselves_have_no_finding() {
    let Some(originals) = Copy::with_schemas() else { return };
    for (project, original) in originals {
        let findings = original.validate("all").unwrap();
        assert!(findings.is_empty(), "{project}: {findings:#?}");
    }
}

/// The project of a mistake, where it is not the platform.
fn place(mutation: &Mutation) -> String {
    if mutation.project.is_empty() { String::new() } else { format!(" (`{}`)", mutation.project) }
}

#[test]
fn the_table_says_what_others_see() {
    let Some(originals) = Copy::with_schemas() else { return };
    let Some(seen) = peers::seen(originals) else { return };
    let share = |count: usize| format!("{count} of {}", mutations().len());
    let of = |kind: fn(&peers::Seen) -> bool| share(seen.iter().filter(|seen| kind(seen)).count());
    let mut page = String::from(include_str!("mistakes.head.md"));
    let all = share(mutations().len());
    let (lint, strict) = (of(|seen| seen.cfn_lint), of(|seen| seen.strict));
    let _ = writeln!(page, "| mistake | platc | cfn-lint | strict schemas |\n|---|---|---|---|");
    let _ = writeln!(page, "| **caught** | **{all}** | **{lint}** | **{strict}** |");
    let mark = |seen: bool| if seen { "yes" } else { "–" };
    for (mutation, seen) in mutations().iter().zip(&seen) {
        let (lint, strict) = (mark(seen.cfn_lint), mark(seen.strict));
        let _ = writeln!(page, "| {}{} | `{}` | {lint} | {strict} |", mutation.mistake, place(mutation), mutation.rule);
    }
    println!("cfn-lint sees {lint}, strict schemas {strict}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mistakes.md");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let hint = "docs/mistakes.md is out of date; renew it with `BLESS=1 cargo test --test mutations`";
    assert!(fs::read_to_string(&path).is_ok_and(|text| text == page), "{hint}");
}
