//! One set of findings in every format for programs.

use super::json::FindingsOnly;
use super::run::Run;
use super::{github, json, junit, sarif};
use crate::finding::{Acknowledged, Finding, Findings, Rendered, codes};
use crate::source::{Sources, Span};

/// Of two environments and of none, of both severities, on one line and on several, hostile, secret and at a file
/// without text.
fn findings(sources: &Sources) -> Vec<Finding> {
    let base = sources.add("environments/base/base.yaml", "clé: {version: 1}\nsecret: hunter2\n");
    let prod = sources.add("environments/prod/a b.yaml", "cluster: |\n  one\n  two\nx: \"<&\\e%,:\"\n");
    let folder = sources.add("environments/Prod", "");
    let mut shared = Findings::default();
    shared.push(
        Finding::new(&codes::merge::REDUNDANT, Span::new(base, 6, 13), "`version` is set to the value it has already")
            .label("this changes nothing"),
    );
    shared.push(Finding::new(&codes::schema::SECRET, Span::new(base, 27, 34), "a secret stands here").concealing());
    let mut own = Findings::default();
    own.push(
        Finding::new(&codes::merge::TYPE_CHANGE, Span::new(prod, 9, 23), "`cluster` changes from a map to a text")
            .also(Span::new(base, 5, 17), "a map here")
            .also(Span::new(base, 0, 4), "")
            .help("set keys of the map,\nindented below it"),
    );
    own.push(
        Finding::new(
            &codes::schema::UNKNOWN_KEY,
            Span::new(prod, 23, 24),
            "unknown key `x` <]]> \x1b[2J ::error::, 50%",
        )
        .detail("-a\n+b\n"),
    );
    let mut acknowledged =
        Finding::new(&codes::output::COLLISION, Span::new(base, 5, 17), "an artifact is as it should be");
    acknowledged.subject = Some("pod/x".to_owned());
    acknowledged.rendered = Some(Rendered { file: "app/pod.yaml".to_owned(), path: "spec.containers[0]".to_owned() });
    acknowledged.acknowledged = Some(Acknowledged {
        reason: "agreed \"so\"".into(),
        until: Some("2027-01-31".into()),
        span: Span::new(prod, 23, 24),
    });
    own.push(acknowledged);
    own.name_environment(&"prod".into());
    let mut all = Findings::default();
    for name in ["dev", "prod"] {
        let mut each = Findings::default();
        each.extend(shared.iter().cloned());
        each.name_environment(&name.into());
        all.append(each);
    }
    all.append(own);
    all.push(
        Finding::new(&codes::project::ENVIRONMENT_NAME, Span::file_start(folder), "`Prod` has upper-case letters")
            .help("rename it to `prod`"),
    );
    all.sorted(sources)
}

fn each(check: impl FnOnce(Run<'_>)) {
    let sources = Sources::default();
    let findings = findings(&sources);
    let environments = ["clean".into(), "dev".into(), "prod".into()];
    check(Run { findings: &findings, sources: &sources, folder: "infra/platform".into(), environments: &environments });
}

#[test]
fn as_sarif() {
    each(|run| insta::assert_snapshot!(sarif::report(run).replace(env!("CARGO_PKG_VERSION"), "[VERSION]")));
}

#[test]
fn as_workflow_commands() {
    each(|run| insta::assert_snapshot!(github::report(run)));
}

#[test]
fn as_test_results() {
    each(|run| insta::assert_snapshot!(junit::report(run)));
}

#[test]
fn as_json() {
    each(|run| insta::assert_snapshot!(json::report(run.findings, run.sources, FindingsOnly {})));
}

#[test]
fn nothing_found_is_a_document_too() {
    let environments = ["dev".into()];
    let run = Run { findings: &[], sources: &Sources::default(), folder: "".into(), environments: &environments };
    assert_eq!(github::report(run), "");
    assert!(sarif::report(run).contains("\"results\": []"));
    insta::assert_snapshot!(junit::report(run));
}

#[test]
fn what_is_past_the_limits_of_github_comes_last_and_is_counted() {
    let sources = Sources::default();
    let file = sources.add("a.yaml", "a: 1\n");
    let made = |rule, count| (0..count).map(move |_| Finding::new(rule, Span::new(file, 0, 1), "x"));
    let warnings = made(&codes::merge::REDUNDANT, 12);
    let findings: Vec<_> = warnings.chain(made(&codes::schema::UNKNOWN_KEY, 11)).collect();
    let text = github::report(Run { findings: &findings, sources: &sources, folder: "".into(), environments: &[] });
    let kinds: Vec<_> = text.lines().map(|line| line.split([':', ' ']).nth(2).unwrap()).collect();
    assert_eq!(kinds[..11], ["error"; 11]);
    assert_eq!(kinds[11..23], ["warning"; 12]);
    assert_eq!(
        text.lines().last(),
        Some("::notice title=platc::3 more findings are in the log of this step: GitHub annotates 10 of a kind")
    );
}
