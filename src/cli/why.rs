//! `platc why`: from a place of the output to what was written.

mod draw;
mod place;

use camino::Utf8Path;

use super::args::{Format, Global, Why};
use super::ask::{self, Asked};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use crate::artifact::{Body, Lines, Placed};
use crate::diff;
use crate::finding::Findings;
use crate::pipeline::Unjudged;
use crate::rules::is_secret_place;
use crate::source::Span;
use crate::template::{ArtifactMap, Said};
use crate::value::Value;
use crate::yaml::path::{Path, Step};
use place::Typed;

pub(super) fn run(args: &Why, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let typed = Typed::read(&args.place)?;
    let found = std::sync::OnceLock::new();
    let select = |project: &_, session: &super::session::Session| {
        let (entry, standing) = typed.find(project, session)?;
        let _ = found.set(standing);
        Ok(entry)
    };
    ask::about(select, &args.values, global, printer, |asked, printer| {
        let Some(standing) = found.get() else { return Ok(Exit::Failed) };
        answer(&typed, standing, asked, printer)
    })
}

/// What is told of a place.
pub(super) struct Answer<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) artifact: &'a Utf8Path,
    /// Its line in the file that compiles now.
    pub(super) line: u32,
    /// Which of several documents it is in.
    pub(super) document: usize,
    pub(super) path: Option<Path>,
    pub(super) value: Option<Value>,
    /// Nothing of it may be shown.
    pub(super) is_secret: bool,
    pub(super) said: Option<Said>,
    pub(super) map: &'a ArtifactMap,
    /// Where it lies in a file that is copied.
    pub(super) copied: Option<Span>,
    /// Written by platc itself, and what it is.
    pub(super) own: Option<&'static str>,
    /// The file is not what compiles now.
    pub(super) stale: Option<String>,
}

fn answer(typed: &Typed, standing: &place::Standing, asked: &Asked<'_>, printer: &mut Printer) -> ask::Answer {
    let Some(made) = asked.made(printer) else { return Ok(Exit::Findings) };
    let at = |file: &&crate::artifact::File| file.path == standing.artifact;
    let Some(file) = made.files.iter().find(at) else { return Err(no_artifact(standing, asked, &made)) };
    let Some(map) = asked.compiler.map(&made, &standing.artifact) else {
        return Err(Failure::new(format!("`{}` cannot be traced", standing.artifact)));
    };
    let artifact = made.artifacts.iter().find(|artifact| artifact.path == standing.artifact);
    let Some(artifact) = artifact else { return Err(no_artifact(standing, asked, &made)) };
    if let Body::Copy(copied) = &artifact.body {
        // The line that is shown may hold more than what is asked about.
        let source = asked.session.sources.get(copied.file);
        let secrets = diff::mask::secrets_of(&standing.artifact, source.text());
        for range in secrets {
            source.hide(range);
        }
    }
    let stale = standing
        .bytes
        .as_deref()
        .is_some_and(|bytes| *bytes != *file.bytes)
        .then(|| format!("`{}` is not what `{}` compiles to now", typed.shown(), asked.environment.name));
    let mut answer = Answer {
        asked,
        artifact: &standing.artifact,
        line: typed.line,
        document: 0,
        path: None,
        value: None,
        is_secret: false,
        said: None,
        map: &map,
        copied: None,
        own: None,
        stale,
    };
    let is_found = match (&artifact.body, &map) {
        (Body::Documents(_) | Body::Copy(_), ArtifactMap::Documents(_) | ArtifactMap::Copy(..)) => {
            let bytes = standing.bytes.as_deref().filter(|_| answer.stale.is_some()).unwrap_or(&file.bytes);
            let now = || match &artifact.body {
                Body::Copy(copied) => Some(Lines::copied(copied)),
                _ => Lines::of(file, &asked.session.limits),
            };
            let read = || Lines::read(bytes, &asked.session.limits);
            let lines = if answer.stale.is_some() { read() } else { now() };
            let now = now();
            let Some((lines, now)) = lines.zip(now) else {
                return Ok(refuse(
                    &answer,
                    "it is no YAML any more, so that nobody knows which place is meant",
                    printer,
                ));
            };
            match lines.at(typed.line, typed.column) {
                Some(placed) => {
                    let document = artifact.body.documents().get(placed.document);
                    let value = document.and_then(|document| value_at(document, &placed.path));
                    if let Some(stale) = &answer.stale
                        && value.is_none()
                    {
                        let why = format!("there is no `{}` any more", placed.path);
                        printer.error(&format!("{stale}, and {why}"), Some("look at the file as it compiles now"));
                        return Ok(Exit::Findings);
                    }
                    answer.line =
                        now.position(placed.document, &placed.path).map_or(typed.line, |position| position.line);
                    if let ArtifactMap::Documents(all) = &map
                        && let Some(origins) = all.get(placed.document)
                    {
                        answer.said = origins.at(&placed.path).or_else(|| origins.around(&placed.path)).cloned();
                    }
                    if let ArtifactMap::Copy(copied, _) = &map {
                        answer.copied = copied.span(placed.document, &placed.path, false);
                    }
                    answer.document = placed.document;
                    let is_escaped = lines.is_escaped(placed);
                    if answer.stale.is_none() && !is_escaped {
                        narrow(&mut answer.said, placed, &lines, typed.line, value);
                    }
                    let within = typed.line.checked_sub(lines.first_line_of(placed)).map(|line| line as usize);
                    let within = within.filter(|_| answer.stale.is_none() && !is_escaped && is_long(value));
                    answer.is_secret = document.is_some_and(|document| is_secret_place(document, &placed.path, within));
                    answer.value = value.cloned();
                    answer.path = Some(placed.path.clone());
                    true
                }
                None if lines.line(typed.line).starts_with("# ") && typed.line == 1 => {
                    answer.own = Some("the header, which says what made the file");
                    true
                }
                None => false,
            }
        }
        (Body::Text(text), ArtifactMap::Text(map)) => {
            if answer.stale.is_some() {
                return Ok(refuse(&answer, "a text has no paths by which a line could be found again", printer));
            }
            let starts = text.split_inclusive('\n').scan(0, |at, line| {
                let start = *at;
                *at += line.len();
                Some(start..*at)
            });
            let line = starts.clone().nth(typed.line.saturating_sub(1) as usize);
            let line = line.map(|range| {
                let Some(column) = typed.column else { return range };
                let text = &text[range.clone()];
                let at = text.char_indices().nth(column.saturating_sub(1) as usize);
                at.map_or(range.clone(), |(at, char)| range.start + at..range.start + at + char.len_utf8())
            });
            if map.text() != *text {
                return Ok(refuse(&answer, "lines were moved where one text is taken into another", printer));
            }
            answer.said = line.as_ref().and_then(|line| map.at(line));
            answer.value = line.map(|line| Value::String(text[line].trim_end_matches('\n').into()));
            answer.said.is_some()
        }
        _ => false,
    };
    if !is_found {
        return Err(Failure::new(format!("there is no line {} with a value in `{}`", typed.line, typed.shown()))
            .help("name a line on which a key, an item or a text stands"));
    }
    answer.is_secret |= answer.said.as_ref().is_some_and(|said| asked.mask.hides_any(said.data()));
    match printer.format {
        Format::Text => printer.result(draw::text(&answer, printer.out_look()))?,
        _ => Report::new(Findings::default(), &asked.session.sources).document(printer, draw::json(&answer))?,
    }
    Ok(Exit::Fine)
}

/// Of a text of several lines, the pieces that stand on the one that is meant.
fn narrow(said: &mut Option<Said>, placed: &Placed, lines: &Lines, line: u32, value: Option<&Value>) {
    let (Some(said), Some(Value::String(text))) = (said.as_mut(), value) else { return };
    let first = lines.first_line_of(placed);
    let Some(number) = line.checked_sub(first) else { return };
    let (Some(wanted), true) = (text.split_inclusive('\n').nth(number as usize), said.pieces.len() > 1) else { return };
    let start: usize = text.split_inclusive('\n').take(number as usize).map(str::len).sum();
    said.only(&(start..start + wanted.trim_end_matches('\n').len().max(1)));
}

fn is_long(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_some_and(|text| text.trim_end().contains('\n'))
}

fn value_at<'v>(document: &'v Value, path: &Path) -> Option<&'v Value> {
    path.steps().iter().try_fold(document, |value, step| match (value, step) {
        (Value::Map(_), Step::Key(key)) => value.get(key),
        (Value::List(items), Step::Index(index)) => items.get(*index),
        _ => None,
    })
}

fn refuse(answer: &Answer<'_>, why: &str, printer: &mut Printer) -> Exit {
    let what = answer.stale.clone().unwrap_or_else(|| format!("`{}` cannot be told line by line", answer.artifact));
    let name = &answer.asked.environment.name;
    printer.error(
        &format!("{what}: {why}"),
        Some(&format!("`platc render {name}` or `platc golden {name} --accept` renews it")),
    );
    Exit::Findings
}

fn no_artifact(standing: &place::Standing, asked: &Asked<'_>, made: &Unjudged) -> Failure {
    let message = format!("`{}` makes no file `{}`", asked.environment.name, standing.artifact);
    let known = made.files.iter().map(|file| file.path.as_str());
    let help = crate::finding::suggest::did_you_mean(standing.artifact.as_str(), known);
    Failure::new(message).help(help.unwrap_or_else(|| "`platc render --stdout` lists what it makes".to_owned()))
}
