//! Mistakes of lines: indentation, colons, dashes.

use super::Mistake;
use super::lines::{Line, Lines};

/// A tab where only spaces may stand.
pub(super) fn tab(lines: &Lines<'_>) -> Mistake {
    let line = lines.line(lines.at);
    // The parser stops behind the tab, or at the sign of the block of text whose first line has it.
    let before = lines.slice(line.start..lines.at).rfind('\t').map(|at| line.start + at);
    let tab = before.or_else(|| lines.text[lines.at..].find('\t').map(|at| lines.at + at)).unwrap_or(lines.at);
    let line = lines.line(tab);
    let indents = line.text[..tab - line.start].trim().is_empty();
    let message = if indents { "a tab is used to indent" } else { "a tab stands where YAML allows only blanks" };
    Mistake::new(tab, tab + 1, message)
        .label("this is a tab")
        .help("use blanks; most editors turn tabs into them when told to")
}

/// A colon that makes a key where no key can stand.
pub(super) fn second_colon(lines: &Lines<'_>) -> Mistake {
    let line = lines.line(lines.at);
    let first = line.key();
    if let (Some(first), Some(value)) = (first, line.value())
        && first.end < lines.at
    {
        let text = lines.slice(value.clone());
        let quoted =
            if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") };
        return Mistake::new(lines.at, lines.at + 1, "a value holds a colon and a blank")
            .label("this would make a key of what stands before it")
            .also(first.start, first.end, "the key of this line")
            .help(format!("put the value in quotes: `{quoted}`"));
    }
    let Some(above) = lines.above(lines.at).next() else { return no_key(lines, lines.at) };
    if let Some(mistake) = tight_dash(&above) {
        return mistake;
    }
    if above.tight_colon().is_some() || above.key().is_none() {
        return no_key(lines, above.start + above.indent());
    }
    let (here, key) = (line.code_range(), above.key().unwrap_or_else(|| above.code_range()));
    let name = lines.slice(key.clone());
    Mistake::new(here.start, lines.at, format!("this key is indented as if it belonged to `{name}`"))
        .label(format!("indented by {}", line.indent()))
        .also(key.start, key.end, format!("`{name}` has a value already; indented by {}", above.indent()))
        .help(format!("indent both alike, or remove the value of `{name}` if it is to hold a map"))
}

/// A line below `{}` or `[]` at the left margin, which is the whole document already.
pub(super) fn behind_empty(lines: &Lines<'_>) -> Option<Mistake> {
    let above = lines.above(lines.at).next().filter(|above| above.indent() == 0)?;
    let (empty, range) = (above.code(), above.code_range());
    matches!(empty, "{}" | "[]").then(|| {
        Mistake::new(range.start, range.end, format!("`{empty}` is the whole file, and more stands below it"))
            .label("an empty map or list ends here")
            .help("take this line out: a file may begin with its keys")
    })
}

/// A line that is neither a key nor an item.
pub(super) fn no_key(lines: &Lines<'_>, at: usize) -> Mistake {
    let line = lines.line(at);
    let (code, range) = (line.code(), line.code_range());
    if let Some(mistake) = tight_dash(&line) {
        return mistake;
    }
    if let Some(colon) = line.tight_colon() {
        let (key, value) = (lines.slice(range.start..colon), lines.slice(colon + 1..range.end));
        return Mistake::new(colon, colon + 1, "a blank is missing after the colon")
            .label("without it this is one word")
            .help(format!("write `{key}: {value}`"));
    }
    if let Some((key, value)) = code.split_once('=').filter(|_| !code.contains(": ")) {
        let (key, value) = (key.trim(), value.trim());
        return Mistake::new(range.start, range.end, "a line with `=` instead of a colon")
            .label("neither a key nor an item of a list")
            .help(format!("write `{key}: {value}`"));
    }
    Mistake::new(range.start, range.end, "a line that is neither a key nor an item of a list")
        .label("no colon follows")
        .help("add the colon and a value, or indent the line more if it belongs to the text above")
}

/// A line that begins with a dash and no blank behind it.
fn tight_dash(line: &Line<'_>) -> Option<Mistake> {
    let item = line.code().strip_prefix('-').filter(|item| item.starts_with(char::is_alphabetic))?;
    let start = line.code_range().start;
    let mistake = Mistake::new(start, start + 1, "a blank is missing after the dash");
    Some(mistake.label("without it this is no item of a list").help(format!("write `- {item}`")))
}

/// A function of CloudFormation in another one: only one of them can be a tag.
fn long_form(before: &str, inner: &str) -> Option<String> {
    let outer = before.rsplit_once('!').map(|(_, name)| name.trim_end())?;
    let is_name = |name: &str| name.starts_with(|letter: char| letter.is_ascii_uppercase());
    let inner = inner.strip_prefix('!').filter(|inner| is_name(inner))?;
    let is_function = is_name(outer) && outer.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_function
        .then(|| format!("write the outer one in its long form: `Fn::{outer}: !{inner} …`, on a line of its own"))
}

/// A line whose indentation is that of no line above it, or that is a key among items, or an item among keys.
pub(super) fn no_level(lines: &Lines<'_>) -> Mistake {
    let at = lines.at;
    let line = lines.line(at);
    let before = lines.slice(line.start..at);
    if before.trim_end().ends_with(['}', ']', '"', '\'']) {
        return super::flow::behind(lines);
    }
    if before.trim_start().starts_with(['&', '!']) || before.contains(" &") || before.contains(" !") {
        let mistake =
            Mistake::new(at, lines.word_end(at), "a value has two anchors or two tags").label("the second one");
        return mistake.help(match long_form(before, lines.slice(at..lines.word_end(at))) {
            Some(help) => help,
            None => "remove one of them".to_owned(),
        });
    }
    let range = line.code_range();
    if !before.trim_matches([' ', '-']).is_empty() {
        return Mistake::new(at, lines.word_end(at), "this does not fit behind what stands before it");
    }
    let item = line.code().starts_with("- ") || line.code() == "-";
    let indent = line.indent();
    // The levels that are open here: each line above that is further out than all between.
    let mut levels: Vec<Line<'_>> = Vec::new();
    for above in lines.above(at) {
        if levels.last().is_none_or(|level| above.indent() < level.indent()) {
            levels.push(above);
        }
    }
    if let Some(level) = levels.iter().find(|level| level.indent() == indent) {
        let there = level.code_range();
        let of_items = level.code().starts_with('-');
        if item != of_items {
            if let Some(mistake) = tight_dash(&line).filter(|_| of_items) {
                return mistake;
            }
            let (message, label) = if item {
                ("an item of a list stands among the keys of a map", "this begins with a dash")
            } else {
                ("a key stands among the items of a list", "this has no dash")
            };
            let other = if of_items { "this is an item of a list" } else { "this is a key" };
            return Mistake::new(range.start, range.end, message)
                .label(label)
                .also(there.start, there.end, other)
                .help("indent it like what it belongs to");
        }
        return no_key(lines, at);
    }
    let Some(nearest) = levels.first() else {
        return Mistake::new(range.start, range.end, "this does not fit here");
    };
    if !item && line.key().is_none() {
        let behind_comment = line.start > 0 && lines.line(line.start - 1).code().starts_with('#');
        let help = if behind_comment {
            "a comment ends the text above it: move the comment, or quote the whole text"
        } else {
            "indent it like the text above, or make it a key with a colon"
        };
        return Mistake::new(range.start, range.end, "text that belongs to nothing")
            .label("neither a key nor an item of a list")
            .help(help);
    }
    let there = nearest.code_range();
    let known: Vec<String> =
        levels.iter().rev().map(|level| format!("{} like `{}`", level.indent(), first_word(level.code()))).collect();
    Mistake::new(range.start, range.end, "this line is indented like no line above it")
        .label(format!("indented by {indent}"))
        .also(there.start, there.end, format!("indented by {}", nearest.indent()))
        .help(format!("indent it by {}", known.join(", or by ")))
}

fn first_word(code: &str) -> &str {
    let end = code.find(": ").map_or(code.len(), |colon| colon + 1);
    &code[..end]
}
