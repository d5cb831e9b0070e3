//! Keys that the schema demands, and that a layer takes away: the place to mend is the `null`.

use crate::environment::load::Environment;
use crate::environment::patch::Patch;
use crate::finding::codes::schema::MISSING_KEY;
use crate::finding::{Finding, Label};
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
