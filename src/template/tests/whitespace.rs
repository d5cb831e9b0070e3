//! Whitespace control: only a line that holds nothing but tags leaves nothing behind.

use proptest::prelude::*;

use crate::artifact::Body;
use crate::template::testing::{findings, render_all};
use crate::value::Value;

/// What a template for a text makes.
#[track_caller]
fn text(template: &str) -> String {
    let outcome = render_all(&[("test.txt.j2", template)], "name: prod\nyes: true\n");
    assert!(outcome.findings.iter().all(|it| it.rule.id == "project/line-ends"), "{template:?}\n{}", outcome.text());
    match outcome.artifacts.into_iter().next().map(|artifact| artifact.body) {
        Some(Body::Text(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tag_alone_on_its_line_takes_the_line() {
    for (template, expected) in [
        ("a\n  {% if yes %}\nb\n  {% endif %}\nc\n", "a\nb\nc\n"),
        ("a\n{% if yes %}{% if yes %}  \nb\n{% endif %} {% endif %}\nc\n", "a\nb\nc\n"),
        ("a\n  {# note #}\nb\n", "a\nb\n"),
        ("a\n{# note\n  of two lines #}\nb\n", "a\nb\n"),
        ("{% raw %}\n{{ x }}\n{% endraw %}\nb\n", "{{ x }}\nb\n"),
        ("{% set a = [\n  1,\n] %}\nb\n", "b\n"),
        ("{% macro m() %} x {% endmacro %}\n[{{ m() }}]\n", "[ x ]\n"),
        ("{% set a %}x{% endset %}\r\n{{ a }}\r\n", "x\n"),
        ("a\n  {# at the end #}", "a\n"),
    ] {
        assert_eq!(text(template), expected, "{template:?}");
    }
}

#[test]
fn windows_line_ends_of_a_template_are_line_feeds_in_what_it_makes() {
    for (template, expected) in [
        ("#!/bin/sh\r\necho {{ name }}\r\n", "#!/bin/sh\necho prod\n"),
        ("{% raw %}a\r\n{{ x }}\r\n{% endraw %}\r\nb\r\n", "a\n{{ x }}\nb\n"),
        ("{{ name }}\r\n{% for n in [1, 2] %}\r\n  {{ n }}\r\n{% endfor %}\r\n\r\nend", "prod\n  1\n  2\n\nend"),
        ("{{ 'a\r\nb' }}\r\n", "a\nb\n"),
        ("{% macro m() %}\r\nx{{ caller() }}\r\n{% endmacro %}\r\n{% call m() %}y{% endcall %}\r\n", "xy\n"),
        ("{{ name -}}\r\n b\r\n", "prodb\n"),
        // What an escape means is the value's own.
        ("{{ 'a\\r\\nb' }}\r\n", "a\r\nb\n"),
    ] {
        assert_eq!(text(template), expected, "{template:?}");
        assert_eq!(text(&template.replace("\r\n", "\n")), expected, "{template:?}");
    }
    let parts =
        [("_x.sh.j2", "a\r\nb\r\n"), ("a.yaml.j2", "k: |\n  {% include '_x.sh.j2' %}\nl: {{ text('_x.sh.j2') }}\n")];
    let made = render_all(&parts, "name: prod\n");
    let Some([document]) = made.artifacts.first().map(|it| it.body.documents()) else { panic!("{}", made.text()) };
    assert!(!format!("{document:?}").contains("\\r"), "{document:?}");
}

#[test]
fn a_tag_beside_text_takes_nothing() {
    for (template, expected) in [
        ("{% if yes %}b: 2{% endif %}\nc: 3\n", "b: 2\nc: 3\n"),
        ("  {% if yes %}b{% endif %}\nc\n", "  b\nc\n"),
        ("a {# note #}\nb\n", "a \nb\n"),
        ("{% raw %}{{ x }}{% endraw %}\nb\n", "{{ x }}\nb\n"),
        ("  {% raw %}{{ x }}{% endraw %}\n  b\n", "  {{ x }}\n  b\n"),
        ("{{ name }}{# note #}\nb\n", "prod\nb\n"),
        ("{% set a %}x\ny{% endset %}\n{{ a }}\n", "\nx\ny\n"),
        ("{% set a %}{{ name }}\n{% endset %}[{{ a }}]\n", "[prod]\n"),
    ] {
        assert_eq!(text(template), expected, "{template:?}");
    }
}

#[test]
fn what_a_block_prints_beside_text_is_a_part_of_that_text() {
    for (template, expected) in [
        ("args: {% filter upper %}a\nb{% endfilter %}\nz\n", "args: A\nB\nz\n"),
        ("args: {% filter upper %}a\nb\n{% endfilter %}end\nz\n", "args: A\nB\nend\nz\n"),
        ("ab{% filter upper %}\nq\nr\n{% endfilter %}z\n", "ab\nQ\nR\nz\n"),
        ("{{ name }}{% filter upper %}\nq\nr\n{% endfilter %}z\n", "prod\nQ\nR\nz\n"),
        ("args: {% filter upper %}a\nb\n{% endfilter %}\nz\n", "args: A\nB\nz\n"),
        ("args: {% filter trim %}a\nb\n{% endfilter %}\nz\n", "args: a\nb\nz\n"),
        ("  {% filter upper %}\n  a\n  {% endfilter %}end\nz\n", "  A\n  end\nz\n"),
        ("  q {% filter upper %}a\n  b{% endfilter %}\n  z\n", "  q A\n  B\n  z\n"),
        ("  {% filter upper %}a\n  b{% endfilter %}\n  z\n", "  A\n  B\n  z\n"),
        (
            "{% macro m() %}{{ caller() }}{% endmacro %}\nargs: {% call m() %}a\nb\n{% endcall %}end\nz\n",
            "args: a\nb\nend\nz\n",
        ),
        (
            "{% macro m() %}{{ caller() }}{% endmacro %}\nargs: {% call m() %}a\nb\n{% endcall %}\nz\n",
            "args: a\nb\nz\n",
        ),
        ("{% set c %}q {% filter upper %}a\nb{% endfilter %}{% endset %}\n[{{ c }}]\n", "\n[q A\nB]\n"),
    ] {
        assert_eq!(text(template), expected, "{template:?}");
    }
}

#[test]
fn what_a_block_prints_beside_text_begins_at_the_margin_of_a_block_of_yaml() {
    for (template, expected) in [
        ("k: |\n  args: {% filter upper %}a\n  b{% endfilter %}\n  z\n", "args: A\nB\nz\n"),
        ("k: |-\n  args: {% filter upper %}a\n  b\n  {% endfilter %}\n  z\n", "args: A\nB\nz"),
        ("k: |\n  args: {% filter upper %}a\n    b\n  {% endfilter %}end\n  z\n", "args: A\n  B\nend\nz\n"),
        ("k: |\n  if: |\n    q: {% filter upper %}a\n    b{% endfilter %}\n  z\n", "if: |\n  q: A\n  B\nz\n"),
        ("k: |\n  {% filter upper %}a\n  b{% endfilter %}\n  z\n", "A\nB\nz\n"),
    ] {
        let outcome = render_all(&[("test.yaml.j2", template)], "name: prod\n");
        let artifact = outcome.artifacts.first().unwrap_or_else(|| panic!("{template:?}\n{}", outcome.text()));
        let [document] = artifact.body.documents() else { panic!("{template:?}") };
        assert_eq!(document.get("k").and_then(Value::as_str), Some(expected), "{template:?}");
    }
}

#[test]
fn signs_say_otherwise() {
    for (template, expected) in [
        ("a\n\n  {%- if yes %}\nb{% endif %}\n", "a\nb\n"),
        ("- a\n{%- for x in [1, 2] %}\n- {{ x }}\n{%- endfor %}\n- b\n", "- a\n- 1\n- 2\n- b\n"),
        ("{%- if yes %}\na\n{%- endif %}\nb\n", "a\nb\n"),
        ("a\n{% if yes -%}\n\n  b{% endif %}\n", "a\n  b\n"),
        ("a\n  {%+ if yes %}\nb{% endif %}\n", "a\n  b\n"),
        ("a\n  {% if yes +%}\nb{% endif %}\n", "a\n\nb\n"),
        ("a\n  {#- note -#}\n  b\n", "a\n  b\n"),
        ("a\n\n  {#- note -#}\n\n  b\n", "a\n  b\n"),
        ("{% macro q(x) -%}\n{{ x }}\n{%- endmacro %}\n#!/bin/sh\n{{ q(1) }}\n", "#!/bin/sh\n1\n"),
        ("a\n{% set b -%}\nx\n{%- endset %}\nb\n", "a\nb\n"),
        ("a\n{% set b -%} x {%- endset %}\nb\n", "a\nb\n"),
        ("{% macro q() %}\nx\n{% endmacro %}\n{%- if yes %}\na\n{% endif %}\n", "a\n"),
        ("a\n{% filter upper -%}\nx\n{%- endfilter %}\nb\n", "a\nX\nb\n"),
    ] {
        assert_eq!(text(template), expected, "{template:?}");
    }
}

#[test]
fn what_follows_a_lone_tag_with_a_sign_stays_as_it_is_written() {
    for (template, expected) in [
        ("a:\n  {% if yes -%}\n  b: 1\n  {% endif -%}\n  c: 1\n", "a:\n  b: 1\n  c: 1\n"),
        ("a:\n  {% if not yes -%}\n  b: 1\n  {% endif -%}\n  c: 1\n", "a:\n  c: 1\n"),
        ("a:\n  {# why -#}\n\n  b: 1\n", "a:\n  b: 1\n"),
        ("a:\n  {%- for n in [1, 2] -%}\n  - {{ n }}\n  {%- endfor -%}\nb: 1\n", "a:\n  - 1\n  - 2\nb: 1\n"),
        ("a:\n  {% set s %}x{% endset -%}\n    {{ s }}\n", "a:\n    x\n"),
        ("a:\n  {%- if yes -%}\n  b\n{% endif %}\n", "a:\n  b\n"),
        ("{% macro m() -%}\n  x\n{%- endmacro %}\n[{{ m() }}]\n", "[x]\n"),
        ("k:\n  {% for x in [1, 2] -%}\n  {{ x }},\n  {%- endfor %}\n", "k:\n  1,\n  2,\n"),
        ("k:\n  {%- if not yes -%}\n  a\n  {%- else -%}\n  b\n  {%- endif -%}\nc\n", "k:\n  b\nc\n"),
        ("a\n{%- if yes -%}\n\n{%- if yes -%}\n\nb\n\n{%- endif -%}\n\n{%- endif -%}\n\nc", "a\nb\nc"),
    ] {
        assert_eq!(text(template), expected, "{template:?}");
    }
}

#[test]
fn items_of_a_loop_stay_apart_wherever_it_stands() {
    let body = "{%- for x in [1, 2] %}\nn={{ x }}\n{%- endfor %}\n";
    for (template, expected) in [
        (body.to_owned(), "n=1\nn=2\n"),
        (format!("{{% set q = 1 %}}\n{{# c #}}\n{body}"), "n=1\nn=2\n"),
        (format!("q\n{body}"), "q\nn=1\nn=2\n"),
        (format!("{{% macro w() %}}\n{body}{{% endmacro %}}\n{{{{ w() }}}}\n"), "n=1\nn=2\n"),
        (format!("{{% set w %}}\n{body}{{% endset %}}\n{{{{ w }}}}\n"), "n=1\nn=2\n"),
        (body.replace("{%- for", "{% for"), "n=1\nn=2\n"),
        (body.replace("{%- endfor", "{% endfor"), "n=1\nn=2\n"),
        (format!("q\n{}", body.replace("{%- for", "{% for")), "q\nn=1\nn=2\n"),
        (
            "{%- for x in [1, 2, 3] %}\n{%- if x != 2 %}\nn={{ x }}\n{%- endif %}\n{%- endfor %}\n".to_owned(),
            "n=1\nn=3\n",
        ),
        (
            "{%- for x in [1, 2] %}\n{%- for y in [3, 4] %}\nn={{ x }}{{ y }}\n{%- endfor %}\n{%- endfor %}\n"
                .to_owned(),
            "n=13\nn=14\nn=23\nn=24\n",
        ),
        ("{% for x in [1, 2] -%}\nn={{ x }}\n{%- endfor %}\n".to_owned(), "n=1\nn=2\n"),
        ("{% for x in [1, 2] %}{{ x }},{% endfor %}\n".to_owned(), "1,2,\n"),
        ("a\n{% if yes -%}\n  b\n{%- endif %}\nc\n".to_owned(), "a\n  b\nc\n"),
        ("a\n{% if yes -%}\n  b\n{%- else -%}\n  d\n{%- endif %}\nc\n".to_owned(), "a\n  b\nc\n"),
        ("a\n{%- if not yes %}\nb\n{% endif %}\nc\n".to_owned(), "a\nc\n"),
        ("a\n\n\n{% set q = 1 %}\n\n  {%- if yes %}\nb\n{% endif %}\nc\n".to_owned(), "a\n\n\nb\nc\n"),
        ("  \n\n{%- if yes %}\nb  \n\n{%- endif %}\nc\n".to_owned(), "b\nc\n"),
    ] {
        assert_eq!(text(&template), expected, "{template:?}");
    }
}

#[test]
fn a_comment_that_nobody_meant_is_an_error_where_it_begins() {
    for (template, place) in [
        ("a: {{ name }}\nif [ ${#arr[@]} -gt 0 ]\nv=${name#}\n", "test.yaml.j2:2:7"),
        ("a: |\n  x\n  {# one\n  two #}\n  y\n", "test.yaml.j2:3:3"),
        ("a: 1\nb: {# no end\nc: 3\n", "test.yaml.j2:2:4"),
        ("- run: |\n    # {#here\n    n#}\n", "test.yaml.j2:2:7"),
    ] {
        let said = findings(template, "name: prod\n");
        assert!(said.contains(place) && said.contains("raw") && said.matches("error[").count() == 1, "{said}");
    }
}

/// A part of a line, and what it prints.
fn part() -> impl Strategy<Value = (&'static str, Option<&'static str>)> {
    prop_oneof![
        Just((" ", Some(" "))),
        Just(("  ", Some("  "))),
        Just(("x", Some("x"))),
        Just(("{{ name }}", Some("prod"))),
        Just(("{% raw %}{% y {% endraw %}", Some("{% y "))),
        Just(("{# note #}", None)),
        Just(("{% set a = \"%}\" %}", None)),
        Just(("{% if yes %}", None)),
        Just(("{% set b %} {{ name }} {% endset %}", None)),
        Just(("{% raw %}{% endraw %}", None)),
    ]
}

/// A block of lines on one level, and with `-` at some of the starts and ends of its lone tags.
fn marked_block(depth: u32) -> BoxedStrategy<[String; 2]> {
    let line = |text: &'static str| Just([text; 2].map(|text| format!("{text}\n"))).boxed();
    let tag = |inner: &'static str| {
        let tag = move |[left, right]: [bool; 2]| {
            let (left, right) = (if left { "-" } else { "" }, if right { "-" } else { "" });
            [format!("{{% {inner} %}}\n"), format!("{{%{left} {inner} {right}%}}\n")]
        };
        any::<[bool; 2]>().prop_map(tag)
    };
    let words = prop_oneof![line("x"), line("{{ name }}"), line("- y"), line(""), line("{% set q = 1 %}")];
    if depth == 0 {
        return words.boxed();
    }
    let blocks =
        [("if yes", "endif"), ("if not yes", "endif"), ("for n in [1, 2]", "endfor"), ("for n in []", "endfor")];
    let around = move |(begin, end): (&'static str, &'static str)| {
        (tag(begin), marked_block(depth - 1), tag(end)).prop_map(|(begin, body, end)| {
            std::array::from_fn(|at| {
                let body: String = body[at].lines().map(|line| format!("  {line}\n")).collect();
                begin[at].clone() + &body + &end[at]
            })
        })
    };
    let all = prop_oneof![words, proptest::sample::select(blocks.to_vec()).prop_flat_map(around)];
    let joined =
        |parts: Vec<[String; 2]>| std::array::from_fn(|at| parts.iter().map(|part| part[at].as_str()).collect());
    proptest::collection::vec(all, 1..4).prop_map(joined).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A `-` of lone tags takes blank lines, and never a line break between two lines that hold something.
    #[test]
    fn signs_of_lone_tags_join_no_lines([plain, marked] in marked_block(3)) {
        let expected = text(&plain);
        let kept = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(kept(&text(&marked)), kept(&expected), "{:?}", marked);
    }
}

proptest! {
    /// The rule in its plainest form: a line without text and with a tag is not there, any other is there as it is.
    #[test]
    fn the_engine_does_as_the_rule_says(
        lines in proptest::collection::vec(proptest::collection::vec(part(), 0..5), 0..6),
        end in prop_oneof![Just("\n"), Just("\r\n")],
    ) {
        let (mut template, mut expected, mut open) = (String::new(), String::new(), 0);
        for line in &lines {
            let mut printed = String::new();
            let (mut has_tag, mut is_blank, mut in_word) = (false, true, false);
            for (source, prints) in line {
                // A comment within a word is an error.
                if in_word && source.starts_with("{#") {
                    continue;
                }
                in_word = *source == "x";
                template += source;
                open += usize::from(source.starts_with("{% if"));
                has_tag |= source.starts_with("{%") || source.starts_with("{#");
                printed += prints.unwrap_or_default();
                is_blank &= prints.is_none_or(|text| text.trim().is_empty());
            }
            template += end;
            if !(has_tag && is_blank) {
                expected += &printed;
                expected += "\n";
            }
        }
        template += &"{% endif %}".repeat(open);
        prop_assert_eq!(text(&template), expected, "{:?}", template);
    }
}
