//! How long one render takes: `cargo test --release --lib template::tests::speed -- --ignored --nocapture`.

use std::fmt::Write;
use std::time::Instant;

use crate::finding::Findings;
use crate::source::Sources;
use crate::template::testing::{load, render_tree, tree};

/// 225 lines with 200 slots, values of three levels, three loops of ten.
fn template() -> String {
    let mut text = String::from("{% macro labels(name) %}\napp: {{ name }}\nteam: {{ team.name }}\n{% endmacro %}\n");
    for block in 0..15 {
        let _ = writeln!(text, "block{block}:\n  labels: {{{{ labels('b') }}}}\n  fixed: [a, b, c]");
        for line in 0..11 {
            let _ = writeln!(text, "  key{line}: {{{{ team.size }}}}\n  text{line}: x-{{{{ team.name }}}}-y");
        }
    }
    text.push_str(
        "list:\n{% for item in team.items %}\n  - name: {{ item.name }}\n    size: {{ item.size }}\n{% endfor %}\n",
    );
    text
}

#[test]
#[ignore = "measures"]
#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "measures, and says what it measured")]
fn one_render() {
    let mut environment = String::from("team:\n  name: platform\n  size: 3\n  items:\n");
    for n in 0..10 {
        let _ = writeln!(environment, "    - {{name: item{n}, size: {n}}}");
    }
    let sources = Sources::default();
    let root = tree(&sources, &environment);
    let template = template();
    let (templates, _) = load(&[("a.yaml.j2", &template)]);
    let mut findings = Findings::default();
    let rounds = 2000;
    let start = Instant::now();
    for _ in 0..rounds {
        assert_eq!(render_tree(&templates, &root, &sources, &mut findings).len(), 1);
    }
    let once = start.elapsed() / rounds;
    let start = Instant::now();
    for _ in 0..100 {
        load(&[("a.yaml.j2", &template)]);
    }
    let (lines, slots) = (template.lines().count(), template.matches("{{").count());
    println!("{lines} lines, {slots} slots: load {:?}, render {once:?}", start.elapsed() / 100);
}
