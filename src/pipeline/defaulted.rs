//! Settings that a template misses though the schema has a default for them: no default is filled in.

use crate::finding::Findings;
use crate::finding::codes::template::UNDEFINED;
use crate::schema::Schema;
use crate::yaml::path::Path;

/// Says so where a template asks for such a setting.
pub(super) fn tell(findings: &mut Findings, schema: &Schema) {
    for finding in findings.iter_mut().filter(|finding| finding.rule == &UNDEFINED) {
        let named = finding.message.strip_prefix('`').and_then(|rest| rest.strip_suffix("` is not defined"));
        let Some(Ok(path)) = named.map(str::parse::<Path>) else { continue };
        if schema.has_default(&path) {
            finding.help = Some(
                "the schema's `default` fills nothing in: it is for rules and editors; set the value in the layer below all others"
                    .to_owned(),
            );
        }
    }
}
