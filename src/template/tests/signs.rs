//! Every tag with every sign for blanks, alone on its line and beside text: in a file of text, in a block of text and in a
//! map. What is expected is worked out by a model that only knows what the page on templates says, and what Jinja means by
//! a sign.

use crate::artifact::Body;
use crate::template::testing::{render_all, value, yaml};
use crate::value::Value;

/// What stands at the start or at the end of a tag.
const SIGNS: [&str; 3] = ["", "-", "+"];

/// Blocks that print once what is between their tags, as it is.
const BLOCKS: [[&str; 2]; 7] = [
    ["if yes", "endif"],
    ["for n in [1]", "endfor"],
    ["with q = 1", "endwith"],
    ["raw", "endraw"],
    ["filter replace('_', '_')", "endfilter"],
    ["call m()", "endcall"],
    ["if yes %}{% raw", "endraw %}{% endif"],
];

/// Tags that print nothing; the signs stand in the place of `<` and `>`.
const SILENT: [&str; 5] = [
    "{%< set q = 1 >%}",
    "{#< a note >#}",
    "{%< set q %}no{% endset >%}",
    "{%< macro o() %}no{% endmacro >%}",
    "{%< raw %}{% endraw >%}",
];

const MACRO: &str = "{% macro m() %}{{ caller() }}{% endmacro %}\n";

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or_default()
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Takes off two texts what the tag between them takes.
fn take(before: &mut String, [start, end]: [&str; 2], behind: &mut String) {
    let (first, rest) = behind.split_once('\n').unwrap_or((behind, ""));
    let (indent, rest) = (last_line(before).to_owned(), rest.to_owned());
    if !(is_blank(&indent) && is_blank(first)) {
        before.truncate(if start == "-" { before.trim_end().len() } else { before.len() });
        let kept = if end == "-" { behind.trim_start() } else { behind.as_str() };
        *behind = kept.to_owned();
        return;
    }
    if start != "+" {
        before.truncate(before.len() - indent.len());
    }
    if end != "+" {
        *behind = rest;
    }
    // Blank lines, and nothing but those.
    if start == "-" && !before.is_empty() {
        before.truncate(before.trim_end().len());
        before.push_str(if before.is_empty() { "" } else { "\n" });
    }
    if end == "-" {
        let blank = behind.len() - behind.trim_start().len();
        let lines = behind[..blank].rfind('\n').map_or(0, |end| end + 1);
        behind.drain(..lines);
    }
}

/// The texts of a template, and the tags between them, each with its signs.
struct Case {
    texts: Vec<String>,
    tags: Vec<(String, [&'static str; 2])>,
}

impl Case {
    fn template(&self) -> String {
        let tags = self.tags.iter().map(|(tag, _)| tag.as_str()).chain([""]);
        self.texts.iter().zip(tags).flat_map(|(text, tag)| [text, tag]).collect()
    }

    /// The same, two columns to the right.
    fn indented(&self) -> Self {
        let last = self.texts.len() - 1;
        let indented = |(at, text): (usize, &String)| {
            let mut moved = String::new();
            let mut lines = text.split('\n').enumerate().peekable();
            while let Some((number, line)) = lines.next() {
                let is_last = lines.peek().is_none();
                let is_empty = line.is_empty() && (!is_last || at == last);
                let begins = number > 0 || at == 0;
                moved += if begins && !is_empty { "  " } else { "" };
                moved += line;
                moved += if is_last { "" } else { "\n" };
            }
            moved
        };
        Self { texts: self.texts.iter().enumerate().map(indented).collect(), tags: self.tags.clone() }
    }

    fn expected(&self) -> String {
        let mut texts = self.texts.clone();
        for (at, (_, signs)) in self.tags.iter().enumerate() {
            let [before, behind] = &mut texts[at..at + 2] else { unreachable!() };
            take(before, *signs, behind);
        }
        texts.concat()
    }
}

/// Texts around the two tags of a block, the tags alone on their lines or beside something.
fn around() -> Vec<[String; 3]> {
    let mut all = Vec::new();
    for indent in ["", "  "] {
        for gap in ["", "\n"] {
            let inner = format!("\n{gap}{indent}x\n{gap}{indent}y\n{indent}");
            let lone = |inner: String| [format!("T\n{gap}{indent}"), inner, format!("\n{gap}{indent}E\n")];
            all.push(lone(inner.replace('y', " y")));
            all.push(lone(inner));
        }
        all.push([format!("T\n{indent}q "), format!("\n{indent}x\n{indent}"), format!("\n{indent}E\n")]);
        all.push([format!("T\n{indent}"), format!("x\n{indent}y\n{indent}"), format!("\n{indent}E\n")]);
        all.push([format!("T\n{indent}"), format!("\n{indent}x\n{indent}y"), format!("\n{indent}E\n")]);
        all.push([format!("T\n{indent}"), format!("\n{indent}x\n{indent}"), format!(" z\n{indent}E\n")]);
        all.push([format!("T\n{indent}q "), " x ".to_owned(), format!(" z\n{indent}E\n")]);
        all.push([format!("T\n{indent}"), "x".to_owned(), format!("\n{indent}E\n")]);
    }
    all
}

fn signs() -> impl Iterator<Item = [&'static str; 2]> {
    SIGNS.into_iter().flat_map(|start| SIGNS.map(|end| [start, end]))
}

/// What the page says otherwise: a filter or a call prints its text anew, and what a macro makes of one line is that line
/// beside text. What `+` keeps of what a `-` takes as well nobody can say.
fn is_own(begin: &str, texts: &[String; 3], [a, b, c, d]: [&str; 4]) -> bool {
    let prints = begin.starts_with("filter") || begin.starts_with("call");
    let is_one_line = begin.starts_with("call") && texts[2].starts_with(" z") && texts[1].trim() == "x";
    prints && (a == "+" || c == "+") || is_one_line || [b, c, d] == ["-", "-", "+"]
}

fn blocks() -> Vec<Case> {
    let mut cases = Vec::new();
    for [begin, end] in BLOCKS {
        for texts in around() {
            for [a, b] in signs() {
                for [c, d] in signs() {
                    if is_own(begin, &texts, [a, b, c, d]) {
                        continue;
                    }
                    let tags = [(format!("{{%{a} {begin} {b}%}}"), [a, b]), (format!("{{%{c} {end} {d}%}}"), [c, d])];
                    cases.push(Case { texts: texts.to_vec(), tags: tags.to_vec() });
                }
            }
        }
    }
    cases
}

fn silent() -> Vec<Case> {
    let mut cases = Vec::new();
    for tag in SILENT {
        for (before, behind) in [
            ("T\n  ", "\n  E\n"),
            ("T\n", "\nE\n"),
            ("T\n\n  ", "\n\n    E\n"),
            ("T\nq ", "\n  E\n"),
            ("T\n  ", "z\nE\n"),
            ("T\n q ", " z\nE\n"),
        ] {
            for [a, b] in signs() {
                let tags = vec![(tag.replace('<', a).replace('>', b), [a, b])];
                cases.push(Case { texts: vec![before.to_owned(), behind.to_owned()], tags });
            }
        }
    }
    cases
}

fn text(template: &str) -> Result<String, String> {
    let outcome = render_all(&[("test.txt.j2", template)], "name: prod\nyes: true\n");
    match outcome.artifacts.first().map(|artifact| &artifact.body) {
        Some(Body::Text(text)) => Ok(text.clone()),
        _ => Err(outcome.text()),
    }
}

/// The text that a block of YAML holds.
fn block(lines: &str) -> Result<String, String> {
    let outcome = render_all(&[("test.yaml.j2", &format!("{MACRO}k: |\n{lines}"))], "name: prod\nyes: true\n");
    let document = outcome.artifacts.first().and_then(|artifact| artifact.body.documents().first());
    let text = document.and_then(|document| document.get("k")).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| outcome.text())
}

/// The lines of a text without the indentation of the block that they stand in.
fn dedented(text: &str) -> String {
    text.split_inclusive('\n').map(|line| line.strip_prefix("  ").unwrap_or(line.trim_start_matches(' '))).collect()
}

#[allow(clippy::disallowed_methods, reason = "asks how much is to be tested")]
fn is_full() -> bool {
    std::env::var_os("PLATC_TEST_FULL").is_some()
}

/// One in so many, which are others for each kind of block; all of them in the tests of the night.
fn sample(cases: Vec<Case>) -> impl Iterator<Item = Case> {
    let step = if is_full() { 1 } else { 11 };
    cases.into_iter().step_by(step)
}

#[test]
fn every_tag_takes_what_its_signs_say_in_a_file_of_text() {
    for case in sample(blocks()).chain(silent()) {
        let template = format!("{MACRO}{}", case.template());
        assert_eq!(text(&template), Ok(case.expected()), "{template:?}");
    }
}

#[test]
fn every_tag_takes_what_its_signs_say_in_a_block_of_text() {
    for case in sample(blocks()).chain(silent()) {
        let case = case.indented();
        assert_eq!(block(&case.template()), Ok(dedented(&case.expected())), "{:?}", case.template());
    }
}

#[test]
fn what_a_tag_leaves_in_a_map_stays_in_it() {
    let inner = "\n  x: {{ 1 }}\n  y: 2\n  ";
    for [begin, end] in BLOCKS {
        for [[a, b], [c, d]] in signs().flat_map(|first| signs().map(move |second| [first, second])) {
            if begin.starts_with("filter") || begin.starts_with("call") || [a, c].contains(&"+") {
                continue;
            }
            let tags = [(format!("{{%{a} {begin} {b}%}}"), [a, b]), (format!("{{%{c} {end} {d}%}}"), [c, d])];
            let inner = if begin.ends_with("raw") { inner.replace("{{ 1 }}", "'{{ 1 }}'") } else { inner.to_owned() };
            let texts = vec!["a:\n  t: 1\n  ".to_owned(), inner, "\n  e: 1\nb: 1\n".to_owned()];
            let case = Case { texts, tags: tags.to_vec() };
            let expected =
                if begin.ends_with("raw") { case.expected() } else { case.expected().replace("{{ 1 }}", "1") };
            assert_eq!(value(&case.template(), "yes: true\n"), yaml(&expected), "{:?}", case.template());
        }
    }
}

/// A document whose lines are parted by lone tags, and with `-` at either side of them.
fn document() -> Vec<String> {
    let mut all = Vec::new();
    for above in ["a: 1", "a: 1 # note", "# note", "a: {{ 1 }}", "a:\n  - x", "a:\n  b: 1", "a: |\n  x", "a: |\n  # x"]
    {
        for inner in ["c: 1", "c: 1 # note", "# note\nc: 1\n# note", "c: {{ 1 }}", "c:\n  - x\n  - z", "c:\n  d: 1"] {
            for below in ["e: 1", "# note\ne: 1", "e: {{ 1 }}", "e:\n  - x"] {
                all.push(format!("{above}\n<%>\n{inner}\n</%>\n{below}\n"));
            }
        }
    }
    for (above, inner, below) in [
        ("a:\n  - 1", "  - 2", "  - 3"),
        ("a:\n  - 1 # note", "  - 2 # note", "  - 3"),
        ("a:", "  - 2", "b: 1"),
        ("a:", "  - {b: 2}\n  - {{ 1 }}", "  - 3"),
        ("a:\n  - 1", "  # note\n  - 2", "  # note\n  - 3"),
        ("a:\n  b: 1", "  c: 1", "  d: 1"),
        ("a:\n  b: 1 # note", "    # note\n  c: 1", "d: 1"),
        ("a: |\n  x", "  y", "  z"),
        ("a: |\n  # x", "  y", "b: 1"),
        ("a: >-\n  x", "  y", "  z\nb: 1"),
        ("a: [", "  x,", "  z]"),
    ] {
        all.push(format!("{above}\n<%>\n{inner}\n</%>\n{below}\n"));
    }
    all
}

#[test]
fn a_lone_tag_joins_no_lines_of_yaml_whatever_its_signs() {
    let blocks = [
        ["{%< if yes >%}", "{%< endif >%}"],
        ["{%< for n in [1] >%}", "{%< endfor >%}"],
        ["{%< set q = 1 >%}", "{#< a note >#}"],
        ["{%< with q = 1 >%}{#< a note >#}", "{%< endwith >%}"],
    ];
    let mut number = 0_usize;
    for document in document() {
        let plain = document.replace("<%>\n", "").replace("</%>\n", "").replace("{{ 1 }}", "1");
        for [begin, end] in blocks {
            for (margin, [a, b], [c, d]) in
                ["", "  "].into_iter().flat_map(|margin| sides().map(move |(first, last)| (margin, first, last)))
            {
                number += 1;
                let is_worst = [a, b, c, d].iter().all(|sign| *sign == "-");
                if !is_worst && !is_full() && !number.is_multiple_of(13) {
                    continue;
                }
                let sign =
                    |tag: &str, [start, end]: [&str; 2]| margin.to_owned() + &tag.replace('<', start).replace('>', end);
                let template = document.replace("</%>", &sign(end, [c, d])).replace("<%>", &sign(begin, [a, b]));
                assert_eq!(value(&template, "yes: true\n"), yaml(&plain), "{template}");
            }
        }
    }
}

/// The signs of two tags, without `+`, which keeps blanks.
fn sides() -> impl Iterator<Item = ([&'static str; 2], [&'static str; 2])> {
    let signs = || ["", "-"].into_iter().flat_map(|start| ["", "-"].map(|end| [start, end]));
    signs().flat_map(move |first| signs().map(move |last| (first, last)))
}

#[test]
fn a_sign_beside_text_joins_no_lines_of_yaml_but_within_a_text() {
    let said = |template: &str| {
        let outcome = render_all(&[("test.yaml.j2", template)], "s: v\nyes: true\n");
        (outcome.text().contains("template/not-allowed"), outcome)
    };
    for template in [
        "l:\n  - {{- s }}\n  - x\n",
        "l:\n  - x\n  {{- s }}\n  - x\n",
        "l:\n  - {{ s -}}\n  - x\n",
        "l:\n  - {{ s -}}\n  {% if yes %}\n  - x\n  {% endif %}\n",
        "l:\n{% for n in [1, 2] %}\n  - {{ n -}}\n{% endfor %}\n",
        "a: {{- s }}\nb: 1\n",
        "a: {{ s -}}\nb: 1\n",
        "a: {{ s -}} # note\nb: 1\n",
        "a: 1 # {{ s -}}\nb: 1\n",
        "a: 1 # note {% if yes -%}\nb: 1\n{% endif %}\n",
        "a: 1\n{%- if yes %} # note{% endif %}\nb: 1\n",
        "a: |\n  x\n  {{ s -}}\nb: 1\n",
        "a: |\n  {{- s }}\nb: 1\n",
        "a: {{ s -}}\n{{ s }}: 1\n",
    ] {
        let (is_said, outcome) = said(template);
        assert!(is_said, "{template}\n{}", outcome.text());
    }
    for (template, expected) in [
        ("a: |\n  x\n  {{- s }}\nb: 1\n", "a: \"xv\\n\"\nb: 1\n"),
        ("a: |\n  {{ s -}}\n  x\nb: 1\n", "a: \"vx\\n\"\nb: 1\n"),
        ("a: |\n{% for n in [1, 2] %}\n  {{ n }}\n  {{- s -}}\n{% endfor %}\n  x\n", "a: \"1v  2v  x\\n\"\n"),
        ("a: {{ s -}}\n", "a: v\n"),
        ("a: {% if yes %}{{ s -}}\n{% else %}x{% endif %}\n", "a: v\n"),
        ("a: [\n  {{- s }},\n  {{ s -}}\n]\nb: 1\n", "a: [v, v]\nb: 1\n"),
        ("{%- if yes %}\na: 1\n{% endif -%}\nb: 1\n", "a: 1\nb: 1\n"),
        ("{% set m %}a\n{{- s }}{% endset %}\na: {{ m }}\n", "a: av\n"),
        ("a: x{{- s }}\nb: {{ s -}} x\n", "a: xv\nb: vx\n"),
    ] {
        assert_eq!(value(template, "s: v\nyes: true\n"), yaml(expected), "{template}");
    }
}

#[test]
fn what_a_sign_beside_text_takes_ends_where_a_lone_tag_begins() {
    for (template, expected) in [
        ("T\n{{ s -}}\n\n  {% set q = 1 -%}\nE\n", "T\nvE\n"),
        ("T\n{{ s -}}\n\n  {% set q = 1 %}\n  {% set r = 1 -%}\nE\n", "T\nvE\n"),
        ("T\nd  {%- if no %}  {{ s -}} \n    {% endif -%}\n  d\n", "T\nd  d\n"),
        ("T\nd  {%- if yes %}  {{ s -}} \n    {% endif -%}\n  d\n", "T\nd  v  d\n"),
        ("x {% if yes -%}\n    {% set q = 1 -%}\n  E\n{% endif %}", "x   E\n"),
        ("x {#- c -#}\n    {% set q = 1 -%}\n  E\n", "x  E\n"),
        ("{{ s -}}\n {% set q = 1 +%}\n  {% set r = 1 -%}\nE\n", "v\nE\n"),
    ] {
        let outcome = render_all(&[("test.txt.j2", template)], "s: v\nyes: true\nno: false\n");
        let made = outcome.artifacts.first().map(|artifact| &artifact.body);
        assert!(
            matches!(made, Some(Body::Text(made)) if made == expected),
            "{template:?}: {made:?}\n{}",
            outcome.text()
        );
    }
}
