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
    acknowledged.rendered =
        Some(Rendered { file: "app/pod.yaml".to_owned(), document: None, path: "spec.containers[0]".to_owned() });
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

mod nothing_hidden_gets_out {
    use proptest::prelude::*;

    use super::super::safe::is_hidden;
    use super::super::{safe, text};
    use super::*;

    /// Letters, and all kinds of characters that a terminal or a page obeys.
    fn hostile() -> impl Strategy<Value = String> {
        let letter = prop_oneof![
            Just('a'),
            Just('é'),
            Just('\u{1b}'),
            Just('\n'),
            Just('\r'),
            Just('\u{2028}'),
            Just('\u{e0041}'),
            prop::char::range('\0', '\u{a0}'),
            prop::char::range('\u{2000}', '\u{2070}'),
            any::<char>(),
        ];
        // What a runner of GitHub obeys comes as one letter.
        prop::collection::vec(letter, 0..12).prop_map(|letters| String::from_iter(letters).replace('a', "##["))
    }

    fn obeyed(text: &str) -> Option<char> {
        text.chars().find(|&it| is_hidden(it) || (it.is_control() && it != '\n' && it != '\t'))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn in_any_format(words in prop::collection::vec(hostile(), 10)) {
            let word = |at: usize| words[at].clone();
            let sources = Sources::default();
            let file = sources.add(format!("environments/{}.yaml", word(0)), word(1));
            let mut finding = Finding::new(&codes::schema::UNKNOWN_KEY, Span::file_start(file), word(2))
                .label(word(3))
                .also(Span::new(file, 0, word(1).len()), word(4))
                .help(word(5))
                .detail(word(6));
            finding.environments = vec![word(7).into()];
            finding.subject = Some(word(8));
            finding.rendered = Some(Rendered { file: word(9), document: Some(2), path: word(8) });
            let mut accepted = finding.clone();
            let (reason, until) = (word(6).into(), Some(word(5).into()));
            accepted.acknowledged = Some(Acknowledged { reason, until, span: Span::file_start(file) });
            let findings = [finding, accepted];
            let environments = [word(3).into()];
            let folder = word(4);
            let run = Run { findings: &findings, sources: &sources, folder: folder.as_str().into(), environments: &environments };
            let look = text::Look { colour: false, width: 80, acknowledges: false };
            let drawn: String = findings.iter().map(|it| text::draw(it, &sources, look)).collect();
            let json = json::report(&findings, &sources, FindingsOnly {});
            for (format, text) in [
                ("text", drawn),
                ("json", json),
                ("sarif", sarif::report(run)),
                ("github", github::report(run)),
                ("junit", junit::report(run)),
                ("a page", safe::page(&words.concat())),
                ("a line", safe::line(&words.concat()).into_owned()),
            ] {
                prop_assert!(!text.contains("##["), "{}: {:?}", format, text);
                prop_assert_eq!(obeyed(&text), None, "{}: {:?}", format, text);
            }
        }
    }
}
