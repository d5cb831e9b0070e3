//! Rendering: one template and one environment make artifacts.

use std::sync::Arc;

use camino::Utf8Path;
use minijinja::value::Value as Engine;

use super::context::{Bound, Root, Session};
use super::engine::Rendered;
use super::fill::{self, Problem};
use super::identity::Source;
use super::report::{self, Report};
use super::skeleton::{self, Form};
use super::slot::Slot;
use super::supplied::{self, Walk};
use super::trace::Trace;
use super::{EnvironmentInput, Template, functions, kinds, lost, merge, output};
use crate::account::{Cost, Work};
use crate::artifact::{Artifact, Body};
use crate::environment::Content;
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::value::Value;

/// What `for_each` binds in one round.
pub(super) type Round = Vec<(Arc<str>, Bound)>;

impl Template {
    /// Renders this template for an environment: no artifact if `when` says so, one for each round of `for_each`.
    pub fn render(
        &self,
        environment: &EnvironmentInput<'_>,
        _sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Vec<Artifact> {
        let mut run = Run { template: self, environment, limits, findings, telling: false };
        let rounds = run.wanted_rounds().unwrap_or_default();
        let mut artifacts = Vec::new();
        for round in &rounds {
            // What is over stays over, so nothing that is said of it can change.
            if environment.account.is_over() {
                break;
            }
            artifacts.extend(run.artifact(round));
        }
        artifacts
    }

    /// The round that makes an artifact, and its document before anything is merged over it.
    pub(super) fn find(
        &self,
        environment: &EnvironmentInput<'_>,
        path: &Utf8Path,
        limits: &Limits,
    ) -> Option<(Round, Value)> {
        let mut run = Run { template: self, environment, limits, findings: &mut Findings::default(), telling: true };
        run.wanted_rounds()?.into_iter().find_map(|round| {
            let (made, _) = run.path(&round)?;
            let document = (made == path.as_str() && is_document(&made)).then(|| run.document(&made, &round))??;
            Some((round, document))
        })
    }

    /// All rounds with the path that each makes, and its document before anything is merged over it; none if it is a text.
    pub(super) fn all_rounds(
        &self,
        environment: &EnvironmentInput<'_>,
        limits: &Limits,
    ) -> Vec<(Round, String, Option<Value>)> {
        let mut run = Run { template: self, environment, limits, findings: &mut Findings::default(), telling: true };
        let rounds = run.wanted_rounds().unwrap_or_default();
        let made = rounds.into_iter().filter_map(|round| {
            let (path, _) = run.path(&round)?;
            let document = if is_document(&path) { Some(run.document(&path, &round)?) } else { None };
            Some((round, path, document))
        });
        made.collect()
    }

    /// The round that makes an artifact which is no document.
    pub(super) fn find_text(
        &self,
        environment: &EnvironmentInput<'_>,
        path: &Utf8Path,
        limits: &Limits,
    ) -> Option<Round> {
        let mut run = Run { template: self, environment, limits, findings: &mut Findings::default(), telling: true };
        let rounds = run.wanted_rounds()?;
        rounds.into_iter().find(|round| run.path(round).is_some_and(|(made, _)| made == path.as_str()))
    }
}

/// Whether a path is that of a file which is parsed and written in canonical form.
fn is_document(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// Steps of a render that prints nothing, of one with marks, and of judging and writing an empty artifact.
const RENDER: u64 = 100;
const TRACE: u64 = 5_000;
const ARTIFACT: u64 = 1_000;
/// Steps of judging and writing one node of an artifact.
const NODE: u64 = 30;

/// What an artifact costs, until it is judged and written.
fn made(body: &Body) -> Cost {
    let (nodes, text) = match body {
        Body::Document(value) => value.weight(),
        Body::Text(text) => (1, text.len()),
    };
    Cost::nodes(nodes, text).plus(Cost::steps(ARTIFACT + nodes as u64 * NODE))
}

/// One render of one template.
struct Run<'a> {
    template: &'a Template,
    environment: &'a EnvironmentInput<'a>,
    limits: &'a Limits,
    findings: &'a mut Findings,
    /// Whether the rounds are to know which nodes they bind.
    telling: bool,
}

impl Run<'_> {
    /// The rounds that `when` wants. `None` after a finding.
    fn wanted_rounds(&mut self) -> Option<Vec<Round>> {
        if self.template.front.when_each {
            let mut rounds = self.rounds()?;
            rounds.retain(|round| self.when(round) == Some(true));
            return Some(rounds);
        }
        if self.when(&[])? { self.rounds() } else { Some(Vec::new()) }
    }

    /// Whether there is a file at all, in this round or in any. `None` after a finding.
    fn when(&mut self, round: &[(Arc<str>, Bound)]) -> Option<bool> {
        let Some(line) = &self.template.front.when else { return Some(true) };
        let rendered = self.engine("#when", round)?;
        if let [Slot::Scalar(Value::Bool(value))] = &rendered.slots[..] {
            Some(*value)
        } else {
            let help = "compare, or test: `x == \"y\"`, `x is defined`";
            self.explain("#when", round, |report, own| {
                own.push(report.wrong_kind(line.span, &line.text, "true or false", help));
            });
            None
        }
    }

    /// What to bind in each round. `None` after a finding.
    fn rounds(&mut self) -> Option<Vec<Round>> {
        let Some(for_each) = &self.template.front.for_each else { return Some(vec![Vec::new()]) };
        let rendered = self.engine("#for_each", &[])?;
        let path = &for_each.expression.text;
        let bound = |value: Engine| match rendered.session.source(&value) {
            Some(Source { path, tree, is_key: false, .. }) => Bound::Tree(tree, path),
            Some(Source { path, tree, is_key: true, .. }) => Bound::Key(value.to_str().unwrap_or_default(), tree, path),
            None => Bound::Made(value),
        };
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
                        let at: Arc<str> = format!("{path}.{key}").into();
                        let key = Bound::Key(Arc::clone(key), Arc::clone(value), Arc::clone(&at));
                        vec![(Arc::clone(key_name), key), (Arc::clone(value_name), Bound::Tree(Arc::clone(value), at))]
                    };
                    Some(entries.iter().map(bind).collect())
                }
                _ => None,
            },
            ([Slot::Made(value)], [name]) => {
                value.try_iter().ok().map(|items| items.map(|item| vec![(Arc::clone(name), bound(item))]).collect())
            }
            ([Slot::Made(value)], [key_name, value_name]) => value.as_object().and_then(|map| {
                let bind =
                    |(key, value)| vec![(Arc::clone(key_name), bound(key)), (Arc::clone(value_name), bound(value))];
                Some(map.try_iter_pairs()?.map(bind).collect())
            }),
            _ => None,
        };
        if rounds.is_none() {
            let wanted = if for_each.names.len() == 1 { "a list" } else { "a map" };
            let help = "`name in …` goes over a list, `key, value in …` over a map";
            self.explain("#for_each", &[], |report, own| {
                own.push(report.wrong_kind(for_each.expression.span, path, wanted, help));
            });
        }
        rounds
    }

    fn artifact(&mut self, round: &[(Arc<str>, Bound)]) -> Option<Artifact> {
        let Template { shared, file, path: template, front, .. } = self.template;
        let (path, place) = self.path(round)?;
        let body = if is_document(&path) {
            let document = self.document(&path, round);
            let over = self.over(round, document.as_ref());
            let (document, over) = (document?, over?);
            self.lost(&path, round, &document, &over);
            self.changed(&path, round, &document, &over);
            let document = self.merged(document, over)?;
            if self.takes_what_is_supplied(&document, &path, round) {
                return None;
            }
            if matches!(document, Value::Null) {
                self.empty(&path, place);
                return None;
            }
            Body::Document(document)
        } else if let Some(line) = &front.merge {
            let message = format!("`merge` cannot change `{path}`, which is a text");
            let finding = Finding::new(&codes::template::FRONT_MATTER, line.span, message);
            self.findings.push(finding.help("it works on files that end in `.yaml`, `.yml` or `.json`"));
            return None;
        } else {
            let rendered = self.engine("", round)?;
            let text = fill::fill_text(&rendered, &shared.skeletons, *file, self.limits);
            Body::Text(self.filled("", round, text)?)
        };
        self.charge(made(&body), Work::Output);
        Some(Artifact { path: path.into(), template: Arc::clone(template), place, target: front.target, body })
    }

    /// What the template itself makes. `None` after a finding.
    fn document(&mut self, path: &str, round: &[(Arc<str>, Bound)]) -> Option<Value> {
        let Template { shared, file, .. } = self.template;
        let rendered = self.engine("", round)?;
        match shared.skeletons.get(&rendered.text, Form::of(path), *file, self.limits) {
            Ok(skeleton) => {
                if let Some(finding) = skeleton::tight_colon(&skeleton, &rendered.text, *file) {
                    self.explain("", round, |report, own| own.push(report.relocated(finding, None)));
                    return None;
                }
                let filled = fill::fill(skeleton, &rendered, &shared.skeletons, *file, self.limits);
                self.filled("", round, filled)
            }
            Err(findings) => {
                self.explain("", round, |report, own| {
                    own.extend(findings.iter().map(|finding| report.relocated(finding.clone(), None)));
                });
                None
            }
        }
    }

    /// Says which values a document takes from here where another tool fills in its own.
    fn takes_what_is_supplied(&mut self, document: &Value, path: &str, round: &[(Arc<str>, Bound)]) -> bool {
        let Template { shared, file, .. } = self.template;
        let mut supplied = supplied::by(document, *file, self.limits);
        supplied.retain(|it| it.is_asked_for(shared));
        if supplied.is_empty() {
            return false;
        }
        // The text once more: most documents take nothing, and need not keep it.
        let Some(rendered) = self.engine("", round) else { return true };
        let skeleton = shared.skeletons.get(&rendered.text, Form::of(path), *file, self.limits);
        let Ok(skeleton) = skeleton else { return true };
        let walk = Walk { rendered: &rendered, cache: &shared.skeletons, file: *file, limits: self.limits };
        let slots: Vec<_> = supplied.iter().map(|it| it.slots(&skeleton, &walk)).collect();
        let template = self.template;
        let mut said = Findings::default();
        if slots.iter().any(|slots| !slots.is_empty()) {
            self.explain("", round, |report, _| {
                for (supplied, slots) in supplied.iter().zip(&slots) {
                    supplied.say(slots, template, report, &mut said);
                }
            });
        }
        let is_said = said.has_errors();
        self.findings.append(said);
        is_said
    }

    /// The map that is to be merged over the document; null if there is none. `None` after a finding.
    fn over(&mut self, round: &[(Arc<str>, Bound)], document: Option<&Value>) -> Option<Value> {
        let Template { shared, file, front, .. } = self.template;
        let Some(line) = &front.merge else { return Some(Value::Null) };
        let rendered = self.engine("#merge", round)?;
        let filled = match &rendered.slots[..] {
            [] => Ok(Value::Null),
            [Slot::Captured(_)] => Ok(Value::Bool(false)),
            _ => fill::fill_slot(0, &rendered, &shared.skeletons, *file, self.limits),
        };
        let value = self.filled("#merge", round, filled)?;
        if let (Some(document), Some(over)) = (document, rendered.slots.first()) {
            self.findings.extend(merge::swallowed(document, over));
        }
        if matches!(value, Value::Null | Value::Map(_)) {
            return Some(value);
        }
        self.explain("#merge", round, |report, own| {
            own.push(report.wrong_kind(line.span, &line.text, "a map", "`merge` lays a map over the document"));
        });
        None
    }

    /// Says which lists of the document lose something to what is merged.
    fn lost(&mut self, file: &str, round: &[(Arc<str>, Bound)], document: &Value, over: &Value) {
        let Some(line) = &self.template.front.merge else { return };
        let lost = lost::lists(document, over);
        if lost.is_empty() {
            return;
        }
        let origins = |merges| self.template.origins_in(self.environment, round, document, merges, self.limits);
        let (before, after) = (origins(false), origins(true));
        self.findings.extend(lost.iter().map(|it| it.finding(file, line.span, before.as_ref(), after.as_ref())));
    }

    /// Says which values of the document become another kind by what is merged.
    fn changed(&mut self, file: &str, round: &[(Arc<str>, Bound)], document: &Value, over: &Value) {
        let Some(line) = &self.template.front.merge else { return };
        let changed = kinds::changed(document, over);
        if changed.is_empty() {
            return;
        }
        let origins = |merges| self.template.origins_in(self.environment, round, document, merges, self.limits);
        let (before, after) = (origins(false), origins(true));
        self.findings.extend(changed.iter().map(|it| it.finding(file, line.span, before.as_ref(), after.as_ref())));
    }

    fn merged(&mut self, document: Value, over: Value) -> Option<Value> {
        let Some(line) = &self.template.front.merge else { return Some(document) };
        // A template without text of its own is there for what is merged.
        match (document, over) {
            (Value::Null, Value::Null) => Some(Value::Map(Vec::new())),
            (Value::Null, over) => Some(over),
            (document, Value::Null) => Some(document),
            (document @ Value::Map(_), over) => Some(merge::merged(document, over)),
            (document, _) => {
                let message = format!("`merge` lays a map over the document, which is {}", document.kind());
                self.findings.push(Finding::new(&codes::template::FRONT_MATTER, line.span, message));
                None
            }
        }
    }

    fn empty(&mut self, path: &str, place: Span) {
        let finding = Finding::new(&codes::template::EMPTY_DOCUMENT, place, format!("`{path}` would be empty"));
        self.findings.push(finding.label("makes a document with nothing in it").help(
            "say in the front matter when the file is wanted, `when: …`; an empty map is `{}`, an empty list `[]`",
        ));
    }

    fn charge(&self, cost: Cost, work: Work) {
        self.environment.account.charge(cost, work, Span::file_start(self.template.file));
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
                (self.filled("#output", round, filled)?, line.span)
            }
        };
        if let Some(fault) = output::fault(&path) {
            let message = format!("the output path `{path}` {fault}");
            let help = match template.front.output {
                None => "rename the template, or name what it makes with `output` in its front matter",
                Some(_) if path.starts_with('/') => {
                    "leave the first `/` out: the tree lies where `platc.yaml` or `--out-dir` says"
                }
                Some(_) => "`dns_label` makes a name that can be used of any text",
            };
            let finding = Finding::new(&codes::template::OUTPUT_PATH, place, message).help(help);
            match template.front.output {
                None => self.findings.push(finding),
                Some(_) => self.explain("#output", round, |report, own| own.push(report.with_all_sources(finding))),
            }
            return None;
        }
        Some((path, place))
    }

    /// Renders the template or a part of its front matter. `None` after a finding.
    fn engine(&mut self, part: &str, round: &[(Arc<str>, Bound)]) -> Option<Rendered> {
        let template = self.template;
        let EnvironmentInput { reads, account, .. } = self.environment;
        let session = if self.telling { Session::telling(account) } else { Session::noting(*reads, account) };
        let session = Arc::new(session);
        let root = Root::new(self.environment.name, self.environment.root, Arc::clone(&session)).with(round);
        let result = match part {
            "" => template.shared.engine.render(&template.name, root),
            _ => template.shared.engine.render(&format!("{}{part}", template.name), root),
        };
        let text = result.as_ref().map_or(0, |rendered| rendered.text.len() as u64);
        self.charge(session.cost().plus(Cost { steps: RENDER + text, bytes: text }), Work::Template);
        match result {
            Ok(rendered) => Some(rendered),
            Err(error) => {
                let start = Span::file_start(template.file);
                if let Some(finding) = report::over_budget(&error, &template.shared.texts, start, self.limits) {
                    self.findings.push(finding);
                    return None;
                }
                self.explain(part, round, |report, own| {
                    // The traced render fails as the plain one did; should it not, the plain one's words have to do.
                    let error = report.trace.result.as_ref().err().unwrap_or(&error);
                    own.push(report.engine(error));
                });
                None
            }
        }
    }

    /// What was filled. `None` after a finding.
    fn filled<T>(&mut self, part: &str, round: &[(Arc<str>, Bound)], filled: Result<T, Vec<Problem>>) -> Option<T> {
        match filled {
            Ok(filled) => Some(filled),
            Err(problems) => {
                self.explain(part, round, |report, own| report.problems(&problems, own));
                None
            }
        }
    }

    /// Renders once more, with marks, to say where what went wrong comes from.
    fn explain(&mut self, part: &str, round: &[(Arc<str>, Bound)], say: impl FnOnce(&Report<'_>, &mut Findings)) {
        let Template { shared, name, file, .. } = self.template;
        if self.environment.account.is_over() {
            return;
        }
        let name = format!("{name}{part}");
        let EnvironmentInput { name: environment, root: tree, .. } = self.environment;
        let root = |session| Root::new(environment, tree, session).with(round);
        let trace = Trace::new(shared, &name, self.limits, root);
        let bound = round.iter().map(|(name, _)| &**name);
        let keys = tree.as_map().into_iter().flat_map(|map| map.keys().map(|key| &**key));
        let names = bound.chain(keys).chain(["platc"]).chain(functions::function_names()).collect();
        self.charge(trace.session.cost().plus(Cost::steps(TRACE)), Work::Template);
        let report = Report { trace: &trace, start: Span::file_start(*file), limits: self.limits, names };
        say(&report, self.findings);
    }
}
