//! What the engine's parser says, in our words.

use std::ops::Range;

use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, codes};
use crate::source::Span;

/// What the engine's parser says, in our words. Its own words name tokens, which helps, so what is expected is kept.
pub(super) fn finding(error: &minijinja::Error, text: &str, at: &dyn Fn(Range<usize>) -> Span) -> Finding {
    let range = error.range().unwrap_or(0..0);
    let range = range.start.min(text.len())..range.end.min(text.len());
    let detail = error.detail().unwrap_or_default();
    let finding = |message: String| Finding::new(&codes::template::SYNTAX, at(range.clone()), message);
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
        let finding = finding(format!("there is no statement `{name}`"));
        return match did_you_mean(name, known) {
            Some(help) => finding.help(help),
            None if name.starts_with("end") => finding.help("nothing is open here that it could end"),
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
        "end of input" => finding("the template ends too early".to_owned())
            .help("something that was opened with `{{`, `{%` or a block is not closed"),
        found => finding(format!("{} does not belong here", tidy(found))),
    };
    if expected.is_empty() { finding } else { finding.label(format!("{} is expected", tidy(expected))) }
}
