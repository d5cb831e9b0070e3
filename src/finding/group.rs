//! Findings as a person reads them: a mistake in a layer or a template once, however many environments and objects it
//! spoils, and the same mistake in many environments' own files once, too.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::codes::schema::MISSING_KEY;
use super::{Finding, Label, Severity, Wording};
use crate::source::{Sources, Span};

/// Sentences that a group remembers beside the first.
const SENTENCES: usize = 3;

/// Other places that a group shows.
const PLACES: usize = 8;

/// Of so many environments a group shows the places in the files of all; of more, their number says enough.
const FEW: usize = 4;

/// What findings of one group share.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    rule: &'a str,
    wording: Wording,
    severity: Severity,
    acknowledged: bool,
    about: About<'a>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum About<'a> {
    /// Where it is written, in a file that environments share.
    Place(Utf8PathBuf, u32, u32),
    /// Where each environment has a file of its own: the value that is written there, by its path.
    Value(String),
    /// The same where the path is not known: the sentence, and how many findings of the same environment with this
    /// sentence stand before it, so that two of one environment stay two.
    Sentence(&'a str, usize),
}

/// Puts sorted findings into groups, each of which stands where its first member stood. `path` names the value that is
/// written at a place, as a path; empty if that is not known.
pub fn group(findings: &[Finding], sources: &Sources, mut path: impl FnMut(Span) -> String) -> Vec<Finding> {
    let mut groups: Vec<(Finding, Vec<&Finding>)> = Vec::new();
    let mut known: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    let mut before: BTreeMap<(&Arc<str>, &str, &str), usize> = BTreeMap::new();
    for finding in findings {
        let (rule, wording) = (finding.rule.id, finding.wording);
        let span = finding.primary.span;
        let about = match finding.environments.as_slice() {
            [environment, ..] if finding.in_own_file => match path(span) {
                path if path.is_empty() => {
                    let before = before.entry((environment, rule, &finding.message)).or_default();
                    *before += 1;
                    About::Sentence(&finding.message, *before)
                }
                path => About::Value(path),
            },
            _ => About::Place(sources.get(span.file).path().to_owned(), span.start, span.end),
        };
        let (severity, acknowledged) = (finding.severity, finding.acknowledged.is_some());
        let number = *known.entry(Key { rule, wording, severity, acknowledged, about }).or_insert(groups.len());
        match groups.get_mut(number) {
            Some((group, members)) => {
                add(group, finding);
                members.extend(finding.in_own_file.then_some(finding));
            }
            None => groups.push((finding.clone(), Vec::new())),
        }
    }
    let finish = |(mut group, members): (Finding, Vec<&Finding>)| {
        lead_to_shared_layer(&mut group, &members);
        group.environments.sort();
        group.environments.dedup();
        if group.environments.len() <= FEW {
            for place in members.into_iter().map(place) {
                let is_said = place.span == group.primary.span || group.related.contains(&place);
                group.related.extend((!is_said).then_some(place));
            }
        }
        count_places(&mut group);
        group
    };
    groups.into_iter().map(finish).collect()
}

/// A key that several environments lack is told at the layer that they share, where one line would mend them all.
fn lead_to_shared_layer(group: &mut Finding, members: &[&Finding]) {
    if group.rule != &MISSING_KEY || members.is_empty() {
        return;
    }
    let Some(shared) = group.related.last().map(|label| label.span) else { return };
    if !members.iter().all(|member| member.related.last().is_some_and(|label| label.span == shared)) {
        return;
    }
    let first = Label { span: group.primary.span, ..place(group) };
    group.primary = Label { span: shared, text: "these environments share this, and none sets the key".to_owned() };
    group.related = vec![first];
    if let Some(help) = group.help.as_mut().filter(|help| help.starts_with("add ")) {
        help.push_str(": here for all of them, or in each");
    }
}

/// Where a member stands, beside the one that is shown.
fn place(member: &Finding) -> Label {
    let text = match member.environments.as_slice() {
        [name] => format!("and here, in `{name}`"),
        // It is about several, and says itself which of them has this.
        _ => format!("and here: {}", member.primary.text),
    };
    Label { span: member.primary.span, text }
}

fn add(group: &mut Finding, finding: &Finding) {
    group.alike.count += 1;
    group.environments.extend(finding.environments.iter().cloned());
    let sentences = &mut group.alike.sentences;
    if finding.message != group.message && !sentences.contains(&finding.message) && sentences.len() < SENTENCES {
        sentences.push(finding.message.clone());
    }
}

/// Shows a few of many other places, and how many there are beside them.
fn count_places(group: &mut Finding) {
    let hidden = group.related.len().saturating_sub(PLACES);
    if hidden > 1 {
        group.related.truncate(PLACES);
        super::say_hidden(&mut group.related, hidden);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Findings, codes};

    /// What the groups say: the sentence, the environments, how many more and their sentences.
    fn grouped(findings: Findings, sources: &Sources) -> Vec<String> {
        let groups = group(&findings.sorted(sources), sources, |_| String::new());
        let say = |group: &Finding| {
            let names = group.environments.join(",");
            format!("{} [{names}] +{} {:?}", group.message, group.alike.count, group.alike.sentences)
        };
        groups.iter().map(say).collect()
    }

    fn unknown(span: Span, key: &str) -> Finding {
        Finding::new(&codes::schema::UNKNOWN_KEY, span, format!("unknown key `{key}`"))
    }

    #[test]
    fn what_a_shared_line_does_to_many_is_one() {
        let sources = Sources::default();
        let template = sources.add("app.yaml.j2", "name: {{ name }}\nport: {{ port }}\n");
        let mut findings = Findings::default();
        for environment in ["a", "b", "c"] {
            let mut own = Findings::default();
            own.push(unknown(Span::new(template, 6, 16), environment));
            own.push(unknown(Span::new(template, 23, 33), "port"));
            own.name_environment(&environment.into());
            findings.append(own);
        }
        let expected = [
            "unknown key `a` [a,b,c] +2 [\"unknown key `b`\", \"unknown key `c`\"]",
            "unknown key `port` [a,b,c] +0 []",
        ];
        assert_eq!(grouped(findings, &sources), expected);
    }

    #[test]
    fn the_same_in_files_of_many_is_one_and_two_of_one_environment_are_two() {
        let sources = Sources::default();
        let mut findings = Findings::default();
        for environment in ["a", "b"] {
            let file = sources.add(format!("{environment}.yaml"), "x: 1\ny: 1\nx: 2\n");
            let mut own = Findings::default();
            for (at, key) in [(0, "x"), (5, "y"), (10, "x")] {
                own.push(unknown(Span::new(file, at, at + 1), key));
            }
            own.name_environment(&environment.into());
            own.mark_own_files(|_| true);
            findings.append(own);
        }
        let expected = ["unknown key `x` [a,b] +1 []", "unknown key `y` [a,b] +1 []", "unknown key `x` [a,b] +1 []"];
        assert_eq!(grouped(findings, &sources), expected);
    }
}
