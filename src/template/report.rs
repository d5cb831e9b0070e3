//! Findings of a render: where the template says it, and where the value comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::{Error, ErrorKind};

use super::check::{foreign, habit};
use super::commented::Why;
use super::context::{Misread, Read};
use super::convert;
use super::embed;
use super::fill::{At, Kind, Noted, Problem};
use super::functions;
use super::given::Printed;
use super::guard;
use super::identity::Source;
use super::lineage::Lineage;
use super::load::Text;
use super::misfit;
use super::refusal::Refusal;
use super::skeleton;
use super::slot::{self, Piece, Slot};
use super::trace::Trace;
use crate::environment::Content;
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings, Rule, codes};
use crate::limits::Limits;
use crate::source::Span;

/// Other places shown beside one mistake.
const SHOWN: usize = 3;

/// What to write for the name of the environment.
fn of_run(name: &str) -> Option<String> {
    let is_meant =
        matches!(name, "environment" | "env" | "environment_name" | "env_name" | "environmentName" | "envName");
    is_meant.then(|| "the name of the environment is `platc.environment`".to_owned())
}

/// Values that other languages have a name for.
fn of_other_languages(name: &str) -> Option<String> {
    let here = match name {
        "null" | "nil" | "Null" | "NULL" => "here it is called `none`",
        "undefined" => "whether there is a value is asked with `x is defined`",
        "TRUE" | "yes" => "here it is called `true`",
        "FALSE" | "no" => "here it is called `false`",
        _ => return None,
    };
    Some(here.to_owned())
}

/// The second name of a loop over a map that has one name only.
fn of_pairs(name: &str) -> Option<String> {
    let is_it = matches!(name, "value" | "val" | "v");
    is_it.then(|| "a loop over a map gives its keys: write `for key, value in map | items` for both".to_owned())
}

/// What a loop knows of itself.
fn of_loop(name: &str) -> Option<String> {
    let word = match name {
        "index" | "index0" | "first" | "last" => name,
        "forloop" | "i" | "idx" => "index",
        _ => return None,
    };
    Some(format!("within a loop it is `loop.{word}`"))
}

/// What to do about a function of texts, lists and maps that others call behind a point.
fn of_methods(name: &str) -> Option<&'static str> {
    Some(match name {
        "startswith" | "startsWith" => "write `x is startingwith \"a\"`",
        "endswith" | "endsWith" => "write `x is endingwith \"a\"`",
        "format" => "join texts with `~`, as in `\"web-\" ~ name`",
        "get" => "write `map.key | default(\"other\")`",
        "update" => "write `map | merge(other)`",
        "iteritems" => "write `for key, value in map | items`",
        "append" | "extend" => "a list is not changed: make another one, `{% set all = list + [item] %}`",
        "strip" => "write `x | trim`",
        "toLowerCase" => "write `x | lower`",
        "toUpperCase" => "write `x | upper`",
        _ => return None,
    })
}

/// A key that has signs in it which mean something else behind a point: `-` is minus.
fn in_brackets<'k>(path: &str, key: &str, mut keys: impl Iterator<Item = &'k str>) -> Option<String> {
    let is_cut = |whole: &&str| whole.strip_prefix(key).is_some_and(|rest| rest.starts_with(['-', '.', '/']));
    let whole = keys.find(is_cut)?;
    let sign = whole[key.len()..].chars().next()?;
    let parent = path.strip_suffix(key)?.strip_suffix('.')?;
    let meaning = if sign == '-' { "`-` is minus here" } else { "a name ends at such a sign" };
    Some(format!("{meaning}: write `{parent}[\"{whole}\"]`"))
}

/// What other tools call all settings together.
const ROOTS: [&str; 10] =
    ["values", "value", "env", "environment", "config", "settings", "vars", "var", "inputs", "params"];

/// Says what went wrong in one traced render. `start` is where to point when nothing else is known.
pub(super) struct Report<'a> {
    pub(super) trace: &'a Trace<'a>,
    pub(super) start: Span,
    pub(super) limits: &'a Limits,
    /// Names that templates can use at the root.
    pub(super) names: Vec<&'a str>,
}

/// What to say of a template that went past a budget; `None` for any other error. It is not rendered again to find out
/// more: that would take as long once more.
pub(super) fn over_budget(
    error: &Error,
    texts: &BTreeMap<String, Text>,
    start: Span,
    limits: &Limits,
) -> Option<Finding> {
    let inner = innermost(error);
    let refusal = Refusal::of(inner);
    let place = || {
        let text = inner.name().and_then(|name| texts.get(name));
        text.zip(inner.range()).map_or(start, |(text, range)| text.place.span(text.map.original(range)))
    };
    // Said of macros when they run, and by the parser: a guarded operand nests once in each operator behind it.
    let is_recursion = inner.detail().is_some_and(|detail| detail.contains("recursion limit"));
    let (message, help) = match (inner.kind(), refusal) {
        (ErrorKind::OutOfFuel, _) => (
            "this template takes too many steps".to_owned(),
            "is there a loop within a loop, or a macro that calls itself without end?",
        ),
        (ErrorKind::WriteFailure, _) => {
            (format!("this template prints more than {} bytes", limits.artifact_bytes), "split the artifact")
        }
        (_, Some(refusal)) if std::ptr::eq(refusal.rule, &raw const codes::template::TOO_LARGE) => {
            (refusal.message.clone(), "does a variable grow in a loop?")
        }
        (ErrorKind::SyntaxError, _) if is_recursion => {
            return Some(Finding::new(&codes::template::TOO_COMPLEX, place(), "an expression is too long").help(
                "about thirty operators may follow each other: give parts of it a name with `{% set %}`, or join a list",
            ));
        }
        (_, None) if is_recursion => (
            "macros or loops call each other too deeply".to_owned(),
            "a macro that calls itself needs a case in which it stops",
        ),
        _ => return None,
    };
    Some(Finding::new(&codes::template::TOO_LARGE, place(), message).help(help))
}

/// An include wraps what went wrong in it.
fn innermost(error: &Error) -> &Error {
    let mut inner = error;
    while let Some(next) = std::error::Error::source(inner).and_then(|next| next.downcast_ref()) {
        inner = next;
    }
    inner
}

/// Says of which map a key was asked that it does not have; the root has no place.
fn without(finding: Finding, read: &Read) -> Finding {
    if !read.path.contains(['.', '[']) {
        return finding;
    }
    let place = read.parent.origin.key.unwrap_or(read.parent.origin.value);
    finding.also(place, format!("this has no `{}`", last_key(&read.path)))
}

impl Report<'_> {
    /// What stopped the engine.
    pub(super) fn engine(&self, error: &Error) -> Finding {
        // An include wraps what went wrong in it: the outer ones say by way of which tags it got there.
        let mut chain = vec![error];
        while let Some(inner) = std::error::Error::source(chain[chain.len() - 1]).and_then(|inner| inner.downcast_ref())
        {
            chain.push(inner);
        }
        let inner = chain[chain.len() - 1];
        let (span, words) = self.trace.place(inner).unwrap_or((self.start, ""));
        let mut finding = self.words(inner, span, words);
        let calls = self.trace.calls();
        // The innermost call is where it failed, if the macro did not even begin.
        let is_around = |call: Span| call.file == span.file && call.start <= span.start && span.end <= call.end;
        for (call, words) in calls.iter().filter(|(call, _)| !is_around(*call)).take(SHOWN) {
            let name = words.split('(').next().unwrap_or_default();
            finding = finding.also(*call, format!("in this call of `{name}`"));
        }
        for outer in chain[..chain.len() - 1].iter().rev().take(SHOWN) {
            if let Some((include, _)) = self.trace.place(outer) {
                finding = finding.also(include, "taken in here");
            }
        }
        finding
    }

    fn words(&self, error: &Error, span: Span, words: &str) -> Finding {
        let shown = short(words);
        let finding = |rule: &'static Rule, message: String| Finding::new(rule, span, message);
        if let Some(refusal) = Refusal::of(error) {
            let is_undefined = std::ptr::eq(refusal.rule, &raw const codes::template::UNDEFINED);
            if refusal.message == convert::FUNCTION && functions::is_function(words) {
                return missing_setting(span, words);
            }
            if is_undefined && (refusal.message.is_empty() || self.trace.missing().is_some()) {
                return self.undefined(span, words);
            }
            let is_operation = std::ptr::eq(refusal.rule, &raw const codes::template::OPERATION);
            let span = self.trace.operator(span).filter(|_| is_operation).map_or(span, |(span, _)| span);
            let mut finding = Finding::new(refusal.rule, span, refusal.message.clone());
            finding.help.clone_from(&refusal.help);
            let is_own = std::ptr::eq(refusal.rule, &raw const codes::template::FAILED);
            if let Some(read) = self.trace.missing().filter(|_| is_own) {
                finding = without(finding, &read);
            }
            return self.with_given(finding);
        }
        let detail = error.detail().unwrap_or_default();
        match error.kind() {
            ErrorKind::UndefinedError => self.undefined(span, words),
            // What was checked can be compiled, unless guards and marks made it too deep.
            ErrorKind::SyntaxError => {
                finding(&codes::template::SYNTAX, "the template engine cannot compile this".to_owned())
            }
            ErrorKind::CannotUnpack => {
                let finding =
                    finding(&codes::template::OPERATION, format!("`{shown}` cannot be taken apart into these names"));
                finding.help("to go over keys and values, write `for key, value in map | items`")
            }
            ErrorKind::TooManyArguments => match detail.split('`').nth(1) {
                Some("caller") => finding(
                    &codes::template::OPERATION,
                    "this macro takes no block: it never calls `caller()`".to_owned(),
                ),
                Some(name) => finding(
                    &codes::template::OPERATION,
                    format!("this macro takes no argument `{name}`, or has it twice"),
                ),
                None => finding(&codes::template::OPERATION, "this macro takes fewer arguments".to_owned()),
            },
            ErrorKind::UnknownMethod | ErrorKind::UnknownFunction => {
                let name = words.split('(').next().unwrap_or_default();
                let method = name.rsplit_once('.').map(|(_, method)| method);
                let filter = method.filter(|method| functions::filter_names().any(|known| known == *method));
                let help = match (filter, method) {
                    (_, Some(method)) if of_methods(method).is_some() => {
                        of_methods(method).unwrap_or_default().to_owned()
                    }
                    (Some(filter), _) => format!("values have no functions of their own: write `value | {filter}`"),
                    (None, Some(_)) => {
                        "values have no functions of their own; docs/templates.md lists all filters and functions"
                            .to_owned()
                    }
                    (None, None) => {
                        "a macro is there from the line on that ends it: move it up, or into a file of its own"
                            .to_owned()
                    }
                };
                finding(&codes::template::UNKNOWN_NAME, format!("there is no function `{}`", short(name))).help(help)
            }
            _ if detail.contains("not callable") => {
                let name = words.split('(').next().unwrap_or_default();
                finding(&codes::template::OPERATION, format!("`{}` is a value, not a function or a macro", short(name)))
                    .help("leave the brackets behind it out")
            }
            _ if detail.contains("unable to calculate") || detail.contains("overflow") => {
                finding(&codes::template::OPERATION, format!("the result of `{shown}` cannot be calculated"))
                    .help("integers have 128 bits; nothing can be divided by zero")
            }
            _ => finding(&codes::template::OPERATION, format!("`{shown}` cannot be worked out")),
        }
    }

    /// A value that does not exist: which part of the path is missing, and what was there instead.
    fn undefined(&self, span: Span, words: &str) -> Finding {
        let Some(read) = self.trace.missing() else {
            let finding = Finding::new(&codes::template::UNDEFINED, span, format!("`{}` is not defined", short(words)));
            let name = words.split(['.', '[', '(']).next().unwrap_or(words);
            // Before the point stands a name that is a function here, such as `values`.
            if let Some(rest) = words.strip_prefix('.') {
                let message = format!("a function has no `{}`", short(rest));
                let finding = Finding::new(&codes::template::UNDEFINED, span, message);
                let first = rest.split(['.', '[', '(']).next().unwrap_or(rest);
                return if self.names.contains(&first) {
                    finding.help(format!("settings are called by their names: `{}`", short(rest)))
                } else {
                    finding
                };
            }
            if name == "platc" {
                return finding.help("`platc.environment`, the name of the environment, is all that `platc` holds");
            }
            let near = || did_you_mean(name, self.names.iter().copied());
            return match self.without_root(words).or_else(|| of_run(name)).or_else(near) {
                Some(help) => finding.help(help),
                None => finding,
            };
        };
        let finding = Finding::new(&codes::template::UNDEFINED, span, format!("`{}` is not defined", read.path));
        let key = last_key(&read.path);
        let is_root = !read.path.contains(['.', '[']);
        let keys = read.parent.as_map().into_iter().flat_map(|map| map.keys().map(|key| &**key));
        // `{{ end }}` and `{{ if .Values.x }}` are names to the engine.
        if is_root && let Some(habit) = habit::of_print(self.trace.whole_path(span, words), true) {
            return Finding::new(&codes::template::UNDEFINED, span, habit.message).help(habit.help);
        }
        let is_others = is_root && self.trace.fills_braces(span);
        let help = if is_others {
            Some(foreign::HELP.to_owned())
        } else if is_root {
            let near = || did_you_mean(key, self.names.iter().copied());
            let cut =
                || self.names.iter().find(|name| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('-')));
            let renamed = || cut().map(|name| format!("`-` is minus here: give `{name}` a name without it"));
            self.without_root(words)
                .or_else(|| of_run(key))
                .or_else(|| of_pairs(key))
                .or_else(|| of_loop(key))
                .or_else(|| of_other_languages(key))
                .or_else(renamed)
                .or_else(near)
        } else {
            let keys: Vec<&str> = keys.collect();
            in_brackets(&read.path, key, keys.iter().copied()).or_else(|| did_you_mean(key, keys))
        };
        let finding = if is_root { finding } else { without(finding, &read) };
        if self.trace.is_in_comment(span) {
            return finding
                .help("a template fills in the comments of YAML, too: `{# … #}` is a comment that it leaves out");
        }
        match help {
            Some(help) => finding.help(help),
            None => finding.help("set it in an environment, or say what to do without it: `x | default(…)`"),
        }
    }

    /// `values.image.tag`, where settings have no root of their own: the same without it.
    fn without_root(&self, words: &str) -> Option<String> {
        let (root, rest) = words.split_once('.')?;
        let first = rest.split(['.', '[', '(', ' ', '|']).next()?;
        let is_root = ROOTS.contains(&&*root.to_ascii_lowercase()) && self.names.contains(&first);
        is_root.then(|| format!("settings are called by their names, without `{root}.`"))
    }

    /// With the places of the values that the operation was given which failed.
    fn with_given(&self, finding: Finding) -> Finding {
        self.trace.failed().iter().take(SHOWN).fold(finding, with_history)
    }

    /// Values that do not fit where they stand.
    pub(super) fn problems(&self, problems: &[Problem], findings: &mut Findings) {
        for problem in problems {
            self.problem(problem, findings);
        }
    }

    fn problem(&self, problem: &Problem, findings: &mut Findings) {
        let at = self.span(&problem.at);
        let push = |findings: &mut Findings, rule: &'static Rule, message: String| {
            findings.push(self.within(Finding::new(rule, at, message), &problem.at));
        };
        match &problem.kind {
            Kind::NotText { slot, what } => findings.push(self.not_text(*slot, what, problem)),
            Kind::NotAValue { slot, why } => {
                let (span, _) = self.trace.printed(*slot).unwrap_or((at, ""));
                findings.push(self.with_sources(Finding::new(&codes::template::OPERATION, span, why.clone()), *slot));
            }
            Kind::DuplicateKey(key) => {
                let message = format!("the key `{}` stands twice", short(key));
                let finding = self.within(Finding::new(&codes::template::DUPLICATE_KEY, at, message), &problem.at);
                findings.push(finding.help("leave one of the two out, or make the key of what tells them apart"));
            }
            Kind::NotYaml { slot, findings: inner } => {
                for finding in inner {
                    findings.push(self.relocated(finding.clone(), Some(*slot)));
                }
            }
            Kind::Unclear => {
                let message = "this text could be a value or a text".to_owned();
                let finding = self.within(Finding::new(&codes::template::CAPTURED, at, message), &problem.at);
                findings.push(finding.help(
                    "for the text as it is, print it in quotes or in a block; for a value, leave out its comments, which begin with `#`, and let it be one line",
                ));
            }
            Kind::Nothing(slot) => {
                let (span, words) = self.trace.printed(*slot).unwrap_or((at, "this"));
                findings.push(nothing(span, words));
            }
            Kind::DocumentInText(slot, name) => {
                let span = self.trace.printed(*slot).map_or(at, |(span, _)| span);
                let (message, help) = slot::document_in_text(name);
                findings.push(Finding::new(&codes::template::NOT_TEXT, span, message).help(help));
            }
            Kind::LinesAmongFolded => {
                let message = "a text of several lines stands among lines that YAML folds into one".to_owned();
                let finding = self.within(Finding::new(&codes::template::NOT_TEXT, at, message), &problem.at);
                findings
                    .push(finding.help(
                        "let it be all of a value, the only thing below its key, or put it in a block: `key: |`",
                    ));
            }
            Kind::LinesInKey => {
                let message = "a text of several lines cannot be part of a key".to_owned();
                let finding = self.within(Finding::new(&codes::template::NOT_TEXT, at, message), &problem.at);
                findings.push(finding.help(
                    "print it as a value, `key: {{ … }}`; at the left margin, `{% include %}` puts in whole lines",
                ));
            }
            Kind::StructureAmongText(slot) => {
                let span = self.trace.printed(*slot).map_or(at, |(span, _)| span);
                let message = "a list or a map stands among text, and would become a part of it".to_owned();
                let finding = self.within(Finding::new(&codes::template::NOT_TEXT, span, message), &problem.at);
                findings.push(finding.help(
                    "for a list or a map, let one tag print all of it, alone below its key: move the loop into what it takes in; for a text, print it in quotes or in a block: `key: |`",
                ));
            }
            Kind::CommaAmongText(slot) => {
                let span = self.trace.printed(*slot).map_or(at, |(span, _)| span);
                findings.push(joined(span));
            }
            Kind::LinesInComment(slot) => {
                let span = self.trace.printed(*slot).map_or(at, |(span, _)| span);
                let finding = Finding::new(&codes::template::NOT_TEXT, span, embed::BEHIND_COMMENT);
                findings.push(self.within(finding, &problem.at).help(embed::BEHIND_COMMENT_HELP));
            }
            Kind::Intrinsic(why) => push(findings, &codes::template::INTRINSIC, (*why).to_owned()),
            Kind::TooDeep => {
                let most = self.limits.yaml_depth;
                push(
                    findings,
                    &codes::template::TOO_LARGE,
                    format!("maps and lists within each other, more than {most} deep"),
                );
            }
            Kind::TooLarge => {
                let Limits { artifact_bytes, yaml_nodes, .. } = self.limits;
                let message = format!("the artifact has more than {artifact_bytes} bytes or {yaml_nodes} values");
                push(findings, &codes::template::TOO_LARGE, message);
            }
        }
    }

    /// Of places in which nothing stands, those where a tag prints nothing; and values that are read as something else.
    pub(super) fn noted(&self, noted: &Noted, findings: &mut Findings) {
        for at in &noted.empty {
            let printed = self.trace.printed_nothing(at).map(|(span, words)| nothing(span, words));
            let commented = || self.trace.commented(at).map(|(span, words, why)| without_value(span, words, why));
            findings.extend(printed.or_else(commented));
        }
        for (at, slot) in &noted.joined {
            let text = self.trace.text(at.capture).and_then(|text| text.get(at.range.start as usize..));
            let printed = self
                .trace
                .printed(*slot)
                .filter(|(_, words)| text.is_some_and(|it| it.starts_with('[')) && joins(words));
            findings.extend(printed.map(|(span, _)| joined(span)));
        }
        for (printed, key) in &noted.misread {
            let Some((span, words)) = self.printed(*printed) else { continue };
            let finding = misread(span, words, key);
            findings.push(match *printed {
                Printed::Here(slot) => self.with_sources(finding, slot),
                Printed::Given(text, slot) => {
                    match self.trace.session.given.at(text).as_ref().and_then(|it| it.print(slot)) {
                        Some((_, lineage)) => with_lineage(finding, lineage),
                        None => finding,
                    }
                }
            });
        }
    }

    /// What printed a slot, also one of a text that `text` gave.
    pub(super) fn printed(&self, printed: Printed) -> Option<(Span, &str)> {
        match printed {
            Printed::Here(slot) => self.trace.printed(slot),
            Printed::Given(text, slot) => self.trace.words_at(self.trace.session.given.at(text)?.print(slot)?.0),
        }
    }

    /// Values that are read as something else in the texts of other templates that were asked for.
    pub(super) fn misread(&self, findings: &mut Findings) {
        for Misread { name, print } in self.trace.session.misread() {
            let Some((mark, lineage)) = print else { continue };
            let Some((span, words)) = self.trace.words_at(mark) else { continue };
            findings.push(with_lineage(misread(span, words, &name), &lineage));
        }
    }

    fn not_text(&self, slot: usize, what: &str, problem: &Problem) -> Finding {
        let (span, words) = self.trace.printed(slot).unwrap_or((self.span(&problem.at), "this"));
        let message = format!("`{}` is {what}, which cannot be part of a text", short(words));
        let finding = Finding::new(&codes::template::NOT_TEXT, span, message);
        let finding = self.with_sources(self.within(finding, &problem.at), slot);
        // A macro between quotes: what it prints is right.
        if let (None, Some((around, words))) = (problem.at.capture, self.trace.captured_with(slot)) {
            let finding = finding.also(around, "all of this becomes a text here");
            return finding.help(format!("write it without quotes: `{{{{ {} }}}}`", short(words)));
        }
        match what {
            "null" => finding.help("say what to print instead: `x | default('…', true)`"),
            _ => finding.help(format!(
                "let it stand alone, without quotes: `key: {{{{ {} }}}}`; or print it as JSON with `tojson`",
                short(words)
            )),
        }
    }

    /// What the YAML parser says of the rendered text, or of a capture, said of the template.
    pub(super) fn relocated(&self, mut finding: Finding, capture: Option<usize>) -> Finding {
        let at = |span: Span| At { capture, range: span.start..span.end };
        let place = at(finding.primary.span);
        let mut spoken_of = vec![place.clone()];
        spoken_of.extend(finding.related.iter().map(|label| at(label.span)));
        let words = |text: &str| self.readable(text);
        finding.message = words(&finding.message);
        finding.primary.text = words(&finding.primary.text);
        finding.primary.span = self.span(&place);
        for label in &mut finding.related {
            label.text = words(&label.text);
            label.span = self.span(&at(label.span));
        }
        finding.help = finding.help.map(|help| words(&help));
        let own = finding.primary.span;
        if std::ptr::eq(finding.rule, &raw const codes::yaml::DUPLICATE_KEY)
            && finding.related.iter().any(|label| label.span == own)
        {
            finding.related.retain(|label| label.span != own);
            finding.primary.text = String::from("a loop says this again, or a part that is taken in again");
            finding.help = Some("put it outside, or make the key of what differs each time".to_owned());
        }
        misfit::retold(&mut finding, self.trace, &spoken_of);
        self.within(finding, &place)
    }

    /// A text with the template's own words in place of slots.
    fn readable(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for piece in slot::pieces(text) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Slot(number) => {
                    let words = self.trace.printed(number).map_or("…", |(_, words)| words);
                    let _ = write!(out, "{{{{ {} }}}}", short(words));
                }
            }
        }
        out
    }

    fn span(&self, at: &At) -> Span {
        self.trace.span(at).or_else(|| self.trace.printed(at.capture?).map(|(span, _)| span)).unwrap_or(self.start)
    }

    /// With the place that prints a capture, for what is wrong within it.
    fn within(&self, finding: Finding, at: &At) -> Finding {
        match at.capture.and_then(|slot| self.trace.printed(slot)) {
            Some((span, _)) if span != finding.primary.span => finding.also(span, "printed here"),
            _ => finding,
        }
    }

    /// A line of front matter that makes a value of the wrong kind.
    pub(super) fn wrong_kind(&self, span: Span, words: &str, wanted: &str, help: &str) -> Finding {
        let printed = self.trace.result.as_ref().ok().and_then(|rendered| rendered.slots.first());
        let kind = match printed {
            Some(Slot::Scalar(value)) => value.kind(),
            Some(Slot::Tree(tree)) if tree.as_list().is_some() => "a list",
            Some(Slot::Made(value)) => guard::kind(value.kind()),
            Some(Slot::Captured(_)) => "the text of a macro",
            _ => "a map",
        };
        let message = format!("`{}` is {kind}, not {wanted}", short(words));
        self.with_sources(Finding::new(&codes::template::FRONT_MATTER, span, message).help(help), 0)
    }

    /// With the places of all values that were printed.
    pub(super) fn with_all_sources(&self, finding: Finding) -> Finding {
        let slots = self.trace.result.as_ref().map_or(0, |rendered| rendered.slots.len());
        (0..slots.min(SHOWN)).fold(finding, |finding, slot| self.with_sources(finding, slot))
    }

    /// With the place of the node that a slot's value is, or else of those that it was made of.
    fn with_sources(&self, finding: Finding, slot: usize) -> Finding {
        match self.trace.source(slot) {
            Some(source) => with_history(finding, source),
            None => self.trace.inputs(slot).iter().take(SHOWN).fold(finding, with_history),
        }
    }
}

/// A setting that is not there, and whose name is that of a function.
fn missing_setting(span: Span, name: &str) -> Finding {
    Finding::new(&codes::template::UNDEFINED, span, format!("`{name}` is not defined"))
        .label(super::ONLY_A_FUNCTION)
        .help("set it in an environment")
}

fn with_lineage(finding: Finding, lineage: &Lineage) -> Finding {
    lineage.node.iter().chain(&lineage.inputs).take(SHOWN).fold(finding, with_history)
}

fn misread(span: Span, words: &str, reader: &str) -> Finding {
    let message = format!("`{}` is a text, and who reads `{reader}` takes it for something else", short(words));
    Finding::new(&codes::template::EMBEDDED_VALUE, span, message)
        .help("put it in quotes, or print it with `| tojson`, which writes its own; for a number, `| int`")
}

fn nothing(span: Span, words: &str) -> Finding {
    let message = format!("`{}` makes nothing, and null would stand in its place", short(words));
    Finding::new(&codes::template::NO_VALUE, span, message)
        .label("a value is wanted here")
        .help("let it make `{}`, `[]` or `\"\"`, print it in quotes, or leave the key or the item out with `{% if %}`")
}

/// Said of a key whose value the template has elsewhere.
fn without_value(span: Span, words: &str, why: Why) -> Finding {
    let finding = |message: String| Finding::new(&codes::template::NO_VALUE, span, message);
    match why {
        Why::Comment => finding("the key above this comment has no value, which is null".to_owned())
            .label("all of the value is commented out")
            .help("write what is meant: `null`, `{}` or `[]`, or comment the key out as well"),
        Why::Beside => {
            finding(format!("the lines of `{}` stand beside the key above, which has no value", short(words)))
                .label("at the left margin")
                .help("indent the tag, and the lines are moved to where it stands; or write `null` behind the key")
        }
    }
}

/// Said of values that no comma keeps apart.
fn joined(span: Span) -> Finding {
    let message = "the comma that is printed here is a part of the text, and separates no items";
    Finding::new(&codes::template::NOT_TEXT, span, message).help(skeleton::COMMA_HELP)
}

/// Whether an expression ends in `join(", ")`.
fn joins(words: &str) -> bool {
    let Some((_, separator)) = words.rsplit_once("join") else { return false };
    let separator = separator.trim().strip_prefix('(').and_then(|it| it.strip_suffix(')'));
    separator.is_some_and(|it| it.trim().trim_matches(['"', '\'']).trim() == ",")
}

fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// With the places that had a say in a value: the one that set it, and those it overrode.
fn with_history(finding: Finding, source: &Source) -> Finding {
    let Source { path, tree, is_key, .. } = source;
    if *is_key {
        return finding.also(source.span(), "this key");
    }
    let kind = tree.kind();
    let what = match &tree.content {
        Content::Map(_) => "a map",
        Content::List(_) => "a list",
        Content::Null => "null",
        Content::Bool(_) => "a boolean",
        Content::Number(_) => "a number",
        Content::String(_) => "a string",
    };
    let words =
        |at: usize| if at == 0 { format!("`{path}` is set here, to {what}") } else { "overriding this".to_owned() };
    tree.history()
        .take(SHOWN)
        .enumerate()
        .fold(finding, |finding, (at, origin)| finding.also(origin.mark(kind), words(at)))
}

/// A text for a message: one line, not long.
fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= LONGEST && line.len() == text.len() {
        return line.to_owned();
    }
    line.chars().take(LONGEST).chain(std::iter::once('…')).collect()
}
