//! Rendering: one template and one environment make artifacts.

use std::ops::Range;
use std::sync::Arc;

use camino::Utf8Path;
use minijinja::value::Value as Engine;

use super::context::{Bound, Root, Session};
use super::engine::Rendered;
use super::fill::{self, Noted, Problem};
use super::identity::Source;
use super::map::Origins;
use super::report::{self, Report};
use super::skeleton::{self, Form};
use super::slot::Slot;
use super::supplied::{self, Walk};
use super::told::Told;
use super::trace::Trace;
use super::{EnvironmentInput, Template, copies, functions, kinds, lost, merge};
use crate::account::{Cost, Work};
use crate::artifact::{Artifact, Body, Copied, Target, is_document, path};
use crate::environment::Content;
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::value::Value;
use crate::yaml::stream;

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
        if self.copies {
            let named = self.front.copy.as_ref().map_or(&self.name, |line| &line.text);
            for round in &rounds {
                for (name, copied) in copies::of(&self.shared.copies, named) {
                    if environment.account.is_over() {
                        return artifacts;
                    }
                    artifacts.extend(run.copy(name, copied, round));
                }
            }
            return artifacts;
        }
        for round in &rounds {
            // What is over stays over, so nothing that is said of it can change.
            if environment.account.is_over() {
                break;
            }
            let made = run.artifact(round);
            let made = match artifacts.first_mut().filter(|_| self.front.makes_stream) {
                Some(first) => made.and_then(|made| appended(first, made)),
                None => made,
            };
            artifacts.extend(made);
        }
        if !artifacts.is_empty() && !run.findings.has_errors() {
            let bound = self.front.for_each.iter().flat_map(|it| &it.names);
            run.findings.extend(self.shared.doubts(&self.name, bound));
        }
        artifacts
    }

    /// The rounds that make an artifact, each with its documents before anything is merged over them.
    pub(super) fn find(
        &self,
        environment: &EnvironmentInput<'_>,
        path: &Utf8Path,
        limits: &Limits,
    ) -> Option<Vec<(Round, Vec<Value>)>> {
        let mut run = Run { template: self, environment, limits, findings: &mut Findings::default(), telling: true };
        let mut found = Vec::new();
        for round in run.wanted_rounds()? {
            let Some((made, _)) = run.path(&round) else { continue };
            if made == path.as_str() && is_document(&made) {
                let documents = run.documents(&made, &round)?;
                found.push((round, documents));
                if !self.front.makes_stream {
                    break;
                }
            }
        }
        (!found.is_empty()).then_some(found)
    }

    /// All rounds with the path that each makes, and its documents before anything is merged over them; none if it is a
    /// text.
    pub(super) fn all_rounds(
        &self,
        environment: &EnvironmentInput<'_>,
        limits: &Limits,
    ) -> Vec<(Round, String, Option<Vec<Value>>)> {
        if self.copies {
            return Vec::new();
        }
        let mut run = Run { template: self, environment, limits, findings: &mut Findings::default(), telling: true };
        let rounds = run.wanted_rounds().unwrap_or_default();
        let made = rounds.into_iter().filter_map(|round| {
            let (path, _) = run.path(&round)?;
            let documents = if is_document(&path) { Some(run.documents(&path, &round)?) } else { None };
            Some((round, path, documents))
        });
        made.collect()
    }

    /// The files that are copied, each with its round and its path in the tree.
    pub(super) fn all_copies(
        &self,
        environment: &EnvironmentInput<'_>,
        limits: &Limits,
    ) -> Vec<(Round, String, Arc<Copied>)> {
        let mut run = Run { template: self, environment, limits, findings: &mut Findings::default(), telling: true };
        let rounds = run.wanted_rounds().unwrap_or_default();
        let named = self.front.copy.as_ref().map_or(&self.name, |line| &line.text);
        let mut all = Vec::new();
        for round in rounds {
            for (name, copied) in copies::of(&self.shared.copies, named) {
                let made = run.copy(name, copied, &round);
                all.extend(made.map(|made| (round.clone(), made.path.into_string(), Arc::clone(copied))));
            }
        }
        all
    }

    /// The rounds in which there is no file, because `when` says so; one that binds nothing if there is none in any round.
    /// `None` if there are no rounds.
    pub(super) fn rounds_away(&self, environment: &EnvironmentInput<'_>, limits: &Limits) -> Option<Vec<Round>> {
        let mut run = Run { template: self, environment, limits, findings: &mut Findings::default(), telling: true };
        if !self.front.when_each && run.when(&[]) == Some(false) {
            return Some(vec![Vec::new()]);
        }
        let rounds = run.rounds().filter(|rounds| !rounds.is_empty())?;
        let is_away = |round: &Round| self.front.when_each && run.when(round) == Some(false);
        Some(rounds.into_iter().filter(is_away).collect())
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

/// Puts the documents of one round behind those of the rounds before, as all go into one file. What cannot stand in
/// one file is given back: two artifacts with one path are told later.
fn appended(first: &mut Artifact, made: Artifact) -> Option<Artifact> {
    let can_follow =
        |it: &Artifact| it.body.documents().iter().all(|value| may_have_others(it.path.as_str(), it.target, value));
    let is_yaml = Form::of(made.path.as_str()) == Form::Yaml;
    match (&mut first.body, &made.body) {
        (Body::Documents(all), Body::Documents(more)) if is_yaml && can_follow(&made) => {
            all.extend(more.iter().cloned());
            None
        }
        _ => Some(made),
    }
}

/// Whether other documents may stand beside this one in a file: CloudFormation and Helm read one.
fn may_have_others(path: &str, said: Option<Target>, document: &Value) -> bool {
    !matches!(Target::meant(path, said, document), Some(Target::CloudFormation | Target::HelmValues))
}

/// Documents of one render of which it is said what is wrong with them.
const MOST_WRONG: usize = 10;

/// Steps of a render that prints nothing, of one with marks, and of judging and writing an empty artifact.
const RENDER: u64 = 100;
const TRACE: u64 = 5_000;
const ARTIFACT: u64 = 1_000;
/// Steps of judging and writing one node of an artifact.
const NODE: u64 = 30;

/// What an artifact costs, until it is judged and written.
fn made(body: &Body) -> Cost {
    let (nodes, text) = match body {
        Body::Documents(documents) => documents.iter().map(Value::weight).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        Body::Text(text) => (1, text.len()),
        Body::Copy(copied) => copied.weight(),
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
        // What is in a list that an expression made knows its node in a marked render only.
        let EnvironmentInput { name: environment, root: tree, .. } = self.environment;
        let (shared, name) = (&self.template.shared, format!("{}#for_each", self.template.name));
        let root = |session| Root::new(environment, tree, session);
        let trace = self.telling.then(|| Trace::new(shared, &name, root));
        let session = trace.as_ref().map_or(&rendered.session, |trace| &trace.session);
        let told = trace.as_ref().and_then(|trace| trace.value(0));
        let bound = |value: Engine| match (session.source(&value), session.identities()) {
            (Some(Source { path, tree, is_key: false, .. }), _) => Bound::Tree(tree, path),
            (Some(Source { path, tree, is_key: true, .. }), _) => {
                Bound::Key(value.to_str().unwrap_or_default(), tree, path)
            }
            (None, Some(identities)) => Bound::Told(Told::of(&value, identities)),
            (None, None) => Bound::Made(value),
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
            ([Slot::Made(value)], [name]) => told
                .unwrap_or(value)
                .try_iter()
                .ok()
                .map(|items| items.map(|item| vec![(Arc::clone(name), bound(item))]).collect()),
            ([Slot::Made(value)], [key_name, value_name]) => told.unwrap_or(value).as_object().and_then(|map| {
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
            let documents = self.documents(&path, round);
            let over = self.over(round, documents.as_deref());
            let documents = self.merged(&path, round, documents?, over?)?;
            if self.takes_what_is_supplied(&documents, &path, round) {
                return None;
            }
            if matches!(documents[..], [Value::Null]) {
                self.empty(&path, place);
                return None;
            }
            Body::Documents(documents)
        } else if let Some(line) = &front.merge {
            let message = format!("`merge` cannot change `{path}`, which is a text");
            let finding = Finding::new(&codes::template::FRONT_MATTER, line.span, message);
            self.findings.push(finding.help("it works on files that end in `.yaml`, `.yml` or `.json`"));
            return None;
        } else if self.is_no_target(&path) {
            return None;
        } else {
            let rendered = self.engine("", round)?;
            let text = fill::fill_text(&rendered, &shared.skeletons, *file, self.limits);
            Body::Text(self.filled("", round, text)?)
        };
        self.charge(made(&body), Work::Output);
        Some(Artifact { path: path.into(), template: Arc::clone(template), place, target: front.target, body })
    }

    /// A file that lies below the folder of templates, as a file of the tree. `None` after a finding.
    fn copy(&mut self, name: &Arc<str>, copied: &Arc<Copied>, round: &[(Arc<str>, Bound)]) -> Option<Artifact> {
        let Template { file, path: template, front, .. } = self.template;
        let (output, place) = match &front.output {
            Some(line) => (Some(self.output(round)?), line.span),
            None => (None, front.copy.as_ref().map_or(Span::file_start(*file), |line| line.span)),
        };
        let path = copies::path(output.as_deref(), front.copy.as_ref(), name);
        self.good(&path, place, round)?;
        let is_one = front.copy.as_ref().is_some_and(|line| !line.text.ends_with('/'));
        if is_one && !is_document(&path) && self.is_no_target(&path) {
            return None;
        }
        let body = Body::Copy(Arc::clone(copied));
        self.charge(made(&body), Work::Output);
        Some(Artifact { path: path.into(), template: Arc::clone(template), place, target: front.target, body })
    }

    /// Whether a text is said to be of a target, whose rules judge documents; that is told.
    fn is_no_target(&mut self, path: &str) -> bool {
        let Some(at) = self.template.front.target_at else { return false };
        let message = format!("`target` says nothing of `{path}`, which is a text");
        let finding = Finding::new(&codes::template::FRONT_MATTER, at, message);
        self.findings.push(finding.help("leave it out, or let the path end in `.yaml`, `.yml` or `.json`"));
        true
    }

    /// What the template itself makes: one document, or several with `---` between them. `None` after a finding.
    fn documents(&mut self, path: &str, round: &[(Arc<str>, Bound)]) -> Option<Vec<Value>> {
        let rendered = self.engine("", round)?;
        let form = Form::of(path);
        let stretches = if form == Form::Yaml { stream::split(&rendered.text) } else { Vec::new() };
        if stretches.len() < 2 {
            return Some(vec![self.document(&rendered, 0..rendered.text.len(), form, round)?]);
        }
        let mut documents = Vec::with_capacity(stretches.len());
        for (at, stretch) in stretches.iter().enumerate() {
            // Each one that is wrong is rendered once more to say so.
            if at >= documents.len() + MOST_WRONG {
                break;
            }
            let document = self.document(&rendered, stretch.clone(), form, round);
            if document == Some(Value::Null) {
                let finding = Finding::new(
                    &codes::template::EMPTY_DOCUMENT,
                    self.beginning(&rendered.text, stretch),
                    format!("`{path}` would have an empty document"),
                );
                self.said(
                    round,
                    finding.label("nothing stands behind this").help(
                        "leave the `---` out, or let it stand within the `{% if %}` with the document that it begins",
                    ),
                );
            } else {
                documents.extend(document);
            }
        }
        if documents.len() < stretches.len() {
            return None;
        }
        if !documents.iter().all(|document| may_have_others(path, self.template.front.target, document)) {
            let finding = Finding::new(
                &codes::yaml::SEVERAL_DOCUMENTS,
                self.beginning(&rendered.text, &stretches[1]),
                format!("`{path}` has several documents, and its reader takes one"),
            );
            self.said(
                round,
                finding
                    .label("the second document begins here")
                    .help("make a file of each: by a template of its own, or by `for_each` with a value in `output`"),
            );
            return None;
        }
        Some(documents)
    }

    /// The line `---` that begins a document, as a place in what the engine printed.
    fn beginning(&self, text: &str, stretch: &Range<usize>) -> Span {
        let before = text[..stretch.start].rfind("---").filter(|_| !text[stretch.clone()].starts_with("---"));
        let start = before.unwrap_or(stretch.start);
        Span::new(self.template.file, start, start + 3)
    }

    /// Says something of a place in what the engine printed.
    fn said(&mut self, round: &[(Arc<str>, Bound)], finding: Finding) {
        self.explain("", round, |report, own| own.push(report.relocated(finding, None)));
    }

    /// The document of a stretch of what the engine printed. `None` after a finding.
    fn document(
        &mut self,
        rendered: &Rendered,
        stretch: Range<usize>,
        form: Form,
        round: &[(Arc<str>, Bound)],
    ) -> Option<Value> {
        let Template { shared, file, .. } = self.template;
        let (start, stretch_end) = (stretch.start, stretch.end);
        match shared.skeletons.get(&rendered.text[stretch.clone()], form, *file, self.limits) {
            Ok(skeleton) => {
                if let Some(mut finding) = skeleton::tight_colon(&skeleton, &rendered.text[stretch], *file) {
                    stream::shift(&mut finding, *file, start);
                    self.said(round, finding);
                    return None;
                }
                if shared.has_odd_signs {
                    for mut finding in skeleton::odd_signs(&rendered.text[start..stretch_end], *file, self.limits) {
                        stream::shift(&mut finding, *file, start);
                        self.said(round, finding);
                    }
                }
                let filled = fill::fill_noting(skeleton, rendered, &shared.skeletons, *file, self.limits);
                let filled = filled.map_err(|problems| problems.into_iter().map(|it| it.moved(start)).collect());
                let (value, Noted { empty, misread, joined }) = self.filled("", round, filled)?;
                let empty = empty.into_iter().map(|at| at.moved(start)).collect();
                let joined = joined.into_iter().map(|(at, slot)| (at.moved(start), slot)).collect();
                if self.refuses(&Noted { empty, misread, joined }, round) { None } else { Some(value) }
            }
            Err(mut findings) => {
                findings.iter_mut().for_each(|finding| stream::shift(finding, *file, start));
                self.explain("", round, |report, own| {
                    own.extend(findings.iter().map(|finding| report.relocated(finding.clone(), None)));
                });
                None
            }
        }
    }

    /// Says where null would stand because what a tag prints there is empty, and which values are read as something else.
    fn refuses(&mut self, noted: &Noted, round: &[(Arc<str>, Bound)]) -> bool {
        if noted.empty.is_empty() && noted.misread.is_empty() && noted.joined.is_empty() {
            return false;
        }
        let mut said = Findings::default();
        self.explain("", round, |report, _| report.noted(noted, &mut said));
        let is_said = said.has_errors();
        self.findings.append(said);
        is_said
    }

    /// Says which values a document takes from here where another tool fills in its own.
    fn takes_what_is_supplied(&mut self, documents: &[Value], path: &str, round: &[(Arc<str>, Bound)]) -> bool {
        let Template { shared, file, .. } = self.template;
        let asked_for = |document: &Value| {
            let mut supplied = supplied::by(document, *file, self.limits);
            supplied.retain(|it| it.is_asked_for(shared));
            supplied
        };
        let supplied: Vec<_> = documents.iter().map(asked_for).collect();
        if supplied.iter().all(Vec::is_empty) {
            return false;
        }
        // The text once more: most documents take nothing, and need not keep it.
        let Some(rendered) = self.engine("", round) else { return true };
        let stretches = stream::stretches(&rendered.text, documents.len());
        let walk = Walk { rendered: &rendered, cache: &shared.skeletons, file: *file, limits: self.limits };
        let mut slots = Vec::new();
        for (supplied, stretch) in supplied.iter().zip(stretches).filter(|(supplied, _)| !supplied.is_empty()) {
            let skeleton = shared.skeletons.get(&rendered.text[stretch], Form::of(path), *file, self.limits);
            let Ok(skeleton) = skeleton else { return true };
            slots.extend(supplied.iter().map(|it| (it, it.slots(&skeleton, &walk))));
        }
        let template = self.template;
        let mut said = Findings::default();
        if slots.iter().any(|(_, slots)| !slots.is_empty()) {
            self.explain("", round, |report, _| {
                for (supplied, slots) in &slots {
                    supplied.say(slots, template, report, &mut said);
                }
            });
        }
        let is_said = said.has_errors();
        self.findings.append(said);
        is_said
    }

    /// The map that is to be merged over the document; null if there is none. `None` after a finding.
    fn over(&mut self, round: &[(Arc<str>, Bound)], documents: Option<&[Value]>) -> Option<Value> {
        let Template { shared, file, front, .. } = self.template;
        let Some(line) = &front.merge else { return Some(Value::Null) };
        let rendered = self.engine("#merge", round)?;
        let filled = match &rendered.slots[..] {
            [] => Ok(Value::Null),
            [Slot::Captured(_)] => Ok(Value::Bool(false)),
            _ => fill::fill_slot(0, &rendered, &shared.skeletons, *file, self.limits),
        };
        let value = self.filled("#merge", round, filled)?;
        if let (Some([document]), Some(over)) = (documents, rendered.slots.first()) {
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
        let (before, after) = self.origins_around(round, document);
        self.findings.extend(lost.iter().map(|it| it.finding(file, line.span, before.as_ref(), after.as_ref())));
    }

    /// Says which values of the document become another kind by what is merged.
    fn changed(&mut self, file: &str, round: &[(Arc<str>, Bound)], document: &Value, over: &Value) {
        let Some(line) = &self.template.front.merge else { return };
        let changed = kinds::changed(document, over);
        if changed.is_empty() {
            return;
        }
        let (before, after) = self.origins_around(round, document);
        self.findings.extend(changed.iter().map(|it| it.finding(file, line.span, before.as_ref(), after.as_ref())));
    }

    /// What is known of the places of a document without what is merged over it, and with that.
    fn origins_around(&self, round: &[(Arc<str>, Bound)], document: &Value) -> (Option<Origins>, Option<Origins>) {
        let documents = std::slice::from_ref(document);
        let origins = |merges| {
            self.template.origins_in(self.environment, round, documents, merges, self.limits)?.into_iter().next()
        };
        (origins(false), origins(true))
    }

    fn merged(
        &mut self,
        path: &str,
        round: &[(Arc<str>, Bound)],
        mut documents: Vec<Value>,
        over: Value,
    ) -> Option<Vec<Value>> {
        let Some(line) = &self.template.front.merge else { return Some(documents) };
        let refused = |message: String| Finding::new(&codes::template::FRONT_MATTER, line.span, message);
        let (Some(document), true) = (documents.pop(), documents.is_empty()) else {
            let message = format!("`merge` lays a map over one document, and `{path}` has several");
            self.findings.push(refused(message).help("move the document that it is for into a template of its own"));
            return None;
        };
        self.lost(path, round, &document, &over);
        self.changed(path, round, &document, &over);
        // A template without text of its own is there for what is merged.
        let merged = match (document, over) {
            (Value::Null, Value::Null) => Value::Map(Vec::new()),
            (Value::Null, over) => over,
            (document, Value::Null) => document,
            (document @ Value::Map(_), over) => merge::merged(document, over),
            (document, _) => {
                let message = format!("`merge` lays a map over the document, which is {}", document.kind());
                self.findings.push(refused(message));
                return None;
            }
        };
        Some(vec![merged])
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
            Some(line) => (self.output(round)?, line.span),
        };
        self.good(&path, place, round)?;
        Some((path, place))
    }

    /// What the line `output` prints.
    fn output(&mut self, round: &[(Arc<str>, Bound)]) -> Option<String> {
        let template = self.template;
        let rendered = self.engine("#output", round)?;
        let filled = fill::fill_text(&rendered, &template.shared.skeletons, template.file, self.limits);
        self.filled("#output", round, filled)
    }

    /// Nothing after a finding.
    fn good(&mut self, path: &str, place: Span, round: &[(Arc<str>, Bound)]) -> Option<()> {
        let template = self.template;
        if let Some(fault) = path::fault(path) {
            let message = format!("the output path `{path}` {fault}");
            let help = match template.front.output {
                None if template.copies => "rename the file",
                None => "rename the template, or name what it makes with `output` in its front matter",
                Some(_) if path.starts_with('/') => {
                    "leave the first `/` out: the tree lies where `platc.yaml` or `--out-dir` says"
                }
                Some(_) if path.split('/').any(|part| part == "..") => {
                    "leave `../` out: the path begins at the top of the environment's tree"
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
        Some(())
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
            Ok(rendered) => {
                self.findings.extend(lost::by_function(&session.replaced(), &template.path));
                if !session.misread().is_empty() {
                    #[expect(
                        clippy::redundant_closure_for_method_calls,
                        reason = "a path of the method is not general enough"
                    )]
                    self.explain(part, round, |report, own| report.misread(own));
                }
                Some(rendered)
            }
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
        let trace = Trace::new(shared, &name, root);
        let bound = round.iter().map(|(name, _)| &**name);
        let keys = tree.as_map().into_iter().flat_map(|map| map.keys().map(|key| &**key));
        let names = bound.chain(keys).chain(["platc"]).chain(functions::function_names()).collect();
        self.charge(trace.session.cost().plus(Cost::steps(TRACE)), Work::Template);
        let report = Report { trace: &trace, start: Span::file_start(*file), limits: self.limits, names };
        say(&report, self.findings);
    }
}
