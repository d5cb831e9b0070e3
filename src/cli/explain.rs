//! `platc explain`: who set a value, what the schema says of it, and where it ends.

mod ends;

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::args::{Explain, Format, Global};
use super::ask::{self, Asked};
use super::excerpt::{Excerpts, Place};
use super::exit::{Exit, Failure};
use super::paths::{self, Found, Meant, Unset};
use super::printer::Printer;
use super::report::Report;
use crate::environment::{Content, Tree};
use crate::finding::Findings;
use crate::finding::render::safe;
use crate::rules::HIDDEN;
use crate::schema::About;
use ends::{End, Ends};

/// Values that one answer explains in full.
const MOST: usize = 50;

pub(super) fn run(args: &Explain, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let select = |project: &_, session: &super::session::Session| session.find(project, &args.environment).cloned();
    ask::about(select, &args.values, global, printer, |asked, printer| explain(args, asked, printer))
}

/// A value that is asked about.
enum Subject<'a> {
    There(Found<'a>),
    Unset(Unset<'a>),
}

impl Subject<'_> {
    /// The value, or the map that lacks it.
    fn node(&self) -> &Arc<Tree> {
        match self {
            Self::There(found) => &found.tree,
            Self::Unset(unset) => &unset.parent.tree,
        }
    }
}

fn explain(args: &Explain, asked: &Asked<'_>, printer: &mut Printer) -> ask::Answer {
    let mut subjects = Vec::new();
    for typed in &args.paths {
        match paths::find(asked, typed)? {
            Meant::There(found) => subjects.extend(found.into_iter().map(Subject::There)),
            Meant::Unset(unset) => subjects.push(Subject::Unset(unset)),
        }
    }
    if subjects.len() > MOST {
        let message = format!("{} values match; {MOST} are explained at once", subjects.len());
        return Err(Failure::new(message).help("name fewer: a longer path, or `*` instead of `**`"));
    }
    let made = asked.made_noting(true, printer);
    let exit = if made.is_some() { Exit::Fine } else { Exit::Findings };
    let nodes: Vec<_> = subjects.iter().map(Subject::node).collect();
    let ends = made.map(|made| Ends::of(asked, &made, &nodes));
    let explained: Vec<Explained> =
        subjects.iter().map(|subject| Explained::of(subject, asked, ends.as_ref())).collect();
    if printer.format == Format::Text {
        let (sources, look) = (&asked.session.sources, printer.out_look());
        let excerpts = Excerpts { sources, mask: &asked.mask, look, conceals: false, seen: RefCell::default() };
        for (number, (explained, subject)) in explained.iter().zip(&subjects).enumerate() {
            let gap = if number > 0 { "\n" } else { "" };
            printer.result(format!("{gap}{}", explained.draw(subject, &excerpts)))?;
        }
    } else {
        let result = Document { environment: asked.environment.name.to_string(), values: explained };
        Report::new(Findings::default(), &asked.session.sources).document(printer, result)?;
    }
    Ok(exit)
}

/// The result as JSON.
#[derive(Serialize)]
struct Document {
    environment: String,
    values: Vec<Explained>,
}

/// All that is known of a value.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Explained {
    path: String,
    /// In one line; `null` if no layer sets it.
    value: Option<String>,
    is_secret: bool,
    /// The layers that had a say, in the order in which they apply: the last one won.
    layers: Vec<Say>,
    schema: Option<Said>,
    /// Where it ends.
    ends: Vec<End>,
}

#[derive(Serialize)]
struct Say {
    layer: String,
    file: String,
    line: u32,
    column: u32,
    wins: bool,
}

#[derive(Serialize)]
struct Said {
    description: Option<String>,
    form: String,
    default: Option<String>,
    required: bool,
    rules: Vec<String>,
}

impl Said {
    fn of(about: About) -> Self {
        let About { description, form, default, is_required: required, rules, .. } = about;
        let on = |on: &crate::yaml::path::Path| if on.is_root() { String::new() } else { format!("{on}: ") };
        let rules = rules.into_iter().map(|rule| format!("{}{}", on(&rule.on), rule.says)).collect();
        Self { description, form, default, required, rules }
    }
}

/// A title, and which ends stand below it.
type Section = (&'static str, fn(&End) -> bool);

impl Explained {
    fn of(subject: &Subject<'_>, asked: &Asked<'_>, ends: Option<&Ends<'_>>) -> Self {
        let (path, found) = match subject {
            Subject::There(found) => (&found.path, Some(found)),
            Subject::Unset(unset) => (&unset.path, None),
        };
        let about = asked.schema.about(path);
        let is_secret = found.is_some_and(|found| asked.mask.hides(&found.tree))
            || about.as_ref().is_some_and(|about| about.is_secret);
        let ends = ends.map(|ends| match subject {
            Subject::There(found) => ends.of_node(&found.tree),
            Subject::Unset(unset) => ends.of_absent(&unset.path, &unset.parent.tree),
        });
        Self {
            path: path.to_string(),
            value: found.map(|found| in_a_line(found, asked)),
            is_secret,
            layers: found.map(|found| layers(found, asked)).unwrap_or_default(),
            schema: about.map(Said::of),
            ends: ends.unwrap_or_default(),
        }
    }

    fn draw(&self, subject: &Subject<'_>, excerpts: &Excerpts<'_>) -> String {
        let mut out = String::new();
        let value = self.value.as_deref().unwrap_or("(not set)");
        let _ = writeln!(out, "{}: {}", excerpts.strong(&safe::line(&self.path)), safe::line(value));
        if let Some(schema) = &self.schema {
            if let Some(description) = &schema.description {
                let _ = writeln!(out, "  {}", safe::line(description));
            }
            let mut facts = vec![schema.form.clone()];
            facts.extend(schema.default.as_ref().map(|default| format!("default {default}")));
            facts.extend(schema.required.then(|| "required".to_owned()));
            facts.extend(self.is_secret.then(|| "secret".to_owned()));
            let _ = writeln!(out, "  {}", safe::line(&facts.join("; ")));
        }
        if let Subject::There(found) = subject {
            out.push_str("\nset by, the last one wins\n");
            let is_plain = !matches!(found.tree.content, Content::Map(_) | Content::List(_));
            let history: Vec<_> = found.tree.history().collect();
            for (origin, say) in history.iter().rev().zip(&self.layers) {
                let words = if say.wins { format!("{}, which wins", say.layer) } else { say.layer.clone() };
                let span = if is_plain { origin.value } else { origin.key.unwrap_or(origin.value) };
                out.push_str(&excerpts.draw(&Place { span, hides: self.is_secret && is_plain }, &words));
            }
        }
        if let Some(schema) = self.schema.as_ref().filter(|schema| !schema.rules.is_empty()) {
            out.push_str("\nread by the rules\n");
            for rule in &schema.rules {
                let _ = writeln!(out, "  {}", safe::line(rule));
            }
        }
        let sections: [Section; 3] = [
            ("ends in", End::is_data),
            ("decides what stands in", End::is_condition),
            ("looked at by these, which print nothing as it is", End::is_absence),
        ];
        for (title, is_of_it) in sections {
            let ends: Vec<&End> = self.ends.iter().filter(|end| is_of_it(end)).collect();
            if !ends.is_empty() {
                let _ = writeln!(out, "\n{title}");
                for end in ends {
                    end.draw(&mut out);
                }
            }
        }
        if self.ends.is_empty() {
            out.push_str("\nends nowhere in the output\n");
        }
        out
    }
}

/// Who had a say, in the order in which layers apply.
fn layers(found: &Found<'_>, asked: &Asked<'_>) -> Vec<Say> {
    let history: Vec<_> = found.tree.history().collect();
    let last = history.len() - 1;
    let say = |(number, origin): (usize, &crate::environment::Origin)| {
        let source = asked.session.sources.get(origin.value.file);
        let position = source.position(origin.value.start);
        let layer = asked.environment.layers.iter().find(|layer| layer.files.contains(&origin.value.file));
        Say {
            layer: layer.map_or_else(|| source.path().to_string(), |layer| layer.path.to_string()),
            file: source.path().to_string(),
            line: position.line,
            column: position.column,
            wins: number == last,
        }
    };
    history.iter().rev().enumerate().map(say).collect()
}

fn in_a_line(found: &Found<'_>, asked: &Asked<'_>) -> String {
    let count = |count: usize, noun: &str| if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") };
    match &found.tree.content {
        Content::String(text) if asked.mask.hides(&found.tree) => {
            let shown = asked.mask.text(text);
            if *shown == **text { HIDDEN.to_owned() } else { shown.into_owned() }
        }
        _ if asked.mask.hides(&found.tree) => HIDDEN.to_owned(),
        Content::String(text) => text.to_string(),
        Content::Number(number) => number.to_string(),
        Content::Bool(value) => value.to_string(),
        Content::Null => "null".to_owned(),
        Content::List(items) => count(items.len(), "item"),
        Content::Map(entries) => count(entries.len(), "key"),
    }
}
