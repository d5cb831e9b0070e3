//! `platc rules`: what findings are about.

use std::fmt::Write as _;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::args::{Format, Global, Rules, RulesAction, RulesTest};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use crate::check::Severities;
use crate::disk::Disk;
use crate::finding::codes::Example;
use crate::finding::render::json::{FindingsOnly, document};
use crate::finding::render::safe;
use crate::finding::{Findings, Rule, Severity, suggest};
use crate::project::Project;
use crate::rules::{self, CATALOGUE, OwnRules};

pub(super) fn run(args: &Rules, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    if let Some(RulesAction::Test(RulesTest {})) = args.action {
        return test(global, printer);
    }
    // Outside of a project there are platc's own rules all the same.
    let session = match Session::open(global, false) {
        Ok(session) => Some(session),
        Err(failure) if global.project.is_some() => return Err(failure),
        Err(_) => None,
    };
    let mut findings = Findings::default();
    let project = session.as_ref().and_then(|session| Known::load(session, &mut findings));
    let report = session.as_ref().map(|session| Report::new(findings, &session.sources));
    if let Some(report) = &report {
        report.say(printer);
    }
    let known = project.unwrap_or_default();
    let own = known.rules.iter().map(|own| own.rule);
    let all: Vec<&'static Rule> = rules::rules().chain(own).collect();
    let mut shown = Vec::new();
    for id in &args.ids {
        let more = chosen(&all, id)?;
        shown.extend(
            more.into_iter().filter(|rule| !shown.iter().any(|known: &&Rule| known.id == rule.id)).collect::<Vec<_>>(),
        );
    }
    if args.ids.is_empty() {
        shown = all;
    }
    let exit = report.map_or(Exit::Fine, |report| report.exit());
    match printer.format {
        Format::Json | Format::Sarif | Format::Github | Format::Junit => {
            let rules = shown.iter().map(|rule| Item::of(rule, &known.severities)).collect();
            printer.result(document(&List { version: 1, rules }))?;
        }
        Format::Text | Format::Markdown | Format::Cyclonedx | Format::Matrix | Format::Paths => {
            match shown.as_slice() {
                [rule] if args.ids == [rule.id] => printer.result(safe::page(&explained(rule, &known.severities)))?,
                rules => printer.result(safe::page(&listed(rules, &known.severities)))?,
            }
        }
    }
    Ok(exit)
}

/// The ids of all rules, those of the project too.
pub(super) fn ids(global: &Global) -> Result<Vec<String>, Failure> {
    let session = match Session::open(global, false) {
        Ok(session) => Some(session),
        Err(failure) if global.project.is_some() => return Err(failure),
        Err(_) => None,
    };
    let known = session.as_ref().and_then(|session| Known::load(session, &mut Findings::default())).unwrap_or_default();
    Ok(rules::rules().chain(known.rules.iter().map(|own| own.rule)).map(|rule| rule.id.to_owned()).collect())
}

/// What a project says about rules.
#[derive(Default)]
struct Known {
    rules: OwnRules,
    severities: Severities,
    /// Where the rules lie.
    folder: Utf8PathBuf,
}

impl Known {
    fn load(session: &Session, findings: &mut Findings) -> Option<Self> {
        let Session { disk, sources, limits, .. } = session;
        let disk: &dyn Disk = disk.as_ref();
        let project = Project::load(disk, sources, limits, findings)?;
        let rules = OwnRules::load(disk, &project.config.own_rules(), sources, limits, findings);
        let severities = Severities::new(&project.config.rules, &CATALOGUE, &rules.ids(), findings);
        Some(Self { rules, severities, folder: project.config.own_rules() })
    }
}

/// Runs the samples of the project's rules.
fn test(global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    let mut findings = Findings::default();
    let known = Known::load(&session, &mut findings).unwrap_or_default();
    let samples = known.rules.test(&session.sources, &mut findings);
    let report = Report::new(findings, &session.sources);
    match printer.format {
        Format::Text | Format::Markdown | Format::Cyclonedx | Format::Matrix | Format::Paths => {
            report.print(printer)?;
            if !report.has_errors() {
                let rules = known.rules.iter().count();
                let nouns =
                    [if samples == 1 { "sample" } else { "samples" }, if rules == 1 { "rule" } else { "rules" }];
                if rules == 0 {
                    printer.status(&format!("there are no rules of the project: they lie in `{}`", known.folder));
                }
                printer.status(&format!("tested {samples} {} of {rules} {}, no errors", nouns[0], nouns[1]));
            }
        }
        _ => report.document(printer, FindingsOnly {})?,
    }
    Ok(report.exit())
}

/// The rule of an id, or those whose ids begin so.
fn chosen(all: &[&'static Rule], id: &str) -> Result<Vec<&'static Rule>, Failure> {
    let one: Vec<_> = all.iter().copied().filter(|rule| rule.id == id).collect();
    if !one.is_empty() {
        return Ok(one);
    }
    let begin: Vec<_> = all.iter().copied().filter(|rule| rule.id.starts_with(id)).collect();
    if !begin.is_empty() {
        return Ok(begin);
    }
    // Or its second word, or one that is near to one of both.
    let ids = || all.iter().map(|rule| rule.id);
    let second = |id: &'static str| id.split_once('/').map_or(id, |(_, second)| second);
    let of_second = |wanted: &str| ids().find(|id| second(id) == wanted);
    let word = id.rsplit('/').next().unwrap_or(id);
    let near = of_second(word)
        .or_else(|| suggest::nearest(id, ids()))
        .or_else(|| suggest::nearest(word, ids().map(second)).and_then(of_second));
    let help = match id {
        "list" | "show" | "explain" => {
            Some("`platc rules` lists them, and `platc rules ID` tells about one".to_owned())
        }
        _ => near.map(|id| format!("did you mean `{id}`?")),
    };
    Err(Failure::new(format!("there is no rule `{}`", id.escape_debug()))
        .help(help.unwrap_or_else(|| "`platc rules` lists all there are".to_owned())))
}

fn listed(rules: &[&Rule], severities: &Severities) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &&Rule| {
        let severity = name(severities.of(rule.id, rule.severity));
        format!("{:width$}  {severity:7}  {}\n", rule.id, rule.summary)
    };
    rules.iter().map(line).collect()
}

fn explained(rule: &Rule, severities: &Severities) -> String {
    let severity = severities.of(rule.id, rule.severity);
    let mut text = format!("{}: {}\n", rule.id, rule.summary);
    let _ = write!(text, "severity: {}", name(severity));
    if severity != Some(rule.severity) {
        let _ = write!(text, " in this project, by default {}", name(Some(rule.severity)));
    }
    text.push_str(if rule.configurable { "\n" } else { ", which cannot be changed\n" });
    if !rule.explanation.is_empty() {
        let _ = write!(text, "\n{}\n", super::reference::wrap(rule.explanation));
    }
    if let Some(example) = &rule.example {
        for (title, written) in [("wrong", example.wrong), ("right", example.right)] {
            let _ = write!(text, "\n{title}:\n\n");
            for line in Example::text(written).lines() {
                text.push_str(if line.is_empty() { "" } else { "    " });
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

fn name(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Error) => "error",
        Some(Severity::Warning) => "warning",
        None => "off",
    }
}

#[derive(Serialize)]
struct List<'a> {
    version: u32,
    rules: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    /// In this project.
    severity: &'a str,
    default: &'a str,
    configurable: bool,
    summary: &'a str,
    explanation: &'a str,
    wrong: Option<String>,
    right: Option<String>,
}

impl<'a> Item<'a> {
    fn of(rule: &'a Rule, severities: &Severities) -> Self {
        let example = rule.example.as_ref();
        Self {
            id: rule.id,
            severity: name(severities.of(rule.id, rule.severity)),
            default: name(Some(rule.severity)),
            configurable: rule.configurable,
            summary: rule.summary,
            explanation: rule.explanation,
            wrong: example.map(|example| Example::text(example.wrong)),
            right: example.map(|example| Example::text(example.right)),
        }
    }
}
