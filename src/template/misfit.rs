//! What the parser of YAML says of a rendered text where not the YAML is wrong but a tag in it: one with a `-` that joins
//! two lines, or a map among the keys of another.

use minijinja::value::ValueKind;

use super::fill::At;
use super::slot;
use super::trace::Trace;
use crate::finding::{Finding, codes};
use crate::source::Span;

/// Looks at the lines of the rendered text that a finding speaks of. `finding`: with its places in the template already.
pub(super) fn retold(finding: &mut Finding, trace: &Trace<'_>, spoken_of: &[At]) {
    if !std::ptr::eq(finding.rule, &raw const codes::yaml::SYNTAX) {
        return;
    }
    if let Some(tag) = spoken_of.iter().find_map(|at| trace.joining(at)) {
        *finding = joined(tag);
        return;
    }
    let Some(at) = spoken_of.first() else { return };
    if trace.is_capture(at) {
        let is_call =
            alone(trace, at).and_then(|slot| trace.printed(slot)).is_some_and(|(_, words)| words.contains('('));
        "a text that is taken in stands where no value can".clone_into(&mut finding.message);
        "this is a line of its own".clone_into(&mut finding.primary.text);
        let help = if is_call {
            "a macro can be all of a value, `key: {{ … }}`; for keys beside it, make it a map, `{% set labels = {…} %}`, and write `key: {{ labels | merge({\"more\": \"x\"}) }}`"
        } else {
            "let it be all of a value, `key: {{ … }}`, or the only thing below its key; at the left margin, `{% include %}` puts in whole lines"
        };
        finding.help = Some(help.to_owned());
        return;
    }
    let Some(slot) = alone(trace, at) else { return };
    let Some((span, words)) = trace.printed(slot) else { return };
    if trace.value(slot).is_some_and(|value| value.kind() == ValueKind::Map) {
        *finding = among_keys(span, words);
    }
}

/// The slot that is all of its line.
fn alone(trace: &Trace<'_>, at: &At) -> Option<usize> {
    let (text, start) = (trace.text(at.capture)?, at.range.start as usize);
    let before = text.get(..start)?.rsplit('\n').next()?;
    let behind = text.get(start..)?.split('\n').next()?;
    slot::whole(text.get(start - before.len()..start + behind.len())?.trim())
}

fn joined(tag: Span) -> Finding {
    Finding::new(&codes::yaml::SYNTAX, tag, "the `-` of this tag takes the line break with it, and joins two lines")
        .label("what stands above and below becomes one line")
        .help("write it without `-`")
}

fn among_keys(span: Span, words: &str) -> Finding {
    let shown = if words.len() > 40 { "…" } else { words };
    Finding::new(&codes::yaml::SYNTAX, span, "a map stands among the keys of another, without a key of its own")
        .label("this prints a map")
        .help(format!(
            "lay one over the other: `key: {{{{ {shown} | merge({{\"more\": \"x\"}}) }}}}`, with the keys that stand beside it between the inner braces"
        ))
}
