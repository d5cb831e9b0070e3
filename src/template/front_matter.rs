//! Front matter: the leading comment in which a template says what it makes.
//!
//! ```jinja
//! {#- platc
//! output: karpenter/nodepool-{{ pool.name }}.yaml
//! for_each: pool in karpenter.nodePools
//! when: features.karpenter
//! target: kubernetes
//! merge: pool.overrides
//! -#}
//! ```

use std::sync::Arc;

use super::check::habit;
use super::{layout, slot};
use camino::{Utf8Component, Utf8Path};

use crate::artifact::Target;
use crate::finding::{Finding, Findings, codes, suggest};
use crate::limits::Limits;
use crate::source::{FileId, Source, Span};
use crate::yaml::{Content, Entry, read};

/// What a template says about itself, as written.
#[derive(Clone, Debug, Default)]
pub(super) struct FrontMatter {
    pub(super) output: Option<Line>,
    pub(super) for_each: Option<ForEach>,
    pub(super) when: Option<Line>,
    /// `when` reads a name that `for_each` binds, so it is asked in each round. Known once both are compiled.
    pub(super) when_each: bool,
    /// `output` reads no such name: all rounds make one file. Known then, too.
    pub(super) makes_stream: bool,
    pub(super) target: Option<Target>,
    /// Where that is said.
    pub(super) target_at: Option<Span>,
    pub(super) merge: Option<Line>,
    /// A file below the folder of templates, or a folder with `/` behind it.
    pub(super) copy: Option<Line>,
}

/// The value of one line of front matter.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) text: Arc<str>,
    /// Where it stands, without quotes.
    pub(super) span: Span,
    /// Whether the text stands there byte for byte, without escapes and line breaks.
    pub(super) exact: bool,
}

/// `name in expression`, or `key, value in expression` for a map.
#[derive(Clone, Debug)]
pub(super) struct ForEach {
    pub(super) names: Vec<Arc<str>>,
    pub(super) expression: Line,
}

const KEYS: [&str; 6] = ["output", "for_each", "when", "target", "merge", "copy"];

/// Reads the front matter of a template; a template without has the default one.
pub(super) fn read(source: &Source, file: FileId, limits: &Limits, findings: &mut Findings) -> FrontMatter {
    let mut front = FrontMatter::default();
    let text = source.text();
    let read = comment(text);
    findings.extend(ignored(text, read.map_or(0, |(_, end)| end), file));
    let Some((start, end)) = read else {
        findings.extend(as_document(text, file));
        return front;
    };
    // Blanks in place of what comes before keep the places of the file.
    let mut padded = format!("{}{}", " ".repeat(start), &text[start..end]);
    findings.extend(bare_braces(&mut padded, start, file));
    let Some(root) = read::read_text(&padded, file, limits, findings) else { return front };
    let entries = match root.content {
        Content::Map(entries) => entries,
        Content::Scalar { text, .. } if text.is_empty() => return front,
        Content::Scalar { .. } | Content::List(_) => {
            let finding = Finding::new(&codes::template::FRONT_MATTER, root.span, "front matter is not a map");
            findings.push(finding.help("write lines such as `output: path.yaml`"));
            return front;
        }
    };
    for entry in entries {
        let Some(line) = line(&entry, source, findings) else { continue };
        match &*entry.key.text {
            "output" => front.output = Some(line),
            "when" => front.when = Some(line),
            "merge" => front.merge = Some(line),
            "copy" => front.copy = Some(line),
            "for_each" => front.for_each = for_each(&line, findings),
            "target" => (front.target, front.target_at) = (target(&line, findings), Some(line.span)),
            _ => {}
        }
    }
    let refused = front.copy.as_ref().and_then(|line| beside_copy(&front, line, source, end, file));
    if let Some(finding) = refused {
        findings.push(finding);
        front.copy = None;
    }
    front
}

/// Values that begin with `{{`, which YAML would take for a map; they are left out then.
fn bare_braces(text: &mut String, from: usize, file: FileId) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut at = from;
    for line in text[from..].to_owned().split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some((key, value)) = line.split_once(':') else { continue };
        let (key, value) = (key.trim(), value.trim());
        if !KEYS.contains(&key) || !value.starts_with("{{") {
            continue;
        }
        let first = start + line.len() - line.split_once(':').map_or("", |(_, value)| value.trim_start()).len();
        let finding = |message| {
            Finding::new(&codes::template::FRONT_MATTER, Span::new(file, first, first + value.len()), message)
        };
        found.push(match habit::of_line(key, value).filter(|_| key != "output") {
            Some(habit) => finding(habit.message).help(habit.help),
            None => finding("a text that begins with `{` must be quoted".to_owned())
                .help(format!("write `{key}: \"{value}\"`")),
        });
        let end = at - usize::from(line.ends_with('\n'));
        text.replace_range(start..end, &" ".repeat(end - start));
    }
    found
}

/// What cannot stand beside `copy`, which leaves the file as it is.
fn beside_copy(front: &FrontMatter, line: &Line, source: &Source, end: usize, file: FileId) -> Option<Finding> {
    let rest = &source.text()[end..];
    let behind = rest.find("#}").map_or(0, |at| at + 2);
    let text = rest[behind..].trim_start();
    let refused = |span, message: &str| Finding::new(&codes::template::FRONT_MATTER, span, message);
    let is_below = Utf8Path::new(&*line.text).components().all(|part| matches!(part, Utf8Component::Normal(_)));
    if !is_below {
        let help = "name a file by its path below the folder of templates, or a folder with `/` behind it";
        return Some(
            refused(line.span, &format!("`{}` is not a path below the folder of templates", line.text)).help(help),
        );
    }
    if line.text.ends_with(".j2") {
        return Some(
            refused(line.span, "`copy` takes a file as it lies there, and this is a template")
                .help("say `when`, `for_each` and `output` in the front matter of that template"),
        );
    }
    if let Some(merge) = &front.merge {
        let finding = refused(merge.span, "`merge` would change a file that `copy` leaves as it is");
        return Some(finding.help("leave one of the two out"));
    }
    if text.is_empty() {
        return None;
    }
    let start = source.text().len() - text.len();
    let length = text.lines().next().map_or(0, str::len);
    let finding = refused(Span::new(file, start, start + length), "a template with `copy` has no text of its own");
    Some(finding.label("nothing would be made of this").help("leave it out, or make another template for it"))
}

/// The bytes of the front matter within a template's text.
fn comment(text: &str) -> Option<(usize, usize)> {
    let inner = text.strip_prefix("{#")?;
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    let body = inner.trim_start_matches([' ', '\n', '\r']).strip_prefix("platc")?;
    if !body.starts_with(char::is_whitespace) {
        return None;
    }
    let start = text.len() - body.len();
    let end = start + body.find("#}")?;
    let end = if text[start..end].ends_with(['-', '+']) { end - 1 } else { end };
    Some((start, end))
}

/// Comments of a template that makes no file by itself, and looks as if it should.
pub(super) fn in_part(source: &Source, file: FileId) -> Vec<Finding> {
    if !may_mean(source.text(), 0) {
        return Vec::new();
    }
    let (stretches, _) = layout::stretches(source.text(), &mut ());
    let comments = stretches.into_iter().filter(|it| it.kind == layout::Kind::Comment);
    let meant = comments.filter(|it| is_meant(&source.text()[it.range.clone()]));
    let finding = |it: layout::Stretch<'_>| {
        let place = Span::new(file, it.range.start, it.range.start + 2);
        Finding::new(&codes::template::FRONT_MATTER, place, "a template whose name begins with `_` has no front matter")
            .label("nothing of this comment is read")
            .help("it makes no file, and is only taken in by others; say it in theirs, or give this one a name without `_`")
    };
    meant.map(finding).collect()
}

/// Comments, from an offset on, that look like front matter and stand where none is read.
fn ignored(text: &str, from: usize, file: FileId) -> Vec<Finding> {
    if !may_mean(text, from) {
        return Vec::new();
    }
    let (stretches, _) = layout::stretches(text, &mut ());
    let comments = stretches.into_iter().filter(|it| it.kind == layout::Kind::Comment && it.range.start >= from);
    let is_first = |start: usize| text[..start].trim().is_empty();
    let meant = comments.filter(|it| {
        let comment = &text[it.range.clone()];
        is_meant(comment) || is_first(it.range.start) && sets_only(comment)
    });
    let finding = |it: layout::Stretch<'_>| {
        let start = it.range.start;
        let is_named = text[start..it.range.end].trim_start_matches(['{', '#', '-', '+', ' ', '\n', '\r']);
        let begins = text[..start].trim_start_matches('\u{FEFF}').is_empty();
        let (message, help) = if begins || is_first(start) && !is_named.starts_with("platc") {
            (
                "this looks like front matter, and is a comment",
                "begin with `{#- platc`, and write each key on a line below",
            )
        } else {
            (
                "front matter must be the first thing in the file",
                "move its lines into one comment that begins with `{#- platc`, before anything else, blank lines included",
            )
        };
        Finding::new(&codes::template::FRONT_MATTER, Span::new(file, start, start + 2), message)
            .label("nothing of this comment is read")
            .help(help)
    };
    meant.map(finding).collect()
}

/// Front matter as other tools have it: a document before the others, between lines `---`.
fn as_document(text: &str, file: FileId) -> Option<Finding> {
    let mut lines = text.split_inclusive('\n').scan(0, |end, line| {
        let start = *end;
        *end += line.len();
        Some((start, line.trim_end()))
    });
    let is_rule = |line: &str| line == "---" || line == "+++";
    let (start, first) = lines.find(|(_, line)| !line.is_empty() && !line.starts_with('#'))?;
    let is_opened = is_rule(first);
    let mut set = (!is_opened && sets_key(first)).then_some(start);
    if !is_opened && set.is_none() {
        return None;
    }
    for (start, line) in lines {
        if is_rule(line) {
            let start = set?;
            let length = text[start..].lines().next().map_or(0, str::len);
            let message = "this looks like front matter, and is a document of its own";
            let finding = Finding::new(&codes::template::FRONT_MATTER, Span::new(file, start, start + length), message);
            return Some(finding.label("nothing of it is read").help(
                "write it as a comment, before anything else: `{#- platc`, each key on a line below, and `-#}`",
            ));
        }
        if sets_key(line) {
            set = set.or(Some(start));
        } else if !line.is_empty() && !line.starts_with('#') {
            return None;
        }
    }
    None
}

/// Whether a line sets a key of front matter: `when: ingress.tls`.
fn sets_key(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, value)| KEYS.contains(&key) && !value.trim().is_empty())
}

/// Whether a comment holds nothing but keys of front matter, if only one, with values that could be theirs.
fn sets_only(comment: &str) -> bool {
    let inner = comment.trim_start_matches("{#").trim_end_matches("#}").trim_matches(['-', '+']);
    let is_name = |text: &str| !text.contains(' ') && text.contains(['.', '/']);
    let could_be = |line: &str| {
        let Some((key, value)) = line.split_once(':') else { return false };
        let value = value.trim();
        match key.trim() {
            "output" | "copy" => is_name(value),
            "for_each" => value.contains(" in "),
            "when" | "merge" => minijinja::machinery::parse_expr(value).is_ok(),
            "target" => Target::named(value).is_some(),
            _ => false,
        }
    };
    let mut lines = inner.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    lines.peek().is_some() && lines.all(could_be)
}

/// Whether a text has what looks like such a comment from an offset on, be it one or within what another tool reads:
/// nearly every template can be told so from its letters alone.
fn may_mean(text: &str, from: usize) -> bool {
    // Of the two signs that begin a comment this is the rare one.
    let opens =
        text.match_indices('#').filter_map(|(at, _)| at.checked_sub(1).filter(|at| text[*at..].starts_with("{#")));
    let mut comments = opens.filter(|at| *at >= from).map(|at| &text[at..]);
    comments.any(|rest| {
        let comment = rest[2..].find("#}").map_or(rest, |end| &rest[..end + 4]);
        is_meant(comment) || sets_only(comment)
    })
}

/// Whether a comment is `platc`, or something like it, and lines of which one sets a key; or nothing but such lines.
fn is_meant(comment: &str) -> bool {
    let inner = comment.trim_start_matches("{#").trim_end_matches("#}");
    let inner = inner.trim_matches(['-', '+']).trim();
    let sets = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', ':']).to_ascii_lowercase();
        line.split_once(':').is_some_and(|(key, _)| KEYS.contains(&key.trim_end()))
    };
    let (name, rest) =
        inner.split_at(inner.find(|char: char| char.is_whitespace() || char == ':').unwrap_or(inner.len()));
    let all_set = inner.contains('\n') && inner.lines().all(sets);
    all_set || is_platc(name) && rest.lines().any(sets)
}

/// `platc` in any case, with a letter more or less, or two of them the other way round.
fn is_platc(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    word == "platc" || sorted(&word) == sorted("platc") || suggest::nearest(&word, ["platc"]).is_some()
}

fn line(entry: &Entry, source: &Source, findings: &mut Findings) -> Option<Line> {
    let key = &entry.key;
    if !KEYS.contains(&&*key.text) {
        let message = format!("front matter has no key `{}`", key.text);
        let finding = Finding::new(&codes::template::FRONT_MATTER, key.span, message);
        let help = suggest::did_you_mean(&key.text, KEYS);
        findings.push(finding.help(help.unwrap_or_else(|| format!("the keys are `{}`", KEYS.join("`, `")))));
        return None;
    }
    match &entry.value.content {
        Content::Scalar { text, .. } if !text.trim().is_empty() => {
            let span = entry.value.span;
            if let Some(char) = text.chars().find(|char| slot::is_reserved(*char)) {
                findings.push(slot::refused(char, span));
                return None;
            }
            // In quotes, the text begins one byte later.
            let written = source.text().get(span.range()).unwrap_or_default();
            let quoted = written.len() == text.len() + 2 && written.get(1..=text.len()) == Some(text);
            let shift = u32::from(quoted);
            let span = Span { file: span.file, start: span.start + shift, end: span.end - shift };
            let exact = source.text().get(span.range()) == Some(text);
            Some(Line { text: Arc::clone(text), span, exact })
        }
        _ => {
            let message = format!("`{}` in front matter wants a text", key.text);
            let finding = Finding::new(&codes::template::FRONT_MATTER, key.span, message);
            findings.push(finding.help("write it on one line; put quotes around a text that begins with `{`"));
            None
        }
    }
}

fn for_each(line: &Line, findings: &mut Findings) -> Option<ForEach> {
    let split = line.text.split_once(" in ").and_then(|(names, expression)| {
        let names: Vec<Arc<str>> = names.split(',').map(|name| name.trim().into()).collect();
        let good = (1..=2).contains(&names.len()) && names.iter().all(|name| is_name(name));
        (good && !expression.trim().is_empty()).then_some((names, expression))
    });
    let Some((names, expression)) = split else {
        let finding = Finding::new(&codes::template::FRONT_MATTER, line.span, "`for_each` is not understood");
        findings.push(finding.help("write `name in list`, or `key, value in map`"));
        return None;
    };
    let start = if line.exact { line.span.end - expression.len() as u32 } else { line.span.start };
    let span = Span { file: line.span.file, start, end: line.span.end };
    Some(ForEach { names, expression: Line { text: expression.into(), span, exact: line.exact } })
}

fn is_name(name: &str) -> bool {
    let reserved = ["true", "false", "none", "True", "False", "None", "loop", "self", "platc"];
    !reserved.contains(&name)
        && name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn target(line: &Line, findings: &mut Findings) -> Option<Target> {
    let target = Target::named(&line.text);
    if target.is_none() {
        let message = format!("there is no target `{}`", line.text);
        let names = Target::ALL.map(Target::name);
        let help = suggest::did_you_mean(&line.text, names);
        let help = help.unwrap_or_else(|| format!("the targets are `{}`", names.join("`, `")));
        findings.push(Finding::new(&codes::template::FRONT_MATTER, line.span, message).help(help));
    }
    target
}
