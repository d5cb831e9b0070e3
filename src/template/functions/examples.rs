//! Every example of the library is a test.

use std::fmt::Write;

use super::all;
use crate::template::testing::{render_all, value, yaml};

#[test]
fn examples_are_true() {
    let mut wrong = String::new();
    for function in all() {
        for (example, expected) in function.examples {
            let outcome = render_all(&[("test.yaml.j2", &format!("x: {{{{ {example} }}}}"))], "a: 1");
            if !outcome.findings.is_empty() {
                wrong.push_str(&outcome.text());
                continue;
            }
            let made = value(&format!("x: {{{{ {example} }}}}"), "a: 1");
            let expected = yaml(&format!("x: {expected}"));
            if made != expected {
                let _ = writeln!(wrong, "{example}: {made:?}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_function_is_documented_and_has_an_example() {
    let mut names = std::collections::BTreeSet::new();
    for function in all() {
        assert!(function.about.ends_with('.') && !function.about.is_empty(), "{}", function.name);
        assert!(
            !function.examples.is_empty() || ["fail", "text", "file"].contains(&function.name),
            "{}",
            function.name
        );
        assert!(
            names.insert((function.name, matches!(function.usage, super::Usage::Test))),
            "{} stands twice",
            function.name
        );
    }
}
