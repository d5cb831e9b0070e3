//! Rendering: one template and one environment make artifacts.

use std::sync::Arc;

use camino::Utf8PathBuf;
use minijinja::Error;

use super::context::{Bound, Root, Session};
use super::engine::Rendered;
use super::fill::{self, Problem};
use super::slot::Slot;
use super::{EnvironmentInput, Template, output};
use crate::environment::Content;
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::tree::{Artifact, Body};
use crate::value::Value;

/// What `for_each` binds in one round.
type Round = Vec<(Arc<str>, Bound)>;

impl Template {
    /// Renders this template for an environment: no artifact if `when` says so, one for each round of `for_each`.
    pub fn render(
        &self,
        environment: &EnvironmentInput<'_>,
        sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Vec<Artifact> {
        let mut run = Run { template: self, environment, sources, limits, findings };
        if run.when() != Some(true) {
            return Vec::new();
        }
        let rounds = run.rounds().unwrap_or_default();
        rounds.iter().filter_map(|round| run.artifact(round)).collect()
    }
}

/// One render of one template.
struct Run<'a> {
    template: &'a Template,
    environment: &'a EnvironmentInput<'a>,
    #[allow(dead_code)]
    sources: &'a Sources,
    limits: &'a Limits,
    findings: &'a mut Findings,
}

impl Run<'_> {
    /// Whether this environment wants the template at all. `None` after a finding.
    fn when(&mut self) -> Option<bool> {
        let Some(line) = &self.template.front.when else { return Some(true) };
        let rendered = self.engine("#when", &[])?;
        match &rendered.slots[..] {
            [Slot::Scalar(Value::Bool(value))] => Some(*value),
            _ => {
                let message = "`when` is neither true nor false";
                self.findings.push(
                    Finding::new(&codes::template::FRONT_MATTER, line.span, message)
                        .help("compare, or test: `x == \"y\"`, `x is defined`"),
                );
                None
            }
        }
    }

    /// What to bind in each round. `None` after a finding.
    fn rounds(&mut self) -> Option<Vec<Round>> {
        let Some(for_each) = &self.template.front.for_each else { return Some(vec![Vec::new()]) };
        let rendered = self.engine("#for_each", &[])?;
        let path = &for_each.expression.text;
        let made = |value: &str| Bound::Made(value.into());
        let rounds = match (&rendered.slots[..], &for_each.names[..]) {
            ([Slot::Tree(tree)], names) => match (&tree.content, names) {
                (Content::List(items), [name]) => {
                    let bind = |(index, item): (usize, &Arc<_>)| {
                        vec![(Arc::clone(name), Bound::Tree(Arc::clone(item), format!("{path}[{index}]").into()))]
                    };
                    Some(items.iter().enumerate().map(bind).collect())
                }
                (Content::Map(entries), [key_name, value_name]) => {
                    let bind = |(key, value): (&Arc<str>, &Arc<_>)| {
                        let at = format!("{path}.{key}").into();
                        vec![
                            (Arc::clone(key_name), made(key)),
                            (Arc::clone(value_name), Bound::Tree(Arc::clone(value), at)),
                        ]
                    };
                    Some(entries.iter().map(bind).collect())
                }
                _ => None,
            },
            ([Slot::Made(value)], [name]) => value
                .try_iter()
                .ok()
                .map(|items| items.map(|item| vec![(Arc::clone(name), Bound::Made(item))]).collect()),
            _ => None,
        };
        if rounds.is_none() {
            let message = match for_each.names.len() {
                1 => format!("`{path}` is not a list"),
                _ => format!("`{path}` is not a map"),
            };
            self.findings.push(
                Finding::new(&codes::template::FRONT_MATTER, for_each.expression.span, message)
                    .help("`name in …` goes over a list, `key, value in …` over a map"),
            );
        }
        rounds
    }

    fn artifact(&mut self, round: &[(Arc<str>, Bound)]) -> Option<Artifact> {
        let (path, place) = self.path(round)?;
        let rendered = self.engine("", round)?;
        let shared = &self.template.shared;
        let is_document = [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending));
        let body = if is_document {
            let skeleton = match shared.skeletons.get(&rendered.text, self.template.file, self.limits) {
                Ok(skeleton) => skeleton,
                Err(findings) => {
                    self.findings.append(findings);
                    return None;
                }
            };
            let filled = fill::fill(&skeleton, &rendered, &shared.skeletons, self.template.file, self.limits);
            filled.map(Body::Document)
        } else {
            fill::fill_text(&rendered, &shared.skeletons, self.template.file, self.limits).map(Body::Text)
        };
        match body {
            Ok(body) => Some(Artifact {
                path: Utf8PathBuf::from(path),
                template: Arc::clone(&self.template.path),
                place,
                target: self.template.front.target,
                body,
            }),
            Err(problems) => {
                self.report(&problems);
                None
            }
        }
    }

    /// The artifact's path, and where it is said.
    fn path(&mut self, round: &[(Arc<str>, Bound)]) -> Option<(String, Span)> {
        let template = self.template;
        let (path, place) = match &template.front.output {
            None => {
                let path = template.name.strip_suffix(".j2").unwrap_or(&template.name);
                (path.to_owned(), Span::file_start(template.file))
            }
            Some(line) => {
                let rendered = self.engine("#output", round)?;
                let filled = fill::fill_text(&rendered, &template.shared.skeletons, template.file, self.limits);
                match filled {
                    Ok(path) => (path, line.span),
                    Err(problems) => {
                        self.report(&problems);
                        return None;
                    }
                }
            }
        };
        if let Some(fault) = output::fault(&path) {
            let message = format!("the output path `{path}` {fault}");
            self.findings.push(Finding::new(&codes::template::OUTPUT_PATH, place, message));
            return None;
        }
        Some((path, place))
    }

    /// Renders the template or a part of its front matter. `None` after a finding.
    fn engine(&mut self, part: &str, round: &[(Arc<str>, Bound)]) -> Option<Rendered> {
        let template = self.template;
        let name = format!("{}{part}", template.name);
        let root = Root::new(self.environment.name, self.environment.root, Arc::<Session>::default()).with(round);
        match template.shared.engine.render(&name, root) {
            Ok(rendered) => Some(rendered),
            Err(error) => {
                self.fail(&error);
                None
            }
        }
    }

    fn fail(&mut self, error: &Error) {
        let span = Span::file_start(self.template.file);
        self.findings.push(Finding::new(&codes::template::SYNTAX, span, error.to_string()));
    }

    fn report(&mut self, problems: &[Problem]) {
        for problem in problems {
            let span = Span::file_start(self.template.file);
            self.findings.push(Finding::new(&codes::template::NOT_TEXT, span, format!("{problem:?}")));
        }
    }
}
