//! What a template may say, decided before it runs: its size and nesting, the names it uses, the files it takes in.
//! The same walk finds where [guards](super::guard) have to stand.

mod budget;
mod comment;
pub(super) mod compared;
mod expression;
pub(super) mod fields;
pub(super) mod foreign;
pub(super) mod habit;
mod helm;
mod joined;
mod margin;
mod rounds;
mod syntax;
mod walk;

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::machinery;
use minijinja::machinery::ast::{Call, Expr, Spanned};

use self::budget::Complexity;
use super::conflict;
use super::embed::{Embedded, Shared};
use super::guard::Guard;
use super::whitespace::{self, Control};
use super::{engine, layout};
use crate::finding::suggest::nearest;
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::Span;

pub(super) use budget::words;
pub(super) use expression::sign;

/// How a finding about an unknown function begins; its name follows.
pub(super) const NO_FUNCTION: &str = "there is no function `";

/// What is known of a template that may run.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// Operands that need a guard, in an order in which an operand follows the operands within it.
    pub(super) guards: Vec<(Range<usize>, Guard)>,
    /// Templates that it takes in, and where it says so.
    pub(super) takes_in: Vec<(String, Range<usize>)>,
    /// Files that it takes in as they lie there, and where it says so.
    pub(super) files: Vec<(String, Range<usize>)>,
    /// Those of them that `{% include %}` prints, and where their names stand.
    pub(super) included: Vec<(String, Range<usize>)>,
    /// Templates whose text it asks for.
    pub(super) texts: BTreeSet<String>,
    /// Names that it takes from another template, by that template's name.
    pub(super) imports: Vec<Import>,
    /// Every name that it gives to something: what others can take from it.
    pub(super) names: BTreeSet<String>,
    /// Operators with both operands, and the right operand of each.
    pub(super) operators: Vec<(Range<usize>, Range<usize>)>,
    /// `{{ … }}` whose value is printed into a slot.
    pub(super) printed: Vec<Range<usize>>,
    /// Calls of macros, and of what else is not a function of the library.
    pub(super) calls: Vec<Range<usize>>,
    /// Stretches of literal text, as they are printed.
    pub(super) raw: Vec<Raw>,
    /// Texts that tags print.
    pub(super) embedded: Vec<Embedded>,
    /// Lines that several of them share.
    pub(super) shared: Vec<Shared>,
    /// Blanks and line breaks that tags take with them, in order.
    pub(super) taken: Vec<Range<usize>>,
    /// Values that are compared with what is written out.
    pub(super) compared: Vec<compared::Compared>,
    /// What is printed where another tool may be meant.
    pub(super) doubts: Vec<fields::Doubt>,
}

/// `{% from "template" import name %}`.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) template: String,
    pub(super) name: String,
    pub(super) range: Range<usize>,
}

/// A stretch of literal text.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) range: Range<usize>,
    /// Whether it is printed into a capture, where the engine counts nothing.
    pub(super) captured: bool,
}

/// Where an expression stands, its opening brackets aside.
pub(super) fn extent(expr: &Expr<'_>, text: &str) -> Range<usize> {
    expression::start(expr, text)..expr.span().end_offset as usize
}

/// The same of a call.
pub(super) fn extent_of_call(call: &Spanned<Call<'_>>, text: &str) -> Range<usize> {
    expression::start(&call.expr, text)..call.span().end_offset as usize
}

/// Checks a text of a file, by its name; `at` moves its offsets to where they stand in the file.
///
/// `None`, with findings, if it must not run.
pub(super) fn check(
    name: &str,
    text: &str,
    at: &dyn Fn(Range<usize>) -> Span,
    limits: &Limits,
    findings: &mut Findings,
) -> Option<Checked> {
    if let Some(mark) = conflict::mark(text) {
        let (what, help) = mark.words();
        let finding = Finding::new(&codes::template::SYNTAX, at(mark.range.clone()), format!("this is {what}"));
        let finding = finding.label("git left this mark");
        findings.push(match text.get(mark.range.clone()).filter(|_| !mark.is_whole) {
            Some(sign) => finding.help(format!("{help}; `{{{{ '{sign}' }}}}` prints such a mark")),
            None => finding.help(help),
        });
        return None;
    }
    let mut complexity = Complexity::new(limits);
    let (stretches, open) = layout::stretches(text, &mut complexity);
    if let Some((range, message)) = budget::long_line(text).or(complexity.found) {
        findings.push(
            Finding::new(&codes::template::TOO_COMPLEX, at(range), message).help(
                "give parts of it a name with `{% set %}`, move them into a macro, or write them on several lines",
            ),
        );
        return None;
    }
    if let Some(finding) = comment::swallowed(text, &stretches, open, at) {
        findings.push(finding);
        return None;
    }
    let others = foreign::braces(text, &stretches, at);
    if !others.is_empty() {
        findings.extend(others);
        return None;
    }
    let root = match machinery::parse(text, "template", engine::syntax()) {
        Ok(root) => root,
        Err(error) => {
            let stopped = error.range().map_or(0, |range| range.start.min(text.len()));
            let habits = habit::findings(text, stopped, at);
            if habits.is_empty() {
                findings.push(syntax::finding(&error, text, at));
            } else {
                findings.extend(habits);
            }
            return None;
        }
    };
    let mut own = Findings::default();
    let mut checked = walk::walk(&root, text, at, &mut own);
    let Control { taken, joining, embedded, shared } =
        whitespace::control(text, &stretches, whitespace::has_margins(name));
    checked = Checked { embedded, shared, taken, ..checked };
    for embedded in &mut checked.embedded {
        let is_it = |place: &Range<usize>| embedded.range.start <= place.start && place.end <= embedded.range.end;
        let included = checked.included.iter().find(|(_, place)| embedded.is_include && is_it(place));
        embedded.template = included.map(|(_, place)| text[place.clone()].to_owned());
    }
    checked.leave_out_taken();
    checked.doubts = fields::doubts(text, &checked, at);
    own.extend(without_context(text, &stretches, at));
    own.extend(with_signs(text, &stretches, at));
    if whitespace::is_yaml(name) && !own.has_errors() {
        own.extend(joined::lines(text, &stretches, &joining, at));
    }
    own.extend(margin::outside_of_texts(text, &stretches, at));
    own.extend(margin::moved_twice(text, &stretches, at));
    own.extend(rounds::lost(&root, text, at));
    misspelt_imports(&checked.imports, at, &mut own);
    let broken = own.has_errors();
    findings.append(own);
    (!broken).then_some(checked)
}

/// Says once, where it is imported, that a macro is called by another name than that.
fn misspelt_imports(imports: &[Import], at: &dyn Fn(Range<usize>) -> Span, findings: &mut Findings) {
    let called = |finding: &Finding| Some(finding.message.strip_prefix(NO_FUNCTION)?.strip_suffix('`')?.to_owned());
    for import in imports {
        let near = |finding: &Finding| called(finding).filter(|name| nearest(name, [&*import.name]).is_some());
        let Some(name) = findings.iter().find_map(near) else { continue };
        findings.retain_mut(|finding| called(finding).as_ref() != Some(&name));
        let message = format!("`{}` is imported here, and `{name}` is what this template calls", import.name);
        let finding = Finding::new(&codes::template::UNKNOWN_NAME, at(import.range.clone()), message);
        findings.push(finding.help(format!("did you mean `{name}`?")));
    }
}

/// Words that the engine takes and does nothing about.
fn without_context(text: &str, stretches: &[layout::Stretch<'_>], at: &dyn Fn(Range<usize>) -> Span) -> Vec<Finding> {
    let is_meant = |stretch: &&layout::Stretch<'_>| {
        let words = text[stretch.range.clone()].trim_end_matches(['%', '}', '-', '+', ' ', '\t', '\r', '\n']);
        let mut words = words.rsplit(char::is_whitespace).filter(|word| !word.is_empty());
        matches!(stretch.kind, layout::Kind::Tag { name: "include", .. })
            && words.next() == Some("context")
            && words.next() == Some("without")
    };
    let finding = |stretch: &layout::Stretch<'_>| {
        let message = "`without context` has no effect: what is taken in always sees the names around it";
        let finding = Finding::new(&codes::template::NOT_ALLOWED, at(stretch.range.clone()), message);
        finding.help("remove it; a macro that is imported sees what it is given alone")
    };
    stretches.iter().filter(is_meant).map(finding).collect()
}

/// Signs for blanks of a tag whose text is put where it stands: what they would take is its own end.
fn with_signs(text: &str, stretches: &[layout::Stretch<'_>], at: &dyn Fn(Range<usize>) -> Span) -> Vec<Finding> {
    let includes = stretches.iter().filter(|it| matches!(it.kind, layout::Kind::Tag { name: "include", .. }));
    let is_joined = |it: &&layout::Stretch<'_>| {
        let tag = &text[it.range.clone()];
        tag.starts_with("{%-") || tag.ends_with("-%}")
    };
    let finding = |it: &layout::Stretch<'_>| {
        let message = "an `include` is written without `-`";
        let finding = Finding::new(&codes::template::NOT_ALLOWED, at(it.range.clone()), message);
        finding.help("remove the `-`: alone on its line, the tag leaves no empty line; or take the text in with `{{ text(…) | trim }}`")
    };
    includes.filter(is_joined).map(finding).collect()
}

impl Checked {
    /// Literal text is what is printed of it: without what the tags around it take.
    fn leave_out_taken(&mut self) {
        let taken = &self.taken;
        for Raw { range, .. } in &mut self.raw {
            for taken in &taken[taken.partition_point(|taken| taken.end <= range.start)..] {
                if taken.start > range.start {
                    break;
                }
                range.start = taken.end.min(range.end);
            }
            for taken in taken[..taken.partition_point(|taken| taken.start < range.end)].iter().rev() {
                if taken.end < range.end {
                    break;
                }
                range.end = taken.start.max(range.start);
            }
        }
        self.raw.retain(|raw| !raw.range.is_empty());
    }
}
