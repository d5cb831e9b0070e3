use super::*;
use crate::finding::{Findings, codes};
use crate::source::{FileId, Span};

const PLAIN: Look = Look { colour: false, width: 100, acknowledges: false };

/// The span of the first `words` in a file.
fn at(sources: &Sources, file: FileId, words: &str) -> Span {
    let start = sources.get(file).text().find(words).unwrap();
    Span::new(file, start, start + words.len())
}

fn error(span: Span, message: &str) -> Finding {
    Finding::new(&codes::schema::UNKNOWN_KEY, span, message)
}

#[test]
fn one_place() {
    let sources = Sources::default();
    let file = sources.add("environments/prod/environment.yaml", "cluster:\n  name: main\n  vesion: \"1.35\"\n");
    let finding = error(at(&sources, file, "vesion"), "unknown key `vesion`").label("did you mean `version`?");
    insta::assert_snapshot!(draw(&finding, &sources, PLAIN));
}

#[test]
fn three_files_in_one_report() {
    let sources = Sources::default();
    let prod = sources.add("environments/prod/environment.yaml", "cluster:\n  limits: \"lots\"\n\n\n\n  other: 1\n");
    let base = sources.add("environments/base/cluster.yaml", "cluster:\n  limits:\n    cpu: 100\n");
    let template = sources.add("templates/nodepool.yaml.j2", "spec:\n  cpu: {{ cluster.limits.cpu }}\n");
    let mut findings = Findings::default();
    let finding =
        Finding::new(&codes::merge::TYPE_CHANGE, at(&sources, prod, "\"lots\""), "`cluster.limits` must be a map");
    findings.push(
        finding
            .label("this is a string")
            .also(at(&sources, base, "limits"), "base has a map here")
            .also(at(&sources, prod, "other"), "")
            .also(at(&sources, template, "cluster.limits.cpu"), "read here")
            .help("write the limits below it:\n  limits:\n    cpu: 200"),
    );
    for name in ["dev", "prod"] {
        findings.name_environment(&name.into());
    }
    insta::assert_snapshot!(draw(&findings.sorted(&sources)[0], &sources, PLAIN));
}

#[test]
fn colours() {
    let sources = Sources::default();
    let file = sources.add("a.yaml", "a: 1\nb: 2\n");
    let finding = Finding { severity: Severity::Warning, ..error(at(&sources, file, "b"), "`b` is not used") };
    let finding = finding.also(at(&sources, file, "a"), "`a` is").help("remove it");
    let text = draw(&finding, &sources, Look { colour: true, ..PLAIN });
    insta::assert_snapshot!(text.replace('\x1b', "ESC"));
}

#[test]
fn tabs_wide_characters_and_carriage_returns_keep_the_caret_in_place() {
    let sources = Sources::default();
    let file = sources.add("a.yaml", "漢字: 名前\r\n\tb:\tvalue # é\r\nlast: x");
    let finding = error(at(&sources, file, "名前"), "a wide value")
        .also(at(&sources, file, "value"), "after two tabs")
        .also(at(&sources, file, "x"), "no line end");
    insta::assert_snapshot!(draw(&finding, &sources, PLAIN));
}

#[test]
fn a_long_line_is_cut_around_the_caret() {
    let sources = Sources::default();
    let line = format!("{}NEEDLE{}", "left ".repeat(20_000), " right".repeat(20_000));
    let file = sources.add("long.yaml", format!("short: here\n{line}\n"));
    let finding =
        error(at(&sources, file, "NEEDLE"), "here").label("in the middle").also(at(&sources, file, "here"), "there");
    let text = draw(&finding, &sources, PLAIN);
    assert!(text.lines().all(|line| line.chars().count() <= PLAIN.width), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn two_places_far_apart_on_one_line() {
    let sources = Sources::default();
    let file = sources.add("long.yaml", format!("{{ a: 1, {} a: 2 }}", "b: [], ".repeat(500)));
    let finding =
        error(at(&sources, file, "a: 2"), "duplicate key `a`").also(at(&sources, file, "a: 1"), "first set here");
    insta::assert_snapshot!(draw(&finding, &sources, PLAIN));
}

#[test]
fn two_places_far_apart_in_one_file() {
    let sources = Sources::default();
    let file = sources.add("long.yaml", format!("a: 1\n{}a: 2\n", "# filler\n".repeat(5_000)));
    let finding =
        error(at(&sources, file, "a: 2"), "duplicate key `a`").also(at(&sources, file, "a: 1"), "first set here");
    insta::assert_snapshot!(draw(&finding, &sources, PLAIN));
}

#[test]
fn a_span_over_lines_is_underlined_on_its_first() {
    let sources = Sources::default();
    let file = sources.add("a.yaml", "a: |\n  one\n  two\nb: 1\n");
    insta::assert_snapshot!(draw(&error(at(&sources, file, "one\n  two"), "a block"), &sources, PLAIN));
}

#[test]
fn the_end_of_a_file_an_empty_file_and_a_span_past_the_end() {
    let sources = Sources::default();
    let file = sources.add("a.yaml", "a: 1\n");
    let empty = sources.add("empty.yaml", "");
    let finding = error(Span::new(file, 5, 5), "`b` is missing").also(Span::file_start(empty), "not here either");
    insta::assert_snapshot!(draw(&finding, &sources, PLAIN));
    insta::assert_snapshot!(draw(&error(Span::file_start(empty), "unreadable"), &sources, PLAIN));
    insta::assert_snapshot!(draw(&error(Span::new(file, 90, 95), "beyond"), &sources, PLAIN));
}

#[test]
fn no_escape_sequence_of_a_file_reaches_the_terminal() {
    let sources = Sources::default();
    let hostile = "\x1b]0;owned\x07\x1b[2J\u{9b}1A\u{202e}\rgone";
    let file = sources.add(format!("{hostile}.yaml"), format!("key: {hostile} # NEEDLE\n"));
    let finding = error(at(&sources, file, "NEEDLE"), hostile)
        .label(hostile)
        .help(hostile)
        .also(at(&sources, file, "key"), hostile);
    let text = draw(&finding, &sources, PLAIN);
    assert!(text.chars().all(|character| character == '\n' || safe::visible(character) == character), "{text:?}");
    insta::assert_snapshot!(text);
}

#[test]
fn findings_of_a_fleet_name_a_few_environments() {
    let sources = Sources::default();
    let file = sources.add("a.yaml", "a: 1\n");
    let mut finding = error(at(&sources, file, "a"), "wrong");
    let mut seen = Vec::new();
    for name in ["prod", "dev", "staging", "eu", "us"] {
        finding.environments.push(name.into());
        seen.push(environments(&finding.environments));
    }
    assert_eq!(
        seen,
        [
            "environment `prod`",
            "environments `prod` and `dev`",
            "environments `prod`, `dev` and `staging`",
            "environments `prod`, `dev`, `staging` and `eu`",
            "5 environments, `prod` and 4 more",
        ]
    );
}

#[test]
fn the_summary_counts() {
    let sources = Sources::default();
    let file = sources.add("a.yaml", "a: 1\n");
    let wrong = error(Span::file_start(file), "wrong");
    let odd = Finding { severity: Severity::Warning, ..wrong.clone() };
    assert_eq!(summary([]), None);
    assert_eq!(summary([&wrong, &odd, &wrong]).as_deref(), Some("2 errors, 1 warning"));
    assert_eq!(summary([&odd]).as_deref(), Some("1 warning"));
}

proptest::proptest! {
    /// Whatever a file holds and wherever a span lies, drawing ends, stays within the terminal and is safe.
    #[test]
    fn any_text_and_any_places_can_be_drawn(
        lines in proptest::collection::vec(".{0,300}", 0..8),
        end in "\\r?\\n?",
        spans in proptest::collection::vec((0..2500_u32, 0..40_u32), 1..5),
    ) {
        let sources = Sources::default();
        let file = sources.add("a.yaml", lines.join("\n") + &end);
        let mut places = spans.iter().map(|&(start, length)| Span { file, start, end: start + length });
        let mut finding = error(places.next().unwrap(), "wrong").label("here");
        for place in places {
            finding = finding.also(place, "there");
        }
        let text = draw(&finding, &sources, PLAIN);
        proptest::prop_assert!(text.chars().all(|c| c == '\n' || safe::visible(c) == c && c != '\t'), "{text:?}");
        proptest::prop_assert!(text.lines().all(|line| line.chars().count() <= 2 * PLAIN.width), "{text}");
    }
}
