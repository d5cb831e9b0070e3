//! Keys that the schema demands or a template asks for, and that a layer takes away: the place to mend is the `null`.

use crate::environment::load::Environment;
use crate::environment::patch::Patch;
use crate::finding::codes::schema::MISSING_KEY;
use crate::finding::codes::template::UNDEFINED;
use crate::finding::{Finding, Findings, Label};
use crate::source::Span;
use crate::yaml::path::{Path, Step};

/// Leads findings about missing keys to where they were deleted, if they were.
pub(super) fn lead<'f>(environment: &Environment, found: impl Iterator<Item = &'f mut (Path, Finding)>) {
    for (path, finding) in found.filter(|(_, finding)| finding.rule == &MISSING_KEY) {
        let mut layers = environment.layers.iter().rev();
        if let Some(span) = layers.find_map(|layer| deleted(&layer.patch, path.steps())) {
            finding.primary = Label { span, text: "this takes it away".to_owned() };
            finding.help = Some("give it a value, or remove this, so that the value below stays".to_owned());
        }
    }
}

/// Says of settings that a template misses where they were deleted, if they were.
pub(super) fn undefined(environment: &Environment, findings: &mut Findings) {
    for finding in findings.iter_mut().filter(|finding| finding.rule == &UNDEFINED) {
        let named = finding.message.strip_prefix('`').and_then(|rest| rest.strip_suffix("` is not defined"));
        let Some(Ok(path)) = named.map(str::parse::<Path>) else { continue };
        let mut layers = environment.layers.iter().rev();
        if let Some(span) = layers.find_map(|layer| deleted(&layer.patch, path.steps())) {
            finding.related.push(Label { span, text: "this takes it away".to_owned() });
            finding.help =
                Some("remove that, or say in the template what to do without it: `x | default(…)`".to_owned());
        }
    }
}

/// Where a patch deletes what stands at a path of keys.
fn deleted(patch: &Patch, steps: &[Step]) -> Option<Span> {
    match (patch, steps) {
        (Patch::Delete(delete), []) => Some(delete.origin.value),
        (Patch::Collection(collection), [Step::Key(key), rest @ ..]) if collection.by.is_none() => {
            deleted(collection.entries.get(&**key)?, rest)
        }
        _ => None,
    }
}
