//! Secrets themselves, where a reference should stand: in what an environment says, and in what is rendered.

use std::collections::BTreeSet;

use super::detect::{self, Secret};
use crate::check::{Draft, Place, Report, View, rule};
use crate::environment::load::Environment;
use crate::environment::{Content, Tree};
use crate::finding::{Finding, Findings};
use crate::source::Span;
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
                say(&secret, node.place(), report);
            }
        }
    }
    for (place, text) in view.texts() {
        if let Some(secret) = detect::known(text) {
            say(&secret, place, report);
        }
    }
}

fn say(secret: &Secret<'_>, place: Place, report: &mut Report) {
    let message = format!("{} in plain text", secret.what);
    report.at(&LITERAL, place, message).about(secret.part).label(LABEL).help(HELP).concealing();
}

/// The secrets among the values of an environment, whether they are rendered or not. What the checks said of these very
/// secrets in the output is taken out: each is said once.
pub(super) fn in_environment(environment: &Environment, templates: &Templates, drafts: &mut Vec<Draft>) -> Findings {
    let mut found = Found::default();
    visit(&environment.root, &mut Path::root(), &mut found);
    let mut known: BTreeSet<&str> = found.parts.iter().map(String::as_str).collect();
    // The same text in a template is another secret that is written out.
    if known.len() <= LOOKED_FOR {
        known.retain(|part| !templates.write(part));
    }
    let is_known = |part: &str| known.contains(part);
    drafts.retain(|draft| draft.rule.id != LITERAL.id || !draft.spot.about.as_deref().is_some_and(is_known));
    found.findings
}

/// Up to so many secrets are looked for in the text of all templates.
const LOOKED_FOR: usize = 100;

#[derive(Default)]
struct Found {
    findings: Findings,
    /// The secrets themselves.
    parts: Vec<String>,
}

fn visit(tree: &Tree, path: &mut Path, found: &mut Found) {
    match &tree.content {
        Content::String(text) => {
            // The items of a list stand under the list's key.
            let named = path.steps().iter().rev().find_map(|step| match step {
                Step::Key(key) => Some(&**key),
                Step::Index(_) | Step::Item(_) => None,
            });
            let random = || named.is_some_and(detect::is_telling) && detect::is_random(text);
            let what = match detect::known(text) {
                Some(secret) => {
                    found.parts.push(secret.part.to_owned());
                    secret.what
                }
                None if random() => {
                    found.parts.push(text.to_string());
                    "a secret"
                }
                None => return,
            };
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
