//! What is written as other template languages want it: Helm's and Go's, C's operators, Liquid's and Handlebars' statements.
//! It tells what to write here; it decides nothing, since what it looks at is no template already.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::machinery;

use super::foreign::KEEP;
use super::helm;
use crate::finding::{Finding, codes};
use crate::source::Span;
use crate::template::{engine, functions};

/// A way of writing that another language has: what is said of it, and what to write.
pub(in crate::template) struct Habit {
    /// Each kind is told once a template.
    kind: &'static str,
    pub(in crate::template) message: String,
    pub(in crate::template) help: String,
}

impl Habit {
    fn new(kind: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: help.into() }
    }
}

/// Findings about the habits of a template that is none, if the tag where its parser stopped is such a one.
pub(super) fn findings(text: &str, stopped: usize, at: &dyn Fn(Range<usize>) -> Span) -> Vec<Finding> {
    let tags = tags(text);
    let Some(first) = tags.iter().rposition(|tag| tag.range.start <= stopped && stopped <= tag.range.end) else {
        return Vec::new();
    };
    // `{{ . }}` may be another tool's, but not where settings are asked for as Helm does.
    let has_range = tags.iter().any(|tag| tag.inner.starts_with("range "));
    let is_helms = tags.iter().any(|tag| tag.inner.contains(".Values"));
    let dot = |tag: &Tag<'_>| {
        let message = "what a loop is at is not called `.` here";
        let field = tag.inner.strip_prefix('.').filter(|_| is_helms)?;
        let is_field = field.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
        let help = match field {
            "" => "give it a name, as in `{% for item in list %}`".to_owned(),
            field => format!("give it a name, as in `{{% for item in list %}}`, and write `{{{{ item.{field} }}}}`"),
        };
        (is_field && !field.starts_with("Values") && (has_range || field.is_empty()))
            .then(|| Habit::new("dot", message, help))
    };
    let habit = |tag: &Tag<'_>| habit(tag).or_else(|| dot(tag));
    if habit(&tags[first]).is_none() {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let found = tags.iter().filter_map(|tag| habit(tag).map(|habit| (tag, habit)));
    found
        .filter(|(_, habit)| seen.insert(habit.kind))
        .map(|(tag, habit)| {
            Finding::new(&codes::template::SYNTAX, at(tag.range.clone()), habit.message).help(habit.help)
        })
        .collect()
}

/// A tag as it is written, whatever is in it.
struct Tag<'t> {
    range: Range<usize>,
    is_print: bool,
    inner: &'t str,
}

/// The tags of a text, without comments and what stands between `raw` and `endraw`.
fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(['{']).map(|found| at + found) {
        let (end, is_print) = match text.as_bytes().get(start + 1) {
            Some(b'{') => ("}}", true),
            Some(b'%') => ("%}", false),
            Some(b'#') => ("#}", false),
            _ => {
                at = start + 1;
                continue;
            }
        };
        let Some(length) = text[start + 2..].find(end) else { break };
        let range = start..start + 2 + length + 2;
        at = range.end;
        let inner = text[start + 2..start + 2 + length].trim_matches(['-', '+']).trim();
        if end == "#}" {
            continue;
        }
        if !is_print && inner == "raw" {
            let closed = text[at..].find("endraw").map_or(text.len(), |found| at + found);
            at = text[closed..].find("%}").map_or(text.len(), |found| closed + found + 2);
            continue;
        }
        tags.push(Tag { range, is_print, inner });
    }
    tags
}

fn habit(tag: &Tag<'_>) -> Option<Habit> {
    if tag.is_print { of_print(tag.inner, false) } else { of_statement(tag.inner) }
}

/// Whether the engine takes an expression.
pub(super) fn is_expression(words: &str) -> bool {
    machinery::parse(&format!("{{{{ {words} }}}}"), "template", engine::syntax()).is_ok()
}

/// What stands between `{{` and `}}`. `is_undefined`: the engine took it, and a name in it does not exist.
pub(in crate::template) fn of_print(inner: &str, is_undefined: bool) -> Option<Habit> {
    if inner.starts_with("/*") {
        return Some(Habit::new("comment", "a comment is not written `{{/* … */}}` here", "write `{# … #}`"));
    }
    if let Some(comment) = inner.strip_prefix("# ").filter(|_| !is_undefined) {
        let help = format!("write `{{# {comment} #}}`");
        return Some(Habit::new("comment", "a comment does not stand between `{{` and `}}`", help));
    }
    let (word, rest) = first_word(inner);
    let is_dotted = rest.starts_with(['.', '$', '"', '(']);
    if is_dotted || is_undefined || !is_expression(inner) {
        if let Some(habit) = of_keyword(word, rest) {
            return Some(habit);
        }
        if let Some((name, value)) = inner.strip_prefix('$').and_then(|inner| inner.split_once(":=")) {
            let value = helm::translated(value).unwrap_or_else(|| "…".to_owned());
            let help = format!("write `{{% set {} = {value} %}}`; {KEEP}", name.trim());
            return Some(Habit::new("set", "a name is given with `{% set %}` here", help));
        }
        return of_expression(inner, |it| format!("{{{{ {it} }}}}"), is_undefined);
    }
    None
}

/// A line of front matter that is no expression, though it takes one.
pub(in crate::template) fn of_line(key: &str, text: &str) -> Option<Habit> {
    let shown = |it: &str| match key {
        "for_each" if !it.contains(" in ") => format!("for_each: … in {it}"),
        _ => format!("{key}: {it}"),
    };
    if text.contains("{{") {
        let inner = text.trim().strip_prefix("{{").and_then(|it| it.strip_suffix("}}")).map(str::trim);
        let message = format!("`{key}` takes an expression, without braces");
        let help = match inner.filter(|inner| !inner.contains("{{")) {
            Some(inner) if is_expression(inner) => format!("write `{}`", shown(inner)),
            _ => format!("write names as they are, `{}`", shown("a and b == 'x'")),
        };
        return Some(Habit::new("braces", message, help));
    }
    if is_assignment(text) {
        let right = text.replacen(" = ", " == ", 1);
        let help = if is_expression(&right) { format!("write `{}`", shown(&right)) } else { "write `==`".to_owned() };
        return Some(Habit::new("==", "`=` sets a value, and `==` compares two", help));
    }
    of_expression(text, shown, false)
}

/// Go's statements, which stand between the braces of values.
fn of_keyword(word: &str, rest: &str) -> Option<Habit> {
    // The engine may have read no more than the first names.
    let value = helm::translated(rest).unwrap_or_else(|| if rest == ".Values" { "name" } else { "…" }.to_owned());
    // Alertmanager, Argo CD and others read such templates as well.
    let is_helms = rest.contains(".Values") || rest.contains(".Release") || rest.contains(".Chart");
    let keep = if is_helms { String::new() } else { format!("; {KEEP}") };
    let statement = |kind, help: String| {
        let message = format!("a statement like `{word}` does not stand between `{{{{` and `}}}}` here");
        Some(Habit::new(kind, message, help))
    };
    match word {
        "if" => statement("if", format!("write `{{% if {value} %}}`, and `{{% endif %}}` where it ends{keep}")),
        "else" if rest.starts_with("if ") => {
            let value = helm::translated(&rest[3..]).unwrap_or_else(|| "…".to_owned());
            statement("elif", format!("write `{{% elif {value} %}}`"))
        }
        "else" if rest.is_empty() => statement("else", "write `{% else %}`".to_owned()),
        "end" if rest.is_empty() => statement(
            "end",
            format!("write `{{% endif %}}`, `{{% endfor %}}` or `{{% endmacro %}}`, whichever ends what is open{keep}"),
        ),
        "range" => {
            let (names, list) = helm::range(rest);
            statement(
                "range",
                format!("write `{{% for {names} in {list} %}}`, and `{{% endfor %}}` where it ends{keep}"),
            )
        }
        "with" => {
            statement("with", format!("write `{{% with x = {value} %}}`, and `{{% endwith %}}` where it ends{keep}"))
        }
        "define" | "block" => {
            let name = helm::macro_name(rest);
            statement("define", format!("write `{{% macro {name}() %}}`, and `{{% endmacro %}}` where it ends"))
        }
        "tpl" if !rest.is_empty() && !rest.starts_with(['|', '.', '=']) => Some(Habit::new(
            "tpl",
            "there is no `tpl` here: a value is never a template",
            "write the names in the template itself, or join texts with `~`",
        )),
        "include" | "template" if rest.starts_with(['"', '\'', '(']) => {
            let name = helm::macro_name(rest);
            Some(Habit::new(
                "include",
                format!("`{word}` is no function here"),
                format!(
                    "call a macro, `{{{{ {name}() }}}}`, or take a file in: `{{% include '_{name}.j2' %}}`; neither needs `indent`"
                ),
            ))
        }
        _ => None,
    }
}

/// What stands between `{%` and `%}`.
fn of_statement(inner: &str) -> Option<Habit> {
    let (word, rest) = first_word(inner);
    let says =
        |kind, wrong: &str, right: String| Some(Habit::new(kind, format!("there is no statement `{wrong}`"), right));
    let value = |rest: &str| rewritten(rest).unwrap_or_else(|| "…".to_owned());
    match word {
        "else" if rest.starts_with("if ") => {
            says("elif", "else if", format!("write `{{% elif {} %}}`", value(&rest[3..])))
        }
        "elseif" | "elsif" | "elseIf" | "elif" if word != "elif" => {
            says("elif", word, format!("write `{{% elif {} %}}`", value(rest)))
        }
        "end" => says("end", word, "write `{% endif %}` or `{% endfor %}`, whichever ends what is open".to_owned()),
        "range" | "foreach" | "each" => {
            let (names, list) = helm::range(rest);
            says("for", word, format!("write `{{% for {names} in {list} %}}`, and `{{% endfor %}}` where it ends"))
        }
        "unless" => {
            says("unless", word, format!("write `{{% if not {} %}}`, and `{{% endif %}}` where it ends", value(rest)))
        }
        "assign" | "let" | "var" => says("set", word, format!("write `{{% set {rest} %}}`")),
        "comment" | "endcomment" => says("comment", word, "write `{# … #}`".to_owned()),
        "define" => says("define", word, format!("write `{{% macro {}() %}}`", helm::macro_name(rest))),
        "if" | "elif" if is_assignment(rest) => {
            let (left, right) = rest.split_once(" = ")?;
            let right = format!("{} == {}", left.trim(), right.trim());
            let help =
                if is_expression(&right) { format!("write `{{% {word} {right} %}}`") } else { "write `==`".to_owned() };
            Some(Habit::new("==", "`=` sets a value, and `==` compares two", help))
        }
        "if" | "elif" if !is_expression(rest) => of_expression(rest, |it| format!("{{% {word} {it} %}}"), false),
        "for" => {
            let (names, list) = rest.split_once(" in ")?;
            if is_expression(list) {
                None
            } else {
                of_expression(list.trim(), |it| format!("{{% for {} in {it} %}}", names.trim()), false)
            }
        }
        "set" => {
            let (name, value) = rest.split_once('=')?;
            let name = name.trim_end_matches(':').trim();
            if is_expression(value) {
                None
            } else {
                of_expression(value.trim(), |it| format!("{{% set {name} = {it} %}}"), false)
            }
        }
        _ => None,
    }
}

/// An expression with words of Go or C. `shown` writes the tag with another expression in it.
fn of_expression(inner: &str, shown: impl Fn(&str) -> String, is_undefined: bool) -> Option<Habit> {
    let words = without_texts(inner);
    let right = rewritten(inner);
    let write = |otherwise: &str| match &right {
        Some(right) => format!("write `{}`", shown(right)),
        None => otherwise.to_owned(),
    };
    let is_word =
        |word: &str| words.split(|char: char| !char.is_ascii_alphanumeric() && char != '_').any(|it| it == word);
    if let Some(word) = ["toYaml", "nindent", "indent"].into_iter().find(|word| is_word(word)) {
        let message =
            format!("there is no `{word}` here: a map or a list is put in with its structure, at any indentation");
        return Some(Habit::new("toYaml", message, write("leave it out: `key: {{ value }}`")));
    }
    if words.contains(".Values") || is_undefined && words.starts_with("Values.") {
        let message = "there is no `.Values` here: settings of the environment are called by their names";
        return Some(Habit::new("values", message, write("leave `.Values.` out: `{{ name }}`")));
    }
    if words.contains(".Files.") || is_undefined && words.starts_with("Files.") {
        let message = "there is no `.Files` here: files are read by a function";
        let name = inner.split(['"', '\'']).nth(1).filter(|_| inner.contains(".Get")).unwrap_or("files/…");
        return Some(Habit::new("files", message, format!("write `file(\"{name}\")`, with the path from the project")));
    }
    let roots = [".Release", ".Chart", ".Capabilities"];
    let is_said = |word: &str| words.contains(word) || is_undefined && words.split('.').next() == Some(&word[1..]);
    if let Some(word) = roots.into_iter().find(|word| is_said(word)) {
        let message = format!("there is no `{word}` here: nothing is known but the environment");
        return Some(Habit::new(
            "release",
            message,
            "set what it would say in the environment, and call it by its name",
        ));
    }
    if is_undefined {
        return None;
    }
    if let Some((operator, here)) = [("&&", "and"), ("||", "or")].into_iter().find(|(it, _)| words.contains(it)) {
        return Some(Habit::new(here, format!("`{operator}` is written `{here}` here"), write("write the word")));
    }
    if let Some((condition, _)) = words.split_once(" ? ")
        && words.contains(" : ")
        && !condition.is_empty()
    {
        let message = "`x ? a : b` is written `a if x else b` here";
        return Some(Habit::new("?", message, write("begin with the value, and name its condition behind `if`")));
    }
    if words.contains(" ?? ") {
        let right =
            inner.split_once(" ?? ").map(|(value, other)| format!("{} | default({})", value.trim(), other.trim()));
        let help = match right.filter(|right| is_expression(right)) {
            Some(right) => format!("write `{}`", shown(&right)),
            None => "write `x | default(y)`".to_owned(),
        };
        return Some(Habit::new("??", "`??` is written `default` here", help));
    }
    if words.replace("!=", "  ").contains('!') {
        return Some(Habit::new("not", "`!` is written `not` here", write("write `not x`")));
    }
    if let Some(right) = helm::between(inner) {
        let message = "operators are signs here, as in `a == b`";
        return Some(Habit::new("call", message, format!("write `{}`", shown(&right))));
    }
    let (function, rest) = first_word(words.trim_start_matches('('));
    let is_call =
        helm::FUNCTIONS.contains(&function) && !rest.is_empty() && !rest.starts_with(['|', '.', '=', '+', '~']);
    let mut piped = words.split('|').skip(1).map(|part| first_word(part.trim()).0);
    let piped = piped.find(|word| helm::FUNCTIONS.contains(word));
    if is_call || piped.is_some() {
        let message = "arguments stand in brackets here, and operators between what they join";
        let instead = right.is_none().then(|| functions::instead(piped.unwrap_or(function))).flatten();
        let help = instead.unwrap_or("write `function(a, b)`, `value | filter(a)` or `a == b`");
        return Some(Habit::new("call", message, write(help)));
    }
    None
}

/// An expression in the words of here, if it is one then.
fn rewritten(expression: &str) -> Option<String> {
    let plain = helm::operators(expression);
    let right =
        if is_expression(&plain) && !plain.contains("Values.") { Some(plain) } else { helm::translated(expression) };
    right.filter(|right| is_expression(right) && right.len() < 200)
}

/// Whether a condition sets a value where it means to compare: `if size = 3`.
fn is_assignment(condition: &str) -> bool {
    without_texts(condition).split_once(" = ").is_some_and(|(left, _)| !left.contains(['(', '=']))
}

fn first_word(inner: &str) -> (&str, &str) {
    let end = inner.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(inner.len());
    (&inner[..end], inner[end..].trim_start())
}

/// The same, with blanks in the place of what stands in quotes.
fn without_texts(inner: &str) -> String {
    let mut quote = None;
    let blank = |char: char| match quote {
        Some(open) => {
            if char == open {
                quote = None;
            }
            ' '
        }
        None if matches!(char, '"' | '\'' | '`') => {
            quote = Some(char);
            ' '
        }
        None => char,
    };
    inner.chars().map(blank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn help(tag: &str) -> String {
        let tags = tags(tag);
        habit(&tags[0]).unwrap_or_else(|| panic!("{tag}")).help
    }

    #[test]
    fn what_helm_writes_is_written_as_here() {
        for (theirs, ours) in [
            ("{{ toYaml .Values.labels | nindent 4 }}", "{{ labels }}"),
            ("{{- .Values.labels | toYaml | nindent 4 -}}", "{{ labels }}"),
            ("{{ $.Values.image.tag | quote }}", "{{ image.tag }}"),
            ("{{ .Values.y | default \"x\" }}", "{{ y | default(\"x\") }}"),
            ("{{ default \"x\" .Values.y }}", "{{ y | default(\"x\") }}"),
            ("{{ default .Values.a .Values.b | quote }}", "{{ b | default(a) }}"),
            ("{{ b64enc .Values.key }}", "{{ key | b64encode }}"),
            ("{{ ternary \"a\" \"b\" .Values.on }}", "{{ \"a\" if on else \"b\" }}"),
            ("{{ printf \"%s-%d.x\" .Values.a b }}", "{{ a ~ \"-\" ~ b ~ \".x\" }}"),
            ("{{ required \"no name\" .Values.name }}", "{{ required(name, \"no name\") }}"),
            ("{{ on && !off || x }}", "{{ on and not off or x }}"),
            ("{{ on ? a : b }}", "{{ a if on else b }}"),
            ("{% if eq .Values.a \"x\" %}", "{% if a == \"x\" %}"),
            ("{% if and .Values.a (not .Values.b) %}", "{% if a and (not b) %}"),
            ("{% elif a != b && c %}", "{% elif a != b and c %}"),
            ("{% set x = a || b %}", "{% set x = a or b %}"),
            ("{% else if .Values.x %}", "{% elif x %}"),
            ("{% if size = 3 %}", "{% if size == 3 %}"),
            ("{{ # why }}", "{# why #}"),
            ("{{ add 1 size }}", "{{ 1 + size }}"),
            ("{{ size | add 1 }}", "{{ 1 + size }}"),
            ("{{ (index settings \"LOG_LEVEL\") }}", "{{ (settings[\"LOG_LEVEL\"]) }}"),
            ("{% if defined x %}", "{% if x is defined %}"),
            ("{% if a eq b %}", "{% if a == b %}"),
            ("{% if hasPrefix \"v\" tag %}", "{% if tag is startingwith(\"v\") %}"),
            ("{% for i in until 3 %}", "{% for i in range(3) %}"),
            ("{{ name ?? \"x\" }}", "{{ name | default(\"x\") }}"),
            ("{% elseif x %}", "{% elif x %}"),
        ] {
            assert_eq!(help(theirs), format!("write `{ours}`"), "{theirs}");
        }
        for (theirs, ours) in [
            ("{{ if .Values.on }}", "{% if on %}"),
            ("{{- if and .Values.a .Values.b }}", "{% if a and b %}"),
            ("{{ range .Values.items }}", "{% for item in items %}"),
            ("{{ range $key, $value := .Values.labels }}", "{% for key, value in labels | items %}"),
            ("{{ with .Values.labels }}", "{% with x = labels %}"),
            ("{{ define \"web.labels\" }}", "{% macro web_labels() %}"),
            ("{{ include \"web.labels\" . | nindent 4 }}", "{{ web_labels() }}"),
            ("{{/* why */}}", "{# … #}"),
            ("{% unless x %}", "{% if not x %}"),
            ("{% assign x = 1 %}", "{% set x = 1 %}"),
            ("{% range items %}", "{% for item in items %}"),
            ("{% end %}", "{% endif %}"),
            ("{{ $x := 1 }}", "{% set x = 1 %}"),
            ("{{ tpl value . }}", "~"),
            ("{{ .Files.Get \"a.txt\" }}", "file(\"a.txt\")"),
        ] {
            assert!(help(theirs).contains(&format!("`{ours}`")), "{theirs}: {}", help(theirs));
        }
    }

    #[test]
    fn what_may_be_meant_here_or_for_others_is_left_alone() {
        for tag in [
            "{{ name }}",
            "{{ end }}",
            "{{ range }}",
            "{{ default }}",
            "{{ '&&' }}",
            "{{ a != b }}",
            "{{ $labels.instance }}",
            "{{ .Labels.x }}",
            "{{ name | }}",
            "{% if a != b %}",
            "{% if %}",
            "{% for x in %}",
        ] {
            assert!(habit(&tags(tag)[0]).is_none(), "{tag}");
        }
        assert!(tags("{# {{ .Values.x }} #}{% raw %}{{ .Values.x }}{% endraw %}").is_empty());
    }
}
