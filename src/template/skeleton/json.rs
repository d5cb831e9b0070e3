//! What a document of JSON may not hold, though YAML has it: the text is read as YAML, and would mean something else to
//! who wrote JSON. A document in block form is no JSON at all, and is taken as the YAML that it is.

use std::ops::Range;

use super::{Builder, COMMA_HELP, Form, slot};
use crate::finding::{Finding, codes};
use crate::source::{FileId, Span};
use crate::yaml::{self, Style};

const NO_JSON_VALUE: &str = "this key has no value, which JSON does not know";

impl Builder<'_> {
    /// Whether what is no JSON is an error: not in a text that was parsed before.
    fn is_strict(&self) -> bool {
        self.form == Form::Json && self.fold
    }

    /// In JSON every key has a value: `{"a": 1, "b"}` is none.
    pub(super) fn refuse_missing(&mut self, yaml::Entry { key, value }: &yaml::Entry) {
        let is_empty = matches!(&value.content, yaml::Content::Scalar { text, style: Style::Plain } if text.is_empty());
        if self.is_strict() && is_empty && value.tag.is_none() {
            let finding = Finding::new(&codes::yaml::SYNTAX, key.span, NO_JSON_VALUE);
            self.findings
                .push(finding.help(
                    "write a colon and the value behind it, `\"key\": value`; a list stands between `[` and `]`",
                ));
        }
    }

    /// In JSON an item with a colon is none: `["a": 1]`.
    pub(super) fn refuse_single_pair(&mut self, item: &yaml::Node) {
        let yaml::Content::Map(entries) = &item.content else { return };
        let is_whole = self.text.get(item.span.range()).is_some_and(|text| text.starts_with('{'));
        if let Some(entry) = entries.first().filter(|_| self.is_strict() && self.in_flow && !is_whole) {
            let message = "a key and its value stand in a list without `{` and `}`";
            let finding = Finding::new(&codes::yaml::SYNTAX, entry.key.span, message);
            self.findings.push(finding.help("for a list, leave the colon out; for a map, write `{` and `}`"));
        }
    }

    /// In JSON several words are a text in quotes, or values without a comma between them: `[1 2]`.
    pub(super) fn refuse_words(&mut self, text: &str, style: Style, span: Span) {
        let is_between = self.is_strict() && self.in_flow && style == Style::Plain;
        if is_between && text.contains([' ', '\n', '\t']) {
            let finding = Finding::new(&codes::yaml::SYNTAX, span, "several words stand here without quotes");
            self.findings.push(finding.help("put a text in quotes, and a comma between two values"));
        }
    }

    /// In JSON what tags print side by side without quotes is no value: `[{{ a }}{{ "," }}{{ b }}]`.
    pub(super) fn refuse_pieces(&mut self, style: Style, span: Span) {
        let is_said = || self.findings.iter().any(|finding| finding.primary.span == span);
        if self.is_strict() && self.in_flow && style == Style::Plain && !is_said() {
            let finding = Finding::new(
                &codes::yaml::SYNTAX,
                span,
                "what is printed here has other text beside it, without quotes",
            );
            self.findings.push(finding.help(COMMA_HELP));
        }
    }

    /// In JSON a word without quotes is a number, `true`, `false` or `null`: `NaN` and `None` are none of them.
    pub(super) fn refuse_bare(&mut self, text: &str, node: &yaml::Node) {
        let is_written = node.tag.is_none() && !text.is_empty() && !text.contains([' ', '\n', '\t']);
        if !self.in_json || !is_written || is_literal(text) {
            return;
        }
        let finding = Finding::new(&codes::yaml::SYNTAX, node.span, format!("`{text}` is no value of JSON"));
        let help = match text {
            "True" | "False" => format!("write `{}`", text.to_ascii_lowercase()),
            "None" | "undefined" | "nil" => "write `null`, or leave the key out".to_owned(),
            _ => "put a text in quotes; without them stand numbers, `true`, `false`, `null` and what `{{ … }}` prints"
                .to_owned(),
        };
        self.findings.push(finding.help(help));
    }

    /// In JSON nothing stands before the quotes of a key: `/* for us */ {"a": 1}`, `x = {"a": 1}`. A value alone may print it.
    pub(super) fn refuse_key(&mut self, key: &yaml::Key) {
        if !self.is_strict() || key.style != Style::Plain {
            return self.refuse_written(key.style, key.span);
        }
        let is_comment = key.text.starts_with("//") || key.text.contains("/*");
        let is_json = key.text.contains(['"', '{', '[']) || self.in_json && key.text.contains([' ', '\n', '\t']);
        let is_bare = self.in_json && slot::whole(&key.text).is_none();
        let mut refuse = |message: &'static str, help: &'static str| {
            self.findings.push(Finding::new(&codes::yaml::SYNTAX, key.span, message).help(help));
        };
        if is_comment {
            refuse(
                "JSON knows no comments, and this becomes a key",
                "write it as a comment of the template, `{# … #}`",
            );
        } else if is_json {
            refuse(
                "what stands before the colon is no key of JSON",
                "a document of JSON begins with `{` or `[`, and a key stands in quotes",
            );
        } else if is_bare {
            refuse("a key of JSON stands in quotes", "put it between `\"` and `\"`");
        }
    }

    /// In JSON a text stands in double quotes, on one line, and knows few escapes: YAML would make a blank of a line break.
    pub(super) fn refuse_written(&mut self, style: Style, span: Span) {
        if !self.in_json || style != Style::Quoted {
            return;
        }
        let written = self.text.get(span.range()).unwrap_or_default();
        let (range, message, help) = if written.starts_with('\'') {
            (0..written.len(), "JSON has no texts in single quotes", "put it between `\"` and `\"`")
        } else if let Some(at) = written.find('\n') {
            (0..at, "a text of JSON ends on its line, and this goes on below", "write a line break as `\\n`")
        } else if let Some(at) = other_escape(written) {
            let help = "JSON has `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u0000`; a backslash itself is `\\\\`";
            (at..at + 2, "JSON does not know this escape", help)
        } else {
            return;
        };
        let start = span.start as usize;
        let span = Span::new(span.file, start + range.start, start + range.end);
        self.findings.push(Finding::new(&codes::yaml::SYNTAX, span, message).help(help));
    }

    /// In JSON there are no comments.
    pub(super) fn refuse_comment(&mut self, file: FileId) {
        let Some(range) = comment(self.text).filter(|_| self.in_json) else { return };
        let span = Span::new(file, range.start, range.end);
        let finding = Finding::new(&codes::yaml::SYNTAX, span, "JSON knows no comments");
        self.findings.push(finding.help("write it as a comment of the template, `{# … #}`"));
    }
}

/// The first escape of a text in double quotes that only YAML has.
fn other_escape(written: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let start = at + written[at..].find('\\')?;
        let letter = written[start + 1..].chars().next()?;
        if letter.is_ascii() && !"\"\\/bfnrtu".contains(letter) {
            return Some(start);
        }
        at = start + 1 + letter.len_utf8();
    }
}

/// The first comment of YAML, outside of texts in quotes, to the end of its line.
fn comment(text: &str) -> Option<Range<usize>> {
    let (mut quote, mut before) = (None, '\n');
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match (quote, sign) {
            (Some('"'), '\\') => drop(signs.next()),
            (Some(open), sign) if sign == open => quote = None,
            (None, '"' | '\'') => quote = Some(sign),
            (None, '#') if before.is_whitespace() => {
                let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
                return Some(at..end);
            }
            _ => {}
        }
        before = sign;
    }
    None
}

/// Whether readers of JSON take this without quotes.
fn is_literal(text: &str) -> bool {
    matches!(text, "true" | "false" | "null") || is_number(text)
}

fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    };
    let number = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    let is_whole = digits(whole) && (whole == "0" || !whole.starts_with('0'));
    let has_exponent = exponent.is_none_or(|it| digits(it.strip_prefix(['+', '-']).unwrap_or(it)));
    is_whole && fraction.is_none_or(digits) && has_exponent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::testing::render_all;

    #[test]
    fn numbers_are_those_of_json() {
        for number in ["0", "-1", "1.50", "1e9", "-0.1E-7", "123456789012345678901234567890"] {
            assert!(is_number(number), "{number}");
        }
        for other in ["", "-", "+1", "01", "1.", ".5", "0x1F", "1_000", "1e", "Infinity", ".inf", "1.2.3"] {
            assert!(!is_number(other), "{other}");
        }
    }

    #[test]
    fn what_no_reader_of_json_takes_is_an_error() {
        for template in [
            "/* made for {{ name }} */ {\"a\": 1}\n",
            "// made\n{\"a\": 1}\n",
            "x = {\"a\": 1}\n",
            "callback({\"a\": 1})\n",
            "{\"a\": 1, /* x */ \"b\": 2}\n",
            "{\"a\": NaN}\n",
            "{\"a\": [1, True]}\n",
            "{\"a\": None, \"b\": {{ name }}}\n",
            "{\"a\": foo}\n",
            "[+1]\n",
            "[1_000]\n",
            "[0x1F]\n",
            "{\"a\": .5}\n",
            "{\"a\": 2024-01-01}\n",
            "{# it #}\n{\"a\": undefined}\n",
            "{a: 1}\n",
            "{\"a\": {b-{{ name }}: 1}}\n",
            "{'a': 1}\n",
            "{\"a\": '{{ name }}'}\n",
            "{\"a\": 1} # {{ name }}\n",
            "# made\n[1]\n",
            "{\"a\": \"x\n  y\"}\n",
            "{\"a\": \"\\x41\"}\n",
            "{\"a\": \"\\\\ \\e\"}\n",
            "{\"a\\_\": 1}\n",
        ] {
            let outcome = render_all(&[("test.json.j2", template)], "name: x\n");
            let told = outcome.text();
            assert!(outcome.artifacts.is_empty(), "{template}: {told}");
            assert_eq!(told.matches("error[").count(), 1, "{template}: {told}");
        }
    }

    #[test]
    fn what_readers_of_json_take_is_fine() {
        for template in [
            "{# made for {{ name }} #}\n{\"a\": 1, \"b\": [true, false, null, -1.5e3, {{ name }}, \"NaN\"]}\n",
            "{\"a\": {{ name }}, \"/* b */\": {{ map }}, {{ name }}: {\"c\": \"{{ name }} // 1\"}}\n",
            "{\"a\": !Ref Name, \"b\": {\"Ref\": \"Name\"}, \"c # d\": \"e' # \\\" # f\"}\n",
            "{\"a\": \"\\u0041\\n\\t\\/\\\\x41 {{ name }} é\"}\n",
            "{% macro m() %}{{ name }}{% endmacro %}\n{\"a\": {{ m() }}}\n",
            // No JSON, and not meant as such.
            "a: word\nb: [x, .5]\nc: 'NaN'\n",
        ] {
            let outcome = render_all(&[("test.json.j2", template)], "name: x\nmap: {a: b}\n");
            assert!(outcome.findings.is_empty() && !outcome.artifacts.is_empty(), "{template}: {}", outcome.text());
        }
    }
}
