//! What the engine's parser says, in our words.

use std::ops::Range;

use minijinja::machinery::{self, Token};

use super::habit;
use crate::finding::suggest::{did_you_mean, is_typographic};
use crate::finding::{Finding, codes};
use crate::source::Span;
use crate::template::engine;
use crate::template::layout::{self, Kind, Stretch};

/// What to do about braces behind a `#`.
const IN_COMMENT: &str = "a template fills in the comments of YAML, too: `{# … #}` is a comment that it leaves out";

/// What to do about a quote that is none.
const WORD_PROCESSOR: &str = "this is a quote of a word processor: write `\"` or `'`";

/// What the engine's parser says, in our words, and what to do where another tool's braces may be meant.
pub(super) fn finding(error: &minijinja::Error, text: &str, at: &dyn Fn(Range<usize>) -> Span) -> Finding {
    let finding = said(error, text, at);
    let start = error.range().map_or(0, |range| range.start.min(text.len()));
    // The tag that is open where the parser stops, or that begins there.
    let before = text.get(..start).unwrap_or_default();
    let is_print = before.rfind("{{") > before.rfind("}}").max(before.rfind("{%"));
    let tag = before.rfind("{{").filter(|_| is_print).and_then(|tag| text.get(tag + 2..));
    let line = before.rsplit('\n').next().unwrap_or_default();
    if finding.help.is_none() && line.trim_start().starts_with('#') {
        return finding.help(IN_COMMENT);
    }
    match tag.filter(|tag| finding.help.is_none() && super::foreign::is_foreign(tag)) {
        Some(tag) => finding.help(super::foreign::help(tag)),
        None => finding,
    }
}

/// Its own words name tokens, which helps, so what is expected is kept.
fn said(error: &minijinja::Error, text: &str, at: &dyn Fn(Range<usize>) -> Span) -> Finding {
    let range = error.range().unwrap_or(0..0);
    let range = range.start.min(text.len())..range.end.min(text.len());
    let before = text.get(..range.start).unwrap_or_default();
    let detail = error.detail().unwrap_or_default();
    let finding = |message: String| Finding::new(&codes::template::SYNTAX, at(range.clone()), message);
    if detail == "unexpected end of raw block"
        && let Some(tag) = open_raw(text)
    {
        let finding = Finding::new(&codes::template::SYNTAX, at(tag), "this is never closed");
        return finding.help("close it with `{% endraw %}`");
    }
    if let Some(name) = detail.strip_prefix("unknown statement ") {
        let known = [
            "for",
            "endfor",
            "if",
            "elif",
            "else",
            "endif",
            "set",
            "endset",
            "macro",
            "endmacro",
            "call",
            "endcall",
            "include",
            "import",
            "from",
            "with",
            "endwith",
            "filter",
            "endfilter",
            "raw",
            "endraw",
            "break",
            "continue",
            "do",
        ];
        if name.starts_with("end") && known.contains(&name) {
            let finding = finding(format!("`{name}` does not belong here"));
            let tag = before.rfind("{%").unwrap_or_default();
            return match open(&before[..tag]) {
                Some((range, end)) => {
                    finding.also(at(range), "this is open").help(format!("write `{end}`, or close it before"))
                }
                None => finding.help("nothing is open here that it could end"),
            };
        }
        let finding = finding(format!("there is no statement `{name}`"));
        let tag = before.rfind("{%").and_then(|tag| text[tag + 2..].split("%}").next());
        let printed = tag.map(|tag| tag.trim_matches(['-', '+', ' '])).filter(|words| habit::is_expression(words));
        let help = did_you_mean(name, known).or_else(|| printed.map(|words| format!("write `{{{{ {words} }}}}`")));
        return match help {
            Some(help) => finding.help(help),
            None => finding,
        };
    }
    let tidy = |words: &str| {
        let pairs = [
            ("template-data", "text"),
            ("end of variable block", "`}}`"),
            ("start of variable block", "`{{`"),
            ("end of block", "`%}`"),
            ("start of block", "`{%`"),
            ("identifier", "a name"),
            ("expression", "a value"),
        ];
        pairs.iter().fold(words.to_owned(), |words, (theirs, ours)| words.replace(theirs, ours))
    };
    let Some(unexpected) = detail.strip_prefix("unexpected ") else {
        return finding(if detail.is_empty() { "this is not understood".to_owned() } else { tidy(detail) });
    };
    let (found, expected) = unexpected.split_once(", expected ").unwrap_or((unexpected, ""));
    let finding = match found {
        "end of input" => {
            let finding = finding("the template ends too early".to_owned());
            return match open(text) {
                Some((range, end)) => finding.also(at(range), "this is open").help(format!("close it with `{end}`")),
                None => finding.help("something that was opened with `{{`, `{%` or a block is not closed"),
            };
        }
        "character" => {
            let sign = text.get(range.start..).and_then(|rest| rest.chars().next());
            let finding =
                finding(format!("{} does not belong here", sign.map_or("this".to_owned(), |sign| format!("`{sign}`"))));
            if sign.is_some_and(is_typographic) { finding.help(WORD_PROCESSOR) } else { finding }
        }
        found => finding(format!("{} does not belong here", tidy(found))),
    };
    // A tag is most often closed on the line that opens it.
    let is_above = |tag: &Range<usize>| before.get(tag.end..).is_some_and(|between| between.contains('\n'));
    let finding = match open(before) {
        Some((tag, end)) if TAGS.contains(&end.as_str()) && is_above(&tag) => {
            finding.also(at(tag), format!("`{end}` is wanted for this"))
        }
        _ => finding,
    };
    let finding = if is_comprehension(before, &text[range.start..]) {
        finding.help("a list is made of another one by filters: `list | map(attribute=\"name\")`, `list | select(…)`, or by a `{% for %}`")
    } else {
        finding
    };
    let finding = if is_formatted(before, &text[range.start..]) {
        finding.help("join texts with `~`, as in `tier ~ \"-x\"`")
    } else if let Some(name) = pseudo(before, &text[range.start..]) {
        finding.help(format!("write `${{AWS::{name}}}`: CloudFormation fills it in, and not the template"))
    } else {
        finding
    };
    let finding = if is_dynamic_reference(before) {
        finding.help("to keep a dynamic reference of CloudFormation as it stands, write it between `{% raw %}` and `{% endraw %}`")
    } else {
        finding
    };
    if expected.is_empty() { finding } else { finding.label(format!("{} is expected", tidy(expected))) }
}

/// `[x.name for x in list]` of Python, which stops at its `for`.
fn is_comprehension(before: &str, rest: &str) -> bool {
    let open = before.rsplit(['{', '\n']).next().unwrap_or_default();
    rest.starts_with("for ") && open.contains(['[', '('])
}

/// `f"{name}-x"` of Python, which stops at its quotes.
fn is_formatted(before: &str, rest: &str) -> bool {
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    before.strip_suffix('f').is_some_and(|it| !it.ends_with(is_word)) && rest.starts_with(['"', '\''])
}

/// The name of a pseudo parameter in braces of a template, `{{ AWS::Region }}`, which stops at its colon.
fn pseudo<'t>(before: &str, rest: &'t str) -> Option<&'t str> {
    let name = rest.strip_prefix("::").filter(|_| before.ends_with("AWS"))?;
    Some(name.split(|it: char| !it.is_ascii_alphanumeric()).next().unwrap_or_default())
}

/// `{{resolve:ssm:…}}` is an expression to the engine, up to its first colon.
fn is_dynamic_reference(before: &str) -> bool {
    before.rsplit_once("{{").is_some_and(|(_, name)| name.trim() == "resolve")
}

/// What is open at the end of a text, innermost: its place, and what would close it.
fn open(text: &str) -> Option<(Range<usize>, String)> {
    let mut blocks: Vec<(Range<usize>, &str)> = Vec::new();
    let mut tag: Option<(Range<usize>, &str)> = None;
    let mut statement: Option<(Range<usize>, &str)> = None;
    let mut is_assignment = false;
    for (token, span) in machinery::tokenize(text, false, engine::syntax()).map_while(Result::ok) {
        let range = span.start_offset as usize..span.end_offset as usize;
        match token {
            Token::VariableStart => tag = Some((range, TAGS[0])),
            Token::BlockStart => (tag, statement, is_assignment) = (Some((range, TAGS[1])), None, false),
            Token::VariableEnd => tag = None,
            Token::BlockEnd => {
                tag = None;
                match statement.take() {
                    Some((_, name)) if name.starts_with("end") => drop(blocks.pop()),
                    Some((range, name)) if BLOCKS.contains(&name) && !(name == "set" && is_assignment) => {
                        blocks.push((range, name));
                    }
                    _ => {}
                }
            }
            Token::Assign => is_assignment = true,
            Token::Ident(name) if statement.is_none() && matches!(tag, Some((_, end)) if end == TAGS[1]) => {
                statement = Some((range, name));
            }
            _ => {}
        }
    }
    let block = |(range, name): (Range<usize>, &str)| (range, format!("{{% end{name} %}}"));
    tag.map(|(range, end)| (range, end.to_owned())).or_else(|| blocks.pop().map(block))
}

/// The tag of the raw text that goes on to the end. All before it has been read.
fn open_raw(text: &str) -> Option<Range<usize>> {
    let (stretches, _) = layout::stretches(text, &mut ());
    let is = |stretch: &Stretch<'_>, wanted: &str| matches!(stretch.kind, Kind::Tag { name, .. } if name == wanted);
    let closed = stretches.iter().rposition(|it| is(it, "endraw")).map_or(0, |at| at + 1);
    let open = stretches[closed..].iter().position(|it| is(it, "raw"))?;
    stretches.get(closed + open).map(|it| it.range.clone())
}

/// What closes a tag.
const TAGS: [&str; 2] = ["}}", "%}"];

/// Statements that go on until their end is said.
const BLOCKS: [&str; 7] = ["for", "if", "with", "filter", "macro", "call", "set"];
