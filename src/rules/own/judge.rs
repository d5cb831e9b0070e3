//! A rule of the project on what was rendered.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{OwnRule, Scope, Wanted};
use crate::account::Account;
use crate::artifact::Target;
use crate::check::view::cloudformation::Resource;
use crate::check::{Document, Draft, Node, Report, View};
use crate::finding::codes::rules::RULE_ERROR;
use crate::finding::veil_own;
use crate::glob;
use crate::images::{Delivered, Form};
use crate::rules::secret_texts;
use crate::schema::{self, Verdict};
use crate::source::Sources;

/// More artifacts than these in one finding are noise.
const SHOWN: usize = 4;

/// A sentence without the secrets of what it is about, which the rule may have put into it.
fn without_secrets(mut sentence: String, nodes: &[&Node<'_>]) -> String {
    for secret in nodes.iter().flat_map(|node| secret_texts(node.value)) {
        veil_own(&mut sentence, &secret);
    }
    sentence
}

impl OwnRule {
    /// Whether it judges each artifact by itself, and not what there is of all.
    pub fn is_of_each(&self) -> bool {
        self.scope == Scope::Each
    }

    /// Judges an environment.
    pub fn judge(&self, view: &View<'_>, delivered: &Delivered<'_, '_>, sources: &Sources, report: &mut Report) {
        let found = self.found(view);
        match self.scope {
            Scope::Each => {
                for (_, node) in &found {
                    if view.account().is_over() {
                        return;
                    }
                    let is_kept =
                        self.one(&schema::json(node.value), &[node], view.account(), sources, report).is_none();
                    // What Kustomize makes of it is what runs.
                    let forms = if is_kept { delivered.forms(node) } else { Vec::new() };
                    for Form { value, by } in forms {
                        if let Some(draft) = self.one(&schema::json(&value), &[node], view.account(), sources, report) {
                            draft.also(&by, "with the image that this makes of its own");
                            break;
                        }
                    }
                }
            }
            Scope::All => {
                let all = found.iter().map(|(path, node)| json!({"path": path, "document": schema::json(node.value)}));
                let is_chosen = |path: &str| self.at.as_ref().is_some_and(|at| glob::matches(at, path));
                let chosen = found.iter().position(|(path, _)| is_chosen(path)).unwrap_or_default();
                let mut nodes: Vec<_> = found.iter().map(|(_, node)| node).collect();
                if let Some(first) = nodes.get_mut(..=chosen) {
                    first.rotate_right(1);
                }
                if self.one(&Json::Array(all.collect()), &nodes, view.account(), sources, report).is_some() {
                    return;
                }
                let forms: Vec<_> = found.iter().map(|(_, node)| delivered.forms(node).into_iter().next()).collect();
                let Some(by) = forms.iter().flatten().next().map(|form| form.by.clone()) else { return };
                let value = |at: usize, node: &Node<'_>| {
                    forms
                        .get(at)
                        .and_then(Option::as_ref)
                        .map_or_else(|| schema::json(node.value), |form| schema::json(&form.value))
                };
                let all = found.iter().enumerate();
                let all = all.map(|(at, (path, node))| json!({"path": path, "document": value(at, node)})).collect();
                if let Some(draft) = self.one(&Json::Array(all), &nodes, view.account(), sources, report) {
                    draft.also(&by, "with the images that this makes of their own");
                }
            }
        }
    }

    /// Says it if the rule is broken.
    fn one<'r>(
        &self,
        this: &Json,
        nodes: &[&Node<'_>],
        account: &Account,
        sources: &Sources,
        report: &'r mut Report,
    ) -> Option<&'r mut Draft> {
        let (rule, message) = match self.program.judge(this, sources, account) {
            Verdict::Holds => return None,
            Verdict::Broken(said) => {
                let said = said.map(|said| without_secrets(said, nodes));
                (self.rule, said.unwrap_or_else(|| self.rule.summary.to_owned()))
            }
            Verdict::Failed(why, span) => {
                let why = without_secrets(why, nodes);
                let message = format!("the rule `{}` cannot be evaluated: {why}", self.rule.id);
                let draft = match nodes {
                    [] => report.elsewhere(&RULE_ERROR, span, message),
                    [first, ..] => report.at(&RULE_ERROR, *first, message).beside(span, "here"),
                };
                return Some(draft.help("a field that need not be there is asked for with `has(…)` first"));
            }
        };
        let draft = match nodes {
            [] => report.elsewhere(rule, self.id, message),
            [first, rest @ ..] => {
                let place = self.field(first);
                let draft = report.at(rule, place, message);
                for other in rest.iter().take(SHOWN - 1) {
                    draft.also(*other, "this is judged with it");
                }
                draft.beside(self.program.span(), "the rule")
            }
        };
        Some(match &self.help {
            Some(help) => draft.help(help.trim()),
            None => draft,
        })
    }

    /// The field that the rule is about, as far as it is there.
    fn field<'a>(&self, node: &Node<'a>) -> Node<'a> {
        let mut node = *node;
        for key in self.program.field_path() {
            match node.get(key) {
                Some(below) => node = below,
                None => break,
            }
        }
        node
    }

    /// What the rule is about: whole documents with their paths, or resources.
    fn found<'a>(&self, view: &View<'a>) -> Vec<(String, Node<'a>)> {
        let mut found = Vec::new();
        for document in view.meant() {
            for part in document.parts() {
                self.find_in(document, part, view, &mut found);
            }
        }
        found
    }

    fn find_in<'a>(
        &self,
        document: &Document<'a>,
        part: Node<'a>,
        view: &View<'a>,
        found: &mut Vec<(String, Node<'a>)>,
    ) {
        for wanted in self.wanted.iter().filter(|wanted| wanted.fits(document, &part)) {
            let Some(kind) = &wanted.resource else {
                found.push((document.path.to_string(), part));
                break;
            };
            let template = view.templates().iter().find(|template| template.document.path == document.path);
            let resources = template.map_or(&[][..], |template| template.resources());
            let of_kind = resources.iter().filter(|resource| glob::matches(kind, resource.kind));
            found.extend(of_kind.map(|Resource { id, node, .. }| (format!("{}#{id}", document.path), *node)));
        }
    }
}

impl Wanted {
    fn fits(&self, document: &Document<'_>, root: &Node<'_>) -> bool {
        let target = self.target.or(self.resource.as_ref().map(|_| Target::CloudFormation));
        let is = |wanted: &Option<Arc<str>>, key: &str| {
            wanted.as_ref().is_none_or(|wanted| root.text_at([key]).is_some_and(|text| glob::matches(wanted, text)))
        };
        let path = self.path.as_ref();
        target.is_none_or(|target| document.target == Some(target))
            && is(&self.api_version, "apiVersion")
            && is(&self.kind, "kind")
            && path.is_none_or(|pattern| glob::matches(pattern, document.path.as_str()))
    }
}
