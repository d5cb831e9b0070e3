//! What changes do, environment by environment: the same of many is told once, the worst first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::{Difference, Differences};
use crate::check::{Consequence, Effect};
use crate::finding::render::text;
use crate::source::{Sources, Span};

/// What is too much.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Limit {
    pub(in crate::cli) worst: Consequence,
    pub(in crate::cli) allow_unknown: bool,
}

impl Limit {
    fn is_passed_by(self, effect: &Effect) -> bool {
        let counts = match effect.consequence {
            Consequence::Unknown => !self.allow_unknown,
            other => other <= self.worst,
        };
        counts && effect.finding.acknowledged.is_none()
    }
}

/// An effect, and the environments that have it.
#[derive(Clone)]
pub(super) struct Row<'a> {
    pub(super) effect: &'a Effect,
    pub(super) environments: BTreeSet<&'a Arc<str>>,
}

impl Row<'_> {
    pub(super) fn subject(&self) -> &str {
        self.effect.finding.subject.as_deref().unwrap_or_default()
    }
}

impl Differences<'_> {
    /// All effects, each once, the worst first.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> = Vec::new();
        let mut known = BTreeMap::new();
        for effect in self.all.iter().flat_map(|difference| &difference.effects) {
            let finding = &effect.finding;
            let is_acknowledged = finding.acknowledged.is_some();
            let key = (effect.consequence, finding.subject.as_deref(), finding.message.as_str(), is_acknowledged);
            let number = *known.entry(key).or_insert(rows.len());
            if rows.len() == number {
                rows.push(Row { effect, environments: BTreeSet::new() });
            }
            rows[number].environments.extend(&finding.environments);
        }
        // What most have comes first.
        rows.sort_by_key(|row| (row.effect.consequence, std::cmp::Reverse(row.environments.len())));
        rows
    }

    pub(super) fn passes(&self, limit: Limit) -> bool {
        self.all.iter().flat_map(|difference| &difference.effects).any(|effect| limit.is_passed_by(effect))
    }

    /// As text: how much of each, and then each with the lines that caused it.
    pub(super) fn impact(&self, is_verbose: bool) -> String {
        let rows = self.rows();
        let sources = self.report.sources();
        let mut drawn = table(&rows);
        for alike in alike(&rows) {
            let [first, rest @ ..] = alike.as_slice() else { continue };
            let is_small = is_small(first);
            if is_verbose {
                drawn.extend(alike.iter().map(|row| format!("\n{}", self.draw(row, &[], sources))));
            } else if !is_small {
                drawn.push('\n');
                drawn.push_str(&self.draw(first, rest, sources));
            }
        }
        if !is_verbose && rows.iter().any(is_small) {
            drawn.push_str("\n`-v` lists what is added and what stays as it is, too\n");
        }
        drawn
    }

    /// One effect, and of those like it how many there are.
    fn draw(&self, row: &Row<'_>, others: &[&Row<'_>], sources: &Sources) -> String {
        let finding = &row.effect.finding;
        let word = row.effect.consequence.word();
        let more = match others.len() {
            0 => String::new(),
            more => format!(", and {} like it", text::with_commas(more)),
        };
        let mut lines = vec![format!("{word:<12} {}{more}", safe(row.subject()))];
        lines.push(format!("  {}", safe(&finding.message)));
        for cause in places(row.effect, sources) {
            lines.push(format!("  at {cause}"));
        }
        if self.all.len() > 1 {
            let names: Vec<&str> = row.environments.iter().map(|name| &***name).collect();
            lines.push(format!("  in {}", text::environments(&names)));
        }
        if let Some(known) = &finding.acknowledged {
            lines.push(format!("  acknowledged: {}", safe(&known.reason)));
        }
        if let Some(help) = &finding.help {
            lines.push(format!("  help: {}", safe(help)));
        }
        lines.join("\n") + "\n"
    }
}

/// Whether nobody has to hear of it: what is new, or stays as it is. What stays and is in the tree no more is another matter.
fn is_small(row: &Row<'_>) -> bool {
    let Effect { consequence, finding, .. } = row.effect;
    match consequence {
        Consequence::Adds => true,
        Consequence::Nothing => finding.rendered.is_some(),
        _ => false,
    }
}

/// Effects of one cause and one sentence, whatever they are about, together.
pub(super) fn alike<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<Vec<&'r Row<'a>>> {
    let mut groups: Vec<Vec<&Row<'_>>> = Vec::new();
    let mut known = BTreeMap::new();
    for row in rows {
        let Effect { consequence, finding, causes } = row.effect;
        let is_acknowledged = finding.acknowledged.is_some();
        // What has no cause of its own is itself alone.
        let alone = causes.is_empty().then_some(row.subject());
        // Of what is no small matter each sentence is told, whoever says it.
        let sentence = (*consequence < Consequence::InPlace).then(|| without_names(&finding.message));
        let key = (consequence, finding.wording, sentence, causes, alone, is_acknowledged, &row.environments);
        let number = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(number) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// A sentence without what it names.
fn without_names(message: &str) -> String {
    message.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

fn safe(text: &str) -> String {
    crate::finding::render::safe::line(text).into_owned()
}

/// How many things have each consequence.
fn table(rows: &[Row<'_>]) -> String {
    let mut drawn = String::new();
    for consequence in Consequence::ALL {
        let count = rows.iter().filter(|row| row.effect.consequence == *consequence).count();
        if count > 0 {
            let (word, count) = (consequence.word(), text::with_commas(count));
            let _ = writeln!(drawn, "{word:<12} {count:>6}  {}", consequence.meaning());
        }
    }
    drawn
}

/// The lines that caused it, or else where it stands, or stood.
pub(super) fn places(effect: &Effect, sources: &Sources) -> Vec<String> {
    let spans = if effect.causes.is_empty() { vec![effect.finding.primary.span] } else { effect.causes.clone() };
    spans.into_iter().map(|span| sources.locate(span)).collect()
}

/// What `--format json` says of an effect.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown<'a> {
    consequence: &'static str,
    subject: Option<&'a str>,
    message: &'a str,
    /// The lines that caused it.
    causes: Vec<At>,
    /// Where it is written, in the template or in the tree that stood there.
    at: At,
    /// Where it stands in the tree now, if it does.
    rendered: Option<String>,
    help: Option<&'a str>,
    acknowledged: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct At {
    path: String,
    line: u32,
    column: u32,
}

impl At {
    fn of(span: Span, sources: &Sources) -> Self {
        let source = sources.get(span.file);
        let position = source.position(span.start);
        Self { path: source.path().to_string(), line: position.line, column: position.column }
    }
}

pub(super) fn shown<'a>(difference: &'a Difference, sources: &Sources) -> Vec<Shown<'a>> {
    let mut effects: Vec<&Effect> = difference.effects.iter().collect();
    effects.sort_by_key(|effect| effect.consequence);
    let show = |effect: &'a Effect| {
        let finding = &effect.finding;
        Shown {
            consequence: effect.consequence.word(),
            subject: finding.subject.as_deref(),
            message: &finding.message,
            causes: effect.causes.iter().map(|span| At::of(*span, sources)).collect(),
            at: At::of(finding.primary.span, sources),
            rendered: finding.rendered.as_ref().map(|it| format!("{}:{}", it.file, it.path)),
            help: finding.help.as_deref(),
            acknowledged: finding.acknowledged.as_ref().map(|it| &*it.reason),
        }
    };
    effects.into_iter().map(show).collect()
}
