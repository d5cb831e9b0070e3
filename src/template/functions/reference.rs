//! The library's documentation, made from its table.

use std::fmt::Write;

use super::{SECTIONS, Usage};

/// The library's part of `docs/templates.md`, as Markdown.
pub fn reference() -> String {
    let mut out = String::new();
    for section in SECTIONS {
        let _ = writeln!(out, "### {}\n", section.title);
        for function in section.functions {
            let _ = writeln!(out, "#### `{}`\n\n{}{}\n", function.usage(), function.about, also(function.usage));
            if function.examples.is_empty() {
                continue;
            }
            let _ = writeln!(out, "```jinja");
            let longest = function.examples.iter().map(|(example, _)| example.len()).max().unwrap_or_default();
            for (example, value) in function.examples {
                let _ = writeln!(out, "{example:longest$}   {{# {value} #}}");
            }
            let _ = writeln!(out, "```\n");
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn also(usage: Usage) -> &'static str {
    match usage {
        Usage::Both => " Also a filter on its first argument.",
        Usage::Filter | Usage::Function | Usage::Test => "",
    }
}
