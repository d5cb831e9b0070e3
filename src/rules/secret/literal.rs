//! Secrets themselves, where a reference should stand: in what an environment says, and in what is rendered.

use std::collections::BTreeSet;

use super::detect::{self, Secret};
use super::mask;
use crate::check::{Draft, Place, Report, View, rule};
use crate::environment::load::Environment;
use crate::environment::{Content, Tree};
use crate::finding::{Finding, Findings};
use crate::source::{Sources, Span};
use crate::template::Templates;
use crate::yaml::path::{Path, Step};

rule! {
    LITERAL = Error "secret/literal";
    summary: "a secret stands in plain text";
    explanation: "An access key of AWS, a private key, a token of GitHub, GitLab or Slack, a signed web token; a password in an address, as in `postgres://app:PASSWORD@db`; a plain text where a template, a container, a Secret or Helm values have a password; or, in an environment, a random text under a key such as `password` or `token`. Whoever reads the repository, its history or the rendered tree has it. Taking it out is not enough: it has to be changed. What only names a secret, such as an ARN, a path or the name of an object, is not reported, nor are the keys of AWS's own documentation.";
    wrong: "
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: ci}
        data:
          key: AKIA2OGYBAH6STLMNOPQ
    ";
    right: "
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: ci}
        data:
          key: AKIAIOSFODNN7EXAMPLE
          secret: arn:aws:secretsmanager:eu-central-1:012345678901:secret:ci-AbCdEf
    ";
}

pub(super) const LABEL: &str = "whoever reads the repository reads the secret";
pub(super) const HELP: &str = "refer to it, as with External Secrets or an ARN of Secrets Manager; then change the secret, since git \
                    keeps this one";

pub(in crate::rules) fn check(view: &View<'_>, report: &mut Report) {
    for document in view.documents() {
        for (node, text, signs) in document.root().texts() {
            if let Some(secret) = detect::known_by(text, signs) {
                say(&secret, text, node.place(), report);
            }
        }
    }
    for (place, text) in view.texts() {
        if let Some(secret) = detect::known(text) {
            say(&secret, text, place, report);
        }
    }
}

fn say(secret: &Secret<'_>, text: &str, place: Place, report: &mut Report) {
    let message = format!("{} in plain text", secret.what);
    report.at(&LITERAL, place, message).about(text, secret.part).label(LABEL).help(HELP).concealing();
}

/// The secrets among the values of an environment, whether they are rendered or not. What the checks said of these very
/// secrets in the output is taken out: each is said once. They are hidden from then on.
pub(super) fn in_environment(
    environment: &Environment,
    templates: &Templates,
    sources: &Sources,
    drafts: &mut Vec<Draft>,
) -> Findings {
    let mut found = Found { findings: Findings::default(), parts: Vec::new(), sources };
    visit(&environment.root, &mut Path::root(), &mut found);
    let mut known: BTreeSet<&str> = found.parts.iter().map(String::as_str).collect();
    // The same text in a template is another secret that is written out.
    if known.len() <= LOOKED_FOR {
        known.retain(|part| !templates.write(part));
    }
    let is_known = |part: &str| known.contains(part);
    drafts.retain(|draft| {
        draft.rule.id != LITERAL.id || !draft.spot.about.as_ref().is_some_and(|part| is_known(&part.text))
    });
    found.findings
}

/// Up to so many secrets are looked for in the text of all templates.
const LOOKED_FOR: usize = 100;

struct Found<'s> {
    findings: Findings,
    /// The secrets themselves.
    parts: Vec<String>,
    sources: &'s Sources,
}

fn visit(tree: &Tree, path: &mut Path, found: &mut Found<'_>) {
    match &tree.content {
        Content::String(text) => {
            // The items of a list stand under the list's key.
            let named = path.steps().iter().rev().find_map(|step| match step {
                Step::Key(key) => Some(&**key),
                Step::Index(_) | Step::Item(_) => None,
            });
            let random = || named.is_some_and(detect::is_telling) && detect::is_random(text);
            let (what, part) = match detect::known(text) {
                Some(secret) => (secret.what, secret.part),
                None if random() => ("a secret", &**text),
                None => return,
            };
            found.parts.push(part.to_owned());
            // Of a private key only the head is known by its form.
            found.sources.hide(tree.origin.value, if text.contains('\n') { text } else { part });
            let others = mask::parts(None, text).into_iter().filter_map(|range| text.get(range));
            others.for_each(|part| found.sources.hush(part));
            let start = Span { end: tree.origin.value.start, ..tree.origin.value };
            let message = format!("`{path}` holds {what} in plain text");
            let mut finding = Finding::new(&LITERAL, tree.origin.key.unwrap_or(start), message).label(LABEL).help(HELP);
            finding.subject = Some(path.to_string());
            found.findings.push(finding.concealing());
        }
        Content::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(Step::Index(at));
                visit(item, path, found);
                path.pop();
            }
        }
        Content::Map(entries) => {
            for (name, value) in entries {
                path.push(Step::Key(name.clone()));
                visit(value, path, found);
                path.pop();
            }
        }
        Content::Null | Content::Bool(_) | Content::Number(_) => {}
    }
}
