//! Findings as test results, which every build server shows: a suite an environment, a case a rule that has something to
//! say there, or one for the environment itself if none has. <https://github.com/testmoapp/junitxml>

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::run::Run;
use super::safe;
use super::text::{self, Look};
use crate::finding::Finding;

/// What concerns no environment in particular: `platc.yaml`, schemas, templates.
const PROJECT: &str = "project";

/// A finding of no more environments than this stands whole in each.
const WHOLE: usize = 4;

/// How findings are drawn within a case.
const LOOK: Look = Look { colour: false, width: 120, acknowledges: false };

/// The document. Warnings do not fail a case, as they do not fail a run; a case is skipped if all of it is acknowledged.
pub fn report(run: Run<'_>) -> String {
    let mut suites: BTreeMap<&str, Vec<&Finding>> = run.environments.iter().map(|name| (&**name, Vec::new())).collect();
    let mut project = Vec::new();
    for finding in run.findings {
        if finding.environments.is_empty() {
            project.push(finding);
        }
        for name in &finding.environments {
            suites.entry(name).or_default().push(finding);
        }
    }
    let mut body = String::new();
    let mut total = (0, 0);
    let own = (!project.is_empty()).then_some((PROJECT, project));
    for (name, findings) in own.into_iter().chain(suites) {
        let (tests, failures) = suite(&mut body, name, &findings, run);
        total = (total.0 + tests, total.1 + failures);
    }
    let (tests, failures) = total;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"platc\" tests=\"{tests}\" failures=\"{failures}\">\n{body}</testsuites>\n"
    )
}

/// Writes a suite; how many cases it has, and how many of them fail.
fn suite(out: &mut String, name: &str, findings: &[&Finding], run: Run<'_>) -> (usize, usize) {
    let mut rules: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        rules.entry(finding.rule.id).or_default().push(finding);
    }
    let fails = |findings: &[&Finding]| findings.iter().any(|finding| finding.is_error());
    let (tests, failures) = (rules.len().max(1), rules.values().filter(|findings| fails(findings)).count());
    let suite = attribute(name);
    let _ = writeln!(out, "  <testsuite name=\"{suite}\" tests=\"{tests}\" failures=\"{failures}\">");
    if rules.is_empty() {
        let _ = writeln!(out, "    <testcase name=\"{suite}\" classname=\"{suite}\"/>");
    }
    for (rule, findings) in rules {
        let file = run.sources.get(findings[0].primary.span.file);
        let (rule, path) = (attribute(rule), attribute(&run.path(&file)));
        let drawn: String = findings.iter().map(|finding| draw(finding, name, run)).collect();
        let drawn = content(&drawn);
        let _ = writeln!(out, "    <testcase name=\"{rule}\" classname=\"{suite}\" file=\"{path}\">");
        if fails(&findings) {
            let message = attribute(&message(&findings));
            let _ = writeln!(out, "      <failure message=\"{message}\" type=\"{rule}\">{drawn}</failure>");
        } else {
            if let Some(acknowledged) = findings.iter().map(|it| it.acknowledged.as_ref()).min().flatten() {
                let _ = writeln!(out, "      <skipped message=\"{}\"/>", attribute(&acknowledged.reason));
            }
            let _ = writeln!(out, "      <system-out>{drawn}</system-out>");
        }
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n");
    (tests, failures)
}

/// A finding of many environments stands whole in the first of them; the others lead there.
fn draw(finding: &Finding, suite: &str, run: Run<'_>) -> String {
    match finding.environments.as_slice() {
        [first, rest @ ..] if rest.len() >= WHOLE && **first != *suite => {
            format!("{}: as in `{}`\n\n", safe::line(&finding.message), safe::line(first))
        }
        _ => text::draw(finding, run.sources, LOOK) + "\n",
    }
}

fn message(findings: &[&Finding]) -> String {
    let first = &findings[0].message;
    match findings.len() {
        1 => first.clone(),
        count => format!("{first}, and {} more", count - 1),
    }
}

/// A text between tags. What XML has no character for becomes the replacement character, and so does what would change how
/// the rest is shown: a reader obeys it however it is escaped.
fn content(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // `]]>` may not stand in a text.
            '>' => out.push_str("&gt;"),
            // A runner of GitHub obeys `##[command]` wherever it stands.
            '[' if out.ends_with("##") => out.push_str("&#91;"),
            '\u{7f}' => out.push('\u{2421}'),
            _ if safe::is_hidden(character) => out.push('\u{fffd}'),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(character),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

/// A value in quotes; readers turn line ends and tabs in it into blanks unless they are written as numbers.
fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_place() {
        assert_eq!(
            content("a<b>&]]>\x1b\r\u{ffff}\u{85}\u{202e}é\n"),
            "a&lt;b&gt;&amp;]]&gt;\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}é\n"
        );
        assert_eq!(attribute("\"a\"\n\tb"), "&quot;a&quot;&#10;&#9;b");
    }
}
