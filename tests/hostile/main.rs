//! Projects that try to take the machine down, to write where they may not, or to say what is not so: each ends in the
//! real binary, within bounds, with findings that have a place, and leaves everything else as it was.
//!
//! They are made from tables of families, sizes and positions: nothing is random. A sample runs by default, all with
//! `PLATC_TEST_FULL=1`. `PLATC_TEST_CASE=part` runs those whose names have that part, and `PLATC_TEST_SHOW=1` tells what each took.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests measure real processes")]
#![allow(clippy::print_stdout, reason = "shows what was measured, when asked")]
#![allow(clippy::format_collect, reason = "cases read as they are written")]
#![allow(unreachable_pub, reason = "modules of one test")]

mod arguments;
mod case;
mod charts;
mod environments;
mod files;
mod front_matter;
mod growth;
mod imports;
mod keywords;
mod numbers;
mod rules;
mod run;
mod schemas;
mod settings;
mod shapes;
mod signs;
mod sums;
#[path = "../support/mod.rs"]
mod support;
mod templates;
mod trees;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use case::Case;

/// One of so many runs by default, and each that names its rule. An odd number goes through all formats.
const SAMPLE: usize = 41;

fn cases() -> Vec<Case> {
    let families = [
        shapes::cases as fn() -> Vec<Case>,
        templates::cases,
        growth::cases,
        front_matter::cases,
        schemas::cases,
        keywords::cases,
        rules::cases,
        environments::cases,
        signs::cases,
        sums::cases,
        numbers::cases,
        settings::cases,
        files::cases,
        imports::cases,
        trees::cases,
        arguments::cases,
        charts::cases,
    ];
    families.iter().flat_map(|family| family()).collect()
}

/// Mostly for people, and the other formats in turn.
fn format(case: &Case, at: usize) -> &'static str {
    const FORMATS: [&str; 8] = ["text", "json", "text", "sarif", "text", "github", "text", "junit"];
    if case.rule.is_empty() { FORMATS[at % FORMATS.len()] } else { "json" }
}

#[test]
fn there_are_many_and_each_has_its_name() {
    let cases = cases();
    assert!(cases.len() >= 800, "{}", cases.len());
    let names: BTreeSet<&str> = cases.iter().map(|case| &*case.name).collect();
    assert_eq!(names.len(), cases.len());
}

#[test]
fn each_ends_within_bounds_and_changes_nothing_else() {
    let only = std::env::var("PLATC_TEST_CASE").unwrap_or_default();
    let full = std::env::var_os("PLATC_TEST_FULL").is_some() || !only.is_empty();
    let show = std::env::var_os("PLATC_TEST_SHOW").is_some();
    let cases = cases();
    let chosen: Vec<(usize, &Case)> = cases.iter().enumerate().collect();
    let chosen: Vec<(usize, &Case)> = chosen
        .into_iter()
        .filter(|(at, case)| case.name.contains(&only) && (full || !case.rule.is_empty() || at % SAMPLE == 5))
        .collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(String::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(&(at, case)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let format = format(case, at);
                    let ended = run::run(case, format);
                    let fault = run::judge(case, format, &ended);
                    let code = ended.status.and_then(|status| status.code());
                    if show {
                        let verdict = if fault.is_empty() { "ok" } else { "WRONG" };
                        println!(
                            "{verdict} {code:?} {:6.2} s {:5} MB {format:6} {}",
                            ended.cpu,
                            ended.peak >> 10,
                            case.name
                        );
                    }
                    if !fault.is_empty() {
                        let said = [&ended.stdout[..], &ended.stderr].concat();
                        let said: String = String::from_utf8_lossy(&said).chars().take(1500).collect();
                        let _ = writeln!(
                            wrong.lock().unwrap(),
                            "==== {} ({format}, {:.1} s, {} MB)\n{fault}it said\n{}\n",
                            case.name,
                            ended.cpu,
                            ended.peak >> 10,
                            said.escape_debug().to_string().replace("\\n", "\n")
                        );
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong}");
}
