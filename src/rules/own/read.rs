//! From a file in `schemas/rules` to a rule.

use std::sync::Arc;

use camino::Utf8Path;

use super::{OwnRule, Sample, Scope, Wanted};
use crate::artifact::Target;
use crate::disk::{Disk, text};
use crate::finding::codes::rules::{BAD_RULE, UNKNOWN_KIND};
use crate::finding::{Finding, Findings, Rule, Severity, suggest};
use crate::limits::Limits;
use crate::rules::{CATALOGUE, schemas};
use crate::schema::Program;
use crate::source::{Sources, Span};
use crate::yaml::{self, Content, Node};

const KEYS: [&str; 13] = [
    "id",
    "severity",
    "summary",
    "explanation",
    "match",
    "scope",
    "at",
    "rule",
    "message",
    "messageExpression",
    "fieldPath",
    "help",
    "samples",
];

const MATCH_KEYS: [&str; 5] = ["target", "apiVersion", "kind", "path", "type"];

/// Reads one file. `None`, with findings, if it makes no rule.
pub(super) fn read(
    disk: &dyn Disk,
    path: &Utf8Path,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Option<OwnRule> {
    let file = text::load(disk, path, limits.file_bytes, sources, findings)?;
    let node = yaml::read::read(sources, file, limits, findings)?;
    let mut reader = Reader { node: &node, own: Findings::default() };
    let rule = reader.rule(sources);
    let broken = reader.own.has_errors();
    findings.append(reader.own);
    rule.filter(|_| !broken)
}

struct Reader<'a> {
    node: &'a Node,
    own: Findings,
}

impl<'a> Reader<'a> {
    fn rule(&mut self, sources: &Sources) -> Option<OwnRule> {
        let root = self.node;
        self.keys(root, &KEYS, "a rule")?;
        let start = Span::new(root.span.file, root.span.start as usize, root.span.start as usize);
        let id = self.id(start);
        let severity = self.one_of("severity", &["error", "warning"]).unwrap_or("error");
        let severity = if severity == "warning" { Severity::Warning } else { Severity::Error };
        let scope = match self.one_of("scope", &["each", "all"]) {
            Some("all") => Scope::All,
            _ => Scope::Each,
        };
        let at = self.text("at");
        if let Some((_, span)) = at.as_ref().filter(|_| scope == Scope::Each) {
            self.bad(*span, "`at` chooses among several artifacts", "write `scope: all`, or leave it out");
        }
        let summary = self.wanted_text("summary", start, "a sentence for the list of rules");
        let explanation = self.text("explanation").map(|(text, _)| text);
        let wanted = self.wanted(start);
        let samples = self.samples();
        let help = self.text("help").map(|(text, _)| text);
        let words = ["rule", "message", "messageExpression", "fieldPath"];
        let words: Vec<_> =
            words.into_iter().filter_map(|word| self.text(word).map(|(text, span)| (word, text, span))).collect();
        if root.get("rule").is_none() {
            self.bad(
                start,
                "there is no `rule`",
                "write an expression in CEL that must be true: `self.spec.replicas > 1`",
            );
        }
        let program = Program::compile(&words, sources, &mut self.own)?;
        let (id, id_span) = id?;
        let rule = Rule {
            id: kept(&id),
            severity,
            summary: kept(&summary?),
            explanation: kept(explanation.as_deref().unwrap_or_default().trim()),
            example: None,
            configurable: true,
        };
        let rule = Box::leak(Box::new(rule));
        let at = at.map(|(pattern, _)| pattern);
        Some(OwnRule { rule, id: id_span, wanted, scope, at, program, help, samples })
    }

    fn id(&mut self, start: Span) -> Option<(Arc<str>, Span)> {
        let (id, span) = match self.text("id") {
            Some(found) => found,
            None if self.node.get("id").is_some() => return None,
            None => {
                self.bad(start, "there is no `id`", "give it one with a family and a name: `team/no-latest`");
                return None;
            }
        };
        let is_word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if !id.split_once('/').is_some_and(|(family, name)| is_word(family) && is_word(name)) {
            self.bad(span, &format!("`{id}` is no id"), "an id has a family and a name: `team/no-latest`");
            return None;
        }
        if CATALOGUE.has(&id) {
            self.bad(span, &format!("`{id}` is a rule of platc"), "take another name, best in a family of your own");
            return None;
        }
        Some((id, span))
    }

    /// One map, or several of which one must fit.
    fn wanted(&mut self, start: Span) -> Vec<Wanted> {
        let help =
            "say which artifacts it is about: `match: {kind: Deployment}`, or `target`, `apiVersion`, `path`, `type`";
        let Some(node) = self.node.get("match") else {
            self.bad(start, "there is no `match`", help);
            return Vec::new();
        };
        let several: &'a [Node] = match &node.content {
            Content::List(items) => items,
            _ => std::slice::from_ref(node),
        };
        several.iter().filter_map(|node| self.want(node)).collect()
    }

    fn want(&mut self, node: &'a Node) -> Option<Wanted> {
        self.keys(node, &MATCH_KEYS, "`match`")?;
        let mut wanted = Wanted::default();
        let Content::Map(entries) = &node.content else { return None };
        for entry in entries {
            let Some((text, span)) = self.text_of(&entry.value, &entry.key.text) else { continue };
            match &*entry.key.text {
                "apiVersion" => wanted.api_version = Some(text),
                "kind" => wanted.kind = Some(text),
                "path" => wanted.path = Some(text),
                "type" => wanted.resource = Some(text),
                "target" => {
                    wanted.target = Target::named(&text);
                    if wanted.target.is_none() {
                        let help = format!("targets are `{}`", Target::ALL.map(Target::name).join("`, `"));
                        self.bad(span, &format!("there is no target `{text}`"), &help);
                    }
                }
                // Told of above.
                _ => {}
            }
        }
        let kind = node.get("kind").zip(wanted.kind.as_deref());
        if let (Some((place, kind)), Some(api)) = (kind, wanted.api_version.as_deref()) {
            self.own.extend(schemas::of_other_group(api, kind).map(|right| {
                Finding::new(&UNKNOWN_KIND, place.span, format!("there is no kind `{kind}` in `{api}`"))
                    .label("the rule judges nothing else")
                    .help(format!("write `apiVersion: {right}`"))
            }));
        }
        if let Some((place, kind)) = kind.filter(|_| wanted.api_version.is_none()) {
            self.own.extend(schemas::near_kind(kind).map(|near| {
                Finding::new(&UNKNOWN_KIND, place.span, format!("there is no kind `{kind}` in Kubernetes"))
                    .label("the rule judges nothing else")
                    .help(format!("did you mean `{near}`? If it is a kind of your own, name its `apiVersion`, too"))
            }));
        }
        Some(wanted)
    }

    fn samples(&mut self) -> Vec<Sample> {
        let Some(node) = self.node.get("samples") else { return Vec::new() };
        let mut samples = Vec::new();
        if self.keys(node, &["good", "bad"], "`samples`").is_none() {
            return samples;
        }
        for (word, good) in [("good", true), ("bad", false)] {
            let Some(list) = node.get(word) else { continue };
            let Content::List(items) = &list.content else {
                self.bad(list.span, &format!("`{word}` must be a list of values"), "begin each sample with `- `");
                continue;
            };
            for item in items {
                samples.extend(item.to_value(&mut self.own).map(|value| Sample { good, value, span: item.span }));
            }
        }
        samples
    }

    /// All keys of a map must be known. `None` if it is no map.
    fn keys(&mut self, node: &Node, known: &[&str], what: &str) -> Option<()> {
        let Content::Map(entries) = &node.content else {
            self.bad(node.span, &format!("{what} must be a map"), &format!("its keys are `{}`", known.join("`, `")));
            return None;
        };
        for entry in entries.iter().filter(|entry| !known.contains(&&*entry.key.text)) {
            let help = suggest::did_you_mean(&entry.key.text, known.iter().copied())
                .unwrap_or_else(|| format!("the keys are `{}`", known.join("`, `")));
            self.bad(entry.key.span, &format!("{what} has no `{}`", entry.key.text), &help);
        }
        Some(())
    }

    fn one_of(&mut self, key: &str, words: &'static [&'static str]) -> Option<&'static str> {
        let (text, span) = self.text(key)?;
        let found = words.iter().find(|word| ***word == *text).copied();
        if found.is_none() {
            self.bad(span, &format!("`{text}` is no {key}"), &format!("write `{}`", words.join("` or `")));
        }
        found
    }

    fn wanted_text(&mut self, key: &str, start: Span, what: &str) -> Option<Arc<str>> {
        if self.node.get(key).is_none() {
            self.bad(start, &format!("there is no `{key}`"), &format!("write {what}"));
        }
        self.text(key).map(|(text, _)| text)
    }

    fn text(&mut self, key: &str) -> Option<(Arc<str>, Span)> {
        self.text_of(self.node.get(key)?, key)
    }

    fn text_of(&mut self, node: &Node, key: &str) -> Option<(Arc<str>, Span)> {
        match &node.content {
            Content::Scalar { text, .. } if !text.trim().is_empty() => Some((Arc::clone(text), node.span)),
            _ => {
                self.bad(
                    node.span,
                    &format!("`{key}` must be a text"),
                    "write it in one line, or as a block behind `|`",
                );
                None
            }
        }
    }

    fn bad(&mut self, span: Span, message: &str, help: &str) {
        self.own.push(Finding::new(&BAD_RULE, span, message).help(help));
    }
}

/// Findings name their rules for as long as the process runs. A project has some dozens of rules, read once.
fn kept(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
