//! A traced render, without its marks, is the plain one.

use std::sync::Arc;

use crate::artifact::{Artifact, Body};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::Sources;
use crate::template::EnvironmentInput;
use crate::template::context::Root;
use crate::template::testing::{load, render_tree, tree};
use crate::template::trace::Trace;

const ENVIRONMENT: &str =
    "name: prod\nsize: 3\nlist: [a, b]\nflags: [true, false, null]\nmap: {a: 1, b: {c: x}}\npools: [{n: 1}, {n: 2}]\n";

/// Every kind of statement, with and without blanks trimmed, on lines of its own and within them.
const TEMPLATES: &[&str] = &[
    "a: {{ name }}\nb: {{- size }}\nc: {{ list -}}\n\nd: 1\n",
    "  {% if size > 2 %}\n  a: 1\n  {% else %}\n  b: 2\n  {% endif %}\n  c: 3\n",
    "x:\n{%- for i in list %}\n  - {{ i }}\n{%- endfor %}\ny: 1",
    "x: {% for i in list -%}  {{ i }} {%- endfor %}  z",
    "{% macro m(v) %}\nk: {{ v }}\nl:\n  - 1\n{% endmacro %}\na: {{ m(name) }}\nb: \"{{ m(map) if false else m(list) }}\"\n",
    "{% set s %}\n  {{ name }}\n  text\n{% endset %}\na: {{ s }}\nb: |\n  {{ s }}\n",
    "{% macro w(x) %}<{{ caller(x) }}>{% endmacro %}\na: '{% call(v) w(1) %}{{ v }} {{ name }}\n  more{% endcall %}'\n",
    "{# a comment #}\na: 1 {# another -#}\n\n  b\n{#- third #}\nc: 2\n",
    "{% raw %}\n{{ not }} {% this %}\n{% endraw %}\nb: {{ name }}\n",
    "a: {% raw %} {{ not }} {% endraw %} b\nc: |\n  {% raw %}\n\n    d\n\n  {% this %}\n    {% endraw %}\nz\n",
    "a\n {%- raw -%}  \n  b\n\n  {#- c  {%- endraw -%}  \n {{ name }}{% raw %}{% endraw %}\n{%+ raw %}\n d {%+ endraw +%}\n",
    "{% set s %}{% raw %}\n{{ x }}\n  y\n{% endraw %}{% endset %}a: {{ s }}\n{% for i in list %}\n{% raw %}\n- {{\n{% endraw %}\n{% endfor %}\n",
    "a: {{ name if size > 5 else '' }}|{{ 'x' if size else '' }}\n",
    "{% for p in pools recursive %}{{ p.n }}\n{% endfor %}end",
    "{% filter upper %}abc\ndef{% endfilter %}\n",
    "{% with a = 1, b = list %}{{ a }}{{ b }}{% endwith %}{% do range(3) %}\n",
    "a: {{ (1 + 2) * 3 }}\nb: {{ 'x' ~ (size - 1) ~ name }}\nc: {{ not (name in list) }}\nd: {{ list[0] ~ list[-1] }}\ne: {{ map['b'].c }}\n",
    "{% set tag %}v1{% endset %}{% if tag == 'v1' %}same{% else %}different{% endif %}\n{{ tag | upper }}{{ tag | length }}",
    "\n\n  {%+ if true %}  a  {%+ endif %}  \n\n",
    "{%- if true -%}   x   {%- endif -%}   \n  y\n",
    // Numbers, booleans and nulls that know their nodes are worked with as if they did not.
    "{% set n = map.a %}{{ n + 1 }}{{ -n }}{{ n == 1 }}{{ n in [1] }}{{ [n] == [1] }}{{ n ~ n }}{{ list[n] }}{{ n or 2 }}\n",
    "{{ flags == [true, false, none] }}{{ flags + [1] }}{{ true in flags }}{{ flags[1:] | tojson }}{{ {'a': flags[0]} }}\n",
    "{% for f in flags %}{{ 'x' if f else '' }}{{ f is none }}{{ f | default(7, true) }}{{ f }}{% endfor %}{{ flags | last | tojson }}\n",
    "{{ pools | sum(attribute='n') }}{{ pools | map(attribute='n') | max }}{{ map | items | tojson }}{{ values(map) | first }}\n",
    "{% set ns = namespace(n=size) %}{% set ns.n = size %}{{ ns.n * 2 }}{{ ns.n }}{{ required(size, 'x') + 1 }}{{ merge(map, {'a': size}) }}\n",
];

#[test]
fn the_map_of_a_text_has_its_lines_where_they_were_moved() {
    let (sources, limits) = (Sources::default(), Limits::default());
    let root = tree(&sources, "name: prod\nlines: \"one\\n\\ntwo\\n\"\nempty: \"\\n\\none\\n\"\n");
    let account = crate::account::Account::unbounded();
    let input = EnvironmentInput { name: "test", root: &root, reads: None, account: &account };
    let part = ("_part.j2", "p: {{ name }}\nq:\n  {{ lines }}\n");
    let macros =
        "{% macro m() %}\nk: {{ name }}\nl:\n  {{ lines }}\n{% endmacro %}\n{% set c %}\n{{ name }}\n{% endset %}\n";
    for body in [
        "a\n    {{ m() }}\nb\n",
        "  {{ lines }}\n",
        "x {{ c }} y\n",
        "a\n  {% include '_part.j2' %}\n  z\n",
        "- {{ lines }}",
        "a\n  {{ empty }}\nb\n",
        "a\n\t{% set d %}{{ empty }}{% endset %}{{ d }}\n",
    ] {
        let template = format!("{macros}{body}");
        let (templates, sources) = load(&[part, ("a.txt.j2", &template)]);
        let made = render_tree(&templates, &root, &sources, &mut Findings::default());
        let [Artifact { body: Body::Text(text), path, .. }] = &made[..] else { panic!("{template}") };
        let template = templates.iter().find(|it| it.text_map(&input, path.as_ref(), &limits).is_some());
        let map = template.and_then(|it| it.text_map(&input, path.as_ref(), &limits));
        assert_eq!(map.map(|map| map.text()).as_ref(), Some(text));
    }
}

#[test]
fn marks_change_nothing() {
    let sources = Sources::default();
    let root = tree(&sources, ENVIRONMENT);
    for template in TEMPLATES {
        let (templates, _) = load(&[("a.txt.j2", template)]);
        let shared = &templates.iter().next().unwrap().shared;
        let plain = shared.engine.render("a.txt.j2", Root::new("test", &root, Arc::default())).unwrap();
        let trace = Trace::new(shared, "a.txt.j2", |session| Root::new("test", &root, session));
        let traced = trace.result.as_ref().unwrap_or_else(|error| panic!("{template}: {error}"));
        assert_eq!(traced.text, plain.text, "{template}");
        let slots = |slots: &[crate::template::slot::Slot]| format!("{slots:?}");
        assert_eq!(slots(&traced.slots), slots(&plain.slots), "{template}");
    }
}

#[test]
fn every_character_leads_back_to_itself() {
    let sources = Sources::default();
    let root = tree(&sources, ENVIRONMENT);
    for template in TEMPLATES {
        let (templates, own) = load(&[("a.txt.j2", template)]);
        let shared = &templates.iter().next().unwrap().shared;
        let trace = Trace::new(shared, "a.txt.j2", |session| Root::new("test", &root, session));
        let text = &trace.result.as_ref().unwrap().text;
        for (at, char) in text.char_indices().filter(|(_, char)| char.is_ascii_graphic()) {
            // A slot's number is not the template's.
            if text[..at].rfind('\u{E000}') > text[..at].rfind('\u{E001}') {
                continue;
            }
            let place = crate::template::fill::At { capture: None, range: at as u32..at as u32 + 1 };
            let span = trace.span(&place).unwrap_or_else(|| panic!("{template}: {char} at {at}"));
            assert!(own.slice(span).starts_with(char), "{template}: {char} at {at}");
        }
    }
}

#[test]
fn each_value_tells_where_it_comes_from() {
    let sources = Sources::default();
    let root = tree(&sources, ENVIRONMENT);
    let macros = "{% macro m(v) %}\nk: {{ v }}\n{% endmacro %}\n";
    let template = format!(
        "{macros}a: 1\nb:\n  c: x-{{{{ name }}}}\n  d: {{{{ map }}}}\n{{{{ name }}}}: {{{{ m(size) }}}}\ne: !Ref {{{{ name }}}}\n"
    );
    let (templates, own) = load(&[("a.yaml.j2", &template)]);
    let input =
        EnvironmentInput { name: "test", root: &root, reads: None, account: &crate::account::Account::unbounded() };
    let maker = templates.iter().next().unwrap();
    let origins = maker.origins(&input, "a.yaml".into(), &Limits::default()).unwrap().remove(0);
    let said = |path: &str| {
        let said = origins.at(&path.parse().unwrap()).unwrap_or_else(|| panic!("{path}"));
        let named = said.source.iter().chain(&said.inputs);
        let values = named.map(|source| format!("{}={}", source.path, sources.slice(source.span())));
        (own.slice(said.template), values.collect::<Vec<_>>().join(" "))
    };
    let is = |template: &str, values: &str| (template.to_owned(), values.to_owned());
    assert_eq!(said("a"), is("1", ""));
    assert_eq!(said("b.c"), is("x-{{ name }}", "name=prod"));
    assert_eq!(said("b.d.b.c"), is("map", "map.b.c=x"));
    assert_eq!(said("prod.k"), is("v", "size=3"));
    assert_eq!(said("e.Ref"), is("name", "name=prod"));
    assert!(maker.origins(&input, "other.yaml".into(), &Limits::default()).is_none());
}
